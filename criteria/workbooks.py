"""Reading uploaded Excel files: bounded before they are opened, never evaluated, cell by cell with its place.

An archive is measured by its directory, then every XML part is walked once as a stream that keeps nothing: elements,
rows and columns are counted and an entity declaration is refused. Only what passed is given to openpyxl. The memory
that an upload takes is therefore bounded by `Limits`, whatever it claims to be.
"""

from __future__ import annotations

import datetime as dt
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any, Final
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from .points import format_points

_END: Final = b"PK\x05\x06"
_END_SIZE: Final = 22
_ZIP64_LOCATOR: Final = b"PK\x06\x07"
_TAIL: Final = 65_535 + _END_SIZE
_MAX_DIRECTORY: Final = 256 * 1024
_PIECE: Final = 64 * 1024
_SHEETS: Final = "xl/worksheets/"
_REFERENCE: Final = re.compile("([A-Z]{1,3})([1-9][0-9]{0,6})")


@dataclass(frozen=True)
class Limits:
    """What a workbook of some kind can be; sizes in bytes, `ratio` unpacked to packed."""

    packed: int = 8 * 1024 * 1024
    members: int = 200
    unpacked: int = 32 * 1024 * 1024
    ratio: int = 200
    elements: int = 500_000
    rows: int = 20_000
    columns: int = 30


class UnreadableWorkbook(Exception):
    """The upload is refused as a whole; `str()` says why and what to do."""


@dataclass(frozen=True)
class Cell:
    """A cell that holds something. A number is the decimal that is shown, a percentage in percent."""

    row: int
    column: int
    value: str | Decimal | dt.date | bool | None
    is_formula: bool = False
    is_error: bool = False

    @property
    def name(self) -> str:
        """ "C12"."""
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def text(self) -> str:
        """What a person reads: "7,5", "15/02/2026"; spaces as they are."""
        match self.value:
            case None:
                return ""
            case bool():
                return "có" if self.value else "không"
            case Decimal():
                return format_points(self.value, 0)
            case dt.date():
                return f"{self.value:%d/%m/%Y}"
            case _:
                return self.value


@dataclass(frozen=True)
class Merge:
    """A merged range; its value stands in the first cell."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True)
class Sheet:
    """The cells of one sheet that hold something, by row and column, and its merged ranges."""

    name: str
    rows: Mapping[int, Mapping[int, Cell]]
    merged: tuple[Merge, ...] = ()


def _abnormal() -> UnreadableWorkbook:
    return UnreadableWorkbook(_("Tệp bảng tính lớn bất thường nên không được mở. Hãy dùng mẫu tải từ trang này."))


def _broken() -> UnreadableWorkbook:
    return UnreadableWorkbook(_("Tệp bảng tính bị hỏng, không đọc được. Hãy mở bằng Excel, lưu lại rồi tải lên."))


def _no_workbook() -> UnreadableWorkbook:
    return UnreadableWorkbook(
        _("Tệp không phải bảng tính Excel (.xlsx). Hãy lưu ở định dạng .xlsx hoặc dùng mẫu tải từ trang này.")
    )


def _check_directory(file: IO[bytes], limits: Limits) -> None:
    """The directory is read whole by whoever opens an archive, so its size comes first."""
    file.seek(0, 2)
    size = file.tell()
    if size > limits.packed:
        raise _abnormal()
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    at = len(tail) - _END_SIZE
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise _no_workbook()
    directory = struct.unpack("<I", tail[at + 12 : at + 16])[0]
    if directory > _MAX_DIRECTORY or tail[max(0, at - 20) :].startswith(_ZIP64_LOCATOR):
        raise _abnormal()
    file.seek(0)


@dataclass
class _Extent:
    """What a walk through one sheet found."""

    far: str = ""
    merged: list[Merge] = field(default_factory=list)


class _Walk:
    """Counts the elements of all parts against one limit, keeping nothing of them."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.elements

    def part(self, content: IO[bytes], *, is_sheet: bool) -> _Extent:
        extent = _Extent()
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._sheet_handler(extent) if is_sheet else self._count
        try:
            while piece := content.read(_PIECE):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise _broken() from error
        return extent

    def _count(self, name: str, attributes: Mapping[str, str]) -> None:
        self.left -= 1
        if self.left < 0:
            raise _abnormal()

    def _sheet_handler(self, extent: _Extent) -> Callable[[str, Mapping[str, str]], None]:
        limits = self.limits
        row = column = 0

        def start(name: str, attributes: Mapping[str, str]) -> None:
            nonlocal row, column
            self._count(name, attributes)
            tag = name.rpartition(" ")[2]
            if tag == "row":
                number = attributes.get("r", str(row + 1))
                if not number.isascii() or not number.isdecimal() or len(number) > 7:
                    raise _broken()
                row, column = int(number), 0
            elif tag == "c":
                column += 1
                if "r" in attributes:
                    row, column = _reference(attributes["r"])
            elif tag in ("v", "is", "f"):
                if (row > limits.rows or column > limits.columns) and not extent.far:
                    extent.far = f"{get_column_letter(min(column, 16_384))}{row}"
            elif tag == "mergeCell":
                extent.merged.append(_merge(attributes.get("ref", "")))

        return start


def _refuse(*_declaration: Any) -> None:
    raise _abnormal()


def _reference(text: str) -> tuple[int, int]:
    found = _REFERENCE.fullmatch(text)
    if not found:
        raise _broken()
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _merge(text: str) -> Merge:
    first, _colon, last = text.partition(":")
    first_row, first_column = _reference(first)
    last_row, last_column = _reference(last or first)
    return Merge(first_row, last_row, first_column, last_column)


def _walk_parts(archive: zipfile.ZipFile, limits: Limits) -> dict[str, _Extent]:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > limits.members or unpacked > limits.unpacked or unpacked > limits.ratio * packed:
        raise _abnormal()
    names = [member.filename for member in members]
    if "xl/workbook.xml" not in names or len(set(names)) != len(names):
        raise _no_workbook()
    walk = _Walk(limits)
    found = {}
    for member in members:
        if member.filename.endswith((".xml", ".rels", ".vml")):
            with archive.open(member) as content:
                found[member.filename] = walk.part(content, is_sheet=member.filename.startswith(_SHEETS))
    return found


def _number(value: float, *, percent: bool) -> Decimal | None:
    """A number as Excel shows it: the binary fraction is not seen behind the ninth decimal."""
    number = Decimal(repr(round(value, 11))) * (100 if percent else 1)
    if not number.is_finite():
        return None
    number = round(number, 9).normalize()
    return number if number.adjusted() < 15 else None


def _cell(row: int, raw: Any) -> Cell | None:
    """Our cell for one of openpyxl's; None where a person sees nothing."""
    value, kind = raw.value, raw.data_type
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if kind == "f":
        return Cell(row, raw.column, None, is_formula=True)
    if kind == "e":
        return Cell(row, raw.column, str(value), is_error=True)
    if isinstance(value, bool | str):
        return Cell(row, raw.column, value)
    if isinstance(value, int | float):
        number = _number(value, percent="%" in (raw.number_format or ""))
        return Cell(row, raw.column, number, is_error=number is None)
    if isinstance(value, dt.datetime):
        return Cell(row, raw.column, value.date())
    if isinstance(value, dt.date):
        return Cell(row, raw.column, value)
    return Cell(row, raw.column, str(value), is_error=True)


def folded(name: str) -> str:
    """A sheet's or column's name for comparing: case and spaces do not matter."""
    return " ".join(name.split()).casefold()


def read_workbook(file: IO[bytes], *, sheets: Iterable[str], limits: Limits) -> dict[str, Sheet]:
    """The sheets of an upload that have one of the names `sheets`, by those names; one that is missing is left out.

    Raises UnreadableWorkbook for what is no workbook, what is larger than `limits`, and for a cell with a value
    beyond the last row or column.
    """
    wanted = {folded(name): name for name in sheets}
    _check_directory(file, limits)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = _walk_parts(archive, limits)
        file.seek(0)
        with warnings.catch_warnings():
            # openpyxl warns of whatever it does not support; nothing of that is read here.
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            try:
                return {
                    wanted[folded(sheet.title)]: _sheet(sheet, parts, limits)
                    for sheet in book.worksheets
                    if folded(sheet.title) in wanted
                }
            finally:
                book.close()
    except UnreadableWorkbook:
        raise
    except Exception as error:  # zipfile and openpyxl raise many kinds on a damaged file
        raise _broken() from error


def _sheet(sheet: Any, parts: Mapping[str, _Extent], limits: Limits) -> Sheet:
    extent = parts[sheet._worksheet_path.lstrip("/")]
    if extent.far:
        raise UnreadableWorkbook(
            _(
                "Trang “%(sheet)s” có dữ liệu ở ô %(cell)s, ngoài %(rows)s dòng và %(columns)s cột được đọc. "
                "Hãy xóa ô đó rồi tải lên lại."
            )
            % {"sheet": sheet.title, "cell": extent.far, "rows": limits.rows, "columns": limits.columns}
        )
    rows: dict[int, dict[int, Cell]] = {}
    read = sheet.iter_rows(max_row=limits.rows, max_col=limits.columns)
    for number, raw_cells in enumerate(read, start=1):
        cells = {cell.column: cell for raw in raw_cells if (cell := _cell(number, raw)) is not None}
        if cells:
            rows[number] = cells
    merged = tuple(merge for merge in extent.merged if merge.first_row <= limits.rows)
    return Sheet(sheet.title, rows, merged)
