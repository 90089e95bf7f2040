"""Who will miss the deadline at the present pace. Arithmetic alone: no database, no clock, no template.

Days are local dates, criteria are counted whole. The pace is what was done in the last days, spread evenly over them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# Local days over which the pace is measured, today included.
WINDOW = 7
# A forecast that leaves no more days than these before the last day is near.
TIGHT_DAYS = 2
# So early nothing can be said of a unit that has done nothing yet.
SETTLING_DAYS = 3

ONE_DAY = dt.timedelta(days=1)


class Outlook(StrEnum):
    """What is to be expected of a unit."""

    SENT = "sent"
    DONE = "done"  # every criterion is done, the dossier is not sent yet
    ON_TRACK = "on_track"
    TIGHT = "tight"
    MISS = "miss"  # at this pace it ends after its own last day
    STALLED = "stalled"  # work is left and nothing was done in the window
    UNKNOWN = "unknown"  # too early to say
    OVERDUE = "overdue"  # its own last day has passed


# Nobody comes in time of these, unless somebody acts.
AT_RISK = frozenset({Outlook.MISS, Outlook.STALLED})


@dataclass(frozen=True, slots=True)
class Forecast:
    """The outlook; the day on which the last criterion is done at this pace (None: never, or not asked), and by how
    many days that is too late (0: not late, or not known)."""

    outlook: Outlook
    finish_on: dt.date | None = None
    days_late: int = 0


def window(opened_on: dt.date, today: dt.date) -> int:
    """The number of days of the pace: WINDOW, fewer where the cycle is younger."""
    return max(1, min(WINDOW, (today - opened_on).days + 1))


def finish_day(*, left: int, recent: int, days: int, today: dt.date) -> dt.date | None:
    """The first day by whose end `left` criteria are done at `recent` criteria in `days` days; None: never."""
    if left <= 0:
        return today
    if recent <= 0:
        return None
    return today + dt.timedelta(days=-(-left * days // recent))


def forecast(
    *,
    done: int,
    total: int,
    recent: int,
    opened_on: dt.date,
    today: dt.date,
    last_day: dt.date,
    sent: bool,
) -> Forecast:
    """What to expect of one unit: `done` of `total` criteria, `recent` of them first done in the window.

    `last_day` is the unit's own: the plan's, or that of its extension.
    """
    if sent:
        return Forecast(Outlook.SENT)
    if today > last_day:
        return Forecast(Outlook.OVERDUE)
    left = total - done
    if left <= 0:
        return Forecast(Outlook.DONE, today)
    days = window(opened_on, today)
    finish = finish_day(left=left, recent=recent, days=days, today=today)
    if finish is None:
        early = (today - opened_on).days < SETTLING_DAYS
        return Forecast(Outlook.UNKNOWN if early else Outlook.STALLED)
    late = (finish - last_day).days
    if late > 0:
        return Forecast(Outlook.MISS, finish, late)
    return Forecast(Outlook.TIGHT if -late <= TIGHT_DAYS else Outlook.ON_TRACK, finish)


def cumulative(by_day: Mapping[dt.date, int], first: dt.date, last: dt.date) -> list[tuple[dt.date, int]]:
    """How many were done by the end of each day from `first` to `last`; what was done earlier counts on `first`."""
    running = sum(count for day, count in by_day.items() if day < first)
    found = []
    day = first
    while day <= last:
        running += by_day.get(day, 0)
        found.append((day, running))
        day += ONE_DAY
    return found


def ideal(total: int, first: dt.date, last_day: dt.date, day: dt.date) -> float:
    """Criteria that an even pace has done by the end of `day`: none before `first`, all by the end of `last_day`."""
    span = (last_day - first).days + 1
    if span <= 0:
        return float(total)
    return total * min(max((day - first).days + 1, 0), span) / span
