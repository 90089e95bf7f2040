"""Reports on tasks as steps of `PlanTaskFlow`: asking, writing, verifying. What views, the sweep and tests call."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from plans import reporting
from plans.models import PlanTask
from plans.reporting import Progress
from plans.reports import TaskReport
from units import clock
from units.models import Unit, User

from . import engine
from .models import WorkItem


def ask_recurring() -> int:
    """Ask for every recurring report whose time has come, plan by plan; returns how many are new. Repeatable."""
    count = 0
    for plan in reporting.recurring_plans(clock.today()):
        with transaction.atomic():
            asked = reporting.ask_recurring(plan)
            engine.start_reports(asked)
        count += len(asked)
    return count


@transaction.atomic
def ask(task: PlanTask, *, due_on: dt.date, by: User) -> list[TaskReport]:
    """Sở Nội vụ asks every lead unit of `task` for a report by the end of `due_on`."""
    asked = reporting.ask(task, due_on=due_on, by=by)
    engine.start_reports(asked)
    return asked


@transaction.atomic
def begin(task: PlanTask, unit: Unit, *, by: User) -> TaskReport:
    """The report that `unit` has open on `task`, or a new one."""
    report, is_new = reporting.begin(task, unit, by=by)
    if is_new:
        engine.start_reports([report])
    return report


def report(report: TaskReport, progress: Progress, *, by: User) -> None:
    """The body, or Sở Nội vụ in its place, hands the report in; a body that is no unit here has no process."""
    if report.unit_id is None:
        reporting.send(report, progress, by=by)
        return
    engine.perform(open_task(report, "report"), by=by, do=lambda: reporting.send(report, progress, by=by))


def accept(item: WorkItem, *, comment: str = "", by: User) -> None:
    """Sở Nội vụ confirms what was reported."""
    engine.perform(item, by=by, do=lambda: reporting.accept(subject(item), comment=comment, by=by))


def send_back(item: WorkItem, *, comment: str, by: User) -> None:
    """Sở Nội vụ returns the report, and the body writes again."""
    engine.perform(item, by=by, do=lambda: reporting.send_back(subject(item), comment=comment, by=by))


def open_task(report: TaskReport, node: str) -> WorkItem:
    """The open step of a report. Raises reporting.WrongState where it stands elsewhere."""
    try:
        return engine.open_item(report, f"plantask.{node}")
    except WorkItem.DoesNotExist as error:
        raise reporting.wrong_state() from error


def subject(item: WorkItem) -> TaskReport:
    """The report that a task is about."""
    assert item.report is not None
    return item.report
