"""The monitor's pages taken away: the same rows as on the page, after the filter in the address."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from assessments.models import Dossier
from assessments.stages import Stage
from notifications.kinds import Kind
from notifications.models import Notice
from plans.calendar import Timeliness
from plans.models import PlanTask
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import clock
from workflow import actions
from workflow.monitor.history import gather
from workflow.monitor.memory import StepTime
from workflow.monitor.standings import standings
from workflow.monitor.weekly import letter

pytestmark = pytest.mark.django_db

LATE = dt.datetime(2026, 12, 16, 9, tzinfo=clock.LOCAL)
PAGES = ("monitor", "monitor-waiting", "monitor-ranking", "monitor-plan")


def book(client: Any, world: World, page: str, **query: object) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every sheet below its head, by the sheet's name."""
    answer = client.get(reverse(f"{page}-workbook", args=[world.cycle.pk]), query)
    found = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheets = {}
    for sheet in found.worksheets:
        rows = list(sheet.iter_rows(values_only=True))
        blank = next(number for number, row in enumerate(rows) if not any(row))
        sheets[sheet.title] = rows[blank + 2 :]
    return sheets


def submit(world: World, unit: str, day: int) -> None:
    world.to(Stage.READY, unit)
    with clock.at(dt.datetime(2026, 12, day, 9, tzinfo=clock.LOCAL)):
        actions.submit(world.item("submit", unit), by=world.coordinator[unit])


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_both_buttons_with_its_filter(world: World, as_user: SignIn, page: str) -> None:
    client = as_user(world.chair)
    shown = client.get(reverse(page, args=[world.cycle.pk]), {"tim": "tu phap"}).content.decode()
    for name in ("workbook", "pdf"):
        where = reverse(f"{page}-{name}", args=[world.cycle.pk])
        assert f'href="{where}?tim=tu+phap"' in shown
    answer = client.get(reverse(f"{page}-pdf", args=[world.cycle.pk]), {"tim": "tu phap"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"


def test_burn_up_goes_with_the_units(world: World, as_user: SignIn) -> None:
    gather()
    sheets = book(as_user(world.chair), world, "monitor", tim="tu phap")
    assert list(sheets) == ["Tiến độ", "Tiêu chí xong theo ngày"]
    assert [row[1] for row in sheets["Tiến độ"]] == ["Sở Tư pháp"]
    days = sheets["Tiêu chí xong theo ngày"]
    assert [row[0] for row in days[:2]] == ["20/11/2026", "21/11/2026"]
    assert days[0][1:3] == (0, 0)
    assert days[1][1:3] == (None, None)  # to come: nothing is done and nothing is claimed


def test_waiting_holds_steps_and_units_after_the_filter(world: World, as_user: SignIn) -> None:
    StepTime.objects.all().delete()
    for unit, hours in (("so-a", 24), ("so-b", 60)):
        StepTime.objects.create(dossier=world.dossiers[unit], stage=Stage.CHECKING, visits=1, seconds=hours * 3600)
    client = as_user(world.home_affairs)
    sheets = book(client, world, "monitor-waiting", tim="tu phap")
    assert list(sheets) == ["Thời gian ở mỗi bước", "Số ngày theo đơn vị"]
    assert ("Rà soát", 1.8, None, None, 2, 0, None) in [row[:7] for row in sheets["Thời gian ở mỗi bước"]]
    units = sheets["Số ngày theo đơn vị"]
    assert [row[1] for row in units] == ["Sở Tư pháp"]
    assert (units[0][4], units[0][8], units[0][9]) == (2.5, 2.5, "Các sở, ban, ngành")


def test_last_years_days_stand_in_columns_of_their_own(world: World, as_user: SignIn) -> None:
    before = factories.world().open()
    StepTime.objects.create(dossier=before.dossiers["so-a"], stage=Stage.ASSIGNING, visits=1, seconds=3 * 24 * 3600)
    Dossier.objects.filter(pk=before.dossiers["so-a"].pk).update(unit=world.units["so-a"])
    type(before.cycle).objects.filter(pk=before.cycle.pk).update(province=world.cycle.province, year=factories.YEAR - 1)
    rows = book(as_user(world.home_affairs), world, "monitor-waiting", tim="noi vu")["Số ngày theo đơn vị"]
    assert rows[0][3] == 3


def test_ranking_says_the_state_in_the_legal_word(world: World, as_user: SignIn) -> None:
    submit(world, "so-a", 12)
    actions.extend(world.cycle, [world.units["so-b"]], until=dt.date(2026, 12, 20), reason="Lũ.", by=world.home_affairs)
    with clock.at(LATE):
        sheets = book(as_user(world.chair), world, "monitor-ranking")
        late = book(as_user(world.chair), world, "monitor-ranking", tinh_trang="missing")["Xếp hạng đúng hạn"]
    assert [(row[0], row[1], row[4], row[5]) for row in sheets["Xếp hạng đúng hạn"]] == [
        (1, "Sở Nội vụ", "Sớm 2 ngày", "Đúng hạn"),
        (None, "Sở Tư pháp", None, "Được gia hạn"),
        (None, "UBND huyện Lệ Thủy", None, "Quá hạn"),
    ]
    assert [row[1] for row in late] == ["UBND huyện Lệ Thủy"]
    assert [row[:4] for row in sheets["Đúng hạn theo nhóm"]] == [
        ("Các sở, ban, ngành", 2, 1, 1),
        ("UBND các huyện", 1, 0, 0),
    ]


def test_plan_holds_phases_and_tasks(world: World, as_user: SignIn) -> None:
    PlanTask.objects.create(plan=world.cycle.plan, number="1", order=1, name="Tự đánh giá", lead="Các sở")
    sheets = book(as_user(world.chair), world, "monitor-plan")
    assert [(row[0], row[4]) for row in sheets["Các giai đoạn của đợt"]][:2] == [
        ("Tự đánh giá", "Đang làm"),
        ("Thẩm định", "Chưa bắt đầu"),
    ]
    assert sheets["Nhiệm vụ của kế hoạch"] == [("1", "Tự đánh giá", "Các sở", None, None, None, None)]


@pytest.mark.parametrize("page", PAGES)
def test_files_ask_the_same_queries_for_one_and_three_units(
    world: World, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries, page: str
) -> None:
    client = as_user(world.home_affairs)
    where = reverse(f"{page}-workbook", args=[world.cycle.pk])
    client.get(where)
    for query in ({}, {"tim": "tu phap"}):
        with django_assert_num_queries(QUERIES[page]):
            client.get(where, query)


QUERIES = {"monitor": 14, "monitor-waiting": 13, "monitor-ranking": 10, "monitor-plan": 12}


def test_only_who_watches_takes_pages_away(world: World, as_user: SignIn) -> None:
    for page in PAGES:
        where = reverse(f"{page}-workbook", args=[world.cycle.pk])
        assert as_user(world.coordinator["so-a"]).get(where).status_code == 404
        assert as_user(world.province).get(where).status_code == 200


def test_one_word_for_each_state_on_every_page_file_and_letter(world: World, as_user: SignIn) -> None:
    """So-a arrives within its extension, so-b too late, huyen-c never; nobody is in time."""
    until = dt.date(2026, 12, 17)
    actions.extend(world.cycle, [world.units["so-a"]], until=until, reason="Lũ.", by=world.home_affairs)
    submit(world, "so-a", 16)
    submit(world, "so-b", 17)
    with clock.at(dt.datetime(2026, 12, 18, 9, tzinfo=clock.LOCAL)):
        client = as_user(world.home_affairs)
        page = client.get(reverse("monitor", args=[world.cycle.pk]))
        tiles = {tile["label"]: tile["value"] for tile in page.context["tiles"]}
        chips = {line.standing.unit: line.chip["text"] for line in page.context["lines"]}
        ranks = {row[1]: row[5] for row in book(client, world, "monitor-ranking")["Xếp hạng đúng hạn"]}
        units = {row[1]: row[7] for row in book(client, world, "monitor")["Tiến độ"]}
        words = letter(world.cycle, standings(world.cycle), clock.today())
    assert [tiles[state.words] for state in Timeliness] == [0, 1, 1, 1, 0]
    assert chips == units
    assert chips == {
        "Sở Nội vụ": "Được gia hạn, gửi 16/12",
        "Sở Tư pháp": "Trễ hạn 3 ngày",
        "UBND huyện Lệ Thủy": "Quá hạn 4 ngày",
    }
    assert ranks == {"Sở Nội vụ": "Được gia hạn", "Sở Tư pháp": "Trễ hạn", "UBND huyện Lệ Thủy": "Quá hạn"}
    assert "2 trong 3 đơn vị (đúng hạn 0, được gia hạn 1, trễ hạn 1)." in words.body
    assert "Quá hạn, chưa gửi (1 đơn vị):" in words.body
    assert words.subject.endswith(", 1 quá hạn")
    arrivals = Notice.objects.filter(kind=Kind.ARRIVAL, channel="in_app").order_by("pk")
    assert [notice.subject for notice in arrivals] == [
        "Sở Nội vụ đã gửi hồ sơ, được gia hạn",
        "Sở Tư pháp đã gửi hồ sơ, trễ hạn",
    ]
