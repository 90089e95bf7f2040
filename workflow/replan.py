"""Due dates that moved: after an extension or a changed milestone, open tasks get the date that now holds."""

from __future__ import annotations

from collections.abc import Iterable

from assessments.models import Cycle, Dossier

from .models import WorkItem


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


def _replan(pairs: Iterable[tuple[WorkItem, Dossier | Cycle]]) -> int:
    moved = []
    for item, subject in pairs:
        step = item.task.flow_task
        dates = step.due_at(subject), step.legal_due_at(subject)
        if dates != (item.due_at, item.legal_due_at):
            item.due_at, item.legal_due_at = dates
            moved.append(item)
    WorkItem.objects.bulk_update(moved, ["due_at", "legal_due_at"], batch_size=500)
    return len(moved)
