"""The council's pages: who sees them, what they refuse, and that nothing typed is lost."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import Score, SupplementRequest
from assessments.services.appraisal import Wanted, accept_rest, appraise
from assessments.stages import CycleStage, Stage
from tests import factories
from tests.factories import LEAVES, Row, World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.engine import open_item
from workflow.inbox import inbox

pytestmark = pytest.mark.django_db

MORE: tuple[Row, ...] = (
    ("3", "Đánh giá chung", "8", "", None),
    ("3.1", "Các tiêu chí khác", "8", "", None),
    ("3.1.1", "Xử lý kiến nghị", "2", "self", {"kind": "yes_no"}),
    ("3.1.2", "Thanh tra công vụ", "1", "self", {"kind": "yes_no"}),
    ("3.1.3", "Sáng kiến", "3", "council", {"kind": "direct", "by": "council"}),
    ("3.1.4", "Chất lượng tham mưu", "2", "leader", {"kind": "direct", "by": "leader"}),
)
HTMX = {"HTTP_HX_REQUEST": "true"}


def build() -> World:
    world = factories.world(leaves=LEAVES + MORE).open()
    for unit in world.units:
        world.to(Stage.APPRAISING, unit)
    return world


@pytest.fixture(scope="module")
def appraising(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Three dossiers with the council."""
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


def desk(world: World, code: str = "1", unit: str = "so-a") -> str:
    return reverse("appraise-domain", args=[world.dossiers[unit].pk, world.domain(code, unit).pk])


def save_url(score: Score) -> str:
    return reverse("appraise-score", args=[score.dossier_id, score.pk])


def to_review(world: World, unit: str = "so-a") -> None:
    """Settle and close every domain; the dossier waits for the secretary."""
    world.to(Stage.REVIEWING, unit)


# Who sees what


def addresses(world: World, unit: str) -> list[tuple[str, str]]:
    """Every address of the council on a unit's dossier, as (method, url)."""
    dossier, domain = world.dossiers[unit].pk, world.domain("1", unit).pk
    score = world.score("1.1.1", unit).pk
    return [
        ("get", reverse("appraise-domain", args=[dossier, domain])),
        ("post", reverse("appraise-domain", args=[dossier, domain])),
        ("post", reverse("accept-rest", args=[dossier, domain])),
        ("post", reverse("appraise-score", args=[dossier, score])),
        ("get", reverse("review", args=[dossier])),
        ("post", reverse("review", args=[dossier])),
        ("get", reverse("hear", args=[dossier])),
        ("post", reverse("hear", args=[dossier])),
    ]


def test_own_unit_is_not_found_by_any_address(world: World) -> None:
    client = signed_in(world.appraiser)
    answers = [getattr(client, method)(url).status_code for method, url in addresses(world, "so-a")]
    assert answers == [404] * 8
    assert not world.score("1.1.1").appraised_at


def test_other_unit_opens_for_the_same_appraiser(world: World) -> None:
    assert signed_in(world.appraiser).get(desk(world, unit="so-b")).status_code == 200
    assert signed_in(world.second_appraiser).get(desk(world, unit="so-a")).status_code == 200


def test_unit_is_not_found_after_the_appraiser_moved_there(world: World) -> None:
    client = signed_in(world.second_appraiser)
    assert client.get(desk(world)).status_code == 200
    access.join(world.second_appraiser, world.units["so-a"], Role.OFFICER)
    answers = [getattr(client, method)(url).status_code for method, url in addresses(world, "so-a")]
    assert answers == [404] * 8
    assert client.get(desk(world, unit="so-b")).status_code == 200


def test_secretary_of_the_own_unit_cannot_review_it(world: World) -> None:
    to_review(world)
    url = reverse("review", args=[world.dossiers["so-a"].pk])
    assert signed_in(world.secretary).get(url).status_code == 200
    access.join(world.secretary, world.units["so-a"], Role.HEAD)
    assert signed_in(world.secretary).get(url).status_code == 404


@pytest.mark.parametrize("person", ["home_affairs", "province", "investigator"])
def test_desk_is_not_found_outside_the_council(world: World, person: str) -> None:
    assert signed_in(getattr(world, person)).get(desk(world)).status_code == 404


def test_desk_of_a_dossier_that_has_not_arrived_is_not_found(world: World) -> None:
    late = factories.world().open()
    late.to(Stage.APPROVING)
    assert signed_in(late.second_appraiser).get(desk(late)).status_code == 404


def test_list_and_counters_leave_out_the_own_unit(world: World) -> None:
    response = signed_in(world.appraiser).get(reverse("appraisals"))
    names = [row.dossier.unit.name for group in response.context["groups"] for row in group.rows]
    assert names == ["Sở Tư pháp", "UBND huyện Lệ Thủy"]
    assert len(response.context["waiting"]) == 6
    assert response.context["tabs"][0]["count"] == 2
    assert response.context["nav_items"][0].count == 6 == inbox(world.appraiser).count()
    everything = signed_in(world.appraiser).get(reverse("appraisals"), {"xem": "tat-ca"})
    shown = {row.dossier.unit.name for group in everything.context["groups"] for row in group.rows}
    assert shown == {"Sở Tư pháp", "UBND huyện Lệ Thủy"}
    assert f"/ho-so/{world.dossiers['so-a'].pk}/" not in everything.content.decode()


def test_list_of_an_appraiser_without_a_unit_shows_all(world: World) -> None:
    response = signed_in(world.second_appraiser).get(reverse("appraisals"))
    names = [row.dossier.unit.name for group in response.context["groups"] for row in group.rows]
    assert names == ["Sở Nội vụ", "Sở Tư pháp", "UBND huyện Lệ Thủy"]


def test_list_counts_settled_criteria_of_each_domain(world: World) -> None:
    score = world.score("1.1.1")
    appraise(score, "", reason="", version=0, by=world.second_appraiser)
    response = signed_in(world.second_appraiser).get(reverse("appraisals"))
    cells = [cell.text for cell in response.context["groups"][0].rows[0].cells]
    assert cells == ["1/2", "0/1", "0/3"]


def test_seat_with_domains_gets_only_these(world: World) -> None:
    person = factories.seat(world, domains=[world.domain("2")])
    response = signed_in(person).get(reverse("appraisals"))
    assert [domain.code for domain in response.context["groups"][0].domains] == ["2"]
    desk_of_other = signed_in(person).get(desk(world, "1"))
    assert desk_of_other.context["item"] is None
    assert signed_in(person).post(save_url(world.score("1.1.1")), {"points": "", "version": 0}).status_code == 403
    assert signed_in(person).post(save_url(world.score("2.1.1")), {"points": "", "version": 0}).status_code == 302


# The desk


def test_desk_shows_rule_figures_and_self_points(world: World) -> None:
    page = signed_in(world.second_appraiser).get(desk(world)).content.decode()
    assert "Đạt: 2 · Không đạt: 0" in page
    assert "3/4" in page
    assert "Theo báo cáo số 12." in page
    assert 'placeholder="3,00"' in page


def test_survey_criterion_is_shown_and_cannot_be_appraised(world: World) -> None:
    client = signed_in(world.second_appraiser)
    page = client.get(desk(world, "2")).content.decode()
    assert "Lấy từ điều tra" in page
    survey = world.score("2.1.2")
    assert save_url(survey) not in page
    assert client.post(save_url(survey), {"points": "1", "version": 0}, **HTMX).status_code == 422
    assert world.score("2.1.2").appraised_points is None


def test_empty_points_accept_what_the_unit_scored(world: World) -> None:
    score = world.score("1.1.2")
    response = signed_in(world.second_appraiser).post(save_url(score), {"points": "", "version": 0}, **HTMX)
    assert response.status_code == 200
    saved = world.score("1.1.2")
    assert (saved.appraised_points, saved.appraised_by) == (Decimal(3), world.second_appraiser)
    page = response.content.decode()
    assert f'id="score-{score.pk}"' in page
    assert "1 / 2 tiêu chí đã chấm" in page


def test_accept_button_ignores_what_was_typed_beside_it(world: World) -> None:
    data = {"points": "1", "reason": "x", "version": 0, "accept": "1"}
    signed_in(world.second_appraiser).post(save_url(world.score("1.1.2")), data, **HTMX)
    assert world.score("1.1.2").appraised_points == Decimal(3)


def test_saving_without_script_returns_to_the_row(world: World) -> None:
    score = world.score("1.1.2")
    response = signed_in(world.second_appraiser).post(save_url(score), {"points": "", "version": 0})
    assert response.status_code == 302
    assert response.url == f"{desk(world)}#score-{score.pk}"


@pytest.mark.parametrize("typed", ["2,5", "2.5", " 2,50 "])
def test_points_are_read_with_comma_or_dot(world: World, typed: str) -> None:
    data = {"points": typed, "reason": "Thiếu một nhiệm vụ.", "version": 0}
    response = signed_in(world.second_appraiser).post(save_url(world.score("1.1.2")), data, **HTMX)
    assert response.status_code == 200
    assert world.score("1.1.2").appraised_points == Decimal("2.5")


def test_different_points_need_a_reason_and_keep_what_was_typed(world: World) -> None:
    url = save_url(world.score("1.1.2"))
    client = signed_in(world.second_appraiser)
    refused = client.post(url, {"points": "2,5", "reason": " ", "version": 0}, **HTMX)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'value="2,5"' in page
    assert "hãy ghi lý do" in page
    assert world.score("1.1.2").appraised_points is None
    accepted = client.post(url, {"points": "2,5", "reason": "Thiếu một nhiệm vụ.", "version": 0}, **HTMX)
    assert accepted.status_code == 200
    assert world.score("1.1.2").appraised_reason == "Thiếu một nhiệm vụ."


def test_refusal_without_script_is_a_page_that_keeps_what_was_typed(world: World) -> None:
    data = {"points": "2,5", "reason": "", "version": 0}
    refused = signed_in(world.second_appraiser).post(save_url(world.score("1.1.2")), data)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "<html" in page
    assert 'value="2,5"' in page


def test_database_refuses_changed_points_without_a_reason(world: World) -> None:
    score = world.score("1.1.2")
    with pytest.raises(IntegrityError), transaction.atomic():
        Score.objects.filter(pk=score.pk).update(appraised_points=Decimal(1), appraised_reason="")
    Score.objects.filter(pk=score.pk).update(appraised_points=Decimal(1), appraised_reason="Thiếu tài liệu")


def test_quick_reason_counts_where_nothing_was_written(world: World) -> None:
    client = signed_in(world.second_appraiser)
    quick = "Tài liệu không thuộc kỳ đánh giá."
    client.post(save_url(world.score("1.1.2")), {"points": "1", "quick": quick, "version": 0}, **HTMX)
    assert world.score("1.1.2").appraised_reason == quick
    data = {"points": "2", "reason": "Lý do riêng", "quick": quick, "version": 1}
    client.post(save_url(world.score("1.1.2")), data, **HTMX)
    assert world.score("1.1.2").appraised_reason == "Lý do riêng"


@pytest.mark.parametrize(
    ("typed", "message"),
    [("9", "vượt điểm tối đa 4,00"), ("-1", "thấp hơn mức thấp nhất"), ("bảy", "Không đọc được số"), ("", "hãy nhập")],
)
def test_wrong_points_name_what_is_wrong(world: World, typed: str, message: str) -> None:
    score = world.score("3.1.3" if typed == "" else "1.1.2")
    data = {"points": typed, "reason": "Lý do", "version": 0}
    response = signed_in(world.second_appraiser).post(save_url(score), data, **HTMX)
    assert response.status_code == 422
    page = response.content.decode()
    assert message in page
    assert f'value="{typed}"' in page
    assert "Lý do</textarea>" in page


@pytest.mark.parametrize("version", ["", "x", "-1", "99999999999999999999"])
def test_malformed_version_is_a_conflict_and_no_fault(world: World, version: str) -> None:
    score = world.score("1.1.2")
    appraise(score, "1", reason="Trước", version=0, by=world.second_appraiser)
    data = {"points": "2", "reason": "Sau", "version": version}
    assert signed_in(world.second_appraiser).post(save_url(score), data, **HTMX).status_code == 409


def conflict(world: World) -> tuple[Score, Any]:
    """Somebody settled the criterion while the second appraiser had it open at version 0."""
    score = world.score("1.1.2")
    appraise(score, "1", reason="Người kia", version=0, by=factories.seat(world))
    data = {"points": "2,5", "reason": "Của tôi", "version": 0}
    return score, signed_in(world.second_appraiser).post(save_url(score), data, **HTMX)


def test_conflict_shows_both_and_overwrites_nothing(world: World) -> None:
    _score, response = conflict(world)
    assert response.status_code == 409
    page = response.content.decode()
    for words in ("2,5", "Của tôi", "1,00", "Người kia", 'name="seen_version" value="1"'):
        assert words in page
    assert world.score("1.1.2").appraised_points == Decimal(1)


def test_conflict_is_settled_by_keeping_mine_or_theirs(world: World) -> None:
    score, _response = conflict(world)
    client = signed_in(world.second_appraiser)
    data = {"points": "2,5", "reason": "Của tôi", "version": 0, "seen_version": 1}
    theirs = client.post(save_url(score), data | {"resolve": "theirs"}, **HTMX)
    assert theirs.status_code == 200
    assert world.score("1.1.2").appraised_points == Decimal(1)
    mine = client.post(save_url(score), data | {"resolve": "mine"}, **HTMX)
    assert mine.status_code == 200
    assert world.score("1.1.2").appraised_points == Decimal("2.5")


def test_self_points_are_never_changed_by_the_council(world: World) -> None:
    data = {"points": "1", "reason": "Thiếu", "version": 0, "self_points": "4"}
    signed_in(world.second_appraiser).post(save_url(world.score("1.1.2")), data, **HTMX)
    assert world.score("1.1.2").self_points == Decimal(3)


def test_get_writes_nothing(world: World) -> None:
    score = world.score("1.1.2")
    assert signed_in(world.second_appraiser).get(save_url(score)).status_code == 405
    rest = reverse("accept-rest", args=[score.dossier_id, world.domain("1").pk])
    assert signed_in(world.second_appraiser).get(rest).status_code == 405


def test_score_of_another_dossier_is_not_found(world: World) -> None:
    other = world.score("1.1.1", "so-b")
    url = reverse("appraise-score", args=[world.dossiers["so-a"].pk, other.pk])
    assert signed_in(world.second_appraiser).post(url, {"points": "", "version": 0}).status_code == 404


# A whole domain


def test_accept_rest_keeps_what_was_settled_before(world: World) -> None:
    appraise(world.score("1.1.1"), "0", reason="Không có văn bản.", version=0, by=world.second_appraiser)
    url = reverse("accept-rest", args=[world.dossiers["so-a"].pk, world.domain("1").pk])
    response = signed_in(world.second_appraiser).post(url, follow=True)
    assert "Đã chấp nhận điểm tự chấm ở 1 tiêu chí." in response.content.decode()
    assert world.score("1.1.1").appraised_points == Decimal(0)
    assert world.score("1.1.2").appraised_points == Decimal(3)


def test_finishing_an_unsettled_domain_lists_what_is_left_with_links(world: World) -> None:
    response = signed_in(world.second_appraiser).post(desk(world, "3"))
    assert response.status_code == 422
    page = response.content.decode()
    for code in ("3.1.1", "3.1.2", "3.1.3"):
        assert f'href="#score-{world.score(code).pk}"' in page
    assert f'href="#score-{world.score("3.1.4").pk}"' not in page


def test_finishing_leads_to_the_next_open_domain_and_at_last_to_the_list(world: World) -> None:
    client = signed_in(world.second_appraiser)
    others = [
        world.item("appraise", unit, domain=world.domain(code, unit)) for unit in ("so-b", "huyen-c") for code in "123"
    ]
    for item in others:
        item.done_at = clock.now()
        item.save()
    places = []
    for code in "123":
        accept_rest(world.dossier(), world.domain(code), by=world.second_appraiser)
        if code == "3":
            appraise(world.score("3.1.3"), "2", reason="", version=0, by=world.second_appraiser)
        places.append(client.post(desk(world, code)).url)
    assert places == [desk(world, "2"), desk(world, "3"), reverse("appraisals")]
    assert world.dossier().stage == Stage.REVIEWING


def test_finished_domain_can_be_read_but_not_written(world: World) -> None:
    accept_rest(world.dossier(), world.domain("1"), by=world.second_appraiser)
    actions.finish_domain(world.item("appraise", domain=world.domain("1")), by=world.second_appraiser)
    client = signed_in(world.second_appraiser)
    page = client.get(desk(world))
    assert page.context["item"] is None
    assert save_url(world.score("1.1.1")) not in page.content.decode()
    data = {"points": "1", "reason": "Muộn", "version": 1}
    refused = client.post(save_url(world.score("1.1.1")), data, **HTMX)
    assert refused.status_code == 422
    assert "đã thẩm định xong" in refused.content.decode()
    again = client.post(desk(world), follow=True)
    assert "không còn chờ bạn" in again.content.decode()


# The secretary


def review_url(world: World, unit: str = "so-a") -> str:
    return reverse("review", args=[world.dossiers[unit].pk])


def changed_to_review(world: World) -> Score:
    """The dossier at the secretary with one criterion that lost a point."""
    appraise(world.score("1.1.2"), "2", reason="Thiếu một nhiệm vụ.", version=0, by=world.second_appraiser)
    to_review(world)
    return world.score("1.1.2")


def test_review_shows_changed_criteria_with_reason_and_totals(world: World) -> None:
    score = changed_to_review(world)
    response = signed_in(world.secretary).get(review_url(world))
    assert [row["score"].pk for row in response.context["rows"]] == [score.pk]
    totals = response.context["totals"]
    assert [(row.code, row.claimed, row.appraised) for row in totals.domains] == [
        ("1", Decimal(5), Decimal(4)),
        ("2", Decimal("2.5"), Decimal("2.5")),
        ("3", Decimal(3), Decimal(4)),
    ]
    assert (totals.claimed, totals.appraised) == (Decimal("10.5"), Decimal("10.5"))
    assert "Thiếu một nhiệm vụ." in response.content.decode()


def test_review_of_everything_offers_each_self_scored_criterion(world: World) -> None:
    changed_to_review(world)
    response = signed_in(world.secretary).get(review_url(world), {"xem": "tat-ca"})
    codes = [row["score"].criterion.code for row in response.context["rows"]]
    assert codes == ["1.1.1", "1.1.2", "2.1.1", "3.1.1", "3.1.2"]


def test_request_without_question_or_day_is_refused_and_keeps_what_was_typed(world: World) -> None:
    score = changed_to_review(world)
    other = world.score("2.1.1")
    data = {"do": "ask", f"ask.{score.pk}": "on", f"question.{other.pk}": "Xin văn bản", "due_on": "31/02/2026"}
    refused = signed_in(world.secretary).post(review_url(world), data)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Xin văn bản" in page
    assert "31/02/2026" in page
    assert "Ngày không đúng" in page
    data["due_on"] = "25/11/2026"
    refused = signed_in(world.secretary).post(review_url(world), data)
    assert refused.status_code == 422
    assert "Hãy ghi nội dung cần bổ sung ở tiêu chí 1.1.2." in refused.content.decode()
    assert world.dossier().stage == Stage.REVIEWING


def test_request_goes_to_the_unit_and_stays_in_the_history(world: World) -> None:
    score = changed_to_review(world)
    data = {"do": "ask", f"ask.{score.pk}": "on", f"question.{score.pk}": "Xin danh mục.", "due_on": "25/11/2026"}
    response = signed_in(world.secretary).post(review_url(world), data, follow=True)
    assert "Đã gửi yêu cầu bổ sung tới Sở Nội vụ." in response.content.decode()
    request = SupplementRequest.objects.get(dossier=world.dossiers["so-a"])
    assert request.due_on == dt.date(2026, 11, 25)
    assert [(item.score_id, item.question) for item in request.items.all()] == [(score.pk, "Xin danh mục.")]
    assert world.dossier().stage == Stage.SUPPLEMENTING
    page = signed_in(world.secretary).get(review_url(world)).content.decode()
    assert "Xin danh mục." in page
    assert "Chờ trả lời" in page


def test_nothing_chosen_is_refused(world: World) -> None:
    changed_to_review(world)
    refused = signed_in(world.secretary).post(review_url(world), {"do": "ask", "due_on": "25/11/2026"})
    assert refused.status_code == 422
    assert "Hãy chọn ít nhất một tiêu chí" in refused.content.decode()


def test_leader_points_are_recorded_in_the_review_and_needed_to_finish(world: World) -> None:
    to_review(world)
    client = signed_in(world.secretary)
    leader = world.score("3.1.4")
    assert save_url(leader) in client.get(review_url(world)).content.decode()
    refused = client.post(review_url(world), {"do": "finish"})
    assert refused.status_code == 422
    assert f'href="#score-{leader.pk}"' in refused.content.decode()
    saved = client.post(save_url(leader), {"points": "1,5", "version": 0})
    assert saved.url == f"{review_url(world)}#score-{leader.pk}"
    assert world.score("3.1.4").appraised_points == Decimal("1.5")
    client.post(review_url(world), {"do": "finish"})
    assert world.dossier().stage == Stage.RESPONDING


def test_leader_points_are_refused_from_an_appraiser(world: World) -> None:
    to_review(world)
    url = save_url(world.score("3.1.4"))
    assert signed_in(world.second_appraiser).post(url, {"points": "1", "version": 0}).status_code == 403


def test_appraiser_reads_the_review_but_cannot_finish_it(world: World) -> None:
    to_review(world)
    client = signed_in(world.second_appraiser)
    assert client.get(review_url(world)).context["item"] is None
    client.post(review_url(world), {"do": "finish"})
    assert world.dossier().stage == Stage.REVIEWING


def contested(world: World) -> Any:
    """One appeal of so-a: 4 points wanted instead of the 2 that the council gave."""
    changed_to_review(world)
    appraise(world.score("3.1.4"), "1", reason="", version=0, by=world.secretary)
    actions.finish_review(world.item("review"), by=world.secretary)
    wanted = [Wanted(world.score("1.1.2").pk, "3", "Đủ 4 nhiệm vụ, xem phụ lục.")]
    actions.respond(world.item("respond"), wanted, by=world.coordinator["so-a"])
    return world.score("1.1.2").appeal


def test_appeals_without_an_answer_are_refused_and_keep_what_was_typed(world: World) -> None:
    appeal = contested(world)
    url = reverse("hear", args=[world.dossiers["so-a"].pk])
    client = signed_in(world.secretary)
    page = client.get(url).content.decode()
    assert "Đủ 4 nhiệm vụ, xem phụ lục." in page
    refused = client.post(url, {f"points.{appeal.pk}": "2,5", f"answer.{appeal.pk}": " "})
    assert refused.status_code == 422
    assert 'value="2,5"' in refused.content.decode()
    assert "Hãy ghi trả lời kiến nghị ở tiêu chí 1.1.2." in refused.content.decode()
    assert world.dossier().stage == Stage.HEARING


def test_appeals_are_answered_and_the_dossier_is_concluded(world: World) -> None:
    appeal = contested(world)
    url = reverse("hear", args=[world.dossiers["so-a"].pk])
    data = {f"points.{appeal.pk}": "2,5", f"answer.{appeal.pk}": "Chấp nhận một phần."}
    signed_in(world.secretary).post(url, data)
    appeal.refresh_from_db()
    assert (appeal.accepted, appeal.decided_points, appeal.answer) == (True, Decimal("2.5"), "Chấp nhận một phần.")
    assert world.score("1.1.2").appraised_points == Decimal("2.5")
    assert world.dossier().stage == Stage.CONCLUDED
    assert "Chấp nhận một phần." in signed_in(world.secretary).get(url).content.decode()


# The chair


def concluding(world: World) -> World:
    """Every dossier is final and the council's turn has come."""
    for unit in world.units:
        world.to(Stage.RESPONDING, unit)
        actions.respond(world.item("respond", unit), [], by=world.coordinator[unit])
    actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=False, by=world.home_affairs)
    world.cycle.refresh_from_db()
    return world


def test_chair_concludes_with_the_overview_of_all_units() -> None:
    with clock.at(factories.WORKDAY):
        world = concluding(factories.world(has_survey=False, leaves=LEAVES[:-1]).open())
        url = reverse("conclude-cycle", args=[world.cycle.pk])
        client = signed_in(world.chair)
        response = client.get(url)
        names = [unit.unit for group in response.context["groups"] for unit in group.units]
        assert sorted(names) == ["Sở Nội vụ", "Sở Tư pháp", "UBND huyện Lệ Thủy"]
        assert [(row.group, row.grades) for row in response.context["distributions"]] == [
            ("Các sở, ban, ngành", [("Xuất sắc", 0), ("Tốt", 2), ("Khá", 0), ("Trung bình", 0)]),
            ("UBND các huyện", [("Xuất sắc", 0), ("Tốt", 1), ("Khá", 0), ("Trung bình", 0)]),
        ]
        client.post(url)
        world.cycle.refresh_from_db()
        assert world.cycle.stage == CycleStage.PROPOSING


@pytest.mark.parametrize("person", ["appraiser", "secretary", "home_affairs", "province", "investigator"])
def test_conclusion_is_not_found_for_anybody_but_the_chair(world: World, person: str) -> None:
    url = reverse("conclude-cycle", args=[world.cycle.pk])
    assert signed_in(getattr(world, person)).get(url).status_code == 404
    assert signed_in(world.chair).get(url).status_code == 200


# Query counts


def test_list_asks_the_same_number_of_queries_for_one_and_three_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.second_appraiser)
    with django_assert_num_queries(21):
        assert len(client.get(reverse("appraisals")).context["waiting"]) == 9
    for unit in ("so-b", "huyen-c"):
        world.to(Stage.REVIEWING, unit)
    with django_assert_num_queries(21):
        assert len(client.get(reverse("appraisals")).context["waiting"]) == 3


def test_desk_asks_the_same_number_of_queries_for_one_and_three_criteria(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.second_appraiser)
    client.get(desk(world, "2"))  # a process reads the headings of a frozen set once
    with django_assert_num_queries(20):
        client.get(desk(world, "2"))
    with django_assert_num_queries(20):
        client.get(desk(world, "3"))


def test_review_asks_the_same_number_of_queries_for_one_and_three_changes(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    changed_to_review(world)
    client = signed_in(world.secretary)
    with django_assert_num_queries(23):
        assert len(client.get(review_url(world)).context["rows"]) == 1
    for code in ("1.1.1", "2.1.1"):
        Score.objects.filter(pk=world.score(code).pk).update(appraised_points=0, appraised_reason="Thiếu")
    with django_assert_num_queries(23):
        assert len(client.get(review_url(world)).context["rows"]) == 3


# the dossier's own page


def links(response: Any) -> list[tuple[str, str, bool]]:
    return [(row["label"], row["url"], row["primary"]) for row in response.context["actions"]]


def test_dossier_of_a_unit_leads_the_council_to_the_desk_and_back(world: World) -> None:
    dossier = world.dossiers["so-a"].pk
    place = reverse("dossier", args=[dossier])
    review = ("Tổng hợp", reverse("review", args=[dossier]), False)
    desks = {code: reverse("appraise-domain", args=[dossier, world.domain(code).pk]) for code in ("1", "2")}
    back = [{"label": "Thẩm định", "url": reverse("appraisals")}, {"label": "Sở Nội vụ", "url": ""}]

    response = signed_in(world.second_appraiser).get(place)
    assert response.context["crumbs"] == back
    assert links(response) == [("Bàn thẩm định", desks["1"], True), review]
    page = response.content.decode()
    assert all(f'href="{url}"' in page for url in desks.values())
    assert reverse("sheet", args=[dossier, world.domain("1").pk]) not in page

    narrow = factories.seat(world, domains=[world.domain("2")])
    assert links(signed_in(narrow).get(place)) == [("Bàn thẩm định", desks["2"], True), review]
    chair = signed_in(world.chair).get(place)
    assert links(chair) == [review]
    assert chair.context["crumbs"][0]["url"] == reverse("appraisal-overview", args=[world.cycle.pk])

    unit = signed_in(world.officer["so-a"]).get(place)
    assert unit.context["crumbs"] == []
    assert [row["label"] for row in unit.context["actions"]] == ["Kho tài liệu"]
    assert desks["1"] not in unit.content.decode()
    assert signed_in(world.appraiser).get(place).context["crumbs"] == []  # at home in the unit
