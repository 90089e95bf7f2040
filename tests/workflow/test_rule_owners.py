"""Whose reminder rules hold: a cycle's own, the province's for cycles without, a plan's for its reports."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.errors import WrongStage
from assessments.models import Cycle
from assessments.stages import Stage
from notifications.models import Notice
from plans.models import Plan, PlanTask
from plans.reporting import Progress
from plans.reports import TaskReport
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role
from workflow import plan_reports
from workflow.models import WorkItem
from workflow.reminder_forecast import Forecast
from workflow.reminders import due_reminders, remind
from workflow.rule_services import (
    RuleContent,
    drop_own_rules,
    drop_province_rules,
    keep_for_province,
    own_rules,
    save_rule,
    switch,
)
from workflow.rules import ReminderRule, rules_of

pytestmark = pytest.mark.django_db

TWO_BEFORE = RuleContent(
    node="",
    when="before",
    days=2,
    count="working",
    repeat=False,
    audience="turn",
    channels=["in_app"],
    subject="Còn {so_viec} báo cáo",
    body="{viec}, {don_vi}: {con_lai}",
)


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    def build() -> World:
        made = factories.world().open()
        task = PlanTask.objects.create(
            plan=made.cycle.plan, number="1", order=1, name="Công khai thủ tục", report_every="monthly"
        )
        task.leads.set([made.units["so-a"], made.units["so-b"]])
        return made

    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


@pytest.fixture
def keeper(world: World) -> User:
    person = factories.user("giu-ke-hoach")
    access.join(person, world.cycle.province, Role.CRITERIA)
    return User.objects.get(pk=person.pk)


def day(number: int, month: int = 11) -> dt.date:
    return dt.date(factories.YEAR, month, number)


def morning(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time(9), clock.LOCAL)


def plan_of(world: World) -> Plan:
    return Plan.objects.get(pk=world.cycle.plan_id)


def days_of(subject: Cycle | Plan) -> list[int]:
    return [rule.days for rule in rules_of([subject])[subject]]


def next_year(world: World) -> Cycle:
    plan = plan_of(world)
    plan.pk, plan.number = None, "sang-nam"
    plan.save()
    return Cycle.objects.create(year=factories.YEAR + 1, name="Năm sau", province=world.cycle.province, plan=plan)


def text(answer: Any) -> str:
    return str(answer.content.decode())


# the province


def test_cycle_opened_later_takes_what_the_province_keeps(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    save_rule(world.cycle, TWO_BEFORE, by=world.home_affairs)
    later = next_year(world)
    assert days_of(later) == [14, 7, 3, 1, 0, 1, 1, 3, 5]
    keep_for_province(world.cycle, by=world.home_affairs)
    assert days_of(later) == [14, 7, 3, 1, 0, 1, 1, 3, 5, 2]
    other = factories.world()
    assert days_of(other.cycle) == [14, 7, 3, 1, 0, 1, 1, 3, 5]  # another province keeps nothing
    access.grant(Role.HOME_AFFAIRS, world.home_affairs, later)
    own_rules(later, by=User.objects.get(pk=world.home_affairs.pk))  # begins with the province's, no longer the shipped
    assert later.reminder_rules.count() == 10
    drop_province_rules(world.cycle, by=world.home_affairs)
    assert world.cycle.province.reminder_rules.count() == 0
    assert (len(days_of(world.cycle)), len(days_of(later))) == (10, 10)


def test_province_keeps_a_copy_that_later_changes_do_not_touch(world: World) -> None:
    own_rules(world.cycle, by=world.home_affairs)
    first = world.cycle.reminder_rules.get(order=1)
    switch(first, on=False, by=world.home_affairs)
    keep_for_province(world.cycle, by=world.home_affairs)
    switch(first, on=True, by=world.home_affairs)
    assert [rule.active for rule in rules_of([next_year(world)]).popitem()[1]] == [False, *[True] * 8]
    keep_for_province(world.cycle, by=world.home_affairs)
    assert world.cycle.province.reminder_rules.count() == 9
    drop_own_rules(world.cycle, by=world.home_affairs)
    assert days_of(world.cycle) == [14, 7, 3, 1, 0, 1, 1, 3, 5]
    assert rules_of([world.cycle])[world.cycle][0].province_id == world.cycle.province_id


def test_only_who_manages_the_cycle_sets_the_provinces_rules(world: World) -> None:
    with pytest.raises(WrongStage):
        keep_for_province(world.cycle, by=world.home_affairs)
    own_rules(world.cycle, by=world.home_affairs)
    for person in (world.secretary, world.province, world.coordinator["so-a"]):
        with pytest.raises(NotAllowed):
            keep_for_province(world.cycle, by=person)
        with pytest.raises(NotAllowed):
            drop_province_rules(world.cycle, by=person)
    keep_for_province(world.cycle, by=world.home_affairs)


def test_provinces_rules_are_set_and_left_on_screen(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    page = reverse("reminder-rules", args=[world.cycle.pk])
    assert "Dùng làm quy tắc của tỉnh" not in text(client.get(page))
    client.post(page, {"own": "1"})
    assert "Dùng làm quy tắc của tỉnh" in text(client.get(page))
    client.post(page, {"province": "1"})
    client.post(page, {"own": "0"})
    shown = text(client.get(page))
    assert "Tỉnh đặt cho mọi đợt chưa có quy tắc riêng" in shown
    assert "Quy tắc của tỉnh" in shown
    client.post(page, {"province": "0"})
    assert ReminderRule.objects.count() == 0
    assert "Quy tắc chung" in text(client.get(page))


# a plan's reports


def test_rules_of_a_plan_speak_of_its_reports_and_of_nothing_else(world: World, keeper: User) -> None:
    plan = plan_of(world)
    own_rules(plan, by=keeper)
    for rule in plan.reminder_rules.all():
        switch(rule, on=False, by=keeper)
    save_rule(plan, TWO_BEFORE, by=keeper)
    with clock.at(morning(day(25))):
        assert plan_reports.ask_recurring() == 2
    # the report is due on Monday 30/11: two working days before it is Thursday 26/11
    told = {
        (on.day, hit.item.node, hit.item.report.body)
        for on in (day(25), day(26), day(27), day(29))
        for reminder in due_reminders(morning(on))
        for hit in reminder.hits
        if hit.item.report is not None
    }
    assert told == {(26, "plantask.report", "Sở Nội vụ"), (26, "plantask.report", "Sở Tư pháp")}
    assert days_of(world.cycle) == [14, 7, 3, 1, 0, 1, 1, 3, 5]


def test_only_who_keeps_the_plans_sets_their_rules(world: World, keeper: User, as_user: SignIn) -> None:
    plan = plan_of(world)
    for person in (world.home_affairs, world.coordinator["so-a"]):
        with pytest.raises(NotAllowed):
            own_rules(plan, by=person)
        assert as_user(person).get(reverse("plan-reminder-rules", args=[plan.pk])).status_code == 404
    own_rules(plan, by=keeper)
    rule = plan.reminder_rules.get(order=1)
    with pytest.raises(NotAllowed):
        switch(rule, on=False, by=world.home_affairs)
    switch(rule, on=False, by=keeper)


def test_rules_of_a_plan_are_set_and_previewed_on_screen(world: World, keeper: User, as_user: SignIn) -> None:
    plan = plan_of(world)
    with clock.at(morning(day(25))):
        plan_reports.ask_recurring()
    client = as_user(keeper)
    rules = reverse("plan-reminder-rules", args=[plan.pk])
    assert "Báo cáo tiến độ nhiệm vụ" in text(client.get(rules))
    assert client.post(rules, {"own": "1"}).status_code == 302
    add = reverse("plan-reminder-rule-add", args=[plan.pk])
    sent = {
        **{key: value for key, value in vars(TWO_BEFORE).items() if key not in ("active", "repeat")},
        "version": "0",
    }
    shown = client.post(add, {**sent, "preview": "1"})
    assert shown.context["preview"].day == day(26)
    assert "Công khai thủ tục, Sở" in shown.context["preview"].message.body
    assert client.post(add, sent).status_code == 302
    made = plan.reminder_rules.get(order=10)
    client.post(reverse("plan-reminder-rule-switch", args=[plan.pk, made.pk]), {"on": "0"})
    made.refresh_from_db()
    assert not made.active
    edit = reverse("plan-reminder-rule", args=[plan.pk, made.pk])
    assert client.post(edit, {**sent, "days": 3}).status_code == 302
    foreign = reverse("reminder-rule", args=[world.cycle.pk, made.pk])
    assert as_user(world.home_affairs).get(foreign).status_code == 404


def foretold(subject: Cycle | Plan) -> set[tuple[dt.date, int, str, str]]:
    forecast = Forecast(subject)
    return {
        (row.reminder.day, row.reminder.recipient.pk, row.message.subject, row.message.body)
        for row in forecast.planned(forecast.reminders)
    }


@pytest.mark.parametrize("asked_already", [False, True])
def test_forecast_tells_of_reports_exactly_what_is_sent_later(world: World, asked_already: bool) -> None:
    """November's report is asked for on the 24th, December's on the 25th of December: after the 30 days."""
    with clock.at(morning(day(24 if asked_already else 22))):
        if asked_already:
            assert plan_reports.ask_recurring() == 2
        found = foretold(world.cycle)
        assert foretold(plan_of(world)) != found
    sent = set()
    first = day(24) if asked_already else day(22)
    Notice.objects.all().delete()
    for number in range(30):
        on = first + dt.timedelta(days=number)
        with clock.at(morning(on)):
            plan_reports.ask_recurring()
            remind()
        for notice in Notice.objects.filter(event=f"due:{on}", channel="in_app"):
            sent.add((on, notice.recipient_id, notice.subject, notice.body))
    assert found == sent
    assert {on for on, _who, _subject, body in found if "Công khai thủ tục" in body} >= {day(27), day(29), day(30)}


def test_forecast_of_a_plan_tells_of_its_reports_alone_and_writes_nothing(world: World) -> None:
    with clock.at(morning(day(22))):
        rows = Forecast(plan_of(world)).reminders
    hits = [(row.day, hit.item.node, hit.item.report.body) for row in rows for hit in row.hits if hit.item.report]
    assert hits[:4] == [
        (day(27), "plantask.report", "Sở Nội vụ"),
        (day(27), "plantask.report", "Sở Tư pháp"),
        (day(29), "plantask.report", "Sở Nội vụ"),
        (day(29), "plantask.report", "Sở Tư pháp"),
    ]
    assert (TaskReport.objects.count(), WorkItem.objects.filter(report__isnull=False).count()) == (0, 0)


def test_report_that_was_accepted_is_foretold_to_nobody(world: World, keeper: User) -> None:
    with clock.at(morning(day(24))):
        plan_reports.ask_recurring()
        report = TaskReport.objects.get(unit=world.units["so-a"])
        plan_reports.report(report, Progress(Decimal(100), "Xong."), by=world.coordinator["so-a"])
        bodies = {hit.item.report.body for row in Forecast(plan_of(world)).reminders for hit in row.hits}
    assert bodies == {"Sở Tư pháp"}


def test_forecast_page_of_a_plan_names_the_rule_and_its_queries_stay(
    world: World, keeper: User, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_user(keeper)
    where = reverse("plan-reminder-forecast", args=[world.cycle.plan_id])
    with clock.at(morning(day(22))):
        page = client.get(where)
        assert "Báo cáo kế hoạch: Trước hạn 3 ngày" in text(page)
        whole = page.context["page"].paginator.count
        with django_assert_num_queries(QUERIES):
            chosen = client.get(where, {"quy_tac": "k3"})
        assert {row["planned"].reminder.day for row in chosen.context["rows"]} == {day(27)}
        excel = client.get(reverse("plan-reminder-forecast-excel", args=[world.cycle.plan_id]))
        assert excel.content.startswith(b"PK")
        more = PlanTask.objects.create(
            plan=world.cycle.plan, number="2", order=2, name="Một cửa", report_every="monthly"
        )
        more.leads.set([world.units["huyen-c"]])
        with django_assert_num_queries(QUERIES):
            client.get(where, {"quy_tac": "k3"})
        assert client.get(where).context["page"].paginator.count > whole


QUERIES = 24


def test_cycles_rules_page_leads_to_the_plans_for_who_keeps_them(world: World, as_user: SignIn) -> None:
    page = reverse("reminder-rules", args=[world.cycle.pk])
    other = reverse("plan-reminder-rules", args=[world.cycle.plan_id])
    assert other not in text(as_user(world.home_affairs).get(page))
    access.join(world.home_affairs, world.cycle.province, Role.CRITERIA)
    assert other in text(as_user(User.objects.get(pk=world.home_affairs.pk)).get(page))


def test_done_steps_are_not_foretold_beside_reports(world: World) -> None:
    world.to(Stage.APPRAISING)
    person = world.coordinator["so-a"]
    with clock.at(morning(day(22))):
        hits = [hit for row in Forecast(world.cycle).chosen(person=person.pk) for hit in row.hits]
    assert {hit.item.node for hit in hits} == {"plantask.report"}
