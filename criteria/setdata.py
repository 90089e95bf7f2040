"""A whole criteria set as plain values: what is compared, cloned, exported, imported and edited.

Pure: no Django. Equal data means the same set: text is tidied and unordered lists are sorted on construction, so
that `write`, `read`, an Excel file and a YAML file give the same value. Units and ranking groups go by their codes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from .nodes import Branch, Leaf, NotApplicable, Source
from .points import ZERO, Rounding
from .rule_data import parse_rule, rule_to_data
from .rules import Rule

# Letters that no reader sees or no XML file may hold; private use is what the rule text marks quotations with.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\ud800-\udfff\ue000-\uf8ff\ufeff\ufffe\uffff]"
)


def one_line(text: str) -> str:
    """Text of a name or label: composed letters, single spaces, nothing unseen."""
    return " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", text)).split())


def many_lines(text: str) -> str:
    """Text of a paragraph: as `one_line`, but its lines stay lines; none is empty at either end."""
    return "\n".join(one_line(line) for line in re.split("\r\n|[\r\n\x85\u2028\u2029]", text)).strip("\n")


def _tidied(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {key: _tidied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    return value


def _tidy_rule(rule: Rule, maximum: Decimal) -> Rule:
    data = rule_to_data(rule)
    tidied = _tidied(data)
    return rule if tidied == data else parse_rule(tidied, maximum=maximum)


@dataclass(frozen=True)
class BandData:
    """A grade from `lower` percent up, for one ranking group (its code) or, where that is empty, for all."""

    label: str
    lower: Decimal
    group: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", one_line(self.label))


def _sorted_bands(bands: Iterable[BandData]) -> tuple[BandData, ...]:
    return tuple(sorted(bands, key=lambda band: (band.group, -band.lower, band.label)))


@dataclass(frozen=True)
class NodeData:
    """A node of the tree. Points sit on leaves: a leaf has a source and a rule, a branch has children.

    `maximum` in points. `leads` and `dropped_for` are unit codes in any order. Raises RuleError where nothing but
    unseen letters is left of a label of the rule.
    """

    code: str
    name: str
    maximum: Decimal
    source: Source | None = None
    rule: Rule | None = None
    na_policy: NotApplicable = NotApplicable.NONE
    overridable: bool = False
    evidence: str = ""
    guidance: str = ""
    survey_question: str = ""
    leads: tuple[str, ...] = ()
    dropped_for: tuple[str, ...] = ()
    children: tuple[NodeData, ...] = ()
    bands: tuple[BandData, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "code", one_line(self.code))
        put(self, "name", one_line(self.name))
        for field in ("evidence", "guidance", "survey_question"):
            put(self, field, many_lines(getattr(self, field)))
        if self.rule is not None:
            put(self, "rule", _tidy_rule(self.rule, self.maximum))
        put(self, "leads", tuple(sorted(set(self.leads))))
        put(self, "dropped_for", tuple(sorted(set(self.dropped_for))))
        put(self, "bands", _sorted_bands(self.bands))

    @property
    def is_leaf(self) -> bool:
        return not self.children

    @property
    def depth(self) -> int:
        """0 for a lĩnh vực, 1 for a tiêu chí, 2 for a tiêu chí thành phần."""
        return self.code.count(".")


@dataclass(frozen=True)
class SetData:
    """A criteria set without its history: `version`, `status` and what it was cloned from belong to the row."""

    code: str
    year: int
    name: str
    illustrative: bool = False
    source_decision: str = ""
    rounding_step: Decimal = Decimal("0.01")
    rounding_mode: str = "half_up"
    bonus_cap: Decimal = ZERO
    penalty_cap: Decimal = ZERO
    bands: tuple[BandData, ...] = ()
    nodes: tuple[NodeData, ...] = ()

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "code", one_line(self.code))
        put(self, "name", one_line(self.name))
        put(self, "source_decision", one_line(self.source_decision))
        put(self, "bands", _sorted_bands(self.bands))

    @property
    def rounding(self) -> Rounding:
        """The one rounding rule. Raises ValueError where the step or the mode is none."""
        return Rounding(step=self.rounding_step, mode=self.rounding_mode)  # type: ignore[arg-type]


def walk(nodes: Iterable[NodeData]) -> Iterator[NodeData]:
    """Every node, each before what is below it."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def leaves(nodes: Iterable[NodeData]) -> Iterator[NodeData]:
    """Every node that points are given for, in the order of the document."""
    return (node for node in walk(nodes) if node.is_leaf)


def find(data: SetData, code: str) -> NodeData | None:
    """The node of `code`, or None."""
    return next((node for node in walk(data.nodes) if node.code == code), None)


def replace_node(data: SetData, code: str, node: NodeData | None) -> SetData:
    """`data` with another node in the place of the one of `code`; None takes it and all below it away.

    Raises KeyError where there is none.
    """

    def changed(nodes: tuple[NodeData, ...]) -> tuple[NodeData, ...]:
        found = []
        for one in nodes:
            if one.code == code:
                found += [node] if node is not None else []
            elif code.startswith(f"{one.code}."):
                found.append(replace(one, children=changed(one.children)))
            else:
                found.append(one)
        return tuple(found)

    if find(data, code) is None:
        raise KeyError(code)
    return replace(data, nodes=changed(data.nodes))


def insert_node(data: SetData, parent: str, node: NodeData) -> SetData:
    """`data` with `node` as the last child of `parent` ("" for the top). Raises KeyError for an unknown parent."""
    if not parent:
        return replace(data, nodes=(*data.nodes, node))
    above = find(data, parent)
    if above is None:
        raise KeyError(parent)
    return replace_node(data, parent, replace(above, children=(*above.children, node)))


def next_code(data: SetData, parent: str) -> str:
    """The number that a new last child of `parent` gets: "1.3" after "1.2"."""
    above = find(data, parent) if parent else None
    children = data.nodes if not parent else above.children if above else ()
    prefix = f"{parent}." if parent else ""
    if not children:
        return f"{prefix}1"
    last = children[-1].code.removeprefix(prefix)
    return f"{prefix}{int(last) + 1}" if last.isdecimal() else f"{prefix}{len(children) + 1}"


def engine_nodes(nodes: Iterable[NodeData], domain: str = "") -> tuple[Branch | Leaf, ...]:
    """The tree for `tally`, `Scorer` and `check_set`; `dropped_for` are unit codes there.

    Raises ValueError for a leaf without source and rule, or one that the engine refuses.
    """
    built: list[Branch | Leaf] = []
    for node in nodes:
        inside = domain or node.code
        if node.children:
            built.append(Branch(node.code, node.maximum, engine_nodes(node.children, inside)))
        elif node.source is None or node.rule is None:
            raise ValueError(f"criterion {node.code} has no source or no rule")
        else:
            built.append(
                Leaf(
                    code=node.code,
                    maximum=node.maximum,
                    source=node.source,
                    rule=node.rule,
                    na_policy=node.na_policy,
                    dropped_for=frozenset(node.dropped_for),
                    overridable=node.overridable,
                    domain=inside,
                )
            )
    return tuple(built)


@dataclass(frozen=True)
class Totals:
    """How many leaves there are below a node and how their points are divided by source."""

    leaves: int
    own: Decimal
    survey: Decimal
    direct: Decimal
    bonus: Decimal
    penalty: Decimal

    @property
    def points(self) -> Decimal:
        """Points inside the scale of the set: bonus and penalty stand outside."""
        return self.own + self.survey + self.direct


def totals(nodes: Iterable[NodeData]) -> Totals:
    """The totals of all leaves in and below `nodes`."""
    found = list(leaves(nodes))

    def points(*sources: Source) -> Decimal:
        return sum((leaf.maximum for leaf in found if leaf.source in sources), ZERO)

    return Totals(
        leaves=len(found),
        own=points(Source.SELF),
        survey=points(Source.SURVEY),
        direct=points(Source.COUNCIL, Source.LEADER),
        bonus=points(Source.BONUS),
        penalty=points(Source.PENALTY),
    )
