"""Reminder rules of a cycle and what they will send."""

from __future__ import annotations

from django.urls import path

from .views.reminders import (
    ForecastExcelView,
    ForecastView,
    ReminderRulesView,
    ReminderRuleView,
    RuleSwitchView,
)

urlpatterns = [
    path("dot/<int:cycle>/nhac-viec/", ReminderRulesView.as_view(), name="reminder-rules"),
    path("dot/<int:cycle>/nhac-viec/them/", ReminderRuleView.as_view(), name="reminder-rule-add"),
    path("dot/<int:cycle>/nhac-viec/<int:rule>/", ReminderRuleView.as_view(), name="reminder-rule"),
    path("dot/<int:cycle>/nhac-viec/<int:rule>/bat-tat", RuleSwitchView.as_view(), name="reminder-rule-switch"),
    path("dot/<int:cycle>/nhac-viec/du-kien/", ForecastView.as_view(), name="reminder-forecast"),
    path("dot/<int:cycle>/nhac-viec/du-kien.xlsx", ForecastExcelView.as_view(), name="reminder-forecast-excel"),
]
