"""Sở Nội vụ opens a cycle, stops taking dossiers and merges the survey."""

from __future__ import annotations

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.deadlines import legal_deadline
from assessments.stages import OPEN_STAGES, Stage
from assessments.visibility import cycles_for
from survey.services import missing_lines
from units.permissions import Perm

from .. import actions
from ..opening import opening_facts
from .base import CycleStepView
from .cycle_rules import rule_lines


class ProvinceStepView(CycleStepView):
    """A step on a cycle that only people with one of `perms` may look at; 404 for everybody else."""

    perms: tuple[Perm, ...] = ()

    def load(self) -> None:
        self.cycle = get_object_or_404(
            cycles_for(self.request.user, *self.perms).select_related("plan", "province"), pk=self.kwargs["cycle"]
        )


class OpenCycleView(ProvinceStepView):
    """What is locked by opening, and what should be looked at before."""

    node = "open"
    perms = (Perm.MANAGE,)
    template_name = "workflow/open_cycle.html"

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.open_cycle(self.item, by=self.request.user)
        self.done_message = _("Đã mở đợt đánh giá. Các đơn vị nhận việc phân công ngay bây giờ.")

    def get_success_url(self) -> str:
        return reverse("monitor", args=[self.cycle.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(facts=opening_facts(self.cycle), rules=rule_lines(self.cycle), **kwargs)


class CloseForm(forms.Form):
    """Whether the units that sent nothing are given up."""

    give_up_missing = forms.BooleanField(
        label=gettext_lazy("Ghi các đơn vị trên là “Không nộp hồ sơ”. Không hoàn tác được."), required=False
    )


class CloseCollectionView(ProvinceStepView):
    """Stop taking dossiers; the units that have not sent are named."""

    node = "collect"
    perms = (Perm.MANAGE,)
    template_name = "workflow/close_collection.html"
    form_class = CloseForm
    done_message = gettext_lazy("Đã kết thúc nhận hồ sơ.")

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.close_collection(self.item, give_up_missing=form.cleaned_data["give_up_missing"], by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("monitor", args=[self.cycle.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dossiers = list(self.cycle.dossiers.select_related("unit").order_by("unit__group__order", "unit__order"))
        missing = [dossier for dossier in dossiers if Stage(dossier.stage) in OPEN_STAGES]
        return super().get_context_data(
            missing=missing,
            sent=len(dossiers) - len(missing),
            total=len(dossiers),
            deadline=legal_deadline(self.cycle),
            **kwargs,
        )


class MergeSurveyView(ProvinceStepView):
    """Merge the imported survey points into the dossiers: asked for on the survey page, shown there as well."""

    node = "merge_survey"
    perms = (Perm.IMPORT_SURVEY,)
    template_name = "workflow/merge_survey.html"

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.merge_survey(self.item, by=self.request.user)
        self.done_message = _("Đã tổng hợp điểm điều tra xã hội học vào hồ sơ các đơn vị.")

    def back_url(self) -> str:
        return reverse("survey", args=[self.cycle.pk])

    def get_success_url(self) -> str:
        return self.back_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(missing=missing_lines(self.cycle), **kwargs)
