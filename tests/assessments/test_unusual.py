"""Last year's values beside this year's: exactly what counts as unusual."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.unusual import Unusual, Values, unusual

POINTS = st.decimals(min_value=0, max_value=10, places=2)


def points(before: str | None, after: str | None, maximum: str = "4") -> list[Unusual]:
    def values(text: str | None) -> Values:
        return Values(None if text is None else Decimal(text), Decimal(maximum))

    return unusual({"1.1": values(before)}, {"1.1": values(after)})


def figure(before: str, after: str) -> list[Unusual]:
    def values(text: str) -> Values:
        return Values(None, Decimal(4), {"Số hồ sơ": Decimal(text)})

    return unusual({"1.1": values(before)}, {"1.1": values(after)})


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("1", "3", False),  # exactly half of the maximum
        ("1", "3.01", True),
        ("3.5", "1", True),
        ("0", "0.5", True),
        ("0.5", "0", True),
        ("0", "0", False),
        ("-0.5", "0", True),
        (None, "4", False),
        ("4", None, False),
    ],
)
def test_points_are_unusual(before: str | None, after: str | None, found: bool) -> None:
    expected = [Unusual("1.1", "", Decimal(before or 0), Decimal(after or 0))] if found else []
    assert points(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("100", "150", False),  # exactly 50 %
        ("100", "151", True),
        ("100", "50", False),
        ("100", "49", True),
        ("0", "1", True),
        ("1", "0", True),
        ("0", "0", False),
    ],
)
def test_figure_is_unusual(before: str, after: str, found: bool) -> None:
    assert figure(before, after) == ([Unusual("1.1", "Số hồ sơ", Decimal(before), Decimal(after))] if found else [])


def test_new_criteria_and_new_figures_are_not_compared() -> None:
    now = {"1.1": Values(Decimal(1), Decimal(4), {"a": Decimal(5)}), "1.2": Values(Decimal(4), Decimal(4))}
    assert (
        unusual({"1.1": Values(Decimal(1), Decimal(4), {"b": Decimal(50)}), "9": Values(None, Decimal(1))}, now) == []
    )


@given(POINTS, POINTS)
def test_what_is_unusual_one_way_is_unusual_the_other_way(before: Decimal, after: Decimal) -> None:
    there = unusual({"1": Values(before, Decimal(10))}, {"1": Values(after, Decimal(10))})
    back = unusual({"1": Values(after, Decimal(10))}, {"1": Values(before, Decimal(10))})
    assert bool(there) == bool(back)
    assert before != after or there == []
