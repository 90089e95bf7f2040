"""Đã thay đổi từ lần xem trước: each row of both desks says what others changed since the person's last look."""

from __future__ import annotations

import copy
import datetime as dt
import html
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import LastLook
from assessments.services.appraisal import appraise
from assessments.services.looks import look
from assessments.services.scores import Entry, attach, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import clock
from units.access import NotAllowed
from units.models import User
from workflow import actions
from workflow.since_look import Moved, since_look

pytestmark = pytest.mark.django_db
MARK = "Đã thay đổi từ lần xem trước"
HTMX = {"HTTP_HX_REQUEST": "true"}


def build() -> World:
    """All three units are being appraised, nothing is settled."""
    world = factories.world().open()
    for unit in world.units:
        world.to(Stage.APPRAISING, unit)
    return world


@pytest.fixture(scope="module")
def appraising(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(appraising: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(appraising)


def later(hours: int = 1) -> AbstractContextManager[None]:
    return clock.at(clock.now() + dt.timedelta(hours=hours))


def moved(world: World, user: User, domain: str = "1") -> dict[str, Moved]:
    branch = world.domain(domain)
    scores = {
        score.pk: score
        for score in world.dossier()
        .scores.filter(criterion__code__startswith=f"{branch.code}.")
        .select_related("criterion")
    }
    return {scores[pk].criterion.code: row for pk, row in since_look(scores.values(), branch, user).items()}


def words(rows: dict[str, Moved]) -> dict[str, list[tuple[str, str, str]]]:
    return {code: [(change.label, change.old, change.new) for change in row.changes] for code, row in rows.items()}


def supplement(world: World, *codes: str, unit: str = "so-a") -> None:
    """The unit changes what it was asked about: 4 of 4 tasks in 1.1.2, "không đạt" in 1.1.1."""
    figures = {"1.1.1": {"met": "không"}, "1.1.2": {"a": "4", "b": "4"}}
    world.to(Stage.REVIEWING, unit)
    asked = {world.score(code, unit).pk: "Nộp." for code in codes}
    actions.request_supplement(world.item("review", unit), asked, due_on=clock.today(), by=world.secretary)
    for code in codes:
        fresh = world.score(code, unit)
        entry = Entry(figures[code], explanation="Theo báo cáo số 12.")
        save_score(fresh, entry, version=fresh.version, by=world.officer[unit])
    actions.answer_supplement(world.item("supplement", unit), by=world.coordinator[unit])


def row(response: HttpResponse, world: World, code: str, unit: str = "so-a") -> str:
    """The words of one row of a desk."""
    assert response.status_code == 200
    page = response.content.decode()
    start = page.index(f'<tr id="score-{world.score(code, unit).pk}"')
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page[start : page.index("</tr>", start)])))


def desk(world: World) -> str:
    return reverse("appraise-domain", args=[world.dossiers["so-a"].pk, world.domain("1").pk])


def side(world: World, code: str = "1.1.2", name: str = "appraise-criterion") -> str:
    return reverse(name, args=[world.cycle.pk, world.score(code).criterion_id])


def test_what_others_changed_since_the_last_look_is_found(world: World) -> None:
    person, domain = world.second_appraiser, world.domain("1")
    look([world.dossier()], domain, by=person)
    with later():
        supplement(world, "1.1.2")
        expected = {"1.1.2": [("Điểm tự chấm", "3,00", "4,00"), ("Số nhiệm vụ hoàn thành", "3", "4")]}
        assert words(moved(world, person)) == expected
        assert moved(world, person)["1.1.2"].who == str(world.officer["so-a"])
        look([world.dossier()], domain, by=person)
        assert words(moved(world, person)) == expected  # the same sitting
    with later(3):
        assert moved(world, person) == {}
        look([world.dossier()], domain, by=person)
        assert moved(world, person) == {}


def test_nothing_is_marked_at_the_first_look_or_of_ones_own(world: World) -> None:
    assert moved(world, world.secretary, "2") == {}
    domain = world.domain("2")
    for person in (world.second_appraiser, world.secretary):
        look([world.dossier()], domain, by=person)
    with later():
        appraise(world.score("2.1.1"), "", reason="", version=0, by=world.second_appraiser)
        assert moved(world, world.second_appraiser, "2") == {}
        found = moved(world, world.secretary, "2")
        assert words(found) == {"2.1.1": [("Điểm thẩm định", "", "2,50")]}
        assert found["2.1.1"].who == str(world.second_appraiser)


def test_document_and_what_was_changed_back(world: World) -> None:
    person = world.second_appraiser
    look([world.dossier()], world.domain("1"), by=person)
    with later():
        world.to(Stage.REVIEWING)
        score, officer = world.score("1.1.2"), world.officer["so-a"]
        actions.request_supplement(world.item("review"), {score.pk: "Nộp."}, due_on=clock.today(), by=world.secretary)
        attach(score, factories.document(world.units["so-a"], by=officer, title="Danh mục"), quote="", by=officer)
        for done in ("4", "3"):
            fresh = world.score("1.1.2")
            entry = Entry({"a": done, "b": "4"}, explanation="Theo báo cáo số 12.")
            save_score(fresh, entry, version=fresh.version, by=officer)
        assert words(moved(world, person)) == {"1.1.2": [("Tài liệu", "", "Danh mục")]}


def test_rows_of_both_desks_are_marked(world: World, as_user: SignIn) -> None:
    client = as_user(world.second_appraiser)
    look([world.dossier(), world.dossier("so-b")], world.domain("1"), by=world.second_appraiser)
    with later():
        supplement(world, "1.1.2")
        at_desk, aside = client.get(desk(world)), client.get(side(world))
        change = f"{MARK} Điểm tự chấm: 3,00 → 4,00 Số nhiệm vụ hoàn thành: 3 → 4 {world.officer['so-a']}, "
        for page in (at_desk, aside):
            assert change in row(page, world, "1.1.2")
            assert "từ khi hội đồng hỏi" not in row(page, world, "1.1.2")  # the same, told once
            assert len(page.context["moved"]) == 1
            assert "1 dòng đã thay đổi từ lần xem trước" in page.content.decode()
        assert MARK not in row(at_desk, world, "1.1.1")
        assert MARK not in row(aside, world, "1.1.2", "so-b")
        data = {"version": world.score("1.1.2").appraised_version, "accept": "1"}
        where = reverse("appraise-score", args=[world.dossiers["so-a"].pk, world.score("1.1.2").pk])
        for more in ({}, {"desk": "criterion"}):
            saved = client.post(where, data | more, **HTMX)
            assert change in row(saved, world, "1.1.2")
            data["version"] = world.score("1.1.2").appraised_version


def test_what_was_asked_long_ago_stays_beside_what_is_new(world: World, as_user: SignIn) -> None:
    client = as_user(world.second_appraiser)
    supplement(world, "1.1.2")
    seen = row(client.get(desk(world)), world, "1.1.2")
    assert "Đã thay đổi từ khi hội đồng hỏi Điểm tự chấm: 3,00 → 4,00" in seen
    assert MARK not in seen


def test_look_at_one_criterion_is_for_that_criterion(world: World, as_user: SignIn) -> None:
    person = world.second_appraiser
    look([world.dossier()], world.domain("1"), by=person)
    with later():
        supplement(world, "1.1.1", "1.1.2")
        assert set(moved(world, person)) == {"1.1.1", "1.1.2"}
        assert as_user(person).post(side(world, name="appraise-criterion-look"), **HTMX).status_code == 204
        looks = LastLook.objects.filter(user=person, criterion__code="1.1.2").values_list("dossier", flat=True)
        assert set(looks) == {dossier.pk for dossier in world.dossiers.values()}
    with later(2):
        assert set(moved(world, person)) == {"1.1.1"}


def test_looks_are_for_the_council_without_a_conflict(world: World, as_user: SignIn) -> None:
    url = reverse("appraise-look", args=[world.dossiers["so-a"].pk, world.domain("1").pk])
    assert as_user(world.appraiser).post(url).status_code == 404
    assert as_user(world.officer["so-a"]).post(url).status_code == 404
    assert as_user(world.chair).post(side(world, name="appraise-criterion-look")).status_code == 404
    with pytest.raises(NotAllowed):
        look([world.dossier(), world.dossier("so-b")], world.domain("1"), by=world.appraiser)
    assert LastLook.objects.count() == 0
    assert as_user(world.second_appraiser).post(url, **HTMX).status_code == 204
    assert LastLook.objects.get().user == world.second_appraiser
    assert as_user(world.appraiser).post(side(world, name="appraise-criterion-look"), **HTMX).status_code == 204
    own = LastLook.objects.filter(user=world.appraiser)
    assert set(own.values_list("dossier__unit__code", flat=True)) == {"so-b", "huyen-c"}
    assert set(own.values_list("criterion__code", flat=True)) == {"1.1.2"}


def test_marks_cost_the_same_for_one_and_three_units(
    world: World, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, person, domain = as_user(world.second_appraiser), world.second_appraiser, world.domain("1")
    dossiers = [world.dossier(unit) for unit in world.units]
    look(dossiers[:1], domain, by=person)
    with later():
        for unit in world.units:
            supplement(world, "1.1.2", unit=unit)
        where = side(world)
        client.get(where)
        with django_assert_num_queries(31):
            assert len(client.get(where).context["moved"]) == 1
    for some in (dossiers[:1], dossiers):
        with django_assert_num_queries(5):
            look(some, domain, by=person)
    with later(), django_assert_num_queries(31):
        assert len(client.get(where).context["moved"]) == 3
