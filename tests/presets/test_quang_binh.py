"""The preset against the plan: units, dates and the totals of both annexes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Sum

from assessments.models import Council, Cycle
from criteria.models import CriteriaSet, Criterion
from plans.models import Milestone
from presets import quang_binh
from survey.models import Quota
from units.models import Membership, Unit, User
from workflow.models import WorkItem

pytestmark = pytest.mark.django_db

# List of bodies attached to the plan, in its order
DEPARTMENTS = [
    "Văn phòng UBND tỉnh", "Sở Nội vụ", "Sở Tư pháp", "Sở Kế hoạch và Đầu tư", "Sở Tài chính", "Sở Công Thương",
    "Sở Nông nghiệp và Phát triển nông thôn", "Sở Giao thông vận tải", "Sở Xây dựng", "Sở Tài nguyên và Môi trường",
    "Sở Thông tin và Truyền thông", "Sở Lao động, Thương binh và Xã hội", "Sở Văn hóa và Thể thao",
    "Sở Khoa học và Công nghệ", "Sở Du lịch", "Sở Giáo dục và Đào tạo", "Sở Y tế", "Sở Ngoại vụ", "Thanh tra tỉnh",
    "Ban Dân tộc", "Ban quản lý khu kinh tế",
]  # fmt: skip
DISTRICTS = [
    "UBND thành phố Đồng Hới", "UBND thị xã Ba Đồn", "UBND huyện Lệ Thủy", "UBND huyện Quảng Ninh",
    "UBND huyện Bố Trạch", "UBND huyện Quảng Trạch", "UBND huyện Tuyên Hóa", "UBND huyện Minh Hóa",
]  # fmt: skip


@pytest.fixture
def cycle() -> Cycle:
    return quang_binh.load(2021)


def planned(cycle: Cycle, **filters: str) -> int:
    quotas = Quota.objects.filter(respondent_group__cycle_group__cycle=cycle, **filters)
    return quotas.aggregate(total=Sum("planned"))["total"]


def test_units_are_those_of_the_plan_in_its_order(cycle: Cycle) -> None:
    assert list(Unit.objects.filter(group__code="cap-so").values_list("name", flat=True)) == DEPARTMENTS
    assert list(Unit.objects.filter(group__code="cap-huyen").values_list("name", flat=True)) == DISTRICTS


def test_sheet_totals_are_those_of_the_annexes(cycle: Cycle) -> None:
    so = "respondent_group__cycle_group__group__code"
    code = "respondent_group__code"
    assert planned(cycle) == 2745
    assert planned(cycle, **{so: "cap-so"}) == 1785
    assert planned(cycle, **{so: "cap-huyen"}) == 960
    assert [planned(cycle, **{so: "cap-so", code: c}) for c in ("noi-bo", "cap-huyen", "nguoi-dan")] == [315, 840, 630]
    assert [planned(cycle, **{so: "cap-huyen", code: c}) for c in ("noi-bo", "cap-xa", "nguoi-dan")] == [320, 240, 400]
    assert {planned(cycle, unit__name=name) for name in DEPARTMENTS} == {85}
    assert {planned(cycle, unit__name=name) for name in DISTRICTS} == {120}


def test_dates_of_2021_are_the_plans_own(cycle: Cycle) -> None:
    assert cycle.plan.number == "2656/KH-UBND"
    assert cycle.plan.signed_on == dt.date(2021, 11, 30)
    assert {m.key: (m.on, m.inclusive) for m in cycle.plan.milestones.all()} == {
        Milestone.Key.SELF_ASSESSMENT: (dt.date(2021, 12, 15), False),
        Milestone.Key.APPRAISAL: (dt.date(2021, 12, 30), False),
        Milestone.Key.SURVEY: (dt.date(2021, 12, 30), False),
        Milestone.Key.PUBLICATION: (dt.date(2022, 1, 15), False),
    }


def test_another_year_moves_the_days_and_claims_no_number() -> None:
    cycle = quang_binh.load(2026)
    assert "2656" not in cycle.plan.number
    assert cycle.milestone(Milestone.Key.SELF_ASSESSMENT).on == dt.date(2026, 12, 15)
    assert cycle.milestone(Milestone.Key.PUBLICATION).on == dt.date(2027, 1, 15)


def test_sets_have_the_shape_of_the_son_la_scheme_and_are_illustrative(cycle: Cycle) -> None:
    found = {}
    for group in cycle.groups.all():
        rows = Criterion.objects.filter(criteria_set=group.criteria_set)
        points = {
            source: rows.filter(source=source).aggregate(total=Sum("maximum"))["total"] for source in ("self", "survey")
        }
        found[group.group.code] = (
            rows.filter(parent=None).count(),
            rows.filter(parent__isnull=False, source="").count(),
            rows.exclude(source="").count(),
            points["self"],
            points["survey"],
        )
        assert group.criteria_set.illustrative
    assert found == {
        "cap-so": (8, 39, 102, Decimal("77.5"), Decimal("22.5")),
        "cap-huyen": (8, 39, 121, Decimal("73"), Decimal("27")),
    }


def test_loading_twice_changes_nothing(cycle: Cycle) -> None:
    def counts() -> list[int]:
        models = (Unit, User, Membership, Cycle, CriteriaSet, Criterion, Quota, Council, WorkItem)
        return [model.objects.count() for model in models]

    before = counts()
    quang_binh.load(2021)
    assert counts() == before


def test_every_domain_can_be_appraised_for_every_unit(cycle: Cycle) -> None:
    """For each domain there is an appraiser, or a secretary without domains, outside any one unit."""
    seats = list(cycle.council.members.filter(role__in=["member", "secretary"]).prefetch_related("domains", "user"))
    own = {
        seat.user_id: set(Membership.objects.filter(user=seat.user).values_list("unit_id", flat=True)) for seat in seats
    }
    for unit in Unit.objects.filter(group__isnull=False):
        for code in map(str, range(1, 9)):
            able = [
                seat
                for seat in seats
                if unit.pk not in own[seat.user_id]
                and (not seat.domains.all() or code in {domain.code for domain in seat.domains.all()})
            ]
            assert able, (unit, code)


def test_command_tells_the_totals() -> None:
    out = StringIO()
    call_command("load_preset", "quang-binh", "--year", "2026", stdout=out)
    assert "29 đơn vị, 2745 phiếu điều tra" in out.getvalue()
