"""What each criterion reached in the cycle before, for whoever appraises it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from assessments.models import Cycle, Dossier, Score
from assessments.stages import Stage
from results.table import effective


@dataclass(frozen=True)
class EarlierPoints:
    """The points of the criterion of the same code in the unit's last cycle; None where it did not arise."""

    year: int
    points: Decimal | None
    maximum: Decimal


def earlier_points(cycle: Cycle, scores: Iterable[Score], *, units: Mapping[int, int]) -> dict[int, EarlierPoints]:
    """By score; `units` has the unit of each dossier. Only what was concluded counts. Two queries."""
    rows = list(scores)
    latest: dict[int, tuple[int, int]] = {}
    earlier = Dossier.objects.filter(
        unit__in=set(units.values()),
        cycle__province=cycle.province_id,
        cycle__year__lt=cycle.year,
        stage__in=[Stage.CONCLUDED, Stage.FINAL],
    )
    for unit, dossier, year in earlier.order_by("cycle__year", "pk").values_list("unit_id", "pk", "cycle__year"):
        latest[unit] = (dossier, year)
    codes = {score.criterion.code for score in rows}
    before = {
        (old.dossier_id, old.criterion.code): old
        for old in Score.objects.filter(
            dossier__in=[dossier for dossier, _year in latest.values()], criterion__code__in=codes
        ).select_related("criterion")
    }
    found = {}
    for score in rows:
        dossier, year = latest.get(units[score.dossier_id], (0, 0))
        old = before.get((dossier, score.criterion.code))
        answer = effective(old) if old is not None else None
        if old is not None and answer is not None and (answer.points is not None or answer.not_applicable):
            found[score.pk] = EarlierPoints(year, answer.points, old.highest)
    return found
