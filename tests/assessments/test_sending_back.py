"""Sent back, criterion by criterion: who gets it again, with which words, and until when they stand."""

from __future__ import annotations

import pytest

from assessments.errors import InvalidInput, WrongStage
from assessments.models import Assignment, ReviewNote
from assessments.services import dossiers
from assessments.services.dossiers import parts_of
from assessments.stages import Stage
from criteria.models import Criterion
from tests.factories import World
from units import clock
from units.access import NotAllowed
from workflow import actions

UNIT = "so-a"


def send_back(world: World, words: dict[str, str], comment: str = "") -> None:
    rows = [world.domain(code) for code in words]
    actions.send_back(
        world.item("check"),
        rows,
        comment=comment,
        comments={row.pk: words[row.code] for row in rows},
        by=world.coordinator[UNIT],
    )


def done_again(world: World) -> None:
    """The officer reports the one part that was opened again as done."""
    actions.finish_self_assessment(world.item("self_assess"), by=world.officer[UNIT])


def open_notes(world: World) -> list[tuple[str, str]]:
    found = world.dossier().notes.filter(resolved_at=None).order_by("criterion__order")
    return list(found.values_list("criterion__code", "body"))


def test_single_criteria_open_only_the_parts_that_hold_them(world: World) -> None:
    world.to(Stage.CHECKING)
    send_back(world, {"1.1.1": "Thiếu số văn bản.", "1.1.2": "Sai mẫu số.", "3.1.1": "Sai mẫu số."})
    rows = Assignment.objects.filter(dossier=world.dossiers[UNIT])
    assert list(rows.values_list("criterion__code", "open", "note")) == [
        ("1", True, "1.1.1: Thiếu số văn bản.\n1.1.2: Sai mẫu số."),
        ("2", False, ""),
        ("3", True, "Sai mẫu số."),
    ]
    assert open_notes(world) == [
        ("1.1.1", "Thiếu số văn bản."),
        ("1.1.2", "Sai mẫu số."),
        ("3.1.1", "Sai mẫu số."),
    ]
    assert world.dossier().stage == Stage.SELF_ASSESSING


def test_common_comment_stands_for_criteria_without_their_own(world: World) -> None:
    world.to(Stage.CHECKING)
    send_back(world, {"1.1.1": "", "2": "Thiếu trang."}, comment="Xem lại.")
    assert open_notes(world) == [("1.1.1", "Xem lại."), ("2", "Thiếu trang.")]


def test_criterion_without_any_words_is_refused(world: World) -> None:
    world.to(Stage.CHECKING)
    with pytest.raises(InvalidInput) as caught:
        send_back(world, {"1.1.1": "Thiếu.", "2": " "})
    assert caught.value.errors == {"comment": "Hãy ghi nội dung cần chỉnh sửa để chuyên viên biết."}


def test_criterion_that_the_unit_does_not_score_is_refused(world: World) -> None:
    world.to(Stage.CHECKING)
    with pytest.raises(InvalidInput, match=r"Tiêu chí 2\.1\.2 không do đơn vị tự chấm"):
        send_back(world, {"2.1.2": "Sửa."})


def test_nearest_part_above_and_every_part_below_hold_a_criterion() -> None:
    def part(code: str) -> Assignment:
        return Assignment(criterion=Criterion(code=code))

    domain, branch, leaf, other = part("1"), part("1.1"), part("1.1.2"), part("10")
    rows = [domain, branch, leaf, other]
    assert [row.criterion.code for row in parts_of(rows, Criterion(code="1.1.1"))] == ["1.1"]
    assert [row.criterion.code for row in parts_of(rows, Criterion(code="1.1.2"))] == ["1.1.2"]
    assert [row.criterion.code for row in parts_of(rows, Criterion(code="1"))] == ["1", "1.1", "1.1.2"]
    assert [row.criterion.code for row in parts_of(rows, Criterion(code="10.1"))] == ["10"]
    assert parts_of(rows, Criterion(code="2")) == []


def test_remark_stands_until_the_officer_mended_it(world: World) -> None:
    world.to(Stage.CHECKING)
    send_back(world, {"1.1.1": "Thiếu.", "1.1.2": "Sai."})
    note = ReviewNote.objects.get(criterion__code="1.1.1")
    with pytest.raises(NotAllowed):
        dossiers.resolve_note(note, by=world.officer["so-b"])
    dossiers.resolve_note(note, by=world.officer[UNIT])
    dossiers.resolve_note(note, by=world.officer[UNIT])
    assert open_notes(world) == [("1.1.2", "Sai.")]
    assert world.dossier().ledger.filter(action="resolve").count() == 1


def test_remark_stands_until_it_is_checked_again(world: World) -> None:
    world.to(Stage.CHECKING)
    send_back(world, {"1.1.1": "Thiếu."})
    done_again(world)
    assert open_notes(world) == [("1.1.1", "Thiếu.")]
    dossiers.send_to_head(world.dossier(), by=world.coordinator[UNIT])
    assert open_notes(world) == []
    with pytest.raises(WrongStage):
        dossiers.resolve_note(ReviewNote.objects.get(), by=world.officer[UNIT])


def test_second_remark_takes_the_place_of_the_first(world: World) -> None:
    world.to(Stage.CHECKING)
    send_back(world, {"1.1.1": "Thiếu."})
    done_again(world)
    send_back(world, {"1.1.1": "Vẫn thiếu."})
    assert open_notes(world) == [("1.1.1", "Vẫn thiếu.")]


def test_head_returns_with_words_on_named_criteria(world: World) -> None:
    world.to(Stage.APPROVING)
    comments = {world.domain("1.1.2").pk: "Số liệu cao hơn thực tế.", world.domain("2").pk: " "}
    dossiers.return_to_coordinator(world.dossier(), comments=comments, by=world.head[UNIT])
    note = world.dossier().notes.get()
    assert (note.criterion, note.stage, note.body) == (
        world.domain("1.1.2"),
        Stage.APPROVING,
        "Số liệu cao hơn thực tế.",
    )
    entry = world.dossier().ledger.latest("seq")
    assert (entry.reason, entry.at) == ("1.1.2: Số liệu cao hơn thực tế.", clock.now())
