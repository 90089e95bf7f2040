"""What an official document consists of (Nghị định 30/2020/NĐ-CP, phụ lục I), before any file format. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from plans.calendar import official_date

# mm; the decree allows 20-25 above and below, 30-35 left, 15-20 right, whichever way the sheet is turned
PAGE_WIDTH, PAGE_HEIGHT = 210, 297
MARGIN_TOP, MARGIN_BOTTOM, MARGIN_LEFT, MARGIN_RIGHT = 20, 20, 30, 15
FIRST_LINE = 12.7

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
ILLUSTRATIVE = "Minh họa: không phải bộ chỉ số chính thức"

BLANK = "…"
NO_VALUE = "–"

_LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# marks of reading order, and the two code points that no XML file may hold
_UNPRINTABLE = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


def text_width(*, wide: bool) -> int:
    """mm between the margins of a sheet that stands upright or is turned."""
    return (PAGE_HEIGHT if wide else PAGE_WIDTH) - MARGIN_LEFT - MARGIN_RIGHT


def clean(text: str) -> str:
    """`text` as it can be printed: composed letters, no control characters, no marks that turn the reading order.

    Line breaks stay as `\\n`; a tab becomes a space.
    """
    composed = unicodedata.normalize("NFC", _LINE_BREAKS.sub("\n", text)).replace("\t", " ")
    return "".join(
        letter
        for letter in composed
        if letter == "\n" or not (unicodedata.category(letter) in ("Cc", "Cs") or letter in _UNPRINTABLE)
    )


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    JUSTIFY = "justify"


@dataclass(frozen=True)
class Paragraph:
    """Body text, 14 pt; `keep` holds it on the page of what follows."""

    text: str
    bold: bool = False
    italic: bool = False
    align: Align = Align.JUSTIFY
    indent: bool = True
    keep: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading with its own number in `text`. Level 1: "I. KẾT QUẢ", 2: "1. Điểm", 3: "a) Chi tiết"."""

    text: str
    level: int = 1

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3):
            raise ValueError(f"a heading has level 1, 2 or 3, not {self.level}")


@dataclass(frozen=True)
class List:
    """Items of an enumeration, each after a dash."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """Width in mm, scaled so that the columns of a table fill the page, and alignment of its cells."""

    width: float
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Cell:
    """One cell; `align` None takes that of its column."""

    text: str = ""
    bold: bool = False
    italic: bool = False
    align: Align | None = None
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Row:
    """`group` 1 or 2: the row heads those after it, at the first or second level, and is never the last of a page."""

    cells: tuple[Cell, ...]
    group: int = 0


@dataclass(frozen=True)
class Table:
    """`header` is repeated on every page; `wide` turns the sheet; `size` of the text in pt.

    Raises ValueError where a row does not fill the columns. Only cells of the header may span rows: those of the body
    may be parted by the end of a page.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    header: tuple[Row, ...] = ()
    wide: bool = False
    size: float = 12

    def __post_init__(self) -> None:
        if any(cell.rows != 1 for row in self.rows for cell in row.cells):
            raise ValueError("a cell of the body spans one row")
        self._fill(self.header)
        self._fill(self.rows)

    def _fill(self, rows: Sequence[Row]) -> None:
        taken = [0] * len(self.columns)
        for number, row in enumerate(rows, start=1):
            free = [column for column, until in enumerate(taken) if until < number]
            for cell in row.cells:
                own, free = free[: cell.columns], free[cell.columns :]
                if len(own) != cell.columns or any(right - left != 1 for left, right in pairwise(own)):
                    raise ValueError(f"row {number} has more cells than columns")
                for column in own:
                    taken[column] = number + cell.rows - 1
            if free:
                raise ValueError(f"row {number} leaves columns empty")
        if any(until > len(rows) for until in taken):
            raise ValueError("a cell reaches below the last row")


Block = Paragraph | Heading | List | Table


@dataclass(frozen=True)
class Number:
    """Số, ký hiệu. `number` None: not registered yet, a place is left for it."""

    symbol: str
    number: int | None = None

    def text(self) -> str:
        """`Số: 05/QĐ-UBND`; numbers below 10 get a zero."""
        return f"Số: {BLANK if self.number is None else f'{self.number:02}'}/{self.symbol}"


def padded(number: str) -> str:
    """A number and symbol as typed, with the zero that belongs before 1 to 9: "5/QĐ-UBND" becomes "05/QĐ-UBND"."""
    return re.sub(r"^([1-9])(?=/)", r"0\1", number.strip())


def date_words(on: date | None, year: int) -> str:
    """`ngày 05 tháng 02 năm 2026`; `ngày … tháng … năm 2026` where the day is not set yet."""
    return official_date(on) if on else f"ngày {BLANK} tháng {BLANK} năm {year}"


@dataclass(frozen=True)
class Agency:
    """The two lines of the issuing body. `superior` may be empty; `issuing` may have a line break."""

    issuing: str
    superior: str = ""


@dataclass(frozen=True)
class Head:
    """The head of page 1. `number` None: a paper that is not registered; `on` None leaves day and month open in `year`.

    `subject` (V/v ...) stands under the number of a công văn.
    """

    agency: Agency
    place: str
    year: int
    on: date | None = None
    number: Number | None = None
    subject: str = ""

    def place_and_date(self) -> str:
        """`Quảng Bình, ngày 05 tháng 02 năm 2026`."""
        return f"{self.place}, {date_words(self.on, self.year)}"


class Authority(StrEnum):
    """In whose place a person signs."""

    COLLECTIVE = "TM."  # thay mặt tập thể
    DEPUTY = "KT."  # ký thay cấp trưởng
    ORDERED = "TL."  # thừa lệnh
    AUTHORISED = "TUQ."  # thừa ủy quyền


@dataclass(frozen=True)
class Signature:
    """Who signs. `authority`: the lines above the title, as (COLLECTIVE, "Ủy ban nhân dân"), (DEPUTY, "Chủ tịch")."""

    title: str
    name: str = ""
    authority: tuple[tuple[Authority, str], ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Everything above the name, in capitals."""
        above = tuple(f"{authority} {whose.upper()}" for authority, whose in self.authority)
        return (*above, self.title.upper())


@dataclass(frozen=True)
class Recipients:
    """Nơi nhận; `archive` names who keeps the original after `VT`."""

    to: tuple[str, ...]
    archive: str = ""

    def lines(self) -> tuple[str, ...]:
        """`- Như trên;` ... and last `- Lưu: VT, CCHC.`"""
        keep = f"VT, {self.archive}" if self.archive else "VT"
        return (*(f"- {name};" for name in self.to), f"- Lưu: {keep}.")


@dataclass(frozen=True)
class Document:
    """One document. Without `head` it is an annex and `reference` says to what; without `title` it is a công văn.

    `addressees` follow "Kính gửi:". Two signatures stand side by side (biên bản), one stands on the right.
    """

    title: str = ""
    about: str = ""
    reference: str = ""
    head: Head | None = None
    addressees: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    signatures: tuple[Signature, ...] = ()
    recipients: Recipients | None = None
    illustrative: bool = False

    def __post_init__(self) -> None:
        if len(self.signatures) > 2:
            raise ValueError("at most two people sign side by side")

    @property
    def name(self) -> str:
        """What the file says of itself."""
        subject = self.head.subject if self.head else ""
        return clean(" ".join(part for part in (self.title, self.about or subject) if part)).replace("\n", " ")


@dataclass(frozen=True)
class Section:
    """Consecutive blocks on sheets that are turned the same way."""

    wide: bool
    blocks: tuple[Block, ...]


def sections(document: Document) -> tuple[Section, ...]:
    """The document by orientation of its sheets, at least one section.

    What leads up to a wide table (headings and kept paragraphs) goes with it; the head stands on an upright sheet. An
    annex with a wide table is turned as a whole.
    """
    if document.head is None:
        wide = any(isinstance(block, Table) and block.wide for block in document.blocks)
        return (Section(wide, document.blocks),)
    turned: list[bool] = []
    wide = False
    for block in reversed(document.blocks):
        leads = isinstance(block, Heading) or (isinstance(block, Paragraph) and block.keep)
        wide = wide if leads else isinstance(block, Table) and block.wide
        turned.insert(0, wide)
    found = [Section(wide=False, blocks=())]
    for block, wide in zip(document.blocks, turned, strict=True):
        if found[-1].wide == wide:
            found[-1] = Section(wide, (*found[-1].blocks, block))
        else:
            found.append(Section(wide, (block,)))
    return tuple(found)
