"""The document as PDF, by Typst: offline, with the typefaces of DOCUMENT_FONTS_DIR alone.

Texts reach the fixed program `document.typ` as data, never as its source: whatever a person typed is printed as it is.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from plans.calendar import start_of

from .model import (
    FIRST_LINE,
    ILLUSTRATIVE,
    MARGIN_BOTTOM,
    MARGIN_LEFT,
    MARGIN_RIGHT,
    MARGIN_TOP,
    MOTTO,
    NATION,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    Align,
    Block,
    Document,
    Head,
    Heading,
    List,
    Paragraph,
    Row,
    Table,
    clean,
    sections,
    text_width,
)

PROGRAM = (Path(__file__).parent / "document.typ").read_bytes()
# A row of more lines may be parted by the end of a page; a lower one stays whole.
WHOLE_ROW_LINES = 16
# Mean width of a letter of Tinos, in em.
LETTER = 0.46
FONT = "Tinos"
PT_PER_MM = 72 / 25.4
# What a file without a day of its own says: the day of the decree.
UNDATED = date(2020, 3, 5)


def pdf(document: Document) -> bytes:
    """The same document gives the same bytes: the file is dated by the day that it bears, not by that of printing."""
    output = typst.compile(
        PROGRAM,
        font_paths=_fonts(str(settings.DOCUMENT_FONTS_DIR)),
        sys_inputs={"document": json.dumps(_document(document), ensure_ascii=False)},
        format="pdf",
        timestamp=_dated(document),
    )
    assert isinstance(output, bytes)
    return output


@lru_cache(maxsize=4)
def _fonts(directory: str) -> typst.Fonts:
    """Raises ImproperlyConfigured where the typeface is missing: its text would not be printed at all."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[directory])
    if FONT not in fonts.families():
        raise ImproperlyConfigured(f"DOCUMENT_FONTS_DIR ({directory}) has no typeface {FONT}: run `make setup`")
    return fonts


def _dated(document: Document) -> datetime:
    if document.head is None:
        return start_of(UNDATED)
    return start_of(document.head.on or date(document.head.year, 1, 1))


def _document(document: Document) -> dict[str, Any]:
    return {
        "name": document.name,
        "note": ILLUSTRATIVE if document.illustrative else "",
        "page": {
            "width": PAGE_WIDTH,
            "height": PAGE_HEIGHT,
            "top": MARGIN_TOP,
            "bottom": MARGIN_BOTTOM,
            "left": MARGIN_LEFT,
            "right": MARGIN_RIGHT,
            "first_line": FIRST_LINE,
        },
        "head": _head(document.head) if document.head else None,
        "title": clean(document.title),
        "about": clean(document.about),
        "reference": clean(document.reference),
        "addressees": [clean(name) for name in document.addressees],
        "sections": [
            {
                "wide": section.wide,
                "blocks": [_block(block, wide=section.wide) for block in section.blocks],
            }
            for section in sections(document)
        ],
        "signatures": [
            {"lines": [clean(line) for line in signature.lines()], "name": clean(signature.name)}
            for signature in document.signatures
        ],
        "recipients": [clean(line) for line in document.recipients.lines()] if document.recipients else [],
    }


def _head(head: Head) -> dict[str, Any]:
    return {
        "superior": clean(head.agency.superior).upper(),
        "issuing": clean(head.agency.issuing).upper(),
        "nation": NATION,
        "motto": MOTTO,
        "number": clean(head.number.text()) if head.number else "",
        "subject": clean(head.subject),
        "place_and_date": clean(head.place_and_date()),
    }


def _block(block: Block, *, wide: bool) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {
                "kind": "paragraph",
                "text": clean(block.text),
                "bold": block.bold,
                "italic": block.italic,
                "align": block.align,
                "indent": block.indent and block.align in (Align.LEFT, Align.JUSTIFY),
                "keep": block.keep,
            }
        case Heading():
            return {"kind": "heading", "text": clean(block.text), "level": block.level}
        case List():
            return {"kind": "list", "items": [clean(item) for item in block.items]}
        case Table():
            return _table(block, wide=wide)


def _table(table: Table, *, wide: bool) -> dict[str, Any]:
    scale = text_width(wide=wide) / sum(column.width for column in table.columns)
    widths = [column.width * scale for column in table.columns]
    return {
        "kind": "table",
        "widths": widths,
        "aligns": [column.align for column in table.columns],
        "size": table.size,
        "header": [_row(row, table, widths) for row in table.header],
        "rows": [_row(row, table, widths) for row in table.rows],
    }


def _row(row: Row, table: Table, widths: list[float]) -> dict[str, Any]:
    cells, column, lines = [], 0, 1
    for cell in row.cells:
        text = clean(cell.text)
        cells.append(
            {
                "text": text,
                "bold": cell.bold,
                "italic": cell.italic,
                "align": cell.align,
                "columns": cell.columns,
                "rows": cell.rows,
            }
        )
        width = sum(widths[column : column + cell.columns]) * PT_PER_MM
        lines = max(lines, sum(1 + int(len(part) * LETTER * table.size / width) for part in text.split("\n")))
        column += cell.columns
    return {"cells": cells, "group": row.group, "whole": lines <= WHOLE_ROW_LINES}
