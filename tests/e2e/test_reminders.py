"""Rules, forecast, outbox and preferences in a real browser, on a laptop and on a phone."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from notifications.models import Notice
from tests import factories
from tests.factories import World
from tests.services.chromium import axe_violations
from units import clock
from units.models import User
from workflow.reminders import remind
from workflow.rule_services import own_rules

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings) -> World:
    settings.NOTIFY_WEBHOOK_URL = "https://sms.example/"
    with clock.at(factories.WORKDAY):
        made = factories.world().open()
        own_rules(made.cycle, by=made.home_affairs)
    with clock.at(dt.datetime(2026, 12, 14, 9, tzinfo=clock.LOCAL)):
        remind()
    Notice.objects.filter(channel="email", recipient=made.head["so-a"]).delete()
    Notice.objects.filter(channel="email", recipient=made.coordinator["so-a"]).update(
        state=Notice.State.FAILED, attempts=8, last_error="550 no such mailbox", failed_at=factories.WORKDAY
    )
    return made


def enter(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the session of `user`."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies["cchc_session"].value
    page.context.add_cookies([{"name": "cchc_session", "value": session, "url": live_server.url}])


def look(page: Page, live_server: LiveServer, path: str) -> None:
    """The page is there, axe finds nothing, and nothing stands outside the width of the screen."""
    response = page.goto(f"{live_server.url}{path}")
    assert response is not None
    assert response.status == 200, path
    assert axe_violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def pages(world: World) -> dict[str, str]:
    rule = world.cycle.reminder_rules.all()[0]
    return {
        "rules": reverse("reminder-rules", args=[world.cycle.pk]),
        "rule": reverse("reminder-rule", args=[world.cycle.pk, rule.pk]),
        "forecast": reverse("reminder-forecast", args=[world.cycle.pk]),
        "outbox": reverse("outbox"),
        "preferences": reverse("notification-preferences"),
        "notices": reverse("notices"),
    }


def test_pages_on_a_laptop_and_a_rule_shown_at_work(live_server: LiveServer, page: Page, world: World) -> None:
    with clock.at(factories.WORKDAY):
        enter(page, live_server, world.home_affairs)
        for path in pages(world).values():
            look(page, live_server, path)
        page.goto(f"{live_server.url}{pages(world)['rule']}")
        page.get_by_label("Tiêu đề thông báo").fill("Còn {so_viec} việc")
        page.get_by_role("button", name="Xem trước").click()
        page.get_by_role("heading", name="Xem trước").wait_for()
        assert page.get_by_text("Còn 1 việc", exact=True).is_visible()
        assert page.get_by_label("Tiêu đề thông báo").input_value() == "Còn {so_viec} việc"
        assert axe_violations(page) == []


def test_pages_on_a_phone(live_server: LiveServer, phone: Page, world: World) -> None:
    with clock.at(factories.WORKDAY):
        enter(phone, live_server, world.home_affairs)
        for path in pages(world).values():
            look(phone, live_server, path)
