"""The provinces of the seeds beside Quảng Bình, and the two-tier one: counts, leads, groups, published grades."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from criteria.models import CriteriaSet, Criterion
from criteria.services import freeze_preview
from criteria.trees import read_set
from plans.models import Plan
from presets import dossi, hai_cap, quang_binh, son_la
from presets.management.commands.load_preset import PRESETS
from units import access
from units.models import Unit, User
from units.permissions import Perm, Role

pytestmark = pytest.mark.django_db


def run(preset: str, **options: Any) -> str:
    out = StringIO()
    call_command("load_preset", preset, stdout=out, **options)
    return out.getvalue()


def units(group: str) -> list[str]:
    return list(Unit.objects.filter(group__code=group).order_by("order").values_list("name", flat=True))


def counts(criteria_set: CriteriaSet) -> tuple[int, int, int]:
    """Lĩnh vực, tiêu chí, tiêu chí thành phần."""
    found = freeze_preview(criteria_set)
    return len(found.domains), found.criteria, found.leaves


def test_son_la_sets_have_the_counts_and_points_of_the_decision() -> None:
    departments, districts = son_la.load(2014)

    assert counts(departments) == (8, 39, 102)
    assert counts(districts) == (8, 39, 121)
    for criteria_set, own, survey in ((departments, "77.5", "22.5"), (districts, "73", "27")):
        totals = freeze_preview(criteria_set).totals
        assert (totals.own, totals.survey, totals.points) == (Decimal(own), Decimal(survey), 100)


def test_son_la_domains_are_led_as_the_decision_assigns_them() -> None:
    modernisation = ["so-ke-hoach-va-dau-tu", "so-khoa-hoc-va-cong-nghe", "so-thong-tin-va-truyen-thong"]
    leads = [
        ["so-noi-vu"],
        ["so-tu-phap"],
        ["so-tu-phap"],
        ["so-noi-vu"],
        ["so-noi-vu"],
        ["so-tai-chinh"],
        modernisation,
        ["so-noi-vu"],
    ]

    for criteria_set in son_la.load(2014):
        domains = Criterion.objects.filter(criteria_set=criteria_set, parent=None).order_by("order")
        assert [sorted(domain.leads.values_list("code", flat=True)) for domain in domains] == leads


def test_son_la_has_the_bodies_that_the_decision_names_and_eleven_districts() -> None:
    son_la.load(2014)

    assert units("cap-so") == [
        "Văn phòng UBND tỉnh",
        "Sở Nội vụ",
        "Sở Tài chính",
        "Sở Tư pháp",
        "Sở Kế hoạch và Đầu tư",
        "Sở Thông tin và Truyền thông",
        "Sở Khoa học và Công nghệ",
        "Sở Giáo dục và Đào tạo",
        "Sở Y tế",
        "Sở Giao thông vận tải",
    ]
    assert len(units("cap-huyen")) == 11
    assert {"UBND huyện Thuận Châu", "UBND huyện Mộc Châu", "UBND thành phố Sơn La"} <= set(units("cap-huyen"))
    assert Plan.objects.get(number="152/QĐ-UBND").tasks.count() == 5


def test_son_la_criteria_where_judgement_is_sensible_may_be_scored_otherwise() -> None:
    departments, districts = son_la.load(2014)

    for criteria_set, codes in (
        (departments, ["1.4.2", "1.5.1", "8.1.3"]),
        (districts, ["1.4.3", "1.5.1", "6.2.3", "8.1.3"]),
    ):
        open_to_judgement = criteria_set.criteria.filter(overridable=True)
        assert list(open_to_judgement.values_list("code", flat=True)) == codes
        assert {row.rule["kind"] for row in open_to_judgement} == {"per_item", "percent_of_max"}


def test_ben_tre_has_its_eight_pilot_units_and_its_plan() -> None:
    (criteria_set,) = dossi.load_ben_tre(2012)

    assert counts(criteria_set) == (2, 9, 9)
    assert units("cap-huyen") == [
        "UBND thành phố Bến Tre",
        "UBND huyện Châu Thành",
        "UBND huyện Bình Đại",
        "UBND huyện Ba Tri",
        "UBND huyện Giồng Trôm",
        "UBND huyện Chợ Lách",
        "UBND huyện Mỏ Cày Nam",
        "UBND huyện Thạnh Phú",
    ]
    assert Plan.objects.get(number="458/QĐ-UBND").tasks.count() == 8


def test_published_grades_of_ninh_binh_come_out_of_the_engine() -> None:
    (criteria_set,) = dossi.load_ninh_binh(2012)

    assert len(units("cap-huyen")) == 8
    assert dossi.ninh_binh_grades(criteria_set) == {
        "Thành phố Ninh Bình": {"A": "Khá", "B": "Khá", "whole": "Tốt"},
        "Thị xã Tam Điệp": {"A": "Khá", "B": "Trung bình", "whole": "Khá"},
        "Huyện Hoa Lư": {"A": "Khá", "B": "Khá", "whole": "Khá"},
        "Huyện Kim Sơn": {"A": "Khá", "B": "Trung bình", "whole": "Khá"},
        "Huyện Yên Mô": {"A": "Khá", "B": "Khá", "whole": "Khá"},
        "Huyện Nho Quan": {"A": "Trung bình", "B": "Khá", "whole": "Khá"},
        "Huyện Yên Khánh": {"A": "Trung bình", "B": "Khá", "whole": "Khá"},
        "Huyện Gia Viễn": {"A": "Trung bình", "B": "Khá", "whole": "Khá"},
    }


def test_two_tier_province_ranks_departments_wards_and_communes_apart() -> None:
    departments, communes = hai_cap.load(2026)

    assert [len(units(code)) for code in ("cap-so", "phuong", "xa")] == [14, 8, 12]
    assert not Unit.objects.filter(kind=Unit.Kind.DISTRICT).exists()
    assert (counts(departments), counts(communes)) == ((8, 28, 64), (8, 27, 67))
    assert freeze_preview(departments).totals.points == freeze_preview(communes).totals.points == 100


@pytest.mark.parametrize("load", [son_la.load, dossi.load_ben_tre, dossi.load_ninh_binh, hai_cap.load])
def test_every_lead_of_a_set_is_a_unit_of_its_province(load: Any) -> None:
    for criteria_set in load(2026):
        assert [node.code for node in read_set(criteria_set).nodes if not node.leads] == []


@pytest.mark.parametrize("load", [son_la.load, dossi.load_ben_tre, dossi.load_ninh_binh, hai_cap.load])
def test_shipped_sets_leave_no_doubt_but_counts_that_a_table_does_not_name(load: Any) -> None:
    for criteria_set in load(2026):
        found = [str(remark) for remark in freeze_preview(criteria_set).remarks]
        assert [text for text in found if "Bảng không nêu số lượng" not in text] == []


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_loading_twice_changes_nothing(preset: str) -> None:
    def state() -> list[Any]:
        return [
            list(model.objects.order_by("pk").values_list("pk", flat=True))
            for model in (Unit, CriteriaSet, Criterion, Plan, User)
        ]

    said = run(preset, year=2026)
    before = state()

    assert run(preset, year=2026) == said
    assert state() == before


def test_command_says_what_it_loaded() -> None:
    assert run("son-la", year=2014) == (
        "21 đơn vị được xếp hạng.\n"
        "Bộ chỉ số CCHC cấp sở (minh họa theo Đề án Sơn La 2014) (2014): "
        "8 lĩnh vực, 39 tiêu chí, 102 mục được chấm điểm, 100 điểm.\n"
        "Bộ chỉ số CCHC cấp huyện (minh họa theo Đề án Sơn La 2014) (2014): "
        "8 lĩnh vực, 39 tiêu chí, 121 mục được chấm điểm, 100 điểm.\n"
    )


def test_second_province_in_one_installation_is_refused() -> None:
    run("son-la", year=2014)

    with pytest.raises(CommandError, match="của Tỉnh Sơn La"):
        run("ben-tre", year=2012)

    assert not Unit.objects.filter(code="ben-tre").exists()


def test_home_affairs_of_quang_binh_keeps_the_criteria_and_nobody_else() -> None:
    cycle = quang_binh.load(2026)
    officer = User.objects.get(username="td.tuphap1")

    keepers = access.holders(Perm.MANAGE_CRITERIA, cycle.province)
    assert sorted(keepers.values_list("username", flat=True)) == ["noivu1", "noivu2"]
    assert access.members(cycle.province, [Role.CRITERIA]).count() == 2
    assert not access.allowed(Perm.MANAGE_CRITERIA, officer, cycle.province)
