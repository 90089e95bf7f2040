"""The survey of a cycle."""

from __future__ import annotations

from django.urls import path

from .views import CollectedView, SurveyTemplateView, SurveyView

urlpatterns = [
    path("dot/<int:cycle>/dieu-tra/", SurveyView.as_view(), name="survey"),
    path("dot/<int:cycle>/dieu-tra/mau.xlsx", SurveyTemplateView.as_view(), name="survey-template"),
    path("dot/<int:cycle>/dieu-tra/phieu/<int:quota>/", CollectedView.as_view(), name="survey-collected"),
]
