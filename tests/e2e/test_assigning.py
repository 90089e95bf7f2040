"""Phân công in a real browser: a branch picks its criteria, the selection goes to one person, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import Assignment
from tests import factories
from tests.e2e.test_unit_sheet import sign_in
from tests.factories import World
from tests.services.chromium import PHONE, axe_violations, context
from units import access, clock
from units.permissions import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world().open()
    access.join(factories.user(full_name="Lê Thị Hai"), made.units["so-a"], Role.OFFICER)
    return made


def test_selection_of_a_branch_less_one_criterion(page: Page, live_server: LiveServer, world: World) -> None:
    first = world.officer["so-a"]
    sign_in(page, live_server.url, world.coordinator["so-a"])
    page.goto(live_server.url + reverse("assign", args=[world.dossiers["so-a"].pk]))
    page.get_by_label("Chọn 1", exact=True).check()
    assert page.get_by_label("Chọn 1.1.2", exact=True).is_checked()
    page.get_by_label("Chọn 1.1.2", exact=True).uncheck()
    assert not page.get_by_label("Chọn 1", exact=True).is_checked()
    page.get_by_text("Đã chọn 1 tiêu chí").wait_for()
    page.get_by_label("Giao mục đã chọn cho").select_option(str(first.pk))
    page.get_by_role("button", name="Giao", exact=True).click()
    page.get_by_text("Còn 2 tiêu chí chưa có người thực hiện.").wait_for()
    page.get_by_label("Chọn 1.1.2", exact=True).check()
    page.get_by_label("Chọn 2", exact=True).check()
    page.get_by_label("Giao mục đã chọn cho").select_option(label="Lê Thị Hai")
    page.get_by_role("button", name="Giao", exact=True).click()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Phân công", exact=True).click()
    page.get_by_text("Đã phân công.").wait_for()
    assert axe_violations(page) == []
    rows = Assignment.objects.filter(dossier=world.dossiers["so-a"]).values_list(
        "criterion__code", "officer__full_name"
    )
    assert list(rows) == [("1.1.1", first.full_name), ("1.1.2", "Lê Thị Hai"), ("2", "Lê Thị Hai")]


def test_assigning_and_standing_in_on_a_phone(browser: Browser, live_server: LiveServer, world: World) -> None:
    with context(browser, viewport=PHONE) as phone:
        page = phone.new_page()
        sign_in(page, live_server.url, world.coordinator["so-a"])
        for where in (reverse("assign", args=[world.dossiers["so-a"].pk]), reverse("substitutions")):
            page.goto(live_server.url + where)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert axe_violations(page) == []
