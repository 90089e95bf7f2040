"""Days off and make-up working days: decided year by year, late, so they are rows that people edit."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _w
from django.utils.translation import gettext_lazy as _

from .calendar import WorkCalendar, long_date


class Holiday(models.Model):
    """A day on which offices do not work, or a day off on which they do."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Ngày nghỉ")
        MAKEUP = "makeup", _("Ngày làm bù")

    on = models.DateField(_("Ngày"))
    name = models.CharField(_("Tên"), max_length=200)
    kind = models.CharField(_("Loại"), max_length=10, choices=Kind, default=Kind.HOLIDAY)
    source = models.CharField(_("Căn cứ"), max_length=300, blank=True)

    class Meta:
        ordering = ["on"]
        verbose_name = _("Ngày nghỉ, ngày làm bù")
        verbose_name_plural = _("Ngày nghỉ, ngày làm bù")
        constraints = [
            models.UniqueConstraint(fields=["on"], name="holiday_day_once"),
            models.CheckConstraint(condition=Q(kind__in=["holiday", "makeup"]), name="holiday_kind_known"),
            models.CheckConstraint(condition=~Q(name=""), name="holiday_named"),
        ]

    def __str__(self) -> str:
        return f"{long_date(self.on)}: {self.name}"


def work_calendar(first: dt.date | None = None, last: dt.date | None = None) -> WorkCalendar:
    """The working days that hold now; one query. `first` and `last` (both included) bound what is read."""
    rows = Holiday.objects.all()
    if first is not None:
        rows = rows.filter(on__gte=first)
    if last is not None:
        rows = rows.filter(on__lte=last)
    days = list(rows.values_list("on", "kind"))
    return WorkCalendar(
        holidays=frozenset(on for on, kind in days if kind == Holiday.Kind.HOLIDAY),
        makeup_days=frozenset(on for on, kind in days if kind == Holiday.Kind.MAKEUP),
    )


def days_from(start: dt.date, days: int, *, working: bool, calendar: WorkCalendar | None = None) -> dt.date:
    """The day `days` after `start`, or before it where negative; working days leave out weekends and days off.

    One query where working days are counted and no `calendar` is given.
    """
    if not working:
        return start + dt.timedelta(days=days)
    return (calendar or work_calendar()).add_working_days(start, days)


def days_words(days: int, *, working: bool) -> str:
    """`3 ngày làm việc`, `3 ngày`."""
    return _w("%(days)s ngày làm việc") % {"days": days} if working else _w("%(days)s ngày") % {"days": days}
