"""Whose turn it is: the inbox of a person, and the people behind a task. A constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.bench import Bench
from assessments.models import CouncilMember, Cycle, DomainAppraisal, Dossier
from assessments.visibility import conflicted
from units import access
from units.models import Membership, Unit, User
from units.permissions import CYCLE_PERMS, UNIT_PERMS, UNIT_ROLES, Perm

from .models import WorkItem

COUNCIL_PERMS = (Perm.APPRAISE, Perm.CONCLUDE)
# What the title, the line under it and the address of a task read.
SUBJECT = ("task", "cycle__plan", "dossier__unit", "domain", "report__task__plan")


def inbox(user: Any) -> QuerySet[WorkItem]:
    """Open tasks whose turn is `user`'s, by due date.

    Tasks handed to another person are theirs alone, unless that person was deactivated or left the unit, or `user`
    takes their place today. Appraisal tasks of the own unit, or of domains given to others, are left out. A page asks
    several times, so that the question is put together once for the rights that the person object holds.
    """
    rights = access.grants(user)
    kept = getattr(user, "_cchc_inbox", None)
    if kept is None or kept[0] is not rights:
        kept = user._cchc_inbox = (rights, _inbox(user))
    found: QuerySet[WorkItem] = kept[1]
    return found.all()


def _inbox(user: Any) -> QuerySet[WorkItem]:
    by_perm: dict[str, set[int]] = {}
    for code, _content_type, pk in access.grants(user):
        by_perm.setdefault(code, set()).add(int(pk))
    mine = Q(pk__in=[])
    for perm, ids in sorted(by_perm.items()):
        mine |= Q(perm=perm, object_id__in=sorted(ids))
    owned = Q(owner=None) | Q(owner=user) | _owner_is_gone()
    for absent, unit in sorted(access.stands_in_for(user)):
        owned |= Q(owner=absent, object_id=unit)
    found = WorkItem.objects.filter(mine, done_at=None).filter(owned)
    if any(perm.value in by_perm for perm in COUNCIL_PERMS):
        found = found.exclude(_conflicted(user), perm__in=[perm.value for perm in COUNCIL_PERMS])
        found = found.filter(~Q(perm=Perm.APPRAISE.value) | _to_appraise(user))
    return found.select_related(*SUBJECT, "owner", "appraisal").order_by("due_at", "pk")


def on_behalf_of(item: WorkItem, user: Any) -> User | None:
    """The absent person in whose place `user` would do `item`; None for the person's own tasks."""
    perm = Perm(item.perm)
    if perm not in UNIT_PERMS or item.dossier is None:
        return None
    return access.acting_for(perm, user, item.dossier.unit, of=item.owner)


def _owner_is_gone() -> Q:
    """Tasks whose owner can no longer do them; only tasks inside a unit have an owner."""
    roles = [role.value for role, perms in UNIT_ROLES.items() if Perm.SCORE in perms]
    staying = Membership.objects.filter(user=OuterRef("owner"), unit=OuterRef("object_id"), until=None, role__in=roles)
    return Q(owner__is_active=False) | Q(~Exists(staying))


def _conflicted(user: Any) -> Q:
    """Tasks on dossiers that the person must not deal with as council."""
    return Q(dossier__in=Dossier.objects.filter(conflicted(user)))


def _to_appraise(user: Any) -> Q:
    """Appraisal tasks of the person's seat: its domains and units, not given to somebody else who still sits.

    Not what the person scored in the first round, nor the other half of a domain that two score.
    """
    seats = CouncilMember.objects.filter(user=user, active=True, council__cycle=OuterRef("cycle"))
    domains = Q(domains=None) | Q(domains=OuterRef("domain"))
    units = Q(units=None) | Q(units=OuterRef("dossier__unit"))
    sitting = CouncilMember.objects.filter(
        council__cycle=OuterRef("cycle"), user=OuterRef("appraisal__appraiser"), active=True, user__is_active=True
    )
    barred = DomainAppraisal.barred.through.objects.filter(user=user, domainappraisal=OuterRef("appraisal"))
    twin = DomainAppraisal.objects.filter(
        Q(appraiser=user) | Q(finished_by=user),
        dossier=OuterRef("dossier"),
        domain=OuterRef("domain"),
        number=OuterRef("appraisal__number"),
    ).exclude(pk=OuterRef("appraisal"))
    given_away = Q(appraisal__appraiser__isnull=False) & ~Q(appraisal__appraiser=user) & Q(Exists(sitting))
    return Q(Exists(seats.filter(domains, units))) & ~given_away & ~Q(Exists(barred)) & ~Q(Exists(twin))


class Turns:
    """The people whose turn it is, for many tasks: permissions, seats and memberships are read once, for any number."""

    def __init__(self, items: Iterable[WorkItem]) -> None:
        self._items = list(items)
        self._holders: dict[tuple[str, int], list[User]] = {}
        for model, perms in ((Unit, UNIT_PERMS), (Cycle, CYCLE_PERMS)):
            own = [item for item in self._items if Perm(item.perm) in perms]
            asked = {Perm(item.perm) for item in own}
            self._holders |= access.holders_by(asked, model, {item.object_id for item in own})
        self._benches: dict[int, Bench] = {}
        self._barred: dict[int, set[int]] = {}
        appraisals = [item.appraisal_id for item in self._items if item.appraisal_id is not None]
        for pk, person in DomainAppraisal.barred.through.objects.filter(domainappraisal__in=appraisals).values_list(
            "domainappraisal_id", "user_id"
        ):
            self._barred.setdefault(pk, set()).add(person)

    def people(self, item: WorkItem) -> list[User]:
        """Active people who may do `item` now: its owner, else the holders of its permission without conflict."""
        people = self._holders.get((item.perm, item.object_id), [])
        if item.owner in people:
            return [item.owner]
        if item.perm in COUNCIL_PERMS and item.dossier is not None:
            people = [user for user in people if self._on_council(user, item, item.dossier)]
            given = [user for user in people if item.appraisal and user.pk == item.appraisal.appraiser_id]
            return given or people
        return people

    def _on_council(self, user: User, item: WorkItem, dossier: Dossier) -> bool:
        """Without a conflict with the unit and, for an appraisal, with the domain and not barred from it."""
        if dossier.cycle_id not in self._benches:
            self._benches[dossier.cycle_id] = Bench(dossier.cycle_id)
        bench = self._benches[dossier.cycle_id]
        if item.perm != Perm.APPRAISE or item.domain_id is None:
            seat = bench.seats.get(user.pk)
            return dossier.unit_id not in (seat.conflicts if seat else access.unit_ids(user))
        if user.pk in self._barred.get(item.appraisal_id or 0, ()):
            return False
        return bench.may(user.pk, unit_id=dossier.unit_id, domain_id=item.domain_id)
