"""Exactly what the monitor shows with its filter, as Excel and as PDF in the look of official papers."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from assessments.models import Cycle
from plans.calendar import local_date, long_date, short_date
from results.documents.letterhead import in_sentence, plan_words
from results.documents.model import Align, Cell, Column, Document, Paragraph, Row, Table
from results.workbook import ILLUSTRATIVE, OPTIONS
from units import clock

from .lines import Line

# Width in mm on the turned sheet, alignment, heading.
COLUMNS: tuple[tuple[float, Align, str], ...] = (
    (10, Align.CENTER, "TT"),
    (66, Align.LEFT, "Đơn vị"),
    (30, Align.LEFT, "Bước hiện tại"),
    (22, Align.CENTER, "Số ngày ở bước này"),
    (22, Align.CENTER, "Tự đánh giá (%)"),
    (22, Align.CENTER, "Thẩm định (%)"),
    (26, Align.CENTER, "Hạn gửi hồ sơ"),
    (34, Align.LEFT, "Gửi hồ sơ"),
    (36, Align.LEFT, "Dự báo"),
)


@dataclass(frozen=True)
class Export:
    """What is taken away: the lines in their order, the filter in words, the moment."""

    cycle: Cycle
    lines: Sequence[Line]
    filter_words: str
    at: dt.datetime
    illustrative: bool
    grouped: bool  # the lines stand in the order of groups

    def status(self) -> str:
        """`Số liệu lúc 10:35 thứ Bảy 21/11/2026 · 12 đơn vị · Nhóm: Các sở`."""
        moment = f"{self.at.astimezone(clock.LOCAL):%H:%M} {in_sentence(long_date(local_date(self.at)))}"
        parts = [f"Số liệu lúc {moment}", f"{len(self.lines)} đơn vị", self.filter_words]
        return " · ".join(part for part in parts if part)


def values(number: int, line: Line) -> tuple[int | str, ...]:
    """One row of the table."""
    row = line.standing
    return (
        number,
        row.unit,
        str(row.stage.label),
        row.waits,
        line.counts.own.percent,
        line.counts.appraised.percent if row.submitted_at else "",
        short_date(row.deadline.last_day),
        line.chip["text"],
        line.outlook.get("text", ""),
    )


def workbook(export: Export) -> bytes:
    """One sheet; texts never become formulas, numbers stay numbers."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#EEF0F1", "border": 1, "text_wrap": True, "valign": "top"})
    body = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("Tiến độ"))
    for column, (width, _align, _heading) in enumerate(COLUMNS):
        sheet.set_column(column, column, width / 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    texts = [f"Theo dõi tiến độ: {export.cycle.name}", export.status()]
    if export.illustrative:
        texts.append(ILLUSTRATIVE)
        sheet.set_header(f"&C{ILLUSTRATIVE}")
    for place, text in enumerate(texts):
        sheet.write_string(place, 0, text, bold if place == 0 else None)
    top = len(texts) + 1
    headings = [*(heading for _width, _align, heading in COLUMNS), "Nhóm"]
    sheet.repeat_rows(top)
    for column, heading in enumerate(headings):
        sheet.write_string(top, column, heading, head)
    for number, line in enumerate(export.lines, start=1):
        for column, value in enumerate((*values(number, line), line.standing.group)):
            _write(sheet, top + number, column, value, body)
    book.close()
    return target.getvalue()


def _write(sheet: Any, row: int, column: int, value: int | str, style: Any) -> None:
    if isinstance(value, int):
        sheet.write_number(row, column, value, style)
    elif value:
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_blank(row, column, None, style)


def document(export: Export) -> Document:
    """The table on turned sheets, with the plan that it rests on."""
    return Document(
        title="TIẾN ĐỘ THỰC HIỆN",
        about=export.cycle.name,
        reference=f"(Theo {plan_words(export.cycle.plan)})",
        blocks=(
            Paragraph(f"{export.status()}.", italic=True, align=Align.CENTER, indent=False, keep=True),
            Table(
                columns=tuple(Column(width, align) for width, align, _heading in COLUMNS),
                header=(Row(tuple(Cell(heading, bold=True, align=Align.CENTER) for _w, _a, heading in COLUMNS)),),
                rows=tuple(_rows(export)),
                wide=True,
                size=11,
            ),
        ),
        illustrative=export.illustrative,
    )


def _rows(export: Export) -> Iterator[Row]:
    group = ""
    for number, line in enumerate(export.lines, start=1):
        if export.grouped and line.standing.group != group:
            group = line.standing.group
            yield Row((Cell(group, bold=True, columns=len(COLUMNS)),), group=1)
        yield Row(tuple(Cell(str(value)) for value in values(number, line)))
