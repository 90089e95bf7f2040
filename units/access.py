"""Object permissions: the only caller of guardian.

A role on an object is a Django group that holds that role's permissions on that one row; people join and leave the
group. Everything a person was granted is read in one query and kept for the request, so that a page of any length
asks the database once. On the days of a substitution that includes what the absent person may do in that one unit;
whoever acts by such a right does so on the other's behalf.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import BigAutoField, CharField, DateField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from guardian.models import GroupObjectPermission
from guardian.shortcuts import assign_perm

from . import clock
from .models import Membership, Substitution, Unit, User
from .permissions import ROLES, Perm, Role
from .statements import Given

M = TypeVar("M", bound=models.Model)
Grant = tuple[str, int, str]
ROLE_TABLE = GroupObjectPermission._meta.db_table
Grants = frozenset[Grant]


class NotAllowed(PermissionDenied):
    """The person may not do this on this object; the message says it in Vietnamese."""


def _content_type(obj: models.Model | type[models.Model]) -> int:
    return ContentType.objects.get_for_model(obj).pk


def group_name(role: Role, obj: models.Model) -> str:
    """Name of the Django group that carries `role` on `obj`."""
    return f"{obj._meta.model_name}:{obj.pk}:{role.value}"


@transaction.atomic
def role_group(role: Role, obj: models.Model) -> Group:
    """The group of `role` on `obj`, made with its permissions when it is first asked for."""
    group, created = Group.objects.get_or_create(name=group_name(role, obj))
    if created:
        for perm in sorted(ROLES[role]):
            assign_perm(f"{obj._meta.app_label}.{perm.value}", group, obj)
    return group


@transaction.atomic
def renew_roles() -> int:
    """Give every role that was handed out what ROLES says now, and take what it no longer says.

    Runs after each migration, so that a new version reaches the people of an installation. Returns how many
    permissions changed.
    """
    groups = {group.pk: group.name.split(":") for group in Group.objects.filter(name__regex=r"^\w+:\d+:\w+$")}
    if not groups:
        return 0
    held: dict[int, dict[str, int]] = {}
    places: dict[int, tuple[int, str]] = {}
    rows = GroupObjectPermission.objects.filter(group__in=groups).values_list(
        "pk", "group_id", "permission__codename", "content_type_id", "object_pk"
    )
    for pk, group, code, content_type, object_pk in rows:
        held.setdefault(group, {})[code] = pk
        places[group] = (content_type, object_pk)
    known = {(row.content_type_id, row.codename): row.pk for row in Permission.objects.all()}
    gone: list[int] = []
    new: list[GroupObjectPermission] = []
    for group, (content_type, object_pk) in places.items():
        role = groups[group][2]
        wanted = {perm.value for perm in ROLES[Role(role)]} if role in Role.values else set()
        gone += [pk for code, pk in held[group].items() if code not in wanted]
        new += [
            GroupObjectPermission(
                group_id=group,
                permission_id=known[content_type, code],
                content_type_id=content_type,
                object_pk=object_pk,
            )
            for code in sorted(wanted - set(held[group]))
        ]
    GroupObjectPermission.objects.filter(pk__in=gone).delete()
    GroupObjectPermission.objects.bulk_create(new)
    return len(gone) + len(new)


def grant(role: Role, user: User, obj: models.Model) -> None:
    """Let `user` act as `role` on `obj`."""
    user.groups.add(role_group(role, obj))
    forget(user)


def revoke(role: Role, user: User, obj: models.Model) -> None:
    """Take `role` on `obj` from `user`; nothing happens when the role was not held."""
    user.groups.remove(*Group.objects.filter(name=group_name(role, obj)))
    forget(user)


@transaction.atomic
def join(user: User, unit: Unit, role: Role) -> Membership:
    """Give `user` a role in `unit` from now on; a second call changes nothing.

    Raises ValueError where the criteria sets of a province would be given to a unit that is assessed by them.
    """
    if role == Role.CRITERIA and unit.kind != Unit.Kind.PROVINCE:
        raise ValueError("criteria sets are kept on the province's own unit")
    membership, _created = Membership.objects.get_or_create(
        user=user, unit=unit, role=role.value, until=None, defaults={"since": clock.now()}
    )
    grant(role, user, unit)
    return membership


@transaction.atomic
def leave(user: User, unit: Unit, role: Role) -> None:
    """End `user`'s role in `unit` now."""
    Membership.objects.filter(user=user, unit=unit, role=role.value, until=None).update(until=clock.now())
    revoke(role, user, unit)


@dataclass(frozen=True)
class _Held:
    """What a person may do: by themselves, and in whose place."""

    own: Grants
    lent: dict[Grant, tuple[int, ...]] = field(default_factory=dict)
    people: dict[int, User] = field(default_factory=dict)
    everything: Grants = frozenset()


@dataclass
class _Acts:
    """By which right a person acted last on a row, and for whom; `alone` where it is known that they replace nobody."""

    last: dict[tuple[int, Any], tuple[Perm, User | None]] = field(default_factory=dict)
    alone: bool = False


def _acts(user: Any) -> _Acts:
    acts: _Acts | None = getattr(user, "_cchc_acts", None)
    if acts is None:
        acts = user._cchc_acts = _Acts()
    return acts


def _held(user: Any) -> _Held:
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return _Held(frozenset())
    held: _Held | None = getattr(user, "_cchc_grants", None)
    if held is None:
        rights: set[Grant] = set()
        absences: set[tuple[int, str]] = set()
        for code, content_type, pk, absent in _own(user).union(_absences(user), all=True):
            if absent:
                absences.add((absent, pk))
            else:
                rights.add((code, content_type, pk))
        lent = _lent(absences) if absences else {}
        held = _Held(own=frozenset(rights), lent=lent, everything=frozenset(rights | lent.keys()))
        user._cchc_grants = held
    return held


def substitutions_now() -> QuerySet[Substitution]:
    """Substitutions that hold today, whose substitute still belongs to the unit.

    The absent person may be deactivated: the right is that of their role.
    """
    return substitutions_on(clock.today())


def substitutions_on(today: dt.date | Given) -> QuerySet[Substitution]:
    """The same for any local date."""
    return Substitution.objects.filter(
        Q(substitute__memberships__unit=F("unit"), substitute__memberships__until=None),
        first_day__lte=today,
        last_day__gte=today,
        ended_at=None,
        substitute__is_active=True,
    )


def _own(user: User) -> QuerySet[GroupObjectPermission, Any]:
    """What `user` may do by their own roles; few tables, since planning a wide join takes longer than running it."""
    seats = User.groups.through.objects.filter(user=user).values("group_id")
    return GroupObjectPermission.objects.filter(group_id__in=seats).values_list(
        "permission__codename", "content_type_id", "object_pk", Value(0, output_field=IntegerField())
    )


def _absences(user: User) -> QuerySet[Substitution, Any]:
    """Whose place `user` takes today and in which unit, in the columns of `_own`."""
    nothing = Value("", output_field=CharField()), Value(0, output_field=IntegerField())
    return (
        substitutions_now()
        .filter(substitute=user)
        .order_by()
        .values_list(*nothing, Cast("unit_id", CharField()), "absent_id")
    )


def _lent(absences: Collection[tuple[int, str]]) -> dict[Grant, tuple[int, ...]]:
    """Rights of the absent on the unit of the substitution, and on nothing else, with whose they are."""
    content_type = _content_type(Unit)
    right = "group__groupobjectpermission"
    rows = User.groups.through.objects.filter(
        **{
            "user__in": {absent for absent, _unit in absences},
            f"{right}__content_type": content_type,
            f"{right}__object_pk__in": {unit for _absent, unit in absences},
        }
    ).values_list("user_id", f"{right}__object_pk", f"{right}__permission__codename")
    lent: dict[Grant, set[int]] = {}
    for absent, unit, code in rows:
        if (absent, unit) in absences:
            lent.setdefault((code, content_type, unit), set()).add(absent)
    return {grant: tuple(sorted(people)) for grant, people in lent.items()}


def grants(user: Any) -> Grants:
    """All (codename, content type, object pk) that `user` may use now: one query, kept on the user object."""
    return _held(user).everything


def stands_in_for(user: Any) -> frozenset[tuple[int, int]]:
    """(absent person, unit) of the people whose place `user` takes today."""
    if _acts(user).alone:
        return frozenset()
    return frozenset((absent, int(pk)) for (_code, _ct, pk), people in _held(user).lent.items() for absent in people)


def acting_for(perm: Perm, user: Any, obj: models.Model, *, of: User | None = None) -> User | None:
    """On whose behalf `user` would act by `perm` on `obj`; None where it is their own right and task.

    `of` is the person whose task it is, where it is somebody's.
    """
    held = _held(user)
    right = (perm.value, _content_type(obj), str(obj.pk))
    people = held.lent.get(right, ())
    if of is not None and of.pk != user.pk and of.pk in people:
        return of
    if right in held.own or not people:
        return None
    if not held.people:
        held.people.update(User.objects.in_bulk({pk for absent in held.lent.values() for pk in absent}))
    return held.people[people[0]]


def last_act(user: Any, obj: models.Model) -> tuple[Perm | None, User | None]:
    """By which permission `user` acts on `obj` and on whose behalf, as `require` found it last; the ledger asks."""
    return _acts(user).last.get((_content_type(obj), obj.pk), (None, None))


def forget(user: Any) -> None:
    """Drop what was kept on the user object, after a change of roles."""
    for kept in ("_cchc_grants", "_cchc_acts", "_cchc_units"):
        if hasattr(user, kept):
            delattr(user, kept)


def allowed(perm: Perm, user: Any, obj: models.Model) -> bool:
    """Whether `user` holds `perm` on exactly this row. Superusers have no shortcut here."""
    return (perm.value, _content_type(obj), str(obj.pk)) in grants(user)


def require(perm: Perm, user: Any, obj: models.Model, *, of: User | None = None) -> None:
    """Raise NotAllowed unless `user` holds `perm` on `obj`, and keep on whose behalf they act (see `acting_for`)."""
    if not allowed(perm, user, obj):
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."))
    _acts(user).last[_content_type(obj), obj.pk] = (perm, acting_for(perm, user, obj, of=of))


def checks(perm: Perm, unit: str) -> dict[str, Exists]:
    """Annotations for rows with a unit at the path `unit`, for `require_checked`, in a `Statement`.

    Whoever reads a row to write it asks in the same statement whether the person may, instead of reading all that the
    person may do. The statement is given what `checked` says.
    """
    user = Given("user", BigAutoField())
    own = GroupObjectPermission.objects.filter(
        group_id__in=User.groups.through.objects.filter(user=user).values("group_id"),
        permission__codename=perm.value,
        content_type_id=Given("unit_type", IntegerField()),
        object_pk=Cast(OuterRef(unit), CharField()),
    )
    standing_in = substitutions_on(Given("today", DateField())).filter(substitute=user)
    return {"holds_right": Exists(own), "stands_in": Exists(standing_in)}


def checked(user: User) -> dict[str, Any]:
    """What a statement with `checks` is given."""
    return {"user": user.pk, "unit_type": _content_type(Unit), "today": clock.today()}


def require_checked(perm: Perm, user: User, unit: Unit, row: Any) -> None:
    """`require` on the unit of a row that was read with `checks`; asks again only where somebody's place is taken."""
    if row.holds_right and not row.stands_in and user.is_active:
        acts = _acts(user)
        acts.alone = True
        acts.last[_content_type(unit), unit.pk] = (perm, None)
    else:
        require(perm, user, unit)


def object_ids(perm: Perm, user: Any, model: type[models.Model]) -> list[int]:
    """Primary keys of the rows of `model` on which `user` holds `perm`."""
    content_type = _content_type(model)
    return sorted(int(pk) for code, ct, pk in grants(user) if code == perm.value and ct == content_type)


def objects_with(perm: Perm, user: Any, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows of `queryset` on which `user` holds `perm`."""
    return queryset.filter(pk__in=object_ids(perm, user, queryset.model))


def holders(perm: Perm, obj: models.Model) -> QuerySet[User]:
    """Active people who hold `perm` on `obj`, without duplicates, by name."""
    groups = GroupObjectPermission.objects.filter(
        permission__codename=perm.value, content_type_id=_content_type(obj), object_pk=str(obj.pk)
    ).values("group_id")
    return User.objects.filter(is_active=True, groups__in=groups).distinct().order_by("full_name", "pk")


def holders_by(
    perms: Iterable[Perm], model: type[models.Model], pks: Collection[int]
) -> dict[tuple[str, int], list[User]]:
    """The same for many rows of `model` and several permissions: active people by (permission, row), two queries."""
    if not pks:
        return {}
    rows = list(
        GroupObjectPermission.objects.filter(
            permission__codename__in=[perm.value for perm in perms],
            content_type_id=_content_type(model),
            object_pk__in=[str(pk) for pk in pks],
        ).values_list("permission__codename", "object_pk", "group_id")
    )
    people: dict[int, list[User]] = {}
    seats = User.groups.through.objects.filter(group_id__in={group for _perm, _pk, group in rows}, user__is_active=True)
    for seat in seats.select_related("user").order_by("user__full_name", "user_id"):
        people.setdefault(seat.group_id, []).append(seat.user)
    found: dict[tuple[str, int], dict[int, User]] = {}
    for perm, pk, group in rows:
        own = found.setdefault((perm, int(pk)), {})
        own.update({user.pk: user for user in people.get(group, [])})
    return {key: sorted(own.values(), key=lambda user: (user.full_name, user.pk)) for key, own in found.items()}


def members(obj: models.Model, roles: Iterable[Role]) -> QuerySet[User]:
    """Active people who hold one of `roles` on `obj`."""
    names = [group_name(role, obj) for role in roles]
    return User.objects.filter(is_active=True, groups__name__in=names).distinct().order_by("full_name", "pk")


def unit_ids(user: Any) -> frozenset[int]:
    """Units that `user` belongs to now, whatever the role: nobody appraises one of these."""
    if not getattr(user, "is_authenticated", False):
        return frozenset()
    kept: frozenset[int] | None = getattr(user, "_cchc_units", None)
    if kept is None:
        found = Membership.objects.filter(user=user, until=None).values_list("unit_id", flat=True)
        kept = user._cchc_units = frozenset(found)
    return kept
