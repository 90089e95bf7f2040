"""Kiểm tra thực tế: appointments of the council with a unit, what was found, and files."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from assessments.errors import InvalidInput, ServiceError
from assessments.idempotency import new_key
from assessments.models import CouncilMember, Dossier, SiteFinding, SiteVisit, VisitFile
from assessments.services import site_visits
from assessments.services.site_visits import Appointment, Found
from assessments.views import SHOWN_INLINE, DocumentFileView
from assessments.visibility import dossiers_for, is_council, visit_files_for, visits_for
from evidence.errors import Rejected
from units import access, clock
from units.access import NotAllowed
from units.fields import DayField
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from ..visit_page import scores_to_visit, visits
from .base import place_errors


class SeatsField(forms.ModelMultipleChoiceField):
    """Seats of the council by name and role."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user} – {obj.get_role_display()}"


class AppointmentForm(forms.Form):
    """When, where, who, and what is looked at."""

    day = DayField(label=gettext_lazy("Ngày kiểm tra"))
    time = forms.TimeField(
        label=gettext_lazy("Giờ"),
        help_text=gettext_lazy("ví dụ 08:30"),
        widget=forms.TimeInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%H:%M"),
    )
    place = forms.CharField(label=gettext_lazy("Địa điểm"), max_length=200)
    agenda = forms.CharField(
        label=gettext_lazy("Nội dung kiểm tra"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    team = SeatsField(
        label=gettext_lazy("Đoàn kiểm tra"),
        queryset=CouncilMember.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Hãy chọn ít nhất một người vào đoàn kiểm tra.")},
    )

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, SeatsField)
        able = [seat.pk for seat in site_visits.able_team(dossier)]
        field.queryset = CouncilMember.objects.filter(pk__in=able).select_related("user")

    def appointment(self) -> Appointment:
        facts = self.cleaned_data
        return Appointment(
            planned_at=dt.datetime.combine(facts["day"], facts["time"], tzinfo=clock.LOCAL),
            place=facts["place"],
            team=list(facts["team"]),
            agenda=facts["agenda"],
        )


class SiteVisitsView(LoginRequiredMixin, TemplateView):
    """All visits to one unit: the council arranges them, the unit sees when they come."""

    request: SignedInRequest
    template_name = "workflow/site_visits.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = get_object_or_404(
                dossiers_for(request.user).select_related("unit", "cycle__plan", "cycle_group__criteria_set"),
                pk=kwargs["dossier"],
            )
            self.council = is_council(request.user, self.dossier)
            self.arranges = (
                self.council
                and access.allowed(Perm.MANAGE_COUNCIL, request.user, self.dossier.cycle)
                and site_visits.is_open(self.dossier)
            )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = AppointmentForm(request.POST, dossier=self.dossier)
        if form.is_valid():
            try:
                visit = actions.plan_visit(self.dossier, form.appointment(), by=self.request.user)
            except InvalidInput as error:
                place_errors(form, InvalidInput({_field(name): text for name, text in error.errors.items()}))
            except ServiceError as error:
                messages.warning(request, str(error))
                return redirect("site-visits", self.dossier.pk)
            else:
                messages.success(request, _("Đã hẹn kiểm tra thực tế và báo cho đơn vị."))
                return redirect("site-visit", self.dossier.pk, visit.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.arranges and "form" not in kwargs:
            kwargs["form"] = AppointmentForm(dossier=self.dossier)
        return super().get_context_data(
            dossier=self.dossier,
            visits=visits(self.dossier.pk, self.request.user),
            council=self.council,
            illustrative=self.dossier.cycle_group.criteria_set.illustrative,
            **kwargs,
        )


def _field(name: str) -> str:
    return "day" if name == "planned_at" else name


class SiteVisitView(SiteVisitsView):
    """One visit: what was found by criterion, minutes, files; or another day, or its cancelling."""

    template_name = "workflow/site_visit.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.visit = get_object_or_404(visits_for(request.user), dossier=self.dossier, pk=kwargs["visit"])
            self.visit.dossier = self.dossier
            self.reports = site_visits.may_report(self.visit, self.request.user) and site_visits.is_open(self.dossier)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        data, by = request.POST, self.request.user
        try:
            match data.get("do"):
                case "replan":
                    return self.replan()
                case "cancel":
                    actions.cancel_visit(self.visit, data.get("reason", "")[:2000], by=by)
                    messages.success(request, _("Đã hủy lịch và báo cho đơn vị."))
                case "share":
                    actions.share_visit(self.visit, by=by)
                    messages.success(request, _("Đã gửi kết quả kiểm tra cho đơn vị."))
                case "file":
                    self.upload()
                case "drop":
                    kept = get_object_or_404(self.visit.files, pk=data.get("file") or 0)
                    site_visits.drop_file(kept, by=by)
                case _:
                    self.report(done=data.get("do") == "done")
        except InvalidInput as error:
            context = self.get_context_data(errors=list(error.errors.values()), typed=data)
            return self.render_to_response(context, status=422)
        except (ServiceError, NotAllowed) as error:
            messages.warning(request, str(error))
        return redirect("site-visit", self.dossier.pk, self.visit.pk)

    def replan(self) -> HttpResponse:
        """Another day, place or team; the unit and the team are told anew."""
        form = AppointmentForm(self.request.POST, dossier=self.dossier)
        if form.is_valid():
            try:
                actions.replan_visit(self.visit, form.appointment(), by=self.request.user)
            except InvalidInput as error:
                place_errors(form, InvalidInput({_field(name): text for name, text in error.errors.items()}))
            else:
                messages.success(self.request, _("Đã đổi lịch và báo cho đơn vị."))
                return redirect("site-visit", self.dossier.pk, self.visit.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def upload(self) -> None:
        file = self.request.FILES.get("upload")
        if file is None:
            raise InvalidInput({"upload": _("Hãy chọn tệp trên máy của bạn.")})
        data = self.request.POST
        try:
            site_visits.add_file(
                self.visit,
                file,  # type: ignore[arg-type]
                filename=file.name or "",
                kind=data.get("kind", ""),
                key=data.get("idempotency_key"),
                by=self.request.user,
            )
        except Rejected as error:
            raise InvalidInput({"upload": str(error)}) from error
        messages.success(self.request, _("Đã thêm tệp."))

    def report(self, *, done: bool) -> None:
        data = self.request.POST
        version = data.get("version", "")
        findings = {
            score.pk: Found(
                data.get(f"result.{score.pk}", ""),
                data.get(f"note.{score.pk}", "")[:2000],
                data.get(f"points.{score.pk}", "")[:20],
            )
            for score in scores_to_visit(self.visit)
        }
        site_visits.report(
            self.visit,
            findings,
            minutes=data.get("minutes", "")[:20000],
            done=done,
            version=int(version) if version.isdecimal() and len(version) < 9 else -1,
            by=self.request.user,
        )
        messages.success(self.request, _("Đã kết thúc buổi kiểm tra.") if done else _("Đã lưu kết quả kiểm tra."))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = kwargs.get("typed")
        shown = next(row for row in visits(self.dossier.pk, self.request.user) if row.visit.pk == self.visit.pk)
        planned = shown.visit.state == SiteVisit.State.PLANNED
        rows = scores_to_visit(self.visit) if self.reports and planned else []
        if self.arranges and planned and "form" not in kwargs:
            kwargs["form"] = AppointmentForm(dossier=self.dossier, initial=_initial(shown.visit))
        return super().get_context_data(
            shown=shown,
            visit=shown.visit,
            planned=planned,
            reports=self.reports,
            arranges=self.arranges,
            rows=[_finding_row(score, typed) for score in rows],
            minutes=typed.get("minutes", "") if typed else shown.visit.minutes,
            results=SiteFinding.Result.choices,
            kinds=VisitFile.Kind.choices,
            idempotency_key=new_key(),
            **{"form": None, **kwargs},
        )


def _initial(visit: SiteVisit) -> dict[str, Any]:
    """An appointment as the form shows it."""
    local = visit.planned_at.astimezone(clock.LOCAL)
    team = [seat.pk for seat in visit.team.all()]
    return {"day": local.date(), "time": local.time(), "place": visit.place, "agenda": visit.agenda, "team": team}


def _finding_row(score: Any, typed: Any) -> dict[str, Any]:
    """A criterion with what was typed last, else with what is saved."""
    found = score.found
    if typed:
        values = {name: typed.get(f"{name}.{score.pk}", "") for name in ("result", "note", "points")}
    else:
        values = {
            "result": found.result if found else "",
            "note": found.note if found else "",
            "points": found.points if found else None,
        }
    return {"score": score, "typed": bool(typed), **values}


class VisitFileView(DocumentFileView):
    """A picture or the signed minutes: for the council of the dossier, and for the unit once it may read the visit."""

    def get(self, request: HttpRequest, file: int, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        kept = get_object_or_404(visit_files_for(request.user).select_related("blob"), pk=file)
        self.inline = kept.blob.content_type in SHOWN_INLINE
        return self.stream(kept)
