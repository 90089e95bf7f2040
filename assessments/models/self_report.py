"""The unit's Báo cáo tự đánh giá: its own words, the totals of the signed paper, and the signed paper itself."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS, Criterion
from evidence.models import DocumentVersion

from .dossier import Dossier

USER = settings.AUTH_USER_MODEL


class SelfReport(models.Model):
    """The report of one dossier. `total` is what the signed paper says, never what the sheet adds up to."""

    dossier = models.OneToOneField(Dossier, on_delete=models.CASCADE, related_name="self_report")
    difficulties = models.TextField(_("Khó khăn, vướng mắc"), blank=True)
    proposals = models.TextField(_("Đề xuất, kiến nghị"), blank=True)
    total = models.DecimalField(_("Tổng điểm ghi trong báo cáo"), **POINTS, null=True, blank=True)
    signed = models.ForeignKey(
        DocumentVersion,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Báo cáo đã ký"),
    )
    version = models.PositiveIntegerField(default=0)
    entered_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=None) | Q(entered_at__isnull=False, entered_by__isnull=False),
                name="self_report_total_entered_by_someone",
            ),
        ]


class SelfReportTotal(models.Model):
    """What the signed report says of one domain."""

    report = models.ForeignKey(SelfReport, on_delete=models.CASCADE, related_name="totals")
    domain = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(_("Điểm ghi trong báo cáo"), **POINTS)

    class Meta:
        ordering = ["report", "domain__order"]
        constraints = [
            models.UniqueConstraint(fields=["report", "domain"], name="self_report_total_once_per_domain"),
        ]
