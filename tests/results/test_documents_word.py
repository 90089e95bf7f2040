"""The Word file: the same document, editable: styles, sections, header, repeated table headers."""

from __future__ import annotations

from dataclasses import replace

from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from results.documents.model import Cell, Column, Document, Paragraph, Row, Signature, Table, clean
from results.documents.word import word

from .printed import all_text, opened
from .test_documents_pdf import HEAD, REPORT, TYPED


def test_parts_stand_in_the_order_of_the_decree() -> None:
    text = all_text(opened(word(REPORT)))
    expected = [
        "UBND TỈNH QUẢNG BÌNH",
        "SỞ TƯ PHÁP",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 05/BC-STP",
        "Quảng Bình, ngày 05 tháng 02 năm 2026",
        "BÁO CÁO",
        "Kết quả tự đánh giá năm 2026",
        "Kính gửi: Hội đồng thẩm định",
        "I. TÌNH HÌNH",
        "1.234,5 điểm",
        "- một việc;",
        "II. BẢNG ĐIỂM",
        "Tên tiêu chí",
        "Tiêu chí 59",
        "Trên đây là báo cáo./.",
        "Nơi nhận:",
        "- Lưu: VT, CCHC.",
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
        "Nguyễn Văn Ánh",
    ]
    places = [text.index(part) for part in expected]
    assert places == sorted(places)


def test_sections_have_the_size_and_margins_of_the_decree() -> None:
    made = opened(word(REPORT)).sections
    portrait = (WD_ORIENT.PORTRAIT, Mm(210), Mm(297))
    landscape = (WD_ORIENT.LANDSCAPE, Mm(297), Mm(210))

    def mm(value: int | None) -> int:
        return round((value or 0) / Mm(1))

    found = [(part.orientation, Mm(mm(part.page_width)), Mm(mm(part.page_height))) for part in made]
    assert found == [portrait, landscape, portrait]
    margins = [(mm(p.top_margin), mm(p.bottom_margin), mm(p.left_margin), mm(p.right_margin)) for p in made]
    assert margins == [(20, 20, 30, 15)] * 3


def test_page_number_stands_from_the_second_page() -> None:
    first, *others = opened(word(REPORT)).sections
    assert first.different_first_page_header_footer
    assert "PAGE" not in first.first_page_header._element.xml
    assert 'w:instr="PAGE"' in first.header._element.xml
    assert [part.different_first_page_header_footer for part in others] == [False, False]
    assert all('w:instr="PAGE"' in part.header._element.xml for part in others)


def test_note_of_an_illustrative_set_stands_in_every_header() -> None:
    first, *others = opened(word(replace(REPORT, illustrative=True))).sections
    headers = [first.first_page_header, first.header, *(part.header for part in others)]
    note = "Minh họa: không phải bộ chỉ số chính thức"
    assert [header.paragraphs[0].text.strip().endswith(note) for header in headers] == [True] * 4


def test_body_is_a_style_of_14_points_justified_with_first_line() -> None:
    document = opened(word(REPORT))
    normal = document.styles["Normal"]
    assert (normal.font.name, normal.font.size, normal.paragraph_format.space_after) == (
        "Times New Roman",
        Pt(14),
        Pt(6),
    )
    body = next(paragraph for paragraph in document.paragraphs if paragraph.text.startswith("Ngày 15/12/2021"))
    assert body.style.name == "Normal"
    assert body.paragraph_format.first_line_indent == Mm(12.7)
    assert body.alignment is not None
    assert body.alignment.name == "JUSTIFY"
    assert [p.style.name for p in document.paragraphs if p.text.startswith("II. ")] == ["Heading 1"]


def test_header_of_a_table_is_repeated_and_rows_stay_whole() -> None:
    table = next(table for table in opened(word(REPORT)).tables if table.cell(0, 0).text == "TT")
    repeated = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert repeated == [True, True] + [False] * 60
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert [cell.text for cell in table.rows[0].cells] == ["TT", "Tên tiêu chí", "Điểm", "Điểm"]
    assert [cell.text for cell in table.rows[1].cells] == ["TT", "Tên tiêu chí", "Tối đa", "Tự chấm"]
    assert [cell.text for cell in table.rows[61].cells] == ["d59", "Tiêu chí 59", "1,50", "1,25"]


def test_columns_fill_the_turned_sheet() -> None:
    table = next(table for table in opened(word(REPORT)).tables if table.cell(0, 0).text == "TT")
    widths = [round((cell.width or 0) / Mm(1)) for cell in table.rows[5].cells]
    assert widths == [21, 160, 35, 35]


def test_row_that_heads_others_is_kept_with_them() -> None:
    rows = (Row((Cell("nhóm", columns=2),), group=1), Row((Cell("a"), Cell("b"))))
    document = opened(word(Document(head=HEAD, blocks=(Table((Column(1), Column(1)), rows),))))
    table = document.tables[-1]
    kept = [row.cells[0].paragraphs[0].paragraph_format.keep_with_next for row in table.rows]
    assert kept == [True, False]


def test_last_paragraph_is_kept_with_the_signature() -> None:
    document = opened(word(REPORT))
    last = next(paragraph for paragraph in document.paragraphs if paragraph.text.startswith("Trên đây"))
    assert last.paragraph_format.keep_with_next is True


def test_two_people_sign_side_by_side() -> None:
    minutes = replace(REPORT, signatures=(Signature("Thư ký", "Hoàng Minh Đức"), Signature("Chủ trì", "Phan Dũng")))
    signing, receiving = opened(word(minutes)).tables[-2:]
    assert [cell.text.split("\n") for cell in signing.rows[0].cells] == [
        ["THƯ KÝ", "Hoàng Minh Đức"],
        ["CHỦ TRÌ", "Phan Dũng"],
    ]
    assert receiving.cell(0, 0).text == "Nơi nhận:\n- Như trên;\n- Lưu: VT, CCHC."


def test_same_document_gives_the_same_bytes() -> None:
    assert word(REPORT) == word(REPORT)


@given(typed=st.one_of(TYPED, st.text(min_size=1, max_size=60)))
@example(typed="\x00\x08\x0b\ud800\ufffe{{ a }} {% b %} &amp; <w:br/>")
@settings(max_examples=40, deadline=None)
def test_whatever_was_typed_is_written_as_it_is(typed: str) -> None:
    document = Document(
        blocks=(
            Paragraph(f"[đầu]{typed}[cuối]"),
            Table((Column(1), Column(1)), (Row((Cell(f"[ô]{typed}[hết]"), Cell())),)),
        )
    )
    text = all_text(opened(word(document)))
    assert f"[đầu]{clean(typed)}[cuối]" in text
    assert f"[ô]{clean(typed)}[hết]" in text
