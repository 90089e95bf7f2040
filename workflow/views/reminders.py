"""Sở Nội vụ sets the reminder rules of a cycle, or of a plan's reports, and sees what they will send.

The same pages for both: the address names a cycle or a plan.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import QuerySet
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
from plans.models import Plan
from plans.visibility import manages, plans_for
from units.permissions import Perm
from units.web import SignedInRequest

from .. import rule_services, wording
from ..flows import CycleFlow, DossierFlow, PlanTaskFlow
from ..models import WorkItem
from ..nodes import Step
from ..reminder_forecast import DAYS, Forecast, assumption, sending_words, workbook
from ..reminders import open_items
from ..rule_preview import preview
from ..rule_services import RuleContent
from ..rules import MOST_DAYS, ReminderRule, Subject, rules_of
from ..titles import item_title
from .base import place_errors

PER_PAGE = 25
PREVIEW_TASKS = 50


def step_choices(subject: Subject) -> list[tuple[str, str]]:
    """Every human step of a cycle and its dossiers, by name; of a plan nothing but the report has a date."""
    if isinstance(subject, Plan):
        return []
    return [
        (f"{flow.instance.app_name}.{node.name}", str(node.task_title))
        for flow in (DossierFlow, CycleFlow)
        for node in flow.instance.nodes()
        if isinstance(node, Step)
    ]


def every_step(subject: Subject) -> str:
    """What a rule without a step speaks of."""
    return _("Mọi bước") if isinstance(subject, Cycle) else str(PlanTaskFlow.instance.report.task_title)


def items_of(subject: Subject) -> QuerySet[WorkItem]:
    """The open tasks that the rules of `subject` speak of."""
    if isinstance(subject, Cycle):
        return open_items().filter(cycle=subject)
    return open_items().filter(report__task__plan=subject)


class RulesAccess(LoginRequiredMixin, View):
    """404 unless the person manages the cycle, or keeps the plans."""

    subject: Subject

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.is_authenticated:
            return
        if "plan" in kwargs:
            kept = plans_for(request.user) if manages(request.user) else Plan.objects.none()
            self.subject = get_object_or_404(kept, pk=kwargs["plan"])
        else:
            self.subject = get_object_or_404(
                cycles_for(request.user, Perm.MANAGE).select_related("plan", "province"), pk=kwargs["cycle"]
            )

    @property
    def is_plan(self) -> bool:
        return isinstance(self.subject, Plan)

    def address(self, name: str) -> str:
        """A page of the same cycle or plan."""
        return reverse(self.names()[name], args=[self.subject.pk])

    def names(self) -> dict[str, str]:
        """The pages by the names of their addresses, for templates."""
        prefix = "plan-" if self.is_plan else ""
        pages = ("rules", "rule-add", "rule", "rule-switch", "forecast", "forecast-excel")
        return {page.replace("-", "_"): f"{prefix}reminder-{page}" for page in pages}

    def about(self) -> dict[str, Any]:
        """What every page of a cycle's or plan's rules shows."""
        name = self.subject.name if isinstance(self.subject, Cycle) else str(self.subject)
        return {"subject": self.subject, "name": name, "names": self.names(), "of_plan": self.is_plan}

    def crumbs(self, *more: tuple[str, str]) -> list[dict[str, str]]:
        if isinstance(self.subject, Plan):
            first = (self.subject.number, reverse("plan", args=[self.subject.pk]))
        else:
            first = (_("Theo dõi tiến độ"), reverse("monitor", args=[self.subject.pk]))
        rows = [first, (_("Nhắc việc"), self.address("rules")), *more]
        return [
            {"label": label, "url": url if number < len(rows) else ""} for number, (label, url) in enumerate(rows, 1)
        ]


class ReminderRulesView(RulesAccess, TemplateView):
    """The rules that hold; buttons give the cycle or plan rules of its own, take them back, share a cycle's own."""

    request: SignedInRequest
    template_name = "workflow/reminder_rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        subject = self.subject
        rules = rules_of([subject])[subject]
        steps = dict(step_choices(subject))
        labels = {channel.key: str(channel.label) for channel in channels()}
        plan = subject.plan if isinstance(subject, Cycle) and manages(self.request.user) else None
        return super().get_context_data(
            **self.about(),
            own=rules[0].pk is not None and rules[0].province_id is None,
            of_province=rules[0].province_id is not None,
            province_keeps=isinstance(subject, Cycle) and subject.province.reminder_rules.exists(),
            plan=plan,
            rows=[
                {
                    "rule": rule,
                    "step": steps.get(rule.node, rule.node) or every_step(subject),
                    "channels": ", ".join(labels[key] for key in labels if key in rule.channels),
                }
                for rule in rules
            ],
            crumbs=self.crumbs(),
            # The address's own `cycle` and `plan` are numbers: the page shows the rows.
            **{name: value for name, value in kwargs.items() if name not in ("cycle", "plan")},
        )

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        try:
            messages.success(request, self.act(request))
        except ServiceError as error:
            messages.warning(request, str(error))
        return redirect(self.address("rules"))

    def act(self, request: SignedInRequest) -> str:
        """Do what the pressed button says; returns what was done, in words."""
        subject, by = self.subject, request.user
        wish = request.POST.get("province") if isinstance(subject, Cycle) else None
        if isinstance(subject, Cycle) and wish == "1":
            rule_services.keep_for_province(subject, by=by)
            return _("Đã lưu thành quy tắc của tỉnh cho mọi đợt chưa có quy tắc riêng, kể cả các đợt mở sau.")
        if isinstance(subject, Cycle) and wish == "0":
            rule_services.drop_province_rules(subject, by=by)
            return _("Đã bỏ quy tắc của tỉnh. Đợt chưa có quy tắc riêng dùng quy tắc có sẵn.")
        if request.POST.get("own") == "0":
            rule_services.drop_own_rules(subject, by=by)
            return _("Quy tắc chung được dùng lại.")
        rule_services.own_rules(subject, by=by)
        return _("Đã sao quy tắc chung thành quy tắc riêng. Có thể sửa từng quy tắc.")


class RuleSwitchView(RulesAccess, View):
    """Uses a rule or leaves it aside."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, rule: int, **kwargs: Any) -> HttpResponse:
        row = get_object_or_404(rule_services.own(self.subject).select_related("cycle", "plan"), pk=rule)
        rule_services.switch(row, on=request.POST.get("on") == "1", by=request.user)
        return redirect(self.address("rules"))


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

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps, known, task = self.fields["node"], self.fields["channels"], self.fields["task"]
        assert isinstance(steps, forms.ChoiceField)
        assert isinstance(known, forms.MultipleChoiceField)
        assert isinstance(task, forms.ModelChoiceField)
        steps.choices = [("", every_step(subject)), *step_choices(subject)]
        known.choices = [(channel.key, str(channel.label)) for channel in channels()]
        first = list(items_of(subject).values_list("pk", flat=True)[:PREVIEW_TASKS])
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
            self.rule = get_object_or_404(rule_services.own(self.subject), pk=kwargs["rule"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"subject": self.subject}

    def get_initial(self) -> dict[str, Any]:
        example = self.rule or rules_of([self.subject])[self.subject][0]
        names = ("version", "when", "days", "count", "repeat", "node", "audience", "channels", "subject", "body")
        return {name: getattr(example, name) for name in names}

    def form_valid(self, form: RuleForm) -> HttpResponse:
        if "preview" in self.request.POST:
            return self.show_preview(form)
        try:
            rule_services.save_rule(
                self.subject,
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
            return redirect(self.address("rules"))
        messages.success(self.request, _("Đã lưu quy tắc."))
        return redirect(self.address("rules"))

    def show_preview(self, form: RuleForm) -> HttpResponse:
        item = form.cleaned_data["task"] or items_of(self.subject).first()
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
        kwargs |= {**self.about(), "rule": self.rule}
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
    quy_tac = forms.TypedChoiceField(label=gettext_lazy("Quy tắc"), required=False, empty_value=None)

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
        forecast = Forecast(self.subject)
        form = ForecastFilter(self.request.GET, forecast=forecast)
        chosen = form.cleaned_data if form.is_valid() else {}
        rows = forecast.chosen(day=chosen.get("ngay"), person=chosen.get("nguoi"), rule=chosen.get("quy_tac"))
        return forecast, form, rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        forecast, form, chosen = self.found()
        page = Paginator(chosen, PER_PAGE).get_page(self.request.GET.get("page"))
        counts = forecast.counts(chosen)
        kwargs |= self.about()
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
            export=f"{self.address('forecast_excel')}?{self.request.GET.urlencode()}",
            reset_url=self.address("forecast"),
            crumbs=self.crumbs((_("Dự kiến gửi"), "")),
            **kwargs,
        )


class ForecastExcelView(ForecastView):
    """The chosen list as an Excel file."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forecast, _form, chosen = self.found()
        content = workbook(_("Thông báo dự kiến gửi, %(cycle)s") % {"cycle": self.subject}, forecast.planned(chosen))
        return HttpResponse(
            content,
            headers={
                "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "Content-Disposition": 'attachment; filename="du-kien-gui.xlsx"',
            },
        )
