"""Ranks and figures of a results table: pure, exact, the same whatever the order of the rows.

Scores are points or % as Decimal; a missing score is not zero and takes no rank. No law says how ties are
broken: equal scores share a rank, unless the caller gives further numbers to compare.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Generic, Literal, TypeVar

from criteria.points import EXACT, Rounding

K = TypeVar("K", bound=Hashable)

Method = Literal["competition", "dense"]


@dataclass(frozen=True)
class Entry(Generic[K]):
    """One unit in its ranking group; between equal scores `tiebreak` decides, one by one, higher first."""

    key: K
    group: Hashable
    score: Decimal | None
    tiebreak: tuple[Decimal, ...] = ()

    def __post_init__(self) -> None:
        for number in (*self.tiebreak, *(() if self.score is None else (self.score,))):
            _check(number)

    @property
    def standing(self) -> tuple[Decimal, ...]:
        """What is compared, the score first; empty without a score."""
        return () if self.score is None else (self.score, *self.tiebreak)


@dataclass(frozen=True)
class Place:
    """A rank among the `of` ranked units of the group; `tied` if another unit has it; no score, no rank."""

    rank: int | None
    tied: bool
    of: int


def _check(number: Decimal) -> None:
    if not isinstance(number, Decimal):
        raise TypeError(f"{number!r} is no Decimal: a float would make and break ties")
    if not number.is_finite():
        raise ValueError(f"{number} cannot be ranked")


def _by_group(entries: Iterable[Entry[K]]) -> dict[Hashable, list[Entry[K]]]:
    groups: dict[Hashable, list[Entry[K]]] = {}
    for entry in entries:
        groups.setdefault(entry.group, []).append(entry)
    return groups


def rank(entries: Sequence[Entry[K]], method: Method = "competition") -> dict[K, Place]:
    """Place every entry inside its group, the highest first: competition 1, 1, 3 or dense 1, 1, 2.

    ValueError for a key told twice, another method, or tiebreaks of different lengths in a group.
    """
    if method not in ("competition", "dense"):
        raise ValueError(f"unknown ranking method {method!r}")
    places: dict[K, Place] = {}
    for members in _by_group(entries).values():
        scored = sorted((e for e in members if e.score is not None), key=_standing, reverse=True)
        if len({len(entry.tiebreak) for entry in scored}) > 1:
            raise ValueError("tiebreaks of one group must have the same length")
        places |= {entry.key: Place(None, False, len(scored)) for entry in members}
        ahead = 0
        for position, (_, sharing) in enumerate(groupby(scored, key=_standing), start=1):
            tied = list(sharing)
            number = position if method == "dense" else ahead + 1
            places |= {entry.key: Place(number, len(tied) > 1, len(scored)) for entry in tied}
            ahead += len(tied)
    if len(places) != len(entries):
        raise ValueError("a key is told twice")
    return places


def _standing(entry: Entry[K]) -> tuple[Decimal, ...]:
    return entry.standing


def group_average(scores: Iterable[Decimal | None], rounding: Rounding) -> Decimal | None:
    """The mean of the scores that are there, rounded once by the set's rule; None if none is there."""
    total, count = Fraction(0), 0
    for score in scores:
        if score is not None:
            _check(score)
            total, count = total + Fraction(score), count + 1
    if not count:
        return None
    mean = total / count
    return rounding.apply(EXACT.divide(Decimal(mean.numerator), Decimal(mean.denominator)))


@dataclass(frozen=True)
class GroupFigures:
    """The last rows of a group's table; `spread` is best minus worst, None where nothing is scored."""

    scored: int
    missing: int
    best: Decimal | None
    worst: Decimal | None
    average: Decimal | None
    spread: Decimal | None


def group_figures(entries: Iterable[Entry[K]], rounding: Rounding) -> dict[Hashable, GroupFigures]:
    """Figures of every group; only the average is rounded."""
    return {group: _figures(members, rounding) for group, members in _by_group(entries).items()}


def _figures(members: Sequence[Entry[K]], rounding: Rounding) -> GroupFigures:
    scores = [entry.score for entry in members if entry.score is not None]
    missing = len(members) - len(scores)
    if not scores:
        return GroupFigures(0, missing, None, None, None, None)
    best, worst = max(scores), min(scores)
    spread = EXACT.subtract(best, worst)
    return GroupFigures(len(scores), missing, best, worst, group_average(scores, rounding), spread)


@dataclass(frozen=True)
class Bin:
    """How many scores lie from `low` (included) to `high` (excluded); None is an open end."""

    low: Decimal | None
    high: Decimal | None
    count: int


def distribution(scores: Iterable[Decimal | None], edges: Sequence[Decimal]) -> tuple[Bin, ...]:
    """Count scores between rising `edges`, with one open bin below and one above; missing scores in none.

    ValueError if the edges do not rise.
    """
    for edge in edges:
        _check(edge)
    if any(low >= high for low, high in pairwise(edges)):
        raise ValueError("edges must rise")
    present = [score for score in scores if score is not None]
    for score in present:
        _check(score)
    bounds = pairwise((None, *edges, None))
    return tuple(Bin(low, high, sum(_inside(score, low, high) for score in present)) for low, high in bounds)


def _inside(score: Decimal, low: Decimal | None, high: Decimal | None) -> bool:
    return (low is None or low <= score) and (high is None or score < high)
