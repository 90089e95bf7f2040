from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from criteria.points import Rounding
from results.ranking import (
    Bin,
    Entry,
    GroupFigures,
    Method,
    Place,
    distribution,
    group_average,
    group_figures,
    rank,
)

D = Decimal
CENT = Rounding(D("0.01"))

DEPARTMENTS = [
    Entry("noi-vu", "so", D("92.5")),
    Entry("tu-phap", "so", D("92.50")),
    Entry("tai-chinh", "so", D("88")),
    Entry("y-te", "so", D("88.00")),
    Entry("xay-dung", "so", D("87.99")),
    Entry("du-lich", "so", None),
    Entry("dong-hoi", "huyen", D("80.1")),
    Entry("ba-don", "huyen", D("0")),
    Entry("minh-hoa", "xa", None),
]


def test_competition_rank_leaves_a_gap_after_a_tie() -> None:
    assert rank(DEPARTMENTS) == {
        "noi-vu": Place(1, True, 5),
        "tu-phap": Place(1, True, 5),
        "tai-chinh": Place(3, True, 5),
        "y-te": Place(3, True, 5),
        "xay-dung": Place(5, False, 5),
        "du-lich": Place(None, False, 5),
        "dong-hoi": Place(1, False, 2),
        "ba-don": Place(2, False, 2),
        "minh-hoa": Place(None, False, 0),
    }


def test_dense_rank_leaves_no_gap_after_a_tie() -> None:
    ranks = {key: place.rank for key, place in rank(DEPARTMENTS, "dense").items()}
    assert ranks == {
        "noi-vu": 1,
        "tu-phap": 1,
        "tai-chinh": 2,
        "y-te": 2,
        "xay-dung": 3,
        "du-lich": None,
        "dong-hoi": 1,
        "ba-don": 2,
        "minh-hoa": None,
    }


def test_rank_of_scores_that_floats_would_confuse_is_exact() -> None:
    entries = [
        Entry("sum", "g", D("0.1") + D("0.2")),
        Entry("three", "g", D("0.3")),
        Entry("hair", "g", D("0.30000000000000000000000000000001")),
    ]
    with localcontext(prec=5):
        places = rank(entries)
    assert places == {
        "hair": Place(1, False, 3),
        "sum": Place(2, True, 3),
        "three": Place(2, True, 3),
    }


def test_tiebreak_decides_between_equal_scores_only() -> None:
    entries = [
        Entry("a", "g", D("90"), (D("1"), D("9"))),
        Entry("b", "g", D("90.0"), (D("2"), D("0"))),
        Entry("c", "g", D("90"), (D("1.0"), D("9.0"))),
        Entry("d", "g", D("89"), (D("99"), D("99"))),
    ]
    assert rank(entries) == {
        "b": Place(1, False, 4),
        "a": Place(2, True, 4),
        "c": Place(2, True, 4),
        "d": Place(4, False, 4),
    }


def test_rank_with_tiebreaks_of_different_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        rank([Entry("a", "g", D(1), (D(1),)), Entry("b", "g", D(1))])
    assert rank([Entry("a", "g", D(1), (D(1),)), Entry("b", "g", None)])["a"] == Place(1, False, 1)


def test_rank_of_a_key_told_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="told twice"):
        rank([Entry("a", "g", D(1)), Entry("a", "h", D(2))])


def test_rank_by_an_unknown_method_is_refused() -> None:
    method: Method = "ordinal"  # type: ignore[assignment]
    with pytest.raises(ValueError, match="ordinal"):
        rank([], method)
    assert rank([], "dense") == {}


@pytest.mark.parametrize("score", [92.5, 92, True])
def test_entry_with_a_score_that_is_no_decimal_is_refused(score: object) -> None:
    with pytest.raises(TypeError, match="no Decimal"):
        Entry("a", "g", score)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no Decimal"):
        Entry("a", "g", D(1), (score,))  # type: ignore[arg-type]


@pytest.mark.parametrize("score", [D("NaN"), D("sNaN"), D("Infinity")])
def test_entry_with_a_score_that_is_no_number_is_refused(score: Decimal) -> None:
    with pytest.raises(ValueError, match="cannot be ranked"):
        Entry("a", "g", score)


def test_group_average_is_rounded_once() -> None:
    assert group_average([D("90"), D("85"), D("85")], CENT) == D("86.67")
    assert group_average([D("90"), None, D("85.01")], CENT) == D("87.51")
    assert group_average([D("90"), D("85.01")], Rounding(D("0.01"), "down")) == D("87.50")
    assert group_average([D("90"), D("85.01")], Rounding(D("0.5"))) == D("87.5")
    assert str(group_average([D("90"), D("80")], CENT)) == "85.00"
    assert group_average([D("0.3"), D("0.0000000000000000000000000000001")], Rounding(D("0.1"))) == D("0.2")


def test_group_average_of_nothing_is_nothing() -> None:
    assert group_average([], CENT) is None
    assert group_average([None, None], CENT) is None
    assert group_average([D("0"), None], CENT) == D("0")


def test_group_figures_of_every_group() -> None:
    assert group_figures(DEPARTMENTS, CENT) == {
        "so": GroupFigures(5, 1, D("92.5"), D("87.99"), D("89.80"), D("4.51")),
        "huyen": GroupFigures(2, 0, D("80.1"), D("0"), D("40.05"), D("80.1")),
        "xa": GroupFigures(0, 1, None, None, None, None),
    }


def test_distribution_counts_a_score_on_an_edge_above_it() -> None:
    scores = [D("54.99"), D("55"), D("69.999"), D("70"), D("80"), D("90"), D("100"), None]
    assert distribution(scores, [D("55"), D("70"), D("80"), D("90")]) == (
        Bin(None, D("55"), 1),
        Bin(D("55"), D("70"), 2),
        Bin(D("70"), D("80"), 1),
        Bin(D("80"), D("90"), 1),
        Bin(D("90"), None, 2),
    )
    assert distribution(scores, []) == (Bin(None, None, 7),)


@pytest.mark.parametrize("edges", [[D("70"), D("70.0")], [D("80"), D("70")]])
def test_distribution_over_edges_that_do_not_rise_is_refused(edges: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="rise"):
        distribution([D("75")], edges)


SCORES = st.none() | st.decimals(0, 3, places=1)
ROWS = st.lists(st.tuples(st.sampled_from(["so", "huyen"]), SCORES), max_size=12)


@given(ROWS, st.sampled_from(["competition", "dense"]), st.randoms())
def test_rank_is_the_same_for_any_order(rows: list[tuple[str, Decimal | None]], method: Method, random: object) -> None:
    entries = [Entry(key, group, score) for key, (group, score) in enumerate(rows)]
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank(shuffled, method) == rank(entries, method)


@given(ROWS)
def test_rank_counts_the_better_scores_of_the_group(rows: list[tuple[str, Decimal | None]]) -> None:
    entries = [Entry(key, group, score) for key, (group, score) in enumerate(rows)]
    competition, dense = rank(entries), rank(entries, "dense")
    for entry in entries:
        peers = [e.score for e in entries if e.group == entry.group and e.score is not None]
        if entry.score is None:
            assert competition[entry.key] == Place(None, False, len(peers))
            continue
        better = [score for score in peers if score > entry.score]
        tied = peers.count(entry.score) > 1
        assert competition[entry.key] == Place(len(better) + 1, tied, len(peers))
        assert dense[entry.key] == Place(len(set(better)) + 1, tied, len(peers))
