"""Which deadline holds for whom, and how a dossier stands against it."""

from __future__ import annotations

import datetime as dt

import pytest

from assessments.deadlines import dossier_timeliness, extension_of, legal_deadline, submission_deadline
from assessments.models import Dossier, Extension
from assessments.services.extensions import extend
from assessments.stages import Stage
from plans.calendar import Deadline, Timeliness
from plans.models import Milestone
from tests import factories
from tests.factories import World
from units import clock

YEAR = factories.YEAR
MICRO = dt.timedelta(microseconds=1)
LEGAL_END = dt.datetime(YEAR, 12, 15, tzinfo=clock.LOCAL)
EXTENDED_END = dt.datetime(YEAR, 12, 19, tzinfo=clock.LOCAL)


def grant(world: World, until: dt.date, *, unit: str = "so-a") -> Extension:
    made = extend(world.cycle, [world.units[unit]], until=until, reason="Bão số 9.", by=world.home_affairs)
    return made[0]


def state(dossier: Dossier, now: dt.datetime) -> Timeliness:
    with clock.at(now):
        return dossier_timeliness(dossier, extension_of(dossier))


def arrived(world: World, at: dt.datetime) -> Dossier:
    """The dossier as it stands after it arrived at `at`."""
    dossier = world.dossier()
    dossier.stage, dossier.approved_at, dossier.submitted_at = Stage.APPRAISING, at, at
    return dossier


def test_plan_date_is_strict_by_default(world: World) -> None:
    deadline = legal_deadline(world.cycle)
    assert deadline == Deadline(on=dt.date(YEAR, 12, 15))
    assert deadline.ends_at == dt.datetime(YEAR, 12, 14, 17, tzinfo=dt.UTC)


def test_milestone_may_be_inclusive(world: World) -> None:
    world.cycle.plan.milestones.filter(key=Milestone.Key.SELF_ASSESSMENT).update(inclusive=True)
    assert legal_deadline(world.dossier().cycle).ends_at == dt.datetime(YEAR, 12, 15, 17, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (LEGAL_END - MICRO, Timeliness.PENDING),
        (LEGAL_END, Timeliness.MISSING),
    ],
)
def test_open_dossier_is_pending_until_the_end_and_missing_from_it(
    world: World, now: dt.datetime, expected: Timeliness
) -> None:
    assert state(world.dossier(), now) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (LEGAL_END - MICRO, Timeliness.ON_TIME),
        (LEGAL_END, Timeliness.LATE),
    ],
)
def test_arrived_dossier_is_judged_by_its_arrival(world: World, at: dt.datetime, expected: Timeliness) -> None:
    assert state(arrived(world, at), LEGAL_END + dt.timedelta(days=30)) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (LEGAL_END - MICRO, Timeliness.ON_TIME),
        (LEGAL_END, Timeliness.EXTENDED),
        (EXTENDED_END - MICRO, Timeliness.EXTENDED),
        (EXTENDED_END, Timeliness.LATE),
    ],
)
def test_extension_covers_its_whole_last_day(world: World, at: dt.datetime, expected: Timeliness) -> None:
    grant(world, dt.date(YEAR, 12, 18))
    assert state(arrived(world, at), EXTENDED_END + dt.timedelta(days=30)) == expected


def test_open_dossier_with_extension_is_extended_then_missing(world: World) -> None:
    grant(world, dt.date(YEAR, 12, 18))
    assert state(world.dossier(), LEGAL_END - MICRO) == Timeliness.EXTENDED
    assert state(world.dossier(), EXTENDED_END - MICRO) == Timeliness.EXTENDED
    assert state(world.dossier(), EXTENDED_END) == Timeliness.MISSING
    assert state(world.dossier("so-b"), EXTENDED_END - MICRO) == Timeliness.MISSING


def test_dossier_that_was_given_up_is_missing(world: World) -> None:
    dossier = world.dossier()
    dossier.stage = Stage.NOT_SUBMITTED
    assert state(dossier, LEGAL_END - MICRO) == Timeliness.MISSING


def test_extension_granted_last_counts(world: World) -> None:
    grant(world, dt.date(YEAR, 12, 20))
    later = grant(world, dt.date(YEAR, 12, 18))
    assert extension_of(world.dossier()) == later
    assert submission_deadline(world.dossier(), later).ends_at == EXTENDED_END


def test_extension_belongs_to_its_unit(world: World) -> None:
    grant(world, dt.date(YEAR, 12, 18))
    assert extension_of(world.dossier("so-b")) is None
    assert submission_deadline(world.dossier("so-b"), None) == legal_deadline(world.cycle)


def test_extension_never_shortens_the_plan(world: World) -> None:
    """A plan that was moved on after the extension was granted counts for everybody."""
    extension = grant(world, dt.date(YEAR, 12, 16))
    world.cycle.plan.milestones.filter(key=Milestone.Key.SELF_ASSESSMENT).update(on=dt.date(YEAR, 12, 25))
    assert submission_deadline(world.dossier(), extension) == Deadline(on=dt.date(YEAR, 12, 25))
