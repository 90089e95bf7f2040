"""Meetings of the council."""

from __future__ import annotations

from django.urls import path

from .views.sessions import MatterView, ProjectorView, SessionMinutesView, SessionsView, SessionView

SESSION = "dot/<int:cycle>/phien-hop/<int:session>/"

urlpatterns = [
    path("dot/<int:cycle>/phien-hop/", SessionsView.as_view(), name="sessions"),
    path(SESSION, SessionView.as_view(), name="session"),
    path(f"{SESSION}noi-dung/<int:item>/", MatterView.as_view(), name="session-matter"),
    path(f"{SESSION}trinh-chieu/<int:item>/", ProjectorView.as_view(), name="session-projector"),
    path(f"{SESSION}bien-ban.pdf", SessionMinutesView.as_view(), name="session-minutes-pdf"),
    path(f"{SESSION}bien-ban.docx", SessionMinutesView.as_view(extension="docx"), name="session-minutes-docx"),
]
