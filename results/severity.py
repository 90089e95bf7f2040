"""Who of the council takes off far more than the others: pure, exact, no Django."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

FEWEST_CRITERIA: Final = 10
FEWEST_PEOPLE: Final = 4
FENCE: Final = Fraction(3, 2)  # interquartile ranges above the median
LEAST: Final = Fraction(5, 100)  # of the maximum: closer than this is never flagged


@dataclass(frozen=True)
class Verdict:
    """What one person made of one criterion that a unit had scored; `maximum` is above zero."""

    person: Hashable
    own: Decimal
    given: Decimal
    maximum: Decimal

    @property
    def share(self) -> Fraction:
        """The part of the maximum that was taken off; more than the unit's own points counts as nothing taken off."""
        return Fraction(max(self.own - self.given, Decimal(0))) / Fraction(self.maximum)


@dataclass(frozen=True)
class Severity:
    """One person's verdicts: how many, how many changed, points taken off, and the average share of the maximum."""

    criteria: int
    changed: int
    taken_off: Decimal
    average: Fraction
    flagged: bool = False

    @property
    def percent(self) -> Decimal:
        """`average` in percent, two places, for the screen."""
        return percent(self.average)


def percent(share: Fraction) -> Decimal:
    """A share as percent with two places, half up."""
    return Decimal(int(share * 10000 + Fraction(1, 2))) / 100


def quantile(values: Sequence[Fraction], place: Fraction) -> Fraction:
    """The value at `place` (0 to 1) of sorted `values`, between two of them in proportion."""
    at = place * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def median(severities: Iterable[Severity]) -> Fraction | None:
    """The middle of the averages of all people; None where nobody scored."""
    values = sorted(row.average for row in severities)
    return quantile(values, Fraction(1, 2)) if values else None


def severities(verdicts: Iterable[Verdict]) -> dict[Hashable, Severity]:
    """Everybody's figures, and a flag on who takes off far more than the others.

    Flagged: at least FEWEST_CRITERIA criteria scored, and an average more than FENCE interquartile ranges, and more
    than LEAST, above the median of those who scored that many. With fewer than FEWEST_PEOPLE of them nobody is.
    """
    by_person: dict[Hashable, list[Verdict]] = {}
    for verdict in verdicts:
        by_person.setdefault(verdict.person, []).append(verdict)
    found = {person: _figures(rows) for person, rows in by_person.items()}
    flagged = _flagged(found)
    return {
        person: Severity(row.criteria, row.changed, row.taken_off, row.average, person in flagged)
        for person, row in found.items()
    }


def _figures(rows: Sequence[Verdict]) -> Severity:
    return Severity(
        criteria=len(rows),
        changed=sum(row.given != row.own for row in rows),
        taken_off=sum((max(row.own - row.given, Decimal(0)) for row in rows), Decimal(0)),
        average=sum((row.share for row in rows), Fraction(0)) / len(rows),
    )


def _flagged(found: Mapping[Hashable, Severity]) -> set[Hashable]:
    able = {person: row.average for person, row in found.items() if row.criteria >= FEWEST_CRITERIA}
    if len(able) < FEWEST_PEOPLE:
        return set()
    values = sorted(able.values())
    spread = quantile(values, Fraction(3, 4)) - quantile(values, Fraction(1, 4))
    edge = quantile(values, Fraction(1, 2)) + max(FENCE * spread, LEAST)
    return {person for person, average in able.items() if average > edge}
