"""Sở Nội vụ sets the reminder rules of a cycle and sees what they will send."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from assessments.errors import Conflict, InvalidInput, ServiceError
from assessments.models import Cycle
from assessments.visibility import cycles_for
from notifications.channels import channels
from plans.calendar import long_date
from units.permissions import Perm
from units.web import SignedInRequest

from .. import rule_services, wording
from ..flows import CycleFlow, DossierFlow
from ..models import WorkItem
from ..nodes import Step
from ..reminder_forecast import DAYS, Forecast, assumption, sending_words, workbook
from ..reminders import open_items
from ..rule_preview import preview
from ..rule_services import RuleContent
from ..rules import MOST_DAYS, ReminderRule, rules_of
from ..titles import item_title
from .base import place_errors

PER_PAGE = 25
PREVIEW_TASKS = 50


def step_choices() -> list[tuple[str, str]]:
    """Every human step of a cycle and its dossiers, by name."""
    return [
        (f"{flow.instance.app_name}.{node.name}", str(node.task_title))
        for flow in (DossierFlow, CycleFlow)
        for node in flow.instance.nodes()
        if isinstance(node, Step)
    ]


class RulesAccess(LoginRequiredMixin, View):
    """404 unless the person manages the cycle."""

    cycle: Cycle

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(
                cycles_for(request.user, Perm.MANAGE).select_related("plan", "province"), pk=kwargs["cycle"]
            )

    def crumbs(self, *more: tuple[str, str]) -> list[dict[str, str]]:
        rows = [
            (_("Theo dõi tiến độ"), reverse("monitor", args=[self.cycle.pk])),
            (_("Nhắc việc"), reverse("reminder-rules", args=[self.cycle.pk])),
            *more,
        ]
        return [
            {"label": label, "url": url if number < len(rows) else ""} for number, (label, url) in enumerate(rows, 1)
        ]


class ReminderRulesView(RulesAccess, TemplateView):
    """The rules that hold in the cycle; the button gives it rules of its own, or takes them back."""

    template_name = "workflow/reminder_rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = rules_of([self.cycle.pk])[self.cycle.pk]
        steps = dict(step_choices())
        labels = {channel.key: str(channel.label) for channel in channels()}
        kwargs |= {"cycle": self.cycle}
        return super().get_context_data(
            own=bool(rules and rules[0].pk),
            rows=[
                {
                    "rule": rule,
                    "step": steps.get(rule.node, rule.node) or _("Mọi bước"),
                    "channels": ", ".join(labels[key] for key in labels if key in rule.channels),
                }
                for rule in rules
            ],
            crumbs=self.crumbs(),
            **kwargs,
        )

    def post(self, request: SignedInRequest, cycle: int) -> HttpResponse:
        try:
            if request.POST.get("own") == "0":
                rule_services.drop_own_rules(self.cycle, by=request.user)
                messages.success(request, _("Đợt đánh giá dùng lại quy tắc chung."))
            else:
                rule_services.own_rules(self.cycle, by=request.user)
                messages.success(
                    request, _("Đã sao quy tắc chung thành quy tắc riêng của đợt. Có thể sửa từng quy tắc.")
                )
        except ServiceError as error:
            messages.warning(request, str(error))
        return redirect("reminder-rules", self.cycle.pk)


class RuleSwitchView(RulesAccess, View):
    """Uses a rule or leaves it aside."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, cycle: int, rule: int) -> HttpResponse:
        row = get_object_or_404(self.cycle.reminder_rules.select_related("cycle"), pk=rule)
        rule_services.switch(row, on=request.POST.get("on") == "1", by=request.user)
        return redirect("reminder-rules", self.cycle.pk)


class TaskField(forms.ModelChoiceField):
    """An open task by its title."""

    def label_from_instance(self, obj: Any) -> str:
        return item_title(obj)


class RuleForm(forms.Form):
    """One rule; `task` is the open task that the preview speaks of."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    when = forms.ChoiceField(label=gettext_lazy("Khi nào"), choices=ReminderRule.When.choices)
    days = forms.IntegerField(
        label=gettext_lazy("Số ngày"),
        min_value=0,
        max_value=MOST_DAYS,
        help_text=gettext_lazy("0 với “Trước ngày cuối” là chính ngày cuối."),
    )
    count = forms.ChoiceField(label=gettext_lazy("Tính theo"), choices=ReminderRule.Count.choices)
    repeat = forms.BooleanField(label=gettext_lazy("Nhắc lại mỗi ngày từ đó"), required=False)
    node = forms.ChoiceField(label=gettext_lazy("Bước"), required=False)
    audience = forms.ChoiceField(
        label=gettext_lazy("Gửi cho"),
        choices=ReminderRule.Audience.choices,
        help_text=gettext_lazy("Cán bộ đầu mối và thủ trưởng chỉ được báo việc trong đơn vị mình."),
    )
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Kênh"), required=False, widget=forms.CheckboxSelectMultiple
    )
    subject = forms.CharField(label=gettext_lazy("Tiêu đề thông báo"), max_length=200)
    body = forms.CharField(
        label=gettext_lazy("Một dòng cho mỗi việc"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    task = TaskField(
        label=gettext_lazy("Xem trước với việc"), queryset=WorkItem.objects.none(), required=False, empty_label=None
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps, known, task = self.fields["node"], self.fields["channels"], self.fields["task"]
        assert isinstance(steps, forms.ChoiceField)
        assert isinstance(known, forms.MultipleChoiceField)
        assert isinstance(task, forms.ModelChoiceField)
        steps.choices = [("", _("Mọi bước")), *step_choices()]
        known.choices = [(channel.key, str(channel.label)) for channel in channels()]
        first = list(open_items().filter(cycle=cycle).values_list("pk", flat=True)[:PREVIEW_TASKS])
        task.queryset = open_items().filter(pk__in=first)

    def content(self, *, active: bool = True) -> RuleContent:
        values = {name: self.cleaned_data[name] for name in self.cleaned_data if name not in ("version", "task")}
        return RuleContent(**values, active=active)


class ReminderRuleView(RulesAccess, FormView[RuleForm]):
    """Adds or changes a rule of the cycle's own; the preview shows the notice as it would be written now."""

    request: SignedInRequest
    template_name = "workflow/reminder_rule.html"
    form_class = RuleForm
    rule: ReminderRule | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and "rule" in kwargs:
            self.rule = get_object_or_404(self.cycle.reminder_rules, pk=kwargs["rule"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"cycle": self.cycle}

    def get_initial(self) -> dict[str, Any]:
        example = self.rule or rules_of([self.cycle.pk])[self.cycle.pk][0]
        names = ("version", "when", "days", "count", "repeat", "node", "audience", "channels", "subject", "body")
        return {name: getattr(example, name) for name in names}

    def form_valid(self, form: RuleForm) -> HttpResponse:
        if "preview" in self.request.POST:
            return self.show_preview(form)
        try:
            rule_services.save_rule(
                self.cycle,
                form.content(active=self.rule.active if self.rule else True),
                rule=self.rule,
                version=form.cleaned_data["version"] if self.rule else None,
                by=self.request.user,
            )
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except Conflict as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        except ServiceError as error:
            messages.warning(self.request, str(error))
            return redirect("reminder-rules", self.cycle.pk)
        messages.success(self.request, _("Đã lưu quy tắc."))
        return redirect("reminder-rules", self.cycle.pk)

    def show_preview(self, form: RuleForm) -> HttpResponse:
        item = form.cleaned_data["task"] or open_items().filter(cycle=self.cycle).first()
        try:
            shown = preview(form.content(), item) if item is not None else None
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        return self.render_to_response(
            self.get_context_data(form=form, preview=shown, previewed=True, no_task=item is None)
        )

    def form_invalid(self, form: RuleForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Sửa quy tắc") if self.rule else _("Thêm quy tắc")
        kwargs |= {"cycle": self.cycle, "rule": self.rule}
        return super().get_context_data(
            title=title,
            places=[{"term": f"{{{name}}}", "value": label} for name, label in wording.PLACES.items()],
            crumbs=self.crumbs((title, "")),
            **kwargs,
        )


class ForecastFilter(forms.Form):
    """Day, person and rule; kept in the address."""

    ngay = forms.TypedChoiceField(
        label=gettext_lazy("Ngày"), required=False, coerce=dt.date.fromisoformat, empty_value=None
    )
    nguoi = forms.TypedChoiceField(label=gettext_lazy("Người nhận"), required=False, coerce=int, empty_value=None)
    quy_tac = forms.TypedChoiceField(label=gettext_lazy("Quy tắc"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, forecast: Forecast, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = [(day.isoformat(), f"{long_date(day)} ({n})") for day, n in forecast.counts(forecast.reminders) if n]
        people = [(user.pk, str(user)) for user in forecast.people]
        for name, choices in (("ngay", days), ("nguoi", people), ("quy_tac", forecast.rules)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("Tất cả")), *choices]


class ForecastView(RulesAccess, TemplateView):
    """What will be sent in the coming days; an unknown filter value shows everything."""

    template_name = "workflow/reminder_forecast.html"

    def found(self) -> tuple[Forecast, ForecastFilter, list[Any]]:
        forecast = Forecast(self.cycle)
        form = ForecastFilter(self.request.GET, forecast=forecast)
        chosen = form.cleaned_data if form.is_valid() else {}
        rows = forecast.chosen(day=chosen.get("ngay"), person=chosen.get("nguoi"), rule=chosen.get("quy_tac"))
        return forecast, form, rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        forecast, form, chosen = self.found()
        page = Paginator(chosen, PER_PAGE).get_page(self.request.GET.get("page"))
        counts = forecast.counts(chosen)
        kwargs |= {"cycle": self.cycle}
        return super().get_context_data(
            form=form,
            page=page,
            rows=[
                {"planned": row, "sendings": [sending_words(sending) for sending in row.sendings]}
                for row in forecast.planned(list(page.object_list))
            ],
            counts=[(day, n) for day, n in counts if n],
            result=_("%(count)s thông báo") % {"count": number_format(len(chosen))},
            days=DAYS,
            assumption=assumption(),
            export=f"{reverse('reminder-forecast-excel', args=[self.cycle.pk])}?{self.request.GET.urlencode()}",
            reset_url=reverse("reminder-forecast", args=[self.cycle.pk]),
            crumbs=self.crumbs((_("Dự kiến gửi"), "")),
            **kwargs,
        )


class ForecastExcelView(ForecastView):
    """The chosen list as an Excel file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forecast, _form, chosen = self.found()
        content = workbook(_("Thông báo dự kiến gửi, %(cycle)s") % {"cycle": self.cycle}, forecast.planned(chosen))
        return HttpResponse(
            content,
            headers={
                "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "Content-Disposition": 'attachment; filename="du-kien-gui.xlsx"',
            },
        )
