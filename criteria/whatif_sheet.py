"""Figures to try out, as an Excel sheet: one row for each criterion that points are given for.

What is read becomes what a person would have typed on the screen, so that the sheet and the page agree on everything.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .figures import Figure
from .nodes import Leaf
from .set_page import rule_words
from .setdata import NodeData, SetData, engine_nodes, leaves
from .whatif import NOT_APPLICABLE, asked, choices, may_not_arise
from .workbooks import Cell, Limits, UnreadableWorkbook, read_workbook

SHEET = "Số liệu"
LIMITS = Limits(packed=4 * 1024 * 1024, rows=3_000, columns=20)
_HEADER = (
    "Mã",
    "Tiêu chí",
    "Điểm tối đa",
    "Cách chấm",
    "Số liệu 1",
    "Giá trị 1",
    "Số liệu 2",
    "Giá trị 2",
    "Không phát sinh",
)
_WIDTHS = (10, 50, 11, 44, 34, 22, 34, 22, 15)
_VALUES = (6, 8)  # columns in which a figure is typed
_NA = 9
# Excel refuses a longer list in a cell's own validation.
_LIST_LENGTH = 255


def _leaf(node: NodeData) -> Leaf:
    [built] = engine_nodes([node])
    assert isinstance(built, Leaf)
    return built


def _text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row=row, column=column, value=text)
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _offer(sheet: Worksheet, row: int, column: int, options: list[str]) -> None:
    joined = ",".join(options)
    if not options or len(joined) > _LIST_LENGTH or any("," in option or '"' in option for option in options):
        return
    rule = DataValidation(type="list", formula1=f'"{joined}"', allow_blank=True)
    rule.add(f"{get_column_letter(column)}{row}")
    sheet.add_data_validation(rule)


def template(data: SetData) -> bytes:
    """The sheet to fill in, with the figures that each rule asks for."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    for column, (title, width) in enumerate(zip(_HEADER, _WIDTHS, strict=True), start=1):
        head = sheet.cell(row=1, column=column, value=title)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="EEF0F1")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for row, node in enumerate(leaves(data.nodes), start=2):
        leaf = _leaf(node)
        _text(sheet, row, 1, node.code)
        _text(sheet, row, 2, node.name)
        sheet.cell(row=row, column=3, value=float(node.maximum))
        _text(sheet, row, 4, rule_words(node))
        for column, figure in zip(_VALUES, asked(leaf), strict=False):
            _text(sheet, row, column - 1, f"{figure.label} ({figure.unit})" if figure.unit else figure.label)
            _offer(sheet, row, column, [words for _typed_text, words in choices(figure)])
        if may_not_arise(leaf):
            _offer(sheet, row, _NA, ["x"])
        else:
            sheet.cell(row=row, column=_NA).fill = PatternFill("solid", fgColor="EEF0F1")
    sheet.freeze_panes = "C2"
    guide = book.create_sheet(_("Hướng dẫn"))
    guide.column_dimensions["A"].width = 110
    sample = (_("Bộ chỉ số minh họa, không phải bộ chỉ số chính thức."),) if data.illustrative else ()
    if sample:
        header: Any = sheet.oddHeader
        header.center.text = sample[0]
    for row, text in enumerate(
        (
            *sample,
            _("Nhập số liệu vào cột “Giá trị 1” và “Giá trị 2”; tên số liệu ở cột bên trái."),
            _("Số viết 7,5 hoặc 1.842; ngày viết 15/02/2026. Tiêu chí không phát sinh thì ghi x vào cột cuối."),
            _("Không đổi mã tiêu chí. Dòng để trống được coi là chưa có số liệu, không phải là 0."),
        ),
        start=1,
    ):
        guide.cell(row=row, column=1, value=text)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _typed(figure: Figure, cell: Cell) -> str:
    """What would be typed on the screen for a cell. Raises ValueError for a word that is none of the choices."""
    text = " ".join(cell.text.split())
    offered = choices(figure)
    for typed, words in offered:
        if text.casefold() in (typed.casefold(), words.casefold()):
            return typed
    if offered:
        options = "; ".join(words for _typed_text, words in offered)
        raise ValueError(_("hãy chọn một trong: %(options)s.") % {"options": options})
    return text


def read(file: IO[bytes], data: SetData) -> tuple[dict[str, dict[str, str]], list[str]]:
    """What the sheet says by criterion and figure, and what could not be taken, each with its cell.

    Raises UnreadableWorkbook where the file is no such sheet.
    """
    sheet = read_workbook(file, sheets=[SHEET], limits=LIMITS).get(SHEET)
    if sheet is None:
        raise UnreadableWorkbook(
            _("Không thấy trang tính “%(sheet)s”. Hãy dùng mẫu tải từ trang này.") % {"sheet": SHEET}
        )
    nodes = {node.code: _leaf(node) for node in leaves(data.nodes)}
    typed: dict[str, dict[str, str]] = {}
    issues: list[str] = []
    for number, cells in sheet.rows.items():
        values = [cells[column] for column in (*_VALUES, _NA) if column in cells]
        if number == 1 or not values:
            continue
        code = cells[1].text.strip() if 1 in cells else ""
        if code not in nodes or code in typed:
            why = (
                _("mã “%(code)s” đã có ở dòng trên.") if code in typed else _("bộ chỉ số không có tiêu chí “%(code)s”.")
            )
            issues.append(_issue(f"A{number}", why % {"code": code}))
            continue
        typed[code] = _row(nodes[code], cells, issues)
    return typed, issues


def _issue(cell: str, message: str) -> str:
    return _("Trang “%(sheet)s”, ô %(cell)s: %(message)s") % {"sheet": SHEET, "cell": cell, "message": message}


def _row(leaf: Leaf, cells: Mapping[int, Cell], issues: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    figures = dict(zip(_VALUES, asked(leaf), strict=False))
    for column in (*_VALUES, _NA):
        cell = cells.get(column)
        if cell is None:
            continue
        if cell.is_formula or cell.is_error:
            issues.append(_issue(cell.name, _("công thức không được tính, hãy dán giá trị.")))
        elif column == _NA:
            if not may_not_arise(leaf):
                issues.append(_issue(cell.name, _("tiêu chí này không được chọn “không phát sinh”, hãy xóa ô.")))
            else:
                found[NOT_APPLICABLE] = "on"
        elif column not in figures:
            issues.append(_issue(cell.name, _("tiêu chí này không có số liệu này, hãy xóa ô.")))
        else:
            try:
                found[figures[column].key] = _typed(figures[column], cell)[:100]
            except ValueError as error:
                issues.append(_issue(cell.name, str(error)))
    return found
