"""The sheets of a plan's workbook: their columns, and how a cell is read and written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from units.workbooks import MAX_TEXT, Formula, cell_text

from .content import Comparison, SheetForm
from .errors import PlanError
from .models import Milestone, PlanTask

YES, NO = "Có", "Không"
DATE_FORMAT = "dd/mm/yyyy"

_DATE = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_NUMBER = re.compile(r"[0-9]{1,12}(?:[.,][0-9]{1,6})?|[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")


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
    if match is None:
        raise WrongCell(_("“%(text)s” không phải ngày. Hãy ghi dạng 15/12/2026.") % {"text": cell_text(value)[:60]})
    try:
        return dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError as error:
        raise WrongCell(_("Ngày “%(text)s” không có trong lịch.") % {"text": cell_text(value)}) from error


def read_count(value: Any) -> int:
    """A whole number from 0; an empty cell is 0. Raises WrongCell."""
    text = cell_text(value)
    if not text:
        return 0
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise WrongCell(_("“%(text)s” không phải số nguyên từ 0 trở lên.") % {"text": text[:60]})
    return int(text)


def read_value(value: Any) -> Decimal | None:
    """A figure as 60, 60,5 or 1.785; None for an empty cell. Raises WrongCell."""
    text = cell_text(value)
    if not text:
        return None
    if isinstance(value, float) and not isfinite(value):
        raise WrongCell(_("Ô này không phải số."))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    if not _NUMBER.fullmatch(text):
        raise WrongCell(_("“%(text)s” không phải số. Hãy ghi dạng 60 hoặc 60,5.") % {"text": text[:60]})
    if _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    return Decimal(text.replace(",", "."))


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
