"""Reminders by rules: what each person is told on a day, in one notice, and how that notice is worded.

The outbox refuses a second notice for the same day, so the command may run as often as it likes. What was done since
is taken out of letters that still wait.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.kinds import Kind
from notifications.services import Message, queue, refresh_waiting, withdraw_superseded
from plans.calendar import ONE_DAY, Deadline, WorkCalendar, days_left_words, in_sentence, local_date, long_date
from plans.holidays import work_calendar
from units import clock
from units.models import User
from units.permissions import UNIT_PERMS, Perm

from .audiences import Audiences
from .inbox import SUBJECT
from .models import RuleShift, WorkItem
from .rules import ReminderRule, Subject, rules_of
from .titles import item_title
from .wording import fill

# A notice is read, not archived: the rest is on the monitor.
MOST_LINES = 100
EVENT = "due:"
# From who must act to who only looks on; a task is told once to a person, as near to acting as it goes.
_NEAREST = {audience.value: number for number, audience in enumerate(ReminderRule.Audience)}


_SHIFT = ("item_id", "rule", "last_day", "speaks_on")


@dataclass(frozen=True)
class Hit:
    """One task of which one person is told, and the rule that says so; days left, negative when overdue.

    `last_day` is the local day that the rule counts from: the internal one of the step, or (`by_law`) the legal one.
    """

    item: WorkItem
    rule: ReminderRule
    last_day: dt.date
    days: int
    by_law: bool
    doers: Sequence[User]

    @property
    def own(self) -> bool:
        """Whether the person told is the one to act."""
        return self.rule.audience == ReminderRule.Audience.TURN

    @property
    def legal(self) -> bool:
        """The last day of a unit's own time: nobody may switch that reminder off."""
        return self.own and self.by_law and self.days == 0 and Perm(self.item.perm) in UNIT_PERMS

    @property
    def weight(self) -> tuple[int, bool, int]:
        """Which of two hits on one task a person is told: nearest to acting, the legal day first, then the later."""
        return _NEAREST[self.rule.audience], not self.legal, self.days


@dataclass(frozen=True)
class Reminder:
    """What one person is told on one day, most urgent first."""

    recipient: User
    day: dt.date
    hits: Sequence[Hit]

    @property
    def items(self) -> list[tuple[WorkItem, int]]:
        return [(hit.item, hit.days) for hit in self.hits]


def deadline_of(item: WorkItem) -> Deadline | None:
    """The half-open instant of a task as the last local day on which it is in time."""
    return _deadline(item.due_at)


def _deadline(ends_at: dt.datetime | None) -> Deadline | None:
    if ends_at is None:
        return None
    return Deadline(on=local_date(ends_at - dt.timedelta(microseconds=1)), inclusive=True)


def last_days(item: WorkItem, audience: str) -> list[tuple[dt.date, bool]]:
    """The days that a rule for `audience` counts from, each with whether it is the legal one.

    Within the unit the internal deadline counts, and whoever must act hears of the legal one too; Sở Nội vụ hears of
    nothing but the legal one.
    """
    legal, own = _deadline(item.legal_due_at or item.due_at), deadline_of(item)
    if legal is None or own is None:
        return []
    if own == legal or audience == ReminderRule.Audience.HOME_AFFAIRS:
        return [(legal.last_day, True)]
    internal = [(own.last_day, False)]
    return [*internal, (legal.last_day, True)] if audience == ReminderRule.Audience.TURN else internal


def open_items() -> QuerySet[WorkItem]:
    """Tasks that wait for somebody and have a date, with all that a reminder names."""
    return (
        WorkItem.objects.filter(done_at=None, due_at__isnull=False)
        .select_related(*SUBJECT, "owner", "appraisal")
        .order_by("due_at", "pk")
    )


def subject_of(item: WorkItem) -> Subject:
    """Whose rules speak of a task: those of its cycle, or of the plan for a report on one of its tasks."""
    if item.cycle is not None:
        return item.cycle
    assert item.report is not None
    return item.report.task.plan


class Planner:
    """The rules over the days from `first` to `last`, on the tasks as they stand; reads once and writes nothing.

    `opens`: tasks (by key) that open only on a day to come; nobody hears of them before.
    """

    def __init__(
        self, items: Iterable[WorkItem], *, first: dt.date, last: dt.date, opens: Mapping[int, dt.date] | None = None
    ) -> None:
        self.items = list(items)
        self.first, self.last = first, last
        self._opens = opens or {}
        self._rules = rules_of({subject_of(item) for item in self.items})

    @cached_property
    def calendar(self) -> WorkCalendar:
        return work_calendar()

    @cached_property
    def audiences(self) -> Audiences:
        return Audiences(self.items)

    @cached_property
    def _by_day(self) -> dict[dt.date, list[tuple[WorkItem, ReminderRule, dt.date, bool]]]:
        """Tasks with the rule that speaks and the day it counts from, by the day on which it speaks."""
        found: dict[dt.date, list[tuple[WorkItem, ReminderRule, dt.date, bool]]] = {}
        known: dict[tuple[int, dt.date], list[dt.date]] = {}
        for item in self.items:
            opens = self._opens.get(item.pk, self.first)
            for rule in self._rules[subject_of(item)]:
                if not rule.active or rule.node not in ("", item.node):
                    continue
                for last_day, by_law in last_days(item, rule.audience):
                    key = (id(rule), last_day)
                    if key not in known:
                        known[key] = rule.days_on(last_day, self.first, self.last, self.calendar)
                    for day in self._shifted(known[key], item, rule, last_day):
                        if day >= opens:
                            found.setdefault(day, []).append((item, rule, last_day, by_law))
        return found

    @cached_property
    def _shifts(self) -> dict[tuple[int, str, dt.date], dt.date | None]:
        """Reminders whose day moved with the days off; empty nearly always."""
        rows = RuleShift.objects.filter(item__done_at=None)
        return {(item, rule, last): day for item, rule, last, day in rows.values_list(*_SHIFT)}

    def _shifted(self, days: list[dt.date], item: WorkItem, rule: ReminderRule, last_day: dt.date) -> Sequence[dt.date]:
        key = (item.pk, rule.said_as, last_day)
        if not self._shifts or key not in self._shifts:
            return days
        day = self._shifts[key]
        return [day] if day is not None and self.first <= day <= self.last else []

    def on(self, day: dt.date) -> list[Reminder]:
        """The reminders of one local day, by person."""
        people: dict[int, User] = {}
        nearest: dict[int, dict[int, Hit]] = {}
        for item, rule, last_day, by_law in self._by_day.get(day, []):
            hit = Hit(item, rule, last_day, (last_day - day).days, by_law, self.audiences.doers(item))
            for user in self.audiences.of(rule.audience, item):
                people[user.pk] = user
                told = nearest.setdefault(user.pk, {})
                before = told.get(item.pk)
                if before is None or hit.weight < before.weight:
                    told[item.pk] = hit
        return [
            Reminder(people[pk], day, sorted(told.values(), key=lambda hit: (not hit.own, hit.days, hit.item.pk)))
            for pk, told in nearest.items()
        ]

    def days_off(self) -> set[dt.date]:
        """Local dates around the planned days on which offices do not work."""
        days = (self.first + ONE_DAY * number for number in range((self.last - self.first).days + 31))
        return {day for day in days if not self.calendar.is_working(day)}


def due_reminders(now: dt.datetime | None = None) -> list[Reminder]:
    """The reminders of the local day of `now`, by person."""
    day = local_date(now or clock.now())
    return Planner(open_items(), first=day, last=day).on(day)


def messages(reminder: Reminder) -> list[Message]:
    """The day's notice: one text, and another for channels on which a rule does not speak."""
    texts: dict[tuple[int, ...], set[str]] = {}
    for channel in sorted({channel for hit in reminder.hits for channel in hit.rule.channels}):
        said = tuple(number for number, hit in enumerate(reminder.hits) if channel in hit.rule.channels)
        texts.setdefault(said, set()).add(channel)
    return [
        _message(reminder, [reminder.hits[number] for number in said], frozenset(channels))
        for said, channels in texts.items()
    ]


def _message(reminder: Reminder, hits: Sequence[Hit], channels: frozenset[str]) -> Message:
    own = [hit for hit in hits if hit.own]
    others = [hit for hit in hits if not hit.own]
    first = own or others
    lines = [_("Kính gửi ông/bà %(name)s,") % {"name": reminder.recipient}]
    for title, section in (
        (_("Các việc đang chờ ông/bà trên phần mềm Chỉ số CCHC:"), own),
        (_("Các việc quá hạn mà ông/bà cần biết:"), others),
    ):
        if section:
            lines += [
                "",
                title,
                *(f"- {_filled(hit.rule.body, hit, reminder, section)}" for hit in section[:MOST_LINES]),
            ]
        if len(section) > MOST_LINES:
            lines.append(_("và %(count)s việc khác.") % {"count": len(section) - MOST_LINES})
    legal = any(hit.legal for hit in hits)
    return Message(
        event=f"{EVENT}{reminder.day.isoformat()}",
        recipient=reminder.recipient,
        subject=_filled(first[0].rule.subject, first[0], reminder, first),
        body="\n".join(lines),
        url=_url(first[0]),
        kind=Kind.LAST_DAY if legal else Kind.REMINDER if own else Kind.ESCALATION,
        channels=channels,
    )


def _url(hit: Hit) -> str:
    if hit.own:
        return reverse("inbox")
    if hit.item.cycle_id is None:
        return reverse("plan-reports")
    if hit.rule.audience == ReminderRule.Audience.HOME_AFFAIRS or hit.item.dossier_id is None:
        return reverse("monitor", args=[hit.item.cycle_id])
    return reverse("dossier", args=[hit.item.dossier_id])


def _filled(text: str, hit: Hit, reminder: Reminder, section: Sequence[Hit]) -> str:
    return fill(text, values(hit, recipient=reminder.recipient, hits=section))


def _day_words(hit: Hit) -> str:
    """The day that a rule counts from; an internal one is called so, beside the legal one."""
    legal = _deadline(hit.item.legal_due_at)
    if hit.by_law or legal is None:
        return long_date(hit.last_day)
    return _("hạn nội bộ %(day)s, hạn theo kế hoạch %(legal)s") % {
        "day": in_sentence(hit.last_day),
        "legal": in_sentence(legal.last_day),
    }


def values(hit: Hit, *, recipient: User, hits: Sequence[Hit]) -> dict[str, str]:
    """What stands at each place of a wording."""
    left = days_left_words(hit.days)
    return {
        "viec": item_title(hit.item),
        "don_vi": str((hit.item.dossier and hit.item.dossier.unit) or (hit.item.report and hit.item.report.body) or ""),
        "dot": str(hit.item.cycle or (hit.item.report and hit.item.report.task.plan) or ""),
        "han": _day_words(hit),
        "con_lai": left,
        "con_lai_thuong": left[0].lower() + left[1:],
        "nguoi_lam": ", ".join(str(user) for user in hit.doers) or _("chưa có ai"),
        "nguoi_nhan": str(recipient),
        "so_viec": str(len(hits)),
        "so_qua_han": str(sum(1 for each in hits if each.days < 0)),
    }


def remind(now: dt.datetime | None = None) -> int:
    """Queue the reminders of today, and bring letters of today that still wait up to date; returns how many are new."""
    day = local_date(now or clock.now())
    planner = Planner(open_items(), first=day, last=day)
    told = [message for reminder in planner.on(day) for message in messages(reminder)]
    new = queue(told, days_off=planner.days_off)
    event = f"{EVENT}{day.isoformat()}"
    refresh_waiting(event, told)
    withdraw_superseded(EVENT, by=event)
    return new
