"""Documents to take away: receipt, self-report, annex of results. Each is found among those the person may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.generic import View

from assessments.models import Cycle, Dossier, LedgerEntry, SelfReport
from assessments.visibility import cycles_for
from results.documents.letterhead import committee_of
from results.documents.model import Document
from results.documents.pdf import pdf
from results.documents.receipt import receipt
from results.documents.result_annex import Decision, annex_of, result_annex
from results.documents.self_report import self_report
from results.documents.word import word
from results.views import results_for
from units import access, clock
from units.models import Unit
from units.permissions import Perm
from units.web import SignedInRequest

FORMATS: dict[str, tuple[Callable[[Document], bytes], str]] = {
    "pdf": (pdf, "application/pdf"),
    "docx": (word, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


class DocumentView(LoginRequiredMixin, View):
    """A document as a download in the format named by `extension`."""

    request: SignedInRequest
    http_method_names = ["get", "head", "options"]
    extension = "pdf"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        name, document = self.document(**kwargs)
        render, media_type = FORMATS[self.extension]
        words = f"{name} minh họa" if document.illustrative else name
        filename = slugify(words.replace("đ", "d").replace("Đ", "D"))
        response = HttpResponse(render(document), content_type=media_type)
        response["Content-Disposition"] = f'attachment; filename="{filename}.{self.extension}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response

    def document(self, **kwargs: Any) -> tuple[str, Document]:
        """Words for the file's name, and the document. Raises Http404."""
        raise NotImplementedError


def _with_names(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    return dossiers.select_related(
        "unit", "cycle__plan", "cycle__province", "cycle_group__criteria_set", "submitted_by", "approved_by"
    )


class ReceiptView(DocumentView):
    """Biên nhận, from the moment of sending: for the unit, and for whoever watches the cycle."""

    def document(self, **kwargs: Any) -> tuple[str, Document]:
        own = Q(unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, self.request.user, Unit))
        taken_back = LedgerEntry.objects.filter(action="take_back", dossier__isnull=False).values("dossier")
        was_sent = Q(submitted_at__isnull=False) | Q(pk__in=taken_back)
        watched = Q(cycle_id__in=access.object_ids(Perm.MONITOR, self.request.user, Cycle))
        sent = _with_names(Dossier.objects.filter(own | watched).filter(was_sent))
        dossier = get_object_or_404(sent, pk=kwargs["dossier"])
        return f"Biên nhận {dossier.unit.name} {dossier.cycle.year}", receipt(dossier)


class SelfReportView(DocumentView):
    """Báo cáo tự đánh giá, as the dossier stands: for the unit alone."""

    def document(self, **kwargs: Any) -> tuple[str, Document]:
        own = Dossier.objects.filter(unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, self.request.user, Unit))
        dossier = get_object_or_404(_with_names(own), pk=kwargs["dossier"])
        words = SelfReport.objects.filter(dossier=dossier).first() or SelfReport()
        return f"Báo cáo tự đánh giá {dossier.unit.name} {dossier.cycle.year}", self_report(
            dossier, difficulties=words.difficulties, proposals=words.proposals
        )


class ResultAnnexView(DocumentView):
    """The table of results as an annex: what was published, else the draft with what it rests on."""

    def document(self, **kwargs: Any) -> tuple[str, Document]:
        cycles = cycles_for(self.request.user, Perm.VIEW_RESULTS).select_related("province")
        cycle = get_object_or_404(cycles, pk=kwargs["cycle"])
        shown = results_for(self.request.user, cycle)
        if shown.publication is not None:
            return f"Phụ lục kết quả {cycle.year}", annex_of(shown.publication)
        decision = Decision(committee_of(cycle.province), clock.today().year)
        status = f"(Dự thảo. {shown.note})"
        annex = result_annex(cycle.name, shown.groups, decision, status=status)
        return f"Phụ lục kết quả {cycle.year} dự thảo", annex
