"""A cut, a question, an appeal and a second round by somebody else, in a real browser; the unit reads why."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.services.appraisal import to_appraise
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.services.chromium import PHONE, context
from units import clock
from units.models import User

from .test_cycle import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    """A cycle of two rounds without a survey page to wait for; Sở Nội vụ is with the council."""
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world(rounds=2).open()
    made.to(Stage.APPRAISING)
    return made


def picture(visitor: Visitor, name: str) -> None:
    """Keep the page as a picture where CCHC_PICTURES names a folder."""
    if folder := os.environ.get("CCHC_PICTURES"):
        visitor.page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_appeal_goes_through_a_second_round_and_the_unit_reads_why(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    with ExitStack() as opened:

        def sit(user: User) -> Visitor:
            profile = opened.enter_context(context(browser))
            return Visitor(profile.new_page(), live_server.url, user)

        def give(visitor: Visitor, points: str, reason: str) -> None:
            row = visitor.page.locator(f"#score-{world.score('1.1.2').pk}")
            row.get_by_label("Điểm thẩm định").fill(points)
            row.get_by_role("button", name="Lưu").click()
            row.get_by_text("hãy ghi lý do").wait_for()
            row.get_by_label("Lý do điều chỉnh").fill(reason)
            row.get_by_role("button", name="Lưu").click()
            row.get_by_text("Điều chỉnh", exact=True).first.wait_for()

        appraiser = sit(world.second_appraiser)
        appraiser.take("Thẩm định · Sở Nội vụ · Lĩnh vực 1")
        give(appraiser, "1,5", "Một nhiệm vụ chưa có sản phẩm.")
        appraiser.press("Chấp nhận 1 tiêu chí còn lại", confirm="Chấp nhận")
        appraiser.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")
        appraiser.take("Thẩm định · Sở Nội vụ · Lĩnh vực 2")
        appraiser.press("Chấp nhận 1 tiêu chí còn lại", confirm="Chấp nhận")
        appraiser.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")

        secretary = sit(world.secretary)
        secretary.take("Tổng hợp thẩm định · Sở Nội vụ")
        secretary.page.get_by_label("Nội dung cần bổ sung ở tiêu chí 1.1.2").fill("Gửi danh mục sản phẩm.")
        secretary.press("Gửi yêu cầu bổ sung")

        coordinator = sit(world.coordinator["so-a"])
        coordinator.go(reverse("supplement", args=[world.dossiers["so-a"].pk]))
        coordinator.says("Gửi danh mục sản phẩm.")
        coordinator.press("Gửi bổ sung", confirm="Gửi bổ sung")
        appraiser.take("Thẩm định · Sở Nội vụ · Lĩnh vực 1")
        give(appraiser, "1,5", "Danh mục vẫn thiếu một sản phẩm.")
        appraiser.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")
        secretary.take("Tổng hợp thẩm định · Sở Nội vụ")
        secretary.press("Kết thúc thẩm định", confirm="Kết thúc thẩm định")

        coordinator.take("Xem kết quả dự kiến")
        coordinator.says("Danh mục vẫn thiếu một sản phẩm.")
        picture(coordinator, "respond")
        row = coordinator.page.locator(f"#score-{world.score('1.1.2').pk}")
        row.locator("summary").click()
        row.get_by_label("Kiến nghị tiêu chí này").check()
        row.get_by_label("Điểm đề nghị").fill("3")
        row.get_by_label("Lý do kiến nghị").fill("Sản phẩm thứ ba ban hành ngày 10/11.")
        coordinator.press("Gửi kiến nghị")
        coordinator.says("hội đồng đang thẩm định vòng 2")

        assert not list(to_appraise(world.dossier(), world.domain("1")).filter(appraised_by=world.secretary))
        secretary.take("Thẩm định · Sở Nội vụ · Lĩnh vực 1")
        give(secretary, "2,5", "Chấp nhận hai trong ba sản phẩm.")
        secretary.press("Hoàn thành lĩnh vực", confirm="Hoàn thành")
        secretary.take("Tổng hợp thẩm định · Sở Nội vụ")
        picture(secretary, "review")
        secretary.press("Kết thúc thẩm định", confirm="Kết thúc thẩm định")
        assert world.dossier().stage == Stage.CONCLUDED

        coordinator.go(reverse("respond", args=[world.dossiers["so-a"].pk]))
        coordinator.says("Hội đồng trả lời:")
        picture(coordinator, "answer")
        coordinator.go(reverse("dossier", args=[world.dossiers["so-a"].pk]))
        picture(coordinator, "dossier")
        coordinator.go(reverse("lost-points", args=[world.dossiers["so-a"].pk]))
        coordinator.says("Chấp nhận hai trong ba sản phẩm.")
        picture(coordinator, "lost-points")
        coordinator.page.set_viewport_size(PHONE)
        coordinator.look()
        picture(coordinator, "lost-points-phone")

        chair = sit(world.chair)
        chair.go(reverse("appraisal-overview", args=[world.cycle.pk]))
        chair.says("Mức bớt điểm của từng người thẩm định")
        picture(chair, "overview")
        chair.page.set_viewport_size(PHONE)
        chair.look()
        picture(chair, "overview-phone")
