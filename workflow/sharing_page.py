"""Who of the council has which open domain of which unit. A constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from assessments.bench import Bench
from assessments.models import Cycle, DomainAppraisal, Dossier
from assessments.services import sharing
from assessments.stages import Stage
from assessments.visibility import conflicted
from criteria.models import Criterion
from units.models import User


def known_appraisals(user: Any, cycle: Cycle) -> QuerySet[DomainAppraisal]:
    """Every appraisal of the cycle, open or not, but for units that `user` has a conflict with."""
    dossiers = Dossier.objects.filter(cycle=cycle).exclude(conflicted(user))
    return DomainAppraisal.objects.filter(dossier__in=dossiers).select_related(
        "dossier__unit", "dossier__cycle_group__group", "domain", "appraiser", "finished_by"
    )


def shared_appraisals(user: Any, cycle: Cycle) -> QuerySet[DomainAppraisal]:
    """The present pass of every dossier that is being appraised, of those known."""
    present = {"dossier__stage": Stage.APPRAISING, "number": F("dossier__appraisal_pass")}
    return known_appraisals(user, cycle).filter(**present)


def is_open(row: DomainAppraisal) -> bool:
    """Whether `row` waits for somebody now, so that it can be given."""
    present = row.dossier.stage == Stage.APPRAISING and row.number == row.dossier.appraisal_pass
    return present and row.finished_at is None


def twin(row: DomainAppraisal) -> DomainAppraisal | None:
    """The other of two independent scorers' appraisals; None where one person scores."""
    rows = DomainAppraisal.objects.filter(dossier=row.dossier_id, domain=row.domain_id, number=row.number)
    return rows.exclude(pk=row.pk).select_related("appraiser").first()


@dataclass(frozen=True)
class UnitLine:
    """One unit: for each domain of its group the appraisals, one or two; none where the pass leaves the domain out."""

    dossier: Dossier
    cells: Sequence[Sequence[DomainAppraisal]]


@dataclass(frozen=True)
class SharingGroup:
    """One ranking group."""

    name: str
    domains: Sequence[Criterion]
    lines: Sequence[UnitLine]


def sharing_groups(rows: Sequence[DomainAppraisal]) -> list[SharingGroup]:
    """`rows` of `shared_appraisals` as tables, units by domain."""
    groups: dict[str, dict[int, list[DomainAppraisal]]] = {}
    ordered = sorted(
        rows,
        key=lambda row: (
            row.dossier.cycle_group.group.order,
            row.dossier.unit.order,
            row.dossier_id,
            row.domain.order,
            row.seat,
        ),
    )
    for row in ordered:
        groups.setdefault(row.dossier.cycle_group.group.name, {}).setdefault(row.dossier_id, []).append(row)
    found = []
    for name, units in groups.items():
        domains = sorted({row.domain for same in units.values() for row in same}, key=lambda domain: domain.order)
        lines = [
            UnitLine(same[0].dossier, [[row for row in same if row.domain_id == domain.pk] for domain in domains])
            for same in units.values()
        ]
        found.append(SharingGroup(name, domains, lines))
    return found


@dataclass(frozen=True)
class Load:
    """What waits for one person by name: domains, and the criteria in them."""

    user: User
    domains: int
    criteria: int


def loads(cycle: Cycle) -> list[Load]:
    """Everybody who may appraise, who has most first."""
    people = User.objects.in_bulk(list(Bench(cycle.pk).seats))
    criteria = sharing.open_load(cycle)
    given = dict(
        DomainAppraisal.objects.filter(dossier__cycle=cycle, finished_at=None, appraiser__in=people)
        .order_by()
        .values_list("appraiser")
        .annotate(Count("pk"))
    )
    rows = [Load(person, given.get(pk, 0), criteria[pk]) for pk, person in people.items()]
    return sorted(rows, key=lambda row: (-row.criteria, str(row.user)))


def candidates(row: DomainAppraisal) -> list[User]:
    """Who may be given `row`: a seat for it, not barred, and not the other of two scorers."""
    able = Bench(row.dossier.cycle_id).candidates(unit_id=row.dossier.unit_id, domain_id=row.domain_id)
    twin = DomainAppraisal.objects.filter(
        dossier=row.dossier_id, domain=row.domain_id, number=row.number, appraiser__isnull=False
    ).exclude(pk=row.pk)
    out = Q(pk__in=row.barred.values("pk")) | Q(pk__in=twin.values("appraiser"))
    return list(User.objects.filter(pk__in=able).exclude(out).order_by("full_name", "pk"))
