"""On-site verification."""

from __future__ import annotations

from django.urls import path

from .views.site_visits import SiteVisitsView, SiteVisitView, VisitFileView

urlpatterns = [
    path("ho-so/<int:dossier>/kiem-tra-thuc-te/", SiteVisitsView.as_view(), name="site-visits"),
    path("ho-so/<int:dossier>/kiem-tra-thuc-te/<int:visit>/", SiteVisitView.as_view(), name="site-visit"),
    path("kiem-tra-thuc-te/tep/<int:file>", VisitFileView.as_view(), name="visit-file"),
]
