from __future__ import annotations

from decimal import Decimal

import pytest

from criteria.bands import Band, BandError, BandScale, parse_bands

HUE = [
    {"label": "Xuất sắc", "lower": "90", "key": "xuat_sac"},
    {"label": "Tốt", "lower": "80"},
    {"label": "Khá", "lower": "70"},
    {"label": "Trung bình", "lower": "55"},
    {"label": "Yếu", "lower": "0"},
]


def problems(data: object) -> list[tuple[str, str]]:
    with pytest.raises(BandError) as caught:
        parse_bands(data)
    return [(problem.path, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("percent", "label"),
    [
        ("104.5", "Xuất sắc"),
        ("100", "Xuất sắc"),
        ("90", "Xuất sắc"),
        ("89.99", "Tốt"),
        ("80", "Tốt"),
        ("79.99", "Khá"),
        ("55", "Trung bình"),
        ("54.99", "Yếu"),
        ("0", "Yếu"),
    ],
)
def test_grade_at_the_edges_of_bands(percent: str, label: str) -> None:
    assert parse_bands(HUE).grade(Decimal(percent)).label == label


def test_grade_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        parse_bands(HUE).grade(Decimal("-0.01"))


def test_bands_parse_to_their_fields() -> None:
    assert parse_bands(HUE).bands[:2] == (
        Band("Xuất sắc", Decimal(90), "xuat_sac"),
        Band("Tốt", Decimal(80)),
    )


def test_bands_say_their_ranges() -> None:
    assert [text for _, text in parse_bands(HUE).ranges()] == [
        "từ 90 % trở lên",
        "từ 80 % đến dưới 90 %",
        "từ 70 % đến dưới 80 %",
        "từ 55 % đến dưới 70 %",
        "dưới 55 %",
    ]
    assert [text for _, text in BandScale((Band("Đạt", Decimal(0)),)).ranges()] == ["mọi kết quả"]


def test_bands_refused_with_all_problems() -> None:
    data = [
        {"label": "Tốt", "lower": "80", "key": "tot"},
        {"label": "Khá", "lower": "80", "key": "tot"},
        {"label": "Tốt", "lower": "90"},
        {"label": "Lạ", "lower": "x"},
        {"label": "Yếu", "lower": "101", "lable": "?"},
    ]
    assert problems(data) == [
        ("bands[3].lower", 'phải là số viết trong dấu nháy với dấu chấm thập phân, ví dụ "0.5"'),
        (
            "bands[4].lable",
            "không có mục này, hãy bỏ hoặc sửa tên (các mục dùng được: key, label, lower)",
        ),
        ("bands[4].lower", "phải từ 0 đến 100"),
        ("bands[1].lower", "trùng với mức ở trên: xếp các mức từ cao xuống thấp"),
        ("bands[2].lower", "cao hơn mức ở trên: xếp các mức từ cao xuống thấp"),
        ("bands[4].lower", "mức cuối phải bắt đầu từ 0, nếu không sẽ có kết quả không được xếp loại"),
        ("bands[2].label", "trùng với một mức ở trên, hãy đổi"),
        ("bands[1].key", "trùng với một mức ở trên, hãy đổi"),
    ]


@pytest.mark.parametrize("data", [[], {}, "x"])
def test_bands_of_another_shape_are_refused(data: object) -> None:
    assert problems(data) == [("bands", "phải là danh sách có ít nhất một dòng")]


def test_scale_built_by_hand_is_checked_too() -> None:
    with pytest.raises(BandError) as caught:
        BandScale((Band("Tốt", Decimal(80)), Band("Khá", Decimal(-1))))
    assert [str(problem) for problem in caught.value.problems] == ["bands[1].lower: phải từ 0 đến 100"]
    with pytest.raises(BandError, match="ít nhất một mức"):
        BandScale(())
