"""Công văn đôn đốc: who is late with what, in one table, to those whom it concerns."""

from __future__ import annotations

import datetime as dt

import pytest

from plans.calendar import Deadline
from results.documents.model import Agency, Authority, Document, Head, Number, Paragraph, Signature, Table
from results.documents.nudge import LateWork, nudge
from results.documents.pdf import pdf

from .printed import flat, pages

HEAD = Head(
    Agency("Sở Nội vụ", "UBND tỉnh Quảng Bình"),
    "Quảng Bình",
    2026,
    dt.date(2026, 12, 16),
    Number("SNV-CCHC"),
    subject="V/v đôn đốc tự đánh giá chỉ số cải cách hành chính năm 2026",
)
SIGNATURE = Signature("Phó Giám đốc", "Nguyễn Thanh Bình", ((Authority.DEPUTY, "Giám đốc"),))
WORDS = Deadline(dt.date(2026, 12, 15)).words()


def late(unit: str, work: str = "Gửi hồ sơ tự đánh giá", days: int = 2, progress: str = "") -> LateWork:
    return LateWork(unit, work, WORDS, days, progress)


def letter(*works: LateWork, text: str = "", until: dt.date | None = None, illustrative: bool = False) -> Document:
    return nudge(
        HEAD,
        works,
        cycle="Chỉ số CCHC năm 2026",
        plan="Kế hoạch số 05/KH-UBND ngày 01/11/2026 của UBND tỉnh Quảng Bình",
        signature=SIGNATURE,
        text=text,
        until=until,
        copies=("UBND tỉnh (b/c)",),
        archive="CCHC",
        illustrative=illustrative,
    )


def rows(document: Document) -> list[list[str]]:
    table = next(block for block in document.blocks if isinstance(block, Table))
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_works_of_one_unit_stand_together_under_one_number() -> None:
    document = letter(late("Sở Tư pháp"), late("Sở Y tế", days=0, progress="45/77"), late("Sở Tư pháp", "Bổ sung"))
    words = "Trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)"
    assert rows(document) == [
        ["1", "Sở Tư pháp", "Gửi hồ sơ tự đánh giá", words, "2 ngày", "–"],
        ["", "", "Bổ sung", words, "2 ngày", "–"],
        ["2", "Sở Y tế", "Gửi hồ sơ tự đánh giá", words, "–", "45/77"],
    ]
    assert document.addressees == ("Sở Tư pháp", "Sở Y tế")


def test_many_units_are_named_in_the_table_alone() -> None:
    units = [late(f"Sở {number}") for number in range(9)]
    assert letter(*units[:8]).addressees == tuple(f"Sở {number}" for number in range(8))
    assert letter(*units).addressees == ("Các cơ quan, đơn vị có tên trong danh sách dưới đây",)


def test_nobody_late_makes_no_letter() -> None:
    with pytest.raises(ValueError, match="nobody"):
        letter()


def test_own_text_and_day_of_the_sender_are_said() -> None:
    document = letter(late("Sở Tư pháp"), text="Một.\n\nHai.", until=dt.date(2026, 12, 20))
    texts = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    assert texts[1:3] == ["Một.", "Hai."]
    assert "khẩn trương hoàn thành, chậm nhất hết ngày chủ nhật 20/12/2026. Trường hợp" in texts[3]
    assert "khẩn trương hoàn thành. Trường hợp" in str(letter(late("Sở Tư pháp")).blocks[-1])


def test_letter_is_printed_as_a_cong_van() -> None:
    (page,) = pages(pdf(letter(late("Sở Tư pháp"), late("Sở Y tế"), illustrative=True)))
    text = flat(page)
    expected = [
        "Minh họa: không phải bộ chỉ số chính thức",
        "SỞ NỘI VỤ",
        "Số: …/SNV-CCHC",
        "V/v đôn đốc tự đánh giá chỉ số cải cách hành chính năm 2026",
        "Quảng Bình, ngày 16 tháng 12 năm 2026",
        "Kính gửi: - Sở Tư pháp; - Sở Y tế.",
        "đến nay còn 02 cơ quan, đơn vị chưa hoàn thành nhiệm vụ của đợt đánh giá “Chỉ số CCHC năm 2026”",
        "Nơi nhận: - Như trên; - UBND tỉnh (b/c); - Lưu: VT, CCHC.",
        "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC Nguyễn Thanh Bình",
    ]
    places = [text.index(flat(part)) for part in expected]
    assert places == sorted(places)
