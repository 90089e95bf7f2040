"""What will be sent: the same rules over days to come, without a write."""

from __future__ import annotations

import copy
import datetime as dt
import io
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.stages import Stage
from notifications.models import Notice, Preferences
from tests import factories
from tests.factories import World
from units import clock
from units.models import User
from workflow.models import WorkItem
from workflow.reminder_forecast import Forecast, sending_words
from workflow.reminders import remind

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, lambda: factories.world().open()) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_forecast_tells_exactly_what_is_sent_later(world: World) -> None:
    forecast = Forecast(world.cycle)
    foretold = {
        (row.reminder.day, row.reminder.recipient.pk, row.message.subject, row.message.body)
        for row in forecast.planned(forecast.reminders)
    }
    Notice.objects.all().delete()
    sent = set()
    for number in range(30):
        day = factories.WORKDAY.date() + dt.timedelta(days=number)
        with clock.at(dt.datetime.combine(day, dt.time(9), clock.LOCAL)):
            remind()
        for notice in Notice.objects.filter(event=f"due:{day}", channel="in_app"):
            sent.add((day, notice.recipient_id, notice.subject, notice.body))
    assert foretold == sent
    assert len(sent) == 43


def test_forecast_writes_nothing_and_follows_what_is_done(world: World) -> None:
    coordinator = world.coordinator["so-a"]
    days = [row.day for row in Forecast(world.cycle).chosen(person=coordinator.pk)]
    assert days[:6] == [dt.date(2026, 11, 30), *(dt.date(2026, 12, day) for day in (7, 11, 13, 14, 15))]
    world.to(Stage.APPRAISING)
    assert Forecast(world.cycle).chosen(person=coordinator.pk) == []
    assert WorkItem.objects.filter(done_at=None, dossier=world.dossiers["so-b"]).count() == 1
    assert Notice.objects.filter(event__startswith="due:").count() == 0


def test_forecast_names_channels_and_hours_after_preferences(world: World) -> None:
    coordinator = world.coordinator["so-a"]
    Preferences.objects.create(user=coordinator, muted=["reminder:in_app"], quiet_until=dt.time(8))
    forecast = Forecast(world.cycle)
    rows = forecast.planned(forecast.chosen(person=coordinator.pk))
    assert [sending_words(sending) for sending in rows[0].sendings] == ["Thư điện tử 08:00 30/11/2026"]
    last_day = next(row for row in rows if row.reminder.day == dt.date(2026, 12, 14))
    assert [sending_words(sending) for sending in last_day.sendings] == [
        "Trên phần mềm 00:00 14/12/2026",
        "Thư điện tử 08:00 14/12/2026",
    ]


def test_page_filters_by_day_person_and_rule(world: World) -> None:
    client = signed_in(world.home_affairs)
    address = reverse("reminder-forecast", args=[world.cycle.pk])
    page = client.get(address)
    assert "giả định chưa việc nào hoàn thành" in page.content.decode()
    assert page.context["page"].paginator.count == 43
    assert page.context["counts"][0] == (dt.date(2026, 11, 30), 4)
    day = client.get(address, {"ngay": "2026-12-15"})
    assert day.context["page"].paginator.count == 4
    person = client.get(address, {"ngay": "2026-12-15", "nguoi": world.coordinator["so-a"].pk})
    assert [row["planned"].reminder.recipient for row in person.context["rows"]] == [world.coordinator["so-a"]]
    rule = client.get(address, {"quy_tac": "5"})
    assert {row["planned"].reminder.day for row in rule.context["rows"]} == {dt.date(2026, 12, 14)}
    assert client.get(address, {"ngay": "hôm qua"}).context["page"].paginator.count == 43


def test_excel_holds_the_chosen_list(world: World) -> None:
    answer = signed_in(world.home_affairs).get(
        reverse("reminder-forecast-excel", args=[world.cycle.pk]), {"ngay": "2026-12-14"}
    )
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert rows[0] == ["Ngày", "Người nhận", "Tiêu đề", "Số việc", "Quy tắc", "Kênh, giờ gửi"]
    assert len(rows) == 5
    assert rows[1][0] == "Thứ Hai 14/12/2026"
    assert rows[1][4] == "Ngày cuối · Người đang phải làm"


def test_page_asks_the_same_number_of_queries_for_one_and_three_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.home_affairs)
    address = reverse("reminder-forecast", args=[world.cycle.pk])
    client.get(address)
    with django_assert_num_queries(QUERIES):
        client.get(address)
    WorkItem.objects.filter(dossier__in=[world.dossiers["so-b"], world.dossiers["huyen-c"]]).update(
        done_at=factories.WORKDAY
    )
    with django_assert_num_queries(QUERIES):
        assert client.get(address).context["page"].paginator.count == 21


QUERIES = 23
