from __future__ import annotations

from decimal import Decimal

import pytest

from criteria.scoring import (
    Branch,
    Direct,
    Leaf,
    NotApplicable,
    Rounding,
    Source,
    SurveyRule,
    YesNo,
    check_rule,
    check_set,
    parse_rule,
)

TWO = Decimal(2)


def tiers(*points: str) -> dict[str, object]:
    rows = [{"key": f"k{n}", "label": f"Mức {n}", "points": value} for n, value in enumerate(points)]
    return {"kind": "tiers", "tiers": rows}


def thresholds(otherwise: str, *steps: tuple[str, str], **more: object) -> dict[str, object]:
    rows = [{"from": start, "points": points} for start, points in steps]
    return {"kind": "thresholds", "measure": "ratio", "steps": rows, "else": otherwise, **more}


def table(otherwise: str, *rows: tuple[str, str]) -> dict[str, object]:
    listed = [{"count": count, "points": points} for count, points in rows]
    return {"kind": "count_table", "table": listed, "else": otherwise, "label": "Số cuộc họp"}


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "yes_no"},
        tiers("2", "1", "0"),
        tiers("2", "0", "-0.25"),
        thresholds("0", ("90", "2"), ("70", "1")),
        thresholds("2", ("10", "0"), ("5", "1")),
        table("0", ("2", "2"), ("1", "1")),
        table("2", ("2", "0"), ("1", "1")),
        {"kind": "per_item", "each": "0.5", "label": "Số sáng kiến"},
        {"kind": "per_item", "each": "-0.5", "cap": "1", "label": "Số lỗi"},
        {"kind": "proportional", "floor": "50"},
        {"kind": "direct", "by": "council"},
        {"kind": "survey"},
    ],
)
def test_sound_rule_has_no_warning(data: dict[str, object]) -> None:
    assert check_rule(parse_rule(data, maximum=TWO), TWO) == []


@pytest.mark.parametrize(
    ("data", "warnings"),
    [
        (tiers("1.5", "0"), ["Không mức nào đạt điểm tối đa 2: mức cao nhất là 1,5."]),
        (
            tiers("1", "2"),
            ["Mức ở dòng 2 được 2 điểm, nhiều hơn 1 điểm của dòng trên: kiểm tra thứ tự và điểm."],
        ),
        (
            {
                "kind": "tiers",
                "tiers": [
                    {"key": "a", "label": "Tốt", "points": "2"},
                    {"key": "b", "label": "Tốt", "points": "1"},
                ],
            },
            ["Nhãn “Tốt” dùng cho nhiều mức."],
        ),
        (
            {
                "kind": "date_tiers",
                "tiers": [{"before": "02-15", "points": "1"}, {"before": "03-31", "points": "2"}],
                "none": "1",
                "late": "0",
                "label": "Ngày gửi",
            },
            [
                "Mốc ở dòng 2 được 2 điểm, nhiều hơn 1 điểm của dòng trên: kiểm tra thứ tự và điểm.",
                "Không làm được nhiều điểm hơn làm muộn: kiểm tra điểm của trường hợp không ban hành.",
            ],
        ),
        (
            thresholds("0", ("90", "1"), ("70", "2")),
            ["Ngưỡng ở dòng 2 được 2 điểm, nhiều hơn 1 điểm của dòng trên: kiểm tra thứ tự và điểm."],
        ),
        (
            thresholds("0", ("101", "2"), ("0", "1")),
            [
                "Ngưỡng ở dòng 1 cao hơn 100 % nên không bao giờ đạt.",
                "Ngưỡng cuối nhận mọi giá trị từ 0 nên mức “còn lại” không bao giờ dùng đến.",
            ],
        ),
        (
            {"kind": "per_item", "each": "1.5", "cap": "1", "label": "Số sáng kiến"},
            ["Trần 1 thấp hơn điểm tối đa 2: không ai đạt tối đa.", "Chỉ một mục đã vượt trần 1."],
        ),
        (
            table("0", ("6", "2"), ("3", "1"), ("1", "0.5")),
            [
                "Bảng không nêu số lượng từ 4 đến 5: được tính như 3, 1 điểm.",
                "Bảng không nêu số lượng 2: được tính như 1, 0,5 điểm.",
            ],
        ),
        (
            {
                "kind": "percent_of_max",
                "levels": [
                    {"key": "a", "label": "Tốt", "percent": "50"},
                    {"key": "b", "label": "Khá", "percent": "75"},
                ],
            },
            [
                "Không mức nào được 100 % điểm tối đa: mức cao nhất là 75 %.",
                "Mức ở dòng 2 được 75 %, nhiều hơn 50 % của dòng trên.",
            ],
        ),
        (
            {"kind": "proportional", "floor": "100"},
            ["Tỷ lệ tối thiểu là 100 % nên chỉ còn được điểm tối đa hoặc 0: nên dùng “Đạt / Không đạt”."],
        ),
    ],
)
def test_doubtful_rule_is_warned_about(data: dict[str, object], warnings: list[str]) -> None:
    assert check_rule(parse_rule(data, maximum=TWO), TWO) == warnings


def test_rule_without_a_maximum_is_warned_about_unless_it_only_takes_away() -> None:
    zero = Decimal(0)
    assert check_rule(YesNo(), zero) == ["Điểm tối đa bằng 0 nên tiêu chí không cho điểm nào."]
    assert check_rule(parse_rule(tiers("0", "-0.25"), maximum=zero), zero) == []


def leaf(code: str, maximum: str, source: Source = Source.SELF, **more: object) -> Leaf:
    return Leaf(code, Decimal(maximum), source, more.pop("rule", YesNo()), **more)  # type: ignore[arg-type]


def test_sound_set_has_no_warning() -> None:
    tree = (
        Branch("A", Decimal(60), (leaf("A.1", "60", na_policy=NotApplicable.RESCALE),)),
        Branch("B", None, (leaf("B.1", "40", Source.SURVEY, rule=SurveyRule()),)),
        Branch("C", Decimal(5), (leaf("C.1", "5", Source.BONUS),)),
    )
    assert check_set(tree, rounding=Rounding()) == []


def test_doubtful_set_is_warned_about() -> None:
    tree = (
        Branch(
            "A",
            Decimal(50),
            (
                leaf("A.1", "30.125"),
                leaf("A.2", "20", Source.SURVEY),
                leaf("A.3", "20", rule=SurveyRule()),
                leaf("A.4", "20", rule=Direct("council")),
                leaf("A.5", "1", dropped_for=frozenset({"u"})),
                leaf("A.6", "1", na_policy=NotApplicable.NAMED),
            ),
        ),
        Branch("B", None, ()),
    )
    assert check_set(tree, rounding=Rounding()) == [
        "A: Điểm tối đa ghi 50 nhưng cộng các tiêu chí được 92,125.",
        "A.1: Điểm tối đa 30,125 không phải bội số của bước làm tròn 0,01.",
        "A.2: Nguồn điểm là điều tra xã hội học nhưng cách chấm không lấy từ điều tra.",
        "A.3: Cách chấm lấy từ điều tra xã hội học nhưng nguồn điểm không phải điều tra.",
        "A.4: Đơn vị tự đánh giá nhưng cách chấm là chấm trực tiếp: không có gì để đơn vị kê khai.",
        "A.5: Có đơn vị được bỏ tiêu chí nhưng chính sách “không phát sinh” không phải là bỏ theo tên.",
        "A.6: Chính sách là bỏ theo tên đơn vị nhưng chưa nêu đơn vị nào.",
        "B: Không có tiêu chí nào được chấm điểm.",
        "Tổng điểm của bộ chỉ số là 92,125, không phải 100.",
    ]
