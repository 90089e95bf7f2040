"""Automatic nodes run whatever comes last: the last dossier, the end of collection, or the survey."""

from __future__ import annotations

import copy
import io
import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from pytest_django import DjangoDbBlocker

from assessments.models import Cycle
from assessments.stages import CycleStage, Stage
from survey.services import expected_lines, import_results
from survey.workbook import template
from tests import factories
from tests.factories import World
from units import clock
from workflow import actions, engine
from workflow.engine import open_item
from workflow.models import WorkItem


def build() -> World:
    made = factories.world().open()
    for code in ("so-b", "huyen-c"):
        made.to(Stage.CONCLUDED, code)
    made.to(Stage.RESPONDING)
    return made


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two dossiers are concluded, the third waits for its unit."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def last_dossier(world: World) -> None:
    actions.respond(world.item("respond"), [], by=world.coordinator["so-a"])


def close(world: World) -> None:
    actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=False, by=world.home_affairs)


def survey(world: World) -> None:
    lines = expected_lines(world.cycle)
    book = template(lines, {(line.unit_id, line.criterion_id): (Decimal("0.8"), 80) for line in lines})
    import_results(world.cycle, io.BytesIO(book), filename="diem.xlsx", by=world.home_affairs)
    actions.merge_survey(open_item(world.cycle, "cycle.merge_survey"), by=world.home_affairs)


ORDERS = list(itertools.permutations([last_dossier, close, survey]))


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(step.__name__ for step in order))
def test_cycle_reaches_its_conclusion_in_any_order(world: World, order: tuple[Callable[[World], None], ...]) -> None:
    for step in order:
        assert Cycle.objects.get(pk=world.cycle.pk).stage != CycleStage.CONCLUDING
        step(world)
    assert Cycle.objects.get(pk=world.cycle.pk).stage == CycleStage.CONCLUDING
    assert {world.dossier(code).stage for code in world.units} == {Stage.FINAL}
    open_nodes = WorkItem.objects.filter(cycle=world.cycle, done_at=None).values_list("node", flat=True)
    assert list(open_nodes) == ["cycle.council_concludes"]


def test_sweep_finishes_what_a_dying_server_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine, "settle", lambda cycle_id: None)
        for step in (survey, close, last_dossier):
            step(world)
    assert Cycle.objects.get(pk=world.cycle.pk).stage == CycleStage.APPRAISING
    engine.settle(world.cycle.pk)
    assert Cycle.objects.get(pk=world.cycle.pk).stage == CycleStage.CONCLUDING
    assert {world.dossier(code).stage for code in world.units} == {Stage.FINAL}
