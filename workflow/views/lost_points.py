"""What the unit reads once its result was given to it: why points were lost, on screen, on paper, in Excel."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from assessments.visibility import dossiers_for, is_council, result_given
from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from ..lost_points import chart, lost_points
from ..lost_points_workbook import unit_workbook
from .unit_sheet import crumbs

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class LostPointsBase(LoginRequiredMixin, View):
    """Finds the dossier; nobody has the page before the cycle gives the result to the unit."""

    request: SignedInRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return
        self.dossier = get_object_or_404(
            dossiers_for(request.user).select_related("unit", "cycle__plan", "cycle_group__criteria_set"),
            pk=kwargs["dossier"],
        )
        reads = is_council(request.user, self.dossier) or access.allowed(
            Perm.VIEW_DOSSIER, request.user, self.dossier.unit
        )
        if not reads or not result_given(self.dossier):
            raise Http404


class LostPointsView(LostPointsBase, TemplateView):
    """Vì sao mất điểm."""

    request: SignedInRequest

    template_name = "workflow/lost_points.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = lost_points(self.dossier)
        return super().get_context_data(
            dossier=self.dossier,
            illustrative=self.dossier.cycle_group.criteria_set.illustrative,
            found=found,
            chart=chart(found),
            crumbs=crumbs(self.dossier, _("Vì sao mất điểm")),
            **kwargs,
        )


class LostPointsWorkbookView(LostPointsBase):
    """The same as a workbook, with every criterion and every round."""

    def get(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = slugify(str(self.dossier.unit).replace("đ", "d").replace("Đ", "D"))
        return HttpResponse(
            unit_workbook(lost_points(self.dossier)),
            content_type=EXCEL,
            headers={"Content-Disposition": f'attachment; filename="ket-qua-{name}-{self.dossier.cycle.year}.xlsx"'},
        )
