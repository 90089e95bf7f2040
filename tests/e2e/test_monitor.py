"""The monitor in a browser: its pages before axe on a laptop and on a phone, and a refresh that disturbs nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.services.chromium import axe_violations
from units.models import User
from workflow.monitor.history import gather

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    made = factories.world().open()
    made.to(Stage.CHECKING)
    gather()
    return made


def enter(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the session of `user`."""
    client = Client()
    client.force_login(user)
    session = client.cookies["cchc_session"].value
    page.context.add_cookies([{"name": "cchc_session", "value": session, "url": live_server.url}])


def test_pages_of_the_monitor(live_server: LiveServer, page: Page, world: World) -> None:
    enter(page, live_server, world.home_affairs)
    cycle = world.cycle.pk
    pages = [
        *(
            reverse(f"monitor{part}", args=[cycle])
            for part in ("", "-waiting", "-ranking", "-plan", "-letter", "-views")
        ),
        reverse("monitor-unit", args=[cycle, world.units["so-a"].pk]),
    ]
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in pages:
            response = page.goto(live_server.url + path)
            assert response is not None
            assert response.status == 200, path
            assert axe_violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_refresh_keeps_the_focus_and_what_is_open(live_server: LiveServer, page: Page, world: World) -> None:
    enter(page, live_server, world.home_affairs)
    page.goto(live_server.url + reverse("monitor", args=[world.cycle.pk]))
    page.wait_for_load_state("networkidle")  # htmx comes after the page
    page.locator("#burnup-table summary").click()
    link = page.locator(f"#unit-{world.units['so-b'].pk}")
    link.focus()
    world.to(Stage.SELF_ASSESSING, "so-b")
    with page.expect_response(lambda response: "theo-doi" in response.url):
        page.evaluate("htmx.trigger(document.querySelector('[data-live]'), 'refresh')")
    assign = page.locator("#live-units tr").filter(has=link).locator("td").first
    expect(assign).to_have_class("cell ok")
    expect(link).to_be_focused()
    expect(page.locator("#burnup-table")).to_have_attribute("open", "")
