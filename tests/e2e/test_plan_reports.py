"""Reports on tasks in a real browser: a coordinator writes one, Sở Nội vụ returns it, axe on both widths."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from plans.models import Plan
from plans.reports import TaskReport
from presets.progress import play_reports
from tests import factories
from tests.services.chromium import axe_violations
from units import access, clock
from units.models import Unit, User
from units.permissions import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
YEAR = 2026


@pytest.fixture
def keeper() -> User:
    province = Unit.objects.create(code="tinh", name="tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)
    person = factories.user("ke-hoach")
    access.join(person, province, Role.CRITERIA)
    for order, name in enumerate(("Sở Tư pháp", "Sở Nội vụ", "Sở Tài chính", "UBND huyện Lệ Thủy"), start=1):
        unit = Unit.objects.create(
            code=f"don-vi-{order}", name=name, kind=Unit.Kind.DEPARTMENT, parent=province, order=order
        )
        access.join(factories.user(f"dau-moi-{order}"), unit, Role.COORDINATOR)
    return person


@pytest.fixture
def plan(keeper: User) -> Iterator[Plan]:
    units = list(Unit.objects.filter(kind=Unit.Kind.DEPARTMENT).order_by("order"))
    made = play_reports(Unit.objects.get(code="tinh"), units, year=YEAR)
    clock.shift(dt.datetime(YEAR, 12, 3, 9, tzinfo=clock.LOCAL))
    yield made
    clock.shift(None)


def enter(page: Page, live_server: LiveServer, user: User) -> None:
    """Give the browser the session of `user`."""
    client = Client()
    client.force_login(user)
    session = client.cookies["cchc_session"].value
    page.context.add_cookies([{"name": "cchc_session", "value": session, "url": live_server.url}])


def pages(plan: Plan) -> dict[str, str]:
    task = plan.tasks.get(number="1")
    sent = TaskReport.objects.filter(task__plan=plan, state="sent").earliest("pk")
    owed = TaskReport.objects.filter(task__plan=plan, state="returned").earliest("pk")
    return {
        "plan": reverse("plan", args=[plan.pk]),
        "list": reverse("plan-reports"),
        "everything": reverse("plan-reports") + "?state=",
        "task": reverse("plan-task-reports", args=[plan.pk, task.pk]),
        "verify": reverse("plan-report-verify", args=[sent.pk]),
        "behalf": reverse("plan-report", args=[owed.pk]),
        "figure": reverse("plan-target-figure", args=[plan.pk, plan.targets.get(number="A").pk]),
    }


@pytest.mark.parametrize("width", ["page", "phone"])
def test_pages_of_reports(
    live_server: LiveServer, keeper: User, plan: Plan, width: str, request: pytest.FixtureRequest
) -> None:
    browser: Page = request.getfixturevalue(width)
    enter(browser, live_server, keeper)
    for name, path in pages(plan).items():
        response = browser.goto(live_server.url + path)
        assert response is not None
        assert response.status == 200, name
        assert axe_violations(browser) == [], name
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_report_is_written_from_the_inbox(live_server: LiveServer, page: Page, keeper: User, plan: Plan) -> None:
    enter(page, live_server, User.objects.get(username="dau-moi-1"))
    page.goto(live_server.url)
    page.get_by_role("link", name="Báo cáo tiến độ nhiệm vụ · Sở Tư pháp").first.click()
    page.get_by_label("Tiến độ (%)").fill("85,5")
    page.get_by_role("button", name="Gửi báo cáo").click()
    page.wait_for_load_state()
    assert axe_violations(page) == []
    assert page.get_by_label("Tiến độ (%)").input_value() == "85,5"
    page.get_by_label("Kết quả thực hiện").fill("Đã niêm yết đủ thủ tục.")
    page.get_by_role("button", name="Gửi báo cáo").click()
    page.wait_for_url("**/")
    report = TaskReport.objects.get(unit__code="don-vi-1", period=f"{YEAR}-11")
    assert (report.state, str(report.percentage)) == ("sent", "85.50")
