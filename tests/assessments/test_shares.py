"""Shares: the nearest branch decides, what is stored never overlaps, and last year's officers come back by code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.shares import gathered, spread

LEAVES = ["1.1.1", "1.1.2", "1.2", "2.1", "2.2.1", "10.1"]


def test_nearest_branch_decides() -> None:
    assert spread(LEAVES, {"1": "a", "1.1": "b", "1.1.2": "c", "2": "a"}) == {
        "1.1.1": "b",
        "1.1.2": "c",
        "1.2": "a",
        "2.1": "a",
        "2.2.1": "a",
    }


def test_code_that_only_begins_alike_is_another_branch() -> None:
    assert spread(["10.1"], {"1": "a"}) == {}


@pytest.mark.parametrize(
    ("values", "branches"),
    [
        (dict.fromkeys(LEAVES, "a"), {"1": "a", "2": "a", "10": "a"}),
        ({**dict.fromkeys(LEAVES, "a"), "1.1.2": "b"}, {"1.1.1": "a", "1.1.2": "b", "1.2": "a", "2": "a", "10": "a"}),
        ({"1.1.1": "a", "1.1.2": "a"}, {"1.1": "a"}),
        ({}, {}),
    ],
)
def test_gathered_names_the_highest_branches(values: dict[str, str], branches: dict[str, str]) -> None:
    assert gathered(LEAVES, values) == branches


@given(st.tuples(*[st.sampled_from("abc-")] * len(LEAVES)))
def test_spread_undoes_gathered(people: tuple[str, ...]) -> None:
    values = {leaf: person for leaf, person in zip(LEAVES, people, strict=True) if person != "-"}
    assert spread(LEAVES, gathered(LEAVES, values)) == values
