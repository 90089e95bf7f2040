"""Reports on the tasks of plans."""

from __future__ import annotations

from django.urls import path

from .views.plan_reports import (
    AskView,
    BeginForBodyView,
    BeginView,
    DetachReportDocumentView,
    ReportsView,
    ReportView,
    TaskReportsView,
    VerifyView,
)

TASK = "ke-hoach/<int:plan>/nhiem-vu/<int:task>/bao-cao/"

urlpatterns = [
    path("ke-hoach/bao-cao/", ReportsView.as_view(), name="plan-reports"),
    path("ke-hoach/bao-cao/<int:report>/", ReportView.as_view(), name="plan-report"),
    path("ke-hoach/bao-cao/<int:report>/xac-nhan/", VerifyView.as_view(), name="plan-report-verify"),
    path(
        "ke-hoach/bao-cao/<int:report>/tai-lieu/<int:link>/bo",
        DetachReportDocumentView.as_view(),
        name="plan-report-detach",
    ),
    path(TASK, TaskReportsView.as_view(), name="plan-task-reports"),
    path(f"{TASK}bat-dau", BeginView.as_view(), name="plan-report-begin"),
    path(f"{TASK}ghi-thay", BeginForBodyView.as_view(), name="plan-report-for-body"),
    path(f"{TASK}yeu-cau", AskView.as_view(), name="plan-report-ask"),
]
