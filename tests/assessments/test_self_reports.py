"""Báo cáo tự đánh giá: its words, its totals against the sheet, and the signed paper."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from assessments.errors import Conflict, Incomplete, InvalidInput, WrongStage
from assessments.models import LedgerEntry, SelfReport
from assessments.self_totals import Difference, agreement, differences
from assessments.services import dossiers, self_reports
from assessments.stages import Stage
from assessments.visibility import document_versions_for
from tests import factories
from tests.factories import World
from units.access import NotAllowed

UNIT = "so-a"


def totals(world: World, entered: dict[str, str], *, version: int = 0, by: Any = None) -> SelfReport:
    return self_reports.save_totals(world.dossier(), entered, version=version, by=by or world.coordinator[UNIT])


def right(world: World, **changes: str) -> dict[str, str]:
    """What the sheet of a filled dossier adds up to, as typed: 2 + 3, 2,5, and 2 + 1 + 1."""
    found = {"1": "5", "2": "2,5", "3": "4", "": "11,5"}
    names = {"d1": "1", "d2": "2", "whole": ""}
    return found | {names[name]: value for name, value in changes.items()}


def test_differences_are_exact_and_in_order() -> None:
    sheet = {"1": Decimal(5), "2": Decimal("2.5"), "": Decimal("7.5")}
    names = {"1": "Chỉ đạo", "2": "TTHC", "": "Tổng điểm"}
    found = differences({"1": Decimal(5), "2": Decimal("2.49"), "": None}, sheet, names)
    assert found == [
        Difference("2", "TTHC", Decimal("2.49"), Decimal("2.5")),
        Difference("", "Tổng điểm", None, Decimal("7.5")),
    ]
    assert [(row.difference, row.message) for row in found] == [
        (Decimal("-0.01"), "báo cáo 2,49, bảng điểm 2,50, chênh -0,01"),
        (None, "báo cáo chưa nhập, bảng điểm 7,50"),
    ]


def test_totals_that_agree_let_the_dossier_go_to_the_head(world: World) -> None:
    world.to(Stage.CHECKING)
    report = totals(world, right(world))
    assert (report.total, report.version, report.entered_by) == (Decimal("11.5"), 1, world.coordinator[UNIT])
    assert agreement(world.dossier()).agrees
    dossiers.send_to_head(world.dossier(), by=world.coordinator[UNIT])
    assert world.dossier().stage == Stage.APPROVING


def test_totals_that_differ_stop_it_and_name_every_place(world: World) -> None:
    world.to(Stage.CHECKING)
    totals(world, right(world, d2="2,4", whole="11,4"))
    with pytest.raises(Incomplete, match="khác với bảng điểm ở 2 chỗ") as caught:
        dossiers.send_to_head(world.dossier(), by=world.coordinator[UNIT])
    assert [(row.code, row.entered, row.sheet, row.difference) for row in caught.value.gaps] == [
        ("2", Decimal("2.4"), Decimal("2.5"), Decimal("-0.1")),
        ("", Decimal("11.4"), Decimal("11.5"), Decimal("-0.1")),
    ]
    assert world.dossier().stage == Stage.CHECKING


def test_totals_not_entered_stop_nothing_by_default(world: World) -> None:
    world.to(Stage.READY)
    dossiers.submit(world.dossier(), by=world.coordinator[UNIT])
    assert world.dossier().stage == Stage.APPRAISING


def test_required_report_is_asked_for_at_sending(world: World) -> None:
    world.cycle.self_report_required = True
    world.cycle.save()
    world.to(Stage.READY)
    by = world.coordinator[UNIT]
    with pytest.raises(Incomplete, match="yêu cầu báo cáo tự đánh giá đã ký"):
        dossiers.submit(world.dossier(), by=by)
    totals(world, right(world))
    with pytest.raises(Incomplete, match="yêu cầu báo cáo tự đánh giá đã ký"):
        dossiers.submit(world.dossier(), by=by)
    paper = factories.document(world.units[UNIT], by=by)
    self_reports.attach_signed(world.dossier(), paper, version=1, by=by)
    dossiers.submit(world.dossier(), by=by)
    assert world.dossier().stage == Stage.APPRAISING
    assert document_versions_for(world.second_appraiser).filter(pk=paper.pk).exists()


def test_signed_paper_of_a_dossier_that_was_not_sent_is_the_units_alone(world: World) -> None:
    world.to(Stage.READY)
    paper = factories.document(world.units[UNIT], by=world.coordinator[UNIT])
    self_reports.attach_signed(world.dossier(), paper, version=0, by=world.coordinator[UNIT])
    assert not document_versions_for(world.second_appraiser).filter(pk=paper.pk).exists()
    assert document_versions_for(world.head[UNIT]).filter(pk=paper.pk).exists()


def test_every_total_or_none(world: World) -> None:
    world.to(Stage.CHECKING)
    with pytest.raises(InvalidInput) as caught:
        totals(world, {"1": "5", "2": "hai", "": "9,5"})
    assert sorted(caught.value.errors) == ["total.2", "total.3"]
    assert caught.value.errors["total.3"] == "Hãy nhập điểm ghi trong báo cáo, kể cả khi là 0."
    totals(world, right(world))
    cleared = totals(world, {}, version=1)
    assert (cleared.total, cleared.entered_by, cleared.totals.count()) == (None, None, 0)


def test_same_totals_again_change_nothing(world: World) -> None:
    world.to(Stage.CHECKING)
    totals(world, right(world))
    assert totals(world, right(world), version=1).version == 1
    assert LedgerEntry.objects.filter(action="report_totals").count() == 1


Write = Callable[[World, int], object]
WRITES: dict[str, Write] = {
    "words": lambda world, version: self_reports.save_words(
        world.dossier(), difficulties="Thiếu người.", proposals="", version=version, by=world.coordinator[UNIT]
    ),
    "totals": lambda world, version: totals(world, right(world), version=version),
    "signed": lambda world, version: self_reports.attach_signed(
        world.dossier(),
        factories.document(world.units[UNIT], by=world.coordinator[UNIT]),
        version=version,
        by=world.coordinator[UNIT],
    ),
}


@pytest.mark.parametrize("name", sorted(WRITES))
def test_second_writer_on_one_version_sees_what_stands(world: World, name: str) -> None:
    world.to(Stage.CHECKING)
    self_reports.save_words(
        world.dossier(), difficulties="", proposals="Thêm biên chế.", version=0, by=world.coordinator[UNIT]
    )
    with pytest.raises(Conflict) as caught:
        WRITES[name](world, 0)
    assert caught.value.current.proposals == "Thêm biên chế."
    WRITES[name](world, 1)
    assert SelfReport.objects.get().version == 2


@pytest.mark.parametrize("name", sorted(WRITES))
def test_report_is_locked_once_it_was_sent(world: World, name: str) -> None:
    world.to(Stage.APPRAISING)
    with pytest.raises(WrongStage):
        WRITES[name](world, 0)


def test_words_are_locked_while_the_head_decides(world: World) -> None:
    world.to(Stage.APPROVING)
    with pytest.raises(WrongStage):
        WRITES["words"](world, 0)


def test_officer_does_not_write_the_report_and_the_coordinator_does(world: World) -> None:
    world.to(Stage.CHECKING)
    with pytest.raises(NotAllowed):
        totals(world, right(world), by=world.officer[UNIT])
    assert totals(world, right(world)).version == 1


def test_paper_of_another_unit_is_refused(world: World) -> None:
    world.to(Stage.CHECKING)
    foreign = factories.document(world.units["so-b"], by=world.coordinator["so-b"])
    with pytest.raises(InvalidInput, match="trong kho của chính đơn vị"):
        self_reports.attach_signed(world.dossier(), foreign, version=0, by=world.coordinator[UNIT])
