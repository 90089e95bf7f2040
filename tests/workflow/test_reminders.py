"""Reminders: on which days, to whom, once; a moved deadline moves them."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db.models import QuerySet
from pytest_django import DjangoDbBlocker

from assessments.stages import Stage
from notifications.models import Notice
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.models import WorkItem
from workflow.reminders import Reminder, due_reminders, remind

pytestmark = pytest.mark.django_db

LAST_DAY = dt.date(2026, 12, 14)


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A cycle that takes dossiers."""
    with factories.standing(django_db_blocker, lambda: factories.world().open()) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def morning(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(7), clock.LOCAL)


def reminders(day: dt.date, person: User) -> list[Reminder]:
    with clock.at(morning(day)):
        return [row for row in due_reminders() if row.recipient.pk == person.pk]


def reminded() -> QuerySet[Notice]:
    """Reminders alone, without the notices of what happened before."""
    return Notice.objects.filter(event__startswith="due:")


def of(days_left: int) -> dt.date:
    return LAST_DAY - dt.timedelta(days=days_left)


@pytest.mark.parametrize("days", [14, 7, 3, 1, 0, -1, -2, -30])
def test_reminder_comes_on_its_day(world: World, days: int) -> None:
    found = reminders(of(days), world.coordinator["so-a"])
    assert [[(item.node, left) for item, left in row.items] for row in found] == [[("dossier.assign", days)]]


@pytest.mark.parametrize("days", [15, 13, 8, 6, 4, 2])
def test_no_reminder_on_the_days_between(world: World, days: int) -> None:
    assert reminders(of(days), world.coordinator["so-a"]) == []


def test_last_moment_of_the_day_still_belongs_to_it(world: World) -> None:
    def left_at(moment: dt.datetime) -> list[int]:
        with clock.at(moment):
            return [
                left
                for row in due_reminders()
                if row.recipient.pk == world.coordinator["so-a"].pk
                for _item, left in row.items
            ]

    midnight = dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)
    assert left_at(midnight - dt.timedelta(microseconds=1)) == [0]
    assert left_at(midnight) == [-1]


def test_reminder_goes_to_those_whose_turn_it_is(world: World) -> None:
    world.to(Stage.APPROVING)
    with clock.at(morning(LAST_DAY)):
        by_node = {
            item.node: row.recipient
            for row in due_reminders()
            for item, _left in row.items
            if item.dossier_id == world.dossiers["so-a"].pk
        }
    assert by_node == {"dossier.approve": world.head["so-a"]}


def test_task_handed_to_an_officer_reminds_the_officer_alone(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    with clock.at(morning(LAST_DAY)):
        people = {
            row.recipient
            for row in due_reminders()
            if any(item.node == "dossier.self_assess" for item, _left in row.items)
        }
    assert people == {world.officer["so-a"]}


def test_deactivated_officer_is_not_reminded_and_somebody_else_is(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    User.objects.filter(pk=world.officer["so-a"].pk).update(is_active=False)
    assert reminders(LAST_DAY, world.officer["so-a"]) == []
    assert len(reminders(LAST_DAY, world.coordinator["so-a"])) == 1


def test_appraiser_is_not_reminded_of_the_own_unit(world: World) -> None:
    world.to(Stage.APPRAISING)
    last = dt.date(2026, 12, 29)
    assert reminders(last, world.appraiser) == []
    found = reminders(last, world.second_appraiser)
    assert [item.dossier_id for row in found for item, _left in row.items] == [world.dossiers["so-a"].pk] * 2
    access.join(world.second_appraiser, world.units["so-a"], Role.OFFICER)
    assert reminders(last, world.second_appraiser) == []


def test_nobody_is_reminded_of_what_is_done(world: World) -> None:
    world.to(Stage.APPRAISING)
    assert reminders(LAST_DAY, world.coordinator["so-a"]) == []
    assert len(reminders(LAST_DAY, world.coordinator["so-b"])) == 1


def test_extension_moves_the_reminders(world: World) -> None:
    until = dt.date(2026, 12, 18)
    actions.extend(world.cycle, [world.units["so-a"]], until=until, reason="Mưa lũ.", by=world.home_affairs)
    coordinator = world.coordinator["so-a"]
    assert reminders(LAST_DAY, coordinator) == []
    assert [left for row in reminders(dt.date(2026, 12, 17), coordinator) for _item, left in row.items] == [1]
    assert [left for row in reminders(dt.date(2026, 12, 19), coordinator) for _item, left in row.items] == [-1]


def test_one_message_a_day_lists_all_tasks_of_a_person_most_urgent_first(world: World) -> None:
    late = factories.world().open()
    access.join(world.coordinator["so-a"], late.units["so-b"], Role.COORDINATOR)
    other = late.item("assign", "so-b")
    ended = dt.datetime(2026, 12, 11, tzinfo=clock.LOCAL)
    WorkItem.objects.filter(pk=other.pk).update(due_at=ended, legal_due_at=ended)
    with clock.at(morning(dt.date(2026, 12, 11))):
        remind()
    notice = Notice.objects.get(
        recipient=world.coordinator["so-a"], channel=Notice.Channel.IN_APP, event__startswith="due:"
    )
    assert notice.subject == "Chỉ số CCHC: 1 việc quá hạn, 2 việc cần làm"
    lines = [line for line in notice.body.splitlines() if line.startswith("- ")]
    assert lines == [
        "- Phân công tự đánh giá · Sở Tư pháp: Quá hạn 1 ngày (Thứ Năm 10/12/2026)",
        "- Phân công tự đánh giá · Sở Nội vụ: Còn 3 ngày (Thứ Hai 14/12/2026)",
    ]


def test_second_run_of_the_day_adds_nothing_and_the_next_day_does(world: World) -> None:
    with clock.at(morning(LAST_DAY)):
        first = remind()
        assert first == reminded().count() > 0
        assert remind() == 0
    with clock.at(morning(of(-1))):
        assert remind() == first


def test_person_without_an_address_is_told_in_the_product_alone(world: World) -> None:
    User.objects.filter(pk=world.coordinator["so-a"].pk).update(email="")
    with clock.at(morning(LAST_DAY)):
        remind()
    channels = reminded().filter(recipient=world.coordinator["so-a"]).values_list("channel", flat=True)
    assert list(channels) == ["in_app"]
    both = reminded().filter(recipient=world.coordinator["so-b"]).order_by("channel")
    assert list(both.values_list("channel", flat=True)) == ["email", "in_app"]


def test_command_says_how_many_notices_are_new(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with clock.at(morning(LAST_DAY)):
        call_command("remind")
        first = capsys.readouterr().out
        call_command("remind")
        assert capsys.readouterr().out == "0 thông báo nhắc hạn mới.\n"
    assert first == f"{reminded().count()} thông báo nhắc hạn mới.\n"
