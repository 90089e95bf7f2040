"""Kho tài liệu: the unit's documents with their versions and uses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView, TemplateView

from assessments.errors import ServiceError
from assessments.services.documents import correct
from assessments.visibility import documents_for
from evidence import services
from evidence.errors import Rejected
from evidence.library import search
from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from ..unit_library import uses_of, with_versions
from .unit_evidence import DocumentForm

PER_PAGE = 50


class LibraryFilter(forms.Form):
    """Search in the library."""

    q = forms.CharField(
        label=_l("Tìm tài liệu"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": _l("Tên, số ký hiệu, cơ quan ban hành, tên tệp")}),
    )


class LibraryView(LoginRequiredMixin, TemplateView):
    """Documents of the person's units, newest first. The same queries for any number of rows."""

    request: SignedInRequest
    template_name = "workflow/library.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "")
        found = search(documents_for(self.request.user), text)
        rows = with_versions(found).select_related("unit").annotate(uses=Count("versions__uses", distinct=True))
        page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page_obj=page,
            q=text,
            filter=LibraryFilter(self.request.GET),
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
            documents = with_versions(documents_for(request.user)).select_related("unit", "created_by")
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
            uses=uses_of(self.document),
            editable=access.allowed(Perm.SCORE, self.request.user, self.document.unit),
            crumbs=[
                {"label": _("Kho tài liệu"), "url": reverse("library")},
                {"label": self.document.title, "url": ""},
            ],
            **kwargs,
        )
