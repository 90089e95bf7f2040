"""Phân công by branch or criterion, and last year's officers on this year's criteria."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from assessments.errors import InvalidInput
from assessments.models import Assignment, Cycle, CycleGroup
from assessments.services import assignments
from assessments.shares import earlier_assignment, shares
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role

UNIT = "so-a"


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, lambda: factories.world().open()) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def assign(world: World, **officers: User) -> None:
    chosen = {world.domain(name[1:].replace("_", ".")).pk: person for name, person in officers.items()}
    assignments.assign(world.dossier(), chosen, by=world.coordinator[UNIT])


def test_nearest_branch_decides_and_rows_do_not_overlap(world: World) -> None:
    first, second = world.officer[UNIT], world.coordinator[UNIT]
    assign(world, c1=first, c1_1_2=second, c2=second)
    rows = Assignment.objects.filter(dossier=world.dossiers[UNIT])
    assert list(rows.values_list("criterion__code", "officer")) == [
        ("1.1.1", first.pk),
        ("1.1.2", second.pk),
        ("2", second.pk),
    ]
    assert [(share.domain.code, share.officer, share.criteria) for share in shares(world.dossier())] == [
        ("1", first, 1),
        ("1", second, 1),
        ("2", second, 1),
    ]


def test_what_nobody_fills_is_named_by_the_highest_branch(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        assign(world, c1_1_1=world.officer[UNIT])
    assert caught.value.errors == {
        f"officer.{world.domain('1.1.2').pk}": "Hãy chọn người thực hiện tiêu chí 1.1.2.",
        f"officer.{world.domain('2').pk}": "Hãy chọn người thực hiện lĩnh vực 2.",
    }
    assert world.dossier().stage == Stage.ASSIGNING


def next_year(world: World) -> World:
    """The same unit a year later, with a criterion more and its first one gone to another code."""
    leaves = [*factories.LEAVES, ("1.1.3", "Báo cáo định kỳ", "1", "self", {"kind": "yes_no"})]
    later = factories.world(leaves=leaves)
    cycle = later.cycle
    Cycle.objects.filter(pk=cycle.pk).update(year=factories.YEAR + 1)
    group = CycleGroup.objects.get(cycle=cycle, group=later.units[UNIT].group)
    world.units[UNIT].group = group.group
    world.units[UNIT].parent = later.units[UNIT].parent
    world.units[UNIT].save()
    cycle.refresh_from_db()
    later.cycle = cycle
    later.units = {**later.units, UNIT: world.units[UNIT]}
    return later.open()


def test_last_years_officers_come_back_by_code_and_whoever_left_is_named(world: World) -> None:
    first, second = world.officer[UNIT], factories.user()
    access.join(second, world.units[UNIT], Role.OFFICER)
    assign(world, c1=first, c2=second)
    later = next_year(world)
    access.leave(second, world.units[UNIT], Role.OFFICER)
    dossier = later.dossier(UNIT)
    people = assignments.officers_of(dossier)
    found = earlier_assignment(dossier, people)
    assert found is not None
    assert found.dossier == world.dossiers[UNIT]
    assert found.officers == {later.domain("1").pk: first}
    assert found.gone == {second: ["2"]}
    assert not dossier.assignments.exists()


def test_unit_without_an_earlier_dossier_takes_nothing_over(world: World) -> None:
    assert earlier_assignment(world.dossier(), []) is None
