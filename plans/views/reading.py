"""Reading plans: the list, one plan, its chart, the month, the workbook."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from units import clock
from units.models import Unit

from .. import pages, report_workbook, spreadsheet
from ..errors import PlanError
from ..followup import plan_progress
from ..models import Plan
from ..reporting import reports_for
from ..visibility import manages, plans_for
from ..writing import content_of
from .base import ReaderView, crumbs, download

PER_PAGE = 20
FIRST_YEAR, LAST_YEAR = 1900, 2199


class PlansView(ReaderView, TemplateView):
    """All plans, the latest period first."""

    template_name = "plans/plans.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(pages.listed(plans_for(self.user)), PER_PAGE).get_page(self.request.GET.get("page"))
        today = clock.today()
        rows = [{"plan": plan, "chip": pages.period_chip(plan, today)} for plan in page.object_list]
        return super().get_context_data(
            page=page, rows=rows, today=today, actions=list_actions(manages(self.user)), **kwargs
        )


def tabs(plan: Plan, here: str) -> list[dict[str, Any]]:
    """The views of one plan."""
    return [
        {"label": label, "url": reverse(name, args=[plan.pk]), "active": name == here}
        for name, label in (("plan", _("Nội dung")), ("plan-timeline", _("Biểu đồ tiến độ")))
    ]


def list_actions(may_write: bool) -> list[dict[str, Any]]:
    """Buttons of the list of plans."""
    reading: list[dict[str, Any]] = [
        {"label": _("Báo cáo tiến độ"), "url": reverse("plan-reports"), "icon": "clipboard-check"},
        {"label": _("Lịch tháng"), "url": reverse("plan-month"), "icon": "calendar-event"},
        {"label": _("Ngày nghỉ"), "url": reverse("holidays"), "icon": "calendar-event"},
    ]
    writing: list[dict[str, Any]] = [
        {"label": _("Nhập từ Excel"), "url": reverse("plan-import"), "icon": "upload"},
        {"label": _("Kế hoạch mới"), "url": reverse("plan-edit"), "icon": "plus-lg", "primary": True},
    ]
    return [*reading, *(writing if may_write else [])]


def plan_actions(plan: Plan, may_write: bool) -> list[dict[str, Any]]:
    """Buttons of one plan."""
    reading = [
        {"label": _("Xuất Excel"), "url": reverse("plan-export", args=[plan.pk]), "icon": "download"},
        {"label": _("Báo cáo tiến độ (Excel)"), "url": reverse("plan-reports-export", args=[plan.pk]), "icon": "table"},
    ]
    writing = [
        {"label": _("Nhắc báo cáo"), "url": reverse("plan-reminder-rules", args=[plan.pk]), "icon": "bell"},
        {"label": _("Nhập từ Excel"), "url": reverse("plan-import", args=[plan.pk]), "icon": "upload"},
        {"label": _("Sao sang năm khác"), "url": reverse("plan-clone", args=[plan.pk]), "icon": "arrow-repeat"},
        {"label": _("Sửa"), "url": reverse("plan-edit", args=[plan.pk]), "icon": "pencil"},
    ]
    return [*reading, *(writing if may_write else [])]


class PlanView(ReaderView, TemplateView):
    """One plan: milestones, tasks as a tree, targets, working groups, sheets."""

    template_name = "plans/plan.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.plan()
        tasks = list(plan.tasks.prefetch_related("leads", "coordinators"))
        sheets = pages.sheet_rows(plan)
        milestones = [
            {"name": milestone.get_key_display(), "words": milestone.deadline.words(), "due": due}
            for milestone in plan.milestones.order_by("on", "key")
            if (due := pages.task_due(plan, milestone.deadline))
        ]
        found = super().get_context_data(**kwargs)
        return found | {
            "plan": plan,
            "signed": pages.signed_words(plan),
            "chip": pages.period_chip(plan, clock.today()),
            "actions": plan_actions(plan, manages(self.user)),
            "tabs": tabs(plan, "plan"),
            "crumbs": crumbs((plan.number, "")),
            "milestones": milestones,
            "tasks": pages.task_rows(plan, tasks, plan_progress(plan)),
            "targets": pages.target_rows(plan, tasks),
            "groups": pages.group_rows(plan),
            "sheets": sheets,
            "sheet_total": pages.sheet_total(sheets),
        }


class TimelineView(ReaderView, TemplateView):
    """The Gantt chart of a plan with today's line, and the same as a table."""

    template_name = "plans/timeline.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.plan()
        rows = pages.task_rows(plan, list(plan.tasks.all()))
        found = super().get_context_data(**kwargs)
        return found | {
            "plan": plan,
            "signed": pages.signed_words(plan),
            "tabs": tabs(plan, "plan-timeline"),
            "crumbs": crumbs((plan.number, "")),
            "chart": pages.chart(plan, rows),
            "tasks": rows,
            "today": clock.today(),
        }


class MonthView(ReaderView, TemplateView):
    """One month of all plans, or of the one named by `?ke-hoach=`."""

    template_name = "plans/month.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        year, month = self.kwargs.get("year", today.year), self.kwargs.get("month", today.month)
        if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
            raise Http404
        plans = plans_for(self.user)
        chosen = self.request.GET.get("ke-hoach", "")
        plan = plans.filter(pk=int(chosen)).first() if chosen.isdecimal() and len(chosen) < 10 else None
        weeks = pages.month(year, month, plans.filter(pk=plan.pk) if plan else plans)
        query = f"?ke-hoach={plan.pk}" if plan else ""
        first = dt.date(year, month, 1)
        return super().get_context_data(
            weeks=weeks,
            title=_("Lịch tháng %(month)s năm %(year)s") % {"month": month, "year": year},
            plan=plan,
            count=sum(len(day.entries) for week in weeks for day in week if day.in_month),
            before=_month_url(first - dt.timedelta(days=1), query),
            after=_month_url(first + dt.timedelta(days=31), query),
            this_month=_month_url(today, query) if (year, month) != (today.year, today.month) else "",
            all_url=_month_url(first, "") if plan else "",
            crumbs=crumbs((_("Lịch tháng"), "")),
            **kwargs,
        )


def _month_url(day: dt.date, query: str) -> str:
    """The address of the month of `day`; empty outside the years that the calendar knows."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return ""
    return reverse("plan-month", args=[day.year, day.month]) + query


def units_listed() -> list[tuple[str, str]]:
    """Units of the installation for the reference sheet of a workbook."""
    return list(Unit.objects.filter(active=True).order_by("kind", "order", "code").values_list("code", "name"))


class ExportView(ReaderView, View):
    """The plan as xlsx, in the layout that can be imported again."""

    def get(self, request: HttpRequest, plan: int) -> HttpResponse:
        found = self.plan()
        try:
            content = spreadsheet.workbook(content_of(found), units_listed())
        except PlanError as error:
            return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
        return download(content, f"ke-hoach-{found.signed_on:%Y-%m-%d}-{found.pk}.xlsx")


class ReportsExportView(ReaderView, View):
    """Progress of every task, standing of every target, and the reports that the person reads, as xlsx."""

    def get(self, request: HttpRequest, plan: int) -> HttpResponse:
        found = self.plan()
        content = report_workbook.workbook(found, reports_for(self.user))
        return download(content, f"bao-cao-tien-do-{found.signed_on:%Y-%m-%d}-{found.pk}.xlsx")


class TemplateFileView(ReaderView, View):
    """The empty workbook to fill in."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return download(spreadsheet.workbook(None, units_listed()), "mau-ke-hoach.xlsx")
