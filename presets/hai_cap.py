"""Two tiers, as since July 2025: sở, ban, ngành and UBND xã, phường, đặc khu, ranked in three groups.

The province and its communes are invented, and named so that nobody takes them for real ones; the departments are those
that provinces have after the reorganisation of 2025. Some cities rank phường apart from xã; here đặc khu go with xã.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from criteria.models import CriteriaSet
from units.models import Unit

from . import places
from .criteria_sets import load_set
from .places import Place

PROVINCE = ("tinh-minh-hoa", "Tỉnh Minh Họa")
DEPARTMENTS: Sequence[Place] = (
    ("van-phong-ubnd-tinh", "Văn phòng UBND tỉnh", "Văn phòng UBND tỉnh", "VPUBND"),
    ("so-noi-vu", "Sở Nội vụ", "Sở Nội vụ", "SNV"),
    ("so-tu-phap", "Sở Tư pháp", "Sở Tư pháp", "STP"),
    ("so-tai-chinh", "Sở Tài chính", "Sở Tài chính", "STC"),
    ("so-cong-thuong", "Sở Công Thương", "Sở Công Thương", "SCT"),
    ("so-nong-nghiep-va-moi-truong", "Sở Nông nghiệp và Môi trường", "Sở NN&MT", "SNNMT"),
    ("so-xay-dung", "Sở Xây dựng", "Sở Xây dựng", "SXD"),
    ("so-khoa-hoc-va-cong-nghe", "Sở Khoa học và Công nghệ", "Sở KH&CN", "SKHCN"),
    ("so-van-hoa-the-thao-va-du-lich", "Sở Văn hóa, Thể thao và Du lịch", "Sở VH,TT&DL", "SVHTTDL"),
    ("so-giao-duc-va-dao-tao", "Sở Giáo dục và Đào tạo", "Sở GD&ĐT", "SGDĐT"),
    ("so-y-te", "Sở Y tế", "Sở Y tế", "SYT"),
    ("so-dan-toc-va-ton-giao", "Sở Dân tộc và Tôn giáo", "Sở DT&TG", "SDTTG"),
    ("thanh-tra-tinh", "Thanh tra tỉnh", "Thanh tra tỉnh", "TTT"),
    ("ban-quan-ly-khu-kinh-te", "Ban Quản lý khu kinh tế", "BQL Khu kinh tế", "BQLKKT"),
)
WARDS: Sequence[Place] = tuple(
    (f"phuong-minh-hoa-{number}", f"UBND phường Minh Họa {number}", f"P. Minh Họa {number}", "UBND")
    for number in range(1, 9)
)
COMMUNES: Sequence[Place] = (
    *(
        (f"xa-minh-hoa-{number}", f"UBND xã Minh Họa {number}", f"Xã Minh Họa {number}", "UBND")
        for number in range(1, 12)
    ),
    ("dac-khu-minh-hoa", "UBND đặc khu Minh Họa", "ĐK Minh Họa", "UBND"),
)


@transaction.atomic
def load(year: int) -> list[CriteriaSet]:
    """The units in their three groups and the draft sets of sở and of xã for `year`; phường and xã share theirs."""
    province = places.province(*PROVINCE)
    for order, (code, name, kind, rows) in enumerate(
        (
            ("cap-so", "Các sở, ban, ngành cấp tỉnh", Unit.Kind.DEPARTMENT, DEPARTMENTS),
            ("phuong", "UBND các phường", Unit.Kind.COMMUNE, WARDS),
            ("xa", "UBND các xã, đặc khu", Unit.Kind.COMMUNE, COMMUNES),
        ),
        start=1,
    ):
        places.lay_down(rows, kind, under=province, into=places.group(code, name, order))
    return [load_set("hai-cap-2026-so", year=year), load_set("hai-cap-2026-xa", year=year)]
