"""Reports on tasks: asking for them, writing, accepting, returning, and the figures of targets.

Who may write is the lead body, or Sở Nội vụ in its place; whoever keeps the plans of the province verifies, but nobody
the report of a body that they write for. Rows are locked in the order plan -> report; every word is an entry that
stays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from .content import MAX_VALUE, ReportRule, one_line
from .errors import InvalidInput, PlanError
from .models import Plan, PlanTask, Target
from .progress import CATCH_UP, ONE_DAY, Period, asked_period, due_day, period_as_of
from .reports import ReportEntry, TargetFigure, TaskReport

LONGEST_REPORT = 5_000
State = TaskReport.State
# (from, to); a report that Sở Nội vụ writes for the body is accepted with that
TRANSITIONS = (
    (State.ASKED, State.SENT),
    (State.ASKED, State.ACCEPTED),
    (State.SENT, State.RETURNED),
    (State.SENT, State.ACCEPTED),
    (State.RETURNED, State.SENT),
    (State.RETURNED, State.ACCEPTED),
)
FULL = Decimal(100)


class WrongState(PlanError):
    """The report is not at a state where this may be done."""


def wrong_state() -> WrongState:
    """Somebody was faster."""
    return WrongState(_("Báo cáo này vừa chuyển sang bước khác. Trang cho thấy tình trạng mới."))


@dataclass(frozen=True)
class Progress:
    """What a body reports: how far it is in %, in words, and a figure for each target of the task (by its key)."""

    percentage: Decimal | None
    text: str
    figures: Mapping[int, Decimal] = field(default_factory=dict)


class Provinces:
    """The province above many units; units that have others below them are read once."""

    def __init__(self) -> None:
        self._parents = {unit.pk: unit for unit in Unit.objects.filter(children__isnull=False).distinct()}

    def of(self, unit: Unit) -> Unit:
        """The province above `unit`, or the topmost unit where the tree names none."""
        at = unit
        while at.kind != Unit.Kind.PROVINCE and at.parent_id is not None:
            at = self._parents[at.parent_id]
        return at


def reports_for(user: Any) -> QuerySet[TaskReport]:
    """Reports that `user` reads: of the own units, and all of the province whose plans `user` keeps."""
    units = access.object_ids(Perm.VIEW_DOSSIER, user, Unit)
    provinces = access.object_ids(Perm.MANAGE_PLANS, user, Unit)
    return TaskReport.objects.filter(Q(unit__in=units) | Q(province__in=provinces))


def verified_by(user: Any) -> QuerySet[TaskReport]:
    """Reports that wait for, or once had, the word of `user` as Sở Nội vụ."""
    return TaskReport.objects.filter(province__in=access.object_ids(Perm.MANAGE_PLANS, user, Unit))


# asking


def _span(task: PlanTask) -> tuple[dt.date, dt.date]:
    """First day of a task and the first day after it; the plan's period where the decision names none."""
    return task.starts_on or task.plan.period_start, task.ends_on or task.plan.period_end + ONE_DAY


def _new_report(task: PlanTask, period: Period, *, due_on: dt.date, unit: Unit, province: Unit) -> TaskReport:
    return TaskReport(
        task=task,
        unit=unit,
        body=unit.name,
        province=province,
        period=period.key,
        starts_on=period.start,
        ends_on=period.end,
        due_on=due_on,
        asked_at=clock.now(),
    )


def recurring_plans(today: dt.date) -> list[int]:
    """Keys of the plans with recurring reports whose period is running, or just over."""
    return list(
        Plan.objects.filter(period_start__lte=today, period_end__gte=today - CATCH_UP)
        .filter(tasks__in=PlanTask.objects.exclude(report_every=ReportRule.NONE))
        .distinct()
        .order_by("pk")
        .values_list("pk", flat=True)
    )


@transaction.atomic
def ask_recurring(plan: int) -> list[TaskReport]:
    """Ask every lead unit for the reports whose time has come; repeatable: what was asked is not asked again.

    Returns the new reports, whose processes the caller starts in the same transaction.
    """
    Plan.objects.select_for_update().get(pk=plan)
    return TaskReport.objects.bulk_create([report for _day, report in coming(plan, [clock.today()])])


def coming(plan: int, days: Iterable[dt.date]) -> list[tuple[dt.date, TaskReport]]:
    """The recurring reports that will be asked for on each of `days` (in order), as things stand now; unsaved.

    A body that has finished a task with an end is left in peace. The same queries for any number of tasks.
    """
    wanted = list(days)
    heard = Prefetch("reports", TaskReport.objects.only("task", "unit", "period", "state", "percentage"))
    tasks = PlanTask.objects.filter(plan=plan).exclude(report_every=ReportRule.NONE).select_related("plan")
    recurring = list(tasks.prefetch_related("leads", heard).order_by("order", "pk"))
    if not recurring:
        return []
    provinces = Provinces()
    found = []
    for task in recurring:
        first, end = _span(task)
        last_day = task.deadline.last_day if task.deadline else None
        reports = task.reports.all()
        asked = {(row.period, row.unit_id) for row in reports}
        done = {row.unit_id for row in reports if row.state == State.ACCEPTED and row.percentage == FULL}
        spared = done if last_day is not None else set()
        units = [unit for unit in task.leads.all() if unit.active and unit.pk not in spared]
        for day in wanted:
            period = asked_period(task.report_every, day, first=first, end=end)
            for unit in units if period is not None else []:
                assert period is not None
                if (period.key, unit.pk) not in asked:
                    asked.add((period.key, unit.pk))
                    due_on = due_day(period, last_day)
                    report = _new_report(task, period, due_on=due_on, unit=unit, province=provinces.of(unit))
                    found.append((day, report))
    return found


@transaction.atomic
def ask(task: PlanTask, *, due_on: dt.date, by: User) -> list[TaskReport]:
    """Sở Nội vụ asks every lead unit that owes no report on `task` how things stand, by the end of `due_on`.

    Raises NotAllowed, and InvalidInput where the day has passed or no unit can be asked.
    """
    Plan.objects.select_for_update().get(pk=task.plan_id)
    provinces = Provinces()
    today = clock.today()
    if due_on < today:
        raise InvalidInput({"due_on": [_("Hạn báo cáo đã qua. Hãy chọn từ hôm nay trở đi.")]})
    period = period_as_of(today)
    own = set(access.object_ids(Perm.MANAGE_PLANS, by, Unit))
    if not own:
        raise access.NotAllowed(_("Chỉ người quản lý kế hoạch của tỉnh được làm việc này."))
    busy = _busy(task, period)
    units = [unit for unit in task.leads.filter(active=True).order_by("kind", "order", "code") if unit.pk not in busy]
    units = [unit for unit in units if provinces.of(unit).pk in own]
    if not units:
        raise InvalidInput(
            {"due_on": [_("Không còn đơn vị nào để yêu cầu: các đơn vị chủ trì đều đang có báo cáo chưa xong.")]}
        )
    return TaskReport.objects.bulk_create(
        [_new_report(task, period, due_on=due_on, unit=unit, province=provinces.of(unit)) for unit in units]
    )


def _busy(task: PlanTask, period: Period) -> set[int | None]:
    """Units that owe a report on `task`, or have one for `period` already."""
    open_or_same = ~Q(state=State.ACCEPTED) | Q(period=period.key)
    return set(task.reports.filter(open_or_same, unit__isnull=False).values_list("unit_id", flat=True))


@transaction.atomic
def begin(task: PlanTask, unit: Unit, *, by: User) -> tuple[TaskReport, bool]:
    """The open report of `unit` on `task`, or a new one as of today; and whether it is new.

    For the lead unit that has something to tell, and for Sở Nội vụ in its place. Raises NotAllowed, and WrongState
    where the day's report was accepted already.
    """
    Plan.objects.select_for_update().get(pk=task.plan_id)
    province = Provinces().of(unit)
    if not (access.allowed(Perm.REPORT_PROGRESS, by, unit) or access.allowed(Perm.MANAGE_PLANS, by, province)):
        raise access.NotAllowed(_("Bạn không báo cáo thay cho đơn vị này."))
    if not task.leads.filter(pk=unit.pk).exists():
        raise InvalidInput({"unit": [_("Đơn vị này không chủ trì nhiệm vụ.")]})
    standing = task.reports.exclude(state=State.ACCEPTED).filter(unit=unit).order_by("due_on", "pk").first()
    if standing is not None:
        return standing, False
    period = _free_period(task, Q(unit=unit))
    report = _new_report(task, period, due_on=_as_of_due(task, period), unit=unit, province=province)
    report.save()
    return report, True


@transaction.atomic
def begin_for_body(task: PlanTask, body: str, *, by: User) -> TaskReport:
    """A report of a body that is no unit here, for Sở Nội vụ to write down; it never waits in anybody's inbox."""
    Plan.objects.select_for_update().get(pk=task.plan_id)
    provinces = access.objects_with(Perm.MANAGE_PLANS, by, Unit.objects.order_by("pk"))
    province = provinces.first()
    if province is None:
        raise access.NotAllowed(_("Chỉ người quản lý kế hoạch của tỉnh được làm việc này."))
    name = one_line(body)[:500]
    if not name:
        raise InvalidInput({"body": [_("Hãy ghi tên cơ quan đã báo cáo.")]})
    own = Q(unit=None, body=name)
    standing = task.reports.exclude(state=State.ACCEPTED).filter(own).first()
    if standing is not None:
        return standing
    period = _free_period(task, own)
    return TaskReport.objects.create(
        task=task,
        body=name,
        province=province,
        period=period.key,
        starts_on=period.start,
        ends_on=period.end,
        due_on=_as_of_due(task, period),
        asked_at=clock.now(),
    )


def _free_period(task: PlanTask, own: Q) -> Period:
    period = period_as_of(clock.today())
    if task.reports.filter(own, period=period.key).exists():
        raise WrongState(_("Báo cáo hôm nay đã được xác nhận. Nếu có gì mới, hãy báo cáo vào ngày khác."))
    return period


def _as_of_due(task: PlanTask, period: Period) -> dt.date:
    """The task's own last day where it is still to come, else the day itself."""
    last = task.deadline.last_day if task.deadline else period.start
    return max(last, period.start)


# the dialogue


def _lock(report: TaskReport) -> TaskReport:
    return (
        TaskReport.objects.select_for_update(of=("self",))
        .select_related("task__plan", "unit", "province")
        .get(pk=report.pk)
    )


def _require_move(report: TaskReport, to: TaskReport.State) -> None:
    """Raise WrongState unless the report may go on to `to` by its own dialogue."""
    if (to == State.ACCEPTED and report.is_open) or (State(report.state), to) not in TRANSITIONS:
        raise wrong_state()


def _entry(report: TaskReport, kind: ReportEntry.Kind, *, by: User, **values: Any) -> ReportEntry:
    last = report.entries.aggregate(last=Max("seq"))["last"] or 0
    return ReportEntry.objects.create(report=report, seq=last + 1, kind=kind, at=clock.now(), by=by, **values)


def measured_targets(task: PlanTask) -> list[Target]:
    """Targets of `task` that a figure answers."""
    return list(task.targets.filter(value__isnull=False).order_by("order", "pk"))


def require_writer(report: TaskReport, by: User) -> bool:
    """Whether `by` writes in the place of the body, as Sở Nội vụ; raises NotAllowed for others than these two."""
    if report.unit is not None and access.allowed(Perm.REPORT_PROGRESS, by, report.unit):
        return False
    access.require(Perm.MANAGE_PLANS, by, report.province)
    return True


@transaction.atomic
def send(report: TaskReport, progress: Progress, *, by: User) -> TaskReport:
    """Hand a report to Sở Nội vụ; one that Sở Nội vụ writes for the body itself is accepted with that.

    Raises WrongState, and InvalidInput (percentage, text, figure-<target>).
    """
    locked = _lock(report)
    on_behalf = require_writer(locked, by)
    _require_move(locked, State.SENT)
    targets = {target.pk: target for target in measured_targets(locked.task)}
    _require_good(progress, targets)
    now = clock.now()
    entry = _entry(
        locked,
        ReportEntry.Kind.SENT,
        by=by,
        on_behalf=on_behalf,
        percentage=progress.percentage,
        text=progress.text.strip(),
    )
    TargetFigure.objects.bulk_create(
        [
            TargetFigure(target=targets[pk], entry=entry, value=value, at=now, by=by)
            for pk, value in sorted(progress.figures.items())
        ]
    )
    locked.percentage, locked.text = progress.percentage, progress.text.strip()
    locked.reported_by, locked.reported_at, locked.on_behalf = by, entry.at, on_behalf
    locked.arrived_at = locked.arrived_at or entry.at
    locked.state = State.SENT
    if on_behalf:
        _settle(locked, State.ACCEPTED, comment="", by=by)
    locked.save()
    return locked


def _require_good(progress: Progress, targets: Mapping[int, Target]) -> None:
    errors: dict[str, list[str]] = {}
    share = progress.percentage
    if share is None or not 0 <= share <= FULL or share != round(share, 2):
        errors["percentage"] = [_("Tiến độ là số từ 0 đến 100, không quá 2 chữ số thập phân.")]
    text = progress.text.strip()
    if not text:
        errors["text"] = [_("Hãy ghi kết quả đã làm được và việc còn lại.")]
    elif len(text) > LONGEST_REPORT:
        errors["text"] = [_("Dài quá %(limit)s ký tự.") % {"limit": LONGEST_REPORT}]
    for pk, value in progress.figures.items():
        if pk not in targets or not 0 <= value <= MAX_VALUE or value != round(value, 2):
            errors[f"figure-{pk}"] = [_("Số phải từ 0 trở lên và có không quá 2 chữ số thập phân.")]
    if errors:
        raise InvalidInput(errors)


def _settle(report: TaskReport, state: TaskReport.State, *, comment: str, by: User) -> None:
    kind = ReportEntry.Kind.ACCEPTED if state == State.ACCEPTED else ReportEntry.Kind.RETURNED
    entry = _entry(report, kind, by=by, text=comment)
    report.state, report.comment = state, comment
    report.verified_by, report.verified_at = by, entry.at


@transaction.atomic
def accept(report: TaskReport, *, comment: str = "", by: User) -> TaskReport:
    """Sở Nội vụ confirms a report; it never changes again. Raises NotAllowed, WrongState."""
    locked = _to_verify(report, State.ACCEPTED, by)
    _settle(locked, State.ACCEPTED, comment=comment.strip()[:LONGEST_REPORT], by=by)
    locked.save()
    return locked


@transaction.atomic
def send_back(report: TaskReport, *, comment: str, by: User) -> TaskReport:
    """Sở Nội vụ returns a report and says what is wrong. Raises NotAllowed, WrongState, InvalidInput (comment)."""
    locked = _to_verify(report, State.RETURNED, by)
    if not comment.strip():
        raise InvalidInput({"comment": [_("Hãy ghi rõ cần bổ sung hoặc sửa gì.")]})
    _settle(locked, State.RETURNED, comment=comment.strip()[:LONGEST_REPORT], by=by)
    locked.save()
    return locked


def own_word(report: TaskReport, by: User) -> bool:
    """Whether the report is the word of `by`: somebody who writes for its body, or who wrote this one."""
    writes = report.unit is not None and access.allowed(Perm.REPORT_PROGRESS, by, report.unit)
    return writes or report.reported_by_id == by.pk


def own_word_refused(report: TaskReport) -> str:
    """Why one who keeps the plans does not verify this report."""
    return _(
        "Bạn viết báo cáo cho %(body)s nên không xác nhận hoặc trả lại báo cáo này. "
        "Hãy nhờ người quản lý kế hoạch khác của tỉnh."
    ) % {"body": report.body}


def _to_verify(report: TaskReport, to: TaskReport.State, by: User) -> TaskReport:
    locked = _lock(report)
    access.require(Perm.MANAGE_PLANS, by, locked.province)
    if own_word(locked, by):
        raise access.NotAllowed(own_word_refused(locked))
    _require_move(locked, to)
    return locked


@transaction.atomic
def record_figure(target: Target, value: Decimal, *, source: str = "", by: User) -> TargetFigure:
    """Sở Nội vụ writes down the figure of the whole province, which then speaks for the target.

    Raises NotAllowed, and InvalidInput for a target without a number or a value that cannot be one.
    """
    if not access.object_ids(Perm.MANAGE_PLANS, by, Unit):
        raise access.NotAllowed(_("Chỉ người quản lý kế hoạch của tỉnh được làm việc này."))
    if target.value is None:
        raise InvalidInput({"value": [_("Chỉ tiêu này không đo bằng số.")]})
    if not 0 <= value <= MAX_VALUE or value != round(value, 2):
        raise InvalidInput({"value": [_("Số phải từ 0 trở lên và có không quá 2 chữ số thập phân.")]})
    return TargetFigure.objects.create(target=target, value=value, at=clock.now(), by=by, source=one_line(source)[:300])


def state_counts(reports: QuerySet[TaskReport]) -> dict[str, int]:
    """How many of `reports` stand at each state."""
    return dict(reports.order_by().values_list("state").annotate(count=Count("pk")))
