"""A plan as an Excel workbook: the template, the export, and reading one back with every error named by its cell.

Template and export are one layout, so that what was exported can be imported again without a change.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from units.workbooks import (
    MAX_TEXT,
    CellIssue,
    Formula,
    UnreadableWorkbook,
    cell_text,
    open_workbook,
    put,
    sheet_rows,
)

from .content import (
    MAX_TASKS,
    Comparison,
    GroupContent,
    MilestoneContent,
    PlanContent,
    SeatContent,
    SheetForm,
    SheetsContent,
    TargetContent,
    TaskContent,
    problems,
)
from .errors import InvalidWorkbook, PlanError
from .models import Milestone, PlanTask

MAX_BYTES = 1024 * 1024
MAX_ISSUES = 300
FORM_ROWS = 500  # rows that carry lists in a template
YES, NO = "Có", "Không"
DATE_FORMAT = "dd/mm/yyyy"

_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")


class WrongCell(ValueError):
    """A cell that cannot be read; the message is for the person who typed it."""


def read_text(value: Any) -> str:
    """A cell's text; a date is written as people do."""
    if isinstance(value, dt.datetime | dt.date):
        return f"{value:%d/%m/%Y}"
    return cell_text(value)


def read_date(value: Any) -> dt.date | None:
    """A date cell, or a text 15/12/2026; None for an empty cell. Raises WrongCell."""
    if value is None or cell_text(value) == "":
        return None
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    match = _DATE.fullmatch(cell_text(value))
    try:
        return dt.date(int(match[3]), int(match[2]), int(match[1])) if match else _no_date(value)
    except ValueError as error:
        raise WrongCell(_("Ngày “%(text)s” không có trong lịch.") % {"text": cell_text(value)}) from error


def _no_date(value: Any) -> dt.date:
    raise WrongCell(_("“%(text)s” không phải ngày. Hãy ghi dạng 15/12/2026.") % {"text": cell_text(value)[:60]})


def read_count(value: Any) -> int:
    """A whole number from 0; an empty cell is 0. Raises WrongCell."""
    text = cell_text(value)
    if not text:
        return 0
    if not text.isdecimal() or len(text) > 6:
        raise WrongCell(_("“%(text)s” không phải số nguyên từ 0 trở lên.") % {"text": text[:60]})
    return int(text)


def read_value(value: Any) -> Decimal | None:
    """A figure as 60, 60,5 or 1.785; None for an empty cell. Raises WrongCell."""
    text = cell_text(value)
    if not text:
        return None
    try:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return Decimal(str(value))
        if _NUMBER.fullmatch(text):
            if re.fullmatch(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?", text):
                text = text.replace(".", "")
            return Decimal(text.replace(",", "."))
    except InvalidOperation:
        pass
    raise WrongCell(_("“%(text)s” không phải số. Hãy ghi dạng 60 hoặc 60,5.") % {"text": text[:60]})


def read_codes(value: Any) -> tuple[str, ...]:
    """Unit codes parted by `;`, `,` or spaces."""
    return tuple(part for part in re.split(r"[;,\s]+", cell_text(value)) if part)


def choice(labels: Mapping[str, str]) -> Callable[[Any], str]:
    """Reads a label of a list; an empty cell is its first value. Raises WrongCell."""
    values = {label.casefold(): value for value, label in labels.items()}

    def read(value: Any) -> str:
        text = cell_text(value)
        if not text:
            return next(iter(labels))
        if text.casefold() not in values:
            raise WrongCell(_("Hãy chọn một trong: %(labels)s.") % {"labels": "; ".join(filter(None, labels.values()))})
        return values[text.casefold()]

    return read


def _labels(labels: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: labels[value]


REPORT_LABELS = {value: str(label) for value, label in PlanTask.Report.choices}
MILESTONE_LABELS = {value: str(label) for value, label in Milestone.Key.choices}
COMPARISON_LABELS = {"": "", **{comparison.value: comparison.value for comparison in Comparison}}
FORM_LABELS = {form.value: form.value for form in SheetForm}
YES_LABELS = {"": NO, "1": YES}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: the field it fills, its title, how it is read and written, its list of choices."""

    field: str
    title: str
    width: int
    read: Callable[[Any], Any] = read_text
    write: Callable[[Any], Any] = lambda value: value
    choices: tuple[str, ...] = ()
    units: bool = False
    format: str = "@"


def read_cell(column: Column, value: Any) -> Any:
    """What `column` reads in a cell. Raises WrongCell, also for a formula."""
    if isinstance(value, Formula):
        raise WrongCell(_("Ô này là công thức. Hãy dán giá trị thay cho công thức."))
    return column.read(value)


@dataclass(frozen=True)
class Section:
    """A sheet of the workbook and its columns."""

    sheet: str
    columns: tuple[Column, ...]

    @property
    def header(self) -> list[str]:
        return [column.title for column in self.columns]

    def letter(self, name: str) -> str:
        """The column letter of a field."""
        return get_column_letter([column.field for column in self.columns].index(name) + 1)


def write_codes(codes: Iterable[str]) -> str:
    """Unit codes in one cell; PlanError where a cell cannot hold them, because a cut list would be imported so."""
    text = "; ".join(codes)
    if len(text) > MAX_TEXT:
        raise PlanError(_("Có nhiệm vụ giao cho nhiều đơn vị hơn mức một ô Excel chứa được, nên chưa xuất được."))
    return text


def _count(name: str, title: str) -> Column:
    return Column(name, title, 12, read_count, format="0")


def _codes(name: str, title: str) -> Column:
    return Column(name, title, 32, read_codes, write_codes, units=True)


PLAN_SHEET = "Kế hoạch"
PLAN_HEADER = ("Mục", "Nội dung")
PLAN_ROWS: tuple[Column, ...] = (
    Column("number", "Số, ký hiệu", 0),
    Column("title", "Tên kế hoạch", 0),
    Column("issuing_body", "Cơ quan ban hành", 0),
    Column("signed_on", "Ngày ký", 0, read_date, format=DATE_FORMAT),
    Column("signer", "Người ký", 0),
    Column("period_start", "Thực hiện từ ngày", 0, read_date, format=DATE_FORMAT),
    Column("period_end", "Thực hiện đến ngày", 0, read_date, format=DATE_FORMAT),
)
MILESTONES = Section(
    "Mốc thời gian",
    (
        Column(
            "key",
            "Mốc",
            36,
            choice(MILESTONE_LABELS),
            _labels(MILESTONE_LABELS),
            tuple(MILESTONE_LABELS.values()),
        ),
        Column("on", "Trước ngày", 16, read_date, format=DATE_FORMAT),
        Column("inclusive", "Tính cả ngày này", 18, choice(YES_LABELS), lambda value: YES if value else NO, (NO, YES)),
    ),
)
TASKS = Section(
    "Nhiệm vụ",
    (
        Column("number", "Số", 10),
        Column("parent", "Thuộc nhiệm vụ số", 12),
        Column("name", "Nhiệm vụ", 70),
        Column("lead", "Chủ trì", 34),
        Column("coordinating", "Phối hợp", 34),
        Column("time_text", "Thời gian", 24),
        Column(
            "report_every",
            "Báo cáo định kỳ",
            22,
            choice(REPORT_LABELS),
            _labels(REPORT_LABELS),
            tuple(REPORT_LABELS.values()),
        ),
        Column("source", "Mục trong văn bản", 18),
        _codes("lead_units", "Mã đơn vị chủ trì"),
        _codes("coordinating_units", "Mã đơn vị phối hợp"),
    ),
)
TARGETS = Section(
    "Chỉ tiêu",
    (
        Column("number", "Số", 10),
        Column("text", "Chỉ tiêu", 80),
        Column("comparison", "So sánh", 10, choice(COMPARISON_LABELS), choices=tuple(Comparison)),
        Column("value", "Giá trị", 12, read_value, format="General"),
        Column("unit", "Đơn vị tính", 12),
        Column("task", "Thuộc nhiệm vụ số", 12),
    ),
)
GROUPS = Section(
    "Tổ công tác",
    (
        Column("name", "Tên tổ", 50),
        Column("body", "Cơ quan thành lập", 34),
        _count("size_min", "Ít nhất"),
        _count("size_max", "Nhiều nhất"),
        Column("unit", "Mã đơn vị", 24, units=True),
    ),
)
SEATS = Section(
    "Thành phần tổ",
    (
        Column("group", "Tên tổ", 50),
        Column("role", "Vai trò", 16),
        Column("body", "Thành phần", 60),
        _count("count_min", "Ít nhất"),
        _count("count_max", "Nhiều nhất"),
        Column("skill", "Kỹ năng cần có", 34),
        _count("skilled_min", "Số người có kỹ năng"),
        Column("note", "Ghi chú", 40),
    ),
)
SHEETS = Section(
    "Phiếu",
    (
        Column("body", "Đơn vị nhận phiếu", 40),
        Column("form", "Mẫu phiếu", 12, choice(FORM_LABELS), choices=tuple(SheetForm)),
        _count("planned", "Số phiếu"),
        Column("unit", "Mã đơn vị", 24, units=True),
    ),
)
UNIT_SHEET = "Danh mục đơn vị"

# Fields whose problem says nothing new where a number of the same row could not be read.
_NUMERIC = frozenset({"size_max", "count_max", "skilled_min", "planned", "value", "comparison"})


def guide() -> list[str]:
    """What the first sheet of a workbook says."""
    return [
        _("Mỗi trang tính là một phần của kế hoạch. Không sửa tên trang tính và dòng tiêu đề."),
        _("Nhiệm vụ: số không trùng nhau; “Thuộc nhiệm vụ số” để trống nếu không có nhiệm vụ cha."),
        _(
            "Thời gian ghi như trong văn bản: ngày 15/12/2026; trước ngày 15/12/2026; đến hết ngày 15/12/2026; "
            "tháng 3/2026; tháng 4-6/2026; quý I năm 2026; năm 2026; giai đoạn 2026-2030; thường xuyên. "
            "“Trước ngày 15/12” nghĩa là chậm nhất hết ngày 14/12."
        ),
        _("Mã đơn vị lấy ở trang “Danh mục đơn vị”; nhiều đơn vị cách nhau bằng dấu chấm phẩy."),
        _("Khi tải lên, mọi lỗi được báo cùng lúc kèm địa chỉ ô; chưa hết lỗi thì chưa có gì thay đổi."),
    ]


def workbook(content: PlanContent | None, units: Sequence[tuple[str, str]]) -> bytes:
    """The workbook of `content`, or the empty template; `units` are (code, name) of the reference sheet."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = "Hướng dẫn"
    first.column_dimensions["A"].width = 120
    for row, line in enumerate(guide(), start=1):
        put(first, row, 1, line).alignment = Alignment(wrap_text=True, vertical="top")
    _write_plan(book.create_sheet(PLAN_SHEET), content)
    seats = [
        {"group": group.name, **vars(seat)} for group in (content.groups if content else ()) for seat in group.seats
    ]
    for section, rows in (
        (MILESTONES, [vars(row) for row in content.milestones] if content else []),
        (TASKS, [vars(row) for row in content.tasks] if content else []),
        (TARGETS, [vars(row) for row in content.targets] if content else []),
        (GROUPS, [vars(row) for row in content.groups] if content else []),
        (SEATS, seats),
        (SHEETS, [vars(row) for row in content.sheets] if content else []),
    ):
        write_section(book.create_sheet(section.sheet), section, rows, len(units))
    reference = book.create_sheet(UNIT_SHEET)
    _head(reference, ("Mã đơn vị", "Tên đơn vị"), (32, 60))
    for row, (code, name) in enumerate(units, start=2):
        put(reference, row, 1, code)
        put(reference, row, 2, name)
    book.active = 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _head(sheet: Worksheet, titles: Iterable[str], widths: Iterable[int]) -> None:
    for column, (title, width) in enumerate(zip(titles, widths, strict=True), start=1):
        cell = put(sheet, 1, column, title)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EEF0F1")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def _write_plan(sheet: Worksheet, content: PlanContent | None) -> None:
    _head(sheet, PLAN_HEADER, (24, 90))
    for number, row in enumerate(PLAN_ROWS, start=2):
        put(sheet, number, 1, row.title)
        cell = put(sheet, number, 2, getattr(content, row.field) if content else None)
        cell.number_format = row.format
        cell.alignment = Alignment(horizontal="left", wrap_text=True)


def write_section(sheet: Worksheet, section: Section, rows: Sequence[Mapping[str, Any]], units: int = 0) -> None:
    """Fill a sheet: head, rows, formats, and a list to choose from where a column has one."""
    _head(sheet, section.header, [column.width for column in section.columns])
    last = max(FORM_ROWS, len(rows)) + 1
    for number, row in enumerate(rows, start=2):
        for place, column in enumerate(section.columns, start=1):
            value = column.write(row[column.field])
            cell = put(sheet, number, place, value if value != "" else None)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = column.format
    for place, column in enumerate(section.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].number_format = column.format
        _offer(sheet, f"{get_column_letter(place)}2:{get_column_letter(place)}{last}", column, units)


def _offer(sheet: Worksheet, cells: str, column: Column, units: int) -> None:
    """A list to choose from: closed for fixed choices, open for unit codes, of which a cell may hold several."""
    if column.choices:
        formula = '"' + ",".join(column.choices) + '"'
    elif column.units and units:
        formula = f"'{UNIT_SHEET}'!$A$2:$A${units + 1}"
    else:
        return
    offer = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=bool(column.choices))
    offer.error = _("Hãy chọn một giá trị trong danh sách.")
    offer.add(cells)
    sheet.add_data_validation(offer)


@dataclass
class _Reading:
    """What was read so far: rows by section with their numbers in the sheet, and what could not be read."""

    issues: list[CellIssue] = field(default_factory=list)
    failed: set[tuple[str, int, str]] = field(default_factory=set)
    plan_rows: dict[str, int] = field(default_factory=lambda: {row.field: n for n, row in enumerate(PLAN_ROWS, 2)})

    def cell(self, sheet: str, number: int, letter: str, column: Column, value: Any) -> Any:
        """The value of one cell; a fault is noted and the value of an empty cell given instead."""
        try:
            return read_cell(column, value)
        except WrongCell as error:
            self.issues.append(CellIssue(sheet, f"{letter}{number}", str(error)))
            self.failed.add((sheet, number, column.field))
            return column.read(None)

    def section(self, book: Workbook, section: Section) -> list[tuple[int, dict[str, Any]]]:
        """(row number, fields) of every filled row; a sheet that is missing or misshapen is one issue."""
        rows = []
        try:
            for number, values in sheet_rows(book, section.sheet, section.header, max_rows=MAX_TASKS):
                cells = zip(section.columns, values, strict=True)
                rows.append(
                    (
                        number,
                        {
                            column.field: self.cell(section.sheet, number, get_column_letter(place), column, value)
                            for place, (column, value) in enumerate(cells, start=1)
                        },
                    )
                )
        except UnreadableWorkbook as error:
            self.issues.append(CellIssue(section.sheet, "", str(error)))
        return rows

    def plan(self, book: Workbook) -> dict[str, Any]:
        """The fields of the first sheet, by the names in its first column."""
        columns = {column.title: column for column in PLAN_ROWS}
        found: dict[str, Any] = {column.field: column.read(None) for column in PLAN_ROWS}
        try:
            for number, (title, value) in sheet_rows(book, PLAN_SHEET, PLAN_HEADER, max_rows=50):
                column = columns.get(cell_text(title))
                if column is None:
                    message = _("Không có mục “%(title)s”.") % {"title": cell_text(title)[:60]}
                    self.issues.append(CellIssue(PLAN_SHEET, f"A{number}", message))
                else:
                    self.plan_rows[column.field] = number
                    found[column.field] = self.cell(PLAN_SHEET, number, "B", column, value)
        except UnreadableWorkbook as error:
            self.issues.append(CellIssue(PLAN_SHEET, "", str(error)))
        return found


def read(file: IO[bytes], *, units: Collection[str]) -> PlanContent:
    """The plan that a workbook holds. Raises InvalidWorkbook with every fault of every cell, UnreadableWorkbook."""
    reading = _Reading()
    with open_workbook(file) as book:
        header = reading.plan(book)
        rows = {
            name: reading.section(book, section)
            for name, section in (
                ("milestones", MILESTONES),
                ("tasks", TASKS),
                ("targets", TARGETS),
                ("groups", GROUPS),
                ("seats", SEATS),
                ("sheets", SHEETS),
            )
        }
    content, seat_rows = _content(header, rows, reading)
    reading.issues += _located(content, rows, seat_rows, units, reading)
    if reading.issues:
        raise InvalidWorkbook(sorted(reading.issues, key=_position)[:MAX_ISSUES])
    return content


Rows = Mapping[str, Sequence[tuple[int, dict[str, Any]]]]


def _content(header: Mapping[str, Any], rows: Rows, reading: _Reading) -> tuple[PlanContent, list[list[int]]]:
    """The content, and for each group the sheet rows of its seats."""
    names = [fields["name"] for _number, fields in rows["groups"]]
    seats: list[list[SeatContent]] = [[] for _name in names]
    seat_rows: list[list[int]] = [[] for _name in names]
    for number, fields in rows["seats"]:
        group = fields.pop("group")
        if group not in names:
            reading.issues.append(
                CellIssue(SEATS.sheet, f"A{number}", _("Không có tổ “%(name)s”.") % {"name": group[:80]})
            )
            continue
        at = names.index(group)
        seats[at].append(SeatContent(**fields))
        seat_rows[at].append(number)
    content = PlanContent(
        **header,
        milestones=_milestones(rows["milestones"], reading),
        tasks=tuple(TaskContent(**fields) for _number, fields in rows["tasks"]),
        targets=tuple(TargetContent(**fields) for _number, fields in rows["targets"]),
        groups=tuple(
            GroupContent(**fields, seats=tuple(own))
            for (_number, fields), own in zip(rows["groups"], seats, strict=True)
        ),
        sheets=tuple(SheetsContent(**fields) for _number, fields in rows["sheets"]),
    )
    return content, seat_rows


def _milestones(rows: Sequence[tuple[int, dict[str, Any]]], reading: _Reading) -> tuple[MilestoneContent, ...]:
    found = []
    for number, fields in rows:
        if fields["on"] is None and (MILESTONES.sheet, number, "on") not in reading.failed:
            reading.issues.append(CellIssue(MILESTONES.sheet, f"B{number}", _("Chưa nhập.")))
        found.append(MilestoneContent(fields["key"], fields["on"] or dt.date(1900, 1, 1), bool(fields["inclusive"])))
    return tuple(found)


def _located(
    content: PlanContent,
    rows: Rows,
    seat_rows: Sequence[Sequence[int]],
    units: Collection[str],
    reading: _Reading,
) -> list[CellIssue]:
    """The problems of the content as issues of cells, without those that an unreadable cell already explains."""
    sections = {
        "milestones": MILESTONES,
        "tasks": TASKS,
        "targets": TARGETS,
        "groups": GROUPS,
        "sheets": SHEETS,
    }
    unreadable = {(sheet, number) for sheet, number, _name in reading.failed}
    issues = []
    for problem in problems(content, units=units):
        if problem.section == "plan":
            sheet, number, letter = PLAN_SHEET, reading.plan_rows[problem.field], "B"
        elif problem.seat >= 0:
            sheet, number = SEATS.sheet, seat_rows[problem.place][problem.seat]
            letter = SEATS.letter(problem.field)
        else:
            section = sections[problem.section]
            sheet, number = section.sheet, rows[problem.section][problem.place][0]
            letter = section.letter(problem.field)
        explained = (sheet, number, problem.field) in reading.failed
        if not explained and not ((sheet, number) in unreadable and problem.field in _NUMERIC):
            issues.append(CellIssue(sheet, f"{letter}{number}", problem.message))
    return issues


_ORDER = [PLAN_SHEET, *(s.sheet for s in (MILESTONES, TASKS, TARGETS, GROUPS, SEATS, SHEETS))]


def _position(issue: CellIssue) -> tuple[int, int, str]:
    """Sheets as they stand in the book, then rows, then columns."""
    digits = issue.cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return _ORDER.index(issue.sheet), int(digits or 0), issue.cell.rstrip("0123456789").rjust(3)
