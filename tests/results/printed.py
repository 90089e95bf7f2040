"""What stands on the pages of a printed document, read back from the file."""

from __future__ import annotations

import ctypes
import io

import docx
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn


def pages(data: bytes) -> list[str]:
    """The text of each page, with a hyphen at the end of a line as the reader would see it."""
    with pdfium.PdfDocument(data) as document:
        texts = []
        for page in document:
            textpage = page.get_textpage()
            texts.append(textpage.get_text_bounded().replace("\ufffe", "-").replace("\x02", "-").replace("\r\n", "\n"))
            textpage.close()
            page.close()
        return texts


def flat(text: str) -> str:
    """Text without any white space, for comparing what line breaks have parted."""
    return "".join(text.split())


def sizes(data: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in mm."""
    with pdfium.PdfDocument(data) as document:
        return [tuple(round(side / 72 * 25.4) for side in page.get_size()) for page in document]  # type: ignore[misc]


def fonts(data: bytes) -> set[tuple[str, bool]]:
    """Typefaces of the text without the tag of their subset, and whether they are in the file."""
    found = set()
    with pdfium.PdfDocument(data) as document:
        for page in document:
            for text in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT]):
                font = raw.FPDFTextObj_GetFont(text.raw)
                name = ctypes.create_string_buffer(200)
                raw.FPDFFont_GetBaseFontName(font, name, 200)
                found.add((name.value.decode().split("+")[-1], bool(raw.FPDFFont_GetIsEmbedded(font))))
    return found


def text_edges(data: bytes, page: int = 0) -> tuple[float, float]:
    """The leftmost and the rightmost point of text on a page, in mm from the left edge."""
    with pdfium.PdfDocument(data) as document:
        boxes = [text.get_bounds() for text in document[page].get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])]
    return min(box[0] for box in boxes) / 72 * 25.4, max(box[2] for box in boxes) / 72 * 25.4


def opened(data: bytes) -> DocxDocument:
    return docx.Document(io.BytesIO(data))


def all_text(document: DocxDocument) -> str:
    """Every text of the body in its order, tables included, a line for each paragraph."""
    lines = []
    for paragraph in document.element.body.iter(qn("w:p")):
        parts = []
        for node in paragraph.iter(qn("w:t"), qn("w:br"), qn("w:tab")):
            parts.append(node.text or "" if node.tag == qn("w:t") else "\n" if node.tag == qn("w:br") else "\t")
        lines.append("".join(parts))
    return "\n".join(lines)
