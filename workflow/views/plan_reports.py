"""Reports on tasks: writing one, verifying one, the lists of both sides, and what a task has heard so far."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import TemplateView, View

from assessments.errors import InvalidInput, ServiceError, WrongStage
from assessments.idempotency import new_key
from assessments.services import report_documents
from evidence.errors import Rejected
from evidence.names import clean_filename
from evidence.sniff import allowed_extensions
from plans import errors, reporting
from plans.models import Plan, PlanTask, Target
from plans.pages import figure_words
from plans.reporting import Progress
from plans.reports import TaskReport
from plans.views.base import crumbs
from plans.visibility import manages, plans_for, require_manager
from units import access
from units.fields import DayField
from units.permissions import Perm
from units.web import SignedInRequest

from .. import plan_reports
from ..inbox import inbox
from ..report_pages import card, last_figures, own_leads, rows, whole
from .base import StepView
from .unit_evidence import ManyFilesInput

PER_PAGE = 50


def _number(label: Any, **kwargs: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _l("Hãy nhập số, ví dụ 60 hoặc 60,5.")},
        **kwargs,
    )


class FilesField(forms.FileField):
    """Any number of files; each is judged by the evidence room, which says what is wrong with which."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return list(data) if isinstance(data, list | tuple) else [data] if data else []


class ProgressForm(forms.Form):
    """How far a task is; a field for each target of the task that a figure answers."""

    percentage = _number(_l("Tiến độ (%)"), help_text=_l("Từ 0 đến 100; 100 là đã hoàn thành."))
    text = forms.CharField(
        label=_l("Kết quả thực hiện"),
        max_length=reporting.LONGEST_REPORT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_l("Việc đã làm, việc còn lại, khó khăn và đề xuất (nếu có)."),
    )
    attachments = FilesField(label=_l("Tài liệu kèm theo"), required=False)

    def __init__(self, *args: Any, targets: list[Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets
        for target in targets:
            label = _("Số liệu chỉ tiêu %(number)s (%(unit)s)") if target.unit else _("Số liệu chỉ tiêu %(number)s")
            self.fields[f"figure-{target.pk}"] = _number(
                label % {"number": target.number, "unit": target.unit},
                required=False,
                help_text=_("%(text)s. Cần đạt: %(wanted)s.") % {"text": target.text, "wanted": figure_words(target)},
            )

    def shown(self) -> list[forms.BoundField]:
        """The fields in their order, files apart."""
        return [self["percentage"], *(self[f"figure-{target.pk}"] for target in self.targets), self["text"]]

    def progress(self) -> Progress:
        """What was typed."""
        data = self.cleaned_data
        figures = {target.pk: data[f"figure-{target.pk}"] for target in self.targets}
        return Progress(
            data["percentage"], data["text"], {pk: value for pk, value in figures.items() if value is not None}
        )


class VerifyForm(forms.Form):
    """What Sở Nội vụ says to a report."""

    comment = forms.CharField(
        label=_l("Ý kiến"),
        required=False,
        max_length=reporting.LONGEST_REPORT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_l("Bắt buộc khi trả lại: ghi rõ cần bổ sung hoặc sửa gì."),
    )


def translated(act: Callable[[], Any]) -> None:
    """Run `act`; what plans refuse becomes what step views know how to show."""
    try:
        act()
    except errors.InvalidInput as error:
        raise InvalidInput({name: " ".join(texts) for name, texts in error.errors.items()}) from error
    except errors.PlanError as error:
        raise WrongStage(str(error)) from error


class ReportStepView(StepView):
    """A step on one report (URL kwarg `report`)."""

    report: TaskReport

    def load(self) -> None:
        self.report = get_object_or_404(whole(reporting.reports_for(self.request.user)), pk=self.kwargs["report"])

    def find_item(self) -> Any:
        return inbox(self.request.user).filter(report=self.report, node=f"plantask.{self.node}")

    def back_url(self) -> str:
        page = reverse("plan-task-reports", args=[self.report.task.plan_id, self.report.task_id])
        return f"{page}#bao-cao-{self.report.pk}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        task = self.report.task
        return super().get_context_data(
            card=card(self.report),
            report=self.report,
            task=task,
            crumbs=crumbs(
                (task.plan.number, reverse("plan", args=[task.plan_id])),
                (
                    _("Nhiệm vụ %(number)s") % {"number": task.number},
                    reverse("plan-task-reports", args=[task.plan_id, task.pk]),
                ),
                (_("Báo cáo"), ""),
            ),
            back=self.back_url(),
            **kwargs,
        )


class ReportView(ReportStepView):
    """A report: the form for whoever writes it, else what was said."""

    node = "report"
    template_name = "workflow/plan_report.html"
    done_message = _l("Đã gửi báo cáo.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            unit = self.report.unit
            self.own = unit is not None and access.allowed(Perm.REPORT_PROGRESS, request.user, unit)
            keeper = access.allowed(Perm.MANAGE_PLANS, request.user, self.report.province)
            self.writes = self.report.is_open and (self.own or keeper)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.writes:
            messages.warning(request, str(reporting.wrong_state()))
            return redirect(self.back_url())
        form = self.get_form()
        taken = self.take_files(form)
        if "keep" in request.POST and not form.errors.get("attachments"):
            if taken:
                messages.success(request, _("Đã thêm tài liệu: %(names)s.") % {"names": ", ".join(taken)})
            typed = ProgressForm(initial=request.POST.dict(), targets=form.targets)
            self.load()
            return self.render_to_response(self.get_context_data(form=typed))
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def take_files(self, form: Any) -> list[str]:
        """Keep the good files even where something else must be mended: a browser would lose them."""
        taken: list[str] = []
        form.is_valid()
        for number, file in enumerate(form.cleaned_data.get("attachments") or [] if self.own else []):
            name = clean_filename(file.name or "")
            try:
                report_documents.attach_upload(
                    self.report, file, filename=file.name or "", key=self.file_key(number, name), by=self.request.user
                )
            except (Rejected, ServiceError) as error:
                form.add_error("attachments", f"{name}: {error}")
            else:
                taken.append(name)
        return taken

    def file_key(self, number: int, name: str) -> str | None:
        """The form's key, made different for each of its files."""
        try:
            return str(uuid.uuid5(uuid.UUID(self.request.POST.get("idempotency_key", "")), f"{number}:{name}"))
        except ValueError:
            return None

    def form_invalid(self, form: Any) -> HttpResponse:
        self.load()
        return super().form_invalid(form)

    def get_form(self, form_class: Any = None) -> ProgressForm:
        targets = reporting.measured_targets(self.report.task)
        initial = {"percentage": self.report.percentage, "text": self.report.text} | {
            f"figure-{pk}": value for pk, value in last_figures(self.report).items()
        }
        if self.request.method == "POST":
            return ProgressForm(self.request.POST, self.request.FILES, targets=targets)
        return ProgressForm(initial=initial, targets=targets)

    def run(self, form: ProgressForm) -> None:
        translated(lambda: plan_reports.report(self.report, form.progress(), by=self.request.user))

    def get_success_url(self) -> str:
        return reverse("inbox") if self.own else self.back_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            writes=self.writes,
            own=self.own,
            idempotency_key=new_key(),
            accept=",".join(f".{extension}" for extension in settings.EVIDENCE_TYPES),
            max_megabytes=settings.EVIDENCE_MAX_BYTES // (1024 * 1024),
            extensions=allowed_extensions(),
            **kwargs,
        )


class VerifyView(ReportStepView):
    """Sở Nội vụ reads a report, and confirms or returns it."""

    node = "verify"
    template_name = "workflow/plan_report_verify.html"
    form_class = VerifyForm

    def load(self) -> None:
        self.report = get_object_or_404(whole(reporting.verified_by(self.request.user)), pk=self.kwargs["report"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = reporting.own_word(self.report, self.request.user)
        return super().get_context_data(refused=reporting.own_word_refused(self.report) if own else "", **kwargs)

    def run(self, form: Any) -> None:
        assert self.item is not None
        item, comment, by = self.item, form.cleaned_data["comment"], self.request.user
        if "accept" in self.request.POST:
            translated(lambda: plan_reports.accept(item, comment=comment, by=by))
            self.done_message = _("Đã xác nhận báo cáo của %(body)s.") % {"body": self.report.body}
            return
        translated(lambda: plan_reports.send_back(item, comment=comment, by=by))
        self.done_message = _("Đã trả lại báo cáo của %(body)s.") % {"body": self.report.body}

    def get_success_url(self) -> str:
        return reverse("plan-reports")


class DetachReportDocumentView(LoginRequiredMixin, View):
    """Take a document off a report that is being written."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, report: int, link: int) -> HttpResponse:
        found = get_object_or_404(reporting.reports_for(request.user), pk=report)
        row = get_object_or_404(found.evidence.select_related("report", "version__document"), pk=link)
        try:
            report_documents.detach(row, by=request.user)
        except ServiceError as error:
            messages.warning(request, str(error))
        else:
            messages.success(
                request, _("Đã bỏ tài liệu “%(title)s”. Tài liệu vẫn còn trong kho.") % {"title": row.version.document}
            )
        return redirect("plan-report", found.pk)


class ReportFilter(forms.Form):
    """Filter of the list; everything stands in the address."""

    state = forms.ChoiceField(label=_l("Tình trạng"), required=False)
    unit = forms.CharField(label=_l("Cơ quan"), required=False, max_length=100)
    plan = forms.ModelChoiceField(
        label=_l("Kế hoạch"), queryset=Plan.objects.none(), required=False, empty_label=_l("– Tất cả –")
    )

    def __init__(self, *args: Any, plans: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("– Tất cả –")), *TaskReport.State.choices]  # type: ignore[attr-defined]
        self.fields["plan"].queryset = plans  # type: ignore[attr-defined]


def lead(counts: Mapping[str, int], *, keeper: bool) -> str:
    """What is to be done first: by Sở Nội vụ with what came in, by a unit with what it still owes."""
    if keeper:
        waiting = counts.get(TaskReport.State.SENT, 0)
        if not waiting:
            return _("Không có báo cáo nào chờ xác nhận.")
        return _("%(count)s báo cáo chờ bạn xem và xác nhận, hoặc trả lại.") % {"count": waiting}
    owed = counts.get(TaskReport.State.ASKED, 0) + counts.get(TaskReport.State.RETURNED, 0)
    if not owed:
        return _("Đơn vị không còn báo cáo nào phải gửi.")
    return _("Đơn vị còn %(count)s báo cáo phải gửi.") % {"count": owed}


class ReportsView(LoginRequiredMixin, TemplateView):
    """Reports that wait for Sở Nội vụ; for a unit, its own. Filtered by state, body and plan in the address."""

    request: SignedInRequest
    template_name = "workflow/plan_reports.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        keeper = manages(user)
        shown = reporting.reports_for(user)
        counts = reporting.state_counts(shown)
        data = self.request.GET if "state" in self.request.GET else {"state": "sent" if keeper else "", **self.given()}
        filters = ReportFilter(data, plans=plans_for(user).order_by("-signed_on"))
        if filters.is_valid():
            shown = self.filtered(shown, filters.cleaned_data)
        page = Paginator(
            shown.select_related("task__plan", "unit", "reported_by").order_by("due_on", "pk"), PER_PAGE
        ).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            title=_("Báo cáo chờ xác nhận") if keeper else _("Báo cáo tiến độ của đơn vị"),
            lead=lead(counts, keeper=keeper),
            form=filters,
            page_obj=page,
            rows=rows(list(page.object_list)),
            keeper=keeper,
            tiles=[
                {"value": counts.get(state.value, 0), "label": state.label, "url": f"?state={state.value}"}
                for state in TaskReport.State
            ],
            result=_("%(count)s báo cáo") % {"count": page.paginator.count},
            crumbs=crumbs((_("Báo cáo tiến độ"), "")),
            **kwargs,
        )

    def given(self) -> dict[str, Any]:
        return {name: self.request.GET[name] for name in ("unit", "plan") if self.request.GET.get(name)}

    def filtered(self, shown: Any, data: dict[str, Any]) -> Any:
        if data["state"]:
            shown = shown.filter(state=data["state"])
        if data["unit"]:
            shown = shown.filter(body__icontains=data["unit"].strip())
        return shown.filter(task__plan=data["plan"]) if data["plan"] else shown


class AskForm(forms.Form):
    """By when the lead units are to report."""

    due_on = DayField(label=_l("Hạn báo cáo, đến hết ngày"))


class BodyForm(forms.Form):
    """A body that is no unit here and told Sở Nội vụ how things stand."""

    body = forms.CharField(label=_l("Cơ quan"), max_length=500)


FORMS = frozenset({"ask_form", "body_form", "begin_form"})


class TaskReportsView(LoginRequiredMixin, TemplateView):
    """What one task has heard so far, newest first, and how to begin a report or ask for one."""

    request: SignedInRequest
    template_name = "workflow/plan_task_reports.html"
    task: PlanTask

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.task = get_object_or_404(
                PlanTask.objects.filter(plan__in=plans_for(request.user)).select_related("plan"),
                pk=kwargs["task"],
                plan=kwargs["plan"],
            )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        found = whole(reporting.reports_for(user)).filter(task=self.task).order_by("-starts_on", "body", "-pk")
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        keeper = manages(user)
        values = {
            "task": self.task,
            "plan": self.task.plan,
            "cards": [card(report) for report in page.object_list],
            "page_obj": page,
            "leads": own_leads(user, self.task),
            "keeper": keeper,
            "ask_form": AskForm(),
            "body_form": BodyForm(initial={"body": self.task.lead}),
            "crumbs": crumbs(
                (self.task.plan.number, reverse("plan", args=[self.task.plan_id])),
                (_("Nhiệm vụ %(number)s") % {"number": self.task.number}, ""),
            ),
        }
        # The address's own `plan` and `task` are numbers: the page shows the rows.
        return super().get_context_data(**(kwargs | values | {name: kwargs[name] for name in FORMS & kwargs.keys()}))


class TaskActionView(TaskReportsView):
    """One press on a task's page; what is refused comes back onto the page with what was typed."""

    http_method_names = ["post"]
    form_name = ""
    form_class: type[forms.Form] = forms.Form
    keeper_only = False

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.keeper_only:
            require_manager(request.user)
        form = self.form_class(request.POST)
        if form.is_valid():
            try:
                return redirect(self.act(form.cleaned_data))
            except errors.InvalidInput as error:
                for name, texts in error.errors.items():
                    for text in texts:
                        form.add_error(name if name in form.fields else None, text)
            except errors.PlanError as error:
                form.add_error(None, str(error))
        return self.render_to_response(self.get_context_data(**{self.form_name: form}), status=422)

    def act(self, data: dict[str, Any]) -> str:
        """Call the service; returns where to go then."""
        raise NotImplementedError


class UnitForm(forms.Form):
    """Which lead unit reports."""

    unit = forms.IntegerField(widget=forms.HiddenInput)


class BeginView(TaskActionView):
    """The lead unit, or Sở Nội vụ in its place, begins to write a report."""

    form_name = "begin_form"
    form_class = UnitForm

    def act(self, data: dict[str, Any]) -> str:
        unit = next((unit for unit in own_leads(self.request.user, self.task) if unit.pk == data["unit"]), None)
        if unit is None:
            raise access.NotAllowed(_("Bạn không báo cáo thay cho đơn vị này."))
        report = plan_reports.begin(self.task, unit, by=self.request.user)
        return reverse("plan-report", args=[report.pk])


class BeginForBodyView(TaskActionView):
    """Sở Nội vụ writes down what a body said that is no unit here."""

    form_name = "body_form"
    keeper_only = True
    form_class = BodyForm

    def act(self, data: dict[str, Any]) -> str:
        report = reporting.begin_for_body(self.task, data["body"], by=self.request.user)
        return reverse("plan-report", args=[report.pk])


class AskView(TaskActionView):
    """Sở Nội vụ asks all lead units of a task how things stand."""

    form_name = "ask_form"
    keeper_only = True
    form_class = AskForm

    def act(self, data: dict[str, Any]) -> str:
        asked = plan_reports.ask(self.task, due_on=data["due_on"], by=self.request.user)
        messages.success(self.request, _("Đã yêu cầu %(count)s đơn vị báo cáo.") % {"count": len(asked)})
        return reverse("plan-task-reports", args=[self.task.plan_id, self.task.pk])
