"""What people are told at the moment it happens, in the transaction in which it happens."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django import DjangoDbBlocker

from assessments.arrivals import arrival_entry
from assessments.errors import InvalidInput
from assessments.stages import Stage
from criteria.consulting import open_consultation
from notifications.kinds import Kind
from notifications.models import Notice
from plans.models import Milestone
from plans.services import save_header
from plans.writing import content_of
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.engine import open_item
from workflow.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, lambda: factories.world().open()) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def told(kind: Kind) -> dict[User, list[str]]:
    """Subjects of the notices of `kind` by person, oldest first."""
    found: dict[User, list[str]] = {}
    for notice in Notice.objects.filter(kind=kind, channel="in_app").select_related("recipient").order_by("pk"):
        found.setdefault(notice.recipient, []).append(notice.subject)
    return found


def fresh(world: World) -> None:
    Notice.objects.all().delete()


def test_opening_tells_every_coordinator_that_it_is_their_turn(world: World) -> None:
    found = told(Kind.TURN)
    assert found[world.coordinator["so-b"]] == ["Việc mới: Phân công tự đánh giá · Sở Tư pháp"]
    assert {world.coordinator[code] for code in world.units} <= set(found)


def test_officer_gets_one_notice_of_all_tasks_that_were_handed_over(world: World) -> None:
    fresh(world)
    world.to(Stage.SELF_ASSESSING)
    assert list(told(Kind.TURN)) == [world.officer["so-a"]]
    notice = Notice.objects.get(channel="in_app")
    assert notice.subject.startswith("2 việc mới: Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 1")
    assert notice.body.splitlines()[1] == (
        "- Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 1: Công tác chỉ đạo điều hành (2 tiêu chí); "
        "hạn Thứ Hai 14/12/2026, còn 24 ngày"
    )


def test_who_did_the_step_is_not_told_of_the_next_one_of_their_own(world: World) -> None:
    access.join(world.coordinator["so-a"], world.units["so-a"], Role.HEAD)
    world.to(Stage.CHECKING)
    fresh(world)
    actions.send_to_head(world.item("check"), by=world.coordinator["so-a"])
    assert list(told(Kind.TURN)) == [world.head["so-a"]]


def test_returned_work_comes_with_the_comment(world: World) -> None:
    world.to(Stage.CHECKING)
    fresh(world)
    actions.send_back(world.item("check"), [world.domain("1")], comment="Thiếu văn bản.", by=world.coordinator["so-a"])
    assert told(Kind.RETURNED) == {
        world.officer["so-a"]: [
            "Bị trả lại để sửa: Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 1: Công tác chỉ đạo điều hành "
            "(2 tiêu chí)"
        ]
    }
    assert "Thiếu văn bản." in Notice.objects.filter(kind=Kind.RETURNED)[0].body
    assert told(Kind.TURN) == {}


def test_head_returns_to_the_coordinator_with_the_comment(world: World) -> None:
    world.to(Stage.APPROVING)
    fresh(world)
    actions.return_to_coordinator(world.item("approve"), comment="Xem lại điểm.", by=world.head["so-a"])
    assert list(told(Kind.RETURNED)) == [world.coordinator["so-a"]]


def test_refused_step_tells_nobody(world: World) -> None:
    world.to(Stage.CHECKING)
    fresh(world)
    with pytest.raises(InvalidInput):
        actions.send_back(world.item("check"), [], comment="", by=world.coordinator["so-a"])
    assert not Notice.objects.exists()


def test_sending_gives_a_receipt_to_the_unit_and_tells_home_affairs(world: World) -> None:
    world.to(Stage.READY)
    fresh(world)
    actions.submit(world.item("submit"), by=world.coordinator["so-a"])
    assert set(told(Kind.RECEIPT)) == {world.coordinator["so-a"], world.head["so-a"]}
    assert told(Kind.ARRIVAL) == {world.home_affairs: ["Sở Nội vụ đã gửi hồ sơ, đúng hạn"]}
    arrival = arrival_entry(world.dossier())
    assert arrival is not None
    assert (
        Notice.objects.filter(kind=Kind.RECEIPT)[0].body
        == (
            "Hội đồng đã nhận hồ sơ của Sở Nội vụ lúc 09:00 Thứ Sáu 20/11/2026, đúng hạn "
            "(trước ngày 15/12/2026 (hết ngày Thứ Hai 14/12/2026))."
        ).replace("ngày Thứ", "ngày thứ")
        + f"\nMã kiểm tra: {arrival.hash}"
    )
    assert world.second_appraiser in told(Kind.TURN)
    assert world.appraiser not in told(Kind.TURN)


def test_council_asks_gives_and_concludes(world: World) -> None:
    unit = {world.coordinator["so-a"], world.head["so-a"]}
    world.to(Stage.REVIEWING)
    fresh(world)
    actions.request_supplement(
        world.item("review"),
        {world.score("1.1.1").pk: "Gửi quyết định."},
        due_on=dt.date(2026, 12, 20),
        by=world.secretary,
    )
    assert set(told(Kind.SUPPLEMENT)) == unit
    assert "Gửi quyết định." in Notice.objects.filter(kind=Kind.SUPPLEMENT)[0].body
    assert told(Kind.TURN) == {}
    actions.answer_supplement(world.item("supplement"), by=world.coordinator["so-a"])
    world.to(Stage.RESPONDING)
    assert {person: len(subjects) for person, subjects in told(Kind.RESULT).items()} == dict.fromkeys(unit, 1)
    actions.respond(world.item("respond"), [], by=None)
    assert {person: subjects[-1] for person, subjects in told(Kind.RESULT).items()} == dict.fromkeys(
        unit, "Hội đồng đã kết luận hồ sơ của Sở Nội vụ"
    )


def test_extension_and_its_withdrawal_are_told_to_the_unit(world: World) -> None:
    fresh(world)
    unit = world.units["so-b"]
    actions.extend(world.cycle, [unit], until=dt.date(2026, 12, 18), reason="Mưa lũ.", by=world.home_affairs)
    actions.withdraw_extension(world.cycle, unit, reason="Hết lũ.", by=world.home_affairs)
    assert told(Kind.EXTENSION) == {
        person: [
            "Sở Tư pháp được gia hạn đến hết thứ Sáu 18/12/2026",
            "Sở Tư pháp: thu hồi gia hạn",
        ]
        for person in (world.coordinator["so-b"], world.head["so-b"])
    }


def test_consultation_is_told_to_the_coordinators_of_the_groups_asked(world: World) -> None:
    fresh(world)
    editor = factories.user()
    access.join(editor, world.cycle.province, Role.CRITERIA)
    group = world.units["so-a"].group
    assert group is not None
    open_consultation(
        factories.criteria_set("du-thao"),
        opens_on=clock.today(),
        closes_on=clock.today() + dt.timedelta(days=5),
        groups=[group],
        by=editor,
    )
    assert set(told(Kind.CONSULTATION)) == {world.coordinator["so-a"], world.coordinator["so-b"]}


def test_milestone_moved_on_screen_moves_the_due_dates_of_open_work(world: World) -> None:
    access.join(world.home_affairs, world.cycle.province, Role.CRITERIA)
    plan = world.cycle.plan
    content = content_of(plan)
    own = Milestone.Key.SELF_ASSESSMENT
    moved = tuple(replace(row, on=dt.date(2026, 12, 20)) if row.key == own else row for row in content.milestones)
    save_header(plan, replace(content, milestones=moved), version=None, by=world.home_affairs)
    expected = dt.datetime(2026, 12, 20, tzinfo=clock.LOCAL)
    open_work = WorkItem.objects.filter(cycle=world.cycle, done_at=None)
    assert set(open_work.filter(node="dossier.assign").values_list("due_at", flat=True)) == {expected}
    assert set(open_work.filter(node="cycle.collect").values_list("due_at", flat=True)) == {expected}


def test_units_that_are_given_up_learn_what_follows(world: World) -> None:
    world.to(Stage.APPRAISING, "so-a")
    actions.extend(world.cycle, [world.units["so-b"]], until=dt.date(2026, 12, 18), reason="Lũ.", by=world.home_affairs)
    fresh(world)
    with clock.at(dt.datetime(2026, 12, 21, 9, tzinfo=clock.LOCAL)):
        actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=True, by=world.home_affairs)
    found = told(Kind.RESULT)
    assert found == {
        person[code]: [f"{world.units[code]} được ghi nhận không nộp hồ sơ"]
        for code in ("so-b", "huyen-c")
        for person in (world.coordinator, world.head)
    }
    text = Notice.objects.filter(recipient=world.head["so-b"], kind=Kind.RESULT).first()
    assert text is not None
    assert "Hạn của đơn vị là đến hết ngày thứ Sáu 18/12/2026; đến nay đơn vị chưa gửi." in text.body
    assert "không được xếp hạng và ghi là “Không nộp hồ sơ”" in text.body
    assert text.url == f"/ho-so/{world.dossiers['so-b'].pk}/"


def test_nobody_is_given_up_where_all_have_sent(world: World) -> None:
    for code in world.units:
        world.to(Stage.APPRAISING, code)
    fresh(world)
    actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=False, by=world.home_affairs)
    assert told(Kind.RESULT) == {}
