"""The council's work on a dossier: domains by pass, what it asks, what the unit contests."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS, Criterion

from .dossier import Dossier
from .score import Score

USER = settings.AUTH_USER_MODEL


class DomainAppraisal(models.Model):
    """One domain of one dossier in one pass of the council's appraisal."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="appraisals")
    domain = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("Lượt"))
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["dossier", "number", "domain__order"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "domain", "number"], name="domain_appraisal_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None, finished_by=None)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
                name="domain_appraisal_finished_by_someone",
            ),
        ]


class SupplementRequest(models.Model):
    """The council asks a unit about named criteria (yêu cầu bổ sung)."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="supplements")
    due_on = models.DateField(_("Hạn bổ sung"))  # inclusive, the latest of its items
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["dossier", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(answered_at=None), name="supplement_one_open_per_dossier"
            )
        ]


class SupplementItem(models.Model):
    """One criterion that is asked about, with the unit's side of it as it stood at that moment.

    `before` has the keys of `changes.side`; it is empty on rows that are older than the comparison.
    """

    request = models.ForeignKey(SupplementRequest, on_delete=models.CASCADE, related_name="items")
    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="supplement_items")
    question = models.TextField(_("Nội dung cần bổ sung"))
    due_on = models.DateField(_("Hạn bổ sung"))  # inclusive: the unit has this whole day
    before = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["request", "score__criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["request", "score"], name="supplement_item_once"),
            models.CheckConstraint(condition=~Q(question=""), name="supplement_item_has_question"),
        ]


class Appeal(models.Model):
    """The unit contests an appraised score (kiến nghị)."""

    score = models.OneToOneField(Score, on_delete=models.PROTECT, related_name="appeal")
    reason = models.TextField(_("Lý do kiến nghị"))
    wanted_points = models.DecimalField(_("Điểm đề nghị"), **POINTS)
    filed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    accepted = models.BooleanField(_("Chấp nhận"), null=True, blank=True)
    answer = models.TextField(_("Trả lời của hội đồng"), blank=True)
    decided_points = models.DecimalField(_("Điểm sau xem xét"), **POINTS, null=True, blank=True)
    decided_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["score__dossier", "score__criterion__order"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="appeal_has_reason"),
            models.CheckConstraint(
                condition=Q(accepted=None, answer="") | (Q(accepted__isnull=False) & ~Q(answer="")),
                name="appeal_decided_with_answer",
            ),
        ]
