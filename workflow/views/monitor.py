"""The monitor of a cycle: Sở Nội vụ, the secretary, the chair and the province's leaders see who is where."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from assessments.deadlines import legal_deadline
from assessments.models import Cycle
from assessments.services.cycles import illustrative
from assessments.stages import CycleStage
from assessments.visibility import cycles_for
from plans.calendar import Deadline, Timeliness, days_left_words
from plans.models import Milestone
from units import access, clock
from units.permissions import Perm
from units.templatetags.cchc import due

from ..inbox import inbox
from ..monitor import monitor
from .inbox import task_row


def left_words(deadline: Deadline, now: dt.datetime) -> str:
    """How long a date of the plan is ahead or past; a past one accuses nobody, the units' own chips do."""
    days = deadline.days_left(now)
    return days_left_words(days) if days >= 0 else _("đã qua %(days)s ngày") % {"days": -days}


def milestone_row(milestone: Milestone, now: dt.datetime) -> dict[str, Any]:
    """A date of the plan for `components/deadline.html`."""
    found = due(milestone.deadline.ends_at, now)
    assert found is not None
    if found["state"] == "late":
        found |= {"state": "mute", "icon": "", "text": _("Đã qua")}
    return {"label": milestone.get_key_display(), "due": found}


class MonitorFilter(forms.Form):
    """Which units to show; kept in the address."""

    khoi = forms.TypedChoiceField(label=gettext_lazy("Nhóm"), required=False, coerce=int, empty_value=None)
    tinh_trang = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *((state.value, state.label) for state in Timeliness)],
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = cycle.groups.select_related("group")
        field = self.fields["khoi"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Tất cả")), *((row.group_id, row.group.name) for row in groups)]


class MonitorView(LoginRequiredMixin, TemplateView):
    """One page, refreshed by itself every minute; an unknown filter value shows everything."""

    template_name = "workflow/monitor.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        cycle = get_object_or_404(
            cycles_for(user, Perm.MONITOR).select_related("plan", "province"), pk=self.kwargs["cycle"]
        )
        form = MonitorFilter(self.request.GET, cycle=cycle)
        chosen = form.cleaned_data if form.is_valid() else {}
        found = monitor(cycle, group=chosen.get("khoi"), state=chosen.get("tinh_trang", ""))
        deadline, now = legal_deadline(cycle), clock.now()
        return super().get_context_data(
            cycle=cycle,
            monitor=found,
            tiles=[tile | {"url": self.address(chosen.get("khoi"), tile["key"])} for tile in found.tiles],
            form=form,
            result=_("%(shown)s trong %(total)s đơn vị") % {"shown": len(found.lines), "total": found.total},
            reset_url=reverse("monitor", args=[cycle.pk]),
            deadline=deadline,
            left=left_words(deadline, now),
            milestones=[milestone_row(milestone, now) for milestone in cycle.plan.milestones.all()],
            now=now,
            tasks=[task_row(item, None) for item in inbox(user).filter(cycle=cycle, dossier=None)],
            manages=access.allowed(Perm.MANAGE, user, cycle) and cycle.stage == CycleStage.COLLECTING,
            illustrative=illustrative(cycle),
        )

    @staticmethod
    def address(group: int | None, state: str) -> str:
        """The filter that a tile stands for."""
        return "?" + urlencode({key: value for key, value in (("khoi", group), ("tinh_trang", state)) if value})
