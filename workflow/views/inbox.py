"""The first page: what must I do, and by when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from assessments.completeness import Progress, progress
from assessments.deadlines import legal_deadline
from assessments.models import NOT_SELF_SCORED, Score
from assessments.shares import domain_code, with_officer
from plans.calendar import Deadline, days_left_words, start_of
from units import clock
from units.models import User
from units.web import SignedInRequest

from ..appraisals import settled_counts
from ..elsewhere import elsewhere
from ..inbox import inbox, on_behalf_of
from ..item_dates import deadline_at, is_late, item_due, legal_end
from ..models import WorkItem
from ..titles import action_label, item_sub, item_title, item_url

PER_PAGE = 50
BEFORE_SUBMISSION = frozenset(
    {"dossier.assign", "dossier.self_assess", "dossier.check", "dossier.approve", "dossier.submit"}
)


class InboxView(LoginRequiredMixin, TemplateView):
    """Open tasks by due date, in three groups: overdue, this week, later. The same queries for any number of rows."""

    request: SignedInRequest
    template_name = "workflow/inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(inbox(self.request.user), PER_PAGE).get_page(self.request.GET.get("page"))
        items = list(page.object_list)
        done = domain_progress(items) | appraisal_progress(items)
        others = elsewhere(self.request.user, items) if page.number == 1 else []
        own_calendar = {"label": _("Lịch của tôi"), "url": reverse("own-calendar"), "icon": "calendar-event"}
        return super().get_context_data(
            page=page,
            groups=grouped(items, done, self.request.user),
            others=others,
            lead=self.lead(items, page.paginator.count),
            actions=[own_calendar],
            **kwargs,
        )

    def lead(self, items: list[WorkItem], count: int) -> str:
        """The sentence under the title: how much waits, and the unit's own legal date."""
        if not count:
            return _("Không có việc nào đang chờ bạn.")
        now = clock.now()
        overdue = sum(1 for item in items if is_late(item, now))
        text = _("%(count)s việc đang chờ bạn") % {"count": count}
        if overdue:
            text += " · " + _("%(count)s việc quá hạn") % {"count": overdue}
        own = next((item for item in items if item.node in BEFORE_SUBMISSION), None)
        if own is not None:
            deadline = submission_words(own)
            left = days_left_words(deadline.days_left(now))
            text += " · " + _("Hạn gửi hồ sơ: %(deadline)s, %(left)s") % {
                "deadline": deadline.words(),
                "left": left[0].lower() + left[1:],
            }
        return text


def submission_words(item: WorkItem) -> Deadline:
    """The deadline of a task before sending as the plan says it, or the unit's own where it was extended."""
    assert item.cycle is not None
    legal, end = legal_deadline(item.cycle), legal_end(item)
    return legal if end is None or end == legal.ends_at else deadline_at(end)


def domain_progress(items: list[WorkItem]) -> dict[int, int]:
    """% done behind each self-assessment task on the page, in one query; by task id."""
    wanted = [item for item in items if item.node in ("dossier.self_assess", "dossier.check")]
    if not wanted:
        return {}
    scores: dict[int, list[Score]] = {}
    rows = (
        Score.objects.filter(dossier__in={item.dossier_id for item in wanted})
        .exclude(source__in=NOT_SELF_SCORED)
        .select_related("criterion")
        .annotate(documents=Count("evidence"))
    )
    for score in with_officer(rows):
        scores.setdefault(score.dossier_id, []).append(score)
    found = {}
    for item in wanted:
        own = scores.get(item.dossier_id or 0, [])
        if item.domain is not None:
            own = [
                score
                for score in own
                if domain_code(score.criterion.code) == item.domain.code and score.officer_id == item.owner_id  # type: ignore[attr-defined]
            ]
        found[item.pk] = progress(own).percent
    return found


def appraisal_progress(items: list[WorkItem]) -> dict[int, int]:
    """% settled behind each appraisal task on the page, in one query; by task id."""
    wanted = [item for item in items if item.node == "dossier.appraise"]
    if not wanted:
        return {}
    counts = settled_counts({item.dossier_id for item in wanted if item.dossier_id})
    found = {}
    for item in wanted:
        code = item.domain.code if item.domain else ""
        settled, open_scores = counts[item.dossier_id or 0, code, True], counts[item.dossier_id or 0, code, False]
        found[item.pk] = Progress(done=settled, total=settled + open_scores).percent
    return found


def grouped(items: list[WorkItem], percents: dict[int, int], user: User) -> list[dict[str, Any]]:
    """Rows for the template under "Quá hạn", "Trong 7 ngày tới" and "Sau 7 ngày tới"."""
    now = clock.now()
    week = start_of(clock.today() + dt.timedelta(days=8))
    late = [item for item in items if is_late(item, now)]
    rest = [item for item in items if not is_late(item, now)]
    groups: list[tuple[str, list[WorkItem]]] = [
        (_("Quá hạn"), late),
        (_("Trong 7 ngày tới"), [item for item in rest if item.due_at and item.due_at <= week]),
        (_("Sau 7 ngày tới"), [item for item in rest if item.due_at is None or item.due_at > week]),
    ]
    return [
        {"title": title, "tasks": [task_row(item, percents.get(item.pk), user) for item in rows], "late": number == 0}
        for number, (title, rows) in enumerate(groups)
        if rows
    ]


def mark_of(item: WorkItem, user: User) -> dict[str, str] | None:
    """What a task needs said about its person: done for somebody absent, or to be given to somebody else."""
    absent = on_behalf_of(item, user)
    if absent is not None:
        return {"state": "info", "text": _("thay mặt %(who)s") % {"who": absent}, "icon": "people"}
    if item.owner is not None and item.owner != user:
        words = _("cần giao lại, trước là của %(who)s") % {"who": item.owner}
        return {"state": "soon", "text": words, "icon": "exclamation-triangle"}
    return None


def task_row(item: WorkItem, percent: int | None, user: User | None = None) -> dict[str, Any]:
    """One task as `components/task_row.html` takes it, in the inbox of `user`."""
    now = clock.now()
    soon = item.due_at is not None and item.due_at - now < dt.timedelta(days=4)
    return {
        "title": item_title(item),
        "url": item_url(item),
        "sub": item_sub(item),
        "mark": mark_of(item, user) if user else None,
        "percent": percent,
        "progress_label": None
        if percent is None
        else _("tiêu chí đã chấm")
        if item.node == "dossier.appraise"
        else _("tiêu chí đã xong"),
        "due": item_due(item),
        "action_label": action_label(item),
        "primary": soon,
    }
