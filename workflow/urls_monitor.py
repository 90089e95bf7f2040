"""The monitor and what can be taken away from it."""

from __future__ import annotations

from django.urls import path

from .views.monitor import ExportView, LetterView, MonitorView, PlanView, RankingView, UnitView, WaitingView
from .views.monitor_saved import DeleteSavedView, SavedViewsView, SavedViewView

urlpatterns = [
    path("dot/<int:cycle>/theo-doi/", MonitorView.as_view(), name="monitor"),
    path("dot/<int:cycle>/theo-doi/don-vi/<int:unit>/", UnitView.as_view(), name="monitor-unit"),
    path("dot/<int:cycle>/theo-doi/cho-o-dau/", WaitingView.as_view(), name="monitor-waiting"),
    path("dot/<int:cycle>/theo-doi/dung-han/", RankingView.as_view(), name="monitor-ranking"),
    path("dot/<int:cycle>/theo-doi/ke-hoach/", PlanView.as_view(), name="monitor-plan"),
    path("dot/<int:cycle>/theo-doi/thu-tuan/", LetterView.as_view(), name="monitor-letter"),
    path("dot/<int:cycle>/theo-doi/tien-do.xlsx", ExportView.as_view(), name="monitor-workbook"),
    path("dot/<int:cycle>/theo-doi/tien-do.pdf", ExportView.as_view(extension="pdf"), name="monitor-pdf"),
    path("dot/<int:cycle>/theo-doi/che-do-xem/", SavedViewsView.as_view(), name="monitor-views"),
    path("dot/<int:cycle>/theo-doi/che-do-xem/<int:saved>/", SavedViewView.as_view(), name="monitor-view"),
    path("dot/<int:cycle>/theo-doi/che-do-xem/<int:saved>/xoa", DeleteSavedView.as_view(), name="monitor-view-delete"),
]
