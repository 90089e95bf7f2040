"""Two rounds by different people, two scorers who do not see each other, and what they must agree on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assessments.errors import Conflict, Incomplete, InvalidInput
from assessments.models import DeclaredConflict, DomainAppraisal, LedgerEntry, RoundScore
from assessments.services import rounds, sharing
from assessments.services.appraisal import Wanted, accept_rest, agree, appraise, finish_domain, to_appraise
from assessments.services.rounds import disputes, shown_to
from assessments.stages import Stage
from assessments.visibility import council_dossiers, may_appraise, open_appraisal
from tests import factories
from tests.factories import World
from units import clock
from units.access import NotAllowed
from units.models import User
from workflow import actions
from workflow.inbox import Turns, inbox
from workflow.models import WorkItem

UNIT = "so-a"


def setting(world: World, **fields: object) -> None:
    for name, value in fields.items():
        setattr(world.cycle, name, value)
    world.cycle.save()


def give(world: World, code: str, points: str, reason: str = "", *, by: User, version: int = 0) -> None:
    appraise(world.score(code), points, reason=reason, version=version, by=by)


def tasks(world: World, user: User) -> list[str]:
    """Codes of the domains of UNIT that wait for the person."""
    items = inbox(User.objects.get(pk=user.pk)).filter(dossier=world.dossiers[UNIT], node="dossier.appraise")
    return sorted(item.domain.code for item in items)


def columns(world: World, code: str) -> dict[tuple[int, int], Decimal | None]:
    return {(row.round, row.seat): row.points for row in world.score(code).rounds.all()}


# the second round


@pytest.fixture
def contested(world: World) -> World:
    """Round 1 cut 1.1.2 from 3 to 1,5; the unit contests it; the cycle has two rounds."""
    setting(world, rounds=2)
    world.to(Stage.APPRAISING)
    give(world, "1.1.2", "1,5", "Thiếu minh chứng.", by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    score = world.score("1.1.2")
    actions.respond(world.item("respond"), [Wanted(score.pk, "3", "Đã có báo cáo.")], by=world.coordinator[UNIT])
    return world


def test_contested_criterion_goes_to_a_second_round_and_the_first_is_kept(contested: World) -> None:
    dossier = contested.dossier()
    assert (dossier.stage, dossier.round, dossier.appraisal_pass) == (Stage.APPRAISING, 2, 2)
    assert columns(contested, "1.1.2") == {(1, 0): Decimal("1.5")}
    assert contested.score("1.1.2").appraised_at is None
    assert contested.score("1.1.1").appraised_points == 2
    open_rows = DomainAppraisal.objects.filter(dossier=dossier, finished_at=None)
    assert [row.domain.code for row in open_rows] == ["1"]


def test_second_round_is_for_somebody_else_where_there_is_one(world: World) -> None:
    other = factories.seat(world)
    setting(world, rounds=2)
    world.to(Stage.APPRAISING)
    give(world, "1.1.2", "1,5", "Thiếu minh chứng.", by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    wanted = [Wanted(world.score("1.1.2").pk, "3", "Đã có báo cáo.")]
    actions.respond(world.item("respond"), wanted, by=world.coordinator[UNIT])
    assert (tasks(world, world.second_appraiser), tasks(world, other)) == ([], ["1"])
    assert other in Turns([item := world.item("appraise")]).people(item)
    assert world.second_appraiser not in Turns([item]).people(item)
    with pytest.raises(NotAllowed, match="Bạn đã chấm lĩnh vực 1 ở vòng 1 nên vòng 2 do người khác chấm"):
        give(world, "1.1.2", "3", by=world.second_appraiser, version=2)
    give(world, "1.1.2", "3", by=other, version=2)


def test_second_round_falls_to_the_first_scorer_where_nobody_else_may(contested: World) -> None:
    # the world's other appraiser belongs to the unit, the secretary may take any domain
    contested.cycle.council.members.exclude(user=contested.second_appraiser).update(active=False)
    assert not may_appraise(contested.appraiser, contested.dossier(), contested.domain("1"))
    setting(contested, rounds=2)
    barred = DomainAppraisal.objects.get(dossier=contested.dossiers[UNIT], number=2).barred
    assert list(barred.all()) == [contested.second_appraiser]
    barred.clear()
    assert tasks(contested, contested.second_appraiser) == ["1"]


@pytest.mark.parametrize(
    ("typed", "reason", "accepted", "answer"),
    [
        ("3", "", True, "Vòng 2 chấp nhận điểm đơn vị tự chấm."),
        ("2", "Chấp nhận một phần.", True, "Chấp nhận một phần."),
        ("1,5", "Vẫn thiếu minh chứng.", False, "Vẫn thiếu minh chứng."),
    ],
)
def test_second_round_answers_the_appeal_and_concludes(
    contested: World, typed: str, reason: str, accepted: bool, answer: str
) -> None:
    by = contested.secretary
    give(contested, "1.1.2", typed, reason, by=by, version=2)
    actions.finish_domain(contested.item("appraise"), by=by)
    actions.finish_review(contested.item("review"), by=contested.secretary)
    score = contested.score("1.1.2")
    points = Decimal(typed.replace(",", "."))
    assert contested.dossier().stage == Stage.CONCLUDED
    assert columns(contested, "1.1.2") == {(1, 0): Decimal("1.5"), (2, 0): points}
    assert (score.appraised_points, score.self_points) == (points, Decimal(3))
    assert (score.appeal.accepted, score.appeal.answer, score.appeal.decided_points) == (accepted, answer, points)


def test_hearing_of_one_round_is_a_column_of_its_own(world: World) -> None:
    world.to(Stage.APPRAISING)
    give(world, "1.1.2", "1,5", "Thiếu minh chứng.", by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    wanted = [Wanted(world.score("1.1.2").pk, "3", "Đã có báo cáo.")]
    actions.respond(world.item("respond"), wanted, by=world.coordinator[UNIT])
    appeal = world.score("1.1.2").appeal
    actions.decide_appeals(world.item("hear"), {appeal.pk: ("2,5", "Chấp nhận một phần.")}, by=world.secretary)
    assert columns(world, "1.1.2") == {(1, 0): Decimal("1.5"), (2, 0): Decimal("2.5")}


# two scorers


@pytest.fixture
def double(world: World) -> World:
    setting(world, double_scoring=True, consensus_threshold=Decimal("0.5"))
    world.to(Stage.APPRAISING)
    return world


@pytest.fixture
def third(double: World) -> User:
    return factories.seat(double)


def finish(world: World, code: str, by: User) -> None:
    dossier, domain = world.dossier(), world.domain(code)
    accept_rest(dossier, domain, by=by)
    mine = open_appraisal(by, dossier, domain)
    for score in rounds.unscored(list(to_appraise(dossier, domain)), dossier=dossier, seat=mine.seat):
        appraise(score, "1", reason="", version=0, by=by)
    actions.finish_domain(WorkItem.objects.get(appraisal=mine), by=by)


def test_each_domain_has_two_tasks_for_two_people(double: World, third: User) -> None:
    assert WorkItem.objects.filter(dossier=double.dossiers[UNIT], node="dossier.appraise", done_at=None).count() == 6
    give(double, "1.1.2", "2", "Thiếu.", by=third)
    assert tasks(double, third) == ["1", "2", "2", "3", "3"]
    assert tasks(double, double.second_appraiser) == ["1", "2", "2", "3", "3"]
    give(double, "1.1.2", "3", by=double.second_appraiser)
    assert open_appraisal(third, double.dossier(), double.domain("1")).seat == 1
    assert open_appraisal(double.second_appraiser, double.dossier(), double.domain("1")).seat == 2
    with pytest.raises(NotAllowed, match="Lĩnh vực 1 đã được giao cho người khác"):
        give(double, "1.1.2", "1", "Thiếu.", by=double.secretary)


def test_scorers_do_not_see_each_other(double: World, third: User) -> None:
    give(double, "1.1.2", "2", "Thiếu.", by=third)
    score = double.score("1.1.2")
    assert (score.appraised_points, score.appraised_at, score.appraised_reason) == (None, None, "")
    (mine,) = shown_to([double.score("1.1.2")], dossier=double.dossier(), seat=1)
    (other,) = shown_to([double.score("1.1.2")], dossier=double.dossier(), seat=2)
    assert (mine.appraised_points, mine.appraised_reason, mine.appraised_version) == (Decimal(2), "Thiếu.", 1)
    assert (other.appraised_points, other.appraised_at, other.appraised_version) == (None, None, 0)


def test_same_scorer_in_two_windows_overwrites_nothing(double: World, third: User) -> None:
    give(double, "1.1.2", "2", "Thiếu.", by=third)
    with pytest.raises(Conflict, match="Bạn đã chấm tiêu chí này ở một cửa sổ khác") as caught:
        give(double, "1.1.2", "1", "Thiếu nhiều.", by=third, version=0)
    assert caught.value.current.appraised_points == 2


def test_close_scores_are_settled_between_them_and_far_ones_wait_for_a_consensus(double: World, third: User) -> None:
    give(double, "1.1.2", "2", "Thiếu hai văn bản.", by=third)
    give(double, "2.1.1", "2", "Thiếu một văn bản.", by=third)
    for code in "123":
        finish(double, code, third)
        finish(double, code, double.second_appraiser)
    assert double.dossier().stage == Stage.REVIEWING
    # 3 and 2 are further apart than 0,5; 2,5 and 2 are not
    assert [dispute.score.criterion.code for dispute in disputes(double.dossier())] == ["1.1.2"]
    close = double.score("2.1.1")
    assert (close.appraised_points, close.appraised_reason) == (Decimal("2.25"), "Thiếu một văn bản.")
    assert columns(double, "2.1.1") == {(1, 0): Decimal("2.25"), (1, 1): Decimal(2), (1, 2): Decimal("2.5")}
    assert double.score("1.1.1").appraised_points == 2
    with pytest.raises(Incomplete, match="Còn 1 tiêu chí hai người chấm chênh lệch"):
        actions.finish_review(double.item("review"), by=double.secretary)
    agree(double.score("1.1.2"), "2,5", reason="Thống nhất sau trao đổi.", version=0, by=double.secretary)
    assert columns(double, "1.1.2")[1, 0] == Decimal("2.5")
    give(double, "3.1.5", "1", by=double.secretary)
    actions.finish_review(double.item("review"), by=double.secretary)
    assert double.dossier().stage == Stage.RESPONDING


def test_consensus_away_from_the_unit_needs_a_reason(double: World, third: User) -> None:
    give(double, "1.1.2", "2", "Thiếu hai văn bản.", by=third)
    for code in "123":
        finish(double, code, third)
        finish(double, code, double.second_appraiser)
    with pytest.raises(InvalidInput, match="hãy ghi lý do"):
        agree(double.score("1.1.2"), "2", reason=" ", version=0, by=double.secretary)
    with pytest.raises(NotAllowed):
        agree(double.score("1.1.2"), "3", reason="", version=0, by=third)
    assert agree(double.score("1.1.2"), "3", reason="", version=0, by=double.secretary).appraised_points == 3


def test_domain_is_not_done_before_the_scorer_scored_all(double: World, third: User) -> None:
    give(double, "1.1.1", "", by=third)
    with pytest.raises(Incomplete, match="Lĩnh vực 1 còn 1 tiêu chí chưa chấm"):
        finish_domain(double.dossier(), double.domain("1"), by=third)


def test_what_a_scorer_gave_stays_in_the_ledger(double: World, third: User) -> None:
    give(double, "1.1.2", "2", "Thiếu.", by=third)
    entry = LedgerEntry.objects.get(action="score_blind")
    assert (entry.actor, entry.after, entry.reason) == (third, {"points": "2", "seat": 1}, "Thiếu.")


# sharing out


def test_open_domains_are_shared_out_evenly_on_request(world: World) -> None:
    more = factories.seat(world)
    world.to(Stage.APPRAISING)
    assert sharing.share_open(world.cycle, by=world.secretary) == 3
    given = {row.domain.code: row.appraiser for row in DomainAppraisal.objects.filter(dossier=world.dossiers[UNIT])}
    assert set(given) == {"1", "2", "3"}
    assert len(set(given.values())) == 3
    assert world.appraiser not in given.values()
    for code, person in given.items():
        assert code in tasks(world, person)
    assert set(given.values()) == {world.second_appraiser, more, world.secretary}
    with pytest.raises(NotAllowed, match="đã được giao cho người khác"):
        give(world, "1.1.2", "", by=given["2"])


def test_sharing_is_for_whoever_manages_the_council(world: World) -> None:
    world.to(Stage.APPRAISING)
    with pytest.raises(NotAllowed):
        sharing.share_open(world.cycle, by=world.second_appraiser)
    assert sharing.share_open(world.cycle, by=world.home_affairs) == 3


def test_dossier_that_arrives_is_shared_out_where_the_cycle_says_so(world: World) -> None:
    setting(world, share_out=True)
    world.to(Stage.APPRAISING)
    assert DomainAppraisal.objects.filter(dossier=world.dossiers[UNIT], appraiser=None).count() == 0


def test_domain_given_by_hand_is_that_persons_and_comes_back_when_the_seat_ends(world: World) -> None:
    other = factories.seat(world)
    world.to(Stage.APPRAISING)
    row = DomainAppraisal.objects.get(dossier=world.dossiers[UNIT], domain=world.domain("1"))
    sharing.give(row, other, by=world.secretary)
    assert (tasks(world, other), tasks(world, world.second_appraiser)) == (["1", "2", "3"], ["2", "3"])
    give(world, "1.1.2", "2", "Thiếu.", by=other)
    other.council_seats.update(active=False)
    assert tasks(world, world.second_appraiser) == ["1", "2", "3"]
    give(world, "1.1.1", "", by=world.second_appraiser)
    assert world.score("1.1.2").appraised_by == other


def test_domain_is_not_given_to_somebody_with_a_conflict(world: World) -> None:
    world.to(Stage.APPRAISING)
    row = DomainAppraisal.objects.get(dossier=world.dossiers[UNIT], domain=world.domain("1"))
    with pytest.raises(InvalidInput, match="không nhận được lĩnh vực 1"):
        sharing.give(row, world.appraiser, by=world.secretary)
    sharing.give(row, world.second_appraiser, by=world.secretary)


# conflicts of interest


def declare(world: World, user: User, unit: str) -> DeclaredConflict:
    return DeclaredConflict.objects.create(
        council=world.cycle.council,
        user=user,
        unit=world.units[unit],
        reason="Người thân là lãnh đạo đơn vị.",
        declared_by=world.secretary,
        declared_at=clock.now(),
    )


def test_declared_conflict_works_like_belonging_to_the_unit(world: World) -> None:
    world.to(Stage.APPRAISING)
    person = world.second_appraiser
    assert list(council_dossiers(person)) == [world.dossiers[UNIT]]
    made = declare(world, person, UNIT)
    assert list(council_dossiers(person)) == []
    assert tasks(world, person) == []
    with pytest.raises(NotAllowed, match="không tham gia thẩm định"):
        give(world, "1.1.2", "", by=person)
    made.withdrawn_at, made.withdrawn_by = clock.now(), world.secretary
    made.save()
    assert tasks(world, person) == ["1", "2", "3"]


def test_agency_that_sent_a_person_is_a_conflict(world: World) -> None:
    world.to(Stage.APPRAISING)
    world.second_appraiser.council_seats.update(agency=world.units[UNIT])
    assert (list(council_dossiers(world.second_appraiser)), tasks(world, world.second_appraiser)) == ([], [])


def test_seat_for_some_units_takes_only_those(world: World) -> None:
    world.to(Stage.APPRAISING)
    seat = world.second_appraiser.council_seats.get()
    seat.units.set([world.units["so-b"]])
    assert tasks(world, world.second_appraiser) == []
    seat.units.add(world.units[UNIT])
    assert tasks(world, world.second_appraiser) == ["1", "2", "3"]


def test_rounds_of_a_score_are_rows_of_their_own(world: World) -> None:
    world.to(Stage.APPRAISING)
    give(world, "1.1.2", "2", "Thiếu.", by=world.second_appraiser)
    give(world, "1.1.2", "1", "Thiếu nhiều.", by=world.second_appraiser, version=1)
    row = RoundScore.objects.get(score=world.score("1.1.2"))
    assert (row.round, row.seat, row.points, row.reason, row.version) == (
        1,
        rounds.SETTLED,
        Decimal(1),
        "Thiếu nhiều.",
        2,
    )
