"""The sheet and the upload in a real browser: nothing that is typed gets lost, on a laptop, a phone and by keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import LedgerEntry, ScoreEvidence
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.evidence import files
from tests.factories import PASSWORD, World
from tests.services.chromium import PHONE, axe_violations, context
from units import clock
from units.models import User
from workflow.views.unit_sheet import SaveScoreView

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world().open()
    made.to(Stage.SELF_ASSESSING)
    return made


def sign_in(page: Page, base: str, user: User) -> None:
    page.goto(base + reverse("account_login"))
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_load_state("networkidle")


class Sheet:
    """Domain 1 of Sở Nội vụ in one person's browser."""

    def __init__(self, page: Page, base: str, world: World, user: User) -> None:
        self.page = page
        self.world = world
        sign_in(page, base, user)
        page.goto(base + reverse("sheet", args=[world.dossiers["so-a"].pk, world.domain("1").pk]))
        page.wait_for_load_state("networkidle")
        self.ratio, self.yes_no = world.score("1.1.2").pk, world.score("1.1.1").pk
        self.row = page.locator(f"#score-{self.ratio}")
        self.part, self.whole = page.locator(f"#s{self.ratio}-a"), page.locator(f"#s{self.ratio}-b")

    def saved(self) -> None:
        self.row.locator("[data-save-state][data-state=saved]").wait_for()


@pytest.fixture
def sheet(page: Page, live_server: LiveServer, world: World) -> Sheet:
    return Sheet(page, live_server.url, world, world.officer["so-a"])


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The server answers a save only once the event is set."""
    go_on = threading.Event()
    post = SaveScoreView.post

    def wait(view: SaveScoreView, *args: object, **kwargs: object) -> object:
        go_on.wait(10)
        return post(view, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(SaveScoreView, "post", wait)
    yield go_on
    go_on.set()


def test_value_typed_while_the_last_one_is_on_its_way_is_not_lost(sheet: Sheet, slow: threading.Event) -> None:
    sheet.part.fill("3")
    sheet.part.press("Tab")
    sheet.row.get_by_text("Đang lưu…").wait_for()
    sheet.page.keyboard.type("4")
    slow.set()
    sheet.page.wait_for_timeout(500)
    assert sheet.whole.input_value() == "4"
    assert sheet.whole.evaluate("field => field === document.activeElement")
    sheet.page.keyboard.press("Tab")
    sheet.row.get_by_text("3/4 nhiệm vụ hoàn thành = 75 % → 3,00 điểm").wait_for()
    sheet.saved()
    assert sheet.world.score("1.1.2").declared == {"a": "3", "b": "4"}
    assert sheet.page.locator("#sheet-summary").inner_text().startswith("3,00")
    assert sheet.page.locator("#sum-1-1").inner_text() == "3,00"


def test_long_explanation_is_saved_without_leaving_the_field(sheet: Sheet) -> None:
    field = sheet.page.locator(f"#s{sheet.ratio}-explanation")
    field.click()
    sheet.page.keyboard.type("Đơn vị đang chờ ý kiến liên ngành.")
    sheet.saved()
    assert sheet.world.score("1.1.2").explanation == "Đơn vị đang chờ ý kiến liên ngành."
    sheet.page.keyboard.type(" Sẽ bổ sung.")
    sheet.page.keyboard.press("Tab")
    sheet.page.wait_for_timeout(600)
    assert sheet.world.score("1.1.2").explanation == "Đơn vị đang chờ ý kiến liên ngành. Sẽ bổ sung."


def test_two_tabs_the_second_sees_both_values_and_chooses(sheet: Sheet, live_server: LiveServer) -> None:
    save_score(sheet.world.score("1.1.2"), Entry({"a": "1", "b": "4"}), version=0, by=sheet.world.coordinator["so-a"])
    sheet.part.fill("3")
    sheet.part.press("Tab")
    sheet.row.get_by_text("Hai người cùng sửa: 1.1.2").wait_for()
    assert sheet.part.input_value() == "3"
    assert axe_violations(sheet.page) == []
    assert sheet.world.score("1.1.2").declared == {"a": "1", "b": "4"}
    sheet.whole.fill("4")
    sheet.whole.press("Tab")
    sheet.page.wait_for_timeout(500)
    sheet.row.get_by_role("button", name="Lưu giá trị của tôi").click()
    sheet.saved()
    assert sheet.world.score("1.1.2").declared == {"a": "3", "b": "4"}
    assert LedgerEntry.objects.filter(action="self_score").count() == 2


def test_wrong_value_stays_with_its_message(sheet: Sheet) -> None:
    sheet.part.fill("mười")
    sheet.part.press("Tab")
    sheet.row.get_by_text("Không đọc được số “mười”").wait_for()
    assert sheet.part.input_value() == "mười"
    assert axe_violations(sheet.page) == []
    sheet.part.fill("3")
    sheet.part.press("Tab")
    sheet.saved()


def test_dropped_connection_is_said_and_the_value_sent_when_it_is_back(
    browser: Browser, live_server: LiveServer, world: World
) -> None:
    # A context of its own: the browser reports each request without a network as an error.
    profile = browser.new_context(locale="vi-VN")
    try:
        sheet = Sheet(profile.new_page(), live_server.url, world, world.officer["so-a"])
        profile.set_offline(True)
        sheet.part.fill("3")
        sheet.part.press("Tab")
        sheet.row.get_by_text("Chờ mạng").wait_for()
        assert sheet.part.input_value() == "3"
        profile.set_offline(False)
        sheet.saved()
        assert world.score("1.1.2").declared == {"a": "3"}
    finally:
        profile.close()


def test_row_saved_by_keyboard_alone(sheet: Sheet) -> None:
    select = sheet.page.locator(f"#s{sheet.yes_no}-met")
    select.focus()
    sheet.page.keyboard.press("ArrowDown")
    sheet.page.keyboard.press("Tab")
    sheet.page.locator(f"#score-{sheet.yes_no}").get_by_text("Đã lưu").wait_for()
    assert sheet.world.score("1.1.1").declared == {"met": True}


def test_sheet_without_script_saves_row_by_row(browser: Browser, live_server: LiveServer, world: World) -> None:
    profile = browser.new_context(java_script_enabled=False, locale="vi-VN")
    try:
        page = profile.new_page()
        sheet = Sheet(page, live_server.url, world, world.officer["so-a"])
        sheet.part.fill("mười")
        sheet.row.get_by_role("button", name="Lưu").click()
        page.get_by_text("Nội dung bạn nhập còn nguyên dưới đây.").wait_for()
        assert sheet.part.input_value() == "mười"
        sheet.part.fill("3")
        sheet.row.get_by_role("button", name="Lưu").click()
        page.wait_for_url(f"**#score-{sheet.ratio}")
        assert world.score("1.1.2").declared == {"a": "3"}
    finally:
        profile.close()


def test_sheet_on_a_phone(browser: Browser, live_server: LiveServer, world: World) -> None:
    with context(browser, viewport=PHONE) as profile:
        sheet = Sheet(profile.new_page(), live_server.url, world, world.officer["so-a"])
        assert sheet.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert axe_violations(sheet.page) == []
        sheet.part.fill("3")
        sheet.whole.fill("4")
        sheet.whole.press("Tab")
        sheet.row.get_by_text("3,00", exact=True).wait_for()


def test_reporting_as_done_says_what_is_missing_at_that_moment(sheet: Sheet) -> None:
    done = sheet.page.get_by_role("button", name="Báo hoàn thành lĩnh vực")
    asked = sheet.page.locator("dialog[open]")
    done.click()
    asked.get_by_text("Còn 2 tiêu chí chưa đủ.").wait_for()
    asked.get_by_role("button", name="Quay lại").click()
    sheet.page.locator(f"#s{sheet.yes_no}-met").select_option("false")
    sheet.page.locator("#sheet-summary").get_by_text("1 còn thiếu:").wait_for()
    done.click()
    asked.get_by_text("Còn 1 tiêu chí chưa đủ.").wait_for()
    asked.get_by_role("button", name="Báo hoàn thành").click()
    sheet.page.get_by_text("Đã báo hoàn thành lĩnh vực 1 (2 tiêu chí).").wait_for()


# uploading


@pytest.fixture
def upload(sheet: Sheet) -> Page:
    """The evidence page of 1.1.1."""
    sheet.page.locator(f"#score-{sheet.yes_no}").get_by_role("link", name="Thêm tài liệu").click()
    sheet.page.wait_for_load_state("networkidle")
    return sheet.page


def given(name: str, content: bytes = files.PDF) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def test_several_files_good_ones_taken_bad_ones_named(upload: Page) -> None:
    upload.set_input_files(
        "input[type=file]", [given("mot.pdf"), given("gia.pdf", files.HTML), given("a.svg", files.SVG)]
    )
    for name, number in (("mot.pdf", "05/KH-SNV"), ("gia.pdf", "06/KH-SNV")):
        upload.locator("[data-cards] > li", has_text=name).get_by_label("Số, ký hiệu").fill(number)
    upload.get_by_role("button", name="Tải lên").click()
    upload.get_by_text("Nội dung tệp không đúng là tệp .pdf.").wait_for()
    upload.get_by_text("Không nhận loại tệp này. Các loại nhận:").wait_for()
    upload.locator("#evidence-list").get_by_text("mot.pdf").wait_for()
    refused = upload.locator("[data-cards] > li", has_text="gia.pdf")
    assert refused.get_by_label("Số, ký hiệu").input_value() == "06/KH-SNV"
    assert axe_violations(upload) == []
    assert [(link.version.filename, link.version.document.number) for link in ScoreEvidence.objects.all()] == [
        ("mot.pdf", "05/KH-SNV")
    ]


def test_upload_is_tried_again_after_a_lost_answer_and_adds_once(upload: Page) -> None:
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort()
        else:
            route.continue_()

    upload.route("**/tai-lieu/", lose_first)
    upload.set_input_files("input[type=file]", [given("mot.pdf")])
    upload.get_by_role("button", name="Tải lên").click()
    upload.locator("#evidence-list").get_by_text("mot.pdf").wait_for()
    assert len(lost) == 1
    assert ScoreEvidence.objects.count() == 1


def test_dropped_files_wait_for_their_description(upload: Page) -> None:
    upload.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['%PDF-1.7 x'], 'keo-tha.pdf', {type: 'application/pdf'}));
            const drop = document.querySelector('[data-drop]');
            drop.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true}));
        }"""
    )
    assert ScoreEvidence.objects.count() == 0
    upload.locator("[data-cards] > li").get_by_label("Trích dẫn", exact=True).fill("trang 2")
    upload.get_by_role("button", name="Tải lên").click()
    upload.locator("#evidence-list").get_by_text("keo-tha.pdf").wait_for()
    assert ScoreEvidence.objects.get().quote == "trang 2"


def test_document_taken_off_after_a_question(upload: Page) -> None:
    upload.set_input_files("input[type=file]", [given("mot.pdf")])
    upload.get_by_role("button", name="Tải lên").click()
    upload.get_by_role("button", name="Bỏ khỏi tiêu chí").click()
    upload.locator("dialog[open]").get_by_role("button", name="Quay lại").click()
    assert ScoreEvidence.objects.count() == 1
    upload.get_by_role("button", name="Bỏ khỏi tiêu chí").click()
    upload.locator("dialog[open]").get_by_role("button", name="Bỏ tài liệu").click()
    upload.get_by_text("Tài liệu vẫn còn trong kho.").wait_for()
    assert ScoreEvidence.objects.count() == 0


def test_preview_runs_nothing(upload: Page, live_server: LiveServer) -> None:
    upload.set_input_files("input[type=file]", [given("anh.png", files.png(40))])
    upload.get_by_role("button", name="Tải lên").click()
    upload.locator("#evidence-list").get_by_role("link", name="anh", exact=True).wait_for()
    version = ScoreEvidence.objects.get().version_id
    upload.locator("#evidence-list").get_by_role("link", name="anh", exact=True).click()
    expect(upload.locator("#preview img")).to_have_js_property("naturalWidth", 40)
    assert axe_violations(upload) == []
    upload.keyboard.press("Escape")
    assert upload.evaluate("document.activeElement.textContent") == "anh"
    shown = upload.goto(live_server.url + reverse("document-view", args=[version]))
    assert shown is not None
    assert shown.headers["content-type"] == "image/png"
    assert upload.evaluate("document.images[0].naturalWidth") == 40
