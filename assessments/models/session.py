"""A meeting of the council (phiên họp): who came, what was on the agenda, what was decided and how."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS
from units.permissions import Role

from .appraisal import Appeal
from .council import Council, CouncilMember
from .score import Score

USER = settings.AUTH_USER_MODEL

# The helper team (tổ giúp việc) prepares for the council and is no part of it: it neither votes nor makes a quorum.
VOTING_ROLES = (Role.CHAIR, Role.DEPUTY, Role.SECRETARY, Role.MEMBER)


class CouncilSession(models.Model):
    """One meeting. Once it is concluded neither it nor anything that belongs to it changes: triggers refuse it."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("Chuẩn bị")
        OPEN = "open", _("Đang họp")
        CONCLUDED = "concluded", _("Đã kết luận")

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField(_("Phiên số"))
    held_at = models.DateTimeField(_("Thời gian"))
    place = models.CharField(_("Địa điểm"), max_length=200)
    chaired_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", verbose_name=_("Chủ trì"))
    minutes_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", verbose_name=_("Thư ký phiên họp"))
    state = models.CharField(max_length=10, choices=State, default=State.PREPARING)
    opened_at = models.DateTimeField(null=True, blank=True)
    concluded_at = models.DateTimeField(null=True, blank=True)
    concluded_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["council", "number"]
        constraints = [
            models.UniqueConstraint(fields=["council", "number"], name="council_session_number_once"),
            models.UniqueConstraint(fields=["council"], condition=Q(state="open"), name="council_session_one_open"),
            models.CheckConstraint(
                condition=Q(state="preparing", opened_at=None) | (~Q(state="preparing") & Q(opened_at__isnull=False)),
                name="council_session_opened_at",
            ),
            models.CheckConstraint(
                condition=Q(state="concluded", concluded_at__isnull=False, concluded_by__isnull=False)
                | (~Q(state="concluded") & Q(concluded_at=None, concluded_by=None)),
                name="council_session_concluded_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Phiên họp thứ %(number)s") % {"number": self.number})


class Attendance(models.Model):
    """One seat of the council at a meeting; `present` None: not noted yet. A deputy sent neither votes nor counts."""

    session = models.ForeignKey(CouncilSession, on_delete=models.CASCADE, related_name="attendance")
    seat = models.ForeignKey(CouncilMember, on_delete=models.PROTECT, related_name="attendance")
    present = models.BooleanField(_("Có mặt"), null=True, blank=True)
    reason = models.CharField(_("Lý do vắng"), max_length=200, blank=True)
    represented_by = models.CharField(_("Người dự thay"), max_length=150, blank=True)

    class Meta:
        ordering = ["session", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "seat"], name="attendance_once"),
            models.CheckConstraint(
                condition=(Q(present=False) & ~Q(reason=""))
                | (Q(reason="", represented_by="") & (Q(present=True) | Q(present=None))),
                name="attendance_absent_with_reason",
            ),
        ]


class AgendaItem(models.Model):
    """One matter of a meeting: a disputed score, an appeal, or a free topic."""

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("Hai người chấm chênh lệch")
        APPEAL = "appeal", _("Kiến nghị của đơn vị")
        TOPIC = "topic", _("Nội dung khác")

    class State(models.TextChoices):
        OPEN = "open", _("Chưa xem xét")
        DECIDED = "decided", _("Đã quyết định")
        PUT_OFF = "put_off", _("Để lại phiên sau")

    class How(models.TextChoices):
        CONSENSUS = "consensus", _("Đồng thuận")
        VOTE = "vote", _("Biểu quyết")

    session = models.ForeignKey(CouncilSession, on_delete=models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    score = models.ForeignKey(Score, null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_items")
    appeal = models.ForeignKey(Appeal, null=True, blank=True, on_delete=models.PROTECT, related_name="agenda_items")
    question = models.TextField(_("Nội dung"), blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    put_off_reason = models.TextField(_("Lý do để lại"), blank=True)
    how = models.CharField(_("Cách quyết định"), max_length=10, choices=How, blank=True)
    # None: a topic, or the criterion is left out of the scale
    points = models.DecimalField(_("Điểm quyết định"), **POINTS, null=True, blank=True)
    reason = models.TextField(_("Kết luận, lý do"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)  # the decision became the score's
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["session", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="dispute", score__isnull=False, appeal=None)
                | Q(kind="appeal", score__isnull=False, appeal__isnull=False)
                | (Q(kind="topic", score=None, appeal=None, points=None) & ~Q(question="")),
                name="agenda_item_one_subject",
            ),
            models.UniqueConstraint(
                fields=["score"],
                condition=Q(applied_at=None) & ~Q(state="put_off"),
                name="agenda_item_score_waits_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided") | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(how="")),
                name="agenda_item_decided_with_decision",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided", kind__in=["appeal", "topic"]) | ~Q(reason=""),
                name="agenda_item_decided_with_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state="put_off") | ~Q(put_off_reason=""), name="agenda_item_put_off_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(applied_at=None) | Q(state="decided"), name="agenda_item_applied_once_decided"
            ),
        ]


class Vote(models.Model):
    """How one member voted on one matter: on what was put to the vote, or for points of their own choice."""

    class Choice(models.TextChoices):
        FOR = "for", _("Đồng ý")
        AGAINST = "against", _("Không đồng ý")
        ABSTAIN = "abstain", _("Không có ý kiến")

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(CouncilMember, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(_("Ý kiến"), max_length=10, choices=Choice, blank=True)
    points = models.DecimalField(_("Điểm chọn"), **POINTS, null=True, blank=True)

    class Meta:
        ordering = ["item", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["item", "member"], name="vote_once"),
            models.CheckConstraint(
                condition=Q(choice="", points__isnull=False) | Q(choice__in=["for", "against", "abstain"], points=None),
                name="vote_choice_or_points",
            ),
        ]
