"""A plan as an Excel workbook: the template, the export, and reading one back with every error named by its cell.

Template and export are one layout, so that what was exported can be imported again without a change.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from units.workbooks import CellIssue, UnreadableWorkbook, cell_text, open_workbook, put, sheet_rows

from .content import (
    MAX_TASKS,
    GroupContent,
    MilestoneContent,
    PlanContent,
    SeatContent,
    SheetsContent,
    TargetContent,
    TaskContent,
    problems,
)
from .errors import InvalidWorkbook
from .layout import (
    GROUPS,
    MILESTONES,
    PLAN_HEADER,
    PLAN_ROWS,
    PLAN_SHEET,
    SEATS,
    SHEETS,
    TARGETS,
    TASKS,
    UNIT_SHEET,
    Column,
    Section,
    WrongCell,
    read_cell,
)

MAX_BYTES = 1024 * 1024
MAX_ISSUES = 300
FORM_ROWS = 500  # rows that carry lists in a template

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
