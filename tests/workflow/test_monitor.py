"""The monitor: on time, late, extended and missing are four things; one page, constant queries."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.completeness import own_scores, progress
from assessments.deadlines import dossier_timeliness, extension_of, submission_deadline
from assessments.models import Dossier
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from plans.calendar import Timeliness
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions
from workflow.engine import open_item
from workflow.monitor.burnup import burn_up
from workflow.monitor.history import gather
from workflow.monitor.lines import Line, lines
from workflow.monitor.standings import Standing, standings
from workflow.views import monitor as monitor_views

pytestmark = pytest.mark.django_db

# The plan says "trước ngày 15/12/2026": the last moment is 23:59:59.999999 of the 14th in Viet Nam.
LAST = dt.datetime(2026, 12, 14, 23, 59, 59, 999999, tzinfo=clock.LOCAL)
TOO_LATE = dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)
EXTENDED_UNTIL = dt.date(2026, 12, 18)


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


def line(world: World, unit: str) -> Line:
    return lines(world.cycle, [standing(world, unit)])[0]


def standing(world: World, unit: str) -> Standing:
    return next(row for row in standings(world.cycle) if row.unit_id == world.units[unit].pk)


def submit(world: World, unit: str, at: dt.datetime) -> None:
    world.to(Stage.READY, unit)
    with clock.at(at):
        actions.submit(world.item("submit", unit), by=world.coordinator[unit])


def extend(world: World, unit: str) -> None:
    actions.extend(world.cycle, [world.units[unit]], until=EXTENDED_UNTIL, reason="Mưa lũ.", by=world.home_affairs)


def test_arrival_at_the_last_moment_is_on_time(world: World) -> None:
    submit(world, "so-a", LAST)
    with clock.at(TOO_LATE):
        found = line(world, "so-a")
    assert found.standing.timeliness == Timeliness.ON_TIME
    assert found.chip == {"state": "ok", "icon": "check-lg", "text": "Đúng hạn, gửi 14/12"}


def test_arrival_at_the_start_of_the_day_named_is_late(world: World) -> None:
    submit(world, "so-a", TOO_LATE)
    with clock.at(TOO_LATE):
        found = line(world, "so-a")
    assert found.standing.timeliness == Timeliness.LATE
    assert found.chip == {"state": "late", "icon": "clock-history", "text": "Trễ hạn 1 ngày"}


def test_unit_without_a_dossier_is_pending_then_missing(world: World) -> None:
    with clock.at(LAST):
        assert standing(world, "so-a").timeliness == Timeliness.PENDING
    with clock.at(TOO_LATE):
        found = line(world, "so-a")
    assert found.standing.timeliness == Timeliness.MISSING
    assert found.chip == {"state": "late", "icon": "exclamation-circle", "text": "Quá hạn 1 ngày"}
    assert found.cells[0].state == "late"


def test_extended_unit_is_neither_late_nor_missing_until_its_own_day_ends(world: World) -> None:
    extend(world, "so-a")
    with clock.at(TOO_LATE):
        found = line(world, "so-a")
        assert found.standing.timeliness == Timeliness.EXTENDED
        assert found.chip == {"state": "info", "icon": "calendar-event", "text": "Được gia hạn đến 18/12"}
        assert standing(world, "so-b").timeliness == Timeliness.MISSING
    with clock.at(dt.datetime(2026, 12, 18, 23, 59, 59, 999999, tzinfo=clock.LOCAL)):
        assert standing(world, "so-a").timeliness == Timeliness.EXTENDED
    with clock.at(dt.datetime(2026, 12, 19, tzinfo=clock.LOCAL)):
        assert standing(world, "so-a").timeliness == Timeliness.MISSING


def test_arrival_within_the_extension_is_extended_and_after_it_late(world: World) -> None:
    for unit in ("so-a", "so-b"):
        extend(world, unit)
    submit(world, "so-a", dt.datetime(2026, 12, 18, 16, tzinfo=clock.LOCAL))
    submit(world, "so-b", dt.datetime(2026, 12, 20, 9, tzinfo=clock.LOCAL))
    with clock.at(dt.datetime(2026, 12, 20, 10, tzinfo=clock.LOCAL)):
        assert line(world, "so-a").chip["text"] == "Được gia hạn, gửi 18/12"
        assert line(world, "so-b").chip["text"] == "Trễ hạn 2 ngày"
        assert standing(world, "so-b").timeliness == Timeliness.LATE


def test_unit_that_was_given_up_is_missing_and_says_so(world: World) -> None:
    for unit in ("so-b", "huyen-c"):
        submit(world, unit, factories.WORKDAY)
    actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=True, by=world.home_affairs)
    found = line(world, "so-a")
    assert found.standing.timeliness == Timeliness.MISSING
    assert found.chip["text"] == "Quá hạn, không nộp hồ sơ"
    assert [cell.state for cell in found.cells] == ["mute", "mute", "mute", "late", "mute", "mute", "mute"]


def test_steps_before_are_done_and_those_after_not_yet(world: World) -> None:
    world.to(Stage.APPROVING)
    cells = line(world, "so-a").cells
    assert [cell.state for cell in cells] == ["ok", "ok", "ok", "info", "mute", "mute", "mute"]
    assert cells[3].text == "chờ duyệt"


def test_step_is_near_its_deadline_within_seven_days(world: World) -> None:
    with clock.at(dt.datetime(2026, 12, 6, 23, tzinfo=clock.LOCAL)):
        assert line(world, "so-a").cells[0].state == "info"
    with clock.at(dt.datetime(2026, 12, 7, tzinfo=clock.LOCAL)):
        assert line(world, "so-a").cells[0].state == "soon"


def test_appraisal_step_is_judged_by_the_date_of_the_appraisal(world: World) -> None:
    world.to(Stage.APPRAISING)
    with clock.at(dt.datetime(2026, 12, 20, tzinfo=clock.LOCAL)):
        assert line(world, "so-a").cells[4].state == "info"
    with clock.at(dt.datetime(2026, 12, 30, tzinfo=clock.LOCAL)):
        assert line(world, "so-a").cells[4].state == "late"


def test_share_of_done_criteria_is_that_of_the_dossier(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    officer = world.officer["so-a"]
    done = Entry({"met": "có"}, explanation="Theo quyết định số 5.")
    save_score(world.score("1.1.1"), done, version=0, by=officer)
    save_score(world.score("1.1.2"), Entry({"a": "3", "b": "4"}), version=0, by=officer)
    save_score(world.score("2.1.1"), Entry({"count": "0"}), version=0, by=officer)
    found = line(world, "so-a").counts.own
    assert found == progress(own_scores(world.dossier()))
    assert (found.done, found.total) == (2, 3)
    assert line(world, "so-a").cells[1].text == "66 %"


def test_document_counts_as_proof(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    officer = world.officer["so-a"]
    saved = save_score(world.score("1.1.1"), Entry({"met": "có"}), version=0, by=officer)
    assert line(world, "so-a").counts.own.done == 0
    version = factories.document(world.units["so-a"], by=officer)
    saved.evidence.create(version=version, added_by=officer, added_at=clock.now())
    assert line(world, "so-a").counts.own.done == 1


# The page


def url(world: World, name: str = "monitor") -> str:
    return reverse(name, args=[world.cycle.pk])


def units_of(response: Any) -> list[str]:
    return [row.standing.unit for row in response.context["lines"]]


@pytest.mark.parametrize("person", ["home_affairs", "secretary", "chair", "province"])
def test_monitor_opens_for_those_who_watch(world: World, person: str) -> None:
    assert signed_in(getattr(world, person)).get(url(world)).status_code == 200


@pytest.mark.parametrize("person", ["appraiser", "investigator"])
def test_monitor_is_not_found_for_others(world: World, person: str) -> None:
    assert signed_in(getattr(world, person)).get(url(world)).status_code == 404
    assert signed_in(world.coordinator["so-a"]).get(url(world)).status_code == 404


def test_tiles_count_every_state_and_lead_to_its_units(world: World) -> None:
    submit(world, "so-a", factories.WORKDAY)
    extend(world, "so-b")
    client = signed_in(world.home_affairs)
    with clock.at(TOO_LATE):
        tiles = {tile["key"]: tile for tile in client.get(url(world)).context["tiles"]}
        assert {key: tile["value"] for key, tile in tiles.items()} == {
            "": 3,
            "on_time": 1,
            "late": 0,
            "extended": 1,
            "missing": 1,
            "pending": 0,
            "tre": 0,
        }
        shown = client.get(url(world) + tiles["missing"]["url"])
    assert units_of(shown) == ["UBND huyện Lệ Thủy"]


def test_filters_stand_in_the_address_and_wrong_ones_show_everything(world: World) -> None:
    client = signed_in(world.home_affairs)
    group = world.units["huyen-c"].group_id
    one = client.get(url(world), {"khoi": group})
    assert units_of(one) == ["UBND huyện Lệ Thủy"]
    assert "1 trong 1 đơn vị" in one.content.decode()
    for wrong in ({"khoi": "x"}, {"khoi": "999999"}, {"tinh_trang": "bad"}):
        assert len(units_of(client.get(url(world), wrong))) == 3


def test_page_refreshes_itself_with_its_own_filter(world: World) -> None:
    page = signed_in(world.home_affairs).get(url(world), {"tinh_trang": "pending"}).content.decode()
    assert f'hx-get="{url(world)}?tinh_trang=pending"' in page
    assert 'hx-trigger="every 60s, refresh"' in page


def test_only_who_manages_is_offered_an_extension(world: World) -> None:
    link = reverse("extend", args=[world.cycle.pk, world.units["so-a"].pk])
    assert link in signed_in(world.home_affairs).get(url(world)).content.decode()
    assert link not in signed_in(world.province).get(url(world)).content.decode()


def test_monitor_shows_no_contents_of_a_dossier(world: World) -> None:
    world.to(Stage.CHECKING)
    page = signed_in(world.home_affairs).get(url(world)).content.decode()
    assert "Theo báo cáo số 12." not in page


@pytest.mark.parametrize(
    ("page", "queries"),
    [("monitor", 24), ("monitor-waiting", 17), ("monitor-ranking", 14), ("monitor-plan", 15), ("monitor-letter", 16)],
)
def test_pages_ask_the_same_number_of_queries_for_one_and_three_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, page: str, queries: int
) -> None:
    client = signed_in(world.home_affairs)
    extend(world, "so-a")
    gather()
    client.get(url(world, page))
    with django_assert_num_queries(queries):
        client.get(url(world, page))
    for unit in ("so-b", "huyen-c"):
        Dossier.objects.filter(pk=world.dossiers[unit].pk).update(cycle=factories.world().cycle)
    with django_assert_num_queries(queries):
        client.get(url(world, page))


def test_page_asks_the_same_number_of_queries_on_every_page_of_its_list(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor_views, "PER_PAGE", 2)
    client = signed_in(world.home_affairs)
    gather()
    client.get(url(world))
    for page, units in (("1", ["Sở Nội vụ", "Sở Tư pháp"]), ("2", ["UBND huyện Lệ Thủy"])):
        with django_assert_num_queries(24):
            assert units_of(client.get(url(world), {"page": page})) == units


def test_refresh_brings_the_parts_alone(world: World) -> None:
    client = signed_in(world.home_affairs)
    parts = client.get(url(world), headers={"HX-Request": "true"}).content.decode()
    whole = client.get(url(world)).content.decode()
    for part in ("live-time", "live-kpis", "live-needs", "live-units", "live-burnup"):
        assert f'id="{part}"' in parts
        assert f'id="{part}"' in whole
    assert "<form" not in parts
    assert "<html" not in parts


def test_filter_finds_units_without_marks_and_by_step(world: World) -> None:
    world.to(Stage.SELF_ASSESSING, "so-b")
    client = signed_in(world.home_affairs)
    assert units_of(client.get(url(world), {"tim": "le thuy"})) == ["UBND huyện Lệ Thủy"]
    assert units_of(client.get(url(world), {"buoc": "2"})) == ["Sở Tư pháp"]


def test_list_is_sorted_as_asked(world: World) -> None:
    world.to(Stage.CHECKING, "so-b")
    gather()
    client = signed_in(world.home_affairs)
    assert units_of(client.get(url(world), {"sap_xep": "ten"})) == ["Sở Nội vụ", "Sở Tư pháp", "UBND huyện Lệ Thủy"]
    assert units_of(client.get(url(world), {"sap_xep": "tien-do"}))[-1] == "Sở Tư pháp"


def test_one_wrong_field_of_the_filter_leaves_the_others(world: World) -> None:
    client = signed_in(world.home_affairs)
    assert units_of(client.get(url(world), {"khoi": "x", "tim": "tu phap"})) == ["Sở Tư pháp"]


def test_standings_judge_as_the_rule_of_one_dossier_does(world: World) -> None:
    extend(world, "so-a")
    submit(world, "so-b", LAST)
    for instant in (LAST, TOO_LATE, dt.datetime(2026, 12, 19, tzinfo=clock.LOCAL)):
        with clock.at(instant):
            for unit in ("so-a", "so-b", "huyen-c"):
                dossier = world.dossier(unit)
                assert standing(world, unit).timeliness == dossier_timeliness(dossier, extension_of(dossier))
                assert standing(world, unit).deadline == submission_deadline(dossier, extension_of(dossier))


def test_withdrawn_extension_counts_no_more(world: World) -> None:
    extend(world, "so-a")
    actions.withdraw_extension(world.cycle, world.units["so-a"], reason="Hết lý do.", by=world.home_affairs)
    with clock.at(TOO_LATE):
        assert standing(world, "so-a").timeliness == Timeliness.MISSING
        assert standing(world, "so-a").extended_until is None


def test_burn_up_counts_each_criterion_on_the_day_it_was_first_done(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    world.fill()
    gather()
    chart = burn_up(world.cycle, standings(world.cycle), None)
    assert (chart.done, chart.total, chart.recent, chart.percent) == (3, 9, 3, 33)
    assert [day.done for day in chart.days if day.on == clock.today()] == [3]
    own = world.units["huyen-c"].group_id
    district = [row for row in standings(world.cycle) if row.group_id == own]
    assert burn_up(world.cycle, district, own).done == 0


def test_person_with_two_roles_sees_the_monitor_by_either(world: World) -> None:
    access.grant(Role.HOME_AFFAIRS, world.coordinator["so-a"], world.cycle)
    assert signed_in(world.coordinator["so-a"]).get(url(world)).status_code == 200
