"""A criteria set as a page shows it: the tree with rules in words, totals of each domain, grade bands.

Everything is made from `SetData`, so that a stored set and the preview of an uploaded one look the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from units.models import Unit, UnitGroup

from .bands import Band, BandError, BandScale
from .models import Criterion
from .nodes import NotApplicable
from .setdata import BandData, NodeData, SetData, Totals, totals


@dataclass(frozen=True)
class Row:
    """One line of the tree."""

    node: NodeData
    level: int
    rule: str
    source: str
    not_applicable: str
    leads: tuple[str, ...]
    dropped_for: tuple[str, ...]
    points: Decimal
    agrees: bool


@dataclass(frozen=True)
class Domain:
    """A domain with everything below it and what it adds up to."""

    node: NodeData
    rows: tuple[Row, ...]
    totals: Totals


@dataclass(frozen=True)
class Scale:
    """Grade bands of the whole set or one part, for one ranking group or all: each grade with its range in words."""

    part: str
    part_code: str
    group: str
    group_code: str
    ranges: tuple[tuple[str, str], ...]
    problem: str = ""


@dataclass(frozen=True)
class SetPage:
    """What the page of a set shows."""

    data: SetData
    domains: tuple[Domain, ...]
    totals: Totals
    scales: tuple[Scale, ...]

    @property
    def has_outside(self) -> bool:
        """Whether there are bonus or penalty points."""
        return bool(self.totals.bonus or self.totals.penalty or self.data.bonus_cap or self.data.penalty_cap)


class Names:
    """Names of the units and groups that a set mentions; a code that nobody has is shown as it is. Two queries."""

    def __init__(self, data: SetData) -> None:
        codes = set(_unit_codes(data.nodes))
        self.units: Mapping[str, str] = {
            unit.code: unit.short_name or unit.name for unit in Unit.objects.filter(code__in=codes)
        }
        self.groups: Mapping[str, str] = {group.code: group.name for group in UnitGroup.objects.all()}

    def of_units(self, codes: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.units.get(code, code) for code in codes)

    def of_group(self, code: str) -> str:
        return self.groups.get(code, code)


def _unit_codes(nodes: Iterable[NodeData]) -> Iterable[str]:
    for node in nodes:
        yield from node.leads
        yield from node.dropped_for
        yield from _unit_codes(node.children)


def rule_words(node: NodeData) -> str:
    """How a leaf is scored, in words; empty for a branch."""
    return node.rule.describe(node.maximum) if node.rule is not None else ""


def _row(node: NodeData, level: int, names: Names) -> Row:
    below = totals([node])
    points = below.points or below.bonus + below.penalty
    na = Criterion.NaPolicy(node.na_policy.value).label if node.na_policy is not NotApplicable.NONE else ""
    return Row(
        node=node,
        level=level,
        rule=rule_words(node),
        source=str(Criterion.SourceChoice(node.source.value).label) if node.source else "",
        not_applicable=str(na),
        leads=names.of_units(node.leads),
        dropped_for=names.of_units(node.dropped_for),
        points=points,
        agrees=not node.children or points == node.maximum,
    )


def _rows(node: NodeData, level: int, names: Names) -> Iterable[Row]:
    yield _row(node, level, names)
    for child in node.children:
        yield from _rows(child, level + 1, names)


def _scales(bands: Iterable[BandData], node: NodeData | None, names: Names) -> Iterable[Scale]:
    groups: dict[str, list[BandData]] = {}
    for band in bands:
        groups.setdefault(band.group, []).append(band)
    for code, rows in groups.items():
        part = f"{node.code}. {node.name}" if node else _("Toàn bộ chỉ số")
        group = names.of_group(code) if code else _("mọi nhóm")
        ordered = sorted(rows, key=lambda band: -band.lower)
        try:
            scale = BandScale(tuple(Band(band.label, band.lower) for band in ordered))
            ranges, problem = tuple((band.label, words) for band, words in scale.ranges()), ""
        except BandError as error:
            ranges, problem = tuple((band.label, f"{band.lower}") for band in ordered), str(error)
        yield Scale(part, node.code if node else "", group, code, ranges, problem)


def _all_scales(nodes: Iterable[NodeData], names: Names) -> Iterable[Scale]:
    for node in nodes:
        yield from _scales(node.bands, node, names)
        yield from _all_scales(node.children, names)


def set_page(data: SetData) -> SetPage:
    """The page of `data`."""
    names = Names(data)
    return SetPage(
        data=data,
        domains=tuple(Domain(node, tuple(_rows(node, 0, names)), totals([node])) for node in data.nodes),
        totals=totals(data.nodes),
        scales=(*_scales(data.bands, None, names), *_all_scales(data.nodes, names)),
    )
