"""The burn-up: criteria done by day against an even pace, and where the present pace leads. Drawn as SVG figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Sum

from assessments.deadlines import legal_deadline
from assessments.models import Cycle
from plans.calendar import local_date, long_date
from units import clock

from ..forecast import ONE_DAY, cumulative, finish_day, ideal, window
from .memory import DayDone, DossierProgress
from .standings import Standing

# User units of the SVG.
WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 44, 6, 20, 22


@dataclass(frozen=True)
class Day:
    """A row of the table beside the chart."""

    on: dt.date
    done: int | None
    ideal: int
    percent: int | None


@dataclass(frozen=True)
class Mark:
    """A line of a scale and its words."""

    at: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class BurnUp:
    """The chart and the facts that it draws. `counted_at`: up to when the ledger has been read."""

    total: int
    done: int
    recent: int
    days: Sequence[Day]
    ideal_points: str
    actual_points: str
    forecast_points: str
    today_x: float | None
    rows: Sequence[Mark]
    columns: Sequence[Mark]
    finish_on: dt.date | None
    last_day: dt.date
    counted_at: dt.datetime | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM

    @property
    def percent(self) -> int:
        """Whole %, rounded down, so that 100 means all."""
        return 100 if self.total == 0 else self.done * 100 // self.total

    @property
    def misses(self) -> bool:
        """At the present pace the last criterion comes after the plan's last day."""
        return self.done < self.total and (self.finish_on is None or self.finish_on > self.last_day)

    @property
    def finish_words(self) -> str:
        return long_date(self.finish_on) if self.finish_on else ""


def burn_up(cycle: Cycle, rows: Sequence[Standing], group: int | None) -> BurnUp:
    """The burn-up of the units `rows`, all of `cycle` or those of one group: two queries."""
    now = clock.now()
    today = local_date(now)
    first = local_date(cycle.opened_at) if cycle.opened_at else today
    last_day = legal_deadline(cycle).last_day
    done_days = DayDone.objects.filter(dossier__cycle=cycle)
    counted = DossierProgress.objects.filter(dossier__cycle=cycle)
    if group is not None:
        done_days = done_days.filter(dossier__unit__group=group)
    by_day: dict[dt.date, int] = dict(done_days.order_by("on").values_list("on").annotate(Sum("criteria")))
    total = sum(row.progress.total for row in rows)
    end = max(last_day, first + ONE_DAY, min(today, last_day + 14 * ONE_DAY))
    actual = cumulative(by_day, first, max(first, min(today, end)))
    done = actual[-1][1]
    span = window(first, today)
    recent = sum(count for day, count in by_day.items() if today - span * ONE_DAY < day <= today)
    finish = finish_day(left=total - done, recent=recent, days=span, today=today)
    plot = _Plot(first, end, max(total, done, 1))
    return BurnUp(
        total=total,
        done=done,
        recent=recent,
        days=_table(dict(actual), total, first, last_day, end),
        ideal_points=plot.line([(first - ONE_DAY, 0), (last_day, total)]),
        actual_points=plot.line([(first - ONE_DAY, 0), *actual]),
        forecast_points=_forecast_line(plot, actual[-1], total, recent, span, end) if today <= last_day else "",
        today_x=plot.x(today) if first <= today <= end else None,
        rows=[Mark(plot.y(plot.most * part // 100), f"{part} %", "end") for part in (0, 50, 100)],
        columns=_columns(plot, first, last_day, today),
        finish_on=finish,
        last_day=last_day,
        counted_at=counted.aggregate(at=Max("counted_at"))["at"],
    )


class _Plot:
    """Days and counts as places: the end of a day stands at its place, the first day begins at the left edge."""

    def __init__(self, first: dt.date, end: dt.date, most: int) -> None:
        self.first, self.most = first, most
        self.per_day = (WIDTH - LEFT - RIGHT) / ((end - first).days + 1)

    def x(self, day: dt.date) -> float:
        return round(LEFT + ((day - self.first).days + 1) * self.per_day, 1)

    def y(self, count: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / self.most, 1)

    def line(self, points: Sequence[tuple[dt.date, float]]) -> str:
        return " ".join(f"{self.x(day)},{self.y(count)}" for day, count in points)


def _forecast_line(plot: _Plot, present: tuple[dt.date, int], total: int, recent: int, span: int, end: dt.date) -> str:
    """From today on at the present pace, until all is done or the chart ends."""
    today, done = present
    if not recent or done >= total or today >= end:
        return ""
    ahead = min((end - today).days, (total - done) * span / recent)
    last = today + dt.timedelta(days=round(ahead))
    return plot.line([(today, done), (last, min(total, done + recent * ahead / span))])


def _columns(plot: _Plot, first: dt.date, last_day: dt.date, today: dt.date) -> list[Mark]:
    """The first day, the last, and the one half way between them."""
    middle = first + (last_day - first) // 2
    days = [(first, "start"), (middle, "middle"), (last_day, "end")]
    return [Mark(plot.x(day), f"{day:%d/%m}", anchor) for day, anchor in days]


def _table(done: dict[dt.date, int], total: int, first: dt.date, last_day: dt.date, end: dt.date) -> list[Day]:
    """Every day up to the end of the chart; days to come have only the even pace."""
    days = [first + number * ONE_DAY for number in range((end - first).days + 1)]
    return [
        Day(day, done.get(day), round(ideal(total, first, last_day, day)), _percent(done.get(day), total))
        for day in days
    ]


def _percent(done: int | None, total: int) -> int | None:
    return None if done is None or total == 0 else done * 100 // total
