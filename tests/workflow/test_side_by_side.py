"""One criterion with all units side by side, last year's points, and two scorers who do not see each other."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import DomainAppraisal, Dossier, Score
from assessments.services.appraisal import accept_rest, appraise
from assessments.stages import Stage
from tests import factories
from tests.factories import LEAVES, Row, World
from units import clock
from units.models import User
from workflow import actions
from workflow.models import WorkItem

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
MORE: tuple[Row, ...] = (
    ("3", "Đánh giá chung", "5", "", None),
    ("3.1", "Các tiêu chí khác", "5", "", None),
    ("3.1.1", "Sáng kiến", "3", "council", {"kind": "direct", "by": "council"}),
    ("3.1.2", "Chất lượng tham mưu", "2", "leader", {"kind": "direct", "by": "leader"}),
)


def build() -> World:
    made = factories.world(leaves=LEAVES + MORE).open()
    for unit in made.units:
        made.to(Stage.SELF_ASSESSING, unit)
        made.to(Stage.APPRAISING, unit)
    return made


@pytest.fixture(scope="module")
def appraising(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(appraising: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(appraising)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def side(world: World, code: str = "1.1.2") -> str:
    return reverse("appraise-criterion", args=[world.cycle.pk, world.score(code).criterion_id])


def desk(world: World, code: str = "1", unit: str = "so-a") -> str:
    return reverse("appraise-domain", args=[world.dossiers[unit].pk, world.domain(code, unit).pk])


def save(client: Client, score: Score, **data: Any) -> Any:
    place = reverse("appraise-score", args=[score.dossier_id, score.pk])
    return client.post(place, {"version": 0, "desk": "criterion", **data}, **HTMX)


def names(response: Any) -> list[str]:
    return [row.unit.name for group in response.context["groups"] for row in group.rows]


def test_units_stand_side_by_side_in_their_groups(world: World) -> None:
    response = signed_in(world.second_appraiser).get(side(world))
    assert [group.name for group in response.context["groups"]] == ["Các sở, ban, ngành", "UBND các huyện"]
    assert names(response) == ["Sở Nội vụ", "Sở Tư pháp", "UBND huyện Lệ Thủy"]
    assert (response.context["number"], response.context["count"]) == (2, 2)
    assert response.context["previous"]["url"] == side(world, "1.1.1")
    assert response.context["following"] is None
    page = response.content.decode()
    assert "Theo báo cáo số 12." in page
    assert 'placeholder="3,00"' in page


def test_own_unit_is_simply_absent(world: World) -> None:
    response = signed_in(world.appraiser).get(side(world))
    assert names(response) == ["Sở Tư pháp", "UBND huyện Lệ Thủy"]
    assert response.context["progress"].total == 2


def test_only_criteria_and_domains_that_the_seat_takes(world: World) -> None:
    client = signed_in(factories.seat(world, domains=[world.domain("1")]))
    assert client.get(side(world, "1.1.1")).status_code == 200
    assert client.get(side(world, "2.1.1")).status_code == 404
    everybody = signed_in(world.second_appraiser)
    assert everybody.get(side(world, "3.1.1")).status_code == 200
    for code in ("2.1.2", "3.1.2"):  # survey, leaders
        assert everybody.get(side(world, code)).status_code == 404
    assert signed_in(world.chair).get(side(world)).status_code == 404
    seat = everybody.get(side(world)).wsgi_request.user.council_seats.get()
    seat.units.set([world.units["so-b"]])
    assert names(signed_in(world.second_appraiser).get(side(world))) == ["Sở Tư pháp"]


def test_row_is_saved_from_here_and_comes_back_with_the_progress(world: World) -> None:
    client = signed_in(world.second_appraiser)
    score = world.score("1.1.2", "so-b")
    refused = save(client, score, points="2")
    assert refused.status_code == 422
    assert "hãy ghi lý do" in refused.content.decode()
    response = save(client, score, points="2", reason="Thiếu.")
    page = response.content.decode()
    assert "Sở Tư pháp" in page
    assert "1 / 3 đơn vị đã chấm" in page
    assert world.score("1.1.2", "so-b").appraised_points == 2
    accepted = client.post(
        reverse("appraise-score", args=[world.dossiers["so-a"].pk, world.score("1.1.2").pk]),
        {"version": 0, "desk": "criterion", "accept": "1"},
    )
    assert accepted.url == f"{side(world)}#score-{world.score('1.1.2').pk}"


def test_conflict_shows_both_points_here_too(world: World) -> None:
    score = world.score("1.1.2")
    appraise(score, "1", reason="Người kia", version=0, by=factories.seat(world))
    response = save(signed_in(world.second_appraiser), score, points="2", reason="Của tôi")
    assert response.status_code == 409
    assert all(words in response.content.decode() for words in ("Người kia", "Của tôi", "Sở Nội vụ"))


def test_domain_that_is_done_or_given_away_is_only_read(world: World) -> None:
    row = DomainAppraisal.objects.get(dossier=world.dossiers["so-a"], domain=world.domain("1"))
    row.appraiser = factories.seat(world)
    row.save()
    response = signed_in(world.second_appraiser).get(side(world))
    editable = {row.unit.name: row.editable for group in response.context["groups"] for row in group.rows}
    assert editable == {"Sở Nội vụ": False, "Sở Tư pháp": True, "UBND huyện Lệ Thủy": True}


def test_last_years_points_stand_beside(world: World) -> None:
    earlier = factories.world(leaves=LEAVES)
    earlier.cycle.year, earlier.cycle.province = factories.YEAR - 1, world.cycle.province
    earlier.cycle.save()
    old = Dossier.objects.create(
        cycle=earlier.cycle,
        unit=world.units["so-a"],
        cycle_group=earlier.cycle.groups.first(),
        stage=Stage.FINAL,
        stage_since=clock.now(),
        approved_at=clock.now(),
        submitted_at=clock.now(),
    )
    criterion = old.cycle_group.criteria_set.criteria.get(code="1.1.2")
    Score.objects.create(
        dossier=old,
        criterion=criterion,
        source="self",
        lowest=0,
        highest=5,
        self_points=4,
        appraised_points=Decimal("3.5"),
        appraised_reason="Thiếu.",
        appraised_at=clock.now(),
    )
    for place in (side(world), desk(world)):
        page = signed_in(world.second_appraiser).get(place).content.decode()
        assert '3,50<span class="of">/5,00</span>' in page
    Score.objects.filter(dossier=old).update(appraised_at=None, appraised_points=None, appraised_reason="")
    assert "3,50" not in signed_in(world.second_appraiser).get(side(world)).content.decode()


def test_desk_of_a_criterion_asks_the_same_number_of_queries_for_one_and_three_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    seat = world.second_appraiser.council_seats.get()
    seat.units.set([world.units["so-a"]])
    client = signed_in(world.second_appraiser)
    with django_assert_num_queries(27):
        assert len(names(client.get(side(world)))) == 1
    seat.units.add(world.units["so-b"], world.units["huyen-c"])
    with django_assert_num_queries(27):
        assert len(names(client.get(side(world)))) == 3


# two scorers


@pytest.fixture
def double(appraising: World, db: None) -> Iterator[World]:
    """A cycle whose domains two people score; third is one more appraiser."""
    with clock.at(factories.WORKDAY):
        made = factories.world(double_scoring=True, consensus_threshold=Decimal("0.5"), leaves=LEAVES).open()
        made.to(Stage.SELF_ASSESSING)
        made.to(Stage.APPRAISING)
        yield made


@pytest.fixture
def third(double: World) -> User:
    person = factories.seat(double)
    appraise(double.score("1.1.2"), "1,37", reason="Thiếu hai báo cáo.", version=0, by=person)
    return person


def places(world: World) -> list[str]:
    dossier, score = world.dossiers["so-a"].pk, world.score("1.1.2").pk
    return [
        desk(world),
        side(world),
        reverse("review", args=[dossier]),
        reverse("dossier", args=[dossier]),
        reverse("history", args=[dossier]),
        reverse("row-history", args=[dossier, score]),
        reverse("appraisals"),
    ]


def test_nobody_sees_the_points_of_the_other_before_both_are_locked(double: World, third: User) -> None:
    for person in (double.second_appraiser, double.secretary, double.chair, double.head["so-a"]):
        for place in places(double):
            page = signed_in(person).get(place).content.decode()
            assert "1,37" not in page, (person, place)
            assert "Thiếu hai báo cáo." not in page, (person, place)
    seen = [place for place in places(double) if "1,37" in signed_in(third).get(place).content.decode()]
    assert seen == [places(double)[number] for number in (0, 1, 3, 4, 5)]


def test_list_and_desk_count_own_progress(double: World, third: User) -> None:
    def progress(person: User) -> tuple[str, int, int]:
        client = signed_in(person)
        cells = client.get(reverse("appraisals")).context["groups"][0].rows[0].cells
        return (
            cells[0].text,
            client.get(desk(double)).context["state"].progress.done,
            client.get(side(double)).context["progress"].done,
        )

    assert progress(third) == ("1/2", 1, 1)
    assert progress(double.second_appraiser) == ("0/2", 0, 0)


def test_own_points_are_saved_and_conflict_with_the_own_other_window_only(double: World, third: User) -> None:
    score = double.score("1.1.2")
    mine = save(signed_in(double.second_appraiser), score, points="2", reason="Thiếu một.")
    assert mine.status_code == 200
    again = save(signed_in(third), score, points="1", reason="Khác.")
    assert again.status_code == 409
    page = again.content.decode()
    assert "1,37" in page
    assert "Thiếu một." not in page


def close(world: World, person: User) -> None:
    """Everything that is left as the unit scored it, and every domain locked."""
    for code in "12":
        item = WorkItem.objects.filter(dossier=world.dossiers["so-a"], domain__code=code, done_at=None)
        accept_rest(world.dossier(), world.domain(code), by=person)
        mine = [row for row in item if row.appraisal and row.appraisal.appraiser_id == person.pk]
        actions.finish_domain(mine[0], by=person)


def test_finished_scorer_still_reads_own_points_only(double: World, third: User) -> None:
    close(double, third)
    page = signed_in(third).get(desk(double))
    assert page.context["item"] is None
    assert "1,37" in page.content.decode()
    assert "1,37" not in signed_in(double.second_appraiser).get(desk(double)).content.decode()


def test_consensus_is_written_down_in_the_review(double: World, third: User) -> None:
    close(double, third)
    close(double, double.second_appraiser)
    client = signed_in(double.secretary)
    review = reverse("review", args=[double.dossiers["so-a"].pk])
    response = client.get(review)
    (line,) = response.context["consensus"]
    assert (line.score.criterion.code, line.pair.difference) == ("1.1.2", Decimal("1.63"))
    assert all(words in response.content.decode() for words in ("1,37", "Thiếu hai báo cáo.", str(third)))
    place = reverse("agree-score", args=[double.dossiers["so-a"].pk, line.score.pk])
    for data, words in (
        ({"points": ""}, "Hãy nhập điểm mà hai người chấm đã thống nhất."),
        ({"points": "2"}, "hãy ghi lý do"),
    ):
        refused = client.post(place, {"version": 0, **data}, **HTMX)
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert signed_in(third).post(place, {"points": "2", "reason": "Thống nhất.", "version": 0}).status_code == 403
    saved = client.post(place, {"points": "2", "reason": "Thống nhất.", "version": 0})
    assert saved.url == f"{review}#consensus"
    assert double.score("1.1.2").appraised_points == 2
    late = client.post(place, {"points": "2,5", "reason": "Muộn.", "version": 0}, **HTMX)
    assert late.status_code == 409
    assert all(words in late.content.decode() for words in ("Muộn.", "Thống nhất."))
    assert client.get(review).context["consensus"] == []


def test_appraisal_is_not_finished_while_two_scorers_differ(double: World, third: User) -> None:
    close(double, third)
    close(double, double.second_appraiser)
    client = signed_in(double.secretary)
    review = reverse("review", args=[double.dossiers["so-a"].pk])

    def finish(page: str) -> str:
        return page[page.index('id="review-finish"') :].partition("</form>")[0]

    before = finish(client.get(review).content.decode())
    assert " disabled>Kết thúc thẩm định</button>" in before
    assert "còn 1 tiêu chí hai người chấm chưa thống nhất" in before
    assert 'href="#consensus"' in before
    assert "csrfmiddlewaretoken" in before
    assert reverse("sessions", args=[double.cycle.pk]) in before
    refused = client.post(review, {"do": "finish"})
    assert refused.status_code == 422
    assert [gap.criterion.code for gap in refused.context["gaps"]] == ["1.1.2"]
    assert double.dossier().stage == Stage.REVIEWING

    place = reverse("agree-score", args=[double.dossiers["so-a"].pk, double.score("1.1.2").pk])
    after = client.post(place, {"points": "2", "reason": "Thống nhất.", "version": 0}, **HTMX).content.decode()
    assert '<span class="head-count" id="disputed" hx-swap-oob="true">0</span>' in after
    assert "disabled" not in finish(after)
    assert "csrfmiddlewaretoken" in finish(after)
    assert "kết quả dự kiến được chuyển cho đơn vị" in finish(after)
    assert client.post(review, {"do": "finish"}).status_code == 302
    assert double.dossier().stage == Stage.RESPONDING
