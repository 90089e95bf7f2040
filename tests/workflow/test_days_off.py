"""Days off that are decided late: open tasks and reminders follow over Tết, and nobody is told twice."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import InternalDeadline
from assessments.services.timekeeping import Before
from assessments.stages import Stage
from notifications.models import Notice, Preferences
from plans.days_off import Day, add_day, import_days, remove_day
from plans.holidays import Holiday, work_calendar
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.days_off import follow
from workflow.due import coordinator, head, officers, response
from workflow.models import RuleShift, WorkItem
from workflow.reminder_forecast import Forecast
from workflow.reminders import remind
from workflow.replan import replan_cycle
from workflow.rule_services import RuleContent, own_rules, save_rule, switch

pytestmark = pytest.mark.django_db

Step = InternalDeadline.Step
# The unit's last day is Monday 15/02/2027. Tết 2027: the first day of the year is Saturday 06/02.
LAST_DAY = dt.date(2027, 2, 15)
TET = [Day(dt.date(2027, 2, number), "Tết Nguyên đán") for number in (5, 8, 9, 10, 11)]


def feb(day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(2027, 2, day, hour, minute, tzinfo=clock.LOCAL)


def end_of(day: int) -> dt.datetime:
    """The first instant after a local day of February."""
    return dt.datetime(2027, 2, day + 1, tzinfo=clock.LOCAL)


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    def build() -> World:
        made = factories.world(working_days=True, response_days=3).open()
        for unit in made.units.values():
            actions.extend(made.cycle, [unit], until=LAST_DAY, reason="Bão lũ.", by=made.home_affairs)
        own_rules(made.cycle, by=made.home_affairs)
        for rule in made.cycle.reminder_rules.all():
            switch(rule, on=False, by=made.home_affairs)
        save_rule(
            made.cycle,
            RuleContent("", "before", 3, "working", False, "turn", ["in_app", "email"], "{so_viec} việc", "{viec}"),
            by=made.home_affairs,
        )
        return made

    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


@pytest.fixture
def keeper(world: World) -> User:
    person = factories.user("giu-lich")
    access.join(person, world.cycle.province, Role.CRITERIA)
    return User.objects.get(pk=person.pk)


def told(world: World, unit: str = "so-b") -> list[dt.date]:
    """The days on which the coordinator of a unit was reminded."""
    found = Notice.objects.filter(event__startswith="due:", channel="in_app", recipient=world.coordinator[unit])
    return sorted(dt.date.fromisoformat(event.removeprefix("due:")) for event in found.values_list("event", flat=True))


def walk(first: int, last: int, hour: int = 9) -> None:
    """The sweep of the mornings from `first` to `last` of February."""
    for day in range(first, last + 1):
        with clock.at(feb(day, hour)):
            remind()


def day(number: int) -> dt.date:
    return dt.date(2027, 2, number)


# due dates


def test_internal_deadlines_in_working_days_move_and_the_legal_one_stays(world: World, keeper: User) -> None:
    rules = {Step.OFFICER: Before(3), Step.COORDINATOR: Before(2), Step.HEAD: Before(1, working=False)}
    actions.set_unit_times(world.dossier("so-a"), rules, by=world.coordinator["so-a"])
    world.to(Stage.SELF_ASSESSING)
    shares = WorkItem.objects.filter(dossier=world.dossiers["so-a"], done_at=None, node="dossier.self_assess")
    assert set(shares.values_list("due_at", "legal_due_at")) == {(end_of(10), end_of(15))}
    with clock.at(feb(1)):
        import_days(TET, by=keeper)
    assert set(shares.values_list("due_at", "legal_due_at")) == {(end_of(3), end_of(15))}
    with clock.at(feb(2)):
        remove_day(Holiday.objects.get(on=day(11)), by=keeper)
    assert set(shares.values_list("due_at", "legal_due_at")) == {(end_of(4), end_of(15))}
    world.to(Stage.CHECKING)
    assert world.item("check").due_at == end_of(11)
    with clock.at(feb(2)):
        add_day(Day(day(11), "Nghỉ bù"), by=keeper)
    assert world.item("check").due_at == end_of(4)


def test_dates_read_at_once_are_those_of_one_dossier(world: World, keeper: User) -> None:
    actions.set_unit_times(world.dossier("so-a"), {Step.OFFICER: Before(3)}, by=world.coordinator["so-a"])
    world.to(Stage.RESPONDING, "so-b")
    world.to(Stage.SELF_ASSESSING, "so-a")
    world.to(Stage.APPROVING, "huyen-c")
    import_days(TET, by=keeper)
    cases = (("self_assess", "so-a", officers), ("approve", "huyen-c", head), ("respond", "so-b", response))
    for node, unit, rule in cases:
        for item in WorkItem.objects.filter(node=f"dossier.{node}", dossier=world.dossiers[unit], done_at=None):
            assert item.due_at == rule(world.dossier(unit)), node
    assert coordinator(world.dossier("so-a")) == end_of(15)


def test_time_to_contest_is_counted_without_tet(world: World, keeper: User) -> None:
    with clock.at(feb(3)):
        world.to(Stage.RESPONDING)
        item = world.item("respond")
        assert (item.due_at, item.legal_due_at) == (end_of(8), end_of(8))
        import_days(TET, by=keeper)
    item.refresh_from_db()
    assert (item.due_at, item.legal_due_at) == (end_of(15), end_of(15))


def test_time_to_contest_that_was_told_is_never_cut(world: World, keeper: User) -> None:
    import_days(TET, by=keeper)
    with clock.at(feb(3)):
        world.to(Stage.RESPONDING)
        item = world.item("respond")
        assert item.due_at == end_of(15)
        for holiday in Holiday.objects.filter(on__range=(day(4), day(15))):
            remove_day(holiday, by=keeper)
    item.refresh_from_db()
    assert (item.due_at, item.legal_due_at) == (end_of(15), end_of(15))
    world.cycle.refresh_from_db()
    assert replan_cycle(world.cycle) == 0
    item.refresh_from_db()
    assert item.due_at == end_of(15)


def test_calendar_days_and_finished_tasks_stay(world: World, keeper: User) -> None:
    rules = {Step.OFFICER: Before(3, working=False)}
    actions.set_unit_times(world.dossier("so-a"), rules, by=world.coordinator["so-a"])
    world.to(Stage.SELF_ASSESSING)
    before = list(WorkItem.objects.order_by("pk").values_list("due_at", "legal_due_at"))
    import_days(TET, by=keeper)
    assert list(WorkItem.objects.order_by("pk").values_list("due_at", "legal_due_at")) == before


# reminders


def test_reminder_follows_the_days_off(world: World, keeper: User) -> None:
    with clock.at(feb(2)):
        assert {row.day for row in Forecast(world.cycle).reminders} == {day(10)}
        import_days(TET, by=keeper)
        assert {row.day for row in Forecast(world.cycle).reminders} == {day(3)}
    walk(2, 15)
    assert told(world) == [day(3)]


def test_reminder_whose_new_day_is_over_is_said_today(world: World, keeper: User) -> None:
    walk(2, 4)
    with clock.at(feb(4, 14)):
        import_days(TET, by=keeper)
        assert {row.day for row in Forecast(world.cycle).reminders} == {day(4)}
        remind()
        remind()
    walk(5, 15)
    assert told(world) == [day(4)]


def test_reminder_that_was_said_is_not_said_again_when_its_day_moves_on(world: World, keeper: User) -> None:
    import_days(TET, by=keeper)
    walk(2, 3)
    assert told(world) == [day(3)]
    with clock.at(feb(3, 15)):  # later on the same day: Thursday 11/02 is worked after all, so the day would be the 4th
        remove_day(Holiday.objects.get(on=day(11)), by=keeper)
    walk(4, 15)
    assert told(world) == [day(3)]


def test_nobody_is_told_twice_however_often_the_days_change(world: World, keeper: User) -> None:
    walk(2, 4)
    with clock.at(feb(4, 10)):
        import_days(TET, by=keeper)
    with clock.at(feb(4, 11)):
        remind()
    for hour, number in ((12, 11), (13, 10), (14, 9)):
        with clock.at(feb(4, hour)):
            remove_day(Holiday.objects.get(on=day(number)), by=keeper)
    with clock.at(feb(9, 8)):
        add_day(Day(day(11), "Tết Nguyên đán"), by=keeper)
    walk(5, 15)
    assert told(world) == [day(4)]


def test_change_that_is_undone_before_the_day_leaves_nothing_behind(world: World, keeper: User) -> None:
    with clock.at(feb(4, 8)):
        import_days(TET, by=keeper)
        assert set(RuleShift.objects.values_list("speaks_on", flat=True)) == {day(4)}
        for row in Holiday.objects.all():
            remove_day(row, by=keeper)
        assert RuleShift.objects.count() == 0
    walk(4, 15)
    assert told(world) == [day(10)]


def test_new_deadline_is_spoken_of_although_the_old_one_was(world: World, keeper: User) -> None:
    walk(8, 10)
    assert told(world) == [day(10)]
    with clock.at(feb(10, 12)):
        actions.extend(world.cycle, [world.units["so-b"]], until=day(22), reason="Lũ.", by=world.home_affairs)
        add_day(Day(day(11), "Nghỉ bão"), by=keeper)
    walk(11, 22)
    assert told(world) == [day(10), day(17)]


def test_letter_that_waits_over_days_off_waits_for_the_day_that_now_counts(world: World, keeper: User) -> None:
    person = world.coordinator["so-b"]
    Preferences.objects.create(user=person, quiet_days_off=True)
    add_day(Day(day(10), "Nghỉ"), by=keeper)
    add_day(Day(day(9), "Nghỉ"), by=keeper)
    with clock.at(feb(9)):
        remind()
    Notice.objects.filter(recipient=person, channel="email").delete()
    with clock.at(feb(9, 10)):
        letters = RuleContent("", "before", 6, "calendar", False, "turn", ["email"], "Thư", "{viec}")
        save_rule(world.cycle, letters, by=world.home_affairs)
        remind()
        letter = Notice.objects.get(recipient=person, channel="email", state="queued")
        assert letter.not_before == dt.datetime(2027, 2, 11, 6, tzinfo=clock.LOCAL)
        add_day(Day(day(11), "Nghỉ"), by=keeper)
        letter.refresh_from_db()
        assert letter.not_before == dt.datetime(2027, 2, 12, 6, tzinfo=clock.LOCAL)


def test_import_on_screen_moves_what_is_open(world: World, keeper: User, as_user: SignIn) -> None:
    with clock.at(feb(2)):
        answer = as_user(keeper).post(
            reverse("holidays"), {"on": "12/02/2027", "name": "Nghỉ bão", "kind": "holiday", "source": ""}
        )
        assert answer.status_code == 302
        assert {row.day for row in Forecast(world.cycle).reminders} == {day(9)}


def test_following_asks_the_same_queries_for_one_and_three_units(
    world: World, keeper: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for code in world.units:
        world.to(Stage.CHECKING, code)
    stood = work_calendar()
    Holiday.objects.create(on=day(11), name="Nghỉ")
    with django_assert_num_queries(9):
        follow(stood)
    WorkItem.objects.filter(dossier__in=[world.dossiers["so-b"], world.dossiers["huyen-c"]]).update(
        done_at=factories.WORKDAY
    )
    with django_assert_num_queries(9):
        follow(stood)
