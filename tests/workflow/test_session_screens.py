"""Screens of a meeting: list, agenda, attendance, decision, projector, minutes."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator
from typing import Any

import docx
import pytest
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from assessments.models import AgendaItem, CouncilSession, SiteFinding, SiteVisit
from assessments.services import sessions
from assessments.services.appraisal import Wanted, appraise
from assessments.services.sessions import Details, Presence
from assessments.stages import Stage
from results.documents.pdf import pdf
from results.documents.session_minutes import session_minutes
from tests import factories
from tests.factories import World
from units import clock
from workflow import actions

from .conftest import SignIn


def build() -> World:
    """Sở Nội vụ contests two criteria; the meeting on them is open and everybody came."""
    world = factories.world().open()
    world.to(Stage.APPRAISING)
    for code, points in (("1.1.2", "1,5"), ("2.1.1", "1")):
        appraise(world.score(code), points, reason="Thiếu minh chứng.", version=0, by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    wanted = [
        Wanted(world.score(code).pk, points, "Đã có báo cáo.") for code, points in (("1.1.2", "3"), ("2.1.1", "2"))
    ]
    actions.respond(world.item("respond"), wanted, by=world.coordinator["so-a"])
    details = Details(clock.now(), "Phòng họp số 2", world.chair, world.secretary)
    session = sessions.prepare(world.cycle, details, by=world.secretary)
    sessions.gather(session, by=world.secretary)
    sessions.add_topic(session, "Thông qua dự thảo báo cáo", by=world.secretary)
    noted = {seat: Presence(True) for seat in session.attendance.values_list("seat", flat=True)}
    sessions.note_attendance(session, noted, by=world.secretary)
    sessions.open_session(session, by=world.chair)
    return world


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def where(world: World, name: str, *more: int) -> str:
    return reverse(name, args=[world.cycle.pk, CouncilSession.objects.get().pk, *more])


def items() -> list[AgendaItem]:
    return list(AgendaItem.objects.order_by("order"))


def test_meeting_is_prepared_on_screen(world: World, as_user: SignIn) -> None:
    url = reverse("sessions", args=[world.cycle.pk])
    typed = {
        "day": "25/11/2026",
        "time": "08:30",
        "place": "Phòng họp số 1",
        "chaired_by": world.chair.pk,
        "minutes_by": world.secretary.pk,
    }
    refused = as_user(world.secretary).post(url, typed | {"day": "2026"})
    assert (refused.status_code, "Phòng họp số 1" in refused.content.decode()) == (422, True)
    made = as_user(world.secretary).post(url, typed)
    session = CouncilSession.objects.get(number=2)
    assert made.headers["Location"] == reverse("session", args=[world.cycle.pk, session.pk])
    assert session.held_at.astimezone(clock.LOCAL).strftime("%d/%m/%Y %H:%M") == "25/11/2026 08:30"
    assert as_user(world.appraiser).post(url, typed).status_code == 403


def test_vote_is_written_down_and_the_meeting_concluded(world: World, as_user: SignIn) -> None:
    first, second, topic = items()
    secretary = as_user(world.secretary)
    seats = {row.user_id: row.pk for row in world.cycle.council.members.all()}
    votes = {f"vote.{seats[user.pk]}": "for" for user in (world.chair, world.secretary)}
    typed = {"do": "decide", "version": "0", "how": "vote", "points": "2,5", "reason": "Đã đủ."}
    url = where(world, "session-matter", first.pk)
    refused = secretary.post(url, typed)
    assert (refused.status_code, "Chưa ghi phiếu nào" in refused.content.decode()) == (422, True)
    assert 'value="2,5"' in refused.content.decode()
    assert secretary.post(url, typed | votes).status_code == 302
    secretary.post(where(world, "session-matter", second.pk), {**typed, "how": "consensus", "points": ""})
    secretary.post(where(world, "session-matter", topic.pk), {**typed, "how": "consensus", "reason": "Thông qua."})
    as_user(world.chair).post(where(world, "session"), {"do": "conclude", "finish_reviews": "1"})
    assert world.dossier().stage == Stage.CONCLUDED
    assert CouncilSession.objects.get().state == "concluded"
    page = secretary.get(where(world, "session")).content.decode()
    assert "biểu quyết: 2 đồng ý" in page
    assert 'name="do"' not in page


def test_own_unit_is_masked_everywhere(world: World, as_user: SignIn) -> None:
    first = items()[0]
    own = as_user(world.appraiser)
    for name, more in (("session", ()), ("session-matter", (first.pk,)), ("session-projector", (first.pk,))):
        page = own.get(where(world, name, *more)).content.decode()
        assert "Đã có báo cáo." not in page, name
        assert "không hiển thị" in page, name
    text = word_text(own.get(where(world, "session-minutes-docx")).content)
    assert "Đã có báo cáo." not in text
    assert "Đã có báo cáo." in word_text(as_user(world.secretary).get(where(world, "session-minutes-docx")).content)


def test_matter_says_who_does_not_vote(world: World, as_user: SignIn) -> None:
    page = as_user(world.secretary).get(where(world, "session-matter", items()[0].pk)).content.decode()
    assert page.count("không biểu quyết (xung đột lợi ích)") == 1


def test_matter_says_what_a_finished_visit_found(world: World, as_user: SignIn) -> None:
    item = items()[0]
    assert item.score is not None
    visit = SiteVisit.objects.create(
        dossier=item.score.dossier, planned_at=factories.WORKDAY, place="Trụ sở sở", planned_by=world.secretary
    )
    SiteFinding.objects.create(visit=visit, score=item.score, result="short", note="Thiếu 2 báo cáo quý.", points="2.5")
    client = as_user(world.secretary)
    assert "Thiếu 2 báo cáo quý." not in client.get(where(world, "session-matter", item.pk)).content.decode()
    SiteVisit.objects.update(
        state=SiteVisit.State.DONE, minutes="Đã kiểm tra.", done_at=clock.now(), done_by=world.secretary
    )
    page = " ".join(client.get(where(world, "session-matter", item.pk)).content.decode().split())
    assert "chưa đủ · đề xuất 2,50 điểm" in page
    assert "Thiếu 2 báo cáo quý." in page


def test_projector_names_no_appraiser(world: World, as_user: SignIn) -> None:
    page = as_user(world.secretary).get(where(world, "session-projector", items()[0].pk)).content.decode()
    assert "Tỷ lệ nhiệm vụ hoàn thành" in page
    assert "Đã có báo cáo." in page
    assert str(world.second_appraiser) not in page
    assert "topbar" not in page


def word_text(content: bytes) -> str:
    document = docx.Document(io.BytesIO(content))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def test_minutes_tell_who_came_and_what_was_decided(world: World) -> None:
    first, *_others = items()
    sessions.decide(first, sessions.Decision("consensus", "2,5", "Chấp nhận một phần."), version=0, by=world.secretary)
    session = CouncilSession.objects.select_related("council__cycle__province", "chaired_by", "minutes_by").get()
    document = session_minutes(session)
    assert document.head is not None
    assert document.head.number is not None
    assert document.head.number.text() == "Số: 01/BB-HĐTĐ"
    assert [signature.title for signature in document.signatures] == ["Thư ký", "Chủ trì"]
    texts = [getattr(block, "text", "") for block in document.blocks]
    assert "Hội đồng kết luận: 2,5 điểm. Chấp nhận một phần." in texts
    assert "Cách quyết định: đồng thuận." in texts
    assert "(Dự thảo. Phiên họp chưa kết luận.)" in texts
    assert pdf(document).startswith(b"%PDF")


def more_topics(session: CouncilSession, count: int, by: Any) -> None:
    for number in range(count):
        sessions.add_topic(session, f"Nội dung {number}", by=by)


def test_pages_ask_the_same_queries_for_any_agenda(
    world: World, as_user: SignIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    client, first = as_user(world.secretary), items()[0]
    urls = [where(world, "session"), where(world, "session-matter", first.pk)]
    for url in urls:
        client.get(url)
    for _pass in range(2):
        with django_assert_num_queries(22):
            client.get(urls[0])
        with django_assert_num_queries(22):
            client.get(urls[1])
        more_topics(CouncilSession.objects.get(), 3, world.secretary)
