"""The appraisal from above: chair, secretary and whoever manages the council; never the members who appraise."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from assessments.services.cycles import illustrative
from assessments.services.looks import look
from assessments.visibility import council_dossiers, cycles_for
from criteria.models import Criterion
from results.severity import FEWEST_CRITERIA, FEWEST_PEOPLE
from units.permissions import Perm
from units.web import SignedInRequest

from ..overview import Overview
from ..overview_workbook import overview_workbook
from .lost_points import EXCEL

PERMS = (Perm.CHAIR, Perm.CONCLUDE, Perm.MANAGE_COUNCIL)


class OverviewBase(LoginRequiredMixin, View):
    """Finds the cycle among those whose council the person leads or manages."""

    request: SignedInRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(
                cycles_for(request.user, *PERMS).select_related("plan", "province"), pk=kwargs["cycle"]
            )
            self.overview = Overview(self.cycle, request.user)


class OverviewView(OverviewBase, TemplateView):
    """Progress, cuts, requests, appeals and the deadline on one page."""

    request: SignedInRequest

    template_name = "workflow/appraisal_overview.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.overview
        return super().get_context_data(
            cycle=self.cycle,
            illustrative=illustrative(self.cycle),
            found=found,
            fewest=FEWEST_CRITERIA,
            people=FEWEST_PEOPLE,
            tiles=[
                {"value": len(found.dossiers), "label": _("hồ sơ đã đến hội đồng")},
                {
                    "value": found.progress.done,
                    "of": found.progress.done + found.progress.open,
                    "label": _("lượt lĩnh vực đã thẩm định xong"),
                },
                {
                    "value": len(found.unanswered),
                    "label": _("câu hỏi đơn vị chưa trả lời"),
                    "state": "late" if any(row.late for row in found.unanswered) else "",
                },
                {"value": sum(row.appeals for row in found.open), "label": _("kiến nghị chưa trả lời")},
                {"value": sum(row.differences for row in found.open), "label": _("chênh lệch chưa thống nhất")},
            ],
            **kwargs,
        )


class OverviewWorkbookView(OverviewBase):
    """The same tables in Excel."""

    def get(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(
            overview_workbook(self.overview, illustrative=illustrative(self.cycle)),
            content_type=EXCEL,
            headers={"Content-Disposition": f'attachment; filename="tong-quan-tham-dinh-{self.cycle.year}.xlsx"'},
        )


class LookView(LoginRequiredMixin, View):
    """The desk tells that it was opened, so that the next visit can mark what moved since."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, dossier: int, domain: int) -> HttpResponse:
        found = get_object_or_404(council_dossiers(request.user), pk=dossier)
        branch = get_object_or_404(Criterion, criteria_set=found.criteria_set_id, parent=None, pk=domain)
        look([found], branch, by=request.user)
        return HttpResponse(status=204) if request.htmx else redirect("appraise-domain", found.pk, branch.pk)
