"""On-site verification: appointment, findings, files, and who reads them when."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from assessments.errors import Conflict, InvalidInput, WrongStage
from assessments.models import SiteVisit
from assessments.services import site_visits
from assessments.services.site_visits import Appointment, Found
from assessments.stages import Stage
from assessments.visibility import read_visits, visit_files_for, visits_for
from evidence.services import collect_garbage
from tests import factories
from tests.factories import World
from units import clock
from units.access import NotAllowed

UNIT = "so-a"
LATER = factories.WORKDAY + dt.timedelta(days=3)


def appointment(world: World, **fields: object) -> Appointment:
    team = [world.second_appraiser.council_seats.get()]
    return Appointment(**{"planned_at": LATER, "place": "Bộ phận một cửa", "team": team, **fields})  # type: ignore[arg-type]


@pytest.fixture
def planned(world: World) -> tuple[World, SiteVisit]:
    world.to(Stage.APPRAISING)
    return world, site_visits.plan(world.dossier(), appointment(world), by=world.secretary)


def visited(world: World, visit: SiteVisit) -> SiteVisit:
    with clock.at(LATER + dt.timedelta(hours=3)):
        return site_visits.report(
            visit,
            {world.score("1.1.2").pk: Found("differs", "Chỉ có 2 nhiệm vụ hoàn thành.", "2")},
            minutes="Đoàn đã kiểm tra hồ sơ gốc.",
            done=True,
            version=visit.version,
            by=world.second_appraiser,
        )


def test_nobody_with_a_conflict_is_on_the_team(planned: tuple[World, SiteVisit]) -> None:
    world, _visit = planned
    own = world.appraiser.council_seats.get()
    assert own not in site_visits.able_team(world.dossier())
    with pytest.raises(InvalidInput, match="xung đột lợi ích"):
        site_visits.plan(world.dossier(), appointment(world, team=[own]), by=world.secretary)


def test_appointment_is_made_by_whoever_manages_the_council_and_lies_ahead(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    assert list(visit.team.all()) == [world.second_appraiser.council_seats.get()]
    with pytest.raises(NotAllowed):
        site_visits.plan(world.dossier(), appointment(world), by=world.second_appraiser)
    with pytest.raises(InvalidInput, match="phải ở sau lúc này"):
        site_visits.replan(visit, appointment(world, planned_at=clock.now()), by=world.secretary)
    changed = site_visits.replan(visit, appointment(world, place="Kho lưu trữ"), by=world.secretary)
    assert (changed.place, changed.version) == ("Kho lưu trữ", 1)


def test_visit_before_sending_is_refused(world: World) -> None:
    with pytest.raises(WrongStage):
        site_visits.plan(world.dossier(), appointment(world), by=world.secretary)


def test_cancelled_visit_says_why(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    with pytest.raises(InvalidInput, match="lý do hủy"):
        site_visits.cancel(visit, " ", by=world.secretary)
    assert site_visits.cancel(visit, "Mưa lũ.", by=world.secretary).state == "cancelled"
    with pytest.raises(WrongStage, match="Đã hủy"):
        visited(world, visit)


def test_findings_are_fixed_when_the_visit_is_done(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    with pytest.raises(InvalidInput, match="Chưa đến giờ hẹn"):
        site_visits.report(
            visit,
            {world.score("1.1.2").pk: Found("matches")},
            minutes="x",
            done=True,
            version=0,
            by=world.secretary,
        )
    with pytest.raises(InvalidInput, match="Hãy ghi đoàn kiểm tra thấy gì"):
        site_visits.report(
            visit, {world.score("1.1.2").pk: Found("short")}, minutes="", done=False, version=0, by=world.secretary
        )
    done = visited(world, visit)
    assert [(row.score.criterion.code, row.result, row.points) for row in done.findings.all()] == [
        ("1.1.2", "differs", 2)
    ]
    with pytest.raises(WrongStage, match="Đã kiểm tra"):
        visited(world, done)
    assert world.score("1.1.2").appraised_at is None


def test_report_is_for_the_team_and_overwrites_nobody(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    other = factories.seat(world)
    with pytest.raises(NotAllowed, match="Chỉ đoàn kiểm tra"):
        site_visits.report(visit, {}, minutes="", done=False, version=0, by=other)
    site_visits.report(visit, {}, minutes="Nháp", done=False, version=0, by=world.secretary)
    with pytest.raises(Conflict, match="Người khác vừa ghi"):
        site_visits.report(visit, {}, minutes="Khác", done=False, version=0, by=world.second_appraiser)


def test_unit_knows_the_appointment_and_reads_findings_once_shared(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    head, council, own = world.head[UNIT], world.second_appraiser, world.appraiser
    assert [list(visits_for(user)) for user in (head, council, own)] == [[visit]] * 3
    assert list(visits_for(world.head["so-b"])) == []
    visit = visited(world, visit)
    assert [list(read_visits(user)) for user in (head, council, own)] == [[], [visit], []]
    site_visits.share(visit, by=world.secretary)
    assert list(read_visits(head)) == [visit]


def test_unit_reads_findings_after_the_conclusion(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    visited(world, visit)
    world.to(Stage.CONCLUDED)
    assert list(read_visits(world.head[UNIT])) == [visit]


def test_files_are_the_councils_and_kept(planned: tuple[World, SiteVisit]) -> None:
    world, visit = planned
    by = world.second_appraiser
    pdf = io.BytesIO(b"%PDF-1.4\n%%EOF\n")
    kept = site_visits.add_file(visit, pdf, filename="bien-ban.pdf", kind="minutes", by=by)
    assert [list(visit_files_for(user)) for user in (by, world.head[UNIT], world.appraiser)] == [[kept], [], []]
    with pytest.raises(NotAllowed):
        site_visits.add_file(visit, pdf, filename="b.pdf", kind="photo", by=world.officer[UNIT])
    with clock.at(factories.WORKDAY + dt.timedelta(days=2)):
        assert collect_garbage() == 0
    site_visits.drop_file(kept, by=by)
    with clock.at(factories.WORKDAY + dt.timedelta(days=2)):
        assert collect_garbage() == 1
