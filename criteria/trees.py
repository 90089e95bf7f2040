"""From rows to pure values: a set as data, and as the rules, leaves and branches of the engine."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import cast

from .models import CriteriaSet, Criterion, GradeBand
from .points import RoundingMode
from .scoring import (
    Branch,
    Context,
    Figure,
    FigureValue,
    Leaf,
    NotApplicable,
    Outcome,
    Rounding,
    Rule,
    Source,
    parse_rule,
)
from .setdata import BandData, NodeData, SetData


@lru_cache(maxsize=4096)
def _rule(data: str, maximum: Decimal) -> Rule:
    return parse_rule(json.loads(data), maximum=maximum)


@lru_cache(maxsize=4096)
def frozen_leaf(pk: int) -> Criterion:
    """A criterion of a frozen set with its set, read once for each process: triggers hold every row of it.

    Shared by all requests: nobody may write to it. Raises Criterion.DoesNotExist, also where the set is not frozen.
    """
    return Criterion.objects.select_related("criteria_set").get(pk=pk, criteria_set__status=CriteriaSet.Status.FROZEN)


@lru_cache(maxsize=64)
def frozen_branches(criteria_set: int) -> tuple[Criterion, ...]:
    """Domains and headings of a frozen set in its order, kept as `frozen_leaf` keeps leaves; empty where not frozen."""
    found = Criterion.objects.filter(
        criteria_set=criteria_set, criteria_set__status=CriteriaSet.Status.FROZEN, source=""
    )
    return tuple(found.order_by("order"))


def leaf_rule(criterion: Criterion) -> Rule:
    """The rule of a leaf. Equal rules are parsed once. Raises RuleError where the stored data is not a rule."""
    return _rule(json.dumps(criterion.rule, sort_keys=True), criterion.maximum)


def rounding_of(criteria_set: CriteriaSet) -> Rounding:
    """The one rounding rule of the set."""
    return Rounding(step=criteria_set.rounding_step, mode=cast(RoundingMode, criteria_set.rounding_mode))


def leaf_bounds(criterion: Criterion) -> tuple[Decimal, Decimal]:
    """Lowest and highest points that a leaf can have."""
    return leaf_rule(criterion).bounds(criterion.maximum)


def rule_outcome(criterion: Criterion, figures: Mapping[str, FigureValue], criteria_set: CriteriaSet) -> Outcome:
    """Points and explanation that typed `figures` give on a leaf. Raises FigureErrors."""
    return leaf_rule(criterion).score(
        figures, criterion.maximum, rounding_of(criteria_set), Context(year=criteria_set.year)
    )


def leaf_figures(criterion: Criterion) -> tuple[Figure, ...]:
    """What officers declare on a leaf."""
    return leaf_rule(criterion).figures()


def build(criteria: Iterable[Criterion]) -> tuple[Branch, ...]:
    """The set's tree for `tally`; `criteria` are all rows of one set with `dropped_for` prefetched.

    Units are named by their primary key as text.
    """
    rows = sorted(criteria, key=lambda row: row.order)
    children: dict[int | None, list[Criterion]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)

    def node(row: Criterion, domain: str) -> Branch | Leaf:
        if row.is_leaf:
            return Leaf(
                code=row.code,
                maximum=row.maximum,
                source=Source(row.source),
                rule=leaf_rule(row),
                na_policy=NotApplicable(row.na_policy),
                dropped_for=frozenset(str(unit.pk) for unit in row.dropped_for.all()),
                overridable=row.overridable,
                domain=domain,
            )
        return Branch(
            code=row.code,
            maximum=row.maximum,
            children=tuple(node(child, domain) for child in children.get(row.pk, [])),
        )

    return tuple(node(row, row.code) for row in children.get(None, []))  # type: ignore[misc]


def read_set(criteria_set: CriteriaSet) -> SetData:
    """The whole set as data, in four queries however large it is. Raises RuleError where a stored rule is none."""
    children: dict[int | None, list[Criterion]] = {}
    for row in criteria_set.criteria.prefetch_related("leads", "dropped_for").order_by("order"):
        children.setdefault(row.parent_id, []).append(row)
    bands: dict[int | None, list[BandData]] = {}
    for band in GradeBand.objects.filter(criteria_set=criteria_set).select_related("group"):
        bands.setdefault(band.part_id, []).append(
            BandData(band.label, band.lower, band.group.code if band.group else "")
        )

    def node(row: Criterion) -> NodeData:
        return NodeData(
            code=row.code,
            name=row.name,
            maximum=row.maximum,
            source=Source(row.source) if row.is_leaf else None,
            rule=leaf_rule(row) if row.is_leaf else None,
            na_policy=NotApplicable(row.na_policy),
            overridable=row.overridable,
            evidence=row.evidence_asked,
            guidance=row.guidance,
            survey_question=row.survey_question,
            leads=tuple(unit.code for unit in row.leads.all()),
            dropped_for=tuple(unit.code for unit in row.dropped_for.all()),
            children=tuple(node(child) for child in children.get(row.pk, [])),
            bands=tuple(bands.get(row.pk, [])),
        )

    return SetData(
        code=criteria_set.code,
        year=criteria_set.year,
        name=criteria_set.name,
        illustrative=criteria_set.illustrative,
        source_decision=criteria_set.source_decision,
        rounding_step=criteria_set.rounding_step,
        rounding_mode=criteria_set.rounding_mode,
        bonus_cap=criteria_set.bonus_cap,
        penalty_cap=criteria_set.penalty_cap,
        bands=tuple(bands.get(None, [])),
        nodes=tuple(node(row) for row in children.get(None, [])),
    )
