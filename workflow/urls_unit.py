"""Screens of the units: dossiers, scoring sheet, evidence, the steps up to sending and after it."""

from __future__ import annotations

from django.urls import path

from .views.lost_points import LostPointsView, LostPointsWorkbookView
from .views.unit import DossiersView, DossierView, HistoryView, ReceiptView
from .views.unit_assign import AssignView
from .views.unit_evidence import AttachDocumentView, DetachDocumentView, QuoteDocumentView, ScoreEvidenceView
from .views.unit_library import AttachManyView, DocumentView, LibraryView
from .views.unit_report import SelfReportView
from .views.unit_rows import CommentsView, ResolveCommentView, RowHistoryView
from .views.unit_sending import ApproveView, CheckView, ResolveNoteView, SubmitView, TakeBackView
from .views.unit_sheet import SaveScoreView, SheetRowsView, SheetView
from .views.unit_steps import RespondView, SupplementView

urlpatterns = [
    path("ho-so/", DossiersView.as_view(), name="dossiers"),
    path("ho-so/<int:dossier>/", DossierView.as_view(), name="dossier"),
    path("ho-so/<int:dossier>/lich-su/", HistoryView.as_view(), name="history"),
    path("ho-so/<int:dossier>/bien-nhan/", ReceiptView.as_view(), name="receipt"),
    path("ho-so/<int:dossier>/phan-cong/", AssignView.as_view(), name="assign"),
    path("ho-so/<int:dossier>/linh-vuc/<int:domain>/", SheetView.as_view(), name="sheet"),
    path("ho-so/<int:dossier>/dong", SheetRowsView.as_view(), name="sheet-rows"),
    path("ho-so/<int:dossier>/tieu-chi/<int:score>/luu", SaveScoreView.as_view(), name="save-score"),
    path("ho-so/<int:dossier>/trao-doi/<int:criterion>/", CommentsView.as_view(), name="comments"),
    path(
        "ho-so/<int:dossier>/trao-doi/<int:criterion>/<int:note>/xong",
        ResolveCommentView.as_view(),
        name="resolve-comment",
    ),
    path("ho-so/<int:dossier>/tieu-chi/<int:score>/lich-su/", RowHistoryView.as_view(), name="row-history"),
    path("ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/", ScoreEvidenceView.as_view(), name="score-evidence"),
    path(
        "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/dung/<int:version>",
        AttachDocumentView.as_view(),
        name="attach-document",
    ),
    path(
        "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/<int:link>/trich-dan",
        QuoteDocumentView.as_view(),
        name="quote-document",
    ),
    path(
        "ho-so/<int:dossier>/tieu-chi/<int:score>/tai-lieu/<int:link>/bo",
        DetachDocumentView.as_view(),
        name="detach-document",
    ),
    path("ho-so/<int:dossier>/ra-soat/", CheckView.as_view(), name="check"),
    path("ho-so/<int:dossier>/phe-duyet/", ApproveView.as_view(), name="approve"),
    path("ho-so/<int:dossier>/gui/", SubmitView.as_view(), name="submit"),
    path("ho-so/<int:dossier>/rut-lai/", TakeBackView.as_view(), name="take-back"),
    path("ho-so/<int:dossier>/bao-cao/", SelfReportView.as_view(), name="self-report"),
    path("ho-so/<int:dossier>/y-kien/<int:note>/da-sua", ResolveNoteView.as_view(), name="resolve-note"),
    path("ho-so/<int:dossier>/bo-sung/", SupplementView.as_view(), name="supplement"),
    path("ho-so/<int:dossier>/ket-qua-du-kien/", RespondView.as_view(), name="respond"),
    path("ho-so/<int:dossier>/vi-sao-mat-diem/", LostPointsView.as_view(), name="lost-points"),
    path("ho-so/<int:dossier>/vi-sao-mat-diem.xlsx", LostPointsWorkbookView.as_view(), name="lost-points-xlsx"),
    path("kho-tai-lieu/", LibraryView.as_view(), name="library"),
    path("kho-tai-lieu/<int:document>/", DocumentView.as_view(), name="document"),
    path("kho-tai-lieu/<int:document>/dung", AttachManyView.as_view(), name="attach-criteria"),
]
