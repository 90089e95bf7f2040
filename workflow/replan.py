"""Due dates that moved: after an extension or a changed milestone, open tasks get the date that now holds."""

from __future__ import annotations

from assessments.models import Cycle, Dossier

from .models import WorkItem


def replan(subject: Dossier | Cycle) -> int:
    """Set the due date of every open task of `subject` anew; returns how many moved."""
    own = {"dossier": subject} if isinstance(subject, Dossier) else {"cycle": subject, "dossier": None}
    moved = []
    for item in WorkItem.objects.filter(done_at=None, **own).select_related("task"):
        due_at = item.task.flow_task.due_at(subject)
        if due_at != item.due_at:
            item.due_at = due_at
            moved.append(item)
    WorkItem.objects.bulk_update(moved, ["due_at"])
    return len(moved)
