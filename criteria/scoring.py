"""The scoring engine: a criteria set as a tree of leaves, a unit's answers, and what they add up to.

Pure: no Django. This is the one door to the engine; rules, figures, numbers and bands live beside it and are
imported from here. All points are ``Decimal``. Three things hold throughout: missing is not zero, only leaf
points are rounded, and no total depends on the order of the criteria.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeVar

from .bands import Band, BandError, BandScale, parse_bands
from .checks import check_rule, check_set
from .figures import (
    Figure,
    FigureError,
    FigureErrors,
    FigureValue,
    figures_from_data,
    figures_to_data,
    read_figures,
)
from .measures import CountRow, CountTable, PerItem, Proportional, Step, Thresholds
from .nodes import (
    Branch,
    Leaf,
    NotApplicable,
    Source,
    Tree,
    criteria_maximum,
    top_nodes,
    walk,
)
from .points import (
    EXACT,
    HUNDRED,
    ZERO,
    NumberError,
    Rounding,
    format_number,
    format_points,
    parse_count,
    parse_number,
    parse_percent,
    parse_points,
)
from .rule_data import KINDS, Problem, RuleError, parse_rule, rule_to_data
from .rules import (
    Context,
    DateTier,
    DateTiers,
    Direct,
    Level,
    Outcome,
    PercentOfMax,
    Rule,
    SurveyRule,
    Tier,
    Tiers,
    YesNo,
    enter_points,
    survey_points,
)

__all__ = [
    "KINDS",
    "Answer",
    "AnswerError",
    "Band",
    "BandError",
    "BandScale",
    "Branch",
    "Context",
    "CountRow",
    "CountTable",
    "DateTier",
    "DateTiers",
    "Direct",
    "Figure",
    "FigureError",
    "FigureErrors",
    "FigureValue",
    "Leaf",
    "Level",
    "NotApplicable",
    "NumberError",
    "Outcome",
    "PerItem",
    "PercentOfMax",
    "Problem",
    "Proportional",
    "Rounding",
    "Rule",
    "RuleError",
    "Scorer",
    "Source",
    "Step",
    "SurveyRule",
    "Tally",
    "Thresholds",
    "Tier",
    "Tiers",
    "Total",
    "YesNo",
    "check_rule",
    "check_set",
    "enter_points",
    "figures_from_data",
    "figures_to_data",
    "format_number",
    "format_points",
    "parse_bands",
    "parse_count",
    "parse_number",
    "parse_percent",
    "parse_points",
    "parse_rule",
    "read_figures",
    "rescale",
    "rule_to_data",
    "survey_points",
    "tally",
]


Key = TypeVar("Key", bound=str)


class Answer(NamedTuple):
    """What is known of one leaf: points, or None while missing; ``not_applicable`` sets them aside."""

    points: Decimal | None
    not_applicable: bool = False


class AnswerError(ValueError):
    """Answers that the set does not allow; ``problems`` are (code, reason in Vietnamese)."""

    def __init__(self, problems: Iterable[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{code}: {reason}" for code, reason in self.problems))


def rescale(points: Decimal, applicable: Decimal, target: Decimal, rounding: Rounding) -> Decimal:
    """Points out of ``applicable`` as points out of ``target``; untouched where the two are equal."""
    if applicable == target:
        return points
    return rounding.apply(EXACT.divide(EXACT.multiply(points, target), applicable))


class Total(NamedTuple):
    """What one node, domain or source adds up to.

    ``points`` and both maxima leave out bonus and penalty, which are counted apart and before their caps.
    A missing leaf adds nothing to ``points`` and one to ``missing``: only with ``missing`` 0 is it a result.
    """

    points: Decimal
    maximum: Decimal
    applicable: Decimal
    missing: int = 0
    bonus: Decimal = ZERO
    penalty: Decimal = ZERO

    @property
    def lost(self) -> Decimal:
        """Points that applied and were not gained."""
        return self.applicable - self.points

    def percent(self, rounding: Rounding) -> Decimal | None:
        """points / applicable x 100, not below 0; None while one is missing and where nothing applies."""
        if self.missing or not self.applicable:
            return None
        return max(ZERO, rescale(self.points, self.applicable, HUNDRED, rounding))


@dataclass(frozen=True)
class Tally:
    """The sheet of one unit.

    ``criteria``: sum of the rounded points of all criteria. ``bonus`` and ``penalty``: sums after their caps,
    both zero or more; a penalty leaf may state its points with or without the minus.
    ``points`` = criteria + bonus - penalty, not below 0.
    ``index`` = (criteria + bonus - penalty) / applicable x 100 in percent, rounded by the set's rule, not
    below 0; it may exceed 100 by the bonus. With nothing dropped and a set of 100 points it equals
    ``points``. None while a criterion is missing and where nothing applies.
    ``maximum``: points of the whole set. ``applicable``: those of the leaves that were not dropped.
    ``missing``: criteria without points, in the order of the set. ``unclaimed``: bonus and penalty leaves
    without points, which hold nothing up. ``dropped``: leaves left out for this unit.
    """

    nodes: Mapping[str, Total]
    domains: Mapping[str, Total]
    sources: Mapping[Source, Total]
    criteria: Decimal
    bonus: Decimal
    penalty: Decimal
    points: Decimal
    maximum: Decimal
    applicable: Decimal
    index: Decimal | None
    missing: tuple[str, ...] = ()
    unclaimed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def rescaled(self) -> bool:
        """Whether the index is a share of fewer points than the set has."""
        return self.applicable != self.maximum

    @property
    def complete(self) -> bool:
        return not self.missing


class _Row(NamedTuple):
    """A leaf made ready. ``exact``: both bounds are multiples of the step, so that rounding cannot leave them."""

    position: int
    code: str
    lowest: Decimal
    highest: Decimal
    exact: bool
    leaf: Leaf


class _Group(NamedTuple):
    """Leaves that are summed together, by their position."""

    positions: tuple[int, ...]
    maximum: Decimal


class _Columns(NamedTuple):
    """One unit's leaves by position: ``points`` of criteria (zero where there are none), and what else counts."""

    points: Sequence[Decimal]
    leaves: Sequence[Leaf]
    missing: set[int]
    dropped: set[int]
    bonus: Mapping[int, Decimal]
    penalty: Mapping[int, Decimal]

    def total(self, positions: Sequence[int], maximum: Decimal) -> Total:
        """What the leaves at ``positions`` add up to; ``maximum`` is what they could when all apply."""
        points = sum([self.points[index] for index in positions], ZERO)
        if not (self.dropped or self.missing or self.bonus or self.penalty):
            return Total(points, maximum, maximum)
        dropped = self.dropped.intersection(positions)
        return Total(
            points,
            maximum,
            maximum - criteria_maximum(self.leaves[index] for index in dropped),
            len(self.missing.intersection(positions)),
            sum([self.bonus[index] for index in positions if index in self.bonus], ZERO),
            sum([self.penalty[index] for index in positions if index in self.penalty], ZERO),
        )


class _Totals(Mapping[Key, Total]):
    """Totals by key, added up when asked for: ranking 4,000 units reads none of the 200 headings."""

    def __init__(self, groups: Mapping[Key, _Group], columns: _Columns) -> None:
        self._groups = groups
        self._columns = columns

    def __getitem__(self, key: Key) -> Total:
        return self._columns.total(*self._groups[key])

    def __iter__(self) -> Iterator[Key]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)


class Scorer:
    """A set made ready for many units: compile once, then ``tally`` each unit's answers.

    ``bonus_cap`` and ``penalty_cap`` None mean no cap. Raises ``ValueError`` where two nodes have one code.
    """

    def __init__(
        self,
        root: Tree,
        *,
        rounding: Rounding,
        bonus_cap: Decimal | None = None,
        penalty_cap: Decimal | None = None,
    ) -> None:
        nodes = top_nodes(root)
        codes = [node.code for node in walk(nodes)]
        repeated = sorted({code for code in codes if codes.count(code) > 1})
        if repeated:
            raise ValueError(f"criteria codes are used twice: {', '.join(repeated)}")
        self.rounding = rounding
        self.bonus_cap = bonus_cap
        self.penalty_cap = penalty_cap
        self.leaves = tuple(node for node in walk(nodes) if isinstance(node, Leaf))
        self.maximum = criteria_maximum(nodes)
        position = {leaf.code: index for index, leaf in enumerate(self.leaves)}
        self._rows = tuple(self._row(index, leaf) for index, leaf in enumerate(self.leaves))
        self._nodes = {
            node.code: self._group([position[leaf.code] for leaf in walk([node]) if isinstance(leaf, Leaf)])
            for node in walk(nodes)
        }
        self._domains = self._grouped([leaf.domain for leaf in self.leaves])
        self._sources = self._grouped([leaf.source for leaf in self.leaves])
        self._bonuses = [index for index, leaf in enumerate(self.leaves) if leaf.source is Source.BONUS]
        self._penalties = [index for index, leaf in enumerate(self.leaves) if leaf.source is Source.PENALTY]
        self._outside = frozenset(self._bonuses + self._penalties)
        self._dropped_for: dict[str, set[int]] = {}
        for index, leaf in enumerate(self.leaves):
            if leaf.na_policy is NotApplicable.NAMED:
                for unit in leaf.dropped_for:
                    self._dropped_for.setdefault(unit, set()).add(index)

    def _row(self, position: int, leaf: Leaf) -> _Row:
        lowest, highest = leaf.rule.bounds(leaf.maximum)
        exact = self.rounding.apply(lowest) == lowest and self.rounding.apply(highest) == highest
        return _Row(position, leaf.code, lowest, highest, exact, leaf)

    def _group(self, positions: Sequence[int]) -> _Group:
        return _Group(tuple(positions), criteria_maximum(self.leaves[index] for index in positions))

    def _grouped(self, keys: Sequence[Key]) -> dict[Key, _Group]:
        positions: dict[Key, list[int]] = {}
        for index, key in enumerate(keys):
            positions.setdefault(key, []).append(index)
        return {key: self._group(indexes) for key, indexes in positions.items() if key}

    def tally(self, answers: Mapping[str, Answer], *, unit: str | None = None) -> Tally:
        """The sheet of one unit; ``unit`` is its name in ``Leaf.dropped_for``.

        A leaf without an answer is missing. Raises ``AnswerError`` with all answers that the set does not
        allow: points outside the rule's bounds, "không phát sinh" where it may not be said, unknown codes.
        """
        points = [ZERO] * len(self._rows)
        gaps: set[int] = set()
        dropped: set[int] = set(self._dropped_for.get(unit, ())) if unit is not None else set()
        problems: list[tuple[str, str]] = []
        used = 0
        round_points = self.rounding.apply
        for position, code, lowest, highest, exact, leaf in self._rows:
            answer = answers.get(code)
            used += answer is not None
            if position in dropped:
                continue
            if answer is None:
                gaps.add(position)
                continue
            value, not_applicable = answer
            if not_applicable:
                if leaf.na_policy is NotApplicable.FULL:
                    points[position] = leaf.maximum
                elif leaf.na_policy is NotApplicable.RESCALE:
                    dropped.add(position)
                else:
                    problems.append((code, "Tiêu chí này không được chọn “Không phát sinh”."))
            elif value is None:
                gaps.add(position)
            elif lowest <= value <= highest:
                rounded = round_points(value)
                points[position] = rounded if exact else min(max(rounded, lowest), highest)
            else:
                limits = f"từ {format_number(lowest)} đến {format_number(highest)}"
                problems.append((code, f"Điểm {format_number(value)} không nằm trong khoảng {limits}."))
        if used != len(answers):
            known = {row.code for row in self._rows}
            problems += [(code, "Bộ chỉ số không có tiêu chí này.") for code in answers if code not in known]
        if problems:
            raise AnswerError(problems)
        return self._sheet(points, gaps, dropped)

    def _sheet(self, points: list[Decimal], gaps: set[int], dropped: set[int]) -> Tally:
        bonus = {index: points[index] for index in self._bonuses}
        penalty = {index: abs(points[index]) for index in self._penalties}
        for index in self._outside:
            points[index] = ZERO
        missing = gaps - self._outside
        columns = _Columns(points, self.leaves, missing, dropped, bonus, penalty)
        criteria = sum(points, ZERO)
        gained, lost = sum(bonus.values(), ZERO), sum(penalty.values(), ZERO)
        gained = gained if self.bonus_cap is None else min(gained, self.bonus_cap)
        lost = lost if self.penalty_cap is None else min(lost, self.penalty_cap)
        applicable = self.maximum - criteria_maximum(self.leaves[index] for index in dropped)
        net = max(ZERO, criteria + gained - lost)
        counts = applicable > 0 and not missing
        return Tally(
            nodes=_Totals(self._nodes, columns),
            domains=_Totals(self._domains, columns),
            sources=_Totals(self._sources, columns),
            criteria=criteria,
            bonus=gained,
            penalty=lost,
            points=net,
            maximum=self.maximum,
            applicable=applicable,
            index=rescale(net, applicable, HUNDRED, self.rounding) if counts else None,
            missing=self._codes(missing),
            unclaimed=self._codes(gaps & self._outside),
            dropped=self._codes(dropped),
        )

    def _codes(self, positions: set[int]) -> tuple[str, ...]:
        return tuple(self.leaves[index].code for index in sorted(positions))


def tally(
    root: Tree,
    answers: Mapping[str, Answer],
    *,
    unit: str | None = None,
    rounding: Rounding,
    bonus_cap: Decimal | None = None,
    penalty_cap: Decimal | None = None,
) -> Tally:
    """The sheet of one unit, see ``Scorer.tally``; a ``Scorer`` is quicker for many units of one set."""
    scorer = Scorer(root, rounding=rounding, bonus_cap=bonus_cap, penalty_cap=penalty_cap)
    return scorer.tally(answers, unit=unit)
