"""The province's table has a column for each round, where there is more than one, beside what stands now."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.services.appraisal import Wanted, appraise
from assessments.stages import Stage
from results.by_round import with_rounds
from results.table import as_content, result_table
from tests import factories
from tests.factories import World
from units import clock
from workflow import actions

pytestmark = pytest.mark.django_db
D = Decimal


def contested(world: World) -> None:
    """Sở Nội vụ scored 7,5 points; round 1 cut 1.1.2 from 3 to 1,5 and the unit wants it back."""
    world.to(Stage.APPRAISING)
    appraise(world.score("1.1.2"), "1,5", reason="Thiếu minh chứng.", version=0, by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    wanted = [Wanted(world.score("1.1.2").pk, "3", "Đã có báo cáo.")]
    actions.respond(world.item("respond"), wanted, by=world.coordinator["so-a"])


def build() -> World:
    world = factories.world(rounds=2).open()
    contested(world)
    appraise(world.score("1.1.2"), "2,5", reason="Chấp nhận một phần.", version=2, by=world.secretary)
    actions.finish_domain(world.item("appraise"), by=world.secretary)
    actions.finish_review(world.item("review"), by=world.secretary)
    world.to(Stage.CONCLUDED, "so-b")
    world.to(Stage.APPRAISING, "huyen-c")
    return world


@pytest.fixture(scope="module")
def concluded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(concluded: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(concluded)


def shown(world: World) -> dict[str, tuple[Decimal | None, ...]]:
    groups = with_rounds(result_table(world.cycle), world.cycle)
    return {unit.unit: (*unit.by_round, unit.criteria_points) for group in groups for unit in group.units}


def test_each_round_and_what_stands(world: World) -> None:
    assert shown(world) == {
        "Sở Nội vụ": (D(6), D(7), D(7)),
        "Sở Tư pháp": (D("7.5"), None, D("7.5")),  # agreed after the first round
        "UBND huyện Lệ Thủy": (None, None, D(0)),  # nothing is settled yet
    }


def test_page_and_workbook_have_a_column_each(world: World) -> None:
    client = Client()
    client.force_login(world.home_affairs)
    page = client.get(reverse("results", args=[world.cycle.pk])).content.decode()
    assert page.index(">Tự chấm<") < page.index(">Vòng 1<") < page.index(">Vòng 2<") < page.index(">Thẩm định</th>")
    answer = client.get(reverse("results-workbook", args=[world.cycle.pk]))
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["Các sở, ban, ngành"]
    rows: list[tuple[Any, ...]] = list(sheet.values)
    head = next(row for row in rows if row[0] == "Hạng")
    assert head[5:9] == ("Tự chấm", "Vòng 1", "Vòng 2", "Thẩm định")
    assert next(row for row in rows if row[1] == "Sở Nội vụ")[5:9] == (7.5, 6, 7, 7)
    assert next(row for row in rows if row[1] == "Sở Tư pháp")[5:9] == (7.5, 7.5, None, 7.5)


def test_rounds_are_no_part_of_what_is_proposed(world: World) -> None:
    groups = with_rounds(result_table(world.cycle), world.cycle)
    assert as_content(groups) == as_content(result_table(world.cycle))
    assert not {"rounds", "by_round"} & {*as_content(groups)[0], *as_content(groups)[0]["units"][0]}


def test_cycle_of_one_round_has_no_columns_until_an_appeal_was_heard(db: None) -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world().open()
        assert {group.rounds for group in with_rounds(result_table(world.cycle), world.cycle)} == {()}
        contested(world)
        answers = {world.score("1.1.2").appeal.pk: ("2,5", "Chấp nhận một phần.")}
        actions.decide_appeals(world.item("hear"), answers, by=world.secretary)
        groups = with_rounds(result_table(world.cycle), world.cycle)
        assert {group.rounds for group in groups} == {("Trước kiến nghị", "Sau kiến nghị")}
        assert shown(world)["Sở Nội vụ"] == (D(6), D(7), D(7))


def test_rounds_ask_the_same_for_any_number_of_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tables = result_table(world.cycle)
    with django_assert_num_queries(13):
        with_rounds(tables, world.cycle)
    world.dossiers["so-b"].scores.all().delete()
    with django_assert_num_queries(13):
        with_rounds(tables, world.cycle)
