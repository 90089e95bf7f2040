"""Consultation on a draft: Sở Nội vụ asks and answers, the units comment criterion by criterion."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View

from units import clock
from units.models import Unit, UnitGroup
from units.web import SignedInRequest

from .. import documents
from ..changes import change_words
from ..comment_rows import topics
from ..consolidated import consolidate
from ..consultation import Comment, Consultation
from ..consulting import (
    answer_comment,
    close,
    open_consultation,
    prolong,
    publish_answers,
    unit_counts,
    window_words,
)
from ..errors import Conflict, CriteriaError, InvalidInput
from ..visibility import commenting_units, comments_for, consultations_for, manages
from .base import EXCEL, WORD, DraftMixin, download, file_name, place_errors

PER_PAGE = 50
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def state_of(consultation: Consultation) -> dict[str, str]:
    """The chip of a consultation."""
    now = clock.now()
    if consultation.is_open(now):
        return {"state": "info", "text": _("Đang lấy ý kiến"), "icon": "chat-left-text"}
    if consultation.has_ended(now):
        return {"state": "mute", "text": _("Đã kết thúc"), "icon": ""}
    return {"state": "soon", "text": _("Chưa bắt đầu"), "icon": "clock"}


class ConsultationsView(LoginRequiredMixin, TemplateView):
    """Every consultation that the person is asked in, or keeps."""

    template_name = "criteria/consultations.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = (
            consultations_for(self.request.user)
            .select_related("criteria_set")
            .annotate(
                spoken=Count("comments", distinct=True),
                units=Count("comments__unit", distinct=True),
                waiting=Count("comments", filter=Q(comments__answer=""), distinct=True),
            )
            .order_by("-opens_on", "-pk")
        )
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[(row, state_of(row), window_words(row)) for row in page],
            manages=manages(self.request.user),
            illustrative=any(row.criteria_set.illustrative for row in page),
            **kwargs,
        )


class OpenForm(forms.Form):
    """Whom to ask, and from which day to which."""

    opens_on = forms.DateField(label=gettext_lazy("Từ ngày"), widget=DATE)
    closes_on = forms.DateField(
        label=gettext_lazy("Đến hết ngày"),
        widget=DATE,
        help_text=gettext_lazy("Đơn vị góp ý được đến 23:59 của ngày này."),
    )
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Nhóm đơn vị được lấy ý kiến"),
        queryset=UnitGroup.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        label=gettext_lazy("Lời đề nghị"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Hiện ở đầu trang góp ý, ví dụ nội dung cần tập trung cho ý kiến."),
    )


class OpenConsultationView(DraftMixin, FormView):
    """Ask the units of some groups about a draft."""

    template_name = "criteria/consultation_open.html"
    form_class = OpenForm

    def get_initial(self) -> dict[str, Any]:
        return {"opens_on": clock.today()}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            made = open_consultation(self.criteria_set, by=self.request.user, **form.cleaned_data)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except CriteriaError as error:
            messages.warning(self.request, str(error))
            return redirect(self.set_url())
        messages.success(self.request, _("Đã mở lấy ý kiến %(window)s.") % {"window": window_words(made)})
        return redirect("consultation", made.pk)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=self.crumbs(_("Lấy ý kiến")), **kwargs)


class ConsultationMixin(LoginRequiredMixin, TemplateResponseMixin, ContextMixin, View):
    """A page of one consultation (URL kwarg `consultation`), 404 for whoever is not asked or (`managing`) asks."""

    request: SignedInRequest
    managing = False
    consultation: Consultation

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.load()

    def load(self) -> None:
        """Fetch the consultation through a user-scoped queryset; raises Http404."""
        if self.managing and not manages(self.request.user):
            raise Http404
        self.consultation = get_object_or_404(
            consultations_for(self.request.user).select_related("criteria_set"), pk=self.kwargs["consultation"]
        )

    def page_url(self) -> str:
        return reverse("consultation", args=[self.consultation.pk])

    def crumbs(self, *last: str) -> list[dict[str, str]]:
        own = {"label": self.consultation.criteria_set.name, "url": self.page_url() if last else ""}
        items = [
            {"label": _("Bộ chỉ số"), "url": reverse("criteria-sets")},
            {"label": _("Lấy ý kiến dự thảo"), "url": reverse("consultations")},
        ]
        return [*items, own, *({"label": label, "url": ""} for label in last)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, criteria_set = clock.now(), self.consultation.criteria_set
        return {
            **super().get_context_data(**kwargs),
            "consultation": self.consultation,
            "criteria_set": criteria_set,
            "illustrative": criteria_set.illustrative,
            "manages": manages(self.request.user),
            "window": window_words(self.consultation),
            "state": state_of(self.consultation),
            "is_open": self.consultation.is_open(now),
            "has_ended": self.consultation.has_ended(now),
            "shows_answers": manages(self.request.user) or self.consultation.shows_answers(now),
        }


class CommentFilter(forms.Form):
    """Which comments to show; kept in the address."""

    don_vi = forms.TypedChoiceField(label=gettext_lazy("Đơn vị"), required=False, coerce=int, empty_value=None)
    tra_loi = forms.ChoiceField(
        label=gettext_lazy("Trả lời"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), ("chua", gettext_lazy("Chưa trả lời")), *Comment.Answer.choices],
    )

    def __init__(self, *args: Any, units: list[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["don_vi"].choices = [("", _("Tất cả")), *((unit.pk, unit.name) for unit in units)]  # type: ignore[attr-defined]


class ConsultationView(ConsultationMixin, TemplateView):
    """Comments under their criteria: all of them for whoever asks, the own ones for a unit until the end."""

    template_name = "criteria/consultation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        readable = comments_for(self.request.user, self.consultation)
        units = list(Unit.objects.filter(pk__in=readable.values("unit")).order_by("group__order", "order"))
        form = CommentFilter(self.request.GET, units=units)
        chosen = form.cleaned_data if form.is_valid() else {}
        comments = readable.prefetch_related("changes")
        if chosen.get("don_vi"):
            comments = comments.filter(unit=chosen["don_vi"])
        if chosen.get("tra_loi"):
            comments = comments.filter(answer="" if chosen["tra_loi"] == "chua" else chosen["tra_loi"])
        found = topics(comments)
        keeper = manages(self.request.user)
        counts = unit_counts(self.consultation) if keeper else []
        return super().get_context_data(
            crumbs=self.crumbs(),
            topics=found,
            shown=sum(len(topic.rows) for topic in found),
            filter=form,
            filtered=bool(chosen.get("don_vi") or chosen.get("tra_loi")),
            counts=counts,
            spoke=sum(1 for row in counts if row.comments),
            total=sum(row.comments for row in counts),
            answered=sum(row.answered for row in counts),
            own_units=commenting_units(self.request.user, self.consultation),
            prolong_form=ProlongForm(initial={"closes_on": self.consultation.closes_on}) if keeper else None,
            **kwargs,
        )


class AnswerForm(forms.Form):
    """Tiếp thu or giải trình, in words."""

    answer = forms.ChoiceField(label=gettext_lazy("Trả lời"), choices=Comment.Answer.choices, widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("Nội dung trả lời"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Tiếp thu: nêu đã sửa thế nào. Giải trình: nêu lý do giữ nguyên."),
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class AnswerView(ConsultationMixin, FormView):
    """Answer one comment; the edit of the criterion that follows from it starts here."""

    managing = True
    template_name = "criteria/answer.html"
    form_class = AnswerForm
    comment: Comment

    def load(self) -> None:
        super().load()
        self.comment = get_object_or_404(
            self.consultation.comments.select_related("unit", "criterion", "written_by", "answered_by"),
            pk=self.kwargs["comment"],
        )

    def get_initial(self) -> dict[str, Any]:
        return {
            "answer": self.comment.answer or self.request.GET.get("tra_loi", ""),
            "text": self.comment.answer_text,
            "seen_version": self.comment.answer_version,
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer_comment(self.comment, by=self.request.user, **form.cleaned_data)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except Conflict as error:
            form.add_error(None, str(error))
            form.data = {**form.data.dict(), "seen_version": error.current.answer_version}
            return self.render_to_response(self.get_context_data(form=form, meanwhile=error.current), status=409)
        messages.success(self.request, _("Đã lưu trả lời cho %(unit)s.") % {"unit": self.comment.unit})
        return redirect(f"{self.page_url()}#y-kien-{self.comment.pk}")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        same = self.consultation.comments.filter(code=self.comment.code, name=self.comment.name).exclude(
            pk=self.comment.pk
        )
        return super().get_context_data(
            crumbs=self.crumbs(_("Trả lời")),
            comment=self.comment,
            others=same.select_related("unit"),
            changes=[change_words(change) for change in self.comment.changes.all()],
            **kwargs,
        )


class ProlongForm(forms.Form):
    """A later (or earlier) last day."""

    closes_on = forms.DateField(label=gettext_lazy("Lấy ý kiến đến hết ngày"), widget=DATE)


class ConsultationStepView(ConsultationMixin, View):
    """One press of a button on the page of a consultation; POST only."""

    managing = True
    http_method_names = ["post"]

    def run(self) -> str:
        """Do it and say what was done. Raises CriteriaError."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            messages.success(request, self.run())
        except CriteriaError as error:
            messages.error(request, str(error))
        return redirect(self.page_url())


class ProlongView(ConsultationStepView):
    """Move the last day."""

    def run(self) -> str:
        form = ProlongForm(self.request.POST)
        if not form.is_valid():
            raise InvalidInput({"closes_on": [_("Hãy nhập ngày kết thúc mới, ví dụ 15/12/2026.")]})
        fresh = prolong(self.consultation, closes_on=form.cleaned_data["closes_on"], by=self.request.user)
        return _("Lấy ý kiến %(window)s.") % {"window": window_words(fresh)}


class CloseView(ConsultationStepView):
    """End before the last day is over."""

    def run(self) -> str:
        close(self.consultation, by=self.request.user)
        return _("Đã kết thúc lấy ý kiến. Các đơn vị xem được ý kiến và câu trả lời.")


class PublishView(ConsultationStepView):
    """Let the units read the answers."""

    def run(self) -> str:
        publish_answers(self.consultation, by=self.request.user)
        return _("Đã công bố trả lời. Các đơn vị xem được câu trả lời cho ý kiến của mình.")


class ConsolidatedView(ConsultationMixin, View):
    """The consolidated table as a file; `kind` is word or excel."""

    managing = True
    kind = "word"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        content = consolidate(self.consultation, by=self.request.user)
        criteria_set = self.consultation.criteria_set
        if self.kind == "word":
            return download(documents.word(content), name=file_name(criteria_set, "tong-hop-gop-y", "docx"), kind=WORD)
        return download(documents.excel(content), name=file_name(criteria_set, "tong-hop-gop-y", "xlsx"), kind=EXCEL)
