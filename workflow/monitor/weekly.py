"""The weekly letter: on Monday morning, or on the first later day of the week on which the sweep runs, how the cycle
stands, to everybody who watches it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from assessments.deadlines import legal_deadline
from assessments.models import Cycle
from assessments.stages import CycleStage, Stage
from notifications.kinds import Kind
from notifications.models import Notice
from notifications.services import Message, queue
from plans.calendar import Timeliness, local_date, long_date
from units import access, clock
from units.models import User
from units.permissions import Perm

from ..forecast import AT_RISK, ONE_DAY
from .memory import DayDone
from .standings import Standing, standings

FROM_HOUR = 7
LISTED = 10
STILL_LISTED = 5
# How a dossier that was sent stands.
SENT_AS = (Timeliness.ON_TIME, Timeliness.EXTENDED, Timeliness.LATE)


@dataclass(frozen=True)
class Letter:
    """The words of a week."""

    subject: str
    body: str


def letter(cycle: Cycle, rows: Sequence[Standing], day: dt.date) -> Letter:
    """The summary of `cycle` on `day`."""
    sent_as = Counter(row.timeliness for row in rows if row.submitted_at is not None)
    sent = sum(row.submitted_at is not None for row in rows)
    late = [row for row in rows if row.is_open and row.timeliness == Timeliness.MISSING]
    risky = [row for row in rows if row.is_open and row.forecast.outlook in AT_RISK]
    body = [
        _("Tiến độ %(cycle)s đến %(day)s.") % {"cycle": cycle.name, "day": long_date(day)},
        _("Hạn tự đánh giá: %(words)s.") % {"words": legal_deadline(cycle).words()},
        "",
        _("Đã gửi hồ sơ: %(sent)s trong %(total)s đơn vị (%(states)s).")
        % {
            "sent": sent,
            "total": len(rows),
            "states": ", ".join(f"{state.words} {sent_as[state]}" for state in SENT_AS),
        },
        _progress(cycle, rows, day),
        *_listed(_("%(state)s, chưa gửi") % {"state": Timeliness.MISSING.label}, late),
        *_listed(_("Sẽ trễ hạn nếu giữ đà hiện nay"), risky),
        *_still(rows),
    ]
    subject = _("Chỉ số CCHC: tiến độ tuần, %(sent)s/%(total)s đơn vị đã gửi") % {"sent": sent, "total": len(rows)}
    if late:
        subject += f", {len(late)} {Timeliness.MISSING.words}"
    return Letter(subject, "\n".join(body))


def _progress(cycle: Cycle, rows: Sequence[Standing], day: dt.date) -> str:
    done, total = sum(row.progress.done for row in rows), sum(row.progress.total for row in rows)
    week = DayDone.objects.filter(dossier__cycle=cycle, on__gte=day - 7 * ONE_DAY, on__lt=day)
    recent = sum(week.values_list("criteria", flat=True))
    words = _("Tiêu chí đã tự đánh giá xong: %(done)s/%(total)s (%(percent)s %%), thêm %(recent)s trong 7 ngày qua.")
    return words % {
        "done": number_format(done),
        "total": number_format(total),
        "percent": done * 100 // total if total else 0,
        "recent": recent,
    }


def _listed(title: str, rows: Sequence[Standing]) -> Iterator[str]:
    if not rows:
        return
    yield ""
    yield _("%(title)s (%(count)s đơn vị):") % {"title": title, "count": len(rows)}
    yield from (f"- {row.unit}" for row in rows[:LISTED])
    if len(rows) > LISTED:
        yield _("- và %(more)s đơn vị khác") % {"more": len(rows) - LISTED}


def _still(rows: Sequence[Standing]) -> Iterator[str]:
    waiting = (
        row
        for row in rows
        if row.is_waiting and row.stage not in (Stage.SELF_ASSESSING, Stage.SUBMITTED) and row.waits > 0
    )
    longest = sorted(waiting, key=lambda row: row.since)[:STILL_LISTED]
    if longest:
        yield ""
        yield _("Hồ sơ chờ lâu nhất:")
        yield from (
            _("- %(unit)s: %(days)s ngày ở bước %(stage)s")
            % {"unit": row.unit, "days": row.waits, "stage": str(row.stage.label).lower()}
            for row in longest
        )


def event(cycle: Cycle, day: dt.date) -> str:
    """One letter a week for each cycle, whoever asks and how often."""
    year, week, _weekday = day.isocalendar()
    return f"monitor-week:{cycle.pk}:{year}-W{week:02}"


def due_since(now: dt.datetime) -> dt.datetime | None:
    """The moment from which the week's letter is due: its Monday, seven o'clock, in Asia/Ho_Chi_Minh; None before.

    A sweep that stood still on Monday sends on the next day it runs, after seven as well.
    """
    local = now.astimezone(clock.LOCAL)
    if local.hour < FROM_HOUR:
        return None
    monday = local.date() - dt.timedelta(days=local.weekday())
    return dt.datetime.combine(monday, dt.time(FROM_HOUR), clock.LOCAL)


def send_weekly() -> int:
    """Queue this week's letters; returns how many notices are new. A week whose letter went out is over.

    A cycle that was opened after this week's letter was due waits for the next one.
    """
    now = clock.now()
    since = due_since(now)
    if since is None:
        return 0
    running = Cycle.objects.exclude(stage__in=[CycleStage.DRAFT, CycleStage.PUBLISHED]).filter(opened_at__lt=since)
    return sum(_send(cycle, local_date(now)) for cycle in running.select_related("plan").order_by("pk"))


def _send(cycle: Cycle, day: dt.date) -> int:
    if Notice.objects.filter(event=event(cycle, day)).exists():
        return 0
    people = access.holders(Perm.MONITOR, cycle)
    return queue(messages(cycle, people, day)) if people else 0


def messages(cycle: Cycle, people: Iterable[User], day: dt.date) -> list[Message]:
    """The letter of `day` for each of `people`."""
    words = letter(cycle, standings(cycle), day)
    url = reverse("monitor", args=[cycle.pk])
    name = event(cycle, day)
    return [Message(name, person, words.subject, words.body, url, Kind.SUMMARY) for person in people]
