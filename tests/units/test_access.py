"""Object permissions: a role counts on exactly one row, for active people, and is read once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from guardian.models import GroupObjectPermission
from pytest_django import DjangoAssertNumQueries

from assessments.models import Cycle
from tests import factories
from units import access, clock
from units.access import NotAllowed
from units.models import Membership, Unit, User
from units.permissions import CYCLE_PERMS, CYCLE_ROLES, ROLES, UNIT_PERMS, UNIT_ROLES, Perm, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(code="so-tu-phap", name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)


@pytest.fixture
def other() -> Unit:
    return Unit.objects.create(code="so-noi-vu", name="Sở Nội vụ", kind=Unit.Kind.DEPARTMENT)


@pytest.fixture
def person() -> User:
    return factories.user()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_who_may_do_what() -> None:
    """The whole table, so that a change of a role is a change of this test."""
    assert {role.value: sorted(perms) for role, perms in ROLES.items()} == {
        "officer": ["score", "view_dossier"],
        "coordinator": [
            "assign_criteria",
            "check_dossier",
            "report_progress",
            "score",
            "submit_dossier",
            "view_dossier",
        ],
        "head": ["approve_dossier", "view_dossier"],
        "criteria": ["manage_criteria", "manage_plans"],
        "member": ["appraise"],
        "helper": ["appraise"],
        "secretary": ["appraise", "conclude", "manage_council", "monitor_cycle", "view_results"],
        "deputy": ["chair_council", "monitor_cycle", "view_results"],
        "chair": ["chair_council", "monitor_cycle", "view_results"],
        "home_affairs": [
            "import_survey",
            "manage_council",
            "manage_cycle",
            "monitor_cycle",
            "propose_result",
            "publish_result",
            "view_results",
        ],
        "province": ["decide_result", "monitor_cycle", "view_results"],
        "investigator": ["collect_survey"],
    }
    assert set(ROLES) == set(Role)


def test_a_permission_belongs_to_units_or_to_cycles() -> None:
    assert set() == UNIT_PERMS & CYCLE_PERMS
    assert set() == UNIT_ROLES.keys() & CYCLE_ROLES.keys()


def test_nobody_both_proposes_and_decides() -> None:
    assert [role for role, perms in ROLES.items() if {Perm.PROPOSE, Perm.DECIDE} <= perms] == []


@pytest.mark.parametrize("role", UNIT_ROLES)
def test_role_counts_on_its_own_row_only(unit: Unit, other: Unit, person: User, role: Role) -> None:
    access.grant(role, person, unit)
    assert {perm for perm in Perm if access.allowed(perm, person, unit)} == ROLES[role]
    assert [perm for perm in Perm if access.allowed(perm, person, other)] == []


def test_row_of_another_table_with_the_same_key_does_not_count(unit: Unit, person: User) -> None:
    access.grant(Role.OFFICER, person, unit)
    assert not access.allowed(Perm.VIEW_DOSSIER, person, Cycle(pk=unit.pk))
    assert access.object_ids(Perm.VIEW_DOSSIER, person, Cycle) == []


def test_require_raises_with_a_vietnamese_message(unit: Unit, person: User) -> None:
    with pytest.raises(NotAllowed, match="Bạn không có quyền thực hiện việc này") as caught:
        access.require(Perm.SCORE, person, unit)
    assert isinstance(caught.value, PermissionDenied)
    access.grant(Role.OFFICER, person, unit)
    access.require(Perm.SCORE, person, unit)


def test_role_group_carries_the_roles_permissions(unit: Unit) -> None:
    group = access.role_group(Role.COORDINATOR, unit)
    assert group.name == f"unit:{unit.pk}:coordinator"
    assert access.role_group(Role.COORDINATOR, unit) == group
    codes = GroupObjectPermission.objects.filter(group=group).values_list("permission__codename", "object_pk")
    assert sorted(codes) == [(perm.value, str(unit.pk)) for perm in sorted(ROLES[Role.COORDINATOR])]


def test_half_made_group_is_not_kept(unit: Unit, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be found by name for ever after, and carry nothing."""

    def fail(*args: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(access, "assign_perm", fail)
        with pytest.raises(RuntimeError):
            access.grant(Role.HEAD, person, unit)
    assert Group.objects.count() == 0
    access.grant(Role.HEAD, person, unit)
    assert access.allowed(Perm.APPROVE, person, unit)


def test_revoked_role_is_gone_at_once(unit: Unit, person: User) -> None:
    access.grant(Role.OFFICER, person, unit)
    access.grant(Role.HEAD, person, unit)
    access.revoke(Role.OFFICER, person, unit)
    assert not access.allowed(Perm.SCORE, person, unit)
    assert access.allowed(Perm.APPROVE, person, unit)
    access.revoke(Role.OFFICER, person, unit)


def test_superuser_has_no_shortcut(unit: Unit) -> None:
    root = factories.user(is_superuser=True, is_staff=True)
    assert access.grants(root) == frozenset()
    with pytest.raises(NotAllowed):
        access.require(Perm.VIEW_DOSSIER, root, unit)


def test_anonymous_and_deactivated_people_hold_nothing(unit: Unit, person: User) -> None:
    access.grant(Role.OFFICER, person, unit)
    person.is_active = False
    person.save()
    for user in (fresh(person), AnonymousUser()):
        assert access.grants(user) == frozenset()
        assert not access.allowed(Perm.SCORE, user, unit)
    assert access.unit_ids(AnonymousUser()) == frozenset()


def test_grants_are_read_once(
    unit: Unit, other: Unit, person: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    access.grant(Role.OFFICER, person, unit)
    access.grant(Role.HEAD, person, other)
    user = fresh(person)
    with django_assert_num_queries(1):
        assert access.allowed(Perm.SCORE, user, unit)
        assert access.allowed(Perm.APPROVE, user, other)
        assert not access.allowed(Perm.APPROVE, user, unit)
        assert access.object_ids(Perm.VIEW_DOSSIER, user, Unit) == sorted([unit.pk, other.pk])
    access.forget(user)
    with django_assert_num_queries(1):
        access.grants(user)


def test_objects_with_a_permission(unit: Unit, other: Unit, person: User) -> None:
    access.grant(Role.OFFICER, person, unit)
    assert list(access.objects_with(Perm.SCORE, person, Unit.objects.all())) == [unit]
    assert list(access.objects_with(Perm.SCORE, person, Unit.objects.exclude(pk=unit.pk))) == []
    assert list(access.objects_with(Perm.APPROVE, person, Unit.objects.all())) == []


# membership


def test_join_gives_role_and_membership_from_now_on(unit: Unit, person: User) -> None:
    with clock.at(factories.WORKDAY):
        membership = access.join(person, unit, Role.OFFICER)
    assert (membership.since, membership.until) == (factories.WORKDAY, None)
    assert access.allowed(Perm.SCORE, person, unit)
    assert access.unit_ids(person) == {unit.pk}


def test_join_twice_changes_nothing(unit: Unit, person: User) -> None:
    with clock.at(factories.WORKDAY):
        first = access.join(person, unit, Role.OFFICER)
    with clock.at(factories.WORKDAY + dt.timedelta(days=1)):
        assert access.join(person, unit, Role.OFFICER) == first
    assert Membership.objects.get().since == factories.WORKDAY


def test_leave_ends_the_membership_and_keeps_it_on_record(unit: Unit, person: User) -> None:
    with clock.at(factories.WORKDAY):
        access.join(person, unit, Role.OFFICER)
        access.join(person, unit, Role.HEAD)
    later = factories.WORKDAY + dt.timedelta(days=30)
    with clock.at(later):
        access.leave(person, unit, Role.OFFICER)
    ended = Membership.objects.get(role=Role.OFFICER)
    assert (ended.since, ended.until) == (factories.WORKDAY, later)
    assert not access.allowed(Perm.SCORE, person, unit)
    assert access.allowed(Perm.APPROVE, person, unit)
    assert access.unit_ids(person) == {unit.pk}
    access.leave(person, unit, Role.HEAD)
    assert access.unit_ids(person) == frozenset()


def test_joining_again_is_a_new_membership(unit: Unit, person: User) -> None:
    for _ in range(2):
        access.join(person, unit, Role.OFFICER)
        access.leave(person, unit, Role.OFFICER)
    access.join(person, unit, Role.OFFICER)
    assert Membership.objects.filter(user=person).count() == 3
    assert Membership.objects.filter(user=person, until=None).count() == 1


def test_criteria_sets_are_kept_in_the_province_only(unit: Unit, person: User) -> None:
    with pytest.raises(ValueError, match="province's own unit"):
        access.join(person, unit, Role.CRITERIA)
    province = Unit.objects.create(code="tinh", name="Tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)
    access.join(person, province, Role.CRITERIA)
    assert access.allowed(Perm.MANAGE_CRITERIA, person, province)


# who holds it


def test_holders_are_active_and_named_once_in_order(unit: Unit, other: Unit) -> None:
    binh = factories.user(full_name="Bình")
    an = factories.user(full_name="An")
    gone = factories.user(full_name="Cúc", is_active=False)
    elsewhere = factories.user(full_name="Dung")
    for user in (binh, an, gone):
        access.join(user, unit, Role.OFFICER)
    access.join(an, unit, Role.COORDINATOR)
    access.join(elsewhere, other, Role.OFFICER)
    assert list(access.holders(Perm.SCORE, unit)) == [an, binh]
    assert list(access.holders(Perm.SUBMIT, unit)) == [an]
    assert list(access.holders(Perm.APPROVE, unit)) == []


def test_members_hold_one_of_the_roles(unit: Unit, person: User) -> None:
    head = factories.user()
    access.join(person, unit, Role.OFFICER)
    access.join(person, unit, Role.COORDINATOR)
    access.join(head, unit, Role.HEAD)
    assert list(access.members(unit, [Role.OFFICER, Role.COORDINATOR])) == [person]
    assert set(access.members(unit, [Role.OFFICER, Role.HEAD])) == {person, head}
    assert list(access.members(unit, [])) == []


def test_person_is_never_deleted(person: User) -> None:
    with pytest.raises(ProtectedError):
        person.delete()
    assert User.objects.filter(pk=person.pk).exists()


def test_role_that_was_handed_out_follows_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = factories.world().units["so-a"]
    person = factories.user()
    access.join(person, unit, Role.OFFICER)
    assert access.renew_roles() == 0
    later = {**ROLES, Role.OFFICER: frozenset({Perm.VIEW_DOSSIER, Perm.SUBMIT})}
    monkeypatch.setattr(access, "ROLES", later)
    # three units have officers; each loses SCORE and gains SUBMIT
    assert access.renew_roles() == 6
    access.forget(person)
    assert access.allowed(Perm.SUBMIT, person, unit)
    assert not access.allowed(Perm.SCORE, person, unit)
    assert access.renew_roles() == 0
