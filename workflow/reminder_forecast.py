"""What will be sent in the coming days, to whom: the same rules over simulated days, and nothing is written.

Tasks are taken as they stand today: a task that is finished before its day is then told to nobody, and steps that open
meanwhile are not yet in the list. Recurring reports of the plan are: when they are asked for is known beforehand.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import xlsxwriter
from django.db.models import Q
from django.utils.translation import gettext as _
from viewflow.workflow.models import Task

from assessments.models import Cycle
from notifications.channels import channels
from notifications.models import Notice
from notifications.preferences import preferences_of, send_from
from notifications.services import Message, ways
from plans.calendar import ONE_DAY, long_date, start_of
from plans.reporting import coming
from plans.reports import TaskReport
from units import clock
from units.models import User

from .flows import PlanTaskFlow
from .models import WorkItem
from .reminders import Planner, Reminder, messages, open_items
from .rules import ReminderRule, Subject

DAYS = 30


def _rule_words(rule: ReminderRule) -> str:
    words = f"{rule.words()} · {rule.get_audience_display()}"
    return _("Báo cáo kế hoạch: %(rule)s") % {"rule": words} if rule.plan_id else words


def _expected(report: TaskReport, key: int) -> WorkItem:
    """The task of a report that will be asked for, as it will stand in the inbox; never saved."""
    step = PlanTaskFlow.instance.report
    item: WorkItem = step.work_item(Task(flow_task=step, flow_task_type=step.task_type), report, None)
    item.pk = key
    return item


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
        return list(dict.fromkeys(_rule_words(hit.rule) for hit in self.reminder.hits))


class Forecast:
    """The notices from today on, for DAYS days: of a plan's reports, or of a cycle with the reports of its plan.

    The number of queries does not grow with them.
    """

    def __init__(self, subject: Subject) -> None:
        self.first = clock.today()
        self.last = self.first + ONE_DAY * (DAYS - 1)
        plan = subject.plan if isinstance(subject, Cycle) else subject
        own = Q(report__task__plan=plan)
        if isinstance(subject, Cycle):
            own |= Q(cycle=subject)
        days = [self.first + ONE_DAY * number for number in range(DAYS)]
        asked = [
            (day, _expected(report, -number)) for number, (day, report) in enumerate(coming(plan.pk, days), start=1)
        ]
        self._planner = Planner(
            [*open_items().filter(own), *(item for _day, item in asked)],
            first=self.first,
            last=self.last,
            opens={item.pk: day for day, item in asked},
        )

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
    def rules(self) -> list[tuple[str, str]]:
        """The rules that speak in this time, in words; those of the cycle first, by order."""
        found = {hit.rule.key: hit.rule for reminder in self.reminders for hit in reminder.hits}
        return [
            (rule.key, _rule_words(rule))
            for rule in sorted(found.values(), key=lambda rule: (bool(rule.plan_id), rule.order))
        ]

    @cached_property
    def people(self) -> list[User]:
        """Who is told anything, by name."""
        found = {reminder.recipient.pk: reminder.recipient for reminder in self.reminders}
        return sorted(found.values(), key=lambda user: (str(user), user.pk))

    def chosen(
        self, *, day: dt.date | None = None, person: int | None = None, rule: str | None = None
    ) -> list[Reminder]:
        """The reminders of one day, person or rule, where given."""
        return [
            reminder
            for reminder in self.reminders
            if (day is None or reminder.day == day)
            and (person is None or reminder.recipient.pk == person)
            and (rule is None or any(hit.rule.key == rule for hit in reminder.hits))
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
        "Tính với các việc đang mở hôm nay và báo cáo định kỳ của kế hoạch sắp đến kỳ, "
        "giả định chưa việc nào hoàn thành; việc xong rồi thì không nhắc nữa."
    )
