"""Which criteria sets and consultations a person sees. One queryset for lists, pages, exports and counters.

Whoever keeps the criteria of a province sees everything. A frozen set that a cycle uses is the law of that cycle:
everybody signed in may read it. A draft is read by the units that are asked about it, while they are asked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from units import access, clock
from units.models import Unit
from units.permissions import Perm

from .consultation import Comment, Consultation
from .models import CriteriaSet

COMMENT_PERMS = (Perm.CHECK, Perm.SUBMIT)


def manages(user: Any) -> bool:
    """Whether `user` keeps the criteria of a province."""
    return bool(access.object_ids(Perm.MANAGE_CRITERIA, user, Unit))


def require_manager(user: Any) -> None:
    """Raise NotAllowed unless `user` keeps the criteria of a province."""
    if not manages(user):
        raise access.NotAllowed(_("Chỉ người quản lý bộ chỉ số của tỉnh được làm việc này."))


def _open_at(now: dt.datetime) -> Q:
    """Consultations whose window holds `now`."""
    today = now.astimezone(clock.LOCAL).date()
    draft = Q(criteria_set__status=CriteriaSet.Status.DRAFT)
    return draft & Q(opens_on__lte=today, closes_on__gte=today) & (Q(closed_at=None) | Q(closed_at__gt=now))


def _invited(user: Any) -> QuerySet[Consultation]:
    """Consultations, begun or over, that ask a unit of which `user` reads the dossier."""
    units = access.object_ids(Perm.VIEW_DOSSIER, user, Unit)
    groups = Unit.objects.filter(pk__in=units, active=True).values("group_id")
    today = clock.now().astimezone(clock.LOCAL).date()
    asked = Consultation.groups.through.objects.filter(unitgroup_id__in=groups).values("consultation_id")
    return Consultation.objects.filter(pk__in=asked, opens_on__lte=today)


def consultations_for(user: Any) -> QuerySet[Consultation]:
    """Consultations that `user` may look at: those of their units, or all for a keeper of the criteria."""
    return Consultation.objects.all() if manages(user) else _invited(user)


def sets_for(user: Any) -> QuerySet[CriteriaSet]:
    """Criteria sets that `user` may read."""
    if manages(user):
        return CriteriaSet.objects.all()
    used = Q(status=CriteriaSet.Status.FROZEN, pk__in=_used())
    asked = _invited(user).filter(_open_at(clock.now()))
    return CriteriaSet.objects.filter(used | Q(pk__in=asked.values("criteria_set_id")))


def _used() -> QuerySet[Any]:
    """Primary keys of the sets by which some cycle assesses."""
    return CriteriaSet.objects.filter(cycles__isnull=False).values("pk")


def sets_managed_by(user: Any) -> QuerySet[CriteriaSet]:
    """Criteria sets that `user` may change, freeze aside."""
    return CriteriaSet.objects.all() if manages(user) else CriteriaSet.objects.none()


def commenting_units(user: Any, consultation: Consultation) -> list[Unit]:
    """Units for which `user` speaks in `consultation`, in the usual order."""
    ids = {pk for perm in COMMENT_PERMS for pk in access.object_ids(perm, user, Unit)}
    return list(Unit.objects.filter(pk__in=ids, active=True, group__in=consultation.groups.all()).order_by("order"))


def own_units(user: Any, consultation: Consultation) -> list[int]:
    """Asked units whose comments `user` may read before the end: those of which they read the dossier."""
    ids = access.object_ids(Perm.VIEW_DOSSIER, user, Unit)
    return sorted(Unit.objects.filter(pk__in=ids, group__in=consultation.groups.all()).values_list("pk", flat=True))


def comments_for(user: Any, consultation: Consultation) -> QuerySet[Comment]:
    """Comments that `user` may read: their own units' only until the consultation has ended."""
    comments = consultation.comments.select_related("unit__group", "criterion")
    if manages(user) or consultation.has_ended(clock.now()):
        return comments
    return comments.filter(unit__in=own_units(user, consultation))
