"""The printed PDF: sheets, margins, numbering, typefaces, repeated headers, and texts that stay what was typed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import example, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from results.documents.model import (
    Agency,
    Align,
    Authority,
    Cell,
    Column,
    Document,
    Head,
    Heading,
    List,
    Number,
    Paragraph,
    Recipients,
    Row,
    Signature,
    Table,
    clean,
)
from results.documents.pdf import pdf

from .printed import flat, fonts, pages, sizes, text_edges

HEAD = Head(Agency("Sở Tư pháp", "UBND tỉnh Quảng Bình"), "Quảng Bình", 2026, dt.date(2026, 2, 5), Number("BC-STP", 5))
HEADER = (
    Row((Cell("TT", rows=2), Cell("Tên tiêu chí", rows=2), Cell("Điểm", columns=2))),
    Row((Cell("Tối đa"), Cell("Tự chấm"))),
)
COLUMNS = (Column(12, Align.CENTER), Column(90), Column(20, Align.RIGHT), Column(20, Align.RIGHT))


def table(rows: int, *, wide: bool = True) -> Table:
    return Table(
        COLUMNS,
        tuple(
            Row((Cell(f"d{number}"), Cell(f"Tiêu chí {number}"), Cell("1,50"), Cell("1,25"))) for number in range(rows)
        ),
        header=HEADER,
        wide=wide,
    )


REPORT = Document(
    title="BÁO CÁO",
    about="Kết quả tự đánh giá năm 2026",
    head=HEAD,
    addressees=("Hội đồng thẩm định",),
    blocks=(
        Heading("I. TÌNH HÌNH"),
        Paragraph("Ngày 15/12/2021, đơn vị đạt 1.234,5 điểm. " * 6),
        List(("một việc;", "hai việc.")),
        Heading("II. BẢNG ĐIỂM"),
        table(60),
        Paragraph("Trên đây là báo cáo./."),
    ),
    signatures=(Signature("Phó Giám đốc", "Nguyễn Văn Ánh", ((Authority.DEPUTY, "Giám đốc"),)),),
    recipients=Recipients(("Như trên",), "CCHC"),
)


def test_parts_stand_in_the_order_of_the_decree() -> None:
    first, *_middle, last = (flat(text) for text in pages(pdf(REPORT)))
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
        "Ngày 15/12/2021, đơn vị đạt 1.234,5 điểm.",
        "- một việc;",
        "- hai việc.",
    ]
    places = [first.index(flat(part)) for part in expected]
    assert places == sorted(places)
    assert last == flat(
        "5 Trên đây là báo cáo./. Nơi nhận: - Như trên; - Lưu: VT, CCHC. KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC Nguyễn Văn Ánh"
    )


def test_sheets_are_a4_and_those_of_a_wide_table_are_turned() -> None:
    assert sizes(pdf(REPORT)) == [(210, 297), (297, 210), (297, 210), (297, 210), (210, 297)]


def test_text_keeps_to_the_margins() -> None:
    left, right = text_edges(pdf(replace(REPORT, illustrative=True)))
    assert left == pytest.approx(30, abs=1)
    assert right == pytest.approx(195, abs=1)


def test_page_number_stands_from_the_second_page() -> None:
    first, *others = pages(pdf(REPORT))
    assert first.startswith("UBND TỈNH")
    assert [page.split()[0] for page in others] == ["2", "3", "4", "5"]


def test_only_the_embedded_typeface_of_the_decree_is_used() -> None:
    assert fonts(pdf(REPORT)) == {
        ("Tinos-Regular", True),
        ("Tinos-Bold", True),
        ("Tinos-Italic", True),
        ("Tinos-BoldItalic", True),
    }


def test_missing_typeface_is_an_error_not_an_empty_page(settings: Settings, tmp_path: Path) -> None:
    settings.DOCUMENT_FONTS_DIR = tmp_path
    with pytest.raises(ImproperlyConfigured, match="Tinos"):
        pdf(REPORT)


def test_header_of_a_table_is_repeated_on_each_page_and_every_row_is_there_once() -> None:
    printed = pages(pdf(REPORT))
    assert [page.count("Tên tiêu chí") for page in printed] == [0, 1, 1, 1, 0]
    words = " ".join(printed).split()
    assert [words.count(f"d{number}") for number in range(60)] == [1] * 60


def test_row_that_heads_others_is_never_the_last_of_a_page() -> None:
    rows = []
    for number in range(30):
        rows.append(Row((Cell(f"nhóm{number}", columns=4),), group=1))
        rows.append(Row((Cell(f"mục{number}", columns=4),), group=2))
        rows += [Row((Cell(f"{number}.{at}"), Cell("x"), Cell("1"), Cell("1"))) for at in range(number % 4 + 1)]
    printed = pages(pdf(Document(head=HEAD, blocks=(Table(COLUMNS, tuple(rows), header=HEADER),))))
    lasts = [[line for line in page.split("\n") if line.strip()][-1] for page in printed]
    assert len(lasts) > 2
    assert [line for line in lasts if line.startswith(("nhóm", "mục"))] == []
    words = " ".join(printed).split()
    assert [words.count(f"nhóm{number}") for number in range(30)] == [1] * 30


def test_row_higher_than_a_page_loses_nothing() -> None:
    text = " ".join(f"w{number}" for number in range(4000))
    rows = (Row((Cell("nhóm", columns=4),), group=1), Row((Cell("1"), Cell(text), Cell("1,50"), Cell())))
    printed = pages(pdf(Document(head=HEAD, blocks=(Table(COLUMNS, rows, header=HEADER),))))
    assert len(printed) > 3
    words = [part for part in " ".join(printed).split() if part.startswith("w")]
    assert words == [f"w{number}" for number in range(4000)]


def test_word_longer_than_the_line_is_broken_and_stays_on_the_paper() -> None:
    word = "x" * 300
    blocks = (Paragraph(word), Table(COLUMNS, (Row((Cell("y" * 40), Cell(word), Cell(), Cell())),)))
    data = pdf(Document(head=HEAD, blocks=blocks))
    text = flat(" ".join(pages(data)))
    assert (text.count("x" * 300), text.count("x"), text.count("y" * 40)) == (2, 600, 1)
    assert text_edges(data)[1] <= 195.5


def test_note_of_an_illustrative_set_stands_on_every_page() -> None:
    note = flat("Minh họa: không phải bộ chỉ số chính thức")
    assert [flat(page).count(note) for page in pages(pdf(replace(REPORT, illustrative=True)))] == [1] * 5
    assert [flat(page).count(note) for page in pages(pdf(REPORT))] == [0] * 5


def test_two_people_sign_side_by_side_above_the_recipients() -> None:
    minutes = replace(
        REPORT,
        title="BIÊN BẢN",
        blocks=(Paragraph("Nội dung."),),
        signatures=(Signature("Thư ký", "Hoàng Minh Đức"), Signature("Chủ trì", "Phan Mạnh Dũng")),
    )
    (page,) = pages(pdf(minutes))
    text = flat(page)
    parts = ["THƯ KÝ", "Hoàng Minh Đức", "CHỦ TRÌ", "Phan Mạnh Dũng", "Nơi nhận:", "- Lưu: VT, CCHC."]
    places = [text.index(flat(part)) for part in parts]
    assert places == sorted(places)


def test_several_addressees_are_enumerated() -> None:
    letter = Document(
        head=replace(HEAD, subject="V/v đôn đốc"),
        addressees=("Sở Tư pháp", "UBND huyện Lệ Thủy"),
        blocks=(Paragraph("Đề nghị."),),
    )
    (page,) = pages(pdf(letter))
    text = flat(page)
    assert flat("Số: 05/BC-STP V/v đôn đốc") in text
    assert flat("Kính gửi: - Sở Tư pháp; - UBND huyện Lệ Thủy. Đề nghị.") in text


def test_same_document_gives_the_same_bytes() -> None:
    assert pdf(REPORT) == pdf(REPORT)
    assert pdf(REPORT) != pdf(replace(REPORT, about="Khác"))


VIETNAMESE = "ăâđêôơưĂÂĐÊÔƠƯáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
TYPED = st.text("abcXYZ0129 \n" + VIETNAMESE + "#$*_@\\<>`~[]{}()'\"/=-+.,;:!?&|^%…–“”", min_size=1, max_size=120)


@given(typed=TYPED)
@example(typed='#let x = 1\n#import "@preview/x:1.0.0": *\n#read("/etc/passwd")')
@example(typed="$ sum_(i=1)^n $ *đậm* _nghiêng_ `mã` @nhãn <nhãn> \\ ~ -- --- ... \"q\" 'q' // /* */")
@example(typed="= Tiêu đề\n- mục\n+ mục\n/ từ: nghĩa")
@example(typed='"} ] \\u0000 \\n {{ 1 }} {% raw %}')
@example_settings(max_examples=40, deadline=None)
def test_whatever_was_typed_is_printed_as_it_is(typed: str) -> None:
    document = Document(
        blocks=(
            Paragraph(f"[đầu]{typed}[cuối]"),
            Table((Column(30), Column(30)), (Row((Cell(f"[ô]{typed}[hết]"), Cell())),)),
        )
    )
    text = flat(" ".join(pages(pdf(document))))
    assert f"[đầu]{flat(clean(typed))}[cuối]" in text
    assert f"[ô]{flat(clean(typed))}[hết]" in text
