"""A cycle that the council has concluded: its result may be proposed."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from pytest_django import DjangoDbBlocker

from assessments.models import Cycle
from assessments.services.appraisal import appraise
from assessments.stages import CycleStage, Stage
from survey.services import expected_lines, import_results
from survey.workbook import template
from tests import factories
from tests.factories import World
from units import clock
from workflow import actions
from workflow.engine import open_item

SURVEY = {"so-a": Decimal("0.8"), "so-b": Decimal("0.6"), "huyen-c": Decimal(1)}


def build() -> World:
    """Sở Nội vụ 8,3 of 10; Sở Tư pháp 6,6 after a cut of 1,5; huyện Lệ Thủy 8,5."""
    made = factories.world().open()
    made.to(Stage.APPRAISING, "so-b")
    cut = made.score("1.1.2", "so-b")
    appraise(cut, "1,5", reason="Thiếu minh chứng.", version=0, by=made.appraiser)
    for code in made.units:
        made.to(Stage.CONCLUDED, code)
    points = {made.units[code].pk: value for code, value in SURVEY.items()}
    lines = expected_lines(made.cycle)
    book = template(lines, {(line.unit_id, line.criterion_id): (points[line.unit_id], 80) for line in lines})
    import_results(made.cycle, io.BytesIO(book), filename="diem.xlsx", by=made.home_affairs)
    actions.merge_survey(open_item(made.cycle, "cycle.merge_survey"), by=made.home_affairs)
    actions.close_collection(open_item(made.cycle, "cycle.collect"), give_up_missing=False, by=made.home_affairs)
    actions.conclude_cycle(open_item(made.cycle, "cycle.council_concludes"), by=made.chair)
    assert Cycle.objects.get(pk=made.cycle.pk).stage == CycleStage.PROPOSING
    return made


@pytest.fixture(scope="module")
def concluded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(concluded: World, db: None) -> Iterator[World]:
    """The module's cycle, with the clock on an ordinary working day."""
    with clock.at(factories.WORKDAY):
        made = copy.deepcopy(concluded)
        made.cycle = Cycle.objects.get(pk=made.cycle.pk)
        yield made
