"""The pages about the council itself: what they show, what they refuse, and the queries they ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from assessments.models import CouncilMember, DeclaredConflict, DomainAppraisal
from assessments.services.appraisal import accept_rest
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def url(world: World, name: str, *args: int) -> str:
    return reverse(name, args=[world.cycle.pk, *args])


def seat_of(user: User) -> CouncilMember:
    return user.council_seats.get()


def test_council_is_shown_by_role_and_team_with_its_rules_in_words(world: World, as_user: SignIn) -> None:
    helper = factories.seat(world, role=Role.HELPER, domains=[world.domain("2")])
    seat = seat_of(helper)
    seat.team, seat.agency = "Tổ 1", world.units["so-b"]
    seat.save()
    response = as_user(world.secretary).get(url(world, "council"))
    assert [group.name for group in response.context["groups"]] == [
        "Chủ tịch hội đồng thẩm định",
        "Thư ký hội đồng thẩm định",
        "Thành viên hội đồng thẩm định",
        "Tổ 1",
    ]
    (row,) = response.context["groups"][-1].rows
    assert (row.domains, row.member.agency.name) == ("2", "Sở Tư pháp")
    assert response.context["rules"][1] == "Mỗi lĩnh vực của một đơn vị do một người chấm."
    assert "30/QĐ-UBND" in response.content.decode()


def test_decision_is_written_by_whoever_manages_the_council(world: World, as_user: SignIn) -> None:
    client = as_user(world.home_affairs)
    refused = client.post(url(world, "council-decision"), {"number": "", "decided_on": "31/02/2026"})
    assert refused.status_code == 422
    assert "31/02/2026" in refused.content.decode()
    client.post(url(world, "council-decision"), {"number": "2845/QĐ-UBND", "decided_on": "02/11/2026"})
    world.cycle.council.refresh_from_db()
    assert world.cycle.council.decided_on == dt.date(2026, 11, 2)


def test_person_is_found_by_name_and_seated(world: World, as_user: SignIn) -> None:
    person = factories.user("tim-thay", full_name="Trần Thị Hằng")
    access.join(person, world.units["so-b"], Role.OFFICER)
    client = as_user(world.secretary)
    found = client.get(url(world, "council-add"), {"tim": "Hằng"}).context["found"]
    assert [(row.user, row.units) for row in found] == [(person, "Sở Tư pháp")]
    place = f"{url(world, 'council-add')}?nguoi={person.pk}"
    refused = client.post(place, {"role": "helper", "team": ""})
    assert refused.status_code == 422
    assert "Hãy ghi tên tổ giúp việc" in refused.content.decode()
    data = {"role": "helper", "team": "Tổ 2", "agency": world.units["so-b"].pk, "domains": [world.domain("1").pk]}
    client.post(place, data)
    member = seat_of(person)
    assert (member.role, member.team, member.agency) == ("helper", "Tổ 2", world.units["so-b"])
    assert client.get(place).status_code == 404
    assert client.get(url(world, "council-add"), {"tim": "Hằng"}).context["found"] == []


def test_seat_is_changed_ended_with_a_reason_and_taken_up_again(world: World, as_user: SignIn) -> None:
    member = seat_of(world.second_appraiser)
    client = as_user(world.secretary)
    data = {"role": "member", "domains": [world.domain("1").pk], "units": [world.units["so-a"].pk]}
    client.post(url(world, "council-seat", member.pk), data)
    assert [domain.code for domain in member.domains.all()] == ["1"]
    switch = url(world, "council-seat-switch", member.pk)
    answer = client.post(switch, {"do": "off", "reason": " "}, follow=True)
    assert "Hãy ghi lý do thôi tham gia." in answer.content.decode()
    client.post(switch, {"do": "off", "reason": "Nghỉ hưu."})
    assert not seat_of(world.second_appraiser).active
    assert as_user(world.second_appraiser).get(reverse("appraisals")).status_code == 404
    client.post(switch, {"do": "on"})
    assert as_user(world.second_appraiser).get(reverse("appraisals")).status_code == 200


def test_way_of_working_is_chosen_while_the_cycle_is_prepared(as_user: SignIn) -> None:
    world = factories.world()
    data = {"rounds": "2", "double_scoring": "on", "consensus_threshold": "0,5"}
    as_user(world.home_affairs).post(url(world, "council-rules"), data)
    world.cycle.refresh_from_db()
    assert (world.cycle.rounds, world.cycle.double_scoring, world.cycle.consensus_threshold) == (
        2,
        True,
        Decimal("0.5"),
    )
    page = as_user(world.home_affairs).get(url(world, "council")).context["rules"]
    assert page[2].startswith("Chênh lệch trên 0,5")
    world.open()
    assert as_user(world.home_affairs).get(url(world, "council-rules")).status_code == 404


def test_member_declares_an_own_conflict_and_cannot_withdraw_it(world: World, as_user: SignIn) -> None:
    client = as_user(world.second_appraiser)
    page = client.get(url(world, "council-conflicts"))
    assert "user" not in page.context["form"].fields
    client.post(url(world, "council-conflicts"), {"unit": world.units["so-a"].pk, "reason": "Người thân."})
    made = DeclaredConflict.objects.get()
    assert (made.user, made.unit, made.declared_by) == (
        world.second_appraiser,
        world.units["so-a"],
        world.second_appraiser,
    )
    withdraw = url(world, "council-conflict-withdraw", made.pk)
    assert client.post(withdraw).status_code == 404
    assert as_user(world.appraiser).get(url(world, "council-conflicts")).context["rows"] == []
    as_user(world.home_affairs).post(withdraw)
    made.refresh_from_db()
    assert made.withdrawn_by == world.home_affairs


def test_secretary_declares_for_others_and_sees_what_the_rules_do_alone(world: World, as_user: SignIn) -> None:
    client = as_user(world.secretary)
    refused = client.post(url(world, "council-conflicts"), {"user": "", "unit": "", "reason": "Vừa chuyển công tác."})
    assert refused.status_code == 422
    assert "Vừa chuyển công tác." in refused.content.decode()
    data = {"user": world.second_appraiser.pk, "unit": world.units["so-b"].pk, "reason": "Vừa chuyển công tác."}
    client.post(url(world, "council-conflicts"), data)
    page = client.get(url(world, "council-conflicts"))
    assert [(row.user, row.unit) for row in page.context["rows"]] == [(world.second_appraiser, world.units["so-b"])]
    assert [(row.user, row.units) for row in page.context["automatic"]] == [(world.appraiser, "Sở Nội vụ")]


def test_domains_are_given_by_hand_and_evenly(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPRAISING)
    client = as_user(world.secretary)
    row = DomainAppraisal.objects.get(dossier=world.dossiers["so-a"], domain=world.domain("1"))
    form = client.get(url(world, "council-give", row.pk)).context["form"]
    assert {label.split(" · ")[0] for _value, label in form.fields["appraiser"].choices[1:]} == {
        str(world.second_appraiser),
        str(world.secretary),
    }
    assert client.post(url(world, "council-give", row.pk), {"appraiser": world.appraiser.pk}).status_code == 422
    client.post(url(world, "council-give", row.pk), {"appraiser": world.second_appraiser.pk})
    row.refresh_from_db()
    assert row.appraiser == world.second_appraiser
    page = client.get(url(world, "council-sharing"))
    first = page.context["loads"][0]
    assert (first.user, first.domains, first.criteria) == (world.second_appraiser, 1, 2)
    assert page.context["left"] == 1
    client.post(url(world, "council-share-out"))
    other = DomainAppraisal.objects.get(dossier=world.dossiers["so-a"], domain=world.domain("2"))
    assert other.appraiser == world.secretary


def test_domain_finished_meanwhile_is_not_given_and_the_list_says_so(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPRAISING)
    row = DomainAppraisal.objects.get(dossier=world.dossiers["so-a"], domain=world.domain("1"))
    place = url(world, "council-give", row.pk)
    client = as_user(world.secretary)
    assert client.get(place).status_code == 200
    accept_rest(world.dossier(), world.domain("1"), by=world.second_appraiser)
    actions.finish_domain(world.item("appraise", domain=world.domain("1")), by=world.second_appraiser)
    for answer in (client.get(place, follow=True), client.post(place, {"appraiser": ""}, follow=True)):
        assert answer.redirect_chain == [(url(world, "council-sharing"), 302)]
        assert "Sở Nội vụ · Lĩnh vực 1 không còn chờ thẩm định" in answer.content.decode()
    row.refresh_from_db()
    assert row.finished_by == world.second_appraiser
    assert client.get(url(world, "council-give", row.pk + 1000)).status_code == 404


def test_other_of_two_scorers_is_named_and_no_choice(as_user: SignIn, db: None) -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(double_scoring=True).open()
        world.to(Stage.APPRAISING)
        first, second = DomainAppraisal.objects.filter(
            dossier=world.dossiers["so-a"], domain=world.domain("1")
        ).order_by("seat")
        client = as_user(world.secretary)
        client.post(url(world, "council-give", first.pk), {"appraiser": world.second_appraiser.pk})
        page = client.get(url(world, "council-give", second.pk))
        assert "Người chấm thứ 2 trong hai người chấm độc lập." in page.content.decode()
        assert f"Người kia là {world.second_appraiser}" in page.content.decode()
        labels = [label for _value, label in page.context["form"].fields["appraiser"].choices[1:]]
        assert labels == [f"{world.secretary} · 0 tiêu chí"]


def test_own_unit_is_not_shared_out_by_hand(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPRAISING)
    row = DomainAppraisal.objects.get(dossier=world.dossiers["so-a"], domain=world.domain("1"))
    assert as_user(world.secretary).get(url(world, "council-give", row.pk)).status_code == 200
    access.join(world.secretary, world.units["so-a"], Role.OFFICER)
    client = as_user(world.secretary)
    assert client.get(url(world, "council-give", row.pk)).status_code == 404
    assert client.get(url(world, "council-sharing")).context["groups"] == []


@pytest.mark.parametrize(("name", "count"), [("council", 14), ("council-sharing", 18), ("council-conflicts", 18)])
def test_pages_ask_the_same_number_of_queries_for_one_and_three(
    world: World, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries, name: str, count: int
) -> None:
    world.to(Stage.APPRAISING)
    client = as_user(world.home_affairs)
    client.post(url(world, "council-conflicts"), conflict(world, "so-b"))
    with django_assert_num_queries(count):
        client.get(url(world, name))
    for unit in ("so-b", "huyen-c"):
        world.to(Stage.SELF_ASSESSING, unit)
        world.to(Stage.APPRAISING, unit)
        factories.seat(world, domains=[world.domain("1")])
    client.post(url(world, "council-conflicts"), conflict(world, "huyen-c"))
    with django_assert_num_queries(count):
        client.get(url(world, name))


def conflict(world: World, unit: str) -> dict[str, object]:
    return {"user": world.chair.pk, "unit": world.units[unit].pk, "reason": "Người thân."}
