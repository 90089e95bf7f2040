"""The whole cycle in a real browser: everybody signs in, finds the task in the inbox, and does it."""

from __future__ import annotations

import io
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as django_settings
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import Cycle
from assessments.stages import CycleStage, Stage
from presets.simulation import _pdf
from survey.services import expected_lines
from survey.workbook import template
from tests import factories
from tests.factories import PASSWORD, World
from tests.services.chromium import axe_violations, context
from units import clock
from units.models import User

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """The server's threads see the same moved clock, through the file of the installation."""
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    return factories.world()


class Visitor:
    """One person at a browser of their own. Every page is put before axe."""

    def __init__(self, page: Page, base: str, user: User | None) -> None:
        self.page = page
        self.base = base
        if user is not None:
            self.go(reverse("account_login"))
            page.get_by_label("Tên đăng nhập").fill(user.username)
            page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
            self.press("Đăng nhập")

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.look()

    def look(self) -> None:
        self.page.wait_for_load_state("networkidle")
        assert axe_violations(self.page) == [], self.page.url

    def press(self, name: str, *, confirm: str | None = None) -> None:
        """Press a button that leads to another page, and the one of the question before it."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.click()
            if confirm is not None:
                self.page.locator("dialog[open]").get_by_role("button", name=confirm).click()
        self.look()

    def take(self, task: str) -> None:
        """Open a task of the inbox by the beginning of its name."""
        self.go(reverse("inbox"))
        with self.page.expect_navigation():
            self.page.locator(".task-title", has_text=task).first.click()
        self.look()

    def says(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()


def test_cycle_from_self_scoring_to_the_public_page(browser: Browser, live_server: LiveServer, world: World) -> None:
    assert django_settings.CCHC_CLOCK_CAN_MOVE
    base = live_server.url

    def sit(user: User | None) -> Visitor:
        profile = opened.enter_context(context(browser))
        return Visitor(profile.new_page(), base, user)

    with ExitStack() as opened:
        home_affairs = sit(world.home_affairs)
        home_affairs.take("Mở đợt đánh giá")
        home_affairs.press("Mở đợt đánh giá", confirm="Mở đợt")
        world.dossiers = {d.unit.code: d for d in world.cycle.dossiers.select_related("unit", "cycle", "cycle_group")}

        coordinator = sit(world.coordinator["so-a"])
        coordinator.take("Phân công tự đánh giá")
        for code in ("1", "2"):
            coordinator.page.get_by_label(f"Chọn {code}", exact=True).check()
        coordinator.page.get_by_label("Giao mục đã chọn cho").select_option(label=str(world.officer["so-a"]))
        coordinator.page.get_by_role("button", name="Giao", exact=True).click()
        coordinator.press("Phân công")
        assert world.dossier().stage == Stage.SELF_ASSESSING

        officer = sit(world.officer["so-a"])
        officer.take("Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 1")
        page = officer.page
        first, second = world.score("1.1.1").pk, world.score("1.1.2").pk
        page.locator(f"#score-{first} select").select_option(index=1)
        page.locator(f"#score-{first}").get_by_text("Đã lưu").wait_for()
        page.locator(f"#score-{second} input.in-num").nth(0).fill("3")
        page.locator(f"#score-{second} input.in-num").nth(1).fill("4")
        page.locator(f"#s{second}-explanation").fill("Theo báo cáo số 12/BC-SNV.")
        page.locator(f"#s{second}-explanation").blur()
        page.locator(f"#score-{second}").get_by_text("Đã lưu").wait_for()
        officer.look()
        with page.expect_navigation():
            page.locator(f"#score-{first}").get_by_role("link", name="Thêm tài liệu").click()
        officer.look()
        page.set_input_files(
            "input[type=file]",
            {"name": "ke-hoach.pdf", "mimeType": "application/pdf", "buffer": _pdf("Ke hoach 05")},
        )
        card = page.locator("[data-cards] > li", has_text="ke-hoach.pdf")
        card.get_by_label("Số, ký hiệu").fill("05/KH-SNV")
        card.get_by_label("Ngày ban hành").fill("12/01/2026")
        page.get_by_role("button", name="Tải lên", exact=True).click()
        page.locator("#evidence-list").get_by_text("05/KH-SNV").first.wait_for()
        assert world.score("1.1.1").evidence.get().version.document.number == "05/KH-SNV"
        officer.take("Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 1")
        officer.press("Báo hoàn thành lĩnh vực", confirm="Báo hoàn thành")
        officer.take("Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 2")
        third = world.score("2.1.1").pk
        page.locator(f"#score-{third} input.in-num").first.fill("5")
        page.locator(f"#s{third}-explanation").fill("Niêm yết tại bộ phận một cửa.")
        page.locator(f"#s{third}-explanation").blur()
        page.locator(f"#score-{third}").get_by_text("Đã lưu").wait_for()
        officer.press("Báo hoàn thành lĩnh vực", confirm="Báo hoàn thành")
        assert world.dossier().stage == Stage.CHECKING

        coordinator.take("Rà soát hồ sơ")
        coordinator.press("Trình lãnh đạo")
        head = sit(world.head["so-a"])
        head.take("Phê duyệt hồ sơ")
        head.press("Phê duyệt hồ sơ")
        coordinator.take("Gửi hồ sơ")
        coordinator.press("Gửi hội đồng", confirm="Gửi hồ sơ")
        assert world.dossier().stage == Stage.APPRAISING
        coordinator.says("Biên nhận")

        # the other units go on without a browser
        for unit in ("so-b", "huyen-c"):
            world.to(Stage.CONCLUDED, unit)

        appraiser = sit(world.second_appraiser)
        appraiser.take("Thẩm định · Sở Nội vụ · Lĩnh vực 1")
        row = appraiser.page.locator(f"#score-{second}")
        row.get_by_label("Điểm thẩm định").fill("2,5")
        row.get_by_role("button", name="Lưu").click()
        row.get_by_text("hãy ghi lý do").wait_for()
        appraiser.look()
        row.get_by_label("Lý do điều chỉnh").fill("Một nhiệm vụ chưa có sản phẩm.")
        row.get_by_role("button", name="Lưu").click()
        row.get_by_text("Điều chỉnh", exact=True).first.wait_for()
        appraiser.press("Chấp nhận 1 tiêu chí còn lại", confirm="Chấp nhận")
        appraiser.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")
        appraiser.take("Thẩm định · Sở Nội vụ · Lĩnh vực 2")
        appraiser.press("Chấp nhận 1 tiêu chí còn lại", confirm="Chấp nhận")
        appraiser.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")
        assert world.dossier().stage == Stage.REVIEWING

        secretary = sit(world.secretary)
        secretary.take("Tổng hợp thẩm định · Sở Nội vụ")
        secretary.press("Kết thúc thẩm định", confirm="Kết thúc thẩm định")
        coordinator.take("Xem kết quả dự kiến")
        coordinator.says("Một nhiệm vụ chưa có sản phẩm.")
        coordinator.press("Đồng ý với kết quả dự kiến")
        assert world.dossier().stage == Stage.CONCLUDED

        home_affairs.take("Kết thúc nhận hồ sơ")
        home_affairs.press("Kết thúc nhận hồ sơ", confirm="Kết thúc")
        home_affairs.take("Tổng hợp điều tra xã hội học")
        lines = expected_lines(world.cycle)
        book = template(lines, {(line.unit_id, line.criterion_id): (Decimal("0.8"), 80) for line in lines})
        home_affairs.page.set_input_files(
            "input[type=file]",
            {
                "name": "diem.xlsx",
                "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "buffer": io.BytesIO(book).getvalue(),
            },
        )
        home_affairs.press("Nhập tệp")
        home_affairs.go(reverse("merge-survey", args=[world.cycle.pk]))
        home_affairs.press("Tổng hợp vào hồ sơ", confirm="Tổng hợp")

        public = sit(None)
        public.go(reverse("public-home"))
        assert not public.page.get_by_text("Sở Nội vụ").count()

        chair = sit(world.chair)
        chair.take("Hội đồng kết luận")
        chair.press("Kết luận thay mặt hội đồng", confirm="Kết luận")
        home_affairs.take("Trình UBND tỉnh kết quả")
        home_affairs.press("Trình UBND tỉnh")
        province = sit(world.province)
        province.take("Quyết định công bố kết quả")
        province.page.get_by_label("Phê duyệt kết quả để công bố").check()
        province.press("Ghi quyết định")
        home_affairs.take("Công bố kết quả")
        home_affairs.page.get_by_label("Số quyết định").fill("05/QĐ-UBND")
        home_affairs.page.get_by_label("Ngày quyết định").fill(f"{clock.today():%d/%m/%Y}")
        home_affairs.page.get_by_label("Người ký").fill("Trần Văn Thắng")
        home_affairs.press("Công bố", confirm="Công bố")

        cycle = Cycle.objects.get(pk=world.cycle.pk)
        assert cycle.stage == CycleStage.PUBLISHED
        public.go(reverse("public-result", args=[cycle.year, cycle.publication.pk]))
        public.says("05/QĐ-UBND")
        public.says("Sở Nội vụ")
        public.says("78,00")
