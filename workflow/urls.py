"""Screens that finish a task, by side of the house."""

from __future__ import annotations

from django.urls import path

from .urls_council import urlpatterns as council
from .urls_deadlines import urlpatterns as deadlines
from .urls_documents import urlpatterns as documents
from .urls_monitor import urlpatterns as monitor
from .urls_offline import urlpatterns as offline
from .urls_plans import urlpatterns as plans
from .urls_province import urlpatterns as province
from .urls_reminders import urlpatterns as reminders
from .urls_seats import urlpatterns as seats
from .urls_sessions import urlpatterns as sessions
from .urls_unit import urlpatterns as unit
from .urls_visits import urlpatterns as visits
from .views.inbox import InboxView

urlpatterns = [
    path("", InboxView.as_view(), name="inbox"),
    *unit,
    *council,
    *seats,
    *province,
    *monitor,
    *documents,
    *offline,
    *deadlines,
    *plans,
    *reminders,
    *sessions,
    *visits,
]
