"""How points, dates and deadlines are written on every screen."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TypedDict

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.clock import LOCAL, now

register = template.Library()

WEEKDAYS = (
    gettext_lazy("Thứ Hai"),
    gettext_lazy("Thứ Ba"),
    gettext_lazy("Thứ Tư"),
    gettext_lazy("Thứ Năm"),
    gettext_lazy("Thứ Sáu"),
    gettext_lazy("Thứ Bảy"),
    gettext_lazy("Chủ nhật"),
)

# A deadline this near is shown as near; further away it is only information.
SOON_DAYS = 7

NO_VALUE = "–"


class Due(TypedDict):
    """A deadline for a reader: chip (state, text, icon), the last day with its weekday, and days left."""

    state: str
    text: str
    icon: str
    date_text: str
    days: int


def local_date(value: dt.date | dt.datetime) -> dt.date:
    """The calendar day of an instant in Asia/Ho_Chi_Minh; a plain date is that day already."""
    if isinstance(value, dt.datetime):
        return value.astimezone(LOCAL).date()
    return value


def last_day(deadline: dt.date | dt.datetime) -> dt.date:
    """The last local day on which a thing is still on time.

    Deadlines are half-open instants: "trước ngày 15/12" is the start of 15/12, so its last day is 14/12.
    A plain date is itself the last day.
    """
    if isinstance(deadline, dt.datetime):
        return local_date(deadline - dt.timedelta(microseconds=1))
    return deadline


def days_left_words(days: int) -> str:
    """Whole local days until the last day, in words; negative days are days of delay."""
    if days > 0:
        return _("Còn %(days)d ngày") % {"days": days}
    if days == 0:
        return _("Hôm nay")
    return _("Quá hạn %(days)d ngày") % {"days": -days}


@register.filter
def points(value: Decimal | int | None, places: int = 2) -> str:
    """Points as offices print them: `7,50`, thousands grouped; a missing value is `–`, never zero."""
    if value is None or value == "":
        return NO_VALUE
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    if rounded == 0:
        rounded = abs(rounded)
    return f"{rounded:,f}".translate(str.maketrans(",.", ".,"))


@register.filter
def vdate(value: dt.date | dt.datetime | None) -> str:
    """A day with its weekday, `Thứ Hai 14/12/2026`, in local time."""
    if not value:
        return NO_VALUE
    day = local_date(value)
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"


@register.filter
def vdatetime(value: dt.datetime | None) -> str:
    """An instant in local time, `10:32 Thứ Hai 14/12/2026`."""
    if not value:
        return NO_VALUE
    return f"{value.astimezone(LOCAL):%H:%M} {vdate(value)}"


@register.filter
def due(deadline: dt.date | dt.datetime | None, at: dt.datetime | None = None) -> Due | None:
    """What a reader must know of a deadline (half-open instant, or a last day) at `at`, by default now."""
    if not deadline:
        return None
    instant = at or now()
    day = last_day(deadline)
    days = (day - local_date(instant)).days
    text = days_left_words(days)
    passed = instant >= deadline if isinstance(deadline, dt.datetime) else days < 0
    if passed:
        state, icon = "late", "exclamation-circle"
        if days == 0:
            text = _("Vừa quá hạn")
    elif days <= SOON_DAYS:
        state, icon = "soon", "clock"
    else:
        state, icon = "info", ""
    return {"state": state, "text": text, "icon": icon, "date_text": vdate(day), "days": days}


@register.filter
def days_left(deadline: dt.date | dt.datetime | None, at: dt.datetime | None = None) -> str:
    """Only the words of `due`: `Còn 2 ngày`, `Hôm nay`, `Quá hạn 1 ngày`."""
    found = due(deadline, at)
    return found["text"] if found else NO_VALUE


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str) -> SafeString:
    """A decorative picture of the pinned set; words beside it must say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("vendor/icons/icons.svg"), name
    )
