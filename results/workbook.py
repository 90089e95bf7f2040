"""The result table as an Excel file: one sheet for each ranking group, texts that never become formulas."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from .table import GroupResult, UnitResult

ILLUSTRATIVE = "MINH HỌA: bộ chỉ số minh họa, không phải bộ chỉ số chính thức"
OPTIONS = {
    "in_memory": True,
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def result_workbook(title: str, status: str, groups: Sequence[GroupResult]) -> bytes:
    """The table of every group; `status` says whether and how it was published."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    formats = {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bg_color": "#EEF0F1", "border": 1, "text_wrap": True, "valign": "top"}),
        "text": book.add_format({"border": 1}),
        "points": book.add_format({"border": 1, "num_format": "#,##0.00"}),
        "whole": book.add_format({"border": 1, "num_format": "0"}),
    }
    taken: set[str] = set()
    for number, group in enumerate(groups, start=1):
        _sheet(book.add_worksheet(_sheet_name(group.name, number, taken)), title, status, group, formats)
    if not groups:
        book.add_worksheet(_("Kết quả")).write_string(0, 0, status)
    book.close()
    return target.getvalue()


def _sheet_name(name: str, number: int, taken: set[str]) -> str:
    """At most 31 characters, none of those that Excel refuses, never twice."""
    short = name.translate(FORBIDDEN_IN_SHEET_NAMES).strip(" '")[:31] or _("Nhóm %(number)s") % {"number": number}
    if short.casefold() in taken:
        short = f"{short[:27].strip()} {number}"
    taken.add(short.casefold())
    return short


def _sheet(sheet: Any, title: str, status: str, group: GroupResult, formats: dict[str, Any]) -> None:
    domains = [(domain.code, domain.name) for domain in group.units[0].domains] if group.units else []
    header = [
        _("Hạng"),
        _("Đơn vị"),
        _("Chỉ số (%)"),
        _("Xếp loại"),
        _("Tổng điểm"),
        _("Tự chấm"),
        *group.rounds,
        _("Thẩm định"),
        _("Điều tra XHH"),
        _("Điểm cộng"),
        _("Điểm trừ"),
        *(f"{code}. {name}" for code, name in domains),
        _("Ghi chú"),
    ]
    sheet.set_column(0, 0, 7)
    sheet.set_column(1, 1, 38)
    sheet.set_column(2, len(header) - 1, 13)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if group.illustrative:
        sheet.set_header(f"&C{ILLUSTRATIVE}")
    lines = [title, group.name, status, group.criteria_set, *([ILLUSTRATIVE] if group.illustrative else [])]
    for row, text in enumerate(lines):
        sheet.write_string(row, 0, text, formats["title"] if row == 0 else None)
    top = len(lines) + 1
    for column, text in enumerate(header):
        sheet.write_string(top, column, text, formats["head"])
    for row, unit in enumerate(group.units, start=top + 1):
        _row(sheet, row, unit, formats)


def _row(sheet: Any, row: int, unit: UnitResult, formats: dict[str, Any]) -> None:
    values: list[str | int | Decimal | None] = [
        unit.rank,
        unit.unit,
        unit.index,
        unit.grade,
        unit.points,
        unit.self_points,
        *unit.by_round,
        unit.criteria_points,
        unit.survey_points,
        unit.bonus,
        unit.penalty,
        *(domain.points for domain in unit.domains),
        unit.note,
    ]
    for column, value in enumerate(values):
        if value is None or value == "":
            sheet.write_blank(row, column, None, formats["text"])
        elif isinstance(value, str):
            sheet.write_string(row, column, value, formats["text"])
        elif isinstance(value, int):
            sheet.write_number(row, column, value, formats["whole"])
        else:
            # Excel knows only binary numbers; the exact points are those of the database.
            sheet.write_number(row, column, float(value), formats["points"])
