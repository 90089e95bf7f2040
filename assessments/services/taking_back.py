"""Between arrival and appraisal, where the cycle allows it: the unit takes its dossier back, or it goes on."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from units import access, clock
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..arrivals import arrival_entry, withdrawals
from ..deadlines import extension_of, submission_deadline
from ..errors import InvalidInput, WrongStage
from ..models import Dossier
from ..moves import advance, lock_dossier, require_stage
from ..stages import CycleStage, Stage
from .sharing import dossier_domains, start_pass


def refusal_to_take_back(dossier: Dossier, *, at: dt.datetime | None = None) -> str:
    """Why the unit cannot take `dossier` back at the instant `at` (default: now), or an empty text."""
    if not dossier.cycle.take_back:
        return _("Đợt đánh giá này không cho rút lại hồ sơ đã gửi. Nếu có sai sót, hãy liên hệ Sở Nội vụ.")
    if withdrawals(dossier):
        return _("Đơn vị đã rút lại hồ sơ một lần nên không rút lại được nữa. Nếu có sai sót, hãy liên hệ Sở Nội vụ.")
    deadline = submission_deadline(dossier, extension_of(dossier))
    if not deadline.met(at or clock.now()):
        return _("Đã hết hạn gửi hồ sơ (%(deadline)s) nên không rút lại được.") % {"deadline": deadline.words()}
    if dossier.cycle.stage != CycleStage.COLLECTING:
        return _("Sở Nội vụ đã kết thúc nhận hồ sơ nên không rút lại được.")
    return ""


@transaction.atomic
def take_back(dossier: Dossier, *, reason: str, arrived: dt.datetime | None = None, by: User) -> None:
    """Take a sent dossier back to rà soát, once, before the unit's deadline.

    `arrived` is when the request reached the province (UTC instant), by default now. Approval and sending are cleared
    and stay in the ledger. Raises InvalidInput without a reason, WrongStage where it is not (or no longer) allowed.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.SUBMIT, by, dossier.unit)
    refusal = refusal_to_take_back(dossier, at=arrived)
    if refusal:
        raise WrongStage(refusal)
    require_stage(dossier, [Stage.SUBMITTED])
    if not reason.strip():
        raise InvalidInput({"reason": _("Hãy ghi lý do rút lại để Sở Nội vụ biết.")})
    arrival = arrival_entry(dossier)
    assert arrival is not None
    ledger.record(
        dossier,
        "take_back",
        by=by,
        before={
            "submitted_at": dossier.submitted_at,
            "submitted_by": dossier.submitted_by_id,
            "approved_at": dossier.approved_at,
            "approved_by": dossier.approved_by_id,
            "receipt": arrival.hash,
        },
        reason=reason.strip(),
    )
    dossier.submitted_at = dossier.submitted_by = dossier.approved_at = dossier.approved_by = None
    advance(dossier, Stage.CHECKING, by=by, reason=reason.strip())


def is_due(dossier: Dossier, *, ends_at: dt.datetime) -> bool:
    """Whether a dossier that was sent goes on to the council: its time is over, or collection was closed."""
    return clock.now() >= ends_at or dossier.cycle.stage != CycleStage.COLLECTING


@transaction.atomic
def begin_appraisal(dossier: Dossier) -> None:
    """Nothing can be taken back any more: the council's work begins. Raises WrongStage where it still can."""
    dossier = lock_dossier(dossier)
    require_stage(dossier, [Stage.SUBMITTED])
    deadline = submission_deadline(dossier, extension_of(dossier))
    if not is_due(dossier, ends_at=deadline.ends_at):
        raise WrongStage(_("Đơn vị còn được rút lại hồ sơ: %(deadline)s.") % {"deadline": deadline.words()})
    start_pass(dossier, dossier_domains(dossier))
    advance(dossier, Stage.APPRAISING, by=None)
