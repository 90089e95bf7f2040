"""What the database itself refuses, and what a task and a target know of their time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from plans.calendar import Deadline, PlanTime, TimeKind
from plans.holidays import Holiday, work_calendar
from plans.models import Milestone, Plan, PlanTask, Target
from plans.reports import ReportEntry, TargetFigure, TaskReport
from plans.working_groups import SheetQuota, WorkingGroup, WorkingGroupMember, WorkingGroupSeat
from tests import factories
from tests.factories import WORKDAY
from units import clock
from units.models import Unit

pytestmark = pytest.mark.django_db


def refused(constraint: str, model: Any, /, **fields: Any) -> None:
    """Creating the row breaks `constraint`; SQLite names a check, but of a unique one only the columns."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        model.objects.create(**fields)
    text = str(error.value)
    assert constraint in text or ("_once" in constraint and "UNIQUE constraint failed" in text)


HEAD: dict[str, Any] = {
    "title": "Kế hoạch",
    "issuing_body": "UBND tỉnh",
    "period_start": dt.date(2026, 1, 1),
    "period_end": dt.date(2026, 12, 31),
}


def test_plan_number_once_per_day(plan: Plan) -> None:
    refused("plan_number_once", Plan, number=plan.number, signed_on=plan.signed_on, **HEAD)
    assert Plan.objects.create(number=plan.number, signed_on=dt.date(2025, 1, 1), **HEAD).pk


def test_plan_period_forward() -> None:
    head = {**HEAD, "period_end": dt.date(2025, 12, 31)}
    refused("plan_period_forward", Plan, number="1", signed_on=dt.date(2026, 1, 1), **head)


def test_plan_not_cloned_from_itself(plan: Plan) -> None:
    with pytest.raises(IntegrityError, match="plan_not_cloned_from_itself"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(cloned_from=plan.pk)


def test_milestone_once_per_plan(plan: Plan) -> None:
    refused("milestone_once_per_plan", Milestone, plan=plan, key="self_assessment", on=dt.date(2026, 12, 1))


def task(plan: Plan, **fields: Any) -> dict[str, Any]:
    return {"plan": plan, "number": "9", "name": "Việc", "order": 9, **fields}


def test_plan_task_number_once(plan: Plan) -> None:
    refused("plan_task_number_once", PlanTask, **task(plan, number="1"))


def test_plan_task_not_under_itself(plan: Plan) -> None:
    row = plan.tasks.get(number="2")
    with pytest.raises(IntegrityError, match="plan_task_not_under_itself"), transaction.atomic():
        PlanTask.objects.filter(pk=row.pk).update(parent=row.pk)


@pytest.mark.parametrize("fields", [{"number": ""}, {"name": ""}])
def test_plan_task_named(plan: Plan, fields: dict[str, str]) -> None:
    refused("plan_task_named", PlanTask, **task(plan, **fields))


def test_plan_task_ends_after_start(plan: Plan) -> None:
    day = dt.date(2026, 3, 1)
    refused(
        "plan_task_ends_after_start",
        PlanTask,
        **task(plan, time_kind="day", time_text="x", starts_on=day, ends_on=day),
    )


@pytest.mark.parametrize(
    ("kind", "starts_on", "ends_on"),
    [
        ("", None, dt.date(2026, 3, 1)),
        ("ongoing", dt.date(2026, 3, 1), None),
        ("before", None, None),
        ("until", dt.date(2026, 3, 1), dt.date(2026, 4, 1)),
        ("month", None, dt.date(2026, 4, 1)),
        ("year", dt.date(2026, 1, 1), None),
        ("fortnight", dt.date(2026, 1, 1), dt.date(2026, 1, 15)),
    ],
)
def test_plan_task_dates_fit_kind(plan: Plan, kind: str, starts_on: dt.date | None, ends_on: dt.date | None) -> None:
    text = "x" if kind else ""
    refused(
        "plan_task_dates_fit_kind",
        PlanTask,
        **task(plan, time_kind=kind, time_text=text, starts_on=starts_on, ends_on=ends_on),
    )


@pytest.mark.parametrize(("kind", "text"), [("ongoing", ""), ("", "Thường xuyên")])
def test_plan_task_time_has_words(plan: Plan, kind: str, text: str) -> None:
    refused("plan_task_time_has_words", PlanTask, **task(plan, time_kind=kind, time_text=text))


def test_plan_task_report_known(plan: Plan) -> None:
    refused("plan_task_report_known", PlanTask, **task(plan, report_every="daily"))


def test_target_number_once(plan: Plan) -> None:
    refused("target_number_once", Target, plan=plan, number="A", text="x", order=2)


def test_target_value_not_negative(plan: Plan) -> None:
    fields = {"plan": plan, "number": "B", "text": "x", "order": 2, "comparison": "=", "value": Decimal(-1)}
    refused("target_value_not_negative", Target, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"value": Decimal(1)},
        {"value": Decimal(1), "comparison": "<"},
        {"comparison": "="},
        {"unit": "%"},
    ],
)
def test_target_value_has_comparison(plan: Plan, fields: dict[str, Any]) -> None:
    refused("target_value_has_comparison", Target, plan=plan, number="B", text="x", order=2, **fields)


def group(plan: Plan, **fields: Any) -> dict[str, Any]:
    return {"plan": plan, "name": "Tổ B", "body": "Sở", "size_min": 1, "size_max": 2, "order": 2, **fields}


def test_working_group_name_once(plan: Plan) -> None:
    refused("working_group_name_once", WorkingGroup, **group(plan, name="Tổ công tác"))


@pytest.mark.parametrize("sizes", [{"size_min": 0}, {"size_min": 3}])
def test_working_group_size_range(plan: Plan, sizes: dict[str, int]) -> None:
    refused("working_group_size_range", WorkingGroup, **group(plan, **sizes))


def seat(plan: Plan, **fields: Any) -> dict[str, Any]:
    return {"group": plan.groups.get(), "role": "Thư ký", "body": "Sở", "order": 3, **fields}


def test_working_group_seat_once(plan: Plan) -> None:
    refused("working_group_seat_once", WorkingGroupSeat, **seat(plan, role="Tổ trưởng", body="Giám đốc"))


def test_working_group_seat_range(plan: Plan) -> None:
    refused("working_group_seat_range", WorkingGroupSeat, **seat(plan, count_min=2, count_max=1))


@pytest.mark.parametrize("fields", [{"skilled_min": 1}, {"skilled_min": 2, "skill": "Excel"}])
def test_working_group_seat_skill_named(plan: Plan, fields: dict[str, Any]) -> None:
    refused("working_group_seat_skill_named", WorkingGroupSeat, **seat(plan, **fields))


def test_working_group_member_once(plan: Plan) -> None:
    place = plan.groups.get().seats.all()[0]
    WorkingGroupMember.objects.create(seat=place, name="An", position="Giám đốc")
    refused("working_group_member_once", WorkingGroupMember, seat=place, name="An", position="Giám đốc")


def test_working_group_member_named(plan: Plan) -> None:
    place = plan.groups.get().seats.all()[0]
    refused("working_group_member_named", WorkingGroupMember, seat=place, name="", position="Giám đốc")


def test_sheet_quota_once(plan: Plan) -> None:
    refused("sheet_quota_once", SheetQuota, plan=plan, body="Huyện A", form="A", planned=1, order=3)


def test_sheet_quota_form_known(plan: Plan) -> None:
    refused("sheet_quota_form_known", SheetQuota, plan=plan, body="Huyện B", form="C", planned=1, order=3)


def test_sheet_quota_positive(plan: Plan) -> None:
    refused("sheet_quota_positive", SheetQuota, plan=plan, body="Huyện B", form="A", planned=0, order=3)


def test_holiday_day_once() -> None:
    Holiday.objects.create(on=dt.date(2026, 9, 2), name="Quốc khánh")
    refused("holiday_day_once", Holiday, on=dt.date(2026, 9, 2), name="Làm bù", kind="makeup")


def test_holiday_kind_known() -> None:
    refused("holiday_kind_known", Holiday, on=dt.date(2026, 9, 2), name="Quốc khánh", kind="half")


def test_holiday_named() -> None:
    refused("holiday_named", Holiday, on=dt.date(2026, 9, 2), name="")


def test_task_time_is_what_the_decision_says(plan: Plan) -> None:
    row = plan.tasks.get(number="1")
    assert row.time == PlanTime(TimeKind.BEFORE, None, dt.date(2026, 12, 15))
    assert row.time.text == "Trước ngày 15/12/2026"
    assert row.deadline == Deadline(dt.date(2026, 12, 15))


def test_task_ongoing_has_no_deadline(plan: Plan) -> None:
    assert plan.tasks.get(number="2").deadline is None


def test_task_without_a_time_has_none(plan: Plan) -> None:
    row = PlanTask.objects.create(**task(plan))
    assert (row.time, row.deadline) == (None, None)


def test_target_is_due_with_its_task(plan: Plan) -> None:
    assert plan.targets.get(number="A").deadline == Deadline(dt.date(2026, 12, 15))


def test_target_of_no_task_is_due_with_the_plan(plan: Plan) -> None:
    row = Target.objects.create(plan=plan, number="B", text="x", order=2)
    assert row.deadline == Deadline(dt.date(2027, 1, 15), inclusive=True)


@pytest.mark.parametrize(
    ("comparison", "figure", "met"),
    [
        (">", "60", False),
        (">", "60.01", True),
        (">=", "59.99", False),
        (">=", "60", True),
        ("=", "60", True),
        ("=", "60.01", False),
    ],
)
def test_target_is_met_by(comparison: str, figure: str, met: bool) -> None:
    assert Target(value=Decimal(60), comparison=comparison).is_met_by(Decimal(figure)) is met


def test_target_without_a_number_cannot_be_judged() -> None:
    assert Target(value=None).is_met_by(Decimal(1)) is None


def test_work_calendar_reads_days_off_and_makeup_days() -> None:
    Holiday.objects.create(on=dt.date(2026, 9, 2), name="Quốc khánh")
    Holiday.objects.create(on=dt.date(2026, 8, 22), name="Làm bù", kind="makeup")
    calendar = work_calendar()
    assert calendar.is_working(dt.date(2026, 9, 2)) is False
    assert calendar.is_working(dt.date(2026, 8, 22)) is True
    assert calendar.is_working(dt.date(2026, 8, 23)) is False


def test_work_calendar_bounds_are_included() -> None:
    for day in (1, 2, 3):
        Holiday.objects.create(on=dt.date(2026, 9, day), name="Nghỉ")
    calendar = work_calendar(dt.date(2026, 9, 2), dt.date(2026, 9, 3))
    assert calendar.holidays == frozenset({dt.date(2026, 9, 2), dt.date(2026, 9, 3)})


def test_three_working_days_over_tet_of_2026() -> None:
    for day in range(16, 21):
        Holiday.objects.create(on=dt.date(2026, 2, day), name="Tết Nguyên đán Bính Ngọ")
    assert work_calendar().add_working_days(dt.date(2026, 2, 13), 3) == dt.date(2026, 2, 25)


# reports on tasks


def report_fields(plan: Plan, **changes: Any) -> dict[str, Any]:
    """A report that was asked for, with `changes`."""
    province = Unit.objects.get(code="tinh")
    return {
        "task": plan.tasks.get(number="2"),
        "unit": Unit.objects.get(code="so-noi-vu"),
        "body": "Sở Nội vụ",
        "province": province,
        "period": "2026-11",
        "starts_on": dt.date(2026, 11, 1),
        "ends_on": dt.date(2026, 12, 1),
        "due_on": dt.date(2026, 11, 30),
        "asked_at": clock.now(),
    } | changes


SAID = {"percentage": Decimal(40), "reported_at": WORKDAY, "arrived_at": WORKDAY}


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("task_report_named", {"body": ""}),
        ("task_report_named", {"period": ""}),
        ("task_report_period_forward", {"ends_on": dt.date(2026, 11, 1)}),
        ("task_report_percentage_range", {**SAID, "state": "sent", "percentage": Decimal("100.01")}),
        ("task_report_state_fits", {"state": "sent"}),
        ("task_report_state_fits", {**SAID, "state": "accepted"}),
        ("task_report_state_fits", {**SAID}),
        ("task_report_state_fits", {"state": "lost"}),
        ("task_report_returned_with_comment", {**SAID, "state": "returned", "verified_at": WORKDAY}),
    ],
)
def test_task_report_rows(plan: Plan, constraint: str, changes: dict[str, Any]) -> None:
    refused(constraint, TaskReport, **report_fields(plan, **changes))


@pytest.mark.parametrize("unit", [True, False])
def test_task_report_once_for_a_body_and_a_period(plan: Plan, unit: bool) -> None:
    fields = report_fields(plan) if unit else report_fields(plan, unit=None)
    TaskReport.objects.create(**fields)
    refused("task_report_once_per_unit" if unit else "task_report_once_per_body", TaskReport, **fields)
    TaskReport.objects.create(**fields | {"period": "2026-12"})


def test_entries_and_figures_of_a_report(plan: Plan) -> None:
    report = TaskReport.objects.create(**report_fields(plan))
    by = factories.user()
    entry = {"report": report, "seq": 1, "at": WORKDAY, "by": by}
    refused("report_entry_percentage_when_sent", ReportEntry, **entry, kind="sent")
    refused("report_entry_percentage_when_sent", ReportEntry, **entry, kind="accepted", percentage=Decimal(1))
    refused("report_entry_returned_with_comment", ReportEntry, **entry, kind="returned")
    sent = ReportEntry.objects.create(**entry, kind="sent", percentage=Decimal(1))
    refused("report_entry_seq_once", ReportEntry, **entry, kind="accepted")
    figure = {"target": plan.targets.get(), "entry": sent, "at": WORKDAY, "by": by}
    refused("target_figure_not_negative", TargetFigure, **figure, value=Decimal(-1))
    TargetFigure.objects.create(**figure, value=Decimal(1))
    refused("target_figure_once_per_entry", TargetFigure, **figure, value=Decimal(2))
