"""Nghỉ phép, thay mặt: who takes whose place in a unit, on which local days.

The right itself is given by `units.access`, for exactly these days; here a substitution is made, ended and listed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import Signal
from django.utils.translation import gettext as _

from . import clock
from .access import NotAllowed, substitutions_now
from .errors import InvalidInput
from .models import Membership, Substitution, Unit, User
from .permissions import Role

# Sent with `substitution`, in the transaction that recorded it or ended it early (`ended_by` says which).
substitution_changed = Signal()


class State(StrEnum):
    """How a substitution stands today."""

    COMING = "coming"
    RUNNING = "running"
    OVER = "over"
    ENDED = "ended"


def state_of(row: Substitution) -> State:
    """Ended early, over, running or still to come, by the local day of today."""
    today = clock.today()
    if row.ended_at is not None:
        return State.ENDED
    if row.last_day < today:
        return State.OVER
    return State.RUNNING if row.first_day <= today else State.COMING


def substitutions_for(user: User) -> QuerySet[Substitution]:
    """The substitutions of the units that `user` works in: colleagues know who takes whose place."""
    return Substitution.objects.filter(unit__in=_memberships(user).values("unit"))


def _memberships(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, until=None)


def _roles(user: User, unit: Unit) -> set[str]:
    return set(_memberships(user).filter(unit=unit).values_list("role", flat=True))


def may_register(roles: set[str], other: set[str], *, oneself: bool) -> bool:
    """Whether somebody with `roles` in a unit records the absence of somebody with the roles `other` there.

    Everybody records their own; the coordinator and the head that of officers and coordinators. Nobody lends the
    head's right to approve, or the province's own roles, to anybody but their holder.
    """
    if oneself:
        return bool(other)
    lower = {Role.OFFICER.value, Role.COORDINATOR.value}
    return bool(other) and other <= lower and bool(roles & {Role.COORDINATOR.value, Role.HEAD.value})


def absences_open_to(user: User) -> list[tuple[Unit, User]]:
    """Every (unit, person) whose absence `user` may record, by name; three queries."""
    own: dict[int, set[str]] = {}
    for row in _memberships(user):
        own.setdefault(row.unit_id, set()).add(row.role)
    people: dict[tuple[int, int], tuple[Unit, User, set[str]]] = {}
    for row in colleagues(user):
        people.setdefault((row.unit_id, row.user_id), (row.unit, row.user, set()))[2].add(row.role)
    found = [
        (unit, person)
        for unit, person, roles in people.values()
        if may_register(own[unit.pk], roles, oneself=person == user)
    ]
    return sorted(found, key=lambda pair: (pair[1] != user, str(pair[0]), str(pair[1])))


def colleagues(user: User) -> QuerySet[Membership]:
    """The present memberships in the units of `user`, the deactivated included."""
    return (
        Membership.objects.filter(until=None, unit__in=_memberships(user).values("unit"))
        .select_related("user", "unit")
        .order_by("user__full_name", "pk")
    )


@transaction.atomic
def register(
    *,
    unit: Unit,
    absent: User,
    substitute: User,
    first_day: dt.date,
    last_day: dt.date,
    reason: str,
    by: User,
) -> Substitution:
    """Let `substitute` take the place of `absent` in `unit` from `first_day` to `last_day`, both whole local days.

    Raises NotAllowed, and InvalidInput with a message for each wrong field.
    """
    unit = Unit.objects.select_for_update(of=("self",), no_key=True).get(pk=unit.pk)
    if not by.is_active or not may_register(_roles(by, unit), _roles(absent, unit), oneself=by == absent):
        raise NotAllowed(_("Bạn không lập được việc thay mặt cho người này."))
    errors: dict[str, str] = {}
    if substitute == absent:
        errors["substitute"] = _("Người thay mặt phải là người khác.")
    elif not substitute.is_active or not _roles(substitute, unit):
        errors["substitute"] = _("%(who)s không thuộc đơn vị. Hãy chọn người trong đơn vị.") % {"who": substitute}
    if last_day < first_day:
        errors["last_day"] = _("Ngày cuối phải từ ngày đầu trở đi.")
    elif last_day < clock.today():
        errors["last_day"] = _("Ngày cuối đã qua. Hãy chọn từ hôm nay trở đi.")
    if not reason.strip():
        errors["reason"] = _("Hãy ghi lý do, ví dụ: nghỉ phép, đi công tác.")
    if not errors:
        errors = _overlaps(unit, absent, substitute, first_day, last_day)
    if errors:
        raise InvalidInput(errors)
    row = Substitution.objects.create(
        unit=unit,
        absent=absent,
        substitute=substitute,
        first_day=first_day,
        last_day=last_day,
        reason=reason.strip(),
        made_by=by,
        made_at=clock.now(),
    )
    substitution_changed.send(sender=Substitution, substitution=row)
    return row


def _overlaps(unit: Unit, absent: User, substitute: User, first: dt.date, last: dt.date) -> dict[str, str]:
    """One substitute at a time, who is not away on the same days."""
    at_once = Substitution.objects.filter(unit=unit, ended_at=None, first_day__lte=last, last_day__gte=first)
    other = at_once.filter(absent=absent).select_related("substitute").first()
    if other is not None:
        return {
            "first_day": _("%(who)s đã thay mặt từ %(first)s đến %(last)s. Hãy kết thúc việc đó hoặc chọn ngày khác.")
            % {"who": other.substitute, "first": f"{other.first_day:%d/%m/%Y}", "last": f"{other.last_day:%d/%m/%Y}"}
        }
    if at_once.filter(absent=substitute).exists():
        return {
            "substitute": _("%(who)s cũng vắng mặt trong những ngày này. Hãy chọn người khác.") % {"who": substitute}
        }
    return {}


def may_end(row: Substitution, user: User) -> bool:
    """The absent person, the substitute, whoever recorded it, and whoever could have."""
    if user.pk in (row.absent_id, row.substitute_id, row.made_by_id):
        return True
    return may_register(_roles(user, row.unit), _roles(row.absent, row.unit), oneself=False)


@transaction.atomic
def end(row: Substitution, *, by: User) -> None:
    """End a substitution now, before its last day. Raises NotAllowed, and InvalidInput where it is over."""
    row = (
        Substitution.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit", "absent", "substitute")
        .get(pk=row.pk)
    )
    if not may_end(row, by):
        raise NotAllowed(_("Bạn không kết thúc được việc thay mặt này."))
    if state_of(row) in (State.ENDED, State.OVER):
        raise InvalidInput({"": _("Việc thay mặt này đã kết thúc.")})
    row.ended_at, row.ended_by = clock.now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    substitution_changed.send(sender=Substitution, substitution=row)


def substitutes_today(units: Collection[int]) -> dict[tuple[int, int], User]:
    """Who takes whose place today in `units`, by (absent person, unit); one query."""
    rows = substitutions_now().filter(unit__in=units).select_related("substitute")
    return {(row.absent_id, row.unit_id): row.substitute for row in rows}
