"""What a unit is told of visits: when the council comes, that it does not, and what it found."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import SiteVisit
from notifications.services import Kind, Message
from units import access
from units.permissions import Perm
from units.templatetags.cchc import vdatetime


def told(visit: SiteVisit) -> list[Message]:
    """To coordinator and head of the unit, and to the team; once for each state of the visit."""
    unit = visit.dossier.unit
    facts = {"unit": unit, "at": vdatetime(visit.planned_at), "place": visit.place}
    state = "shared" if visit.shared_at else visit.state
    subject, body = {
        "planned": (_("Hẹn kiểm tra thực tế tại %(unit)s"), _("Thời gian: %(at)s. Địa điểm: %(place)s.")),
        "cancelled": (_("Hủy lịch kiểm tra thực tế tại %(unit)s"), _("Lịch đã hẹn: %(at)s, %(place)s.")),
        "shared": (_("Kết quả kiểm tra thực tế tại %(unit)s"), _("Hội đồng đã gửi kết quả buổi kiểm tra %(at)s.")),
    }[state]
    lines = [body % facts]
    if state == "planned" and visit.agenda:
        lines.append(visit.agenda)
    if state == "cancelled":
        lines.append(_("Lý do: %(reason)s") % {"reason": visit.cancelled_reason})
    holders = access.holders_by([Perm.CHECK, Perm.APPROVE], type(unit), {unit.pk})
    people = {user.pk: user for users in holders.values() for user in users}
    if state != "shared":
        people |= {seat.user_id: seat.user for seat in visit.team.select_related("user")}
    return [
        Message(
            event=f"visit:{visit.pk}:{state}:{visit.version}",
            recipient=user,
            subject=subject % facts,
            body="\n".join(lines),
            url=reverse("site-visit", args=[visit.dossier_id, visit.pk]),
            kind=Kind.VISIT,
        )
        for _pk, user in sorted(people.items())
    ]
