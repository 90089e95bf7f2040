"""Notices to the person who is signed in, and the outbox for Sở Nội vụ."""

from __future__ import annotations

from django.urls import path

from .preference_views import PreferencesView
from .views import NoticeOpenView, NoticesView, OutboxView, SendAgainView

urlpatterns = [
    path("thong-bao/", NoticesView.as_view(), name="notices"),
    path("thong-bao/tuy-chon/", PreferencesView.as_view(), name="notification-preferences"),
    path("thong-bao/<int:notice>/mo", NoticeOpenView.as_view(), name="notice-open"),
    path("thong-bao/thu-da-gui/", OutboxView.as_view(), name="outbox"),
    path("thong-bao/thu-da-gui/<int:notice>/gui-lai", SendAgainView.as_view(), name="notice-send-again"),
]
