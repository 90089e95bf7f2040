from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from criteria.figures import Figure, FigureErrors
from criteria.measures import CountRow, CountTable, PerItem, Proportional, Step, Thresholds
from criteria.points import Rounding
from criteria.rules import Outcome, Rule

TWO = Decimal(2)
ROUNDING = Rounding()
PART, WHOLE = "Số hồ sơ đúng hạn", "Tổng số hồ sơ"
RATIO = Thresholds(
    "ratio",
    (Step(Decimal(95), False, Decimal(2)), Step(Decimal(90), True, Decimal(1))),
    Decimal(0),
    "%",
    PART,
    WHOLE,
)
VALUE = Thresholds(
    "value",
    (
        Step(Decimal(80), True, Decimal(2)),
        Step(Decimal(60), True, Decimal(1)),
        Step(Decimal(50), False, Decimal("0.5")),
        Step(Decimal(40), False, Decimal("0.25")),
    ),
    Decimal("-0.25"),
    "%",
    label_value="Tỷ lệ giải ngân",
)
SHARE = Proportional(PART, WHOLE, floor=Decimal(50))
MEETINGS = CountTable(
    (CountRow(4, Decimal(2)), CountRow(3, Decimal(1)), CountRow(1, Decimal("0.5"))), Decimal(0), "Số cuộc họp"
)
NOT_ARISING = (
    "Tổng số hồ sơ bằng 0 nên không tính được tỷ lệ. Nếu trong năm không có việc phải làm, hãy chọn “Không phát sinh”."
)


def errors(rule: Rule, declared: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(FigureErrors) as caught:
        rule.score(declared, TWO, ROUNDING)
    return caught.value.by_key()


@pytest.mark.parametrize(
    ("part", "whole", "points", "explanation"),
    [
        (1709, 1842, "1.00", "1.709/1.842 hồ sơ đúng hạn ≈ 92,78 %, mức 90–95 % → 1,00 điểm"),
        (95, 100, "1.00", "95/100 hồ sơ đúng hạn = 95 %, mức 90–95 % → 1,00 điểm"),
        (95001, 100000, "2.00", "95.001/100.000 hồ sơ đúng hạn = 95,001 %, mức > 95 % → 2,00 điểm"),
        (
            949999999,
            1000000000,
            "1.00",
            "949.999.999/1.000.000.000 hồ sơ đúng hạn = 94,9999999 %, mức 90–95 % → 1,00 điểm",
        ),
        (
            10**15 * 9 // 10 - 1,
            10**15 - 1,
            "0.00",
            "899.999.999.999.999/999.999.999.999.999 hồ sơ đúng hạn ≈ 89,99999999999999 %, mức < 90 % → 0,00 điểm",
        ),
    ],
)
def test_ratio_thresholds_compare_unrounded(part: int, whole: int, points: str, explanation: str) -> None:
    outcome = RATIO.score({"a": part, "b": whole}, TWO, ROUNDING)
    assert (str(outcome.points), outcome.explanation) == (points, explanation)


@pytest.mark.parametrize(
    ("value", "points", "explanation"),
    [
        ("80", "2.00", "80 %, mức ≥ 80 % → 2,00 điểm"),
        ("79.99", "1.00", "79,99 %, mức từ 60 đến dưới 80 % → 1,00 điểm"),
        ("59.9", "0.50", "59,9 %, mức trên 50 đến dưới 60 % → 0,50 điểm"),
        ("50", "0.25", "50 %, mức trên 40 đến 50 % → 0,25 điểm"),
        ("40", "-0.25", "40 %, mức ≤ 40 % → -0,25 điểm"),
    ],
)
def test_value_thresholds_at_their_edges(value: str, points: str, explanation: str) -> None:
    outcome = VALUE.score({"value": Decimal(value)}, TWO, ROUNDING)
    assert (str(outcome.points), outcome.explanation) == (points, explanation)


def test_value_thresholds_ask_for_a_percent_only_where_the_unit_is_one() -> None:
    days = Thresholds("value", (Step(Decimal(-5), True, TWO),), Decimal(0), "ngày", allow_negative=True)
    assert VALUE.figures() == (Figure("value", "Tỷ lệ giải ngân", "percent", unit="%"),)
    assert days.figures() == (Figure("value", "Giá trị đạt được", "number", unit="ngày", negative=True),)
    assert days.score({"value": -5}, TWO, ROUNDING).points == 2
    assert errors(VALUE, {"value": -5}) == {"value": "Tỷ lệ giải ngân: không được là số âm."}
    assert errors(VALUE, {"value": 101}) == {"value": "Tỷ lệ giải ngân: tỷ lệ không được quá 100 %."}


def test_thresholds_that_allow_it_take_more_than_the_whole() -> None:
    rule = Thresholds("ratio", (Step(Decimal(110), True, TWO),), Decimal(1), allow_over=True)
    assert rule.score({"a": 11, "b": 10}, TWO, ROUNDING) == Outcome(TWO, "11/10 = 110 %, mức ≥ 110 % → 2,00 điểm")


@pytest.mark.parametrize(
    ("rule", "part", "whole", "points", "explanation"),
    [
        (SHARE, 18, 20, "1.80", "18/20 hồ sơ đúng hạn = 90 % → 1,80 điểm"),
        (SHARE, 2, 3, "1.33", "2/3 hồ sơ đúng hạn ≈ 66,67 % → 1,33 điểm"),
        (SHARE, 10, 20, "1.00", "10/20 hồ sơ đúng hạn = 50 % → 1,00 điểm"),
        (SHARE, 9, 20, "0.00", "9/20 hồ sơ đúng hạn = 45 %, dưới 50 % → 0,00 điểm"),
        (SHARE, 0, 20, "0.00", "0/20 hồ sơ đúng hạn = 0 %, dưới 50 % → 0,00 điểm"),
        (Proportional(cap=True), 25, 20, "2.00", "25/20 = 125 %, tính như 100 % → 2,00 điểm"),
        (Proportional(), 1, 3, "0.67", "1/3 ≈ 33,33 % → 0,67 điểm"),
    ],
)
def test_proportional_scores(rule: Rule, part: int, whole: int, points: str, explanation: str) -> None:
    outcome = rule.score({"a": part, "b": whole}, TWO, ROUNDING)
    assert (str(outcome.points), outcome.explanation) == (points, explanation)


@pytest.mark.parametrize("rule", [RATIO, SHARE])
def test_ratio_refuses_all_that_is_wrong_at_once(rule: Rule) -> None:
    assert errors(rule, {"a": -1, "b": 0}) == {"a": "Số hồ sơ đúng hạn: không được là số âm.", "b": NOT_ARISING}
    assert errors(rule, {"a": 0, "b": 0}) == {"b": NOT_ARISING}
    assert errors(rule, {"b": 0}) == {"b": NOT_ARISING}
    assert errors(rule, {"a": 5, "b": 4}) == {"a": "“Số hồ sơ đúng hạn” (5) không được lớn hơn “Tổng số hồ sơ” (4)."}
    assert errors(rule, {"a": 1.5, "b": "20"}) == {
        "a": "Số hồ sơ đúng hạn: hãy nhập một số.",
        "b": "Tổng số hồ sơ: hãy nhập một số.",
    }


@pytest.mark.parametrize(
    ("declared", "missing"), [({}, f"{PART}, {WHOLE}"), ({"a": 3}, WHOLE), ({"b": 3, "a": ""}, PART)]
)
def test_ratio_with_a_figure_missing_gives_no_points(declared: Mapping[str, object], missing: str) -> None:
    assert SHARE.score(declared, TWO, ROUNDING) == Outcome(None, f"Chưa kê khai: {missing}")


@pytest.mark.parametrize(
    ("rule", "count", "points", "explanation"),
    [
        (PerItem(Decimal("0.5"), "Số sáng kiến"), 0, "0.00", "0 sáng kiến × 0,5 → 0,00 điểm"),
        (PerItem(Decimal("0.5"), "Số sáng kiến"), 3, "1.50", "3 sáng kiến × 0,5 → 1,50 điểm"),
        (
            PerItem(Decimal("0.5"), "Số sáng kiến"),
            5,
            "2.00",
            "5 sáng kiến × 0,5 = 2,5, tối đa 2 → 2,00 điểm",
        ),
        (
            PerItem(Decimal("0.5"), "Số sáng kiến", Decimal(1)),
            3,
            "1.00",
            "3 sáng kiến × 0,5 = 1,5, tối đa 1 → 1,00 điểm",
        ),
        (
            PerItem(Decimal("-0.25"), "Số văn bản chậm", Decimal(1)),
            3,
            "-0.75",
            "3 văn bản chậm × -0,25 → -0,75 điểm",
        ),
        (
            PerItem(Decimal("-0.25"), "Số văn bản chậm", Decimal(1)),
            9,
            "-1.00",
            "9 văn bản chậm × -0,25 = -2,25, trừ tối đa 1 → -1,00 điểm",
        ),
        (MEETINGS, 9, "2.00", "9 cuộc họp, mức từ 4 → 2,00 điểm"),
        (MEETINGS, 3, "1.00", "3 cuộc họp, mức 3 → 1,00 điểm"),
        (MEETINGS, 2, "0.50", "2 cuộc họp, mức 1–2 → 0,50 điểm"),
        (MEETINGS, 0, "0.00", "0 cuộc họp, mức dưới 1 → 0,00 điểm"),
    ],
)
def test_counting_rules_score(rule: Rule, count: int, points: str, explanation: str) -> None:
    outcome = rule.score({"count": count}, TWO, ROUNDING)
    assert (str(outcome.points), outcome.explanation) == (points, explanation)


@pytest.mark.parametrize("rule", [PerItem(Decimal("0.5"), "Số cuộc họp"), MEETINGS])
def test_counting_rules_refuse_what_is_no_count(rule: Rule) -> None:
    assert errors(rule, {"count": -1}) == {"count": "Số cuộc họp: không được là số âm."}
    assert errors(rule, {"count": Decimal("1.5")}) == {"count": "Số cuộc họp: hãy nhập số nguyên, 1,5 có phần lẻ."}


@pytest.mark.parametrize(
    ("rule", "low", "high"),
    [
        (RATIO, "0", "2"),
        (VALUE, "-0.25", "2"),
        (SHARE, "0", "2"),
        (PerItem(Decimal("0.5"), "Số sáng kiến"), "0", "2"),
        (PerItem(Decimal("0.5"), "Số sáng kiến", Decimal(1)), "0", "1"),
        (PerItem(Decimal("-0.5"), "Số lỗi"), "-2", "0"),
        (PerItem(Decimal("-0.5"), "Số lỗi", Decimal(3)), "-3", "0"),
        (MEETINGS, "0", "2"),
    ],
)
def test_measuring_rule_bounds(rule: Rule, low: str, high: str) -> None:
    assert rule.bounds(TWO) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (RATIO, "> 95 %: 2 · 90–95 %: 1 · < 90 %: 0"),
        (
            VALUE,
            "≥ 80 %: 2 · từ 60 đến dưới 80 %: 1 · trên 50 đến dưới 60 %: 0,5 · trên 40 đến 50 %: 0,25 · ≤ 40 %: -0,25",
        ),
        (Thresholds("ratio", (Step(Decimal(100), True, TWO),), Decimal(0)), "100 %: 2 · < 100 %: 0"),
        (SHARE, "a / b × điểm tối đa · dưới 50 %: 0"),
        (Proportional(cap=True), "a / b × điểm tối đa · trên 100 % tính như 100 %"),
        (PerItem(Decimal("0.5"), "Số sáng kiến"), "Mỗi sáng kiến: 0,5 · tối đa 2"),
        (PerItem(Decimal("-0.5"), "Số lỗi", Decimal(3)), "Mỗi lỗi: trừ 0,5 · trừ tối đa 3"),
        (MEETINGS, "Số cuộc họp từ 4: 2 · 3: 1 · 1–2: 0,5 · dưới 1: 0"),
        (CountTable((CountRow(0, TWO),), Decimal(0), "Số vụ vi phạm"), "Số vụ vi phạm từ 0: 2"),
    ],
)
def test_measuring_rule_says_itself(rule: Rule, text: str) -> None:
    assert rule.describe(TWO) == text
