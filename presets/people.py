"""Invented people for a demo or training province: coordinator, head and officers in every unit."""

from __future__ import annotations

import random
from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.db import transaction

from units import access
from units.models import Unit, User
from units.permissions import Role

FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Đinh",
    "Mai",
)
MIDDLE_F = ("Thị", "Thị Thu", "Thị Minh", "Thị Hồng", "Thị Ngọc", "Thanh", "Thị Kim")
MIDDLE_M = ("Văn", "Quốc", "Đức", "Minh", "Xuân", "Hữu", "Công", "Đình")
GIVEN_F = ("Hằng", "Hà", "Lan", "Hương", "Thảo", "Nga", "Phương", "Yến", "Trang", "Dung", "Loan", "Hạnh", "Thủy")
GIVEN_M = ("Nam", "Hùng", "Dũng", "Tuấn", "Sơn", "Hải", "Long", "Thành", "Trung", "Quân", "Phúc", "Vinh", "Khánh")

# username suffix, role, title of a sở, title of a huyện
POSTS: Sequence[tuple[str, Role, str, str]] = (
    ("daumoi", Role.COORDINATOR, "Chánh Văn phòng", "Trưởng phòng Nội vụ"),
    ("lanhdao", Role.HEAD, "Giám đốc", "Chủ tịch UBND"),
    ("cv1", Role.OFFICER, "Chuyên viên", "Chuyên viên"),
    ("cv2", Role.OFFICER, "Chuyên viên", "Chuyên viên"),
)


def _name(rng: random.Random) -> str:
    female = rng.random() < 0.5
    middle, given = (MIDDLE_F, GIVEN_F) if female else (MIDDLE_M, GIVEN_M)
    return f"{rng.choice(FAMILY)} {rng.choice(middle)} {rng.choice(given)}"


@transaction.atomic
def staff(units: Sequence[Unit], *, password: str | None, mail_domain: str) -> list[User]:
    """People for every unit, with usernames like "so-tu-phap.cv1"; those that exist keep their names.

    `password` None leaves accounts without one. Same names on every call: they are seeded by the unit.
    """
    hashed = make_password(password)
    people = []
    for unit in units:
        rng = random.Random(unit.code)  # noqa: S311  names, not secrets
        for suffix, role, department_title, district_title in POSTS:
            title = district_title if unit.kind == Unit.Kind.DISTRICT else department_title
            user, created = User.objects.get_or_create(
                username=f"{unit.code}.{suffix}",
                defaults={
                    "full_name": _name(rng),
                    "title": title,
                    "email": f"{unit.code}.{suffix}@{mail_domain}",
                    "password": hashed,
                },
            )
            if created:
                access.join(user, unit, role)
            people.append(user)
    return people
