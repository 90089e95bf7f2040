"""The monitor of a cycle: Sở Nội vụ, the secretary, the chair and the province's leaders see who is where.

Every page has the same filter in its address and finds the cycle among those that the person watches (404 otherwise).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from assessments.deadlines import legal_deadline
from assessments.models import Cycle
from assessments.services.cycles import illustrative
from assessments.stages import STEPS, CycleStage
from assessments.visibility import cycles_for
from plans.calendar import Deadline, days_left_words
from plans.models import Milestone
from units import access, clock
from units.permissions import Perm
from units.templatetags.cchc import due
from units.web import SignedInRequest

from ..monitor.burnup import burn_up
from ..monitor.lines import lines
from ..monitor.ranking import ranking, shares
from ..monitor.saved import views_for
from ..monitor.shown import Chosen, MonitorFilter, shown
from ..monitor.standings import Standing, standings
from ..monitor.tiles import tiles
from ..monitor.timeline import timeline
from ..monitor.today import needs
from ..monitor.unit import unit_view
from ..monitor.waiting import STEP_COUNT, last_years, stage_times, unit_times
from ..monitor.weekly import letter

PER_PAGE = 50


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


class WatchBase(LoginRequiredMixin, View):
    """Finds the cycle among those that the person watches, and reads the filter."""

    request: SignedInRequest
    cycle: Cycle
    form: MonitorFilter
    chosen: Chosen

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(
                cycles_for(request.user, Perm.MONITOR).select_related("plan", "province"), pk=kwargs["cycle"]
            )
            self.form = MonitorFilter(request.GET, cycle=self.cycle)
            self.chosen = self.form.chosen()

    def address(self, name: str) -> str:
        """Another page of the monitor with the same filter."""
        query = self.chosen.query()
        return reverse(name, args=[self.cycle.pk]) + (f"?{query}" if query else "")


class WatchView(WatchBase, TemplateView):
    """A page of the monitor: head, tabs and filter."""

    request: SignedInRequest
    tab = "monitor"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The keys of the address are read where they are needed; they are no context."""
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deadline, now = legal_deadline(self.cycle), clock.now()
        tabs = (
            ("monitor", _("Tổng quan")),
            ("monitor-waiting", _("Hồ sơ chờ ở đâu")),
            ("monitor-ranking", _("Xếp hạng đúng hạn")),
            ("monitor-plan", _("Kế hoạch và thực tế")),
        )
        return super().get_context_data(
            cycle=self.cycle,
            form=self.form,
            tabs=[{"url": self.address(name), "label": label, "active": name == self.tab} for name, label in tabs],
            page_name=dict(tabs)[self.tab],
            filter_words=self.chosen.words(self.form),
            reset_url=reverse(self.tab, args=[self.cycle.pk]),
            deadline=deadline,
            left=left_words(deadline, now),
            now=now,
            illustrative=illustrative(self.cycle),
            **kwargs,
        )

    def exports(self) -> list[dict[str, str]]:
        """What is shown, as Excel and as PDF with the same filter."""
        return [
            {"url": self.address(f"{self.tab}-workbook"), "label": _("Excel"), "icon": "file-earmark-excel"},
            {"url": self.address(f"{self.tab}-pdf"), "label": _("PDF"), "icon": "file-earmark-pdf"},
        ]

    def paged(self, rows: Any) -> Any:
        """The page of `rows` that the address asks for; a wrong one gives the first or the last."""
        return Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))


class MonitorView(WatchView):
    """The overview; its parts are fetched again every minute."""

    template_name = "workflow/monitor/overview.html"

    def get_template_names(self) -> list[str]:
        """A refresh gets the parts alone."""
        return ["workflow/monitor/parts.html" if self.request.htmx else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, cycle = self.request.user, self.cycle
        manages = access.allowed(Perm.MANAGE, user, cycle)
        rows = standings(cycle)
        found = shown(rows, self.chosen)
        page = self.paged(found.rows)
        context = super().get_context_data(
            tiles=tiles(found, self.chosen),
            needs=needs(user, cycle, rows),
            page=page,
            lines=lines(cycle, page.object_list),
            steps=[label for label, _stages in STEPS],
            result=_("%(shown)s trong %(total)s đơn vị") % {"shown": len(found.rows), "total": found.total},
            burn_up=burn_up(cycle, self.of_group(rows), self.chosen.group),
            group=next((row.group for row in rows if row.group_id == self.chosen.group), ""),
            milestones=[milestone_row(milestone, clock.now()) for milestone in cycle.plan.milestones.all()],
            manages=manages and cycle.stage == CycleStage.COLLECTING,
            keeps_times=manages,
            actions=self.actions(),
            **kwargs,
        )
        if not self.request.htmx:
            context |= {"views": views_for(user, cycle), "query": self.chosen.query()}
        return context

    def of_group(self, rows: list[Standing]) -> list[Standing]:
        """The burn-up follows the group alone: the other fields pick units, not a whole to be finished."""
        return [row for row in rows if self.chosen.group in (None, row.group_id)]

    def actions(self) -> list[dict[str, str]]:
        """What can be taken away of what is shown, and for Sở Nội vụ what can be done about it."""
        doing = [
            {"url": reverse("nudges", args=[self.cycle.pk]), "label": _("Đôn đốc"), "icon": "megaphone"},
            {"url": reverse("reminder-rules", args=[self.cycle.pk]), "label": _("Nhắc việc"), "icon": "bell"},
            {"url": reverse("extensions", args=[self.cycle.pk]), "label": _("Gia hạn"), "icon": "calendar-event"},
            {"url": reverse("council", args=[self.cycle.pk]), "label": _("Hội đồng"), "icon": "people"},
        ]
        return [
            *(doing if access.allowed(Perm.MANAGE, self.request.user, self.cycle) else []),
            *self.exports(),
            {"url": reverse("monitor-letter", args=[self.cycle.pk]), "label": _("Thư tuần"), "icon": "envelope"},
        ]


class WaitingView(WatchView):
    """Where dossiers wait, against last year."""

    template_name = "workflow/monitor/waiting.html"
    tab = "monitor-waiting"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = standings(self.cycle)
        found = shown(rows, self.chosen)
        page = self.paged(found.rows)
        before = last_years(self.cycle)
        group = self.chosen.group
        in_group = [row for row in rows if group in (None, row.group_id)]
        return super().get_context_data(
            before=before,
            stages=stage_times(self.cycle, before, in_group, group),
            page=page,
            units=unit_times(self.cycle, before, page.object_list),
            steps=[label for label, _stages in STEPS[:STEP_COUNT]],
            actions=self.exports(),
            result=_("%(shown)s trong %(total)s đơn vị") % {"shown": len(found.rows), "total": found.total},
            **kwargs,
        )


class RankingView(WatchView):
    """Who was in time."""

    template_name = "workflow/monitor/ranking.html"
    tab = "monitor-ranking"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = standings(self.cycle)
        in_group = [row for row in rows if self.chosen.group in (None, row.group_id)]
        kept = {row.dossier for row in shown(rows, self.chosen).rows}
        ranked = [row for row in ranking(in_group) if row.standing.dossier in kept]
        return super().get_context_data(
            shares=shares(in_group),
            page=self.paged(ranked),
            actions=self.exports(),
            result=_("%(shown)s trong %(total)s đơn vị") % {"shown": len(ranked), "total": len(rows)},
            **kwargs,
        )


class PlanView(WatchView):
    """The plan against what happened."""

    template_name = "workflow/monitor/plan.html"
    tab = "monitor-plan"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = timeline(self.cycle)
        phases = [(phase, phase.state(found.today), phase.words(found.today)) for phase in found.phases]
        return super().get_context_data(timeline=found, phases=phases, actions=self.exports(), **kwargs)


class UnitView(WatchView):
    """One unit from above: who has what since when. No content of the dossier is read here."""

    template_name = "workflow/monitor/unit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dossier = get_object_or_404(
            self.cycle.dossiers.select_related("unit__group", "cycle_group"), unit=self.kwargs["unit"]
        )
        row = next(row for row in standings(self.cycle) if row.dossier == dossier.pk)
        return super().get_context_data(
            dossier=dossier,
            line=lines(self.cycle, [row])[0],
            found=unit_view(dossier),
            times=unit_times(self.cycle, last_years(self.cycle), [row])[0],
            steps=[label for label, _stages in STEPS],
            manages=access.allowed(Perm.MANAGE, self.request.user, self.cycle)
            and self.cycle.stage == CycleStage.COLLECTING,
            **kwargs,
        )


class LetterView(WatchView):
    """This week's letter as it would be sent now; looking at it sends nothing."""

    template_name = "workflow/monitor/letter.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        people = access.holders(Perm.MONITOR, self.cycle)
        return super().get_context_data(
            letter=letter(self.cycle, standings(self.cycle), clock.today()), people=people, **kwargs
        )
