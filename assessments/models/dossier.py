"""One unit's answer in a cycle, who fills which part of it, and what was remarked on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from criteria.models import Criterion
from units.models import Unit

from ..stages import OPEN_STAGES, Stage
from .cycle import Cycle, CycleGroup

USER = settings.AUTH_USER_MODEL


class Dossier(models.Model):
    """One unit's answer to one criteria set in one cycle."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="dossiers")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="dossiers")
    cycle_group = models.ForeignKey(CycleGroup, on_delete=models.PROTECT, related_name="dossiers")
    stage = models.CharField(_("Bước"), max_length=20, choices=Stage, default=Stage.ASSIGNING)
    stage_since = models.DateTimeField(_("Ở bước này từ"))
    appraisal_pass = models.PositiveSmallIntegerField(_("Lượt thẩm định"), default=0)
    round = models.PositiveSmallIntegerField(_("Vòng thẩm định"), default=1)  # 2 from the unit's appeals on
    approved_at = models.DateTimeField(_("Phê duyệt lúc"), null=True, blank=True)
    approved_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    submitted_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField(_("Kết luận lúc"), null=True, blank=True)

    class Meta:
        ordering = ["cycle", "unit__group__order", "unit__order"]
        verbose_name = _("Hồ sơ tự đánh giá")
        verbose_name_plural = _("Hồ sơ tự đánh giá")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], name="dossier_once_per_unit"),
            models.CheckConstraint(
                condition=Q(stage__in=sorted({*(stage.value for stage in OPEN_STAGES), Stage.NOT_SUBMITTED.value}))
                | Q(submitted_at__isnull=False),
                name="dossier_submitted_before_appraised",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(approved_at__isnull=False, submitted_at__gte=F("approved_at")),
                name="dossier_approved_before_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.cycle}"

    @property
    def criteria_set_id(self) -> int:
        return self.cycle_group.criteria_set_id


class Assignment(models.Model):
    """Who in the unit fills a branch of the tree (phân công)."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="assignments")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="assignments")
    officer = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="assignments")
    open = models.BooleanField(_("Đang làm"), default=True)
    note = models.TextField(_("Ý kiến khi giao hoặc trả lại"), blank=True)

    class Meta:
        ordering = ["dossier", "criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "criterion"], name="assignment_once_per_criterion"),
        ]


class ReviewNote(models.Model):
    """Words inside the unit about a dossier or one criterion of it; the council never reads them.

    A comment is talk between officers; the other kind came with a step that sent the work back to the person before.
    """

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Trao đổi")
        SENT_BACK = "sent_back", _("Ý kiến trả lại")

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="notes")
    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(_("Loại"), max_length=10, choices=Kind, default=Kind.SENT_BACK)
    stage = models.CharField(max_length=20, choices=Stage)
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_("Ý kiến"))
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(_("Giải quyết xong lúc"), null=True, blank=True)
    resolved_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="review_note_not_empty"),
            models.CheckConstraint(
                condition=Q(resolved_by=None) | Q(resolved_at__isnull=False), name="review_note_resolved_has_time"
            ),
            models.CheckConstraint(
                condition=~Q(kind="comment") | Q(criterion__isnull=False), name="review_note_comment_on_criterion"
            ),
        ]
