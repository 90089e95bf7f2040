"""Reports on tasks of plans: asked for by themselves, written, returned, accepted; each side's pages."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from assessments.errors import WrongStage
from assessments.models import ReportEvidence
from assessments.services import report_documents
from assessments.visibility import document_versions_for
from evidence.errors import Rejected
from plans import reporting
from plans.content import PlanContent, TargetContent, TaskContent
from plans.errors import InUse, InvalidInput
from plans.followup import plan_progress, target_standings
from plans.models import Plan, PlanTask
from plans.reporting import Progress, WrongState
from plans.reports import ReportEntry, TargetFigure, TaskReport
from plans.services import delete_task
from plans.writing import write
from tests import factories
from units import access, clock
from units.access import NotAllowed
from units.models import Unit, User
from units.permissions import Role
from workflow import plan_reports
from workflow.engine import AlreadyDone, open_item
from workflow.inbox import Turns, inbox
from workflow.models import WorkItem
from workflow.reminders import due_reminders
from workflow.titles import item_sub, item_title, item_url

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]
PDF = b"%PDF-1.4\n%%EOF\n"
State = TaskReport.State


def day(month: int, number: int, hour: int = 9, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, number, hour, tzinfo=clock.LOCAL)


def content() -> PlanContent:
    """A plan over two years without any cycle: a monthly task, a quarterly one, one of bodies that are no units."""
    return PlanContent(
        number="464/QĐ-UBND",
        title="Kế hoạch hai năm",
        issuing_body="UBND tỉnh",
        signed_on=dt.date(2026, 1, 5),
        period_start=dt.date(2026, 1, 1),
        period_end=dt.date(2027, 12, 31),
        tasks=(
            TaskContent("1", "Công khai thủ tục", "Các sở", report_every="monthly", lead_units=("so-a", "so-b")),
            TaskContent(
                "2",
                "Một cửa hiện đại",
                "Sở A, Công an tỉnh",
                time_text="Trước ngày 15/12/2026",
                report_every="quarterly",
                lead_units=("so-a",),
            ),
            TaskContent("3", "Tuyên truyền", "Báo và Đài của tỉnh"),
        ),
        targets=(
            TargetContent("A", "Tỷ lệ hài lòng", Decimal(60), "%", ">", "2"),
            TargetContent("B", "Cơ chế linh hoạt"),
            TargetContent("C", "Áp dụng ISO", Decimal(100), "%", ">="),
        ),
    )


@dataclass
class Place:
    plan: Plan
    units: dict[str, Unit]
    keeper: User
    coordinator: dict[str, User]
    officer: User

    def task(self, number: str) -> PlanTask:
        return self.plan.tasks.get(number=number)

    def report(self, number: str, unit: str = "so-a") -> TaskReport:
        return TaskReport.objects.get(task__plan=self.plan, task__number=number, unit__code=unit)

    def send(self, number: str = "2", unit: str = "so-a", share: int = 40, figure: str = "") -> TaskReport:
        report = self.report(number, unit)
        plan_reports.report(report, progress(share, **figures(self, figure)), by=self.coordinator[unit])
        return self.report(number, unit)

    def verify_item(self, report: TaskReport) -> WorkItem:
        return open_item(report, "plantask.verify")


def figures(place: Place, figure: str) -> dict[str, dict[int, Decimal]]:
    return {"figures": {place.plan.targets.get(number="A").pk: Decimal(figure)}} if figure else {}


def progress(share: int, text: str = "Đã xong bước một.", **more: dict[int, Decimal]) -> Progress:
    return Progress(Decimal(share), text, **more)


@pytest.fixture
def place() -> Place:
    province = Unit.objects.create(code="tinh", name="Tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)
    units = {
        code: Unit.objects.create(code=code, name=name, kind=Unit.Kind.DEPARTMENT, parent=province, order=order)
        for order, (code, name) in enumerate((("so-a", "Sở A"), ("so-b", "Sở B")), start=1)
    }
    keeper, officer = factories.user("noi-vu"), factories.user("cv-a")
    access.join(keeper, province, Role.CRITERIA)
    access.join(officer, units["so-a"], Role.OFFICER)
    coordinators = {code: factories.user(f"dau-moi-{code}") for code in units}
    for code, person in coordinators.items():
        access.join(person, units[code], Role.COORDINATOR)
    return Place(write(Plan(), content()), units, keeper, coordinators, officer)


def nodes(user: User) -> list[tuple[str, str]]:
    return [(item.node, item.report.body) for item in inbox(User.objects.get(pk=user.pk)) if item.report]


# asking by itself


def test_nothing_is_asked_for_long_before_the_end_of_a_period(place: Place) -> None:
    with clock.at(day(1, 24)):
        assert plan_reports.ask_recurring() == 0


def test_report_of_each_period_is_asked_for_once(place: Place) -> None:
    with clock.at(day(1, 25)):
        assert plan_reports.ask_recurring() == 2
        assert plan_reports.ask_recurring() == 0
    with clock.at(day(2, 25)):
        assert plan_reports.ask_recurring() == 2
    with clock.at(day(3, 25)):
        assert plan_reports.ask_recurring() == 3
    found = TaskReport.objects.filter(unit__code="so-a").order_by("pk").values_list("task__number", "period", "due_on")
    assert list(found) == [
        ("1", "2026-01", dt.date(2026, 1, 31)),
        ("1", "2026-02", dt.date(2026, 2, 28)),
        ("1", "2026-03", dt.date(2026, 3, 31)),
        ("2", "2026-Q1", dt.date(2026, 3, 31)),
    ]


def test_report_that_is_asked_for_waits_in_the_inbox_of_the_coordinator(place: Place) -> None:
    with clock.at(day(3, 25)):
        plan_reports.ask_recurring()
        item = open_item(place.report("2"), "plantask.report")
        assert nodes(place.coordinator["so-a"]) == [("plantask.report", "Sở A")] * 2
        assert nodes(place.coordinator["so-b"]) == [("plantask.report", "Sở B")]
        assert (nodes(place.officer), nodes(place.keeper)) == ([], [])
        assert item.due_at == day(4, 1, 0)
        assert Turns([item]).people(item) == [place.coordinator["so-a"]]
        assert item_title(item) == "Báo cáo tiến độ nhiệm vụ · Sở A · Một cửa hiện đại"
        assert item_sub(item) == "Quý I năm 2026 · 464/QĐ-UBND"
        assert item_url(item) == reverse("plan-report", args=[place.report("2").pk])


def test_report_is_due_with_the_task_that_ends_within_its_period(place: Place) -> None:
    with clock.at(day(12, 20)):
        plan_reports.ask_recurring()
    assert place.report("2").due_on == dt.date(2026, 12, 14)


def test_body_that_finished_its_task_is_not_asked_again(place: Place) -> None:
    with clock.at(day(3, 25)):
        plan_reports.ask_recurring()
        plan_reports.accept(place.verify_item(place.send(share=100)), by=place.keeper)
    with clock.at(day(6, 25)):
        assert plan_reports.ask_recurring() == 2
    assert place.report("2").period == "2026-Q1"


def test_ongoing_task_goes_on_after_a_full_report(place: Place) -> None:
    with clock.at(day(1, 25)):
        plan_reports.ask_recurring()
        plan_reports.accept(place.verify_item(place.send("1", share=100)), by=place.keeper)
    with clock.at(day(2, 25)):
        assert plan_reports.ask_recurring() == 2


def test_inactive_unit_and_plan_that_is_over_are_left_in_peace(place: Place) -> None:
    Unit.objects.filter(code="so-b").update(active=False)
    with clock.at(day(1, 25)):
        assert plan_reports.ask_recurring() == 1
    with clock.at(day(2, 1, year=2028)):
        assert plan_reports.ask_recurring() == 0


def test_coordinator_is_reminded_of_a_report_and_nobody_once_it_is_sent(place: Place) -> None:
    with clock.at(day(3, 25)):
        plan_reports.ask_recurring()
    with clock.at(day(3, 31)):
        assert {reminder.recipient for reminder in due_reminders()} == set(place.coordinator.values())
        place.send("1", "so-b")
        assert {reminder.recipient for reminder in due_reminders()} == {place.coordinator["so-a"]}


# the dialogue


@pytest.fixture
def asked(place: Place) -> Place:
    with clock.at(day(3, 25)):
        plan_reports.ask_recurring()
    return place


def test_sent_report_waits_for_the_keeper_and_is_accepted(asked: Place) -> None:
    with clock.at(day(3, 30)):
        report = asked.send(share=40, figure="61.5")
        assert (report.state, report.percentage, report.on_behalf) == (State.SENT, Decimal(40), False)
        assert nodes(asked.keeper) == [("plantask.verify", "Sở A")]
        item = asked.verify_item(report)
        assert (item.due_at, Turns([item]).people(item)) == (None, [asked.keeper])
        plan_reports.accept(item, comment="Tốt.", by=asked.keeper)
    report = asked.report("2")
    assert (report.state, report.verified_by, report.comment) == (State.ACCEPTED, asked.keeper, "Tốt.")
    assert not WorkItem.objects.filter(report=report, done_at=None).exists()
    assert report.is_late(day(12, 1)) is False


def test_returned_report_goes_back_with_its_comment_and_comes_again(asked: Place) -> None:
    with clock.at(day(3, 30)):
        plan_reports.send_back(asked.verify_item(asked.send()), comment="Thiếu số liệu.", by=asked.keeper)
        assert ("plantask.report", "Sở A") in nodes(asked.coordinator["so-a"])
        assert nodes(asked.keeper) == []
    with clock.at(day(4, 2)):
        report = asked.send(share=55)
        plan_reports.accept(asked.verify_item(report), by=asked.keeper)
    kinds = list(report.entries.values_list("seq", "kind", "percentage", "text"))
    assert kinds == [
        (1, "sent", Decimal(40), "Đã xong bước một."),
        (2, "returned", None, "Thiếu số liệu."),
        (3, "sent", Decimal(55), "Đã xong bước một."),
        (4, "accepted", None, ""),
    ]
    assert asked.report("2").is_late(day(12, 1)) is False  # it first arrived in time


@pytest.mark.parametrize(
    ("arrived", "late"), [(day(4, 1, 0) - dt.timedelta(microseconds=1), False), (day(4, 1, 0), True)]
)
def test_report_is_late_from_the_start_of_the_day_after(asked: Place, arrived: dt.datetime, late: bool) -> None:
    with clock.at(arrived):
        assert asked.send().is_late(clock.now()) is late


def test_returning_needs_a_reason(asked: Place) -> None:
    item = asked.verify_item(asked.send())
    with pytest.raises(InvalidInput) as error:
        plan_reports.send_back(item, comment="  ", by=asked.keeper)
    assert list(error.value.errors) == ["comment"]
    assert asked.report("2").state == State.SENT


def test_every_fault_of_a_report_is_told_at_once(asked: Place) -> None:
    with pytest.raises(InvalidInput) as error:
        plan_reports.report(
            asked.report("2"),
            Progress(Decimal("100.01"), " ", {999_999: Decimal(1)}),
            by=asked.coordinator["so-a"],
        )
    assert sorted(error.value.errors) == ["figure-999999", "percentage", "text"]
    assert not ReportEntry.objects.exists()


def test_only_the_lead_body_and_the_keeper_write(asked: Place) -> None:
    for person in (asked.officer, asked.coordinator["so-b"]):
        with pytest.raises(NotAllowed):
            plan_reports.report(asked.report("2"), progress(10), by=person)
    plan_reports.report(asked.report("2"), progress(10), by=asked.coordinator["so-a"])


def test_only_the_keeper_of_the_province_verifies(asked: Place) -> None:
    item = asked.verify_item(asked.send())
    other = factories.user("tinh-khac")
    access.join(other, Unit.objects.create(code="tinh-2", name="Tỉnh Hai", kind=Unit.Kind.PROVINCE), Role.CRITERIA)
    for person in (asked.coordinator["so-a"], asked.officer, other):
        with pytest.raises(NotAllowed):
            plan_reports.accept(item, by=person)
        with pytest.raises(NotAllowed):
            plan_reports.send_back(item, comment="Thiếu.", by=person)
    plan_reports.accept(item, by=asked.keeper)


def test_nobody_verifies_the_report_of_a_body_that_they_write_for(asked: Place, as_user: SignIn) -> None:
    both = asked.coordinator["so-a"]
    access.join(both, Unit.objects.get(code="tinh"), Role.CRITERIA)
    both = User.objects.get(pk=both.pk)
    item = asked.verify_item(asked.send())
    for act in (
        lambda: plan_reports.accept(item, by=both),
        lambda: plan_reports.send_back(item, comment="Thiếu.", by=both),
    ):
        with pytest.raises(NotAllowed) as refused:
            act()
        assert str(refused.value) == (
            "Bạn viết báo cáo cho Sở A nên không xác nhận hoặc trả lại báo cáo này. "
            "Hãy nhờ người quản lý kế hoạch khác của tỉnh."
        )
    url = reverse("plan-report-verify", args=[asked.report("2").pk])
    page = as_user(both).get(url).content.decode()
    assert "Bạn viết báo cáo cho Sở A" in page
    assert 'name="accept"' not in page
    assert as_user(both).post(url, {"accept": "1"}).status_code == 403
    assert asked.report("2").state == State.SENT
    assert 'name="accept"' in as_user(asked.keeper).get(url).content.decode()
    plan_reports.accept(item, by=asked.keeper)
    assert asked.report("2").state == State.ACCEPTED


def test_coordinator_who_keeps_plans_verifies_the_report_of_another_body(asked: Place) -> None:
    both = asked.coordinator["so-a"]
    access.join(both, Unit.objects.get(code="tinh"), Role.CRITERIA)
    sent = asked.send("1", "so-b")
    plan_reports.accept(asked.verify_item(sent), by=User.objects.get(pk=both.pk))
    assert asked.report("1", "so-b").state == State.ACCEPTED


def test_accepted_report_is_done_for_both_sides(asked: Place) -> None:
    report = asked.send()
    item = asked.verify_item(report)
    plan_reports.accept(item, by=asked.keeper)
    with pytest.raises(AlreadyDone):
        plan_reports.send_back(item, comment="Sửa lại.", by=asked.keeper)
    with pytest.raises(WrongState):
        plan_reports.report(report, progress(90), by=asked.coordinator["so-a"])
    with pytest.raises(WrongState):
        reporting.send(report, progress(90), by=asked.coordinator["so-a"])
    with pytest.raises(WrongState):
        reporting.accept(report, by=asked.keeper)


def test_report_written_by_the_keeper_is_recorded_as_that_and_accepted(asked: Place) -> None:
    plan_reports.report(asked.report("2"), progress(70, "Theo công văn số 12."), by=asked.keeper)
    report = asked.report("2")
    assert (report.state, report.on_behalf, report.reported_by) == (State.ACCEPTED, True, asked.keeper)
    assert list(report.entries.values_list("kind", "on_behalf")) == [("sent", True), ("accepted", False)]
    assert not WorkItem.objects.filter(report=report, done_at=None).exists()


def test_body_that_is_no_unit_gets_no_task_and_the_keeper_writes_for_it(asked: Place) -> None:
    report = reporting.begin_for_body(asked.task("3"), " Báo   và Đài của tỉnh ", by=asked.keeper)
    assert (report.unit, report.body) == (None, "Báo và Đài của tỉnh")
    assert not WorkItem.objects.filter(report=report).exists()
    plan_reports.report(report, progress(30), by=asked.keeper)
    report.refresh_from_db()
    assert (report.state, report.on_behalf) == (State.ACCEPTED, True)
    with pytest.raises(NotAllowed):
        reporting.begin_for_body(asked.task("3"), "Đài", by=asked.coordinator["so-a"])


def test_later_report_is_a_new_row(asked: Place) -> None:
    with clock.at(day(3, 30)):
        plan_reports.accept(asked.verify_item(asked.send()), by=asked.keeper)
    with clock.at(day(4, 2)):
        later = plan_reports.begin(asked.task("2"), asked.units["so-a"], by=asked.coordinator["so-a"])
        assert (later.period, later.due_on) == ("2026-04-02", dt.date(2026, 12, 14))
        assert plan_reports.begin(asked.task("2"), asked.units["so-a"], by=asked.coordinator["so-a"]) == later
    assert asked.task("2").reports.count() == 2


def test_beginning_leads_to_the_report_that_is_open(asked: Place) -> None:
    found = plan_reports.begin(asked.task("2"), asked.units["so-a"], by=asked.coordinator["so-a"])
    assert found == asked.report("2")
    with pytest.raises(NotAllowed):
        plan_reports.begin(asked.task("2"), asked.units["so-a"], by=asked.coordinator["so-b"])
    with pytest.raises(InvalidInput):
        plan_reports.begin(asked.task("2"), asked.units["so-b"], by=asked.coordinator["so-b"])


def test_keeper_asks_every_lead_unit_that_owes_nothing(place: Place) -> None:
    with clock.at(day(5, 10)):
        plan_reports.begin(place.task("1"), place.units["so-a"], by=place.coordinator["so-a"])
        asked = plan_reports.ask(place.task("1"), due_on=dt.date(2026, 5, 20), by=place.keeper)
        assert [(report.unit, report.due_on) for report in asked] == [(place.units["so-b"], dt.date(2026, 5, 20))]
        assert nodes(place.coordinator["so-b"]) == [("plantask.report", "Sở B")]
        with pytest.raises(InvalidInput):
            plan_reports.ask(place.task("1"), due_on=dt.date(2026, 5, 20), by=place.keeper)
        with pytest.raises(InvalidInput):
            plan_reports.ask(place.task("2"), due_on=dt.date(2026, 5, 9), by=place.keeper)
        with pytest.raises(NotAllowed):
            plan_reports.ask(place.task("2"), due_on=dt.date(2026, 5, 20), by=place.coordinator["so-a"])


def test_task_with_reports_cannot_be_deleted(asked: Place) -> None:
    with pytest.raises(InUse):
        delete_task(PlanTask.objects.get(plan=asked.plan, number="1"), by=asked.keeper)


@pytest.mark.parametrize("table", ["plans_reportentry", "plans_targetfigure"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_what_was_said_cannot_be_rewritten(asked: Place, table: str, statement: str) -> None:
    asked.send(figure="61")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


# progress and targets


def test_progress_of_a_task_is_the_mean_of_what_was_accepted(asked: Place) -> None:
    with clock.at(day(3, 30)):
        plan_reports.accept(asked.verify_item(asked.send("1", "so-a", 40)), by=asked.keeper)
        asked.send("1", "so-b", 80)
        found = plan_progress(asked.plan)[asked.task("1").pk]
        assert (found.percent, found.bodies, found.waiting, found.owed, found.late) == (Decimal(40), 1, 1, 0, 0)
        assert found.chip["text"] == "1 báo cáo chờ xác nhận"
    with clock.at(day(4, 1, 0)):
        late = plan_progress(asked.plan)[asked.task("2").pk]
        assert (late.percent, late.owed, late.late, late.chip["text"]) == (None, 1, 1, "1 báo cáo quá hạn")
    with clock.at(day(4, 25)):
        plan_reports.ask_recurring()
        later = TaskReport.objects.get(task__number="1", unit__code="so-a", period="2026-04")
        plan_reports.report(later, progress(65), by=asked.coordinator["so-a"])
        plan_reports.accept(asked.verify_item(later), by=asked.keeper)
        found = plan_progress(asked.plan)[asked.task("1").pk]
        assert (found.percent, found.trend_words) == (Decimal(65), "tăng so với kỳ trước")


def standing(place: Place, number: str) -> tuple[str | None, Decimal | None]:
    targets = list(place.plan.targets.select_related("task", "plan"))
    tasks = list(place.plan.tasks.prefetch_related("leads"))
    found = target_standings(place.plan, targets, tasks)[place.plan.targets.get(number=number).pk]
    return (found.status.label if found.status else None, found.figure)


def test_status_of_a_target_follows_from_accepted_figures(asked: Place) -> None:
    with clock.at(day(3, 30)):
        assert standing(asked, "A") == ("Chưa đạt", None)
        report = asked.send(figure="61.5")
        assert standing(asked, "A") == ("Chưa đạt", None)
        plan_reports.accept(asked.verify_item(report), by=asked.keeper)
        assert standing(asked, "A") == ("Đạt", Decimal("61.50"))
        assert standing(asked, "B") == (None, None)


def test_target_is_overdue_from_the_instant_of_its_deadline(asked: Place) -> None:
    with clock.at(day(12, 15, 0) - dt.timedelta(microseconds=1)):
        assert standing(asked, "A") == ("Chưa đạt", None)
    with clock.at(day(12, 15, 0)):
        assert standing(asked, "A") == ("Quá hạn", None)


def test_figure_of_a_returned_report_does_not_count_even_when_the_next_has_none(asked: Place) -> None:
    with clock.at(day(3, 28)):
        plan_reports.send_back(asked.verify_item(asked.send(figure="90")), comment="Sai số liệu.", by=asked.keeper)
    with clock.at(day(3, 29)):
        plan_reports.accept(asked.verify_item(asked.send()), by=asked.keeper)
        assert standing(asked, "A") == ("Chưa đạt", None)
    assert TargetFigure.objects.count() == 1


def test_figure_of_the_whole_province_speaks_for_the_target(asked: Place) -> None:
    target = asked.plan.targets.get(number="C")
    reporting.record_figure(target, Decimal("99.5"), source="Báo cáo 12", by=asked.keeper)
    assert standing(asked, "C")[1] == Decimal("99.50")
    reporting.record_figure(target, Decimal(100), by=asked.keeper)
    assert standing(asked, "C") == ("Đạt", Decimal(100))
    with pytest.raises(NotAllowed):
        reporting.record_figure(target, Decimal(1), by=asked.coordinator["so-a"])
    with pytest.raises(InvalidInput):
        reporting.record_figure(asked.plan.targets.get(number="B"), Decimal(1), by=asked.keeper)


# documents


def upload(place: Place, name: str = "bao-cao.pdf", data: bytes = PDF, by: User | None = None) -> None:
    report_documents.attach_upload(
        place.report("2"), io.BytesIO(data), filename=name, by=by or place.coordinator["so-a"]
    )


def test_document_goes_with_the_report_and_the_keeper_opens_it_once_sent(asked: Place) -> None:
    with clock.at(day(3, 29)):
        upload(asked)
    version = ReportEvidence.objects.get().version
    assert version.document.unit == asked.units["so-a"]
    assert not document_versions_for(asked.keeper).filter(pk=version.pk).exists()
    with clock.at(day(3, 30)):
        asked.send()
    assert document_versions_for(asked.keeper).filter(pk=version.pk).exists()
    assert not document_versions_for(asked.coordinator["so-b"]).filter(pk=version.pk).exists()


def test_document_that_was_sent_stays(asked: Place) -> None:
    with clock.at(day(3, 29)):
        upload(asked)
    with clock.at(day(3, 30)):
        plan_reports.send_back(asked.verify_item(asked.send()), comment="Thiếu.", by=asked.keeper)
        upload(asked, "them.pdf", PDF + b"2")
    first, second = ReportEvidence.objects.order_by("pk")
    with pytest.raises(WrongStage):
        report_documents.detach(first, by=asked.coordinator["so-a"])
    with clock.at(day(3, 31)):
        upload(asked, "cuoi.pdf", PDF + b"3")
        report_documents.detach(ReportEvidence.objects.latest("pk"), by=asked.coordinator["so-a"])
    assert list(ReportEvidence.objects.order_by("pk")) == [first, second]


def test_only_the_reporting_unit_adds_documents(asked: Place) -> None:
    for person in (asked.officer, asked.keeper, asked.coordinator["so-b"]):
        with pytest.raises(NotAllowed):
            upload(asked, by=person)
    with pytest.raises(Rejected):
        upload(asked, data=b"")
    assert not ReportEvidence.objects.exists()


# pages


def test_report_is_written_on_its_page(asked: Place, as_user: SignIn) -> None:
    client = as_user(asked.coordinator["so-a"])
    url = reverse("plan-report", args=[asked.report("2").pk])
    target = asked.plan.targets.get(number="A")
    assert "Cần đạt: trên 60 %" in client.get(url).content.decode()
    answer = client.post(
        url,
        {
            "percentage": "62,5",
            "text": "Đã xong.",
            f"figure-{target.pk}": "61,5",
            "attachments": SimpleUploadedFile("bao-cao.pdf", PDF),
            "idempotency_key": str(uuid.uuid4()),
        },
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    report = asked.report("2")
    assert (report.percentage, report.text, report.state) == (Decimal("62.50"), "Đã xong.", State.SENT)
    assert TargetFigure.objects.get().value == Decimal("61.50")
    assert report.evidence.count() == 1


def test_refused_report_keeps_what_was_typed_and_the_file(asked: Place, as_user: SignIn) -> None:
    client = as_user(asked.coordinator["so-a"])
    answer = client.post(
        reverse("plan-report", args=[asked.report("2").pk]),
        {"percentage": "120", "text": "Một đoạn dài.", "attachments": SimpleUploadedFile("bao-cao.pdf", PDF)},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Tiến độ là số từ 0 đến 100" in page
    assert 'value="120"' in page
    assert "Một đoạn dài." in page
    assert "bao-cao.pdf" in page
    assert asked.report("2").state == State.ASKED


def test_documents_can_be_added_before_sending(asked: Place, as_user: SignIn) -> None:
    answer = as_user(asked.coordinator["so-a"]).post(
        reverse("plan-report", args=[asked.report("2").pk]),
        {"keep": "1", "text": "Đang viết dở.", "attachments": SimpleUploadedFile("bao-cao.pdf", PDF)},
    )
    page = answer.content.decode()
    assert (answer.status_code, asked.report("2").state) == (200, State.ASKED)
    assert "Đang viết dở." in page
    assert "bao-cao.pdf" in page


def test_keeper_accepts_or_returns_on_the_page(asked: Place, as_user: SignIn) -> None:
    report = asked.send()
    client = as_user(asked.keeper)
    url = reverse("plan-report-verify", args=[report.pk])
    assert client.post(url, {"return": "1", "comment": ""}).status_code == 422
    assert client.post(url, {"return": "1", "comment": "Thiếu."}).status_code == 302
    assert asked.report("2").state == State.RETURNED
    asked.send(share=90)
    assert client.post(url, {"accept": "1"}).status_code == 302
    assert asked.report("2").state == State.ACCEPTED
    assert client.post(url, {"accept": "1"}).status_code == 302  # said in words, nothing changes


def test_foreign_report_is_not_found(asked: Place, as_user: SignIn) -> None:
    url = reverse("plan-report", args=[asked.report("2").pk])
    assert as_user(asked.coordinator["so-b"]).get(url).status_code == 404
    assert as_user(asked.officer).get(url).status_code == 200
    assert "Gửi báo cáo" not in as_user(asked.officer).get(url).content.decode()
    assert as_user(asked.officer).post(url, {"percentage": "1", "text": "x"}).status_code == 302
    assert asked.report("2").state == State.ASKED


def test_list_shows_what_waits_and_is_filtered_by_the_address(asked: Place, as_user: SignIn) -> None:
    asked.send("1", "so-b")
    client = as_user(asked.keeper)

    def bodies(query: str) -> list[str]:
        return [row["report"].body for row in client.get(reverse("plan-reports") + query).context["rows"]]

    assert bodies("") == ["Sở B"]
    assert sorted(bodies("?state=")) == ["Sở A", "Sở A", "Sở B"]
    assert bodies("?state=asked&unit=S%E1%BB%9F%20A") == ["Sở A", "Sở A"]
    assert bodies(f"?state=&plan={asked.plan.pk}&unit=B") == ["Sở B"]
    own = as_user(asked.coordinator["so-b"]).get(reverse("plan-reports"))
    assert [row["report"].body for row in own.context["rows"]] == ["Sở B"]


def test_task_page_tells_history_and_takes_requests(asked: Place, as_user: SignIn) -> None:
    plan_reports.send_back(asked.verify_item(asked.send()), comment="Thiếu số liệu.", by=asked.keeper)
    url = reverse("plan-task-reports", args=[asked.plan.pk, asked.task("2").pk])
    page = as_user(asked.coordinator["so-a"]).get(url).content.decode()
    assert "Thiếu số liệu." in page
    assert "Yêu cầu các đơn vị chủ trì báo cáo" not in page
    keeper = as_user(asked.keeper)
    assert "Yêu cầu các đơn vị chủ trì báo cáo" in keeper.get(url).content.decode()
    where = reverse("plan-report-ask", args=[asked.plan.pk, asked.task("2").pk])
    assert keeper.post(where, {"due_on": "hôm qua"}).status_code == 422
    body = reverse("plan-report-for-body", args=[asked.plan.pk, asked.task("3").pk])
    assert keeper.post(body, {"body": "Đài"}).status_code == 302
    assert as_user(asked.officer).post(body, {"body": "Đài"}).status_code == 403
    begin = reverse("plan-report-begin", args=[asked.plan.pk, asked.task("2").pk])
    unit = asked.units["so-a"].pk
    assert as_user(asked.coordinator["so-b"]).post(begin, {"unit": unit}).status_code == 403
    answer = as_user(asked.coordinator["so-a"]).post(begin, {"unit": unit})
    assert answer.headers["Location"] == reverse("plan-report", args=[asked.report("2").pk])


def test_plan_page_shows_progress_and_standing(asked: Place, as_user: SignIn) -> None:
    with clock.at(day(3, 30)):
        plan_reports.accept(asked.verify_item(asked.send(share=45, figure="70")), by=asked.keeper)
        page = as_user(asked.officer).get(reverse("plan", args=[asked.plan.pk])).content.decode()
    assert "45 %" in page
    assert "Đạt" in page
    assert "70 %" in page


def test_figure_of_the_province_is_written_on_its_page(asked: Place, as_user: SignIn) -> None:
    target = asked.plan.targets.get(number="C")
    url = reverse("plan-target-figure", args=[asked.plan.pk, target.pk])
    keeper = as_user(asked.keeper)
    assert keeper.post(url, {"value": "nhiều"}).status_code == 422
    assert keeper.post(url, {"value": "99,5", "source": "Báo cáo 12"}).status_code == 302
    assert "99,5 %" in keeper.get(url).content.decode()
    assert as_user(asked.coordinator["so-a"]).get(url).status_code == 403


def test_workbook_of_reports_holds_what_the_reader_may_see(asked: Place, as_user: SignIn) -> None:
    plan_reports.report(asked.report("2"), progress(45, "=1+1"), by=asked.coordinator["so-a"])
    url = reverse("plan-reports-export", args=[asked.plan.pk])

    def sheet(user: User, name: str) -> list[tuple[object, ...]]:
        book = load_workbook(io.BytesIO(as_user(user).get(url).content))
        return list(book[name].iter_rows(min_row=5, values_only=True))

    assert [(row[0], row[1]) for row in sheet(asked.keeper, "Báo cáo")] == [("1", "Sở A"), ("1", "Sở B"), ("2", "Sở A")]
    assert [row[1] for row in sheet(asked.coordinator["so-b"], "Báo cáo")] == ["Sở B"]
    last = sheet(asked.keeper, "Báo cáo")[-1]
    assert (last[5], last[6]) == (45, "=1+1")
    assert [row[6] for row in sheet(asked.officer, "Chỉ tiêu")] == ["Chưa đạt", "Không đo bằng số", "Chưa đạt"]
    assert [row[0] for row in sheet(asked.officer, "Nhiệm vụ")] == ["1", "2", "3"]


def more(place: Place, count: int) -> None:
    """Further accepted reports, so that lists are longer."""
    for number in range(count):
        with clock.at(day(5, 1 + number)):
            report = plan_reports.begin(place.task("1"), place.units["so-b"], by=place.coordinator["so-b"])
            plan_reports.report(report, progress(10 + number), by=place.coordinator["so-b"])
            plan_reports.accept(place.verify_item(report), by=place.keeper)


@pytest.mark.parametrize("extra", [1, 3])
def test_lists_ask_the_same_queries_for_any_number_of_reports(
    place: Place, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries, extra: int
) -> None:
    more(place, extra)
    client = as_user(place.keeper)
    pages = {
        reverse("plan-reports") + "?state=": 10,
        reverse("plan-task-reports", args=[place.plan.pk, place.task("1").pk]): 14,
        reverse("plan", args=[place.plan.pk]): 16,
    }
    for url, queries in pages.items():
        client.get(url)
        with django_assert_num_queries(queries):
            client.get(url)
