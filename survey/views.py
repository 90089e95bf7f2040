"""The survey of a cycle: sheets planned and collected, survey points in and out as Excel files.

Sở Nội vụ imports; investigators see the quotas and record what they have collected, nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from assessments.errors import InvalidInput, ServiceError
from assessments.models import Cycle
from assessments.services.cycles import illustrative
from assessments.visibility import cycles_for
from plans.models import Milestone
from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from .models import Quota
from .quotas import annexes
from .services import RUNNING, import_results, missing_lines, record_collected, template_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL = re.compile(r"[A-Z]+[0-9]+")


def get_cycle(request: HttpRequest, pk: int, *perms: Perm) -> Cycle:
    """A cycle with a survey on which the person holds one of `perms`, or 404."""
    return get_object_or_404(
        cycles_for(request.user, *perms).filter(has_survey=True).select_related("plan", "province"), pk=pk
    )


class UploadForm(forms.Form):
    """One workbook of survey points."""

    file = forms.FileField(
        label=gettext_lazy("Tệp điểm điều tra (.xlsx)"),
        allow_empty_file=True,
        help_text=gettext_lazy("Dùng mẫu tải từ trang này. Tối đa 5 MB. Tệp có lỗi thì không dòng nào được nhập."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )


class SurveyView(LoginRequiredMixin, FormView):
    """Quotas for everybody who has to do with the survey; import and merge for Sở Nội vụ."""

    request: SignedInRequest
    template_name = "survey/survey.html"
    form_class = UploadForm
    cycle: Cycle

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_cycle(request, kwargs["cycle"], Perm.IMPORT_SURVEY, Perm.COLLECT_SURVEY)
            self.imports = access.allowed(Perm.IMPORT_SURVEY, request.user, self.cycle)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.imports:
            raise Http404
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        upload = form.cleaned_data["file"]
        try:
            imported = import_results(self.cycle, upload, filename=upload.name, by=self.request.user)
        except InvalidInput as error:
            return self.render_to_response(self.get_context_data(form=form, refused=_by_place(error)), status=422)
        except ServiceError as error:
            messages.warning(self.request, str(error))
        else:
            messages.success(
                self.request,
                _("Đã nhập %(rows)s dòng từ tệp “%(file)s”.") % {"rows": imported.rows, "file": imported.filename},
            )
        return HttpResponseRedirect(reverse("survey", args=[self.cycle.pk]))

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = annexes(self.cycle)
        missing = missing_lines(self.cycle) if self.imports else []
        return super().get_context_data(
            cycle=self.cycle,
            illustrative=illustrative(self.cycle),
            annexes=found,
            planned=sum(annex.planned for annex in found),
            collected=sum(annex.collected for annex in found),
            imports=self.imports,
            running=self.cycle.stage in {str(stage) for stage in RUNNING},
            merged_at=self.cycle.survey_merged_at,
            missing=missing,
            history=self.cycle.survey_imports.select_related("imported_by")[:10] if self.imports else [],
            deadline=self.cycle.milestone(Milestone.Key.SURVEY).deadline.ends_at,
            **kwargs,
        )


def _by_place(error: InvalidInput) -> list[dict[str, str]]:
    """Every fault of a refused file with the cell that it stands in."""
    return [
        {"cell": place if CELL.fullmatch(place) else "", "message": message.removeprefix(f"{place}: ")}
        for place, message in error.errors.items()
    ]


class SurveyTemplateView(LoginRequiredMixin, View):
    """The workbook to fill in, with what is already known."""

    def get(self, request: HttpRequest, cycle: int) -> HttpResponse:
        found = get_cycle(request, cycle, Perm.IMPORT_SURVEY)
        response = HttpResponse(template_workbook(found), content_type=XLSX)
        response["Content-Disposition"] = f'attachment; filename="diem-dieu-tra-{found.year}.xlsx"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response


class CollectedForm(forms.Form):
    """How many sheets of a quota have been collected."""

    collected = forms.IntegerField(
        label=gettext_lazy("Số phiếu đã thu"),
        min_value=0,
        error_messages={"invalid": gettext_lazy("Số phiếu phải là số nguyên.")},
    )


class CollectedView(LoginRequiredMixin, FormView):
    """One unit and one group of respondents: how many sheets have come in."""

    request: SignedInRequest
    template_name = "survey/collected.html"
    form_class = CollectedForm
    quota: Quota

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_cycle(request, kwargs["cycle"], Perm.COLLECT_SURVEY, Perm.IMPORT_SURVEY)
            quotas = Quota.objects.select_related("unit", "respondent_group")
            self.quota = get_object_or_404(quotas, pk=kwargs["quota"], respondent_group__cycle_group__cycle=self.cycle)

    def get_initial(self) -> dict[str, Any]:
        return {"collected": self.quota.collected}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            record_collected(self.quota, form.cleaned_data["collected"], by=self.request.user)
        except InvalidInput as error:
            form.add_error("collected", str(error))
            return self.form_invalid(form)
        except ServiceError as error:
            messages.warning(self.request, str(error))
        else:
            messages.success(
                self.request,
                _("%(unit)s · %(respondents)s: đã thu %(collected)s phiếu.")
                % {
                    "unit": self.quota.unit,
                    "respondents": self.quota.respondent_group,
                    "collected": form.cleaned_data["collected"],
                },
            )
        return HttpResponseRedirect(f"{reverse('survey', args=[self.cycle.pk])}#chi-tieu-{self.quota.pk}")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cycle=self.cycle, quota=self.quota, **kwargs)
