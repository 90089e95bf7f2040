"""Due dates that moved: after an extension or a changed milestone, open tasks get the date that now holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from assessments.models import Cycle, Dossier

from .models import WorkItem

# When a task is due, and when by law.
Dates = tuple[dt.datetime | None, dt.datetime | None]
RESPOND = "dossier.respond"


def replan(subject: Dossier | Cycle) -> int:
    """Set the due dates of every open task of `subject` anew; returns how many moved."""
    own = {"dossier": subject} if isinstance(subject, Dossier) else {"cycle": subject, "dossier": None}
    return _replan(
        (item, subject) for item in WorkItem.objects.filter(done_at=None, **own).select_related("task").order_by("pk")
    )


def replan_cycle(cycle: Cycle) -> int:
    """The same for the cycle and all of its dossiers: after a milestone or a day off was changed."""
    items = WorkItem.objects.filter(done_at=None, cycle=cycle).select_related("task", "dossier__unit").order_by("pk")
    for item in items:
        if item.dossier is not None:
            item.dossier.cycle = cycle  # its milestones are then read once for all
    return _replan((item, item.dossier or cycle) for item in items)


def told(item: WorkItem, dates: Dates) -> Dates:
    """The new due dates of `item`, of which a unit's days to contest are never cut short once it was told of them."""
    if item.node == RESPOND and item.due_at and dates[0] and dates[0] < item.due_at:
        return item.due_at, item.legal_due_at
    return dates


def _replan(pairs: Iterable[tuple[WorkItem, Dossier | Cycle]]) -> int:
    moved = []
    for item, subject in pairs:
        step = item.task.flow_task
        dates = told(item, (step.due_at(subject), step.legal_due_at(subject)))
        if dates != (item.due_at, item.legal_due_at):
            item.due_at, item.legal_due_at = dates
            moved.append(item)
    WorkItem.objects.bulk_update(moved, ["due_at", "legal_due_at"], batch_size=500)
    return len(moved)
