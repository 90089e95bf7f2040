"""The sociological survey: how many sheets are planned, and what came out of them per unit and criterion."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models import Cycle, CycleGroup
from criteria.models import POINTS, Criterion
from units.models import Unit


class RespondentGroup(models.Model):
    """Whom a ranking group's sheets are put to (Đối tượng điều tra, khảo sát)."""

    cycle_group = models.ForeignKey(CycleGroup, on_delete=models.CASCADE, related_name="respondent_groups")
    code = models.SlugField(_("Mã"))
    name = models.CharField(_("Đối tượng điều tra, khảo sát"), max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["cycle_group", "order"]
        constraints = [models.UniqueConstraint(fields=["cycle_group", "code"], name="respondent_group_once")]

    def __str__(self) -> str:
        return self.name


class Quota(models.Model):
    """Sheets planned for one unit and one group of respondents, and sheets collected so far."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="quotas")
    respondent_group = models.ForeignKey(RespondentGroup, on_delete=models.CASCADE, related_name="quotas")
    planned = models.PositiveIntegerField(_("Số phiếu theo kế hoạch"))
    collected = models.PositiveIntegerField(_("Số phiếu đã thu"), default=0)

    class Meta:
        ordering = ["unit__group__order", "unit__order", "respondent_group__order"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "respondent_group"], name="quota_once"),
            models.CheckConstraint(condition=Q(collected__lte=F("planned")), name="quota_not_over_collected"),
        ]


class SurveyImport(models.Model):
    """One accepted workbook of survey points; a later one replaces what it names until the merge."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="survey_imports")
    filename = models.CharField(_("Tên tệp"), max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(_("Số dòng"))
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["-imported_at", "-pk"]


class SurveyResult(models.Model):
    """The survey points of one unit on one survey criterion."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="survey_results")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="survey_results")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="survey_results")
    points = models.DecimalField(_("Điểm điều tra"), **POINTS)
    sheets = models.PositiveIntegerField(_("Số phiếu hợp lệ"))
    imported = models.ForeignKey(SurveyImport, on_delete=models.PROTECT, related_name="results")

    class Meta:
        ordering = ["unit__group__order", "unit__order", "criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit", "criterion"], name="survey_result_once"),
            models.CheckConstraint(condition=Q(points__gte=0), name="survey_result_not_negative"),
        ]
