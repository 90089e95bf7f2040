"""Đôn đốc by hand: what Sở Nội vụ writes to units, kept with what they owed, and told to their people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.kinds import Kind
from notifications.services import Message, queue
from plans.calendar import in_sentence
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from .. import ledger
from ..errors import InvalidInput
from ..models import Cycle, Nudge, NudgedUnit
from ..moves import lock_cycle, lock_dossier

LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Work:
    """One thing that a unit still has to do; `deadline` in words, `days_late` in local days, 0 while in time."""

    work: str
    deadline: str
    days_late: int = 0
    progress: str = ""


@dataclass(frozen=True)
class Addressee:
    """A unit to be nudged: what it owes, and the people who are told."""

    unit: Unit
    works: Sequence[Work]
    people: Sequence[User]


@transaction.atomic
def nudge(cycle: Cycle, addressees: Sequence[Addressee], *, text: str, until: dt.date | None = None, by: User) -> Nudge:
    """Keep the nudge, and queue a notice to each person of each unit. Raises InvalidInput.

    `until` is the last local day that the sender asks for; it changes no deadline.
    """
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, cycle)
    errors: dict[str, str] = {}
    if not addressees:
        errors["units"] = _("Hãy chọn ít nhất một đơn vị còn việc phải làm.")
    if not text.strip():
        errors["text"] = _("Hãy ghi nội dung đôn đốc.")
    elif len(text.strip()) > LONGEST_TEXT:
        errors["text"] = _("Nội dung dài quá %(limit)s ký tự.") % {"limit": LONGEST_TEXT}
    if until is not None and until < clock.today():
        errors["until"] = _("Ngày yêu cầu hoàn thành phải từ hôm nay trở đi.")
    if errors:
        raise InvalidInput(errors)
    made = Nudge.objects.create(cycle=cycle, text=text.strip(), until=until, sent_by=by, sent_at=clock.now())
    dossiers = {dossier.unit_id: dossier for dossier in cycle.dossiers.order_by("pk")}
    for addressee in sorted(addressees, key=lambda one: dossiers[one.unit.pk].pk):
        row = NudgedUnit.objects.create(
            nudge=made, unit=addressee.unit, works=[asdict(work) for work in addressee.works]
        )
        row.recipients.set(addressee.people)
        ledger.record(
            lock_dossier(dossiers[addressee.unit.pk]),
            "nudge",
            by=by,
            after={"until": until, "people": len(addressee.people)},
            reason=made.text,
        )
    queue(_messages(made, addressees, {unit: dossier.pk for unit, dossier in dossiers.items()}))
    return made


def _messages(made: Nudge, addressees: Sequence[Addressee], dossiers: Mapping[int, int]) -> list[Message]:
    return [
        Message(
            event=f"nudge:{made.pk}:{addressee.unit.pk}",
            recipient=person,
            subject=_("Sở Nội vụ đôn đốc: %(unit)s") % {"unit": addressee.unit.name},
            body=body(made, addressee),
            url=reverse("dossier", args=[dossiers[addressee.unit.pk]]),
            kind=Kind.NUDGE,
        )
        for addressee in addressees
        for person in addressee.people
    ]


def body(made: Nudge, addressee: Addressee) -> str:
    """What the notice says: the sender's text, what the unit owes, and by when it is asked for."""
    lines = [made.text, "", _("%(unit)s còn phải hoàn thành:") % {"unit": addressee.unit.name}]
    for work in addressee.works:
        late = " " + _("Quá hạn %(days)s ngày.") % {"days": work.days_late} if work.days_late else ""
        lines.append(f"- {work.work}: {work.deadline}.{late}")
    if made.until is not None:
        lines += ["", _("Đề nghị hoàn thành đến hết ngày %(day)s.") % {"day": in_sentence(made.until)}]
    return "\n".join(lines)
