"""The points of one criterion of one dossier, and the documents that prove them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS, Criterion
from evidence.models import DocumentVersion

from .dossier import Dossier

USER = settings.AUTH_USER_MODEL
DIRECT_SOURCES = (Criterion.SourceChoice.COUNCIL, Criterion.SourceChoice.LEADER)
NOT_SELF_SCORED = (Criterion.SourceChoice.SURVEY, *DIRECT_SOURCES)


class Score(models.Model):
    """One leaf of one dossier. Self, appraised, survey and published points never overwrite one another."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    # frozen with the set, so that the database itself can hold the bounds
    source = models.CharField(max_length=10, choices=Criterion.SourceChoice)
    lowest = models.DecimalField(**POINTS)
    highest = models.DecimalField(**POINTS)

    declared = models.JSONField(_("Số liệu kê khai"), default=dict, blank=True)
    not_applicable = models.BooleanField(_("Không phát sinh"), default=False)
    self_points = models.DecimalField(_("Điểm tự chấm"), **POINTS, null=True, blank=True)
    overridden = models.BooleanField(_("Chấm khác quy tắc"), default=False)
    override_reason = models.TextField(_("Lý do chấm khác quy tắc"), blank=True)
    explanation = models.TextField(_("Giải trình"), blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(null=True, blank=True)
    updated_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    appraised_points = models.DecimalField(_("Điểm thẩm định"), **POINTS, null=True, blank=True)
    appraised_reason = models.TextField(_("Lý do điều chỉnh"), blank=True)
    appraised_version = models.PositiveIntegerField(default=0)
    appraised_at = models.DateTimeField(null=True, blank=True)
    appraised_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    survey_points = models.DecimalField(_("Điểm điều tra"), **POINTS, null=True, blank=True)

    class Meta:
        ordering = ["dossier", "criterion__order"]
        verbose_name = _("Điểm")
        verbose_name_plural = _("Điểm")
        constraints = [
            models.UniqueConstraint(fields=["dossier", "criterion"], name="score_once_per_criterion"),
            models.CheckConstraint(
                condition=Q(self_points=None) | Q(self_points__gte=F("lowest"), self_points__lte=F("highest")),
                name="score_self_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(appraised_points=None)
                | Q(appraised_points__gte=F("lowest"), appraised_points__lte=F("highest")),
                name="score_appraised_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(survey_points=None) | Q(survey_points__gte=F("lowest"), survey_points__lte=F("highest")),
                name="score_survey_within_bounds",
            ),
            models.CheckConstraint(
                condition=~Q(source__in=NOT_SELF_SCORED) | Q(self_points=None), name="score_not_self_scored"
            ),
            models.CheckConstraint(
                condition=Q(source=Criterion.SourceChoice.SURVEY) | Q(survey_points=None),
                name="score_survey_only_on_survey_criteria",
            ),
            models.CheckConstraint(
                condition=Q(appraised_points=None) | ~Q(source=Criterion.SourceChoice.SURVEY),
                name="score_survey_not_appraised",
            ),
            models.CheckConstraint(
                condition=Q(appraised_points=None)
                | Q(source__in=DIRECT_SOURCES)
                | Q(self_points__isnull=False, appraised_points=F("self_points"))
                | ~Q(appraised_reason=""),
                name="score_changed_needs_reason",
            ),
            models.CheckConstraint(
                condition=Q(overridden=False) | ~Q(override_reason=""), name="score_overridden_needs_reason"
            ),
        ]


class ScoreEvidence(models.Model):
    """A document that proves a score, with the place to look at."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="evidence")
    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="uses")
    quote = models.CharField(_("Trích dẫn (mục, trang)"), max_length=200, blank=True)
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["score", "pk"]
        constraints = [models.UniqueConstraint(fields=["score", "version"], name="score_evidence_once")]
