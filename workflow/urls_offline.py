"""Working offline with a workbook."""

from __future__ import annotations

from django.urls import path

from .views.offline import OfflineCompareView, OfflineDownloadView, OfflineResultView, OfflineView

urlpatterns = [
    path("ho-so/<int:dossier>/ngoai-tuyen/", OfflineView.as_view(), name="offline"),
    path("ho-so/<int:dossier>/ngoai-tuyen/tai-xuong", OfflineDownloadView.as_view(), name="offline-download"),
    path("ho-so/<int:dossier>/ngoai-tuyen/so-sanh/<str:token>/", OfflineCompareView.as_view(), name="offline-compare"),
    path("ho-so/<int:dossier>/ngoai-tuyen/ket-qua/<uuid:key>/", OfflineResultView.as_view(), name="offline-result"),
]
