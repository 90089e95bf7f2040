"""Criteria that go from one officer to another while tasks are open: tasks follow, and both people are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Dossier
from assessments.services.assignments import Moved
from assessments.services.assignments import reassign as reassign_criteria
from assessments.shares import Share, open_shares
from assessments.stages import Stage
from notifications.kinds import Kind
from notifications.services import Message
from units import clock
from units.models import User

from .engine import processes
from .flows import DossierFlow
from .models import WorkItem
from .news import tell


@transaction.atomic
def reassign(
    dossier: Dossier, officers: Mapping[int, User], *, note: str = "", seen: int | None = None, by: User
) -> list[Moved]:
    """Hand criteria over (see the service), fit the open tasks to it, and tell giver and receiver.

    The process is locked before the dossier, as when a task is done.
    """
    process = processes(Dossier, [dossier.pk]).get()
    with DossierFlow.lock(process.pk):
        moved = reassign_criteria(dossier, officers, by=by, note=note, seen=seen)
        fresh = Dossier.objects.select_related("unit", "cycle", "cycle_group").get(pk=dossier.pk)
        if fresh.stage == Stage.SELF_ASSESSING:
            fit_tasks(fresh, by=by)
        tell(notices(fresh, moved, by=by))
    return moved


def fit_tasks(dossier: Dossier, *, by: User) -> None:
    """One open task for each open share: a task changes its owner, is opened beside the others, or is closed."""
    items = list(
        WorkItem.objects.filter(dossier=dossier, node="dossier.self_assess", done_at=None)
        .select_related("task", "owner")
        .order_by("pk")
    )
    fan_out = items[0].task.previous.get()
    wanted = {(share.domain.pk, share.officer.pk): share for share in open_shares(dossier)}
    free = []
    for item in items:
        share = wanted.pop((item.domain_id or 0, item.owner_id or 0), None)
        if share is None:
            free.append(item)
        else:
            _give(item, share)
    for share in wanted.values():
        taken = next((item for item in free if item.domain_id == share.domain.pk), None)
        if taken is None:
            DossierFlow.hand_out.open_one_more(fan_out, share)
        else:
            free.remove(taken)
            _give(taken, share)
    for item in free:
        _close(item, by=by)


def _give(item: WorkItem, share: Share) -> None:
    if (item.owner_id, item.criteria) != (share.officer.pk, share.criteria):
        item.owner, item.criteria = share.officer, share.criteria
        item.save(update_fields=["owner", "criteria"])


def _close(item: WorkItem, *, by: User) -> None:
    """Nothing of the task is left: it is cancelled, so that the Join does not wait for it."""
    item.task.flow_task.activation_class(item.task).cancel()
    item.done_at, item.done_by = clock.now(), by
    item.save(update_fields=["done_at", "done_by"])


def notices(dossier: Dossier, moved: Iterable[Moved], *, by: User) -> list[Message]:
    """What giver and receiver are told, one message each, whatever the number of criteria."""
    rows = list(moved)
    last = dossier.ledger.filter(action="reassign").latest("seq").seq
    people: dict[int, User] = {}
    lines: dict[int, list[str]] = {}
    for row in rows:
        what = _what(row)
        for person, line in (
            (row.before, _("- %(what)s: chuyển cho %(who)s") % {"what": what, "who": row.after}),
            (row.after, _("- %(what)s: nhận từ %(who)s") % {"what": what, "who": row.before or _("cán bộ đầu mối")}),
        ):
            if person is not None:
                people[person.pk] = person
                lines.setdefault(person.pk, []).append(line)
    head = _("%(by)s đã giao lại tiêu chí của hồ sơ %(dossier)s. Số liệu đã nhập được giữ nguyên.") % {
        "by": by,
        "dossier": dossier,
    }
    return [
        Message(
            event=f"reassign:{dossier.pk}:{last}",
            recipient=person,
            subject=_("Chỉ số CCHC: phân công của bạn đã thay đổi"),
            body="\n".join([head, "", *lines[pk]]),
            url=reverse("dossier", args=[dossier.pk]),
            kind=Kind.TURN,
        )
        for pk, person in people.items()
        if person.is_active and person != by
    ]


def _what(row: Moved) -> str:
    words: dict[str, Any] = {"code": row.criterion.code, "name": row.criterion.name}
    if row.criterion.parent_id is None:
        return _("Lĩnh vực %(code)s: %(name)s") % words
    return _("Tiêu chí %(code)s: %(name)s") % words
