"""The offline workbook through the stages of a dossier, and the uploaded file that is kept for a day."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from openpyxl import load_workbook
from pytest_django.fixtures import Settings

from assessments import offline_staging
from assessments.errors import WrongStage
from assessments.models import Dossier
from assessments.offline import apply_part, domains_of, export_part, fillable_scores, read_part
from assessments.offline_difference import RowState
from assessments.offline_staging import StagedFileGone
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.services.s3 import S3Server
from units import clock
from workflow import actions


def supplementing(world: World) -> Dossier:
    """so-a after the council asked about 1.1.2 only."""
    world.to(Stage.REVIEWING)
    actions.request_supplement(
        world.item("review"),
        {world.score("1.1.2").pk: "Giải thích số nhiệm vụ chưa xong."},
        due_on=dt.date(factories.YEAR, 12, 20),
        by=world.secretary,
    )
    return world.dossier()


def test_nothing_goes_out_before_phan_cong(world: World) -> None:
    with pytest.raises(WrongStage) as refused:
        export_part(world.dossier(), by=world.coordinator["so-a"])
    assert str(refused.value) == (
        "Hồ sơ đang ở bước “Phân công” (chờ cán bộ đầu mối phân công) nên không nhập được kết quả, "
        "kể cả bằng tệp Excel."
    )


@pytest.mark.parametrize("stage", [Stage.SELF_ASSESSING, Stage.CHECKING])
def test_whole_dossier_goes_out_while_the_unit_fills_and_checks(world: World, stage: Stage) -> None:
    dossier, by = world.to(stage), world.coordinator["so-a"]
    found = read_part(dossier, io.BytesIO(export_part(dossier, by=by)), by=by)
    assert [row.code for row in found.rows] == [score.criterion.code for score in fillable_scores(dossier, by=by)]


@pytest.mark.parametrize("stage", [Stage.APPROVING, Stage.APPRAISING])
def test_nothing_comes_back_after_ra_soat_and_after_sending(world: World, stage: Stage) -> None:
    dossier, by = world.to(Stage.CHECKING), world.coordinator["so-a"]
    book = load_workbook(io.BytesIO(export_part(dossier, by=by)))
    book["Lĩnh vực 1"]["F5"].value = "Không đạt"
    file = io.BytesIO()
    book.save(file)
    difference = read_part(dossier, file, by=by)
    changed = next(row for row in difference.rows if row.state is RowState.CHANGED)
    dossier = world.to(stage)
    for attempt in (
        lambda: export_part(dossier, by=by),
        lambda: read_part(dossier, file, by=by),
        lambda: apply_part(dossier, file, {changed.score_id}, {}, seen=difference.seen, by=by, key=None),
    ):
        with pytest.raises(WrongStage) as refused:
            attempt()
        assert str(refused.value).startswith(f"Hồ sơ đang ở bước “{stage.label}” (")
    assert world.score("1.1.1").version == changed.version


def test_supplement_exports_only_asked_criteria_with_the_question(world: World) -> None:
    dossier, by = supplementing(world), world.officer["so-a"]
    scores = fillable_scores(dossier, by=by)
    assert [score.criterion.code for score in scores] == ["1.1.2"]
    assert [(domain.code, count) for domain, count in domains_of(scores, dossier)] == [("1", 1)]
    book = load_workbook(io.BytesIO(export_part(dossier, by=by)))
    sheet = book["Lĩnh vực 1"]
    assert (sheet["D3"].value, sheet["D5"].value) == ("Hội đồng yêu cầu", "Giải thích số nhiệm vụ chưa xong.")
    assert [sheet.cell(row, 1).value for row in range(4, sheet.max_row + 1)] == ["1.1", "1.1.2"]
    assert "Hạn bổ sung: đến hết ngày Chủ nhật 20/12/2026." in str(book["Hướng dẫn"]["A5"].value)


def test_supplement_takes_asked_criteria_of_an_older_file_and_refuses_the_others(world: World) -> None:
    dossier, by = world.to(Stage.CHECKING), world.coordinator["so-a"]
    book = load_workbook(io.BytesIO(export_part(dossier, by=by)))
    sheet = book["Lĩnh vực 1"]
    sheet["F5"].value, sheet["F6"].value = "Không đạt", "4"
    file = io.BytesIO()
    book.save(file)
    dossier = supplementing(world)
    difference = read_part(dossier, file, by=by)
    rows = {row.code: row for row in difference.rows}
    assert rows["1.1.2"].state is RowState.CHANGED
    assert [str(issue) for issue in rows["1.1.1"].issues] == [
        "Lĩnh vực 1!A5: Tiêu chí này đang khóa, chỉ các tiêu chí hội đồng yêu cầu mới được sửa."
    ]
    done = apply_part(
        dossier, file, {rows["1.1.1"].score_id, rows["1.1.2"].score_id}, {}, seen=difference.seen, by=by, key=None
    )
    assert (done.saved, [code for code, _message in done.refused]) == (["1.1.2"], ["1.1.1"])


# the kept file


def kept(world: World, content: bytes = b"tep") -> str:
    return offline_staging.stage(io.BytesIO(content), world.dossier(), by=world.officer["so-a"])


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder).parent) for path in folder.rglob("*.xlsx"))


def test_kept_file_is_found_by_its_person_on_its_dossier_only(world: World, media_root: Path) -> None:
    token, officer = kept(world), world.officer["so-a"]
    assert files(media_root) == [f"offline/{officer.pk}/{world.dossiers['so-a'].pk}"]
    with offline_staging.open_staged(token, world.dossier(), by=officer) as file:
        assert file.read() == b"tep"
    for dossier, by, given in (
        (world.dossier(), world.coordinator["so-a"], token),
        (world.dossier("so-b"), officer, token),
        (world.dossier(), officer, token[:-1] + ("A" if token[-1] != "A" else "B")),
        (world.dossier(), officer, "../../etc/passwd"),
    ):
        with pytest.raises(StagedFileGone):
            offline_staging.open_staged(given, dossier, by=by)


def test_kept_file_is_gone_once_used_and_after_a_day(world: World, media_root: Path) -> None:
    officer, dossier = world.officer["so-a"], world.dossier()
    token = kept(world)
    offline_staging.discard(token, dossier, by=officer)
    offline_staging.discard(token, dossier, by=officer)
    with pytest.raises(StagedFileGone):
        offline_staging.open_staged(token, dossier, by=officer)
    token = kept(world)
    assert offline_staging.collect_garbage() == 0
    with clock.at(factories.WORKDAY + dt.timedelta(days=1)):
        with pytest.raises(StagedFileGone):
            offline_staging.open_staged(token, dossier, by=officer)
        assert offline_staging.collect_garbage() == 1
        assert offline_staging.collect_garbage() == 0
    assert files(media_root) == []


def test_upload_removes_older_files_of_the_same_person(world: World, media_root: Path) -> None:
    kept(world)
    with clock.at(factories.WORKDAY + dt.timedelta(days=2)):
        kept(world)
    assert len(files(media_root)) == 1


def test_seen_versions_come_back_only_to_whom_they_were_shown(world: World) -> None:
    officer, dossier = world.officer["so-a"], world.dossier()
    token = offline_staging.sign_seen({7: 1, 3: 0}, dossier, by=officer)
    assert offline_staging.read_seen(token, dossier, by=officer) == {3: 0, 7: 1}
    with pytest.raises(StagedFileGone):
        offline_staging.read_seen(token, dossier, by=world.coordinator["so-a"])


def test_token_of_one_purpose_is_worth_nothing_for_the_other(world: World) -> None:
    officer, dossier = world.officer["so-a"], world.dossier()
    seen = offline_staging.sign_seen({7: 1}, dossier, by=officer)
    with pytest.raises(StagedFileGone):
        offline_staging.open_staged(seen, dossier, by=officer)
    assert offline_staging.read_seen(kept(world), dossier, by=officer) == {}


def test_s3_keeps_and_removes_the_file(world: World, s3: S3Server, settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage}
    officer, dossier = world.officer["so-a"], world.dossier()
    assert offline_staging.collect_garbage() == 0
    token = kept(world)
    with offline_staging.open_staged(token, dossier, by=officer) as file:
        assert file.read() == b"tep"
    key = offline_staging.staged_name(token, dossier, by=officer)
    assert default_storage.exists(key)
    offline_staging.discard(token, dossier, by=officer)
    with pytest.raises(StagedFileGone):
        offline_staging.open_staged(token, dossier, by=officer)
    kept(world)
    # the storage stamps its files with its own time
    with clock.at(max(factories.WORKDAY, dt.datetime.now(dt.UTC)) + dt.timedelta(days=1, minutes=1)):
        assert offline_staging.collect_garbage() == 1
