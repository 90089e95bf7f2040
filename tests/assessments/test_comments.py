"""Talk inside the unit: who reads and writes it, until when, and what counts as settled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assessments.errors import InvalidInput, WrongStage
from assessments.models import Dossier, LedgerEntry, ReviewNote
from assessments.services import assignments, comments
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        made = factories.world().open()
        made.to(Stage.SELF_ASSESSING)
        yield made


def people(world: World, who: str) -> User:
    found: User = getattr(world, who)["so-a"]
    return found


@pytest.mark.parametrize("who", ["officer", "coordinator", "head"])
def test_comment_of_the_units_people_is_kept_with_its_step(world: World, who: str) -> None:
    note = comments.comment(world.dossier(), world.domain("1.1.2"), "  Xem lại\r\nsố liệu ", by=people(world, who))
    assert (note.kind, note.body, note.stage, note.at) == (
        ReviewNote.Kind.COMMENT,
        "Xem lại\nsố liệu",
        Stage.SELF_ASSESSING,
        factories.WORKDAY,
    )
    assert (note.author, note.criterion.code, note.resolved_at) == (people(world, who), "1.1.2", None)


def test_comment_is_no_part_of_the_ledger(world: World) -> None:
    before = LedgerEntry.objects.count()
    comments.comment(world.dossier(), world.domain("1.1.2"), "Xem lại", by=world.officer["so-a"])
    assert LedgerEntry.objects.count() == before


def test_comment_of_anybody_else_is_refused(world: World) -> None:
    world.to(Stage.APPRAISING)
    for person in (world.officer["so-b"], world.second_appraiser, world.secretary, world.home_affairs):
        with pytest.raises(NotAllowed):
            comments.comment(world.dossier(), world.domain("1.1.2"), "Xem lại", by=person)
    assert ReviewNote.objects.count() == 0


@pytest.mark.parametrize("body", ["", " \n ", "a" * 2001])
def test_comment_empty_or_too_long_is_refused(world: World, body: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        comments.comment(world.dossier(), world.domain("1.1.2"), body, by=world.officer["so-a"])
    assert list(refused.value.errors) == ["body"]


@pytest.mark.parametrize("stage", [Stage.FINAL, Stage.NOT_SUBMITTED])
def test_comment_ends_with_the_dossier(world: World, stage: Stage) -> None:
    note = comments.comment(world.dossier(), world.domain("1.1.2"), "Xem lại", by=world.officer["so-a"])
    Dossier.objects.filter(pk=world.dossiers["so-a"].pk).update(
        stage=stage, submitted_at=factories.WORKDAY, approved_at=factories.WORKDAY
    )
    with pytest.raises(WrongStage):
        comments.comment(world.dossier(), world.domain("1.1.2"), "Nữa", by=world.officer["so-a"])
    with pytest.raises(WrongStage):
        comments.resolve(note, by=world.officer["so-a"])


def test_resolved_once_by_whoever_was_first(world: World) -> None:
    note = comments.comment(world.dossier(), world.domain("1.1.2"), "Xem lại", by=world.officer["so-a"])
    assert comments.unresolved(world.dossier()) == {note.criterion_id: 1}
    comments.resolve(note, by=world.coordinator["so-a"])
    comments.resolve(note, by=world.head["so-a"])
    note.refresh_from_db()
    assert (note.resolved_by, note.resolved_at) == (world.coordinator["so-a"], factories.WORKDAY)
    assert comments.unresolved(world.dossier()) == {}
    with pytest.raises(NotAllowed):
        comments.resolve(note, by=world.officer["so-b"])


def test_thread_is_of_one_criterion_oldest_first(world: World) -> None:
    for code, words in (("1.1.2", "một"), ("1.1.1", "khác"), ("1.1.2", "hai")):
        comments.comment(world.dossier(), world.domain(code), words, by=world.officer["so-a"])
    score = world.score("1.1.2")
    assert [note.body for note in comments.thread(world.dossier(), score.criterion)] == ["một", "hai"]


def test_notes_are_read_by_the_unit_alone(world: World) -> None:
    note = comments.comment(world.dossier(), world.domain("1.1.2"), "Xem lại", by=world.officer["so-a"])
    world.to(Stage.APPRAISING)
    for person in (world.officer["so-a"], world.head["so-a"], world.appraiser):
        assert list(comments.notes_for(person).filter(pk=note.pk)) == [note]
    for person in (world.officer["so-b"], world.second_appraiser, world.secretary, world.chair, world.home_affairs):
        assert list(comments.notes_for(person)) == []


def test_participants_are_the_rows_officer_and_those_who_spoke(world: World) -> None:
    score = world.score("1.1.2")
    assert comments.participants(world.dossier(), score.criterion) == {world.officer["so-a"]}
    comments.comment(world.dossier(), score.criterion, "Xem lại", by=world.head["so-a"])
    assert comments.participants(world.dossier(), score.criterion) == {world.officer["so-a"], world.head["so-a"]}
    assert comments.participants(world.dossier(), world.score("2.1.1").criterion) == {world.officer["so-a"]}


def test_participants_of_a_branch_are_all_who_fill_below_it(world: World) -> None:
    second, third = (factories.user() for _n in range(2))
    for person in (second, third):
        access.join(person, world.units["so-a"], Role.OFFICER)
    chosen = {world.domain("1.1.2").pk: second, world.domain("2").pk: third}
    assignments.reassign(world.dossier(), chosen, by=world.coordinator["so-a"])
    for code in ("1", "1.1"):
        assert comments.participants(world.dossier(), world.domain(code)) == {world.officer["so-a"], second}
    assert comments.participants(world.dossier(), world.domain("1.1.2")) == {second}
    assert comments.participants(world.dossier(), world.domain("2.1")) == {third}
    access.leave(second, world.units["so-a"], Role.OFFICER)
    assert comments.participants(world.dossier(), world.domain("1.1")) == {world.officer["so-a"]}
