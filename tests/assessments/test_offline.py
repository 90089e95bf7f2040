"""The offline workbook: what goes out, what comes back, and that nothing is saved that nobody accepted."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.errors import InvalidInput, WrongStage
from assessments.models import Assignment, Dossier, LedgerEntry, Score
from assessments.offline import (
    MINE,
    THEIRS,
    Applied,
    applied,
    apply_part,
    domains_of,
    export_part,
    fillable_scores,
    read_part,
)
from assessments.offline_difference import RowState
from assessments.offline_fields import texts_of
from assessments.services.scores import Entry, evaluate, self_side
from tests import factories
from tests.assessments.offline_files import (
    OPEN,
    PLACES,
    book_of,
    column,
    every_rule,
    filled,
    rows_of,
    save,
    saved,
)
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, every_rule) as made:
        yield made


@pytest.fixture
def officer(world: World) -> User:
    return world.officer["so-a"]


@pytest.fixture
def dossier(world: World) -> Dossier:
    return world.dossier()


def apply_all(dossier: Dossier, file: io.BytesIO, by: User, **options: Any) -> Applied:
    """Apply a file as it was compared a moment ago, with everything accepted that can be."""
    difference = read_part(dossier, file, by=by)
    accepted = {row.score_id for row in difference.rows if row.state in (RowState.NEW, RowState.CHANGED)}
    given: dict[str, Any] = {"seen": difference.seen, "key": None, **options}
    return apply_part(dossier, file, given.pop("accepted", accepted), given.pop("resolutions", {}), by=by, **given)


# what goes out


def test_workbook_holds_one_sheet_for_each_domain_and_only_input_cells_are_open(
    dossier: Dossier, officer: User
) -> None:
    book = book_of(export_part(dossier, by=officer))
    assert book.sheetnames == ["Hướng dẫn", "Lĩnh vực 1", "Lĩnh vực 2", "Danh mục", "Chữ ký"]
    assert [book[name].sheet_state for name in book.sheetnames] == [
        "visible", "visible", "visible", "veryHidden", "veryHidden",
    ]  # fmt: skip
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    sheet = book["Lĩnh vực 1"]
    assert [cell.value for cell in sheet[3]] == [
        "Mã", "Tiêu chí", "Cách chấm", "Điểm tối đa", "Nội dung kê khai 1", "Số liệu 1", "Nội dung kê khai 2",
        "Số liệu 2", "Điểm chấm khác", "Lý do chấm khác", "Giải trình", "Điểm khi tải về", "Tình trạng khi tải về",
        "Mã dòng", "Phiên bản",
    ]  # fmt: skip
    opened = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert opened == {"F5", "K5", "F6", "H6", "I6", "J6", "K6", "F7", "H7", "K7"}
    assert [sheet.column_dimensions[letter].hidden for letter in "MNO"] == [False, True, True]
    assert [book["Lĩnh vực 2"].cell(row, 1).value for row in range(4, 10)] == [
        "2.1", "2.1.1", "2.1.3", "2.1.4", "2.1.5", "2.1.6",
    ]  # fmt: skip


def test_workbook_offers_choices_and_says_the_rule(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    sheet = book["Lĩnh vực 2"]
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    column_of = {rule.split("$")[1]: place for place, rule in lists.items()}
    found = {
        place: [cell.value for cell in book["Danh mục"][letter] if cell.value is not None]
        for letter, place in column_of.items()
    }
    assert found == {
        "F6": ["Không vi phạm, không bị phê bình", "Có vi phạm (nhe)", "Có vi phạm (nang)"],
        "F8": ["Xuất sắc", "Tốt"],
        "G5 G8": ["Có"],
    }
    assert sheet["C9"].value == "Số cuộc họp từ 4: 3 · dưới 4: 0"
    assert sheet["E7"].value == "Tỷ lệ hồ sơ trực tuyến (%)"


def test_workbook_never_holds_a_formula(world: World, dossier: Dossier, officer: User) -> None:
    save(world, "1.1.1", Entry({"met": "có"}, explanation='=HYPERLINK("http://x","y")'))
    book = book_of(export_part(dossier, by=officer))
    cell = book["Lĩnh vực 1"]["K5"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://x","y")', "s")
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_officer_gets_assigned_criteria_and_coordinator_the_whole_dossier(
    world: World, dossier: Dossier, officer: User
) -> None:
    other = factories.user()
    access.join(other, dossier.unit, Role.OFFICER)
    Assignment.objects.filter(dossier=dossier, criterion__code="2").update(officer=other)
    assert [score.criterion.code for score in fillable_scores(dossier, by=officer)] == list(OPEN[:3])
    assert [score.criterion.code for score in fillable_scores(dossier, by=other)] == list(OPEN[3:])
    whole = fillable_scores(dossier, by=world.coordinator["so-a"])
    assert [score.criterion.code for score in whole] == list(OPEN)
    assert [(domain.code, count) for domain, count in domains_of(whole, dossier)] == [("1", 3), ("2", 5)]
    assert book_of(export_part(dossier, by=other)).sheetnames == ["Hướng dẫn", "Lĩnh vực 2", "Danh mục", "Chữ ký"]


def test_assignment_of_a_branch_gives_only_that_branch(dossier: Dossier, officer: User, world: World) -> None:
    Assignment.objects.filter(dossier=dossier).delete()
    Assignment.objects.create(dossier=dossier, criterion=world.score("1.1.2").criterion, officer=officer)
    assert [score.criterion.code for score in fillable_scores(dossier, by=officer)] == ["1.1.2"]


def test_export_of_one_domain_leaves_the_others_out(world: World, dossier: Dossier, officer: User) -> None:
    content = export_part(dossier, by=officer, domains={world.domain("2").pk})
    assert book_of(content).sheetnames == ["Hướng dẫn", "Lĩnh vực 2", "Danh mục", "Chữ ký"]


def test_export_refused_to_readers_and_to_whoever_was_assigned_nothing(world: World, dossier: Dossier) -> None:
    with pytest.raises(NotAllowed):
        export_part(dossier, by=world.head["so-a"])
    with pytest.raises(NotAllowed):
        export_part(dossier, by=world.officer["so-b"])
    other = factories.user()
    access.join(other, dossier.unit, Role.OFFICER)
    with pytest.raises(InvalidInput) as refused:
        export_part(dossier, by=other)
    assert str(refused.value) == (
        "Không có tiêu chí nào được phân công cho bạn ở đây. Hãy hỏi cán bộ đầu mối của đơn vị."
    )


@pytest.mark.parametrize("domain", ["1", None])
def test_export_and_reading_take_the_same_queries_for_any_number_of_rows(
    world: World, dossier: Dossier, django_assert_num_queries: DjangoAssertNumQueries, domain: str | None
) -> None:
    by = world.coordinator["so-a"]
    domains = {world.domain(domain).pk} if domain else None
    access.grants(by)
    with django_assert_num_queries(4):
        content = export_part(dossier, by=by, domains=domains)
    with django_assert_num_queries(2):
        read_part(dossier, io.BytesIO(content), by=by)
    save(world, "1.1.1", Entry({"met": "có"}))
    with django_assert_num_queries(3):
        read_part(dossier, filled(content, {("1.1.1", "Giải trình"): "Khác."}), by=by)


# what comes back unchanged


FIGURES: dict[str, st.SearchStrategy[dict[str, str]]] = {
    "1.1.1": st.fixed_dictionaries({}, optional={"met": st.sampled_from(["có", "không"])}),
    "1.1.2": st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)).map(
        lambda pair: {"a": str(min(pair)), "b": str(max(pair))}
    )
    | st.decimals(0, 9999, places=6).map(lambda number: {"a": "0,5", "b": str(number + 1).replace(".", ",")}),
    "1.1.3": st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31)).map(lambda day: {"date": f"{day:%d/%m/%Y}"})
    | st.sampled_from([{"none": "true"}, {"none": "false"}, {}]),
    "2.1.1": st.integers(0, 10**9).map(lambda number: {"count": str(number)}),
    "2.1.3": st.sampled_from(["dat", "nhe", "nang"]).map(lambda key: {"tier": key}),
    "2.1.4": st.decimals(0, 100, places=4).map(lambda number: {"value": str(number).replace(".", ",")}),
    "2.1.5": st.sampled_from(["a", "b"]).map(lambda key: {"level": key}),
    "2.1.6": st.integers(0, 50).map(lambda number: {"count": str(number)}),
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60) | st.sampled_from(
    ["=1+1", "- gạch đầu dòng\r\n- nữa", "+84", "'nháy", "Có", "1.842", "\ufffe", "e\u0302\u0323"]
)


@st.composite
def entries(draw: st.DrawFn, code: str) -> Entry:
    """Something an officer may have saved for a criterion."""
    if code in ("2.1.1", "2.1.5") and draw(st.booleans()):
        return Entry({}, not_applicable=True, explanation=draw(TEXTS))
    figures = draw(FIGURES[code])
    if code == "1.1.2" and draw(st.booleans()):
        points = draw(st.integers(0, 400)) / Decimal(100)
        return Entry(figures, points=str(points), override_reason="Vì " + draw(TEXTS), explanation=draw(TEXTS))
    return Entry(figures, explanation=draw(TEXTS))


ALL_ENTRIES = st.fixed_dictionaries({}, optional={code: entries(code) for code in OPEN})
SLOW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@SLOW
@given(typed=ALL_ENTRIES)
def test_import_of_an_export_is_no_difference_whatever_was_saved(world: World, typed: dict[str, Entry]) -> None:
    with transaction.atomic():
        for code, entry in typed.items():
            save(world, code, entry)
        by, dossier = world.coordinator["so-a"], world.dossier()
        difference = read_part(dossier, io.BytesIO(export_part(dossier, by=by)), by=by)
        transaction.set_rollback(True)
    assert {row.code: row.state for row in difference.rows} == dict.fromkeys(OPEN, RowState.UNCHANGED)
    assert difference.issues == []


@SLOW
@given(typed=ALL_ENTRIES)
def test_workbook_saves_what_the_screen_would_have_saved(world: World, typed: dict[str, Entry]) -> None:
    titles = {"points": "Điểm chấm khác", "override_reason": "Lý do chấm khác", "explanation": "Giải trình"}
    officer, dossier = world.officer["so-a"], world.dossier()
    cells: dict[tuple[str, str], Any] = {}
    wanted = {}
    for code, entry in typed.items():
        score = world.score(code)
        values, _outcome = evaluate(score, entry)
        wanted[code] = texts_of(score.criterion, values), values["self_points"]
        for field, text in texts_of(score.criterion, values).items():
            if field.startswith("figures."):
                place = list(wanted[code][0]).index(field) + 1
                cells[code, f"Số liệu {place}"] = text
            elif field == "not_applicable" and code in ("2.1.1", "2.1.5"):
                cells[code, "Không phát sinh"] = text
            elif field == "explanation" or (code == "1.1.2" and field in titles):
                cells[code, titles[field]] = text
    with transaction.atomic():
        book = book_of(export_part(dossier, by=officer))
        for (code, title), text in cells.items():
            name, row = PLACES[code]
            cell = book[name].cell(row, column(book[name], title))
            cell.value, cell.data_type = text.replace("\x00", "") or None, "s" if text else "n"
        apply_all(dossier, saved(book), officer)
        found = {
            code: (texts_of(world.score(code).criterion, self_side(world.score(code))), world.score(code).self_points)
            for code in typed
        }
        transaction.set_rollback(True)
    assert found == wanted


# two people


def conflict(world: World) -> tuple[Dossier, io.BytesIO, User]:
    """A file that says 4/4 where a colleague saved 2/4 with a giải trình meanwhile; it began with 3/4."""
    officer, dossier = world.officer["so-a"], world.dossier()
    save(world, "1.1.2", Entry({"a": "3", "b": "4"}))
    content = export_part(dossier, by=officer)
    with clock.at(factories.WORKDAY + dt.timedelta(hours=2)):
        save(world, "1.1.2", Entry({"a": "2", "b": "4"}, explanation="Hai việc dời lại."), by=world.coordinator["so-a"])
    return dossier, filled(content, {("1.1.2", "Số liệu 1"): "4", ("2.1.1", "Số liệu 1"): "2"}), officer


def test_conflict_shows_base_theirs_and_mine_with_who_and_when(world: World) -> None:
    dossier, file, officer = conflict(world)
    rows = rows_of(read_part(dossier, file, by=officer))
    row = rows["1.1.2"]
    assert (row.state, row.version, row.points) == (RowState.CONFLICT, 2, Decimal(4))
    assert row.who == world.coordinator["so-a"]
    assert row.when == (factories.WORKDAY + dt.timedelta(hours=2)).astimezone(dt.UTC)
    assert [(change.label, change.base, change.theirs, change.mine) for change in row.changes] == [
        ("Số nhiệm vụ hoàn thành", "3", "2", "4"),
        ("Giải trình", "", "Hai việc dời lại.", ""),
    ]
    assert rows["2.1.1"].state is RowState.NEW


def test_row_that_only_a_colleague_changed_is_no_conflict(world: World, dossier: Dossier, officer: User) -> None:
    save(world, "1.1.2", Entry({"a": "3", "b": "4"}))
    content = export_part(dossier, by=officer)
    for done in ("2", "1"):
        save(world, "1.1.2", Entry({"a": done, "b": "4"}), by=world.coordinator["so-a"])
    assert rows_of(read_part(dossier, io.BytesIO(content), by=officer))["1.1.2"].state is RowState.UNCHANGED


def test_row_that_both_changed_alike_is_no_conflict(world: World, dossier: Dossier, officer: User) -> None:
    content = export_part(dossier, by=officer)
    save(world, "1.1.2", Entry({"a": "3", "b": "4"}), by=world.coordinator["so-a"])
    file = filled(content, {("1.1.2", "Số liệu 1"): "3", ("1.1.2", "Số liệu 2"): "4"})
    assert rows_of(read_part(dossier, file, by=officer))["1.1.2"].state is RowState.UNCHANGED


def test_conflict_resolved_for_mine_is_saved_over_the_version_that_was_seen(world: World) -> None:
    dossier, file, officer = conflict(world)
    done = apply_all(dossier, file, officer, resolutions={world.score("1.1.2").pk: MINE})
    assert (done.saved, done.kept, done.same, done.refused) == (["1.1.2", "2.1.1"], [], [], [])
    score = world.score("1.1.2")
    assert (score.self_points, score.version, score.explanation, score.updated_by) == (Decimal(4), 3, "", officer)
    entry = LedgerEntry.objects.filter(dossier=dossier, criterion=score.criterion).order_by("seq").last()
    assert entry is not None
    assert (entry.actor, entry.before["self_points"], entry.after["self_points"]) == (officer, "2", "4")


def test_conflict_resolved_for_theirs_changes_nothing(world: World) -> None:
    dossier, file, officer = conflict(world)
    done = apply_all(dossier, file, officer, resolutions={world.score("1.1.2").pk: THEIRS}, accepted=set())
    assert (done.saved, done.kept, done.refused) == ([], ["1.1.2"], [])
    assert (world.score("1.1.2").self_points, world.score("1.1.2").version) == (Decimal(2), 2)


def test_conflict_without_a_choice_is_refused_even_when_it_is_ticked(world: World) -> None:
    dossier, file, officer = conflict(world)
    done = apply_all(dossier, file, officer, accepted={world.score("1.1.2").pk})
    assert done.refused == [("1.1.2", "Hai người cùng sửa: hãy chọn nội dung giữ lại.")]
    assert world.score("1.1.2").version == 2


def test_row_that_moved_since_the_comparison_is_refused_and_the_others_are_saved(world: World) -> None:
    dossier, file, officer = conflict(world)
    seen = read_part(dossier, file, by=officer).seen
    save(world, "1.1.2", Entry({"a": "1", "b": "4"}), by=world.coordinator["so-a"])
    done = apply_all(dossier, file, officer, seen=seen, resolutions={world.score("1.1.2").pk: MINE})
    assert done.saved == ["2.1.1"]
    assert done.refused == [
        (
            "1.1.2",
            f"{world.coordinator['so-a']} vừa lưu tiêu chí này lúc 09:00 Thứ Sáu 20/11/2026. "
            "Hãy tải tệp lên lại để so sánh.",
        )
    ]
    assert world.score("1.1.2").self_points == Decimal(1)


# what is saved


def test_only_accepted_rows_are_saved(world: World, dossier: Dossier, officer: User) -> None:
    cells = {("1.1.1", "Số liệu 1"): "x", ("2.1.1", "Số liệu 1"): "2", ("2.1.6", "Số liệu 1"): "?"}
    file = filled(export_part(dossier, by=officer), cells)
    accepted = {world.score("2.1.1").pk, world.score("2.1.6").pk, 123456789}
    done = apply_all(dossier, file, officer, accepted=accepted)
    assert done.saved == ["2.1.1"]
    assert [code for code, _message in done.refused] == ["2.1.6"]
    assert done.refused[0][1].startswith("Lĩnh vực 2!F9: Số cuộc họp: Không đọc được số “?”")
    versions = {code: world.score(code).version for code in OPEN}
    assert versions == {**dict.fromkeys(OPEN, 0), "2.1.1": 1}


def test_same_key_saves_once_and_gives_the_first_answer(world: World, dossier: Dossier, officer: User) -> None:
    key = str(uuid.uuid4())
    file = filled(export_part(dossier, by=officer), {("1.1.1", "Số liệu 1"): "x"})
    assert applied(dossier, by=officer, key=key) is None
    first = apply_all(dossier, file, officer, key=key)
    entries = LedgerEntry.objects.filter(dossier=dossier).count()
    again = apply_all(dossier, file, officer, key=key, accepted={world.score("1.1.1").pk})
    assert first == again == applied(dossier, by=officer, key=key)
    assert first.saved == ["1.1.1"]
    assert (world.score("1.1.1").version, LedgerEntry.objects.filter(dossier=dossier).count()) == (1, entries)
    assert applied(world.dossier("so-b"), by=officer, key=key) is None
    assert applied(dossier, by=world.coordinator["so-a"], key=key) is None


def test_file_applied_twice_without_a_key_finds_nothing_more_to_do(dossier: Dossier, officer: User) -> None:
    file = filled(export_part(dossier, by=officer), {("1.1.1", "Số liệu 1"): "x"})
    pk = read_part(dossier, file, by=officer).rows[0].score_id
    assert apply_all(dossier, file, officer).saved == ["1.1.1"]
    assert apply_all(dossier, file, officer, accepted={pk}).same == ["1.1.1"]


def test_rule_that_only_the_service_knows_refuses_its_row(
    world: World, dossier: Dossier, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*args: object, **options: object) -> Score:
        raise WrongStage("đang khóa")

    file = filled(export_part(dossier, by=officer), {("1.1.1", "Số liệu 1"): "x"})
    monkeypatch.setattr("assessments.offline.save_score", locked)
    assert apply_all(dossier, file, officer).refused == [("1.1.1", "đang khóa")]
