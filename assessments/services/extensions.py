"""Gia hạn: a later last day for units, and its withdrawal. Every decision is a new row, none is changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.kinds import Kind
from notifications.services import Message, queue
from plans.calendar import Deadline, in_sentence
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm, Role

from .. import ledger
from ..deadlines import extension_of, legal_deadline
from ..errors import InvalidInput
from ..models import Cycle, Dossier, Extension
from ..moves import lock_cycle, lock_dossier, require_stage
from ..stages import OPEN_STAGES, CycleStage, Stage

TOLD = (Role.COORDINATOR, Role.HEAD)


@transaction.atomic
def extend(
    cycle: Cycle, units: Sequence[Unit], *, until: dt.date, reason: str, decision_number: str = "", by: User
) -> list[Extension]:
    """Give each of `units` the whole day `until` as its last one, all of them or none. Raises InvalidInput."""
    cycle, dossiers = _locked(cycle, units, by=by)
    legal = legal_deadline(cycle)
    errors: dict[str, str] = {}
    if not dossiers:
        errors["units"] = _("Hãy chọn ít nhất một đơn vị.")
    sent = [dossier.unit.name for dossier in dossiers if Stage(dossier.stage) not in OPEN_STAGES]
    if sent:
        errors["units"] = _("%(units)s đã gửi hồ sơ nên không cần gia hạn.") % {"units": ", ".join(sent)}
    if until < clock.today():
        errors["until"] = _("Ngày gia hạn phải từ hôm nay trở đi.")
    elif Deadline(on=until, inclusive=True).ends_at <= legal.ends_at:
        errors["until"] = _("Ngày gia hạn phải sau hạn chung: %(deadline)s.") % {"deadline": legal.words()}
    if not reason.strip():
        errors["reason"] = _("Hãy ghi lý do gia hạn.")
    if errors:
        raise InvalidInput(errors)
    return [
        _record(dossier, until=until, reason=reason, decision_number=decision_number, by=by) for dossier in dossiers
    ]


@transaction.atomic
def withdraw(cycle: Cycle, unit: Unit, *, reason: str, decision_number: str = "", by: User) -> Extension:
    """Take a unit's extension back before it has sent; the plan's date holds again. Raises InvalidInput."""
    cycle, dossiers = _locked(cycle, [unit], by=by)
    dossier = dossiers[0]
    errors: dict[str, str] = {}
    if extension_of(dossier) is None:
        errors["units"] = _("%(unit)s hiện không được gia hạn.") % {"unit": unit}
    elif Stage(dossier.stage) not in OPEN_STAGES:
        errors["units"] = _("%(unit)s đã gửi hồ sơ nên không thu hồi gia hạn được.") % {"unit": unit}
    if not reason.strip():
        errors["reason"] = _("Hãy ghi lý do thu hồi gia hạn.")
    if errors:
        raise InvalidInput(errors)
    return _record(dossier, until=None, reason=reason, decision_number=decision_number, by=by)


def _locked(cycle: Cycle, units: Sequence[Unit], *, by: User) -> tuple[Cycle, list[Dossier]]:
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, cycle)
    require_stage(cycle, [CycleStage.COLLECTING])
    wanted = cycle.dossiers.filter(unit__in=units).order_by("pk")
    return cycle, [lock_dossier(dossier) for dossier in wanted]


def _record(dossier: Dossier, *, until: dt.date | None, reason: str, decision_number: str, by: User) -> Extension:
    number = decision_number.strip()
    row = Extension.objects.create(
        cycle_id=dossier.cycle_id,
        unit=dossier.unit,
        until=until,
        withdrawn=until is None,
        reason=reason.strip(),
        decision_number=number,
        granted_by=by,
        granted_at=clock.now(),
    )
    if until is None:
        ledger.record(dossier, "withdraw_extension", by=by, after={"decision": number}, reason=row.reason)
    else:
        ledger.record(dossier, "extend", by=by, after={"until": until, "decision": number}, reason=row.reason)
    queue(_message(row, dossier, person) for person in access.members(dossier.unit, TOLD))
    return row


def _message(row: Extension, dossier: Dossier, person: User) -> Message:
    if row.until is None:
        subject = _("%(unit)s: thu hồi gia hạn") % {"unit": dossier.unit}
        words = _("Hạn gửi hồ sơ trở lại %(legal)s.") % {"legal": legal_deadline(dossier.cycle).words()}
    else:
        subject = _("%(unit)s được gia hạn đến hết %(day)s") % {"unit": dossier.unit, "day": in_sentence(row.until)}
        words = _("Hạn gửi hồ sơ: đến hết %(day)s.") % {"day": in_sentence(row.until)}
    number = _("Văn bản: %(number)s") % {"number": row.decision_number} if row.decision_number else ""
    return Message(
        event=f"extension:{row.pk}",
        recipient=person,
        subject=subject,
        body="\n".join(part for part in (words, _("Lý do: %(reason)s") % {"reason": row.reason}, number) if part),
        url=reverse("dossier", args=[dossier.pk]),
        kind=Kind.EXTENSION,
    )
