"""The gate for uploaded Excel workbooks, and the one way to write texts into a sheet.

Survey, criteria and plans read their workbooks through here: each keeps its own columns and rules. An upload is
bounded before it is opened (archive members, unpacked size, ratio, document type declarations) and while it is read
(rows, columns). Formulas are never evaluated; a text that looks like one stays a text.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.worksheet.worksheet import Worksheet

MAX_MEMBERS = 200
MAX_UNPACKED = 64 * 1024 * 1024
MAX_RATIO = 200
MAX_ROWS = 20_000
MAX_COLUMNS = 60
# The longest text that a cell of Excel holds.
MAX_TEXT = 32_767

_CHUNK = 1024 * 1024


class UnreadableWorkbook(Exception):
    """The upload is refused as a whole; `str()` says why and what to do."""


@dataclass(frozen=True)
class CellIssue:
    """What is wrong, where, and what to do. `sheet` and `cell` are empty where the fault is the file's."""

    sheet: str
    cell: str
    message: str

    def __str__(self) -> str:
        where = "!".join(part for part in (self.sheet, self.cell) if part)
        return f"{where}: {self.message}" if where else self.message


class Formula(str):
    """The text of a formula cell, so that a reader can tell it from a text that begins with `=`."""


def check_archive(file: IO[bytes]) -> None:
    """Refuse an upload that is no workbook, or that unpacks to more than a workbook can be.

    Raises UnreadableWorkbook; leaves `file` at its start otherwise.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_sizes(members)
            if "xl/workbook.xml" not in {member.filename for member in members}:
                raise UnreadableWorkbook(_("Tệp không phải bảng tính Excel (.xlsx). Hãy lưu lại ở định dạng .xlsx."))
            for member in members:
                if member.filename.endswith((".xml", ".rels", ".vml")):
                    _check_member(archive, member)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnreadableWorkbook(
            _("Tệp không phải bảng tính Excel (.xlsx) đọc được. Hãy tải mẫu về, nhập số liệu rồi tải lên lại.")
        ) from error
    file.seek(0)


def _check_sizes(members: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise UnreadableWorkbook(_("Tệp bảng tính lớn bất thường nên không được mở. Hãy dùng mẫu tải từ trang này."))


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Office never declares a document type; whoever does wants entities to grow while they are read."""
    tail = b""
    with archive.open(member) as content:
        while chunk := content.read(_CHUNK):
            if b"<!DOCTYPE" in tail + chunk or b"\x00" in chunk:
                raise UnreadableWorkbook(_("Tệp bảng tính có nội dung không được phép nên không được mở."))
            tail = chunk[-16:]


@contextmanager
def open_workbook(file: IO[bytes]) -> Iterator[Workbook]:
    """The checked upload, read-only and closed afterwards; raises UnreadableWorkbook."""
    check_archive(file)
    try:
        book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises many kinds on a damaged file
        raise UnreadableWorkbook(_("Tệp bảng tính bị hỏng, không đọc được. Hãy lưu lại rồi tải lên.")) from error
    try:
        yield book
    finally:
        book.close()


def sheet_rows(
    book: Workbook,
    title: str,
    header: Sequence[str],
    *,
    max_rows: int = MAX_ROWS,
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows under the header of sheet `title`: (number in the sheet, exactly as many values as `header`).

    Rows without any value are left out; a formula comes as `Formula`. Raises UnreadableWorkbook where the sheet or
    its header is missing, where there are more than `max_rows` rows, and where the file is damaged.
    """
    if title not in book.sheetnames:
        raise UnreadableWorkbook(
            _("Không thấy trang tính “%(sheet)s”. Hãy dùng mẫu tải từ trang này.") % {"sheet": title}
        )
    width = len(header)
    rows = book[title].iter_rows(max_row=max_rows + 2, max_col=max(width, 1))
    number = 0
    while True:
        try:
            cells = next(rows, None)
        except Exception as error:  # openpyxl raises many kinds on a damaged file
            raise UnreadableWorkbook(_("Tệp bảng tính bị hỏng, không đọc được. Hãy lưu lại rồi tải lên.")) from error
        if cells is None:
            break
        number += 1
        values = tuple(Formula(cell.value) if cell.data_type == "f" else cell.value for cell in cells)
        values += (None,) * (width - len(values))
        if number == 1:
            _check_header(title, values, header)
        elif any(value is not None and str(value).strip() for value in values):
            if number > max_rows + 1:
                raise UnreadableWorkbook(
                    _("Trang tính “%(sheet)s” có quá %(rows)s dòng.") % {"sheet": title, "rows": max_rows}
                )
            yield number, values
    if number == 0:
        _check_header(title, (None,) * width, header)


def _check_header(title: str, values: Sequence[Any], header: Sequence[str]) -> None:
    if [cell_text(value) for value in values] != list(header):
        raise UnreadableWorkbook(
            _("Trang tính “%(sheet)s”: dòng tiêu đề không đúng mẫu. Các cột phải là: %(columns)s.")
            % {"sheet": title, "columns": "; ".join(header)}
        )


def cell_text(value: Any) -> str:
    """The text of a cell without spaces around it; empty for an empty cell, `3` for the number 3.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def put(sheet: Worksheet, row: int, column: int, value: Any) -> Cell:
    """Write one value; a text never becomes a formula, whatever it begins with, and loses control characters."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)[:MAX_TEXT]
        if cell.data_type == "f":
            cell.data_type = "s"
    else:
        cell.value = value
    assert isinstance(cell, Cell)
    return cell
