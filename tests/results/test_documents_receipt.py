"""Biên nhận: arrival to the second, in time or late in words, what arrived, and the hash of the ledger."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from assessments.arrivals import arrival_entry
from assessments.models import Dossier, LedgerEntry
from assessments.services.extensions import extend
from assessments.services.scores import attach, detach
from assessments.stages import Stage
from results.documents.model import Agency, Document, Table
from results.documents.receipt import moment_words, receipt
from tests import factories
from tests.factories import World
from units import clock
from workflow import actions

pytestmark = pytest.mark.django_db

YEAR = factories.YEAR


def local(day: int, hour: int = 9, minute: int = 0, second: int = 0) -> dt.datetime:
    return dt.datetime(YEAR, 12, day, hour, minute, second, tzinfo=clock.LOCAL)


@pytest.fixture
def world() -> World:
    with clock.at(factories.WORKDAY):
        return factories.world().open()


def sent(world: World, arrived: dt.datetime) -> Dossier:
    with clock.at(arrived - dt.timedelta(minutes=5)):
        world.to(Stage.READY)
    with clock.at(arrived):
        world.to(Stage.APPRAISING)
    return Dossier.objects.select_related(
        "unit", "cycle__plan", "cycle__province", "cycle_group__criteria_set", "submitted_by", "approved_by"
    ).get(pk=world.dossiers["so-a"].pk)


def facts(document: Document) -> dict[str, str]:
    table = next(block for block in document.blocks if isinstance(block, Table))
    return {row.cells[1].text: row.cells[2].text for row in table.rows}


def test_receipt_tells_who_sent_what_and_when(world: World) -> None:
    head, coordinator = world.head["so-a"], world.coordinator["so-a"]
    head.title = "Giám đốc"
    head.save()
    dossier = sent(world, local(14, 23, 59, 7))
    plan = world.cycle.plan
    assert facts(receipt(dossier)) == {
        "Đơn vị gửi": "Sở Nội vụ",
        "Đợt đánh giá": world.cycle.name,
        "Kế hoạch": f"Kế hoạch số {plan.number} ngày 01/11/2026 của UBND tỉnh Thử Nghiệm",
        "Bộ chỉ số": "Bộ chỉ số thử",
        "Thời điểm nhận": "23 giờ 59 phút 07 giây, thứ Hai 14/12/2026",
        "Hạn gửi": "Trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)",
        "Tình trạng": "Đúng hạn",
        "Người gửi": coordinator.full_name,
        "Người phê duyệt": f"{head.full_name}, Giám đốc\nLúc 23 giờ 54 phút 07 giây, thứ Hai 14/12/2026",
        "Số tiêu chí tự đánh giá": "3",
        "Số tệp tài liệu kiểm chứng": "0 (cho 0 tiêu chí)",
        "Mã nội dung (SHA-256)": arrival_entry(dossier).hash,
    }


def test_receipt_has_the_head_of_the_council_and_says_that_the_set_is_illustrative(world: World) -> None:
    document = receipt(sent(world, local(9)))
    assert document.head is not None
    assert document.head.agency == Agency("Hội đồng thẩm định\nchỉ số cải cách\nhành chính", "UBND tỉnh Thử Nghiệm")
    assert document.head.place_and_date() == "Thử Nghiệm, ngày 09 tháng 12 năm 2026"
    assert document.head.number is None
    assert document.illustrative


def test_hash_is_that_of_the_step_into_appraisal(world: World) -> None:
    dossier = sent(world, local(9))
    entry = LedgerEntry.objects.get(dossier=dossier, action="stage", after={"stage": "appraising"})
    assert facts(receipt(dossier))["Mã nội dung (SHA-256)"] == entry.hash


def test_late_arrival_says_how_many_days(world: World) -> None:
    assert facts(receipt(sent(world, local(15, 0, 0, 0))))["Tình trạng"] == "Trễ hạn 1 ngày"


def test_arrival_within_an_extension_is_neither_late_nor_on_time(world: World) -> None:
    with clock.at(factories.WORKDAY):
        extend(
            world.cycle,
            [world.units["so-a"]],
            until=dt.date(YEAR, 12, 18),
            reason="Bão số 9.",
            decision_number="45/UBND-NC",
            by=world.home_affairs,
        )
    told = facts(receipt(sent(world, local(18, 23, 59, 59))))
    assert told["Tình trạng"] == "Được gia hạn, gửi trong thời gian gia hạn"
    assert told["Hạn gửi"] == (
        "Trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)\n"
        "Được gia hạn đến hết ngày thứ Sáu 18/12/2026 theo văn bản số 45/UBND-NC"
    )


def test_files_are_counted_as_they_arrived(world: World) -> None:
    """One file on two criteria, another on one, a third taken off again; what the council asked for comes later."""
    unit, officer = world.units["so-a"], world.officer["so-a"]
    with clock.at(factories.WORKDAY):
        world.to(Stage.SELF_ASSESSING)
        first, second, third = (factories.document(unit, by=officer) for _number in range(3))
        for code, version in (("1.1.1", first), ("1.1.2", first), ("1.1.2", second)):
            attach(world.score(code), version, quote="", by=officer)
        attach(world.score("1.1.1"), first, quote="trang 2", by=officer)
        detach(attach(world.score("2.1.1"), third, quote="", by=officer), by=officer)
    dossier = sent(world, local(9))
    assert facts(receipt(dossier))["Số tệp tài liệu kiểm chứng"] == "2 (cho 2 tiêu chí)"

    with clock.at(local(16)):
        world.to(Stage.REVIEWING)
        actions.request_supplement(
            world.item("review"),
            {world.score("2.1.1").pk: "Đề nghị bổ sung văn bản."},
            due_on=dt.date(YEAR, 12, 20),
            by=world.secretary,
        )
        attach(world.score("2.1.1"), third, quote="", by=officer)
    assert facts(receipt(dossier))["Số tệp tài liệu kiểm chứng"] == "2 (cho 2 tiêu chí)"


def test_receipt_costs_a_fixed_number_of_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """The ledger's arrival, the extension, the criteria, the documents told by the ledger, the milestones."""
    dossier = sent(world, local(9))
    with django_assert_num_queries(5):
        receipt(dossier)


def test_moment_is_told_in_local_time_to_the_second() -> None:
    assert moment_words(dt.datetime(2026, 12, 13, 17, 0, 5, tzinfo=dt.UTC)) == (
        "00 giờ 00 phút 05 giây, thứ Hai 14/12/2026"
    )
    assert moment_words(dt.datetime(2026, 12, 13, 5, 0, 0, tzinfo=dt.UTC)) == (
        "12 giờ 00 phút 00 giây, chủ nhật 13/12/2026"
    )
