"""The last moment of a deadline, whatever the zone of the machine: from the request to receipt and monitor."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from assessments.deadlines import dossier_timeliness, extension_of
from assessments.stages import Stage
from plans.calendar import Timeliness
from plans.models import Milestone
from tests.factories import YEAR, World
from units import clock
from workflow import actions
from workflow.monitor.standings import standings

from .conftest import SignIn

pytestmark = pytest.mark.django_db

MICRO = dt.timedelta(microseconds=1)
END = dt.datetime(YEAR, 12, 15, tzinfo=clock.LOCAL)
EXTENDED_END = dt.datetime(YEAR, 12, 19, tzinfo=clock.LOCAL)
PROCESSING = dt.timedelta(seconds=4)


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Asia/Ho_Chi_Minh"], autouse=True)
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The C library and Python live in another zone for the length of a test."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def send(world: World, client: Client, *, stamped: dt.datetime, settings: Settings) -> str:
    """The proxy stamps the request, the server looks at it four seconds later; the words on the receipt."""
    settings.ARRIVAL_HEADER = "X-Arrived"
    with clock.at(stamped + PROCESSING):
        client.post(reverse("submit", args=[world.dossier().pk]), headers={"X-Arrived": f"t={stamped.timestamp():.6f}"})
        assert world.dossier().submitted_at == stamped
        return client.get(reverse("receipt", args=[world.dossier().pk])).content.decode()


def on_monitor(world: World) -> Timeliness:
    line = next(row for row in standings(world.cycle) if row.unit_id == world.units["so-a"].pk)
    assert line.timeliness == dossier_timeliness(world.dossier(), extension_of(world.dossier()))
    return line.timeliness


@pytest.fixture
def ready(world: World) -> World:
    world.to(Stage.READY)
    return world


@pytest.mark.parametrize(
    ("stamped", "inclusive", "expected"),
    [
        (END - MICRO, False, Timeliness.ON_TIME),
        (END, False, Timeliness.LATE),
        (END, True, Timeliness.ON_TIME),
        (END + dt.timedelta(days=1) - MICRO, True, Timeliness.ON_TIME),
        (END + dt.timedelta(days=1), True, Timeliness.LATE),
    ],
)
def test_stamp_of_the_proxy_decides_at_the_last_moment(
    ready: World, as_user: SignIn, settings: Settings, stamped: dt.datetime, inclusive: bool, expected: Timeliness
) -> None:
    Milestone.objects.filter(plan=ready.cycle.plan, key="self_assessment").update(inclusive=inclusive)
    if hasattr(ready.cycle, "_milestones"):
        del ready.cycle._milestones
    client = as_user(ready.coordinator["so-a"])
    page = send(ready, client, stamped=stamped, settings=settings)
    assert expected.label in page
    with clock.at(stamped + PROCESSING):
        assert on_monitor(ready) == expected
        assert expected.label in client.get(reverse("dossiers")).content.decode()


@pytest.mark.parametrize(
    ("stamped", "expected"), [(EXTENDED_END - MICRO, Timeliness.EXTENDED), (EXTENDED_END, Timeliness.LATE)]
)
def test_end_of_an_extension_is_as_sharp(
    ready: World, as_user: SignIn, settings: Settings, stamped: dt.datetime, expected: Timeliness
) -> None:
    unit = ready.units["so-a"]
    actions.extend(ready.cycle, [unit], until=dt.date(YEAR, 12, 18), reason="Lũ.", by=ready.home_affairs)
    page = send(ready, as_user(ready.coordinator["so-a"]), stamped=stamped, settings=settings)
    assert expected.label in page
    with clock.at(stamped + PROCESSING):
        assert on_monitor(ready) == expected


@pytest.mark.parametrize(("now", "expected"), [(END - MICRO, Timeliness.PENDING), (END, Timeliness.MISSING)])
def test_nothing_sent_is_missing_from_the_first_instant_of_the_day(
    ready: World, now: dt.datetime, expected: Timeliness
) -> None:
    with clock.at(now):
        assert on_monitor(ready) == expected


def test_withdrawn_extension_leaves_the_plans_own_date(ready: World) -> None:
    unit = ready.units["so-a"]
    actions.extend(ready.cycle, [unit], until=dt.date(YEAR, 12, 18), reason="Lũ.", by=ready.home_affairs)
    with clock.at(END):
        assert on_monitor(ready) == Timeliness.EXTENDED
        actions.withdraw_extension(ready.cycle, unit, reason="Hết lũ.", by=ready.home_affairs)
        assert on_monitor(ready) == Timeliness.MISSING
