from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from criteria.figures import (
    Figure,
    FigureErrors,
    FigureValue,
    figures_from_data,
    figures_to_data,
    is_missing,
    read_figures,
)

FIGURES = (
    Figure("a", "Số hồ sơ đúng hạn", "number"),
    Figure("count", "Số cuộc họp", "integer"),
    Figure("percent", "Tỷ lệ giải ngân", "percent"),
    Figure("date", "Ngày ban hành", "date"),
    Figure("met", "Đạt / Không đạt", "bool"),
    Figure("tier", "Mức đạt được", "choice", (("late", "Chậm"), ("none", "Không ban hành"))),
)


def test_figures_read_from_the_screen() -> None:
    typed = {
        "a": "1.842",
        "count": " 1.200 ",
        "percent": "92,8 %",
        "date": "5/11/2026",
        "met": "Có",
        "tier": "late",
        "stray": "x",
    }
    assert read_figures(FIGURES, typed) == {
        "a": Decimal(1842),
        "count": 1200,
        "percent": Decimal("92.8"),
        "date": date(2026, 11, 5),
        "met": True,
        "tier": "late",
    }


def test_figures_read_from_form_controls() -> None:
    assert read_figures(FIGURES, {"date": "2026-11-05", "met": "false"}) == {
        "date": date(2026, 11, 5),
        "met": False,
    }


def test_figures_left_blank_are_left_out() -> None:
    assert read_figures(FIGURES, {"a": "", "count": "  ", "date": None}) == {}


def test_figures_read_names_every_wrong_one() -> None:
    typed = {
        "a": "-3",
        "count": "2,5",
        "percent": "101",
        "date": "31/02/2026",
        "met": "có lẽ",
        "tier": "on_time",
    }
    with pytest.raises(FigureErrors) as caught:
        read_figures(FIGURES, typed)
    assert caught.value.by_key() == {
        "a": "Số hồ sơ đúng hạn: không được là số âm.",
        "count": "Số cuộc họp: Cần số nguyên, không có phần thập phân: “2,5”.",
        "percent": "Tỷ lệ giải ngân: tỷ lệ không được quá 100 %.",
        "date": "Ngày ban hành: hãy nhập ngày, ví dụ 15/02/2026.",
        "met": "Đạt / Không đạt: hãy chọn có hoặc không.",
        "tier": "Mức đạt được: hãy chọn một trong các mức: Chậm; Không ban hành.",
    }


def test_figures_kept_as_data_come_back_equal() -> None:
    values: dict[str, FigureValue] = {
        "a": Decimal("1234.50"),
        "count": 7,
        "percent": Decimal("92.8"),
        "date": date(2026, 2, 5),
        "met": False,
        "tier": "none",
    }
    data = figures_to_data(values)
    assert data == {
        "a": "1234.50",
        "count": "7",
        "percent": "92.8",
        "date": "2026-02-05",
        "met": False,
        "tier": "none",
    }
    assert figures_from_data(FIGURES, data) == values


def test_figures_kept_as_data_use_a_decimal_point() -> None:
    assert figures_from_data(FIGURES, {"a": "1.842"}) == {"a": Decimal("1.842")}


@pytest.mark.parametrize("stored", ["1e3", "1,5", "NaN", "x", 1.5, True, []])
def test_figures_from_data_refuse_what_is_no_number(stored: object) -> None:
    with pytest.raises(FigureErrors):
        figures_from_data(FIGURES, {"a": stored})


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        (FIGURES[0], 1.5),
        (FIGURES[0], "18"),
        (FIGURES[0], True),
        (FIGURES[0], Decimal("NaN")),
        (FIGURES[0], 10**15),
        (FIGURES[0], Decimal("0.0000001")),
        (FIGURES[1], Decimal("2.5")),
        (FIGURES[2], -1),
        (FIGURES[3], "2026-02-15"),
        (FIGURES[3], datetime(2026, 2, 15, tzinfo=UTC)),
        (FIGURES[4], 1),
        (FIGURES[5], "on_time"),
    ],
)
def test_figure_refuses_another_type(figure: Figure, value: object) -> None:
    with pytest.raises(ValueError, match=figure.label):
        figure.check(value)


@pytest.mark.parametrize(
    ("figure", "value", "expected"),
    [
        (FIGURES[0], 18, Decimal(18)),
        (FIGURES[0], Decimal("0.000001"), Decimal("0.000001")),
        (FIGURES[1], Decimal("2.0"), 2),
        (FIGURES[2], 100, Decimal(100)),
        (Figure("value", "Tăng trưởng", "number", negative=True), -5, Decimal(-5)),
        (Figure("value", "Tỷ lệ", "percent", over=True), 120, Decimal(120)),
        (FIGURES[3], date(2026, 2, 15), date(2026, 2, 15)),
        (FIGURES[4], False, False),
        (FIGURES[5], "none", "none"),
    ],
)
def test_figure_accepts_its_own_type(figure: Figure, value: object, expected: object) -> None:
    checked = figure.check(value)
    assert (checked, type(checked)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "missing"), [(None, True), ("", True), ("  ", True), (False, False), (0, False), ("0", False)]
)
def test_missing_is_not_zero_or_no(value: object, missing: bool) -> None:
    assert is_missing(value) is missing
