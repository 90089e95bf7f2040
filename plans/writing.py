"""Between a plan's rows and its content. Who may write is asked by the services; here only what is written.

Rows are matched by what the decision itself calls them (number, name, body), so that an import changes a task in
place and whatever stands on that task stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from units.models import Unit

from .calendar import PlanTime
from .content import (
    GroupContent,
    MilestoneContent,
    PlanContent,
    SeatContent,
    SheetsContent,
    TargetContent,
    TaskContent,
)
from .errors import InUse
from .models import Milestone, Plan, PlanTask, Target
from .working_groups import SheetQuota, WorkingGroup, WorkingGroupSeat

HEADER = ("number", "title", "issuing_body", "signed_on", "period_start", "period_end", "signer")


def content_of(plan: Plan) -> PlanContent:
    """What stands in the rows of `plan`; the same number of queries for any plan."""
    tasks = list(plan.tasks.select_related("parent").prefetch_related("leads", "coordinators"))
    return PlanContent(
        **{name: getattr(plan, name) for name in HEADER},
        milestones=tuple(
            MilestoneContent(row.key, row.on, row.inclusive) for row in plan.milestones.order_by("on", "key")
        ),
        tasks=tuple(task_content(task) for task in tasks),
        targets=tuple(target_content(target) for target in plan.targets.select_related("task")),
        groups=tuple(_group_content(group) for group in plan.groups.select_related("unit").prefetch_related("seats")),
        sheets=tuple(
            SheetsContent(row.body, row.form, row.planned, row.unit.code if row.unit else "")
            for row in plan.sheet_quotas.select_related("unit")
        ),
    )


def task_content(task: PlanTask) -> TaskContent:
    """One task as a value; reads `parent`, `leads` and `coordinators`."""
    return TaskContent(
        number=task.number,
        name=task.name,
        lead=task.lead,
        coordinating=task.coordinating,
        time_text=task.time_text,
        parent=task.parent.number if task.parent else "",
        report_every=task.report_every,
        source=task.source,
        lead_units=tuple(unit.code for unit in task.leads.all()),
        coordinating_units=tuple(unit.code for unit in task.coordinators.all()),
    )


def target_content(target: Target) -> TargetContent:
    """One target as a value; reads `task`."""
    return TargetContent(
        target.number,
        target.text,
        target.value,
        target.unit,
        target.comparison,
        target.task.number if target.task else "",
    )


def _group_content(group: WorkingGroup) -> GroupContent:
    return GroupContent(
        group.name,
        group.body,
        group.size_min,
        group.size_max,
        group.unit.code if group.unit else "",
        tuple(
            SeatContent(seat.role, seat.body, seat.count_min, seat.count_max, seat.skill, seat.skilled_min, seat.note)
            for seat in group.seats.all()
        ),
    )


@transaction.atomic
def write(plan: Plan, content: PlanContent) -> Plan:
    """Make the rows of `plan` (saved or new) say exactly `content`, which must be free of `problems`.

    A milestone that `content` lacks stays: cycles stand on it. Raises InUse where something stands on a row that
    `content` no longer has; nothing is written then.
    """
    for name in HEADER:
        setattr(plan, name, getattr(content, name))
    plan.save()
    units = {unit.code: unit for unit in Unit.objects.all()}
    for row in content.milestones:
        Milestone.objects.update_or_create(plan=plan, key=row.key, defaults={"on": row.on, "inclusive": row.inclusive})
    _write_tasks(plan, content.tasks, units)
    _write_targets(plan, content.targets)
    _write_groups(plan, content.groups, units)
    _write_sheets(plan, content.sheets, units)
    return plan


def time_fields(time: PlanTime | None) -> dict[str, Any]:
    """The columns of a task's time; all empty where the decision names none."""
    if time is None:
        return {"time_text": "", "time_kind": "", "starts_on": None, "ends_on": None}
    return {"time_text": time.text, "time_kind": time.kind.value, "starts_on": time.start, "ends_on": time.end}


def task_fields(content: TaskContent) -> dict[str, Any]:
    """The plain columns of a task."""
    return {
        "number": content.number,
        "name": content.name,
        "lead": content.lead,
        "coordinating": content.coordinating,
        "report_every": content.report_every,
        "source": content.source,
        **time_fields(content.time),
    }


def _put(row: Any, fields: Mapping[str, Any]) -> bool:
    """Set the fields that differ; whether any did, or the row is new."""
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    return bool(changed) or row.pk is None


def _drop(rows: Iterable[Any]) -> None:
    """Delete `rows`, each by itself, so that the error can name the one on which something stands."""
    for row in rows:
        try:
            row.delete()
        except (ProtectedError, RestrictedError) as error:
            raise InUse(_("Không xóa được “%(row)s” vì đã có số liệu đi kèm.") % {"row": row}) from error


def _write_tasks(plan: Plan, tasks: tuple[TaskContent, ...], units: Mapping[str, Unit]) -> None:
    found = {task.number: task for task in plan.tasks.select_related("parent")}
    rows: dict[str, PlanTask] = {}
    changed: set[str] = set()
    for order, content in enumerate(tasks, start=1):
        row = found.pop(content.number, None) or PlanTask(plan=plan, version=0)
        if _put(row, {**task_fields(content), "order": order}):
            changed.add(content.number)
        if row._state.adding:
            row.save()
        rows[content.number] = row
    gone = list(found.values())
    for content in tasks:
        row = rows[content.number]
        if _put(row, {"parent": rows.get(content.parent)}) or content.number in changed:
            row.version += 1
            row.save()
    _drop_tasks(plan, gone)
    _link(PlanTask.leads.through, rows, {content.number: content.lead_units for content in tasks}, units)
    _link(
        PlanTask.coordinators.through,
        rows,
        {content.number: content.coordinating_units for content in tasks},
        units,
    )


def _drop_tasks(plan: Plan, gone: list[PlanTask]) -> None:
    """Children before parents; targets of a dropped task are let go, `_write_targets` links them anew."""
    Target.objects.filter(plan=plan, task__in=gone).update(task=None)
    PlanTask.objects.filter(plan=plan, pk__in=[row.pk for row in gone]).update(parent=None)
    _drop(gone)


def _link(
    through: Any, rows: Mapping[str, PlanTask], wanted: Mapping[str, tuple[str, ...]], units: Mapping[str, Unit]
) -> None:
    """Make a task-to-unit table say what `wanted` says, in three queries whatever the number of tasks."""
    pairs = {(rows[number].pk, units[code].pk) for number, codes in wanted.items() for code in codes}
    standing = {
        (task, unit): pk
        for pk, task, unit in through.objects.filter(plantask__in=[row.pk for row in rows.values()]).values_list(
            "pk", "plantask_id", "unit_id"
        )
    }
    through.objects.filter(pk__in=[pk for pair, pk in standing.items() if pair not in pairs]).delete()
    through.objects.bulk_create(
        [through(plantask_id=task, unit_id=unit) for task, unit in sorted(pairs - set(standing))]
    )


def _write_targets(plan: Plan, targets: tuple[TargetContent, ...]) -> None:
    tasks = {task.number: task for task in plan.tasks.all()}
    found = {target.number: target for target in plan.targets.all()}
    for order, content in enumerate(targets, start=1):
        row = found.pop(content.number, None) or Target(plan=plan, number=content.number)
        if _put(row, {**target_fields(content), "task": tasks.get(content.task), "order": order}):
            row.version += not row._state.adding
            row.save()
    _drop(found.values())


def target_fields(content: TargetContent) -> dict[str, Any]:
    """The plain columns of a target."""
    return {
        "number": content.number,
        "text": content.text,
        "value": content.value,
        "unit": content.unit,
        "comparison": content.comparison,
    }


def _write_groups(plan: Plan, groups: tuple[GroupContent, ...], units: Mapping[str, Unit]) -> None:
    found = {group.name: group for group in plan.groups.prefetch_related("seats")}
    for order, content in enumerate(groups, start=1):
        group = found.pop(content.name, None) or WorkingGroup(plan=plan, name=content.name)
        fields = {
            "body": content.body,
            "unit": units.get(content.unit),
            "size_min": content.size_min,
            "size_max": content.size_max,
            "order": order,
        }
        new = group.pk is None
        if _put(group, fields):
            group.save()
        _write_seats(group, content.seats, [] if new else list(group.seats.all()))
    for group in found.values():
        _drop(group.seats.all())
        group.delete()


def _write_seats(group: WorkingGroup, seats: tuple[SeatContent, ...], standing: Iterable[WorkingGroupSeat]) -> None:
    found = {(seat.role, seat.body): seat for seat in standing}
    for order, content in enumerate(seats, start=1):
        row = found.pop((content.role, content.body), None) or WorkingGroupSeat(group=group)
        if _put(row, {**vars(content), "order": order}):
            row.save()
    _drop(found.values())


def _write_sheets(plan: Plan, sheets: tuple[SheetsContent, ...], units: Mapping[str, Unit]) -> None:
    found = {(row.body, row.form): row for row in plan.sheet_quotas.all()}
    for order, content in enumerate(sheets, start=1):
        row = found.pop((content.body, content.form), None) or SheetQuota(plan=plan)
        if _put(row, {**vars(content), "unit": units.get(content.unit), "order": order}):
            row.save()
    _drop(found.values())
