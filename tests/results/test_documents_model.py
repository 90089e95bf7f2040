"""What a document consists of: numbers, dates, signatures, recipients, tables, sheets."""

from __future__ import annotations

import datetime as dt

import pytest

from results.documents.model import (
    Agency,
    Authority,
    Cell,
    Column,
    Document,
    Head,
    Heading,
    Number,
    Paragraph,
    Recipients,
    Row,
    Section,
    Signature,
    Table,
    clean,
    date_words,
    padded,
    sections,
    text_width,
)

HEAD = Head(Agency("Sở Tư pháp", "UBND tỉnh Quảng Bình"), "Quảng Bình", 2026, dt.date(2026, 2, 5))
NARROW = Table((Column(10),), (Row((Cell("hẹp"),)),))
WIDE = Table((Column(10),), (Row((Cell("rộng"),)),), wide=True)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Number("QĐ-UBND", 5), "Số: 05/QĐ-UBND"),
        (Number("QĐ-UBND", 15), "Số: 15/QĐ-UBND"),
        (Number("QĐ-UBND", 152), "Số: 152/QĐ-UBND"),
        (Number("BC-STP"), "Số: …/BC-STP"),
    ],
)
def test_number_below_ten_has_a_zero_and_a_draft_leaves_its_place(number: Number, text: str) -> None:
    assert number.text() == text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("5/QĐ-UBND", "05/QĐ-UBND"), (" 05/QĐ-UBND ", "05/QĐ-UBND"), ("15/QĐ-UBND", "15/QĐ-UBND"), ("A5/QĐ", "A5/QĐ")],
)
def test_typed_number_gets_its_zero(typed: str, printed: str) -> None:
    assert padded(typed) == printed


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (dt.date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (dt.date(2026, 3, 15), "ngày 15 tháng 3 năm 2026"),
        (None, "ngày … tháng … năm 2026"),
    ],
)
def test_date_in_words(on: dt.date | None, words: str) -> None:
    assert date_words(on, 2026) == words


def test_head_joins_place_and_date() -> None:
    assert HEAD.place_and_date() == "Quảng Bình, ngày 05 tháng 02 năm 2026"


def test_deputy_of_a_committee_signs_on_its_behalf_in_the_place_of_the_chair() -> None:
    signature = Signature(
        "Phó Chủ tịch",
        "Phan Mạnh Dũng",
        ((Authority.COLLECTIVE, "Ủy ban nhân dân"), (Authority.DEPUTY, "Chủ tịch")),
    )
    assert signature.lines() == ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")


@pytest.mark.parametrize(
    ("authority", "line"), [(Authority.ORDERED, "TL. GIÁM ĐỐC"), (Authority.AUTHORISED, "TUQ. GIÁM ĐỐC")]
)
def test_authority_stands_before_whose_place_is_taken(authority: Authority, line: str) -> None:
    assert Signature("Trưởng phòng", "A", ((authority, "Giám đốc"),)).lines() == (line, "TRƯỞNG PHÒNG")


def test_recipients_end_with_the_archive() -> None:
    assert Recipients(("Như trên", "Sở Nội vụ"), "CCHC").lines() == ("- Như trên;", "- Sở Nội vụ;", "- Lưu: VT, CCHC.")
    assert Recipients(()).lines() == ("- Lưu: VT.",)


def test_text_is_composed_and_loses_what_cannot_be_printed() -> None:
    assert clean("Tie\u0302\u0301ng\tVie\u0302\u0323t") == "Tiếng Việt"
    assert clean("a\x00b\x1fc\u202ed\ufffee\ud800f") == "abcdef"
    assert clean("một\r\nhai\rba\u2028bốn") == "một\nhai\nba\nbốn"


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ((), ((Cell("a"), Cell("b"), Cell("c")),)),
        ((), ((Cell("a", columns=3),),)),
        ((), ((Cell("a", rows=2), Cell("b")), (Cell("c"),))),
        (((Cell("a", rows=2), Cell("b")), (Cell("c"), Cell("d"))), ()),
        (((Cell("a", rows=2), Cell("b")),), ()),
    ],
)
def test_table_that_does_not_fill_its_columns_is_refused(
    header: tuple[tuple[Cell, ...], ...], rows: tuple[tuple[Cell, ...], ...]
) -> None:
    with pytest.raises(ValueError, match="cell"):
        Table((Column(1), Column(1)), tuple(map(Row, rows)), header=tuple(map(Row, header)))


def test_table_with_a_row_that_leaves_a_column_empty_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves columns empty"):
        Table((Column(1), Column(1), Column(1)), (Row((Cell("a"), Cell("b"))),))


def test_table_with_a_header_of_two_rows_is_taken() -> None:
    header = (Row((Cell("a", rows=2), Cell("b", columns=2))), Row((Cell("c"), Cell("d"))))
    rows = (Row((Cell("tổng", columns=2), Cell("1"))),)
    assert Table((Column(1), Column(1), Column(1)), rows, header=header).header == header


def test_heading_of_a_fourth_level_is_refused() -> None:
    with pytest.raises(ValueError, match="level 1, 2 or 3"):
        Heading("x", 4)


def test_three_signatures_are_refused() -> None:
    with pytest.raises(ValueError, match="two people"):
        Document(signatures=(Signature("A"),) * 3)


def test_heading_goes_to_the_turned_sheet_with_its_table() -> None:
    lead, kept, end = Heading("II. BẢNG"), Paragraph("như sau:", keep=True), Paragraph("Hết.")
    document = Document(head=HEAD, blocks=(Paragraph("Mở đầu."), lead, kept, WIDE, end))
    assert sections(document) == (
        Section(False, (Paragraph("Mở đầu."),)),
        Section(True, (lead, kept, WIDE)),
        Section(False, (end,)),
    )


def test_head_stands_upright_even_before_a_wide_table() -> None:
    assert sections(Document(head=HEAD, blocks=(WIDE,))) == (Section(False, ()), Section(True, (WIDE,)))


def test_annex_with_a_wide_table_is_turned_as_a_whole() -> None:
    blocks = (Heading("I. MỘT"), NARROW, WIDE, Paragraph("Hết."))
    assert sections(Document(title="Phụ lục", blocks=blocks)) == (Section(True, blocks),)
    assert sections(Document(title="Phụ lục", blocks=(NARROW,))) == (Section(False, (NARROW,)),)


def test_width_between_margins() -> None:
    assert (text_width(wide=False), text_width(wide=True)) == (165, 252)


def test_file_is_named_by_title_and_subject() -> None:
    assert Document(title="BÁO CÁO", about="Kết quả\nnăm 2026").name == "BÁO CÁO Kết quả năm 2026"
    letter = Head(Agency("Sở Nội vụ"), "Huế", 2026, subject="V/v đôn đốc")
    assert Document(head=letter).name == "V/v đôn đốc"
