"""Seats of the council, its way of working, declared conflicts: who may change them and what follows."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from assessments.errors import InvalidInput, WrongStage
from assessments.models import CouncilMember, DomainAppraisal, LedgerEntry
from assessments.services import council, sharing
from assessments.services.appraisal import appraise
from assessments.services.council import Place
from assessments.stages import Stage
from assessments.visibility import council_dossiers
from criteria.models import CriteriaSet
from tests import factories
from tests.factories import World
from units import access
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm, Role
from workflow.inbox import inbox

pytestmark = pytest.mark.django_db
UNIT = "so-a"


@pytest.fixture
def appraising(world: World) -> World:
    world.to(Stage.APPRAISING)
    return world


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def seat_of(user: User) -> CouncilMember:
    return user.council_seats.get()


def tasks(world: World, user: User) -> list[str]:
    items = inbox(fresh(user)).filter(dossier=world.dossiers[UNIT], node="dossier.appraise")
    return sorted(item.domain.code for item in items)


def given_to(world: World, user: User, code: str = "1") -> DomainAppraisal:
    row = DomainAppraisal.objects.get(dossier=world.dossiers[UNIT], domain=world.domain(code))
    sharing.give(row, user, by=world.secretary)
    return row


def test_seat_carries_the_permissions_of_its_role(world: World) -> None:
    person = factories.user()
    made = council.add_seat(
        world.cycle, person, Place(Role.HELPER, team=" Tổ 1 ", agency=world.units["so-b"]), by=world.home_affairs
    )
    assert (made.role, made.team, made.agency, made.active) == ("helper", "Tổ 1", world.units["so-b"], True)
    assert access.allowed(Perm.APPRAISE, fresh(person), world.cycle)
    entry = LedgerEntry.objects.get(action="seat")
    assert (entry.actor, entry.after["user"], entry.after["team"]) == (world.home_affairs, person.pk, "Tổ 1")


def test_role_that_changes_takes_its_permissions_along(world: World) -> None:
    member = seat_of(world.second_appraiser)
    council.change_seat(member, Place(Role.DEPUTY), by=world.secretary)
    person = fresh(world.second_appraiser)
    assert access.allowed(Perm.CHAIR, person, world.cycle)
    assert not access.allowed(Perm.APPRAISE, person, world.cycle)


@pytest.mark.parametrize("person", ["second_appraiser", "chair", "province", "investigator"])
def test_council_is_changed_only_by_whoever_manages_it(world: World, person: str) -> None:
    by = getattr(world, person)
    with pytest.raises(NotAllowed):
        council.add_seat(world.cycle, factories.user(), Place(Role.MEMBER), by=by)
    with pytest.raises(NotAllowed):
        council.switch_off(seat_of(world.appraiser), reason="Nghỉ hưu.", by=by)
    with pytest.raises(NotAllowed):
        council.set_decision(world.cycle, number="1/QĐ-UBND", decided_on=None, by=by)
    council.set_decision(world.cycle, number="1/QĐ-UBND", decided_on=dt.date(2026, 11, 2), by=world.secretary)
    world.cycle.council.refresh_from_db()
    assert (world.cycle.council.decision_number, world.cycle.council.decided_on) == (
        "1/QĐ-UBND",
        dt.date(2026, 11, 2),
    )


def test_refusals_of_a_seat_say_what_to_do(world: World) -> None:
    by = world.secretary
    with pytest.raises(InvalidInput, match="đã có tên trong hội đồng"):
        council.add_seat(world.cycle, world.chair, Place(Role.MEMBER), by=by)
    with pytest.raises(InvalidInput, match="Hội đồng đã có Chủ tịch là"):
        council.add_seat(world.cycle, factories.user(), Place(Role.CHAIR), by=by)
    with pytest.raises(InvalidInput, match="Hãy ghi tên tổ giúp việc"):
        council.add_seat(world.cycle, factories.user(), Place(Role.HELPER), by=by)
    with pytest.raises(InvalidInput, match="đã khóa"):
        council.add_seat(world.cycle, factories.user(is_active=False), Place(Role.MEMBER), by=by)
    with pytest.raises(InvalidInput, match="Hãy ghi lý do thôi tham gia"):
        council.switch_off(seat_of(world.appraiser), reason=" ", by=by)
    foreign = factories.criteria_set("bo-khac").criteria.get(code="1")
    with pytest.raises(InvalidInput, match="trong bộ chỉ số của đợt"):
        council.add_seat(world.cycle, factories.user(), Place(Role.MEMBER, domains=[foreign]), by=by)


def test_chair_is_replaced_after_the_first_one_left(world: World) -> None:
    council.switch_off(seat_of(world.chair), reason="Chuyển công tác.", by=world.secretary)
    made = council.add_seat(world.cycle, factories.user(), Place(Role.CHAIR), by=world.secretary)
    with pytest.raises(InvalidInput, match="Hội đồng đã có Chủ tịch"):
        council.switch_on(seat_of(world.chair), by=world.secretary)
    council.switch_off(made, reason="Ghi nhầm.", by=world.secretary)
    council.switch_on(seat_of(world.chair), by=world.secretary)
    assert access.allowed(Perm.CHAIR, fresh(world.chair), world.cycle)


def test_removed_member_keeps_the_history_and_loses_the_tasks_to_the_team(appraising: World) -> None:
    world, gone = appraising, appraising.second_appraiser
    other = factories.seat(world)
    row = given_to(world, gone)
    appraise(world.score("1.1.2"), "2", reason="Thiếu.", version=0, by=gone)
    assert (tasks(world, gone), tasks(world, other)) == (["1", "2", "3"], ["2", "3"])
    council.switch_off(seat_of(gone), reason="Nghỉ hưu.", by=world.secretary)
    row.refresh_from_db()
    assert row.appraiser is None
    assert (tasks(world, gone), tasks(world, other)) == ([], ["1", "2", "3"])
    assert list(council_dossiers(fresh(gone))) == []
    with pytest.raises(NotAllowed):
        appraise(world.score("1.1.1"), "", reason="", version=0, by=fresh(gone))
    assert world.score("1.1.2").appraised_by == gone
    entry = LedgerEntry.objects.filter(chain=f"dossier:{world.dossiers[UNIT].pk}", action="share_out").latest("seq")
    assert entry.after == {"appraiser": None, "seat": 1}
    assert LedgerEntry.objects.filter(action="seat").latest("seq").reason == "Nghỉ hưu."
    appraise(world.score("1.1.1"), "", reason="", version=0, by=other)
    council.switch_on(seat_of(gone), by=world.secretary)
    assert tasks(world, gone) == ["1", "2", "3"]


def test_deactivated_member_keeps_the_history_and_loses_the_tasks_to_the_team(appraising: World) -> None:
    world, gone = appraising, appraising.second_appraiser
    other = factories.seat(world)
    given_to(world, gone)
    appraise(world.score("1.1.2"), "2", reason="Thiếu.", version=0, by=gone)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert (tasks(world, gone), tasks(world, other)) == ([], ["1", "2", "3"])
    with pytest.raises(NotAllowed):
        appraise(world.score("1.1.1"), "", reason="", version=0, by=fresh(gone))
    appraise(world.score("1.1.1"), "", reason="", version=0, by=other)
    assert world.score("1.1.2").appraised_by == gone


def test_domain_taken_from_a_seat_goes_back_to_the_team_and_the_rest_stays(appraising: World) -> None:
    world, person = appraising, appraising.second_appraiser
    first, second = given_to(world, person, "1"), given_to(world, person, "2")
    council.change_seat(seat_of(person), Place(Role.MEMBER, domains=[world.domain("2")]), by=world.secretary)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.appraiser, second.appraiser) == (None, person)
    assert tasks(world, person) == ["2"]


def test_domains_follow_the_agency_that_leads_them() -> None:
    world = factories.world()
    leading = CriteriaSet.objects.get(cycles__cycle=world.cycle, cycles__group=world.units["so-a"].group)
    leading.criteria.get(code="2").leads.add(world.units["so-b"])
    leading.criteria.get(code="1").leads.add(world.units["so-a"])
    world.open()
    world.to(Stage.APPRAISING)
    council.change_seat(
        seat_of(world.second_appraiser), Place(Role.MEMBER, agency=world.units["so-b"]), by=world.secretary
    )
    row = given_to(world, world.second_appraiser, "1")
    assert council.give_led_domains(world.cycle, by=world.home_affairs) == 1
    assert [domain.code for domain in seat_of(world.second_appraiser).domains.all()] == ["2"]
    row.refresh_from_db()
    assert row.appraiser is None
    assert tasks(world, world.second_appraiser) == ["2"]
    assert list(seat_of(world.appraiser).domains.all()) == []
    assert council.give_led_domains(world.cycle, by=world.home_affairs) == 0


def test_way_of_working_is_fixed_once_the_cycle_is_open() -> None:
    world = factories.world()
    rules = {"rounds": 2, "double_scoring": True, "consensus_threshold": Decimal("0.5"), "share_out": True}
    council.set_rules(world.cycle, **rules, by=world.secretary)
    world.cycle.refresh_from_db()
    assert {name: getattr(world.cycle, name) for name in rules} == rules
    entry = LedgerEntry.objects.get(action="council_rules")
    assert (entry.before["rounds"], entry.after["consensus_threshold"]) == (1, "0.5")
    world.open()
    with pytest.raises(WrongStage):
        council.set_rules(world.cycle, **rules, by=world.secretary)


def test_everybody_declares_own_conflicts_and_managers_those_of_others(appraising: World) -> None:
    world, person = appraising, appraising.second_appraiser
    row = given_to(world, person)
    unit = world.units[UNIT]
    with pytest.raises(NotAllowed):
        council.declare_conflict(world.cycle, world.secretary, unit, reason="Người thân.", by=person)
    made = council.declare_conflict(world.cycle, person, unit, reason=" Người thân. ", by=person)
    row.refresh_from_db()
    assert (made.reason, made.declared_by, row.appraiser) == ("Người thân.", person, None)
    assert (tasks(world, person), list(council_dossiers(person))) == ([], [])
    with pytest.raises(InvalidInput, match="đã được khai báo"):
        council.declare_conflict(world.cycle, person, unit, reason="Lại.", by=world.secretary)
    with pytest.raises(NotAllowed):
        council.withdraw_conflict(made, by=person)
    council.withdraw_conflict(made, by=world.home_affairs)
    assert tasks(world, person) == ["1", "2", "3"]
    assert [entry.action for entry in LedgerEntry.objects.filter(action__contains="conflict")] == [
        "declare_conflict",
        "withdraw_conflict",
    ]


def test_refusals_of_a_declaration(appraising: World) -> None:
    world, person = appraising, appraising.second_appraiser
    unit = world.units[UNIT]
    with pytest.raises(InvalidInput, match="Hãy ghi lý do"):
        council.declare_conflict(world.cycle, person, unit, reason=" ", by=person)
    with pytest.raises(InvalidInput, match="không được đánh giá trong đợt"):
        council.declare_conflict(world.cycle, person, world.cycle.province, reason="Người thân.", by=person)
    with pytest.raises(InvalidInput, match="không có tên trong hội đồng"):
        council.declare_conflict(world.cycle, factories.user(), unit, reason="Người thân.", by=world.secretary)
    own = council.declare_conflict(world.cycle, world.secretary, unit, reason="Người thân.", by=world.secretary)
    with pytest.raises(InvalidInput, match="Không tự rút"):
        council.withdraw_conflict(own, by=world.secretary)


def test_nobody_chooses_who_appraises_the_own_unit(appraising: World) -> None:
    world = appraising
    row = DomainAppraisal.objects.get(dossier=world.dossiers[UNIT], domain=world.domain("1"))
    access.join(world.secretary, world.units[UNIT], Role.OFFICER)
    with pytest.raises(NotAllowed, match="không giao việc thẩm định"):
        sharing.give(row, world.second_appraiser, by=fresh(world.secretary))
    sharing.give(row, world.second_appraiser, by=world.home_affairs)
