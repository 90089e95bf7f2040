"""Criteria sets in a real browser: every page on a laptop and a phone before axe, and what answers while one types."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from criteria.consultation import Comment, Consultation
from criteria.consulting import answer_comment, open_consultation, save_comment
from criteria.models import CriteriaSet, Criterion
from criteria.services import clone, freeze
from criteria.spreadsheet import export_workbook
from criteria.trees import read_set
from tests import factories
from tests.factories import PASSWORD, World
from tests.services.chromium import LAPTOP, PHONE, axe_violations
from units import access, clock
from units.models import User
from units.permissions import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class Office:
    """A frozen set and a draft that is out for comment, with one comment answered."""

    def __init__(self) -> None:
        self.world: World = factories.world()
        self.keeper: User = factories.user()
        access.join(self.keeper, self.world.cycle.province, Role.CRITERIA)
        group = self.world.cycle.groups.first()
        assert group is not None
        self.frozen: CriteriaSet = freeze(group.criteria_set, by=self.keeper)
        self.draft: CriteriaSet = clone(self.frozen, year=factories.YEAR + 1, by=self.keeper)
        unit, today = self.world.units["so-a"], clock.today()
        assert unit.group is not None
        self.unit, self.coordinator = unit, self.world.coordinator["so-a"]
        self.consultation: Consultation = open_consultation(
            self.draft, opens_on=today, closes_on=today + dt.timedelta(days=9), groups=[unit.group], by=self.keeper
        )
        criterion = Criterion.objects.get(criteria_set=self.draft, code="1.1.1")
        comment = save_comment(
            self.consultation, unit, criterion, body="Nên giảm điểm.", seen_version=0, by=self.coordinator
        )
        assert comment is not None
        self.comment: Comment = answer_comment(
            comment, answer=Comment.Answer.PARTLY, text="Sẽ xem lại.", seen_version=0, by=self.keeper
        )

    def pages(self) -> list[tuple[User, str]]:
        draft, asked, code = self.draft.pk, self.consultation.pk, "1.1.2"
        return [
            (self.keeper, reverse("criteria-sets")),
            (self.keeper, reverse("criteria-import")),
            (self.keeper, reverse("consultations")),
            *(
                (self.keeper, reverse(name, args=[draft]))
                for name in (
                    "criteria-set",
                    "criteria-settings",
                    "criteria-bands",
                    "criterion-add",
                    "criteria-changes",
                    "criteria-clone",
                    "criteria-diff",
                    "criteria-freeze",
                    "criteria-import-into",
                    "criteria-whatif",
                    "consultation-open",
                )
            ),
            (self.keeper, reverse("criterion-edit", args=[draft, code])),
            (self.keeper, reverse("consultation", args=[asked])),
            (self.keeper, reverse("comment-answer", args=[asked, self.comment.pk])),
            (self.coordinator, reverse("criteria-sets")),
            (self.coordinator, reverse("criteria-set", args=[self.frozen.pk])),
            (self.coordinator, reverse("consultation", args=[asked])),
            (self.coordinator, reverse("consultation-comment", args=[asked, self.unit.pk, "1"])),
        ]


@pytest.fixture
def office(settings: Settings, tmp_path: Path) -> Office:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    return Office()


def sign_in(page: Page, base: str, user: User) -> None:
    page.context.clear_cookies()
    page.goto(base + reverse("account_login"))
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_load_state("networkidle")


def test_every_page_is_accessible_and_as_wide_as_its_screen(
    page: Page, live_server: LiveServer, office: Office
) -> None:
    signed_in = None
    for user, path in office.pages():
        if user != signed_in:
            sign_in(page, live_server.url, user)
            signed_in = user
        for screen in (LAPTOP, PHONE):
            page.set_viewport_size(screen)
            answer = page.goto(live_server.url + path)
            page.wait_for_load_state("networkidle")
            assert answer is not None
            assert answer.status == 200, path
            assert axe_violations(page) == [], path
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= screen["width"], path


def test_rule_is_said_in_words_while_it_is_typed(page: Page, live_server: LiveServer, office: Office) -> None:
    sign_in(page, live_server.url, office.keeper)
    page.goto(live_server.url + reverse("criterion-edit", args=[office.draft.pk, "1.1.1"]))
    page.wait_for_load_state("networkidle")
    page.get_by_label("Cách chấm", exact=True).select_option(label="Theo mức")
    page.get_by_label("Chi tiết cách chấm").fill("Kịp thời: 2; Chậm: 9")
    page.locator("#rule-words").get_by_text("không được lớn hơn 2").wait_for()
    page.get_by_label("Chi tiết cách chấm").fill("Kịp thời: 2; Chậm: 1")
    page.locator("#rule-words").get_by_text("Kịp thời: 2 · Chậm: 1").wait_for()
    assert axe_violations(page) == []
    page.get_by_label("Sở Nội vụ: Nên giảm điểm.").first.check()
    with page.expect_navigation():
        page.get_by_role("button", name="Lưu", exact=True).click()
    assert office.comment.changes.get().code == "1.1.1"


def test_points_follow_the_figures_without_losing_the_place(
    page: Page, live_server: LiveServer, office: Office
) -> None:
    sign_in(page, live_server.url, office.keeper)
    page.goto(live_server.url + reverse("criteria-whatif", args=[office.draft.pk]))
    page.wait_for_load_state("networkidle")
    page.get_by_label("1.1.2 Số nhiệm vụ hoàn thành").fill("3")
    page.get_by_label("1.1.2 Tổng số nhiệm vụ").fill("4")
    page.keyboard.press("Tab")
    page.get_by_text("→ 3,00 điểm").wait_for()
    page.get_by_label("1.1.1 Đạt / Không đạt").select_option(label="Đạt")
    page.locator("#totals").get_by_text("5,00", exact=True).first.wait_for()
    assert page.get_by_label("1.1.2 Số nhiệm vụ hoàn thành").input_value() == "3"
    assert axe_violations(page) == []


def test_file_is_looked_at_before_it_is_written(
    page: Page, live_server: LiveServer, office: Office, tmp_path: Path
) -> None:
    file = tmp_path / "bo-chi-so.xlsx"
    file.write_bytes(export_workbook(replace(read_set(office.draft), name="Bộ chỉ số trong tệp")))
    sign_in(page, live_server.url, office.keeper)
    page.goto(live_server.url + reverse("criteria-import"))
    page.get_by_label("Tệp Excel").set_input_files(file)
    with page.expect_navigation():
        page.get_by_role("button", name="Xem trước").click()
    assert axe_violations(page) == []
    assert CriteriaSet.objects.filter(year=factories.YEAR + 1).count() == 1
    with page.expect_navigation():
        page.get_by_role("button", name="Ghi bộ chỉ số").click()
    assert CriteriaSet.objects.filter(year=factories.YEAR + 1).count() == 2


def test_comment_that_was_not_saved_is_asked_about(page: Page, live_server: LiveServer, office: Office) -> None:
    sign_in(page, live_server.url, office.coordinator)
    page.goto(live_server.url + reverse("consultation-comment", args=[office.consultation.pk, office.unit.pk, "chung"]))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Ý kiến chung về cả dự thảo").fill("Viết dở.")
    page.get_by_role("link", name="Xem các ý kiến đã lưu").click()
    page.wait_for_url("**/lay-y-kien/*/")
    assert asked == ["beforeunload"]
