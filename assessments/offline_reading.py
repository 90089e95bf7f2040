"""Reading a filled-in workbook back: whose file it is, and the text of every cell that a person may type into.

Nothing here knows what the texts mean. A cell is read as the person sees it: a number as it is written in Vietnamese,
a date as day/month/year, a percentage with its sign. A formula is never evaluated; its cell is named instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any, Final

from django.core import signing
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from units.workbooks import CellIssue, UnreadableWorkbook, open_workbook

from .errors import ServiceError
from .offline_fields import EXPLANATION, NOT_ARISING, POINTS, REASON, plain
from .offline_workbook import (
    CODE,
    FIRST_ROW,
    HEADER_ROW,
    SCORE,
    STAMP,
    VALUE,
    VERSION,
    known_titles,
)

# A dossier of a hundred criteria takes some 30 kB; a file of this size holds the longest giải trình everywhere.
MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ROWS: Final = 2_000
MAX_COLUMNS: Final = 60
SALT: Final = "assessments.offline.stamp"
_TYPED: Final = frozenset({NOT_ARISING, POINTS, REASON, EXPLANATION})
_STAMP_ROWS: Final = 200


class Refused(ServiceError):
    """The file as a whole is not taken; `issues` name each cell where the fault is in one."""

    def __init__(self, message: str, issues: Sequence[CellIssue] = ()) -> None:
        super().__init__(message)
        self.issues = list(issues)


@dataclass(frozen=True)
class Stamp:
    """What was signed when the file was made: the dossier, its rows with their versions, who and when (UTC)."""

    dossier_id: int
    set_id: int
    versions: Mapping[int, int]
    by_id: int
    at: dt.datetime

    def signed(self) -> str:
        """The stamp as one text under HMAC-SHA256 with the installation's key."""
        return signing.dumps(
            {
                "dossier": self.dossier_id,
                "set": self.set_id,
                "rows": sorted(self.versions.items()),
                "by": self.by_id,
                "at": self.at.isoformat(),
            },
            salt=SALT,
            compress=True,
        )


@dataclass(frozen=True)
class TypedRow:
    """One criterion as it stands in the file. `faults` are cells that cannot be read, by column."""

    score_id: int
    sheet: str
    number: int
    code: str
    texts: Mapping[str, str]
    faults: Mapping[str, str]
    letters: Mapping[str, str]

    def cell(self, column: str) -> str:
        """Where a column of this row is: `F7`; the criterion's code where the sheet has no such column."""
        return f"{self.letters.get(column, self.letters[CODE])}{self.number}"

    def issue(self, column: str, message: str) -> CellIssue:
        return CellIssue(self.sheet, self.cell(column), message)


class _CellFault(Exception):
    """A cell that cannot be read as a typed text."""


def check_size(file: IO[bytes]) -> None:
    """Refuse an upload that is empty or larger than any workbook of ours, before anything of it is read."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    if size == 0:
        raise Refused(_("Tệp không có nội dung (0 byte). Hãy chọn lại tệp trên máy của bạn."))
    if size > MAX_BYTES:
        raise Refused(
            _("Tệp lớn hơn %(limit)s MB nên không được mở. Hãy dùng tệp tải từ trang này.")
            % {"limit": MAX_BYTES // (1024 * 1024)}
        )


def read(file: IO[bytes], titles: Sequence[str], *, dossier_id: int, set_id: int) -> tuple[Stamp, list[TypedRow]]:
    """The stamp of the file and its rows, from the sheets named by `titles` in that order.

    Raises Refused: no workbook, not one of ours, of another dossier, hidden columns changed, columns moved.
    """
    check_size(file)
    try:
        with open_workbook(file) as book:
            stamp = _stamp(book, dossier_id=dossier_id, set_id=set_id)
            rows: list[TypedRow] = []
            issues: list[CellIssue] = []
            for title in titles:
                if title in book.sheetnames:
                    rows += _sheet_rows(book, title, stamp.versions, issues)
    except UnreadableWorkbook as error:
        raise Refused(str(error)) from error
    if issues:
        raise Refused(
            _("Phần khóa của tệp đã bị sửa nên tệp không dùng được. Hãy tải tệp mới và chép số liệu sang."), issues
        )
    return stamp, rows


def _stamp(book: Workbook, *, dossier_id: int, set_id: int) -> Stamp:
    if STAMP not in book.sheetnames:
        raise Refused(
            _("Tệp này không phải tệp tải từ trang “Làm ngoại tuyến bằng Excel”. Hãy tải tệp về, nhập rồi tải lên lại.")
        )
    pieces = book[STAMP].iter_rows(max_row=_STAMP_ROWS, max_col=1, values_only=True)
    text = "".join(str(value) for (value,) in _safely(pieces) if value is not None)
    try:
        data = signing.loads(text, salt=SALT)
    except signing.BadSignature as error:
        raise Refused(
            _("Chữ ký của tệp không đúng: tệp đã bị sửa phần khóa hoặc không do hệ thống này tạo ra. Hãy tải tệp mới.")
        ) from error
    stamp = Stamp(
        dossier_id=data["dossier"],
        set_id=data["set"],
        versions=dict(data["rows"]),
        by_id=data["by"],
        at=dt.datetime.fromisoformat(data["at"]),
    )
    if (stamp.dossier_id, stamp.set_id) != (dossier_id, set_id):
        raise Refused(_("Tệp này được tải về từ một hồ sơ khác. Hãy mở đúng hồ sơ của tệp, hoặc tải tệp mới ở đây."))
    return stamp


def _safely(rows: Iterator[Any]) -> Iterator[Any]:
    """The rows of a sheet; a damaged file is refused."""
    while True:
        try:
            row = next(rows, None)
        except Exception as error:  # openpyxl raises many kinds on a damaged file
            raise UnreadableWorkbook(_("Tệp bảng tính bị hỏng, không đọc được. Hãy lưu lại rồi tải lên.")) from error
        if row is None:
            return
        yield row


def _sheet_rows(book: Workbook, title: str, versions: Mapping[int, int], issues: list[CellIssue]) -> Iterator[TypedRow]:
    rows = list(enumerate(_safely(book[title].iter_rows(max_row=MAX_ROWS, max_col=MAX_COLUMNS)), start=1))
    columns = _columns(title, rows[HEADER_ROW - 1][1] if len(rows) >= HEADER_ROW else (), issues)
    for number, cells in rows[FIRST_ROW - 1 :] if columns else []:
        if cells[columns[SCORE]].value is None:
            continue
        score_id, version = (_whole(cells[columns[key]].value) for key in (SCORE, VERSION))
        if score_id not in versions or version != versions[score_id]:
            place = f"{get_column_letter(columns[SCORE] + 1)}{number}"
            issues.append(CellIssue(title, place, _("Mã dòng hoặc phiên bản ở cột ẩn không đúng với chữ ký của tệp.")))
            continue
        yield _row(score_id, title, number, columns, cells)


def _columns(title: str, cells: Sequence[Any], issues: list[CellIssue]) -> dict[str, int]:
    """The place of each column by its title, from 0; empty where one is missing or stands twice."""
    known = known_titles()
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        key = known.get(str(cell.value or "").strip())
        if key in found:
            found = {}
            break
        if key:
            found[key] = index
    if {CODE, EXPLANATION, SCORE, VERSION} <= found.keys():
        return found
    issues.append(CellIssue(title, f"A{HEADER_ROW}", _("Dòng tiêu đề không còn như khi tải về.")))
    return {}


def _row(score_id: int, title: str, number: int, columns: Mapping[str, int], cells: Sequence[Any]) -> TypedRow:
    texts: dict[str, str] = {}
    faults: dict[str, str] = {}
    for key, index in columns.items():
        if key not in _TYPED and not key.startswith(VALUE):
            continue
        try:
            texts[key] = typed_text(cells[index])
        except _CellFault as fault:
            texts[key] = ""
            faults[key] = str(fault)
    code = cells[columns[CODE]].value
    return TypedRow(
        score_id=score_id,
        sheet=title,
        number=number,
        code="" if code is None else str(code).strip(),
        texts=texts,
        faults=faults,
        letters={key: get_column_letter(index + 1) for key, index in columns.items()},
    )


def _whole(value: Any) -> int:
    """A hidden number; -1 where it is none."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return int(text) if text.isdecimal() and len(text) < 19 else -1


def typed_text(cell: Any) -> str:
    """What a person sees in a cell, as they would type it. Raises _CellFault for formulas and Excel's own errors."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise _CellFault(_("Ô chứa công thức. Hãy nhập giá trị, hoặc dán giá trị (Dán đặc biệt → Giá trị)."))
    if cell.data_type == "e":
        raise _CellFault(_("Ô báo lỗi %(error)s của Excel. Hãy nhập lại giá trị.") % {"error": value})
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, dt.date):  # a datetime is one, too
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, int | float):
        return _number_text(value, percent="%" in (cell.number_format or ""))
    if isinstance(value, dt.time | dt.timedelta):
        raise _CellFault(_("Ô chứa giờ, không phải số hay ngày. Hãy nhập lại giá trị."))
    return plain(str(value))


def _number_text(value: int | float, *, percent: bool) -> str:
    """A number with a decimal comma and no grouping, as precise as Excel shows: 15 digits."""
    exact = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    text = f"{exact * 100 if percent else exact:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") + ("%" if percent else "")
