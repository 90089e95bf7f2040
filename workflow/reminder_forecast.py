"""What will be sent in the coming days, to whom: the same rules over simulated days, and nothing is written.

Tasks are taken as they stand today: a task that is finished before its day is then told to nobody, and tasks that open
meanwhile are not yet in the list.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import xlsxwriter
from django.utils.translation import gettext as _

from assessments.models import Cycle
from notifications.channels import channels
from notifications.models import Notice
from notifications.preferences import preferences_of, send_from
from notifications.services import Message, ways
from plans.calendar import ONE_DAY, long_date, start_of
from units import clock
from units.models import User

from .reminders import Planner, Reminder, messages, open_items

DAYS = 30


@dataclass(frozen=True)
class Sending:
    """One notice of one day on one channel, and from when it goes out (UTC instant)."""

    channel: str
    at: dt.datetime


@dataclass(frozen=True)
class Planned:
    """What one person gets on one day."""

    reminder: Reminder
    message: Message
    sendings: Sequence[Sending]

    @property
    def rules(self) -> list[str]:
        """The rules that speak, in words, without doubles."""
        return list(
            dict.fromkeys(f"{hit.rule.words()} · {hit.rule.get_audience_display()}" for hit in self.reminder.hits)
        )


class Forecast:
    """The notices of a cycle from today on, for DAYS days; the number of queries does not grow with them."""

    def __init__(self, cycle: Cycle) -> None:
        self.first = clock.today()
        self.last = self.first + ONE_DAY * (DAYS - 1)
        self._planner = Planner(open_items().filter(cycle=cycle), first=self.first, last=self.last)

    @cached_property
    def reminders(self) -> list[Reminder]:
        """All of them, by day and person."""
        days = [self.first + ONE_DAY * number for number in range(DAYS)]
        return [
            reminder
            for day in days
            for reminder in sorted(self._planner.on(day), key=lambda row: (str(row.recipient), row.recipient.pk))
        ]

    @cached_property
    def rules(self) -> list[tuple[int, str]]:
        """The rules that speak in this time, by order, in words."""
        found = {hit.rule.order: hit.rule for reminder in self.reminders for hit in reminder.hits}
        return [(order, f"{rule.words()} · {rule.get_audience_display()}") for order, rule in sorted(found.items())]

    @cached_property
    def people(self) -> list[User]:
        """Who is told anything, by name."""
        found = {reminder.recipient.pk: reminder.recipient for reminder in self.reminders}
        return sorted(found.values(), key=lambda user: (str(user), user.pk))

    def chosen(
        self, *, day: dt.date | None = None, person: int | None = None, rule: int | None = None
    ) -> list[Reminder]:
        """The reminders of one day, person or rule, where given."""
        return [
            reminder
            for reminder in self.reminders
            if (day is None or reminder.day == day)
            and (person is None or reminder.recipient.pk == person)
            and (rule is None or any(hit.rule.order == rule for hit in reminder.hits))
        ]

    def counts(self, chosen: Sequence[Reminder]) -> list[tuple[dt.date, int]]:
        """How many people are told on each day, days without any included."""
        found = Counter(reminder.day for reminder in chosen)
        days = [self.first + ONE_DAY * number for number in range(DAYS)]
        return [(day, found[day]) for day in days]

    def planned(self, chosen: Sequence[Reminder]) -> list[Planned]:
        """The notices with their texts and channels, after each person's preferences; one query."""
        preferences = preferences_of(reminder.recipient for reminder in chosen)
        known = channels()
        days_off = self._planner.days_off()
        rows = []
        for reminder in chosen:
            own = preferences[reminder.recipient.pk]
            written = max(start_of(reminder.day), clock.now())
            for message in messages(reminder):
                sendings = [
                    Sending(
                        str(channel.label),
                        written
                        if channel.key == Notice.Channel.IN_APP
                        else send_from(own, message.kind, written, days_off),
                    )
                    for channel in ways(message, own, known)
                ]
                rows.append(Planned(reminder, message, sendings))
        return rows


COLUMNS = (("Ngày", 22), ("Người nhận", 28), ("Tiêu đề", 60), ("Số việc", 9), ("Quy tắc", 50), ("Kênh, giờ gửi", 44))


def workbook(title: str, planned: Sequence[Planned]) -> bytes:
    """The list as an Excel file; texts never become formulas."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True, "font_size": 14})
        head = book.add_format({"bold": True, "bg_color": "#EEF0F1", "border": 1})
        cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet(_("Dự kiến gửi"))
        sheet.write_string(0, 0, title, bold)
        sheet.write_string(1, 0, assumption())
        for column, (label, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(3, column, label, head)
        sheet.freeze_panes(4, 0)
        for number, row in enumerate(planned, start=4):
            sheet.write_string(number, 0, long_date(row.reminder.day), cell)
            sheet.write_string(number, 1, str(row.reminder.recipient), cell)
            sheet.write_string(number, 2, row.message.subject, cell)
            sheet.write_number(number, 3, len(row.reminder.hits), cell)
            sheet.write_string(number, 4, "\n".join(row.rules), cell)
            sheet.write_string(number, 5, "\n".join(sending_words(sending) for sending in row.sendings), cell)
    return target.getvalue()


def sending_words(sending: Sending) -> str:
    """A channel and its hour: "Thư điện tử 06:00 23/12/2026"."""
    return f"{sending.channel} {sending.at.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"


def assumption() -> str:
    """What the forecast takes for granted, for the reader."""
    return _(
        "Tính với các việc đang mở hôm nay và giả định chưa việc nào hoàn thành; việc xong rồi thì không nhắc nữa."
    )
