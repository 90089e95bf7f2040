"""A simulated cycle: complete, seeded, resumable, and never behind the services' back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from assessments.ledger import broken
from assessments.models import Cycle, Dossier, LedgerEntry, Score
from assessments.stages import CycleStage, Stage
from presets.simulation import Simulation
from results.services import is_intact
from results.table import as_content, result_table
from tests import factories
from tests.factories import World
from units import clock

pytestmark = pytest.mark.django_db

END = dt.datetime(factories.YEAR + 1, 3, 1, tzinfo=clock.LOCAL)


def play(world: World, **options: object) -> Cycle:
    Simulation(world.cycle, **options).run(until=END)
    return Cycle.objects.get(pk=world.cycle.pk)


def test_a_whole_cycle_is_played_to_publication() -> None:
    world = factories.world()
    cycle = play(world)
    assert cycle.stage == CycleStage.PUBLISHED
    assert set(cycle.dossiers.values_list("stage", flat=True)) == {Stage.FINAL}
    assert is_intact(cycle.publication)
    for chain in LedgerEntry.objects.values_list("chain", flat=True).distinct():
        assert list(broken(chain)) == []


def test_same_seed_gives_the_same_result() -> None:
    first = play(factories.world(), seed=7)
    second = play(factories.world(), seed=7)

    def points(cycle: Cycle) -> list[list[tuple[str, object, object]]]:
        return [[(row.unit, row.self_points, row.index) for row in table.units] for table in result_table(cycle)]

    assert points(first) == points(second)


def test_every_self_point_has_its_ledger_entry() -> None:
    world = factories.world()
    play(world, with_files=False)
    for score in Score.objects.filter(dossier__cycle=world.cycle, version__gt=0):
        entries = LedgerEntry.objects.filter(dossier=score.dossier, criterion=score.criterion, action="self_score")
        assert entries.count() == score.version


def test_stops_and_goes_on_from_where_it_stands() -> None:
    world = factories.world()
    stop = dt.datetime(factories.YEAR, 12, 10, tzinfo=clock.LOCAL)
    Simulation(world.cycle).run(until=stop)
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    assert cycle.stage == CycleStage.COLLECTING
    with clock.at(stop):
        Simulation(cycle).run(until=END)
    assert Cycle.objects.get(pk=cycle.pk).stage == CycleStage.PUBLISHED


def test_skipped_unit_is_left_to_people() -> None:
    world = factories.world()
    cycle = play(world, skip=["so-b"])
    own = Dossier.objects.get(cycle=cycle, unit=world.units["so-b"])
    assert own.stage == Stage.ASSIGNING
    assert own.scores.filter(version__gt=0).count() == 0
    assert cycle.dossiers.exclude(pk=own.pk).filter(submitted_at=None).count() == 0


def test_result_is_json_without_floats() -> None:
    world = factories.world()
    play(world, with_files=False)

    def floats(value: object) -> list[float]:
        if isinstance(value, dict):
            return [found for item in value.values() for found in floats(item)]
        if isinstance(value, list):
            return [found for item in value for found in floats(item)]
        return [value] if isinstance(value, float) else []

    assert floats(as_content(result_table(world.cycle))) == []


def test_production_refuses_to_simulate(settings: object) -> None:
    settings.CCHC_CLOCK_CAN_MOVE = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="hệ thống thật"):
        call_command("simulate")
