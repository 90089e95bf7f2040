"""What is still missing in a dossier: the same list for the screen, the check page and the refusal to send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from .models import NOT_SELF_SCORED, Dossier, Score


class GapKind(StrEnum):
    """Why a criterion is not done."""

    POINTS = "points"
    PROOF = "proof"


@dataclass(frozen=True)
class Gap:
    """One criterion that is not done, and what to do about it."""

    score_id: int
    criterion_id: int
    code: str
    name: str
    kind: GapKind
    message: str


def own_scores(dossier: Dossier) -> QuerySet[Score]:
    """The scores that the unit fills, with the number of documents on each (`documents`)."""
    return (
        Score.objects.filter(dossier=dossier)
        .exclude(source__in=NOT_SELF_SCORED)
        .select_related("criterion")
        .annotate(documents=Count("evidence"))
        .order_by("criterion__order")
    )


def gap_of(score: Score, *, documents: int) -> Gap | None:
    """The gap of one score, or None when it is done or is not the unit's to fill.

    Rule (Quảng Bình plan, II.1): points above zero need a document, or a giải trình where there is none. A criterion
    declared as not arising needs one of the two as well.
    """
    if score.source in NOT_SELF_SCORED:
        return None
    if score.self_points is None and not score.not_applicable:
        return _gap(score, GapKind.POINTS, _("Chưa nhập số liệu để tính điểm."))
    claims = score.not_applicable or (score.self_points is not None and score.self_points > 0)
    if claims and not documents and not score.explanation.strip():
        return _gap(score, GapKind.PROOF, _("Chưa có tài liệu kiểm chứng hoặc giải trình."))
    return None


def _gap(score: Score, kind: GapKind, message: str) -> Gap:
    criterion = score.criterion
    return Gap(score.pk, criterion.pk, criterion.code, criterion.name, kind, message)


def gaps(scores: Iterable[Score]) -> list[Gap]:
    """All gaps among `scores` (as `own_scores` gives them), in the order of the set."""
    found = (gap_of(score, documents=score.documents) for score in scores)  # type: ignore[attr-defined]
    return [gap for gap in found if gap is not None]


@dataclass(frozen=True)
class Progress:
    """How many of the unit's criteria are done."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """Whole %, rounded down, so that 100 means all."""
        return 100 if self.total == 0 else self.done * 100 // self.total


def progress(scores: Iterable[Score]) -> Progress:
    """Progress over `scores` (as `own_scores` gives them)."""
    rows = list(scores)
    return Progress(done=len(rows) - len(gaps(rows)), total=len(rows))
