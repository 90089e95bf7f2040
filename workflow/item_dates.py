"""The dates of a task for a reader. An internal deadline that passed is not late: only the legal one is."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from assessments.deadlines import both_words
from plans.calendar import Deadline, in_sentence, local_date
from units import clock
from units.templatetags.cchc import Due, due

from .models import WorkItem


def deadline_at(end: dt.datetime) -> Deadline:
    """A half-open instant as the last local day on which a thing is in time."""
    return Deadline(on=local_date(end - dt.timedelta(microseconds=1)), inclusive=True)


def legal_end(item: WorkItem) -> dt.datetime | None:
    """The first instant at which the task is late by the plan or an extension; None where it has no date."""
    return item.legal_due_at or item.due_at


def is_late(item: WorkItem, now: dt.datetime | None = None) -> bool:
    """Whether the legal date of the task has passed."""
    end = legal_end(item)
    return end is not None and end <= (now or clock.now())


def has_internal(item: WorkItem) -> bool:
    """Whether the task is asked for before its legal date."""
    return item.due_at is not None and item.due_at != legal_end(item)


def item_due(item: WorkItem) -> Due | None:
    """What `due` says of the date to work towards; with an internal one, the legal one is named beside it."""
    end = legal_end(item)
    if item.due_at is None or end is None or not has_internal(item):
        return due(end)
    if is_late(item):
        return due(end)
    shown = due(item.due_at)
    assert shown is not None
    words = both_words(deadline_at(item.due_at), deadline_at(end))
    shown["date_text"] = words[:1].upper() + words[1:]
    if shown["state"] == "late":
        shown["state"], shown["icon"] = "soon", "clock"
        days = -shown["days"]
        shown["text"] = _("Quá hạn nội bộ %(days)s ngày") % {"days": days} if days else _("Vừa quá hạn nội bộ")
    return shown


def legal_words(item: WorkItem) -> str:
    """The last legal day of the task in the middle of a sentence; empty where it has no date."""
    end = legal_end(item)
    return in_sentence(deadline_at(end).last_day) if end else ""
