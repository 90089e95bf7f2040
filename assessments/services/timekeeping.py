"""Internal deadlines of a cycle and of a unit, and how a cycle counts the days it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from plans.calendar import Deadline
from plans.holidays import days_from
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from .. import ledger
from ..deadlines import Step, extension_of, legal_deadline, submission_deadline
from ..errors import InvalidInput
from ..models import MOST_DAYS, Cycle, Dossier, InternalDeadline
from ..moves import lock_cycle, lock_dossier, require_stage
from ..stages import OPEN_STAGES, CycleStage

MOST_WINDOW_DAYS = 30


@dataclass(frozen=True)
class Before:
    """How long before the unit's own last legal day a step is done."""

    days: int
    working: bool = True


def _check(rules: Mapping[Step, Before], legal: Deadline) -> None:
    """Raise InvalidInput unless each step ends within the legal deadline, and not before the step that precedes it."""
    errors: dict[str, str] = {}
    previous: tuple[Step, Deadline] | None = None
    for step in Step:
        rule = rules.get(step)
        if rule is None:
            continue
        if not 0 <= rule.days <= MOST_DAYS:
            errors[f"days.{step}"] = _("Số ngày phải từ 0 đến %(most)s.") % {"most": MOST_DAYS}
            continue
        day = Deadline(days_from(legal.last_day, -rule.days, working=rule.working), inclusive=True)
        if previous is not None and day.ends_at < previous[1].ends_at:
            errors[f"days.{step}"] = _("“%(step)s” không được sớm hơn “%(before)s”.") % {
                "step": step.label,
                "before": previous[0].label,
            }
        previous = step, day
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def set_cycle_times(
    cycle: Cycle,
    rules: Mapping[Step, Before],
    *,
    response_days: int,
    supplement_days: int,
    working_days: bool,
    by: User,
) -> None:
    """What the cycle proposes to every unit, and its windows to contest and to supplement, while it is prepared.

    A step that `rules` leaves out has no internal deadline. Raises InvalidInput.
    """
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, cycle)
    require_stage(cycle, [CycleStage.DRAFT])
    errors = {
        name: _("Số ngày phải từ 1 đến %(most)s.") % {"most": MOST_WINDOW_DAYS}
        for name, days in (("response_days", response_days), ("supplement_days", supplement_days))
        if not 1 <= days <= MOST_WINDOW_DAYS
    }
    if errors:
        raise InvalidInput(errors)
    _check(rules, legal_deadline(cycle))
    before = _windows(cycle)
    cycle.response_days, cycle.supplement_days, cycle.working_days = response_days, supplement_days, working_days
    cycle.save(update_fields=["response_days", "supplement_days", "working_days"])
    was, now = _write(cycle, None, rules, by=by)
    ledger.record(cycle, "set_times", by=by, before=before | was, after=_windows(cycle) | now)


@transaction.atomic
def set_unit_times(dossier: Dossier, rules: Mapping[Step, Before], *, by: User) -> None:
    """The unit's own internal deadlines, in place of the cycle's; a step left out follows the cycle again.

    Raises InvalidInput where a step would end before the one that precedes it.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.ASSIGN_CRITERIA, by, dossier.unit)
    require_stage(dossier, sorted(OPEN_STAGES))
    proposed = {
        Step(row.step): Before(row.days, row.working_days)
        for row in InternalDeadline.objects.filter(cycle=dossier.cycle_id, unit=None)
    }
    _check({**proposed, **rules}, submission_deadline(dossier, extension_of(dossier)))
    was, now = _write(dossier.cycle, dossier.unit, rules, by=by)
    ledger.record(dossier, "set_internal_deadlines", by=by, before=was, after=now)


def _windows(cycle: Cycle) -> dict[str, object]:
    return {name: getattr(cycle, name) for name in ("response_days", "supplement_days", "working_days")}


def _write(
    cycle: Cycle, unit: Unit | None, rules: Mapping[Step, Before], *, by: User
) -> tuple[dict[str, object], dict[str, object]]:
    """Put `rules` in place of the rows that stand; returns both for the ledger."""
    rows = InternalDeadline.objects.filter(cycle=cycle, unit=unit)
    was: dict[str, object] = {row.step: [row.days, row.working_days] for row in rows}
    rows.delete()
    InternalDeadline.objects.bulk_create(
        [
            InternalDeadline(
                cycle=cycle,
                unit=unit,
                step=step.value,
                days=rule.days,
                working_days=rule.working,
                set_by=by,
                set_at=clock.now(),
            )
            for step, rule in rules.items()
        ]
    )
    return was, {step.value: [rule.days, rule.working] for step, rule in rules.items()}
