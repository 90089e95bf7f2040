from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plans.calendar import (
    Deadline,
    PlanTime,
    PlanTimeError,
    TimeKind,
    WorkCalendar,
    local_date,
    parse_time,
    reminder_days,
    start_of,
    upcoming,
)

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DEADLINES = st.builds(Deadline, DAYS, st.booleans())


@st.composite
def work_calendars(draw: st.DrawFn) -> WorkCalendar:
    holidays = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 31)), max_size=40))
    makeup_days = draw(st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 31)), max_size=10))
    return WorkCalendar(holidays - makeup_days, makeup_days)


@st.composite
def plan_times(draw: st.DrawFn) -> PlanTime:
    kind = draw(st.sampled_from(TimeKind))
    year = draw(st.integers(1900, 2190))
    day = draw(st.dates(date(1900, 1, 1), date(2190, 12, 31)))
    if kind is TimeKind.ONGOING:
        return PlanTime(kind, None, None)
    if kind in (TimeKind.BEFORE, TimeKind.UNTIL):
        return PlanTime(kind, None, day + timedelta(days=1))
    if kind is TimeKind.DAY:
        return PlanTime(kind, day, day + timedelta(days=draw(st.integers(1, 400))))
    if kind is TimeKind.MONTH:
        first, count = draw(st.integers(0, 11)), draw(st.integers(1, 20))
        return PlanTime(kind, month_start(year, first), month_start(year, first + count))
    if kind is TimeKind.QUARTER:
        quarter = draw(st.integers(0, 3))
        after = draw(st.integers(quarter + 1, 4))
        return PlanTime(kind, month_start(year, 3 * quarter), month_start(year, 3 * after))
    years = 1 if kind is TimeKind.YEAR else draw(st.integers(2, 9))
    return PlanTime(kind, date(year, 1, 1), date(year + years, 1, 1))


def month_start(year: int, months: int) -> date:
    return date(year + months // 12, months % 12 + 1, 1)


@given(DAYS, st.timedeltas(timedelta(0), timedelta(hours=24) - timedelta(microseconds=1)))
def test_every_instant_of_a_day_has_its_local_date(day: date, since: timedelta) -> None:
    assert local_date(start_of(day) + since) == day
    assert local_date(start_of(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(DEADLINES, INSTANTS)
def test_days_left_is_negative_exactly_when_the_deadline_is_not_met(deadline: Deadline, now: datetime) -> None:
    assert deadline.met(now) is (deadline.days_left(now) >= 0)


@given(DEADLINES)
def test_the_last_moment_is_met_and_the_end_is_not(deadline: Deadline) -> None:
    assert deadline.met(deadline.ends_at - timedelta(microseconds=1)) is True
    assert deadline.met(deadline.ends_at) is False
    assert local_date(deadline.ends_at - timedelta(microseconds=1)) == deadline.last_day


@given(DEADLINES, st.integers(-40, 10), st.integers(0, 40))
def test_upcoming_agrees_with_the_reminder_of_each_day(deadline: Deadline, offset: int, length: int) -> None:
    first = deadline.last_day + timedelta(days=offset)
    listed = dict(upcoming(deadline, first, first + timedelta(days=length)))
    for n in range(length + 1):
        day = first + timedelta(days=n)
        assert listed.get(day) == reminder_days(deadline, start_of(day) + timedelta(hours=8))


@given(work_calendars(), st.dates(date(2025, 12, 20), date(2026, 4, 10)), st.integers(-60, 60))
def test_adding_working_days_back_returns_to_a_working_start(calendar: WorkCalendar, start: date, days: int) -> None:
    reached = calendar.add_working_days(start, days)
    assert calendar.working_days_between(start, reached) == days
    if days:
        assert calendar.is_working(reached)
    if calendar.is_working(start):
        assert calendar.add_working_days(reached, -days) == start


@given(work_calendars(), st.dates(date(2025, 12, 20), date(2026, 4, 10)), st.integers(0, 30), st.integers(0, 30))
def test_adding_working_days_in_two_steps_is_adding_their_sum(
    calendar: WorkCalendar, start: date, first: int, second: int
) -> None:
    once = calendar.add_working_days(start, first + second)
    assert calendar.add_working_days(calendar.add_working_days(start, first), second) == once


@given(plan_times())
def test_words_of_a_plan_time_are_read_back_as_the_same_time(when: PlanTime) -> None:
    assert parse_time(when.words()) == when
    assert parse_time(when.words().upper()) == when


@given(plan_times())
def test_deadline_of_a_plan_time_ends_with_it(when: PlanTime) -> None:
    if when.end is None:
        assert when.deadline is None
    else:
        assert when.deadline is not None
        assert when.deadline.ends_at == start_of(when.end)
        assert when.deadline.last_day == when.last_day


@given(plan_times(), st.integers(-8, 8))
def test_shifting_years_there_and_back_keeps_all_but_a_leap_day(when: PlanTime, years: int) -> None:
    printed = {when.start, when.end if when.kind is TimeKind.BEFORE else when.last_day}
    in_range = all(day is None or 1910 <= day.year <= 2190 for day in printed)
    leap_day = any(day is not None and (day.month, day.day) == (2, 29) for day in printed)
    whole_months = when.kind not in (TimeKind.DAY, TimeKind.BEFORE, TimeKind.UNTIL)
    if in_range and (whole_months or not leap_day):
        assert when.shift_years(years).shift_years(-years) == when


def outcome(text: str) -> PlanTime | str:
    try:
        return parse_time(text)
    except PlanTimeError as error:
        return str(error)


PIECES = (
    "ngày tháng quý năm trước đến hết từ giai đoạn thường xuyên vào trong xong - – + / , và ( ) . : "
    "1 03 12 13 31 99 2012 2026 0000 15/12/2021 29/02/2023 3/2012 4-6/2012 I II IV I+II 2011-2015"
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES.split()), max_size=8).map(" ".join))
def test_parse_time_of_any_text_gives_a_time_or_a_vietnamese_message(text: str) -> None:
    found = outcome(text)
    if isinstance(found, PlanTime):
        assert parse_time(found.words()) == found
    else:
        assert found.split()[0] in {"Không", "Ngày", "Năm", "Các", "Thời"}
