"""The coordinator's and the head's pages in a real browser: usable on a laptop and a phone, axe finds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import Cycle
from assessments.services import self_reports
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.services.chromium import LAPTOP, PHONE, axe_violations, context
from units import clock
from workflow import actions

from .test_unit_sheet import sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world().open()
    Cycle.objects.filter(pk=made.cycle.pk).update(take_back=True)
    made.to(Stage.CHECKING)
    self_reports.save_totals(made.dossier(), {"1": "5", "2": "2,4", "": "7,4"}, version=0, by=made.coordinator["so-a"])
    return made


def place(world: World, name: str) -> str:
    return reverse(name, args=[world.dossiers["so-a"].pk])


def look(page: Page, base: str, where: str) -> None:
    """No fault of accessibility and no sideways scrolling on the page."""
    page.goto(base + where)
    page.wait_for_load_state("networkidle")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_from_check_to_take_back(browser: Browser, live_server: LiveServer, world: World, size: ViewportSize) -> None:
    base = live_server.url
    with context(browser, viewport=size) as tab:
        page = tab.new_page()
        sign_in(page, base, world.coordinator["so-a"])
        look(page, base, place(world, "check"))
        page.get_by_role("button", name="Trình lãnh đạo").click()
        page.get_by_text("khác với bảng điểm ở 2 chỗ").wait_for()
        look(page, base, place(world, "self-report"))
        page.get_by_label("2. Cải cách thủ tục hành chính").fill("2,5")
        page.get_by_label("Tổng điểm", exact=True).fill("7,5")
        page.get_by_role("button", name="Lưu báo cáo").click()
        page.get_by_text("Khớp với bảng điểm").wait_for()
        actions.send_to_head(world.item("check"), by=world.coordinator["so-a"])
        with context(browser, viewport=size) as other:
            desk = other.new_page()
            sign_in(desk, base, world.head["so-a"])
            look(desk, base, place(world, "approve"))
            desk.get_by_role("button", name="Phê duyệt hồ sơ").click()
            desk.get_by_text("Đã phê duyệt.").wait_for()
        look(page, base, place(world, "submit"))
        actions.submit(world.item("submit"), by=world.coordinator["so-a"])
        look(page, base, place(world, "receipt"))
        look(page, base, place(world, "take-back"))
        page.get_by_label("Lý do rút lại").fill("Nhầm số liệu tiêu chí 1.1.2.")
        page.get_by_role("button", name="Rút lại hồ sơ").click()
        page.get_by_text("Đã rút lại hồ sơ về bước rà soát").wait_for()
        look(page, base, place(world, "receipt"))
