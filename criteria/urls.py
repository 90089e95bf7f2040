"""Criteria sets: reading, editing, Excel, consultation, trying out."""

from __future__ import annotations

from django.urls import path

from .views import consultation

urlpatterns = [
    path("bo-chi-so/lay-y-kien/", consultation.ConsultationsView.as_view(), name="consultations"),
    path("bo-chi-so/lay-y-kien/<int:consultation>/", consultation.ConsultationView.as_view(), name="consultation"),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/gop-y/<int:unit>/<str:domain>/",
        consultation.CommentView.as_view(),
        name="consultation-comment",
    ),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/tra-loi/<int:comment>/",
        consultation.AnswerView.as_view(),
        name="comment-answer",
    ),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/gia-han/",
        consultation.ProlongView.as_view(),
        name="consultation-prolong",
    ),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/ket-thuc/", consultation.CloseView.as_view(), name="consultation-close"
    ),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/cong-bo/",
        consultation.PublishView.as_view(),
        name="consultation-publish",
    ),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/tong-hop.docx",
        consultation.ConsolidatedView.as_view(kind="word"),
        name="consultation-word",
    ),
    path(
        "bo-chi-so/lay-y-kien/<int:consultation>/tong-hop.xlsx",
        consultation.ConsolidatedView.as_view(kind="excel"),
        name="consultation-excel",
    ),
    path(
        "bo-chi-so/<int:criteria_set>/lay-y-kien/",
        consultation.OpenConsultationView.as_view(),
        name="consultation-open",
    ),
]
