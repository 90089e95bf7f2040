"""Reports on the progress of a plan's tasks, everything that was said in them, and the figures of targets."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from .calendar import Deadline
from .progress import period_words

USER = settings.AUTH_USER_MODEL


class TaskReport(models.Model):
    """What one body reports of one task for one period; the last word of each side stands here.

    A body that is no unit of this installation has no `unit`: Sở Nội vụ writes down what it said. An accepted report
    never changes again; what comes later is the report of another period.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Chờ báo cáo")
        SENT = "sent", _("Chờ xác nhận")
        RETURNED = "returned", _("Trả lại, chờ báo cáo lại")
        ACCEPTED = "accepted", _("Đã xác nhận")

    task = models.ForeignKey("plans.PlanTask", on_delete=models.PROTECT, related_name="reports")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="task_reports")
    body = models.CharField(_("Cơ quan báo cáo"), max_length=500)  # as it was called then
    province = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")  # whose Sở Nội vụ verifies
    period = models.CharField(_("Kỳ báo cáo"), max_length=12)  # Period.key
    starts_on = models.DateField()
    ends_on = models.DateField()  # the first local day after the period
    due_on = models.DateField(_("Hạn báo cáo"))  # the last local day in time
    asked_at = models.DateTimeField()
    state = models.CharField(_("Tình trạng"), max_length=10, choices=State, default=State.ASKED)
    percentage = models.DecimalField(_("Tiến độ (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    text = models.TextField(_("Kết quả thực hiện"), blank=True)
    reported_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)  # the first time; a returned report keeps it
    on_behalf = models.BooleanField(_("Sở Nội vụ ghi thay"), default=False)
    verified_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(_("Ý kiến của Sở Nội vụ"), blank=True)

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name = _("Báo cáo tiến độ")
        verbose_name_plural = _("Báo cáo tiến độ")
        indexes = [models.Index(fields=["province", "state"], name="task_report_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "unit", "period"], condition=Q(unit__isnull=False), name="task_report_once_per_unit"
            ),
            models.UniqueConstraint(
                fields=["task", "body", "period"], condition=Q(unit=None), name="task_report_once_per_body"
            ),
            models.CheckConstraint(condition=~Q(body="") & ~Q(period=""), name="task_report_named"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="task_report_period_forward"),
            models.CheckConstraint(
                condition=Q(percentage=None) | Q(percentage__gte=0, percentage__lte=100),
                name="task_report_percentage_range",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", percentage=None, arrived_at=None, reported_at=None, verified_at=None)
                | Q(state="sent", percentage__isnull=False, arrived_at__isnull=False, reported_at__isnull=False)
                | Q(
                    state__in=["returned", "accepted"],
                    percentage__isnull=False,
                    arrived_at__isnull=False,
                    reported_at__isnull=False,
                    verified_at__isnull=False,
                ),
                name="task_report_state_fits",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(comment=""), name="task_report_returned_with_comment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body} · {self.period_words}"

    @property
    def period_words(self) -> str:
        """`Tháng 3/2026`, `Quý I năm 2026`, `Năm 2026`, `Đến ngày 21/11/2026`."""
        return period_words(self.period)

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due_on, inclusive=True)

    @property
    def is_open(self) -> bool:
        """Whether the body has to write."""
        return self.state in (self.State.ASKED, self.State.RETURNED)

    def is_late(self, now: dt.datetime) -> bool:
        """Whether it first arrived too late, or has not arrived and its time is over."""
        return not self.deadline.met(self.arrived_at or now)


class ReportEntry(models.Model):
    """One word in the dialogue on a report. Append-only: triggers in the database refuse UPDATE and DELETE."""

    class Kind(models.TextChoices):
        SENT = "sent", _("Báo cáo")
        RETURNED = "returned", _("Trả lại")
        ACCEPTED = "accepted", _("Xác nhận")

    report = models.ForeignKey(TaskReport, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    on_behalf = models.BooleanField(default=False)
    percentage = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["report", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["report", "seq"], name="report_entry_seq_once"),
            models.CheckConstraint(
                condition=Q(kind="sent", percentage__isnull=False, percentage__gte=0, percentage__lte=100)
                | Q(kind__in=["returned", "accepted"], percentage=None),
                name="report_entry_percentage_when_sent",
            ),
            models.CheckConstraint(
                condition=~Q(kind="returned") | ~Q(text=""), name="report_entry_returned_with_comment"
            ),
        ]


class TargetFigure(models.Model):
    """A figure given for a target: by a body with its report, or by Sở Nội vụ for the whole province. Append-only."""

    target = models.ForeignKey("plans.Target", on_delete=models.PROTECT, related_name="figures")
    entry = models.ForeignKey(ReportEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="figures")
    value = models.DecimalField(_("Số liệu"), max_digits=12, decimal_places=2)
    at = models.DateTimeField()
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("Nguồn số liệu"), max_length=300, blank=True)

    class Meta:
        ordering = ["target", "at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["target", "entry"], name="target_figure_once_per_entry"),
            models.CheckConstraint(condition=Q(value__gte=0), name="target_figure_not_negative"),
        ]
