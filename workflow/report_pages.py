"""What the pages of reports on tasks show: chips, the dialogue, documents, lists. Constant queries for any number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from assessments.models import ReportEvidence
from plans.calendar import Timeliness, days_left_words
from plans.models import PlanTask
from plans.pages import number_words
from plans.reporting import Provinces
from plans.reports import ReportEntry, TargetFigure, TaskReport
from units import access, clock
from units.models import Unit
from units.permissions import Perm


@dataclass(frozen=True)
class Line:
    """One word of the dialogue on a report."""

    at: dt.datetime
    who: str
    words: str
    reason: str


def state_chip(report: TaskReport) -> dict[str, str]:
    """Where a report stands; red only while it is owed and its time is over."""
    if report.is_open:
        left = days_left_words(report.deadline.days_left(clock.now()))
        if report.is_late(clock.now()) and report.arrived_at is None:
            return {"state": "late", "icon": "clock-history", "text": left}
        if report.state == TaskReport.State.RETURNED:
            return {"state": "soon", "icon": "arrow-counterclockwise", "text": _("Trả lại, chờ báo cáo lại")}
        return {"state": "mute", "icon": "", "text": left}
    if report.state == TaskReport.State.SENT:
        return {"state": "info", "icon": "hourglass-split", "text": _("Chờ xác nhận")}
    return {"state": "ok", "icon": "check-lg", "text": _("Đã xác nhận")}


def timeliness_words(report: TaskReport) -> str:
    """Whether it first arrived in time; empty before it did."""
    if report.arrived_at is None:
        return ""
    found = Timeliness.LATE if report.is_late(clock.now()) else Timeliness.ON_TIME
    return _("gửi %(state)s") % {"state": found.words}


def whole(reports: QuerySet[TaskReport]) -> QuerySet[TaskReport]:
    """Reports with everything that a page tells of them, in five queries."""
    return reports.select_related("task__plan", "unit", "province", "reported_by", "verified_by").prefetch_related(
        Prefetch("entries", ReportEntry.objects.select_related("by").order_by("seq")),
        Prefetch("entries__figures", TargetFigure.objects.select_related("target").order_by("target__order")),
        Prefetch("evidence", ReportEvidence.objects.select_related("version__document", "version__blob")),
    )


def dialogue(report: TaskReport) -> list[Line]:
    """Everything that was said on a report, newest first."""
    return [
        Line(entry.at, str(entry.by), _entry_words(entry), entry.text) for entry in reversed(list(report.entries.all()))
    ]


def _entry_words(entry: ReportEntry) -> str:
    if entry.kind == ReportEntry.Kind.RETURNED:
        return _("trả lại báo cáo")
    if entry.kind == ReportEntry.Kind.ACCEPTED:
        return _("xác nhận báo cáo")
    words = _("ghi thay báo cáo: %(share)s %%") if entry.on_behalf else _("báo cáo: %(share)s %%")
    assert entry.percentage is not None
    parts = [words % {"share": number_words(entry.percentage)}]
    parts += [
        f"{figure.target.number}: {number_words(figure.value)} {figure.target.unit}".strip()
        for figure in entry.figures.all()
    ]
    return "; ".join(parts)


def last_figures(report: TaskReport) -> dict[int, Decimal]:
    """The figures of the last time the report was sent, by target."""
    sent = [entry for entry in report.entries.all() if entry.kind == ReportEntry.Kind.SENT]
    return {figure.target_id: figure.value for figure in sent[-1].figures.all()} if sent else {}


def card(report: TaskReport) -> dict[str, Any]:
    """One report of a task's history; `report` must be `whole`."""
    return {
        "report": report,
        "chip": state_chip(report),
        "timeliness": timeliness_words(report),
        "lines": dialogue(report),
        "evidence": list(report.evidence.all()),
    }


def rows(reports: Sequence[TaskReport]) -> list[dict[str, Any]]:
    """Reports of a list with their chips."""
    return [{"report": row, "chip": state_chip(row), "timeliness": timeliness_words(row)} for row in reports]


def own_leads(user: Any, task: PlanTask) -> list[Unit]:
    """Lead units of `task` for which `user` may begin a report: the own ones, and all for Sở Nội vụ."""
    leads = task.leads.filter(active=True).order_by("kind", "order", "code")
    own = set(access.object_ids(Perm.REPORT_PROGRESS, user, Unit))
    provinces = set(access.object_ids(Perm.MANAGE_PLANS, user, Unit))
    if not provinces:
        return [unit for unit in leads if unit.pk in own]
    above = Provinces()
    return [unit for unit in leads if unit.pk in own or above.of(unit).pk in provinces]
