"""A meeting of the council: quorum, who may vote, what is decided and how it becomes the scores'."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from assessments.errors import Conflict, InvalidInput, WrongStage
from assessments.models import AgendaItem, CouncilSession, LedgerEntry, SupplementRequest, Vote
from assessments.services import sessions
from assessments.services.appraisal import Wanted, accept_rest, appraise, to_appraise
from assessments.services.rounds import unscored
from assessments.services.sessions import Decision, Details, Presence, quorum
from assessments.stages import Stage
from assessments.visibility import open_appraisal, sessions_for
from tests import factories
from tests.factories import World
from units import clock
from units.access import NotAllowed
from units.models import User
from workflow import actions
from workflow.models import WorkItem

UNIT = "so-a"
CONSENSUS = AgendaItem.How.CONSENSUS
VOTE = AgendaItem.How.VOTE


def prepared(world: World) -> CouncilSession:
    details = Details(clock.now(), "Phòng họp số 2", world.chair, world.secretary)
    return sessions.prepare(world.cycle, details, by=world.secretary)


def everybody_comes(session: CouncilSession, *, but: tuple[User, ...] = (), by: User) -> None:
    noted = {
        row.seat_id: Presence(False, "Đi công tác") if row.seat.user in but else Presence(True)
        for row in session.attendance.select_related("seat__user")
    }
    sessions.note_attendance(session, noted, by=by)


@pytest.fixture
def contested(world: World) -> World:
    """1.1.2 and 2.1.1 were cut and are contested; the dossier waits for the council."""
    world.to(Stage.APPRAISING)
    for code, points in (("1.1.2", "1,5"), ("2.1.1", "1")):
        appraise(world.score(code), points, reason="Thiếu minh chứng.", version=0, by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    wanted = [
        Wanted(world.score(code).pk, points, "Đã có báo cáo.") for code, points in (("1.1.2", "3"), ("2.1.1", "2"))
    ]
    actions.respond(world.item("respond"), wanted, by=world.coordinator[UNIT])
    return world


@pytest.fixture
def met(contested: World) -> tuple[World, CouncilSession]:
    """The meeting on both appeals is open; everybody came."""
    session = prepared(contested)
    assert sessions.gather(session, by=contested.secretary) == (0, 2)
    everybody_comes(session, by=contested.secretary)
    return contested, sessions.open_session(session, by=contested.chair)


def decide(
    item: AgendaItem, points: str, *, by: User, how: str = CONSENSUS, votes: dict[int, str] | None = None
) -> None:
    sessions.decide(item, Decision(how, points, "Hội đồng đã xem lại.", votes), version=item.version, by=by)


def seats(session: CouncilSession) -> dict[int, int]:
    return {row.seat.user_id: row.seat_id for row in session.attendance.select_related("seat")}


@pytest.mark.parametrize(("members", "needed"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)])
def test_quorum_is_more_than_half(members: int, needed: int) -> None:
    assert quorum(members) == needed


def test_sessions_are_numbered_and_list_every_seat(world: World) -> None:
    assert [prepared(world).number, prepared(world).number] == [1, 2]
    assert prepared(world).attendance.count() == 4
    with pytest.raises(NotAllowed):
        sessions.prepare(world.cycle, Details(clock.now(), "Phòng 1", world.chair, world.secretary), by=world.appraiser)
    details = Details(clock.now(), "Phòng 1", world.home_affairs, world.secretary)
    with pytest.raises(InvalidInput, match="không có trong hội đồng"):
        sessions.prepare(world.cycle, details, by=world.secretary)


def test_agenda_gathers_appeals_once_and_takes_topics_in_order(contested: World) -> None:
    session = prepared(contested)
    assert sessions.gather(session, by=contested.secretary) == (0, 2)
    assert sessions.gather(session, by=contested.secretary) == (0, 0)
    assert sessions.gather(prepared(contested), by=contested.secretary) == (0, 0)
    topic = sessions.add_topic(session, " Thông qua dự thảo báo cáo ", by=contested.secretary)
    sessions.move(topic, down=False, by=contested.secretary)
    assert [(item.order, item.question) for item in session.items.all()][1] == (2, "Thông qua dự thảo báo cáo")
    sessions.take_off(topic, by=contested.secretary)
    assert [item.score.criterion.code for item in session.items.select_related("score__criterion")] == [
        "1.1.2",
        "2.1.1",
    ]


def test_meeting_without_a_quorum_is_not_opened(contested: World) -> None:
    session = prepared(contested)
    sessions.gather(session, by=contested.secretary)
    everybody_comes(session, but=(contested.appraiser, contested.second_appraiser), by=contested.secretary)
    with pytest.raises(InvalidInput, match="Có mặt 2/4 thành viên có quyền biểu quyết, cần ít nhất 3"):
        sessions.open_session(session, by=contested.chair)
    everybody_comes(session, but=(contested.appraiser,), by=contested.secretary)
    with pytest.raises(NotAllowed):
        sessions.open_session(session, by=contested.secretary)
    assert sessions.open_session(session, by=contested.chair).state == "open"


def test_helper_team_makes_no_quorum(contested: World) -> None:
    factories.seat(contested, role=factories.Role.HELPER)
    session = prepared(contested)
    everybody_comes(session, but=(contested.appraiser, contested.second_appraiser), by=contested.secretary)
    assert (sessions.turnout(session).members, sessions.turnout(session).present) == (4, 2)


def test_absence_needs_a_reason(world: World) -> None:
    session = prepared(world)
    seat = seats(session)[world.appraiser.pk]
    with pytest.raises(InvalidInput, match="lý do vắng"):
        sessions.note_attendance(session, {seat: Presence(False)}, by=world.secretary)


def test_points_need_more_than_half_of_those_who_may_vote(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    item, seat = session.items.earliest("order"), seats(session)
    # the appraiser belongs to the unit: three may vote
    one = {seat[world.chair.pk]: "for", seat[world.secretary.pk]: "against"}
    with pytest.raises(InvalidInput, match="1/3 thành viên đồng ý với 2,50 điểm, chưa quá nửa"):
        decide(item, "2,5", how=VOTE, votes=one, by=world.secretary)
    decide(item, "2,5", how=VOTE, votes={**one, seat[world.second_appraiser.pk]: "2,5"}, by=world.secretary)
    item.refresh_from_db()
    assert (item.state, item.points, item.how) == ("decided", Decimal("2.5"), "vote")
    assert sorted(Vote.objects.values_list("choice", "points")) == [
        ("", Decimal("2.5")),
        ("against", None),
        ("for", None),
    ]


def test_nobody_votes_or_records_on_the_own_unit(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    item, seat = session.items.earliest("order"), seats(session)
    with pytest.raises(InvalidInput, match="xung đột lợi ích"):
        decide(item, "3", how=VOTE, votes={seat[world.appraiser.pk]: "for"}, by=world.secretary)
    factories.access.join(world.secretary, world.units[UNIT], factories.Role.OFFICER)
    with pytest.raises(NotAllowed, match="xung đột lợi ích với Sở Nội vụ"):
        decide(item, "3", by=world.secretary)
    decide(item, "3", by=world.chair)


def test_decision_of_two_secretaries_is_not_overwritten(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    item = session.items.earliest("order")
    decide(item, "3", by=world.secretary)
    with pytest.raises(Conflict, match="vừa ghi quyết định"):
        decide(item, "2", by=world.chair)


def test_decision_is_written_only_while_the_meeting_is_open(contested: World) -> None:
    session = prepared(contested)
    sessions.gather(session, by=contested.secretary)
    with pytest.raises(WrongStage, match="Chuẩn bị"):
        decide(session.items.earliest("order"), "3", by=contested.secretary)


def test_concluding_answers_the_appeals_and_moves_the_task(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    first, second = session.items.order_by("order")
    decide(first, "2,5", by=world.secretary)
    with pytest.raises(InvalidInput, match=r"Còn 1 nội dung chưa quyết định \(số 2\)"):
        actions.conclude_session(session, finish_reviews=True, by=world.chair)
    decide(second, "", by=world.secretary)
    with pytest.raises(NotAllowed):
        actions.conclude_session(session, finish_reviews=True, by=world.secretary)
    actions.conclude_session(session, finish_reviews=True, by=world.chair)
    assert world.dossier().stage == Stage.CONCLUDED
    assert not WorkItem.objects.filter(dossier=world.dossiers[UNIT], node="dossier.hear", done_at=None).exists()
    assert (world.score("1.1.2").appraised_points, world.score("2.1.1").appraised_points) == (Decimal("2.5"), 1)
    assert [world.score(code).appeal.accepted for code in ("1.1.2", "2.1.1")] == [True, False]
    entries = LedgerEntry.objects.count()
    with pytest.raises(WrongStage, match=f"đã được {world.chair} kết luận lúc 09:00 20/11/2026"):
        actions.conclude_session(session, finish_reviews=True, by=world.chair)
    assert LedgerEntry.objects.count() == entries


def test_dossier_with_an_appeal_left_out_goes_to_a_later_meeting(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    first, second = session.items.order_by("order")
    decide(first, "3", by=world.secretary)
    sessions.put_off(second, "Chờ đơn vị gửi bản chính.", by=world.secretary)
    actions.conclude_session(session, finish_reviews=True, by=world.chair)
    first.refresh_from_db()
    assert (first.state, first.applied_at) == ("put_off", None)
    assert "Kiến nghị ở tiêu chí 2.1.1" in first.put_off_reason
    assert world.dossier().stage == Stage.HEARING
    assert sessions.gather(prepared(world), by=world.secretary) == (0, 2)


def test_appeal_heard_meanwhile_is_not_decided_again(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    for item in session.items.all():
        decide(item, "", by=world.secretary)
    answers = {world.score(code).appeal.pk: ("", "Giữ nguyên.") for code in ("1.1.2", "2.1.1")}
    actions.decide_appeals(world.item("hear"), answers, by=world.secretary)
    actions.conclude_session(session, finish_reviews=True, by=world.chair)
    assert set(session.items.values_list("state", "put_off_reason")) == {
        ("put_off", "Kiến nghị đã được trả lời trước khi phiên họp kết luận.")
    }


def test_chair_with_a_conflict_leaves_the_conclusion_to_the_deputy(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    for item in session.items.all():
        decide(item, "", by=world.secretary)
    factories.access.join(world.chair, world.units[UNIT], factories.Role.OFFICER)
    with pytest.raises(NotAllowed, match="Hãy để Phó Chủ tịch hội đồng kết luận"):
        actions.conclude_session(session, finish_reviews=True, by=world.chair)
    deputy = factories.seat(world, role=factories.Role.DEPUTY)
    everybody_comes(session, by=world.secretary)
    actions.conclude_session(session, finish_reviews=True, by=deputy)
    assert world.dossier().stage == Stage.CONCLUDED


@pytest.fixture
def disputed(world: World) -> World:
    """Two scorers are 1 point apart on 1.1.2."""
    world.cycle.double_scoring, world.cycle.consensus_threshold = True, Decimal("0.5")
    world.cycle.save()
    world.to(Stage.APPRAISING)
    third = factories.seat(world)
    appraise(world.score("1.1.2"), "2", reason="Thiếu hai văn bản.", version=0, by=third)
    for code in "123":
        for by in (third, world.second_appraiser):
            dossier, domain = world.dossier(), world.domain(code)
            accept_rest(dossier, domain, by=by)
            mine = open_appraisal(by, dossier, domain)
            assert mine is not None
            for score in unscored(list(to_appraise(dossier, domain)), dossier=dossier, seat=mine.seat):
                appraise(score, "1", reason="", version=0, by=by)
            actions.finish_domain(WorkItem.objects.get(appraisal=mine), by=by)
    assert world.dossier().stage == Stage.REVIEWING
    return world


@pytest.mark.parametrize(("finish", "stage"), [(True, Stage.RESPONDING), (False, Stage.REVIEWING)])
def test_concluding_settles_differences(disputed: World, finish: bool, stage: Stage) -> None:
    world = disputed
    appraise(world.score("3.1.5"), "1", reason="", version=0, by=world.secretary)
    session = prepared(world)
    assert sessions.gather(session, by=world.secretary) == (1, 0)
    everybody_comes(session, by=world.secretary)
    session = sessions.open_session(session, by=world.chair)
    item = session.items.get()
    with pytest.raises(InvalidInput, match="hãy ghi lý do"):
        sessions.decide(item, Decision(CONSENSUS, "2"), version=0, by=world.secretary)
    decide(item, "2,5", by=world.secretary)
    actions.conclude_session(session, finish_reviews=finish, by=world.chair)
    assert world.score("1.1.2").appraised_points == Decimal("2.5")
    assert world.dossier().stage == stage
    assert SupplementRequest.objects.count() == 0


def test_dossier_that_lacks_something_else_stays_with_the_secretary(disputed: World) -> None:
    session = prepared(disputed)
    sessions.gather(session, by=disputed.secretary)
    everybody_comes(session, by=disputed.secretary)
    session = sessions.open_session(session, by=disputed.chair)
    decide(session.items.get(), "2,5", by=disputed.secretary)
    actions.conclude_session(session, finish_reviews=True, by=disputed.chair)
    assert disputed.dossier().stage == Stage.REVIEWING
    assert disputed.item("review").done_at is None
    assert disputed.score("1.1.2").appraised_points == Decimal("2.5")


def test_nothing_of_a_concluded_meeting_changes(met: tuple[World, CouncilSession]) -> None:
    world, session = met
    for item in session.items.all():
        decide(item, "", by=world.secretary)
    actions.conclude_session(session, finish_reviews=True, by=world.chair)
    session.refresh_from_db()
    with pytest.raises(WrongStage, match="Đã kết luận"):
        sessions.add_topic(session, "Nội dung khác", by=world.secretary)
    item = session.items.earliest("order")
    seat = session.attendance.earliest("pk").seat
    for write in (
        lambda: CouncilSession.objects.filter(pk=session.pk).update(place="Nơi khác"),
        lambda: session.items.update(reason="Khác"),
        lambda: session.attendance.update(present=None),
        lambda: Vote.objects.create(item=item, member=seat, choice="for"),
        lambda: AgendaItem.objects.create(session=session, order=9, kind="topic", question="Thêm"),
        lambda: session.items.all().delete(),
        lambda: CouncilSession.objects.filter(pk=session.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="concluded meeting"), transaction.atomic():
            write()


def test_meetings_are_seen_by_the_council_and_whoever_prepares_them(world: World) -> None:
    session = prepared(world)
    for user in (world.secretary, world.chair, world.appraiser, world.home_affairs):
        assert list(sessions_for(user)) == [session]
    for user in (world.officer[UNIT], world.province, world.investigator):
        assert list(sessions_for(user)) == []
