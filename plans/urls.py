"""Addresses of plans."""

from __future__ import annotations

from django.urls import path

from .views.days import HolidayDeleteView, HolidaysView
from .views.editing import (
    GroupView,
    MemberDeleteView,
    PlanCloneView,
    PlanEditView,
    TargetDeleteView,
    TargetEditView,
    TaskDeleteView,
    TaskEditView,
)
from .views.figures import TargetFigureView
from .views.imports import DaysFileView, DaysImportView, PlanImportView
from .views.reading import (
    ExportView,
    MonthView,
    PlansView,
    PlanView,
    ReportsExportView,
    TemplateFileView,
    TimelineView,
)

urlpatterns = [
    path("ke-hoach/", PlansView.as_view(), name="plans"),
    path("ke-hoach/moi/", PlanEditView.as_view(), name="plan-edit"),
    path("ke-hoach/nhap/", PlanImportView.as_view(), name="plan-import"),
    path("ke-hoach/mau.xlsx", TemplateFileView.as_view(), name="plan-template"),
    path("ke-hoach/lich/", MonthView.as_view(), name="plan-month"),
    path("ke-hoach/lich/<int:year>/<int:month>/", MonthView.as_view(), name="plan-month"),
    path("ke-hoach/ngay-nghi/", HolidaysView.as_view(), name="holidays"),
    path("ke-hoach/ngay-nghi/nhap/", DaysImportView.as_view(), name="holiday-import"),
    path("ke-hoach/ngay-nghi/xuat/", DaysFileView.as_view(), name="holiday-export"),
    path("ke-hoach/ngay-nghi/<int:holiday>/xoa/", HolidayDeleteView.as_view(), name="holiday-delete"),
    path("ke-hoach/<int:plan>/", PlanView.as_view(), name="plan"),
    path("ke-hoach/<int:plan>/bieu-do/", TimelineView.as_view(), name="plan-timeline"),
    path("ke-hoach/<int:plan>/xuat/", ExportView.as_view(), name="plan-export"),
    path("ke-hoach/<int:plan>/bao-cao.xlsx", ReportsExportView.as_view(), name="plan-reports-export"),
    path("ke-hoach/<int:plan>/chi-tieu/<int:target>/so-lieu/", TargetFigureView.as_view(), name="plan-target-figure"),
    path("ke-hoach/<int:plan>/sua/", PlanEditView.as_view(), name="plan-edit"),
    path("ke-hoach/<int:plan>/sao/", PlanCloneView.as_view(), name="plan-clone"),
    path("ke-hoach/<int:plan>/nhap/", PlanImportView.as_view(), name="plan-import"),
    path("ke-hoach/<int:plan>/nhiem-vu/them/", TaskEditView.as_view(), name="plan-task-edit"),
    path("ke-hoach/<int:plan>/nhiem-vu/<int:task>/", TaskEditView.as_view(), name="plan-task-edit"),
    path("ke-hoach/<int:plan>/nhiem-vu/<int:task>/xoa/", TaskDeleteView.as_view(), name="plan-task-delete"),
    path("ke-hoach/<int:plan>/chi-tieu/them/", TargetEditView.as_view(), name="plan-target-edit"),
    path("ke-hoach/<int:plan>/chi-tieu/<int:target>/", TargetEditView.as_view(), name="plan-target-edit"),
    path("ke-hoach/<int:plan>/chi-tieu/<int:target>/xoa/", TargetDeleteView.as_view(), name="plan-target-delete"),
    path("ke-hoach/<int:plan>/to-cong-tac/<int:group>/", GroupView.as_view(), name="plan-group"),
    path(
        "ke-hoach/<int:plan>/to-cong-tac/<int:group>/thanh-vien/<int:member>/xoa/",
        MemberDeleteView.as_view(),
        name="plan-member-delete",
    ),
]
