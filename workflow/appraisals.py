"""The list of appraisal work: units by domain, and how far each is. A constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from assessments.models import Cycle, CycleGroup, DomainAppraisal, Dossier, Score
from assessments.visibility import council_dossiers, own_domains
from criteria.models import Criterion
from units.templatetags.cchc import due

from .models import WorkItem

SECRETARY = ("dossier.review", "dossier.hear")
NOT_OF_A_DOMAIN = (Criterion.SourceChoice.SURVEY, Criterion.SourceChoice.LEADER)


@dataclass(frozen=True)
class Cell:
    """One domain of one unit: colour, words and the desk's address."""

    state: str
    text: str
    url: str
    title: str


@dataclass(frozen=True)
class UnitRow:
    """One unit with a cell for each of the person's domains."""

    dossier: Dossier
    cells: Sequence[Cell | None]


@dataclass(frozen=True)
class Group:
    """A ranking group: its criteria set decides the domains."""

    name: str
    domains: Sequence[Criterion]
    rows: Sequence[UnitRow]


def secretary_tasks(items: Sequence[WorkItem]) -> list[WorkItem]:
    """What waits for the secretary: dossiers to conclude and appeals to hear."""
    return [item for item in items if item.node in SECRETARY]


def appraisal_groups(user: Any, cycle: Cycle, items: Sequence[WorkItem], *, everything: bool) -> list[Group]:
    """Dossiers that have arrived, by group; without `everything` only those with an open task among `items`."""
    dossiers = council_dossiers(user).filter(cycle=cycle)
    if not everything:
        dossiers = dossiers.filter(pk__in={item.dossier_id for item in items})
    found = list(dossiers.select_related("unit").order_by("unit__group__order", "unit__order"))
    given = own_domains(user, cycle)
    within = Q() if given is None else Q(pk__in=given)
    domains = list(
        Criterion.objects.filter(within, parent=None, criteria_set__cycles__cycle=cycle).order_by("order").distinct()
    )
    counts = settled_counts([dossier.pk for dossier in found])
    passes = _passes(found)
    tasks = {(item.dossier_id, item.domain_id): item for item in items}
    groups = []
    for group in CycleGroup.objects.filter(cycle=cycle).select_related("group"):
        columns = [domain for domain in domains if domain.criteria_set_id == group.criteria_set_id]
        rows = [
            UnitRow(dossier, [_cell(dossier, domain, counts, passes, tasks) for domain in columns])
            for dossier in found
            if dossier.cycle_group_id == group.pk
        ]
        if rows and columns:
            groups.append(Group(group.group.name, columns, rows))
    return groups


def settled_counts(dossiers: Collection[int]) -> Counter[tuple[int, str, bool]]:
    """Criteria by (dossier, domain code, settled), without those that no domain's appraiser settles."""
    rows = (
        Score.objects.filter(dossier__in=dossiers)
        .exclude(source__in=NOT_OF_A_DOMAIN)
        .values_list("dossier_id", "criterion__code", "appraised_at")
    )
    return Counter((dossier, code.split(".")[0], at is not None) for dossier, code, at in rows)


def _passes(dossiers: Sequence[Dossier]) -> dict[tuple[int, int], bool]:
    """Whether a domain's latest pass is finished, by (dossier, domain)."""
    rows = (
        DomainAppraisal.objects.filter(dossier__in=dossiers)
        .order_by("number")
        .values_list("dossier_id", "domain_id", "finished_at")
    )
    return {(dossier, domain): finished is not None for dossier, domain, finished in rows}


def _cell(
    dossier: Dossier,
    domain: Criterion,
    counts: Counter[tuple[int, str, bool]],
    passes: dict[tuple[int, int], bool],
    tasks: dict[tuple[int | None, int | None], WorkItem],
) -> Cell | None:
    """Nothing where the unit has no criterion of the domain that anybody appraises."""
    finished = passes.get((dossier.pk, domain.pk))
    if finished is None:
        return None
    done = counts[dossier.pk, domain.code, True]
    total = done + counts[dossier.pk, domain.code, False]
    task = tasks.get((dossier.pk, domain.pk))
    deadline = due(task.due_at) if task else None
    state = "ok" if finished else "info" if deadline is None else deadline["state"]
    return Cell(
        state=state,
        text=f"{done}/{total}",
        url=reverse("appraise-domain", args=[dossier.pk, domain.pk]),
        title=f"{dossier.unit} · {domain.code}. {domain.name}",
    )
