"""The provisional result as its unit reads it: self and appraised points side by side, and what it contests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.forms import BaseForm, BoundField

from assessments.models import DIRECT_SOURCES, Appeal, Dossier, Score
from assessments.services.appraisal import Wanted
from criteria.models import Criterion

SURVEY = Criterion.SourceChoice.SURVEY


@dataclass(frozen=True)
class ProvisionalRow:
    """One criterion; the three fields are there where the unit may contest it."""

    score: Score
    appeal: BoundField | None = None
    points: BoundField | None = None
    reason: BoundField | None = None

    @property
    def contestable(self) -> bool:
        return self.score.source not in (SURVEY, *DIRECT_SOURCES)

    @property
    def changed(self) -> bool:
        """Whether the council gave other points than the unit."""
        return self.contestable and self.score.appraised_points != self.score.self_points

    @property
    def filed(self) -> Appeal | None:
        """What the unit contested before, with the council's answer."""
        return getattr(self.score, "appeal", None)

    @property
    def open(self) -> bool:
        """Whether something was typed here, so that the fields must be seen."""
        return any(field is not None and (field.value() or field.errors) for field in self._fields())

    def _fields(self) -> tuple[BoundField | None, ...]:
        return (self.appeal, self.points, self.reason)

    def with_fields(self, form: BaseForm) -> ProvisionalRow:
        """The same row with its fields of `form`."""
        if not self.contestable:
            return self
        pk = self.score.pk
        return replace(self, appeal=form[f"appeal.{pk}"], points=form[f"points.{pk}"], reason=form[f"reason.{pk}"])


def provisional_rows(dossier: Dossier) -> list[ProvisionalRow]:
    """Every criterion but the survey's, in the order of the set."""
    scores = dossier.scores.exclude(source=SURVEY).select_related("criterion", "appeal").order_by("criterion__order")
    return [ProvisionalRow(score) for score in scores]


def contested(cleaned: Mapping[str, Any]) -> list[Wanted]:
    """What the unit marked, with points and reason as typed."""
    marked = [
        int(name.removeprefix("appeal.")) for name, value in cleaned.items() if name.startswith("appeal.") and value
    ]
    return [Wanted(pk, cleaned[f"points.{pk}"], cleaned[f"reason.{pk}"]) for pk in marked]


def total(points: Iterable[Decimal | None]) -> Decimal:
    """The sum of the points that are there."""
    return sum((value for value in points if value is not None), Decimal(0))
