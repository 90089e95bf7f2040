"""The workbook of a dossier that is filled in without a network: how its sheets look and how they are written.

One sheet for each domain, one row for each criterion. Only the cells to fill in are unlocked. They hold texts: under an
English Windows a typed 7,5 would otherwise become 75 and 05/11 the 11th of May. Each row carries the number of its
score and the version that was written, hidden; a hidden sheet carries the signed list of all of them.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from criteria.models import Criterion
from criteria.points import format_points
from criteria.scoring import Figure, Rule
from criteria.trees import leaf_rule
from units.workbooks import put

from .completeness import gap_of
from .models import Score
from .offline_fields import EXPLANATION, NOT_ARISING, POINTS, REASON, figure_label, may_not_arise, options, texts_of
from .services.scores import self_side

HEADER_ROW: Final = 3
FIRST_ROW: Final = HEADER_ROW + 1
GUIDE: Final = "Hướng dẫn"
STAMP: Final = "Chữ ký"
LISTS: Final = "Danh mục"
STAMP_PIECE: Final = 30_000
# A rule asks for two figures at most; one that asks for more gets its columns as well.
MOST_FIGURES: Final = 9

CODE: Final = "code"
NAME: Final = "name"
RULE: Final = "rule"
ASKED: Final = "asked"
MAXIMUM: Final = "maximum"
LABEL: Final = "label."
VALUE: Final = "value."
NOW: Final = "now"
STATE: Final = "state"
SCORE: Final = "score"
VERSION: Final = "version"

_THIN = Side(style="thin", color="B9C2C8")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_INPUT = PatternFill("solid", fgColor="FFF7D6")
_CLOSED = PatternFill("solid", fgColor="E3E7E9")
_HEAD = PatternFill("solid", fgColor="DDE3E6")
_BRANCH = PatternFill("solid", fgColor="F1F3F4")
_TEXT = "@"
_LINE = 15.0  # height of one line in points
_RIGHT = frozenset({MAXIMUM, POINTS, NOW})
_CENTRED = frozenset({CODE, NOT_ARISING})


class Column(NamedTuple):
    """A column of a domain's sheet; `width` in characters, `fill` where officers type."""

    key: str
    title: str
    width: float
    fill: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Line:
    """One criterion of the workbook; `question` is what the council asks about it."""

    score: Score
    documents: int
    question: str = ""


@dataclass(frozen=True)
class Part:
    """One domain: its branches as headings between its criteria."""

    domain: Criterion
    branches: Sequence[Criterion]
    lines: Sequence[Line]


@dataclass(frozen=True)
class Cover:
    """What the sheets say about themselves: title, whose and when, and the guide's further sentences."""

    title: str
    line: str
    notes: Sequence[str] = ()


def _font(*, bold: bool = False, muted: bool = False, size: int = 11) -> Font:
    return Font(name="Calibri", size=size, bold=bold, color="55626F" if muted else "1B2733")


def known_titles() -> dict[str, str]:
    """The key of every column that a sheet may have, by its title."""
    numbers = range(1, MOST_FIGURES + 1)
    return {
        _("Mã"): CODE,
        _("Tiêu chí"): NAME,
        _("Cách chấm"): RULE,
        _("Hội đồng yêu cầu"): ASKED,
        _("Điểm tối đa"): MAXIMUM,
        **{_("Nội dung kê khai %(number)s") % {"number": number}: f"{LABEL}{number}" for number in numbers},
        **{_("Số liệu %(number)s") % {"number": number}: f"{VALUE}{number}" for number in numbers},
        _("Không phát sinh"): NOT_ARISING,
        _("Điểm chấm khác"): POINTS,
        _("Lý do chấm khác"): REASON,
        _("Giải trình"): EXPLANATION,
        _("Điểm khi tải về"): NOW,
        _("Tình trạng khi tải về"): STATE,
        _("Mã dòng"): SCORE,
        _("Phiên bản"): VERSION,
    }


def columns_of(lines: Iterable[Line]) -> list[Column]:
    """The columns that these criteria need: no column stays empty from top to bottom."""
    lines = list(lines)
    title = {key: title for title, key in known_titles().items()}
    figures = max((len(leaf_rule(line.score.criterion).figures()) for line in lines), default=0)
    found = [Column(CODE, title[CODE], 8), Column(NAME, title[NAME], 40), Column(RULE, title[RULE], 36)]
    if any(line.question for line in lines):
        found.append(Column(ASKED, title[ASKED], 36))
    found.append(Column(MAXIMUM, title[MAXIMUM], 9))
    for number in range(1, figures + 1):
        found.append(Column(f"{LABEL}{number}", title[f"{LABEL}{number}"], 24))
        found.append(Column(f"{VALUE}{number}", title[f"{VALUE}{number}"], 18, fill=True))
    if any(may_not_arise(line.score.criterion) for line in lines):
        found.append(Column(NOT_ARISING, title[NOT_ARISING], 11, fill=True))
    if any(line.score.criterion.overridable for line in lines):
        found.append(Column(POINTS, title[POINTS], 10, fill=True))
        found.append(Column(REASON, title[REASON], 28, fill=True))
    return [
        *found,
        Column(EXPLANATION, title[EXPLANATION], 46, fill=True),
        Column(NOW, title[NOW], 10),
        Column(STATE, title[STATE], 26),
        Column(SCORE, title[SCORE], 10, hidden=True),
        Column(VERSION, title[VERSION], 10, hidden=True),
    ]


def sheet_title(domain_code: str) -> str:
    """The name of a domain's sheet: Excel takes 31 characters and none of []:*?/\\."""
    return re.sub(r"[\[\]:*?/\\']", "-", _("Lĩnh vực %(code)s") % {"code": domain_code})[:31]


def field_column(rule: Rule, field: str) -> str:
    """The column in which a field of the service stands: `figures.b` is the second figure's."""
    for number, figure in enumerate(rule.figures(), start=1):
        if field == f"figures.{figure.key}":
            return f"{VALUE}{number}"
    return field


def write(parts: Sequence[Part], *, cover: Cover, stamp: str) -> bytes:
    """The workbook as xlsx; `stamp` is the signed list of its rows."""
    book = Workbook()
    guide = book.active
    assert isinstance(guide, Worksheet)
    guide.title = GUIDE
    _write_guide(guide, parts, cover)
    lists = _Lists()
    for part in parts:
        _write_part(book.create_sheet(sheet_title(part.domain.code)), part, cover, lists)
    lists.write(book.create_sheet(LISTS))
    hidden = book.create_sheet(STAMP)
    for row, start in enumerate(range(0, len(stamp), STAMP_PIECE), start=1):
        put(hidden, row, 1, stamp[start : start + STAMP_PIECE])
    for sheet in (book[LISTS], hidden):
        sheet.sheet_state = "veryHidden"
    for number, sheet in enumerate(book.worksheets):
        sheet.protection.sheet = True
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
        # Two selected sheets would be typed into at once.
        sheet.sheet_view.tabSelected = number == 1
    book.active = 1
    book.security = WorkbookProtection(lockStructure=True)
    book.properties.creator = _("Chỉ số CCHC")
    book.properties.title = cover.title
    content = io.BytesIO()
    book.save(content)
    return _finished(content)


class _Lists:
    """Choices stand in columns of a hidden sheet: written into the cell they could not hold a comma."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, ...], int] = {}

    def reference(self, labels: Sequence[str]) -> str:
        column = get_column_letter(self._columns.setdefault(tuple(labels), len(self._columns) + 1))
        return f"'{LISTS}'!${column}$1:${column}${len(labels)}"

    def write(self, sheet: Worksheet) -> None:
        for labels, column in self._columns.items():
            for row, label in enumerate(labels, start=1):
                put(sheet, row, column, label)


class _Sheet:
    """A domain's sheet while it is written."""

    def __init__(self, sheet: Worksheet, columns: Sequence[Column], lists: _Lists) -> None:
        self.sheet = sheet
        self.number = {column.key: number for number, column in enumerate(columns, start=1)}
        self.columns = columns
        self._lists = lists
        self._validations: dict[tuple[str, ...], DataValidation] = {}

    def put(self, row: int, key: str, text: str, *, muted: bool = False) -> Cell:
        cell = put(self.sheet, row, self.number[key], text)
        cell.border = _BOX
        cell.number_format = _TEXT
        across = "right" if key in _RIGHT else "center" if key in _CENTRED else None
        cell.alignment = Alignment(
            horizontal=across, vertical="top", wrap_text=True, indent=1 if across == "right" else 0
        )
        cell.font = _font(muted=muted)
        self._grow(row, key, text)
        return cell

    def _grow(self, row: int, key: str, text: str) -> None:
        """Make a row as high as its longest cell: not every program does so when it opens a file."""
        across = self.columns[self.number[key] - 1].width * 1.1
        lines = sum(max(1, math.ceil(len(line) / across)) for line in text.split("\n"))
        dimension = self.sheet.row_dimensions[row]
        dimension.height = max(dimension.height or 0, _LINE * min(lines, 27) + 2)

    def open(self, row: int, key: str, text: str, choices: Sequence[str] = (), *, strict: bool = True) -> None:
        """A cell to fill in, with a list to choose from where there is one."""
        cell = self.put(row, key, text)
        cell.fill = _INPUT
        cell.protection = Protection(locked=False)
        if not choices:
            return
        validation = self._validations.get(tuple(choices))
        if validation is None:
            validation = DataValidation(
                type="list",
                formula1=self._lists.reference(choices),
                allow_blank=True,
                showErrorMessage=strict,
                errorTitle=_("Giá trị không có trong danh sách"),
                error=_("Hãy bấm mũi tên ở cạnh ô và chọn một giá trị, hoặc để trống ô."),
            )
            self._validations[tuple(choices)] = validation
            self.sheet.add_data_validation(validation)
        validation.add(cell.coordinate)

    def close(self, row: int, key: str) -> None:
        """A cell that this criterion does not have."""
        if key in self.number:
            self.put(row, key, "").fill = _CLOSED


def _write_part(sheet: Worksheet, part: Part, cover: Cover, lists: _Lists) -> None:
    page = _Sheet(sheet, columns_of(part.lines), lists)
    put(sheet, 1, 1, f"{part.domain.code}. {part.domain.name}").font = _font(bold=True, size=14)
    hint = _("Chỉ nhập vào ô nền vàng, không nhập công thức.")
    put(sheet, 2, 1, f"{cover.line} · {hint}").font = _font(muted=True)
    for column in page.columns:
        cell = page.put(HEADER_ROW, column.key, column.title)
        cell.font = _font(bold=True)
        cell.fill = _INPUT if column.fill else _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        dimension = sheet.column_dimensions[cell.column_letter]
        dimension.width = column.width
        dimension.hidden = column.hidden
    branches = {branch.order: branch for branch in part.branches}
    lines = {line.score.criterion.order: line for line in part.lines}
    for row, order in enumerate(sorted({**branches, **lines}), start=FIRST_ROW):
        if order in lines:
            _write_line(page, row, lines[order])
        else:
            _write_branch(page, row, branches[order])
    sheet.freeze_panes = f"C{FIRST_ROW}"
    _set_page(sheet, "landscape")
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _write_branch(page: _Sheet, row: int, branch: Criterion) -> None:
    for column in page.columns:
        page.put(row, column.key, "").fill = _BRANCH
    texts = ((CODE, branch.code), (NAME, branch.name), (MAXIMUM, format_points(branch.maximum)))
    for key, text in texts:
        page.put(row, key, text).font = _font(bold=True)


def _write_line(page: _Sheet, row: int, line: Line) -> None:
    score, criterion = line.score, line.score.criterion
    rule = leaf_rule(criterion)
    texts = texts_of(criterion, self_side(score))
    page.put(row, CODE, criterion.code)
    page.put(row, NAME, criterion.name)
    page.put(row, RULE, rule.describe(criterion.maximum), muted=True)
    if ASKED in page.number:
        page.put(row, ASKED, line.question)
    page.put(row, MAXIMUM, format_points(criterion.maximum))
    _write_figures(page, row, rule, texts)
    if may_not_arise(criterion):
        page.open(row, NOT_ARISING, texts[NOT_ARISING], [_("Có")], strict=False)
    else:
        page.close(row, NOT_ARISING)
    for key in (POINTS, REASON):
        if criterion.overridable:
            page.open(row, key, texts[key])
        else:
            page.close(row, key)
    page.open(row, EXPLANATION, texts[EXPLANATION])
    page.put(row, NOW, "–" if score.self_points is None else format_points(score.self_points), muted=True)
    page.put(row, STATE, state_words(score, line.documents), muted=True)
    put(page.sheet, row, page.number[SCORE], score.pk)
    put(page.sheet, row, page.number[VERSION], score.version)


def _write_figures(page: _Sheet, row: int, rule: Rule, texts: dict[str, str]) -> None:
    figures: Sequence[Figure | None] = rule.figures()
    for number in range(1, MOST_FIGURES + 1):
        if f"{VALUE}{number}" not in page.number:
            break
        figure = figures[number - 1] if number <= len(figures) else None
        if figure is None:
            page.close(row, f"{LABEL}{number}")
            page.close(row, f"{VALUE}{number}")
            continue
        page.put(row, f"{LABEL}{number}", figure_label(rule, figure))
        page.open(row, f"{VALUE}{number}", texts[f"figures.{figure.key}"], list(options(rule, figure)))


def state_words(score: Score, documents: int) -> str:
    """What is missing in a criterion, or that nothing is."""
    gap = gap_of(score, documents=documents)
    words = gap.message if gap else _("Đã đủ.")
    if documents:
        return words + " " + _("Có %(count)s tài liệu kiểm chứng.") % {"count": documents}
    return words


def _write_guide(sheet: Worksheet, parts: Sequence[Part], cover: Cover) -> None:
    put(sheet, 1, 1, cover.title).font = _font(bold=True, size=14)
    put(sheet, 2, 1, cover.line).font = _font(muted=True)
    sentences = (
        *cover.notes,
        _("Chỉ nhập vào các ô nền vàng; các ô khác được khóa. Ô nền xám là phần tiêu chí không có."),
        _("Nhập số như trên phần mềm: 7,5 hoặc 1.842 hoặc 92,8 %. Nhập ngày theo thứ tự ngày/tháng/năm: 15/02/2026."),
        _("Ô có danh sách: bấm mũi tên ở cạnh ô rồi chọn. “Không phát sinh”: chọn “Có” hoặc gõ x."),
        _("Không nhập công thức. Nếu chép số từ bảng khác, hãy dán giá trị (Dán đặc biệt → Giá trị)."),
        _("“Điểm chấm khác” chỉ nhập khi tự chấm khác điểm tính theo số liệu, và phải ghi lý do ở ô bên cạnh."),
        _("Điểm và tình trạng trong tệp là lúc tải về; điểm mới được tính khi tải tệp lên."),
        _("Tài liệu kiểm chứng được tải lên trên phần mềm, không đính kèm trong tệp này."),
        _("Tải tệp lên tại trang “Làm ngoại tuyến bằng Excel”: từng dòng thay đổi được hiện ra để chọn trước khi lưu."),
        _("Nếu có người đã lưu cùng tiêu chí trong lúc bạn làm, phần mềm hiện cả hai nội dung để bạn chọn."),
        _("Không xóa dòng, không đổi tên trang tính, không chép dòng từ tệp của hồ sơ khác."),
    )
    row = 4
    for number, sentence in enumerate(sentences, start=1):
        put(sheet, row, 1, f"{number}. {sentence}").alignment = Alignment(wrap_text=True, vertical="top")
        row += 1
    row += 1
    for column, title in enumerate((_("Trang tính"), _("Số tiêu chí")), start=1):
        cell = put(sheet, row, column, title)
        cell.font, cell.fill, cell.border = _font(bold=True), _HEAD, _BOX
    for part in parts:
        row += 1
        title = sheet_title(part.domain.code)
        cell = put(sheet, row, 1, f"{title}: {part.domain.name}")
        cell.hyperlink = f"#'{title}'!A1"
        cell.font = Font(name="Calibri", size=11, color="1F5FA8", underline="single")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = _BOX
        put(sheet, row, 2, len(part.lines)).border = _BOX
    sheet.column_dimensions["A"].width = 100
    sheet.column_dimensions["B"].width = 14
    _set_page(sheet, "portrait")


def _set_page(sheet: Worksheet, orientation: Literal["landscape", "portrait"]) -> None:
    """A4, as wide as the paper."""
    sheet.page_setup.orientation = orientation
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _finished(content: io.BytesIO) -> bytes:
    """What openpyxl cannot say: numbers are texts on purpose, no green corners; rows may still grow with their text."""
    mark = b'<ignoredErrors><ignoredError sqref="A1:Z2000" numberStoredAsText="1"/></ignoredErrors></worksheet>'
    quiet = io.BytesIO()
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(quiet, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename.startswith("xl/worksheets/sheet"):
                data = data.replace(b' customHeight="1"', b"").replace(b"</worksheet>", mark)
            target.writestr(member, data, zipfile.ZIP_DEFLATED)
    return quiet.getvalue()
