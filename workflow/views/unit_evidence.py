"""Tài liệu kiểm chứng of one criterion: uploading, choosing from the library, quotes, taking off."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import TemplateView, View

from assessments.errors import ServiceError
from assessments.idempotency import new_key
from assessments.models import NOT_SELF_SCORED, Dossier, Score
from assessments.services import scores
from assessments.services.appraisal import domain_of
from assessments.services.documents import attach_upload
from assessments.stages import Stage
from assessments.visibility import documents_for
from evidence.errors import Rejected
from evidence.models import DocumentVersion
from evidence.names import clean_filename
from evidence.sniff import allowed_extensions
from units.fields import DayField
from units.web import SignedInRequest

from ..sheet_page import locked_words, row_url, writing
from ..unit_library import attached, last_year, offered, proofs
from .unit_sheet import crumbs, get_dossier

# Stands in the names and ids of the fields that upload.js repeats for each file.
CARD = "__tep__"


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Cleans to the list of the files that were sent."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        sent = data if isinstance(data, list | tuple) else [data] if data else []
        if not sent:
            raise forms.ValidationError(_("Hãy chọn ít nhất một tệp."))
        # Empty files, names and types are judged by the evidence room, which says what is wrong with which file.
        return list(sent)


class DocumentForm(forms.Form):
    """What is known of a document."""

    title = forms.CharField(
        label=_l("Tên tài liệu"),
        required=False,
        max_length=300,
        help_text=_l("Bỏ trống thì lấy theo tên tệp."),
    )
    number = forms.CharField(label=_l("Số, ký hiệu"), required=False, max_length=60)
    issued_on = DayField(label=_l("Ngày ban hành"), required=False)
    issuing_body = forms.CharField(label=_l("Cơ quan ban hành"), required=False, max_length=200)


class UploadForm(DocumentForm):
    """Files that prove a criterion, with what is known of them."""

    file = ManyFilesField(label=_l("Tệp"))
    quote = forms.CharField(
        label=_l("Trích dẫn"),
        required=False,
        max_length=200,
        help_text=_l("Mục, trang cần xem, ví dụ: mục II.3, trang 6"),
    )

    field_order = ("file", "title", "number", "issued_on", "issuing_body", "quote")


class QuoteForm(forms.Form):
    """Where in the document to look."""

    quote = forms.CharField(required=False, max_length=200)


def get_score(request: HttpRequest, dossier: int, score: int) -> tuple[Dossier, Score]:
    """A criterion of a dossier that the person may read, or 404."""
    found = get_dossier(request, dossier)
    row = get_object_or_404(found.scores.select_related("criterion", "dossier__unit"), pk=score)
    return found, row


class ScoreEvidenceView(LoginRequiredMixin, TemplateView):
    """The documents of one criterion. Posting uploads files: a page without script, JSON for upload.js."""

    request: SignedInRequest
    template_name = "workflow/evidence.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier, self.score = get_score(request, kwargs["dossier"], kwargs["score"])
            self.key = request.POST.get("idempotency_key", "")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        done: list[str] = []
        if form.is_valid():
            done = self.take(form)
        if request.accepts("text/html"):
            return self.page_answer(form, done)
        return self.script_answer(form)

    def take(self, form: UploadForm) -> list[str]:
        """Attach every file that is good; each refused one becomes an error that names it."""
        files = form.cleaned_data.pop("file")
        quote = form.cleaned_data.pop("quote")
        details = dict(form.cleaned_data)
        if len(files) > 1:
            details["title"] = ""
        done = []
        for number, file in enumerate(files):
            name = clean_filename(file.name or "")
            try:
                attach_upload(
                    self.score,
                    file,
                    filename=file.name or "",
                    quote=quote,
                    key=self.file_key(number, name),
                    by=self.request.user,
                    **details,
                )
            except (Rejected, ServiceError) as error:
                form.add_error("file", f"{name}: {error}")
            else:
                done.append(name)
        return done

    def file_key(self, number: int, name: str) -> str | None:
        """The form's key, made different for each of its files."""
        try:
            return str(uuid.uuid5(uuid.UUID(self.key), f"{number}:{name}"))
        except ValueError:
            return None

    def page_answer(self, form: UploadForm, done: list[str]) -> HttpResponse:
        if done:
            messages.success(self.request, _("Đã thêm tài liệu: %(names)s.") % {"names": ", ".join(done)})
        if form.is_valid():
            return redirect("score-evidence", self.dossier.pk, self.score.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def script_answer(self, form: UploadForm) -> JsonResponse:
        if form.is_valid():
            links = render_to_string("workflow/evidence_list.html", self.list_context(), request=self.request)
            return JsonResponse({"list": links})
        errors = [
            f"{form.fields[name].label}: {text}" if name in form.fields and name != "file" else text
            for name, texts in form.errors.items()
            for text in texts
        ]
        return JsonResponse(
            {"message": " ".join(str(error) for error in errors), "fields": sorted(form.errors)}, status=422
        )

    def list_context(self) -> dict[str, Any]:
        may = writing(self.request.user, self.dossier)
        links = attached(self.score)
        return {
            "dossier": self.dossier,
            "score": self.score,
            "links": links,
            "proofs": proofs(self.dossier, links),
            "editable": may.may(self.score) and self.score.source not in NOT_SELF_SCORED,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = self.list_context()
        text = self.request.GET.get("q", "")
        back = row_url(self.dossier, domain_of(self.score).pk, self.score.pk)
        if self.dossier.stage == Stage.SUPPLEMENTING:
            back = f"{reverse('supplement', args=[self.dossier.pk])}#score-{self.score.pk}"
        may = writing(self.request.user, self.dossier)
        return super().get_context_data(
            **{
                **context,
                "form": UploadForm(),
                "card": UploadForm(prefix=CARD),
                "q": text,
                "earlier": last_year(self.request.user, self.dossier, self.score, context["links"])
                if context["editable"]
                else [],
                "offered": offered(self.request.user, self.score, text, context["links"])
                if context["editable"]
                else [],
                "idempotency_key": new_key(),
                "max_bytes": settings.EVIDENCE_MAX_BYTES,
                "max_megabytes": settings.EVIDENCE_MAX_BYTES // (1024 * 1024),
                "extensions": allowed_extensions(),
                "accept": ",".join(f".{extension}" for extension in settings.EVIDENCE_TYPES),
                "back_url": back,
                "locked": ""
                if context["editable"]
                else locked_words(self.dossier, may) or _("Tiêu chí này không mở để sửa."),
                "crumbs": crumbs(self.dossier, _("Tài liệu tiêu chí %(code)s") % {"code": self.score.criterion.code}),
                "illustrative": self.dossier.cycle_group.criteria_set.illustrative,
                **kwargs,
            }
        )


class EvidenceActionView(LoginRequiredMixin, View):
    """One press on the evidence of a criterion; leads back to its page."""

    http_method_names = ["post"]
    request: SignedInRequest

    def post(self, request: SignedInRequest, dossier: int, score: int, **kwargs: Any) -> HttpResponse:
        self.dossier, self.score = get_score(request, dossier, score)
        try:
            self.act(**kwargs)
        except ServiceError as error:
            messages.warning(request, str(error))
        return redirect("score-evidence", self.dossier.pk, self.score.pk)

    def act(self, **kwargs: Any) -> None:
        raise NotImplementedError

    def quote(self) -> str:
        form = QuoteForm(self.request.POST)
        return form.cleaned_data["quote"] if form.is_valid() else self.request.POST.get("quote", "")[:200]


class AttachDocumentView(EvidenceActionView):
    """Let a document of the unit's library prove the criterion."""

    def act(self, **kwargs: Any) -> None:
        version = get_object_or_404(
            DocumentVersion.objects.filter(document__in=documents_for(self.request.user)).select_related(
                "document", "blob"
            ),
            pk=kwargs["version"],
        )
        scores.attach(self.score, version, quote=self.quote(), by=self.request.user)
        messages.success(self.request, _("Đã dùng tài liệu “%(title)s”.") % {"title": version.document.title})


class QuoteDocumentView(EvidenceActionView):
    """Change where in an attached document to look."""

    def act(self, **kwargs: Any) -> None:
        link = get_object_or_404(
            self.score.evidence.select_related("version__document", "version__blob"), pk=kwargs["link"]
        )
        scores.attach(self.score, link.version, quote=self.quote(), by=self.request.user)
        messages.success(self.request, _("Đã lưu trích dẫn."))


class DetachDocumentView(EvidenceActionView):
    """Take a document off the criterion; it stays in the library."""

    def act(self, **kwargs: Any) -> None:
        link = self.score.evidence.select_related("version__document", "score").filter(pk=kwargs["link"]).first()
        if link is None:
            return
        scores.detach(link, by=self.request.user)
        messages.success(
            self.request,
            _("Đã bỏ tài liệu “%(title)s” khỏi tiêu chí. Tài liệu vẫn còn trong kho.")
            % {"title": link.version.document.title},
        )
