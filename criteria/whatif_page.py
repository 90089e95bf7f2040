"""The page on which figures are tried out on a set: fields of one domain, points rule by rule, totals and grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from units.models import Unit

from .bands import Band, BandError, BandScale
from .figures import Figure
from .nodes import Leaf
from .set_page import rule_words
from .setdata import BandData, NodeData, SetData, engine_nodes, leaves, walk
from .whatif import NOT_APPLICABLE, Sheet, Trial, asked, choices, may_not_arise, try_set

Typed = Mapping[str, Mapping[str, str]]
SEPARATOR = "|"


@dataclass(frozen=True)
class Field:
    """One figure of one leaf, as typed."""

    name: str
    figure: Figure
    value: str
    error: str

    @property
    def options(self) -> tuple[tuple[str, str], ...]:
        """Choices of a select: none for a number or a date."""
        found = choices(self.figure)
        return (("", ""), *found) if found else ()


@dataclass(frozen=True)
class Row:
    """A criterion of the domain; a branch has no fields and no trial."""

    node: NodeData
    level: int
    rule: str
    fields: tuple[Field, ...] = ()
    na: Field | None = None
    trial: Trial | None = None
    points: Decimal | None = None


@dataclass(frozen=True)
class DomainTotal:
    """What a domain adds up to, and its own grade where the set has one."""

    node: NodeData
    points: Decimal
    applicable: Decimal
    missing: int
    grade: str


@dataclass(frozen=True)
class Result:
    """The whole trial."""

    sheet: Sheet
    domains: tuple[DomainTotal, ...]
    grade: str
    scale: str


def field_name(code: str, key: str) -> str:
    return f"{code}{SEPARATOR}{key}"


def typed_values(posted: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What a posted form says, by criterion and figure; empty fields are left out."""
    found: dict[str, dict[str, str]] = {}
    for name, value in posted.items():
        code, separator, key = name.rpartition(SEPARATOR)
        if separator and value.strip():
            found.setdefault(code, {})[key] = value[:100]
    return found


def _scale(bands: Iterable[BandData], group: str) -> BandScale | None:
    """The scale of a ranking group; bands of the group win over bands for all."""
    rows = list(bands)
    own = [band for band in rows if band.group == group] if group else []
    chosen = own or [band for band in rows if not band.group]
    if not chosen:
        return None
    try:
        ordered = sorted(chosen, key=lambda band: -band.lower)
        return BandScale(tuple(Band(band.label, band.lower) for band in ordered))
    except BandError:
        return None


def _grade(bands: Iterable[BandData], group: str, percent: Decimal | None) -> tuple[str, str]:
    scale = _scale(bands, group)
    if scale is None or percent is None:
        return "", ""
    found = scale.grade(percent)
    return found.label, next(words for band, words in scale.ranges() if band is found)


def result(data: SetData, typed: Typed, unit: Unit | None) -> Result:
    """Points, index and grades for `typed`, as for `unit` (its ranking group's bands, what does not apply to it)."""
    sheet = try_set(
        engine_nodes(data.nodes),
        typed,
        unit=unit.code if unit else None,
        rounding=data.rounding,
        bonus_cap=data.bonus_cap,
        penalty_cap=data.penalty_cap,
        year=data.year,
    )
    group = unit.group.code if unit and unit.group else ""
    domains = []
    for node in data.nodes:
        total = sheet.tally.nodes[node.code]
        domains.append(
            DomainTotal(
                node,
                total.points,
                total.applicable,
                total.missing,
                _grade(node.bands, group, total.percent(data.rounding))[0],
            )
        )
    grade, scale = _grade(data.bands, group, sheet.tally.index)
    return Result(sheet, tuple(domains), grade, scale)


def rows(data: SetData, domain: NodeData, typed: Typed, sheet: Sheet) -> list[Row]:
    """The criteria of a domain with their fields and points."""
    engine = {leaf.code: leaf for leaf in _leaves(data)}
    found = []
    for node in walk([domain]):
        level = node.depth - domain.depth
        if not node.is_leaf:
            found.append(Row(node, level, "", points=sheet.tally.nodes[node.code].points))
            continue
        leaf, trial, values = engine[node.code], sheet.trials[node.code], typed.get(node.code, {})
        fields = tuple(
            Field(
                field_name(node.code, figure.key), figure, values.get(figure.key, ""), trial.errors.get(figure.key, "")
            )
            for figure in asked(leaf)
        )
        na = None
        if may_not_arise(leaf):
            figure = Figure(NOT_APPLICABLE, "Không phát sinh", "bool")
            na = Field(field_name(node.code, NOT_APPLICABLE), figure, values.get(NOT_APPLICABLE, ""), "")
        found.append(Row(node, level, rule_words(node), fields, na, trial, trial.points))
    return found


def _leaves(data: SetData) -> Iterable[Leaf]:
    for node in leaves(data.nodes):
        [built] = engine_nodes([node])
        assert isinstance(built, Leaf)
        yield built


def hidden(domain: NodeData, typed: Typed) -> list[tuple[str, str]]:
    """What was typed in the other domains, to travel with the form."""
    here = {node.code for node in walk([domain])}
    return [
        (field_name(code, key), value)
        for code, values in typed.items()
        if code not in here
        for key, value in values.items()
    ]
