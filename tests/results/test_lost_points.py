"""Why points were lost: each kind by itself, and that the parts always add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from criteria.points import HUNDRED, Rounding
from criteria.scoring import Answer, Direct, Leaf, Scorer, Source, rescale
from results.lost_points import Explanation, Kind, Line, Part, Slice, explain, parts_of

D = Decimal


def line(source: str = "self", own: str = "0", given: str | None = "0", documents: int = 1, maximum: str = "4") -> Line:
    return Line("1.1", "1", source, D(maximum), D(own), None if given is None else D(given), documents)


def kinds(row: Line) -> dict[str, Decimal]:
    return {part.kind.value: part.points for part in parts_of(row)}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (line(own="4", given="4"), {}),
        (line(own="3", given="3"), {"rule": D(1)}),
        (line(own="3", given="1"), {"rule": D(1), "cut": D(2)}),
        (line(own="4", given="1", documents=0), {"no_evidence": D(3)}),
        (line(own="1", given="3", documents=0), {"rule": D(3), "raised": D(-2)}),
        (line("survey", given="2.5"), {"survey": D("1.5")}),
        (line("council", given="3"), {"direct": D(1)}),
        (line("leader", given="4"), {}),
        (line(own="4", given=None), {"pending": D(4)}),
        (line("survey", given=None), {"pending": D(4)}),
        (line("bonus", own="1", given="1"), {"bonus": D(-1)}),
        (line("penalty", own="1", given="-1"), {"penalty": D(1)}),
        (line("penalty", given=None), {}),
    ],
)
def test_parts_of_a_criterion(row: Line, expected: dict[str, Decimal]) -> None:
    assert kinds(row) == expected


def result(lines: list[Line], **totals: str) -> Explanation:
    values = {name: D(totals.get(name, "0")) for name in ("bonus", "penalty", "points", "applicable", "index")}
    return explain(lines, **values)


def test_caps_and_floor_are_parts_of_no_criterion() -> None:
    rows = [line(own="4", given="1"), line("bonus", given="3"), line("penalty", given="9")]
    found = result(rows, bonus="2", penalty="5", points="0", applicable="4", index="0")
    assert [part for part in found.parts if not part.code] == [
        Part("", "", Kind.BONUS, D(1)),
        Part("", "", Kind.PENALTY, D(-4)),
        Part("", "", Kind.FLOOR, D(-2)),
    ]
    assert sum(part.points for part in found.parts) == found.lost == 4


def test_biggest_come_first_and_nothing_lost_is_not_among_them() -> None:
    rows = [
        Line("1.1", "1", "self", D(2), D(2), D(1), 1),
        Line("1.2", "1", "self", D(4), D(2), D(1), 1),
        Line("1.3", "1", "self", D(1), D(0), D(0), 1),
        Line("2.1", "2", "self", D(1), D(1), D(1), 1),
    ]
    found = result(rows, points="3", applicable="8", index="37.5")
    assert found.biggest(5) == [("1.2", D(3)), ("1.1", D(1)), ("1.3", D(1))]
    assert found.biggest(1) == [("1.2", D(3))]


def test_percent_states_the_rounding_of_the_index() -> None:
    rows = [Line("1", "1", "self", D(3), D(2), D(2), 1), Line("2", "2", "self", D(3), D(2), D(2), 1)]
    found = result(rows, points="4", applicable="6", index="66.67")
    assert found.by_domain() == [
        Slice("1", D(1), D("16.67")),
        Slice("2", D(1), D("16.67")),
        Slice("rounding", D(0), D("-0.01")),
    ]
    assert found.by_kind() == [Slice("rule", D(2), D("33.33"))]


def test_nothing_that_applies_is_explained_by_nothing() -> None:
    found = result([], index="100")
    assert (found.by_kind(), found.lost, found.biggest(5)) == ([], D(0), [])


cents = st.integers(min_value=0, max_value=400).map(lambda value: D(value) / 100)
sources = st.sampled_from([Source.SELF, Source.SELF, Source.SURVEY, Source.COUNCIL, Source.BONUS, Source.PENALTY])
answers = st.lists(st.tuples(sources, cents, st.none() | cents, st.booleans()), min_size=1, max_size=12)
caps = st.none() | cents


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(answers, caps, caps, st.sampled_from(["0.01", "0.25", "0.5", "1"]))
def test_parts_add_up_to_the_whole_difference(
    rows: list[tuple[Source, Decimal, Decimal | None, bool]], bonus: Decimal | None, penalty: Decimal | None, step: str
) -> None:
    rounding = Rounding(D(step))
    leaves = [
        Leaf(str(number), D(4), source, Direct(by="council"), domain=str(number % 3))
        for number, (source, _own, _given, _documents) in enumerate(rows)
    ]
    scorer = Scorer(leaves, rounding=rounding, bonus_cap=bonus, penalty_cap=penalty)
    tally = scorer.tally({leaf.code: Answer(row[2]) for leaf, row in zip(leaves, rows, strict=True)})
    lines = []
    for leaf, (source, own, _given, documents) in zip(leaves, rows, strict=True):
        total = tally.nodes[leaf.code]
        points = total.bonus if source is Source.BONUS else total.penalty if source is Source.PENALTY else total.points
        settled = leaf.code not in tally.missing
        lines.append(
            Line(leaf.code, leaf.domain, source.value, leaf.maximum, own, points if settled else None, documents)
        )
    index = rescale(tally.points, tally.applicable, HUNDRED, rounding) if tally.applicable else HUNDRED
    found = explain(
        lines,
        bonus=tally.bonus,
        penalty=tally.penalty,
        points=tally.points,
        applicable=tally.applicable,
        index=index,
    )
    assert sum((part.points for part in found.parts), D(0)) == tally.applicable - tally.points
    for slices in (found.by_kind(), found.by_domain()):
        assert sum((row.points for row in slices), D(0)) == found.lost
        if tally.applicable:
            assert sum((row.percent for row in slices), D(0)) == HUNDRED - index
