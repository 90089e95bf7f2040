"""The rows of a request for supplements: only the criteria that the council asked about."""

from __future__ import annotations

from assessments.models import Dossier, Score
from assessments.services.appraisal import open_request
from assessments.services.comments import unresolved

from .sheet_page import Writing
from .sheet_rows import Row, make_row, with_evidence


def asked_rows(dossier: Dossier, may: Writing) -> list[Row]:
    """The criteria of the open request, in the order of the set; none where nothing is asked."""
    request = open_request(dossier)
    if request is None:
        return []
    asked = Score.objects.filter(dossier=dossier, supplement_items__request=request).order_by("criterion__order")
    criteria_set = dossier.cycle_group.criteria_set
    waiting = unresolved(dossier)
    return [
        make_row(score, criteria_set, editable=may.may(score), comments=waiting.get(score.criterion_id, 0))
        for score in with_evidence(asked)
    ]
