"""The session ends while something is typed; after a new sign-in in another tab the page goes on with its work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import ReviewNote, ScoreEvidence
from assessments.stages import Stage
from tests import factories
from tests.e2e.test_unit_sheet import given, sign_in
from tests.factories import World
from units import clock

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world().open()
    made.to(Stage.SELF_ASSESSING)
    return made


@pytest.fixture
def again(page: Page, live_server: LiveServer, world: World) -> BrowserContext:
    """The officer's browser."""
    sign_in(page, live_server.url, world.officer["so-a"])
    return page.context


def sign_out_and_in(profile: BrowserContext, base: str, world: World) -> None:
    """In another tab; the token of the page that is open is stale afterwards."""
    profile.clear_cookies()
    other = profile.new_page()
    sign_in(other, base, world.officer["so-a"])
    other.close()


def test_upload_goes_on_with_its_description(
    page: Page, again: BrowserContext, live_server: LiveServer, world: World
) -> None:
    score = world.score("1.1.1")
    page.goto(live_server.url + reverse("score-evidence", args=[score.dossier_id, score.pk]))
    page.set_input_files("input[type=file]", [given("mot.pdf")])
    page.locator("[data-cards] > li").get_by_label("Số, ký hiệu").fill("05/KH-SNV")
    sign_out_and_in(again, live_server.url, world)
    page.get_by_role("button", name="Tải lên").click()
    page.locator("#evidence-list").get_by_text("mot.pdf").wait_for()
    assert ScoreEvidence.objects.get().version.document.number == "05/KH-SNV"


def test_comment_goes_on_and_is_asked_about_before_it_is_lost(
    page: Page, again: BrowserContext, live_server: LiveServer, world: World
) -> None:
    score = world.score("1.1.1")
    sheet = live_server.url + reverse("sheet", args=[score.dossier_id, world.domain("1").pk])
    page.goto(sheet)
    row = page.locator(f"#score-{score.pk}")
    row.locator("summary", has_text="Trao đổi").click()
    row.get_by_label("Viết cho đồng nghiệp về tiêu chí 1.1.1").fill("Số của quý nào?")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("() => { location.reload(); }")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    sign_out_and_in(again, live_server.url, world)
    row.get_by_role("button", name="Gửi trao đổi").click()
    row.locator(".talk p", has_text="Số của quý nào?").wait_for()
    assert ReviewNote.objects.get().body == "Số của quý nào?"
    page.on("dialog", lambda dialog: pytest.fail(dialog.type))
    page.goto(sheet)
