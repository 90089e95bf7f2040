"""Whose turn it is: the inbox of each person, the people behind each task, and due dates that move."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import Cycle
from assessments.stages import Stage
from plans.models import Milestone
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import Unit, User
from units.permissions import Role
from workflow import actions
from workflow.inbox import Turns, inbox
from workflow.models import WorkItem
from workflow.replan import replan

YEAR = factories.YEAR
SUBMISSION = dt.datetime(YEAR, 12, 15, tzinfo=clock.LOCAL)
APPRAISAL = dt.datetime(YEAR, 12, 30, tzinfo=clock.LOCAL)


def build() -> World:
    made = factories.world().open()
    made.to(Stage.APPRAISING, "so-a")
    made.to(Stage.SELF_ASSESSING, "so-b")
    return made


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One dossier is being appraised, one is being filled, one waits for its coordinator."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def lines(user: User) -> list[tuple[str, str, str]]:
    """(node, unit, domain) of each task in the inbox of `user`, in its order."""
    return [
        (item.node, item.dossier.unit.code if item.dossier else "", item.domain.code if item.domain else "")
        for item in inbox(User.objects.get(pk=user.pk))
    ]


def people(item: WorkItem) -> list[User]:
    return Turns([item]).people(item)


def appraisals(unit: str, *domains: str) -> list[tuple[str, str, str]]:
    return [("dossier.appraise", unit, domain) for domain in domains or ("1", "2")]


# who sees what


def test_each_person_sees_the_tasks_that_wait_for_them(world: World) -> None:
    assert lines(world.officer["so-b"]) == [("dossier.self_assess", "so-b", "1"), ("dossier.self_assess", "so-b", "2")]
    assert lines(world.coordinator["so-b"]) == []
    assert lines(world.head["so-b"]) == []
    assert lines(world.coordinator["huyen-c"]) == [("dossier.assign", "huyen-c", "")]
    assert lines(world.officer["huyen-c"]) == []
    assert lines(world.officer["so-a"]) == []
    assert lines(world.second_appraiser) == appraisals("so-a")
    assert lines(world.secretary) == appraisals("so-a")
    assert lines(world.chair) == []
    assert lines(world.home_affairs) == [("cycle.collect", "", ""), ("cycle.merge_survey", "", "")]
    assert lines(world.province) == []
    assert lines(world.investigator) == []


def test_task_given_to_one_officer_is_nobody_elses(world: World) -> None:
    colleague = factories.user()
    access.join(colleague, world.units["so-b"], Role.OFFICER)
    assert lines(colleague) == []
    for item in WorkItem.objects.filter(dossier=world.dossiers["so-b"], done_at=None):
        assert (item.owner, people(item)) == (world.officer["so-b"], [world.officer["so-b"]])


def test_finished_task_leaves_the_inbox(world: World) -> None:
    item = world.item("self_assess", "so-b", domain__code="1")
    actions.finish_self_assessment(item, by=world.officer["so-b"])
    assert lines(world.officer["so-b"]) == [("dossier.self_assess", "so-b", "2")]
    actions.finish_self_assessment(world.item("self_assess", "so-b"), by=world.officer["so-b"])
    assert lines(world.officer["so-b"]) == []
    assert lines(world.coordinator["so-b"]) == [("dossier.check", "so-b", "")]


def test_anonymous_and_deactivated_people_have_no_inbox(world: World) -> None:
    User.objects.filter(pk=world.home_affairs.pk).update(is_active=False)
    assert lines(world.home_affairs) == []


# order


def test_inbox_is_ordered_by_due_date_and_then_by_age(world: World) -> None:
    busy = factories.user()
    for unit, role in (("huyen-c", Role.COORDINATOR), ("so-b", Role.COORDINATOR)):
        access.join(busy, world.units[unit], role)
    access.grant(Role.HOME_AFFAIRS, busy, world.cycle)
    access.grant(Role.SECRETARY, busy, world.cycle)
    world.cycle.council.members.create(user=busy, role=Role.SECRETARY)
    items = list(inbox(User.objects.get(pk=busy.pk)))
    assert [(item.due_at, item.pk) for item in items] == sorted((item.due_at, item.pk) for item in items)
    assert [item.node for item in items] == [
        "dossier.assign",
        "cycle.collect",
        "cycle.merge_survey",
        "dossier.appraise",
        "dossier.appraise",
    ]


def test_earlier_due_date_comes_first(world: World) -> None:
    access.join(world.coordinator["huyen-c"], world.units["so-b"], Role.COORDINATOR)
    for domain in ("1", "2"):
        actions.finish_self_assessment(world.item("self_assess", "so-b", domain__code=domain), by=world.officer["so-b"])
    both = [("dossier.assign", "huyen-c", ""), ("dossier.check", "so-b", "")]
    assert lines(world.coordinator["huyen-c"]) == both
    actions.extend(
        world.cycle,
        [world.units["huyen-c"]],
        until=dt.date(YEAR, 12, 20),
        reason="Lũ.",
        by=world.home_affairs,
    )
    assert lines(world.coordinator["huyen-c"]) == both[::-1]


# conflict of interest and domains


def test_appraiser_of_the_unit_has_no_task_on_it(world: World) -> None:
    world.to(Stage.APPRAISING, "so-b")
    assert lines(world.appraiser) == appraisals("so-b")
    assert lines(world.second_appraiser) == appraisals("so-a") + appraisals("so-b")
    for item in WorkItem.objects.filter(dossier=world.dossiers["so-a"], node="dossier.appraise", done_at=None):
        assert world.appraiser not in people(item)
        assert world.second_appraiser in people(item)


def test_member_moved_to_a_unit_loses_its_tasks_at_once(world: World) -> None:
    member, unit = world.second_appraiser, world.units["so-a"]
    access.join(member, unit, Role.HEAD)
    assert lines(member) == []
    assert member not in people(world.item("appraise", domain__code="1"))
    access.leave(member, unit, Role.HEAD)
    assert lines(member) == appraisals("so-a")


def test_secretary_of_the_unit_does_not_review_it(world: World) -> None:
    world.to(Stage.REVIEWING)
    review = world.item("review")
    assert people(review) == [world.secretary]
    access.join(world.secretary, world.units["so-a"], Role.OFFICER)
    assert lines(world.secretary) == []
    assert people(review) == []


def test_appraiser_with_given_domains_sees_only_those(world: World) -> None:
    narrow = factories.seat(world, domains=[world.domain("2")])
    assert lines(narrow) == appraisals("so-a", "2")
    assert narrow in people(world.item("appraise", domain__code="2"))
    assert narrow not in people(world.item("appraise", domain__code="1"))


def test_member_without_a_seat_any_more_loses_the_tasks(world: World) -> None:
    member = world.second_appraiser
    member.council_seats.update(active=False)
    assert lines(member) == []
    assert member not in people(world.item("appraise", domain__code="1"))


def test_seat_in_another_cycle_gives_no_tasks_here(world: World) -> None:
    elsewhere = factories.world()
    access.grant(Role.MEMBER, elsewhere.second_appraiser, world.cycle)
    assert lines(elsewhere.second_appraiser) == []


# people who are gone


def test_tasks_of_a_deactivated_officer_go_to_the_others_of_the_unit(world: World) -> None:
    officer, coordinator = world.officer["so-b"], world.coordinator["so-b"]
    User.objects.filter(pk=officer.pk).update(is_active=False)
    item = world.item("self_assess", "so-b", domain__code="1")
    assert people(item) == [coordinator]
    assert lines(coordinator) == [("dossier.self_assess", "so-b", "1"), ("dossier.self_assess", "so-b", "2")]
    assert lines(world.coordinator["so-a"]) == []
    assert lines(officer) == []
    actions.finish_self_assessment(item, by=User.objects.get(pk=coordinator.pk))
    assert lines(coordinator) == [("dossier.self_assess", "so-b", "2")]


def test_tasks_of_an_officer_who_left_the_unit_go_to_the_others(world: World) -> None:
    officer, coordinator = world.officer["so-b"], world.coordinator["so-b"]
    access.leave(officer, world.units["so-b"], Role.OFFICER)
    assert lines(officer) == []
    assert people(world.item("self_assess", "so-b", domain__code="1")) == [coordinator]
    assert len(lines(coordinator)) == 2
    access.join(officer, world.units["so-b"], Role.OFFICER)
    assert people(world.item("self_assess", "so-b", domain__code="1")) == [officer]
    assert lines(coordinator) == []


def test_deactivated_head_leaves_the_approval_to_the_other_head(world: World) -> None:
    world.to(Stage.APPROVING, "so-b")
    deputy = factories.user(full_name="Lê Thị Phó")
    access.join(deputy, world.units["so-b"], Role.HEAD)
    item = world.item("approve", "so-b")
    assert people(item) == sorted([deputy, world.head["so-b"]], key=lambda user: (user.full_name, user.pk))
    User.objects.filter(pk=world.head["so-b"].pk).update(is_active=False)
    assert people(item) == [deputy]


# cost


@pytest.mark.parametrize("count", [1, 3, 29])
def test_inbox_costs_the_same_at_any_length(
    world: World, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Grants, and the tasks with all that a line shows."""
    busy = factories.user()
    fresh = factories.world()
    group = fresh.units["so-a"].group
    units = [fresh.units["so-a"]] + [
        Unit.objects.create(
            code=f"them-{fresh.cycle.pk}-{n}", name=f"Sở số {n}", kind=Unit.Kind.DEPARTMENT, group=group
        )
        for n in range(1, count)
    ]
    for unit in units:
        access.join(busy, unit, Role.COORDINATOR)
    fresh.open()
    person = User.objects.get(pk=busy.pk)
    with django_assert_num_queries(2):
        found = list(inbox(person))
        texts = [f"{item.dossier.unit} {item.cycle.plan} {item.task.flow_task.name}" for item in found]
    assert len(texts) == count


def test_turns_read_each_permission_and_person_once(world: World) -> None:
    items = list(
        WorkItem.objects.filter(node="dossier.appraise", done_at=None).select_related(
            "task", "cycle", "dossier__unit", "appraisal"
        )
    )
    with CaptureQueriesContext(connection) as one:
        turns = Turns(items)
        turns.people(items[0])
    with CaptureQueriesContext(connection) as more:
        turns.people(items[1])
    assert (len(items), len(more)) == (2, 0)
    assert len(one) > 0


# due dates


def due(world: World, node: str, unit: str) -> set[dt.datetime]:
    return set(
        WorkItem.objects.filter(dossier=world.dossiers[unit], node=f"dossier.{node}", done_at=None).values_list(
            "due_at", flat=True
        )
    )


def test_due_dates_follow_the_plan(world: World) -> None:
    assert due(world, "self_assess", "so-b") == {SUBMISSION}
    assert due(world, "assign", "huyen-c") == {SUBMISSION}
    assert due(world, "appraise", "so-a") == {APPRAISAL}


def test_extension_moves_the_open_tasks_of_its_unit_only(world: World) -> None:
    actions.extend(
        world.cycle, [world.units["so-b"]], until=dt.date(YEAR, 12, 18), reason="Bão số 9.", by=world.home_affairs
    )
    assert due(world, "self_assess", "so-b") == {dt.datetime(YEAR, 12, 19, tzinfo=clock.LOCAL)}
    assert due(world, "assign", "huyen-c") == {SUBMISSION}
    done = WorkItem.objects.get(dossier=world.dossiers["so-b"], node="dossier.assign")
    assert done.due_at == SUBMISSION


def test_tasks_opened_after_the_extension_have_the_new_date(world: World) -> None:
    actions.extend(
        world.cycle, [world.units["so-b"]], until=dt.date(YEAR, 12, 18), reason="Bão số 9.", by=world.home_affairs
    )
    world.to(Stage.CHECKING, "so-b")
    assert due(world, "check", "so-b") == {dt.datetime(YEAR, 12, 19, tzinfo=clock.LOCAL)}


def test_refused_extension_moves_nothing(world: World) -> None:
    with pytest.raises(access.NotAllowed):
        actions.extend(
            world.cycle, [world.units["so-b"]], until=dt.date(YEAR, 12, 18), reason="Bão.", by=world.coordinator["so-b"]
        )
    assert due(world, "self_assess", "so-b") == {SUBMISSION}


def test_changed_milestone_moves_the_cycles_own_tasks(world: World) -> None:
    world.cycle.plan.milestones.filter(key=Milestone.Key.SURVEY).update(on=dt.date(YEAR, 12, 28))
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    assert replan(cycle) == 1
    assert replan(cycle) == 0
    merge = WorkItem.objects.get(node="cycle.merge_survey", done_at=None)
    assert merge.due_at == dt.datetime(YEAR, 12, 28, tzinfo=clock.LOCAL)
    assert due(world, "self_assess", "so-b") == {SUBMISSION}
