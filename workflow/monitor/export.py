"""What a page of the monitor shows with its filter, as Excel and as PDF in the look of official papers.

One renderer for all pages: a page gives its tables (`tables`), this module draws them.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from assessments.models import Cycle
from plans.calendar import local_date, long_date
from results.documents.letterhead import in_sentence, plan_words
from results.documents.model import NO_VALUE, Align, Block, Cell, Column, Document, Heading, Paragraph, Row, Table
from results.workbook import ILLUSTRATIVE, OPTIONS
from units import clock
from units.templatetags.cchc import points

Value = int | str | Decimal | None
# Width in mm on the turned sheet, alignment, heading.
Head = tuple[float, Align, str]
NUMERALS = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Part:
    """One table of a page. `groups`: the group of each row; `grouped`: rows of one group stand together."""

    name: str
    columns: Sequence[Head]
    rows: Sequence[Sequence[Value]]
    groups: Sequence[str] = ()
    grouped: bool = False
    note: str = ""


@dataclass(frozen=True)
class Export:
    """What is taken away: the tables of a page, how many units they show, the filter in words, the moment."""

    cycle: Cycle
    title: str
    parts: Sequence[Part]
    filter_words: str
    at: dt.datetime
    illustrative: bool
    units: int | None = None

    def status(self) -> str:
        """`Số liệu lúc 10:35 thứ Bảy 21/11/2026 · 12 đơn vị · Nhóm: Các sở`."""
        moment = f"{self.at.astimezone(clock.LOCAL):%H:%M} {in_sentence(long_date(local_date(self.at)))}"
        shown = "" if self.units is None else _("%(count)s đơn vị") % {"count": self.units}
        return " · ".join(part for part in (f"Số liệu lúc {moment}", shown, self.filter_words) if part)


def workbook(export: Export) -> bytes:
    """A sheet for each table; texts never become formulas, numbers stay numbers."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    for part in export.parts:
        _sheet(book, export, part)
    book.close()
    return target.getvalue()


def _sheet(book: Any, export: Export, part: Part) -> None:
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#EEF0F1", "border": 1, "text_wrap": True, "valign": "top"})
    body = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    tenths = book.add_format({"border": 1, "valign": "top", "num_format": "#,##0.0"})
    sheet = book.add_worksheet(part.name[:31])
    for column, (width, _align, _heading) in enumerate(part.columns):
        sheet.set_column(column, column, width / 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    texts = [f"{export.title}: {export.cycle.name}", export.status(), part.note]
    if export.illustrative:
        texts.append(ILLUSTRATIVE)
        sheet.set_header(f"&C{ILLUSTRATIVE}")
    texts = [text for text in texts if text]
    for place, text in enumerate(texts):
        sheet.write_string(place, 0, text, bold if place == 0 else None)
    top = len(texts) + 1
    headings = [heading for _width, _align, heading in part.columns]
    if part.groups:
        headings.append(_("Nhóm"))
        sheet.set_column(len(part.columns), len(part.columns), 24)
    sheet.repeat_rows(top)
    for column, heading in enumerate(headings):
        sheet.write_string(top, column, heading, head)
    for number, row in enumerate(part.rows):
        group = part.groups[number : number + 1]
        for column, value in enumerate((*row, *group)):
            _write(sheet, top + 1 + number, column, value, tenths if isinstance(value, Decimal) else body)


def _write(sheet: Any, row: int, column: int, value: Value, style: Any) -> None:
    if isinstance(value, int | Decimal):
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)
    elif value:
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_blank(row, column, None, style)


def document(export: Export) -> Document:
    """The tables on turned sheets, with the plan that they rest on."""
    return Document(
        title=export.title.upper(),
        about=export.cycle.name,
        reference=f"(Theo {plan_words(export.cycle.plan)})",
        blocks=(
            Paragraph(f"{export.status()}.", italic=True, align=Align.CENTER, indent=False, keep=True),
            *_blocks(export.parts),
        ),
        illustrative=export.illustrative,
    )


def _blocks(parts: Sequence[Part]) -> Iterator[Block]:
    for numeral, part in zip(NUMERALS, parts, strict=False):
        if len(parts) > 1:
            yield Heading(f"{numeral}. {part.name.upper()}")
        if part.note:
            yield Paragraph(part.note, italic=True, indent=False, keep=True)
        yield Table(
            columns=tuple(Column(width, align) for width, align, _heading in part.columns),
            header=(Row(tuple(Cell(heading, bold=True, align=Align.CENTER) for _w, _a, heading in part.columns)),),
            rows=tuple(_rows(part)),
            wide=True,
            size=11,
        )


def _rows(part: Part) -> Iterator[Row]:
    group = ""
    for number, row in enumerate(part.rows):
        if part.grouped and part.groups[number] != group:
            group = part.groups[number]
            yield Row((Cell(group, bold=True, columns=len(part.columns)),), group=1)
        yield Row(tuple(Cell(_text(value)) for value in row))


def _text(value: Value) -> str:
    if value is None:
        return NO_VALUE
    if isinstance(value, str):
        return value
    return points(value, 1 if isinstance(value, Decimal) else 0)
