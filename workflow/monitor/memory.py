"""What the monitor remembers: rows made from the ledger by the sweep, and the views that people keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models import Dossier
from assessments.stages import Stage
from units.models import Unit


class DossierProgress(models.Model):
    """How far a dossier was when the sweep last read its ledger. Always to be made again from the ledger."""

    dossier = models.OneToOneField(Dossier, on_delete=models.CASCADE, primary_key=True, related_name="progress")
    seq = models.PositiveIntegerField()  # the last entry of the dossier's chain that is counted here
    done = models.PositiveIntegerField()  # the unit's own criteria without a gap
    total = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(done__lte=F("total")), name="progress_done_within_total")]


class DayDone(models.Model):
    """How many of a dossier's criteria became done for the first time on a local day, by the ledger."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="done_days")
    on = models.DateField()
    criteria = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["dossier", "on"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "on"], name="day_done_once"),
            models.CheckConstraint(condition=Q(criteria__gt=0), name="day_done_not_empty"),
        ]
        indexes = [models.Index(fields=["on"], name="day_done_on")]


class StepTime(models.Model):
    """How long a dossier stood at a stage in all its finished visits, by the ledger."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="step_times")
    stage = models.CharField(max_length=20, choices=Stage)
    visits = models.PositiveSmallIntegerField()
    seconds = models.PositiveBigIntegerField()

    class Meta:
        ordering = ["dossier", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "stage"], name="step_time_once"),
            models.CheckConstraint(condition=Q(visits__gt=0), name="step_time_of_a_visit"),
        ]


class SavedView(models.Model):
    """A filter of the monitor under a name; a shared one is offered to everybody who watches the province's cycles."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="saved_views")
    province = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("Tên chế độ xem"), max_length=80)
    query = models.CharField(max_length=500, blank=True)
    shared = models.BooleanField(_("Dùng chung với những người cùng theo dõi"), default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("Chế độ xem đã lưu")
        verbose_name_plural = _("Chế độ xem đã lưu")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_named"),
        ]

    def __str__(self) -> str:
        return self.name
