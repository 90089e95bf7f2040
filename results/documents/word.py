"""The document as an editable .docx with the same layout, for Word and whatever else reads it."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import docx
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section as DocxSection
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as DocxTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph as DocxParagraph

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
    Cell,
    Document,
    Head,
    Heading,
    List,
    Paragraph,
    Row,
    Signature,
    Table,
    clean,
    sections,
    text_width,
)

FONT = "Times New Roman"
ALIGN = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTER: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
    Align.JUSTIFY: WD_ALIGN_PARAGRAPH.JUSTIFY,
}
# Whoever edits the document changes a style once, not each paragraph.
BODY, TIGHT, IN_TABLE = "Normal", "CCHC Sát dòng", "CCHC Trong bảng"
TIGHT_ID, IN_TABLE_ID = "CCHCTight", "CCHCInTable"
LINE_SPACING = 1.15
# The file does not tell when it was printed; the format knows no zone.
STAMP = datetime(2020, 3, 5)  # noqa: DTZ001
# mm of one capital letter at 13 pt bold and of the motto at 14 pt bold
CAPITAL, MOTTO_WIDTH = 3.25, 60
LEFT_SHARE = 0.38


def word(document: Document) -> bytes:
    """The same document gives the same bytes."""
    made = docx.Document()
    _styles(made)
    made.core_properties.title = document.name
    made.core_properties.author = ""
    made.core_properties.comments = ""
    made.core_properties.created = made.core_properties.modified = STAMP
    parts = sections(document)
    for number, part in enumerate(parts):
        section = made.sections[0] if number == 0 else _new_section(made)
        _page(section, wide=part.wide, first=number == 0)
        _running(section, document, wide=part.wide)
        if number == 0:
            if document.head is not None:
                _letterhead(made, document.head)
            _titles(made, document)
            _addressees(made, document.addressees)
        for index, block in enumerate(part.blocks):
            last = index == len(part.blocks) - 1
            if isinstance(block, Table):
                _table(made, block, wide=part.wide)
                if not last or number == len(parts) - 1:
                    made.add_paragraph(style=TIGHT).paragraph_format.line_spacing = Pt(8)
            else:
                signed = last and number == len(parts) - 1 and bool(document.signatures)
                _text(made, block, keep=signed)
    _closing(made, document, wide=parts[-1].wide)
    return _packed(made)


def _packed(made: DocxDocument) -> bytes:
    """The file without the time of packing."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    made.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()


# Styles and pages ----------------------------------------------------------------------------------


def _font(style: ParagraphStyle, size: float) -> None:
    style.font.name = FONT
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(theme), None)


def _styles(made: DocxDocument) -> None:
    normal = made.styles[BODY]
    assert isinstance(normal, ParagraphStyle)
    _font(normal, 14)
    normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = LINE_SPACING
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    normal.element.get_or_add_rPr().append(language)
    for name, identifier, size in ((TIGHT, TIGHT_ID, 13.0), (IN_TABLE, IN_TABLE_ID, 12.0)):
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.style_id = identifier
        style.base_style = normal
        _font(style, size)
        style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing = 1.0
    for level in (1, 2, 3):
        style = made.styles[f"Heading {level}"]
        assert isinstance(style, ParagraphStyle)
        _font(style, 14)
        style.font.bold, style.font.italic = True, level == 3
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.first_line_indent = Mm(FIRST_LINE)
        style.paragraph_format.space_before = Pt(6 if level == 1 else 0)
        style.paragraph_format.space_after = Pt(6)
        style.paragraph_format.keep_with_next = True
    header = made.styles["Header"]
    assert isinstance(header, ParagraphStyle)
    _font(header, 13)
    header.paragraph_format.line_spacing = 1.0
    for _stop in range(len(header.paragraph_format.tab_stops)):
        del header.paragraph_format.tab_stops[0]


def _page(section: DocxSection, *, wide: bool, first: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (
        (Mm(PAGE_HEIGHT), Mm(PAGE_WIDTH)) if wide else (Mm(PAGE_WIDTH), Mm(PAGE_HEIGHT))
    )
    section.top_margin, section.bottom_margin = Mm(MARGIN_TOP), Mm(MARGIN_BOTTOM)
    section.left_margin, section.right_margin = Mm(MARGIN_LEFT), Mm(MARGIN_RIGHT)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = first


def _new_section(made: DocxDocument) -> DocxSection:
    """The paragraph that carries the break is as low as can be, or a full page would be followed by an empty one."""
    section = made.add_section(WD_SECTION.NEW_PAGE)
    carrier = made.paragraphs[-1]
    carrier.paragraph_format.line_spacing = Pt(1)
    carrier.paragraph_format.space_after = Pt(0)
    return section


def _running(section: DocxSection, document: Document, *, wide: bool) -> None:
    """Page number in the middle of the upper margin from page 2; the note at the right of every page, page 1 too.

    Each section has a header of its own: the stops depend on how the sheet is turned.
    """
    headers = [section.header]
    if section.different_first_page_header_footer:
        headers.append(section.first_page_header)
    for header in headers:
        header.is_linked_to_previous = False
        paragraph = header.paragraphs[0]
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Mm(text_width(wide=wide) / 2), WD_TAB_ALIGNMENT.CENTER)
        stops.add_tab_stop(Mm(text_width(wide=wide)), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run("\t")
        if header is headers[0]:
            _field(paragraph, "PAGE")
        paragraph.add_run("\t")
        if document.illustrative:
            _write(paragraph, ILLUSTRATIVE, size=11, italic=True)


def _field(paragraph: DocxParagraph, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "2"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


# Text ----------------------------------------------------------------------------------------------


def _write(
    paragraph: DocxParagraph,
    text: str,
    *,
    lead: str = "",
    size: float | None = None,
    bold: bool = False,
    italic: bool = False,
) -> DocxParagraph:
    """Add `text` with its line breaks, after a `lead` of ours that may hold a tab."""
    if lead:
        paragraph.add_run(lead)
    for number, line in enumerate(clean(text).split("\n")):
        run = paragraph.add_run()
        if number:
            run.add_break()
        run.add_text(line)
        run.bold, run.italic = bold or None, italic or None
        if size is not None:
            run.font.size = Pt(size)
    return paragraph


def _centred(paragraph: DocxParagraph, text: str, **marks: Any) -> DocxParagraph:
    paragraph.style = TIGHT
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return _write(paragraph, text, **marks)


def _rule(paragraph: DocxParagraph, length: float, width: float) -> None:
    """A line of `length` mm in the middle of `width` mm, as the upper border of a paragraph of its own."""
    paragraph.style = TIGHT
    side = max(0.0, (width - length) / 2)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(side)
    paragraph.paragraph_format.space_before = Pt(2)
    paragraph.paragraph_format.line_spacing = Pt(6)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _wide_of(text: str, available: float) -> float:
    """About how many mm the last line of `text` takes in bold capitals."""
    length = len(text.split("\n")[-1]) * CAPITAL
    return min(length, available)


# Parts of the document -----------------------------------------------------------------------------


def _grid(made: DocxDocument, rows: int, widths: tuple[float, ...]) -> DocxTable:
    """A table without lines that only places things."""
    grid = made.add_table(rows=rows, cols=len(widths))
    grid.style = "Normal Table"
    grid.autofit = False
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    _set_widths(grid, widths)
    return grid


def _set_widths(table: DocxTable, widths: tuple[float, ...]) -> None:
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)


def _letterhead(made: DocxDocument, head: Head) -> None:
    width = text_width(wide=False)
    left_width, right_width = width * LEFT_SHARE, width * (1 - LEFT_SHARE)
    grid = _grid(made, 2, (left_width, right_width))
    for row in grid.rows:
        row.cells[0].width, row.cells[1].width = Mm(left_width), Mm(right_width)
    left, right = grid.rows[0].cells
    if head.agency.superior:
        _centred(left.paragraphs[0], head.agency.superior.upper())
    issuing = head.agency.issuing.upper()
    _centred(left.add_paragraph() if head.agency.superior else left.paragraphs[0], issuing, bold=True)
    _rule(left.add_paragraph(), 0.45 * _wide_of(issuing, left_width - 4), left_width - 4)
    _centred(right.paragraphs[0], NATION, bold=True)
    _centred(right.add_paragraph(), MOTTO, size=14, bold=True)
    _rule(right.add_paragraph(), MOTTO_WIDTH, right_width - 4)
    number, date = (cell.paragraphs[0] for cell in grid.rows[1].cells)
    _centred(number, head.number.text() if head.number else "")
    if head.subject:
        _centred(grid.rows[1].cells[0].add_paragraph(), head.subject, size=12)
    _centred(date, head.place_and_date(), size=14, italic=True)


def _titles(made: DocxDocument, document: Document) -> None:
    if not document.title:
        return
    title = _centred(made.add_paragraph(), document.title, size=14, bold=True)
    title.paragraph_format.space_before = Pt(16 if document.head else 0)
    last = document.title
    if document.about:
        _centred(made.add_paragraph(), document.about, size=14, bold=True).paragraph_format.space_before = Pt(3)
        last = document.about
    if document.reference:
        _centred(made.add_paragraph(), document.reference, size=14, italic=True).paragraph_format.space_before = Pt(3)
    width = text_width(wide=sections(document)[0].wide)
    line = made.add_paragraph()
    _rule(line, 0.4 * _wide_of(last, 60), width)
    line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(6), Pt(8)


def _addressees(made: DocxDocument, names: tuple[str, ...]) -> None:
    if not names:
        return
    if len(names) == 1:
        only = _write(made.add_paragraph(), f"Kính gửi: {names[0]}")
        only.alignment = WD_ALIGN_PARAGRAPH.CENTER
        only.paragraph_format.space_before = only.paragraph_format.space_after = Pt(12)
        return
    for number, name in enumerate(names, start=1):
        lead = "Kính gửi:\t" if number == 1 else ""
        line = _write(made.add_paragraph(), f"- {name}{'.' if number == len(names) else ';'}", lead=lead)
        line.paragraph_format.left_indent = Mm(58)
        line.paragraph_format.first_line_indent = Mm(-23 if lead else 0)
        line.paragraph_format.space_before = Pt(12 if number == 1 else 0)
        line.paragraph_format.space_after = Pt(12 if number == len(names) else 0)


def _text(made: DocxDocument, block: Paragraph | Heading | List, *, keep: bool) -> None:
    match block:
        case Paragraph():
            paragraph = _write(made.add_paragraph(), block.text, bold=block.bold, italic=block.italic)
            paragraph.alignment = ALIGN[block.align]
            if block.indent and block.align in (Align.LEFT, Align.JUSTIFY):
                paragraph.paragraph_format.first_line_indent = Mm(FIRST_LINE)
            paragraph.paragraph_format.keep_with_next = block.keep or keep
        case Heading():
            _write(made.add_paragraph(style=f"Heading {block.level}"), block.text)
        case List():
            for item in block.items:
                line = _write(made.add_paragraph(), f"- {item}")
                line.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
                line.paragraph_format.first_line_indent = Mm(FIRST_LINE)


# Tables --------------------------------------------------------------------------------------------


def _table(made: DocxDocument, table: Table, *, wide: bool) -> None:
    rows = (*table.header, *table.rows)
    grid = made.add_table(rows=len(rows), cols=len(table.columns))
    grid.style = "Table Grid"
    grid.autofit = False
    grid.alignment = WD_TABLE_ALIGNMENT.CENTER
    scale = text_width(wide=wide) / sum(column.width for column in table.columns)
    widths = tuple(column.width * scale for column in table.columns)
    _set_widths(grid, widths)
    _margins(grid)
    # Both are walked anew each time they are asked for: one list of each serves the whole table.
    lines = list(grid.rows)
    cells = [row.cells for row in lines]
    taken = [0] * len(table.columns)
    for number, row in enumerate(rows):
        heads = number < len(table.header)
        _row_rules(lines[number], heads=heads)
        free = [column for column, until in enumerate(taken) if until <= number]
        for cell in row.cells:
            own, free = free[: cell.columns], free[cell.columns :]
            for column in own:
                taken[column] = number + cell.rows
            target = cells[number][own[0]]
            if cell.columns > 1 or cell.rows > 1:
                target = target.merge(cells[number + cell.rows - 1][own[-1]])
            target.width = Mm(sum(widths[column] for column in own))
            _fill(target, cell, row, table, heads=heads, align=cell.align or table.columns[own[0]].align)


def _fill(target: _Cell, cell: Cell, row: Row, table: Table, *, heads: bool, align: Align) -> None:
    paragraph = target.paragraphs[0]
    # By its id: finding a style by name reads the list of all styles, for each of a thousand cells.
    paragraph._p.style = IN_TABLE_ID
    _write(paragraph, cell.text, size=table.size, bold=cell.bold or heads, italic=cell.italic)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if heads else ALIGN[align]
    paragraph.paragraph_format.keep_with_next = bool(row.group) or heads
    if heads:
        target.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _row_rules(row: _Row, *, heads: bool) -> None:
    properties = row._tr.get_or_add_trPr()
    whole = OxmlElement("w:cantSplit")
    properties.append(whole)
    if heads:
        repeat = OxmlElement("w:tblHeader")
        properties.append(repeat)


def _margins(grid: DocxTable) -> None:
    """Room between text and lines: 1 mm above and below, 1.5 mm at the sides."""
    margins = OxmlElement("w:tblCellMar")
    for side, twentieths in (("top", 50), ("left", 85), ("bottom", 50), ("right", 85)):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(twentieths))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    grid._tbl.tblPr.append(margins)


# The end -------------------------------------------------------------------------------------------


def _closing(made: DocxDocument, document: Document, *, wide: bool) -> None:
    if not document.signatures and document.recipients is None:
        return
    half = text_width(wide=wide) / 2
    grid = _grid(made, 1, (half, half))
    left, right = grid.rows[0].cells
    left.width = right.width = Mm(half)
    _row_rules(grid.rows[0], heads=False)
    if len(document.signatures) == 2:
        _sign(left, document.signatures[0])
    elif document.recipients is not None:
        _receivers(left.paragraphs[0], left, document)
    if document.signatures:
        _sign(right, document.signatures[-1])
    if len(document.signatures) == 2 and document.recipients is not None:
        below = made.add_table(rows=1, cols=1)
        _receivers(below.cell(0, 0).paragraphs[0], below.cell(0, 0), document)


def _receivers(first: DocxParagraph, cell: _Cell, document: Document) -> None:
    assert document.recipients is not None
    first.style = TIGHT
    _write(first, "Nơi nhận:", size=12, bold=True, italic=True)
    for line in document.recipients.lines():
        _write(cell.add_paragraph(style=TIGHT), line, size=11)


def _sign(cell: _Cell, signature: Signature) -> None:
    paragraph = cell.paragraphs[0]
    for number, line in enumerate(signature.lines()):
        paragraph = paragraph if number == 0 else cell.add_paragraph()
        _centred(paragraph, line, size=14, bold=True).paragraph_format.keep_with_next = True
    name = _centred(cell.add_paragraph(), signature.name, size=14, bold=True)
    name.paragraph_format.space_before = Mm(26)
