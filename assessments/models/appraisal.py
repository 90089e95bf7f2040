"""The council's work on a dossier: domains by pass, what it asks, what the unit contests."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS, Criterion
from plans.calendar import Deadline
from units import clock

from .dossier import Dossier
from .score import DIRECT_SOURCES, Score

USER = settings.AUTH_USER_MODEL


class DomainAppraisal(models.Model):
    """One domain of one dossier in one pass of the council's appraisal, and of one scorer where two score it.

    A pass is opened by the sending, by an answered request and by the second round; rounds are two at most.
    """

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="appraisals")
    domain = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("Lượt"))
    round = models.PositiveSmallIntegerField(_("Vòng"), default=1)
    seat = models.PositiveSmallIntegerField(_("Người chấm thứ"), default=1)
    # given to one person, by hand or by load; None: whoever of the council may take the domain
    appraiser = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="appraisals")
    # scored the domain in the first round while others could take the second
    barred: models.ManyToManyField[Any, Any] = models.ManyToManyField(USER, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["dossier", "number", "domain__order", "seat"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "domain", "number", "seat"], name="domain_appraisal_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None, finished_by=None)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
                name="domain_appraisal_finished_by_someone",
            ),
        ]


class RoundScore(models.Model):
    """The council's points on a score in one round: of each of two scorers, and what the round came to.

    Kept when a later round changes the score; `seat` 0 is what the round came to, 1 and 2 are the scorers.
    """

    SETTLED = 0

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="rounds")
    round = models.PositiveSmallIntegerField(_("Vòng"))
    seat = models.PositiveSmallIntegerField(_("Người chấm thứ"), default=SETTLED)
    source = models.CharField(max_length=10, choices=Criterion.SourceChoice)
    self_points = models.DecimalField(_("Điểm tự chấm khi đó"), **POINTS, null=True, blank=True)
    points = models.DecimalField(_("Điểm"), **POINTS, null=True, blank=True)
    reason = models.TextField(_("Lý do"), blank=True)
    version = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(null=True, blank=True)  # None: reopened, to be scored anew
    by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["score", "round", "seat"]
        constraints = [
            models.UniqueConstraint(fields=["score", "round", "seat"], name="round_score_once"),
            models.CheckConstraint(condition=Q(round__in=[1, 2], seat__in=[0, 1, 2]), name="round_score_known_round"),
            models.CheckConstraint(
                condition=Q(points=None)
                | Q(source__in=DIRECT_SOURCES)
                | Q(self_points__isnull=False, points=F("self_points"))
                | ~Q(reason=""),
                name="round_score_changed_needs_reason",
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

    @property
    def late(self) -> bool:
        """Whether the answer came after the day of this item."""
        answered = self.request.answered_at
        return answered is not None and not Deadline(on=self.due_on, inclusive=True).met(answered)

    @property
    def overdue(self) -> bool:
        """Whether the day of this item is over and no answer came."""
        return self.request.answered_at is None and not Deadline(on=self.due_on, inclusive=True).met(clock.now())


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
