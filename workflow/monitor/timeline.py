"""The plan against what happened: the phases of the cycle by the ledger, then the tasks of the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q
from django.utils.translation import gettext as _

from assessments.ledger import chain_of
from assessments.models import Cycle, LedgerEntry
from assessments.stages import DONE_STAGES, OPEN_STAGES, CycleStage
from plans import gantt
from plans.calendar import Deadline, PlanTime, TimeKind, local_date
from plans.models import Milestone
from plans.pages import TaskRow, bar_state, task_rows
from plans.reports import TaskReport
from units import clock


@dataclass(frozen=True)
class Phase:
    """A phase of the cycle as planned and as it went; `ended` None while it runs, `began` None before it."""

    name: str
    starts_on: dt.date
    deadline: Deadline
    began: dt.date | None
    ended: dt.date | None

    def days_late(self, today: dt.date) -> int:
        """Local days after the plan's last day, by the end or as far as it has come; 0 where it is in time."""
        return max(0, ((self.ended or today) - self.deadline.last_day).days) if self.began else 0

    def state(self, today: dt.date) -> str:
        """The colour: done in time, late, running or not begun."""
        if self.began is None:
            return "late" if today > self.deadline.last_day else "mute"
        if self.days_late(today):
            return "late"
        return "info" if self.ended is None else "ok"

    def words(self, today: dt.date) -> str:
        """How it went, for the table: `Xong sớm 3 ngày`, `Đang làm`, `Trễ 2 ngày`."""
        late = self.days_late(today)
        if self.began is None:
            return _("Chưa bắt đầu") if today <= self.deadline.last_day else _("Quá hạn, chưa bắt đầu")
        if late:
            return (_("Xong, trễ %(days)s ngày") if self.ended else _("Đang làm, trễ %(days)s ngày")) % {"days": late}
        if self.ended is None:
            return _("Đang làm")
        early = (self.deadline.last_day - self.ended).days
        return _("Xong sớm %(days)s ngày") % {"days": early} if early else _("Xong đúng ngày cuối")

    def actual(self, today: dt.date) -> tuple[dt.date, dt.date] | None:
        return (self.began, max(self.began, self.ended or today)) if self.began else None


def phases(cycle: Cycle) -> list[Phase]:
    """The four phases of the plan's milestones, the survey only where the cycle has one: two queries."""
    moved = {
        entry["after__stage"]: local_date(entry["last"])
        for entry in LedgerEntry.objects.filter(chain=chain_of(cycle), action="stage")
        .order_by()
        .values("after__stage")
        .annotate(last=Max("at"))
    }
    facts = cycle.dossiers.aggregate(
        unsent=Count("pk", filter=Q(stage__in=[stage.value for stage in OPEN_STAGES])),
        undone=Count("pk", filter=~Q(stage__in=[stage.value for stage in DONE_STAGES])),
        first=Min("submitted_at"),
        last=Max("submitted_at"),
        concluded=Max("concluded_at"),
    )
    opened, first, last = _day(cycle.opened_at), _day(facts["first"]), _day(facts["last"])
    begin = cycle.plan.period_start
    own, council = _deadline(cycle, Milestone.Key.SELF_ASSESSMENT), _deadline(cycle, Milestone.Key.APPRAISAL)
    done = moved.get(CycleStage.CONCLUDING) or _day(facts["concluded"])
    found = [
        Phase(_("Tự đánh giá"), begin, own, opened, None if facts["unsent"] or not opened else last),
        Phase(_("Thẩm định"), own.on, council, first, None if facts["undone"] or not first else done),
    ]
    if cycle.has_survey:
        survey = _deadline(cycle, Milestone.Key.SURVEY)
        found.append(Phase(_("Điều tra xã hội học"), begin, survey, opened, _day(cycle.survey_merged_at)))
    published = moved.get(CycleStage.PUBLISHED)
    proposing = moved.get(CycleStage.PROPOSING)
    found.append(Phase(_("Công bố"), council.on, _deadline(cycle, Milestone.Key.PUBLICATION), proposing, published))
    return found


def _deadline(cycle: Cycle, key: Milestone.Key) -> Deadline:
    return cycle.milestone(key).deadline


def _day(instant: dt.datetime | None) -> dt.date | None:
    return local_date(instant) if instant else None


@dataclass(frozen=True)
class Timeline:
    """The chart, and the same in rows for the table."""

    chart: gantt.Gantt
    phases: Sequence[Phase]
    tasks: Sequence[TaskRow]
    today: dt.date


def timeline(cycle: Cycle) -> Timeline:
    """Phases first, then the plan's tasks with their planned time."""
    today = local_date(clock.now())
    found, tasks = phases(cycle), task_rows(cycle.plan)
    chart = gantt.gantt(
        [*_phase_bars(found, today), *_task_bars(cycle, tasks, today)],
        first=cycle.plan.period_start,
        last=cycle.plan.period_end,
        today=today,
    )
    return Timeline(chart, found, tasks, today)


def _phase_bars(found: Sequence[Phase], today: dt.date) -> Iterator[gantt.Task]:
    for phase in found:
        end = phase.deadline.last_day + dt.timedelta(days=1)
        start = min(phase.starts_on, phase.deadline.last_day)
        time = PlanTime(TimeKind.DAY, start, end, phase.deadline.words())
        yield gantt.Task("", phase.name, time, phase.state(today), actual=phase.actual(today))


@dataclass(frozen=True)
class Reported:
    """What the bodies have said of one task: from the first report to the last, all of it done, or one overdue."""

    first: dt.date | None
    last: dt.date | None
    is_done: bool
    is_late: bool

    def state(self, otherwise: str) -> str:
        return "late" if self.is_late else "ok" if self.is_done else otherwise


NOTHING_REPORTED = Reported(None, None, is_done=False, is_late=False)


def reported(cycle: Cycle, today: dt.date) -> dict[int, Reported]:
    """The reports on the plan's tasks, by task: one query."""
    state = TaskReport.State
    owed = Q(state__in=[state.ASKED, state.RETURNED])
    rows = (
        TaskReport.objects.filter(task__plan=cycle.plan_id)
        .order_by()
        .values("task")
        .annotate(
            first=Min("arrived_at"),
            last=Max("arrived_at"),
            undone=Count("pk", filter=~Q(state=state.ACCEPTED)),
            most=Max("percentage", filter=Q(state=state.ACCEPTED)),
            overdue=Count("pk", filter=owed & Q(due_on__lt=today)),
        )
    )
    return {
        row["task"]: Reported(
            first=_day(row["first"]),
            last=_day(row["last"]),
            is_done=not row["undone"] and row["most"] == 100,
            is_late=row["overdue"] > 0,
        )
        for row in rows
    }


def _task_bars(cycle: Cycle, tasks: Sequence[TaskRow], today: dt.date) -> Iterator[gantt.Task]:
    said = reported(cycle, today)
    for row in tasks:
        found = said.get(row.task.pk, NOTHING_REPORTED)
        yield gantt.Task(
            row.task.number,
            row.task.name,
            row.task.time,
            found.state(bar_state(cycle.plan, row.task, today)),
            row.depth,
            actual=(found.first, found.last) if found.first and found.last else None,
        )
