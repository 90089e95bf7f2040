from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from criteria.rule_reading import find_form, read_rule
from criteria.rule_text import EXAMPLES, FORMS, derive_key, rule_to_text
from criteria.rules import Tiers
from criteria.setdata import NodeData

from .strategies import rules
from .test_scoring_properties import decimals

TWO = Decimal(2)


def said(form: str, text: str) -> str:
    """The rule that a text states, in the engine's words."""
    found = read_rule(form, text, TWO)
    assert found.problems == ()
    assert found.rule is not None
    return found.rule.describe(TWO)


@given(st.data())
def test_rule_text_comes_back_as_the_same_rule(data: st.DataObject) -> None:
    maximum = data.draw(decimals("0.5", "100"))
    rule = NodeData("1", "Tiêu chí", maximum, rule=data.draw(rules(maximum))).rule
    assert rule is not None

    name, text = rule_to_text(rule)
    found = read_rule(find_form(name) or "", text, maximum)

    assert (found.rule, found.problems, found.warnings) == (rule, (), ())


@pytest.mark.parametrize("form", FORMS)
def test_example_of_the_instructions_is_how_the_rule_is_written(form: str) -> None:
    found = read_rule(form, EXAMPLES[form], TWO)

    assert (found.problems, found.warnings) == ((), ())
    assert found.rule is not None
    assert rule_to_text(found.rule) == (FORMS[form], EXAMPLES[form])


@pytest.mark.parametrize(
    ("form", "text", "words"),
    [
        ("ratio", "≥ 95 %: 2 điểm\n70 - <95%: 1\n<70%: 0", "≥ 95 %: 2 · từ 70 đến dưới 95 %: 1 · < 70 %: 0"),
        ("ratio", "<70%: 0; 70-90%: 1; >90%: 2", "> 90 %: 2 · 70–90 %: 1 · < 70 %: 0"),
        (
            "ratio",
            "Từ 90% trở lên: 2; từ 70% đến dưới 90%: 1,5; dưới 70%: 0.25",
            "≥ 90 %: 2 · từ 70 đến dưới 90 %: 1,5 · < 70 %: 0,25",
        ),
        ("value", ">= 1.842 hồ sơ: 2; còn lại: 0; Đơn vị: hồ sơ", "≥ 1.842 hồ sơ: 2 · < 1.842 hồ sơ: 0"),
        ("count_table", "Khai: Số lần; từ 4 trở lên: 2; 2-3: 1; dưới 2: 0", "Số lần từ 4: 2 · 2–3: 1 · dưới 2: 0"),
        ("count_table", "Khai: Số lần; 2: 2; 1: 1; 0: 0", "Số lần từ 2: 2 · 1: 1 · 0: 0"),
        (
            "date_tiers",
            "khai = Ngày gửi; trước ngày 15/2: 2; Chậm trước 1-3: 1; còn lại: 0",
            "Trước 15/02: 2 · Chậm (trước 01/03): 1 · muộn hơn: 0 · Không ban hành: 0",
        ),
        ("yes_no", "Đạt: 2; Không đạt: 0", "Đạt: 2 · Không đạt: 0"),
        ("per_item", "mỗi = -0,25; trừ tối đa = 1; Khai = Số lỗi", "Mỗi lỗi: trừ 0,25 · trừ tối đa 1"),
        (
            "proportional",
            "tử số: Đã xong; mẫu số: Phải làm; vượt 100%",
            "a / b × điểm tối đa · trên 100 % tính như 100 %",
        ),
        ("percent_of_max", "Tốt: 100; Khá: 75 %", "Tốt: 100 % · Khá: 75 % (của điểm tối đa)"),
        ("direct", "lãnh đạo UBND tỉnh", "Lãnh đạo tỉnh chấm trực tiếp, từ 0 đến 2"),
    ],
)
def test_rule_text_is_read_as_a_person_would(form: str, text: str, words: str) -> None:
    assert said(form, text) == words


@pytest.mark.parametrize(
    ("form", "text", "warnings"),
    [
        (
            "ratio",
            ">=95: 2; 70-90: 1; còn lại: 0",
            ("có khoảng trống giữa “70-90: 1” và “>=95: 2”, được tính theo mức thấp hơn",),
        ),
        (
            "ratio",
            ">=90: 2; 70-90: 1; còn lại: 0",
            ("“70-90: 1” chồng lên “>=90: 2”, phần chung được tính theo mức cao hơn",),
        ),
        (
            "ratio",
            ">=90: 2; 60-<90: 1; <70: 0",
            ("“<70: 0” chồng lên “60-<90: 1”, phần chung được tính theo mức cao hơn",),
        ),
        (
            "ratio",
            "70-90: 2; <70: 0",
            ("không có mức nào trên 90, được tính như “70-90: 2”",),
        ),
        ("ratio", "70-100: 2; <70: 0", ()),
        ("ratio", ">90: 2; 70-90: 1; <70: 0", ()),
        (
            "count_table",
            "Khai: Số; >4: 2; 2-3: 1; dưới 2: 0",
            ("có khoảng trống giữa “2-3: 1” và “>4: 2”, được tính theo mức thấp hơn",),
        ),
        ("count_table", "Khai: Số; >4: 2; 2-4: 1; dưới 2: 0", ()),
    ],
)
def test_gap_and_overlap_of_written_intervals_are_doubts(form: str, text: str, warnings: tuple[str, ...]) -> None:
    found = read_rule(form, text, TWO)

    assert found.rule is not None
    assert found.warnings == warnings


@pytest.mark.parametrize(
    ("form", "text", "problems"),
    [
        (
            "tiers",
            "Kịp thời 1; Chậm: x; Không: 5",
            (
                "“Kịp thời 1”: phải viết tên mức, dấu hai chấm, rồi điểm, ví dụ “Kịp thời: 1”",
                "Không đọc được số “x”: hãy viết như 7,5 hoặc 1.234,5.",
            ),
        ),
        ("tiers", "Kịp thời: 1; Không: 5", ("“Không: 5”: không được lớn hơn 2",)),
        ("tiers", "", ("chưa ghi mức nào",)),
        ("tiers", '"Kịp thời: 1', ('“"Kịp thời: 1”: có dấu ngoặc kép mở mà không đóng',)),
        (
            "ratio",
            "95: 2; 9a: 1",
            (
                "không hiểu “9a”: hãy viết như “>=95”, “từ 70 đến dưới 90” hoặc “còn lại”",
                "thiếu mức thấp nhất, thêm ví dụ “còn lại: 0”",
            ),
        ),
        (
            "ratio",
            ">=90: 2; >=90: 1; còn lại: 0",
            ("“>=90: 1”: phải nhỏ hơn 90 ở dòng trên: xếp các dòng từ cao xuống thấp",),
        ),
        ("ratio", ">=90: 2; dưới 90: 1; còn lại: 0", ("“còn lại: 0”: có hai dòng cho phần còn lại, chỉ để một dòng",)),
        (
            "yes_no",
            "Đạt: 1; Không đạt: 0",
            ("“Đạt: 1”: cách chấm này chỉ có hai mức, đủ 2 điểm hoặc 0; muốn mức khác thì chọn “Theo mức”",),
        ),
        ("yes_no", "Đạt", ("phải để trống hoặc ghi đúng hai nhãn: đạt trước, không đạt sau",)),
        (
            "date_tiers",
            "trước 31/02: 2",
            (
                "thiếu tên ngày phải khai, thêm ví dụ “Khai: Ngày ban hành kế hoạch”",
                "thiếu điểm khi không làm, thêm ví dụ “Không ban hành: 0”",
            ),
        ),
        (
            "per_item",
            "Khai: Số; tối đa: 3; thêm",
            ("thiếu điểm cho mỗi mục, thêm ví dụ “Mỗi mục: 0,5”", "“thêm”: không hiểu phần này"),
        ),
        ("per_item", "Khai: Số; Mỗi mục: 1; Tối đa: 3", ("“Tối đa”: không được lớn hơn 2",)),
        ("direct", "Sở Nội vụ", ("phải là “Hội đồng” hoặc “Lãnh đạo tỉnh”",)),
        ("survey", "Hỏi dân", ("cách chấm này không có chi tiết, hãy xóa nội dung",)),
        ("proportional", "a: x; a: y", ("“a: y”: ghi hai lần, chỉ để một",)),
    ],
)
def test_every_problem_of_a_rule_text_is_named(form: str, text: str, problems: tuple[str, ...]) -> None:
    found = read_rule(form, text, TWO)

    assert (found.rule, found.problems) == (None, problems)


def test_text_is_checked_by_itself_where_the_maximum_is_unreadable() -> None:
    assert read_rule("tiers", "Kịp thời: 50; Chậm: 0", None).problems == ()
    assert read_rule("tiers", "Kịp thời: ?", None).problems != ()


def test_keys_are_derived_from_labels_and_written_only_where_they_differ() -> None:
    found = read_rule("tiers", "Kịp thời: 2; Kịp thời: 1; Đã làm [lam]: 0,5; !: 0", TWO)

    assert isinstance(found.rule, Tiers)
    assert [tier.key for tier in found.rule.tiers] == ["kip_thoi", "kip_thoi_2", "lam", "muc"]
    assert rule_to_text(found.rule)[1] == "Kịp thời: 2; Kịp thời: 1; Đã làm [lam]: 0,5; !: 0"


def test_derived_key_keeps_within_its_length() -> None:
    label = "Hoàn thành xuất sắc toàn bộ nhiệm vụ được giao trong năm"
    first = derive_key(label, set())

    assert first == "hoan_thanh_xuat_sac_toan_bo_nhiem_vu_duo"
    assert derive_key(label, {first}) == "hoan_thanh_xuat_sac_toan_bo_nhiem_vu_d_2"
