"""A substitute at work: the absent person's tasks, marked, done on their behalf, and nobody else's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from assessments.models import LedgerEntry
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from notifications.models import Notice, Preferences
from tests.factories import World
from units import access, clock
from units.errors import InvalidInput
from units.models import Substitution, User
from units.permissions import Role
from units.substitutions import end, register
from workflow import actions
from workflow.audiences import Audiences
from workflow.history import lines
from workflow.inbox import inbox

from .conftest import SignIn

UNIT = "so-a"


@pytest.fixture
def second(world: World) -> User:
    person = User.objects.create_user("chuyen-vien-hai", full_name="Lê Thị Hai")
    access.join(person, world.units[UNIT], Role.OFFICER)
    return person


def away(world: World, absent: User, substitute: User, by: User | None = None) -> None:
    today = clock.today()
    register(
        unit=world.units[UNIT],
        absent=absent,
        substitute=substitute,
        first_day=today,
        last_day=today,
        reason="Nghỉ phép",
        by=by or absent,
    )


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def entries(world: World) -> list[tuple[str, User | None, User | None]]:
    rows = LedgerEntry.objects.filter(dossier=world.dossiers[UNIT]).select_related("actor", "on_behalf_of")
    return [(row.action, row.actor, row.on_behalf_of) for row in rows.order_by("seq")]


def test_substitute_sees_the_officers_tasks_marked_only_on_the_day(world: World, second: User, as_user: SignIn) -> None:
    officer = world.officer[UNIT]
    assert not inbox(fresh(second)).exists()
    away(world, officer, second)
    assert [item.owner for item in inbox(fresh(second))] == [officer, officer]
    shown = as_user(second).get(reverse("inbox")).content.decode()
    assert shown.count(f"thay mặt {officer}") == 2
    with clock.at(clock.now() + dt.timedelta(days=1)):
        assert not inbox(fresh(second)).exists()


def test_what_a_substitute_types_and_reports_is_on_behalf(world: World, second: User) -> None:
    officer = world.officer[UNIT]
    away(world, officer, second)
    seen = len(entries(world))
    user = fresh(second)
    save_score(world.score("1.1.1"), Entry({"met": "có"}, explanation="Theo báo cáo."), version=0, by=user)
    for code in ("1", "2"):
        actions.finish_self_assessment(world.item("self_assess", domain__code=code), by=user)
    assert entries(world)[seen:] == [
        ("self_score", second, officer),
        ("finish_domain", second, officer),
        ("finish_domain", second, officer),
        ("stage", second, officer),
    ]
    last = LedgerEntry.objects.filter(dossier=world.dossiers[UNIT]).order_by("-seq")[:1]
    assert lines(last)[0].who == f"{second}, thay mặt {officer}"


def test_own_criterion_stays_on_ones_own_behalf(world: World, second: User) -> None:
    officer = world.officer[UNIT]
    actions.reassign(world.dossier(), {world.domain("1.1.2").pk: second}, by=world.coordinator[UNIT])
    away(world, officer, second)
    user = fresh(second)
    save_score(world.score("1.1.2"), Entry({"a": "3", "b": "4"}), version=0, by=user)
    assert entries(world)[-1] == ("self_score", second, None)
    own = world.item("self_assess", domain__code="1", owner=second)
    actions.finish_self_assessment(own, by=user)
    assert entries(world)[-1] == ("finish_domain", second, None)


def test_substitute_of_the_head_approves_on_their_behalf(world: World, second: User) -> None:
    head = world.head[UNIT]
    world.to(Stage.APPROVING)
    assert not inbox(fresh(second)).exists()
    away(world, head, second)
    actions.approve(world.item("approve"), by=fresh(second))
    assert entries(world)[-1] == ("stage", second, head)
    assert world.dossier().approved_by == second


def test_coordinator_who_stands_in_for_an_officer_hands_out_in_her_own_name(world: World, second: User) -> None:
    coordinator = world.coordinator[UNIT]
    away(world, world.officer[UNIT], coordinator)
    actions.reassign(world.dossier(), {world.domain("1").pk: second}, by=fresh(coordinator))
    assert entries(world)[-1] == ("reassign", coordinator, None)


def test_conflict_of_interest_stays_with_a_substitute(world: World) -> None:
    """A member of the council who works at the unit gets a unit's right, and still does not appraise the unit."""
    world.to(Stage.APPRAISING)
    member = world.appraiser
    away(world, world.coordinator[UNIT], member)
    user = fresh(member)
    assert access.stands_in_for(user) == {(world.coordinator[UNIT].pk, world.units[UNIT].pk)}
    assert not inbox(user).filter(node="dossier.appraise", dossier=world.dossiers[UNIT]).exists()


def test_sheet_names_each_officer_and_marks_the_readers_own(world: World, second: User, as_user: SignIn) -> None:
    actions.reassign(world.dossier(), {world.domain("1.1.2").pk: second}, by=world.coordinator[UNIT])
    page = as_user(second).get(reverse("sheet", args=[world.dossiers[UNIT].pk, world.domain("1").pk]))
    rows = [row for row, _notes in page.context["rows"] if not row.heading]
    assert [(row.score.criterion.code, row.officer, row.mine) for row in rows] == [
        ("1.1.1", str(world.officer[UNIT]), False),
        ("1.1.2", str(second), True),
    ]
    assert "Xong 1 tiêu chí của bạn ở lĩnh vực 1?" in page.content.decode()


def test_share_of_somebody_who_left_is_marked_for_the_coordinator(world: World, as_user: SignIn) -> None:
    officer = world.officer[UNIT]
    access.leave(officer, world.units[UNIT], Role.OFFICER)
    client = as_user(world.coordinator[UNIT])
    assert f"cần giao lại, trước là của {officer}" in client.get(reverse("inbox")).content.decode()
    page = client.get(reverse("dossier", args=[world.dossiers[UNIT].pk]))
    assert [(load.officer, load.gone) for load in page.context["loads"] if load.gone] == [(officer, True)]


def test_substitute_hears_of_the_absent_persons_tasks(world: World, second: User) -> None:
    officer = world.officer[UNIT]
    item = world.item("self_assess", domain__code="1")
    assert Audiences([item]).doers(item) == [officer]
    away(world, officer, second)
    assert Audiences([item]).doers(item) == [officer, second]
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert Audiences([item]).doers(item) == [second]


# notices


def told(prefix: str = "substitution:") -> dict[str, tuple[str, str]]:
    """Subject and body of each notice in the product, by its recipient."""
    rows = Notice.objects.filter(event__startswith=prefix, channel=Notice.Channel.IN_APP, kind="substitution")
    return {str(row.recipient): (row.subject, row.body) for row in rows.select_related("recipient")}


def test_all_concerned_are_told_but_not_who_recorded_it(world: World, second: User) -> None:
    officer, coordinator = world.officer[UNIT], world.coordinator[UNIT]
    away(world, officer, second, by=coordinator)
    found = told()
    assert set(found) == {str(officer), "Lê Thị Hai"}
    subject, body = found["Lê Thị Hai"]
    assert subject == f"Lê Thị Hai thay mặt {officer} từ Thứ Sáu 20/11/2026"
    assert body == (
        f"{coordinator} đã ghi: Lê Thị Hai thay mặt {officer} ở Sở Nội vụ từ Thứ Sáu 20/11/2026 "
        "đến hết Thứ Sáu 20/11/2026. Lý do: Nghỉ phép\n"
        f"Trong những ngày đó việc của {officer} hiện ở “Việc của tôi” của Lê Thị Hai, có dấu “thay mặt”."
    )
    Notice.objects.all().delete()
    away(world, world.head[UNIT], second)
    assert set(told()) == {"Lê Thị Hai", str(coordinator)}


def test_early_end_is_told_to_those_who_did_not_end_it(world: World, second: User) -> None:
    officer, coordinator = world.officer[UNIT], world.coordinator[UNIT]
    away(world, officer, second)
    row = Substitution.objects.get()
    end(row, by=second)
    found = told(f"substitution:{row.pk}:ended")
    assert set(found) == {str(officer), str(coordinator)}
    assert found[str(coordinator)][0] == f"Lê Thị Hai thôi thay mặt {officer}"
    with pytest.raises(InvalidInput):
        end(row, by=second)
    assert len(told(f"substitution:{row.pk}:ended")) == 2


def test_notice_of_a_substitution_respects_preferences(world: World, second: User) -> None:
    officer, coordinator = world.officer[UNIT], world.coordinator[UNIT]
    Preferences.objects.create(user=second, muted=["substitution:in_app"])
    away(world, officer, second, by=coordinator)
    assert set(told()) == {str(officer)}


def test_refused_substitution_tells_nobody(world: World, second: User) -> None:
    with pytest.raises(InvalidInput):
        away(world, second, second)
    assert told() == {}


def test_deactivated_absent_person_is_not_written_to(world: World, second: User) -> None:
    officer, coordinator = world.officer[UNIT], world.coordinator[UNIT]
    User.objects.filter(pk=officer.pk).update(is_active=False)
    away(world, fresh(officer), second, by=coordinator)
    assert set(told()) == {"Lê Thị Hai"}
