"""Editing days off and make-up days: one by one, or from an Excel or iCal file, previewed and then written at once."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import IO

from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from units.models import User
from units.workbooks import CellIssue, UnreadableWorkbook, open_workbook, sheet_rows

from .calendar import short_date
from .content import one_line
from .errors import InvalidInput, InvalidWorkbook
from .holidays import Holiday, work_calendar
from .ical import MAX_CHARACTERS, IcalError, parse_ical
from .layout import Column, Section, WrongCell, choice, read_cell, read_date
from .spreadsheet import write_section
from .visibility import require_manager

MAX_BYTES = 1024 * 1024
MAX_DAYS = 1_000
LONGEST_NAME = 200
LONGEST_SOURCE = 300
FIRST_YEAR, LAST_YEAR = 1900, 2199
KIND_LABELS = {kind.value: str(kind.label) for kind in Holiday.Kind}
DAYS = Section(
    "Ngày nghỉ",
    (
        Column("on", "Ngày", 14, read_date, format="dd/mm/yyyy"),
        Column("name", "Tên", 50),
        Column("kind", "Loại", 16, choice(KIND_LABELS), lambda kind: KIND_LABELS[kind], tuple(KIND_LABELS.values())),
        Column("source", "Căn cứ", 50),
    ),
)

# Sent inside the transaction after days were entered, changed or removed, with the calendar `before`: what is counted
# in working days has new dates.
days_off_changed = Signal()


@dataclass(frozen=True)
class Day:
    """A day off or a make-up day as it is typed or imported."""

    on: dt.date
    name: str
    kind: str = Holiday.Kind.HOLIDAY.value
    source: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", one_line(self.name))
        object.__setattr__(self, "source", one_line(self.source))

    @property
    def kind_label(self) -> str:
        return KIND_LABELS[self.kind]


@dataclass(frozen=True)
class DayChange:
    """A day of a file beside what stands for it now."""

    day: Day
    before: Day | None

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def is_change(self) -> bool:
        return self.before is not None and self.before != self.day


def day_problems(day: Day) -> list[tuple[str, str]]:
    """(field, message) of everything that is wrong with one day."""
    found = []
    if not FIRST_YEAR <= day.on.year <= LAST_YEAR:
        found.append(("on", _("Năm phải từ %(first)s đến %(last)s.") % {"first": FIRST_YEAR, "last": LAST_YEAR}))
    if day.kind == Holiday.Kind.MAKEUP and day.on.weekday() < 5:
        found.append(("kind", _("Ngày làm bù phải là Thứ Bảy hoặc Chủ nhật.")))
    if not day.name:
        found.append(("name", _("Chưa nhập.")))
    for field, value, limit in (("name", day.name, LONGEST_NAME), ("source", day.source, LONGEST_SOURCE)):
        if len(value) > limit:
            found.append((field, _("Dài quá %(limit)s ký tự.") % {"limit": limit}))
    return found


@transaction.atomic
def add_day(day: Day, *, by: User) -> Holiday:
    """Enter one day. Raises InvalidInput, also where the day is entered already."""
    require_manager(by)
    errors: dict[str, list[str]] = {}
    for field, message in day_problems(day):
        errors.setdefault(field, []).append(message)
    standing = Holiday.objects.filter(on=day.on).first()
    if standing is not None:
        errors.setdefault("on", []).append(
            _("Ngày %(day)s đã có trong danh sách: %(name)s. Hãy xóa dòng cũ trước.")
            % {"day": short_date(day.on), "name": standing.name}
        )
    if errors:
        raise InvalidInput(errors)
    before = work_calendar()
    made = Holiday.objects.create(on=day.on, name=day.name, kind=day.kind, source=day.source)
    days_off_changed.send(sender=Holiday, before=before)
    return made


@transaction.atomic
def remove_day(holiday: Holiday, *, by: User) -> None:
    """Take a day out of the calendar; working days count anew from then on."""
    require_manager(by)
    before = work_calendar()
    holiday.delete()
    days_off_changed.send(sender=Holiday, before=before)


def read_days(content: bytes, *, filename: str, source: str = "") -> list[Day]:
    """The days of an `.ics` or `.xlsx` file, in order; `source` is given to days that name none.

    Raises InvalidWorkbook with every fault, UnreadableWorkbook where the file cannot be read at all.
    """
    if not content:
        raise UnreadableWorkbook(_("Tệp rỗng (0 byte). Hãy chọn lại tệp."))
    if len(content) > MAX_BYTES:
        raise UnreadableWorkbook(_("Tệp lớn hơn 1 MB. Hãy chia nhỏ theo năm."))
    name = filename.lower()
    if name.endswith(".ics"):
        days = _ical_days(content)
    elif name.endswith(".xlsx"):
        days = _workbook_days(io.BytesIO(content))
    else:
        raise UnreadableWorkbook(_("Chỉ nhận tệp Excel (.xlsx) hoặc lịch (.ics)."))
    return sorted(
        (replace(day, source=day.source or one_line(source)) for day in days), key=lambda day: (day.on, day.kind)
    )


def _ical_days(content: bytes) -> list[Day]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableWorkbook(_("Tệp lịch không phải UTF-8, không đọc được.")) from error
    try:
        found = parse_ical(text[: MAX_CHARACTERS + 1])
    except IcalError as error:
        raise InvalidWorkbook([CellIssue("", "", message) for message in error.errors]) from error
    kinds = {True: Holiday.Kind.HOLIDAY.value, False: Holiday.Kind.MAKEUP.value}
    days = [Day(day.on, day.summary, kinds[day.is_holiday]) for day in found]
    issues = [
        CellIssue("", "", f"{short_date(day.on)}: {message}") for day in days for _field, message in day_problems(day)
    ]
    if issues:
        raise InvalidWorkbook(issues)
    if not days:
        raise UnreadableWorkbook(_("Tệp không có ngày nào."))
    return days


def _workbook_days(file: IO[bytes]) -> list[Day]:
    issues: list[CellIssue] = []
    days: dict[dt.date, Day] = {}
    with open_workbook(file) as book:
        for number, values in sheet_rows(book, DAYS.sheet, DAYS.header, max_rows=MAX_DAYS):
            fields = {}
            unreadable = set()
            for column, value in zip(DAYS.columns, values, strict=True):
                try:
                    fields[column.field] = read_cell(column, value)
                except WrongCell as error:
                    issues.append(_issue(f"{DAYS.letter(column.field)}{number}", str(error)))
                    fields[column.field] = column.read(None)
                    unreadable.add(column.field)
            if fields["on"] is None and "on" not in unreadable:
                issues.append(_issue(f"A{number}", _("Chưa nhập.")))
            day = Day(**{**fields, "on": fields["on"] or dt.date(2000, 1, 1)})
            issues += [
                _issue(f"{DAYS.letter(field)}{number}", message)
                for field, message in day_problems(day)
                if field not in unreadable and (field != "kind" or fields["on"])
            ]
            if fields["on"] is None:
                continue
            if day.on in days:
                issues.append(_issue(f"A{number}", _("Ngày này đã có ở dòng trên.")))
            days[day.on] = day
    if issues:
        raise InvalidWorkbook(issues)
    if not days:
        raise UnreadableWorkbook(_("Tệp không có ngày nào."))
    return list(days.values())


def _issue(cell: str, message: str) -> CellIssue:
    return CellIssue(DAYS.sheet, cell, message)


def compare(days: Sequence[Day]) -> list[DayChange]:
    """Each day beside what stands for it now, one query."""
    standing = {day.on: day for day in standing_days(Holiday.objects.filter(on__in=[day.on for day in days]))}
    return [DayChange(day, standing.get(day.on)) for day in days]


def standing_days(rows: Iterable[Holiday]) -> list[Day]:
    """Rows as days."""
    return [Day(row.on, row.name, row.kind, row.source) for row in rows]


@transaction.atomic
def import_days(days: Sequence[Day], *, by: User) -> int:
    """Write all of `days`, each in place of what stood for its date; returns how many are new or changed."""
    require_manager(by)
    changed = [change.day for change in compare(days) if change.is_new or change.is_change]
    if not changed:
        return 0
    before = work_calendar()
    Holiday.objects.bulk_create(
        [Holiday(on=day.on, name=day.name, kind=day.kind, source=day.source) for day in changed],
        update_conflicts=True,
        unique_fields=["on"],
        update_fields=["name", "kind", "source"],
    )
    days_off_changed.send(sender=Holiday, before=before)
    return len(changed)


def workbook(days: Sequence[Day]) -> bytes:
    """The workbook of `days`; the empty template for none."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = DAYS.sheet
    write_section(sheet, DAYS, [vars(day) for day in days])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
