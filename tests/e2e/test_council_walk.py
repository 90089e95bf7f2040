"""The council's whole work on one unit in a real browser, from the first points to the minutes and what the unit reads.

Two people score each domain without seeing each other, in two rounds; what they disagree on goes to a meeting.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import CouncilSession, RoundScore
from assessments.services.appraisal import accept_rest, appraise
from assessments.services.sessions import Details, gather, prepare
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.services.chromium import PHONE, axe_violations, context
from units import clock
from units.models import User
from workflow import actions
from workflow.models import WorkItem

from .test_cycle import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
D = Decimal
UNIT = "so-a"


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """Sở Nội vụ has sent: 2 + 3 + 2,5 points. Two score in each of two rounds; differences above 0,5 are heard."""
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world(rounds=2, double_scoring=True, consensus_threshold=D("0.5")).open()
    made.to(Stage.APPRAISING)
    return made


class Walker(Visitor):
    """Somebody of the unit or the council, signed in; axe and the width are looked at where the test says."""

    def __init__(self, page: Page, base: str, user: User) -> None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.cookies["cchc_session"].value
        page.context.add_cookies([{"name": "cchc_session", "value": session, "url": base}])
        super().__init__(page, base, None)

    def look(self) -> None:
        self.page.wait_for_load_state("networkidle")

    def fine(self) -> None:
        assert axe_violations(self.page) == [], self.page.url
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url

    def row(self, world: World, code: str) -> Locator:
        return self.page.locator(f"#score-{world.score(code).pk}")

    def accept_by_key(self, world: World, code: str) -> None:
        self.row(world, code).get_by_label(f"Điểm thẩm định {code}").press("Enter")
        self.row(world, code).get_by_text("Chấp nhận", exact=True).first.wait_for()

    def cut(self, world: World, code: str, points: str, reason: str) -> None:
        """Other points: refused without a reason, saved with one."""
        row = self.row(world, code)
        row.get_by_label(f"Điểm thẩm định {code}").fill(points)
        row.get_by_role("button", name="Lưu").click()
        row.get_by_text("hãy ghi lý do").wait_for()
        row.get_by_label("Lý do điều chỉnh").fill(reason)
        row.get_by_role("button", name="Lưu").click()
        row.get_by_text("Điều chỉnh", exact=True).first.wait_for()

    def finish_domain(self) -> None:
        self.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")


def scored_elsewhere(world: World, user: User, domain: str, **points: str) -> None:
    """`user` finishes a domain without the browser; `points` by code with "_" for the dot, the rest as the unit."""
    for code, given in points.items():
        score = world.score(code.strip("c").replace("_", "."))
        appraise(score, given, reason="Ghi nhận một phần.", version=0, by=user)
    accept_rest(world.dossier(), world.domain(domain), by=user)
    items = WorkItem.objects.filter(dossier=world.dossier(), domain__code=domain, done_at=None)
    (item,) = [row for row in items if row.appraisal and row.appraisal.appraiser_id == user.pk]
    actions.finish_domain(item, by=user)


def given(world: World, code: str) -> list[tuple[int, int, Decimal | None]]:
    """What every round and every scorer gave: round, seat (0: what it came to), points."""
    rows = RoundScore.objects.filter(score=world.score(code)).order_by("round", "seat")
    return list(rows.values_list("round", "seat", "points"))


def test_council_from_the_first_points_to_what_the_unit_reads(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with ExitStack() as opened:
        people: dict[int, Walker] = {}

        def sit(user: User) -> Walker:
            if user.pk not in people:
                page = opened.enter_context(context(browser)).new_page()
                people[user.pk] = Walker(page, live_server.url, user)
            return people[user.pk]

        walk(sit, world)


def walk(sit: Callable[[User], Walker], world: World) -> None:
    coordinator, appraiser, secretary = world.coordinator[UNIT], world.second_appraiser, world.secretary
    other, third, fourth = (factories.seat(world) for _ in range(3))
    dossier = world.dossiers[UNIT].pk

    # the secretary gives the first domain by hand
    window = sit(secretary)
    window.go(reverse("council-sharing", args=[world.cycle.pk]))
    window.page.get_by_role("row", name="Sở Nội vụ").get_by_role("link").first.click()
    window.page.get_by_label(f"{appraiser} · 0 tiêu chí").check()
    window.fine()
    window.press("Lưu")
    window.says(f"Đã giao {appraiser}: Sở Nội vụ · Lĩnh vực 1.")

    # round 1: one accepts with the key and cuts with a reason; the other gives 1 point more
    window = sit(appraiser)
    window.take("Thẩm định · Sở Nội vụ · Lĩnh vực 1")
    window.accept_by_key(world, "1.1.1")
    window.cut(world, "1.1.2", "1,5", "Một nhiệm vụ chưa có sản phẩm.")
    window.fine()
    window.finish_domain()
    scored_elsewhere(world, appraiser, "2")
    for domain, points in (("1", {"c1_1_2": "2,5"}), ("2", {})):
        scored_elsewhere(world, other, domain, **points)
    assert world.dossier().stage == Stage.REVIEWING

    # the appraisal cannot be finished while they differ; the secretary writes down what they agreed on, and asks
    window = sit(secretary)
    window.take("Tổng hợp thẩm định · Sở Nội vụ")
    finish = window.page.get_by_role("button", name="Kết thúc thẩm định", exact=True).first
    assert finish.is_disabled()
    window.fine()
    window.page.get_by_label("Điểm thống nhất 1.1.2").fill("2")
    window.page.get_by_label("Lý do (đơn vị sẽ đọc) 1.1.2").fill("Thiếu sản phẩm của một nhiệm vụ.")
    window.page.get_by_role("button", name="Ghi điểm thống nhất").click()
    window.page.get_by_text("Đã thống nhất", exact=True).wait_for()
    assert finish.is_enabled()
    window.page.get_by_role("link", name="Tất cả tiêu chí tự chấm").click()
    window.page.get_by_label("Nội dung cần bổ sung ở tiêu chí 2.1.1").fill("Nộp ảnh bảng niêm yết thứ năm.")
    window.press("Gửi yêu cầu bổ sung")

    # the unit answers; the appraiser sees what changed
    window = sit(coordinator)
    window.go(reverse("supplement", args=[dossier]))
    window.says("Nộp ảnh bảng niêm yết thứ năm.")
    answer = window.page.get_by_label("Giải trình")
    answer.fill("Ảnh chụp ngày 18/11 kèm công văn số 77.")
    answer.blur()
    window.row(world, "2.1.1").get_by_text("Đã lưu").wait_for()
    window.press("Gửi bổ sung", confirm="Gửi bổ sung")
    window = sit(appraiser)
    window.take("Thẩm định · Sở Nội vụ · Lĩnh vực 2")
    window.row(world, "2.1.1").get_by_text("Đã thay đổi từ khi hội đồng hỏi").wait_for()
    window.accept_by_key(world, "2.1.1")
    window.finish_domain()
    scored_elsewhere(world, other, "2")

    # provisional result and appeal
    window = sit(secretary)
    window.take("Tổng hợp thẩm định · Sở Nội vụ")
    window.press("Kết thúc thẩm định", confirm="Kết thúc thẩm định")
    assert world.dossier().stage == Stage.RESPONDING
    window = sit(coordinator)
    window.take("Xem kết quả dự kiến")
    window.says("Thiếu sản phẩm của một nhiệm vụ.")
    window.fine()
    row = window.row(world, "1.1.2")
    row.locator("summary").click()
    row.get_by_label("Kiến nghị tiêu chí này").check()
    row.get_by_label("Điểm đề nghị").fill("3")
    row.get_by_label("Lý do kiến nghị").fill("Sản phẩm thứ ba ban hành ngày 10/11.")
    window.press("Gửi kiến nghị")
    window.says("hội đồng đang thẩm định vòng 2")

    # second appraisal by two others: whoever scored in round 1 is not asked
    window = sit(appraiser)
    window.go(reverse("inbox"))
    assert not window.page.locator(".task-title", has_text="Thẩm định · Sở Nội vụ").count()
    window = sit(third)
    window.take("Thẩm định · Sở Nội vụ · Lĩnh vực 1")
    window.cut(world, "1.1.2", "2,5", "Chấp nhận hai trong ba sản phẩm.")
    window.finish_domain()
    scored_elsewhere(world, fourth, "1", c1_1_2="1,75")
    assert world.dossier().stage == Stage.REVIEWING

    # the meeting: prepared by the secretary, opened and concluded by the chair
    window = sit(secretary)
    window.go(reverse("sessions", args=[world.cycle.pk]))
    window.page.get_by_label("Ngày họp").fill("20/11/2026")
    window.page.get_by_label("Giờ họp").fill("14:00")
    window.page.get_by_label("Địa điểm").fill("Phòng họp số 2, trụ sở UBND tỉnh")
    window.page.get_by_label("Chủ trì").select_option(label=str(world.chair))
    window.page.get_by_label("Thư ký phiên họp").select_option(label=str(secretary))
    window.press("Lập phiên họp")
    window.press("Đưa chênh lệch và kiến nghị đang chờ")
    window.says("Đã đưa vào chương trình 1 chênh lệch và 0 kiến nghị.")
    for member in (world.chair, secretary, appraiser, other, third, fourth):
        window.page.get_by_label(f"Có mặt: {member}", exact=True).select_option("yes")
    window.page.get_by_label(f"Có mặt: {world.appraiser}", exact=True).select_option("no")
    window.page.get_by_label(f"Lý do vắng: {world.appraiser}", exact=True).fill("Công tác tại Sở Nội vụ.")
    window.press("Lưu điểm danh")
    window.fine()
    session = CouncilSession.objects.get()
    here = reverse("session", args=[world.cycle.pk, session.pk])
    window = sit(world.chair)
    window.go(here)
    window.press("Khai mạc phiên họp")
    window.page.get_by_role("link", name="Trình chiếu").click()
    window.page.get_by_role("heading", name="Tỷ lệ nhiệm vụ hoàn thành").wait_for()
    assert str(third) not in window.page.locator("body").inner_text()
    window.page.keyboard.press("Escape")
    window.page.get_by_label("Điểm quyết định").fill("2,5")
    window.page.get_by_label("Lý do, đơn vị đọc được nguyên văn").fill("Chấp nhận sản phẩm ban hành ngày 10/11.")
    window.page.get_by_label("Biểu quyết: cần quá nửa").check()
    for member in (world.chair, secretary, third, appraiser):
        window.page.get_by_label(str(member), exact=True).select_option("for")
    window.press("Ghi quyết định")
    window.press("Kết luận phiên họp", confirm="Kết luận phiên họp")
    window.says("Đã kết luận phiên họp.")
    for link, starts in (("Biên bản PDF", b"%PDF"), ("Biên bản Word", b"PK")):
        with window.page.expect_download() as taken:
            window.page.get_by_role("link", name=link).click()
        path = Path(taken.value.path())
        assert path.read_bytes().startswith(starts)
    with zipfile.ZipFile(path) as minutes:
        assert "Chấp nhận sản phẩm ban hành ngày 10/11." in minutes.read("word/document.xml").decode()

    window.go(reverse("appraisal-overview", args=[world.cycle.pk]))
    window.says("Mức bớt điểm của từng người thẩm định")
    window.fine()

    # concluded: exact points, all that was given is kept, and the unit reads why
    assert world.dossier().stage == Stage.CONCLUDED
    points = {code: world.score(code).appraised_points for code in ("1.1.1", "1.1.2", "2.1.1")}
    assert points == {"1.1.1": D(2), "1.1.2": D("2.5"), "2.1.1": D("2.5")}
    assert world.score("1.1.2").self_points == 3
    assert given(world, "1.1.2") == [
        *((1, 0, D(2)), (1, 1, D("1.5")), (1, 2, D("2.5"))),
        *((2, 0, D("2.5")), (2, 1, D("2.5")), (2, 2, D("1.75"))),
    ]
    window = sit(coordinator)
    window.go(reverse("respond", args=[dossier]))
    window.says("Hội đồng trả lời:")
    window.says("Chấp nhận sản phẩm ban hành ngày 10/11.")
    window.go(reverse("lost-points", args=[dossier]))
    window.says("Chấp nhận sản phẩm ban hành ngày 10/11.")
    window.page.set_viewport_size(PHONE)
    window.fine()


def test_meeting_on_a_phone(live_server: LiveServer, phone: Page, world: World) -> None:
    appraise(world.score("1.1.2"), "1,5", reason="Thiếu.", version=0, by=world.second_appraiser)
    other = factories.seat(world)
    for person in (world.second_appraiser, other):
        for domain in "12":
            scored_elsewhere(world, person, domain)
    details = Details(clock.now(), "Phòng họp số 2, trụ sở UBND tỉnh", world.chair, world.secretary)
    session = prepare(world.cycle, details, by=world.secretary)
    gather(session, by=world.secretary)
    item = session.items.get()
    window = Walker(phone, live_server.url, world.secretary)
    for name, args in (
        ("sessions", []),
        ("session", [session.pk]),
        ("session-matter", [session.pk, item.pk]),
        ("session-projector", [session.pk, item.pk]),
    ):
        window.go(reverse(name, args=[world.cycle.pk, *args]))
        window.fine()
    window.go(reverse("site-visits", args=[world.dossier().pk]))
    window.fine()
