"""A rule shown at work: the notice that it would write about a task that really is open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from notifications.services import Message
from plans.calendar import local_date
from plans.holidays import work_calendar
from units import clock
from units.models import User

from .audiences import Audiences
from .models import WorkItem
from .reminders import Hit, Reminder, last_days, messages
from .rule_services import RuleContent, check
from .rules import ReminderRule


@dataclass(frozen=True)
class Preview:
    """Who is told, on which local day first, and with which words."""

    people: list[User]
    day: dt.date
    message: Message


def preview(content: RuleContent, item: WorkItem) -> Preview | None:
    """The notice of a rule about `item` on the first day on which it speaks; nothing is written.

    None where the rule has nobody to tell of this task. Raises InvalidInput for a rule that cannot be saved.
    """
    check(content)
    rule = ReminderRule(**{**vars(content), "channels": sorted(content.channels)})
    audiences = Audiences([item])
    people = audiences.of(rule.audience, item)
    if not people:
        return None
    last_day, by_law = last_days(item, rule.audience)[-1]
    far = dt.timedelta(days=400)
    day = next(iter(rule.days_on(last_day, last_day - far, last_day + far, work_calendar())), local_date(clock.now()))
    hit = Hit(item, rule, last_day, (last_day - day).days, by_law, audiences.doers(item))
    return Preview(people, day, messages(Reminder(people[0], day, [hit]))[0])
