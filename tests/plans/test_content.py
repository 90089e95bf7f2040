"""A plan as values: its texts are tidied, its dates move together, everything wrong is found at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.calendar import PlanTimeError
from plans.content import (
    GroupContent,
    MilestoneContent,
    PlanContent,
    SeatContent,
    SheetsContent,
    TargetContent,
    TaskContent,
    goes_round,
    one_line,
    problems,
    shift_day,
)

from .conftest import sample

UNITS = {"so-noi-vu", "so-tu-phap"}


def found(content: PlanContent) -> list[tuple[str, int, int, str, str]]:
    return [(p.section, p.place, p.seat, p.field, p.message) for p in problems(content, units=UNITS)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  hai\n dòng\t", "hai dòng"),
        ("a\x00b\u200bc", "abc"),
        ("Ke\u0302\u0301 hoa\u0323ch", "Kế hoạch"),
        ("\u00a0", ""),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


@given(st.text())
def test_one_line_twice_changes_nothing(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)


def test_task_content_units_are_a_set_in_order() -> None:
    assert TaskContent("1", "Việc", lead_units=("b", "a", "b")).lead_units == ("a", "b")


def test_problems_of_a_right_plan_there_are_none() -> None:
    assert found(sample()) == []


def test_problems_everything_is_found_at_once() -> None:
    content = PlanContent(
        number="",
        title="Kế hoạch",
        issuing_body="x" * 201,
        signed_on=None,
        period_start=dt.date(2026, 2, 1),
        period_end=dt.date(2026, 1, 1),
        milestones=(
            MilestoneContent("survey", dt.date(2026, 1, 1)),
            MilestoneContent("survey", dt.date(2026, 1, 2)),
        ),
        tasks=(
            TaskContent("1", "Việc", time_text="mai"),
            TaskContent("1", "", parent="7", report_every="daily", lead_units=("so-la",)),
            TaskContent("2", "Việc", parent="2"),
        ),
        targets=(
            TargetContent("A", "Chỉ tiêu", Decimal("-1"), "%", "<", "9"),
            TargetContent("A", "", None, "%"),
        ),
        groups=(
            GroupContent("Tổ", "", 3, 2, "so-la", (SeatContent("", "x", 2, 1, skilled_min=3),)),
            GroupContent("Tổ", "Sở", 1, 1, "", (SeatContent("r", "b"), SeatContent("r", "b"))),
        ),
        sheets=(SheetsContent("", "C", 0, "so-la"), SheetsContent("H", "A", 1), SheetsContent("H", "A", 2)),
    )
    assert [(section, place, seat, field) for section, place, seat, field, _message in found(content)] == [
        ("plan", 0, -1, "number"),
        ("plan", 0, -1, "issuing_body"),
        ("plan", 0, -1, "signed_on"),
        ("plan", 0, -1, "period_end"),
        ("milestones", 1, -1, "key"),
        ("tasks", 0, -1, "time_text"),
        ("tasks", 1, -1, "name"),
        ("tasks", 1, -1, "report_every"),
        ("tasks", 1, -1, "lead_units"),
        ("tasks", 1, -1, "number"),
        ("tasks", 1, -1, "parent"),
        ("tasks", 2, -1, "parent"),
        ("targets", 0, -1, "value"),
        ("targets", 0, -1, "comparison"),
        ("targets", 0, -1, "task"),
        ("targets", 1, -1, "text"),
        ("targets", 1, -1, "value"),
        ("targets", 1, -1, "number"),
        ("groups", 0, -1, "body"),
        ("groups", 0, -1, "size_max"),
        ("groups", 0, -1, "unit"),
        ("groups", 0, 0, "role"),
        ("groups", 0, 0, "count_max"),
        ("groups", 0, 0, "skilled_min"),
        ("groups", 1, 1, "body"),
        ("groups", 1, -1, "name"),
        ("sheets", 0, -1, "body"),
        ("sheets", 0, -1, "form"),
        ("sheets", 0, -1, "planned"),
        ("sheets", 0, -1, "unit"),
        ("sheets", 2, -1, "form"),
    ]


def test_problems_repeated_number_names_the_other_task() -> None:
    content = replace(sample(), tasks=(TaskContent("1", "Việc đầu"), TaskContent("1", "Việc sau")), targets=())
    assert found(content) == [("tasks", 1, -1, "number", "Số này đã dùng cho “Việc đầu”.")]


def test_problems_long_circle_of_parents() -> None:
    tasks = (TaskContent("1", "a", parent="3"), TaskContent("2", "b", parent="1"), TaskContent("3", "c", parent="2"))
    content = replace(sample(), tasks=tasks, targets=())
    assert [row[:2] for row in found(content)] == [("tasks", 0), ("tasks", 1), ("tasks", 2)]


def test_goes_round_a_circle_elsewhere_ends() -> None:
    assert goes_round("1", "2", {"1": "2", "2": "3", "3": "2"}) is False


@pytest.mark.parametrize(("value", "wrong"), [("99999999999", True), ("0.001", True), ("0.01", False), ("0", False)])
def test_problems_value_has_two_decimals_at_most(value: str, wrong: bool) -> None:
    content = replace(sample(), targets=(TargetContent("A", "x", Decimal(value), "", "="),))
    assert [row[3] for row in found(content)] == (["value"] if wrong else [])


def test_shift_years_moves_every_date_and_leaves_the_words() -> None:
    moved = sample().shift_years(1)
    assert (moved.signed_on, moved.period_start, moved.period_end) == (
        dt.date(2027, 11, 2),
        dt.date(2027, 11, 2),
        dt.date(2028, 1, 15),
    )
    assert [m.on for m in moved.milestones] == [dt.date(2027, 12, 15)]
    assert [t.time_text for t in moved.tasks] == ["Trước ngày 15/12/2027", "Tháng 11/2027", "Thường xuyên"]
    assert (moved.title, moved.targets, moved.groups, moved.sheets) == (
        sample().title,
        sample().targets,
        sample().groups,
        sample().sheets,
    )


def test_shift_years_there_and_back_is_the_same_plan() -> None:
    assert sample().shift_years(3).shift_years(-3) == sample()


def test_shift_day_leap_day_gives_way() -> None:
    assert shift_day(dt.date(2024, 2, 29), 1) == dt.date(2025, 2, 28)


def test_shift_years_out_of_the_calendar_is_refused() -> None:
    with pytest.raises(PlanTimeError, match="Năm phải từ 1900 đến 2199"):
        sample().shift_years(300)
