"""Finding the table in a sheet that a person filled in: its header, merged cells, cells as text, number or choice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from .points import NumberError, parse_points
from .setdata import many_lines, one_line
from .sheet_layout import NO, YES, CellIssue, Column
from .workbooks import Cell, Sheet, folded

_HEADER_ROWS = 30
_YES = frozenset({folded(YES), "x", "1", "đúng", "true"})
_NO = frozenset({"", folded(NO), "0", "sai", "false"})


@dataclass
class Issues:
    """Everything found so far, and which fields of which rows are among it."""

    errors: list[CellIssue] = field(default_factory=list)
    warnings: list[CellIssue] = field(default_factory=list)
    wrong: set[tuple[str, int, str]] = field(default_factory=set)

    def error(self, sheet: str, cell: str, message: str, remedy: str) -> None:
        issue = CellIssue(sheet, cell, message, remedy)
        if issue not in self.errors:
            self.errors.append(issue)

    def warn(self, sheet: str, cell: str, message: str, remedy: str) -> None:
        issue = CellIssue(sheet, cell, message, remedy)
        if issue not in self.warnings:
            self.warnings.append(issue)


@dataclass
class Line:
    """One row of a table, its cells by field. `spread` are fields whose value comes from a merge over rows."""

    table: Table
    number: int
    cells: dict[str, Cell]
    spread: set[str] = field(default_factory=set)

    def place(self, name: str) -> str:
        """The cell of a field, "C12", also where it is empty; the row's first cell for a field without column."""
        cell = self.cells.get(name)
        return self.table.place(self.number, name) if cell is None else cell.name

    def owns(self, name: str) -> bool:
        """Whether the value of a field stands in this very row, not in the first row of a merge."""
        cell = self.cells.get(name)
        return cell is not None and cell.row == self.number

    def error(self, name: str, message: str, remedy: str) -> None:
        self.table.issues.error(self.table.sheet.name, self.place(name), message, remedy)
        self.table.issues.wrong.add((self.table.sheet.name, self.number, name))

    def warn(self, name: str, message: str, remedy: str) -> None:
        self.table.issues.warn(self.table.sheet.name, self.place(name), message, remedy)

    def is_wrong(self, name: str) -> bool:
        return (self.table.sheet.name, self.number, name) in self.table.issues.wrong

    def has(self, name: str) -> bool:
        return name in self.cells

    def text(self, name: str, *, lines: bool = False) -> str:
        """The tidy text of a field; empty for none and for a cell that cannot be read."""
        cell = self.cells.get(name)
        if cell is None:
            return ""
        if cell.is_formula:
            self.error(
                name,
                _("Ô chứa công thức; phần mềm không tính công thức."),
                _("Chép ô rồi dán lại dưới dạng giá trị."),
            )
            return ""
        if cell.is_error:
            self.error(name, _("Ô có giá trị lỗi hoặc số không đọc được."), _("Ghi lại giá trị của ô."))
            return ""
        return many_lines(cell.text) if lines else one_line(cell.text)

    def points(self, name: str) -> Decimal | None:
        """A number of at most 4 decimals; None where there is none or it cannot be read."""
        text = self.text(name)
        if not text:
            return None
        try:
            return parse_points(text.removesuffix("%").rstrip())
        except NumberError as error:
            self.error(name, str(error), _("Ghi số, ví dụ 1,5."))
            return None

    def yes(self, name: str) -> bool:
        text = folded(self.text(name))
        if text not in _YES | _NO:
            self.error(name, _("Không hiểu “%(text)s”.") % {"text": text}, _("Ghi “Có”, hoặc để trống."))
        return text in _YES

    def choice(self, name: str, choices: Mapping[str, str]) -> str | None:
        """The key of `choices` (key to words) that a cell names by its words; None where it is empty or unknown."""
        text = self.text(name)
        if not text:
            return None
        for key, words in choices.items():
            if folded(text) in (folded(words), key):
                return key
        self.error(
            name,
            _("“%(text)s” không có trong danh sách.") % {"text": text},
            _("Chọn một trong: %(choices)s.") % {"choices": "; ".join(words for words in choices.values() if words)},
        )
        return None


class Table:
    """The rows below a header that is found by its words, in whatever order its columns stand."""

    def __init__(self, sheet: Sheet, columns: Sequence[Column], issues: Issues) -> None:
        self.sheet = sheet
        self.issues = issues
        self.columns: dict[str, int] = {}
        self.header_row = 0
        self._find_header(columns)

    def place(self, row: int, name: str) -> str:
        return Cell(row, self.columns.get(name, 1), None).name

    def _find_header(self, columns: Sequence[Column]) -> None:
        titles = {folded(title): column.field for column in columns for title in (column.title, *column.also)}
        required = [column for column in columns if column.required]
        best: dict[str, int] = {}
        repeated: list[Cell] = []
        for number in sorted(self.sheet.rows)[:_HEADER_ROWS]:
            found: dict[str, int] = {}
            twice = []
            for cell in self.sheet.rows[number].values():
                name = titles.get(folded(cell.text.rstrip(":* ")))
                if name in found:
                    twice.append(cell)
                elif name:
                    found[name] = cell.column
            if len(found) > len(best):
                best, repeated, self.header_row = found, twice, number
        missing = [column.title for column in required if column.field not in best]
        if missing:
            self.issues.error(
                self.sheet.name,
                "",
                _("Không thấy cột: %(columns)s.") % {"columns": "; ".join(missing)},
                _("Giữ nguyên tên các cột như trong mẫu, cùng trên một dòng."),
            )
            return
        self.columns = best
        for cell in repeated:
            self.issues.error(
                self.sheet.name,
                cell.name,
                _("Cột “%(title)s” có hai lần.") % {"title": one_line(cell.text)},
                _("Xóa một cột."),
            )
        for cell in self.sheet.rows[self.header_row].values():
            if cell.column not in best.values() and cell not in repeated:
                self.issues.warn(
                    self.sheet.name,
                    cell.name,
                    _("Cột “%(title)s” không được đọc.") % {"title": one_line(cell.text)},
                    _("Nếu cần nội dung này, hãy chuyển sang cột của mẫu."),
                )

    def lines(self) -> Iterator[Line]:
        """Rows that say something, a value merged over several rows being in each of them."""
        if not self.columns:
            return
        fields = {column: name for name, column in self.columns.items()}
        merges = [
            merge
            for merge in self.sheet.merged
            if merge.first_column in fields and merge.first_row > self.header_row and merge.last_row > merge.first_row
        ]
        spread: dict[int, dict[int, Cell]] = {}
        for merge in merges:
            cell = self.sheet.rows.get(merge.first_row, {}).get(merge.first_column)
            if cell is not None:
                for row in range(merge.first_row, min(merge.last_row, max(self.sheet.rows)) + 1):
                    spread.setdefault(row, {})[merge.first_column] = cell
        for number, cells in self.sheet.rows.items():
            if number <= self.header_row:
                continue
            own = {fields[column]: cell for column, cell in cells.items() if column in fields}
            if not own:
                continue
            merged = {fields[column]: cell for column, cell in spread.get(number, {}).items()}
            yield Line(self, number, {**merged, **own}, set(merged))


class Form(Table):
    """A sheet of two columns, a name and its value, as one line."""

    def place(self, row: int, name: str) -> str:
        return self.places.get(name, "")

    def _find_header(self, columns: Sequence[Column]) -> None:
        titles = {folded(title): column.field for column in columns for title in (column.title, *column.also)}
        self.places: dict[str, str] = {}
        self.values: dict[str, Cell] = {}
        for number, cells in self.sheet.rows.items():
            columns_used = sorted(cells)
            name = titles.get(folded(cells[columns_used[0]].text.rstrip(":* ")))
            if name is None or name in self.places:
                continue
            self.places[name] = Cell(number, columns_used[0] + 1, None).name
            if len(columns_used) > 1:
                self.values[name] = cells[columns_used[1]]

    def line(self) -> Line:
        return Line(self, 0, self.values)
