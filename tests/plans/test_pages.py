"""Rows of the pages: the tree, days left, the month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from plans import pages
from plans.content import PlanContent
from plans.holidays import Holiday
from plans.models import Plan, PlanTask, Target
from plans.visibility import plans_for
from plans.writing import write
from presets.plans import load_plan
from units import clock
from units.models import User

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 12, 10, 12, tzinfo=clock.LOCAL)


def test_task_rows_children_follow_their_parent_with_depth() -> None:
    rows = pages.task_rows(load_plan("gia-lai"))
    assert [(row.task.number, row.depth, row.is_branch) for row in rows[:6]] == [
        ("II.1", 0, True),
        ("II.1.1", 1, True),
        ("II.1.1a", 2, False),
        ("II.1.2", 1, False),
        ("II.2", 0, True),
        ("II.2.1", 1, False),
    ]
    assert len(rows) == 49


def test_task_rows_a_child_that_stands_before_its_parent_is_shown(plan: Plan) -> None:
    plan.tasks.filter(number="1.1").update(order=0)
    assert [row.task.number for row in pages.task_rows(plan)] == ["1", "1.1", "2"]


@pytest.mark.parametrize(
    ("now", "state", "text"),
    [
        (dt.datetime(2026, 12, 1, 8, tzinfo=clock.LOCAL), "info", "Còn 13 ngày"),
        (dt.datetime(2026, 12, 7, 0, tzinfo=clock.LOCAL), "soon", "Còn 7 ngày"),
        (dt.datetime(2026, 12, 14, 23, 59, 59, 999999, tzinfo=clock.LOCAL), "soon", "Hôm nay"),
        (dt.datetime(2026, 12, 15, 0, tzinfo=clock.LOCAL), "mute", "Đã qua 1 ngày"),
        (dt.datetime(2027, 1, 15, 23, tzinfo=clock.LOCAL), "mute", "Đã qua 32 ngày"),
        (dt.datetime(2027, 1, 16, 0, tzinfo=clock.LOCAL), "mute", "Đã qua"),
    ],
)
def test_task_rows_days_left_before_15_12(plan: Plan, now: dt.datetime, state: str, text: str) -> None:
    with clock.at(now):
        row = pages.task_rows(plan)[0]
    assert row.due is not None
    assert (row.due["state"], row.due["text"], row.last_day) == (state, text, "hết thứ Hai 14/12/2026")


def test_task_rows_ongoing_has_no_chip(plan: Plan) -> None:
    assert pages.task_rows(plan)[2].due is None


def test_task_rows_few_units_are_named_and_many_counted(plan: Plan) -> None:
    assert pages.task_rows(plan)[0].lead_units == "Sở Nội vụ"
    assert pages._names(["A", "B", "C", "D"]) == "4 đơn vị trên phần mềm"


@pytest.mark.parametrize(
    ("today", "text"),
    [
        (dt.date(2026, 11, 1), "Chưa bắt đầu"),
        (dt.date(2026, 11, 2), "Đang thực hiện"),
        (dt.date(2027, 1, 15), "Đang thực hiện"),
        (dt.date(2027, 1, 16), "Đã kết thúc"),
    ],
)
def test_period_chip(plan: Plan, today: dt.date, text: str) -> None:
    assert pages.period_chip(plan, today)["text"] == text


@pytest.mark.parametrize(
    ("value", "comparison", "unit", "words"),
    [
        ("60", ">", "%", "trên 60 %"),
        ("95.50", ">=", "%", "từ 95,5 %"),
        ("2745", "=", "phiếu", "đúng 2.745 phiếu"),
        ("100.00", ">=", "", "từ 100"),
    ],
)
def test_figure_words(value: str, comparison: str, unit: str, words: str) -> None:
    assert pages.figure_words(Target(value=Decimal(value), comparison=comparison, unit=unit)) == words


def test_figure_words_without_a_number_are_none() -> None:
    assert pages.figure_words(Target(value=None)) == ""


def test_group_rows_nobody_entered_is_not_an_error(plan: Plan) -> None:
    (row,) = pages.group_rows(plan)
    assert (row.count, row.errors) == (0, None)


def test_group_rows_somebody_entered_is_checked(plan: Plan) -> None:
    plan.groups.get().seats.all()[0].members.create(name="An", position="Giám đốc")
    (row,) = pages.group_rows(plan)
    assert row.count == 1
    assert row.errors == [
        "Tổ có 1 người, quy định từ 2 đến 3 thành viên.",
        "Tổ viên: Công chức: có 0 người, quy định từ 1 đến 2 người.",
        "Tổ viên: Công chức: cần 1 người thạo Excel, mới có 0.",
    ]


def test_sheet_rows_of_ben_tre_add_up() -> None:
    rows = pages.sheet_rows(load_plan("ben-tre"))
    total = pages.sheet_total(rows)
    assert [(row.body, row.a, row.b, row.total) for row in rows[:1]] == [("Thành phố Bến Tre", 1, 60, 61)]
    assert (len(rows), total.a, total.b, total.total) == (8, 8, 360, 368)


@pytest.mark.parametrize(
    ("number", "today", "state"),
    [
        ("1", dt.date(2026, 12, 1), "info"),
        ("1", dt.date(2026, 12, 7), "soon"),
        ("1", dt.date(2026, 12, 15), "mute"),
        ("1.1", dt.date(2026, 10, 31), "mute"),
        ("1.1", dt.date(2026, 11, 1), "info"),
        ("1.1", dt.date(2026, 11, 30), "soon"),
        ("2", dt.date(2026, 12, 1), "info"),
        ("2", dt.date(2027, 2, 1), "mute"),
    ],
)
def test_bar_state(plan: Plan, number: str, today: dt.date, state: str) -> None:
    assert pages.bar_state(plan, plan.tasks.get(number=number), today) == state


def test_chart_of_a_plan_spans_its_period(plan: Plan) -> None:
    with clock.at(NOON):
        made = pages.chart(plan, pages.task_rows(plan))
    assert (made.first, made.last) == (dt.date(2026, 11, 1), dt.date(2027, 1, 15))
    assert [row.state for row in made.rows] == ["soon", "mute", "info"]
    assert made.today_x is not None


def month(reader: User, year: int = 2026, number: int = 12) -> list[list[pages.Day]]:
    with clock.at(NOON):
        return pages.month(year, number, plans_for(reader))


def test_month_weeks_begin_on_monday(plan: Plan, reader: User) -> None:
    weeks = month(reader)
    assert [week[0].on for week in weeks] == [dt.date(2026, 11, 30)] + [dt.date(2026, 12, d) for d in (7, 14, 21, 28)]
    assert [day.in_month for day in weeks[0]] == [False, *[True] * 6]
    assert [day.on for week in weeks for day in week if day.is_today] == [dt.date(2026, 12, 10)]


def entries(reader: User, year: int = 2026, number: int = 12) -> dict[str, list[tuple[str, str]]]:
    return {
        f"{day.on:%d/%m}": [(entry["label"], entry["state"]) for entry in day.entries]
        for week in month(reader, year, number)
        for day in week
        if day.entries
    }


def test_month_shows_the_last_day_of_tasks_and_milestones(plan: Plan, reader: User) -> None:
    assert entries(reader) == {
        "30/11": [("1.1 Nhập số liệu", "mute")],
        "14/12": [("Hoàn thành tự đánh giá", "soon"), ("1 Tự đánh giá", "soon")],
    }


def test_month_inclusive_milestone_stands_on_its_own_day(plan: Plan, reader: User) -> None:
    plan.targets.all().delete()
    PlanTask.objects.all().delete()
    plan.milestones.update(inclusive=True)
    assert entries(reader) == {"15/12": [("Hoàn thành tự đánh giá", "soon")]}


def test_month_deadline_at_the_edge_of_the_grid_is_shown(plan: Plan, reader: User) -> None:
    plan.targets.all().delete()
    PlanTask.objects.all().delete()
    plan.milestones.update(on=dt.date(2027, 1, 4))
    assert entries(reader) == {"03/01": [("Hoàn thành tự đánh giá", "info")]}


def test_month_days_off_and_makeup_days(reader: User) -> None:
    Holiday.objects.create(on=dt.date(2026, 12, 24), name="Nghỉ bù")
    Holiday.objects.create(on=dt.date(2026, 12, 26), name="Làm bù", kind="makeup")
    days = {day.on.day: day for week in month(reader) for day in week if day.in_month}
    assert [(days[n].is_working, days[n].holiday) for n in (23, 24, 26, 27)] == [
        (True, ""),
        (False, "Ngày nghỉ: Nghỉ bù"),
        (True, "Ngày làm bù: Làm bù"),
        (False, ""),
    ]


def test_month_asks_three_times_for_any_number_of_plans(
    plan: Plan, content: PlanContent, reader: User, django_assert_num_queries: object
) -> None:
    plans = plans_for(reader)
    with django_assert_num_queries(3):  # type: ignore[operator]
        pages.month(2026, 12, plans)
    for number in range(3):
        write(Plan(), PlanContent(**{**vars(content), "number": f"N{number}"}))
    with django_assert_num_queries(3):  # type: ignore[operator]
        pages.month(2026, 12, plans)
