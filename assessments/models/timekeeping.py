"""Gia hạn, the internal deadlines before the legal one, and the reminders that Sở Nội vụ sends by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit, User

from .cycle import Cycle

USER = settings.AUTH_USER_MODEL
MOST_DAYS = 60


class Extension(models.Model):
    """A later deadline for one unit's self-assessment (gia hạn), or its withdrawal, which names no day.

    Rows are only added: the latest one counts, the earlier ones are the history.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="extensions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="extensions")
    until = models.DateField(_("Gia hạn đến hết ngày"), null=True, blank=True)  # inclusive
    withdrawn = models.BooleanField(_("Thu hồi gia hạn"), default=False)
    reason = models.TextField(_("Lý do"))
    decision_number = models.CharField(_("Văn bản cho phép"), max_length=60, blank=True)
    granted_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle", "unit", "granted_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason"),
            models.CheckConstraint(
                condition=Q(withdrawn=False, until__isnull=False) | Q(withdrawn=True, until=None),
                name="extension_until_or_withdrawn",
            ),
        ]


class InternalDeadline(models.Model):
    """How long before the unit's own legal deadline a step should be done. Missing it is late nowhere else.

    Without a unit it is the cycle's proposal to all; a unit's own row takes its place for that unit.
    """

    class Step(models.TextChoices):
        OFFICER = "officer", _("Chuyên viên nhập xong")
        COORDINATOR = "coordinator", _("Cán bộ đầu mối rà soát xong")
        HEAD = "head", _("Thủ trưởng duyệt xong")

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="internal_deadlines")
    unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="internal_deadlines",
        verbose_name=_("Đơn vị"),
    )
    step = models.CharField(_("Bước"), max_length=12, choices=Step)
    days = models.PositiveSmallIntegerField(_("Số ngày trước hạn nộp"))  # 0: the last legal day itself
    working_days = models.BooleanField(_("Ngày làm việc"), default=True)
    set_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle", "unit", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "step"], condition=Q(unit=None), name="internal_deadline_once_per_cycle"
            ),
            models.UniqueConstraint(fields=["cycle", "unit", "step"], name="internal_deadline_once_per_unit"),
            models.CheckConstraint(condition=Q(days__lte=MOST_DAYS), name="internal_deadline_days_bounded"),
            models.CheckConstraint(
                condition=Q(step__in=["officer", "coordinator", "head"]), name="internal_deadline_step_known"
            ),
        ]


class Nudge(models.Model):
    """A reminder that somebody at Sở Nội vụ sent on purpose (đôn đốc). Never changed, never taken back."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="nudges")
    text = models.TextField(_("Nội dung"))
    until = models.DateField(_("Yêu cầu hoàn thành đến hết ngày"), null=True, blank=True)
    sent_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="nudge_has_text")]


class NudgedUnit(models.Model):
    """A unit that a nudge names, what it owed at that moment, and who was told.

    `works` are rows of work, deadline (words), days_late and progress, as the công văn prints them.
    """

    nudge = models.ForeignKey(Nudge, on_delete=models.PROTECT, related_name="units")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="nudges")
    works = models.JSONField(default=list)
    recipients = models.ManyToManyField(User, related_name="+", blank=True)

    class Meta:
        ordering = ["nudge", "unit__group__order", "unit__order", "pk"]
        constraints = [models.UniqueConstraint(fields=["nudge", "unit"], name="nudged_unit_once")]
