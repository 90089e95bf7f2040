"""The appraisal from above: who gets it, what it counts, and that nobody's own unit is in any figure."""

from __future__ import annotations

import copy
import datetime as dt
import html
import io
import re
from collections.abc import Iterator
from decimal import Decimal

import openpyxl
import pytest
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import DeclaredConflict
from assessments.services.appraisal import Wanted, appraise, finish_domain
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.overview import Overview

pytestmark = pytest.mark.django_db

D = Decimal


def build() -> World:
    """Sở Nội vụ and Sở Tư pháp are being appraised; 1.1.2 of Sở Nội vụ was cut from 3 to 2 of 4 points."""
    world = factories.world().open()
    for unit in ("so-a", "so-b"):
        world.to(Stage.APPRAISING, unit)
    appraise(world.score("1.1.2"), "2", reason="Thiếu.", version=0, by=world.second_appraiser)
    appraise(world.score("1.1.1"), "", reason="", version=0, by=world.second_appraiser)
    appraise(world.score("1.1.1", "so-b"), "", reason="", version=0, by=world.appraiser)
    actions.finish_domain(world.item("appraise", domain=world.domain("1")), by=world.second_appraiser)
    return world


@pytest.fixture(scope="module")
def appraising(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(appraising: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY + dt.timedelta(days=2)):
        yield copy.deepcopy(appraising)


def where(world: World, name: str = "appraisal-overview") -> str:
    return reverse(name, args=[world.cycle.pk])


def workbook(world: World, person: User, as_user: SignIn) -> openpyxl.Workbook:
    answer = as_user(person).get(where(world, "appraisal-overview-xlsx"))
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def test_overview_is_for_those_who_lead_or_manage_the_council(world: World, as_user: SignIn) -> None:
    for name in ("appraisal-overview", "appraisal-overview-xlsx"):
        for person in (world.secretary, world.chair, world.home_affairs):
            assert as_user(person).get(where(world, name)).status_code == 200
        for person in (world.appraiser, world.second_appraiser, world.province, world.head["so-a"]):
            assert as_user(person).get(where(world, name)).status_code == 404


def test_progress_is_told_by_domain_and_by_appraiser(world: World) -> None:
    found = Overview(world.cycle, world.chair)
    assert [(row.name, row.open, row.done, row.waiting, row.percent) for row in found.by_domain] == [
        ("1. Công tác chỉ đạo điều hành", 1, 1, 2, 50),
        ("2. Cải cách thủ tục hành chính", 2, 0, 2, 0),
    ]
    assert [(row.name, row.open, row.done) for row in found.by_appraiser] == [
        ("Chưa giao, cả tổ làm", 3, 0),
        (str(world.second_appraiser), 0, 1),
    ]
    assert found.deadline is not None
    assert found.deadline["date_text"].endswith("29/12/2026")
    # "trước ngày 30/12" ends with 29/12: on 22/11 there are 37 days left
    assert found.deadline["text"] == "Còn 37 ngày"
    with clock.at(dt.datetime(2026, 12, 29, 23, 59, tzinfo=clock.LOCAL)):
        last = Overview(world.cycle, world.chair).deadline
        assert last is not None
        assert last["state"] != "late"
    with clock.at(dt.datetime(2026, 12, 30, 0, 0, tzinfo=clock.LOCAL)):
        over = Overview(world.cycle, world.chair).deadline
        assert over is not None
        assert (over["state"], over["text"]) == ("late", "Quá hạn 1 ngày")


def test_cuts_are_told_by_unit_and_by_appraiser(world: World) -> None:
    found = Overview(world.cycle, world.chair)
    assert [(row.name, row.figures.criteria, row.figures.changed, row.figures.taken_off) for row in found.units] == [
        ("Sở Nội vụ", 2, 1, D(1)),
        ("Sở Tư pháp", 1, 0, D(0)),
    ]
    # 1 of 4 points on one of two criteria; the other appraiser took nothing: the median is 6,25 %
    assert [(row.name, row.figures.percent, row.against) for row in found.appraisers] == [
        (str(world.second_appraiser), D("12.5"), D("6.25")),
        (str(world.appraiser), D(0), D("-6.25")),
    ]
    assert found.median == D("6.25")


def test_own_unit_is_in_no_figure(world: World, as_user: SignIn) -> None:
    access.join(world.chair, world.units["so-a"], Role.OFFICER)
    found = Overview(world.cycle, world.chair)
    assert [str(row.unit) for row in found.dossiers] == ["Sở Tư pháp"]
    assert [row.name for row in found.units] == ["Sở Tư pháp"]
    assert [row.name for row in found.appraisers] == [str(world.appraiser)]
    assert found.progress.done == 0
    assert "Sở Nội vụ" not in text(as_user(world.chair).get(where(world))).split("Tổng quan thẩm định", 2)[2]
    answer = as_user(world.chair).get(where(world, "appraisal-overview-xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = {cell for sheet in book for row in sheet.values for cell in row}
    assert "Sở Tư pháp" in cells
    assert "Sở Nội vụ" not in cells


def test_declared_conflict_takes_the_unit_out_of_the_figures(world: World) -> None:
    DeclaredConflict.objects.create(
        council=world.cycle.council,
        user=world.secretary,
        unit=world.units["so-a"],
        reason="Người thân.",
        declared_by=world.secretary,
        declared_at=clock.now(),
    )
    assert [row.name for row in Overview(world.cycle, world.secretary).units] == ["Sở Tư pháp"]


def test_unanswered_questions_and_open_appeals_are_listed(world: World, as_user: SignIn) -> None:
    world.to(Stage.REVIEWING)
    actions.request_supplement(
        world.item("review"), {world.score("1.1.2").pk: "Gửi báo cáo."}, due_on=clock.today(), by=world.secretary
    )
    world.to(Stage.RESPONDING, "so-b")
    wanted = [Wanted(world.score("1.1.2", "so-b").pk, "4", "Đã đủ.")]
    actions.respond(world.item("respond", "so-b"), wanted, by=world.coordinator["so-b"])
    with clock.at(clock.now() + dt.timedelta(days=3)):
        found = Overview(world.cycle, world.chair)
        assert [(row.item.score.criterion.code, row.late) for row in found.unanswered] == [("1.1.2", 3)]
        assert [(row.unit, row.appeals, row.differences) for row in found.open] == [("Sở Tư pháp", 1, 0)]
        assert "Quá hạn 3 ngày" in text(as_user(world.chair).get(where(world)))
        book = workbook(world, world.chair, as_user)
        asked = ("Sở Nội vụ", "1.1.2 Tỷ lệ nhiệm vụ hoàn thành", "22/11/2026", 3)
        assert list(book["Chưa trả lời"].values)[-1] == asked
        contested = ("Sở Tư pháp", "1.1.2 Tỷ lệ nhiệm vụ hoàn thành", 3, 4, "Đã đủ.")
        assert list(book["Kiến nghị"].values)[-1] == contested


def test_overview_leads_to_the_council_which_the_chair_only_reads(world: World, as_user: SignIn) -> None:
    council = reverse("council", args=[world.cycle.pk])
    change = reverse("council-add", args=[world.cycle.pk])
    for person, changes in ((world.chair, False), (world.secretary, True), (world.home_affairs, True)):
        client = as_user(person)
        assert f'href="{council}"' in client.get(where(world)).content.decode()
        page = client.get(council)
        assert page.status_code == 200
        assert (f'href="{change}"' in page.content.decode()) is changes


def test_differences_count_once_both_scorers_are_done(as_user: SignIn, db: None) -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(double_scoring=True).open()
        third = factories.seat(world)
        world.to(Stage.APPRAISING)
        for code in ("1.1.1", "1.1.2", "2.1.1"):
            points, reason = ("1", "Thiếu.") if code == "1.1.2" else ("", "")
            appraise(world.score(code), points, reason=reason, version=0, by=third)
            appraise(world.score(code), "", reason="", version=0, by=world.second_appraiser)
        assert Overview(world.cycle, world.chair).severity == {}
        for code in "12":
            for person in (third, world.second_appraiser):
                finish_domain(world.dossier(), world.domain(code), by=person)
        found = Overview(world.cycle, world.chair)
        assert [(row.appeals, row.differences) for row in found.open] == [(0, 1)]
        rows = [row for row in workbook(world, world.chair, as_user)["Chênh lệch"].values if row[0] == "Sở Nội vụ"]
        (row,) = rows
        assert row[:3] == ("Sở Nội vụ", "1.1.2 Tỷ lệ nhiệm vụ hoàn thành", 3)
        assert {row[3:5], row[5:7]} == {(str(third), 1), (str(world.second_appraiser), 3)}
        assert row[7] == 2
        assert {row.criteria for row in found.severity.values()} == {3}


def test_page_asks_the_same_at_one_and_three_units(
    world: World, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_user(world.chair)
    client.get(where(world))
    with django_assert_num_queries(20):
        client.get(where(world))
    world.to(Stage.APPRAISING, "huyen-c")
    appraise(world.score("1.1.2", "huyen-c"), "2", reason="Thiếu.", version=0, by=world.second_appraiser)
    with django_assert_num_queries(20):
        client.get(where(world))
