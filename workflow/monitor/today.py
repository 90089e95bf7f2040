"""What needs a decision or an action today, each with the page that leads to it.

Things of one kind stand in one entry, so that the list is as short for 4,000 units as for 29.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Cycle, SupplementRequest
from assessments.stages import Stage
from plans.calendar import Timeliness, days_left_words, local_date
from plans.models import Milestone
from plans.reports import TaskReport
from units import access, clock
from units.models import User
from units.permissions import Perm
from units.templatetags.cchc import Due, due

from ..forecast import AT_RISK
from ..inbox import inbox
from ..nudging import SHOW, UNSENT
from ..titles import action_label, item_title, item_url
from .shown import Chosen
from .standings import Standing

# An extension that ends within so many days is spoken of.
EXPIRES_DAYS = 3
# A dossier that stands still for so many local days is spoken of.
WAITS_DAYS = 5
WAITS_SHOWN = 3
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Need:
    """One thing to decide or to do, and the button that leads there."""

    title: str
    text: str
    state: str
    icon: str
    url: str
    button: str
    due: Due | None = None


def needs(user: User, cycle: Cycle, rows: Sequence[Standing]) -> list[Need]:
    """Everything of `cycle` that waits for `user`, or that whoever watches should act upon."""
    today = local_date(clock.now())
    return [
        *_steps(user, cycle),
        *_council(user, cycle),
        *_late(user, cycle, rows),
        *_expiring(cycle, rows, today),
        *_supplements(cycle, rows, today),
        *_behind_appraisal(cycle, rows),
        *_plan_reports(cycle, today),
        *_at_risk(cycle, rows),
        *_waiting(cycle, rows),
    ]


def names(units: Iterable[str]) -> str:
    """Three names, and how many more."""
    listed = list(units)
    text = ", ".join(listed[:NAMES_SHOWN])
    more = len(listed) - NAMES_SHOWN
    return text if more <= 0 else _("%(text)s và %(more)s đơn vị khác") % {"text": text, "more": more}


def _monitor(cycle: Cycle, **fields: object) -> str:
    return f"{reverse('monitor', args=[cycle.pk])}?{Chosen(dict(fields)).query()}#bang-don-vi"


def _steps(user: User, cycle: Cycle) -> Iterator[Need]:
    """The steps of the cycle itself that are the person's to take."""
    for item in inbox(user).filter(cycle=cycle, dossier=None):
        found = due(item.due_at)
        yield Need(
            title=item_title(item),
            text="",
            state="late" if found and found["state"] == "late" else "info",
            icon="flag",
            url=item_url(item),
            button=action_label(item),
            due=found,
        )


def _council(user: User, cycle: Cycle) -> Iterator[Need]:
    """Dossiers that wait for the person as secretary."""
    words = {
        "dossier.review": (_("%(count)s hồ sơ chờ bạn tổng hợp thẩm định"), _("Tổng hợp")),
        "dossier.hear": (_("%(count)s hồ sơ có kiến nghị chờ bạn xem xét"), _("Xem xét")),
    }
    rows = (
        inbox(user)
        .filter(cycle=cycle, node__in=words)
        .order_by()
        .values("node")
        .annotate(count=Count("pk"), first=Min("due_at"))
    )
    for row in sorted(rows, key=lambda row: str(row["node"])):
        title, button = words[row["node"]]
        found = due(row["first"])
        late = found is not None and found["state"] == "late"
        yield Need(
            title % {"count": row["count"]},
            "",
            "late" if late else "info",
            "chat-left-text",
            reverse("appraisals"),
            button,
            found,
        )


def _late(user: User, cycle: Cycle, rows: Sequence[Standing]) -> Iterator[Need]:
    """Sở Nội vụ goes on to đôn đốc with exactly these units chosen; who only watches looks at them."""
    late = [row for row in rows if row.is_open and row.timeliness == Timeliness.MISSING]
    if late:
        manages = access.allowed(Perm.MANAGE, user, cycle)
        yield Need(
            title=_("%(count)s đơn vị %(state)s, chưa gửi hồ sơ")
            % {"count": len(late), "state": Timeliness.MISSING.words},
            text=names(row.unit for row in late),
            state="late",
            icon="exclamation-circle",
            url=f"{reverse('nudges', args=[cycle.pk])}?{urlencode({SHOW: UNSENT})}"
            if manages
            else _monitor(cycle, tinh_trang=Timeliness.MISSING.value, sap_xep="han"),
            button=_("Đôn đốc") if manages else _("Xem đơn vị"),
        )


def _expiring(cycle: Cycle, rows: Sequence[Standing], today: dt.date) -> Iterator[Need]:
    last = today + dt.timedelta(days=EXPIRES_DAYS)
    ending = sorted(
        (
            row
            for row in rows
            if row.is_open and row.timeliness == Timeliness.EXTENDED and row.deadline.last_day <= last
        ),
        key=lambda row: row.deadline.last_day,
    )
    if ending:
        yield Need(
            title=_("Gia hạn của %(count)s đơn vị sắp hết") % {"count": len(ending)},
            text=names(
                f"{row.unit} ({days_left_words(row.deadline.days_left(clock.now())).lower()})" for row in ending
            ),
            state="soon",
            icon="calendar-event",
            url=_monitor(cycle, tinh_trang=Timeliness.EXTENDED.value, sap_xep="han"),
            button=_("Xem đơn vị"),
        )


def _supplements(cycle: Cycle, rows: Sequence[Standing], today: dt.date) -> Iterator[Need]:
    overdue = dict(
        SupplementRequest.objects.filter(dossier__cycle=cycle, answered_at=None, due_on__lt=today)
        .order_by("due_on", "pk")
        .values_list("dossier", "due_on")
    )
    units = {row.dossier: row.unit for row in rows}
    if overdue:
        yield Need(
            title=_("%(count)s đơn vị quá hạn bổ sung theo yêu cầu của hội đồng") % {"count": len(overdue)},
            text=names(
                _("%(unit)s (hạn %(day)s)") % {"unit": units[key], "day": f"{day:%d/%m}"}
                for key, day in overdue.items()
            ),
            state="late",
            icon="paperclip",
            url=reverse("monitor-unit", args=[cycle.pk, next(row.unit_id for row in rows if row.dossier in overdue)])
            if len(overdue) == 1
            else _monitor(cycle, buoc=5, sap_xep="cho"),
            button=_("Xem đơn vị"),
        )


def _behind_appraisal(cycle: Cycle, rows: Sequence[Standing]) -> Iterator[Need]:
    """The council's date has passed and dossiers are still with it."""
    deadline = cycle.milestone(Milestone.Key.APPRAISAL).deadline
    if deadline.met(clock.now()):
        return
    behind = [row for row in rows if row.is_waiting and not row.is_open]
    if behind:
        yield Need(
            title=_("%(count)s hồ sơ chưa thẩm định xong, mốc thẩm định đã qua") % {"count": len(behind)},
            text=names(row.unit for row in behind),
            state="late",
            icon="hourglass-split",
            url=_monitor(cycle, buoc=5, sap_xep="cho"),
            button=_("Xem hồ sơ"),
        )


def _plan_reports(cycle: Cycle, today: dt.date) -> Iterator[Need]:
    """Tasks of the plan on which a body owes a report."""
    reports = TaskReport.objects.filter(
        task__plan=cycle.plan_id, state__in=[TaskReport.State.ASKED, TaskReport.State.RETURNED], due_on__lt=today
    )
    owed: dict[str, list[str]] = {}
    for number, body in reports.order_by("task__order", "due_on", "pk").values_list("task__number", "body"):
        owed.setdefault(number, []).append(body)
    if owed:
        yield Need(
            title=_("%(count)s nhiệm vụ của kế hoạch quá hạn báo cáo") % {"count": len(owed)},
            text=names(dict.fromkeys(body for bodies in owed.values() for body in bodies)),
            state="late",
            icon="card-checklist",
            url=reverse("monitor-plan", args=[cycle.pk]),
            button=_("Xem kế hoạch"),
        )


def _at_risk(cycle: Cycle, rows: Sequence[Standing]) -> Iterator[Need]:
    risky = sorted(
        (row for row in rows if row.is_open and row.forecast.outlook in AT_RISK),
        key=lambda row: (row.forecast.finish_on is not None, -row.forecast.days_late),
    )
    if risky:
        yield Need(
            title=_("%(count)s đơn vị sẽ trễ hạn nếu giữ đà hiện nay") % {"count": len(risky)},
            text=names(row.unit for row in risky),
            state="soon",
            icon="graph-up",
            url=_monitor(cycle, du_bao="tre", sap_xep="du-bao"),
            button=_("Xem đơn vị"),
        )


def _waiting(cycle: Cycle, rows: Sequence[Standing]) -> Iterator[Need]:
    """The dossiers that stand still the longest. Self-assessment takes weeks by its nature: the forecast watches it."""
    still = sorted(
        (
            row
            for row in rows
            if row.is_waiting and row.stage not in (Stage.SELF_ASSESSING, Stage.SUBMITTED) and row.waits >= WAITS_DAYS
        ),
        key=lambda row: row.since,
    )
    for row in still[:WAITS_SHOWN]:
        yield Need(
            title=_("%(unit)s: %(days)s ngày ở bước %(stage)s")
            % {"unit": row.unit, "days": row.waits, "stage": str(row.stage.label).lower()},
            text=_("Chưa có ai xử lý từ %(day)s") % {"day": f"{local_date(row.since):%d/%m}"},
            state="soon",
            icon="stopwatch",
            url=reverse("monitor-unit", args=[cycle.pk, row.unit_id]),
            button=_("Xem ai đang giữ"),
        )
