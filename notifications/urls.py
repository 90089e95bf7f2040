"""Notices to the person who is signed in, and the outbox for Sở Nội vụ."""

from __future__ import annotations

from django.urls import path

from .views import NoticesView, OutboxView

urlpatterns = [
    path("thong-bao/", NoticesView.as_view(), name="notices"),
    path("thong-bao/thu-da-gui/", OutboxView.as_view(), name="outbox"),
]
