"""A Gantt chart as figures: tasks in, the shapes of an SVG out. No database, no clock, no template.

Lengths are user units of the SVG; days are local dates. A bar runs from the first day of a task's time to the end of
its last day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .calendar import ONE_DAY, PlanTime, long_date

LABEL = 300  # room for the names of the tasks
CHART = 940  # room for the days
HEAD = 36
ROW = 28
BAR = 14
INDENT = 12
LABEL_CHARACTERS = 44
TICK_ROOM = 52
DIAMOND = 6


class Shape(StrEnum):
    """How a task's time is drawn."""

    BAR = "bar"  # from its first day to its last
    DUE = "due"  # only a last day: a line that ends in a diamond
    ONGOING = "ongoing"  # the whole chart
    NONE = "none"  # the decision names no time


MOST_ROWS_TURNED = 16


@dataclass(frozen=True)
class Task:
    """A row to draw. `state` is one of ok, info, soon, late, mute; `depth` is its level in the tree.

    `actual`: the first and the last local day of the work as it was done, or as far as it has come.
    """

    number: str
    name: str
    time: PlanTime | None
    state: str
    depth: int = 0
    actual: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True)
class Row:
    """A drawn row: where its label and its shape stand, and what a reader hears of it."""

    label: str
    title: str
    label_x: int
    text_y: int
    shape: Shape
    state: str
    x: float
    y: int
    width: float
    end_x: float
    middle: int
    diamond: str
    actual_x: float | None = None
    actual_width: float = 0


@dataclass(frozen=True)
class Tick:
    """A line of the scale, and the words over it."""

    x: float
    label: str


@dataclass(frozen=True)
class Gantt:
    """The whole chart; `today_x` is None where today lies outside."""

    width: int
    height: int
    left: int
    head: int
    first: dt.date
    last: dt.date
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    today_x: float | None

    @property
    def is_tall(self) -> bool:
        """Too many rows for a turned sheet: the chart is printed on an upright one."""
        return len(self.rows) > MOST_ROWS_TURNED

    @property
    def span_words(self) -> str:
        """`Thứ Năm 01/01/2026 – Thứ Năm 31/12/2026`."""
        return f"{long_date(self.first)} – {long_date(self.last)}"


def gantt(tasks: Sequence[Task], *, first: dt.date, last: dt.date, today: dt.date) -> Gantt:
    """The chart of `tasks` over the days `first` to `last`, both included, widened so that every task fits."""
    times = [task.time for task in tasks if task.time is not None]
    days = [day for time in times for day in (time.start, time.last_day) if day is not None]
    days += [day for task in tasks for day in task.actual or ()]
    first, last = min([first, *days]), max([last, *days])
    per_day = CHART / ((last - first).days + 1)

    def at(day: dt.date) -> float:
        return round(LABEL + (day - first).days * per_day, 1)

    rows = tuple(_row(place, task, at, first, last) for place, task in enumerate(tasks))
    return Gantt(
        width=LABEL + CHART,
        height=HEAD + ROW * len(tasks),
        left=LABEL,
        head=HEAD,
        first=first,
        last=last,
        rows=rows,
        ticks=tuple(_ticks(first, last, per_day)),
        today_x=at(today) if first <= today <= last else None,
    )


def _row(place: int, task: Task, at: Callable[[dt.date], float], first: dt.date, last: dt.date) -> Row:
    time = task.time
    top = HEAD + place * ROW
    middle = top + ROW // 2
    if time is None:
        shape, start, end = Shape.NONE, first, first
    elif time.end is None:
        shape, start, end = Shape.ONGOING, first, last + ONE_DAY
    elif time.start is None:
        shape, start, end = Shape.DUE, first, time.end
    else:
        shape, start, end = Shape.BAR, time.start, time.end
    x, end_x = at(start), at(end)
    words = time.words() if time is not None else "Không ghi thời gian"
    label = f"{task.number} {task.name}".strip()
    actual_x, actual_end = (at(task.actual[0]), at(task.actual[1] + ONE_DAY)) if task.actual else (None, 0.0)
    if task.actual:
        words += f". Thực tế: {long_date(task.actual[0])} – {long_date(task.actual[1])}"
    return Row(
        label=_short(label, LABEL_CHARACTERS - 2 * task.depth),
        title=f"{label}: {words}",
        label_x=4 + INDENT * task.depth,
        text_y=middle + 4,
        shape=shape,
        state=task.state,
        x=x,
        y=middle - BAR // 2,
        width=round(max(end_x - x, 2), 1),
        end_x=end_x,
        middle=middle,
        diamond=_diamond(end_x, middle),
        actual_x=actual_x,
        actual_width=0 if actual_x is None else round(max(actual_end - actual_x, 2), 1),
    )


def _short(text: str, limit: int) -> str:
    """`text` cut at a word with an ellipsis where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def _diamond(x: float, y: int) -> str:
    """Points of a diamond that ends at the end of the last day."""
    left = round(x - 2 * DIAMOND, 1)
    middle = round(x - DIAMOND, 1)
    return f"{left},{y} {middle},{y - DIAMOND} {x},{y} {middle},{y + DIAMOND}"


def _ticks(first: dt.date, last: dt.date, per_day: float) -> Iterator[Tick]:
    """Weeks, months, quarters or years: the finest that leaves room for the words."""
    if 7 * per_day >= TICK_ROOM:
        day = first + dt.timedelta(days=-first.weekday() % 7)
        while day <= last:
            yield Tick(_x(day, first, per_day), f"{day:%d/%m}")
            day += dt.timedelta(days=7)
        return
    months = next((step for step in (1, 3, 12, 60) if 28 * step * per_day >= TICK_ROOM), 120)
    year, month = first.year, 1
    while (day := dt.date(year, month, 1)) <= last:
        if day >= first:
            yield Tick(_x(day, first, per_day), _tick_label(day, months))
        month += months
        year, month = year + (month - 1) // 12, (month - 1) % 12 + 1


def _x(day: dt.date, first: dt.date, per_day: float) -> float:
    return round(LABEL + (day - first).days * per_day, 1)


def _tick_label(day: dt.date, months: int) -> str:
    if months == 1:
        return f"{day:%m/%Y}"
    if months == 3:
        return f"Quý {('I', 'II', 'III', 'IV')[day.month // 3]}/{day.year % 100:02}"
    return f"{day.year}"
