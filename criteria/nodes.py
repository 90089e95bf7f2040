"""A criteria set as the engine sees it: branches, leaves, where points come from and what may not apply.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from .points import ZERO
from .rules import Rule


class Source(StrEnum):
    """Where a leaf's points come from. Bonus and penalty stand outside the set's total."""

    SELF = "self"
    SURVEY = "survey"
    COUNCIL = "council"
    LEADER = "leader"
    BONUS = "bonus"
    PENALTY = "penalty"


OUTSIDE = frozenset({Source.BONUS, Source.PENALTY})


class NotApplicable(StrEnum):
    """What "không phát sinh" does to a leaf.

    ``NONE``: it may not be said. ``FULL``: full points. ``RESCALE``: the leaf is dropped and the set rescaled
    to the points that apply. ``NAMED``: dropped for the units of ``dropped_for`` without their saying so, and
    for nobody else.
    """

    NONE = "none"
    FULL = "full"
    RESCALE = "rescale"
    NAMED = "named"


@dataclass(frozen=True)
class Leaf:
    """A criterion that has points.

    ``dropped_for`` names units and counts under ``NotApplicable.NAMED`` only. ``overridable``: a person may
    give other points than the rule does, with a reason; the services enforce it. Raises ``ValueError`` for a
    negative maximum and for a bonus or penalty that "không phát sinh" would give in full.
    """

    code: str
    maximum: Decimal
    source: Source
    rule: Rule
    na_policy: NotApplicable = NotApplicable.NONE
    dropped_for: frozenset[str] = frozenset()
    overridable: bool = False
    domain: str = ""

    def __post_init__(self) -> None:
        if not self.maximum.is_finite() or self.maximum < 0:
            raise ValueError(f"criterion {self.code}: maximum {self.maximum} is negative or no number")
        if self.source in OUTSIDE and self.na_policy is NotApplicable.FULL:
            raise ValueError(f"criterion {self.code}: a {self.source} cannot be given for not arising")


@dataclass(frozen=True)
class Branch:
    """A heading with criteria below it. ``maximum`` is what the document states; sums are of the leaves."""

    code: str
    maximum: Decimal | None
    children: tuple[Branch | Leaf, ...]


Tree = Branch | Leaf | Sequence[Branch | Leaf]


def walk(nodes: Iterable[Branch | Leaf]) -> Iterator[Branch | Leaf]:
    """Every node, each before what is below it."""
    for node in nodes:
        yield node
        if isinstance(node, Branch):
            yield from walk(node.children)


def top_nodes(root: Tree) -> tuple[Branch | Leaf, ...]:
    """The nodes at the top of a set that is given as one node or as many."""
    return (root,) if isinstance(root, (Branch, Leaf)) else tuple(root)


def criteria_maximum(nodes: Iterable[Branch | Leaf]) -> Decimal:
    """Points of all criteria in or below the nodes; bonus and penalty are not among them."""
    leaves = (node for node in walk(nodes) if isinstance(node, Leaf))
    return sum((leaf.maximum for leaf in leaves if leaf.source not in OUTSIDE), ZERO)
