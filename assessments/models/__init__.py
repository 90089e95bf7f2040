"""The cycle, one dossier per unit, its scores, the council that appraises them, and the ledger of every change."""

from __future__ import annotations

from .appraisal import Appeal, DomainAppraisal, RoundScore, SupplementItem, SupplementRequest
from .council import Council, CouncilMember, DeclaredConflict
from .cycle import Cycle, CycleGroup
from .dossier import Assignment, Dossier, ReviewNote
from .last_look import LastLook
from .records import LedgerEntry, RepeatedWrite
from .report_evidence import ReportEvidence
from .score import DIRECT_SOURCES, NOT_SELF_SCORED, Score, ScoreEvidence
from .self_report import SelfReport, SelfReportTotal
from .session import VOTING_ROLES, AgendaItem, Attendance, CouncilSession, Vote
from .site_visit import SiteFinding, SiteVisit, VisitFile
from .timekeeping import MOST_DAYS, Extension, InternalDeadline, Nudge, NudgedUnit

__all__ = [
    "DIRECT_SOURCES",
    "MOST_DAYS",
    "NOT_SELF_SCORED",
    "VOTING_ROLES",
    "AgendaItem",
    "Appeal",
    "Assignment",
    "Attendance",
    "Council",
    "CouncilMember",
    "CouncilSession",
    "Cycle",
    "CycleGroup",
    "DeclaredConflict",
    "DomainAppraisal",
    "Dossier",
    "Extension",
    "InternalDeadline",
    "LastLook",
    "LedgerEntry",
    "Nudge",
    "NudgedUnit",
    "RepeatedWrite",
    "ReportEvidence",
    "ReviewNote",
    "RoundScore",
    "Score",
    "ScoreEvidence",
    "SelfReport",
    "SelfReportTotal",
    "SiteFinding",
    "SiteVisit",
    "SupplementItem",
    "SupplementRequest",
    "VisitFile",
    "Vote",
]
