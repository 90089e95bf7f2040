"""Addresses of units and people."""

from __future__ import annotations

from django.urls import path

from .views import EndSubstitutionView, SubstitutionsView

urlpatterns = [
    path("nghi-phep/", SubstitutionsView.as_view(), name="substitutions"),
    path("nghi-phep/<int:substitution>/ket-thuc", EndSubstitutionView.as_view(), name="substitution-end"),
]
