"""Quảng Bình: plan 2656/KH-UBND of 30/11/2021 to determine the CCHC index of 21 sở and 8 huyện.

Units, dates and survey quotas are those of the plan and its two annexes. The plan's own criteria (decision
3251/QĐ-UBND) could not be read, so the criteria are the illustrative sets in the shape of the Sơn La scheme.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.contrib.auth.hashers import make_password
from django.db import transaction

from assessments.models import Council, CouncilMember, Cycle, CycleGroup
from criteria.models import CriteriaSet, Criterion
from plans.models import Milestone, Plan
from survey.models import Quota, RespondentGroup
from units import access
from units.models import Unit, User
from units.permissions import COUNCIL_ROLES, Role
from workflow.engine import start_cycle

from . import places
from .criteria_sets import load_set

PROVINCE = ("quang-binh", "Tỉnh Quảng Bình")

# code, name, short name, document symbol; order of the plan's list
DEPARTMENTS: Sequence[tuple[str, str, str, str]] = (
    ("van-phong-ubnd-tinh", "Văn phòng UBND tỉnh", "Văn phòng UBND tỉnh", "VPUBND"),
    ("so-noi-vu", "Sở Nội vụ", "Sở Nội vụ", "SNV"),
    ("so-tu-phap", "Sở Tư pháp", "Sở Tư pháp", "STP"),
    ("so-ke-hoach-va-dau-tu", "Sở Kế hoạch và Đầu tư", "Sở KH&ĐT", "SKHĐT"),
    ("so-tai-chinh", "Sở Tài chính", "Sở Tài chính", "STC"),
    ("so-cong-thuong", "Sở Công Thương", "Sở Công Thương", "SCT"),
    ("so-nong-nghiep-va-ptnt", "Sở Nông nghiệp và Phát triển nông thôn", "Sở NN&PTNT", "SNNPTNT"),
    ("so-giao-thong-van-tai", "Sở Giao thông vận tải", "Sở GTVT", "SGTVT"),
    ("so-xay-dung", "Sở Xây dựng", "Sở Xây dựng", "SXD"),
    ("so-tai-nguyen-va-moi-truong", "Sở Tài nguyên và Môi trường", "Sở TN&MT", "STNMT"),
    ("so-thong-tin-va-truyen-thong", "Sở Thông tin và Truyền thông", "Sở TT&TT", "STTTT"),
    ("so-lao-dong-tb-va-xh", "Sở Lao động, Thương binh và Xã hội", "Sở LĐTBXH", "SLĐTBXH"),
    ("so-van-hoa-va-the-thao", "Sở Văn hóa và Thể thao", "Sở VH&TT", "SVHTT"),
    ("so-khoa-hoc-va-cong-nghe", "Sở Khoa học và Công nghệ", "Sở KH&CN", "SKHCN"),
    ("so-du-lich", "Sở Du lịch", "Sở Du lịch", "SDL"),
    ("so-giao-duc-va-dao-tao", "Sở Giáo dục và Đào tạo", "Sở GD&ĐT", "SGDĐT"),
    ("so-y-te", "Sở Y tế", "Sở Y tế", "SYT"),
    ("so-ngoai-vu", "Sở Ngoại vụ", "Sở Ngoại vụ", "SNgV"),
    ("thanh-tra-tinh", "Thanh tra tỉnh", "Thanh tra tỉnh", "TTT"),
    ("ban-dan-toc", "Ban Dân tộc", "Ban Dân tộc", "BDT"),
    ("ban-quan-ly-khu-kinh-te", "Ban quản lý khu kinh tế", "BQL Khu kinh tế", "BQLKKT"),
)
DISTRICTS: Sequence[tuple[str, str, str, str]] = (
    ("thanh-pho-dong-hoi", "UBND thành phố Đồng Hới", "Đồng Hới", "UBND-ĐH"),
    ("thi-xa-ba-don", "UBND thị xã Ba Đồn", "Ba Đồn", "UBND-BĐ"),
    ("huyen-le-thuy", "UBND huyện Lệ Thủy", "Lệ Thủy", "UBND-LT"),
    ("huyen-quang-ninh", "UBND huyện Quảng Ninh", "Quảng Ninh", "UBND-QN"),
    ("huyen-bo-trach", "UBND huyện Bố Trạch", "Bố Trạch", "UBND-BT"),
    ("huyen-quang-trach", "UBND huyện Quảng Trạch", "Quảng Trạch", "UBND-QT"),
    ("huyen-tuyen-hoa", "UBND huyện Tuyên Hóa", "Tuyên Hóa", "UBND-TH"),
    ("huyen-minh-hoa", "UBND huyện Minh Hóa", "Minh Hóa", "UBND-MH"),
)

# Annex 1 and annex 2: respondents and sheets for each unit
DEPARTMENT_QUOTAS = (
    ("noi-bo", "Lãnh đạo và công chức thuộc Sở, ngành", 15),
    ("cap-huyen", "Lãnh đạo và công chức thuộc UBND cấp huyện", 40),
    ("nguoi-dan", "Người dân, doanh nghiệp có giao dịch", 30),
)
DISTRICT_QUOTAS = (
    ("noi-bo", "Đại biểu HĐND, lãnh đạo và công chức thuộc UBND cấp huyện", 40),
    ("cap-xa", "Lãnh đạo và công chức thuộc UBND cấp xã", 30),
    ("nguoi-dan", "Người dân, doanh nghiệp, tổ chức có giao dịch", 50),
)

# Illustrative: bodies to which the one-stop-shop criteria of the set do not apply
WITHOUT_ONE_STOP_SHOP = ("van-phong-ubnd-tinh", "ban-dan-toc")

# username, full name, title, unit, role on the cycle, domains (None: any)
PEOPLE: Sequence[tuple[str, str, str, str | None, Role, str | None]] = (
    ("chutich", "Trần Văn Thắng", "Chủ tịch UBND tỉnh", None, Role.PROVINCE, None),
    ("chutich.hoidong", "Phan Mạnh Dũng", "Phó Chủ tịch UBND tỉnh", None, Role.CHAIR, None),
    ("thuky1", "Nguyễn Thị Thu Hà", "Phó trưởng phòng CCHC", "so-noi-vu", Role.SECRETARY, None),
    ("thuky2", "Hoàng Minh Đức", "Chuyên viên", "van-phong-ubnd-tinh", Role.SECRETARY, None),
    ("noivu1", "Nguyễn Thanh Bình", "Trưởng phòng CCHC", "so-noi-vu", Role.HOME_AFFAIRS, None),
    ("noivu2", "Lê Thị Kim Oanh", "Chuyên viên phòng CCHC", "so-noi-vu", Role.HOME_AFFAIRS, None),
    ("td.noivu", "Đặng Quốc Việt", "Trưởng phòng Tổ chức biên chế", "so-noi-vu", Role.MEMBER, "1 4 5 8"),
    ("td.vanphong", "Võ Thị Hồng Nhung", "Phó trưởng phòng Nội chính", "van-phong-ubnd-tinh", Role.MEMBER, "1 4 5 8"),
    ("td.tuphap1", "Trương Đình Phúc", "Trưởng phòng Kiểm tra văn bản", "so-tu-phap", Role.MEMBER, "2 3"),
    ("td.tuphap2", "Mai Thị Lan Anh", "Phó trưởng phòng Xây dựng văn bản", "thanh-tra-tinh", Role.MEMBER, "2 3"),
    ("td.taichinh1", "Cao Xuân Hải", "Trưởng phòng Hành chính sự nghiệp", "so-tai-chinh", Role.MEMBER, "6"),
    ("td.khdt", "Bùi Thị Thanh Tâm", "Phó trưởng phòng Tổng hợp", "so-ke-hoach-va-dau-tu", Role.MEMBER, "6 7"),
    ("td.tttt", "Phạm Công Hậu", "Trưởng phòng Công nghệ thông tin", "so-thong-tin-va-truyen-thong", Role.MEMBER, "7"),
    ("td.khcn", "Ngô Thị Minh Châu", "Chuyên viên", "so-khoa-hoc-va-cong-nghe", Role.MEMBER, "7"),
    ("dieutra1", "Hồ Văn Sáng", "Điều tra viên", None, Role.INVESTIGATOR, None),
    ("dieutra2", "Đinh Thị Ngọc", "Điều tra viên", None, Role.INVESTIGATOR, None),
)


@transaction.atomic
def load(year: int, *, password: str | None = None) -> Cycle:
    """The whole province and its draft cycle for `year`. Loading twice changes nothing.

    New accounts get `password`, or none that lets them in.
    """
    province = places.province(*PROVINCE)
    departments = places.group("cap-so", "Các sở, ban, ngành cấp tỉnh", 1)
    districts = places.group("cap-huyen", "UBND các huyện, thị xã, thành phố", 2)
    places.lay_down(DEPARTMENTS, Unit.Kind.DEPARTMENT, under=province, into=departments)
    places.lay_down(DISTRICTS, Unit.Kind.DISTRICT, under=province, into=districts)
    cycle, created = Cycle.objects.get_or_create(
        province=province,
        year=year,
        name=f"Chỉ số cải cách hành chính cấp sở, cấp huyện năm {year}",
        defaults={"plan": _plan(year)},
    )
    for group, set_name, quotas in (
        (departments, "son-la-2014-so", DEPARTMENT_QUOTAS),
        (districts, "son-la-2014-huyen", DISTRICT_QUOTAS),
    ):
        criteria_set = load_set(set_name, year=year, dropped_for=WITHOUT_ONE_STOP_SHOP)
        cycle_group, _created = CycleGroup.objects.get_or_create(
            cycle=cycle, group=group, defaults={"criteria_set": criteria_set}
        )
        _quotas(cycle_group, quotas)
    _people(cycle, make_password(password))
    if created:
        start_cycle(cycle)
    return cycle


def _plan(year: int) -> Plan:
    """The plan's own number and dates for 2021; the same days of another year otherwise, without a number."""
    own = year == 2021
    plan, created = Plan.objects.get_or_create(
        number="2656/KH-UBND" if own else f"…/KH-UBND ({year})",
        signed_on=dt.date(year, 11, 30 if own else 1),
        defaults={
            "title": f"Kế hoạch xác định chỉ số cải cách hành chính cấp sở, cấp huyện năm {year}",
            "signer": "Trần Thắng" if own else "",
            "issuing_body": "UBND tỉnh Quảng Bình",
            "period_start": dt.date(year, 11, 30 if own else 1),
            "period_end": dt.date(year + 1, 1, 15),
        },
    )
    if created:
        for key, on in (
            (Milestone.Key.SELF_ASSESSMENT, dt.date(year, 12, 15)),
            (Milestone.Key.APPRAISAL, dt.date(year, 12, 30)),
            (Milestone.Key.SURVEY, dt.date(year, 12, 30)),
            (Milestone.Key.PUBLICATION, dt.date(year + 1, 1, 15)),
        ):
            Milestone.objects.create(plan=plan, key=key, on=on)
    return plan


def _quotas(cycle_group: CycleGroup, rows: Sequence[tuple[str, str, int]]) -> None:
    for order, (code, name, planned) in enumerate(rows, start=1):
        respondents, _created = RespondentGroup.objects.get_or_create(
            cycle_group=cycle_group, code=code, defaults={"name": name, "order": order}
        )
        for unit in Unit.objects.filter(group=cycle_group.group, active=True):
            Quota.objects.get_or_create(unit=unit, respondent_group=respondents, defaults={"planned": planned})


def _people(cycle: Cycle, password: str) -> None:
    council, _created = Council.objects.get_or_create(cycle=cycle)
    domains = _domains(cycle)
    for username, name, title, unit_code, role, codes in PEOPLE:
        user, _created = User.objects.get_or_create(
            username=username,
            defaults={
                "full_name": name,
                "title": title,
                "email": f"{username}@quangbinh.example",
                "password": password,
            },
        )
        if unit_code is not None:
            access.join(user, Unit.objects.get(code=unit_code), Role.OFFICER)
        access.grant(role, user, cycle)
        if role == Role.HOME_AFFAIRS:
            access.join(user, cycle.province, Role.CRITERIA)
        if role in COUNCIL_ROLES:
            seat, _created = CouncilMember.objects.get_or_create(
                council=council, user=user, defaults={"role": role.value}
            )
            seat.domains.set([domain for code in (codes or "").split() for domain in domains[code]])


def _domains(cycle: Cycle) -> Mapping[str, list[Criterion]]:
    """The domains of both sets by code."""
    sets = CriteriaSet.objects.filter(cycles__cycle=cycle)
    found: dict[str, list[Criterion]] = {}
    for domain in Criterion.objects.filter(criteria_set__in=sets, parent=None):
        found.setdefault(domain.code, []).append(domain)
    return found
