"""Screens of the council: appraisal, review, appeals, conclusion."""

from __future__ import annotations

from django.urls import path

from .views.consensus import AgreeScoreView
from .views.council import AcceptRestView, AppraisalsView, AppraiseDomainView, AppraiseScoreView
from .views.council_review import ConcludeCycleView, HearView, ReviewView
from .views.overview import LookView, OverviewView, OverviewWorkbookView
from .views.side_by_side import AppraiseCriterionView, LookAtCriterionView

urlpatterns = [
    path("tham-dinh/", AppraisalsView.as_view(), name="appraisals"),
    path(
        "dot/<int:cycle>/tham-dinh/tieu-chi/<int:criterion>/",
        AppraiseCriterionView.as_view(),
        name="appraise-criterion",
    ),
    path(
        "dot/<int:cycle>/tham-dinh/tieu-chi/<int:criterion>/da-xem",
        LookAtCriterionView.as_view(),
        name="appraise-criterion-look",
    ),
    path("ho-so/<int:dossier>/tham-dinh/<int:domain>/", AppraiseDomainView.as_view(), name="appraise-domain"),
    path("ho-so/<int:dossier>/tham-dinh/<int:domain>/chap-nhan", AcceptRestView.as_view(), name="accept-rest"),
    path("ho-so/<int:dossier>/tham-dinh/<int:score>/luu", AppraiseScoreView.as_view(), name="appraise-score"),
    path("ho-so/<int:dossier>/tong-hop/", ReviewView.as_view(), name="review"),
    path("ho-so/<int:dossier>/tong-hop/<int:score>/thong-nhat", AgreeScoreView.as_view(), name="agree-score"),
    path("ho-so/<int:dossier>/xem-xet-kien-nghi/", HearView.as_view(), name="hear"),
    path("ho-so/<int:dossier>/tham-dinh/<int:domain>/da-xem", LookView.as_view(), name="appraise-look"),
    path("dot/<int:cycle>/tham-dinh/tong-quan/", OverviewView.as_view(), name="appraisal-overview"),
    path("dot/<int:cycle>/tham-dinh/tong-quan.xlsx", OverviewWorkbookView.as_view(), name="appraisal-overview-xlsx"),
    path("dot/<int:cycle>/ket-luan/", ConcludeCycleView.as_view(), name="conclude-cycle"),
]
