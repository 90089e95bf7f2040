"""Writing a criteria set as an Excel workbook, and the empty one to fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from .nodes import NotApplicable
from .rule_text import EXAMPLES, FORMS, rule_to_text
from .setdata import BandData, NodeData, SetData, walk
from .sheet_layout import (
    ALL_GROUPS,
    BAND_COLUMNS,
    BANDS,
    GUIDE,
    INFO,
    INFO_ROWS,
    LISTS,
    NO,
    POLICIES,
    ROUNDING,
    SOURCES,
    TREE,
    TREE_COLUMNS,
    UNITS,
    WHOLE_SET,
    YES,
    Column,
    Directory,
)

_HEAD: Final = PatternFill("solid", fgColor="DDE5EC")
_DOMAIN: Final = PatternFill("solid", fgColor="EEF2F5")
_THIN: Final = Side(style="thin", color="BFC7CF")
_BOX: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAP: Final = Alignment(vertical="top", wrap_text=True)
_PLAIN: Final = Font(name="Times New Roman", size=12)
_BOLD: Final = Font(name="Times New Roman", size=12, bold=True)
_LINE: Final = 16.5  # points
# Rows that the lists reach, filled in or not.
_LAST_ROW: Final = 2_000
_HEADER_ROW: Final = 2
# Lists by the name that the sheets refer to.
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "nguon_diem": tuple(SOURCES.values()),
    "cach_cham": tuple(FORMS.values()),
    "khong_phat_sinh": tuple(POLICIES.values()),
    "cach_lam_tron": tuple(ROUNDING.values()),
    "co_khong": (YES, NO),
}
_LISTS_OF: Final = {
    "source": "nguon_diem",
    "form": "cach_cham",
    "na_policy": "khong_phat_sinh",
    "overridable": "co_khong",
    "illustrative": "co_khong",
    "rounding_mode": "cach_lam_tron",
}
_GUIDE_LINES: Final = (
    "Tệp này dùng để đưa một bộ chỉ số vào phần mềm. Điền các trang “Thông tin”, “Bộ chỉ số”, “Xếp loại” rồi tải lên.",
    "Phần mềm đọc thử cả tệp trước, nêu mọi chỗ sai kèm tên ô, và chỉ ghi khi không còn chỗ sai.",
    "Không dùng công thức: nếu có, hãy chép rồi dán lại dưới dạng giá trị.",
    "Số viết 1,5 hoặc 1.5 đều được. Dòng trống được bỏ qua. Không đổi tên trang và tên cột.",
)


def _put(sheet: Worksheet, row: int, column: int, value: Any, *, bold: bool = False, box: bool = False) -> None:
    """Write one cell; a text stays a text, also one that begins with "="."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, Decimal):
        # at most 9 digits, which a binary fraction holds exactly
        cell.value = int(value) if value == value.to_integral_value() else float(value)
    else:
        cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = "@"
    cell.alignment = _WRAP
    cell.font = _BOLD if bold else _PLAIN
    if box:
        cell.border = _BOX


def _head(sheet: Worksheet, row: int, columns: Sequence[Column]) -> None:
    for number, column in enumerate(columns, start=1):
        _put(sheet, row, number, column.title, bold=True, box=True)
        sheet.cell(row=row, column=number).fill = _HEAD
        sheet.column_dimensions[get_column_letter(number)].width = column.width


def _fit_height(sheet: Worksheet, row: int, columns: Sequence[Column], values: Sequence[Any]) -> None:
    """Room for the wrapped texts of a row: not every program makes it by itself."""
    lines = max(
        sum(-(-len(line) // max(1, column.width - 1)) or 1 for line in str(value).split("\n"))
        for column, value in zip(columns, values, strict=True)
    )
    sheet.row_dimensions[row].height = _LINE * max(1, lines)


def _print_setup(sheet: Worksheet, header_row: int = 0, *, large: bool = False) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A3 if large else sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if header_row:
        sheet.print_title_rows = f"{header_row}:{header_row}"


def _guide(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width = 30
    sheet.column_dimensions["B"].width = 110
    row = 1
    for line in _GUIDE_LINES:
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        _put(sheet, row, 1, line)
        row += 1
    for title, columns in ((TREE, TREE_COLUMNS), (BANDS, BAND_COLUMNS), (INFO, INFO_ROWS)):
        row += 1
        _put(sheet, row, 1, f"Trang “{title}”", bold=True)
        for column in columns:
            row += 1
            _put(sheet, row, 1, column.title + (" (bắt buộc)" if column.required else ""), box=True)
            _put(sheet, row, 2, column.explained, box=True)
    row += 2
    _put(sheet, row, 1, "Cách chấm", bold=True, box=True)
    _put(sheet, row, 2, "Ví dụ viết ở cột “Chi tiết cách chấm”, cho điểm tối đa là 2", bold=True, box=True)
    for form, name in FORMS.items():
        row += 1
        _put(sheet, row, 1, name, box=True)
        _put(sheet, row, 2, EXAMPLES[form] or "(để trống)", box=True)
    row += 1
    for line in (
        "Ngưỡng còn viết được: từ 70 đến dưới 90: 1; 70-90: 1; trên 90: 2; dưới 70: 0.",
        'Tên mức có dấu ; : = [ ] thì đặt trong dấu ngoặc kép thẳng, ví dụ "Đủ; đúng hạn": 1.',
        "Chữ trong ngoặc vuông sau tên mức, ví dụ [kip_thoi], là mã của mức: giữ nguyên khi sửa tên mức.",
        "Viết thêm “cho phép vượt 100%” khi tử số được lớn hơn mẫu số, “cho phép số âm” khi giá trị có thể âm.",
    ):
        row += 1
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        _put(sheet, row, 1, line)
    _print_setup(sheet)


def _lists(book: Workbook) -> None:
    sheet = book.create_sheet(LISTS)
    sheet.sheet_state = "hidden"
    for column, (name, choices) in enumerate(_CHOICES.items(), start=1):
        letter = get_column_letter(column)
        for row, choice in enumerate(choices, start=1):
            _put(sheet, row, column, choice)
        reference = f"'{LISTS}'!${letter}$1:${letter}${len(choices)}"
        book.defined_names[name] = DefinedName(name, attr_text=reference)


def _choose(sheet: Worksheet, field: str, cells: str) -> None:
    choices = _LISTS_OF.get(field)
    if choices is None:
        return
    validation = DataValidation(type="list", formula1=f"={choices}", allow_blank=True, showErrorMessage=True)
    validation.errorTitle = "Không có trong danh sách"
    validation.error = "Hãy chọn một mục trong danh sách."
    validation.add(cells)
    sheet.add_data_validation(validation)


def _info_values(data: SetData) -> dict[str, Any]:
    return {
        "code": data.code,
        "year": data.year,
        "name": data.name,
        "source_decision": data.source_decision,
        "illustrative": YES if data.illustrative else NO,
        "rounding_step": data.rounding_step,
        "rounding_mode": ROUNDING.get(data.rounding_mode, data.rounding_mode),
        "bonus_cap": data.bonus_cap,
        "penalty_cap": data.penalty_cap,
    }


def _info(sheet: Worksheet, data: SetData | None) -> None:
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = 80
    defaults = {"illustrative": NO, "rounding_step": Decimal("0.01"), "rounding_mode": ROUNDING["half_up"]}
    values = _info_values(data) if data is not None else defaults
    for row, column in enumerate(INFO_ROWS, start=1):
        _put(sheet, row, 1, column.title, bold=True, box=True)
        sheet.cell(row=row, column=1).fill = _HEAD
        _put(sheet, row, 2, values.get(column.field, ""), box=True)
        _choose(sheet, column.field, f"B{row}")
    _print_setup(sheet)


def _node_values(node: NodeData) -> dict[str, Any]:
    form, detail = rule_to_text(node.rule) if node.rule is not None else ("", "")
    said = node.na_policy is not NotApplicable.NONE
    return {
        "code": node.code,
        "level": node.depth + 1,
        "name": node.name,
        "maximum": node.maximum,
        "source": SOURCES[node.source] if node.source else "",
        "form": form,
        "rule": detail,
        "na_policy": POLICIES[node.na_policy] if said else "",
        "overridable": YES if node.overridable else "",
        "evidence": node.evidence,
        "guidance": node.guidance,
        "survey_question": node.survey_question,
        "leads": "; ".join(node.leads),
        "dropped_for": "; ".join(node.dropped_for),
    }


def _tree(sheet: Worksheet, data: SetData | None) -> None:
    if data is not None:
        year = "" if str(data.year) in data.name else f", năm {data.year}"
        note = " – MINH HỌA, không phải bộ chỉ số chính thức" if data.illustrative else ""
        _put(sheet, 1, 1, f"{data.name}{year}{note}", bold=True)
        sheet.cell(row=1, column=1).alignment = Alignment(wrap_text=False)
    _head(sheet, _HEADER_ROW, TREE_COLUMNS)
    sheet.row_dimensions[_HEADER_ROW].height = 3 * _LINE
    row = _HEADER_ROW
    for node in walk(data.nodes if data is not None else ()):
        row += 1
        values = _node_values(node)
        for number, column in enumerate(TREE_COLUMNS, start=1):
            value = values[column.field]
            _put(sheet, row, number, None if value == "" else value, bold=bool(node.children), box=True)
            if node.depth == 0:
                sheet.cell(row=row, column=number).fill = _DOMAIN
        _fit_height(sheet, row, TREE_COLUMNS, [values[column.field] for column in TREE_COLUMNS])
    for number, column in enumerate(TREE_COLUMNS, start=1):
        letter = get_column_letter(number)
        _choose(sheet, column.field, f"{letter}{_HEADER_ROW + 1}:{letter}{_LAST_ROW}")
        if column.field == "code":
            # Excel would make a number of 1.10 and a day of 1.2
            for blank in range(row + 1, row + 301):
                sheet.cell(row=blank, column=number).number_format = "@"
    sheet.freeze_panes = f"D{_HEADER_ROW + 1}"
    _print_setup(sheet, _HEADER_ROW, large=True)


def _bands(sheet: Worksheet, data: SetData | None) -> None:
    _head(sheet, 1, BAND_COLUMNS)
    row = 1

    def write(part: str, bands: Iterable[BandData]) -> None:
        nonlocal row
        for band in bands:
            row += 1
            for column, value in enumerate((part, band.group or ALL_GROUPS, band.label, band.lower), start=1):
                _put(sheet, row, column, value, box=True)

    if data is not None:
        write(WHOLE_SET, data.bands)
        for node in walk(data.nodes):
            write(node.code, node.bands)
    sheet.freeze_panes = "A2"
    _print_setup(sheet, 1)


def _units(book: Workbook, directory: Directory) -> None:
    sheet = book.create_sheet(UNITS)
    columns = (Column("code", "Mã", 36, ""), Column("name", "Tên", 60, ""), Column("kind", "Loại", 18, ""))
    _head(sheet, 1, columns)
    row = 1
    for kind, known in (("Đơn vị", directory.units), ("Nhóm xếp hạng", directory.groups)):
        for code, names in known.items():
            row += 1
            for column, value in enumerate((code, names[0] if names else "", kind), start=1):
                _put(sheet, row, column, value, box=True)
    sheet.freeze_panes = "A2"


def build_workbook(data: SetData | None, directory: Directory | None) -> bytes:
    """The workbook of `data`, or an empty one to fill in; `directory` adds a sheet of the units to name."""
    book = Workbook()
    book.properties.creator = ""
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = GUIDE
    _guide(guide)
    _info(book.create_sheet(INFO), data)
    _tree(book.create_sheet(TREE), data)
    _bands(book.create_sheet(BANDS), data)
    if directory is not None:
        _units(book, directory)
    _lists(book)
    book.active = book.index(book[TREE] if data is not None else guide)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
