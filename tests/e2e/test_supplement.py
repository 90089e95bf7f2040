"""The unit answers the council in a real browser: the page says after each save what changed and what is missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.stages import Stage
from tests import factories
from tests.e2e.test_unit_sheet import sign_in
from tests.factories import World
from tests.services.chromium import PHONE, axe_violations, context
from units import clock
from units.models import User
from workflow import actions

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """The council asks about 1.1.1 and 1.1.2; both were claimed with a document."""
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world().open()
    made.to(Stage.REVIEWING)
    questions = {made.score(code).pk: f"Giải trình tiêu chí {code}." for code in ("1.1.1", "1.1.2")}
    actions.request_supplement(
        made.item("review"), questions, due_on=clock.today() + dt.timedelta(days=7), by=made.secretary
    )
    return made


class Supplement:
    """The page of the supplement, opened by one person."""

    def __init__(self, page: Page, base: str, world: World, user: User) -> None:
        self.page, self.world = page, world
        sign_in(page, base, user)
        page.goto(base + reverse("supplement", args=[world.dossiers["so-a"].pk]))
        page.wait_for_load_state("networkidle")

    def field(self, name: str, code: str) -> Locator:
        return self.page.locator(f"#s{self.world.score(code).pk}-{name}")

    def bar(self, words: str) -> None:
        self.page.locator("#supplement-summary").get_by_text(words).wait_for()

    def lists(self, words: str) -> None:
        self.page.locator("#supplement-lists").get_by_text(words).wait_for()

    def links(self, heading: str) -> list[str]:
        """What the list under a heading names."""
        under = self.page.locator(f"#supplement-lists h3:text-is('{heading}') + ul a")
        return [words.split()[0] for words in under.all_inner_texts()]


CHANGED, UNCHANGED = "Đã thay đổi từ khi hội đồng hỏi", "Chưa thay đổi gì từ khi hội đồng hỏi"


def test_what_changed_and_what_is_missing_follow_each_save(page: Page, live_server: LiveServer, world: World) -> None:
    answer = Supplement(page, live_server.url, world, world.coordinator["so-a"])
    answer.bar("0 / 2 tiêu chí đã có thay đổi")
    assert (answer.links(CHANGED), answer.links(UNCHANGED)) == ([], ["1.1.1", "1.1.2"])
    assert axe_violations(page) == []
    answer.field("a", "1.1.2").fill("4")
    answer.field("a", "1.1.2").press("Tab")
    answer.bar("1 / 2 tiêu chí đã có thay đổi")
    row = page.locator(f"#score-{world.score('1.1.2').pk}")
    assert row.locator(".changes del").first.inner_text() == "3,00"
    assert row.locator(".changes ins").first.inner_text() == "4,00"
    assert row.get_by_text("Hội đồng hỏi:").count() == 1
    assert (answer.links(CHANGED), answer.links(UNCHANGED)) == (["1.1.2"], ["1.1.1"])
    assert page.evaluate("document.activeElement.id") == f"s{world.score('1.1.2').pk}-b"
    answer.field("b", "1.1.2").fill("")
    answer.field("b", "1.1.2").press("Tab")
    answer.bar("1 còn thiếu:")
    answer.lists("Còn tiêu chí chưa đủ.")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Gửi bổ sung").first.click()
    asked = page.locator("dialog[open]")
    asked.get_by_text("Còn 1 tiêu chí chưa đủ. 1 tiêu chí chưa thay đổi gì từ khi hội đồng hỏi.").wait_for()
    asked.get_by_role("button", name="Quay lại").click()
    # As it was: nothing has changed any more.
    answer.field("a", "1.1.2").fill("3")
    answer.field("b", "1.1.2").fill("4")
    answer.field("b", "1.1.2").press("Tab")
    answer.bar("0 / 2 tiêu chí đã có thay đổi")
    assert row.locator(".changes").count() == 0


def test_officer_without_the_button_sees_the_same_lists_on_a_phone(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with context(browser, viewport=PHONE) as profile:
        answer = Supplement(profile.new_page(), live_server.url, world, world.officer["so-a"])
        answer.field("explanation", "1.1.1").fill("Bổ sung báo cáo số 15.")
        answer.field("explanation", "1.1.1").press("Tab")
        answer.bar("1 / 2 tiêu chí đã có thay đổi")
        assert answer.links(CHANGED) == ["1.1.1"]
        assert answer.page.get_by_role("button", name="Gửi bổ sung").count() == 0
        assert answer.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert axe_violations(answer.page) == []
