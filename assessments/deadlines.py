"""Which deadline holds for whom: the plan's milestones, a unit's extension, and the internal steps before them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from plans.calendar import Deadline, Timeliness, WorkCalendar, in_sentence, timeliness
from plans.holidays import days_from
from plans.models import Milestone
from units import clock

from .models import Cycle, Dossier, Extension, InternalDeadline
from .stages import Stage

Step = InternalDeadline.Step


def extensions_in_force(cycles: Iterable[int], units: Iterable[int] | None = None) -> dict[tuple[int, int], Extension]:
    """The extension that counts for each (cycle, unit), in one query: the latest row, unless it withdraws."""
    rows = Extension.objects.filter(cycle__in=set(cycles)).order_by("granted_at", "pk")
    if units is not None:
        rows = rows.filter(unit__in=set(units))
    latest = {(extension.cycle_id, extension.unit_id): extension for extension in rows}
    return {key: extension for key, extension in latest.items() if not extension.withdrawn}


def extension_of(dossier: Dossier) -> Extension | None:
    """The extension that counts for the unit of `dossier`."""
    key = (dossier.cycle_id, dossier.unit_id)
    return extensions_in_force([dossier.cycle_id], [dossier.unit_id]).get(key)


def legal_deadline(cycle: Cycle) -> Deadline:
    """The plan's date for self-assessment, without any extension."""
    return cycle.milestone(Milestone.Key.SELF_ASSESSMENT).deadline


def submission_deadline(dossier: Dossier, extension: Extension | None) -> Deadline:
    """The date that holds for this unit. An extension names the unit's last day, so it is inclusive.

    An extension never shortens the plan's time.
    """
    legal = legal_deadline(dossier.cycle)
    if extension is None or extension.until is None:
        return legal
    return max(Deadline(on=extension.until, inclusive=True), legal, key=lambda deadline: deadline.ends_at)


def dossier_timeliness(dossier: Dossier, extension: Extension | None) -> Timeliness:
    """On time, late, extended, missing or pending; arrival decides, not the moment it was processed."""
    if dossier.stage == Stage.NOT_SUBMITTED:
        return Timeliness.MISSING
    return timeliness(
        dossier.submitted_at,
        legal_deadline(dossier.cycle),
        submission_deadline(dossier, extension) if extension else None,
        clock.now(),
    )


def internal_rules(cycle_id: int, unit_id: int) -> dict[Step, InternalDeadline]:
    """The internal steps that hold for a unit: its own row where there is one, else the cycle's proposal."""
    rows = InternalDeadline.objects.filter(Q(unit=None) | Q(unit=unit_id), cycle=cycle_id)
    found: dict[Step, InternalDeadline] = {}
    for row in sorted(rows, key=lambda row: row.unit_id is not None):
        found[Step(row.step)] = row
    return found


def internal_deadline(rule: InternalDeadline, legal: Deadline, calendar: WorkCalendar | None = None) -> Deadline:
    """The last day of a step: `rule.days` before the unit's own last legal day, never after it."""
    day = days_from(legal.last_day, -rule.days, working=rule.working_days, calendar=calendar)
    return Deadline(day, inclusive=True)


@dataclass(frozen=True)
class StepDates:
    """By when one unit does its steps: its own legal deadline, and the internal ones before it."""

    legal: Deadline
    internal: Mapping[Step, Deadline]

    def of(self, step: Step | None) -> Deadline:
        """The date to work towards."""
        return self.internal.get(step, self.legal) if step else self.legal


def step_dates(dossier: Dossier, extension: Extension | None) -> StepDates:
    """The dates of a unit's steps; an extension moves all of them."""
    legal = submission_deadline(dossier, extension)
    rules = internal_rules(dossier.cycle_id, dossier.unit_id)
    return StepDates(legal, {step: internal_deadline(rule, legal) for step, rule in rules.items()})


def both_words(own: Deadline, legal: Deadline) -> str:
    """`hạn nội bộ thứ Tư 09/12/2026, hạn nộp thứ Hai 14/12/2026`: last days, for the middle of a sentence."""
    words = _("hạn nộp %(day)s") % {"day": in_sentence(legal.last_day)}
    if own.last_day == legal.last_day:
        return words
    return _("hạn nội bộ %(day)s, %(legal)s") % {"day": in_sentence(own.last_day), "legal": words}


def response_deadline(cycle: Cycle, given: dt.date, calendar: WorkCalendar | None = None) -> Deadline:
    """The last day on which a unit may contest what it was given on the local day `given`."""
    day = days_from(given, cycle.response_days, working=cycle.working_days, calendar=calendar)
    return Deadline(day, inclusive=True)


def supplement_day(cycle: Cycle, asked: dt.date) -> dt.date:
    """The last day that a request for more proposes, asked on the local day `asked`."""
    return days_from(asked, cycle.supplement_days, working=cycle.working_days)
