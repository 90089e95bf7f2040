"""Several people at once: one wins, nothing is lost, nobody waits for ever, and every chain of the ledger holds."""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from viewflow.workflow.models import Process, Task

from assessments.errors import Conflict, WrongStage
from assessments.idempotency import new_key, once
from assessments.ledger import broken
from assessments.models import Cycle, Dossier, Extension, LedgerEntry, RepeatedWrite, Score
from assessments.moves import lock_cycle
from assessments.services.appraisal import accept_rest, appraise
from assessments.services.assignments import handed_version
from assessments.services.extensions import extend
from assessments.services.scores import Entry, save_score
from assessments.shares import assigned
from assessments.stages import CycleStage, Stage
from notifications.models import Notice
from notifications.sending import drain
from survey.models import SurveyImport, SurveyResult
from survey.services import expected_lines
from tests import factories
from tests.factories import World
from tests.services.smtp import SmtpServer
from units import access, clock
from units.models import User
from units.permissions import Role
from workflow import actions, engine
from workflow.engine import open_item
from workflow.flows import CycleFlow, DossierFlow
from workflow.models import WorkItem
from workflow.reminders import remind

pytestmark = pytest.mark.django_db(transaction=True)

UNIT = "so-a"


@pytest.fixture
def world() -> Iterator[World]:
    """A cycle that takes dossiers; afterwards no chain of its ledger may be broken."""
    with clock.at(factories.WORKDAY):
        made = factories.world().open()
        yield made
    assert [entry for chain in chains() for entry in broken(chain)] == []


def chains() -> list[str]:
    return list(LedgerEntry.objects.order_by().values_list("chain", flat=True).distinct())


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run each job in a thread and connection of its own, all from one moment; what each returned or raised."""
    barrier = threading.Barrier(len(jobs), timeout=60)

    def run(job: Callable[[], Any]) -> Any:
        try:
            with clock.at(factories.WORKDAY):
                connection.ensure_connection()
                barrier.wait()
                return job()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def kinds(results: Sequence[Any]) -> Counter[str]:
    """How often each outcome came: the name of an exception's class, or "ok"."""
    return Counter(type(result).__name__ if isinstance(result, Exception) else "ok" for result in results)


def finisher(item: WorkItem, by: User) -> Callable[[], None]:
    return lambda: actions.finish_domain(item, by=by)


def open_appraisals(world: World) -> list[WorkItem]:
    return list(
        WorkItem.objects.filter(dossier=world.dossiers[UNIT], node="dossier.appraise", done_at=None)
        .select_related("task", "dossier", "domain")
        .order_by("pk")
    )


# the last domains


def finish_last_domains_at_once(world: World, appraisers: Sequence[User]) -> None:
    """One race: every appraiser finishes one of the open domains; exactly one task for the secretary follows."""
    items = open_appraisals(world)
    assert len(items) == len(appraisers)
    for item, by in zip(items, appraisers, strict=True):
        accept_rest(item.dossier, item.domain, by=by)
    before = Task.objects.filter(flow_task=DossierFlow.review).count()
    results = at_once(*(finisher(item, by) for item, by in zip(items, appraisers, strict=True)))
    assert results == [None] * len(items)
    assert world.dossier().stage == Stage.REVIEWING
    assert Task.objects.filter(flow_task=DossierFlow.review).count() == before + 1
    assert Task.objects.filter(flow_task=DossierFlow.all_appraised).exclude(status="DONE").count() == 0
    assert [item.node for item in WorkItem.objects.filter(dossier=world.dossiers[UNIT], done_at=None)] == [
        "dossier.review"
    ]


def one_more_pass(world: World, codes: Sequence[str]) -> None:
    """Ask about one criterion of each domain and answer, so that the domains are open again."""
    actions.request_supplement(
        world.item("review"),
        {world.score(code).pk: "Bổ sung văn bản." for code in codes},
        due_on=clock.today(),
        by=world.secretary,
    )
    actions.answer_supplement(world.item("supplement"), by=world.coordinator[UNIT])


def test_last_two_domains_finished_at_once_give_one_next_task(world: World) -> None:
    world.to(Stage.APPRAISING)
    appraisers = [world.second_appraiser, factories.seat(world)]
    finish_last_domains_at_once(world, appraisers)
    one_more_pass(world, ["1.1.1", "2.1.1"])
    finish_last_domains_at_once(world, appraisers)


@pytest.mark.postgres
def test_last_domains_of_four_appraisers_finished_at_once_fifty_times_give_one_next_task() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(leaves=factories.LEAVES + factories.more_domains(2)).open()
        world.to(Stage.APPRAISING)
        appraisers = [world.second_appraiser, *(factories.seat(world) for _ in range(3))]
        finish_last_domains_at_once(world, appraisers)
        for _ in range(49):
            one_more_pass(world, ["1.1.1", "2.1.1", "3.1.1", "4.1.1"])
            finish_last_domains_at_once(world, appraisers)
    assert world.dossier().appraisal_pass == 50
    assert [entry for chain in chains() for entry in broken(chain)] == []


# one task, two people


def test_same_task_finished_by_two_people_at_once_is_done_once(world: World) -> None:
    world.to(Stage.APPROVING)
    deputy = factories.user()
    access.join(deputy, world.units[UNIT], Role.HEAD)
    item = world.item("approve")
    results = at_once(
        lambda: actions.approve(item, by=world.head[UNIT]),
        lambda: actions.return_to_coordinator(item, comment="Sửa lại.", by=deputy),
    )
    assert kinds(results) == {"ok": 1, "AlreadyDone": 1}
    approved = results[0] is None
    item.refresh_from_db()
    assert item.done_by == (world.head[UNIT] if approved else deputy)
    assert world.dossier().stage == (Stage.READY if approved else Stage.CHECKING)
    assert [i.node for i in WorkItem.objects.filter(dossier=world.dossiers[UNIT], done_at=None)] == [
        "dossier.submit" if approved else "dossier.check"
    ]


def test_sending_twice_at_once_sends_once(world: World) -> None:
    world.to(Stage.READY)
    item = world.item("submit")
    results = at_once(*[lambda: actions.submit(item, by=world.coordinator[UNIT])] * 3)
    assert kinds(results) == {"ok": 1, "AlreadyDone": 2}
    assert len(open_appraisals(world)) == 2
    assert world.dossier().appraisal_pass == 1


def test_unit_answers_while_its_window_is_closed(world: World) -> None:
    world.to(Stage.RESPONDING)
    item = world.item("respond")
    results = at_once(
        lambda: actions.respond(item, [], by=world.coordinator[UNIT]),
        lambda: actions.respond(item, [], by=None),
    )
    assert kinds(results) == {"ok": 1, "AlreadyDone": 1}
    assert world.dossier().stage == Stage.CONCLUDED


def test_cycle_is_opened_once_by_many(world: World) -> None:
    with clock.at(factories.WORKDAY):
        draft = factories.world()
    item = open_item(draft.cycle, "cycle.open")
    results = at_once(*[lambda: actions.open_cycle(item, by=draft.home_affairs)] * 4)
    assert kinds(results) == {"ok": 1, "AlreadyDone": 3}
    assert Dossier.objects.filter(cycle=draft.cycle).count() == 3
    assert WorkItem.objects.filter(cycle=draft.cycle, node="dossier.assign").count() == 3
    assert WorkItem.objects.filter(cycle=draft.cycle, node="cycle.collect").count() == 1


def test_repeated_write_under_one_key_has_one_effect(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    key, officer = new_key(), world.officer[UNIT]

    def write() -> dict[str, Any]:
        score = world.score("1.1.1")
        saved = save_score(score, Entry({"met": "có"}, explanation="Theo báo cáo."), version=0, by=officer)
        return {"version": saved.version}

    results = at_once(*[lambda: once(key, "save", by=officer, do=write)] * 4)
    assert results == [{"version": 1}] * 4
    assert RepeatedWrite.objects.count() == 1
    assert LedgerEntry.objects.filter(action="self_score").count() == 1


# one score, many people


def edit_at_once(world: World, *, rounds: int, people: int) -> None:
    """In each round everybody saves upon the same version: one wins, the others see what stands, none is lost."""
    officers = [world.officer[UNIT]]
    for _ in range(people - 1):
        officers.append(factories.user())
        access.join(officers[-1], world.units[UNIT], Role.OFFICER)
    winners = []
    for number in range(rounds):
        seen = world.score("1.1.2")
        assert seen.version == number

        def save(who: int, seen: Score = seen, number: int = number) -> Score:
            text = f"Lần {number}, người {who}."
            return save_score(
                seen, Entry({"a": str(who), "b": "20"}, explanation=text), version=seen.version, by=officers[who]
            )

        results = at_once(*(lambda who=who: save(who) for who in range(people)))
        assert kinds(results) == {"ok": 1, "Conflict": people - 1}
        winner = next(result for result in results if isinstance(result, Score))
        for loser in results:
            if isinstance(loser, Conflict):
                assert (loser.current.version, loser.current.explanation, loser.current.updated_by) == (
                    number + 1,
                    winner.explanation,
                    winner.updated_by,
                )
        stored = world.score("1.1.2")
        assert (stored.version, stored.explanation, stored.self_points) == (
            number + 1,
            winner.explanation,
            winner.self_points,
        )
        winners.append(winner.explanation)
    entries = LedgerEntry.objects.filter(action="self_score").order_by("seq")
    assert [entry.after["explanation"] for entry in entries] == winners
    assert [entry.before["explanation"] for entry in entries] == ["", *winners[:-1]]


def test_conflicting_edits_lose_nothing(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    edit_at_once(world, rounds=3, people=4)


def autosave(client: Client, world: World, score: Score, **fields: str) -> Any:
    """What the sheet sends when a field of 1.1.2 is left."""
    url = reverse("save-score", args=[world.dossiers[UNIT].pk, score.pk])
    data = {"version": score.version, **{f"figures.{name}": value for name, value in fields.items() if name in "ab"}}
    data |= {name: value for name, value in fields.items() if name not in "ab"}
    return client.post(url, data, headers={"HX-Request": "true"})


def signed_in(people: Sequence[User]) -> list[Client]:
    clients = [Client() for _ in people]
    for client, person in zip(clients, people, strict=True):
        client.force_login(person)
    return clients


@pytest.mark.postgres
def test_five_hundred_conflicting_autosaves_each_loser_gets_409_with_the_current_value(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    officers = [world.officer[UNIT], *(factories.user() for _ in range(9))]
    for officer in officers[1:]:
        access.join(officer, world.units[UNIT], Role.OFFICER)
    clients = signed_in(officers)
    winners = []
    for number in range(50):
        seen = world.score("1.1.2")

        def post(who: int, seen: Score = seen, number: int = number) -> Any:
            text = f"Lần {number}, người {who}."
            return autosave(clients[who], world, seen, a=str(who), b="20", explanation=text)

        answers = at_once(*(lambda who=who: post(who) for who in range(10)))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
        stored = world.score("1.1.2")
        assert stored.version == number + 1
        assert all(stored.explanation in answer.content.decode() for answer in answers)
        winners.append(stored.explanation)
    entries = LedgerEntry.objects.filter(action="self_score").order_by("seq")
    assert [entry.after["explanation"] for entry in entries] == winners


@pytest.mark.postgres
def test_saves_of_different_criteria_of_one_dossier_at_once_are_all_kept(world: World) -> None:
    """Each waits for the dossier's lock with an end of the ledger that is old by then."""
    world.to(Stage.SELF_ASSESSING)
    by = world.officer[UNIT]
    codes = ("1.1.1", "1.1.2", "2.1.1")
    for number in range(10):
        text = f"Lần {number}."

        def save(code: str, text: str = text) -> Score:
            score = world.score(code)
            return save_score(score, Entry({}, explanation=text), version=score.version, by=by)

        results = at_once(*(lambda code=code: save(code) for code in codes))
        assert kinds(results) == {"ok": len(codes)}
        assert {world.score(code).explanation for code in codes} == {text}
    assert LedgerEntry.objects.filter(action="self_score").count() == 10 * len(codes)


def test_autosave_sent_many_times_has_one_effect(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    seen = world.score("1.1.2")
    clients = signed_in([world.officer[UNIT]] * 4)
    answers = at_once(*(lambda client=client: autosave(client, world, seen, a="3", b="4") for client in clients))
    assert [(answer.status_code, answer["X-Version"]) for answer in answers] == [(200, "1")] * 4
    assert LedgerEntry.objects.filter(action="self_score").count() == 1
    assert world.score("1.1.2").version == 1


def test_two_appraisers_of_one_criterion_do_not_overwrite_each_other(world: World) -> None:
    world.to(Stage.APPRAISING)
    appraisers = [world.second_appraiser, factories.seat(world), factories.seat(world)]
    seen = world.score("1.1.2")

    def give(number: int) -> Score:
        return appraise(seen, str(number), reason=f"Lý do {number}.", version=0, by=appraisers[number])

    results = at_once(*(lambda number=number: give(number) for number in range(3)))
    assert kinds(results) == {"ok": 1, "Conflict": 2}
    winner = next(result for result in results if isinstance(result, Score))
    stored = world.score("1.1.2")
    assert (stored.appraised_points, stored.appraised_reason, stored.appraised_version) == (
        winner.appraised_points,
        winner.appraised_reason,
        1,
    )
    assert stored.self_points == Decimal(3)


def test_nothing_is_written_after_the_unit_let_its_dossier_go(world: World) -> None:
    world.to(Stage.CHECKING)
    gone = threading.Event()

    def keep_saving(code: str, figures: Sequence[dict[str, str]]) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        for number in range(1000):
            late = gone.is_set()
            score = world.score(code)
            try:
                save_score(
                    score,
                    Entry(figures[number % len(figures)], explanation=f"Lần {number}."),
                    version=score.version,
                    by=world.officer[UNIT],
                )
            except WrongStage:
                outcomes["late" if late else "locked"] += 1
            else:
                outcomes["saved after" if late else "saved"] += 1
            if late:
                break
        return outcomes

    def send() -> None:
        try:
            actions.send_to_head(world.item("check"), by=world.coordinator[UNIT])
            actions.approve(world.item("approve"), by=world.head[UNIT])
            actions.submit(world.item("submit"), by=world.coordinator[UNIT])
        finally:
            gone.set()

    results = at_once(
        lambda: keep_saving("1.1.1", [{"met": "có"}, {"met": "không"}]),
        lambda: keep_saving("1.1.2", [{"a": "1", "b": "4"}, {"a": "2", "b": "4"}]),
        send,
    )
    assert results[2] is None
    assert [(result["saved after"], result["late"]) for result in results[:2]] == [(0, 1), (0, 1)]
    assert world.dossier().stage == Stage.APPRAISING
    entries = list(LedgerEntry.objects.filter(dossier=world.dossiers[UNIT]).order_by("seq"))
    left = next(entry.seq for entry in entries if entry.after == {"stage": Stage.APPROVING.value})
    assert [entry.seq for entry in entries if entry.action == "self_score" and entry.seq > left] == []
    for code in ("1.1.1", "1.1.2"):
        last = [e for e in entries if e.action == "self_score" and e.criterion_id == world.score(code).criterion_id][-1]
        assert last.after["explanation"] == world.score(code).explanation


# the cycle moves on


def survey_is_in(world: World) -> None:
    imported = SurveyImport.objects.create(
        cycle=world.cycle,
        filename="a.xlsx",
        sha256="0",
        rows=3,
        imported_by=world.home_affairs,
        imported_at=clock.now(),
    )
    SurveyResult.objects.bulk_create(
        SurveyResult(
            cycle=world.cycle,
            unit_id=line.unit_id,
            criterion_id=line.criterion_id,
            points=Decimal("0.8"),
            sheets=80,
            imported=imported,
        )
        for line in expected_lines(world.cycle)
    )


def test_many_sweeps_settle_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    survey_is_in(world)
    with monkeypatch.context() as patch:
        patch.setattr(engine, "settle", lambda cycle_id: None)
        for unit in world.units:
            world.to(Stage.CONCLUDED, unit)
        actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=False, by=world.home_affairs)
        actions.merge_survey(open_item(world.cycle, "cycle.merge_survey"), by=world.home_affairs)
    results = at_once(*[lambda: engine.settle(world.cycle.pk)] * 4)
    assert results == [None] * 4
    assert Cycle.objects.get(pk=world.cycle.pk).stage == CycleStage.CONCLUDING
    assert {world.dossier(unit).stage for unit in world.units} == {Stage.FINAL}
    assert Task.objects.filter(flow_task=CycleFlow.council_concludes).count() == 1
    assert Task.objects.filter(flow_task=DossierFlow.finish).count() == 3
    assert list(Process.objects.filter(flow_class=DossierFlow).values_list("status", flat=True)) == ["DONE"] * 3


def test_last_dossiers_survey_and_closing_at_once_reach_the_council_once(world: World) -> None:
    survey_is_in(world)
    for unit in world.units:
        world.to(Stage.RESPONDING, unit)
    respond = [(world.item("respond", unit), world.coordinator[unit]) for unit in world.units]
    collect, merge = open_item(world.cycle, "cycle.collect"), open_item(world.cycle, "cycle.merge_survey")
    results = at_once(
        *(lambda item=item, by=by: actions.respond(item, [], by=by) for item, by in respond),
        lambda: actions.close_collection(collect, give_up_missing=False, by=world.home_affairs),
        lambda: actions.merge_survey(merge, by=world.home_affairs),
    )
    assert results == [None] * 5
    assert Cycle.objects.get(pk=world.cycle.pk).stage == CycleStage.CONCLUDING
    assert {world.dossier(unit).stage for unit in world.units} == {Stage.FINAL}
    assert list(WorkItem.objects.filter(cycle=world.cycle, done_at=None).values_list("node", flat=True)) == [
        "cycle.council_concludes"
    ]


def close_while_units_work(world: World) -> None:
    """Closing, sending, saving and extending at once: every one ends, and each dossier tells one story."""
    world.to(Stage.READY, "so-a")
    world.to(Stage.SELF_ASSESSING, "so-b")
    collect, send = open_item(world.cycle, "cycle.collect"), world.item("submit", "so-a")

    def save(code: str) -> None:
        for number in range(5):
            score = world.score(code, "so-b")
            entry = Entry({}, explanation=f"Lần {number}.")
            save_score(score, entry, version=score.version, by=world.officer["so-b"])

    results = at_once(
        lambda: actions.close_collection(collect, give_up_missing=True, by=world.home_affairs),
        lambda: actions.submit(send, by=world.coordinator["so-a"]),
        lambda: save("1.1.1"),
        lambda: save("1.1.2"),
        lambda: actions.extend(
            world.cycle,
            [world.units["huyen-c"]],
            until=dt.date(factories.YEAR, 12, 18),
            reason="Lũ.",
            by=world.home_affairs,
        ),
    )
    assert results[0] is None
    assert set(kinds(results[1:])) <= {"ok", "WrongStage", "AlreadyDone"}
    sent = world.dossier("so-a").stage
    assert sent == (Stage.APPRAISING if results[1] is None else Stage.NOT_SUBMITTED)
    assert len(open_appraisals(world)) == (2 if results[1] is None else 0)
    assert world.dossier("so-b").stage == Stage.NOT_SUBMITTED
    assert Extension.objects.filter(cycle=world.cycle).count() == kinds(results[4:])["ok"]
    assert not WorkItem.objects.filter(dossier=world.dossiers["so-b"], done_at=None).exists()


def test_closing_while_units_work(world: World) -> None:
    close_while_units_work(world)


@pytest.mark.postgres
def test_closing_while_units_work_never_deadlocks(world: World) -> None:
    close_while_units_work(world)
    with clock.at(factories.WORKDAY):
        for _ in range(7):
            close_while_units_work(factories.world().open())


@pytest.mark.postgres
def test_saving_does_not_wait_for_a_locked_cycle(world: World) -> None:
    """The ledger refers to the cycle; a lock on the cycle's key would close the circle with a lock on the dossier."""
    world.to(Stage.SELF_ASSESSING)
    locked, saved = threading.Event(), threading.Event()

    def hold() -> bool:
        with transaction.atomic():
            lock_cycle(world.cycle)
            locked.set()
            return saved.wait(timeout=8)

    def save() -> Score:
        assert locked.wait(timeout=8)
        try:
            return save_score(world.score("1.1.1"), Entry({"met": "có"}), version=0, by=world.officer[UNIT])
        finally:
            saved.set()

    held, result = at_once(hold, save)
    assert held is True
    assert result.version == 1


@pytest.mark.postgres
def test_extending_waits_for_a_save_and_the_other_way_round(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)

    def lengthen(day: int) -> list[Extension]:
        return extend(
            world.cycle,
            [world.units[UNIT]],
            until=dt.date(factories.YEAR, 12, day),
            reason="Lũ.",
            by=world.home_affairs,
        )

    for day in range(16, 26):
        results = at_once(
            lambda day=day: lengthen(day),
            lambda day=day: save_score(
                world.score("1.1.1"),
                Entry({}, explanation=f"Ngày {day}."),
                version=world.score("1.1.1").version,
                by=world.officer[UNIT],
            ),
        )
        assert kinds(results) == {"ok": 2}


# reminders


@pytest.mark.postgres
def test_remind_run_fifty_times_at_once_queues_each_notice_once(world: World) -> None:
    day = dt.datetime(2026, 12, 14, 9, tzinfo=clock.LOCAL)

    def job() -> int:
        with clock.at(day):
            return remind()

    Notice.objects.all().delete()
    results = [result for _round in range(5) for result in at_once(*[job] * 10)]
    assert kinds(results) == {"ok": 50}
    found = Notice.objects.filter(event="due:2026-12-14").values_list("recipient", "channel")
    assert len(found) == len(set(found)) == 8
    assert Notice.objects.count() == 8


@pytest.mark.postgres
def test_outbox_drained_by_many_sends_each_letter_once(world: World, smtp: SmtpServer) -> None:
    day = dt.datetime(2026, 12, 14, 9, tzinfo=clock.LOCAL)

    def job() -> tuple[int, int]:
        with clock.at(day):
            return drain()

    Notice.objects.all().delete()
    with clock.at(day):
        remind()
    results = at_once(*[job] * 10)
    assert kinds(results) == {"ok": 10}
    assert sum(sent for sent, _failed in results) == 4
    assert len({mail["Message-ID"] for mail in smtp.messages}) == len(smtp.messages) == 4


# criteria go to somebody else while their officer finishes


@pytest.mark.postgres
def test_handing_over_while_the_officer_finishes_keeps_one_task_for_each_open_share() -> None:
    """Either the officer was done first and the receiver has it to do again, or the officer is told; never stuck."""
    for _ in range(12):
        with clock.at(factories.WORKDAY):
            world = factories.world().open()
            world.to(Stage.SELF_ASSESSING)
            first, second = world.officer[UNIT], factories.user()
            access.join(second, world.units[UNIT], Role.OFFICER)
            item = world.item("self_assess", domain=world.domain("1"))
            chosen = {world.domain("1").pk: second}
            dossier, coordinator = world.dossier(), world.coordinator[UNIT]
            results = at_once(
                lambda item=item, by=first: actions.finish_self_assessment(item, by=by),
                lambda dossier=dossier, chosen=chosen, by=coordinator: actions.reassign(dossier, chosen, by=by),
            )
            assert isinstance(results[0], type(None) | WrongStage | engine.AlreadyDone)
            assert [one.after for one in results[1]] == [second]
            tasks = WorkItem.objects.filter(dossier=dossier, node="dossier.self_assess", done_at=None)
            assert set(tasks.values_list("domain__code", "owner")) == {("1", second.pk), ("2", first.pk)}
            for task in tasks.select_related("task", "cycle", "dossier", "domain", "owner"):
                actions.finish_self_assessment(task, by=task.owner)
            assert world.dossier().stage == Stage.CHECKING
            assert world.item("check").done_at is None
    assert [entry for chain in chains() for entry in broken(chain)] == []


@pytest.mark.postgres
def test_two_coordinators_handing_over_at_once_the_second_is_told() -> None:
    """Both chose upon the same page: one choice stands, the other is refused and changes nothing."""
    for _ in range(12):
        with clock.at(factories.WORKDAY):
            world = factories.world().open()
            world.to(Stage.SELF_ASSESSING)
            people = [factories.user(), factories.user()]
            for person in people:
                access.join(person, world.units[UNIT], Role.OFFICER)
            dossier, coordinator, domain = world.dossier(), world.coordinator[UNIT], world.domain("1")
            seen = handed_version(dossier)

            def hand_over(to: User, args: Any = (dossier, coordinator, domain, seen)) -> Callable[[], Any]:
                dossier, by, domain, seen = args
                return lambda: actions.reassign(dossier, {domain.pk: to}, seen=seen, by=by)

            results = at_once(*(hand_over(person) for person in people))
            assert kinds(results) == {"ok": 1, "Conflict": 1}
            winner = people[next(number for number, one in enumerate(results) if not isinstance(one, Exception))]
            assert assigned(dossier)["1"] == winner
            assert LedgerEntry.objects.filter(dossier=dossier, action="reassign").count() == 1
    assert [entry for chain in chains() for entry in broken(chain)] == []


@pytest.mark.postgres
def test_two_coordinators_handing_out_at_once_the_second_sees_the_first(world: World) -> None:
    """Both press "Phân công" on their screens: one hands out, the other gets 409 with what the first chose."""
    people = [factories.user(), factories.user()]
    for person in people:
        access.join(person, world.units[UNIT], Role.OFFICER)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(world.coordinator[UNIT])
    url, domains = reverse("assign", args=[world.dossiers[UNIT].pk]), [world.domain("1"), world.domain("2")]

    def press(client: Client, to: User) -> Callable[[], Any]:
        data = {"seen": "0", **{f"officer.{domain.pk}": to.pk for domain in domains}}
        return lambda: client.post(url, data)

    answers = at_once(*(press(client, person) for client, person in zip(clients, people, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    winner = people[[answer.status_code for answer in answers].index(302)]
    assert set(assigned(world.dossier()).values()) == {winner}


@pytest.mark.postgres
def test_taking_back_against_the_sweep_that_releases_gives_one_story() -> None:
    """Just before the deadline the unit asks; the sweep comes just after it: either wins, never both."""
    deadline = dt.datetime(factories.YEAR, 12, 15, tzinfo=clock.LOCAL)
    stages: Counter[str] = Counter()
    for _ in range(8):
        with clock.at(factories.WORKDAY):
            world = factories.world(take_back=True).open()
            world.to(Stage.READY)
            actions.submit(world.item("submit"), by=world.coordinator[UNIT])

        def back(world: World = world) -> None:
            arrived = deadline - dt.timedelta(seconds=1)
            actions.take_back(world.dossier(), reason="Nhầm.", arrived=arrived, by=world.coordinator[UNIT])

        def sweep(world: World = world) -> None:
            with clock.at(deadline):
                engine.settle(world.cycle.pk)

        results = at_once(back, sweep)
        stage = world.dossier().stage
        stages[stage] += 1
        assert results[1] is None
        assert kinds(results[:1]) == ({"ok": 1} if stage == Stage.CHECKING else {"WrongStage": 1})
        nodes = [item.node for item in WorkItem.objects.filter(dossier=world.dossiers[UNIT], done_at=None)]
        assert nodes == (["dossier.check"] if stage == Stage.CHECKING else ["dossier.appraise"] * 2)
        assert [entry for chain in chains() for entry in broken(chain)] == []
    assert set(stages) <= {Stage.CHECKING, Stage.APPRAISING}
