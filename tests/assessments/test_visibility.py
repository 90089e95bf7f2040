"""Which dossiers each role sees: exactly, in lists and one by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import Cycle
from assessments.stages import Stage
from assessments.visibility import (
    council_dossiers,
    cycles_for,
    dossiers_for,
    has_conflict,
    is_council,
    may_appraise,
    own_domains,
    sees_appraisal,
)
from tests import factories
from tests.factories import World
from units import access
from units.models import User
from units.permissions import Perm, Role

SENT = {"so-a", "so-b"}
ALL = {"so-a", "so-b", "huyen-c"}


def build() -> World:
    made, other = factories.world().open(), factories.world().open()
    for unit in sorted(SENT):
        made.to(Stage.APPRAISING, unit)
        other.to(Stage.APPRAISING, unit)
    return made


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Two dossiers have arrived, the third has not; a second cycle of another province runs beside it."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


def codes(world: World, found: object) -> set[str]:
    """Unit codes of the world's dossiers among `found`; any other dossier fails."""
    by_pk = {dossier.pk: code for code, dossier in world.dossiers.items()}
    return {by_pk[dossier.pk] for dossier in found}  # type: ignore[attr-defined]


@pytest.mark.parametrize("people", ["officer", "coordinator", "head"])
@pytest.mark.parametrize("unit", sorted(ALL))
def test_people_of_a_unit_see_their_own_dossier_only(world: World, people: str, unit: str) -> None:
    assert codes(world, dossiers_for(getattr(world, people)[unit])) == {unit}
    assert codes(world, council_dossiers(getattr(world, people)[unit])) == set()


def test_council_sees_what_has_arrived(world: World) -> None:
    for person in (world.second_appraiser, world.secretary, world.chair):
        assert codes(world, dossiers_for(person)) == SENT
        assert codes(world, council_dossiers(person)) == SENT


def test_appraiser_of_a_unit_sees_its_dossier_as_unit_and_not_as_council(world: World) -> None:
    assert codes(world, dossiers_for(world.appraiser)) == SENT
    assert codes(world, council_dossiers(world.appraiser)) == {"so-b"}
    assert has_conflict(world.appraiser, world.dossier("so-a"))
    assert not is_council(world.appraiser, world.dossier("so-a"))
    assert is_council(world.appraiser, world.dossier("so-b"))


def test_member_moved_to_a_unit_loses_its_dossier_as_council(world: World) -> None:
    member = world.second_appraiser
    access.join(member, world.units["so-b"], Role.HEAD)
    assert codes(world, council_dossiers(member)) == {"so-a"}
    access.leave(member, world.units["so-b"], Role.HEAD)
    assert codes(world, council_dossiers(member)) == SENT


def test_chair_and_secretary_of_a_unit_lose_its_dossier(world: World) -> None:
    for person in (world.secretary, world.chair):
        access.join(person, world.units["so-a"], Role.OFFICER)
        assert codes(world, council_dossiers(person)) == {"so-b"}


@pytest.mark.parametrize("who", ["home_affairs", "province", "investigator"])
def test_watchers_read_no_contents(world: World, who: str) -> None:
    assert codes(world, dossiers_for(getattr(world, who))) == set()


def test_strangers_see_nothing(world: World) -> None:
    assert list(dossiers_for(AnonymousUser())) == []
    assert list(dossiers_for(factories.user())) == []
    assert list(dossiers_for(factories.user(is_superuser=True, is_staff=True))) == []


def test_deactivated_person_sees_nothing(world: World) -> None:
    for person in (world.head["so-a"], world.secretary):
        User.objects.filter(pk=person.pk).update(is_active=False)
        assert list(dossiers_for(User.objects.get(pk=person.pk))) == []


def test_person_of_two_units_sees_both(world: World) -> None:
    person = world.officer["so-a"]
    access.join(person, world.units["huyen-c"], Role.HEAD)
    assert codes(world, dossiers_for(person)) == {"so-a", "huyen-c"}


def test_each_dossier_stands_once_in_a_list(world: World) -> None:
    """A council member of one unit who also belongs to another gets no doubles."""
    access.join(world.appraiser, world.units["so-a"], Role.HEAD)
    assert len(list(dossiers_for(world.appraiser))) == 2


def test_dossier_that_was_never_sent_stays_hidden_from_the_council(world: World) -> None:
    dossier = world.dossier("huyen-c")
    dossier.stage = Stage.NOT_SUBMITTED
    dossier.save()
    assert codes(world, council_dossiers(world.secretary)) == SENT


def test_cycles_are_found_by_any_of_the_permissions(world: World) -> None:
    assert list(cycles_for(world.home_affairs, Perm.MONITOR)) == [world.cycle]
    assert list(cycles_for(world.home_affairs, Perm.DECIDE, Perm.PROPOSE)) == [world.cycle]
    assert list(cycles_for(world.home_affairs, Perm.DECIDE)) == []
    assert list(cycles_for(world.officer["so-a"], Perm.MONITOR)) == []
    assert Cycle.objects.count() == 2


def test_unit_sees_its_appraisal_once_the_result_was_given_to_it(world: World) -> None:
    head, secretary = world.head["so-a"], world.secretary
    assert sees_appraisal(secretary, world.dossier())
    assert not sees_appraisal(head, world.dossier())
    world.to(Stage.REVIEWING)
    assert not sees_appraisal(head, world.dossier())
    assert not sees_appraisal(world.appraiser, world.dossier())
    world.to(Stage.RESPONDING)
    for person in (head, world.officer["so-a"], world.appraiser, secretary):
        assert sees_appraisal(person, world.dossier())
    assert not sees_appraisal(world.head["so-b"], world.dossier())
    assert not sees_appraisal(world.home_affairs, world.dossier())


def test_domains_of_a_seat(world: World) -> None:
    narrow = factories.seat(world, domains=[world.domain("2")])
    assert own_domains(narrow, world.cycle) == [world.domain("2").pk]
    assert own_domains(world.secretary, world.cycle) is None
    assert own_domains(world.officer["so-a"], world.cycle) == []
    narrow.council_seats.update(active=False)
    assert own_domains(narrow, world.cycle) == []


def test_appraiser_needs_seat_domain_and_no_conflict(world: World) -> None:
    narrow = factories.seat(world, domains=[world.domain("2")])
    dossier = world.dossier()
    assert may_appraise(narrow, dossier, world.domain("2"))
    assert not may_appraise(narrow, dossier, world.domain("1"))
    assert may_appraise(world.second_appraiser, dossier, world.domain("1"))
    assert not may_appraise(world.appraiser, dossier, world.domain("1"))
    assert may_appraise(world.appraiser, world.dossier("so-b"), world.domain("1", "so-b"))
    assert not may_appraise(world.chair, dossier, world.domain("1"))
    seated_elsewhere = factories.user()
    world.cycle.council.members.create(user=seated_elsewhere, role=Role.MEMBER)
    assert not may_appraise(seated_elsewhere, dossier, world.domain("1"))


def test_a_list_of_dossiers_is_three_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Grants, memberships, dossiers."""
    person = User.objects.get(pk=world.secretary.pk)
    with django_assert_num_queries(3):
        assert len(list(dossiers_for(person))) == 2
