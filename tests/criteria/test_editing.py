from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from criteria.changes import change_words, settings_of, version_of
from criteria.consultation import CriterionChange
from criteria.editing import (
    add_criterion,
    bands_version,
    clone_once,
    edit_bands,
    edit_criterion,
    edit_settings,
    move_criterion,
    node_version,
    remove_criterion,
    shift_criterion,
)
from criteria.errors import Conflict, CriteriaError, Frozen, InvalidInput, InvalidSet
from criteria.models import CriteriaSet, Criterion
from criteria.nodes import Source
from criteria.rules import YesNo
from criteria.services import freeze
from criteria.setdata import BandData, NodeData, SetData, find, walk
from criteria.trees import read_set
from tests import factories
from units import access
from units.access import NotAllowed
from units.models import Unit, User
from units.permissions import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> CriteriaSet:
    return factories.criteria_set()


@pytest.fixture
def keeper() -> User:
    province = Unit.objects.create(code="tinh", name="Tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)
    person = factories.user("giu-bo-chi-so")
    access.join(person, province, Role.CRITERIA)
    return person


def node(draft: CriteriaSet, code: str) -> NodeData:
    found = find(read_set(draft), code)
    assert found is not None
    return found


def codes(draft: CriteriaSet) -> list[str]:
    return [one.code for one in walk(read_set(draft).nodes)]


def leaf(code: str, maximum: str = "1") -> NodeData:
    return NodeData(code, f"Tiêu chí {code}", Decimal(maximum), Source.SELF, YesNo(), evidence="Báo cáo")


def test_edit_changes_one_row_and_leaves_a_record(draft: CriteriaSet, keeper: User) -> None:
    old = node(draft, "1.1.1")
    row = Criterion.objects.get(criteria_set=draft, code="1.1.1")
    new = replace(old, name="Ban hành kế hoạch đúng hạn", guidance="Xem ngày ký.")
    assert edit_criterion(draft, "1.1.1", new, seen=node_version(read_set(draft), "1.1.1"), by=keeper) == "1.1.1"
    row.refresh_from_db()
    assert (row.name, row.guidance, row.maximum) == ("Ban hành kế hoạch đúng hạn", "Xem ngày ký.", Decimal(2))
    change = draft.changes.get()
    assert (change.kind, change.by, change.criterion) == (CriterionChange.Kind.EDITED, keeper, row)
    assert change_words(change) == (
        "Sửa 1.1.1: tên: Ban hành kế hoạch → Ban hành kế hoạch đúng hạn; hướng dẫn: (trống) → Xem ngày ký."
    )


def test_edit_without_a_change_leaves_no_record(draft: CriteriaSet, keeper: User) -> None:
    edit_criterion(draft, "1.1.1", node(draft, "1.1.1"), seen=None, by=keeper)
    assert draft.changes.count() == 0


def test_edit_of_points_can_be_summed_up_to_the_domain(draft: CriteriaSet, keeper: User) -> None:
    new = replace(node(draft, "1.1.1"), maximum=Decimal("2.5"))
    edit_criterion(draft, "1.1.1", new, seen=None, sum_up=True, by=keeper)
    assert [(one, node(draft, one).maximum) for one in ("1.1.1", "1.1", "1", "2")] == [
        ("1.1.1", Decimal("2.5")),
        ("1.1", Decimal("6.5")),
        ("1", Decimal("6.5")),
        ("2", Decimal(4)),
    ]
    assert sorted(draft.changes.values_list("code", flat=True)) == ["1", "1.1", "1.1.1"]


def test_edit_of_points_leaves_the_headings_where_nobody_asked(draft: CriteriaSet, keeper: User) -> None:
    edit_criterion(draft, "1.1.1", replace(node(draft, "1.1.1"), maximum=Decimal("2.5")), seen=None, by=keeper)
    assert node(draft, "1.1").maximum == Decimal(6)


def test_edit_over_somebody_elses_change_is_refused_with_what_stands(draft: CriteriaSet, keeper: User) -> None:
    seen, old = node_version(read_set(draft), "1.1.1"), node(draft, "1.1.1")
    edit_criterion(draft, "1.1.1", replace(old, name="Tên của người khác"), seen=seen, by=keeper)
    with pytest.raises(Conflict) as refused:
        edit_criterion(draft, "1.1.1", replace(old, name="Tên của tôi"), seen=seen, by=keeper)
    assert refused.value.current.name == "Tên của người khác"
    assert node(draft, "1.1.1").name == "Tên của người khác"


def test_edit_beside_somebody_elses_change_is_taken(draft: CriteriaSet, keeper: User) -> None:
    seen = node_version(read_set(draft), "1.1.1")
    edit_criterion(draft, "1.1.2", replace(node(draft, "1.1.2"), name="Khác"), seen=None, by=keeper)
    edit_criterion(draft, "1.1.1", replace(node(draft, "1.1.1"), name="Của tôi"), seen=seen, by=keeper)
    assert (node(draft, "1.1.1").name, node(draft, "1.1.2").name) == ("Của tôi", "Khác")


def test_edit_finds_the_faults_of_an_import(draft: CriteriaSet, keeper: User) -> None:
    new = replace(node(draft, "1.1.1"), name="", maximum=Decimal("-1"))
    with pytest.raises(InvalidSet) as refused:
        edit_criterion(draft, "1.1.1", new, seen=None, by=keeper)
    assert sorted(refused.value.errors) == ["maximum", "name"]
    assert node(draft, "1.1.1").name == "Ban hành kế hoạch"


def test_edit_of_a_code_takes_everything_below_along_and_keeps_the_rows(draft: CriteriaSet, keeper: User) -> None:
    rows = dict(Criterion.objects.filter(criteria_set=draft, code__startswith="1.1").values_list("code", "pk"))
    assert edit_criterion(draft, "1.1", replace(node(draft, "1.1"), code="1.7"), seen=None, by=keeper) == "1.7"
    assert codes(draft)[:4] == ["1", "1.7", "1.7.1", "1.7.2"]
    moved = dict(Criterion.objects.filter(criteria_set=draft, code__startswith="1.7").values_list("code", "pk"))
    assert moved == {code.replace("1.1", "1.7", 1): pk for code, pk in rows.items()}


def test_edit_of_a_code_to_one_in_use_or_out_of_place_is_refused(draft: CriteriaSet, keeper: User) -> None:
    for code, words in (("1.1.2", "đã dùng"), ("2.1.9", "nằm dưới 1.1"), ("9", "nằm dưới 1.1")):
        with pytest.raises(InvalidInput, match=words):
            edit_criterion(draft, "1.1.1", replace(node(draft, "1.1.1"), code=code), seen=None, by=keeper)
    with pytest.raises(InvalidInput, match="Lĩnh vực"):
        edit_criterion(draft, "1", replace(node(draft, "1"), code="3.1"), seen=None, by=keeper)


def test_add_puts_a_criterion_last(draft: CriteriaSet, keeper: User) -> None:
    assert add_criterion(draft, "1.1", leaf("1.1.3"), sum_up=True, by=keeper) == "1.1.3"
    assert codes(draft)[:5] == ["1", "1.1", "1.1.1", "1.1.2", "1.1.3"]
    assert node(draft, "1").maximum == Decimal(7)
    words = [change_words(change) for change in draft.changes.filter(kind=CriterionChange.Kind.ADDED)]
    assert words == ["Thêm 1.1.3 “Tiêu chí 1.1.3”, 1 điểm"]


def test_add_of_a_domain(draft: CriteriaSet, keeper: User) -> None:
    add_criterion(draft, "", leaf("3"), by=keeper)
    assert codes(draft)[-1] == "3"


def test_add_below_a_scored_criterion_makes_it_a_heading(draft: CriteriaSet, keeper: User) -> None:
    add_criterion(draft, "1.1.1", leaf("1.1.1.1", "2"), by=keeper)
    above = node(draft, "1.1.1")
    assert (above.source, above.rule, [child.code for child in above.children]) == (None, None, ["1.1.1.1"])
    assert sorted(draft.changes.values_list("kind", flat=True)) == ["added", "edited"]


def test_add_with_a_code_in_use_or_below_nothing_is_refused(draft: CriteriaSet, keeper: User) -> None:
    with pytest.raises(InvalidInput, match="đã dùng"):
        add_criterion(draft, "1.1", leaf("1.1.2"), by=keeper)
    with pytest.raises(Conflict, match="không còn"):
        add_criterion(draft, "8.8", leaf("8.8.1"), by=keeper)


def test_remove_takes_everything_below(draft: CriteriaSet, keeper: User) -> None:
    remove_criterion(draft, "2", seen=None, by=keeper)
    assert codes(draft) == ["1", "1.1", "1.1.1", "1.1.2"]
    change = draft.changes.get()
    assert change.before["below"] == ["2.1", "2.1.1", "2.1.2"]
    assert change_words(change) == "Bỏ 2 “Cải cách thủ tục hành chính”"


def test_remove_of_the_last_criterion_of_a_heading_is_refused(draft: CriteriaSet, keeper: User) -> None:
    with pytest.raises(InvalidInput, match="mục cuối cùng của 1 Công tác"):
        remove_criterion(draft, "1.1", seen=None, by=keeper)
    remove_criterion(draft, "2", seen=None, by=keeper)
    with pytest.raises(InvalidInput, match="mục cuối cùng của bộ chỉ số"):
        remove_criterion(draft, "1", seen=None, by=keeper)


def test_shift_swaps_neighbours_and_stops_at_the_end(draft: CriteriaSet, keeper: User) -> None:
    shift_criterion(draft, "1.1.2", up=True, by=keeper)
    assert codes(draft)[:4] == ["1", "1.1", "1.1.2", "1.1.1"]
    shift_criterion(draft, "1.1.2", up=True, by=keeper)
    assert codes(draft)[:4] == ["1", "1.1", "1.1.2", "1.1.1"]
    assert change_words(draft.changes.get()) == "Chuyển chỗ 1.1.2: vị trí: 2 → 1"


def test_move_to_another_heading_gives_the_next_code_and_keeps_the_row(draft: CriteriaSet, keeper: User) -> None:
    pk = Criterion.objects.get(criteria_set=draft, code="1.1.2").pk
    assert move_criterion(draft, "1.1.2", parent="2.1", seen=None, by=keeper) == "2.1.3"
    row = Criterion.objects.select_related("parent").get(pk=pk)
    assert (row.code, row.parent.code if row.parent else "") == ("2.1.3", "2.1")
    assert codes(draft) == ["1", "1.1", "1.1.1", "2", "2.1", "2.1.1", "2.1.2", "2.1.3"]
    assert change_words(draft.changes.get()) == "Chuyển chỗ 2.1.3: mã: 1.1.2 → 2.1.3; thuộc: 1.1 → 2.1"


def test_move_below_itself_or_a_scored_criterion_is_refused(draft: CriteriaSet, keeper: User) -> None:
    with pytest.raises(InvalidInput, match="chính nó"):
        move_criterion(draft, "1", parent="1.1", seen=None, by=keeper)
    with pytest.raises(InvalidInput, match="chứa các tiêu chí"):
        move_criterion(draft, "1.1.2", parent="2.1.1", seen=None, by=keeper)


def test_bands_are_replaced_and_checked(draft: CriteriaSet, keeper: User) -> None:
    bands = [BandData("Đạt", Decimal(50)), BandData("Chưa đạt", Decimal(0))]
    edit_bands(draft, "2", "", bands, seen=bands_version(read_set(draft), "2", ""), by=keeper)
    assert node(draft, "2").bands == tuple(bands)
    with pytest.raises(InvalidSet):
        edit_bands(draft, "2", "", bands[:1], seen=None, by=keeper)
    with pytest.raises(Conflict):
        edit_bands(draft, "2", "", [], seen=bands_version(read_set(draft), "1", ""), by=keeper)
    edit_bands(draft, "2", "", [], seen=None, by=keeper)
    assert node(draft, "2").bands == ()
    assert len(read_set(draft).bands) == 4


def test_settings_are_taken_and_the_mark_needs_a_decision(draft: CriteriaSet, keeper: User) -> None:
    seen = version_of(settings_of(read_set(draft)))
    wanted = replace(read_set(draft), name="Bộ chỉ số mới", bonus_cap=Decimal(3), illustrative=False)
    with pytest.raises(InvalidInput, match="minh họa"):
        edit_settings(draft, wanted, seen=seen, by=keeper)
    edit_settings(draft, replace(wanted, source_decision="12/QĐ-UBND"), seen=seen, by=keeper)
    draft.refresh_from_db()
    assert (draft.name, draft.bonus_cap, draft.illustrative) == ("Bộ chỉ số mới", Decimal(3), False)
    with pytest.raises(Conflict):
        edit_settings(draft, wanted, seen=seen, by=keeper)


def every_verb(draft: CriteriaSet, by: User) -> list[object]:
    """Each verb as a call that succeeds on a draft for a keeper of the criteria."""
    data: SetData = read_set(draft)
    return [
        lambda: edit_criterion(draft, "1.1.1", replace(node(draft, "1.1.1"), name="Mới"), seen=None, by=by),
        lambda: add_criterion(draft, "1.1", leaf("1.1.3"), by=by),
        lambda: shift_criterion(draft, "1.1.2", up=True, by=by),
        lambda: move_criterion(draft, "1.1.2", parent="2.1", seen=None, by=by),
        lambda: edit_bands(draft, "2", "", [BandData("Đạt", Decimal(0))], seen=None, by=by),
        lambda: edit_settings(draft, replace(data, name="Tên mới"), seen=None, by=by),
        lambda: remove_criterion(draft, "2", seen=None, by=by),
    ]


def test_every_verb_works_for_a_keeper_on_a_draft(draft: CriteriaSet, keeper: User) -> None:
    for verb in every_verb(draft, keeper):
        before = read_set(draft)
        verb()  # type: ignore[operator]
        draft.refresh_from_db()
        assert read_set(draft) != before


def test_every_verb_is_refused_on_a_frozen_set(draft: CriteriaSet, keeper: User) -> None:
    before = read_set(draft)
    freeze(draft, by=keeper)
    for verb in every_verb(draft, keeper):
        with pytest.raises(Frozen):
            verb()  # type: ignore[operator]
    assert read_set(draft) == before
    assert draft.changes.count() == 0


def test_every_verb_is_refused_to_others(draft: CriteriaSet, keeper: User) -> None:
    before = read_set(draft)
    for verb in every_verb(draft, factories.user()):
        with pytest.raises(NotAllowed):
            verb()  # type: ignore[operator]
    assert read_set(draft) == before


def test_errors_have_a_common_kind() -> None:
    assert all(issubclass(kind, CriteriaError) for kind in (Frozen, Conflict, InvalidInput, InvalidSet))


def test_clone_pressed_twice_makes_one_draft(draft: CriteriaSet, keeper: User) -> None:
    first = clone_once(draft, year=2027, by=keeper)
    assert clone_once(draft, year=2027, by=keeper) == first
    edit_criterion(first, "1.1.1", replace(node(first, "1.1.1"), name="Khác"), seen=None, by=keeper)
    second = clone_once(draft, year=2027, by=keeper)
    assert (first.version, second.version, second.cloned_from) == (1, 2, draft)
    with pytest.raises(NotAllowed):
        clone_once(draft, year=2028, by=factories.user())


def test_clone_within_the_year_is_a_further_version(draft: CriteriaSet, keeper: User) -> None:
    made = clone_once(draft, year=draft.year, by=keeper)
    assert (made.version, made.cloned_from) == (2, draft)
