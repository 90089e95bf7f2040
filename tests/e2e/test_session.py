"""A meeting of the council in a real browser: opened, decided from the projector's flow, concluded, minutes taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from assessments.models import CouncilSession
from assessments.services import sessions
from assessments.services.appraisal import Wanted, appraise
from assessments.services.sessions import Details, Presence
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.services.chromium import axe_violations
from units import clock
from units.models import User
from workflow import actions

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """Two appeals of Sở Nội vụ are on the agenda; everybody came, the meeting has not begun."""
    with clock.at(factories.WORKDAY):
        made = factories.world().open()
        made.to(Stage.APPRAISING)
        for code, points in (("1.1.2", "1,5"), ("2.1.1", "1")):
            appraise(made.score(code), points, reason="Thiếu minh chứng.", version=0, by=made.second_appraiser)
        made.to(Stage.RESPONDING)
        wanted = [
            Wanted(made.score(code).pk, points, "Đã có báo cáo số 15/BC-SNV kèm theo hồ sơ.")
            for code, points in (("1.1.2", "3"), ("2.1.1", "2"))
        ]
        actions.respond(made.item("respond"), wanted, by=made.coordinator["so-a"])
        details = Details(clock.now(), "Phòng họp số 2, trụ sở UBND tỉnh", made.chair, made.secretary)
        session = sessions.prepare(made.cycle, details, by=made.secretary)
        sessions.gather(session, by=made.secretary)
        noted = {seat: Presence(True) for seat in session.attendance.values_list("seat", flat=True)}
        sessions.note_attendance(session, noted, by=made.secretary)
    return made


def enter(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the session of `user`."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies["cchc_session"].value
    page.context.add_cookies([{"name": "cchc_session", "value": session, "url": live_server.url}])


def fine(page: Page) -> None:
    """axe finds nothing, and nothing stands outside the width of the screen."""
    assert axe_violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def test_meeting_from_opening_to_minutes(live_server: LiveServer, page: Page, world: World) -> None:
    session = CouncilSession.objects.get()
    here = live_server.url + reverse("session", args=[world.cycle.pk, session.pk])
    with clock.at(factories.WORKDAY):
        enter(page, live_server, world.chair)
        page.goto(here)
        fine(page)
        page.get_by_role("button", name="Khai mạc phiên họp").click()
        page.get_by_text("Đã khai mạc phiên họp.").wait_for()
        page.get_by_role("link", name="Trình chiếu").click()
        page.get_by_role("heading", name="Tỷ lệ nhiệm vụ hoàn thành").wait_for()
        fine(page)
        page.keyboard.press("ArrowRight")
        page.get_by_role("heading", name="Niêm yết công khai").wait_for()
        page.keyboard.press("PageUp")
        page.get_by_role("heading", name="Tỷ lệ nhiệm vụ hoàn thành").wait_for()
        page.keyboard.press("Escape")
        page.get_by_label("Điểm quyết định").fill("2,5")
        page.get_by_label("Lý do, đơn vị đọc được nguyên văn").fill("Chấp nhận một phần theo báo cáo số 15.")
        page.get_by_label("Biểu quyết: cần quá nửa").check()
        for who in (world.chair, world.secretary):
            page.get_by_label(str(who), exact=True).select_option("for")
        fine(page)
        page.get_by_role("button", name="Ghi quyết định").click()
        page.get_by_text("Đã ghi quyết định.").wait_for()
        page.get_by_role("link", name="Niêm yết công khai").click()
        page.get_by_label("Lý do, đơn vị đọc được nguyên văn").fill("Giữ nguyên điểm thẩm định.")
        page.get_by_role("button", name="Ghi quyết định").click()
        page.get_by_text("Đã ghi quyết định.").wait_for()
        page.get_by_role("button", name="Kết luận phiên họp").first.click()
        page.locator("dialog[open]").get_by_role("button", name="Kết luận phiên họp").click()
        page.get_by_text("Đã kết luận phiên họp.").wait_for()
        fine(page)
        with page.expect_download() as taken:
            page.get_by_role("link", name="Biên bản PDF").click()
        path = Path(taken.value.path())
        assert path.read_bytes().startswith(b"%PDF")
    assert world.dossier().stage == Stage.CONCLUDED


def test_meeting_on_a_phone(live_server: LiveServer, phone: Page, world: World) -> None:
    session = CouncilSession.objects.get()
    item = session.items.earliest("order")
    with clock.at(factories.WORKDAY):
        enter(phone, live_server, world.secretary)
        for name, args in (
            ("sessions", []),
            ("session", [session.pk]),
            ("session-matter", [session.pk, item.pk]),
            ("session-projector", [session.pk, item.pk]),
        ):
            phone.goto(live_server.url + reverse(name, args=[world.cycle.pk, *args]))
            fine(phone)
        phone.goto(live_server.url + reverse("site-visits", args=[world.dossier().pk]))
        fine(phone)
