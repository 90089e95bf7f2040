"""A dossier inside its unit: who may take each step, when, and what stands afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from assessments.completeness import GapKind
from assessments.errors import Incomplete, InvalidInput, WrongStage
from assessments.models import Assignment, LedgerEntry
from assessments.services import assignments, dossiers
from assessments.services.extensions import extend
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role

UNIT = "so-a"
DEADLINE = dt.datetime(factories.YEAR, 12, 15, tzinfo=clock.LOCAL)
LAST_MOMENT = DEADLINE - dt.timedelta(microseconds=1)


def officers(world: World) -> dict[int, User]:
    return {world.domain(code).pk: world.officer[UNIT] for code in ("1", "2", "3")}


def finish_first(world: World, by: User) -> None:
    assignments.finish_share(world.dossier(), world.domain("1"), world.officer[UNIT], by=by)


@dataclass(frozen=True)
class Verb:
    """One step: who takes it, from which stage to which, and the nearest stages at which it is refused."""

    name: str
    call: Callable[[World, User], None]
    role: Role
    at: Stage
    to: Stage
    too_early: Stage | None
    too_late: Stage


VERBS = [
    Verb(
        "assign",
        lambda world, by: assignments.assign(world.dossier(), officers(world), by=by),
        Role.COORDINATOR,
        Stage.ASSIGNING,
        Stage.SELF_ASSESSING,
        None,
        Stage.SELF_ASSESSING,
    ),
    Verb(
        "finish_share",
        finish_first,
        Role.OFFICER,
        Stage.SELF_ASSESSING,
        Stage.SELF_ASSESSING,
        None,
        Stage.CHECKING,
    ),
    Verb(
        "send_back",
        lambda world, by: dossiers.send_back(world.dossier(), [world.domain("1")], comment="Sửa lại.", by=by),
        Role.COORDINATOR,
        Stage.CHECKING,
        Stage.SELF_ASSESSING,
        Stage.SELF_ASSESSING,
        Stage.APPROVING,
    ),
    Verb(
        "send_to_head",
        lambda world, by: dossiers.send_to_head(world.dossier(), by=by),
        Role.COORDINATOR,
        Stage.CHECKING,
        Stage.APPROVING,
        Stage.SELF_ASSESSING,
        Stage.APPROVING,
    ),
    Verb(
        "return_to_coordinator",
        lambda world, by: dossiers.return_to_coordinator(world.dossier(), comment="Sửa lại.", by=by),
        Role.HEAD,
        Stage.APPROVING,
        Stage.CHECKING,
        Stage.CHECKING,
        Stage.READY,
    ),
    Verb(
        "approve",
        lambda world, by: dossiers.approve(world.dossier(), by=by),
        Role.HEAD,
        Stage.APPROVING,
        Stage.READY,
        Stage.CHECKING,
        Stage.READY,
    ),
    Verb(
        "submit",
        lambda world, by: dossiers.submit(world.dossier(), by=by),
        Role.COORDINATOR,
        Stage.READY,
        Stage.APPRAISING,
        Stage.APPROVING,
        Stage.APPRAISING,
    ),
]
by_name = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
MAY_SCORE = (Role.OFFICER, Role.COORDINATOR)


def person(world: World, role: Role, unit: str = UNIT) -> User:
    return {Role.OFFICER: world.officer, Role.COORDINATOR: world.coordinator, Role.HEAD: world.head}[role][unit]


def outsiders(world: World, verb: Verb) -> list[User]:
    """Everybody who must not take the step: other roles, the same role elsewhere, the province's side."""
    may = MAY_SCORE if verb.role is Role.OFFICER else (verb.role,)
    others = [person(world, role) for role in (Role.OFFICER, Role.COORDINATOR, Role.HEAD) if role not in may]
    return [
        *others,
        *(person(world, role, "so-b") for role in may),
        world.second_appraiser,
        world.secretary,
        world.chair,
        world.home_affairs,
        world.province,
        world.investigator,
    ]


@by_name
def test_step_is_refused_to_everybody_else(world: World, verb: Verb) -> None:
    world.to(verb.at)
    for stranger in outsiders(world, verb):
        with pytest.raises(NotAllowed):
            verb.call(world, stranger)
    assert world.dossier().stage == verb.at
    verb.call(world, person(world, verb.role))
    assert world.dossier().stage == verb.to


@by_name
def test_step_is_refused_at_another_stage(world: World, verb: Verb) -> None:
    by = person(world, verb.role)
    if verb.too_early is not None:
        world.to(verb.too_early)
        with pytest.raises(WrongStage, match="Hồ sơ đang ở bước"):
            verb.call(world, by)
        assert world.dossier().stage == verb.too_early
    world.to(verb.at)
    world.to(verb.too_late)
    with pytest.raises(WrongStage, match="Hồ sơ đang ở bước"):
        verb.call(world, by)
    assert world.dossier().stage == verb.too_late


@by_name
def test_step_is_refused_to_a_deactivated_person(world: World, verb: Verb) -> None:
    world.to(verb.at)
    by = person(world, verb.role)
    User.objects.filter(pk=by.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        verb.call(world, User.objects.get(pk=by.pk))
    assert world.dossier().stage == verb.at


@by_name
def test_step_is_written_into_the_ledger(world: World, verb: Verb) -> None:
    world.to(verb.at)
    by = person(world, verb.role)
    seen = LedgerEntry.objects.filter(dossier=world.dossiers[UNIT]).count()
    verb.call(world, by)
    new = list(LedgerEntry.objects.filter(dossier=world.dossiers[UNIT]).order_by("seq"))[seen:]
    assert {entry.actor for entry in new} == {by}
    if verb.to != verb.at:
        last = new[-1]
        assert (last.action, last.before, last.after) == (
            "stage",
            {"stage": verb.at.value},
            {"stage": verb.to.value},
        )


# phân công


def test_assign_names_each_domain_without_an_officer(world: World) -> None:
    wanted = officers(world)
    del wanted[world.domain("2").pk]
    wanted[world.domain("3").pk] = world.officer["so-b"]
    with pytest.raises(InvalidInput) as caught:
        assignments.assign(world.dossier(), wanted, by=world.coordinator[UNIT])
    assert caught.value.errors == {
        f"officer.{world.domain('2').pk}": "Hãy chọn người thực hiện lĩnh vực 2.",
        f"officer.{world.domain('3').pk}": f"{world.officer['so-b']} không phải chuyên viên của đơn vị.",
    }
    assert Assignment.objects.count() == 0


def test_assign_refuses_a_deactivated_officer(world: World) -> None:
    User.objects.filter(pk=world.officer[UNIT].pk).update(is_active=False)
    with pytest.raises(InvalidInput, match="không phải chuyên viên của đơn vị"):
        assignments.assign(world.dossier(), officers(world), by=world.coordinator[UNIT])


def test_assign_keeps_officer_and_note_per_domain(world: World) -> None:
    wanted = officers(world)
    wanted[world.domain("2").pk] = world.coordinator[UNIT]
    assignments.assign(world.dossier(), wanted, by=world.coordinator[UNIT], note=" Xong trước 01/12. ")
    rows = Assignment.objects.filter(dossier=world.dossiers[UNIT])
    assert list(rows.values_list("criterion__code", "officer", "open", "note")) == [
        ("1", world.officer[UNIT].pk, True, "Xong trước 01/12."),
        ("2", world.coordinator[UNIT].pk, True, "Xong trước 01/12."),
        ("3", world.officer[UNIT].pk, True, "Xong trước 01/12."),
    ]


# tự đánh giá


def test_last_finished_domain_moves_the_dossier_on(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    rows = list(Assignment.objects.filter(dossier=world.dossiers[UNIT]))
    stages = []
    for row in rows:
        assignments.finish_share(world.dossier(), row.criterion, world.officer[UNIT], by=world.officer[UNIT])
        stages.append(world.dossier().stage)
    assert stages == [Stage.SELF_ASSESSING, Stage.SELF_ASSESSING, Stage.CHECKING]


def test_domain_is_finished_once(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    finish_first(world, world.officer[UNIT])
    with pytest.raises(WrongStage, match="Phần việc này đã được báo hoàn thành"):
        finish_first(world, world.officer[UNIT])


# rà soát


def test_send_back_reopens_the_named_domains_with_the_comment(world: World) -> None:
    world.to(Stage.CHECKING)
    domains = [world.domain("1"), world.domain("3")]
    dossiers.send_back(world.dossier(), domains, comment=" Thiếu số văn bản. ", by=world.coordinator[UNIT])
    rows = Assignment.objects.filter(dossier=world.dossiers[UNIT])
    assert list(rows.values_list("criterion__code", "open", "note")) == [
        ("1", True, "Thiếu số văn bản."),
        ("2", False, ""),
        ("3", True, "Thiếu số văn bản."),
    ]
    notes = world.dossier().notes.order_by("criterion__code").values_list("criterion__code", "stage", "body", "author")
    by = world.coordinator[UNIT].pk
    assert list(notes) == [
        ("1", Stage.CHECKING, "Thiếu số văn bản.", by),
        ("3", Stage.CHECKING, "Thiếu số văn bản.", by),
    ]


def test_send_back_needs_a_domain_and_a_comment(world: World) -> None:
    world.to(Stage.CHECKING)
    with pytest.raises(InvalidInput) as caught:
        dossiers.send_back(world.dossier(), [], comment="  ", by=world.coordinator[UNIT])
    assert caught.value.errors == {
        "domains": "Hãy chọn ít nhất một lĩnh vực hoặc tiêu chí để trả lại.",
        "comment": "Hãy ghi nội dung cần chỉnh sửa để chuyên viên biết.",
    }
    assert world.dossier().stage == Stage.CHECKING


def test_send_back_refuses_a_domain_that_nobody_was_given(world: World) -> None:
    """Nothing would be open, and nobody could move the dossier any more."""
    world.to(Stage.CHECKING)
    foreign = factories.criteria_set("bo-khac").criteria.get(code="1")
    with pytest.raises(InvalidInput, match="Lĩnh vực 1 không được phân công trong hồ sơ này"):
        dossiers.send_back(world.dossier(), [foreign], comment="Sửa.", by=world.coordinator[UNIT])
    assert world.dossier().stage == Stage.CHECKING
    assert world.dossier().notes.count() == 0


def test_incomplete_dossier_is_not_sent_to_the_head(world: World) -> None:
    world.to(Stage.CHECKING)
    score = world.score("1.1.1")
    save_score(score, Entry({"met": "có"}), version=score.version, by=world.officer[UNIT])
    score = world.score("1.1.2")
    save_score(score, Entry({}), version=score.version, by=world.officer[UNIT])
    with pytest.raises(Incomplete, match="Hồ sơ còn 2 tiêu chí chưa đủ") as caught:
        dossiers.send_to_head(world.dossier(), by=world.coordinator[UNIT])
    assert [(gap.code, gap.kind) for gap in caught.value.gaps] == [
        ("1.1.1", GapKind.PROOF),
        ("1.1.2", GapKind.POINTS),
    ]
    assert world.dossier().stage == Stage.CHECKING


# phê duyệt


def test_head_returns_only_with_a_comment(world: World) -> None:
    world.to(Stage.APPROVING)
    with pytest.raises(InvalidInput) as caught:
        dossiers.return_to_coordinator(world.dossier(), comment=" ", by=world.head[UNIT])
    assert caught.value.errors == {"comment": "Hãy ghi lý do trả lại để đơn vị biết cần sửa gì."}
    assert world.dossier().stage == Stage.APPROVING


def test_approval_keeps_who_and_when(world: World) -> None:
    world.to(Stage.APPROVING)
    dossiers.approve(world.dossier(), by=world.head[UNIT])
    assert (world.dossier().approved_by, world.dossier().approved_at) == (world.head[UNIT], clock.now())


# gửi


def submit(world: World, *, arrived: dt.datetime | None = None) -> None:
    dossiers.submit(world.dossier(), arrived=arrived, by=world.coordinator[UNIT])


def refuse_late(world: World) -> None:
    world.cycle.accept_late = False
    world.cycle.save()


def test_submission_keeps_arrival_sender_and_opens_each_domain(world: World) -> None:
    world.to(Stage.READY)
    submit(world)
    dossier = world.dossier()
    assert (dossier.submitted_at, dossier.submitted_by) == (clock.now(), world.coordinator[UNIT])
    assert dossier.appraisal_pass == 1
    opened = dossier.appraisals.values_list("domain__code", "number", "finished_at")
    assert list(opened) == [("1", 1, None), ("2", 1, None), ("3", 1, None)]


def test_last_moment_before_the_deadline_is_in_time(world: World) -> None:
    refuse_late(world)
    world.to(Stage.READY)
    submit(world, arrived=LAST_MOMENT)
    assert world.dossier().submitted_at == dt.datetime(factories.YEAR, 12, 14, 16, 59, 59, 999999, tzinfo=dt.UTC)


def test_first_moment_of_the_deadline_day_is_late(world: World) -> None:
    """ "Trước ngày 15/12" ends at 00:00 of 15/12 in Viet Nam."""
    refuse_late(world)
    world.to(Stage.READY)
    with pytest.raises(WrongStage, match="Đã hết hạn gửi hồ sơ") as caught:
        submit(world, arrived=DEADLINE)
    assert "hết ngày thứ Hai 14/12/2026" in str(caught.value)
    assert (world.dossier().stage, world.dossier().submitted_at) == (Stage.READY, None)


def test_arrival_decides_and_not_the_moment_of_processing(world: World) -> None:
    refuse_late(world)
    world.to(Stage.READY)
    with clock.at(DEADLINE + dt.timedelta(minutes=3)):
        with pytest.raises(WrongStage):
            submit(world)
        submit(world, arrived=LAST_MOMENT)
    assert world.dossier().submitted_at == LAST_MOMENT


def test_late_submission_is_taken_where_the_cycle_allows_it(world: World) -> None:
    world.to(Stage.READY)
    late = DEADLINE + dt.timedelta(days=2)
    submit(world, arrived=late)
    assert (world.dossier().stage, world.dossier().submitted_at) == (Stage.APPRAISING, late)


def test_extension_moves_the_end_for_its_unit_only(world: World) -> None:
    refuse_late(world)
    world.to(Stage.READY)
    world.to(Stage.READY, "so-b")
    extend(
        world.cycle,
        [world.units[UNIT]],
        until=dt.date(factories.YEAR, 12, 18),
        reason="Bão số 9.",
        by=world.home_affairs,
    )
    end = dt.datetime(factories.YEAR, 12, 19, tzinfo=clock.LOCAL)
    with pytest.raises(WrongStage, match="đến hết ngày thứ Sáu 18/12/2026"):
        submit(world, arrived=end)
    submit(world, arrived=end - dt.timedelta(microseconds=1))
    assert world.dossier().stage == Stage.APPRAISING
    with pytest.raises(WrongStage):
        dossiers.submit(world.dossier("so-b"), arrived=DEADLINE, by=world.coordinator["so-b"])


def test_request_that_arrived_before_the_approval_counts_from_the_approval(world: World) -> None:
    """The sending was on its way while the head still signed: nothing can be handed in before it is approved."""
    world.to(Stage.APPROVING)
    dossiers.approve(world.dossier(), by=world.head[UNIT])
    submit(world, arrived=clock.now() - dt.timedelta(seconds=5))
    assert world.dossier().submitted_at == world.dossier().approved_at == clock.now()


def test_incomplete_dossier_is_not_submitted(world: World) -> None:
    """Proof may vanish between approval and sending only behind the services' back; sending looks again."""
    world.to(Stage.READY)
    score = world.score("1.1.1")
    factories.behind_the_back(score, explanation="")
    with pytest.raises(Incomplete) as caught:
        submit(world)
    assert [gap.code for gap in caught.value.gaps] == ["1.1.1"]
    assert world.dossier().stage == Stage.READY


def test_person_moved_into_the_unit_may_act_for_it(world: World) -> None:
    world.to(Stage.READY)
    newcomer = factories.user()
    with pytest.raises(NotAllowed):
        dossiers.submit(world.dossier(), by=newcomer)
    access.join(newcomer, world.units[UNIT], Role.COORDINATOR)
    dossiers.submit(world.dossier(), by=newcomer)
    assert world.dossier().submitted_by == newcomer
