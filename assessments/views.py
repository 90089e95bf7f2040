"""Files of the evidence room, for those who may read the row that refers to them."""

from __future__ import annotations

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View

from evidence.models import DocumentVersion
from evidence.storage import open_blob

from .models import VisitFile
from .visibility import document_versions_for

# What a browser shows by itself without running anything of it; everything else is only downloaded.
SHOWN_INLINE = frozenset({"application/pdf", "image/png", "image/jpeg"})
# The viewer of a browser may lay the file out; the file itself may load, send and run nothing.
FILE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'"
)


class DocumentFileView(LoginRequiredMixin, View):
    """One version's bytes as an attachment. Authorised by row, never by hash: foreign ones are not found."""

    http_method_names = ["get", "head"]
    inline = False

    def get(self, request: HttpRequest, version: int) -> HttpResponseBase:
        found = get_object_or_404(document_versions_for(request.user).select_related("blob"), pk=version)
        if self.inline and found.blob.content_type not in SHOWN_INLINE:
            return redirect("document-file", found.pk)
        return self.stream(found)

    def stream(self, version: DocumentVersion | VisitFile) -> HttpResponse | FileResponse:
        blob = version.blob
        try:
            file = open_blob(blob)
        except FileNotFoundError as error:
            raise Http404(_("Không tìm thấy tệp trong kho lưu trữ.")) from error
        response = FileResponse(
            file, as_attachment=not self.inline, filename=version.filename, content_type=blob.content_type
        )
        response["Content-Length"] = str(blob.size)
        # A sandbox would switch the browser's PDF viewer off.
        shown_as_pdf = self.inline and blob.content_type == "application/pdf"
        response["Content-Security-Policy"] = FILE_POLICY if shown_as_pdf else f"{FILE_POLICY}; sandbox"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class DocumentPreviewView(DocumentFileView):
    """A PDF or a picture in the browser itself."""

    inline = True
