"""Documents to take away, in the formats of offices."""

from __future__ import annotations

from django.urls import path

from .views.documents import ReceiptView, ResultAnnexView, SelfReportView

urlpatterns = [
    path("ho-so/<int:dossier>/bien-nhan.pdf", ReceiptView.as_view(), name="receipt-pdf"),
    path("ho-so/<int:dossier>/bao-cao-tu-danh-gia.pdf", SelfReportView.as_view(), name="self-report-pdf"),
    path(
        "ho-so/<int:dossier>/bao-cao-tu-danh-gia.docx",
        SelfReportView.as_view(extension="docx"),
        name="self-report-docx",
    ),
    path("dot/<int:cycle>/ket-qua/phu-luc.pdf", ResultAnnexView.as_view(), name="result-annex-pdf"),
    path("dot/<int:cycle>/ket-qua/phu-luc.docx", ResultAnnexView.as_view(extension="docx"), name="result-annex-docx"),
]
