"""What the secretary looks at before a dossier is asked about or concluded, and what the chair concludes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Prefetch, Q

from assessments.models import Appeal, Cycle, Dossier, Score, ScoreEvidence, SupplementItem, SupplementRequest
from criteria.models import Criterion, GradeBand
from plans.holidays import days_words
from results.table import GroupResult, SetEngine, UnitResult, claimed, effective

SURVEY = Criterion.SourceChoice.SURVEY
LEADER = Criterion.SourceChoice.LEADER


@dataclass(frozen=True)
class DomainTotal:
    """One domain in points: what the unit claims, what the council gives, without survey and missing points."""

    code: str
    name: str
    maximum: Decimal
    claimed: Decimal
    appraised: Decimal

    @property
    def difference(self) -> Decimal:
        return self.appraised - self.claimed


@dataclass(frozen=True)
class Totals:
    """All domains and their sum; bonus and penalty stand outside, in `claimed` and `appraised` of the sum."""

    domains: Sequence[DomainTotal]
    claimed: Decimal
    appraised: Decimal

    @property
    def difference(self) -> Decimal:
        return self.appraised - self.claimed


def review_scores(dossier: Dossier) -> list[Score]:
    """Every score of a dossier with what the review shows, in order."""
    return list(
        dossier.scores.select_related("criterion", "appraised_by")
        .prefetch_related(
            Prefetch("supplement_items", SupplementItem.objects.select_related("request")),
            Prefetch("evidence", ScoreEvidence.objects.select_related("version__document").order_by("pk")),
        )
        .order_by("criterion__order")
    )


def is_changed(score: Score) -> bool:
    """The council gave other points than the unit."""
    return (
        score.appraised_at is not None
        and score.self_points is not None
        and (score.appraised_points != score.self_points)
    )


def response_words(cycle: Cycle) -> str:
    """How long a unit may answer the provisional result: "5 ngày làm việc"."""
    return days_words(cycle.response_days, working=cycle.working_days)


def totals(dossier: Dossier, scores: Iterable[Score]) -> Totals:
    """Self and appraised points by domain, by the set's own engine."""
    rows = list(scores)
    engine = SetEngine(dossier.cycle_group.criteria_set)
    own = engine.tally({score.criterion.code: claimed(score) for score in rows}, dossier.unit_id)
    council = engine.tally(
        {score.criterion.code: effective(score) for score in rows if score.source != SURVEY}, dossier.unit_id
    )

    return Totals(
        domains=[
            DomainTotal(
                domain.code,
                domain.name,
                own.domains[domain.code].applicable,
                own.domains[domain.code].points,
                council.domains[domain.code].points,
            )
            for domain in engine.domains
        ],
        claimed=own.points,
        appraised=council.points,
    )


def earlier_requests(dossier: Dossier) -> list[SupplementRequest]:
    """Every request for supplements with its questions, newest first."""
    return list(
        dossier.supplements.select_related("asked_by", "answered_by")
        .prefetch_related(Prefetch("items", SupplementItem.objects.select_related("score__criterion")))
        .order_by("-pk")
    )


def open_appeals(dossier: Dossier) -> list[Appeal]:
    """Appeals that wait for the council's answer, in the order of the criteria."""
    return list(
        Appeal.objects.filter(score__dossier=dossier, accepted=None)
        .select_related("score__criterion", "filed_by")
        .order_by("score__criterion__order")
    )


@dataclass(frozen=True)
class Distribution:
    """How many units of a group reached each grade, best grade first."""

    group: str
    grades: Sequence[tuple[str, int]]


def distributions(cycle: Cycle, groups: Iterable[GroupResult]) -> list[Distribution]:
    """Grades of each group, from the best band of its set to the worst; units without a grade are last."""
    bands: dict[int, list[str]] = {}
    for group_id, label in (
        GradeBand.objects.filter(criteria_set__cycles__cycle=cycle, part=None)
        .filter(Q(group=None) | Q(group=F("criteria_set__cycles__group")))
        .order_by("-lower")
        .values_list("criteria_set__cycles__group", "label")
    ):
        bands.setdefault(group_id, []).append(label)
    found = []
    for group in groups:
        counts = Counter(unit.grade for unit in group.units)
        labels = [*dict.fromkeys(bands.get(group.group_id, ())), ""]
        found.append(Distribution(group.name, [(label, counts[label]) for label in labels if label or counts[label]]))
    return found


def unfinished(groups: Iterable[GroupResult]) -> list[UnitResult]:
    """Units that have no index although they sent a dossier."""
    return [unit for group in groups for unit in group.units if unit.index is None and not unit.note]
