"""Periods of recurring reports and the status of targets: pure rules at their edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.calendar import Deadline
from plans.progress import (
    ASK_BEFORE,
    CATCH_UP,
    MONTHS,
    Period,
    TargetStatus,
    Trend,
    asked_period,
    average,
    due_day,
    period_as_of,
    period_of,
    period_words,
    target_status,
    trend,
)

DAYS = st.dates(date(2000, 1, 1), date(2150, 12, 31))
RULES = st.sampled_from(sorted(MONTHS))
FIGURES = st.decimals(0, 1000, places=2)
ENDS = Deadline(date(2026, 12, 15)).ends_at
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("rule", "day", "key", "start", "last", "words"),
    [
        ("monthly", date(2026, 2, 28), "2026-02", date(2026, 2, 1), date(2026, 2, 28), "Tháng 2/2026"),
        ("monthly", date(2026, 12, 31), "2026-12", date(2026, 12, 1), date(2026, 12, 31), "Tháng 12/2026"),
        ("quarterly", date(2026, 3, 31), "2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "Quý I năm 2026"),
        ("quarterly", date(2026, 10, 1), "2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "Quý IV năm 2026"),
        ("yearly", date(2011, 7, 5), "2011", date(2011, 1, 1), date(2011, 12, 31), "Năm 2011"),
    ],
)
def test_period_of_a_day(rule: str, day: date, key: str, start: date, last: date, words: str) -> None:
    period = period_of(rule, day)
    assert (period.key, period.start, period.last_day, period_words(period.key)) == (key, start, last, words)


def test_report_outside_any_rhythm_tells_of_its_day() -> None:
    period = period_as_of(date(2026, 11, 21))
    assert period == Period("2026-11-21", date(2026, 11, 21), date(2026, 11, 22))
    assert period_words(period.key) == "Đến ngày 21/11/2026"


@given(RULES, DAYS)
def test_every_day_lies_in_exactly_one_period_of_a_rule(rule: str, day: date) -> None:
    period = period_of(rule, day)
    assert period.start <= day < period.end
    assert period_of(rule, period.last_day) == period
    assert period_of(rule, period.end).start == period.end


YEAR = {"first": date(2026, 1, 1), "end": date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("rule", "today", "key"),
    [
        ("monthly", date(2026, 1, 24), None),  # the first one is asked for 7 days before its end
        ("monthly", date(2026, 1, 25), "2026-01"),
        ("monthly", date(2026, 2, 21), "2026-01"),
        ("monthly", date(2026, 2, 22), "2026-02"),
        ("quarterly", date(2026, 3, 16), None),
        ("quarterly", date(2026, 3, 17), "2026-Q1"),
        ("yearly", date(2026, 12, 1), None),
        ("yearly", date(2026, 12, 2), "2026"),
        ("yearly", date(2027, 1, 31), "2026"),  # a server that stood still asks for it yet
        ("yearly", date(2027, 2, 1), None),
        ("none", date(2026, 12, 31), None),
    ],
)
def test_report_is_asked_for_near_the_end_of_its_period(rule: str, today: date, key: str | None) -> None:
    period = asked_period(rule, today, **YEAR)
    assert (period.key if period else None) == key


@given(RULES, DAYS, DAYS, st.integers(1, 2000))
def test_asked_period_touches_the_task_and_is_neither_early_nor_stale(
    rule: str, today: date, first: date, length: int
) -> None:
    end = first + timedelta(days=length)
    period = asked_period(rule, today, first=first, end=end)
    if period is not None:
        assert period.start < end
        assert first < period.end
        assert period.end - timedelta(days=ASK_BEFORE[rule]) <= today < period.end + CATCH_UP


@given(RULES, DAYS, st.none() | DAYS)
def test_report_is_due_within_its_period(rule: str, day: date, last_day: date | None) -> None:
    period = period_of(rule, day)
    assert period.start <= due_day(period, last_day) <= period.last_day


def test_report_is_due_with_the_task_that_ends_within_its_period() -> None:
    quarter = period_of("quarterly", date(2026, 5, 5))
    assert due_day(quarter, date(2026, 6, 29)) == date(2026, 6, 29)
    assert due_day(quarter, date(2026, 7, 1)) == date(2026, 6, 30)
    assert due_day(quarter, None) == date(2026, 6, 30)


# targets


def status(
    figures: list[Decimal | None], now: datetime = ENDS - MICROSECOND, value: str = "60", comparison: str = ">"
) -> TargetStatus | None:
    return target_status(Decimal(value), comparison, figures, ends_at=ENDS, now=now)


def test_target_without_a_figure_is_open_until_its_deadline_and_then_overdue() -> None:
    assert datetime(2026, 12, 14, 17, tzinfo=UTC) == ENDS
    assert status([None]) == TargetStatus.NOT_MET
    assert status([None], now=ENDS) == TargetStatus.OVERDUE
    assert status([], now=ENDS) == TargetStatus.OVERDUE


@pytest.mark.parametrize(
    ("comparison", "figure", "met"),
    [(">", "60", False), (">", "60.01", True), (">=", "60", True), (">=", "59.99", False), ("=", "60", True)],
)
def test_target_is_met_by_its_own_comparison(comparison: str, figure: str, met: bool) -> None:
    found = status([Decimal(figure)], comparison=comparison)
    assert found == (TargetStatus.MET if met else TargetStatus.NOT_MET)


def test_target_of_several_bodies_is_met_when_each_reaches_it() -> None:
    assert status([Decimal(61), Decimal(99)]) == TargetStatus.MET
    assert status([Decimal(61), None]) == TargetStatus.NOT_MET
    assert status([Decimal(61), Decimal(60)], now=ENDS) == TargetStatus.OVERDUE


def test_target_without_a_number_has_no_status() -> None:
    assert target_status(None, "", [Decimal(1)], ends_at=ENDS, now=ENDS) is None


@given(st.lists(st.none() | FIGURES, max_size=5), FIGURES, st.sampled_from([">", ">=", "="]), st.integers(-9, 9))
def test_status_follows_from_figures_and_time_alone(
    figures: list[Decimal | None], value: Decimal, comparison: str, microseconds: int
) -> None:
    now = ENDS + microseconds * MICROSECOND
    found = target_status(value, comparison, figures, ends_at=ENDS, now=now)
    assert target_status(value, comparison, figures[::-1], ends_at=ENDS, now=now) == found
    if found != TargetStatus.MET:
        assert (found == TargetStatus.OVERDUE) is (now >= ENDS)
    else:
        assert None not in figures
        assert target_status(value, comparison, [*figures, None], ends_at=ENDS, now=now) != TargetStatus.MET


@given(st.lists(st.none() | FIGURES, min_size=1, max_size=5), FIGURES, FIGURES)
def test_better_figures_never_lose_a_target(figures: list[Decimal | None], value: Decimal, more: Decimal) -> None:
    better = [None if figure is None else figure + more for figure in figures]
    if target_status(value, ">=", figures, ends_at=ENDS, now=ENDS) == TargetStatus.MET:
        assert target_status(value, ">=", better, ends_at=ENDS, now=ENDS) == TargetStatus.MET


def test_labels_of_the_status() -> None:
    assert [status.label for status in TargetStatus] == ["Đạt", "Chưa đạt", "Quá hạn"]


# sums


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], None), ([5], None), ([5, 6], Trend.UP), ([1, 6, 5], Trend.DOWN), ([9, 5, 5], Trend.SAME)],
)
def test_trend_compares_the_last_two(values: list[int], expected: Trend | None) -> None:
    assert trend([Decimal(value) for value in values]) == expected


def test_average_leaves_out_who_said_nothing() -> None:
    assert average([]) is None
    assert average([Decimal(40), Decimal(50), Decimal(60)]) == Decimal("50.0")
    assert average([Decimal("0.05"), Decimal("0.05")]) == Decimal("0.1")
