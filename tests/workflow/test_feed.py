"""The personal iCal feed: a secret that is shown once, opens one person's deadlines, and stops when it should."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from assessments.deadlines import Step
from assessments.services.timekeeping import Before
from assessments.stages import Stage
from tests.factories import YEAR, World
from units import clock
from workflow import actions, feed
from workflow.models import CalendarFeed

from .conftest import SignIn

pytestmark = pytest.mark.django_db


def address(token: str) -> str:
    return reverse("calendar-feed", args=[token])


def unfolded(response: object) -> list[str]:
    body: str = response.content.decode()  # type: ignore[attr-defined]
    assert body.endswith("\r\n")
    assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
    return body.replace("\r\n ", "").split("\r\n")


def test_feed_tells_open_work_and_milestones_without_a_session(world: World) -> None:
    person = world.coordinator["so-a"]
    world.to(Stage.CHECKING)
    actions.set_unit_times(world.dossier("so-a"), {Step.COORDINATOR: Before(2)}, by=person)
    answer = Client().get(address(feed.make_feed(by=person)))
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not answer.cookies
    lines = unfolded(answer)
    assert (lines[0], lines[1], lines[-2]) == ("BEGIN:VCALENDAR", "VERSION:2.0", "END:VCALENDAR")
    item = world.item("check")
    start = lines.index(f"UID:task-{item.pk}@cchc-index")
    assert f"DTSTART;VALUE=DATE:{YEAR}1210" in lines[start : start + 4]
    assert "SUMMARY:Rà soát hồ sơ · Sở Nội vụ" in lines
    assert "DESCRIPTION:Hạn nội bộ. Hạn nộp: thứ Hai 14/12/2026." in lines
    assert "SUMMARY:Mốc: Hoàn thành tự đánh giá" in lines
    assert f"DTSTART;VALUE=DATE:{YEAR}1214" in lines
    assert not any("Sở Tư pháp" in line for line in lines)


def test_token_is_shown_once_and_kept_only_as_a_hash(world: World, as_user: SignIn) -> None:
    client = as_user(world.head["so-a"])
    shown = client.post(reverse("own-calendar"), {"do": "make"})
    found = re.search(r"/lich/([\w-]{43})\.ics", shown.content.decode())
    assert found is not None
    assert shown.headers["Cache-Control"] == "no-store"
    row = CalendarFeed.objects.get()
    assert found[1] not in row.token_hash
    assert found[1] not in client.get(reverse("own-calendar")).content.decode()
    assert Client().get(address(found[1])).status_code == 200
    row.refresh_from_db()
    assert row.last_used_at == clock.now()


def test_new_address_stops_the_old_one_and_revoking_stops_it_too(world: World, as_user: SignIn) -> None:
    person = world.head["so-a"]
    old, new = feed.make_feed(by=person), feed.make_feed(by=person)
    assert [Client().get(address(token)).status_code for token in (old, new)] == [404, 200]
    as_user(person).post(reverse("own-calendar"), {"do": "revoke"})
    assert Client().get(address(new)).status_code == 404
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 0


def test_deactivated_person_and_wrong_token_get_the_same_answer(world: World) -> None:
    person = world.head["so-a"]
    token = feed.make_feed(by=person)
    person.is_active = False
    person.save()
    answers = [Client().get(address(known)) for known in (token, "x" * 43)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert CalendarFeed.objects.get().last_used_at is None


def test_unknown_token_costs_the_same_queries_as_a_revoked_one(world: World, django_assert_num_queries: object) -> None:
    token = feed.make_feed(by=world.head["so-a"])
    feed.revoke_feed(by=world.head["so-a"])
    for wrong in (token, "x" * 43):
        with django_assert_num_queries(1):  # type: ignore[operator]
            assert feed.feed_of(wrong) is None


def test_last_use_is_written_once_in_a_quarter_of_an_hour(world: World) -> None:
    token = feed.make_feed(by=world.head["so-a"])
    first = clock.now()
    for minutes, expected in ((0, 0), (5, 0), (15, 15)):
        with clock.at(first + dt.timedelta(minutes=minutes)):
            Client().get(address(token))
        assert CalendarFeed.objects.get().last_used_at == first + dt.timedelta(minutes=expected)


def test_month_shows_the_own_tasks_on_their_last_day(world: World, as_user: SignIn) -> None:
    page = as_user(world.officer["so-a"]).get(reverse("own-calendar", args=[YEAR, 12]))
    day = next(day for week in page.context["weeks"] for day in week if day.on == dt.date(YEAR, 12, 14))
    labels = [entry["label"] for entry in day.entries]
    assert labels[0] == "Hoàn thành tự đánh giá"
    assert any(label.startswith("Nhập kết quả tự đánh giá · Sở Nội vụ") for label in labels[1:])
    assert as_user(world.officer["so-a"]).get("/lich-cua-toi/2026/13/").status_code == 404
