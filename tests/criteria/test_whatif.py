from __future__ import annotations

from decimal import Decimal

from criteria.scoring import Branch, Leaf, NotApplicable, Rounding, Source, parse_rule
from criteria.whatif import PERCENT, POINTS, asked, try_leaf, try_set

CENT = Rounding()
RATIO = {
    "kind": "thresholds",
    "measure": "ratio",
    "steps": [
        {"from": "90", "inclusive": True, "points": "2"},
        {"from": "70", "inclusive": True, "points": "1"},
    ],
    "else": "0",
    "labels": {"a": "Số hồ sơ đúng hạn", "b": "Tổng số hồ sơ"},
}


def leaf(code: str, maximum: str, rule: object, source: Source = Source.SELF, **more: object) -> Leaf:
    points = Decimal(maximum)
    return Leaf(code, points, source, parse_rule(rule, maximum=points), domain=code[0], **more)  # type: ignore[arg-type]


def trial(row: Leaf, **typed: str) -> tuple[Decimal | None, str]:
    found = try_leaf(row, typed, rounding=CENT, year=2026)
    return found.points, found.explanation


def test_ratio_is_scored_and_explained() -> None:
    found = trial(leaf("1.1", "2", RATIO), a="1.842", b="1.985")
    assert found == (Decimal(2), "1.842/1.985 hồ sơ đúng hạn ≈ 92,8 %, mức ≥ 90 % → 2,00 điểm")


def test_wrong_figure_is_named_and_scores_nothing() -> None:
    found = try_leaf(leaf("1.1", "2", RATIO), {"a": "mười", "b": "20"}, rounding=CENT, year=2026)
    assert found.points is None
    assert list(found.errors) == ["a"]


def test_missing_figure_is_not_zero() -> None:
    assert trial(leaf("1.1", "2", RATIO), a="0") == (None, "Chưa kê khai: Tổng số hồ sơ")


def test_date_without_year_belongs_to_the_assessed_year() -> None:
    rule = {"kind": "date_tiers", "label": "Ngày ban hành", "none": "0", "tiers": [{"before": "02-15", "points": "1"}]}
    row = leaf("1.1", "1", rule)
    assert trial(row, date="14/02/2026")[0] == Decimal(1)
    assert trial(row, date="15/02/2026")[0] == Decimal(0)
    assert trial(row, none="on")[0] == Decimal(0)


def test_survey_takes_a_percent_of_the_maximum() -> None:
    row = leaf("1.1", "5", {"kind": "survey"}, Source.SURVEY)
    assert asked(row) == (PERCENT,)
    assert trial(row, percent="82,5") == (Decimal("4.13"), "82,5 % × 5 → 4,13 điểm")
    assert try_leaf(row, {"percent": "101"}, rounding=CENT, year=2026).errors == {
        "percent": "Kết quả điều tra phải từ 0 đến 100 %."
    }


def test_direct_points_stay_within_the_rule() -> None:
    row = leaf("1.1", "2", {"kind": "direct", "by": "council"}, Source.COUNCIL)
    assert asked(row) == (POINTS,)
    assert trial(row, points="1,5")[0] == Decimal("1.5")
    assert try_leaf(row, {"points": "3"}, rounding=CENT, year=2026).errors == {"points": "Điểm phải từ 0 đến 2."}
    assert trial(row) == (None, "Chưa nhập: Điểm được chấm")


def test_not_arising_gives_full_points_or_drops_as_the_policy_says() -> None:
    full = leaf("1.1", "2", RATIO, na_policy=NotApplicable.FULL)
    drop = leaf("1.2", "3", RATIO, na_policy=NotApplicable.RESCALE)
    never = leaf("1.3", "5", RATIO)
    assert trial(full, na="on") == (Decimal(2), "Không phát sinh: được điểm tối đa → 2,00 điểm")
    assert trial(drop, na="on") == (None, "Không phát sinh: bỏ tiêu chí, quy đổi theo số điểm còn lại")
    assert trial(never, na="on")[1].startswith("Chưa kê khai")


def sheet(typed: dict[str, dict[str, str]], unit: str | None = None):  # type: ignore[no-untyped-def]
    tree = [
        Branch(
            "1",
            Decimal(10),
            (
                leaf("1.1", "2", RATIO),
                leaf("1.2", "3", {"kind": "yes_no"}, na_policy=NotApplicable.RESCALE),
                leaf("1.3", "5", {"kind": "yes_no"}, na_policy=NotApplicable.NAMED, dropped_for=frozenset({"7"})),
            ),
        ),
        Branch("2", Decimal(2), (leaf("2.1", "2", {"kind": "yes_no"}, Source.BONUS),)),
    ]
    return try_set(tree, typed, unit=unit, rounding=CENT, bonus_cap=Decimal(1), penalty_cap=Decimal(0), year=2026)


def test_total_counts_bonus_up_to_its_cap() -> None:
    found = sheet(
        {"1.1": {"a": "8", "b": "10"}, "1.2": {"met": "true"}, "1.3": {"met": "false"}, "2.1": {"met": "true"}}
    )
    assert found.tally.criteria == Decimal(4)
    assert found.tally.bonus == Decimal(1)
    assert found.tally.index == Decimal("50.00")
    assert found.tally.domains["1"].points == Decimal(4)


def test_index_waits_for_missing_and_wrong_figures() -> None:
    found = sheet({"1.1": {"a": "12", "b": "10"}, "1.2": {"met": "true"}})
    assert found.tally.index is None
    assert found.tally.missing == ("1.1", "1.3")
    assert list(found.trials["1.1"].errors) == ["a"]


def test_named_unit_is_not_asked() -> None:
    typed = {"1.1": {"a": "9", "b": "10"}, "1.2": {"na": "on"}, "1.3": {"met": "false"}}
    mine, other = sheet(typed, "7"), sheet(typed, "8")
    assert mine.trials["1.3"].dropped
    assert mine.tally.index == Decimal(100)
    assert (mine.tally.applicable, other.tally.applicable) == (Decimal(2), Decimal(7))
    assert other.tally.index == Decimal("28.57")
