"""An invented plan of the demo's year with a few reports on its tasks, through the same flow that people use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from plans.content import PlanContent, TargetContent, TaskContent
from plans.models import Plan
from plans.reporting import Progress
from plans.reports import TaskReport
from plans.writing import write
from units import access, clock
from units.models import Unit, User
from units.permissions import Role
from workflow import plan_reports
from workflow.engine import open_item

COMMENT = "Chưa nêu số hồ sơ trực tuyến. Đề nghị bổ sung số liệu và văn bản."
OPEN = (TaskReport.State.ASKED, TaskReport.State.RETURNED)


def play_reports(province: Unit, units: Sequence[Unit], *, year: int) -> Plan:
    """A plan led by `units` (at least four): two months accepted, the third in every state. Once for a year."""
    number = f"Minh họa {year}"
    plan = Plan.objects.filter(number=number).first()
    if plan is not None:
        return plan
    plan = write(Plan(), _content(number, province, units, year))
    keeper = access.members(province, [Role.CRITERIA]).earliest("pk")
    for month, share in ((9, 40), (10, 65), (11, 80)):
        with clock.at(dt.datetime(year, month, 25, 9, tzinfo=clock.LOCAL)):
            plan_reports.ask_recurring()
        with clock.at(dt.datetime(year, month, 27, 10, tzinfo=clock.LOCAL)):
            _answer(plan, units, share, keeper, last=month == 11)
    return plan


def _content(number: str, province: Unit, units: Sequence[Unit], year: int) -> PlanContent:
    codes = tuple(unit.code for unit in units)
    return PlanContent(
        number=number,
        title=f"Kế hoạch cải cách hành chính năm {year} (số liệu minh họa)",
        issuing_body=f"UBND {province.name}",
        signed_on=dt.date(year, 8, 20),
        period_start=dt.date(year, 9, 1),
        period_end=dt.date(year, 12, 31),
        tasks=(
            TaskContent(
                "1",
                "Công khai đầy đủ thủ tục hành chính tại bộ phận một cửa và trên cổng dịch vụ công",
                "Các cơ quan được giao",
                "Sở Nội vụ",
                "Thường xuyên",
                report_every="monthly",
                lead_units=codes,
            ),
            TaskContent(
                "2",
                "Tiếp nhận hồ sơ trực tuyến",
                units[1].name,
                time_text=f"Trước ngày 15/12/{year}",
                report_every="monthly",
                lead_units=codes[1:2],
            ),
            TaskContent("3", "Tuyên truyền về cải cách hành chính", "Báo và Đài của tỉnh", time_text=f"Năm {year}"),
        ),
        targets=(
            TargetContent("A", "Tỷ lệ hồ sơ tiếp nhận trực tuyến", Decimal(60), "%", ">=", "2"),
            TargetContent("B", "Mức độ hài lòng của người dân", Decimal(90), "%", ">"),
        ),
    )


def _answer(plan: Plan, units: Sequence[Unit], share: int, keeper: User, *, last: bool) -> None:
    """Every body reports; in the last month the first has not yet, the second waits, the third was returned."""
    target = plan.targets.get(number="A")
    reports = TaskReport.objects.filter(task__plan=plan, state__in=OPEN).select_related("task", "unit")
    for report in reports.order_by("task__order", "pk"):
        assert report.unit is not None
        place = units.index(report.unit)
        if last and place == 0:
            continue
        by = access.members(report.unit, [Role.COORDINATOR]).earliest("pk")
        figures = {target.pk: Decimal(share)} if report.task.number == "2" else {}
        said = Progress(Decimal(share + place), f"Đã hoàn thành các việc của {report.period_words.lower()}.", figures)
        plan_reports.report(report, said, by=by)
        if last and place == 1:
            continue
        item = open_item(report, "plantask.verify")
        if last and place == 2:
            plan_reports.send_back(item, comment=COMMENT, by=keeper)
        else:
            plan_reports.accept(item, by=keeper)
