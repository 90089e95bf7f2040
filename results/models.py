"""From proposal to publication: the immutable, numbered result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from assessments.models import Cycle

USER = settings.AUTH_USER_MODEL


class Proposal(models.Model):
    """The result as Sở Nội vụ put it to UBND tỉnh, and what was decided on it, by another person."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveSmallIntegerField(_("Lần trình"))
    content = models.JSONField()  # the rows of results.services.result_table, as put before UBND tỉnh
    content_hash = models.CharField(max_length=64)
    note = models.TextField(_("Nội dung trình"), blank=True)
    proposed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved = models.BooleanField(_("Phê duyệt"), null=True, blank=True)
    comment = models.TextField(_("Ý kiến của UBND tỉnh"), blank=True)
    decided_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["cycle", "number"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "number"], name="proposal_number_once"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="proposal_two_people"
            ),
            models.CheckConstraint(
                condition=Q(approved=None, decided_at=None) | Q(approved__isnull=False, decided_at__isnull=False),
                name="proposal_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(approved=False) | ~Q(comment=""), name="proposal_returned_with_comment"
            ),
        ]


class Publication(models.Model):
    """An insert-only snapshot: nothing done later changes a byte of it; triggers refuse UPDATE and DELETE."""

    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, related_name="publication")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="publication")
    decision_number = models.CharField(_("Số quyết định"), max_length=60)
    decided_on = models.DateField(_("Ngày quyết định"))
    signer = models.CharField(_("Người ký"), max_length=150)
    published_at = models.DateTimeField(_("Công bố lúc"))
    published_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    manifest = models.JSONField()
    manifest_hash = models.CharField(_("Mã kiểm tra"), max_length=64)

    class Meta:
        ordering = ["-published_at"]
        verbose_name = _("Công bố kết quả")
        verbose_name_plural = _("Công bố kết quả")
