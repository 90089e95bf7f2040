"""The consolidated table of a consultation as a Word document (Nghị định 30/2020/NĐ-CP) and as an Excel file."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import xlsxwriter
from django.utils.translation import gettext as _
from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from .consolidated import Consolidated, Line

FONT = "Times New Roman"
# STT, criterion, unit, comment, answer, change: together the 247 mm between the margins
WIDTHS = (11, 48, 36, 62, 56, 34)
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CELL_LIMIT = 32_767


def _columns() -> tuple[str, ...]:
    return (
        _("STT"),
        _("Tiêu chí"),
        _("Đơn vị góp ý"),
        _("Nội dung góp ý"),
        _("Tiếp thu, giải trình"),
        _("Nội dung đã sửa"),
    )


def _answer(line: Line) -> str:
    return f"{line.answer}: {line.answer_text}" if line.answer else _("Chưa trả lời")


def _cells(number: int, line: Line) -> tuple[str, ...]:
    criterion = f"{line.code}. {line.criterion}" if line.code else line.criterion
    return (str(number), criterion, line.unit, line.body, _answer(line), "\n".join(line.changes))


def _title(content: Consolidated) -> tuple[str, str]:
    subject = _("BẢNG TỔNG HỢP, TIẾP THU, GIẢI TRÌNH")
    about = _("Ý kiến góp ý dự thảo %(name)s năm %(year)s") % {"name": content.set_name, "year": content.year}
    return subject, about


def _sample_note() -> str:
    return _("Bộ chỉ số minh họa, không phải bộ chỉ số chính thức.")


# Word ----------------------------------------------------------------------------------------------


def _write(paragraph: Paragraph, text: str, *, size: float = 13, bold: bool = False, italic: bool = False) -> Paragraph:
    """Add `text`, line breaks kept, in the document's typeface."""
    for index, part in enumerate(_FORBIDDEN.sub("", text).split("\n")):
        run = paragraph.add_run()
        if index:
            run.add_break()
        run.add_text(part)
        run.font.size = Pt(size)
        run.font.bold = bold
        run.font.italic = italic
    return paragraph


def _tight(paragraph: Paragraph, alignment: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.CENTER) -> Paragraph:
    paragraph.alignment = alignment
    paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.space_after = Pt(0)
    return paragraph


def _rule_under(cell: _Cell, indent: float) -> None:
    """A line as the decree draws it: the top border of an empty paragraph, `indent` mm in from both sides."""
    paragraph = _tight(cell.add_paragraph())
    paragraph.paragraph_format.left_indent = Mm(indent)
    paragraph.paragraph_format.right_indent = Mm(indent)
    paragraph.paragraph_format.line_spacing = Pt(6)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().append(borders)


def _page(document: DocxDocument) -> None:
    """A4 landscape, the decree's margins, and the page number at the top centre from page 2."""
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance = Mm(10)
    section.different_first_page_header_footer = True
    style = document.styles["Normal"]
    style.font.name = FONT
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    number = _tight(section.header.paragraphs[0])
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = number.add_run()
        run.font.size = Pt(13)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)


def _head(document: DocxDocument, content: Consolidated) -> None:
    table = document.add_table(rows=2, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row in table.rows:
        row.cells[0].width, row.cells[1].width = Mm(105), Mm(142)
    agency, state = table.rows[0].cells
    _write(_tight(agency.paragraphs[0]), content.superior, size=13)
    _write(_tight(agency.add_paragraph()), content.agency, size=13, bold=True)
    _rule_under(agency, 33)
    _write(_tight(state.paragraphs[0]), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=13, bold=True)
    _write(_tight(state.add_paragraph()), "Độc lập - Tự do - Hạnh phúc", size=14, bold=True)
    _rule_under(state, 40)
    month = f"{content.on.month:02}" if content.on.month <= 2 else str(content.on.month)
    date = _("%(place)s, ngày %(day)s tháng %(month)s năm %(year)s") % {
        "place": content.place,
        "day": f"{content.on.day:02}",
        "month": month,
        "year": content.on.year,
    }
    _write(_tight(table.rows[1].cells[1].paragraphs[0]), date, size=14, italic=True)


def _shade(cell: _Cell, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _fill(table: Table, row: int, texts: Sequence[str], *, bold: bool = False) -> None:
    for column, (cell, text) in enumerate(zip(table.rows[row].cells, texts, strict=True)):
        cell.width = Mm(WIDTHS[column])
        centred = bold or column == 0
        alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
        _write(_tight(cell.paragraphs[0], alignment), text, size=12, bold=bold)
        if bold:
            _shade(cell, "EEF0F1")


def _table(document: DocxDocument, lines: Sequence[Line]) -> None:
    table = document.add_table(rows=1 + max(1, len(lines)), cols=len(WIDTHS))
    table.style = "Table Grid"
    table.autofit = False
    _fill(table, 0, _columns(), bold=True)
    repeat = OxmlElement("w:tblHeader")
    repeat.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    for number, line in enumerate(lines, start=1):
        _fill(table, number, _cells(number, line))
    if not lines:
        _fill(table, 1, ("", _("Không có ý kiến góp ý."), "", "", "", ""))


def word(content: Consolidated) -> bytes:
    """The table as an editable .docx, to be numbered and signed by whoever sends it."""
    document = Document()
    document.core_properties.title = " ".join(_title(content))
    document.core_properties.author = ""
    _page(document)
    _head(document, content)
    subject, about = _title(content)
    title = _tight(document.add_paragraph())
    title.paragraph_format.space_before = Pt(12)
    _write(title, subject, size=14, bold=True)
    heading = _tight(document.add_paragraph())
    heading.paragraph_format.space_after = Pt(6)
    _write(heading, about, size=14, bold=True)
    if content.illustrative:
        _write(_tight(document.add_paragraph()), f"({_sample_note()})", size=13, italic=True)
    for text in content.summary:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        paragraph.paragraph_format.first_line_indent = Mm(10)
        paragraph.paragraph_format.space_after = Pt(6)
        _write(paragraph, text, size=13)
    _table(document, content.lines)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


# Excel ---------------------------------------------------------------------------------------------


def excel(content: Consolidated) -> bytes:
    """The table as an .xlsx; what people typed stays text, whatever it begins with."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        font = {"font_name": FONT, "font_size": 12, "valign": "top", "text_wrap": True}
        bold = book.add_format({**font, "bold": True, "text_wrap": False, "font_size": 14})
        plain = book.add_format({**font, "text_wrap": False})
        head = book.add_format({**font, "bold": True, "border": 1, "bg_color": "#EEF0F1", "align": "center"})
        cell = book.add_format({**font, "border": 1})
        sheet = book.add_worksheet(_("Tổng hợp góp ý"))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_header("&C&P")
        row = 0
        for text in _title(content):
            sheet.write_string(row, 0, text, bold)
            row += 1
        for text in (*((_sample_note(),) if content.illustrative else ()), *content.summary):
            sheet.write_string(row, 0, text[:_CELL_LIMIT], plain)
            row += 1
        row += 1
        for column, (text, width) in enumerate(zip(_columns(), WIDTHS, strict=True)):
            sheet.set_column(column, column, width * 0.55)
            sheet.write_string(row, column, text, head)
        sheet.repeat_rows(row)
        sheet.freeze_panes(row + 1, 0)
        for number, line in enumerate(content.lines, start=1):
            for column, text in enumerate(_cells(number, line)):
                if column == 0:
                    sheet.write_number(row + number, 0, number, cell)
                else:
                    sheet.write_string(row + number, column, _FORBIDDEN.sub("", text)[:_CELL_LIMIT], cell)
    return file.getvalue()
