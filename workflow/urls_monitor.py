"""The monitor and what can be taken away from it."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views.monitor import LetterView, MonitorView, PlanView, RankingView, UnitView, WaitingView
from .views.monitor_export import ExportView, PlanExport, RankingExport, UnitsExport, WaitingExport
from .views.monitor_saved import DeleteSavedView, SavedViewsView, SavedViewView


def files(name: str, view: type[ExportView], page: str) -> list[URLPattern]:
    """A page as Excel and as PDF."""
    return [
        path(f"dot/<int:cycle>/theo-doi/{name}.xlsx", view.as_view(), name=f"{page}-workbook"),
        path(f"dot/<int:cycle>/theo-doi/{name}.pdf", view.as_view(extension="pdf"), name=f"{page}-pdf"),
    ]


urlpatterns = [
    path("dot/<int:cycle>/theo-doi/", MonitorView.as_view(), name="monitor"),
    path("dot/<int:cycle>/theo-doi/don-vi/<int:unit>/", UnitView.as_view(), name="monitor-unit"),
    path("dot/<int:cycle>/theo-doi/cho-o-dau/", WaitingView.as_view(), name="monitor-waiting"),
    path("dot/<int:cycle>/theo-doi/dung-han/", RankingView.as_view(), name="monitor-ranking"),
    path("dot/<int:cycle>/theo-doi/ke-hoach/", PlanView.as_view(), name="monitor-plan"),
    path("dot/<int:cycle>/theo-doi/thu-tuan/", LetterView.as_view(), name="monitor-letter"),
    *files("tien-do", UnitsExport, "monitor"),
    *files("cho-o-dau", WaitingExport, "monitor-waiting"),
    *files("dung-han", RankingExport, "monitor-ranking"),
    *files("ke-hoach", PlanExport, "monitor-plan"),
    path("dot/<int:cycle>/theo-doi/che-do-xem/", SavedViewsView.as_view(), name="monitor-views"),
    path("dot/<int:cycle>/theo-doi/che-do-xem/<int:saved>/", SavedViewView.as_view(), name="monitor-view"),
    path("dot/<int:cycle>/theo-doi/che-do-xem/<int:saved>/xoa", DeleteSavedView.as_view(), name="monitor-view-delete"),
]
