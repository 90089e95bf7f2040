"""Files of the evidence room."""

from __future__ import annotations

from django.urls import path

from .views import DocumentFileView, DocumentPreviewView

urlpatterns = [
    path("tai-lieu/<int:version>/tai-ve", DocumentFileView.as_view(), name="document-file"),
    path("tai-lieu/<int:version>/xem", DocumentPreviewView.as_view(), name="document-view"),
]
