"""Reminders: 14, 7, 3 and 1 days before, on the last day, and each day overdue, to the people whose turn it is.

One message a day to a person, listing what is due; the outbox refuses a second one for the same day, so the command
may run as often as it likes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.services import Message, queue
from plans.calendar import Deadline, days_left_words, local_date, long_date, reminder_days
from units import clock
from units.models import User

from .inbox import SUBJECT, Turns
from .models import WorkItem
from .titles import item_title

BEFORE = (14, 7, 3, 1)


@dataclass(frozen=True)
class Reminder:
    """What one person is told on one day."""

    recipient: User
    day: dt.date
    items: Sequence[tuple[WorkItem, int]]  # the task and its days left, negative when overdue


def deadline_of(item: WorkItem) -> Deadline | None:
    """The half-open instant of a task as the last local day on which it is in time."""
    if item.due_at is None:
        return None
    return Deadline(on=local_date(item.due_at - dt.timedelta(microseconds=1)), inclusive=True)


def due_reminders(now: dt.datetime | None = None) -> list[Reminder]:
    """The reminders of the local day of `now`, by person."""
    now = now or clock.now()
    items = list(
        WorkItem.objects.filter(done_at=None, due_at__isnull=False)
        .select_related(*SUBJECT, "owner")
        .order_by("due_at", "pk")
    )
    turns = Turns(items)
    by_person: dict[int, list[tuple[WorkItem, int]]] = {}
    people: dict[int, User] = {}
    for item in items:
        deadline = deadline_of(item)
        days = reminder_days(deadline, now, BEFORE) if deadline else None
        if days is None:
            continue
        for user in turns.people(item):
            people[user.pk] = user
            by_person.setdefault(user.pk, []).append((item, days))
    day = local_date(now)
    return [Reminder(people[pk], day, rows) for pk, rows in by_person.items()]


def message(reminder: Reminder) -> Message:
    """The words of a reminder, most urgent first."""
    rows = sorted(reminder.items, key=lambda row: (row[1], row[0].pk))
    overdue = sum(1 for _item, days in rows if days < 0)
    most = days_left_words(rows[0][1])
    if overdue:
        subject = _("Chỉ số CCHC: %(overdue)s việc quá hạn, %(count)s việc cần làm") % {
            "overdue": overdue,
            "count": len(rows),
        }
    else:
        subject = _("Chỉ số CCHC: %(count)s việc đến hạn (%(most)s)") % {
            "count": len(rows),
            "most": most[0].lower() + most[1:],
        }
    lines = [
        _("Kính gửi ông/bà %(name)s,") % {"name": reminder.recipient},
        "",
        _("Các việc đang chờ ông/bà trên phần mềm Chỉ số CCHC:"),
    ]
    for item, days in rows:
        deadline = deadline_of(item)
        assert deadline is not None
        lines.append(f"- {item_title(item)}: {days_left_words(days)} ({long_date(deadline.last_day)})")
    return Message(
        event=f"due:{reminder.day.isoformat()}",
        recipient=reminder.recipient,
        subject=subject,
        body="\n".join(lines),
        url=reverse("inbox"),
    )


def remind(now: dt.datetime | None = None) -> int:
    """Queue the reminders of today; returns how many notices are new."""
    return queue(message(reminder) for reminder in due_reminders(now))
