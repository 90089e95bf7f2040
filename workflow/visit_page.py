"""What the screens of on-site verification show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assessments.models import Score, SiteFinding, SiteVisit, VisitFile
from assessments.visibility import read_visits, visits_for
from criteria.models import Criterion


@dataclass(frozen=True)
class Visit:
    """A visit as a person may see it; an appointment alone has neither findings nor files."""

    visit: SiteVisit
    readable: bool

    @property
    def findings(self) -> list[SiteFinding]:
        return list(self.visit.findings.all()) if self.readable else []

    @property
    def files(self) -> list[VisitFile]:
        return list(self.visit.files.all()) if self.readable else []


def visits(dossier_id: int, user: Any) -> list[Visit]:
    """The visits to the unit of a dossier, newest first; the same queries for any number."""
    rows = (
        visits_for(user)
        .filter(dossier=dossier_id)
        .prefetch_related("team__user", "findings__score__criterion", "files__blob")
        .order_by("-planned_at", "-pk")
    )
    readable = set(read_visits(user).filter(dossier=dossier_id).values_list("pk", flat=True))
    return [Visit(row, row.pk in readable) for row in rows]


def scores_to_visit(visit: SiteVisit) -> list[Score]:
    """Criteria that the unit scored itself, in order, each with what was written of it so far."""
    found = {row.score_id: row for row in visit.findings.all()}
    scores = list(
        visit.dossier.scores.exclude(source=Criterion.SourceChoice.SURVEY)
        .select_related("criterion")
        .order_by("criterion__order")
    )
    for score in scores:
        score.found = found.get(score.pk)  # type: ignore[attr-defined]
    return scores
