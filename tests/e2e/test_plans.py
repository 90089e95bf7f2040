"""Plans in a real browser: every page before axe on a laptop and on a phone, and a task entered by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from plans.holidays import Holiday
from plans.models import Plan
from presets.plans import load_plan
from tests import factories
from tests.services.chromium import axe_violations
from units import access
from units.models import Unit, User
from units.permissions import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def keeper() -> User:
    province = Unit.objects.create(code="ben-tre", name="Tỉnh Bến Tre", kind=Unit.Kind.PROVINCE)
    Unit.objects.create(code="so-noi-vu", name="Sở Nội vụ", kind=Unit.Kind.DEPARTMENT, parent=province)
    person = factories.user("ke-hoach")
    access.join(person, province, Role.CRITERIA)
    return person


@pytest.fixture
def plan(keeper: User) -> Plan:
    Holiday.objects.create(on="2012-04-30", name="Ngày Chiến thắng")
    load_plan("gia-lai")
    return load_plan("ben-tre")


def enter(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the session of `user`."""
    client = Client()
    client.force_login(user)
    session = client.cookies["cchc_session"].value
    page.context.add_cookies([{"name": "cchc_session", "value": session, "url": live_server.url}])


def pages(plan: Plan) -> list[str]:
    return [
        reverse("plans"),
        reverse("plan", args=[plan.pk]),
        reverse("plan", args=[Plan.objects.get(number="464/QĐ-UBND").pk]),
        reverse("plan-timeline", args=[plan.pk]),
        reverse("plan-month", args=[2012, 4]),
        reverse("holidays") + "?nam=2012",
        reverse("holiday-import"),
        reverse("plan-edit", args=[plan.pk]),
        reverse("plan-clone", args=[plan.pk]),
        reverse("plan-import", args=[plan.pk]),
        reverse("plan-task-edit", args=[plan.pk, plan.tasks.get(number="1").pk]),
        reverse("plan-target-edit", args=[plan.pk]),
        reverse("plan-group", args=[plan.pk, plan.groups.all()[0].pk]),
    ]


def look(page: Page, url: str) -> None:
    """The page is there, axe finds nothing, and nothing stands outside the width of the screen."""
    response = page.goto(url)
    assert response is not None
    assert response.status == 200, url
    assert axe_violations(page) == [], url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), url


def test_pages_on_a_laptop(live_server: LiveServer, page: Page, keeper: User, plan: Plan) -> None:
    enter(page, live_server, keeper)
    for path in pages(plan):
        look(page, live_server.url + path)


def test_pages_on_a_phone(live_server: LiveServer, phone: Page, keeper: User, plan: Plan) -> None:
    enter(phone, live_server, keeper)
    for path in pages(plan):
        look(phone, live_server.url + path)


def test_task_is_entered_refused_mended_and_deleted(
    live_server: LiveServer, page: Page, keeper: User, plan: Plan
) -> None:
    enter(page, live_server, keeper)
    page.goto(live_server.url + reverse("plan", args=[plan.pk]))
    page.get_by_role("link", name="Thêm nhiệm vụ").click()
    page.get_by_label("Số", exact=True).fill("8")
    page.get_by_label("Nhiệm vụ", exact=True).fill("Sơ kết thí điểm")
    page.get_by_label("Thời gian").fill("tháng tám")
    page.get_by_text("Đơn vị chủ trì trên phần mềm").first.click()
    page.get_by_role("checkbox", name="Sở Nội vụ").first.check()
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_load_state()
    assert axe_violations(page) == []
    assert "Số này đã dùng cho" in page.inner_text("main")
    page.get_by_label("Số", exact=True).fill("9")
    page.get_by_label("Thời gian").fill("Tháng 8/2012")
    page.get_by_role("button", name="Lưu").click()
    page.wait_for_url("**/#nhiem-vu-*")
    task = plan.tasks.get(number="9")
    assert (task.name, task.time_kind, [unit.code for unit in task.leads.all()]) == (
        "Sơ kết thí điểm",
        "month",
        ["so-noi-vu"],
    )
    page.goto(live_server.url + reverse("plan-task-edit", args=[plan.pk, task.pk]))
    page.get_by_role("button", name="Xóa nhiệm vụ").click()
    page.get_by_role("dialog").get_by_role("button", name="Xóa nhiệm vụ").click()
    page.wait_for_url(f"**{reverse('plan', args=[plan.pk])}")
    assert "Đã xóa nhiệm vụ 9." in page.inner_text("main")
    assert not plan.tasks.filter(number="9").exists()


def test_workbook_is_previewed_and_confirmed(live_server: LiveServer, page: Page, keeper: User, plan: Plan) -> None:
    exported = Client()
    exported.force_login(keeper)
    content = exported.get(reverse("plan-export", args=[plan.pk])).content
    plan.tasks.filter(number="3").update(lead="Sở Tài chính")
    enter(page, live_server, keeper)
    page.goto(live_server.url + reverse("plan-import", args=[plan.pk]))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.get_by_label("Tệp", exact=True).set_input_files(
        files=[{"name": "ke-hoach.xlsx", "mimeType": kind, "buffer": content}]
    )
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("heading", name="Xem trước thay đổi").wait_for()
    assert axe_violations(page) == []
    assert "Chủ trì: Sở Tài chính → Sở Nội vụ" in page.inner_text("main")
    page.get_by_role("button", name="Ghi vào kế hoạch").click()
    page.wait_for_url(f"**{reverse('plan', args=[plan.pk])}")
    assert plan.tasks.get(number="3").lead == "Sở Nội vụ"
