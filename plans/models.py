"""A decision's timetable: milestones, tasks and targets. Working groups and holidays have files of their own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from . import holidays, reports, working_groups  # noqa: F401  their models belong to this app
from .calendar import Deadline, PlanTime, TimeKind
from .content import Comparison, ReportRule
from .progress import reaches


class Plan(models.Model):
    """A decision's timetable. `version` grows with every change of anything in the plan."""

    number = models.CharField(_("Số, ký hiệu"), max_length=60)
    title = models.CharField(_("Tên kế hoạch"), max_length=300)
    signed_on = models.DateField(_("Ngày ký"))
    signer = models.CharField(_("Người ký"), max_length=150, blank=True)
    issuing_body = models.CharField(_("Cơ quan ban hành"), max_length=200)
    period_start = models.DateField(_("Từ ngày"))
    period_end = models.DateField(_("Đến ngày"))
    cloned_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="clones",
        verbose_name=_("Sao từ"),
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["-signed_on"]
        verbose_name = _("Kế hoạch")
        verbose_name_plural = _("Kế hoạch")
        constraints = [
            models.UniqueConstraint(fields=["number", "signed_on"], name="plan_number_once"),
            models.CheckConstraint(condition=Q(period_end__gte=models.F("period_start")), name="plan_period_forward"),
            models.CheckConstraint(
                condition=Q(cloned_from=None) | ~Q(cloned_from=F("pk")), name="plan_not_cloned_from_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.title}"

    def is_over(self, today: dt.date) -> bool:
        """Whether the last day of the period has passed."""
        return today > self.period_end


class Milestone(models.Model):
    """A legal date of the plan. "Trước ngày D" ends at the start of D unless the milestone is inclusive."""

    class Key(models.TextChoices):
        SELF_ASSESSMENT = "self_assessment", _("Hoàn thành tự đánh giá")
        APPRAISAL = "appraisal", _("Hoàn thành thẩm định")
        SURVEY = "survey", _("Hoàn thành điều tra xã hội học")
        PUBLICATION = "publication", _("Công bố kết quả")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="milestones")
    key = models.CharField(_("Mốc"), max_length=20, choices=Key)
    on = models.DateField(_("Ngày"))
    inclusive = models.BooleanField(_("Tính cả ngày này"), default=False)

    class Meta:
        ordering = ["plan", "on", "key"]
        verbose_name = _("Mốc thời gian")
        verbose_name_plural = _("Mốc thời gian")
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="milestone_once_per_plan")]

    def __str__(self) -> str:
        return f"{self.get_key_display()} {self.deadline.words()}"

    @property
    def deadline(self) -> Deadline:
        return Deadline(on=self.on, inclusive=self.inclusive)


class PlanTask(models.Model):
    """One task of a plan: who leads, who works with them, and when, in the words of the decision.

    The bodies are texts; `leads` and `coordinators` link those that are units of this installation. `time_kind` is
    empty where the decision names no time. `ends_on` is the first local day after the time, which for "trước ngày D"
    is D itself.
    """

    class Report(models.TextChoices):
        NONE = ReportRule.NONE.value, _("Không báo cáo định kỳ")
        MONTHLY = ReportRule.MONTHLY.value, _("Hàng tháng")
        QUARTERLY = ReportRule.QUARTERLY.value, _("Hàng quý")
        YEARLY = ReportRule.YEARLY.value, _("Hàng năm")

    class Kind(models.TextChoices):
        DAY = TimeKind.DAY.value, _("Ngày")
        BEFORE = TimeKind.BEFORE.value, _("Trước ngày")
        UNTIL = TimeKind.UNTIL.value, _("Đến hết ngày")
        MONTH = TimeKind.MONTH.value, _("Tháng")
        QUARTER = TimeKind.QUARTER.value, _("Quý")
        YEAR = TimeKind.YEAR.value, _("Năm")
        PERIOD = TimeKind.PERIOD.value, _("Giai đoạn")
        ONGOING = TimeKind.ONGOING.value, _("Thường xuyên")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="tasks")
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="children",
        verbose_name=_("Thuộc nhiệm vụ"),
    )
    number = models.CharField(_("Số"), max_length=20)
    order = models.PositiveIntegerField(_("Thứ tự"))  # position in the plan
    name = models.TextField(_("Nhiệm vụ"))
    lead = models.CharField(_("Chủ trì"), max_length=500, blank=True)
    leads = models.ManyToManyField(
        Unit, blank=True, related_name="led_plan_tasks", verbose_name=_("Đơn vị chủ trì trên phần mềm")
    )
    coordinating = models.CharField(_("Phối hợp"), max_length=500, blank=True)
    coordinators = models.ManyToManyField(
        Unit, blank=True, related_name="coordinated_plan_tasks", verbose_name=_("Đơn vị phối hợp trên phần mềm")
    )
    time_text = models.CharField(_("Thời gian"), max_length=200, blank=True)
    time_kind = models.CharField(_("Loại thời gian"), max_length=10, choices=Kind, blank=True)
    starts_on = models.DateField(_("Bắt đầu"), null=True, blank=True)
    ends_on = models.DateField(_("Ngày đầu tiên sau khi kết thúc"), null=True, blank=True)
    report_every = models.CharField(_("Báo cáo định kỳ"), max_length=10, choices=Report, default=Report.NONE)
    source = models.CharField(_("Mục trong văn bản"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["plan", "order", "pk"]
        verbose_name = _("Nhiệm vụ")
        verbose_name_plural = _("Nhiệm vụ")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_task_number_once"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("pk")), name="plan_task_not_under_itself"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(name=""), name="plan_task_named"),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="plan_task_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(time_kind__in=["", "ongoing"], starts_on=None, ends_on=None)
                | Q(time_kind__in=["before", "until"], starts_on=None, ends_on__isnull=False)
                | Q(
                    time_kind__in=["day", "month", "quarter", "year", "period"],
                    starts_on__isnull=False,
                    ends_on__isnull=False,
                ),
                name="plan_task_dates_fit_kind",
            ),
            models.CheckConstraint(
                condition=Q(time_kind="", time_text="") | (~Q(time_kind="") & ~Q(time_text="")),
                name="plan_task_time_has_words",
            ),
            models.CheckConstraint(
                condition=Q(report_every__in=[rule.value for rule in ReportRule]), name="plan_task_report_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def time(self) -> PlanTime | None:
        """When it is to be done; None where the decision names no time."""
        if not self.time_kind:
            return None
        return PlanTime(TimeKind(self.time_kind), self.starts_on, self.ends_on, self.time_text)

    @property
    def deadline(self) -> Deadline | None:
        """When it is due; None for ongoing work and where the decision names no time."""
        time = self.time
        return None if time is None else time.deadline


class Target(models.Model):
    """A target of the plan; without a value it is one that no figure can answer."""

    class Compare(models.TextChoices):
        MORE = Comparison.MORE.value, _("trên")
        AT_LEAST = Comparison.AT_LEAST.value, _("từ")
        EXACTLY = Comparison.EXACTLY.value, _("đúng")

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="targets")
    task = models.ForeignKey(
        PlanTask,
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="targets",
        verbose_name=_("Thuộc nhiệm vụ"),
    )
    number = models.CharField(_("Số"), max_length=20)
    order = models.PositiveIntegerField(_("Thứ tự"))
    text = models.TextField(_("Chỉ tiêu"))
    value = models.DecimalField(_("Giá trị"), max_digits=12, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("Đơn vị tính"), max_length=30, blank=True)
    comparison = models.CharField(_("So sánh"), max_length=2, choices=Compare, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["plan", "order", "pk"]
        verbose_name = _("Chỉ tiêu")
        verbose_name_plural = _("Chỉ tiêu")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="target_number_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="target_value_not_negative"),
            models.CheckConstraint(
                condition=Q(value=None, comparison="", unit="")
                | Q(value__isnull=False, comparison__in=[c.value for c in Comparison]),
                name="target_value_has_comparison",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text}"

    @property
    def deadline(self) -> Deadline:
        """When the figure must stand: with the task that it belongs to, else at the end of the plan's period."""
        due = self.task.deadline if self.task is not None else None
        return due or Deadline(self.plan.period_end, inclusive=True)

    def is_met_by(self, figure: Decimal) -> bool | None:
        """Whether `figure` reaches the target; None for a target without a number."""
        return None if self.value is None else reaches(figure, self.value, self.comparison)
