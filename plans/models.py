"""The plan that opens a cycle, and its milestones."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .calendar import Deadline


class Plan(models.Model):
    """A decision's timetable."""

    number = models.CharField(_("Số, ký hiệu"), max_length=60)
    title = models.CharField(_("Tên kế hoạch"), max_length=300)
    signed_on = models.DateField(_("Ngày ký"))
    signer = models.CharField(_("Người ký"), max_length=150, blank=True)
    issuing_body = models.CharField(_("Cơ quan ban hành"), max_length=200)
    period_start = models.DateField(_("Từ ngày"))
    period_end = models.DateField(_("Đến ngày"))

    class Meta:
        ordering = ["-signed_on"]
        verbose_name = _("Kế hoạch")
        verbose_name_plural = _("Kế hoạch")
        constraints = [
            models.UniqueConstraint(fields=["number", "signed_on"], name="plan_number_once"),
            models.CheckConstraint(
                condition=Q(period_end__gte=models.F("period_start")), name="plan_period_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.title}"


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
