"""Screens of on-site verification: the council arranges and reports, the unit sees what it may."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from assessments.models import SiteVisit, VisitFile
from assessments.stages import Stage
from notifications.kinds import Kind
from notifications.models import Notice
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import feed

from .conftest import SignIn

AFTER = factories.WORKDAY + dt.timedelta(days=6)


def build() -> World:
    world = factories.world().open()
    world.to(Stage.APPRAISING)
    return world


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def plan(world: World, as_user: SignIn) -> SiteVisit:
    typed = {
        "day": "25/11/2026",
        "time": "08:30",
        "place": "Bộ phận một cửa",
        "agenda": "Xem sổ theo dõi hồ sơ.",
        "team": [world.second_appraiser.council_seats.get().pk],
    }
    as_user(world.secretary).post(reverse("site-visits", args=[world.dossier().pk]), typed)
    return SiteVisit.objects.get()


def here(visit: SiteVisit) -> str:
    return reverse("site-visit", args=[visit.dossier_id, visit.pk])


def test_unit_is_told_when_the_council_comes(world: World, as_user: SignIn) -> None:
    visit = plan(world, as_user)
    assert visit.planned_at.astimezone(clock.LOCAL).strftime("%d/%m %H:%M") == "25/11 08:30"
    told = Notice.objects.get(recipient=world.head["so-a"], event__startswith="visit:", channel=Notice.Channel.IN_APP)
    assert told.subject == "Hẹn kiểm tra thực tế tại Sở Nội vụ"
    assert told.kind == Kind.VISIT
    assert not Notice.objects.filter(event__startswith="visit:").exclude(kind=Kind.VISIT).exists()
    assert "Bộ phận một cửa" in told.body
    page = as_user(world.head["so-a"]).get(here(visit)).content.decode()
    assert "Bộ phận một cửa" in page
    assert "<form method" not in page.split('id="content"')[1].split("<footer")[0]


def calendar(user: User) -> list[str]:
    return feed.feed_text(user).replace("\r\n ", "").split("\r\n")


def test_visit_stands_in_the_calendars_of_those_concerned(world: World, as_user: SignIn) -> None:
    visit = plan(world, as_user)
    expected = [
        f"UID:visit-{visit.pk}@cchc-index",
        "DTSTAMP:20261120T020000Z",
        "DTSTART:20261125T013000Z",
        "SUMMARY:Kiểm tra thực tế · Sở Nội vụ",
        "DESCRIPTION:Xem sổ theo dõi hồ sơ.",
        "LOCATION:Bộ phận một cửa",
    ]
    for person in (world.coordinator["so-a"], world.head["so-a"], world.second_appraiser):
        lines = calendar(person)
        start = lines.index(expected[0])
        assert lines[start : start + 6] == expected
        assert "TRIGGER:-PT24H" in lines[start:]
        month = as_user(person).get(reverse("own-calendar", args=[2026, 11]))
        day = next(day for week in month.context["weeks"] for day in week if day.on == dt.date(2026, 11, 25))
        assert [entry["label"] for entry in day.entries] == ["08:30 Kiểm tra thực tế · Sở Nội vụ"]
    for person in (world.officer["so-a"], world.head["so-b"], world.appraiser, world.chair):
        assert expected[0] not in calendar(person)
    as_user(world.secretary).post(here(visit), {"do": "cancel", "reason": "Mưa bão."})
    assert expected[0] not in calendar(world.head["so-a"])


def test_team_member_who_moved_to_the_unit_no_longer_comes_with_the_council(world: World, as_user: SignIn) -> None:
    visit = plan(world, as_user)
    access.join(world.second_appraiser, world.units["so-a"], Role.OFFICER)
    assert f"UID:visit-{visit.pk}@cchc-index" not in calendar(User.objects.get(pk=world.second_appraiser.pk))


def test_changed_appointment_is_told_again(world: World, as_user: SignIn) -> None:
    visit = plan(world, as_user)
    secretary = as_user(world.secretary)
    typed = {
        "do": "replan",
        "day": "26/11/2026",
        "time": "14:00",
        "place": "Kho lưu trữ",
        "team": [world.second_appraiser.council_seats.get().pk],
    }
    assert secretary.post(here(visit), typed | {"day": "1/1/2020"}).status_code == 422
    assert secretary.post(here(visit), typed).status_code == 302
    told = Notice.objects.filter(recipient=world.head["so-a"], event__startswith="visit:", channel="in_app")
    assert [("Kho lưu trữ" in notice.body) for notice in told.order_by("pk")] == [False, True]


def test_conflicted_person_is_no_choice_for_the_team(world: World, as_user: SignIn) -> None:
    page = as_user(world.secretary).get(reverse("site-visits", args=[world.dossier().pk])).content.decode()
    assert str(world.second_appraiser) in page
    assert str(world.appraiser) not in page


def test_refused_report_keeps_what_was_typed_and_a_whole_one_ends_the_visit(world: World, as_user: SignIn) -> None:
    visit = plan(world, as_user)
    team = as_user(world.second_appraiser)
    score = world.score("1.1.2")
    typed = {
        "do": "done",
        "version": "0",
        f"result.{score.pk}": "differs",
        f"points.{score.pk}": "2",
        "minutes": "Đoàn đã xem sổ gốc.",
    }
    with clock.at(AFTER):
        refused = team.post(here(visit), typed)
        assert (refused.status_code, "Đoàn đã xem sổ gốc." in refused.content.decode()) == (422, True)
        team.post(here(visit), {**typed, f"note.{score.pk}": "Chỉ có 2 nhiệm vụ."})
        visit.refresh_from_db()
        assert visit.state == "done"
        assert "Chỉ có 2 nhiệm vụ." in team.get(here(visit)).content.decode()
        head = as_user(world.head["so-a"])
        assert "Chỉ có 2 nhiệm vụ." not in head.get(here(visit)).content.decode()
        history = head.get(reverse("history", args=[world.dossier().pk])).content.decode()
        assert "Chỉ có 2 nhiệm vụ." not in history
        as_user(world.secretary).post(here(visit), {"do": "share"})
        assert "Chỉ có 2 nhiệm vụ." in head.get(here(visit)).content.decode()


def test_signed_minutes_are_uploaded_and_opened_by_those_who_may(world: World, as_user: SignIn) -> None:
    visit = plan(world, as_user)
    file = SimpleUploadedFile("bien-ban.pdf", b"%PDF-1.4\n%%EOF\n")
    as_user(world.second_appraiser).post(here(visit), {"do": "file", "kind": "minutes", "upload": file})
    kept = VisitFile.objects.get()
    address = reverse("visit-file", args=[kept.pk])
    for user, status in ((world.secretary, 200), (world.head["so-a"], 404), (world.appraiser, 404)):
        answer = as_user(user).get(address)
        assert answer.status_code == status
        if answer.streaming:
            assert b"".join(answer.streaming_content) == b"%PDF-1.4\n%%EOF\n"
    bad = SimpleUploadedFile("a.exe", b"MZ")
    refused = as_user(world.secretary).post(here(visit), {"do": "file", "kind": "photo", "upload": bad})
    assert refused.status_code == 422
