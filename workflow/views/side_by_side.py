"""The desk of one criterion: all units that the person appraises, beside one another."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from assessments.models import Cycle
from assessments.services.looks import look
from assessments.visibility import cycles_for
from criteria.models import Criterion
from units.permissions import Perm
from units.web import SignedInRequest

from ..desk import quick_options, rule_words
from ..side_by_side import SideBySide, appraised_leaves


class CriterionDesk(LoginRequiredMixin, View):
    """Finds what the person appraises of one criterion; 404 where that is nothing by their seat."""

    request: SignedInRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return
        self.cycle = get_object_or_404(
            cycles_for(request.user, Perm.APPRAISE).select_related("plan"), pk=kwargs["cycle"]
        )
        self.criterion = get_object_or_404(
            Criterion.objects.filter(criteria_set__cycles__cycle=self.cycle).select_related("criteria_set").distinct(),
            pk=kwargs["criterion"],
        )
        self.domain = get_object_or_404(
            Criterion,
            criteria_set=self.criterion.criteria_set_id,
            parent=None,
            code=self.criterion.code.split(".")[0],
        )
        self.leaves = appraised_leaves(self.domain)
        self.desk = SideBySide(request.user, self.cycle, self.criterion, self.domain)
        if self.criterion not in self.leaves or not self.desk.takes_domain:
            raise Http404


class AppraiseCriterionView(CriterionDesk, TemplateView):
    """Shows the units; each row is saved by `appraise-score`."""

    request: SignedInRequest

    template_name = "workflow/side_by_side.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cycle, criterion, domain, desk, leaves = self.cycle, self.criterion, self.domain, self.desk, self.leaves
        here = leaves.index(criterion)
        return super().get_context_data(
            cycle=cycle,
            criterion=criterion,
            domain=domain,
            rule=rule_words(criterion),
            illustrative=criterion.criteria_set.illustrative,
            groups=desk.groups(),
            moved=[row for row in desk.rows if row.moved],
            progress=desk.progress,
            editable=any(row.editable for row in desk.rows),
            quick_options=quick_options(),
            number=here + 1,
            count=len(leaves),
            previous=_link(cycle, leaves[here - 1]) if here else None,
            following=_link(cycle, leaves[here + 1]) if here + 1 < len(leaves) else None,
            crumbs=[
                {"label": _("Thẩm định"), "url": reverse("appraisals")},
                {"label": _("Lĩnh vực %(code)s") % {"code": domain.code}, "url": _url(cycle, leaves[0])},
                {"label": _("Tiêu chí %(code)s") % {"code": criterion.code}, "url": ""},
            ],
        )


class LookAtCriterionView(CriterionDesk):
    """The desk tells that it was opened, so that the next visit can mark what moved since."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        look(list(self.desk.dossiers.values()), self.criterion, by=request.user)
        return HttpResponse(status=204) if request.htmx else redirect(_url(self.cycle, self.criterion))


def _url(cycle: Cycle, criterion: Criterion) -> str:
    return reverse("appraise-criterion", args=[cycle.pk, criterion.pk])


def _link(cycle: Cycle, criterion: Criterion) -> dict[str, str]:
    return {"url": _url(cycle, criterion), "label": f"{criterion.code} {criterion.name}"}
