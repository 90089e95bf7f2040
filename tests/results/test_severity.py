"""Severity of appraisers: figures, the median, and the rule of the flag."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from results.severity import FEWEST_CRITERIA, Verdict, median, percent, quantile, severities


def verdicts(person: str, given: str, count: int = FEWEST_CRITERIA) -> list[Verdict]:
    """`count` criteria of 2 points that the unit scored in full."""
    return [Verdict(person, Decimal(2), Decimal(given), Decimal(2)) for _number in range(count)]


def four(last: str, count: int = FEWEST_CRITERIA) -> set[object]:
    """Three people take nothing, 5 % and 10 %; who is flagged when the fourth gives `last` of 2 points."""
    rows = [*verdicts("a", "2"), *verdicts("b", "1.9"), *verdicts("c", "1.8"), *verdicts("d", last, count)]
    return {person for person, row in severities(rows).items() if row.flagged}


def test_figures_of_one_person() -> None:
    rows = [
        Verdict("a", Decimal(4), Decimal(3), Decimal(4)),
        Verdict("a", Decimal(1), Decimal("1.5"), Decimal(2)),
        Verdict("a", Decimal(2), Decimal(2), Decimal(2)),
    ]
    row = severities(rows)["a"]
    assert (row.criteria, row.changed, row.taken_off) == (3, 2, Decimal(1))
    assert (row.average, row.percent) == (Fraction(1, 12), Decimal("8.33"))


def test_points_added_are_not_taken_off() -> None:
    assert severities([Verdict("a", Decimal(1), Decimal(2), Decimal(2))])["a"].average == 0


def test_person_far_above_the_others_is_flagged() -> None:
    assert four("1") == {"d"}


@pytest.mark.parametrize("last", ["1.8", "1.9", "2"])
def test_person_among_the_others_is_not_flagged(last: str) -> None:
    assert four(last) == set()


def test_edge_is_one_and_a_half_ranges_above_the_median() -> None:
    # averages 0, 5, 10 and x %: median 7,5, quartiles 3,75 and 10 + (x - 10) / 4, so the edge is met at x = 20,625...
    assert four("1.6") == set()  # 20 %: edge 7.5 + 1.5 * (12.5 - 3.75) = 20.625
    assert four("1.55") == {"d"}  # 22,5 %: edge 7.5 + 1.5 * (13.125 - 3.75) = 21.5625


def test_few_criteria_are_never_flagged() -> None:
    assert four("0", FEWEST_CRITERIA - 1) == set()


def test_few_people_are_never_flagged() -> None:
    rows = [*verdicts("a", "2"), *verdicts("b", "2"), *verdicts("c", "0")]
    assert not any(row.flagged for row in severities(rows).values())


def test_hair_above_equal_others_is_not_flagged() -> None:
    rows = [row for person in "abcd" for row in verdicts(person, "2")]
    assert not any(row.flagged for row in severities([*rows, *verdicts("e", "1.9")]).values())
    assert severities([*rows, *verdicts("e", "1.88")])["e"].flagged


def test_median_is_of_people_not_of_criteria() -> None:
    found = severities([*verdicts("a", "2", 1), *verdicts("b", "1", 30), *verdicts("c", "0", 2)])
    assert median(found.values()) == Fraction(1, 2)
    assert median([]) is None


def test_quantile_lies_between_two_values() -> None:
    assert quantile([Fraction(0), Fraction(1)], Fraction(1, 4)) == Fraction(1, 4)
    assert quantile([Fraction(3)], Fraction(3, 4)) == 3


def test_percent_is_rounded_half_up() -> None:
    assert percent(Fraction(1, 800)) == Decimal("0.13")
