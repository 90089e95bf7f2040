"""Days off that change: open tasks get the dates that now hold, and reminders follow without being said twice.

A reminder counted in working days speaks on another day then. What was said already for the same last day is not said
again; what would have been said on a day that is over by now is said today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assessments.models import Cycle
from notifications.models import Notice
from plans.calendar import WorkCalendar, local_date
from plans.holidays import work_calendar
from units import clock

from .due import WorkingDates
from .models import RuleShift, WorkItem
from .reminders import EVENT, last_days, open_items, subject_of
from .replan import told
from .rules import ReminderRule, rules_of

# Last days of a task for one audience, by whether it is the legal one.
LastDays = Mapping[bool, dt.date]


def follow(before: WorkCalendar) -> None:
    """Bring open tasks and their reminders in line with the days off that now stand; `before`: those that stood."""
    items = list(open_items())
    stood = {(item.pk, audience): _last_days(item, audience) for item in items for audience in _AUDIENCES}
    replan_working_days(items)
    _shift(items, stood, before)


def replan_working_days(items: Iterable[WorkItem]) -> int:
    """Set anew the due dates of those of `items` that are counted in working days; returns how many moved."""
    dates: dict[int, WorkingDates] = {}
    cycles: dict[int, Cycle] = {}
    moved = []
    for item in items:
        if item.dossier is None or item.cycle is None:
            continue
        cycle = cycles.setdefault(item.cycle.pk, item.cycle)
        item.dossier.cycle = cycle  # its milestones are then read once for all
        if cycle.pk not in dates:
            dates[cycle.pk] = WorkingDates(cycle)
        found = item.task.flow_task.working_dates(item.dossier, dates[cycle.pk])
        if found is not None and (kept := told(item, found)) != (item.due_at, item.legal_due_at):
            item.due_at, item.legal_due_at = kept
            moved.append(item)
    WorkItem.objects.bulk_update(moved, ["due_at", "legal_due_at"], batch_size=500)
    return len(moved)


_AUDIENCES = tuple(audience.value for audience in ReminderRule.Audience)


def _last_days(item: WorkItem, audience: str) -> LastDays:
    return {by_law: day for day, by_law in last_days(item, audience)}


@dataclass(frozen=True)
class _Days:
    """What the change of a calendar is judged by."""

    before: WorkCalendar
    after: WorkCalendar
    today: dt.date
    said_today: bool  # the reminders of today have gone out


def _shift(items: Sequence[WorkItem], stood: Mapping[tuple[int, str], LastDays], before: WorkCalendar) -> None:
    today = local_date(clock.now())
    days = _Days(before, work_calendar(), today, Notice.objects.filter(event=f"{EVENT}{today.isoformat()}").exists())
    rules = rules_of({subject_of(item) for item in items})
    known = {(row.item_id, row.rule, row.last_day): row for row in RuleShift.objects.filter(item__done_at=None)}
    kept: list[RuleShift] = []
    dropped: list[int] = []
    for item in items:
        for rule in rules[subject_of(item)]:
            if rule.repeat or rule.count != rule.Count.WORKING or rule.node not in ("", item.node):
                continue
            for by_law, last_day in _last_days(item, rule.audience).items():
                old = stood[item.pk, rule.audience].get(by_law, last_day)
                row = known.get((item.pk, rule.said_as, last_day))
                moved, speaks_on = _speaks(rule, old, last_day, row, days)
                if moved:
                    kept.append(RuleShift(item=item, rule=rule.said_as, last_day=last_day, speaks_on=speaks_on))
                elif row is not None:
                    dropped.append(row.pk)
    RuleShift.objects.filter(pk__in=dropped).delete()
    RuleShift.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["item", "rule", "last_day"],
        update_fields=["speaks_on"],
        batch_size=500,
    )


def _speaks(
    rule: ReminderRule, old: dt.date, last_day: dt.date, row: RuleShift | None, days: _Days
) -> tuple[bool, dt.date | None]:
    """Whether `rule` speaks on another day than its own one, and on which: None where it has spoken already.

    `old` is the last day that stood before, `row` what an earlier change left.
    """
    anchor = rule.anchor(last_day, days.after)
    earlier = row.speaks_on if row is not None else rule.anchor(old, days.before)
    if earlier is None or earlier < days.today or (earlier == days.today and days.said_today):
        return old == last_day and (row is not None or anchor >= days.today), None
    too_late = rule.when == rule.When.BEFORE and last_day < days.today
    return anchor < days.today and not too_late, days.today
