"""The desk of one criterion: all units that the person appraises, beside one another."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from assessments.models import Cycle
from assessments.visibility import cycles_for
from criteria.models import Criterion
from units.permissions import Perm

from ..desk import QUICK_REASONS, rule_words
from ..side_by_side import SideBySide, appraised_leaves


class AppraiseCriterionView(LoginRequiredMixin, TemplateView):
    """Shows the units; each row is saved by `appraise-score`."""

    template_name = "workflow/side_by_side.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cycle = get_object_or_404(
            cycles_for(self.request.user, Perm.APPRAISE).select_related("plan"), pk=self.kwargs["cycle"]
        )
        criterion = get_object_or_404(
            Criterion.objects.filter(criteria_set__cycles__cycle=cycle).select_related("criteria_set").distinct(),
            pk=self.kwargs["criterion"],
        )
        domain = get_object_or_404(
            Criterion, criteria_set=criterion.criteria_set_id, parent=None, code=criterion.code.split(".")[0]
        )
        leaves = appraised_leaves(domain)
        here = next((number for number, leaf in enumerate(leaves) if leaf.pk == criterion.pk), None)
        desk = SideBySide(self.request.user, cycle, criterion, domain)
        if here is None or not desk.takes_domain:
            raise Http404
        return super().get_context_data(
            cycle=cycle,
            criterion=criterion,
            domain=domain,
            rule=rule_words(criterion),
            illustrative=criterion.criteria_set.illustrative,
            groups=desk.groups(),
            progress=desk.progress,
            editable=any(row.editable for row in desk.rows),
            quick_reasons=QUICK_REASONS,
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


def _url(cycle: Cycle, criterion: Criterion) -> str:
    return reverse("appraise-criterion", args=[cycle.pk, criterion.pk])


def _link(cycle: Cycle, criterion: Criterion) -> dict[str, str]:
    return {"url": _url(cycle, criterion), "label": f"{criterion.code} {criterion.name}"}
