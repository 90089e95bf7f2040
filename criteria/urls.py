"""Criteria sets: reading, editing, Excel, consultation, trying out."""

from __future__ import annotations

from django.urls import path

from .views import comments, consultation, editing, exchange, sets, whatif

_SET = "bo-chi-so/<int:criteria_set>/"
_ASK = "bo-chi-so/lay-y-kien/<int:consultation>/"

urlpatterns = [
    path("bo-chi-so/", sets.SetsView.as_view(), name="criteria-sets"),
    path("bo-chi-so/mau.xlsx", exchange.TemplateView.as_view(), name="criteria-template"),
    path("bo-chi-so/nhap/", exchange.ImportView.as_view(), name="criteria-import"),
    path("bo-chi-so/cach-cham/", editing.RuleWordsView.as_view(), name="rule-words"),
    path("bo-chi-so/lay-y-kien/", consultation.ConsultationsView.as_view(), name="consultations"),
    path(_ASK, consultation.ConsultationView.as_view(), name="consultation"),
    path(f"{_ASK}gop-y/<int:unit>/<str:domain>/", comments.CommentView.as_view(), name="consultation-comment"),
    path(f"{_ASK}tra-loi/<int:comment>/", consultation.AnswerView.as_view(), name="comment-answer"),
    path(f"{_ASK}gia-han/", consultation.ProlongView.as_view(), name="consultation-prolong"),
    path(f"{_ASK}ket-thuc/", consultation.CloseView.as_view(), name="consultation-close"),
    path(f"{_ASK}cong-bo/", consultation.PublishView.as_view(), name="consultation-publish"),
    path(f"{_ASK}tong-hop.docx", consultation.ConsolidatedView.as_view(kind="word"), name="consultation-word"),
    path(f"{_ASK}tong-hop.xlsx", consultation.ConsolidatedView.as_view(kind="excel"), name="consultation-excel"),
    path(_SET, sets.SetView.as_view(), name="criteria-set"),
    path(f"{_SET}thong-tin/", sets.SettingsView.as_view(), name="criteria-settings"),
    path(f"{_SET}muc-xep-loai/", editing.BandsView.as_view(), name="criteria-bands"),
    path(f"{_SET}them/", editing.AddCriterionView.as_view(), name="criterion-add"),
    path(f"{_SET}tieu-chi/<str:code>/", editing.EditCriterionView.as_view(), name="criterion-edit"),
    path(f"{_SET}tieu-chi/<str:code>/doi-cho/", editing.ShiftView.as_view(), name="criterion-shift"),
    path(f"{_SET}tieu-chi/<str:code>/chuyen/", editing.MoveView.as_view(), name="criterion-move"),
    path(f"{_SET}tieu-chi/<str:code>/bo/", editing.RemoveView.as_view(), name="criterion-remove"),
    path(f"{_SET}lich-su/", sets.ChangesView.as_view(), name="criteria-changes"),
    path(f"{_SET}sao/", sets.CloneView.as_view(), name="criteria-clone"),
    path(f"{_SET}so-sanh/", sets.DiffView.as_view(), name="criteria-diff"),
    path(f"{_SET}khoa/", sets.FreezeView.as_view(), name="criteria-freeze"),
    path(f"{_SET}xuat.xlsx", exchange.ExportView.as_view(), name="criteria-export"),
    path(f"{_SET}nhap/", exchange.ImportIntoView.as_view(), name="criteria-import-into"),
    path(f"{_SET}tinh-thu/", whatif.WhatIfView.as_view(), name="criteria-whatif"),
    path(f"{_SET}tinh-thu/mau.xlsx", whatif.WhatIfTemplateView.as_view(), name="criteria-whatif-template"),
    path(f"{_SET}lay-y-kien/", consultation.OpenConsultationView.as_view(), name="consultation-open"),
]
