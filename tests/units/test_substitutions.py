"""Nghỉ phép, thay mặt: exactly the absent person's rights, in exactly that unit, on exactly those local days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from tests import factories
from units import access, clock
from units.access import NotAllowed
from units.errors import InvalidInput
from units.models import Substitution, Unit, User
from units.permissions import UNIT_ROLES, Perm, Role
from units.substitutions import end, register, substitutes_today

pytestmark = pytest.mark.django_db

FIRST, LAST = dt.date(2026, 11, 23), dt.date(2026, 11, 25)


def local(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=clock.LOCAL)


class Office:
    """A unit with everybody in it, and another unit."""

    def __init__(self) -> None:
        self.unit = Unit.objects.create(code="so-tu-phap", name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)
        self.other = Unit.objects.create(code="so-noi-vu", name="Sở Nội vụ", kind=Unit.Kind.DEPARTMENT)
        self.officer, self.second, self.coordinator, self.head, self.stranger = (factories.user() for _n in range(5))
        for person, role in (
            (self.officer, Role.OFFICER),
            (self.second, Role.OFFICER),
            (self.coordinator, Role.COORDINATOR),
            (self.head, Role.HEAD),
        ):
            access.join(person, self.unit, role)
        access.join(self.stranger, self.other, Role.OFFICER)

    def register(self, **fields: Any) -> Substitution:
        given = {
            "unit": self.unit,
            "absent": self.coordinator,
            "substitute": self.officer,
            "first_day": FIRST,
            "last_day": LAST,
            "reason": "Nghỉ phép",
            "by": self.coordinator,
            **fields,
        }
        return register(**given)


@pytest.fixture
def office() -> Office:
    return Office()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def may(user: User, perm: Perm, unit: Unit) -> bool:
    return access.allowed(perm, fresh(user), unit)


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        (local(FIRST) - dt.timedelta(hours=9, microseconds=1), False),
        (local(FIRST) - dt.timedelta(hours=9), True),
        (local(LAST, 23, 59), True),
        (local(LAST + dt.timedelta(days=1), 0), False),
    ],
)
def test_right_holds_from_local_midnight_to_local_midnight(office: Office, moment: dt.datetime, holds: bool) -> None:
    with clock.at(local(FIRST - dt.timedelta(days=2))):
        office.register()
    with clock.at(moment):
        assert may(office.officer, Perm.CHECK, office.unit) is holds
        found = substitutes_today([office.unit.pk]).get((office.coordinator.pk, office.unit.pk))
        assert (found == office.officer) is holds


def test_substitute_may_what_the_absent_person_may_there_and_nothing_else(office: Office) -> None:
    access.join(office.coordinator, office.other, Role.COORDINATOR)
    with clock.at(local(FIRST)):
        office.register()
        held = {perm for perm in Perm if may(office.officer, perm, office.unit)}
        assert held == UNIT_ROLES[Role.COORDINATOR]
        assert not any(may(office.officer, perm, office.other) for perm in Perm)
        assert may(office.coordinator, Perm.CHECK, office.unit)


def test_rights_are_one_query_two_for_a_substitute_and_are_not_passed_on(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with clock.at(local(FIRST)):
        office.register()
        office.register(absent=office.officer, substitute=office.second, by=office.officer)
        for user, queries in ((office.second, 2), (office.coordinator, 1)):
            person = fresh(user)
            with django_assert_num_queries(queries):
                access.grants(person)
        assert not may(office.second, Perm.CHECK, office.unit)


def test_substitute_of_a_deactivated_person_goes_on(office: Office) -> None:
    User.objects.filter(pk=office.coordinator.pk).update(is_active=False)
    with clock.at(local(FIRST)):
        office.register(absent=fresh(office.coordinator), by=office.head)
        assert may(office.officer, Perm.CHECK, office.unit)
        assert not may(office.coordinator, Perm.CHECK, office.unit)


def test_substitute_who_leaves_the_unit_has_nothing(office: Office) -> None:
    with clock.at(local(FIRST)):
        office.register()
        access.leave(office.officer, office.unit, Role.OFFICER)
        assert not may(office.officer, Perm.VIEW_DOSSIER, office.unit)


def test_acting_for_names_the_absent_person_only_where_the_right_is_theirs(office: Office) -> None:
    with clock.at(local(FIRST)):
        office.register()
        user = fresh(office.officer)
        assert access.acting_for(Perm.CHECK, user, office.unit) == office.coordinator
        assert access.acting_for(Perm.SCORE, user, office.unit) is None
        assert access.acting_for(Perm.SCORE, user, office.unit, of=office.coordinator) == office.coordinator
        assert access.acting_for(Perm.SCORE, user, office.unit, of=office.second) is None


def test_who_may_record_an_absence(office: Office) -> None:
    with clock.at(local(FIRST)):
        office.register(absent=office.officer, substitute=office.second, by=office.coordinator)
        office.register(absent=office.coordinator, substitute=office.second, by=office.head)
        office.register(absent=office.head, substitute=office.second, by=office.head)
        for absent, by in (
            (office.head, office.coordinator),
            (office.second, office.officer),
            (office.second, office.stranger),
            (office.stranger, office.coordinator),
        ):
            with pytest.raises(NotAllowed):
                office.register(absent=absent, substitute=office.officer, by=by)
    assert Substitution.objects.count() == 3


def test_substitute_lends_nothing_further(office: Office) -> None:
    """The right to record absences is the coordinator's own, not the substitute's."""
    with clock.at(local(FIRST)):
        office.register()
        with pytest.raises(NotAllowed):
            office.register(absent=office.second, substitute=office.officer, by=fresh(office.officer))


def test_what_is_wrong_is_named_by_field(office: Office) -> None:
    with clock.at(local(FIRST)):
        for fields, name in (
            ({"substitute": office.stranger}, "substitute"),
            ({"substitute": office.coordinator}, "substitute"),
            ({"last_day": FIRST - dt.timedelta(days=1)}, "last_day"),
            ({"first_day": dt.date(2026, 11, 1), "last_day": dt.date(2026, 11, 2)}, "last_day"),
            ({"reason": " "}, "reason"),
        ):
            with pytest.raises(InvalidInput) as caught:
                office.register(**fields)
            assert list(caught.value.errors) == [name]
        office.register()
        with pytest.raises(InvalidInput, match="đã thay mặt từ 23/11/2026 đến 25/11/2026"):
            office.register(substitute=office.second, first_day=LAST, last_day=LAST)
        with pytest.raises(InvalidInput, match="cũng vắng mặt"):
            office.register(absent=office.second, substitute=office.coordinator, by=office.second)


def test_ending_early_takes_the_right_away_at_once(office: Office) -> None:
    with clock.at(local(FIRST)):
        row = office.register()
        with pytest.raises(NotAllowed):
            end(row, by=office.second)
        end(row, by=office.officer)
        assert not may(office.officer, Perm.CHECK, office.unit)
        with pytest.raises(InvalidInput, match="đã kết thúc"):
            end(row, by=office.officer)


# the screen


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_screen_records_an_absence_and_ends_it(office: Office) -> None:
    client = signed_in(office.coordinator)
    with clock.at(local(FIRST)):
        answer = client.post(
            reverse("substitutions"),
            {
                "absent": f"{office.unit.pk}:{office.coordinator.pk}",
                "substitute": office.officer.pk,
                "first_day": "2026-11-23",
                "last_day": "2026-11-25",
                "reason": "Đi công tác",
            },
        )
        assert answer.status_code == 302
        row = Substitution.objects.get()
        assert (row.made_by, row.last_day, row.reason) == (office.coordinator, LAST, "Đi công tác")
        client.post(reverse("substitution-end", args=[row.pk]))
        row.refresh_from_db()
        assert row.ended_by == office.coordinator
        assert signed_in(office.stranger).post(reverse("substitution-end", args=[row.pk])).status_code == 404


def test_screen_keeps_what_was_typed(office: Office) -> None:
    client = signed_in(office.officer)
    with clock.at(local(FIRST)):
        answer = client.post(
            reverse("substitutions"),
            {
                "absent": f"{office.unit.pk}:{office.officer.pk}",
                "substitute": office.second.pk,
                "first_day": "2026-11-25",
                "last_day": "2026-11-23",
                "reason": "Nghỉ ốm",
            },
        )
    assert answer.status_code == 422
    assert "Ngày cuối phải từ ngày đầu trở đi." in answer.content.decode()
    assert "Nghỉ ốm" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_screen_costs_the_same_for_any_number_of_rows(
    office: Office, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(office.coordinator)
    with clock.at(local(FIRST)):
        for number in range(count):
            day = FIRST + dt.timedelta(days=number)
            office.register(first_day=day, last_day=day)
        client.get(reverse("substitutions"))
        with django_assert_num_queries(12):
            client.get(reverse("substitutions"))
