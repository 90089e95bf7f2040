"""Reminder rules of a cycle, or of a plan's reports, and what they will send."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views.reminders import (
    ForecastExcelView,
    ForecastView,
    ReminderRulesView,
    ReminderRuleView,
    RuleSwitchView,
)


def pages(under: str, prefix: str) -> list[URLPattern]:
    """The same pages for a cycle and for a plan."""
    return [
        path(f"{under}/nhac-viec/", ReminderRulesView.as_view(), name=f"{prefix}reminder-rules"),
        path(f"{under}/nhac-viec/them/", ReminderRuleView.as_view(), name=f"{prefix}reminder-rule-add"),
        path(f"{under}/nhac-viec/<int:rule>/", ReminderRuleView.as_view(), name=f"{prefix}reminder-rule"),
        path(f"{under}/nhac-viec/<int:rule>/bat-tat", RuleSwitchView.as_view(), name=f"{prefix}reminder-rule-switch"),
        path(f"{under}/nhac-viec/du-kien/", ForecastView.as_view(), name=f"{prefix}reminder-forecast"),
        path(f"{under}/nhac-viec/du-kien.xlsx", ForecastExcelView.as_view(), name=f"{prefix}reminder-forecast-excel"),
    ]


urlpatterns = [*pages("dot/<int:cycle>", ""), *pages("ke-hoach/<int:plan>", "plan-")]
