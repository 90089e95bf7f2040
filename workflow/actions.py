"""Every human step with the service that it runs: what views, `simulate` and tests call.

Each takes the inbox row and the actor; the service checks permission and stage, the engine moves the flow.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence

from django.db import transaction

from assessments.deadlines import Step
from assessments.idempotency import once
from assessments.models import CouncilSession, Cycle, Dossier, Extension, SiteVisit
from assessments.services import (
    appraisal,
    assignments,
    comments,
    cycles,
    dossiers,
    extensions,
    nudges,
    session_conclusion,
    site_visits,
    taking_back,
    timekeeping,
)
from assessments.services.appraisal import Wanted
from assessments.services.assignments import Moved
from assessments.services.timekeeping import Before
from criteria.models import Criterion
from results import services as results
from survey import services as survey
from units.models import Unit, User

from . import engine, handover, news, visit_news
from .models import WorkItem
from .nudging import owing
from .replan import replan
from .talk import notices


def _cycle(item: WorkItem) -> Cycle:
    assert item.cycle is not None
    return item.cycle


def open_cycle(item: WorkItem, *, by: User) -> None:
    def do() -> None:
        engine.start_dossiers(cycles.open_cycle(_cycle(item), by=by))

    engine.perform(item, by=by, do=do)


def extend(
    cycle: Cycle, units: Sequence[Unit], *, until: dt.date, reason: str, decision_number: str = "", by: User
) -> list[Extension]:
    """Grant units a later last day and move the due dates of their open tasks with it."""
    with transaction.atomic():
        made = extensions.extend(cycle, units, until=until, reason=reason, decision_number=decision_number, by=by)
        for row in made:
            _replan_unit(row)
    return made


def withdraw_extension(cycle: Cycle, unit: Unit, *, reason: str, decision_number: str = "", by: User) -> Extension:
    """Take a unit's extension back, and the due dates with it."""
    with transaction.atomic():
        row = extensions.withdraw(cycle, unit, reason=reason, decision_number=decision_number, by=by)
        _replan_unit(row)
    return row


def _replan_unit(row: Extension) -> None:
    replan(Dossier.objects.select_related("unit", "cycle__plan").get(cycle=row.cycle_id, unit=row.unit_id))


def nudge(cycle: Cycle, units: Collection[int], *, text: str, until: dt.date | None, key: str | None, by: User) -> int:
    """Nudge those of `units` that still owe something, once for each `key`; returns the nudge's id."""

    def do() -> dict[str, int]:
        addressees = [row.addressee for row in owing(cycle, units)]
        return {"nudge": nudges.nudge(cycle, addressees, text=text, until=until, by=by).pk}

    return int(once(key, "nudge", by=by, do=do)["nudge"])


def set_unit_times(dossier: Dossier, rules: Mapping[Step, Before], *, by: User) -> None:
    """A unit's own internal deadlines; its open tasks get the new dates at once."""
    with transaction.atomic():
        timekeeping.set_unit_times(dossier, rules, by=by)
        replan(Dossier.objects.select_related("unit", "cycle__plan").get(pk=dossier.pk))


def close_collection(item: WorkItem, *, give_up_missing: bool, by: User) -> None:
    """Stop taking dossiers; units that are given up learn of it in the same transaction."""
    given_up: list[Dossier] = []

    def do() -> None:
        engine.lock_dossier_processes(_cycle(item))
        given_up.extend(cycles.close_collection(_cycle(item), give_up_missing=give_up_missing, by=by))
        engine.stop_dossiers(given_up)

    engine.perform(item, by=by, do=do, tell=news.given_up(given_up))


def merge_survey(item: WorkItem, *, by: User) -> None:
    engine.perform(item, by=by, do=lambda: survey.merge(_cycle(item), by=by))


def conclude_cycle(item: WorkItem, *, by: User) -> None:
    engine.perform(item, by=by, do=lambda: cycles.conclude_cycle(_cycle(item), by=by))


def propose(item: WorkItem, *, note: str, by: User) -> None:
    engine.perform(item, by=by, do=lambda: results.propose(_cycle(item), note=note, by=by))


def decide(item: WorkItem, *, approved: bool, comment: str, by: User) -> None:
    engine.perform(
        item,
        by=by,
        do=lambda: results.decide(_cycle(item), approved=approved, comment=comment, by=by),
        tell=news.turns if approved else news.returned(comment),
    )


def publish(item: WorkItem, *, decision_number: str, decided_on: dt.date, signer: str, by: User) -> None:
    engine.perform(
        item,
        by=by,
        do=lambda: results.publish(
            _cycle(item), decision_number=decision_number, decided_on=decided_on, signer=signer, by=by
        ),
        tell=news.published(_cycle(item)),
    )


def _dossier(item: WorkItem) -> Dossier:
    assert item.dossier is not None
    return item.dossier


def assign(item: WorkItem, officers: Mapping[int, User], *, note: str = "", by: User) -> None:
    engine.perform(item, by=by, do=lambda: assignments.assign(_dossier(item), officers, by=by, note=note))


def reassign(
    dossier: Dossier, officers: Mapping[int, User], *, note: str = "", seen: int | None = None, by: User
) -> list[Moved]:
    return handover.reassign(dossier, officers, note=note, seen=seen, by=by)


def finish_self_assessment(item: WorkItem, *, by: User) -> None:
    domain, officer = item.domain, item.owner
    assert domain is not None
    assert officer is not None
    engine.perform(item, by=by, do=lambda: assignments.finish_share(_dossier(item), domain, officer, by=by))


def send_back(
    item: WorkItem,
    criteria: Sequence[Criterion],
    *,
    comment: str = "",
    comments: Mapping[int, str] | None = None,
    by: User,
) -> None:
    engine.perform(
        item,
        by=by,
        do=lambda: dossiers.send_back(_dossier(item), criteria, comment=comment, comments=comments, by=by),
        tell=news.returned(comment, comments),
    )


def send_to_head(item: WorkItem, *, by: User) -> None:
    engine.perform(item, by=by, do=lambda: dossiers.send_to_head(_dossier(item), by=by))


def return_to_coordinator(
    item: WorkItem, *, comment: str = "", comments: Mapping[int, str] | None = None, by: User
) -> None:
    engine.perform(
        item,
        by=by,
        do=lambda: dossiers.return_to_coordinator(_dossier(item), comment=comment, comments=comments, by=by),
        tell=news.returned(comment, comments),
    )


def approve(item: WorkItem, *, by: User) -> None:
    engine.perform(item, by=by, do=lambda: dossiers.approve(_dossier(item), by=by))


def submit(item: WorkItem, *, arrived: dt.datetime | None = None, by: User) -> None:
    engine.perform(
        item,
        by=by,
        do=lambda: dossiers.submit(_dossier(item), arrived=arrived, by=by),
        tell=news.submitted(_dossier(item)),
    )


def take_back(dossier: Dossier, *, reason: str, arrived: dt.datetime | None = None, by: User) -> None:
    """The unit takes its sent dossier back to rà soát, once and before its deadline."""

    def do() -> None:
        taking_back.take_back(dossier, reason=reason, arrived=arrived, by=by)
        news.tell(news.taken_back(dossier))

    engine.leave_hold(dossier, do)


def finish_domain(item: WorkItem, *, by: User) -> None:
    assert item.domain is not None
    domain = item.domain
    engine.perform(item, by=by, do=lambda: appraisal.finish_domain(_dossier(item), domain, by=by))


def request_supplement(
    item: WorkItem,
    questions: Mapping[int, str],
    *,
    due_on: dt.date,
    due: Mapping[int, dt.date] | None = None,
    by: User,
) -> None:
    engine.perform(
        item,
        by=by,
        do=lambda: appraisal.request_supplement(_dossier(item), questions, due_on=due_on, due=due, by=by),
        tell=news.council(_dossier(item)),
    )


def finish_review(item: WorkItem, *, by: User) -> None:
    dossier = _dossier(item)
    engine.perform(item, by=by, do=lambda: appraisal.finish_review(dossier, by=by), tell=news.council(dossier))


def answer_supplement(item: WorkItem, *, by: User) -> None:
    engine.perform(item, by=by, do=lambda: appraisal.answer_supplement(_dossier(item), by=by))


def respond(item: WorkItem, appeals: Sequence[Wanted], *, by: User | None) -> None:
    dossier = _dossier(item)
    engine.perform(item, by=by, do=lambda: appraisal.respond(dossier, appeals, by=by), tell=news.council(dossier))


def decide_appeals(item: WorkItem, decisions: Mapping[int, tuple[str, str]], *, by: User) -> None:
    dossier = _dossier(item)
    engine.perform(
        item, by=by, do=lambda: appraisal.decide_appeals(dossier, decisions, by=by), tell=news.council(dossier)
    )


def conclude_session(session: CouncilSession, *, finish_reviews: bool, by: User) -> None:
    """Conclude a meeting of the council; the dossiers that it decided on go on, all of them or none."""

    def move(dossier: Dossier, node: str, do: Callable[[], None]) -> None:
        engine.finish(engine.open_item(dossier, f"dossier.{node}"), by=by, do=do, tell=news.council(dossier))

    with transaction.atomic():
        engine.lock_processes(session_conclusion.dossiers_on(session))
        session_conclusion.conclude(session, finish_reviews=finish_reviews, move=move, by=by)
    engine.settle(session.council.cycle_id)


def plan_visit(dossier: Dossier, wanted: site_visits.Appointment, *, by: User) -> SiteVisit:
    """Make an appointment with a unit and tell it."""
    with transaction.atomic():
        visit = site_visits.plan(dossier, wanted, by=by)
        news.tell(visit_news.told(visit))
    return visit


def replan_visit(visit: SiteVisit, wanted: site_visits.Appointment, *, by: User) -> None:
    """Change an appointment and tell the unit."""
    with transaction.atomic():
        news.tell(visit_news.told(site_visits.replan(visit, wanted, by=by)))


def cancel_visit(visit: SiteVisit, reason: str, *, by: User) -> None:
    """Call an appointment off and tell the unit."""
    with transaction.atomic():
        news.tell(visit_news.told(site_visits.cancel(visit, reason, by=by)))


def share_visit(visit: SiteVisit, *, by: User) -> None:
    """Give the unit what a visit found and tell it."""
    with transaction.atomic():
        news.tell(visit_news.told(site_visits.share(visit, by=by)))


def comment(dossier: Dossier, criterion: Criterion, body: str, *, key: str | None = None, by: User) -> None:
    """Say something about a criterion or branch inside the unit and tell those whom it concerns, once for a `key`."""

    def do() -> dict[str, int]:
        note = comments.comment(dossier, criterion, body, by=by)
        news.tell(notices(note, criterion))
        return {"note": note.pk}

    once(key, "comment", by=by, do=do)
