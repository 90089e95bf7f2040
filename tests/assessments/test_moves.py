"""Moving a dossier or a cycle: only along the listed moves, and never without the ledger."""

from __future__ import annotations

import itertools

import pytest

from assessments.errors import WrongStage
from assessments.models import Cycle, Dossier, LedgerEntry
from assessments.moves import advance, advance_cycle, lock_cycle, lock_dossier, require_stage
from assessments.stages import CYCLE_TRANSITIONS, TRANSITIONS, CycleStage, Stage
from tests.factories import World
from units import clock

FORBIDDEN = [pair for pair in itertools.product(Stage, Stage) if pair not in TRANSITIONS]


def test_every_move_that_is_not_listed_is_refused(world: World) -> None:
    dossier = world.dossier()
    count = LedgerEntry.objects.count()
    for source, target in FORBIDDEN:
        dossier.stage = source
        with pytest.raises(WrongStage):
            advance(dossier, target, by=None)
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    for source, target in itertools.product(CycleStage, CycleStage):
        if (source, target) not in CYCLE_TRANSITIONS:
            cycle.stage = source
            with pytest.raises(WrongStage):
                advance_cycle(cycle, target, by=None)
    assert LedgerEntry.objects.count() == count
    assert world.dossier().stage == Stage.ASSIGNING


def test_listed_move_is_kept_with_its_time_and_its_entry(world: World) -> None:
    advance(world.dossier(), Stage.SELF_ASSESSING, by=world.coordinator["so-a"], reason="Bắt đầu.")
    moved = world.dossier()
    assert (moved.stage, moved.stage_since) == (Stage.SELF_ASSESSING, clock.now())
    entry = LedgerEntry.objects.filter(dossier=moved).latest("seq")
    assert (entry.action, entry.before, entry.after, entry.reason, entry.actor) == (
        "stage",
        {"stage": "assigning"},
        {"stage": "self_assessing"},
        "Bắt đầu.",
        world.coordinator["so-a"],
    )


def test_wrong_stage_names_the_present_one(world: World) -> None:
    with pytest.raises(WrongStage) as caught:
        require_stage(world.dossier(), [Stage.READY])
    assert str(caught.value) == (
        "Hồ sơ đang ở bước “Phân công” nên không làm được việc này. Hãy tải lại trang để xem tình trạng mới."
    )
    require_stage(world.dossier(), [Stage.READY, Stage.ASSIGNING])


def test_locks_give_a_fresh_row(world: World) -> None:
    stale_dossier, stale_cycle = world.dossier(), Cycle.objects.get(pk=world.cycle.pk)
    Dossier.objects.filter(pk=stale_dossier.pk).update(stage=Stage.CHECKING)
    Cycle.objects.filter(pk=stale_cycle.pk).update(accept_late=False)
    assert lock_dossier(stale_dossier).stage == Stage.CHECKING
    assert lock_cycle(stale_cycle).accept_late is False
