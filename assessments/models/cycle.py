"""One year's assessment and its ranking groups."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS, CriteriaSet
from plans.models import Milestone, Plan
from units.models import Unit, UnitGroup
from units.permissions import CYCLE_PERMS, model_permissions

from ..stages import CycleStage

USER = settings.AUTH_USER_MODEL


class Cycle(models.Model):
    """One year's assessment. What provinces do differently is data here, read by the gateways of the flows."""

    class Ties(models.TextChoices):
        COMPETITION = "competition", _("Đồng hạng, bỏ hạng kế tiếp (1, 1, 3)")
        DENSE = "dense", _("Đồng hạng, không bỏ hạng (1, 1, 2)")

    class ShowResult(models.TextChoices):
        PROVISIONAL = "provisional", _("Ngay khi có kết quả dự kiến")
        CONCLUDED = "concluded", _("Khi hồ sơ đã kết luận")
        PUBLISHED = "published", _("Khi kết quả đã công bố")

    year = models.PositiveSmallIntegerField(_("Năm đánh giá"))
    name = models.CharField(_("Tên đợt đánh giá"), max_length=200)
    province = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cycles", verbose_name=_("Tỉnh"))
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="cycle", verbose_name=_("Kế hoạch"))
    stage = models.CharField(_("Giai đoạn"), max_length=20, choices=CycleStage, default=CycleStage.DRAFT)
    has_survey = models.BooleanField(_("Có điều tra xã hội học"), default=True)
    appeals = models.BooleanField(_("Cho kiến nghị trước khi kết luận"), default=True)
    accept_late = models.BooleanField(_("Nhận hồ sơ gửi muộn"), default=True)
    take_back = models.BooleanField(
        _("Cho rút lại hồ sơ đã gửi"),
        default=False,
        help_text=_(
            "Trước hạn của đơn vị, đơn vị được rút lại hồ sơ một lần, có lý do. Hồ sơ gửi sớm chờ đến hết hạn, hoặc "
            "đến khi Sở Nội vụ kết thúc nhận hồ sơ, rồi mới chuyển thẩm định."
        ),
    )
    self_report_required = models.BooleanField(
        _("Bắt buộc có báo cáo tự đánh giá đã ký"),
        default=False,
        help_text=_(
            "Trước khi gửi, đơn vị phải tải lên báo cáo tự đánh giá đã ký và nhập các điểm ghi trong báo cáo, khớp với "
            "bảng điểm."
        ),
    )
    show_result_at = models.CharField(
        _("Đơn vị xem được điểm thẩm định"),
        max_length=12,
        choices=ShowResult,
        default=ShowResult.PROVISIONAL,
        help_text=_("Đợt có kiến nghị luôn cho đơn vị xem kết quả dự kiến, vì đơn vị phải trả lời kết quả đó."),
    )
    response_days = models.PositiveSmallIntegerField(_("Số ngày để kiến nghị"), default=3)
    supplement_days = models.PositiveSmallIntegerField(_("Số ngày để bổ sung"), default=3)
    working_days = models.BooleanField(_("Đếm các ngày này theo ngày làm việc"), default=False)
    rounds = models.PositiveSmallIntegerField(
        _("Số vòng thẩm định"),
        default=1,
        help_text=_("2 vòng: kiến nghị của đơn vị được thẩm định lại bởi người khác, không phải người chấm vòng 1."),
    )
    double_scoring = models.BooleanField(_("Hai người chấm độc lập mỗi lĩnh vực"), default=False)
    consensus_threshold = models.DecimalField(_("Chênh lệch phải thống nhất lại (trên, điểm)"), **POINTS, default=0)
    share_out = models.BooleanField(_("Tự chia đều việc thẩm định"), default=False)
    ties = models.CharField(_("Đồng điểm"), max_length=12, choices=Ties, default=Ties.COMPETITION)
    opened_at = models.DateTimeField(_("Mở lúc"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Kết thúc nhận hồ sơ lúc"), null=True, blank=True)
    survey_merged_at = models.DateTimeField(_("Tổng hợp điều tra lúc"), null=True, blank=True)
    concluded_at = models.DateTimeField(_("Hội đồng kết luận lúc"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "-pk"]
        permissions = model_permissions(CYCLE_PERMS)
        verbose_name = _("Đợt đánh giá")
        verbose_name_plural = _("Đợt đánh giá")
        constraints = [
            models.UniqueConstraint(fields=["province", "year", "name"], name="cycle_once_per_year"),
            models.CheckConstraint(condition=Q(rounds__in=[1, 2]), name="cycle_one_or_two_rounds"),
            models.CheckConstraint(
                condition=Q(show_result_at__in=["provisional", "concluded", "published"]),
                name="cycle_known_time_of_result",
            ),
            models.CheckConstraint(
                condition=Q(consensus_threshold__gte=0), name="cycle_consensus_threshold_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def milestone(self, key: Milestone.Key) -> Milestone:
        """The plan's milestone; the plan's rows are read once and kept on the instance."""
        found: dict[str, Milestone] | None = getattr(self, "_milestones", None)
        if found is None:
            found = {milestone.key: milestone for milestone in self.plan.milestones.all()}
            self._milestones = found
        return found[key]


class CycleGroup(models.Model):
    """Which criteria set a ranking group is assessed by in a cycle."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="groups")
    group = models.ForeignKey(UnitGroup, on_delete=models.PROTECT, related_name="cycles")
    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.PROTECT, related_name="cycles")

    class Meta:
        ordering = ["cycle", "group__order"]
        constraints = [models.UniqueConstraint(fields=["cycle", "group"], name="cycle_group_once")]

    def __str__(self) -> str:
        return f"{self.group}"
