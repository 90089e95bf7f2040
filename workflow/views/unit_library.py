"""Kho tài liệu: the unit's documents with their versions and uses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView, TemplateView

from assessments.errors import ServiceError
from assessments.services.documents import attach_to_many, correct
from assessments.visibility import documents_for
from evidence import services
from evidence.errors import Rejected
from evidence.library import search
from evidence.models import Document
from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from ..signature_chips import signature_chip
from ..unit_library import open_criteria, uses_of, with_versions, writable_units
from .unit_evidence import DocumentForm

PER_PAGE = 50
MAX_QUOTE = 200


class LibraryFilter(forms.Form):
    """Search in the library; a field that cannot be read is not asked."""

    q = forms.CharField(
        label=_l("Tìm tài liệu"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": _l("Tên, cơ quan ban hành, tên tệp")}),
    )
    number = forms.CharField(label=_l("Số, ký hiệu"), required=False, max_length=60)
    year = forms.IntegerField(
        label=_l("Năm ban hành"),
        required=False,
        min_value=1945,
        max_value=9998,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 6}),
        error_messages={"invalid": _l("Hãy nhập năm như 2026.")},
    )
    kind = forms.ChoiceField(
        label=_l("Loại tệp"),
        required=False,
        choices=[("", _l("Tất cả")), ("pdf", "PDF"), ("word", "Word"), ("excel", "Excel"), ("image", _l("Ảnh"))],
    )

    def found(self, documents: QuerySet[Document]) -> QuerySet[Document]:
        """The documents that fit what is asked."""
        self.full_clean()
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return search(documents, asked.pop("q", ""), **asked)


class LibraryView(LoginRequiredMixin, TemplateView):
    """Documents of the person's units, newest first. The same queries for any number of rows."""

    request: SignedInRequest
    template_name = "workflow/library.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filter_form = LibraryFilter(self.request.GET)
        rows = (
            with_versions(filter_form.found(documents_for(self.request.user)))
            .select_related("unit")
            .annotate(uses=Count("versions__uses", distinct=True))
        )
        page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page_obj=page,
            asked=any(self.request.GET.get(name) for name in filter_form.fields),
            filter=filter_form,
            result=_("%(count)s tài liệu") % {"count": page.paginator.count},
            **kwargs,
        )


class CorrectForm(DocumentForm):
    """What is known of a document, and a new file of it."""

    file = forms.FileField(label=_l("Phiên bản mới"), required=False, allow_empty_file=True)


class DocumentView(LoginRequiredMixin, FormView[CorrectForm]):
    """One document: what is known of it, its versions, where it is used. Posting corrects it or adds a version."""

    request: SignedInRequest
    template_name = "workflow/document.html"
    form_class = CorrectForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            documents = (
                with_versions(documents_for(request.user))
                .select_related("unit", "created_by")
                .prefetch_related("versions__blob__signatures")
            )
            self.document = get_object_or_404(documents, pk=kwargs["document"])

    def get_initial(self) -> dict[str, Any]:
        document = self.document
        return {
            "title": document.title,
            "number": document.number,
            "issued_on": document.issued_on,
            "issuing_body": document.issuing_body,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        access.require(Perm.SCORE, request.user, self.document.unit)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: CorrectForm) -> HttpResponse:
        details = dict(form.cleaned_data)
        file = details.pop("file")
        changed = any(details[name] != value for name, value in self.get_initial().items())
        try:
            if changed:
                correct(self.document, by=self.request.user, **details)
                messages.success(self.request, _("Đã lưu thông tin tài liệu."))
            if file is not None:
                received = services.receive(file, filename=file.name or "")
                services.add_version(self.document, received, by=self.request.user)
                messages.success(self.request, _("Đã thêm phiên bản mới. Các tiêu chí đang dùng vẫn giữ phiên bản cũ."))
        except Rejected as error:
            form.add_error("file", str(error))
            return self.form_invalid(form)
        except ServiceError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return HttpResponseRedirect(reverse("document", args=[self.document.pk]))

    def form_invalid(self, form: CorrectForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            document=self.document,
            versions=[
                {"version": version, "signature": signature_chip(version.blob, None)}
                for version in self.document.versions.all()
            ],
            uses=uses_of(self.document),
            picks=open_criteria(self.request.user, self.document),
            editable=access.allowed(Perm.SCORE, self.request.user, self.document.unit),
            crumbs=[
                {"label": _("Kho tài liệu"), "url": reverse("library")},
                {"label": self.document.title, "url": ""},
            ],
            **kwargs,
        )


class AttachManyView(DocumentView):
    """Let the latest version of a document prove further criteria, all in one go."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not writable_units(request.user, self.document):
            access.require(Perm.SCORE, request.user, self.document.unit)
        picked = {int(value) for value in self.request.POST.getlist("score") if value.isascii() and value.isdigit()}
        quote = self.request.POST.get("quote", "").strip()[:MAX_QUOTE]
        open_scores = [score for pick in open_criteria(self.request.user, self.document) for score in pick.scores]
        chosen = [score for score in open_scores if score.pk in picked]
        if not picked:
            return self.refuse(_("Hãy chọn ít nhất một tiêu chí."), picked, quote)
        try:
            count = attach_to_many(self.document.versions.all()[0], chosen, quote=quote, by=self.request.user)
        except ServiceError as error:
            return self.refuse(str(error), picked, quote)
        messages.success(self.request, _("Tài liệu chứng minh thêm %(count)s tiêu chí.") % {"count": count})
        if len(chosen) < len(picked):
            messages.warning(self.request, _("Tiêu chí đã khóa, hoặc đã dùng tài liệu này, được bỏ qua."))
        return HttpResponseRedirect(reverse("document", args=[self.document.pk]) + "#dang-chung-minh")

    def refuse(self, message: str, picked: set[int], quote: str) -> HttpResponse:
        """The page with what was chosen and typed, and why nothing was done."""
        context = self.get_context_data(
            form=CorrectForm(initial=self.get_initial()), picked=picked, pick_quote=quote, pick_error=message
        )
        return self.render_to_response(context, status=422)
