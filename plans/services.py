"""Writing plans: every change asks for the permission, locks the plan, checks the version, and counts it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

from django.db import IntegrityError, transaction
from django.db.models import F, Max, ProtectedError, RestrictedError
from django.dispatch import Signal
from django.utils.translation import gettext as _

from units.models import Unit, User

from .calendar import PlanTimeError
from .content import (
    MilestoneContent,
    PlanContent,
    Problem,
    TargetContent,
    TaskContent,
    one_line,
    problems,
)
from .errors import Conflict, InUse, InvalidInput
from .models import Milestone, Plan, PlanTask, Target
from .visibility import require_manager
from .working_groups import WorkingGroup, WorkingGroupMember, WorkingGroupSeat
from .writing import content_of, target_fields, task_content, task_fields, write

# Sent inside the transaction after a plan's legal dates have changed, with `plan`: open work has new due dates.
milestones_moved = Signal()


def unit_codes() -> set[str]:
    """Codes of all units, by which contents name them."""
    return set(Unit.objects.values_list("code", flat=True))


def _lock(plan: Plan) -> Plan:
    return Plan.objects.select_for_update().get(pk=plan.pk)


def _touch(plan: Plan) -> None:
    Plan.objects.filter(pk=plan.pk).update(version=F("version") + 1)


def _check_version(current: int, seen: int | None) -> None:
    if seen is not None and seen != current:
        raise Conflict(_("Có người vừa sửa nội dung này. Hãy xem bản mới nhất rồi sửa lại."))


def _refuse(found: Iterable[Problem], names: Callable[[Problem], str]) -> None:
    """Raise InvalidInput with every problem under the field that `names` gives it."""
    errors: dict[str, list[str]] = {}
    for problem in found:
        errors.setdefault(names(problem), []).append(problem.message)
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def create_plan(content: PlanContent, *, by: User) -> Plan:
    """A new plan with everything in `content`; InvalidInput names what is wrong or that the number is taken."""
    require_manager(by)
    _refuse(problems(content, units=unit_codes()), lambda problem: problem.field)
    return _saved_once(lambda: write(Plan(), content))


def require_free_number(content: PlanContent, *, but: Plan | None = None) -> None:
    """Raise InvalidInput where another plan than `but` has the number and date of `content`."""
    others = Plan.objects.exclude(pk=but.pk) if but is not None else Plan.objects.all()
    assert content.signed_on is not None
    if others.filter(number=content.number, signed_on=content.signed_on).exists():
        raise InvalidInput({"number": [_number_taken()]})


def _number_taken() -> str:
    return _("Đã có kế hoạch cùng số và ngày ký. Muốn thay nội dung, hãy mở kế hoạch đó rồi nhập từ Excel.")


def _saved_once(save: Callable[[], Plan]) -> Plan:
    try:
        with transaction.atomic():
            return save()
    except IntegrityError as error:
        raise InvalidInput({"number": [_number_taken()]}) from error


@transaction.atomic
def replace_content(plan: Plan, content: PlanContent, *, version: int | None, by: User) -> Plan:
    """Make `plan` say exactly `content`; milestones that it lacks stay.

    Raises InvalidInput, Conflict where the plan changed since `version`, InUse where something stands on a row that
    would go.
    """
    require_manager(by)
    locked = _lock(plan)
    _check_version(locked.version, version)
    _refuse(problems(content, units=unit_codes()), lambda problem: problem.field)
    before = _dates(locked)
    locked.version += 1
    _saved_once(lambda: write(locked, content))
    _tell_if_moved(locked, before)
    return locked


def _dates(plan: Plan) -> dict[str, tuple[dt.date, bool]]:
    return {key: (on, inclusive) for key, on, inclusive in plan.milestones.values_list("key", "on", "inclusive")}


def _tell_if_moved(plan: Plan, before: dict[str, tuple[dt.date, bool]]) -> None:
    if _dates(plan) != before:
        milestones_moved.send(sender=Plan, plan=plan)


@transaction.atomic
def save_header(plan: Plan, header: PlanContent, *, version: int | None, by: User) -> Plan:
    """Change number, title, dates, signer and milestones of `plan`; its tasks and the rest stay."""
    require_manager(by)
    locked = _lock(plan)
    _check_version(locked.version, version)
    own = content_of(locked)
    content = replace(header, tasks=own.tasks, targets=own.targets, groups=own.groups, sheets=own.sheets)
    return replace_content(locked, content, version=None, by=by)


@transaction.atomic
def save_task(
    plan: Plan, content: TaskContent, *, task: PlanTask | None = None, version: int | None = None, by: User
) -> PlanTask:
    """Add a task after the last one of its parent, or change `task` in place.

    Raises InvalidInput (field to messages), and Conflict where `task` changed since `version`.
    """
    require_manager(by)
    locked = _lock(plan)
    tasks = list(locked.tasks.select_related("parent").prefetch_related("leads", "coordinators"))
    contents = [task_content(row) for row in tasks]
    if task is None:
        at = _place(contents, content.parent)
        contents.insert(at, content)
    else:
        at = next(index for index, row in enumerate(tasks) if row.pk == task.pk)
        task = tasks[at]
        _check_version(task.version, version)
        renumbered = {contents[at].number: content.number}
        contents = [replace(row, parent=renumbered.get(row.parent, row.parent)) for row in contents]
        contents[at] = content
    _refuse(
        (
            p
            for p in problems(_only_tasks(locked, contents), units=unit_codes())
            if (p.section, p.place) == ("tasks", at)
        ),
        lambda problem: problem.field,
    )
    if task is None:
        order = tasks[at - 1].order + 1 if at else 1
        locked.tasks.filter(order__gte=order).update(order=F("order") + 1)
        task = PlanTask(plan=locked, order=order)
    else:
        task.version += 1
    for name, value in task_fields(content).items():
        setattr(task, name, value)
    task.parent = next((row for row in tasks if row.number == content.parent), None)
    task.save()
    units = {unit.code: unit for unit in Unit.objects.filter(code__in=content.lead_units + content.coordinating_units)}
    task.leads.set([units[code] for code in content.lead_units])
    task.coordinators.set([units[code] for code in content.coordinating_units])
    _touch(locked)
    return task


def _only_tasks(plan: Plan, tasks: list[TaskContent]) -> PlanContent:
    return PlanContent(
        number=plan.number,
        title=plan.title,
        issuing_body=plan.issuing_body,
        signed_on=plan.signed_on,
        period_start=plan.period_start,
        period_end=plan.period_end,
        tasks=tuple(tasks),
    )


def _place(tasks: list[TaskContent], parent: str) -> int:
    """Index after the last task below `parent`, or after the last one of all."""
    below = {parent}
    at = len(tasks)
    for index, task in enumerate(tasks):
        if parent and (task.number in below or task.parent in below):
            below.add(task.number)
            at = index + 1
    return at


@transaction.atomic
def delete_task(task: PlanTask, *, version: int | None = None, by: User) -> None:
    """Take a task out of its plan; InUse where other tasks, targets or reports stand on it."""
    require_manager(by)
    plan = _lock(task.plan)
    current = plan.tasks.get(pk=task.pk)
    _check_version(current.version, version)
    if current.children.exists():
        raise InUse(_("Nhiệm vụ này còn nhiệm vụ con. Hãy xóa hoặc chuyển nhiệm vụ con trước."))
    if current.targets.exists():
        raise InUse(_("Có chỉ tiêu thuộc nhiệm vụ này. Hãy chuyển chỉ tiêu sang nhiệm vụ khác trước."))
    try:
        current.delete()
    except (ProtectedError, RestrictedError) as error:
        raise InUse(_("Nhiệm vụ này đã có báo cáo tiến độ nên không xóa được.")) from error
    _touch(plan)


@transaction.atomic
def save_target(
    plan: Plan, content: TargetContent, *, target: Target | None = None, version: int | None = None, by: User
) -> Target:
    """Add a target, or change `target` in place. Raises InvalidInput and Conflict."""
    require_manager(by)
    locked = _lock(plan)
    own = content_of(locked)
    targets = list(own.targets)
    if target is None:
        at = len(targets)
        targets.append(content)
    else:
        target = locked.targets.get(pk=target.pk)
        _check_version(target.version, version)
        at = next(index for index, row in enumerate(targets) if row.number == target.number)
        targets[at] = content
    found = problems(replace(own, targets=tuple(targets)), units=unit_codes())
    _refuse((p for p in found if (p.section, p.place) == ("targets", at)), lambda problem: problem.field)
    if target is None:
        last: int | None = locked.targets.aggregate(last=Max("order"))["last"]
        target = Target(plan=locked, order=(last or 0) + 1)
    else:
        target.version += 1
    for name, value in target_fields(content).items():
        setattr(target, name, value)
    target.task = locked.tasks.filter(number=content.task).first() if content.task else None
    target.save()
    _touch(locked)
    return target


@transaction.atomic
def delete_target(target: Target, *, version: int | None = None, by: User) -> None:
    """Take a target out of its plan; InUse where figures were reported for it."""
    require_manager(by)
    plan = _lock(target.plan)
    current = plan.targets.get(pk=target.pk)
    _check_version(current.version, version)
    try:
        current.delete()
    except (ProtectedError, RestrictedError) as error:
        raise InUse(_("Chỉ tiêu này đã có số liệu báo cáo nên không xóa được.")) from error
    _touch(plan)


@transaction.atomic
def clone_plan(plan: Plan, *, number: str, title: str, signed_on: dt.date, years: int, by: User) -> Plan:
    """A new plan `years` after `plan` with every date moved; its working groups have no members yet.

    Raises InvalidInput where the number is taken or a date leaves the calendar.
    """
    require_manager(by)
    try:
        moved = content_of(plan).shift_years(years)
    except PlanTimeError as error:
        raise InvalidInput({"years": [str(error)]}) from error
    content = replace(moved, number=number, title=title, signed_on=signed_on)
    _refuse(problems(content, units=unit_codes()), lambda problem: problem.field)
    return _saved_once(lambda: write(Plan(cloned_from=plan), content))


@transaction.atomic
def add_member(seat: WorkingGroupSeat, *, name: str, position: str, skilled: bool, by: User) -> WorkingGroupMember:
    """Enter a person on a seat; a group may be short or too large meanwhile, `check_composition` says so."""
    require_manager(by)
    name, position = one_line(name), one_line(position)
    errors = {
        field: [_("Chưa nhập.") if not value else _("Dài quá %(limit)s ký tự.") % {"limit": limit}]
        for field, value, limit in (("name", name, 150), ("position", position, 200))
        if not value or len(value) > limit
    }
    if skilled and not seat.skill:
        errors["skilled"] = [_("Thành phần này không đòi hỏi kỹ năng riêng.")]
    if errors:
        raise InvalidInput(errors)
    members = WorkingGroupMember.objects.filter(seat__group=seat.group_id)
    if members.filter(name__iexact=name, position__iexact=position).exists():
        raise InvalidInput({"name": [_("Người này đã có trong tổ.")]})
    return WorkingGroupMember.objects.create(seat=seat, name=name, position=position, skilled=skilled)


@transaction.atomic
def remove_member(member: WorkingGroupMember, *, by: User) -> None:
    """Take a person off a working group."""
    require_manager(by)
    member.delete()


def group_of(plan: Plan, pk: int) -> WorkingGroup | None:
    """A working group of `plan` with seats and members, three queries."""
    return plan.groups.select_related("unit").prefetch_related("seats__members").filter(pk=pk).first()


def milestones_of(rows: Iterable[tuple[Milestone.Key, dt.date | None, bool]]) -> tuple[MilestoneContent, ...]:
    """The milestones of a form: those that have a date."""
    return tuple(MilestoneContent(key.value, on, inclusive) for key, on, inclusive in rows if on is not None)
