from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from benchmarks import scoring as benchmark
from criteria import scoring
from criteria.scoring import (
    Answer,
    AnswerError,
    Branch,
    Direct,
    Leaf,
    NotApplicable,
    PerItem,
    Rounding,
    Scorer,
    Source,
    SurveyRule,
    Tally,
    Tier,
    Tiers,
    Total,
    YesNo,
    rescale,
    tally,
)

ROUNDING = Rounding()
ZERO = Decimal(0)
TREE = (
    Branch(
        "1",
        Decimal(60),
        (
            Branch(
                "1.1",
                Decimal(40),
                (
                    Leaf("1.1.1", Decimal(25), Source.SELF, YesNo(), domain="1"),
                    Leaf("1.1.2", Decimal(15), Source.SELF, YesNo(), NotApplicable.RESCALE, domain="1"),
                ),
            ),
            Leaf("1.2", Decimal(20), Source.SELF, YesNo(), NotApplicable.FULL, domain="1"),
        ),
    ),
    Branch(
        "2",
        None,
        (
            Leaf("2.1", Decimal(10), Source.COUNCIL, Direct("council"), domain="2"),
            Leaf("2.2", Decimal(20), Source.SURVEY, SurveyRule(), domain="2"),
            Leaf(
                "2.3",
                Decimal(10),
                Source.SELF,
                YesNo(),
                NotApplicable.NAMED,
                frozenset({"so-noi-vu"}),
                domain="2",
            ),
        ),
    ),
    Branch(
        "3",
        None,
        (
            Leaf("3.1", Decimal(5), Source.BONUS, YesNo()),
            Leaf("3.2", Decimal(2), Source.BONUS, YesNo()),
            Leaf("3.3", Decimal(0), Source.PENALTY, PerItem(Decimal("-0.5"), "Số lỗi", Decimal(4))),
            Leaf("3.4", Decimal(3), Source.PENALTY, YesNo()),
        ),
    ),
)
ANSWERS = {
    "1.1.1": Answer(Decimal(20)),
    "1.1.2": Answer(Decimal("7.5")),
    "1.2": Answer(Decimal(15)),
    "2.1": Answer(Decimal(8)),
    "2.2": Answer(Decimal("16.254")),
    "2.3": Answer(Decimal(10)),
}


def sheet(
    answers: dict[str, Answer], *, unit: str | None = None, bonus_cap: str = "3", penalty_cap: str = "2"
) -> Tally:
    return tally(
        TREE,
        answers,
        unit=unit,
        rounding=ROUNDING,
        bonus_cap=Decimal(bonus_cap),
        penalty_cap=Decimal(penalty_cap),
    )


def problems(answers: dict[str, Answer], unit: str | None = None) -> dict[str, str]:
    with pytest.raises(AnswerError) as caught:
        sheet(answers, unit=unit)
    return dict(caught.value.problems)


def test_tally_sums_rounded_leaf_points() -> None:
    result = sheet(ANSWERS)
    assert (result.criteria, result.points, result.maximum, result.applicable) == (
        Decimal("76.75"),
        Decimal("76.75"),
        Decimal(100),
        Decimal(100),
    )
    assert str(result.index) == "76.75"
    assert (result.complete, result.rescaled, result.missing, result.dropped) == (True, False, (), ())


def test_tally_of_every_node_domain_and_source() -> None:
    result = sheet(ANSWERS)
    assert dict(result.nodes) == {
        "1": Total(Decimal("42.5"), Decimal(60), Decimal(60)),
        "1.1": Total(Decimal("27.5"), Decimal(40), Decimal(40)),
        "1.1.1": Total(Decimal(20), Decimal(25), Decimal(25)),
        "1.1.2": Total(Decimal("7.5"), Decimal(15), Decimal(15)),
        "1.2": Total(Decimal(15), Decimal(20), Decimal(20)),
        "2": Total(Decimal("34.25"), Decimal(40), Decimal(40)),
        "2.1": Total(Decimal(8), Decimal(10), Decimal(10)),
        "2.2": Total(Decimal("16.25"), Decimal(20), Decimal(20)),
        "2.3": Total(Decimal(10), Decimal(10), Decimal(10)),
        "3": Total(ZERO, ZERO, ZERO),
        "3.1": Total(ZERO, ZERO, ZERO),
        "3.2": Total(ZERO, ZERO, ZERO),
        "3.3": Total(ZERO, ZERO, ZERO),
        "3.4": Total(ZERO, ZERO, ZERO),
    }
    assert dict(result.domains) == {"1": result.nodes["1"], "2": result.nodes["2"]}
    assert dict(result.sources) == {
        Source.SELF: Total(Decimal("52.5"), Decimal(70), Decimal(70)),
        Source.COUNCIL: Total(Decimal(8), Decimal(10), Decimal(10)),
        Source.SURVEY: Total(Decimal("16.25"), Decimal(20), Decimal(20)),
        Source.BONUS: Total(ZERO, ZERO, ZERO),
        Source.PENALTY: Total(ZERO, ZERO, ZERO),
    }


def test_total_lost_and_percent() -> None:
    total = sheet(ANSWERS).nodes["1.1"]
    assert total.lost == Decimal("12.5")
    assert str(total.percent(ROUNDING)) == "68.75"


def test_tally_missing_is_not_zero() -> None:
    answers = {code: answer for code, answer in ANSWERS.items() if code not in ("2.2", "1.1.1")}
    result = sheet(answers | {"2.1": Answer(None)})
    assert result.missing == ("1.1.1", "2.1", "2.2")
    assert (result.index, result.complete) == (None, False)
    assert (result.criteria, result.applicable) == (Decimal("32.5"), Decimal(100))
    assert result.nodes["2"] == Total(Decimal(10), Decimal(40), Decimal(40), missing=2)
    assert result.nodes["2"].percent(ROUNDING) is None
    assert result.sources[Source.SURVEY].missing == 1
    assert result.nodes["1.2"].percent(ROUNDING) == 75


def test_tally_of_zero_points_is_complete() -> None:
    result = sheet({code: Answer(ZERO) for code in ANSWERS})
    assert (result.missing, result.index) == ((), ZERO)


def test_tally_not_arising_drops_and_rescales() -> None:
    result = sheet(ANSWERS | {"1.1.2": Answer(None, not_applicable=True)})
    assert (result.criteria, result.maximum, result.applicable) == (Decimal("69.25"), Decimal(100), Decimal(85))
    assert str(result.index) == "81.47"
    assert (result.rescaled, result.dropped, result.missing) == (True, ("1.1.2",), ())
    assert result.nodes["1.1"] == Total(Decimal(20), Decimal(40), Decimal(25))
    assert result.nodes["1.1.2"] == Total(ZERO, Decimal(15), ZERO)
    assert result.nodes["1.1.2"].percent(ROUNDING) is None
    assert result.domains["1"].applicable == 45
    assert result.domains["2"].applicable == 40


def test_tally_not_arising_gives_full_points() -> None:
    result = sheet(ANSWERS | {"1.2": Answer(None, not_applicable=True)})
    assert (result.criteria, result.applicable, result.rescaled) == (Decimal("81.75"), Decimal(100), False)


def test_tally_drops_for_the_named_unit_only() -> None:
    without = {code: answer for code, answer in ANSWERS.items() if code != "2.3"}
    named = sheet(without, unit="so-noi-vu")
    assert (named.dropped, named.missing, named.applicable) == (("2.3",), (), Decimal(90))
    assert str(named.index) == "74.17"
    assert sheet(ANSWERS, unit="so-noi-vu").criteria == Decimal("66.75")
    assert sheet(without, unit="so-tu-phap").missing == ("2.3",)
    assert sheet(without).missing == ("2.3",)


def test_tally_names_do_not_drop_under_another_policy() -> None:
    leaf = Leaf("1", Decimal(10), Source.SELF, YesNo(), NotApplicable.RESCALE, dropped_for=frozenset({"so-noi-vu"}))
    assert tally(leaf, {}, unit="so-noi-vu", rounding=ROUNDING).missing == ("1",)


def test_tally_with_everything_dropped_has_no_index() -> None:
    leaf = Leaf("1", Decimal(10), Source.SELF, YesNo(), NotApplicable.RESCALE)
    result = tally(leaf, {"1": Answer(None, not_applicable=True)}, rounding=ROUNDING)
    assert (result.index, result.applicable, result.complete) == (None, ZERO, True)


@pytest.mark.parametrize("code", ["1.1.1", "2.3", "3.1"])
def test_tally_refuses_not_arising_where_it_may_not_be_said(code: str) -> None:
    assert problems(ANSWERS | {code: Answer(None, not_applicable=True)}) == {
        code: "Tiêu chí này không được chọn “Không phát sinh”."
    }


def test_tally_refuses_all_wrong_answers_at_once() -> None:
    answers = ANSWERS | {
        "1.1.1": Answer(Decimal("25.01")),
        "2.1": Answer(Decimal("-0.5")),
        "3.3": Answer(Decimal("0.5")),
        "9": Answer(Decimal(1)),
    }
    assert problems(answers) == {
        "1.1.1": "Điểm 25,01 không nằm trong khoảng từ 0 đến 25.",
        "2.1": "Điểm -0,5 không nằm trong khoảng từ 0 đến 10.",
        "3.3": "Điểm 0,5 không nằm trong khoảng từ -4 đến 0.",
        "9": "Bộ chỉ số không có tiêu chí này.",
    }


def test_tally_adds_bonus_and_takes_penalty_outside_the_hundred() -> None:
    extra = {
        "3.1": Answer(Decimal("1.5")),
        "3.3": Answer(Decimal("-0.5")),
        "3.4": Answer(Decimal("0.25")),
    }
    result = sheet(ANSWERS | extra)
    assert (result.bonus, result.penalty) == (Decimal("1.5"), Decimal("0.75"))
    assert (result.criteria, result.points, result.applicable) == (
        Decimal("76.75"),
        Decimal("77.5"),
        Decimal(100),
    )
    assert result.index == Decimal("77.5")
    assert (result.missing, result.unclaimed) == ((), ("3.2",))
    assert result.nodes["3"] == Total(ZERO, ZERO, ZERO, 0, Decimal("1.5"), Decimal("0.75"))
    assert result.nodes["1"].bonus == ZERO
    assert result.sources[Source.PENALTY].penalty == Decimal("0.75")


def test_tally_caps_bonus_and_penalty() -> None:
    extra = {"3.1": Answer(Decimal(5)), "3.2": Answer(Decimal(2)), "3.3": Answer(Decimal(-4))}
    capped = sheet(ANSWERS | extra)
    assert (capped.bonus, capped.penalty, capped.index) == (Decimal(3), Decimal(2), Decimal("77.75"))
    assert capped.nodes["3"].bonus == 7
    free = tally(TREE, ANSWERS | extra, rounding=ROUNDING)
    assert (free.bonus, free.penalty, free.index) == (Decimal(7), Decimal(4), Decimal("79.75"))
    none = sheet(ANSWERS | extra, bonus_cap="0", penalty_cap="0")
    assert (none.bonus, none.penalty, none.index) == (ZERO, ZERO, Decimal("76.75"))


def test_tally_bonus_is_part_of_the_rescaled_index() -> None:
    result = sheet(
        ANSWERS | {"1.1.2": Answer(None, not_applicable=True), "3.1": Answer(Decimal(3))},
    )
    assert result.points == Decimal("72.25")
    assert result.index == Decimal("85.00")


def test_tally_index_may_exceed_a_hundred_by_the_bonus() -> None:
    full = {code: Answer(leaf.maximum) for code, leaf in leaves().items() if code in ANSWERS}
    assert sheet(full | {"3.1": Answer(Decimal(2))}).index == 102


def test_tally_is_never_below_zero() -> None:
    nothing = {code: Answer(ZERO) for code in ANSWERS}
    result = sheet(nothing | {"3.4": Answer(Decimal(1))})
    assert (result.points, result.index, result.penalty) == (ZERO, ZERO, Decimal(1))


def test_tally_points_below_zero_lower_the_sum() -> None:
    tiers = Tiers((Tier("a", "Đạt", Decimal(1)), Tier("b", "Sai", Decimal("-0.25"))))
    tree = (
        Leaf("1", Decimal(1), Source.SELF, tiers),
        Leaf("2", Decimal(1), Source.SELF, YesNo()),
    )
    result = tally(tree, {"1": Answer(Decimal("-0.25")), "2": Answer(Decimal(1))}, rounding=ROUNDING)
    assert (result.criteria, result.index) == (Decimal("0.75"), Decimal("37.50"))


def test_tally_of_a_set_that_is_not_of_a_hundred_points() -> None:
    leaf = Leaf("1", Decimal(121), Source.SELF, YesNo())
    result = tally(leaf, {"1": Answer(Decimal(100))}, rounding=ROUNDING)
    assert (result.points, str(result.index), result.rescaled) == (Decimal(100), "82.64", False)


def test_tally_rounds_leaves_not_sums() -> None:
    tree = [Leaf(str(n), Decimal(1), Source.COUNCIL, Direct("council")) for n in range(3)]
    answers = {str(n): Answer(Decimal("0.333")) for n in range(3)}
    assert tally(tree, answers, rounding=ROUNDING).criteria == Decimal("0.99")
    assert tally(tree, answers, rounding=Rounding(Decimal("0.5"))).criteria == Decimal("1.5")


def test_tally_rounding_does_not_leave_a_maximum_off_the_step() -> None:
    leaf = Leaf("1", Decimal("1.005"), Source.COUNCIL, Direct("council"))
    assert tally(leaf, {"1": Answer(Decimal("1.005"))}, rounding=ROUNDING).criteria == Decimal("1.005")


def test_scorer_tallies_many_units_alike() -> None:
    scorer = Scorer(TREE, rounding=ROUNDING, bonus_cap=Decimal(3), penalty_cap=Decimal(2))
    first, second = scorer.tally(ANSWERS), scorer.tally(ANSWERS)
    assert first == second == sheet(ANSWERS)
    assert scorer.tally(ANSWERS | {"2.1": Answer(ZERO)}) != first


def test_set_with_a_code_used_twice_is_refused() -> None:
    leaf = Leaf("1", Decimal(1), Source.SELF, YesNo())
    with pytest.raises(ValueError, match="used twice: 1"):
        Scorer([leaf, Branch("2", None, (leaf,))], rounding=ROUNDING)


def test_leaf_with_a_negative_maximum_is_refused() -> None:
    with pytest.raises(ValueError, match="is negative or no number"):
        Leaf("1", Decimal(-1), Source.SELF, YesNo())


@pytest.mark.parametrize("source", [Source.BONUS, Source.PENALTY])
def test_leaf_outside_the_hundred_cannot_be_full_for_not_arising(source: Source) -> None:
    with pytest.raises(ValueError, match="cannot be given for not arising"):
        Leaf("1", Decimal(1), source, YesNo(), NotApplicable.FULL)


def test_rescale_leaves_points_alone_where_nothing_was_dropped() -> None:
    assert str(rescale(Decimal("76.7549"), Decimal(100), Decimal(100), ROUNDING)) == "76.7549"
    assert str(rescale(Decimal(69), Decimal(85), Decimal(100), ROUNDING)) == "81.18"


def test_engine_loads_no_framework() -> None:
    code = (
        "import sys, criteria.scoring;"
        "print([name for name in ('django', 'viewflow', 'guardian', 'openpyxl') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_engine_has_one_door() -> None:
    assert [name for name in scoring.__all__ if not hasattr(scoring, name)] == []


def test_benchmark_agrees_with_the_bare_sum(capsys: pytest.CaptureFixture[str]) -> None:
    benchmark.main(3)
    assert capsys.readouterr().out.startswith("3 dossiers x 150 criteria = 450 scores\n")


def leaves() -> dict[str, Leaf]:
    return {leaf.code: leaf for leaf in Scorer(TREE, rounding=ROUNDING).leaves}
