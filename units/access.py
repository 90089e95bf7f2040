"""Object permissions: the only caller of guardian.

A role on an object is a Django group that holds that role's permissions on that one row; people join and leave the
group. Everything a person was granted is read in one query and kept for the request, so that a page of any length
asks the database once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from guardian.models import GroupObjectPermission
from guardian.shortcuts import assign_perm

from . import clock
from .models import Membership, Unit, User
from .permissions import ROLES, Perm, Role

M = TypeVar("M", bound=models.Model)
Grants = frozenset[tuple[str, int, str]]


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


def grants(user: Any) -> Grants:
    """All (codename, content type, object pk) that `user` holds: one query, kept on the user object."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return frozenset()
    held: Grants | None = getattr(user, "_cchc_grants", None)
    if held is None:
        held = frozenset(
            GroupObjectPermission.objects.filter(group__user=user).values_list(
                "permission__codename", "content_type_id", "object_pk"
            )
        )
        user._cchc_grants = held
    return held


def forget(user: Any) -> None:
    """Drop what `grants` kept, after a change of roles."""
    if hasattr(user, "_cchc_grants"):
        del user._cchc_grants


def allowed(perm: Perm, user: Any, obj: models.Model) -> bool:
    """Whether `user` holds `perm` on exactly this row. Superusers have no shortcut here."""
    return (perm.value, _content_type(obj), str(obj.pk)) in grants(user)


def require(perm: Perm, user: Any, obj: models.Model) -> None:
    """Raise NotAllowed unless `user` holds `perm` on `obj`."""
    if not allowed(perm, user, obj):
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này."))


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
    return frozenset(Membership.objects.filter(user=user, until=None).values_list("unit_id", flat=True))
