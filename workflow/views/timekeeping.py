"""Internal deadlines: what the cycle proposes to all units, and what a unit's coordinator sets for the own unit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.deadlines import (
    Step,
    extension_of,
    internal_deadline,
    internal_rules,
    legal_deadline,
    submission_deadline,
)
from assessments.errors import InvalidInput, ServiceError
from assessments.models import MOST_DAYS, InternalDeadline
from assessments.services import timekeeping
from assessments.services.timekeeping import MOST_WINDOW_DAYS, Before
from assessments.stages import OPEN_STAGES, CycleStage, Stage
from plans.calendar import in_sentence
from plans.holidays import days_words
from units.permissions import Perm

from .. import actions
from .base import place_errors
from .extensions import ManagedCycleView
from .unit_steps import UnitStepView

COUNTS = (("working", gettext_lazy("ngày làm việc")), ("calendar", gettext_lazy("ngày theo lịch")))
WORKING = "working"


class StepsForm(forms.Form):
    """Days before the last legal day for each internal step; an empty field sets none."""

    def __init__(self, *args: Any, rules: Mapping[Step, InternalDeadline], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step in Step:
            rule = rules.get(step)
            self.fields[f"days.{step}"] = forms.IntegerField(
                label=step.label,
                required=False,
                min_value=0,
                max_value=MOST_DAYS,
                initial=rule.days if rule else None,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
            self.fields[f"count.{step}"] = forms.ChoiceField(
                label=_("Cách đếm của “%(step)s”") % {"step": step.label},
                choices=COUNTS,
                initial=WORKING if rule is None or rule.working_days else "calendar",
            )

    def rules(self) -> dict[Step, Before]:
        """What was typed, by step."""
        return {
            step: Before(days, self.cleaned_data[f"count.{step}"] == WORKING)
            for step in Step
            if (days := self.cleaned_data.get(f"days.{step}")) is not None
        }

    def rows(self) -> list[dict[str, Any]]:
        """The two fields of each step."""
        return [{"step": step, "days": self[f"days.{step}"], "count": self[f"count.{step}"]} for step in Step]


class CycleTimesForm(StepsForm):
    """With the windows that the cycle gives after the self-assessment."""

    response_days = forms.IntegerField(
        label=gettext_lazy("Số ngày để kiến nghị"), min_value=1, max_value=MOST_WINDOW_DAYS
    )
    supplement_days = forms.IntegerField(
        label=gettext_lazy("Số ngày để bổ sung theo yêu cầu"), min_value=1, max_value=MOST_WINDOW_DAYS
    )
    working_days = forms.ChoiceField(label=gettext_lazy("Đếm các ngày này theo"), choices=COUNTS)


class CycleTimesView(ManagedCycleView):
    """Dates of a cycle in words; internal deadlines and windows may be changed while it is prepared."""

    template_name = "workflow/cycle_times.html"
    form_class = CycleTimesForm

    @cached_property
    def rules(self) -> dict[Step, InternalDeadline]:
        rows = InternalDeadline.objects.filter(cycle=self.cycle, unit=None)
        return {Step(row.step): row for row in rows}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "rules": self.rules}

    def get_initial(self) -> dict[str, Any]:
        return {
            "response_days": self.cycle.response_days,
            "supplement_days": self.cycle.supplement_days,
            "working_days": WORKING if self.cycle.working_days else "calendar",
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            timekeeping.set_cycle_times(
                self.cycle,
                form.rules(),
                response_days=form.cleaned_data["response_days"],
                supplement_days=form.cleaned_data["supplement_days"],
                working_days=form.cleaned_data["working_days"] == WORKING,
                by=self.request.user,
            )
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except ServiceError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("Đã lưu thời hạn của đợt đánh giá."))
        return redirect("cycle-times", self.cycle.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        legal = legal_deadline(self.cycle)
        draft = self.cycle.stage == CycleStage.DRAFT
        first = {"label": _("Mở đợt đánh giá"), "url": reverse("open-cycle", args=[self.cycle.pk])}
        title = _("Thời hạn của đợt")
        return context | {
            "title": title,
            "crumbs": [first, {"label": title, "url": ""}] if draft else self.crumbs(title),
            "milestones": self.cycle.plan.milestones.order_by("on", "key"),
            "internal": [
                {
                    "step": step.label,
                    "before": days_words(rule.days, working=rule.working_days),
                    "day": in_sentence(internal_deadline(rule, legal).last_day),
                }
                for step in Step
                if (rule := self.rules.get(step))
            ],
            "response": days_words(self.cycle.response_days, working=self.cycle.working_days),
            "supplement": days_words(self.cycle.supplement_days, working=self.cycle.working_days),
            "editable": draft,
        }


class UnitTimesView(UnitStepView):
    """The coordinator's own internal deadlines; whatever is typed, they end with the unit's legal one."""

    node = "assign"
    perm = Perm.ASSIGN_CRITERIA
    title = gettext_lazy("Hạn nội bộ của đơn vị")
    template_name = "workflow/unit_times.html"
    form_class = StepsForm

    @property
    def waits(self) -> bool:
        return Stage(self.dossier.stage) in OPEN_STAGES

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Setting dates is no task of the inbox: it may be done at any step before sending."""
        form = self.get_form()
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    @cached_property
    def rules(self) -> dict[Step, InternalDeadline]:
        return internal_rules(self.dossier.cycle_id, self.dossier.unit_id)

    def get_form_kwargs(self) -> dict[str, Any]:
        own = {step: rule for step, rule in self.rules.items() if rule.unit_id is not None}
        return {**super().get_form_kwargs(), "rules": own}

    def run(self, form: Any) -> None:
        actions.set_unit_times(self.dossier, form.rules(), by=self.request.user)
        messages.success(self.request, _("Đã lưu hạn nội bộ. Các việc đang mở nhận ngày mới ngay."))

    def get_success_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        legal = submission_deadline(self.dossier, extension_of(self.dossier))
        standing = [
            {
                "step": step.label,
                "day": in_sentence(internal_deadline(self.rules[step], legal).last_day),
                "own": self.rules[step].unit_id is not None,
                "before": days_words(self.rules[step].days, working=self.rules[step].working_days),
            }
            for step in Step
            if step in self.rules
        ]
        return super().get_context_data(standing=standing, **kwargs)
