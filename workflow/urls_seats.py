"""Screens about the council itself: seats, ways of working, conflicts of interest, sharing out."""

from __future__ import annotations

from django.urls import path

from .views.conflicts import ConflictsView, WithdrawConflictView
from .views.council_seats import (
    CouncilAddView,
    CouncilDecisionView,
    CouncilRulesView,
    CouncilSeatView,
    CouncilView,
    LeadDomainsView,
    SwitchSeatView,
)
from .views.sharing import GiveView, ShareOutView, SharingView

COUNCIL = "dot/<int:cycle>/hoi-dong/"

urlpatterns = [
    path(COUNCIL, CouncilView.as_view(), name="council"),
    path(f"{COUNCIL}quyet-dinh/", CouncilDecisionView.as_view(), name="council-decision"),
    path(f"{COUNCIL}cach-lam-viec/", CouncilRulesView.as_view(), name="council-rules"),
    path(f"{COUNCIL}them/", CouncilAddView.as_view(), name="council-add"),
    path(f"{COUNCIL}thanh-vien/<int:seat>/", CouncilSeatView.as_view(), name="council-seat"),
    path(f"{COUNCIL}thanh-vien/<int:seat>/tham-gia", SwitchSeatView.as_view(), name="council-seat-switch"),
    path(f"{COUNCIL}giao-theo-co-quan", LeadDomainsView.as_view(), name="council-lead-domains"),
    path(f"{COUNCIL}xung-dot/", ConflictsView.as_view(), name="council-conflicts"),
    path(f"{COUNCIL}xung-dot/<int:conflict>/rut", WithdrawConflictView.as_view(), name="council-conflict-withdraw"),
    path(f"{COUNCIL}phan-cong/", SharingView.as_view(), name="council-sharing"),
    path(f"{COUNCIL}phan-cong/chia-deu", ShareOutView.as_view(), name="council-share-out"),
    path(f"{COUNCIL}phan-cong/<int:appraisal>/", GiveView.as_view(), name="council-give"),
]
