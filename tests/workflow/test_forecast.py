"""The forecast: exact at its edges, and never better for having done less."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.forecast import (
    TIGHT_DAYS,
    WINDOW,
    Forecast,
    Outlook,
    cumulative,
    finish_day,
    forecast,
    ideal,
    window,
)

OPENED = dt.date(2026, 11, 10)
TODAY = dt.date(2026, 12, 4)
LAST = dt.date(2026, 12, 14)  # "trước ngày 15/12"


def day(number: int) -> dt.date:
    return dt.date(2026, 12, number)


def of(**given: Any) -> Forecast:
    facts = {"done": 60, "total": 100, "recent": 35, "opened_on": OPENED, "today": TODAY, "last_day": LAST}
    return forecast(**{"sent": False, **facts, **given})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # 35 in 7 days are 5 a day: 40 left take 8 days
        ({}, Forecast(Outlook.TIGHT, day(12))),
        ({"done": 65}, Forecast(Outlook.ON_TRACK, day(11))),
        ({"done": 50}, Forecast(Outlook.TIGHT, day(14))),
        ({"done": 49}, Forecast(Outlook.MISS, day(15), 1)),
        ({"done": 49, "last_day": day(18)}, Forecast(Outlook.ON_TRACK, day(15))),
        ({"done": 100}, Forecast(Outlook.DONE, TODAY)),
        ({"recent": 0}, Forecast(Outlook.STALLED)),
        ({"recent": 0, "done": 0, "opened_on": day(2)}, Forecast(Outlook.UNKNOWN)),
        ({"recent": 0, "done": 0, "opened_on": day(1)}, Forecast(Outlook.STALLED)),
        ({"sent": True}, Forecast(Outlook.SENT)),
        ({"today": LAST}, Forecast(Outlook.MISS, day(22), 8)),
        ({"today": day(15)}, Forecast(Outlook.OVERDUE)),
        ({"total": 0, "done": 0}, Forecast(Outlook.DONE, TODAY)),
    ],
)
def test_forecast_of(given: dict[str, Any], expected: Forecast) -> None:
    assert of(**given) == expected


def test_pace_of_a_young_cycle_is_spread_over_its_own_days() -> None:
    assert window(TODAY, TODAY) == 1
    assert window(day(2), TODAY) == 3
    assert window(OPENED, TODAY) == WINDOW
    assert of(done=10, recent=10, opened_on=day(3)) == Forecast(Outlook.MISS, day(22), 8)


counts = st.integers(0, 500)
days = st.integers(0, 60).map(lambda number: OPENED + dt.timedelta(days=number))


@given(left=st.integers(1, 500), recent=st.integers(1, 500), span=st.integers(1, WINDOW))
def test_finish_day_is_the_first_on_which_the_pace_suffices(left: int, recent: int, span: int) -> None:
    found = finish_day(left=left, recent=recent, days=span, today=TODAY)
    assert found is not None
    after = (found - TODAY).days
    assert recent * after >= left * span
    assert recent * (after - 1) < left * span


@given(done=counts, more=counts, total=counts, recent=counts, today=days, last_day=days)
def test_doing_more_never_makes_the_outlook_worse(
    done: int, more: int, total: int, recent: int, today: dt.date, last_day: dt.date
) -> None:
    less = of(done=done, total=total, recent=recent, today=today, last_day=last_day)
    better = of(done=done + more, total=total, recent=recent + more, today=today, last_day=last_day)
    assert better.days_late <= less.days_late or less.finish_on is None
    if less.finish_on is not None:
        assert better.finish_on is not None
        assert better.finish_on <= less.finish_on


@given(done=counts, total=counts, recent=counts, today=days, last_day=days, more=st.integers(0, 30))
def test_extension_never_makes_the_outlook_worse(
    done: int, total: int, recent: int, today: dt.date, last_day: dt.date, more: int
) -> None:
    before = of(done=done, total=total, recent=recent, today=today, last_day=last_day)
    later = of(done=done, total=total, recent=recent, today=today, last_day=last_day + dt.timedelta(days=more))
    if before.outlook != Outlook.OVERDUE:
        assert later.days_late <= before.days_late
        assert later.finish_on == before.finish_on


@given(done=counts, total=counts, recent=counts, today=days, last_day=days)
def test_outlook_agrees_with_the_day_that_it_names(
    done: int, total: int, recent: int, today: dt.date, last_day: dt.date
) -> None:
    found = of(done=done, total=total, recent=recent, today=today, last_day=last_day)
    assert (found.outlook == Outlook.MISS) == (found.days_late > 0)
    if found.outlook == Outlook.MISS:
        assert found.finish_on is not None
        assert (found.finish_on - last_day).days == found.days_late
    if found.outlook == Outlook.TIGHT:
        assert found.finish_on is not None
        assert 0 <= (last_day - found.finish_on).days <= TIGHT_DAYS


@given(by_day=st.dictionaries(days, st.integers(0, 50)), first=days, length=st.integers(0, 40))
def test_cumulative_rises_to_all_that_was_done(by_day: dict[dt.date, int], first: dt.date, length: int) -> None:
    last = first + dt.timedelta(days=length)
    points = cumulative(by_day, first, last)
    assert [at for at, _count in points] == [first + dt.timedelta(days=number) for number in range(length + 1)]
    assert [count for _at, count in points] == sorted(count for _at, count in points)
    assert points[-1][1] == sum(count for at, count in by_day.items() if at <= last)


def test_ideal_line_reaches_all_on_the_last_day() -> None:
    assert ideal(100, day(5), LAST, day(4)) == 0
    assert ideal(100, day(5), LAST, day(5)) == 10
    assert ideal(100, day(5), LAST, day(9)) == 50
    assert ideal(100, day(5), LAST, LAST) == 100
    assert ideal(100, day(5), LAST, day(20)) == 100
    assert ideal(100, LAST, day(5), day(1)) == 100
