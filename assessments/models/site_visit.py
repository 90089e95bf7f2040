"""On-site verification (kiểm tra thực tế): the appointment, what was found by criterion, minutes and pictures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS
from evidence.models import Blob

from .council import CouncilMember
from .dossier import Dossier
from .score import Score

USER = settings.AUTH_USER_MODEL


class SiteVisit(models.Model):
    """The council looks at a unit's work where it is done. What was seen is fixed once the visit is done."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Đã hẹn")
        DONE = "done", _("Đã kiểm tra")
        CANCELLED = "cancelled", _("Đã hủy")

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="visits")
    planned_at = models.DateTimeField(_("Thời gian"))
    place = models.CharField(_("Địa điểm"), max_length=200)
    agenda = models.TextField(_("Nội dung kiểm tra"), blank=True)
    team: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        CouncilMember, related_name="visits", verbose_name=_("Đoàn kiểm tra")
    )
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    planned_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    cancelled_reason = models.TextField(_("Lý do hủy"), blank=True)
    minutes = models.TextField(_("Biên bản"), blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(null=True, blank=True)  # given to the unit before its dossier is concluded
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["dossier", "planned_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_reason=""), name="site_visit_cancelled_with_reason"
            ),
            models.CheckConstraint(
                condition=(Q(state="done", done_at__isnull=False, done_by__isnull=False) & ~Q(minutes=""))
                | (~Q(state="done") & Q(done_at=None, done_by=None)),
                name="site_visit_done_with_minutes",
            ),
            models.CheckConstraint(condition=Q(shared_at=None) | Q(state="done"), name="site_visit_shared_once_done"),
        ]


class SiteFinding(models.Model):
    """What the visit found on one criterion."""

    class Result(models.TextChoices):
        MATCHES = "matches", _("khớp")
        DIFFERS = "differs", _("không khớp")
        SHORT = "short", _("chưa đủ")

    visit = models.ForeignKey(SiteVisit, on_delete=models.CASCADE, related_name="findings")
    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="findings")
    result = models.CharField(_("Kết quả"), max_length=10, choices=Result)
    note = models.TextField(_("Ghi nhận"), blank=True)
    points = models.DecimalField(_("Điểm đề xuất"), **POINTS, null=True, blank=True)

    class Meta:
        ordering = ["visit", "score__criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "score"], name="site_finding_once"),
            models.CheckConstraint(condition=Q(result="matches") | ~Q(note=""), name="site_finding_differs_with_note"),
        ]


class VisitFile(models.Model):
    """A picture or the signed minutes of a visit: the council's own file, in no unit's library."""

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Ảnh")
        MINUTES = "minutes", _("Biên bản đã ký")
        OTHER = "other", _("Tài liệu khác")

    visit = models.ForeignKey(SiteVisit, on_delete=models.CASCADE, related_name="files")
    kind = models.CharField(_("Loại"), max_length=10, choices=Kind)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="visit_files")
    filename = models.CharField(_("Tên tệp"), max_length=200)
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["visit", "kind", "pk"]
        constraints = [models.UniqueConstraint(fields=["visit", "blob"], name="visit_file_once")]
