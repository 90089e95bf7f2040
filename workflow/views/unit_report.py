"""Báo cáo tự đánh giá: its own words, the totals of the signed paper, and the paper itself on one page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView

from assessments.errors import Conflict, InvalidInput, ServiceError
from assessments.idempotency import new_key
from assessments.models import SelfReport
from assessments.self_totals import WHOLE, agreement
from assessments.services import self_reports
from assessments.services.self_reports import MAX_WORDS, SIGNING_STAGES, Paper
from assessments.stages import EDIT_STAGES, Stage
from criteria.models import Criterion
from criteria.scoring import format_points
from evidence.errors import Rejected
from evidence.sniff import allowed_extensions
from units import access
from units.fields import DayField
from units.permissions import Perm
from units.web import SignedInRequest

from ..dossier_sums import all_scores, sums
from .base import place_errors
from .unit_sheet import crumbs, get_dossier


class ReportForm(forms.Form):
    """The unit's words, a total for each of `domains` and the whole, and the signed paper."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    difficulties = forms.CharField(
        label=_l("Khó khăn, vướng mắc"),
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_l("Mỗi đoạn một dòng; in thành mục IV của báo cáo."),
    )
    proposals = forms.CharField(
        label=_l("Đề xuất, kiến nghị"),
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_l("Mỗi đoạn một dòng; in thành mục V của báo cáo."),
    )
    signed = forms.FileField(label=_l("Tệp báo cáo đã ký"), required=False, allow_empty_file=True)
    number = forms.CharField(label=_l("Số, ký hiệu"), required=False, max_length=60)
    issued_on = DayField(label=_l("Ngày ban hành"), required=False)

    def __init__(self, *args: Any, domains: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [*(domain.code for domain in domains), WHOLE]
        names = {domain.code: f"{domain.code}. {domain.name}" for domain in domains} | {WHOLE: _("Tổng điểm")}
        for code in self.codes:
            self.fields[f"total.{code}"] = forms.CharField(
                label=names[code],
                required=False,
                max_length=40,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control in-num"}
                ),
            )
        self.fields["signed"].widget.attrs["accept"] = ",".join(f".{name}" for name in allowed_extensions())

    def entered(self) -> dict[str, str]:
        """The totals as typed, by domain's code and for the whole."""
        return {code: self.cleaned_data[f"total.{code}"] for code in self.codes}


class SelfReportView(LoginRequiredMixin, FormView[Any]):
    """The unit reads it; whoever checks for the unit writes it, as far as the stage allows."""

    request: SignedInRequest
    template_name = "workflow/self_report.html"
    form_class = ReportForm
    current: SelfReport | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = get_dossier(request, kwargs["dossier"])
            access.require(Perm.VIEW_DOSSIER, request.user, self.dossier.unit)
            self.state = agreement(self.dossier)
            mine = access.allowed(Perm.CHECK, request.user, self.dossier.unit)
            stage = Stage(self.dossier.stage)
            self.words_open, self.totals_open = mine and stage in EDIT_STAGES, mine and stage in SIGNING_STAGES

    def get_initial(self) -> dict[str, Any]:
        report = self.state.report or SelfReport()
        totals = {
            f"total.{code}": "" if points is None else format_points(points)
            for code, points in self.state.entered.items()
        }
        return {
            "version": report.version,
            "difficulties": report.difficulties,
            "proposals": report.proposals,
            **totals,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "domains": self.state.domains}

    def form_valid(self, form: ReportForm) -> HttpResponse:
        access.require(Perm.CHECK, self.request.user, self.dossier.unit)
        data, file = form.cleaned_data, form.cleaned_data["signed"]
        try:
            self_reports.save(
                self.dossier,
                words=(data["difficulties"], data["proposals"]) if self.words_open else None,
                entered=form.entered() if self.totals_open else None,
                paper=Paper(file.file, file.name, data["number"], data["issued_on"]) if file else None,
                version=data["version"],
                key=self.request.POST.get("idempotency_key"),
                by=self.request.user,
            )
        except InvalidInput as error:
            place_errors(form, error)
        except Rejected as error:
            form.add_error("signed", str(error))
        except Conflict as error:
            self.current = error.current
            form.data = {**self.request.POST.dict(), "version": str(error.current.version)}
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form), status=409)
        except ServiceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(self.request, _("Đã lưu báo cáo tự đánh giá."))
            return redirect(reverse("self-report", args=[self.dossier.pk]))
        return self.form_invalid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        """422; what was typed stays, only a file has to be chosen again."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        sent = self.request.POST.get("idempotency_key", "")
        differing = {row.code: row for row in self.state.differences} if self.state.is_entered else {}
        scores = all_scores(self.dossier)
        maxima = {
            code: sums(score for score in scores if score.criterion.code.split(".")[0] == code).maximum
            for code in form.codes
            if code != WHOLE
        } | {WHOLE: sums(scores).maximum}
        return context | {
            "dossier": self.dossier,
            "illustrative": self.dossier.cycle_group.criteria_set.illustrative,
            "crumbs": crumbs(self.dossier, _("Báo cáo tự đánh giá")),
            "agreement": self.state,
            "current": self.current,
            "words_open": self.words_open,
            "totals_open": self.totals_open,
            "totals": [
                {
                    "field": form[f"total.{code}"],
                    "sheet": self.state.sheet[code],
                    "maximum": maxima.get(code),
                    "difference": differing.get(code),
                }
                for code in form.codes
            ],
            "idempotency_key": sent if _is_key(sent) and form.errors else new_key(),
        }


def _is_key(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
