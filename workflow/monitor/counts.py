"""Criteria done and in all, by dossier, in one query: the rule of `completeness.gap_of` as the database says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from assessments.completeness import Progress
from assessments.models import NOT_SELF_SCORED, Score, ScoreEvidence
from criteria.models import Criterion

OWN = ~Q(source__in=NOT_SELF_SCORED)
COUNCIL = ~Q(source=Criterion.SourceChoice.SURVEY)
SETTLED = COUNCIL & Q(appraised_at__isnull=False)
PROVED = Exists(ScoreEvidence.objects.filter(score=OuterRef("pk")))
GIVEN = Q(self_points__isnull=False) | Q(not_applicable=True)
# A score must be annotated with `proved=PROVED` before it is asked this.
DONE = OWN & GIVEN & (~(Q(self_points__gt=0) | Q(not_applicable=True)) | Q(proved=True) | ~Q(explanation=""))


@dataclass(frozen=True)
class Counts:
    """What the unit has done of its own criteria, and what the council has settled of all that it gives."""

    own: Progress
    appraised: Progress


NOTHING = Counts(Progress(0, 0), Progress(0, 0))


def counts(dossiers: Iterable[int]) -> dict[int, Counts]:
    """The counts of the dossiers with these keys."""
    rows = (
        Score.objects.filter(dossier__in=list(dossiers))
        .annotate(proved=PROVED)
        .values("dossier")
        .order_by("dossier")
        .annotate(
            own=Count("pk", filter=OWN),
            own_done=Count("pk", filter=DONE),
            council=Count("pk", filter=COUNCIL),
            council_done=Count("pk", filter=SETTLED),
        )
    )
    return {
        row["dossier"]: Counts(Progress(row["own_done"], row["own"]), Progress(row["council_done"], row["council"]))
        for row in rows
    }
