"""Handing criteria over: tasks follow the shares, the Join waits for the right ones, nothing that was typed is lost."""

from __future__ import annotations

import pytest
from viewflow.workflow.models import Task
from viewflow.workflow.status import STATUS

from assessments.errors import InvalidInput, WrongStage
from assessments.models import LedgerEntry
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from notifications.models import Notice
from tests.factories import World
from units import access
from units.access import NotAllowed
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.engine import AlreadyDone
from workflow.models import WorkItem

UNIT = "so-a"


@pytest.fixture
def second(world: World) -> User:
    """A second officer of the unit."""
    person = User.objects.create_user("chuyen-vien-hai", full_name="Lê Thị Hai")
    access.join(person, world.units[UNIT], Role.OFFICER)
    return person


def give(world: World, by: User | None = None, **officers: User) -> None:
    """c1_1_2=person gives criterion 1.1.2; c1 domain 1."""
    chosen = {world.domain(name[1:].replace("_", ".")).pk: person for name, person in officers.items()}
    actions.reassign(world.dossier(), chosen, by=by or world.coordinator[UNIT])


def tasks(world: World) -> list[tuple[str, str, int | None]]:
    found = WorkItem.objects.filter(dossier=world.dossiers[UNIT], node="dossier.self_assess", done_at=None)
    rows = found.values_list("domain__code", "owner__username", "criteria")
    return sorted((str(code), str(name), count) for code, name, count in rows)


def finish(world: World, code: str, owner: User) -> None:
    actions.finish_self_assessment(world.item("self_assess", domain__code=code, owner=owner), by=owner)


def test_whole_share_changes_the_owner_of_its_task(world: World, second: User) -> None:
    first = world.officer[UNIT]
    before = world.item("self_assess", domain__code="1").pk
    give(world, c1=second)
    assert tasks(world) == sorted([("1", second.username, 2), ("2", first.username, 1)])
    assert world.item("self_assess", domain__code="1").pk == before


def test_single_criterion_opens_a_task_in_the_same_join(world: World, second: User) -> None:
    first = world.officer[UNIT]
    give(world, c1_1_2=second)
    assert tasks(world) == sorted([("1", first.username, 1), ("1", second.username, 1), ("2", first.username, 1)])
    finish(world, "1", first)
    finish(world, "2", first)
    assert world.dossier().stage == Stage.SELF_ASSESSING
    finish(world, "1", second)
    assert world.dossier().stage == Stage.CHECKING
    assert world.item("check").owner is None


def test_task_closes_when_nothing_is_left_of_it(world: World, second: User) -> None:
    first = world.officer[UNIT]
    give(world, c1_1_2=second)
    item = world.item("self_assess", domain__code="1", owner=first)
    give(world, c1_1_1=second)
    assert tasks(world) == sorted([("1", second.username, 2), ("2", first.username, 1)])
    assert Task.objects.get(pk=item.task_id).status == STATUS.CANCELED
    with pytest.raises(AlreadyDone, match="Việc này đã được giao cho người khác"):
        actions.finish_self_assessment(item, by=first)
    finish(world, "1", second)
    finish(world, "2", first)
    assert world.dossier().stage == Stage.CHECKING


def test_receiver_who_was_done_has_the_share_to_do_again(world: World, second: User) -> None:
    first = world.officer[UNIT]
    give(world, c1_1_2=second)
    finish(world, "1", second)
    give(world, c1_1_1=second)
    assert tasks(world) == sorted([("1", second.username, 2), ("2", first.username, 1)])
    finish(world, "2", first)
    assert world.dossier().stage == Stage.SELF_ASSESSING
    finish(world, "1", second)
    assert world.dossier().stage == Stage.CHECKING


def test_last_share_given_to_somebody_who_was_done_stays_open(world: World, second: User) -> None:
    first = world.officer[UNIT]
    give(world, c2=second)
    finish(world, "2", second)
    give(world, c1=second)
    assert tasks(world) == [("1", second.username, 2)]
    assert first.username not in {name for _code, name, _count in tasks(world)}
    finish(world, "1", second)
    assert world.dossier().stage == Stage.CHECKING


def test_typed_values_stay_and_the_ledger_tells_who_gave_what(world: World, second: User) -> None:
    first, by = world.officer[UNIT], world.coordinator[UNIT]
    save_score(world.score("1.1.1"), Entry({"met": "có"}, explanation="Theo báo cáo."), version=0, by=first)
    give(world, c1=second)
    saved = world.score("1.1.1")
    assert (saved.explanation, saved.updated_by, saved.version) == ("Theo báo cáo.", first, 1)
    entry = LedgerEntry.objects.filter(dossier=world.dossiers[UNIT]).latest("seq")
    assert (entry.action, entry.actor, entry.criterion.code) == ("reassign", by, "1")  # type: ignore[union-attr]
    assert (entry.before, entry.after) == ({"officer": first.pk}, {"officer": second.pk})


def test_giver_and_receiver_are_told_once(world: World, second: User) -> None:
    give(world, c1=second)
    told = Notice.objects.filter(event__startswith="reassign:", channel=Notice.Channel.IN_APP)
    assert {(notice.recipient, "nhận từ" in notice.body, "chuyển cho" in notice.body) for notice in told} == {
        (world.officer[UNIT], False, True),
        (second, True, False),
    }


def test_handing_over_while_checking_opens_nothing_until_sent_back(world: World, second: User) -> None:
    world.to(Stage.CHECKING)
    give(world, c1_1_2=second)
    assert tasks(world) == []
    actions.send_back(world.item("check"), [world.domain("1")], comment="Sửa lại.", by=world.coordinator[UNIT])
    assert tasks(world) == sorted([("1", world.officer[UNIT].username, 1), ("1", second.username, 1)])


def test_handing_over_is_the_coordinators(world: World, second: User) -> None:
    for stranger in (world.officer[UNIT], world.head[UNIT], world.coordinator["so-b"]):
        with pytest.raises(NotAllowed):
            give(world, by=stranger, c1=second)
    with pytest.raises(InvalidInput, match="không phải chuyên viên của đơn vị"):
        give(world, c1=world.officer["so-b"])
    with pytest.raises(InvalidInput, match="Chưa có thay đổi nào"):
        give(world, c1=world.officer[UNIT])
    give(world, c1=second)
    assert ("1", second.username, 2) in tasks(world)


@pytest.mark.parametrize("stage", [Stage.APPROVING, Stage.READY])
def test_handing_over_after_the_check_refused(world: World, second: User, stage: Stage) -> None:
    world.to(stage)
    with pytest.raises(WrongStage):
        give(world, c1=second)


def test_share_of_a_deactivated_officer_can_be_given_away(world: World, second: User) -> None:
    User.objects.filter(pk=world.officer[UNIT].pk).update(is_active=False)
    give(world, c1=second)
    assert ("1", second.username, 2) in tasks(world)
