"""Documents that go with a report on a plan's task: plans know nothing of libraries, nor libraries of plans."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from evidence.models import DocumentVersion
from plans.reports import TaskReport


class ReportEvidence(models.Model):
    """A document of the reporting unit's library that goes with a report."""

    report = models.ForeignKey(TaskReport, on_delete=models.CASCADE, related_name="evidence")
    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="report_uses")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["report", "pk"]
        constraints = [models.UniqueConstraint(fields=["report", "version"], name="report_evidence_once")]
