from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from criteria.nodes import NotApplicable, Source
from criteria.review import MAX_NODES, MAX_TEXT, faults, remarks, summary
from criteria.rules import DateTier, DateTiers, SurveyRule, Tier, Tiers, YesNo
from criteria.scoring import Scorer
from criteria.setdata import BandData, NodeData, SetData, engine_nodes, leaves, many_lines, one_line, totals

from .strategies import GROUPS, UNITS, sets

LEAF = NodeData("1.1", "Kế hoạch", Decimal(60), Source.SELF, YesNo(), evidence="Kế hoạch")
SURVEY = NodeData("1.2", "Hài lòng", Decimal(40), Source.SURVEY, SurveyRule(), survey_question="Có hài lòng không?")
DOMAIN = NodeData("1", "Chỉ đạo", Decimal(100), children=(LEAF, SURVEY))
BANDS = (BandData("Tốt", Decimal(80)), BandData("Khác", Decimal(0)))
GOOD = SetData("bo-thu", 2026, "Bộ chỉ số", bands=BANDS, nodes=(DOMAIN,))


def with_leaf(**fields: Any) -> SetData:
    return replace(GOOD, nodes=(replace(DOMAIN, children=(replace(LEAF, **fields), SURVEY)),))


def found(data: SetData, **known: Any) -> list[tuple[str, str]]:
    return [(fault.code, fault.field) for fault in faults(data, **known)]


def test_good_set_has_neither_faults_nor_remarks() -> None:
    assert faults(GOOD, units=UNITS, groups=GROUPS) == ()
    assert remarks(GOOD) == ()


@settings(max_examples=50)
@given(sets())
def test_generated_set_has_no_faults_and_can_be_scored(data: SetData) -> None:
    assert faults(data, units=UNITS, groups=GROUPS) == ()
    scorer = Scorer(engine_nodes(data.nodes), rounding=data.rounding)
    assert len(scorer.leaves) == summary(data).leaves == len(list(leaves(data.nodes)))
    assert scorer.maximum == totals(data.nodes).points


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "bộ chỉ số"}, "code"),
        ({"code": ""}, "code"),
        ({"year": 1999}, "year"),
        ({"name": " "}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"source_decision": "x" * 301}, "source_decision"),
        ({"rounding_step": Decimal("0.3")}, "rounding_step"),
        ({"rounding_step": Decimal("0.00001")}, "rounding_step"),
        ({"rounding_step": Decimal(0)}, "rounding_step"),
        ({"rounding_mode": "up"}, "rounding_step"),
        ({"bonus_cap": Decimal(-1)}, "bonus_cap"),
        ({"penalty_cap": Decimal(100_000)}, "penalty_cap"),
        ({"nodes": ()}, "nodes"),
        ({"bands": (BandData("Tốt", Decimal(10)),)}, "bands"),
        ({"bands": (BandData("", Decimal(0)),)}, "bands"),
        ({"bands": (*BANDS, BandData("Lạ", Decimal(80)))}, "bands"),
        ({"bands": (BandData("Tốt", Decimal(101)), BandData("Khác", Decimal(0)))}, "bands"),
    ],
)
def test_fault_of_the_whole_set_names_its_field(changes: Mapping[str, Any], field: str) -> None:
    assert set(found(replace(GOOD, **changes))) == {("", field)}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 501}, "name"),
        ({"maximum": Decimal("-0.5")}, "maximum"),
        ({"maximum": Decimal("0.00001")}, "maximum"),
        ({"maximum": Decimal("NaN")}, "maximum"),
        ({"source": None}, "source"),
        ({"rule": None}, "rule"),
        ({"rule": Tiers((Tier("a", "A", Decimal(61)),))}, "rule"),
        ({"source": Source.BONUS, "na_policy": NotApplicable.FULL}, "na_policy"),
        ({"evidence": "x" * (MAX_TEXT + 1)}, "evidence"),
        ({"leads": ("so-la",)}, "leads"),
        ({"dropped_for": ("so-la",)}, "dropped_for"),
        ({"bands": (BandData("Tốt", Decimal(0), "khoi-la"),)}, "bands"),
    ],
)
def test_fault_of_a_criterion_names_its_code_and_field(fields: Mapping[str, Any], field: str) -> None:
    assert found(with_leaf(**fields), units=UNITS, groups=GROUPS) == [("1.1", field)]


@pytest.mark.parametrize("code", ["", "1", "2.1", "1.", "1.1.1", "1.-", "1.1 1", "1." + "1" * 30])
def test_code_must_go_on_from_its_parent(code: str) -> None:
    assert ("code" in [field for _code, field in found(with_leaf(code=code))]) is True


def test_repeated_code_is_a_fault() -> None:
    assert found(with_leaf(code="1.2")) == [("1.2", "code")]


@pytest.mark.parametrize(
    "said",
    [
        {"source": Source.SELF},
        {"rule": YesNo()},
        {"na_policy": NotApplicable.FULL},
        {"overridable": True},
        {"dropped_for": ("so-noi-vu",)},
    ],
)
def test_heading_says_nothing_about_scoring(said: Mapping[str, Any]) -> None:
    assert found(replace(GOOD, nodes=(replace(DOMAIN, **said),))) == [("1", next(iter(said)))]


def test_set_has_no_more_rows_than_can_be_read() -> None:
    many = tuple(replace(LEAF, code=str(number)) for number in range(1, MAX_NODES + 2))

    assert found(replace(GOOD, nodes=many)) == [("", "nodes")]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"evidence": ""}, "1.1: Đơn vị tự chấm nhưng chưa yêu cầu tài liệu kiểm chứng nào."),
        ({"maximum": Decimal(50)}, "1: Điểm tối đa ghi 100 nhưng cộng các tiêu chí được 90."),
        (
            {"dropped_for": ("so-noi-vu",)},
            "1.1: Có đơn vị được bỏ tiêu chí nhưng chính sách “không phát sinh” không phải là bỏ theo tên.",
        ),
        (
            {"rule": DateTiers((DateTier("2025-03-01", Decimal(60)),), Decimal(0), "Ngày gửi")},
            "1.1: Mốc 01/03/2025 không thuộc năm đánh giá 2026.",
        ),
    ],
)
def test_doubt_about_a_criterion_is_a_remark(fields: Mapping[str, Any], text: str) -> None:
    assert text in [str(remark) for remark in remarks(with_leaf(**fields))]


def test_survey_points_without_a_question_are_a_remark() -> None:
    data = replace(GOOD, nodes=(replace(DOMAIN, children=(LEAF, replace(SURVEY, survey_question=""))),))

    assert [str(remark) for remark in remarks(data)] == ["1.2: Điểm lấy từ điều tra nhưng chưa có câu hỏi điều tra."]


def test_bonus_without_a_cap_and_a_set_without_bands_are_remarks() -> None:
    bonus = NodeData("2", "Thưởng", Decimal(2), Source.BONUS, YesNo(), evidence="Quyết định")

    assert [str(remark) for remark in remarks(replace(GOOD, bands=(), nodes=(DOMAIN, bonus)))] == [
        "Chưa có mức xếp loại cho cả bộ chỉ số.",
        "Có tiêu chí điểm cộng nhưng điểm cộng tối đa là 0 nên không được tính.",
    ]


@pytest.mark.parametrize(
    ("text", "line", "lines"),
    [
        ("  Kế \t hoạch\u00a0năm ", "Kế hoạch năm", "Kế hoạch năm"),
        ("Ke\u0302\u0301 hoa\u0323ch", "Kế hoạch", "Kế hoạch"),
        ("một\r\n hai \n\n ba\n", "một hai ba", "một\nhai\n\nba"),
        ("a\u200bb\x00c\ufeff\ue000", "abc", "abc"),
    ],
)
def test_texts_are_tidied(text: str, line: str, lines: str) -> None:
    assert (one_line(text), many_lines(text)) == (line, lines)


def test_equal_sets_are_equal_whatever_the_order_of_units_and_bands() -> None:
    first = replace(
        DOMAIN, leads=("b", "a", "b"), bands=(BandData("Khác", Decimal(0)), BandData("Tốt ", Decimal("80.0")))
    )
    second = replace(DOMAIN, leads=("a", "b"), bands=BANDS)

    assert first == second
