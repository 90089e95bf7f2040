"""Two states of a criterion compared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assessments.changes import Change, changed_fields, changed_items

WORDS = st.dictionaries(st.sampled_from("abcd"), st.text(min_size=1, max_size=3))


def test_changed_fields_name_old_and_new() -> None:
    before = {"Số hồ sơ": "12", "Giải trình": "", "Điểm tự chấm": "2,00"}
    after = {"Số hồ sơ": "14", "Giải trình": "Theo báo cáo.", "Điểm tự chấm": "2,00"}
    found = changed_fields(before, after)
    assert found == [Change("Số hồ sơ", "12", "14"), Change("Giải trình", "", "Theo báo cáo.")]
    assert [change.added for change in found] == [False, True]


def test_field_that_is_gone_is_removed() -> None:
    (found,) = changed_fields({"Số cũ": "3"}, {})
    assert (found, found.removed) == (Change("Số cũ", "3", ""), True)


def test_changed_items_tell_removed_changed_and_added() -> None:
    before = {"1": "Báo cáo", "2": "Kế hoạch, trang 1"}
    after = {"2": "Kế hoạch, trang 3", "3": "Quyết định"}
    assert changed_items("Tài liệu", before, after) == [
        Change("Tài liệu", "Báo cáo", ""),
        Change("Tài liệu", "Kế hoạch, trang 1", "Kế hoạch, trang 3"),
        Change("Tài liệu", "", "Quyết định"),
    ]


@given(WORDS, WORDS)
def test_nothing_changed_only_where_both_are_equal(before: dict[str, str], after: dict[str, str]) -> None:
    assert (changed_fields(before, after) == []) == (before == after)
    assert (changed_items("x", before, after) == []) == (before == after)
