"""The sheet when things go wrong: the server dies, the network drops, two people write, there is only a keyboard.

Nothing that was typed is lost, nothing is saved twice, nothing of a colleague is overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from assessments.models import Dossier, LedgerEntry, Score
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import LEAVES, PASSWORD, World
from tests.services.chromium import PHONE, axe_violations
from tests.services.chromium import context as watched
from tests.services.site import Site
from units import clock
from units.models import User

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

QUEUE = "Object.keys(localStorage).filter(key => key.startsWith('cchc-queue:')).length"
FULL = "() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }"
TOO_SMALL = """() => Array.from(
    document.querySelectorAll('tbody[data-row] :is(input:not([type=hidden], [type=checkbox]), select, textarea, .btn)')
  ).filter((field) => field.checkVisibility() && field.getBoundingClientRect().height < 44)
   .map((field) => field.id || field.textContent)"""
RATIO = {"kind": "proportional", "labels": {"a": "Số hồ sơ đúng hạn", "b": "Tổng số hồ sơ"}}
LONG = (
    *LEAVES,
    ("3", "Cải cách tổ chức bộ máy", "9", "", None),
    ("3.1", "Tỷ lệ đúng hạn", "9", "", None),
    *((f"3.1.{n}", f"Tỷ lệ đúng hạn quý {n}", "3", "self", RATIO) for n in (1, 2, 3)),
)


@pytest.fixture
def world(settings: Settings, tmp_path: Path) -> World:
    settings.VAR_DIR = tmp_path
    clock.shift(factories.WORKDAY)
    made = factories.world(leaves=LONG).open()
    made.to(Stage.SELF_ASSESSING)
    return made


@pytest.fixture
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of one's own, which may report requests without a network as errors."""
    made = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    yield made
    made.close()


@pytest.fixture
def site(tmp_path: Path, world: World) -> Iterator[Site]:
    """A real server process on the test's database."""
    made = Site(tmp_path / "site.log")
    made.start()
    yield made
    made.kill()


def sign_in(page: Page, base: str, user: User) -> None:
    page.goto(base + reverse("account_login"))
    page.get_by_label("Tên đăng nhập").fill(user.username)
    page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_load_state("networkidle")


def until(page: Page, expression: str, value: object) -> None:
    """Wait for what an expression gives; Playwright's own waiting evaluates strings, which the pages forbid."""
    for _try in range(300):
        if page.evaluate(expression) == value:
            return
        page.wait_for_timeout(50)
    assert page.evaluate(expression) == value


class Sheet:
    """One domain of Sở Nội vụ on one page; the row of 1.1.2 has figures, giải trình and points of one's own."""

    def __init__(self, page: Page, base: str, world: World, domain: str = "1") -> None:
        self.page = page
        self.world = world
        self.url = base + reverse("sheet", args=[world.dossiers["so-a"].pk, world.domain(domain).pk])
        page.goto(self.url)
        page.wait_for_load_state("networkidle")

    def row(self, code: str = "1.1.2") -> Locator:
        return self.page.locator(f"#score-{self.world.score(code).pk}")

    def field(self, name: str, code: str = "1.1.2") -> Locator:
        return self.page.locator(f"#s{self.world.score(code).pk}-{name}")

    def state(self, state: str, code: str = "1.1.2") -> None:
        self.row(code).locator(f"[data-save-state][data-state={state}]").wait_for()

    def says(self, words: str) -> None:
        self.page.locator("#queue-line").get_by_text(re.compile(words)).wait_for()

    def emptied(self) -> None:
        until(self.page, QUEUE, 0)


def open_sheet(profile: BrowserContext, base: str, world: World, domain: str = "1") -> Sheet:
    page = profile.new_page()
    sign_in(page, base, world.officer["so-a"])
    return Sheet(page, base, world, domain)


def saves(world: World, code: str = "1.1.2") -> int:
    return LedgerEntry.objects.filter(dossier=world.dossiers["so-a"], action="self_score", criterion__code=code).count()


# the server


def test_server_killed_in_the_middle_of_typing_saves_once_when_it_is_back(
    profile: BrowserContext, site: Site, world: World
) -> None:
    sheet = open_sheet(profile, site.url, world)
    sheet.field("a").press_sequentially("1.8")
    site.kill()
    sheet.field("a").press_sequentially("42")
    sheet.field("a").press("Tab")
    sheet.page.keyboard.type("1.985")
    sheet.page.keyboard.press("Tab")
    sheet.state("queued")
    sheet.says("Chờ mạng: 1 tiêu chí")
    assert axe_violations(sheet.page) == []
    assert saves(world) == 0
    site.start()
    sheet.page.get_by_role("button", name="Gửi ngay").click()
    sheet.state("saved")
    sheet.emptied()
    assert world.score("1.1.2").declared == {"a": "1842", "b": "1985"}
    assert saves(world) == 1
    assert sheet.field("a").input_value() == "1.842"
    sheet.page.locator("#sheet-summary", has_text="3,71").wait_for()


def test_tab_closed_while_the_server_is_dead_loses_nothing(profile: BrowserContext, site: Site, world: World) -> None:
    sheet = open_sheet(profile, site.url, world)
    sheet.field("a").fill("3")
    sheet.field("explanation").fill("Đang chờ ý kiến")
    site.kill()
    sheet.field("b").fill("4")
    sheet.page.close()
    site.start()
    page = profile.new_page()
    page.goto(site.url + reverse("inbox"))
    until(page, QUEUE, 0)
    saved = world.score("1.1.2")
    assert (saved.declared, saved.explanation) == ({"a": "3", "b": "4"}, "Đang chờ ý kiến")


def test_answer_that_got_lost_is_asked_for_again_and_counts_once(
    profile: BrowserContext, site: Site, world: World
) -> None:
    sheet = open_sheet(profile, site.url, world)
    lost: list[str] = []

    def lose_first(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append("x")
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    sheet.page.route("**/luu", lose_first)
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.emptied()
    sheet.state("saved")
    assert lost == ["x"]
    assert (saves(world), world.score("1.1.2").version) == (1, 1)


# the network


def test_edits_without_network_survive_a_reload_and_are_sent_in_order(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    profile.set_offline(True)
    sheet.field("a").fill("3")
    sheet.field("b").fill("4")
    sheet.field("met", "1.1.1").select_option("true")
    sheet.field("explanation", "1.1.1").fill("Theo kế hoạch số 5")
    sheet.field("explanation", "1.1.1").press("Tab")
    sheet.says("Chờ mạng: 2 tiêu chí")
    sheet.state("queued")
    sheet.state("queued", "1.1.1")
    profile.set_offline(False)
    sheet.emptied()
    order = LedgerEntry.objects.filter(action="self_score").order_by("seq").values_list("criterion__code", flat=True)
    assert list(order) == ["1.1.2", "1.1.1"]
    assert world.score("1.1.1").explanation == "Theo kế hoạch số 5"
    assert sheet.page.locator("#queue-line").inner_text() == ""


def test_kept_value_meets_a_colleagues_and_the_person_chooses(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    profile.set_offline(True)
    sheet.field("a").fill("3")
    sheet.field("b").fill("4")
    sheet.field("b").press("Tab")
    sheet.state("queued")
    save_score(world.score("1.1.2"), Entry({"a": "1", "b": "4"}), version=0, by=world.coordinator["so-a"])
    profile.set_offline(False)
    sheet.row().get_by_text("Hai người cùng sửa: 1.1.2").wait_for()
    assert world.score("1.1.2").declared == {"a": "1", "b": "4"}
    sheet.page.reload()
    sheet.row().get_by_text("Hai người cùng sửa: 1.1.2").wait_for()
    assert axe_violations(sheet.page) == []
    sheet.row().get_by_role("button", name="Lưu giá trị của tôi").click()
    sheet.state("saved")
    sheet.emptied()
    assert world.score("1.1.2").declared == {"a": "3", "b": "4"}


def test_kept_value_is_given_up_for_the_colleagues(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    save_score(world.score("1.1.2"), Entry({"a": "1", "b": "4"}), version=0, by=world.coordinator["so-a"])
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.row().get_by_role("button", name="Giữ giá trị đã lưu").click()
    sheet.state("saved")
    sheet.emptied()
    assert sheet.field("a").input_value() == "1"
    assert (world.score("1.1.2").version, saves(world)) == (1, 1)


def test_two_tabs_of_one_person_clash_instead_of_overwriting(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    first = open_sheet(profile, live_server.url, world)
    second = Sheet(profile.new_page(), live_server.url, world)
    profile.set_offline(True)
    for sheet, value in ((first, "3"), (second, "2")):
        sheet.field("a").fill(value)
        sheet.field("a").press("Tab")
        sheet.state("queued")
    assert first.page.evaluate(QUEUE) == 2
    profile.set_offline(False)
    until(first.page, QUEUE, 1)
    mine = [sheet.page.get_by_role("button", name="Lưu giá trị của tôi") for sheet in (first, second)]
    mine[0].or_(first.row().locator("[data-state=saved]")).wait_for()
    mine[1].or_(second.row().locator("[data-state=saved]")).wait_for()
    assert sorted(button.count() for button in mine) == [0, 1]
    assert world.score("1.1.2").declared["a"] in {"2", "3"}
    assert saves(world) == 1


def test_wrong_value_stays_across_a_reload_with_its_message(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    sheet.field("a").fill("mười")
    sheet.field("a").press("Tab")
    sheet.row().get_by_text("Không đọc được số “mười”").wait_for()
    sheet.page.on("dialog", lambda dialog: dialog.accept())
    sheet.page.reload()
    sheet.row().get_by_text("Không đọc được số “mười”").wait_for()
    assert sheet.field("a").input_value() == "mười"
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.emptied()
    assert world.score("1.1.2").declared == {"a": "3"}


def test_signed_out_meanwhile_keeps_the_value_until_the_same_person_is_back(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    session = [cookie for cookie in profile.cookies() if cookie["name"] != "cchc_session"]
    profile.clear_cookies()
    profile.add_cookies(session)  # type: ignore[arg-type]
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.says("Phiên đăng nhập đã hết: 1 tiêu chí chưa gửi")
    assert sheet.field("a").input_value() == "3"
    other = profile.new_page()
    sign_in(other, live_server.url, world.coordinator["so-a"])
    sheet.page.evaluate("window.dispatchEvent(new Event('online'))")
    sheet.says("đang đăng nhập bằng tài khoản khác")
    assert world.score("1.1.2").version == 0
    other.close()
    profile.clear_cookies()
    again = profile.new_page()
    sign_in(again, live_server.url, world.officer["so-a"])
    sheet.page.evaluate("window.dispatchEvent(new Event('online'))")
    sheet.state("saved")
    sheet.emptied()
    assert world.score("1.1.2").updated_by == world.officer["so-a"]


def test_refused_value_can_be_read_and_thrown_away(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    profile.set_offline(True)
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.state("queued")
    Dossier.objects.filter(pk=world.dossiers["so-a"].pk).update(stage=Stage.APPROVING)
    profile.set_offline(False)
    sheet.row().get_by_text("đang khóa vì hồ sơ ở bước").wait_for()
    sheet.page.on("dialog", lambda dialog: dialog.accept())
    sheet.page.reload()
    sheet.says("1 tiêu chí chưa lưu cần bạn xem lại")
    sheet.page.get_by_role("button", name="Xem", exact=True).click()
    listed = sheet.page.locator("dialog[open]")
    listed.get_by_text("Số nhiệm vụ hoàn thành: 3").wait_for()
    assert axe_violations(sheet.page) == []
    listed.get_by_role("button", name="Bỏ nội dung này").click()
    assert sheet.page.evaluate(QUEUE) == 1
    listed.get_by_role("button", name="Bấm lần nữa để bỏ hẳn").click()
    sheet.emptied()


def test_signing_out_asks_before_it_throws_away(profile: BrowserContext, live_server: LiveServer, world: World) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    sheet.page.route("**/luu", lambda route: route.abort())
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.state("queued")
    for choice, left in (("Quay lại", 1), ("Bỏ và đăng xuất", 0)):
        sheet.page.locator(".menu-user").evaluate("menu => { menu.open = true; }")
        sheet.page.get_by_role("button", name="Đăng xuất", exact=True).click()
        asked = sheet.page.locator("dialog[open]")
        asked.get_by_text("Chưa gửi được lên máy chủ: tiêu chí 1.1.2.").wait_for()
        asked.get_by_role("button", name=choice, exact=True).click()
        if left:
            assert sheet.page.evaluate(QUEUE) == left
    sheet.page.wait_for_url("**/dang-nhap/**")
    assert sheet.page.evaluate(QUEUE) == 0


def test_full_storage_is_told_and_the_value_saved_all_the_same(
    profile: BrowserContext, live_server: LiveServer, world: World
) -> None:
    sheet = open_sheet(profile, live_server.url, world)
    sheet.page.evaluate(FULL)
    profile.set_offline(True)
    sheet.field("a").fill("3")
    sheet.says("Trình duyệt không giữ được nội dung")
    sheet.field("a").press("Tab")
    sheet.state("queued")
    profile.set_offline(False)
    sheet.state("saved")
    assert world.score("1.1.2").declared == {"a": "3"}
    assert sheet.page.locator("#queue-line").inner_text() == ""


# keyboard


def test_sheet_by_keyboard_alone(page: Page, live_server: LiveServer, world: World) -> None:
    sign_in(page, live_server.url, world.officer["so-a"])
    sheet = Sheet(page, live_server.url, world)

    def focused() -> str:
        found: str = page.evaluate("document.activeElement.id")
        return found

    first, second = world.score("1.1.1").pk, world.score("1.1.2").pk
    page.keyboard.press("?")
    page.locator("#sheet-keys[open]").wait_for()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+ArrowDown")
    assert focused() == f"s{first}-met"
    page.keyboard.press("Alt+ArrowDown")
    assert focused() == f"s{second}-a"
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    assert focused() == f"s{second}-b"
    sheet.state("saved")
    assert focused() == f"s{second}-b"
    page.keyboard.type("4")
    page.keyboard.press("Alt+ArrowUp")
    assert focused() == f"s{first}-met"
    sheet.row().locator(".c-points", has_text="3,00").wait_for()
    assert focused() == f"s{first}-met"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    assert focused() == f"s{second}-a"
    sheet.state("saved", "1.1.1")
    assert world.score("1.1.1").declared == {"met": True}
    page.locator(f"#s{second}-explanation").focus()
    page.keyboard.type("Vì sao? Đang chờ.")
    assert page.locator("#sheet-keys[open]").count() == 0
    page.keyboard.press("Control+s")
    sheet.emptied()
    assert world.score("1.1.2").explanation == "Vì sao? Đang chờ."
    assert focused() == f"s{second}-explanation"
    links = page.locator("#sheet-summary a")
    sheet.row().locator("xpath=self::tbody[not(@data-missing)]").wait_for()
    assert links.all_inner_texts() == ["1.1.1"]
    page.locator(f"#s{first}-explanation").fill("Theo kế hoạch")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Không còn tiêu chí nào thiếu ở trang này.").wait_for()


# Excel


def paste(page: Page, words: str) -> None:
    page.evaluate(
        """words => {
            const data = new DataTransfer();
            data.setData('text/plain', words);
            document.activeElement.dispatchEvent(
                new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
        }""",
        words,
    )


def test_columns_of_excel_fill_the_rows_that_follow_after_a_look(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server.url, world.officer["so-a"])
    sheet = Sheet(page, live_server.url, world, "3")
    sheet.field("a", "3.1.1").focus()
    paste(page, "1.842\t1.985\r\n\t300\r\n92,5\t100\r\n7\t8\r\n")
    look = page.locator("dialog.paste")
    assert look.locator("tbody tr").all_inner_texts() == [
        "3.1.1 Tỷ lệ đúng hạn quý 1: Số hồ sơ đúng hạn\t–\t1.842",
        "3.1.1 Tỷ lệ đúng hạn quý 1: Tổng số hồ sơ\t–\t1.985",
        "3.1.2 Tỷ lệ đúng hạn quý 2: Tổng số hồ sơ\t–\t300",
        "3.1.3 Tỷ lệ đúng hạn quý 3: Số hồ sơ đúng hạn\t–\t92,5",
        "3.1.3 Tỷ lệ đúng hạn quý 3: Tổng số hồ sơ\t–\t100",
    ]
    look.get_by_text("1 dòng cuối không còn tiêu chí để điền nên bỏ qua.").wait_for()
    assert axe_violations(page) == []
    look.get_by_role("button", name="Không điền").click()
    assert sheet.field("a", "3.1.1").input_value() == ""
    paste(page, "1.842\t1.985\r\n\t300\r\n92,5\t100\r\n7\t8\r\n")
    look.get_by_role("button", name="Điền 5 ô").click()
    for code in ("3.1.1", "3.1.2", "3.1.3"):
        sheet.state("saved", code)
    sheet.emptied()
    declared = Score.objects.filter(dossier=world.dossiers["so-a"], criterion__code__startswith="3.")
    assert list(declared.order_by("criterion__order").values_list("declared", flat=True)) == [
        {"a": "1842", "b": "1985"},
        {"b": "300"},
        {"a": "92.5", "b": "100"},
    ]


# talk, history


def test_talk_and_history_open_in_the_row_and_stay_when_it_is_saved(
    page: Page, live_server: LiveServer, world: World
) -> None:
    sign_in(page, live_server.url, world.officer["so-a"])
    sheet = Sheet(page, live_server.url, world)
    row = sheet.row()
    row.locator("summary", has_text="Trao đổi").click()
    box = row.get_by_label("Viết cho đồng nghiệp về tiêu chí 1.1.2")
    box.fill("Lấy số liệu quý IV?")
    row.get_by_role("button", name="Gửi trao đổi").click()
    row.locator(".talk p", has_text="Lấy số liệu quý IV?").wait_for()
    assert row.locator("summary .count").inner_text().startswith("1")
    box.fill("Đang viết dở")
    row.locator("summary", has_text="Lịch sử").click()
    row.get_by_text("Chưa có thay đổi nào.").wait_for()
    sheet.field("a").fill("3")
    sheet.field("a").press("Tab")
    sheet.state("saved")
    row.get_by_text("Số nhiệm vụ hoàn thành: (trống) → 3").wait_for()
    assert box.input_value() == "Đang viết dở"
    assert axe_violations(page) == []
    row.get_by_role("button", name="Đã xong").click()
    row.get_by_text("đánh dấu đã xong").wait_for()
    assert row.locator("summary .count").is_hidden()


# a phone


def test_sheet_fits_a_thumb_on_a_phone(browser: Browser, live_server: LiveServer, world: World) -> None:
    with watched(browser, viewport=PHONE) as profile:
        sheet = open_sheet(profile, live_server.url, world)
        assert sheet.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        small = sheet.page.evaluate(TOO_SMALL)
        assert small == []
        assert sheet.page.locator(".sheet-bar").bounding_box()["height"] <= 120  # type: ignore[index]
        assert axe_violations(sheet.page) == []
        sheet.field("a").fill("3")
        sheet.field("b").fill("4")
        sheet.field("b").press("Tab")
        sheet.row().get_by_text("3,00", exact=True).wait_for()
        sheet.emptied()
