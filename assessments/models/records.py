"""What was done, kept for ever: the ledger, and writes that must not happen twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from criteria.models import Criterion

from .cycle import Cycle
from .dossier import Dossier

USER = settings.AUTH_USER_MODEL


class LedgerEntry(models.Model):
    """An append-only record of one change. Triggers in the database refuse UPDATE and DELETE."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="ledger")
    dossier = models.ForeignKey(Dossier, null=True, blank=True, on_delete=models.PROTECT, related_name="ledger")
    chain = models.CharField(max_length=40)  # "dossier:12" or "cycle:3"
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain", "seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="ledger_seq_once")]


class RepeatedWrite(models.Model):
    """A write that was done under an idempotency key, with its answer: the second call gets the first one's."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    action = models.CharField(max_length=60)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="repeated_write_once")]
