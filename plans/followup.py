"""How the tasks and targets of a plan stand, by what was reported: for the plan's page and its workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext as _

from units import clock

from .calendar import Deadline
from .models import Plan, PlanTask, Target
from .progress import TargetStatus, Trend, average, target_status, trend
from .reports import TargetFigure, TaskReport

# (unit key or 0, name of the body): a body is the same over all periods
Body = tuple[int, str]


@dataclass(frozen=True)
class TaskProgress:
    """The reports of one task in sum: the mean of what the bodies last had accepted, and what is open."""

    percent: Decimal | None
    trend: Trend | None
    bodies: int  # that had a report accepted
    waiting: int  # reports to be verified
    owed: int  # reports that a body has to write
    late: int  # of the owed ones, those that never arrived and whose time is over

    @property
    def chip(self) -> dict[str, str] | None:
        """The most urgent thing to know; None where nothing was ever asked or said."""
        if self.late:
            return {"state": "late", "icon": "clock-history", "text": _("%(n)s báo cáo quá hạn") % {"n": self.late}}
        if self.waiting:
            return {"state": "info", "icon": "", "text": _("%(n)s báo cáo chờ xác nhận") % {"n": self.waiting}}
        if self.owed:
            return {"state": "mute", "icon": "", "text": _("%(n)s báo cáo đang làm") % {"n": self.owed}}
        if self.percent == 100:
            return {"state": "ok", "icon": "check-lg", "text": _("Hoàn thành")}
        if self.bodies:
            return {"state": "ok", "icon": "check-lg", "text": _("Đã xác nhận")}
        return None

    @property
    def trend_words(self) -> str:
        """`tăng so với kỳ trước`; without a trend before there are two."""
        return _("%(trend)s so với kỳ trước") % {"trend": self.trend.label} if self.trend else _("đã thực hiện")


NOTHING = TaskProgress(None, None, 0, 0, 0, 0)


def body_of(report: TaskReport) -> Body:
    """The same body over many periods: its unit, or its name where it is none here."""
    return (report.unit_id, "") if report.unit_id is not None else (0, report.body)


def task_progress(reports: Iterable[TaskReport], now: dt.datetime) -> TaskProgress:
    """The sum of one task's reports; the trend compares the last two reports of the bodies that have two."""
    accepted: dict[Body, list[Decimal]] = {}
    waiting = owed = late = 0
    for report in sorted(reports, key=lambda row: (row.starts_on, row.pk)):
        if report.state == TaskReport.State.ACCEPTED:
            assert report.percentage is not None
            accepted.setdefault(body_of(report), []).append(report.percentage)
        elif report.state == TaskReport.State.SENT:
            waiting += 1
        else:
            owed += 1
            late += report.arrived_at is None and not report.deadline.met(now)
    pairs = [values[-2:] for values in accepted.values() if len(values) > 1]
    before, last = average([pair[0] for pair in pairs]), average([pair[1] for pair in pairs])
    return TaskProgress(
        percent=average([values[-1] for values in accepted.values()]),
        trend=None if before is None or last is None else trend([before, last]),
        bodies=len(accepted),
        waiting=waiting,
        owed=owed,
        late=late,
    )


def plan_progress(plan: Plan) -> dict[int, TaskProgress]:
    """The progress of each task of `plan` that has reports, by its key; one query."""
    found: dict[int, list[TaskReport]] = {}
    rows = TaskReport.objects.filter(task__plan=plan).only(
        "task_id", "unit_id", "body", "state", "percentage", "starts_on", "due_on", "arrived_at"
    )
    for report in rows.order_by("pk"):
        found.setdefault(report.task_id, []).append(report)
    now = clock.now()
    return {task: task_progress(reports, now) for task, reports in found.items()}


@dataclass(frozen=True)
class TargetStanding:
    """A target with the figure that speaks for it and how that stands."""

    target: Target
    status: TargetStatus | None
    figure: Decimal | None  # of the whole province, or the least of the bodies'
    given: int  # bodies that gave a figure
    wanted: int  # bodies that answer for it
    province_wide: bool
    source: str = ""

    @property
    def chip(self) -> dict[str, str] | None:
        """Status for a reader; None for a target without a number."""
        if self.status is None:
            return None
        looks = {
            TargetStatus.MET: ("ok", "check-lg"),
            TargetStatus.NOT_MET: ("mute", ""),
            TargetStatus.OVERDUE: ("late", "clock-history"),
        }
        state, icon = looks[self.status]
        return {"state": state, "icon": icon, "text": self.status.label}

    @property
    def note(self) -> str:
        """Whose figure it is."""
        if self.figure is None:
            return ""
        if self.province_wide:
            return self.source or _("Số liệu toàn tỉnh")
        if self.wanted > 1:
            return _("thấp nhất trong %(given)s/%(wanted)s đơn vị") % {"given": self.given, "wanted": self.wanted}
        return ""


def target_standings(plan: Plan, targets: Sequence[Target], tasks: Sequence[PlanTask]) -> dict[int, TargetStanding]:
    """How each of `targets` stands by the figures that were accepted; one query beside `tasks` with their leads."""
    leads = {task.pk: {unit.pk for unit in task.leads.all() if unit.active} for task in tasks}
    whole: dict[int, TargetFigure] = {}
    own: dict[int, dict[Body, tuple[dt.date, Decimal]]] = {}
    counted = Q(entry=None) | Q(
        entry__report__state=TaskReport.State.ACCEPTED, entry__at=F("entry__report__reported_at")
    )
    rows = TargetFigure.objects.filter(counted, target__plan=plan).select_related("entry__report")
    for row in rows.order_by("at", "pk"):
        if row.entry is None:
            whole[row.target_id] = row
            continue
        report = row.entry.report
        kept = own.setdefault(row.target_id, {})
        if body_of(report) not in kept or kept[body_of(report)][0] <= report.starts_on:
            kept[body_of(report)] = (report.starts_on, row.value)
    now = clock.now()
    return {
        target.pk: _standing(target, whole.get(target.pk), own.get(target.pk, {}), leads.get(target.task_id or 0), now)
        for target in targets
    }


def _standing(
    target: Target,
    whole: TargetFigure | None,
    own: dict[Body, tuple[dt.date, Decimal]],
    leads: set[int] | None,
    now: dt.datetime,
) -> TargetStanding:
    values = [value for _day, value in own.values()]
    missing = len((leads or set()) - {unit for unit, _name in own})
    figures: list[Decimal | None] = [*values, *([None] * missing)]
    if whole is not None:
        figures = [whole.value]
    deadline: Deadline = target.deadline
    return TargetStanding(
        target=target,
        status=target_status(target.value, target.comparison, figures, ends_at=deadline.ends_at, now=now),
        figure=whole.value if whole is not None else min(values, default=None),
        given=len(values),
        wanted=len(values) + missing,
        province_wide=whole is not None,
        source=whole.source if whole is not None else "",
    )
