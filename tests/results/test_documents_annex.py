"""Phụ lục of results: live draft and what was published, point for point."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from results.documents.model import Document, Heading, Paragraph, Table, sections
from results.documents.pdf import pdf
from results.documents.result_annex import Decision, annex_of, result_annex, roman
from results.models import Publication
from results.table import DomainResult, GroupResult, UnitResult, as_content

from .printed import flat, pages, sizes

D = Decimal


def unit(name: str, *, rank: int | None = 1, tied: bool = False, note: str = "", bonus: str = "0") -> UnitResult:
    return UnitResult(
        unit_id=1,
        unit=name,
        group_id=1,
        self_points=D("65.9"),
        criteria_points=D("61.55"),
        survey_points=D("19.29"),
        bonus=D(bonus),
        penalty=D(0),
        points=D("80.84") + D(bonus),
        maximum=D(100),
        applicable=D("96"),
        index=None if rank is None else D("84.21"),
        rank=rank,
        tied=tied,
        grade="" if rank is None else "Tốt",
        note=note,
        domains=(
            DomainResult("1", "Chỉ đạo điều hành", D("13.2"), D(15), "Tốt"),
            DomainResult("2", "Thể chế", D("8.39"), D("9.5") if note else D(10), "Khá"),
        ),
    )


def group(*units: UnitResult, illustrative: bool = False) -> GroupResult:
    return GroupResult(1, "Các sở, ban, ngành", "Bộ chỉ số cấp sở", illustrative, units)


DECISION = Decision("Ủy ban nhân dân tỉnh Quảng Bình", 2027, "5/QĐ-UBND", dt.date(2027, 1, 12))


def annex(*groups: GroupResult, **options: str) -> Document:
    return result_annex("Chỉ số CCHC năm 2026", groups, DECISION, **options)


def tables(document: Document) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in (*block.header, *block.rows)]
        for block in document.blocks
        if isinstance(block, Table)
    ]


def test_annex_names_its_decision_with_zero_and_words() -> None:
    document = annex(group(unit("Sở Nội vụ")))
    assert (document.title, document.about, document.reference) == (
        "Phụ lục",
        "KẾT QUẢ CHỈ SỐ CCHC NĂM 2026",
        "(Kèm theo Quyết định số 05/QĐ-UBND ngày 12 tháng 01 năm 2027 của Ủy ban nhân dân tỉnh Quảng Bình)",
    )
    assert document.head is None


def test_draft_leaves_number_and_day_open_and_says_what_it_is() -> None:
    draft = Decision("Ủy ban nhân dân tỉnh Quảng Bình", 2027)
    document = result_annex("Chỉ số", [group(unit("Sở Nội vụ"))], draft, status="(Dự thảo. Chưa công bố.)")
    assert document.reference == (
        "(Kèm theo Quyết định số …/QĐ-UBND ngày … tháng … năm 2027 của Ủy ban nhân dân tỉnh Quảng Bình)"
    )
    assert isinstance(document.blocks[0], Paragraph)
    assert document.blocks[0].text == "(Dự thảo. Chưa công bố.)"


def test_tables_hold_points_as_documents_print_them() -> None:
    ranking, domains = tables(annex(group(unit("Sở Nội vụ"))))
    assert ranking == [
        [
            "Hạng",
            "Cơ quan, đơn vị",
            "Điểm",
            "Tổng điểm",
            "Điểm tối đa áp dụng",
            "Chỉ số (%)",
            "Xếp loại",
        ],
        ["Tự chấm", "Thẩm định", "Điều tra XHH"],
        ["1", "Sở Nội vụ", "65,90", "61,55", "19,29", "80,84", "96,00", "84,21", "Tốt"],
    ]
    assert domains == [
        ["Hạng", "Cơ quan, đơn vị", "1. Chỉ đạo điều hành\n(15)", "2. Thể chế\n(10)", "Tổng điểm"],
        ["1", "Sở Nội vụ", "13,20", "8,39", "80,84"],
    ]


def test_columns_appear_only_where_a_group_needs_them() -> None:
    ranking, _domains = tables(annex(group(unit("Sở Nội vụ", tied=True, bonus="0.5"))))
    assert ranking[0][-1] == "Ghi chú"
    assert ranking[1] == ["Tự chấm", "Thẩm định", "Điều tra XHH", "Điểm cộng", "Điểm trừ"]
    assert ranking[2] == [
        *("1", "Sở Nội vụ", "65,90", "61,55", "19,29", "0,50", "0,00"),
        *("81,34", "96,00", "84,21", "Tốt", "Đồng hạng"),
    ]


def test_unit_that_sent_nothing_has_a_note_and_no_points() -> None:
    silent = unit("Sở Ngoại vụ", rank=None, note="Không nộp hồ sơ")
    ranking, domains = tables(annex(group(unit("Sở Nội vụ"), silent)))
    assert ranking[3] == ["–", "Sở Ngoại vụ", "–", "–", "–", "–", "–", "–", "–", "Không nộp hồ sơ"]
    assert domains[2] == ["–", "Sở Ngoại vụ", "–", "–", "–"]


def test_domain_in_which_less_applies_to_a_unit_says_so() -> None:
    lesser = unit("Sở Y tế")
    domain = replace(lesser.domains[1], maximum=D("8.5"))
    lesser = replace(lesser, domains=(lesser.domains[0], domain))
    _ranking, domains = tables(annex(group(unit("Sở Nội vụ"), lesser)))
    assert domains[0][3] == "2. Thể chế\n(10)"
    assert [row[3] for row in domains[1:]] == ["8,39", "8,39/8,5"]


def test_groups_are_numbered_and_the_whole_annex_is_turned() -> None:
    document = annex(group(unit("A")), replace(group(unit("B")), name="UBND các huyện"), closing="Hết.")
    headings = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 1]
    assert headings == ["I. CÁC SỞ, BAN, NGÀNH", "II. UBND CÁC HUYỆN"]
    assert [section.wide for section in sections(document)] == [True]


def test_illustrative_set_of_one_group_marks_the_annex() -> None:
    assert annex(group(unit("A")), group(unit("B"), illustrative=True)).illustrative
    assert not annex(group(unit("A"))).illustrative


def test_published_annex_is_printed_from_the_snapshot_alone() -> None:
    groups = [group(*(unit(f"Đơn vị {number}", rank=number) for number in range(1, 41)))]
    publication = Publication(
        manifest={
            "cycle": "Chỉ số CCHC năm 2026",
            "province": "Tỉnh Quảng Bình",
            "decision_number": "5/QĐ-UBND",
            "decided_on": "2027-01-12",
            "groups": as_content(groups),
        },
        manifest_hash="ab" * 32,
    )
    document = annex_of(publication)
    assert document == annex(*groups, closing=f"Mã kiểm tra (SHA-256) của kết quả công bố: {'ab' * 32}")
    data = pdf(document)
    printed = pages(data)
    assert set(sizes(data)) == {(297, 210)}
    assert all("Cơ quan, đơn vị" in page for page in printed)
    assert flat("Mã kiểm tra (SHA-256) của kết quả công bố: " + "ab" * 32) in flat(printed[-1])


@pytest.mark.parametrize(("number", "text"), [(1, "I"), (4, "IV"), (8, "VIII"), (9, "IX"), (14, "XIV"), (39, "XXXIX")])
def test_roman_numbers(number: int, text: str) -> None:
    assert roman(number) == text
