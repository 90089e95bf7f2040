"""The offline workbook in a real browser, on a laptop and on a phone: filter, choose, save."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.offline import export_part
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.services.chromium import axe_violations
from units import clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_officer_filters_chooses_and_saves_in_the_browser(
    page: Page, phone: Page, live_server: LiveServer, settings: Settings, tmp_path: Path
) -> None:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    world = factories.world().open()
    world.to(Stage.SELF_ASSESSING)
    book = load_workbook(io.BytesIO(export_part(world.dossier(), by=world.officer["so-a"])))
    sheet = book["Lĩnh vực 1"]
    sheet["F5"].value, sheet["F6"].value, sheet["H6"].value = "Đạt", "4", "4"
    book["Lĩnh vực 2"]["F5"].value = "một"
    file = tmp_path / "da-nhap.xlsx"
    book.save(file)
    save_score(world.score("1.1.2"), Entry({"a": "2", "b": "4"}), version=0, by=world.coordinator["so-a"])
    for screen in (phone, page):
        client = Client()
        client.force_login(world.officer["so-a"])
        cookie = {"name": "cchc_session", "value": client.cookies["cchc_session"].value, "url": live_server.url}
        screen.context.add_cookies([cookie])
        screen.goto(live_server.url + reverse("offline", args=[world.dossier().pk]))
        assert axe_violations(screen) == []
        screen.get_by_label("Tệp Excel đã nhập").set_input_files(file)
        screen.get_by_role("button", name="Tải lên và so sánh").click()
        screen.get_by_text("Chưa có gì được lưu.").wait_for()
        assert axe_violations(screen) == []
        assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert screen.locator("tbody[data-kind]:visible").count() == 3
        screen.get_by_role("button", name="Có lỗi").click()
        assert screen.locator("tbody[data-kind]:visible").count() == 1
        assert screen.get_by_role("button", name="Có lỗi").get_attribute("aria-pressed") == "true"
        screen.get_by_role("button", name="Tất cả khác biệt").click()
        screen.get_by_label("Chọn tất cả thay đổi").uncheck()
        chosen = screen.locator("[data-chosen]")
        assert chosen.inner_text() == "Đang chọn 0 thay đổi, đã quyết định 0 dòng hai người cùng sửa."
        screen.get_by_label("Chọn tất cả thay đổi").check()
        screen.get_by_label("Lấy nội dung trong tệp").check()
        assert chosen.inner_text() == "Đang chọn 1 thay đổi, đã quyết định 1 dòng hai người cùng sửa."
    page.get_by_role("button", name="Lưu các dòng đã chọn").click()
    page.get_by_text("Đã lưu 2 tiêu chí.").wait_for()
    assert axe_violations(page) == []
    assert [world.score(code).self_points for code in ("1.1.1", "1.1.2")] == [Decimal(2), Decimal(4)]
