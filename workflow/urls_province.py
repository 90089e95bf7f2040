"""Screens of Sở Nội vụ and UBND tỉnh."""

from __future__ import annotations

from django.urls import path

from .views.cycle_rules import CycleRulesView
from .views.province import CloseCollectionView, MergeSurveyView, OpenCycleView
from .views.province_results import DecideView, ProposeView, PublishView

urlpatterns = [
    path("dot/<int:cycle>/quy-dinh/", CycleRulesView.as_view(), name="cycle-rules"),
    path("dot/<int:cycle>/mo-dot/", OpenCycleView.as_view(), name="open-cycle"),
    path("dot/<int:cycle>/ket-thuc-nhan-ho-so/", CloseCollectionView.as_view(), name="close-collection"),
    path("dot/<int:cycle>/tong-hop-dieu-tra/", MergeSurveyView.as_view(), name="merge-survey"),
    path("dot/<int:cycle>/trinh-ket-qua/", ProposeView.as_view(), name="propose"),
    path("dot/<int:cycle>/quyet-dinh/", DecideView.as_view(), name="decide"),
    path("dot/<int:cycle>/cong-bo/", PublishView.as_view(), name="publish"),
]
