"""The result as its unit reads it: self points beside what each round came to, and what it contests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.forms import BaseForm, BoundField
from django.utils.translation import gettext as _

from assessments.models import DIRECT_SOURCES, Appeal, Dossier, Score
from assessments.services.appraisal import Wanted
from assessments.stages import Stage
from criteria.models import Criterion
from plans.calendar import days_left_words, in_sentence
from units import clock

from .item_dates import deadline_at
from .models import WorkItem
from .round_columns import Cell, Rounds, unit_rounds

SURVEY = Criterion.SourceChoice.SURVEY


@dataclass(frozen=True)
class ProvisionalRow:
    """One criterion; the three fields are there where the unit may contest it."""

    score: Score
    cells: Sequence[Cell] = ()
    standing: Cell | None = None
    appeal: BoundField | None = None
    points: BoundField | None = None
    reason: BoundField | None = None

    @property
    def contestable(self) -> bool:
        return self.score.source not in (SURVEY, *DIRECT_SOURCES)

    @property
    def changed(self) -> bool:
        """Whether the council gave other points than the unit."""
        found = self.standing
        return self.contestable and found is not None and found.points != self.score.self_points

    @property
    def reasons(self) -> list[Cell]:
        """The cells that say why, each reason once."""
        found: dict[str, Cell] = {}
        for cell in self.cells:
            if cell.reason:
                found.setdefault(cell.reason, cell)
        return list(found.values())

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


@dataclass(frozen=True)
class Provisional:
    """Every criterion but the survey's, in the order of the set, and the columns of the rounds that are over."""

    rounds: Rounds
    rows: Sequence[ProvisionalRow]


def provisional(dossier: Dossier) -> Provisional:
    """Two queries."""
    scores = list(
        dossier.scores.exclude(source=SURVEY).select_related("criterion", "appeal").order_by("criterion__order")
    )
    rounds = unit_rounds(dossier, scores)
    return Provisional(rounds, [ProvisionalRow(score, rounds.of(score), rounds.standing(score)) for score in scores])


def contested(cleaned: Mapping[str, Any]) -> list[Wanted]:
    """What the unit marked, with points and reason as typed."""
    marked = [
        int(name.removeprefix("appeal.")) for name, value in cleaned.items() if name.startswith("appeal.") and value
    ]
    return [Wanted(pk, cleaned[f"points.{pk}"], cleaned[f"reason.{pk}"]) for pk in marked]


def window(dossier: Dossier) -> dt.datetime | None:
    """The first instant at which the unit can no longer contest its provisional result; None while nobody asks it.

    One query.
    """
    if dossier.stage != Stage.RESPONDING:
        return None
    found = WorkItem.objects.filter(dossier=dossier, node="dossier.respond", done_at=None)
    return found.values_list("due_at", flat=True).first()


def window_words(end: dt.datetime) -> str:
    """ "đến hết ngày thứ Hai 14/12/2026 (còn 3 ngày)"."""
    left = days_left_words((deadline_at(end).last_day - clock.today()).days)
    return _("đến hết ngày %(day)s (%(left)s)") % {
        "day": in_sentence(deadline_at(end).last_day),
        "left": left[:1].lower() + left[1:],
    }


def total(points: Iterable[Decimal | None]) -> Decimal:
    """The sum of the points that are there."""
    return sum((value for value in points if value is not None), Decimal(0))
