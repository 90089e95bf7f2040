"""Gia hạn: for one unit from the monitor, for several from the list of a cycle, and its withdrawal."""

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

from assessments.deadlines import extensions_in_force, legal_deadline
from assessments.errors import InvalidInput, ServiceError
from assessments.models import Cycle, Dossier
from assessments.stages import OPEN_STAGES, CycleStage, Stage
from assessments.visibility import cycles_for
from plans.calendar import in_sentence
from units.fields import DayField
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from .base import place_errors

WITHDRAW = "withdraw"


class ExtendForm(forms.Form):
    """A later last day, and why."""

    until = DayField(label=gettext_lazy("Gia hạn đến hết ngày"))
    reason = forms.CharField(label=gettext_lazy("Lý do"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    decision_number = forms.CharField(
        label=gettext_lazy("Văn bản cho phép"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Số, ký hiệu, ví dụ 1180/UBND-NC"),
    )


class ExtendManyForm(ExtendForm):
    """The same day and reason for several units."""

    units = forms.MultipleChoiceField(
        label=gettext_lazy("Đơn vị"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Hãy chọn ít nhất một đơn vị.")},
    )
    field_order = ("units", "until", "reason", "decision_number")

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = units


class WithdrawForm(forms.Form):
    """Why an extension is taken back."""

    reason = forms.CharField(
        label=gettext_lazy("Lý do thu hồi"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    decision_number = forms.CharField(label=gettext_lazy("Văn bản cho phép"), required=False, max_length=60)


class ManagedCycleView(LoginRequiredMixin, FormView[Any]):
    """A form on a cycle for whoever manages it; 404 for everybody else."""

    request: SignedInRequest
    cycle: Cycle

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(
                cycles_for(request.user, Perm.MANAGE).select_related("plan", "province"), pk=kwargs["cycle"]
            )

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cycle=self.cycle, **kwargs)

    def crumbs(self, title: str) -> list[dict[str, str]]:
        """The way here, from the monitor."""
        return [
            {"label": _("Theo dõi tiến độ"), "url": reverse("monitor", args=[self.cycle.pk])},
            {"label": title, "url": ""},
        ]


class ExtendView(ManagedCycleView):
    """Gia hạn for one unit, or its withdrawal; its open tasks get the new date at once."""

    template_name = "workflow/extend.html"
    dossier: Dossier

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = get_object_or_404(self.cycle.dossiers.select_related("unit"), unit=kwargs["unit"])

    @property
    def withdraws(self) -> bool:
        return self.request.POST.get("do") == WITHDRAW

    def get_form_class(self) -> type[forms.Form]:
        return WithdrawForm if self.withdraws else ExtendForm

    def form_valid(self, form: Any) -> HttpResponse:
        unit, by = self.dossier.unit, self.request.user
        try:
            if self.withdraws:
                actions.withdraw_extension(self.cycle, unit, by=by, **form.cleaned_data)
                message = _("Đã thu hồi gia hạn của %(unit)s.") % {"unit": unit}
            else:
                (made,) = actions.extend(self.cycle, [unit], by=by, **form.cleaned_data)
                message = _("%(unit)s được gia hạn đến hết ngày %(until)s.") % {
                    "unit": unit,
                    "until": f"{made.until:%d/%m/%Y}",
                }
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except ServiceError as error:
            messages.warning(self.request, str(error))
            return redirect("monitor", self.cycle.pk)
        messages.success(self.request, message)
        return redirect("monitor", self.cycle.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        key = (self.cycle.pk, self.dossier.unit_id)
        return context | {
            "crumbs": self.crumbs(_("Gia hạn")),
            "form": ExtendForm() if self.withdraws else context["form"],
            "withdraw_form": context["form"] if self.withdraws else WithdrawForm(prefix=None, auto_id="id_withdraw_%s"),
            "refused": context["form"],
            "dossier": self.dossier,
            "deadline": legal_deadline(self.cycle),
            "in_force": extensions_in_force([self.cycle.pk], [self.dossier.unit_id]).get(key),
            "extensions": self.cycle.extensions.filter(unit=self.dossier.unit)
            .select_related("granted_by")
            .order_by("-granted_at", "-pk"),
            "possible": self.cycle.stage == CycleStage.COLLECTING and Stage(self.dossier.stage) in OPEN_STAGES,
        }


class ExtensionsView(ManagedCycleView):
    """Every extension of a cycle with its facts, and one form for several units."""

    template_name = "workflow/extensions.html"
    form_class = ExtendManyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        open_stages = [stage.value for stage in OPEN_STAGES]
        rows = self.cycle.dossiers.filter(stage__in=open_stages).select_related("unit")
        choices = [(str(row.unit_id), row.unit.name) for row in rows.order_by("unit__group__order", "unit__order")]
        return {**super().get_form_kwargs(), "units": choices}

    def get_initial(self) -> dict[str, Any]:
        return {"units": self.request.GET.getlist("don-vi")}

    def form_valid(self, form: Any) -> HttpResponse:
        facts = dict(form.cleaned_data)
        wanted = {int(pk) for pk in facts.pop("units")}
        units = [row.unit for row in self.cycle.dossiers.filter(unit__in=wanted).select_related("unit")]
        try:
            made = actions.extend(self.cycle, units, by=self.request.user, **facts)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except ServiceError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("Đã gia hạn cho %(count)s đơn vị đến hết %(until)s.")
            % {"count": len(made), "until": in_sentence(facts["until"])},
        )
        return redirect("extensions", self.cycle.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        in_force = {row.pk for row in extensions_in_force([self.cycle.pk]).values()}
        rows = self.cycle.extensions.select_related("unit", "granted_by").order_by("-granted_at", "-pk")
        title = _("Gia hạn")
        return super().get_context_data(
            title=title,
            crumbs=self.crumbs(title),
            lead=_("%(cycle)s · Hạn chung: %(deadline)s")
            % {"cycle": self.cycle.name, "deadline": legal_deadline(self.cycle).words()},
            rows=[{"extension": row, "in_force": row.pk in in_force} for row in rows],
            possible=self.cycle.stage == CycleStage.COLLECTING,
            **kwargs,
        )
