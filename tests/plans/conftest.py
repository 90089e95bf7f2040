"""A province with two offices, somebody who keeps its plans, and somebody who only reads them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from plans.content import (
    GroupContent,
    MilestoneContent,
    PlanContent,
    SeatContent,
    SheetsContent,
    TargetContent,
    TaskContent,
)
from plans.models import Plan
from plans.writing import write
from tests import factories
from units import access
from units.models import Unit, User
from units.permissions import Role


@pytest.fixture
def province(db: None) -> Unit:
    return Unit.objects.create(code="tinh", name="Tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)


@pytest.fixture
def offices(province: Unit) -> list[Unit]:
    return [
        Unit.objects.create(code=code, name=name, kind=Unit.Kind.DEPARTMENT, parent=province, order=order)
        for order, (code, name) in enumerate((("so-noi-vu", "Sở Nội vụ"), ("so-tu-phap", "Sở Tư pháp")), start=1)
    ]


@pytest.fixture
def keeper(province: Unit) -> User:
    person = factories.user("ke-hoach")
    access.join(person, province, Role.CRITERIA)
    return person


@pytest.fixture
def reader(offices: list[Unit]) -> User:
    person = factories.user("chuyen-vien")
    access.join(person, offices[1], Role.OFFICER)
    return person


def sample() -> PlanContent:
    """A small plan with one row of everything."""
    return PlanContent(
        number="12/KH-UBND",
        title="Kế hoạch năm 2026",
        issuing_body="UBND tỉnh",
        signed_on=dt.date(2026, 11, 2),
        period_start=dt.date(2026, 11, 2),
        period_end=dt.date(2027, 1, 15),
        signer="Nguyễn Văn A",
        milestones=(MilestoneContent("self_assessment", dt.date(2026, 12, 15)),),
        tasks=(
            TaskContent(
                "1", "Tự đánh giá", lead="Các sở", time_text="Trước ngày 15/12/2026", lead_units=("so-noi-vu",)
            ),
            TaskContent("1.1", "Nhập số liệu", parent="1", time_text="Tháng 11/2026"),
            TaskContent("2", "Theo dõi", coordinating="Sở Tư pháp", time_text="Thường xuyên", report_every="monthly"),
        ),
        targets=(TargetContent("A", "Tỷ lệ đúng hạn", Decimal("95.50"), "%", ">=", "1"),),
        groups=(
            GroupContent(
                "Tổ công tác",
                "Sở Nội vụ",
                2,
                3,
                "so-noi-vu",
                (
                    SeatContent("Tổ trưởng", "Giám đốc"),
                    SeatContent("Tổ viên", "Công chức", 1, 2, "thạo Excel", 1, "Do giám đốc cử"),
                ),
            ),
        ),
        sheets=(SheetsContent("Huyện A", "A", 1), SheetsContent("Huyện A", "B", 60)),
    )


@pytest.fixture
def content() -> PlanContent:
    return sample()


@pytest.fixture
def plan(offices: list[Unit], content: PlanContent) -> Plan:
    return write(Plan(), content)
