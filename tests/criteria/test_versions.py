"""Versions of a set: cloned, compared, and never able to reach back into a running cycle."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from pytest_django import DjangoAssertNumQueries

from assessments.stages import Stage
from criteria.errors import Conflict, InvalidSet
from criteria.measures import PerItem
from criteria.models import CriteriaSet, Criterion
from criteria.nodes import NotApplicable, Source
from criteria.rules import YesNo
from criteria.services import clone, freeze, freeze_preview, write_set
from criteria.setdata import BandData, NodeData, SetData, find, insert_node, next_code, replace_node
from criteria.trees import read_set
from criteria.versions import Change, Diff, Named, difference
from results.table import result_table
from tests import factories
from units import access, clock
from units.models import Unit, UnitGroup
from units.permissions import Role

from .strategies import sets

NOTHING = Diff((), (), (), (), (), (), ())
SAME = {
    "added": (),
    "removed": (),
    "changed_points": (),
    "changed_rule": (),
    "changed_text": (),
    "changed_units": (),
    "changed_set": (),
}


@pytest.fixture
def draft() -> CriteriaSet:
    return factories.criteria_set()


def change(code: str, field: str, before: str, after: str, name: str = "Ban hành kế hoạch") -> Change:
    return Change(code, name, field, before, after)


# the data and the rows


@pytest.mark.django_db
def test_set_is_read_in_four_queries_at_any_size(
    draft: CriteriaSet, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    large = factories.criteria_set("bo-lon", leaves=(*factories.LEAVES, *factories.more_domains(6)))

    for criteria_set, nodes in ((draft, 2), (large, 8)):
        with django_assert_num_queries(4):
            assert len(read_set(criteria_set).nodes) == nodes


@pytest.mark.django_db
def test_written_set_is_read_back_as_it_was() -> None:
    Unit.objects.create(code="so-tu-phap", name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)
    UnitGroup.objects.create(code="cap-so", name="Các sở")
    data = SetData(
        code="bo-thu",
        year=2026,
        name="Bộ chỉ số",
        illustrative=True,
        source_decision="152/QĐ-UBND",
        rounding_step=Decimal("0.25"),
        rounding_mode="down",
        bonus_cap=Decimal(3),
        penalty_cap=Decimal("1.5"),
        bands=(BandData("Tốt", Decimal(80), "cap-so"), BandData("Khác", Decimal(0), "cap-so")),
        nodes=(
            NodeData(
                "A",
                "Nhóm A",
                Decimal("2.5"),
                leads=("so-tu-phap",),
                bands=(BandData("Đạt", Decimal(0)),),
                children=(
                    NodeData(
                        "A.1",
                        "Sáng kiến",
                        Decimal("2.5"),
                        Source.SELF,
                        PerItem(Decimal("0.5"), "Số sáng kiến"),
                        NotApplicable.NAMED,
                        overridable=True,
                        evidence="Quyết định công nhận\nBiên bản",
                        guidance="Của năm",
                        survey_question="Không dùng",
                        dropped_for=("so-tu-phap",),
                    ),
                ),
            ),
        ),
    )

    made = write_set(data, by=None)

    assert read_set(made) == data
    assert list(made.criteria.values_list("code", "order")) == [("A", 1), ("A.1", 2)]


@pytest.mark.django_db
def test_rewriting_keeps_rows_by_code_and_moves_them_in_order(draft: CriteriaSet) -> None:
    before = dict(draft.criteria.values_list("code", "pk"))
    data = read_set(draft)
    new = NodeData("3", "Lĩnh vực mới", Decimal(1), Source.SELF, YesNo())
    first, second = data.nodes

    write_set(replace(data, nodes=(second, new, first)), into=draft, by=None)

    after = dict(draft.criteria.order_by("order").values_list("code", "pk"))
    assert list(after) == ["2", "2.1", "2.1.1", "2.1.2", "3", "1", "1.1", "1.1.1", "1.1.2"]
    assert {code: after[code] for code in before} == before


@pytest.mark.django_db
def test_heading_that_becomes_a_scored_criterion_keeps_its_row(draft: CriteriaSet) -> None:
    data = read_set(draft)
    heading = find(data, "1.1")
    assert heading is not None
    scored = replace(heading, children=(), source=Source.SELF, rule=YesNo())

    write_set(replace_node(data, "1.1", scored), into=draft, by=None)
    write_set(data, into=draft, by=None)

    assert read_set(draft) == data


@pytest.mark.django_db
def test_two_writers_of_one_draft_do_not_overwrite_each_other(draft: CriteriaSet) -> None:
    seen = read_set(draft)
    write_set(replace(seen, name="Tên của người thứ nhất"), into=draft, by=None, expected=seen)

    with pytest.raises(Conflict) as caught:
        write_set(replace(seen, name="Tên của người thứ hai"), into=draft, by=None, expected=seen)

    assert caught.value.current.name == "Tên của người thứ nhất"
    assert CriteriaSet.objects.get(pk=draft.pk).name == "Tên của người thứ nhất"


@pytest.mark.django_db
def test_set_with_faults_is_not_written(draft: CriteriaSet) -> None:
    data = read_set(draft)
    wrong = replace(
        data,
        year=26,
        nodes=(NodeData("1", "", Decimal(-1)), NodeData("1", "Hai", Decimal(1), Source.SELF, YesNo(), leads=("la",))),
    )

    with pytest.raises(InvalidSet) as caught:
        write_set(wrong, into=draft, by=None)

    assert [(fault.code, fault.field) for fault in caught.value.faults] == [
        ("", "year"),
        ("1", "name"),
        ("1", "maximum"),
        ("1", "source"),
        ("1", "rule"),
        ("1", "code"),
        ("1", "leads"),
    ]
    assert read_set(draft) == data


@pytest.mark.django_db
def test_writing_needs_the_keeper_of_the_criteria(draft: CriteriaSet) -> None:
    province = Unit.objects.create(code="tinh", name="Tỉnh", kind=Unit.Kind.PROVINCE)
    keeper, other = factories.user("nguoi-giu"), factories.user("nguoi-khac")
    access.join(keeper, province, Role.CRITERIA)
    data = replace(read_set(draft), name="Tên mới")

    for action in (
        lambda by: write_set(data, into=draft, by=by),
        lambda by: clone(draft, year=2027, by=by),
        lambda by: freeze(draft, by=by),
    ):
        with pytest.raises(access.NotAllowed):
            action(other)
        action(keeper)

    assert CriteriaSet.objects.get(pk=draft.pk).is_frozen


@pytest.mark.django_db
def test_criteria_are_kept_by_people_of_the_province_only() -> None:
    department = Unit.objects.create(code="so", name="Sở", kind=Unit.Kind.DEPARTMENT)

    with pytest.raises(ValueError, match="province"):
        access.join(factories.user("nguoi"), department, Role.CRITERIA)


# cloning and comparing


@pytest.mark.django_db
def test_clone_is_the_next_draft_version_and_differs_in_the_year_only(draft: CriteriaSet) -> None:
    freeze(draft, by=None)

    same_year = clone(draft, year=draft.year, by=None)
    next_year = clone(draft, year=draft.year + 1, by=None)

    assert (same_year.version, same_year.status, same_year.cloned_from) == (2, "draft", draft)
    assert (next_year.version, next_year.year, next_year.cloned_from) == (1, 2027, draft)
    assert difference(read_set(draft), read_set(same_year)) == NOTHING
    assert difference(read_set(draft), read_set(next_year)).changed_set == (Change("", "", "Năm", "2026", "2027"),)


@given(sets())
@settings(max_examples=50)
def test_set_does_not_differ_from_itself(data: SetData) -> None:
    assert difference(data, data) == NOTHING
    assert not difference(data, data)


@pytest.mark.django_db
def test_difference_names_what_was_added_and_removed(draft: CriteriaSet) -> None:
    old = read_set(draft)
    new = insert_node(old, "1.1", NodeData("1.1.3", "Kiểm tra", Decimal(1), Source.SELF, YesNo()))
    new = replace_node(new, "2", None)

    found = difference(old, new)

    assert found.added == (Named("1.1.3", "Kiểm tra"),)
    assert [named.code for named in found.removed] == ["2", "2.1", "2.1.1", "2.1.2"]
    assert bool(found) is True


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"maximum": Decimal("1.5")}, {"changed_points": (change("1.1.1", "Điểm tối đa", "2", "1,5"),)}),
        (
            {"rule": YesNo(("Có", "Không"))},
            {"changed_rule": (change("1.1.1", "Cách chấm", "Đạt: 2 · Không đạt: 0", "Có: 2 · Không: 0"),)},
        ),
        (
            {"source": Source.COUNCIL},
            {"changed_rule": (change("1.1.1", "Nguồn điểm", "tự đánh giá", "hội đồng chấm trực tiếp"),)},
        ),
        (
            {"na_policy": NotApplicable.FULL, "overridable": True},
            {
                "changed_rule": (
                    change("1.1.1", "Không phát sinh", "không áp dụng", "được điểm tối đa"),
                    change("1.1.1", "Được chấm khác quy tắc", "không", "có"),
                )
            },
        ),
        (
            {"evidence": "Báo cáo"},
            {"changed_text": (change("1.1.1", "Tài liệu kiểm chứng", "Văn bản có số, ngày ban hành", "Báo cáo"),)},
        ),
        (
            {"survey_question": "Ông/bà có hài lòng không?"},
            {"changed_text": (change("1.1.1", "Câu hỏi điều tra", "", "Ông/bà có hài lòng không?"),)},
        ),
        ({"leads": ("so-a",)}, {"changed_units": (change("1.1.1", "Chủ trì", "", "so-a"),)}),
        (
            {"bands": (BandData("Đạt", Decimal(0)),)},
            {"changed_set": (change("1.1.1", "Mức xếp loại", "", "Đạt từ 0 %"),)},
        ),
    ],
)
def test_difference_shows_each_kind_of_change(
    draft: CriteriaSet, fields: dict[str, object], expected: dict[str, tuple[Change, ...]]
) -> None:
    old = read_set(draft)
    node = find(old, "1.1.1")
    assert node is not None

    found = difference(old, replace_node(old, "1.1.1", replace(node, **fields)))  # type: ignore[arg-type]

    assert vars(found) == {**SAME, **expected}


@pytest.mark.django_db
def test_rule_that_reads_the_same_but_asks_for_other_figures_is_a_change(draft: CriteriaSet) -> None:
    old = read_set(draft)
    node = find(old, "1.1.2")
    assert node is not None
    assert node.rule is not None
    new = replace_node(old, "1.1.2", replace(node, rule=replace(node.rule, label_a="Số việc xong")))  # type: ignore[call-arg]

    (found,) = difference(old, new).changed_rule

    assert found.before == "a / b × điểm tối đa (khai: Số nhiệm vụ hoàn thành; Tổng số nhiệm vụ)"
    assert found.after == "a / b × điểm tối đa (khai: Số việc xong; Tổng số nhiệm vụ)"


def test_new_child_gets_the_next_number() -> None:
    data = SetData(
        "x", 2026, "X", nodes=(NodeData("A", "A", Decimal(1), children=(NodeData("A.9", "Chín", Decimal(1)),)),)
    )

    assert (next_code(data, "A"), next_code(data, "A.9"), next_code(data, "")) == ("A.10", "A.9.1", "2")


# freezing


@pytest.mark.django_db
def test_freeze_preview_counts_and_doubts(draft: CriteriaSet) -> None:
    found = freeze_preview(draft)

    assert [(domain.code, domain.criteria, domain.totals.leaves) for domain in found.domains] == [
        ("1", 1, 2),
        ("2", 1, 2),
    ]
    assert (found.criteria, found.leaves) == (2, 4)
    assert (found.totals.own, found.totals.survey, found.totals.points) == (9, 1, 10)
    assert [str(remark) for remark in found.remarks] == [
        "Tổng điểm của bộ chỉ số là 10, không phải 100.",
        "2.1.2: Điểm lấy từ điều tra nhưng chưa có câu hỏi điều tra.",
    ]


@pytest.mark.django_db
def test_running_cycle_keeps_its_numbers_when_a_later_version_is_edited() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world().open()
        world.to(Stage.CHECKING)
    criteria_set = CriteriaSet.objects.get(cycles__cycle=world.cycle, cycles__group=world.units["so-a"].group)
    before, points = result_table(world.cycle), world.score("1.1.2").self_points

    later = clone(criteria_set, year=2027, by=None)
    data = read_set(later)
    halved = find(data, "1.1.2")
    assert halved is not None
    write_set(replace_node(data, "1.1.2", replace(halved, maximum=Decimal(1))), into=later, by=None)
    Criterion.objects.filter(criteria_set=later, code="1.1.1").delete()

    assert result_table(world.cycle) == before
    assert world.score("1.1.2").self_points == points == 3
    assert read_set(criteria_set) == replace(data, year=2026)
