"""Whose turn it is: the inbox of a person, and the people behind a task. A constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.models import CouncilMember, Cycle
from units import access
from units.models import Membership, Unit, User
from units.permissions import UNIT_PERMS, UNIT_ROLES, Perm

from .models import WorkItem

COUNCIL_PERMS = (Perm.APPRAISE, Perm.CONCLUDE)
# What the title, the line under it and the address of a task read.
SUBJECT = ("task", "cycle__plan", "dossier__unit", "domain", "report__task__plan")


def inbox(user: Any) -> QuerySet[WorkItem]:
    """Open tasks whose turn is `user`'s, by due date.

    Tasks handed to another person are theirs alone, unless that person was deactivated or left the unit. Appraisal
    tasks of the own unit, or of domains given to others, are left out.
    """
    by_perm: dict[str, set[int]] = {}
    for code, _content_type, pk in access.grants(user):
        by_perm.setdefault(code, set()).add(int(pk))
    mine = Q(pk__in=[])
    for perm, ids in sorted(by_perm.items()):
        mine |= Q(perm=perm, object_id__in=sorted(ids))
    found = WorkItem.objects.filter(mine, done_at=None).filter(Q(owner=None) | Q(owner=user) | _owner_is_gone())
    if any(perm.value in by_perm for perm in COUNCIL_PERMS):
        own = Membership.objects.filter(user=user, until=None).values("unit")
        found = found.exclude(perm__in=[perm.value for perm in COUNCIL_PERMS], dossier__unit__in=own)
        found = found.filter(~Q(perm=Perm.APPRAISE.value) | _in_own_domains(user))
    return found.select_related(*SUBJECT, "owner").order_by("due_at", "pk")


def _owner_is_gone() -> Q:
    """Tasks whose owner can no longer do them; only tasks inside a unit have an owner."""
    roles = [role.value for role, perms in UNIT_ROLES.items() if Perm.SCORE in perms]
    staying = Membership.objects.filter(user=OuterRef("owner"), unit=OuterRef("object_id"), until=None, role__in=roles)
    return Q(owner__is_active=False) | Q(~Exists(staying))


def _in_own_domains(user: Any) -> Q:
    """Appraisal tasks of the domains of the person's seats; a seat without domains takes any."""
    seats = CouncilMember.objects.filter(user=user, active=True, council__cycle=OuterRef("cycle"))
    return Q(Exists(seats.filter(domains=OuterRef("domain")))) | Q(Exists(seats.filter(domains=None)))


class Turns:
    """The people whose turn it is, for many tasks: permissions, seats and memberships are read once."""

    def __init__(self, items: Iterable[WorkItem]) -> None:
        self._items = list(items)
        self._holders: dict[tuple[str, int], list[User]] = {}
        cycles = {item.cycle_id for item in self._items if item.cycle_id is not None}
        self._seats: dict[tuple[int, int], set[int]] = {
            (seat.council.cycle_id, seat.user_id): {domain.pk for domain in seat.domains.all()}
            for seat in CouncilMember.objects.filter(council__cycle__in=cycles, active=True)
            .select_related("council")
            .prefetch_related("domains")
        }
        self._units: dict[int, frozenset[int]] = {}

    def people(self, item: WorkItem) -> list[User]:
        """Active people who may do `item` now: its owner, else the holders of its permission without conflict."""
        people = self._with_perm(item)
        if item.owner in people:
            return [item.owner]
        if item.perm in COUNCIL_PERMS and item.dossier is not None:
            people = [
                user
                for user in people
                if item.dossier.unit_id not in self._units_of(user) and self._has_domain(user, item)
            ]
        return people

    def _with_perm(self, item: WorkItem) -> list[User]:
        key = (item.perm, item.object_id)
        if key not in self._holders:
            perm = Perm(item.perm)
            target = Unit(pk=item.object_id) if perm in UNIT_PERMS else Cycle(pk=item.object_id)
            self._holders[key] = list(access.holders(perm, target))
        return self._holders[key]

    def _units_of(self, user: User) -> frozenset[int]:
        if user.pk not in self._units:
            self._units[user.pk] = access.unit_ids(user)
        return self._units[user.pk]

    def _has_domain(self, user: User, item: WorkItem) -> bool:
        if item.perm != Perm.APPRAISE or item.domain_id is None:
            return True
        domains = self._seats.get((item.cycle_id or 0, user.pk))
        return domains is not None and (not domains or item.domain_id in domains)
