"""By when a step must be done. UTC instants, half-open: done before the instant is in time."""

from __future__ import annotations

import datetime as dt

from assessments.deadlines import (
    Step,
    extension_of,
    extensions_in_force,
    internal_deadline,
    response_deadline,
    step_dates,
    submission_deadline,
)
from assessments.models import Cycle, Dossier, InternalDeadline
from assessments.services.appraisal import open_request
from plans.calendar import Deadline, local_date
from plans.holidays import work_calendar
from plans.models import Milestone
from plans.reports import TaskReport


def opening(cycle: Cycle) -> dt.datetime | None:
    """Opening has no date of its own in a plan; it must leave time for the self-assessment."""
    return cycle.milestone(Milestone.Key.SELF_ASSESSMENT).deadline.ends_at


def submission(dossier: Dossier) -> dt.datetime:
    """The unit's own legal deadline, extension included."""
    return submission_deadline(dossier, extension_of(dossier)).ends_at


def officers(dossier: Dossier) -> dt.datetime:
    """The internal deadline of those who fill the sheet, else the unit's own legal one."""
    return _internal(dossier, Step.OFFICER)


def coordinator(dossier: Dossier) -> dt.datetime:
    """The internal deadline of rà soát."""
    return _internal(dossier, Step.COORDINATOR)


def head(dossier: Dossier) -> dt.datetime:
    """The internal deadline of the head's approval."""
    return _internal(dossier, Step.HEAD)


def _internal(dossier: Dossier, step: Step) -> dt.datetime:
    return step_dates(dossier, extension_of(dossier)).of(step).ends_at


def collection(cycle: Cycle) -> dt.datetime:
    return cycle.milestone(Milestone.Key.SELF_ASSESSMENT).deadline.ends_at


def appraisal(subject: Dossier | Cycle) -> dt.datetime:
    cycle = subject.cycle if isinstance(subject, Dossier) else subject
    return cycle.milestone(Milestone.Key.APPRAISAL).deadline.ends_at


def survey(cycle: Cycle) -> dt.datetime:
    return cycle.milestone(Milestone.Key.SURVEY).deadline.ends_at


def publication(cycle: Cycle) -> dt.datetime:
    return cycle.milestone(Milestone.Key.PUBLICATION).deadline.ends_at


def supplement(dossier: Dossier) -> dt.datetime | None:
    """The whole day that the council's request names."""
    request = open_request(dossier)
    return Deadline(on=request.due_on, inclusive=True).ends_at if request else None


def response(dossier: Dossier) -> dt.datetime:
    """The cycle's number of days to contest, counted from the day the provisional result was given."""
    return response_deadline(dossier.cycle, local_date(dossier.stage_since)).ends_at


def report(report: TaskReport) -> dt.datetime:
    """The last day of the report's period, or of the task where it ends within the period."""
    return report.deadline.ends_at


def verification(report: TaskReport) -> None:
    """No plan says by when Sở Nội vụ confirms a report."""


# The steps before a legal date, each with the internal deadline that it works towards.
INTERNAL = {officers: Step.OFFICER, coordinator: Step.COORDINATOR, head: Step.HEAD}


class WorkingDates:
    """The dates of many dossiers of one cycle that may be counted in working days: extensions, internal rules and days
    off are read once.
    """

    def __init__(self, cycle: Cycle) -> None:
        self.cycle, self.calendar = cycle, work_calendar()
        self._extensions = extensions_in_force([cycle.pk])
        self._rules: dict[int | None, dict[Step, InternalDeadline]] = {}
        for rule in InternalDeadline.objects.filter(cycle=cycle):
            self._rules.setdefault(rule.unit_id, {})[Step(rule.step)] = rule

    def legal(self, dossier: Dossier) -> Deadline:
        """The unit's own legal deadline, extension included."""
        return submission_deadline(dossier, self._extensions.get((self.cycle.pk, dossier.unit_id)))

    def internal(self, dossier: Dossier, step: Step) -> dt.datetime:
        """As `officers`, `coordinator` and `head` say it."""
        legal = self.legal(dossier)
        rule = self._rules.get(dossier.unit_id, {}).get(step) or self._rules.get(None, {}).get(step)
        return (internal_deadline(rule, legal, self.calendar) if rule else legal).ends_at

    def response(self, dossier: Dossier) -> dt.datetime:
        """As `response` says it."""
        return response_deadline(self.cycle, local_date(dossier.stage_since), self.calendar).ends_at
