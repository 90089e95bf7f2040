"""Figures of a target: what was given so far, and the one of the whole province that Sở Nội vụ writes down."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from .. import reporting
from ..forms import FigureForm
from ..models import Target
from ..pages import figure_words, number_words
from ..reports import TargetFigure, TaskReport
from .base import KeeperFormView, crumbs

SHOWN = 100


class TargetFigureView(KeeperFormView):
    """Write down the figure of the whole province; earlier figures stay below it."""

    template_name = "plans/target_figure.html"
    form_class = FigureForm

    def target(self) -> Target:
        return get_object_or_404(Target.objects.select_related("task"), pk=self.kwargs["target"], plan=self.plan())

    def save(self, form: Any) -> str:
        target = self.target()
        figure = reporting.record_figure(target, **form.cleaned_data, by=self.user)
        messages.success(
            self.request,
            _("Đã ghi số liệu %(value)s cho chỉ tiêu %(number)s.")
            % {"value": f"{number_words(figure.value)} {target.unit}".strip(), "number": target.number},
        )
        return f"{reverse('plan', args=[self.kwargs['plan']])}#chi-tieu-{target.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, target = self.plan(), self.target()
        title = _("Số liệu chỉ tiêu %(number)s") % {"number": target.number}
        figures = TargetFigure.objects.filter(target=target).select_related("by", "entry__report")
        return super().get_context_data(
            **{
                "plan": plan,
                "target": target,
                "wanted": figure_words(target),
                "figures": [self.line(figure, target) for figure in figures.order_by("-at", "-pk")[:SHOWN]],
                "title": title,
                "back": f"{reverse('plan', args=[plan.pk])}#chi-tieu-{target.pk}",
                "crumbs": crumbs((plan.number, reverse("plan", args=[plan.pk])), (title, "")),
                **kwargs,
            }
        )

    def line(self, figure: TargetFigure, target: Target) -> dict[str, Any]:
        """One figure with whose it is, and whether it counts."""
        report = figure.entry.report if figure.entry is not None else None
        counts = report is None or (report.state == TaskReport.State.ACCEPTED and figure.at == report.reported_at)
        return {
            "figure": figure,
            "value": f"{number_words(figure.value)} {target.unit}".strip(),
            "body": str(report) if report is not None else figure.source or _("Số liệu toàn tỉnh"),
            "counts": counts,
        }
