"""Which deadline holds for whom: the plan's milestones, and a unit's extension."""

from __future__ import annotations

from plans.calendar import Deadline, Timeliness, timeliness
from plans.models import Milestone
from units import clock

from .models import Cycle, Dossier, Extension
from .stages import Stage


def extension_of(dossier: Dossier) -> Extension | None:
    """The extension that counts: the one granted last."""
    return (
        Extension.objects.filter(cycle_id=dossier.cycle_id, unit_id=dossier.unit_id)
        .order_by("-granted_at", "-pk")
        .first()
    )


def legal_deadline(cycle: Cycle) -> Deadline:
    """The plan's date for self-assessment, without any extension."""
    return cycle.milestone(Milestone.Key.SELF_ASSESSMENT).deadline


def submission_deadline(dossier: Dossier, extension: Extension | None) -> Deadline:
    """The date that holds for this unit. An extension names the unit's last day, so it is inclusive.

    An extension never shortens the plan's time.
    """
    legal = legal_deadline(dossier.cycle)
    if extension is None:
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
