"""What a person wants to be told, by which channel, and when not to be disturbed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from units import clock
from units.models import User
from units.phones import normal_phone

from .channels import Channel, channels
from .kinds import LEGAL, Kind
from .models import Preferences

ONE_DAY = dt.timedelta(days=1)
# Longer than any run of days off; a search for the next working day ends here.
LONGEST_REST = 30


class InvalidPreferences(Exception):
    """What was entered cannot be kept; `errors` maps a field to its message."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


def preferences_of(users: Iterable[User]) -> dict[int, Preferences]:
    """The preferences of each of `users` by id, one query; defaults for who has set none."""
    people = {user.pk: user for user in users}
    found = {row.user_id: row for row in Preferences.objects.filter(user__in=people)}
    return {pk: found.get(pk) or Preferences(user=user) for pk, user in people.items()}


def wants(preferences: Preferences, kind: str, channel: Channel) -> bool:
    """Whether the person gets notices of `kind` by `channel`; legal kinds always."""
    return kind in LEGAL or f"{kind}:{channel.key}" not in preferences.muted


def send_from(preferences: Preferences, kind: str, now: dt.datetime, days_off: Collection[dt.date] = ()) -> dt.datetime:
    """The first UTC instant from `now` on at which a person may be disturbed.

    A legal notice waits for the morning but never for the next working day: its time runs on days off too.
    `days_off` are the local dates on which offices do not work.
    """
    local = now.astimezone(clock.LOCAL)
    rests = days_off if preferences.quiet_days_off and kind not in LEGAL else ()
    for _day in range(LONGEST_REST):
        end = _quiet_end(preferences, local) if preferences.quiet else None
        if end is not None:
            local = end
        if local.date() not in rests:
            break
        local = dt.datetime.combine(local.date() + ONE_DAY, dt.time(), clock.LOCAL)
    return local.astimezone(dt.UTC)


def _quiet_end(preferences: Preferences, local: dt.datetime) -> dt.datetime | None:
    """When the quiet hours end in which `local` lies; None outside of them."""
    start, end = preferences.quiet_from, preferences.quiet_until
    at = local.time()
    if start < end:
        inside, day = start <= at < end, local.date()
    else:
        inside, day = at >= start or at < end, local.date() + (ONE_DAY if at >= start else dt.timedelta(0))
    return dt.datetime.combine(day, end, clock.LOCAL) if inside else None


@transaction.atomic
def save_preferences(
    *,
    by: User,
    muted: Collection[tuple[str, str]],
    quiet: bool,
    quiet_from: dt.time | None,
    quiet_until: dt.time | None,
    quiet_days_off: bool,
    by_phone: bool,
    phone: str,
) -> Preferences:
    """Keep the person's own choice; `muted` are pairs of kind and channel. Raises InvalidPreferences.

    Legal kinds cannot be muted: a pair that names one is refused, not forgotten.
    """
    errors: dict[str, str] = {}
    known = {channel.key for channel in channels()}
    for kind, channel in muted:
        if kind not in Kind.values or channel not in known:
            errors["muted"] = _("Có lựa chọn không còn dùng được. Hãy tải lại trang rồi chọn lại.")
        elif Kind(kind) in LEGAL:
            errors["muted"] = _("Không tắt được “%(kind)s”: %(reason)s") % {
                "kind": Kind(kind).label,
                "reason": LEGAL[Kind(kind)],
            }
    try:
        number = normal_phone(phone)
    except ValueError as error:
        number, errors["phone"] = "", str(error)
    if by_phone and not number and "phone" not in errors:
        errors["phone"] = _("Hãy nhập số điện thoại để nhận tin nhắn.")
    row = Preferences.objects.filter(user=by).first() or Preferences(user=by)
    row.quiet_from, row.quiet_until = quiet_from or row.quiet_from, quiet_until or row.quiet_until
    if quiet and row.quiet_from == row.quiet_until:
        errors["quiet_until"] = _("Giờ kết thúc phải khác giờ bắt đầu.")
    if errors:
        raise InvalidPreferences(errors)
    row.muted = sorted(f"{kind}:{channel}" for kind, channel in set(muted))
    row.quiet, row.quiet_days_off, row.by_phone = quiet, quiet_days_off, by_phone
    row.save()
    User.objects.filter(pk=by.pk).update(phone=number)
    by.phone = number
    return row
