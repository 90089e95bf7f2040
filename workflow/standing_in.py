"""Nghỉ phép, thay mặt: who is told when a substitution is recorded or ended early."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from notifications.kinds import Kind
from notifications.services import Message
from plans.calendar import long_date
from units import access
from units.models import Substitution
from units.permissions import Perm


def notices(row: Substitution) -> list[Message]:
    """To the substitute, the absent person and the unit's coordinators, but not to whoever did it."""
    by = row.ended_by or row.made_by
    words = {
        "by": by,
        "substitute": row.substitute,
        "absent": row.absent,
        "unit": row.unit,
        "first": long_date(row.first_day),
        "last": long_date(row.last_day),
        "reason": row.reason,
    }
    if row.ended_by is None:
        event = f"substitution:{row.pk}:made"
        subject = _("%(substitute)s thay mặt %(absent)s từ %(first)s") % words
        body = _(
            "%(by)s đã ghi: %(substitute)s thay mặt %(absent)s ở %(unit)s từ %(first)s đến hết %(last)s. "
            "Lý do: %(reason)s\n"
            "Trong những ngày đó việc của %(absent)s hiện ở “Việc của tôi” của %(substitute)s, có dấu “thay mặt”."
        )
    else:
        event = f"substitution:{row.pk}:ended"
        subject = _("%(substitute)s thôi thay mặt %(absent)s") % words
        body = _(
            "%(by)s đã kết thúc sớm việc %(substitute)s thay mặt %(absent)s ở %(unit)s "
            "(đã ghi từ %(first)s đến hết %(last)s). "
            "Việc của %(absent)s không còn hiện ở “Việc của tôi” của %(substitute)s."
        )
    coordinators = access.holders(Perm.CHECK, row.unit)
    people = {person.pk: person for person in (row.substitute, row.absent, *coordinators)}
    return [
        Message(event, person, subject, body % words, url=reverse("substitutions"), kind=Kind.SUBSTITUTION)
        for person in people.values()
        if person.is_active and person != by
    ]
