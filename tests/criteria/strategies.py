"""Generated criteria sets and rules, with labels and texts that are as awkward as a person can make them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from criteria.nodes import OUTSIDE, NotApplicable, Source
from criteria.rule_data import parse_rule, rule_to_data
from criteria.rules import Rule
from criteria.setdata import BandData, NodeData, SetData, one_line

from .test_scoring_properties import decimals
from .test_scoring_properties import rules as plain_rules

UNITS = ("so-noi-vu", "so-tu-phap", "huyen-le-thuy")
GROUPS = ("cap-so", "cap-huyen")

# What the rule text means something by, and what Excel does.
_WORDS = (
    "Khai",
    "a",
    "b",
    "còn lại",
    "muộn hơn",
    "Không ban hành",
    "trước 15/02",
    "Chậm (trước 15/02)",
    "Đơn vị",
    "cho phép vượt 100%",
    "Tối đa: 3",
    'nói "không"',
    '"',
    "Mức [muc]",
    "1,5",
    ">=95: 2",
    "=SUM(A1:A9)",
    "-1",
    "'",
    "_x0041_",
    "1/2",
    "TRUE",
    "#REF!",
)
_LETTERS = st.one_of(st.sampled_from('";:=[]()<>%-+@ \t\n0123456789a,.“”Ạế'), st.characters())
_awkward = st.one_of(st.sampled_from(_WORDS), st.text(_LETTERS, min_size=1, max_size=20))
labels = _awkward.filter(lambda text: bool(one_line(text)))
texts = st.one_of(st.just(""), _awkward)


def _relabelled(draw: st.DrawFn, data: Any, name: str = "") -> Any:
    if isinstance(data, dict):
        return {key: _relabelled(draw, value, key) for key, value in data.items()}
    if isinstance(data, list):
        return [_relabelled(draw, value, name) for value in data]
    if name in ("label", "labels", "none_label", "a", "b", "value") and isinstance(data, str):
        return draw(labels)
    return data


@st.composite
def rules(draw: st.DrawFn, maximum: Decimal) -> Rule:
    """A rule of any kind with awkward labels."""
    data = rule_to_data(draw(plain_rules(maximum)))
    relabelled = {
        key: value if key in ("kind", "measure") else _relabelled(draw, value, key) for key, value in data.items()
    }
    return parse_rule(relabelled, maximum=maximum)


@st.composite
def bands(draw: st.DrawFn) -> tuple[BandData, ...]:
    """No bands, or full scales for everybody and for a group."""
    found = []
    for group in draw(st.lists(st.sampled_from(["", *GROUPS]), max_size=2, unique=True)):
        lowers = [Decimal(0), *draw(st.lists(decimals("0.01", "100"), max_size=3, unique=True))]
        found += [BandData(f"Mức {number}", lower, group) for number, lower in enumerate(lowers)]
    return tuple(found)


@st.composite
def nodes(draw: st.DrawFn, code: str, depth: int) -> NodeData:
    """A node of `code` with whatever may be below it."""
    common = {
        "code": code,
        "name": draw(labels),
        "evidence": draw(texts),
        "guidance": draw(texts),
        "survey_question": draw(texts),
        "leads": tuple(draw(st.sets(st.sampled_from(UNITS)))),
        "bands": draw(bands()),
    }
    below = draw(st.integers(0, 3 if depth else 0))
    maximum = draw(decimals("0.5", "100", places=4))
    if below:
        children = tuple(draw(nodes(f"{code}.{number}", depth - 1)) for number in range(1, below + 1))
        return NodeData(**common, maximum=maximum, children=children)
    source = draw(st.sampled_from(Source))
    policies = [policy for policy in NotApplicable if source not in OUTSIDE or policy is not NotApplicable.FULL]
    return NodeData(
        **common,
        maximum=maximum,
        source=source,
        rule=draw(rules(maximum)),
        na_policy=draw(st.sampled_from(policies)),
        overridable=draw(st.booleans()),
        dropped_for=tuple(draw(st.sets(st.sampled_from(UNITS)))),
    )


@st.composite
def sets(draw: st.DrawFn) -> SetData:
    """A set without faults."""
    lettered = draw(st.booleans())
    count = draw(st.integers(1, 3))
    return SetData(
        code=draw(st.text("abcXYZ09-_", min_size=1, max_size=20)),
        year=draw(st.integers(2000, 2100)),
        name=draw(labels),
        illustrative=draw(st.booleans()),
        source_decision=draw(texts),
        rounding_step=draw(st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.25"), Decimal(1)])),
        rounding_mode=draw(st.sampled_from(["half_up", "half_even", "down"])),
        bonus_cap=draw(decimals("0", "10")),
        penalty_cap=draw(decimals("0", "10")),
        bands=draw(bands()),
        nodes=tuple(draw(nodes("ABC"[index] if lettered else str(index + 1), 2)) for index in range(count)),
    )
