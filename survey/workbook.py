"""The survey workbook: a template to download, and reading one back with every error named by its cell.

An upload is bounded before it is opened, see `criteria.workbooks`. Formulas are never evaluated, and a text that looks
like one stays a text.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.utils import get_column_letter

from criteria.points import NumberError, format_points, parse_points
from criteria.workbooks import Cell, Limits, UnreadableWorkbook, read_workbook

HEADER = (
    "Mã đơn vị",
    "Đơn vị",
    "Mã tiêu chí",
    "Tiêu chí điều tra",
    "Điểm tối đa",
    "Điểm điều tra",
    "Số phiếu hợp lệ",
)
SHEET = "Điểm điều tra"
LIMITS = Limits()


@dataclass(frozen=True)
class Expected:
    """One line that the survey must give: a unit and a survey criterion that applies to it."""

    unit_id: int
    unit_code: str
    unit_name: str
    criterion_id: int
    criterion_code: str
    criterion_name: str
    maximum: Decimal


@dataclass(frozen=True)
class Line:
    """One accepted line."""

    expected: Expected
    points: Decimal
    sheets: int


@dataclass(frozen=True)
class CellError:
    """What is wrong, where, and what to do."""

    cell: str
    message: str

    def __str__(self) -> str:
        return f"{self.cell}: {self.message}" if self.cell else self.message


def template(expected: Sequence[Expected], known: Mapping[tuple[int, int], tuple[Decimal, int]]) -> bytes:
    """An xlsx with one row per unit and survey criterion; `known` fills in what was imported before."""
    book = Workbook()
    guide = book.active
    assert guide is not None
    guide.title = "Hướng dẫn"
    for row, text in enumerate(
        (
            _("Nhập điểm điều tra xã hội học vào cột “Điểm điều tra”, số phiếu hợp lệ vào cột “Số phiếu hợp lệ”."),
            _("Điểm từ 0 đến điểm tối đa của tiêu chí; viết 7,5 hoặc 7.5 đều được."),
            _("Không sửa mã đơn vị, mã tiêu chí. Có thể tải lên nhiều lần, lần sau thay lần trước."),
        ),
        start=1,
    ):
        guide.cell(row=row, column=1, value=text)
    guide.column_dimensions["A"].width = 110
    sheet = book.create_sheet(SHEET)
    for column, title in enumerate(HEADER, start=1):
        cell = sheet.cell(row=1, column=column, value=title)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="EEF0F1")
        sheet.column_dimensions[get_column_letter(column)].width = (24, 40, 12, 60, 12, 14, 16)[column - 1]
    for row, line in enumerate(expected, start=2):
        points, sheets = known.get((line.unit_id, line.criterion_id), (None, None))
        values: tuple[Any, ...] = (
            line.unit_code,
            line.unit_name,
            line.criterion_code,
            line.criterion_name,
            float(line.maximum),
            None if points is None else float(points),
            sheets,
        )
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row=row, column=column, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cell.protection = Protection(locked=column < 6)
    sheet.freeze_panes = "A2"
    book.active = 1
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _rows(file: IO[bytes]) -> dict[int, Mapping[int, Cell]]:
    sheet = read_workbook(file, sheets=[SHEET], limits=LIMITS).get(SHEET)
    if sheet is None:
        raise UnreadableWorkbook(
            _("Không thấy trang tính “%(sheet)s”. Hãy dùng mẫu tải từ trang này.") % {"sheet": SHEET}
        )
    return dict(sheet.rows)


def read(file: IO[bytes], expected: Sequence[Expected]) -> tuple[list[Line], list[CellError]]:
    """All lines and all errors of an upload; with one error nothing may be imported.

    Raises UnreadableWorkbook where the file cannot be read at all.
    """
    units = {line.unit_code: line.unit_name for line in expected}
    by_key = {(line.unit_code, line.criterion_code): line for line in expected}
    lines: list[Line] = []
    errors: list[CellError] = []
    seen: dict[tuple[str, str], int] = {}
    rows = _rows(file)
    _check_header(rows.pop(1, {}))
    for number, row in rows.items():
        cells = [row.get(column) for column in range(1, len(HEADER) + 1)]
        if all(cell is None for cell in cells):
            continue
        formulas = [cell.name for cell in cells if cell is not None and cell.is_formula]
        if formulas:
            errors += [CellError(name, _("Ô chứa công thức. Hãy dán giá trị thay cho công thức.")) for name in formulas]
            continue
        unit, criterion = _text(cells[0]), _text(cells[2])
        if unit not in units:
            errors.append(
                CellError(
                    f"A{number}",
                    _("Không có đơn vị mã “%(code)s” trong đợt đánh giá. Hãy dùng mã trong mẫu tải về.")
                    % {"code": unit},
                )
            )
            continue
        line = by_key.get((unit, criterion))
        if line is None:
            errors.append(
                CellError(
                    f"C{number}",
                    _("“%(code)s” không phải tiêu chí điều tra của %(unit)s.")
                    % {"code": criterion, "unit": units[unit]},
                )
            )
            continue
        if (unit, criterion) in seen:
            errors.append(
                CellError(
                    f"A{number}",
                    _("Trùng với dòng %(row)s. Hãy xóa một dòng.") % {"row": seen[unit, criterion]},
                )
            )
            continue
        seen[unit, criterion] = number
        points, sheets = _points(cells[5], line, number, errors), _sheets(cells[6], number, errors)
        if points is not None and sheets is not None:
            lines.append(Line(line, points, sheets))
    if not lines and not errors:
        errors.append(CellError("", _("Tệp chưa có dòng số liệu nào. Hãy nhập điểm vào mẫu rồi tải lên.")))
    return lines, errors


def _check_header(row: Mapping[int, Cell]) -> None:
    found = [_text(row.get(column)) for column in range(1, len(HEADER) + 1)]
    if found != list(HEADER):
        raise UnreadableWorkbook(
            _("Dòng tiêu đề không đúng mẫu. Các cột phải là: %(columns)s.") % {"columns": "; ".join(HEADER)}
        )


def _text(cell: Cell | None) -> str:
    return "" if cell is None else cell.text.strip()


def _points(cell: Cell | None, line: Expected, row: int, errors: list[CellError]) -> Decimal | None:
    text = _text(cell)
    if not text:
        errors.append(CellError(f"F{row}", _("Chưa nhập điểm điều tra.")))
        return None
    try:
        points = parse_points(text)
    except NumberError as error:
        errors.append(CellError(f"F{row}", str(error)))
        return None
    if not 0 <= points <= line.maximum:
        errors.append(
            CellError(
                f"F{row}",
                _("Điểm %(points)s phải từ 0 đến %(maximum)s.")
                % {"points": format_points(points), "maximum": format_points(line.maximum)},
            )
        )
        return None
    return points


def _sheets(cell: Cell | None, row: int, errors: list[CellError]) -> int | None:
    text = _text(cell)
    if not text.isdecimal() or len(text) > 6:
        errors.append(CellError(f"G{row}", _("Số phiếu hợp lệ phải là số nguyên từ 0 trở lên.")))
        return None
    return int(text)
