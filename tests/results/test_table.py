"""The result table: points, index, rank and grade, from the scores as they stand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.models import Cycle, Dossier
from assessments.stages import Stage
from criteria.scoring import Answer
from results.table import DomainResult, SetEngine, UnitResult, as_content, claimed, effective, result_table, shown
from tests import factories
from tests.factories import World
from units.models import Unit


def row(world: World, code: str) -> UnitResult:
    rows = {line.unit_id: line for table in result_table(world.cycle) for line in table.units}
    return rows[world.units[code].pk]


def change(world: World, code: str, unit: str = "so-a", **values: Any) -> None:
    factories.behind_the_back(world.score(code, unit), **values)


def test_groups_stand_in_their_order_and_are_ranked_by_themselves(world: World) -> None:
    departments, districts = result_table(world.cycle)
    assert (departments.name, districts.name) == ("Các sở, ban, ngành", "UBND các huyện")
    assert (departments.criteria_set, departments.illustrative) == ("Bộ chỉ số thử", True)
    assert [(line.unit, line.index, line.rank, line.grade) for line in departments.units] == [
        ("Sở Nội vụ", Decimal(83), 1, "Tốt"),
        ("Sở Tư pháp", Decimal(66), 2, "Trung bình"),
    ]
    assert [(line.unit, line.index, line.rank, line.grade) for line in districts.units] == [
        ("UBND huyện Lệ Thủy", Decimal(85), 1, "Tốt")
    ]


def test_line_keeps_every_kind_of_points_apart(world: World) -> None:
    line = row(world, "so-b")
    assert (line.self_points, line.criteria_points, line.survey_points, line.points) == (
        Decimal("7.5"),
        Decimal("6.0"),
        Decimal("0.6"),
        Decimal("6.6"),
    )
    assert (line.bonus, line.penalty, line.maximum, line.applicable) == (0, 0, Decimal(10), Decimal(10))
    assert line.domains == (
        DomainResult("1", "Công tác chỉ đạo điều hành", Decimal("3.5"), Decimal(6), ""),
        DomainResult("2", "Cải cách thủ tục hành chính", Decimal("3.1"), Decimal(4), ""),
    )


def test_finer_survey_points_are_rounded_once_in_every_column(world: World) -> None:
    change(world, "2.1.2", survey_points=Decimal("0.8333"))
    line = row(world, "so-a")
    assert (line.criteria_points, line.survey_points, line.points) == (
        Decimal("7.50"),
        Decimal("0.83"),
        Decimal("8.33"),
    )


def test_not_applicable_criterion_leaves_the_scale(world: World) -> None:
    change(world, "2.1.1", not_applicable=True, self_points=None, appraised_points=None, appraised_reason="")
    line = row(world, "so-a")
    assert (line.points, line.maximum, line.applicable) == (Decimal("5.8"), Decimal(10), Decimal(7))
    assert line.index == Decimal("82.86")


def test_not_applicable_that_the_council_refused_counts_its_points(world: World) -> None:
    change(
        world,
        "2.1.1",
        not_applicable=True,
        self_points=None,
        appraised_points=Decimal(0),
        appraised_reason="Có phát sinh.",
    )
    line = row(world, "so-a")
    assert (line.points, line.applicable, line.index) == (Decimal("5.8"), Decimal(10), Decimal(58))


def test_criterion_dropped_for_a_unit_leaves_its_scale(world: World) -> None:
    made = factories.criteria_set("bo-khac", na_policies={"2.1.1": "named"})
    made.criteria.get(code="2.1.1").dropped_for.add(world.units["so-a"])
    answers = {code: Answer(Decimal(1)) for code in ("1.1.1", "1.1.2", "2.1.2")}
    engine = SetEngine(made)
    assert engine.tally(answers, world.units["so-a"].pk).applicable == Decimal(7)
    assert engine.tally(answers, world.units["so-a"].pk).index == Decimal("42.86")
    assert engine.tally(answers, world.units["so-b"].pk).missing == ("2.1.1",)


def test_unit_without_a_survey_point_has_neither_index_nor_rank(world: World) -> None:
    change(world, "2.1.2", survey_points=None)
    line = row(world, "so-a")
    assert (line.index, line.rank, line.grade, line.note) == (None, None, "", "")
    other = row(world, "so-b")
    assert (other.rank, [unit.unit for unit in result_table(world.cycle)[0].units]) == (1, ["Sở Tư pháp", "Sở Nội vụ"])


def test_unsettled_criterion_is_missing_and_not_zero(world: World) -> None:
    change(world, "1.1.1", appraised_points=None, appraised_at=None)
    assert (row(world, "so-a").index, row(world, "so-a").rank) == (None, None)


def test_unit_that_sent_nothing_is_named_and_not_ranked(world: World) -> None:
    Dossier.objects.filter(pk=world.dossiers["so-a"].pk).update(stage=Stage.NOT_SUBMITTED)
    line = row(world, "so-a")
    assert (line.points, line.survey_points, line.index, line.rank, line.grade, line.note) == (
        0,
        0,
        None,
        None,
        "",
        "Không nộp hồ sơ",
    )
    assert line.self_points == Decimal("7.5")


@pytest.mark.parametrize(
    ("ties", "ranks"),
    [
        (Cycle.Ties.COMPETITION, [(1, True), (1, True), (3, False)]),
        (Cycle.Ties.DENSE, [(1, True), (1, True), (2, False)]),
    ],
)
def test_equal_units_share_a_rank(world: World, ties: str, ranks: list[tuple[int, bool]]) -> None:
    group = world.dossier("so-a").cycle_group
    Dossier.objects.filter(pk=world.dossiers["huyen-c"].pk).update(cycle_group=group)
    change(world, "2.1.2", "so-a", survey_points=Decimal(1))
    Cycle.objects.filter(pk=world.cycle.pk).update(ties=ties)
    departments = result_table(Cycle.objects.get(pk=world.cycle.pk))[0]
    assert [(line.rank, line.tied) for line in departments.units] == ranks


def test_bands_of_a_group_win_and_parts_have_their_own(world: World) -> None:
    made, group, other = (
        factories.criteria_set("bo-khac"),
        world.units["so-a"].group_id,
        world.units["huyen-c"].group_id,
    )
    part = made.criteria.get(code="1")
    made.bands.create(part=part, label="Khá (phần A)", lower=Decimal(0))
    made.bands.create(group_id=group, label="Mức của sở", lower=Decimal(0))
    engine = SetEngine(made)
    assert engine.grade(Decimal(80), part=None, group_id=group) == "Mức của sở"
    assert engine.grade(Decimal(80), part=None, group_id=other) == "Tốt"
    assert engine.grade(Decimal("79.99"), part=None, group_id=other) == "Khá"
    assert engine.grade(Decimal(80), part=part, group_id=group) == "Khá (phần A)"
    assert engine.grade(Decimal(80), part=made.criteria.get(code="2"), group_id=group) == ""
    assert engine.grade(None, part=None, group_id=group) == ""


def test_self_points_never_count_by_themselves(world: World) -> None:
    score = world.score("1.1.2", "so-b")
    assert (claimed(score), effective(score)) == (Answer(Decimal(3)), Answer(Decimal("1.5")))
    score.appraised_at = None
    assert effective(score) == Answer(None)
    survey = world.score("2.1.2", "so-b")
    assert effective(survey) == Answer(Decimal("0.6"))


def test_content_is_exact_text_that_json_keeps(world: World) -> None:
    content = as_content(result_table(world.cycle))
    assert json.loads(json.dumps(content)) == content
    first = content[0]["units"][0]
    assert (first["unit"], first["rank"], first["tied"]) == ("Sở Nội vụ", 1, False)
    assert {Decimal(first[name]) for name in ("points", "criteria_points", "survey_points")} == {
        Decimal("8.3"),
        Decimal("7.5"),
        Decimal("0.8"),
    }
    assert not [value for value in first.values() if isinstance(value, float)]


@pytest.mark.parametrize(("value", "text"), [(Decimal("82.75"), "82,75"), (Decimal(83), "83,00"), (None, "–")])
def test_points_as_documents_print_them(value: Decimal | None, text: str) -> None:
    assert shown(value) == text


def test_table_costs_the_same_for_any_number_of_units(world: World) -> None:
    with CaptureQueriesContext(connection) as few:
        result_table(world.cycle)
    group = world.dossier("so-a").cycle_group
    for number in range(5):
        unit = Unit.objects.create(
            code=f"them-{number}", name=f"Sở số {number}", kind=Unit.Kind.DEPARTMENT, group=group.group
        )
        copy = world.dossier("so-a")
        copy.pk, copy.unit = None, unit
        copy.save()
    with CaptureQueriesContext(connection) as many:
        assert len(result_table(world.cycle)[0].units) == 7
    assert len(many) == len(few) == 11
