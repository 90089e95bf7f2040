from __future__ import annotations

from decimal import Decimal

import pytest

from criteria.rule_data import KINDS, RuleError, parse_rule, rule_to_data
from criteria.rules import DateTier, DateTiers

TWO = Decimal(2)
VALID: dict[str, dict[str, object]] = {
    "yes_no": {"kind": "yes_no", "labels": ["Có", "Không"]},
    "tiers": {
        "kind": "tiers",
        "tiers": [
            {"key": "on_time", "label": "Kịp thời", "points": "2"},
            {"key": "late", "label": "Chậm", "points": "0.50"},
            {"key": "none", "label": "Không ban hành", "points": "-0.25"},
        ],
    },
    "date_tiers": {
        "kind": "date_tiers",
        "tiers": [
            {"before": "02-15", "label": "Kịp thời", "points": "2"},
            {"before": "03-31", "points": "0.5"},
            {"before": "2027-01-15", "points": "0.25"},
        ],
        "none": "-0.5",
        "label": "Ngày ban hành",
        "late": "0",
        "none_label": "Không gửi",
    },
    "thresholds": {
        "kind": "thresholds",
        "measure": "ratio",
        "steps": [
            {"from": "90", "inclusive": True, "points": "2"},
            {"from": "70", "inclusive": False, "points": "1"},
        ],
        "else": "0",
        "unit": "%",
        "labels": {"a": "Số hồ sơ đúng hạn", "b": "Tổng số hồ sơ"},
        "allow_over": True,
    },
    "proportional": {"kind": "proportional", "labels": {"a": "Đã làm"}, "floor": "50", "cap": True},
    "per_item": {"kind": "per_item", "each": "0.5", "cap": "1.5", "label": "Số sáng kiến"},
    "count_table": {
        "kind": "count_table",
        "table": [{"count": "4", "points": "2"}, {"count": "3", "points": "1.5"}],
        "else": "0",
        "label": "Số cuộc họp",
    },
    "percent_of_max": {
        "kind": "percent_of_max",
        "levels": [
            {"key": "xuat_sac", "label": "Hoàn thành xuất sắc", "percent": "100"},
            {"key": "tot", "label": "Hoàn thành tốt", "percent": "75"},
        ],
    },
    "direct": {"kind": "direct", "by": "leader"},
    "survey": {"kind": "survey"},
}


def problems(data: object, maximum: Decimal = TWO) -> dict[str, str]:
    with pytest.raises(RuleError) as caught:
        parse_rule(data, maximum=maximum)
    return {problem.path: problem.message for problem in caught.value.problems}


def test_every_kind_has_a_valid_example() -> None:
    assert tuple(VALID) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_rule_data_comes_back_unchanged(kind: str) -> None:
    assert rule_to_data(parse_rule(VALID[kind], maximum=TWO)) == VALID[kind]


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "yes_no"},
        {"kind": "proportional"},
        {"kind": "per_item", "each": "-0.25", "label": "Số lỗi"},
        {
            "kind": "thresholds",
            "measure": "value",
            "steps": [{"from": "-5", "inclusive": True, "points": "2"}],
            "else": "0",
            "labels": {"value": "Mức tăng"},
            "allow_negative": True,
        },
        {
            "kind": "date_tiers",
            "tiers": [{"before": "02-15", "points": "2"}],
            "none": "0",
            "label": "Ngày gửi",
        },
    ],
)
def test_rule_data_without_optional_entries_comes_back_unchanged(data: dict[str, object]) -> None:
    assert rule_to_data(parse_rule(data, maximum=TWO)) == data


def test_threshold_step_is_inclusive_unless_it_says_otherwise() -> None:
    data = {"kind": "thresholds", "measure": "ratio", "steps": [{"from": "90", "points": "2"}], "else": "0"}
    assert parse_rule(data, maximum=TWO).describe(TWO) == "≥ 90 %: 2 · < 90 %: 0"


def test_date_tiers_parse_to_their_fields() -> None:
    assert parse_rule(VALID["date_tiers"], maximum=TWO) == DateTiers(
        (
            DateTier("02-15", Decimal(2), "Kịp thời"),
            DateTier("03-31", Decimal("0.5")),
            DateTier("2027-01-15", Decimal("0.25")),
        ),
        Decimal("-0.5"),
        "Ngày ban hành",
        Decimal(0),
        "Không gửi",
    )


@pytest.mark.parametrize("data", [None, [], "yes_no", 1])
def test_rule_data_of_another_shape_is_refused(data: object) -> None:
    assert problems(data) == {"": "cách chấm phải là một nhóm mục có tên, bắt đầu bằng kind"}


def test_rule_of_unknown_kind_names_the_known_ones() -> None:
    assert problems({"kind": "magic"}) == {"kind": "phải là một trong: " + ", ".join(KINDS)}
    assert problems({}) == {"kind": "thiếu mục này, hãy khai thêm"}
    assert problems({"kind": ["yes_no"]}) == {"kind": "phải là một trong: " + ", ".join(KINDS)}


def test_rule_error_names_all_problems_of_tiers() -> None:
    data = {
        "kind": "tiers",
        "tiers": [
            {"key": "On time", "label": "", "points": 1},
            {"key": "late", "label": "Chậm", "points": "3"},
            {"key": "late", "label": "Chậm", "points": "1", "pionts": "1"},
            "none",
        ],
        "extra": 1,
    }
    assert problems(data) == {
        "tiers[0].key": "chỉ gồm chữ thường không dấu, chữ số và dấu gạch dưới, tối đa 40 ký tự",
        "tiers[0].label": "phải là chữ, không để trống",
        "tiers[0].points": 'phải là số viết trong dấu nháy với dấu chấm thập phân, ví dụ "0.5"',
        "tiers[1].points": "không được lớn hơn 2",
        "tiers[2].key": "trùng với một dòng ở trên, hãy đổi",
        "tiers[2].pionts": "không có mục này, hãy bỏ hoặc sửa tên (các mục dùng được: key, label, points)",
        "tiers[3]": "phải là một nhóm mục có tên",
        "extra": "không có mục này, hãy bỏ hoặc sửa tên (các mục dùng được: kind, tiers)",
    }


def test_rule_error_reads_as_one_text() -> None:
    with pytest.raises(RuleError) as caught:
        parse_rule({"kind": "per_item", "each": "0"}, maximum=TWO)
    assert str(caught.value) == "each: phải khác 0; label: thiếu mục này, hãy khai thêm"


@pytest.mark.parametrize("number", ["1,5", "1e3", "NaN", "Infinity", " 1", "+1", "01", ".5", "1.", "", 1, 0.5, True])
def test_rule_number_must_be_plain_text(number: object) -> None:
    assert list(problems({"kind": "per_item", "each": number, "label": "Số sáng kiến"})) == ["each"]


def test_thresholds_must_fall() -> None:
    data = {
        "kind": "thresholds",
        "measure": "ratio",
        "steps": [
            {"from": "70", "inclusive": True, "points": "1"},
            {"from": "90", "inclusive": True, "points": "2"},
            {"from": "90", "inclusive": "yes", "points": "2"},
        ],
        "else": "0",
        "unit": "ngày",
        "labels": {"value": "x"},
        "allow_negative": True,
    }
    assert problems(data) == {
        "steps[1].from": "phải nhỏ hơn 70 ở dòng trên: xếp các dòng từ cao xuống thấp",
        "steps[2].from": "phải nhỏ hơn 90 ở dòng trên: xếp các dòng từ cao xuống thấp",
        "steps[2].inclusive": "phải là true hoặc false",
        "unit": 'tỷ lệ luôn tính bằng phần trăm: hãy ghi "%" hoặc bỏ mục này',
        "labels.value": "không có mục này, hãy bỏ hoặc sửa tên (các mục dùng được: a, b)",
        "allow_negative": "chỉ dùng cho giá trị khai trực tiếp, không dùng cho tỷ lệ",
    }


@pytest.mark.parametrize("before", ["02-29", "02-30", "2025-02-29", "15-02", "15/02", "2026-2-5"])
def test_date_tier_must_be_a_day_of_every_year(before: str) -> None:
    data = {"kind": "date_tiers", "tiers": [{"before": before, "points": "1"}], "none": "0", "label": "Ngày"}
    assert problems(data) == {
        "tiers[0].before": 'phải là ngày có thật, dạng "02-15" (tháng-ngày) hoặc "2026-02-15"; không dùng "02-29"'
    }


def test_date_tiers_must_follow_the_calendar() -> None:
    tiers = [{"before": before, "points": "1"} for before in ("03-31", "02-15", "2026-05-01", "2026-05-01")]
    assert problems({"kind": "date_tiers", "tiers": tiers, "none": "0", "label": "Ngày"}) == {
        "tiers[1].before": "phải sau 03-31 ở dòng trên: xếp các mốc từ sớm đến muộn",
        "tiers[3].before": "phải sau 2026-05-01 ở dòng trên: xếp các mốc từ sớm đến muộn",
    }


@pytest.mark.parametrize(
    ("data", "maximum", "expected"),
    [
        ({"each": "0.5", "cap": "3"}, "2", {"cap": "không được lớn hơn 2"}),
        ({"each": "0.5", "cap": "0"}, "2", {"cap": "phải lớn hơn 0"}),
        ({"each": "-0.5"}, "0", {"cap": "điểm tối đa bằng 0 nên phải khai số điểm trừ tối đa"}),
    ],
)
def test_per_item_cap_must_make_sense(data: dict[str, object], maximum: str, expected: dict[str, str]) -> None:
    assert problems({"kind": "per_item", "label": "Số lỗi", **data}, Decimal(maximum)) == expected


def test_per_item_that_takes_away_may_have_a_cap_above_the_maximum() -> None:
    data = {"kind": "per_item", "each": "-0.5", "cap": "3", "label": "Số lỗi"}
    assert parse_rule(data, maximum=Decimal(0)).bounds(Decimal(0)) == (Decimal(-3), Decimal(0))


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({"kind": "yes_no", "labels": ["Đạt"]}, ["labels"]),
        ({"kind": "yes_no", "labels": ["Đạt", ""]}, ["labels"]),
        ({"kind": "tiers", "tiers": []}, ["tiers"]),
        ({"kind": "tiers", "tiers": {"key": "a"}}, ["tiers"]),
        (
            {"kind": "tiers", "tiers": [{"key": f"k{n}", "label": "x", "points": "1"} for n in range(51)]},
            ["tiers"],
        ),
        ({"kind": "tiers", "tiers": [{"key": "a", "label": "x" * 301, "points": "1"}]}, ["tiers[0].label"]),
        ({"kind": "proportional", "floor": "101", "cap": 1}, ["floor", "cap"]),
        ({"kind": "proportional", "labels": ["a"]}, ["labels"]),
        (
            {"kind": "count_table", "table": [{"count": "2.5", "points": "1"}], "else": "0", "label": "x"},
            ["table[0].count"],
        ),
        (
            {"kind": "percent_of_max", "levels": [{"key": "a", "label": "x", "percent": "101"}]},
            ["levels[0].percent"],
        ),
        ({"kind": "direct", "by": "minister"}, ["by"]),
        ({"kind": "survey", "weight": "2"}, ["weight"]),
    ],
)
def test_rule_data_out_of_bounds_is_refused(data: dict[str, object], paths: list[str]) -> None:
    assert list(problems(data)) == paths
