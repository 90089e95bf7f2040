from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.tally import (
    STANDARD_SCALE,
    CriterionTally,
    FillRow,
    Mismatch,
    Quota,
    QuotaTotals,
    Response,
    Scale,
    Tally,
    TallyError,
    fill,
    mismatches,
    quota_totals,
    tally,
    total_fill,
)

D = Decimal
QUESTIONS = {"q1": "1.1", "q2": "1.2", "q3": "1.2"}

# Phụ lục 1 and Phụ lục 2 of the Quảng Bình plan of 30/11/2021: 21 sở with 85 sheets, 8 huyện with 120.
DEPARTMENT_GROUPS = {"don-vi": 15, "cap-huyen": 40, "nguoi-dan": 30}
DISTRICT_GROUPS = {"cap-huyen": 40, "cap-xa": 30, "nguoi-dan": 50}
LEVEL_OF = {f"so-{n}": "sở" for n in range(1, 22)} | {f"huyen-{n}": "huyện" for n in range(1, 9)}
ANNEXES = [
    Quota(unit, group, planned)
    for unit, level in LEVEL_OF.items()
    for group, planned in (DEPARTMENT_GROUPS if level == "sở" else DISTRICT_GROUPS).items()
]
PRINTED = QuotaTotals(
    by_unit={unit: 85 if level == "sở" else 120 for unit, level in LEVEL_OF.items()},
    by_group={
        ("sở", "don-vi"): 315,
        ("sở", "cap-huyen"): 840,
        ("sở", "nguoi-dan"): 630,
        ("huyện", "cap-huyen"): 320,
        ("huyện", "cap-xa"): 240,
        ("huyện", "nguoi-dan"): 400,
    },
    by_level={"sở": 1785, "huyện": 960},
    total=2745,
)


def options(**counts: int) -> dict[str, int]:
    return {option: counts.get(option, 0) for option in "ABCDE"}


def test_standard_scale() -> None:
    assert STANDARD_SCALE.options == {"A": D(100), "B": D(60), "C": D(20), "D": D(0), "E": None}


def test_tally_leaves_no_opinion_out_of_the_denominator() -> None:
    responses = [Response({"q1": option}) for option in "AABCDEE"]
    everyone = Tally(Fraction(56), 5, 2, options(A=2, B=1, C=1, D=1, E=2))
    assert tally(responses, {"q1": "1.1"}) == {
        "1.1": CriterionTally(everyone.exact, 5, 2, everyone.by_option, {"": everyone})
    }
    assert tally(responses, {"q1": "1.1"})["1.1"].percent == D(56)


def test_tally_of_only_no_opinion_is_nothing_and_not_zero() -> None:
    nothing = tally([Response({"q1": "E"})], QUESTIONS)["1.1"]
    assert (nothing.percent, nothing.counted, nothing.no_opinion) == (None, 0, 1)
    zero = tally([Response({"q1": "D"})], QUESTIONS)["1.1"]
    assert (zero.percent, zero.counted, zero.no_opinion) == (D(0), 1, 0)


def test_tally_without_responses_names_every_criterion() -> None:
    empty = CriterionTally(None, 0, 0, options(), {})
    assert tally([], QUESTIONS) == {"1.1": empty, "1.2": empty}


def test_tally_of_a_question_left_blank_does_not_count_it() -> None:
    found = tally([Response({"q1": "A"}), Response({})], QUESTIONS)
    assert (found["1.1"].percent, found["1.1"].counted) == (D(100), 1)
    assert (found["1.2"].percent, found["1.2"].counted) == (None, 0)


def test_tally_pools_all_answers_of_a_criterion() -> None:
    responses = [Response({"q2": "A", "q3": "D"}), Response({"q2": "A", "q3": "E"})]
    found = tally(responses, QUESTIONS)["1.2"]
    assert found.exact == Fraction(200, 3)
    assert str(found.percent) == "66." + "6" * 57 + "7"
    assert (found.counted, found.no_opinion) == (3, 1)


def test_tally_is_exact_whatever_the_precision_of_the_caller() -> None:
    responses = [Response({"q1": option}) for option in "ABBCCCC"]
    with localcontext(prec=3):
        found = tally(responses, QUESTIONS)["1.1"]
        percent = found.percent
    assert found.exact == Fraction(300, 7)
    assert percent is not None
    assert str(percent)[:12] == "42.857142857"


def test_tally_by_respondent_group() -> None:
    responses = [
        Response({"q1": "A"}, "nguoi-dan"),
        Response({"q1": "C"}, "nguoi-dan"),
        Response({"q1": "B"}, "cong-chuc"),
        Response({"q1": "E"}, "cong-chuc"),
    ]
    found = tally(responses, QUESTIONS)["1.1"]
    assert found.percent == D(60)
    assert found.by_group == {
        "cong-chuc": Tally(Fraction(60), 1, 1, options(B=1, E=1)),
        "nguoi-dan": Tally(Fraction(60), 2, 0, options(A=1, C=1)),
    }


def test_tally_with_weights_is_the_weighted_mean_of_the_groups() -> None:
    responses = [
        Response({"q1": "A"}, "nguoi-dan"),
        Response({"q1": "A"}, "nguoi-dan"),
        Response({"q1": "A"}, "nguoi-dan"),
        Response({"q1": "D"}, "cong-chuc"),
    ]
    weights = {"nguoi-dan": D("0.6"), "cong-chuc": D("0.4"), "dai-bieu": D("1")}
    assert tally(responses, QUESTIONS)["1.1"].percent == D(75)
    found = tally(responses, QUESTIONS, weights=weights)["1.1"]
    assert found.percent == D(60)
    assert (found.counted, found.no_opinion) == (4, 0)


def test_tally_with_weights_drops_a_group_without_a_valid_answer() -> None:
    responses = [Response({"q1": "B"}, "nguoi-dan"), Response({"q1": "E"}, "cong-chuc")]
    weights = {"nguoi-dan": D("0.6"), "cong-chuc": D("0.4")}
    assert tally(responses, QUESTIONS, weights=weights)["1.1"].percent == D(60)
    weightless = {"nguoi-dan": D(0), "cong-chuc": D(1)}
    assert tally(responses, QUESTIONS, weights=weightless)["1.1"].percent is None


def test_weighted_thirds_keep_a_tie_exact() -> None:
    responses = [Response({"q1": option}, "a") for option in "AAD"]
    responses += [Response({"q1": option}, "b") for option in "ADD"]
    found = tally(responses, QUESTIONS, weights={"a": D("1"), "b": D("1")})["1.1"]
    assert found.percent == D(50)
    assert found.exact == Fraction(50)


def test_tally_with_another_scale() -> None:
    scale = Scale({"Tốt": D("100"), "Khá": D("62.5"), "Không biết": None})
    responses = [Response({"q1": "Tốt"}), Response({"q1": "Khá"}), Response({"q1": "Không biết"})]
    assert tally(responses, QUESTIONS, scale)["1.1"].percent == D("81.25")


def test_tally_collects_every_fault() -> None:
    responses = [
        Response({"q1": "A"}, "nguoi-dan"),
        Response({"q1": "F", "q9": "A"}, "nguoi-dan"),
        Response({"q1": "a"}, "khach"),
    ]
    with pytest.raises(TallyError) as caught:
        tally(responses, QUESTIONS, weights={"nguoi-dan": D(1)})
    assert caught.value.errors == (
        "Phiếu 2: câu “q1” không có lựa chọn “F”.",
        "Phiếu 2: mẫu phiếu không có câu “q9”.",
        "Phiếu 3: nhóm “khach” không có trọng số.",
        "Phiếu 3: câu “q1” không có lựa chọn “a”.",
    )


def test_tally_stops_after_fifty_faults() -> None:
    with pytest.raises(TallyError) as caught:
        tally((Response({"q1": "X", "q2": "X", "q3": "X"}) for _ in range(1000)), QUESTIONS)
    assert len(caught.value.errors) == 50


def test_tally_with_an_unusable_weight_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^Trọng số của nhóm không được âm\.$"):
        tally([], QUESTIONS, weights={"a": D("-0.1")})
    with pytest.raises(TypeError, match="no Decimal"):
        tally([], QUESTIONS, weights={"a": 0.5})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("worths", "error", "message"),
    [
        ({}, ValueError, "ít nhất một lựa chọn"),
        ({"E": None}, ValueError, "ít nhất một lựa chọn"),
        ({"A": D("100.01")}, ValueError, "từ 0 đến 100"),
        ({"A": D("-1")}, ValueError, "từ 0 đến 100"),
        ({"A": D("NaN")}, ValueError, "từ 0 đến 100"),
        ({"A": 100.0}, TypeError, "no Decimal"),
    ],
)
def test_scale_that_cannot_be_used_is_refused(
    worths: dict[str, Decimal | None], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Scale(worths)


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.sampled_from(["x", "y"])), max_size=30), st.randoms())
def test_tally_is_the_same_for_any_order_and_stays_within_bounds(rows: list[tuple[str, str]], random: object) -> None:
    responses = [Response({"q1": option}, group) for option, group in rows]
    found = tally(responses, QUESTIONS)
    random.shuffle(responses)  # type: ignore[attr-defined]
    assert tally(responses, QUESTIONS) == found
    criterion = found["1.1"]
    assert criterion.counted + criterion.no_opinion == len(rows)
    assert sum(criterion.by_option.values()) == len(rows)
    assert sum(part.counted for part in criterion.by_group.values()) == criterion.counted
    if criterion.exact is not None:
        assert 0 <= criterion.exact <= 100


def test_fill_counts_what_is_missing() -> None:
    quotas = [Quota("so-1", "don-vi", 15), Quota("so-1", "nguoi-dan", 30), Quota("so-2", "don-vi", 0)]
    rows = fill(quotas, {("so-1", "nguoi-dan"): 32, ("so-1", "don-vi"): 14, ("so-9", "khach"): 2})
    assert rows == [
        FillRow("so-1", "don-vi", 15, 14, 1),
        FillRow("so-1", "nguoi-dan", 30, 32, 0),
        FillRow("so-2", "don-vi", 0, 0, 0),
        FillRow("so-9", "khach", 0, 2, 0),
    ]
    assert [row.percent for row in rows] == [D("93.3"), D("100.0"), None, None]


def test_total_fill_never_lets_extra_sheets_hide_missing_ones() -> None:
    rows = fill(
        [Quota("so-1", "don-vi", 15), Quota("so-1", "nguoi-dan", 30)],
        {("so-1", "don-vi"): 5, ("so-1", "nguoi-dan"): 40},
    )
    total = total_fill(rows, unit="so-1")
    assert total == FillRow("so-1", "", 45, 45, 10)
    assert total.percent == D("77.7")
    assert total_fill([]) == FillRow("", "", 0, 0, 0)


def test_fill_percent_is_a_hundred_only_when_nothing_is_missing() -> None:
    assert FillRow("", "", 2745, 2744, 1).percent == D("99.9")
    assert FillRow("", "", 2745, 2745, 0).percent == D("100.0")


def test_fill_with_unusable_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="hai chỉ tiêu"):
        fill([Quota("a", "g", 1), Quota("a", "g", 2)], {})
    with pytest.raises(ValueError, match="đã thu không được âm"):
        fill([Quota("a", "g", 1)], {("a", "g"): -1})
    with pytest.raises(ValueError, match="kế hoạch không được âm"):
        Quota("a", "g", -1)


def test_annexes_of_quang_binh_add_up() -> None:
    computed = quota_totals(ANNEXES, LEVEL_OF)
    assert computed == PRINTED
    assert mismatches(PRINTED, computed) == []


def test_annex_with_a_wrong_number_shows_every_sum_that_it_breaks() -> None:
    wrong = [Quota(q.unit, q.group, 51) if (q.unit, q.group) == ("huyen-8", "nguoi-dan") else q for q in ANNEXES]
    assert mismatches(PRINTED, quota_totals(wrong, LEVEL_OF)) == [
        Mismatch("Cấp huyện", 960, 961),
        Mismatch("Cấp huyện, nhóm nguoi-dan", 400, 401),
        Mismatch("Tổng cộng", 2745, 2746),
        Mismatch("Đơn vị huyen-8", 120, 121),
    ]


def test_annex_without_a_unit_shows_the_sum_that_is_not_there() -> None:
    short = [quota for quota in ANNEXES if quota.unit != "so-21"]
    found = mismatches(PRINTED, quota_totals(short, LEVEL_OF))
    assert Mismatch("Đơn vị so-21", 85, None) in found
    assert Mismatch("Tổng cộng", 2745, 2660) in found
    assert len(found) == 6


def test_quota_totals_of_a_unit_without_a_level_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^Đơn vị “so-99” chưa có cấp\.$"):
        quota_totals([Quota("so-99", "don-vi", 15)], LEVEL_OF)
