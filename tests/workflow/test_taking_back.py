"""Rút lại: once, before the unit's own deadline; afterwards the dossier goes to the council by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from assessments.arrivals import arrival_entry, withdrawals
from assessments.errors import InvalidInput, WrongStage
from assessments.ledger import broken, chain_of
from assessments.models import DomainAppraisal, LedgerEntry
from assessments.services import appraisal
from assessments.services.extensions import extend
from assessments.services.scores import Entry, save_score
from assessments.services.taking_back import begin_appraisal
from assessments.stages import Stage
from assessments.visibility import council_dossiers
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from workflow import actions, engine
from workflow.engine import open_item
from workflow.models import WorkItem
from workflow.monitor.lines import lines
from workflow.monitor.standings import standings

pytestmark = pytest.mark.django_db

UNIT = "so-a"
DEADLINE = dt.datetime(factories.YEAR, 12, 15, tzinfo=clock.LOCAL)
MOMENT = dt.timedelta(microseconds=1)


@pytest.fixture
def world() -> Iterator[World]:
    """A cycle that lets units take back; Sở Nội vụ has sent its dossier early."""
    with clock.at(factories.WORKDAY):
        made = factories.world(take_back=True).open()
        made.to(Stage.READY)
        actions.submit(made.item("submit"), by=made.coordinator[UNIT])
        yield made


def back(world: World, reason: str = "Nhầm số liệu tiêu chí 1.1.2.", arrived: dt.datetime | None = None) -> None:
    actions.take_back(world.dossier(), reason=reason, arrived=arrived, by=world.coordinator[UNIT])


def again(world: World) -> None:
    """From rà soát to sending once more."""
    actions.send_to_head(world.item("check"), by=world.coordinator[UNIT])
    actions.approve(world.item("approve"), by=world.head[UNIT])
    actions.submit(world.item("submit"), by=world.coordinator[UNIT])


def open_nodes(world: World) -> list[str]:
    found = WorkItem.objects.filter(dossier=world.dossiers[UNIT], done_at=None).order_by("pk")
    return [item.node for item in found]


def test_early_dossier_waits_for_its_deadline(world: World) -> None:
    dossier = world.dossier()
    assert (dossier.stage, dossier.submitted_at, dossier.appraisal_pass) == (Stage.SUBMITTED, clock.now(), 0)
    assert (open_nodes(world), DomainAppraisal.objects.count()) == ([], 0)
    assert [row.pk for row in council_dossiers(world.second_appraiser)] == [dossier.pk]
    rows = [row for row in standings(world.cycle) if row.dossier == dossier.pk]
    (line,) = lines(world.cycle, rows)
    assert [(cell.state, cell.text) for cell in line.cells][3:5] == [("ok", ""), ("info", "đã gửi")]


def test_without_the_setting_it_goes_straight_to_the_council() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world().open()
        world.to(Stage.APPRAISING)
        with pytest.raises(WrongStage):
            back(world)
    assert world.dossier().stage == Stage.APPRAISING


def test_late_dossier_goes_straight_to_the_council() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(take_back=True).open()
        world.to(Stage.READY)
    with clock.at(DEADLINE):
        actions.submit(world.item("submit"), by=world.coordinator[UNIT])
        assert world.dossier().stage == Stage.APPRAISING


def test_taking_back_clears_approval_and_sending_and_keeps_them_in_the_ledger(world: World) -> None:
    sent, receipt = world.dossier(), arrival_entry(world.dossier())
    assert receipt is not None
    back(world)
    dossier = world.dossier()
    assert dossier.stage == Stage.CHECKING
    assert (dossier.submitted_at, dossier.submitted_by, dossier.approved_at, dossier.approved_by) == (None,) * 4
    assert open_nodes(world) == ["dossier.check"]
    (found,) = withdrawals(dossier)
    assert (found.submitted_at, found.submitted_by) == (sent.submitted_at, world.coordinator[UNIT])
    assert (found.approved_at, found.approved_by) == (sent.approved_at, world.head[UNIT])
    assert (found.receipt, found.reason, found.at) == (receipt.hash, "Nhầm số liệu tiêu chí 1.1.2.", clock.now())
    assert list(broken(chain_of(dossier))) == []
    assert list(council_dossiers(world.second_appraiser)) == []


def test_taken_back_dossier_is_mended_and_sent_again(world: World) -> None:
    back(world)
    score = world.score("1.1.2")
    save_score(score, Entry({"a": "4", "b": "4"}, explanation="Đã sửa."), version=score.version, by=world.officer[UNIT])
    again(world)
    assert world.dossier().stage == Stage.SUBMITTED
    with pytest.raises(WrongStage, match="Đơn vị đã rút lại hồ sơ một lần"):
        back(world)
    assert world.dossier().stage == Stage.SUBMITTED
    with clock.at(DEADLINE):
        engine.settle(world.cycle.pk)
    assert open_nodes(world) == ["dossier.appraise", "dossier.appraise"]


def test_taking_back_needs_a_reason_and_the_right(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        back(world, reason="  ")
    assert caught.value.errors == {"reason": "Hãy ghi lý do rút lại để Sở Nội vụ biết."}
    with pytest.raises(NotAllowed):
        actions.take_back(world.dossier(), reason="Nhầm.", by=world.officer[UNIT])
    with pytest.raises(NotAllowed):
        actions.take_back(world.dossier(), reason="Nhầm.", by=world.coordinator["so-b"])
    assert world.dossier().stage == Stage.SUBMITTED


@pytest.mark.parametrize(("moment", "stage"), [(DEADLINE - MOMENT, Stage.CHECKING), (DEADLINE, Stage.SUBMITTED)])
def test_last_moment_of_taking_back(world: World, moment: dt.datetime, stage: Stage) -> None:
    with clock.at(moment):
        if stage == Stage.SUBMITTED:
            with pytest.raises(WrongStage, match="Đã hết hạn gửi hồ sơ"):
                back(world)
        else:
            back(world)
    assert world.dossier().stage == stage


def test_arrival_of_the_request_decides(world: World) -> None:
    with clock.at(DEADLINE + dt.timedelta(seconds=2)):
        back(world, arrived=DEADLINE - MOMENT)
    assert world.dossier().stage == Stage.CHECKING


@pytest.mark.parametrize(("moment", "stage"), [(DEADLINE - MOMENT, Stage.SUBMITTED), (DEADLINE, Stage.APPRAISING)])
def test_sweep_sends_it_on_at_the_deadline(world: World, moment: dt.datetime, stage: Stage) -> None:
    with clock.at(moment):
        engine.settle(world.cycle.pk)
        engine.settle(world.cycle.pk)
    assert world.dossier().stage == stage
    assert open_nodes(world) == (["dossier.appraise"] * 2 if stage == Stage.APPRAISING else [])


@pytest.mark.parametrize(
    ("moment", "stage"), [(DEADLINE, Stage.SUBMITTED), (DEADLINE + dt.timedelta(days=5), Stage.APPRAISING)]
)
def test_extension_moves_the_moment(moment: dt.datetime, stage: Stage) -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(take_back=True).open()
        until = dt.date(factories.YEAR, 12, 19)
        extend(world.cycle, [world.units[UNIT]], until=until, reason="Lũ.", by=world.home_affairs)
        world.to(Stage.READY)
        actions.submit(world.item("submit"), by=world.coordinator[UNIT])
    with clock.at(moment):
        engine.settle(world.cycle.pk)
    assert world.dossier().stage == stage


def test_begin_appraisal_is_refused_while_it_can_be_taken_back(world: World) -> None:
    with pytest.raises(WrongStage, match="còn được rút lại"):
        begin_appraisal(world.dossier())


def test_closing_collection_sends_it_on(world: World) -> None:
    actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=True, by=world.home_affairs)
    assert world.dossier().stage == Stage.APPRAISING
    assert LedgerEntry.objects.filter(dossier=world.dossier(), action="stage").latest("seq").actor is None
    with pytest.raises(WrongStage):
        back(world)


def test_nobody_appraises_a_dossier_that_waits(world: World) -> None:
    score = world.score("1.1.1")
    with pytest.raises(WrongStage):
        appraisal.appraise(score, "", reason="", version=0, by=world.second_appraiser)
    assert access.unit_ids(world.second_appraiser) == frozenset()
