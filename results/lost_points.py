"""Why a unit is not at 100: every point between the top of the scale and its result, by reason and by domain.

Pure: no Django. Points are those of the set's scale and add up exactly; the same parts in percent of the index add up
exactly too, with the rounding of the index as a part of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, TypeVar

from criteria.points import EXACT, HUNDRED, ZERO

K = TypeVar("K")

CENT: Final = Decimal("0.01")


class Kind(StrEnum):
    """Why points are not there. RAISED and BONUS give points back, so they stand with a minus."""

    RULE = "rule"  # the unit itself scored less than the maximum: the rule gives no more
    CUT = "cut"  # the council gave less than the unit, with a reason
    NO_EVIDENCE = "no_evidence"  # the same where no document was attached
    RAISED = "raised"  # the council gave more than the unit
    DIRECT = "direct"  # the council or the province's leaders score it themselves
    SURVEY = "survey"
    PENDING = "pending"  # nobody has settled it yet
    PENALTY = "penalty"
    BONUS = "bonus"
    FLOOR = "floor"  # penalties beyond what was there to lose
    ROUNDING = "rounding"  # of the index, in percent only


@dataclass(frozen=True)
class Line:
    """One criterion that applied. `given` None: not settled; `maximum` is ignored for bonus and penalty."""

    code: str
    domain: str
    source: str
    maximum: Decimal
    own: Decimal
    given: Decimal | None
    documents: int = 0


@dataclass(frozen=True)
class Part:
    """So many points lost (with a minus: won back) for one reason; caps and floor belong to no criterion."""

    code: str
    domain: str
    kind: Kind
    points: Decimal


@dataclass(frozen=True)
class Slice:
    """Points and percent of the index under one key, a Kind or a domain's code."""

    key: str
    points: Decimal
    percent: Decimal


def parts_of(line: Line) -> list[Part]:
    """The parts of one criterion; they add up to maximum minus given, or to the bonus or penalty itself."""

    def part(kind: Kind, points: Decimal) -> Part:
        return Part(line.code, line.domain, kind, points)

    given = line.given
    if line.source == "bonus":
        found = [part(Kind.BONUS, -(given or ZERO))]
    elif line.source == "penalty":
        found = [part(Kind.PENALTY, abs(given or ZERO))]
    elif given is None:
        found = [part(Kind.PENDING, line.maximum)]
    elif line.source == "survey":
        found = [part(Kind.SURVEY, line.maximum - given)]
    elif line.source in ("council", "leader"):
        found = [part(Kind.DIRECT, line.maximum - given)]
    else:
        cut = Kind.RAISED if given > line.own else Kind.CUT if line.documents else Kind.NO_EVIDENCE
        found = [part(Kind.RULE, line.maximum - line.own), part(cut, line.own - given)]
    return [row for row in found if row.points]


@dataclass(frozen=True)
class Explanation:
    """All parts of one unit: they add up to `applicable` minus `points`; `index` is the result in percent."""

    parts: Sequence[Part]
    points: Decimal
    applicable: Decimal
    index: Decimal

    @property
    def lost(self) -> Decimal:
        """Points between the top of the scale and the result; below zero where a bonus lifted it above."""
        return self.applicable - self.points

    @property
    def percent(self) -> Decimal:
        """100 minus the index."""
        return HUNDRED - self.index

    def by_kind(self) -> list[Slice]:
        """The parts by reason, in the order of Kind."""
        found = {row.key: row for row in self._slices(lambda part: part.kind.value)}
        return [found[kind.value] for kind in Kind if kind.value in found]

    def by_domain(self) -> list[Slice]:
        """The parts by domain, in the order of the lines; what belongs to no domain has an empty key and comes last."""
        found = self._slices(lambda part: part.domain)
        return sorted(found, key=lambda row: (row.key == Kind.ROUNDING, not row.key))

    def _slices(self, key: Callable[[Part], str]) -> list[Slice]:
        sums: dict[str, Decimal] = {}
        for part in self.parts:
            sums[key(part)] = sums.get(key(part), ZERO) + part.points
        shares = self.percents(sums)
        rest = self.percent - sum(shares.values(), ZERO)
        found = [Slice(name, points, shares[name]) for name, points in sums.items()]
        return [*found, Slice(Kind.ROUNDING.value, ZERO, rest)] if rest else found

    def percents(self, sums: Mapping[K, Decimal]) -> dict[K, Decimal]:
        """Points as percent of the index, each rounded to two places by itself."""
        if not self.applicable:
            return dict.fromkeys(sums, ZERO)
        return {
            key: EXACT.divide(EXACT.multiply(points, HUNDRED), self.applicable).quantize(CENT, ROUND_HALF_UP)
            for key, points in sums.items()
        }

    def by_code(self) -> dict[str, Decimal]:
        """Points lost on each criterion."""
        sums: dict[str, Decimal] = {}
        for part in self.parts:
            if part.code:
                sums[part.code] = sums.get(part.code, ZERO) + part.points
        return sums

    def biggest(self, count: int) -> list[tuple[str, Decimal]]:
        """The criteria that cost most, most first; equal ones in the order of the set.

        None that cost nothing, and none that only waits for its points.
        """
        pending = {part.code for part in self.parts if part.kind is Kind.PENDING}
        costly = [(code, points) for code, points in self.by_code().items() if points > 0 and code not in pending]
        return sorted(costly, key=lambda row: -row[1])[:count]


def explain(
    lines: Iterable[Line], *, bonus: Decimal, penalty: Decimal, points: Decimal, applicable: Decimal, index: Decimal
) -> Explanation:
    """Cut a result into its parts.

    `bonus` and `penalty` are what counted after their caps, `points` the whole after them and never below zero,
    `applicable` the sum of the maxima of the criteria that applied.
    """
    parts = [part for line in lines for part in parts_of(line)]
    named_bonus = -sum((part.points for part in parts if part.kind is Kind.BONUS), ZERO)
    named_penalty = sum((part.points for part in parts if part.kind is Kind.PENALTY), ZERO)
    parts += [
        part
        for part in (
            Part("", "", Kind.BONUS, named_bonus - bonus),
            Part("", "", Kind.PENALTY, penalty - named_penalty),
        )
        if part.points
    ]
    floor = applicable - points - sum((part.points for part in parts), ZERO)
    if floor:
        parts.append(Part("", "", Kind.FLOOR, floor))
    return Explanation(tuple(parts), points, applicable, index)
