"""What the pages of plans show: rows with words, colours and days left. The same queries for a plan of any size."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from units import clock
from units.templatetags.cchc import SOON_DAYS, Due, due

from . import gantt
from .calendar import ONE_DAY, Deadline, local_date, long_date, short_date
from .followup import TargetStanding, TaskProgress, target_standings
from .holidays import Holiday
from .models import Milestone, Plan, PlanTask, Target
from .working_groups import SheetQuota, WorkingGroup


@dataclass
class TaskRow:
    """A task in the order of the tree, with its depth and what is said of its time."""

    task: PlanTask
    depth: int
    due: Due | None
    last_day: str
    is_branch: bool
    progress: TaskProgress | None = None

    @property
    def lead_units(self) -> str:
        """Names of the linked units, where there are few enough to be read."""
        return _names(unit.name for unit in self.task.leads.all())

    @property
    def coordinating_units(self) -> str:
        return _names(unit.name for unit in self.task.coordinators.all())


@dataclass
class TargetRow:
    """A target with its figure in words and its last day."""

    target: Target
    figure: str
    due: Due | None
    standing: TargetStanding | None = None

    @property
    def reported(self) -> str:
        """The figure that speaks for the target, with its unit."""
        if self.standing is None or self.standing.figure is None:
            return ""
        return f"{number_words(self.standing.figure)} {self.target.unit}".strip()


@dataclass
class GroupRow:
    """A working group with what its composition still lacks; None where nobody was entered yet."""

    group: WorkingGroup
    count: int
    errors: list[str] | None


@dataclass
class SheetRow:
    """How many sheets of each form a body receives."""

    body: str
    a: int = 0
    b: int = 0

    @property
    def total(self) -> int:
        return self.a + self.b


@dataclass
class Day:
    """A day of the month view."""

    on: dt.date
    in_month: bool
    is_today: bool
    is_working: bool
    holiday: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def words(self) -> str:
        return long_date(self.on)


def _names(names: Iterable[str]) -> str:
    """Up to three names; more are counted."""
    found = list(names)
    if len(found) <= 3:
        return ", ".join(found)
    return _("%(count)s đơn vị trên phần mềm") % {"count": len(found)}


def listed(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with the counts that the list shows."""
    return plans.annotate(
        task_count=Count("tasks", distinct=True),
        dated_count=Count("tasks", filter=Q(tasks__ends_on__isnull=False), distinct=True),
        target_count=Count("targets", distinct=True),
    ).order_by("-period_start", "-signed_on", "number")


def period_chip(plan: Plan, today: dt.date) -> dict[str, str]:
    """Whether the plan is to come, running or over."""
    if today < plan.period_start:
        return {"state": "mute", "text": _("Chưa bắt đầu"), "icon": ""}
    if plan.is_over(today):
        return {"state": "mute", "text": _("Đã kết thúc"), "icon": ""}
    return {"state": "info", "text": _("Đang thực hiện"), "icon": ""}


def task_due(plan: Plan, deadline: Deadline | None) -> Due | None:
    """The chip of a deadline. A passed one accuses nobody: whether the work is done is not known here."""
    if deadline is None:
        return None
    shown = due(deadline.ends_at)
    assert shown is not None
    if shown["state"] != "late":
        return shown
    days = -shown["days"]
    text = _("Đã qua") if plan.is_over(local_date(clock.now())) else _("Đã qua %(days)d ngày") % {"days": days}
    return {**shown, "state": "mute", "icon": "", "text": text}


def task_rows(
    plan: Plan, tasks: Sequence[PlanTask] | None = None, progress: Mapping[int, TaskProgress] | None = None
) -> list[TaskRow]:
    """The tree of tasks, parents before children, siblings in the order of the plan."""
    known = progress or {}
    rows = list(tasks) if tasks is not None else list(plan.tasks.prefetch_related("leads", "coordinators"))
    below: dict[int | None, list[PlanTask]] = {}
    for task in rows:
        below.setdefault(task.parent_id, []).append(task)

    def walk(parent: int | None, depth: int) -> Iterator[TaskRow]:
        for task in below.get(parent, []):
            deadline = task.deadline
            last = f"{_('hết')} {_lower(long_date(deadline.last_day))}" if deadline is not None else ""
            yield TaskRow(task, depth, task_due(plan, deadline), last, task.pk in below, known.get(task.pk))
            yield from walk(task.pk, depth + 1)

    return list(walk(None, 0))


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def target_rows(plan: Plan, tasks: Sequence[PlanTask]) -> list[TargetRow]:
    """Targets with what they ask and how they stand; two queries beside `tasks` with their leads."""
    targets = list(plan.targets.select_related("task"))
    for target in targets:
        target.plan = plan
    standings = target_standings(plan, targets, tasks)
    return [
        TargetRow(target, figure_words(target), task_due(plan, target.deadline), standings[target.pk])
        for target in targets
    ]


def figure_words(target: Target) -> str:
    """`trên 60 %`, `từ 30 %`; empty for a target without a number."""
    if target.value is None:
        return ""
    return f"{target.get_comparison_display()} {number_words(target.value)} {target.unit}".strip()


def number_words(value: Decimal) -> str:
    """`1.785`, `60,5`."""
    text = f"{value.normalize():,f}"
    return text.translate(str.maketrans(",.", ".,"))


def group_rows(plan: Plan) -> list[GroupRow]:
    """Working groups with the check of their composition; four queries."""
    rows = []
    for group in plan.groups.select_related("unit").prefetch_related("seats__members"):
        people = group.people()
        rows.append(GroupRow(group, len(people), group.check_composition(people) if people else None))
    return rows


def sheet_rows(plan: Plan) -> list[SheetRow]:
    """Sheets by body, in the order of the plan."""
    rows: dict[str, SheetRow] = {}
    for quota in plan.sheet_quotas.all():
        row = rows.setdefault(quota.body, SheetRow(quota.body))
        if quota.form == SheetQuota.Form.A:
            row.a += quota.planned
        else:
            row.b += quota.planned
    return list(rows.values())


def sheet_total(rows: Sequence[SheetRow]) -> SheetRow:
    """The last line of the table of sheets."""
    return SheetRow(_("Tổng cộng"), sum(row.a for row in rows), sum(row.b for row in rows))


def bar_state(plan: Plan, task: PlanTask, today: dt.date) -> str:
    """The colour of a task in the chart: running, near, else to come or passed."""
    time = task.time
    if time is None or plan.is_over(today):
        return "mute"
    if time.last_day is None:
        return "info"
    if today > time.last_day:
        return "mute"
    if (time.last_day - today).days <= SOON_DAYS:
        return "soon"
    return "mute" if time.start is not None and today < time.start else "info"


def chart(plan: Plan, rows: Sequence[TaskRow]) -> gantt.Gantt:
    """The Gantt chart of a plan's tasks."""
    today = local_date(clock.now())
    tasks = [
        gantt.Task(row.task.number, row.task.name, row.task.time, bar_state(plan, row.task, today), row.depth)
        for row in rows
    ]
    return gantt.gantt(tasks, first=plan.period_start, last=plan.period_end, today=today)


def month(year: int, month_number: int, plans: QuerySet[Plan]) -> list[list[Day]]:
    """The weeks of a month, Monday first: last days of tasks and milestones, days off. Three queries."""
    weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(year, month_number)
    return month_grid(year, month_number, _entries(weeks[0][0], weeks[-1][-1], plans))


def month_grid(year: int, month_number: int, entries: Mapping[dt.date, list[dict[str, Any]]]) -> list[list[Day]]:
    """The weeks of a month, Monday first, with `entries` and days off; one query.

    An entry has label, title, icon, state and url.
    """
    weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(year, month_number)
    today = local_date(clock.now())
    holidays = {row.on: row for row in Holiday.objects.filter(on__gte=weeks[0][0], on__lte=weeks[-1][-1])}

    def day(on: dt.date) -> Day:
        row = holidays.get(on)
        working = row.kind == Holiday.Kind.MAKEUP if row else on.weekday() < 5
        name = "" if row is None else f"{row.get_kind_display()}: {row.name}"
        return Day(on, on.month == month_number, on == today, working, name, entries.get(on, []))

    return [[day(on) for on in week] for week in weeks]


def _entries(first: dt.date, last: dt.date, plans: QuerySet[Plan]) -> dict[dt.date, list[dict[str, Any]]]:
    found: dict[dt.date, list[dict[str, Any]]] = {}
    milestones = Milestone.objects.filter(plan__in=plans, on__gte=first, on__lte=last + ONE_DAY)
    for milestone in milestones.select_related("plan"):
        if first <= milestone.deadline.last_day <= last:
            found.setdefault(milestone.deadline.last_day, []).append(
                _entry(milestone.plan, milestone.get_key_display(), f"{milestone}", "flag", milestone.deadline)
            )
    tasks = PlanTask.objects.filter(plan__in=plans, ends_on__gt=first, ends_on__lte=last + ONE_DAY)
    for task in tasks.select_related("plan").order_by("ends_on", "plan", "order"):
        deadline = task.deadline
        assert deadline is not None
        text = f"{task.number} {task.name}"
        found.setdefault(deadline.last_day, []).append(
            _entry(task.plan, text, f"{text} ({task.time_text})", "card-checklist", deadline, f"#nhiem-vu-{task.pk}")
        )
    return found


def _entry(plan: Plan, label: str, title: str, icon: str, deadline: Deadline, anchor: str = "") -> dict[str, Any]:
    shown = task_due(plan, deadline)
    return {
        "label": label,
        "title": f"{title} · {plan.number}",
        "icon": icon,
        "state": shown["state"] if shown else "mute",
        "url": reverse("plan", args=[plan.pk]) + anchor,
    }


def whole(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with their milestones in order."""
    return plans.prefetch_related(Prefetch("milestones", queryset=Milestone.objects.order_by("on", "key")))


def signed_words(plan: Plan) -> str:
    """`Số 458/QĐ-UBND ngày 13/03/2012 của UBND tỉnh, người ký: Nguyễn Văn A`."""
    text = _("Số %(number)s ngày %(day)s, %(body)s") % {
        "number": plan.number,
        "day": short_date(plan.signed_on),
        "body": plan.issuing_body,
    }
    return f"{text} · {plan.signer}" if plan.signer else text
