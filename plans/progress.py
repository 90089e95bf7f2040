"""Periods of recurring reports, and what figures say of a target: pure rules, no database and no clock of its own.

A period is half-open in local days: from `start` to `end`, exclusive. Its report is due until the end of its last
day, or with the task where the task ends within it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

ONE_DAY = timedelta(days=1)
# Months of a period, and how many days before its end its report is asked for.
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
ASK_BEFORE = {"monthly": 7, "quarterly": 15, "yearly": 30}
# A report whose time to be asked fell into a standstill of the server is still asked so many days after the period.
CATCH_UP = timedelta(days=31)
_QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Period:
    """What a report tells of: `key` is unique within a task and a body."""

    key: str
    start: date
    end: date

    @property
    def last_day(self) -> date:
        return self.end - ONE_DAY


def period_of(rule: str, day: date) -> Period:
    """The month, quarter or year of `rule` in which `day` lies. KeyError for a rule without periods."""
    months = MONTHS[rule]
    first = (day.month - 1) // months * months + 1
    start = date(day.year, first, 1)
    after = first + months
    end = date(day.year + 1, 1, 1) if after > 12 else date(day.year, after, 1)
    key = {1: f"{start:%Y-%m}", 3: f"{start:%Y}-Q{first // 3 + 1}", 12: f"{start:%Y}"}[months]
    return Period(key, start, end)


def period_as_of(day: date) -> Period:
    """A report outside any rhythm: it tells of how things stand on `day`."""
    return Period(day.isoformat(), day, day + ONE_DAY)


def period_words(key: str) -> str:
    """`Tháng 3/2026`, `Quý I năm 2026`, `Năm 2026`, `Đến ngày 21/11/2026`."""
    parts = key.split("-")
    if len(parts) == 3:
        return f"Đến ngày {parts[2]}/{parts[1]}/{parts[0]}"
    if len(parts) == 1:
        return f"Năm {parts[0]}"
    if parts[1].startswith("Q"):
        return f"Quý {_QUARTERS[int(parts[1][1]) - 1]} năm {parts[0]}"
    return f"Tháng {int(parts[1])}/{parts[0]}"


def asked_period(rule: str, today: date, *, first: date, end: date) -> Period | None:
    """The period whose report is to be asked for on `today`, for a task that runs from `first` to `end`, exclusive.

    None before the first one is near its end, and once the last one is longer past than `CATCH_UP`.
    """
    if rule not in MONTHS:
        return None
    period = period_of(rule, today)
    if today < period.end - timedelta(days=ASK_BEFORE[rule]):
        period = period_of(rule, period.start - ONE_DAY)
    if period.end <= first or period.start >= end or today >= period.end + CATCH_UP:
        return None
    return period


def due_day(period: Period, task_last_day: date | None) -> date:
    """The last day on which the report of `period` is in time."""
    if task_last_day is not None and period.start <= task_last_day < period.end:
        return task_last_day
    return period.last_day


class TargetStatus(StrEnum):
    """How a target stands."""

    MET = "met"
    NOT_MET = "not_met"
    OVERDUE = "overdue"

    @property
    def label(self) -> str:
        return {"met": "Đạt", "not_met": "Chưa đạt", "overdue": "Quá hạn"}[self.value]


def reaches(figure: Decimal, value: Decimal, comparison: str) -> bool:
    """Whether `figure` stands to `value` as the target asks: `>`, `>=`, else equal."""
    if comparison == ">":
        return figure > value
    if comparison == ">=":
        return figure >= value
    return figure == value


def target_status(
    value: Decimal | None,
    comparison: str,
    figures: Sequence[Decimal | None],
    *,
    ends_at: datetime,
    now: datetime,
) -> TargetStatus | None:
    """How a target stands: `figures` has one entry for each body that answers for it, None where it gave none yet.

    It is met when every body reaches it; otherwise it is overdue from the instant `ends_at` on. None for a target
    without a number: no figure can answer it.
    """
    if value is None:
        return None
    if figures and all(figure is not None and reaches(figure, value, comparison) for figure in figures):
        return TargetStatus.MET
    return TargetStatus.NOT_MET if now < ends_at else TargetStatus.OVERDUE


class Trend(StrEnum):
    """How the last figure stands to the one before it."""

    UP = "up"
    DOWN = "down"
    SAME = "same"

    @property
    def label(self) -> str:
        return {"up": "tăng", "down": "giảm", "same": "không đổi"}[self.value]


def trend(values: Sequence[Decimal]) -> Trend | None:
    """The direction of the last of `values`, which are in the order of time; None for fewer than two."""
    if len(values) < 2:
        return None
    before, last = values[-2:]
    if last == before:
        return Trend.SAME
    return Trend.UP if last > before else Trend.DOWN


def average(percentages: Sequence[Decimal]) -> Decimal | None:
    """The mean of the bodies that reported, to one decimal (half up); None where nobody did: missing is not zero."""
    if not percentages:
        return None
    mean = sum(percentages, Decimal(0)) / len(percentages)
    return mean.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
