"""The rows of a request for supplements: only the criteria that the council asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assessments.completeness import Gap
from assessments.models import Dossier, Score
from assessments.services.appraisal import open_request
from assessments.services.comments import unresolved

from .sheet_page import Writing, changed_sums
from .sheet_rows import Row, make_row, with_evidence


@dataclass(frozen=True)
class Asked:
    """The criteria that the council asked about, as they stand now; none where nothing is asked."""

    rows: Sequence[Row]

    @property
    def gaps(self) -> list[Gap]:
        return [row.gap for row in self.rows if row.gap]

    @property
    def changed(self) -> list[Row]:
        """What the unit changed since it was asked."""
        return [row for row in self.rows if row.changes]

    @property
    def unchanged(self) -> list[Row]:
        return [row for row in self.rows if not row.changes]


def asked_rows(dossier: Dossier, may: Writing, user: Any) -> Asked:
    """The criteria of the open request, in the order of the set; the same queries for any number of them."""
    request = open_request(dossier)
    if request is None:
        return Asked(())
    asked = Score.objects.filter(dossier=dossier, supplement_items__request=request).order_by("criterion__order")
    criteria_set = dossier.cycle_group.criteria_set
    waiting = unresolved(dossier)
    return Asked(
        [
            make_row(
                score, criteria_set, editable=may.may(score), comments=waiting.get(score.criterion_id, 0), user=user
            )
            for score in with_evidence(asked)
        ]
    )


def supplement_answer(dossier: Dossier, wanted: Sequence[int], may: Writing, user: Any) -> dict[str, Any]:
    """Those of the asked criteria that are `wanted`, to put in their places, with what they change on their page.

    Read with documents and questions: what changed since the question is told anew.
    """
    asked = asked_rows(dossier, may, user)
    rows = [row for row in asked.rows if row.score.pk in wanted]
    return {"rows": rows, "asked": asked, **changed_sums(dossier, rows)}
