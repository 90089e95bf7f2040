"""What waits for others of one's unit: coordinator and head keep the dossier in sight while it is not their turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.completeness import progress
from assessments.models import NOT_SELF_SCORED, Score
from assessments.stages import OPEN_STAGES
from units import access
from units.models import Unit
from units.permissions import Perm

from .inbox import SUBJECT
from .item_dates import item_due
from .models import WorkItem


def elsewhere(user: Any, mine: Iterable[WorkItem]) -> list[dict[str, Any]]:
    """Rows for `components/task_row.html`: dossiers not yet sent of units that `user` checks or approves for, without
    those of `mine`. Two queries, one where there is nothing.
    """
    units = {
        *access.object_ids(Perm.CHECK, user, Unit),
        *access.object_ids(Perm.APPROVE, user, Unit),
    }
    if not units:
        return []
    waiting: dict[int, list[WorkItem]] = {}
    for item in _open(units).exclude(dossier__in={item.dossier_id for item in mine if item.dossier_id}):
        waiting.setdefault(item.dossier_id or 0, []).append(item)
    percents = _percents(waiting) if waiting else {}
    return [_row(items, percents.get(dossier), user) for dossier, items in waiting.items()]


def _open(units: Collection[int]) -> QuerySet[WorkItem]:
    return (
        WorkItem.objects.filter(done_at=None, dossier__unit__in=units, dossier__stage__in=OPEN_STAGES)
        .select_related(*SUBJECT, "owner")
        .order_by("due_at", "pk")
    )


def _percents(dossiers: Collection[int]) -> dict[int, int]:
    """% of the criteria that the unit scores itself which are complete, by dossier."""
    found: dict[int, list[Score]] = {}
    rows = Score.objects.filter(dossier__in=dossiers).exclude(source__in=NOT_SELF_SCORED).select_related("criterion")
    for score in rows.annotate(documents=Count("evidence")):
        found.setdefault(score.dossier_id, []).append(score)
    return {dossier: progress(scores).percent for dossier, scores in found.items()}


def _row(items: list[WorkItem], percent: int | None, user: Any) -> dict[str, Any]:
    """One dossier: the step, whom it waits for and how many tasks each has, the earliest date."""
    first = items[0]
    assert first.dossier is not None
    leads_on = access.allowed(Perm.ASSIGN_CRITERIA, user, first.dossier.unit) and first.node == "dossier.self_assess"
    page, label = ("assign", _("Xem tiến độ")) if leads_on else ("dossier", _("Xem hồ sơ"))
    return {
        "title": f"{first.dossier.get_stage_display()} · {first.dossier.unit}",
        "url": reverse(page, args=[first.dossier_id]),
        "sub": _("Đang chờ: %(whom)s") % {"whom": _whom(items)},
        "mark": None,
        "percent": percent,
        "progress_label": _("tiêu chí đã xong"),
        "due": item_due(first),
        "action_label": label,
        "primary": False,
    }


def _whom(items: list[WorkItem]) -> str:
    """ "Nguyễn Văn An (2 lĩnh vực), Trần Thị Bình"; the step's name for tasks that are nobody's own."""
    shares = Counter(str(item.owner or item.task.flow_task.task_title) for item in items)
    return ", ".join(
        _("%(who)s (%(count)s lĩnh vực)") % {"who": who, "count": count} if count > 1 else who
        for who, count in shares.items()
    )
