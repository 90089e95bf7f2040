"""What a province does differently, chosen while the cycle is a draft and read in words ever after."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from assessments.errors import ServiceError
from assessments.models import Cycle
from assessments.services.cycles import RULES, illustrative, set_rules
from assessments.stages import CycleStage
from assessments.visibility import cycles_for
from units.permissions import Perm
from units.web import SignedInRequest


class RulesForm(forms.ModelForm):
    """The rules of sending, and when a unit sees its points."""

    class Meta:
        model = Cycle
        fields = RULES


class CycleRulesView(LoginRequiredMixin, FormView[Any]):
    """Sở Nội vụ sets the rules of sending; once the cycle is open they only stand to be read."""

    request: SignedInRequest
    template_name = "workflow/cycle_rules.html"
    form_class = RulesForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(cycles_for(request.user, Perm.MANAGE), pk=kwargs["cycle"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": Cycle.objects.get(pk=self.cycle.pk)}

    def form_valid(self, form: RulesForm) -> HttpResponse:
        try:
            set_rules(self.cycle, {name: form.cleaned_data[name] for name in RULES}, by=self.request.user)
        except ServiceError as error:
            messages.warning(self.request, str(error))
            return redirect("cycle-rules", self.cycle.pk)
        messages.success(self.request, _("Đã lưu quy định của đợt đánh giá."))
        return redirect("open-cycle", self.cycle.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft = self.cycle.stage == CycleStage.DRAFT
        name, label = ("open-cycle", _("Mở đợt đánh giá")) if draft else ("monitor", _("Theo dõi tiến độ"))
        return super().get_context_data(
            cycle=self.cycle,
            crumbs=[
                {"label": label, "url": reverse(name, args=[self.cycle.pk])},
                {"label": _("Quy định gửi hồ sơ"), "url": ""},
            ],
            illustrative=illustrative(self.cycle),
            draft=draft,
            rules=rule_lines(self.cycle),
            **kwargs,
        )


def rule_lines(cycle: Cycle) -> list[dict[str, Any]]:
    """Each rule with whether it holds, and what it means."""
    return [
        {
            "label": field.verbose_name,
            "holds": getattr(cycle, field.name),
            "choice": getattr(cycle, f"get_{field.name}_display")() if field.choices else "",
            "help": field.help_text,
        }
        for field in Cycle._meta.fields
        if field.name in RULES
    ]
