"""Values that look wrong beside last year's: pure comparison of two years of one unit, criterion by criterion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

HALF = Decimal("0.5")


@dataclass(frozen=True)
class Values:
    """One criterion in one year: points (None: none given), their maximum, and the declared numbers by label."""

    points: Decimal | None
    maximum: Decimal
    figures: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Unusual:
    """One value that changed much. `label` names the declared figure and is empty where it is the points."""

    code: str
    label: str
    before: Decimal
    after: Decimal


def unusual(before: Mapping[str, Values], after: Mapping[str, Values]) -> list[Unusual]:
    """The values of `after` that changed much since `before`, in the order of `after`; new criteria are left out.

    Points: by more than half of this year's maximum, or from or to zero. A declared number: by more than 50 % of last
    year's, or from or to zero. What is missing in either year is not compared: missing is not zero.
    """
    found: list[Unusual] = []
    for code, now in after.items():
        then = before.get(code)
        if then is None:
            continue
        if then.points is not None and now.points is not None and _points_jump(then.points, now.points, now.maximum):
            found.append(Unusual(code, "", then.points, now.points))
        found += [
            Unusual(code, label, then.figures[label], value)
            for label, value in now.figures.items()
            if label in then.figures and _figure_jumps(then.figures[label], value)
        ]
    return found


def _points_jump(before: Decimal, after: Decimal, maximum: Decimal) -> bool:
    return abs(after - before) > maximum * HALF or (before == 0) != (after == 0)


def _figure_jumps(before: Decimal, after: Decimal) -> bool:
    return abs(after - before) > abs(before) * HALF or (before == 0) != (after == 0)
