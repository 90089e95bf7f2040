"""Sở Nội vụ opens a cycle, stops taking dossiers, extends a unit's deadline and merges the survey."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from assessments.deadlines import legal_deadline
from assessments.errors import InvalidInput, ServiceError
from assessments.models import Cycle, Dossier
from assessments.stages import OPEN_STAGES, CycleStage, Stage
from assessments.visibility import cycles_for
from survey.services import missing_lines
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from ..opening import opening_facts
from .base import CycleStepView, place_errors
from .fields import DayField


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
        return super().get_context_data(facts=opening_facts(self.cycle), **kwargs)


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


class ExtendForm(forms.Form):
    """A later last day for one unit, and why."""

    until = DayField(label=gettext_lazy("Gia hạn đến hết ngày"))
    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    decision_number = forms.CharField(
        label=gettext_lazy("Văn bản cho phép"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Số, ký hiệu, ví dụ 1180/UBND-NC"),
    )


class ExtendView(LoginRequiredMixin, FormView):
    """Gia hạn for one unit; its open tasks get the new date at once."""

    request: SignedInRequest
    template_name = "workflow/extend.html"
    form_class = ExtendForm
    cycle: Cycle
    dossier: Dossier

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(
                cycles_for(request.user, Perm.MANAGE).select_related("plan", "province"), pk=kwargs["cycle"]
            )
            self.dossier = get_object_or_404(self.cycle.dossiers.select_related("unit"), unit=kwargs["unit"])

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            (extension,) = actions.extend(self.cycle, [self.dossier.unit], by=self.request.user, **form.cleaned_data)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except ServiceError as error:
            messages.warning(self.request, str(error))
            return redirect("monitor", self.cycle.pk)
        messages.success(
            self.request,
            _("%(unit)s được gia hạn đến hết ngày %(until)s.")
            % {"unit": self.dossier.unit, "until": f"{extension.until:%d/%m/%Y}"},
        )
        return redirect("monitor", self.cycle.pk)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            cycle=self.cycle,
            dossier=self.dossier,
            deadline=legal_deadline(self.cycle),
            extensions=self.cycle.extensions.filter(unit=self.dossier.unit).select_related("granted_by"),
            possible=self.cycle.stage == CycleStage.COLLECTING and Stage(self.dossier.stage) in OPEN_STAGES,
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
