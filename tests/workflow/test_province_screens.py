"""Sở Nội vụ and UBND tỉnh: open, extend, close, propose, decide, publish; the frame of every page; the tick."""

from __future__ import annotations

import copy
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import Extension
from assessments.stages import CycleStage, Stage
from criteria.models import CriteriaSet
from results.models import Proposal, Publication
from survey.services import expected_lines, import_results
from survey.workbook import template
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import Membership, User
from units.permissions import Role
from workflow import actions, sweep
from workflow.engine import open_item
from workflow.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A cycle that takes dossiers."""
    with factories.standing(django_db_blocker, lambda: factories.world().open()) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(world: World, name: str, *args: int) -> str:
    return reverse(name, args=[world.cycle.pk, *args])


PEOPLE = ("appraiser", "secretary", "chair", "home_affairs", "province", "investigator")


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("open-cycle", {"home_affairs"}),
        ("close-collection", {"home_affairs"}),
        ("extend", {"home_affairs"}),
        ("merge-survey", {"home_affairs"}),
        ("propose", {"home_affairs"}),
        ("publish", {"home_affairs"}),
        ("decide", {"province"}),
        ("results", {"secretary", "chair", "home_affairs", "province"}),
        ("results-workbook", {"secretary", "chair", "home_affairs", "province"}),
        ("survey", {"home_affairs", "investigator"}),
        ("survey-template", {"home_affairs"}),
    ],
)
def test_page_opens_for_its_roles_and_is_not_found_for_all_others(world: World, name: str, allowed: set[str]) -> None:
    address = url(world, name, *([world.units["so-a"].pk] if name == "extend" else []))
    found = {person for person in PEOPLE if signed_in(getattr(world, person)).get(address).status_code == 200}
    assert found == allowed
    assert signed_in(world.coordinator["so-a"]).get(address).status_code == 404
    assert Client().get(address).status_code == 302


# Opening


@pytest.fixture
def draft() -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield factories.world()


def test_opening_shows_what_is_locked(draft: World) -> None:
    facts = signed_in(draft.home_affairs).get(url(draft, "open-cycle")).context["facts"]
    assert [
        (row.group.group.name, len(row.units), row.self_scored, row.surveyed, row.maximum) for row in facts.groups
    ] == [
        ("Các sở, ban, ngành", 2, 3, 1, Decimal(10)),
        ("UBND các huyện", 1, 3, 1, Decimal(10)),
    ]
    assert (facts.units, facts.warnings) == (3, [])


def test_opening_warns_of_missing_people_domains_and_past_dates(draft: World) -> None:
    Membership.objects.filter(user=draft.head["so-b"]).update(until=clock.now())
    draft.cycle.council.members.filter(user=draft.second_appraiser).update(active=False)
    draft.cycle.council.members.filter(user=draft.secretary).update(active=False)
    for seat in draft.cycle.council.members.filter(user=draft.appraiser):
        criteria_set = CriteriaSet.objects.get(cycles__cycle=draft.cycle, cycles__group=draft.units["so-a"].group)
        seat.domains.set(criteria_set.criteria.filter(code="1"))
    with clock.at(dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)):
        facts = signed_in(draft.home_affairs).get(url(draft, "open-cycle")).context["facts"]
    assert list(facts.warnings) == [
        "Mốc “Hoàn thành tự đánh giá” đã qua: trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026).",
        "1 đơn vị chưa có thủ trưởng đơn vị: Sở Tư pháp.",
        "Các sở, ban, ngành: lĩnh vực 2 chưa giao cho ai thẩm định.",
        "UBND các huyện: lĩnh vực 2 chưa giao cho ai thẩm định.",
    ]


def test_opening_makes_the_dossiers_once(draft: World) -> None:
    client = signed_in(draft.home_affairs)
    assert client.post(url(draft, "open-cycle")).url == url(draft, "monitor")
    assert client.post(url(draft, "open-cycle"), follow=True).status_code == 200
    draft.cycle.refresh_from_db()
    assert draft.cycle.stage == CycleStage.COLLECTING
    assert draft.cycle.dossiers.count() == 3


# Extension


def test_extension_moves_the_due_dates_of_the_open_tasks(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    data = {"until": "18/12/2026", "reason": "Mưa lũ.", "decision_number": "1180/UBND-NC"}
    response = signed_in(world.home_affairs).post(url(world, "extend", world.units["so-a"].pk), data, follow=True)
    assert "Sở Nội vụ được gia hạn đến hết ngày 18/12/2026." in response.content.decode()
    extension = Extension.objects.get()
    assert (extension.until, extension.decision_number) == (dt.date(2026, 12, 18), "1180/UBND-NC")
    own = set(WorkItem.objects.filter(dossier=world.dossiers["so-a"], done_at=None).values_list("due_at", flat=True))
    others = set(WorkItem.objects.filter(dossier=world.dossiers["so-b"], done_at=None).values_list("due_at", flat=True))
    assert own == {dt.datetime(2026, 12, 19, tzinfo=clock.LOCAL)}
    assert others == {dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"until": "19/11/2026", "reason": "Mưa"}, "Ngày gia hạn phải từ hôm nay trở đi."),
        ({"until": "2026-13-40", "reason": "Mưa"}, "Ngày không đúng"),
        ({"until": "18/12/2026", "reason": "  "}, "Hãy nhập mục này."),
    ],
)
def test_wrong_extension_keeps_what_was_typed(world: World, data: dict[str, str], message: str) -> None:
    refused = signed_in(world.home_affairs).post(url(world, "extend", world.units["so-a"].pk), data)
    assert refused.status_code == 422
    assert data["until"] in refused.content.decode()
    assert message in refused.content.decode()
    assert not Extension.objects.exists()


def test_sent_dossier_cannot_be_extended(world: World) -> None:
    world.to(Stage.APPRAISING)
    address = url(world, "extend", world.units["so-a"].pk)
    client = signed_in(world.home_affairs)
    assert client.get(address).context["possible"] is False
    refused = client.post(address, {"until": "18/12/2026", "reason": "Mưa lũ."})
    assert refused.status_code == 422
    assert "đã gửi hồ sơ nên không cần gia hạn" in refused.content.decode()


# Closing


def test_closing_names_the_missing_units_and_asks_for_confirmation(world: World) -> None:
    world.to(Stage.APPRAISING)
    client = signed_in(world.home_affairs)
    page = client.get(url(world, "close-collection"))
    assert [dossier.unit.name for dossier in page.context["missing"]] == ["Sở Tư pháp", "UBND huyện Lệ Thủy"]
    refused = client.post(url(world, "close-collection"))
    assert refused.status_code == 422
    assert "2 đơn vị chưa gửi hồ sơ: Sở Tư pháp, UBND huyện Lệ Thủy." in refused.content.decode()
    assert client.post(url(world, "close-collection"), {"give_up_missing": "on"}).status_code == 302
    world.cycle.refresh_from_db()
    assert world.cycle.stage == CycleStage.APPRAISING
    assert world.dossier("so-b").stage == Stage.NOT_SUBMITTED


# Proposal, decision, publication


@pytest.fixture(scope="module")
def proposing_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A cycle on which the council has concluded."""

    def build() -> World:
        world = factories.world().open()
        for unit in world.units:
            world.to(Stage.CONCLUDED, unit)
        lines = expected_lines(world.cycle)
        book = template(lines, {(line.unit_id, line.criterion_id): (Decimal("0.8"), 80) for line in lines})
        import_results(world.cycle, io.BytesIO(book), filename="diem.xlsx", by=world.home_affairs)
        actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=False, by=world.home_affairs)
        actions.merge_survey(open_item(world.cycle, "cycle.merge_survey"), by=world.home_affairs)
        actions.conclude_cycle(open_item(world.cycle, "cycle.council_concludes"), by=world.chair)
        world.cycle.refresh_from_db()
        return world

    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def proposing(proposing_once: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(proposing_once)


def propose(world: World) -> None:
    signed_in(world.home_affairs).post(url(world, "propose"), {"note": "Kính trình."})


def test_proposal_holds_the_table_as_it_was_shown(proposing: World) -> None:
    page = signed_in(proposing.home_affairs).get(url(proposing, "propose"))
    shown = [(unit.unit, unit.index, unit.rank) for group in page.context["groups"] for unit in group.units]
    assert shown == [
        ("Sở Nội vụ", Decimal("83.00"), 1),
        ("Sở Tư pháp", Decimal("83.00"), 1),
        ("UBND huyện Lệ Thủy", Decimal("83.00"), 1),
    ]
    propose(proposing)
    proposal = Proposal.objects.get(cycle=proposing.cycle)
    assert (proposal.note, proposal.proposed_by) == ("Kính trình.", proposing.home_affairs)
    decide = signed_in(proposing.province).get(url(proposing, "decide"))
    assert [(unit.unit, unit.index, unit.rank) for group in decide.context["groups"] for unit in group.units] == shown


def test_proposer_cannot_decide_and_another_person_can(proposing: World) -> None:
    propose(proposing)
    access.grant(Role.PROVINCE, proposing.home_affairs, proposing.cycle)
    own = signed_in(proposing.home_affairs)
    assert "Bạn là người trình" in own.get(url(proposing, "decide")).content.decode()
    refused = own.post(url(proposing, "decide"), {"decision": "approve"})
    assert refused.status_code == 403
    assert Proposal.objects.get(cycle=proposing.cycle).approved is None
    assert signed_in(proposing.province).post(url(proposing, "decide"), {"decision": "approve"}).status_code == 302
    assert Proposal.objects.get(cycle=proposing.cycle).approved is True


def test_return_needs_a_comment_and_leads_back_to_the_proposal(proposing: World) -> None:
    propose(proposing)
    client = signed_in(proposing.province)
    refused = client.post(url(proposing, "decide"), {"decision": "return", "comment": " "})
    assert refused.status_code == 422
    assert "Hãy ghi lý do trả lại" in refused.content.decode()
    client.post(url(proposing, "decide"), {"decision": "return", "comment": "Bổ sung đánh giá chung."})
    page = signed_in(proposing.home_affairs).get(url(proposing, "propose"))
    assert "Bổ sung đánh giá chung." in page.content.decode()
    assert page.context["item"] is not None


def test_publication_needs_the_decision(proposing: World) -> None:
    propose(proposing)
    signed_in(proposing.province).post(url(proposing, "decide"), {"decision": "approve"})
    client = signed_in(proposing.home_affairs)
    data = {"decision_number": "05/QĐ-UBND", "decided_on": "21/11/2026", "signer": "Trần Thắng"}
    refused = client.post(url(proposing, "publish"), data)
    assert refused.status_code == 422
    assert "Ngày quyết định không được sau hôm nay." in refused.content.decode()
    assert 'value="05/QĐ-UBND"' in refused.content.decode()
    assert client.post(url(proposing, "publish"), data | {"signer": " "}).status_code == 422
    assert client.post(url(proposing, "publish"), data | {"decided_on": "20/11/2026"}).url == url(proposing, "results")
    publication = Publication.objects.get(cycle=proposing.cycle)
    assert (publication.decision_number, publication.decided_on) == ("05/QĐ-UBND", dt.date(2026, 11, 20))


def test_step_that_is_done_can_be_looked_at_and_does_nothing(proposing: World) -> None:
    propose(proposing)
    client = signed_in(proposing.home_affairs)
    assert client.get(url(proposing, "propose")).context["item"] is None
    again = client.post(url(proposing, "propose"), {"note": "Hai lần"}, follow=True)
    assert "không còn chờ bạn" in again.content.decode()
    assert Proposal.objects.filter(cycle=proposing.cycle).count() == 1


# The frame of every page


def labels(world: World, user: User) -> list[str]:
    return [item.label for item in signed_in(user).get("/").context["nav_items"]]


def test_navigation_follows_the_roles(world: World) -> None:
    assert labels(world, world.home_affairs)[:4] == ["Việc của tôi", "Điều tra XHH", "Thẩm định", "Theo dõi"]
    assert labels(world, world.second_appraiser)[:2] == ["Việc của tôi", "Thẩm định"]
    assert "Điều tra XHH" in labels(world, world.investigator)
    assert "Theo dõi" not in labels(world, world.investigator)
    assert "Thẩm định" not in labels(world, world.coordinator["so-a"])


def test_frame_says_who_is_signed_in_as_what(world: World) -> None:
    frame = signed_in(world.appraiser).get("/").context
    assert str(frame["current_user_line"]) == "Thành viên hội đồng · Sở Nội vụ"
    assert str(frame["brand_line"]) == "Tỉnh Thử Nghiệm · Năm 2026"
    assert str(signed_in(world.head["so-b"]).get("/").context["current_user_line"]) == "Thủ trưởng đơn vị · Sở Tư pháp"


def test_frame_asks_a_constant_number_of_queries(world: World) -> None:
    notices = reverse("notices")
    client = signed_in(world.home_affairs)
    counts = []
    for unit in world.units:
        world.to(Stage.APPRAISING, unit)
        client.get(notices)
        with CaptureQueriesContext(connection) as found:
            client.get(notices)
        counts.append(len(found))
    # session, user, grants, list, its count and unseen ones; four of the frame: membership, cycle, tasks, unseen
    assert counts == [10, 10, 10]


def test_anonymous_page_asks_for_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        response = Client().get(reverse("public-home"))
    assert response.status_code == 200


# The tick


def test_tick_closes_a_response_window_and_counts_it_as_agreement(world: World) -> None:
    world.to(Stage.RESPONDING)
    item = world.item("respond")
    assert item.due_at == dt.datetime(2026, 11, 24, tzinfo=clock.LOCAL)
    with clock.at(item.due_at - dt.timedelta(microseconds=1)):
        assert sweep.close_responses() == 0
    with clock.at(item.due_at):
        assert sweep.close_responses() == 1
        assert sweep.close_responses() == 0
    assert world.dossier().stage == Stage.CONCLUDED
    item.refresh_from_db()
    assert item.done_by is None
    assert item.done_at is not None


def test_tick_runs_every_job_and_one_that_fails_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise RuntimeError("the store is down")

    ran: list[str] = []
    monkeypatch.setattr(sweep, "JOBS", (("một", broken), ("hai", lambda: ran.append("hai") or 3), ("ba", lambda: 0)))
    done, failed = sweep.sweep()
    assert (done, failed, ran) == ([("hai", 3), ("ba", 0)], ["một"], ["hai"])


def test_tick_command_prints_what_was_done(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with clock.at(dt.datetime(2026, 12, 14, 9, tzinfo=clock.LOCAL)):
        call_command("tick")
        first = capsys.readouterr().out
        call_command("tick")
        second = capsys.readouterr().out
    assert "thông báo nhắc hạn mới" in first
    assert "thông báo nhắc hạn mới" not in second
