"""What the screens of criteria sets have in common: who gets a set, where a refusal goes, and files to download."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic.base import ContextMixin, TemplateResponseMixin, View

from units.web import SignedInRequest

from ..errors import InvalidInput
from ..models import CriteriaSet
from ..visibility import manages, sets_for, sets_managed_by

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def place_errors(form: BaseForm, error: InvalidInput) -> None:
    """Put each message of a refused input on its field, or above the form where the form has no such field."""
    for name, found in error.errors.items():
        for message in found:
            form.add_error(name if name in form.fields else None, message)


def download(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """A file that the browser saves and never shows."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def file_name(criteria_set: CriteriaSet, what: str, extension: str) -> str:
    """ "bo-chi-so-so-2027-pb2-gop-y.docx": the set, its year and version, and what is in the file."""
    stem = f"{criteria_set.code}-{criteria_set.year}-pb{criteria_set.version}"
    return f"{stem}-{what}.{extension}" if what else f"{stem}.{extension}"


class SetMixin(LoginRequiredMixin, TemplateResponseMixin, ContextMixin, View):
    """A page of one set (URL kwarg `criteria_set`), 404 for whoever may not read or (`managing`) change it."""

    request: SignedInRequest
    managing = False
    criteria_set: CriteriaSet

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.load()

    def load(self) -> None:
        """Fetch the set through a user-scoped queryset; raises Http404."""
        readable = sets_managed_by(self.request.user) if self.managing else sets_for(self.request.user)
        self.criteria_set = get_object_or_404(readable, pk=self.kwargs["criteria_set"])

    def set_url(self) -> str:
        return reverse("criteria-set", args=[self.criteria_set.pk])

    def crumbs(self, *last: str) -> list[dict[str, str]]:
        """Where the page is; `last` are labels below the set."""
        items = [{"label": _("Bộ chỉ số"), "url": reverse("criteria-sets")}]
        own = {"label": str(self.criteria_set), "url": self.set_url() if last else ""}
        return [*items, own, *({"label": label, "url": ""} for label in last)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "criteria_set": self.criteria_set,
            "illustrative": self.criteria_set.illustrative,
            "manages": manages(self.request.user),
        }


class DraftMixin(SetMixin):
    """A page that changes a draft; a frozen set leads back to its page."""

    managing = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and self.criteria_set.is_frozen:
            messages.warning(request, _("Bộ chỉ số đã khóa nên không sửa được. Hãy sao sang phiên bản mới rồi sửa."))
            return redirect(self.set_url())
        return super().dispatch(request, *args, **kwargs)
