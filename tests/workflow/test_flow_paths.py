"""The paths of a dossier and of a cycle through their flows."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from viewflow.workflow.lock import SelectForUpdateLock
from viewflow.workflow.models import Process, Task
from viewflow.workflow.nodes import View
from viewflow.workflow.status import STATUS

from assessments.errors import Incomplete, WrongStage
from assessments.ledger import broken
from assessments.models import Cycle, LedgerEntry
from assessments.services.appraisal import Wanted, appraise
from assessments.services.scores import Entry, save_score
from assessments.stages import CYCLE_TRANSITIONS, TRANSITIONS, CycleStage, Stage
from plans.reporting import TRANSITIONS as REPORT_TRANSITIONS
from plans.reporting import State
from results.table import result_table
from survey.services import expected_lines, import_results
from survey.workbook import template
from tests import factories
from tests.factories import World, appraiser_of
from units import clock
from workflow import actions, engine
from workflow.engine import AlreadyDone, open_item
from workflow.flows import CycleFlow, DossierFlow, PlanTaskFlow
from workflow.models import WorkItem
from workflow.nodes import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield factories.world().open()


def merge_survey(world: World, points: str = "0.8") -> None:
    lines = expected_lines(world.cycle)
    book = template(lines, {(line.unit_id, line.criterion_id): (Decimal(points), 80) for line in lines})
    import_results(world.cycle, io.BytesIO(book), filename="diem.xlsx", by=world.home_affairs)
    actions.merge_survey(open_item(world.cycle, "cycle.merge_survey"), by=world.home_affairs)


def open_nodes(world: World, unit: str = "so-a") -> list[str]:
    found = WorkItem.objects.filter(dossier=world.dossiers[unit], done_at=None).order_by("pk")
    return [item.node for item in found]


def test_straight_path_ends_concluded_and_waits_for_the_survey(world: World) -> None:
    dossier = world.to(Stage.CONCLUDED)
    assert open_nodes(world) == []
    waiting = Task.objects.get(flow_task=DossierFlow.wait_survey, process__artifact_object_id=dossier.pk)
    assert waiting.status == STATUS.NEW


def test_each_step_opens_exactly_one_next_task(world: World) -> None:
    assert open_nodes(world) == ["dossier.assign"]
    world.to(Stage.SELF_ASSESSING)
    assert open_nodes(world) == ["dossier.self_assess", "dossier.self_assess"]
    world.to(Stage.CHECKING)
    assert open_nodes(world) == ["dossier.check"]
    world.to(Stage.APPROVING)
    assert open_nodes(world) == ["dossier.approve"]
    world.to(Stage.READY)
    assert open_nodes(world) == ["dossier.submit"]
    world.to(Stage.APPRAISING)
    assert open_nodes(world) == ["dossier.appraise", "dossier.appraise"]
    world.to(Stage.REVIEWING)
    assert open_nodes(world) == ["dossier.review"]
    world.to(Stage.RESPONDING)
    assert open_nodes(world) == ["dossier.respond"]


def test_returned_by_head_goes_back_to_the_coordinator_and_up_again(world: World) -> None:
    world.to(Stage.APPROVING)
    actions.return_to_coordinator(world.item("approve"), comment="Rà lại lĩnh vực 2.", by=world.head["so-a"])
    assert world.dossier().stage == Stage.CHECKING
    assert open_nodes(world) == ["dossier.check"]
    note = world.dossier().notes.get()
    assert (note.body, note.author) == ("Rà lại lĩnh vực 2.", world.head["so-a"])
    actions.send_to_head(world.item("check"), by=world.coordinator["so-a"])
    actions.approve(world.item("approve"), by=world.head["so-a"])
    assert world.dossier().stage == Stage.READY


def test_sent_back_domain_reopens_only_that_domain(world: World) -> None:
    world.to(Stage.CHECKING)
    actions.send_back(world.item("check"), [world.domain("2")], comment="Thiếu trang.", by=world.coordinator["so-a"])
    item = world.item("self_assess")
    assert (item.domain, item.owner) == (world.domain("2"), world.officer["so-a"])
    actions.finish_self_assessment(item, by=world.officer["so-a"])
    assert open_nodes(world) == ["dossier.check"]


def ask(world: World, code: str) -> None:
    actions.request_supplement(
        world.item("review"),
        {world.score(code).pk: "Bổ sung văn bản."},
        due_on=clock.today() + dt.timedelta(days=2),
        by=world.secretary,
    )


def test_two_supplement_rounds_reopen_only_what_was_asked(world: World) -> None:
    world.to(Stage.REVIEWING)
    for round_number, code in enumerate(("1.1.2", "2.1.1"), start=2):
        ask(world, code)
        assert open_nodes(world) == ["dossier.supplement"]
        other = "2.1.1" if code == "1.1.2" else "1.1.2"
        locked = world.score(other)
        with pytest.raises(WrongStage):
            save_score(locked, Entry({}, explanation="x"), version=locked.version, by=world.officer["so-a"])
        asked = world.score(code)
        figures = {"a": "4", "b": "4"} if code == "1.1.2" else {"count": "6"}
        save_score(asked, Entry(figures, explanation="Đã bổ sung."), version=asked.version, by=world.officer["so-a"])
        actions.answer_supplement(world.item("supplement"), by=world.coordinator["so-a"])
        assert world.dossier().appraisal_pass == round_number
        item = world.item("appraise")
        assert item.domain == world.domain(code[0])
        assert world.score(code).appraised_at is None
        assert world.score(other).appraised_at is not None
        fresh = world.score(code)
        by = appraiser_of(world, "so-a")
        appraise(fresh, "", reason="", version=fresh.appraised_version, by=by)
        actions.finish_domain(item, by=by)
        assert open_nodes(world) == ["dossier.review"]
    actions.finish_review(world.item("review"), by=world.secretary)
    assert world.dossier().stage == Stage.RESPONDING


def test_appeal_is_heard_and_changes_the_points(world: World) -> None:
    world.to(Stage.APPRAISING)
    score = world.score("1.1.2")
    by = appraiser_of(world, "so-a")
    appraise(score, "1,5", reason="Thiếu minh chứng.", version=0, by=by)
    world.to(Stage.RESPONDING)
    actions.respond(world.item("respond"), [Wanted(score.pk, "3", "Đã gửi kèm báo cáo.")], by=world.coordinator["so-a"])
    assert world.dossier().stage == Stage.HEARING
    appeal = world.score("1.1.2").appeal
    actions.decide_appeals(world.item("hear"), {appeal.pk: ("2,5", "Chấp nhận một phần.")}, by=world.secretary)
    fresh = world.score("1.1.2")
    assert (fresh.self_points, fresh.appraised_points) == (Decimal("3"), Decimal("2.5"))
    assert fresh.appraised_reason == "Sau kiến nghị: Chấp nhận một phần."
    assert world.dossier().stage == Stage.CONCLUDED


def test_no_appeals_in_the_cycle_concludes_at_once() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(appeals=False).open()
        world.to(Stage.REVIEWING)
        actions.finish_review(world.item("review"), by=world.secretary)
        assert world.dossier().stage == Stage.CONCLUDED


def test_survey_before_conclusion_makes_the_dossier_final_at_once(world: World) -> None:
    merge_survey(world)
    world.to(Stage.RESPONDING)
    actions.respond(world.item("respond"), [], by=world.coordinator["so-a"])
    assert world.dossier().stage == Stage.FINAL


def test_survey_after_conclusion_finishes_the_waiting_dossiers(world: World) -> None:
    world.to(Stage.CONCLUDED)
    merge_survey(world)
    assert world.dossier().stage == Stage.FINAL
    assert world.score("2.1.2").survey_points == Decimal("0.8")
    assert Process.objects.get(flow_class=DossierFlow, artifact_object_id=world.dossier().pk).status == "DONE"


def test_no_survey_in_the_cycle_does_not_wait() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(has_survey=False).open()
        world.to(Stage.RESPONDING)
        actions.respond(world.item("respond"), [], by=world.coordinator["so-a"])
        assert world.dossier().stage == Stage.FINAL
        assert not WorkItem.objects.filter(node="cycle.merge_survey").exists()


def finish_all(world: World) -> None:
    for unit in world.units:
        world.to(Stage.CONCLUDED, unit)


def test_whole_cycle_to_publication(world: World) -> None:
    finish_all(world)
    merge_survey(world)
    cycle = Cycle.objects.get(pk=world.cycle.pk)
    assert cycle.stage == CycleStage.COLLECTING
    actions.close_collection(open_item(cycle, "cycle.collect"), give_up_missing=False, by=world.home_affairs)
    actions.conclude_cycle(open_item(cycle, "cycle.council_concludes"), by=world.chair)
    actions.propose(open_item(cycle, "cycle.propose"), note="", by=world.home_affairs)
    actions.decide(open_item(cycle, "cycle.decide"), approved=False, comment="Bổ sung.", by=world.province)
    actions.propose(open_item(cycle, "cycle.propose"), note="Đã bổ sung.", by=world.home_affairs)
    actions.decide(open_item(cycle, "cycle.decide"), approved=True, comment="", by=world.province)
    actions.publish(
        open_item(cycle, "cycle.publish"),
        decision_number="05/QĐ-UBND",
        decided_on=clock.today(),
        signer="Trần Văn Thắng",
        by=world.home_affairs,
    )
    cycle.refresh_from_db()
    assert cycle.stage == CycleStage.PUBLISHED
    assert cycle.publication.proposal.number == 2
    departments = result_table(cycle)[0]
    assert [(row.index, row.rank, row.tied) for row in departments.units] == [
        (Decimal("83"), 1, True),
        (Decimal("83"), 1, True),
    ]
    assert Process.objects.get(flow_class=CycleFlow, artifact_object_id=cycle.pk).status == "DONE"
    for chain in LedgerEntry.objects.values_list("chain", flat=True).distinct():
        assert list(broken(chain)) == []


def test_units_that_never_sent_are_given_up_only_on_confirmation(world: World) -> None:
    for unit in ("so-a", "so-b"):
        world.to(Stage.CONCLUDED, unit)
    merge_survey(world)
    item = open_item(world.cycle, "cycle.collect")
    with pytest.raises(Exception, match="UBND huyện Lệ Thủy"):
        actions.close_collection(item, give_up_missing=False, by=world.home_affairs)
    assert world.dossier("huyen-c").stage == Stage.ASSIGNING
    actions.close_collection(item, give_up_missing=True, by=world.home_affairs)
    assert world.dossier("huyen-c").stage == Stage.NOT_SUBMITTED
    assert open_nodes(world, "huyen-c") == []
    assert Cycle.objects.get(pk=world.cycle.pk).stage == CycleStage.CONCLUDING


def test_second_completion_of_a_task_changes_nothing(world: World) -> None:
    world.to(Stage.APPROVING)
    item = world.item("approve")
    actions.approve(item, by=world.head["so-a"])
    with pytest.raises(AlreadyDone, match="đã hoàn thành việc này"):
        actions.return_to_coordinator(item, comment="Khoan.", by=world.head["so-a"])
    assert world.dossier().stage == Stage.READY


def test_refused_service_leaves_the_task_open(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    for code in ("1", "2"):
        actions.finish_self_assessment(world.item("self_assess", domain__code=code), by=world.officer["so-a"])
    with pytest.raises(Incomplete) as refused:
        actions.send_to_head(world.item("check"), by=world.coordinator["so-a"])
    assert [gap.code for gap in refused.value.gaps] == ["1.1.1", "1.1.2", "2.1.1"]
    assert open_nodes(world) == ["dossier.check"]


def test_bulk_start_writes_the_same_rows_as_starting_one_by_one(world: World) -> None:
    dossier = world.dossier()
    bulk = Task.objects.filter(process__artifact_object_id=dossier.pk, process__flow_class=DossierFlow)
    started = DossierFlow.start.run(dossier=dossier)
    single = Task.objects.filter(process=started)
    fields = (
        "flow_task",
        "flow_task_type",
        "status",
        "token",
        "owner_permission",
        "owner_permission_obj_pk",
        "owner_permission_content_type",
    )
    ours = list(bulk.exclude(process=started).order_by("pk").values_list(*fields))
    assert ours == list(single.order_by("pk").values_list(*fields))
    assert [task.previous.count() for task in bulk.exclude(process=started).order_by("pk")] == [0, 1]
    assert (
        WorkItem.objects.get(task=single.get(flow_task=DossierFlow.assign)).due_at
        == world.item("assign", task__in=bulk.exclude(process=started)).due_at
    )


def test_flows_use_a_row_lock() -> None:
    for flow_class in (CycleFlow, DossierFlow, PlanTaskFlow):
        assert isinstance(flow_class.lock_impl, SelectForUpdateLock)
        assert flow_class.lock_impl.nowait is False


def test_human_steps_all_ask_for_a_permission() -> None:
    for flow_class in (CycleFlow, DossierFlow, PlanTaskFlow):
        for node in flow_class.instance.nodes():
            if isinstance(node, View):
                assert isinstance(node, Step)
                assert node._owner_permission.endswith(f".{node.perm.value}")


def test_node_names_are_frozen() -> None:
    """Running processes store these names: renaming one would lose its tasks."""
    assert sorted(CycleFlow._nodes_by_name) == [
        "appraised", "begin_conclusion", "collect", "council_concludes", "decide", "end", "gather", "is_approved",
        "merge_survey", "open", "propose", "publish", "running", "start",
    ]  # fmt: skip
    assert sorted(DossierFlow._nodes_by_name) == [
        "all_appraised", "all_assessed", "appraise", "approve", "assign", "check", "end", "finish", "hand_out", "hear",
        "hold", "is_checked", "is_contested", "is_head_content", "is_held", "is_more_asked", "is_second_round",
        "is_survey_in", "is_taken_back", "may_contest", "respond",
        "review", "self_assess", "share_out", "start", "submit", "supplement", "wait_survey",
    ]  # fmt: skip
    assert sorted(PlanTaskFlow._nodes_by_name) == ["end", "is_accepted", "is_sent", "report", "start", "verify"]


# At which stage the dossier or cycle stands while a human step is open.
DOSSIER_STAGES = {
    "assign": Stage.ASSIGNING,
    "self_assess": Stage.SELF_ASSESSING,
    "check": Stage.CHECKING,
    "approve": Stage.APPROVING,
    "submit": Stage.READY,
    "hold": Stage.SUBMITTED,
    "appraise": Stage.APPRAISING,
    "review": Stage.REVIEWING,
    "supplement": Stage.SUPPLEMENTING,
    "respond": Stage.RESPONDING,
    "hear": Stage.HEARING,
    "wait_survey": Stage.CONCLUDED,
    "end": Stage.FINAL,
}
CYCLE_STAGES = {
    "open": CycleStage.DRAFT,
    "running": CycleStage.COLLECTING,
    "appraised": CycleStage.APPRAISING,
    "council_concludes": CycleStage.CONCLUDING,
    "propose": CycleStage.PROPOSING,
    "decide": CycleStage.DECIDING,
    "publish": CycleStage.PUBLISHING,
    "end": CycleStage.PUBLISHED,
}


def moves(flow_class: type, stages: dict[str, object]) -> set[tuple[object, object]]:
    """The stage changes that the edges of a flow allow: from each step to the next steps behind its gateways."""
    found = set()
    for name, stage in stages.items():
        seen: set[str] = set()
        ahead = [edge.dst for edge in flow_class.instance.node(name)._outgoing()]
        while ahead:
            node = ahead.pop()
            if node.name in stages:
                found.add((stage, stages[node.name]))
            elif node.name not in seen:
                seen.add(node.name)
                ahead += [edge.dst for edge in node._outgoing()]
    return {(source, target) for source, target in found if source != target}


def test_dossier_flow_and_transitions_agree() -> None:
    ours = moves(DossierFlow, DOSSIER_STAGES)
    listed = {(source, target) for source, target in TRANSITIONS if target != Stage.NOT_SUBMITTED}
    # a review, an answer or a hearing passes "concluded" even where the survey is in and the dossier is final
    through = {(Stage.REVIEWING, Stage.FINAL), (Stage.RESPONDING, Stage.FINAL), (Stage.HEARING, Stage.FINAL)}
    # a dossier without anything to fill or to appraise skips the fan-out; services always open at least one
    empty = {
        (Stage.ASSIGNING, Stage.CHECKING),
        (Stage.RESPONDING, Stage.REVIEWING),
        (Stage.READY, Stage.REVIEWING),
        (Stage.SUBMITTED, Stage.REVIEWING),
        (Stage.SUPPLEMENTING, Stage.REVIEWING),
    }
    assert ours - through - empty == listed
    assert {stage for pair in TRANSITIONS for stage in pair} == set(Stage)


def test_cycle_flow_and_transitions_agree() -> None:
    ours = moves(CycleFlow, CYCLE_STAGES)
    # the survey's branch does not change the cycle's stage by itself
    assert ours - {(CycleStage.COLLECTING, CycleStage.CONCLUDING)} == set(CYCLE_TRANSITIONS)


def test_report_flow_and_transitions_agree() -> None:
    """A body writes while its report is asked for or returned: one step, two states."""
    ours = moves(PlanTaskFlow, {"report": "writing", "verify": State.SENT, "end": State.ACCEPTED})
    writing = {State.ASKED: "writing", State.RETURNED: "writing"}
    assert ours == {(writing.get(source, source), writing.get(target, target)) for source, target in REPORT_TRANSITIONS}


def test_settle_twice_changes_nothing(world: World) -> None:
    world.to(Stage.CONCLUDED)
    merge_survey(world)
    before = Task.objects.count()
    engine.settle(world.cycle.pk)
    assert Task.objects.count() == before
