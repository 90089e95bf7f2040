"""Row locks and stage changes: the two things every writing service begins and ends with.

Locks are taken in the order cycle -> dossier -> score -> ledger. They leave the key free (NO KEY): every row that
refers to a cycle or dossier looks at its key, so that a plain lock would turn that order around and deadlock.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from units import clock
from units.models import User

from . import ledger
from .errors import WrongStage
from .models import Cycle, Dossier
from .stages import CYCLE_TRANSITIONS, TRANSITIONS, CycleStage, Stage


def lock_cycle(cycle: Cycle) -> Cycle:
    """A fresh copy of `cycle` whose row is locked until the transaction ends."""
    return Cycle.objects.select_for_update(of=("self",), no_key=True).select_related("plan").get(pk=cycle.pk)


def lock_dossier(dossier: Dossier) -> Dossier:
    """A fresh copy of `dossier` whose row is locked until the transaction ends."""
    return (
        Dossier.objects.select_for_update(of=("self",), no_key=True)
        .select_related("unit", "cycle__plan", "cycle_group__criteria_set")
        .get(pk=dossier.pk)
    )


def require_stage(subject: Dossier | Cycle, stages: Collection[Any]) -> None:
    """Raise WrongStage unless `subject` stands at one of `stages`."""
    if subject.stage not in {str(stage) for stage in stages}:
        what = _("Đợt đánh giá") if isinstance(subject, Cycle) else _("Hồ sơ")
        raise WrongStage(
            _("%(what)s đang ở bước “%(stage)s” nên không làm được việc này. Hãy tải lại trang để xem tình trạng mới.")
            % {"what": what, "stage": subject.get_stage_display()}
        )


def advance(dossier: Dossier, to: Stage, *, by: User | None, reason: str = "") -> None:
    """Move a locked dossier to `to` and write it into the ledger.

    Raises WrongStage where TRANSITIONS has no such move.
    """
    if (Stage(dossier.stage), to) not in TRANSITIONS:
        require_stage(dossier, [source for source, target in TRANSITIONS if target == to])
    before = dossier.stage
    dossier.stage = to
    dossier.stage_since = clock.now()
    dossier.save()
    ledger.record(dossier, "stage", by=by, before={"stage": before}, after={"stage": to.value}, reason=reason)


def advance_cycle(cycle: Cycle, to: CycleStage, *, by: User | None, reason: str = "") -> None:
    """Move a locked cycle to `to` and write it into the ledger."""
    if (CycleStage(cycle.stage), to) not in CYCLE_TRANSITIONS:
        require_stage(cycle, [source for source, target in CYCLE_TRANSITIONS if target == to])
    before = cycle.stage
    cycle.stage = to
    cycle.save()
    ledger.record(cycle, "stage", by=by, before={"stage": before}, after={"stage": to.value}, reason=reason)
