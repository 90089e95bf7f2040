"""Sơn La: decision 152/QĐ-UBND of 22/01/2014, the pilot index of sở and of huyện, thành phố.

The decision has no list of units. The departments are those that it names: the six that lead domains (IV.2), the three
that it praises for their websites (I.2) and Văn phòng UBND tỉnh (Điều 3). It counts 11 huyện, thành phố and names
Thuận Châu and Mộc Châu; the others go by their well-known names. Vân Hồ, split from Mộc Châu in 2013, would be the
twelfth and is not in the count.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from criteria.models import CriteriaSet
from units.models import Unit

from . import places
from .criteria_sets import load_set
from .places import Place
from .plans import load_plan

PROVINCE = ("son-la", "Tỉnh Sơn La")
DEPARTMENTS: Sequence[Place] = (
    ("van-phong-ubnd-tinh", "Văn phòng UBND tỉnh", "Văn phòng UBND tỉnh", "VPUBND"),
    ("so-noi-vu", "Sở Nội vụ", "Sở Nội vụ", "SNV"),
    ("so-tai-chinh", "Sở Tài chính", "Sở Tài chính", "STC"),
    ("so-tu-phap", "Sở Tư pháp", "Sở Tư pháp", "STP"),
    ("so-ke-hoach-va-dau-tu", "Sở Kế hoạch và Đầu tư", "Sở KH&ĐT", "SKHĐT"),
    ("so-thong-tin-va-truyen-thong", "Sở Thông tin và Truyền thông", "Sở TT&TT", "STTTT"),
    ("so-khoa-hoc-va-cong-nghe", "Sở Khoa học và Công nghệ", "Sở KH&CN", "SKHCN"),
    ("so-giao-duc-va-dao-tao", "Sở Giáo dục và Đào tạo", "Sở GD&ĐT", "SGDĐT"),
    ("so-y-te", "Sở Y tế", "Sở Y tế", "SYT"),
    ("so-giao-thong-van-tai", "Sở Giao thông vận tải", "Sở GTVT", "SGTVT"),
)
DISTRICTS: Sequence[Place] = (
    ("thanh-pho-son-la", "UBND thành phố Sơn La", "TP Sơn La", "UBND"),
    ("huyen-quynh-nhai", "UBND huyện Quỳnh Nhai", "Quỳnh Nhai", "UBND"),
    ("huyen-thuan-chau", "UBND huyện Thuận Châu", "Thuận Châu", "UBND"),
    ("huyen-muong-la", "UBND huyện Mường La", "Mường La", "UBND"),
    ("huyen-bac-yen", "UBND huyện Bắc Yên", "Bắc Yên", "UBND"),
    ("huyen-phu-yen", "UBND huyện Phù Yên", "Phù Yên", "UBND"),
    ("huyen-moc-chau", "UBND huyện Mộc Châu", "Mộc Châu", "UBND"),
    ("huyen-yen-chau", "UBND huyện Yên Châu", "Yên Châu", "UBND"),
    ("huyen-mai-son", "UBND huyện Mai Sơn", "Mai Sơn", "UBND"),
    ("huyen-song-ma", "UBND huyện Sông Mã", "Sông Mã", "UBND"),
    ("huyen-sop-cop", "UBND huyện Sốp Cộp", "Sốp Cộp", "UBND"),
)
# Illustrative: the decision says that 17 bodies had a one-stop shop, not which had none.
WITHOUT_ONE_STOP_SHOP = ("van-phong-ubnd-tinh",)


@transaction.atomic
def load(year: int) -> list[CriteriaSet]:
    """The units, the decision's plan, and the draft sets of sở and of huyện for `year`."""
    province = places.province(*PROVINCE)
    departments = places.group("cap-so", "Các sở, ban, ngành cấp tỉnh", 1)
    districts = places.group("cap-huyen", "UBND các huyện, thành phố", 2)
    places.lay_down(DEPARTMENTS, Unit.Kind.DEPARTMENT, under=province, into=departments)
    places.lay_down(DISTRICTS, Unit.Kind.DISTRICT, under=province, into=districts)
    load_plan("son-la")
    return [
        load_set("son-la-2014-so", year=year, dropped_for=WITHOUT_ONE_STOP_SHOP),
        load_set("son-la-2014-huyen", year=year),
    ]
