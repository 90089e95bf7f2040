from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from criteria.figures import FigureErrors
from criteria.points import Rounding
from criteria.rules import (
    Context,
    DateTier,
    DateTiers,
    Direct,
    Level,
    Outcome,
    PercentOfMax,
    Rule,
    SurveyRule,
    Tier,
    Tiers,
    YesNo,
    enter_points,
    survey_points,
)

ONE, TWO = Decimal(1), Decimal(2)
ROUNDING = Rounding()
YEAR = Context(2026)
TIERS = Tiers(
    (
        Tier("on_time", "Kịp thời", Decimal(1)),
        Tier("late", "Chậm", Decimal("0.5")),
        Tier("none", "Không ban hành", Decimal("-0.25")),
    )
)
DATES = DateTiers(
    (DateTier("02-15", Decimal(1), "Kịp thời"), DateTier("03-31", Decimal("0.5"))),
    none=Decimal(0),
    label="Ngày ban hành",
    late=Decimal("0.25"),
)
LEVELS = PercentOfMax(
    (
        Level("xuat_sac", "Hoàn thành xuất sắc", Decimal(100)),
        Level("tot", "Hoàn thành tốt", Decimal(75)),
        Level("hoan_thanh", "Hoàn thành", Decimal(50)),
    )
)


def score(rule: Rule, declared: Mapping[str, object], maximum: Decimal = TWO) -> Outcome:
    return rule.score(declared, maximum, ROUNDING, YEAR)


def errors(rule: Rule, declared: Mapping[str, object]) -> dict[str, str]:
    with pytest.raises(FigureErrors) as caught:
        score(rule, declared)
    return caught.value.by_key()


@pytest.mark.parametrize(
    ("rule", "declared", "points", "explanation"),
    [
        (YesNo(), {"met": True}, "2.00", "Đạt → 2,00 điểm"),
        (YesNo(), {"met": False}, "0.00", "Không đạt → 0,00 điểm"),
        (YesNo(("Có", "Không")), {"met": True}, "2.00", "Có → 2,00 điểm"),
        (TIERS, {"tier": "late"}, "0.50", "Chậm → 0,50 điểm"),
        (TIERS, {"tier": "none"}, "-0.25", "Không ban hành → -0,25 điểm"),
        (LEVELS, {"level": "tot"}, "1.50", "Hoàn thành tốt: 75 % của 2 → 1,50 điểm"),
    ],
)
def test_rule_of_named_cases_scores(rule: Rule, declared: Mapping[str, object], points: str, explanation: str) -> None:
    outcome = score(rule, declared)
    assert (str(outcome.points), outcome.explanation) == (points, explanation)


@pytest.mark.parametrize(
    ("declared", "points", "explanation"),
    [
        (
            {"date": date(2026, 2, 14)},
            "1.00",
            "Ngày ban hành 14/02/2026, trước ngày 15/02/2026 (Kịp thời) → 1,00 điểm",
        ),
        ({"date": date(2026, 2, 15)}, "0.50", "Ngày ban hành 15/02/2026, trước ngày 31/03/2026 → 0,50 điểm"),
        (
            {"date": date(2026, 3, 31)},
            "0.25",
            "Ngày ban hành 31/03/2026, không trước ngày 31/03/2026 → 0,25 điểm",
        ),
        (
            {"date": date(2025, 12, 20)},
            "1.00",
            "Ngày ban hành 20/12/2025, trước ngày 15/02/2026 (Kịp thời) → 1,00 điểm",
        ),
        ({"none": True}, "0.00", "Không ban hành → 0,00 điểm"),
    ],
)
def test_date_tiers_are_strict(declared: Mapping[str, object], points: str, explanation: str) -> None:
    outcome = score(DATES, declared, ONE)
    assert (str(outcome.points), outcome.explanation) == (points, explanation)


def test_date_tiers_take_late_points_from_none_where_not_given() -> None:
    rule = DateTiers((DateTier("02-15", Decimal(1)),), Decimal("-0.5"), "Ngày gửi", none_label="Không gửi")
    assert score(rule, {"date": date(2026, 5, 1)}, ONE).points == Decimal("-0.50")
    assert rule.bounds(ONE) == (Decimal("-0.5"), Decimal(1))


def test_date_tiers_with_full_dates_need_no_year() -> None:
    rule = DateTiers((DateTier("2027-01-10", Decimal(1)),), Decimal(0), "Ngày gửi")
    assert rule.score({"date": date(2027, 1, 9)}, ONE, ROUNDING).points == Decimal(1)


def test_date_tiers_without_a_year_refuse_to_guess_it() -> None:
    with pytest.raises(ValueError, match="assessed year"):
        DATES.score({"date": date(2026, 1, 9)}, ONE, ROUNDING)


def test_date_tiers_refuse_a_date_of_what_was_not_done() -> None:
    assert errors(DATES, {"date": date(2026, 1, 9), "none": True}) == {
        "none": "Đã chọn “Không ban hành” thì để trống ô “Ngày ban hành”."
    }


@pytest.mark.parametrize("none", [False, None, ""])
def test_date_tiers_without_a_date_are_missing(none: object) -> None:
    assert score(DATES, {"none": none}) == Outcome(None, "Chưa kê khai: Ngày ban hành")


@pytest.mark.parametrize(
    ("rule", "label"),
    [(YesNo(), "Đạt / Không đạt"), (TIERS, "Mức đạt được"), (LEVELS, "Mức đạt được")],
)
def test_rule_without_figures_gives_no_points(rule: Rule, label: str) -> None:
    assert score(rule, {}) == Outcome(None, f"Chưa kê khai: {label}")


@pytest.mark.parametrize(
    ("rule", "declared", "message"),
    [
        (YesNo(), {"met": "true"}, {"met": "Đạt / Không đạt: hãy chọn có hoặc không."}),
        (
            TIERS,
            {"tier": "early"},
            {"tier": "Mức đạt được: hãy chọn một trong các mức: Kịp thời; Chậm; Không ban hành."},
        ),
        (DATES, {"date": "2026-02-01"}, {"date": "Ngày ban hành: hãy nhập ngày, ví dụ 15/02/2026."}),
    ],
)
def test_rule_refuses_a_wrong_figure(rule: Rule, declared: Mapping[str, object], message: dict[str, str]) -> None:
    assert errors(rule, declared) == message


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (YesNo(), "Đạt: 2 · Không đạt: 0"),
        (TIERS, "Kịp thời: 1 · Chậm: 0,5 · Không ban hành: -0,25"),
        (
            DATES,
            "Kịp thời (trước 15/02): 1 · trước 31/03: 0,5 · muộn hơn: 0,25 · Không ban hành: 0",
        ),
        (
            DateTiers((DateTier("2027-01-10", Decimal(2)),), Decimal(0), "Ngày gửi", none_label="Không gửi"),
            "Trước 10/01/2027: 2 · muộn hơn: 0 · Không gửi: 0",
        ),
        (LEVELS, "Hoàn thành xuất sắc: 100 % · Hoàn thành tốt: 75 % · Hoàn thành: 50 % (của điểm tối đa)"),
        (Direct("council"), "Hội đồng thẩm định chấm trực tiếp, từ 0 đến 2"),
        (Direct("leader"), "Lãnh đạo tỉnh chấm trực tiếp, từ 0 đến 2"),
        (SurveyRule(), "Kết quả điều tra xã hội học (%) × điểm tối đa"),
    ],
)
def test_rule_says_itself(rule: Rule, text: str) -> None:
    assert rule.describe(TWO) == text


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (YesNo(), ("0", "2")),
        (TIERS, ("-0.25", "2")),
        (DATES, ("0", "2")),
        (LEVELS, ("0", "2")),
        (Direct("council"), ("0", "2")),
        (SurveyRule(), ("0", "2")),
    ],
)
def test_rule_bounds(rule: Rule, expected: tuple[str, str]) -> None:
    assert rule.bounds(TWO) == (Decimal(expected[0]), Decimal(expected[1]))


@pytest.mark.parametrize(
    ("rule", "explanation"),
    [
        (Direct("council"), "Hội đồng thẩm định chấm trực tiếp"),
        (SurveyRule(), "Lấy từ điều tra xã hội học"),
    ],
)
def test_rule_without_declaration_gives_no_points(rule: Rule, explanation: str) -> None:
    assert rule.figures() == ()
    assert score(rule, {"points": Decimal(2)}) == Outcome(None, explanation)


def test_points_stay_within_bounds_where_rounding_would_leave_them() -> None:
    maximum = Decimal("1.005")
    outcome = YesNo().score({"met": True}, maximum, ROUNDING)
    assert outcome == Outcome(maximum, "Đạt → 1,005 điểm")


def test_points_entered_within_bounds_are_kept() -> None:
    assert enter_points(Direct("council"), Decimal("1.25"), TWO, ROUNDING) == Decimal("1.25")
    assert enter_points(TIERS, Decimal("-0.25"), ONE, ROUNDING) == Decimal("-0.25")


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ("2.01", "Điểm phải từ 0 đến 2."),
        ("-0.01", "Điểm phải từ 0 đến 2."),
        ("NaN", "Điểm phải từ 0 đến 2."),
        ("1.255", "Điểm phải là bội số của 0,01."),
    ],
)
def test_points_entered_outside_are_refused(points: str, message: str) -> None:
    with pytest.raises(FigureErrors) as caught:
        enter_points(Direct("council"), Decimal(points), TWO, ROUNDING)
    assert caught.value.by_key() == {"points": message}


@pytest.mark.parametrize(("percent", "points"), [("0", "0.00"), ("83.335", "2.50"), ("100", "3.00")])
def test_survey_points_are_a_share_of_the_maximum(percent: str, points: str) -> None:
    assert str(survey_points(Decimal(percent), Decimal(3), ROUNDING)) == points


def test_survey_without_valid_answers_is_missing() -> None:
    assert survey_points(None, Decimal(3), ROUNDING) is None


@pytest.mark.parametrize("percent", ["-0.1", "100.1"])
def test_survey_percent_outside_is_refused(percent: str) -> None:
    with pytest.raises(ValueError, match=r"outside 0\.\.100"):
        survey_points(Decimal(percent), Decimal(3), ROUNDING)


def test_survey_points_of_a_repeating_share_hit_the_tie() -> None:
    """6 answers on 2,25 points: 1/30 of them is exactly 0,075, which half-up makes 0,08."""
    assert survey_points(Fraction(10, 3), Decimal("2.25"), Rounding()) == Decimal("0.08")
