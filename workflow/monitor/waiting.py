"""Where dossiers wait: the time spent at each stage, by unit, in the middle of all, and against last year's cycle.

Times are those of finished visits, by the ledger (`history`); a dossier that stands at a stage now adds its present
visit to its own row, not to the median.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F

from assessments.models import Cycle
from assessments.stages import STEPS, Stage, step_of
from units import clock

from .memory import StepTime
from .standings import Standing

HOUR = 3600
DAY = 24 * HOUR
# Stages in the order in which a dossier passes them; at the last two nobody waits for anybody.
STAGES = tuple(stage for stage in Stage if stage not in (Stage.FINAL, Stage.NOT_SUBMITTED))
# The officer's steps without the last, at which a dossier ends.
STEP_COUNT = len(STEPS) - 1


@dataclass(frozen=True)
class StageTime:
    """One stage: median days of finished visits this year and last (None: nobody left it yet), and who is there."""

    stage: Stage
    median: Decimal | None
    before: Decimal | None
    finished: int
    here: int
    longest: Standing | None
    share: int  # of the longest median of this year or last, in whole %, for the bar
    share_before: int

    @property
    def change(self) -> Decimal | None:
        """Days more (or less) than last year."""
        return None if self.median is None or self.before is None else self.median - self.before


@dataclass(frozen=True)
class StepCell:
    """One step of one unit: days this year, days last year, and whether the dossier is there now."""

    days: Decimal | None
    before: Decimal | None
    is_here: bool


@dataclass(frozen=True)
class UnitTimes:
    """One unit's steps."""

    standing: Standing
    cells: Sequence[StepCell]
    total: Decimal


def last_years(cycle: Cycle) -> Cycle | None:
    """The latest cycle of the province in an earlier year."""
    return Cycle.objects.filter(province=cycle.province_id, year__lt=cycle.year).order_by("-year", "-pk").first()


def stage_times(cycle: Cycle, before: Cycle | None, rows: Sequence[Standing], group: int | None) -> list[StageTime]:
    """Every stage that somebody has left or stands at; the database counts, at most one row for each hour."""
    medians = _medians(cycle, group)
    old = _medians(before, group) if before else {}
    here: dict[Stage, list[Standing]] = defaultdict(list)
    for row in rows:
        here[row.stage].append(row)
    most = max((median for median, _count in [*medians.values(), *old.values()]), default=Decimal(0)) or Decimal(1)
    found = []
    for stage in STAGES:
        median, finished = medians.get(stage, (None, 0))
        earlier = old.get(stage, (None, 0))[0]
        if median is None and earlier is None and not here[stage]:
            continue
        found.append(
            StageTime(
                stage=stage,
                median=median,
                before=earlier,
                finished=finished,
                here=len(here[stage]),
                longest=min(here[stage], key=lambda row: row.since, default=None),
                share=round((median or 0) * 100 / most),
                share_before=round((earlier or 0) * 100 / most),
            )
        )
    return found


def _medians(cycle: Cycle, group: int | None) -> dict[Stage, tuple[Decimal, int]]:
    """Median days at each stage, to the hour, and the number of dossiers that left it."""
    times = StepTime.objects.filter(dossier__cycle=cycle)
    if group is not None:
        times = times.filter(dossier__unit__group=group)
    hours: dict[str, Counter[int]] = defaultdict(Counter)
    rows = times.order_by().annotate(hours=F("seconds") / HOUR).values_list("stage", "hours").annotate(Count("pk"))
    for stage, at, count in rows:
        hours[stage][at] += count
    return {Stage(stage): (_median(found), found.total()) for stage, found in hours.items()}


def _median(hours: Mapping[int, int]) -> Decimal:
    """Median days of a count by hours; of an even number the mean of the two in the middle."""
    total = sum(hours.values())
    middle = (total - 1) // 2, total // 2
    passed, found = 0, []
    for at, count in sorted(hours.items()):
        found += [at for place in middle if passed <= place < passed + count]
        passed += count
    return _days(Decimal(sum(found)) / 2 * HOUR)


def _days(seconds: Decimal | int) -> Decimal:
    return (Decimal(seconds) / DAY).quantize(Decimal("0.1"))


def unit_times(cycle: Cycle, before: Cycle | None, rows: Sequence[Standing]) -> list[UnitTimes]:
    """The steps of the units `rows`: one query for any number."""
    cycles = [cycle.pk, *([before.pk] if before else [])]
    seconds: Counter[tuple[int, int, int]] = Counter()
    times = StepTime.objects.filter(dossier__cycle__in=cycles, dossier__unit__in=[row.unit_id for row in rows])
    for where, unit, stage, spent in times.order_by().values_list(
        "dossier__cycle", "dossier__unit", "stage", "seconds"
    ):
        seconds[where, unit, step_of(Stage(stage))] += spent
    now = clock.now()
    found = []
    for row in rows:
        if row.is_waiting or row.stage == Stage.CONCLUDED:
            seconds[cycle.pk, row.unit_id, row.step] += int((now - row.since).total_seconds())
        cells = [
            StepCell(
                days=_shown(seconds, (cycle.pk, row.unit_id, step)),
                before=_shown(seconds, (before.pk, row.unit_id, step)) if before else None,
                is_here=row.step == step,
            )
            for step in range(1, STEP_COUNT + 1)
        ]
        total = sum(seconds[cycle.pk, row.unit_id, step] for step in range(1, STEP_COUNT + 1))
        found.append(UnitTimes(row, cells, _days(total)))
    return found


def _shown(seconds: Mapping[tuple[int, int, int], int], key: tuple[int, int, int]) -> Decimal | None:
    return _days(seconds[key]) if key in seconds else None
