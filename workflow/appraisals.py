"""The list of appraisal work: units by domain, and how far each is. A constant number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse

from assessments.models import Cycle, CycleGroup, DomainAppraisal, Dossier, RoundScore, Score
from assessments.visibility import council_dossiers, own_appraisals, own_domains
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
    """A ranking group: its criteria set decides the domains; `first` of each is its first criterion to appraise."""

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
    leaves = (
        Criterion.objects.filter(
            criteria_set=OuterRef("criteria_set"), code__startswith=Concat(OuterRef("code"), Value("."))
        )
        .exclude(source__in=["", *NOT_OF_A_DOMAIN])
        .order_by("order")
    )
    domains = list(
        Criterion.objects.filter(within, parent=None, criteria_set__cycles__cycle=cycle)
        .annotate(first=Subquery(leaves.values("pk")[:1]))
        .order_by("order")
        .distinct()
    )
    counts = own_counts(user, found) if cycle.double_scoring else settled_counts([dossier.pk for dossier in found])
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


def own_counts(user: Any, dossiers: Sequence[Dossier]) -> Counter[tuple[int, str, bool]]:
    """The same where two score independently: what the person scored counts, what the other scored does not.

    A constant number of queries.
    """
    seats = {key: row.seat for key, row in own_appraisals(user, dossiers).items()} if dossiers else {}
    rounds = {dossier.pk: dossier.round for dossier in dossiers}
    scores = Score.objects.filter(dossier__in=dossiers).exclude(source__in=NOT_OF_A_DOMAIN)
    given = set(RoundScore.objects.filter(score__in=scores, at__isnull=False).values_list("score_id", "round", "seat"))
    domains = {
        (domain.criteria_set_id, domain.code): domain.pk
        for domain in Criterion.objects.filter(parent=None, criteria_set__cycles__dossiers__in=dossiers).distinct()
    }
    found: Counter[tuple[int, str, bool]] = Counter()
    for pk, dossier, code, criteria_set, at in scores.values_list(
        "pk", "dossier_id", "criterion__code", "criterion__criteria_set_id", "appraised_at"
    ):
        top = code.split(".")[0]
        seat = seats.get((dossier, domains[criteria_set, top]), RoundScore.SETTLED)
        scored = seat != RoundScore.SETTLED and (pk, rounds[dossier], seat) in given
        found[dossier, top, at is not None or scored] += 1
    return found


def _passes(dossiers: Sequence[Dossier]) -> dict[tuple[int, int], bool]:
    """Whether a domain's latest pass is finished, by both where two score it; by (dossier, domain)."""
    rows = (
        DomainAppraisal.objects.filter(dossier__in=dossiers)
        .order_by("number")
        .values_list("dossier_id", "domain_id", "number", "finished_at")
    )
    latest: dict[tuple[int, int], tuple[int, bool]] = {}
    for dossier, domain, number, finished in rows:
        before = latest.get((dossier, domain), (number, True))
        latest[dossier, domain] = (number, finished is not None and (before[1] or before[0] != number))
    return {key: finished for key, (_number, finished) in latest.items()}


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
