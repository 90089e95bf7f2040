"""From rà soát to the receipt: check, approve, send, take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View

from assessments.completeness import own_scores
from assessments.errors import InvalidInput, ServiceError
from assessments.models import NOT_SELF_SCORED
from assessments.self_totals import agreement
from assessments.services.assignments import assignable_domains
from assessments.services.dossiers import resolve_note
from assessments.services.taking_back import refusal_to_take_back
from assessments.stages import Stage
from criteria.models import Criterion
from units.arrival import arrived_at
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from ..dossier_page import Dates, dates, unit_notes
from ..dossier_sums import all_scores, domain_lines, sums
from ..last_year import last_year
from ..models import WorkItem
from ..sheet_page import gap_groups
from ..unit_check import doubtful_documents, explained
from .remarks import RemarksForm, rows_of
from .unit_sheet import get_dossier
from .unit_steps import UnitStepView


class RemarkStepView(UnitStepView):
    """A step that can send criteria back, each with a comment of its own; "Thêm dòng" only adds empty lines."""

    form_class: type[RemarksForm] = RemarksForm

    def nameable(self) -> list[Criterion]:
        """Every branch and criterion that the unit fills, in the order of the set."""
        codes = own_scores(self.dossier).values_list("criterion__code", flat=True)
        branches = {".".join(code.split(".")[: depth + 1]) for code in codes for depth in range(code.count(".") + 1)}
        everything = Criterion.objects.filter(criteria_set=self.dossier.criteria_set_id)
        return list(everything.exclude(source__in=NOT_SELF_SCORED).filter(code__in=branches).order_by("order"))

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = rows_of(self.request.POST)
        return {**super().get_form_kwargs(), "criteria": self.nameable(), "rows": rows}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.item is None or request.POST.get("action") != "more":
            return super().post(request, *args, **kwargs)
        options = {name: value for name, value in self.get_form_kwargs().items() if name not in ("data", "files")}
        options["initial"] = request.POST.dict() | {"domains": request.POST.getlist("domains")}
        return self.render_to_response(self.get_context_data(form=self.form_class(**options)))

    def get_success_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])


class CheckForm(RemarksForm):
    """Which domains and criteria go back, and why."""

    domains = forms.MultipleChoiceField(
        label=_l("Lĩnh vực trả lại"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, domains: Sequence[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["domains"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(domain.pk), f"{domain.code}. {domain.name}") for domain in domains]


class CheckView(RemarkStepView):
    """Rà soát: what is missing, what differs, what looks wrong; back to the officers, or on to the head."""

    node = "check"
    perm = Perm.CHECK
    title = _l("Rà soát hồ sơ")
    template_name = "workflow/check.html"
    form_class = CheckForm

    def get_form_kwargs(self) -> dict[str, Any]:
        self.domains = assignable_domains(self.dossier)
        return {**super().get_form_kwargs(), "domains": self.domains}

    def run(self, form: Any) -> None:
        assert self.item is not None
        if self.request.POST.get("action") == "to_head":
            actions.send_to_head(self.item, by=self.request.user)
            messages.success(self.request, _("Đã trình lãnh đạo đơn vị."))
            return
        named = form.named()
        picked = [domain for domain in self.domains if str(domain.pk) in form.cleaned_data["domains"]]
        criteria = [*(domain for domain in picked if domain not in named), *named]
        comment, comments = form.cleaned_data["comment"], form.remarks()
        actions.send_back(self.item, criteria, comment=comment, comments=comments, by=self.request.user)
        words = _("Đã trả lại %(count)s lĩnh vực, tiêu chí cho chuyên viên.") % {"count": len(criteria)}
        messages.success(self.request, words)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scores = all_scores(self.dossier)
        lines = domain_lines(self.dossier, scores)
        refused = kwargs.pop("gaps", None)
        return super().get_context_data(
            domains=lines,
            sums=sums(scores),
            gaps=gap_groups(self.dossier, lines),
            refused=refused is not None,
            agreement=agreement(self.dossier),
            last_year=last_year(self.dossier, scores, lines),
            doubtful=doubtful_documents(self.dossier, lines),
            notes=list(unit_notes(self.dossier)[:5]),
            **kwargs,
        )


class ApproveView(RemarkStepView):
    """Phê duyệt: one page for the head; approve, or return with comments on the whole and on named criteria."""

    node = "approve"
    perm = Perm.APPROVE
    title = _l("Phê duyệt hồ sơ")
    template_name = "workflow/approve.html"

    def run(self, form: Any) -> None:
        assert self.item is not None
        comment, comments = form.cleaned_data["comment"], form.remarks()
        if self.request.POST.get("action") == "return":
            actions.return_to_coordinator(self.item, comment=comment, comments=comments, by=self.request.user)
            messages.success(self.request, _("Đã trả lại hồ sơ cho cán bộ đầu mối."))
            return
        if comments or comment.strip():
            words = _("Bạn đã ghi ý kiến. Hãy bấm “Trả lại cán bộ đầu mối”, hoặc xóa ý kiến rồi phê duyệt.")
            raise InvalidInput({"approve": words})
        actions.approve(self.item, by=self.request.user)
        messages.success(self.request, _("Đã phê duyệt. Cán bộ đầu mối sẽ gửi hồ sơ cho hội đồng."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scores = all_scores(self.dossier)
        lines = domain_lines(self.dossier, scores)
        return super().get_context_data(
            domains=lines,
            sums=sums(scores),
            explained=explained(self.dossier, scores, lines),
            agreement=agreement(self.dossier),
            last_year=last_year(self.dossier, scores, lines),
            notes=list(unit_notes(self.dossier)[:5]),
            **kwargs,
        )


class SubmitView(UnitStepView):
    """Gửi: the last look at the deadline, then the dossier belongs to the council."""

    node = "submit"
    perm = Perm.SUBMIT
    title = _l("Gửi hồ sơ cho hội đồng")
    template_name = "workflow/submit.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.arrived = arrived_at(request)
        super().setup(request, *args, **kwargs)

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.submit(self.item, arrived=self.arrived, by=self.request.user)
        messages.success(self.request, _("Hồ sơ đã được gửi. Biên nhận ghi thời điểm đến ở dưới đây."))

    def get_success_url(self) -> str:
        return reverse("receipt", args=[self.dossier.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scores = all_scores(self.dossier)
        lines = domain_lines(self.dossier, scores)
        when: Dates = dates(self.dossier)
        cycle = self.dossier.cycle
        return super().get_context_data(
            **{
                "sums": sums(scores),
                "gaps": gap_groups(self.dossier, lines),
                "agreement": agreement(self.dossier),
                "refused_late": when.passed and not cycle.accept_late,
                "held": cycle.take_back and not when.passed,
                **{name: value for name, value in kwargs.items() if name != "gaps"},
            }
        )


class TakeBackForm(forms.Form):
    """Why the dossier is taken back."""

    reason = forms.CharField(
        label=_l("Lý do rút lại"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class TakeBackView(UnitStepView):
    """Rút lại: once, before the unit's deadline, with a reason. No task stands for it: it is a right, not a duty."""

    perm = Perm.SUBMIT
    title = _l("Rút lại hồ sơ đã gửi")
    template_name = "workflow/take_back.html"
    form_class = TakeBackForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.arrived = arrived_at(request)
        super().setup(request, *args, **kwargs)

    def find_item(self) -> Any:
        return WorkItem.objects.none()

    @property
    def waits(self) -> bool:
        return bool(self.dossier.stage == Stage.SUBMITTED)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def run(self, form: Any) -> None:
        reason = form.cleaned_data["reason"]
        actions.take_back(self.dossier, reason=reason, arrived=self.arrived, by=self.request.user)
        messages.success(self.request, _("Đã rút lại hồ sơ về bước rà soát. Sửa xong, hãy trình và gửi lại trước hạn."))

    def get_success_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(refusal=refusal_to_take_back(self.dossier), **kwargs)


class ResolveNoteView(LoginRequiredMixin, View):
    """An officer has mended what a remark on a criterion asked for."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, dossier: int, note: int) -> HttpResponse:
        found = get_dossier(request, dossier)
        row = get_object_or_404(found.notes.select_related("criterion"), pk=note, criterion__isnull=False)
        try:
            resolve_note(row, by=request.user)
        except ServiceError as error:
            messages.warning(request, str(error))
        back = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
        return redirect(back if safe else reverse("dossier", args=[found.pk]))
