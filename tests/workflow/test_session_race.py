"""Chair and deputy conclude one meeting at the same moment, many times: it is concluded once, and the other is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assessments.errors import WrongStage
from assessments.models import Attendance, CouncilSession, LedgerEntry
from assessments.services import sessions
from assessments.services.appraisal import Wanted, appraise
from assessments.services.sessions import Decision, Details, Presence
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.models import WorkItem

from .test_races import at_once, kinds

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

TIMES = 20


def contested(world: World, unit: str) -> None:
    """1.1.2 was cut from 3 to 1,5 and is contested."""
    world.to(Stage.APPRAISING, unit)
    score = world.score("1.1.2", unit)
    appraise(score, "1,5", reason="Thiếu minh chứng.", version=0, by=factories.appraiser_of(world, unit))
    world.to(Stage.RESPONDING, unit)
    wanted = [Wanted(score.pk, "3", "Đã có báo cáo.")]
    actions.respond(world.item("respond", unit), wanted, by=world.coordinator[unit])


def meeting(world: World) -> CouncilSession:
    """Open, everybody there, every matter decided: 2,5 points for whoever contests."""
    details = Details(clock.now(), "Phòng họp số 2", world.chair, world.secretary)
    session = sessions.prepare(world.cycle, details, by=world.secretary)
    sessions.add_topic(session, "Tiến độ thẩm định", by=world.secretary)
    sessions.gather(session, by=world.secretary)
    seats = Attendance.objects.filter(session=session).values_list("seat", flat=True)
    sessions.note_attendance(session, {seat: Presence(True) for seat in seats}, by=world.secretary)
    session = sessions.open_session(session, by=world.chair)
    for item in session.items.all():
        points = "2,5" if item.score_id else ""
        sessions.decide(item, Decision("consensus", points, "Đã xem lại."), version=item.version, by=world.secretary)
    return session


def conclude_at_once(session: CouncilSession, people: tuple[User, User]) -> list[object]:
    def conclude(by: User) -> None:
        actions.conclude_session(CouncilSession.objects.get(pk=session.pk), finish_reviews=True, by=by)

    return at_once(*(lambda by=by: conclude(by) for by in people))


def test_meeting_concluded_by_two_at_once_is_concluded_once() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world().open()
        people = (world.chair, factories.seat(world, role=Role.DEPUTY))
        units = iter(world.units)
        for _time in range(TIMES):
            if unit := next(units, None):
                contested(world, unit)
            session = meeting(world)
            results = conclude_at_once(session, people)
            assert kinds(results) == {"ok": 1, "WrongStage": 1}
            session.refresh_from_db()
            (loser,) = [row for row in results if isinstance(row, WrongStage)]
            assert str(loser).startswith(f"Phiên họp đã được {session.concluded_by} kết luận lúc 09:00 20/11/2026")
            assert session.concluded_by == people[results.index(None)]
            if unit:
                assert world.dossier(unit).stage == Stage.CONCLUDED
                assert world.score("1.1.2", unit).appraised_points == Decimal("2.5")
                assert world.score("1.1.2", unit).appeal.accepted is True
        assert LedgerEntry.objects.filter(action="session_conclude").count() == TIMES
        assert LedgerEntry.objects.filter(action="decide_appeal").count() == 3
        assert not WorkItem.objects.filter(node="dossier.hear", done_at=None).exists()
