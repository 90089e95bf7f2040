"""Consultation on a draft set (lấy ý kiến dự thảo): who is asked, what they say, what is answered, what it changed.

Models only; `criteria.models` imports them. What may be done and when is in `consulting`.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.clock import LOCAL
from units.models import Unit, UnitGroup

USER = settings.AUTH_USER_MODEL


def start_of(day: dt.date) -> dt.datetime:
    """The UTC instant at which `day` begins in Viet Nam."""
    return dt.datetime.combine(day, dt.time.min, LOCAL).astimezone(dt.UTC)


class Consultation(models.Model):
    """A draft set opened to the units of some groups, from one local day to another, both inclusive."""

    criteria_set = models.ForeignKey("criteria.CriteriaSet", on_delete=models.CASCADE, related_name="consultations")
    groups = models.ManyToManyField(UnitGroup, related_name="consultations", verbose_name=_("Nhóm được lấy ý kiến"))
    opens_on = models.DateField(_("Từ ngày"))
    closes_on = models.DateField(_("Đến hết ngày"))
    note = models.TextField(_("Lời đề nghị"), blank=True)
    opened_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("Tạo lúc"))
    closed_at = models.DateTimeField(_("Kết thúc sớm lúc"), null=True, blank=True)
    closed_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answers_published_at = models.DateTimeField(_("Công bố trả lời lúc"), null=True, blank=True)
    answers_published_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-opens_on", "-pk"]
        verbose_name = _("Đợt lấy ý kiến")
        verbose_name_plural = _("Đợt lấy ý kiến")
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="consultation_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None) | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="consultation_closed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criteria_set}: {self.opens_on:%d/%m/%Y}–{self.closes_on:%d/%m/%Y}"

    @property
    def begins_at(self) -> dt.datetime:
        """The first instant at which units may comment."""
        return start_of(self.opens_on)

    @property
    def ends_at(self) -> dt.datetime:
        """The first instant that is too late: the day after the last one, the early close, or the set being frozen."""
        end = start_of(self.closes_on + dt.timedelta(days=1))
        return min(instant for instant in (end, self.closed_at, self.criteria_set.frozen_at) if instant is not None)

    def is_open(self, now: dt.datetime) -> bool:
        """Whether units may comment at `now`; half-open, so 23:59:59 of the last day is in time."""
        return self.begins_at <= now < self.ends_at

    def has_ended(self, now: dt.datetime) -> bool:
        return now >= self.ends_at

    def shows_answers(self, now: dt.datetime) -> bool:
        """Whether units read the answers: once they are published, and in any case after the end."""
        return self.answers_published_at is not None or self.has_ended(now)


class Comment(models.Model):
    """What one unit says about one criterion of the draft, and the answer to it.

    The code and name are those of the moment at which the comment was written: it outlives the criterion, which it
    may ask to remove. An empty code is a comment on the whole draft.
    """

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("Tiếp thu")
        PARTLY = "partly", _("Tiếp thu một phần")
        EXPLAINED = "explained", _("Giải trình")

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="comments")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="criteria_comments")
    criterion = models.ForeignKey(
        "criteria.Criterion", null=True, blank=True, on_delete=models.SET_NULL, related_name="comments"
    )
    code = models.CharField(_("Mã"), max_length=30, blank=True)
    name = models.CharField(_("Tiêu chí"), max_length=500, blank=True)
    body = models.TextField(_("Ý kiến"))
    version = models.PositiveIntegerField(default=1)
    written_at = models.DateTimeField(_("Góp ý lúc"))
    written_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    answer = models.CharField(_("Trả lời"), max_length=10, choices=Answer, blank=True)
    answer_text = models.TextField(_("Nội dung trả lời"), blank=True)
    answer_version = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(_("Trả lời lúc"), null=True, blank=True)
    answered_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["consultation", "code", "unit__group__order", "unit__order", "pk"]
        verbose_name = _("Ý kiến góp ý")
        verbose_name_plural = _("Ý kiến góp ý")
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "unit", "criterion"],
                condition=Q(criterion__isnull=False),
                name="comment_once_per_criterion",
            ),
            models.UniqueConstraint(
                fields=["consultation", "unit"], condition=Q(code=""), name="comment_once_on_the_whole"
            ),
            models.CheckConstraint(condition=~Q(body=""), name="comment_not_empty"),
            models.CheckConstraint(condition=Q(criterion=None) | ~Q(code=""), name="comment_names_its_criterion"),
            models.CheckConstraint(
                condition=Q(answer="", answer_text="", answered_at=None)
                | (~Q(answer="") & ~Q(answer_text="") & Q(answered_at__isnull=False)),
                name="comment_answer_says_something",
            ),
        ]

    @property
    def answer_is_stale(self) -> bool:
        """Whether the unit changed its comment after the answer was given."""
        return self.answered_at is not None and self.written_at > self.answered_at


class CriterionChange(models.Model):
    """One change made to a draft on screen: what stood before, what stands now, and the comments that asked for it."""

    class Kind(models.TextChoices):
        ADDED = "added", _("Thêm")
        EDITED = "edited", _("Sửa")
        REMOVED = "removed", _("Bỏ")
        MOVED = "moved", _("Chuyển chỗ")
        BANDS = "bands", _("Sửa mức xếp loại")
        SETTINGS = "settings", _("Sửa thông tin chung")

    criteria_set = models.ForeignKey("criteria.CriteriaSet", on_delete=models.CASCADE, related_name="changes")
    criterion = models.ForeignKey(
        "criteria.Criterion", null=True, blank=True, on_delete=models.SET_NULL, related_name="changes"
    )
    kind = models.CharField(_("Loại thay đổi"), max_length=10, choices=Kind)
    code = models.CharField(_("Mã"), max_length=30, blank=True)
    name = models.CharField(_("Tiêu chí"), max_length=500, blank=True)
    before = models.JSONField(_("Trước"), default=dict)
    after = models.JSONField(_("Sau"), default=dict)
    comments = models.ManyToManyField(Comment, blank=True, related_name="changes", verbose_name=_("Theo ý kiến"))
    at = models.DateTimeField(_("Lúc"))
    by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("Thay đổi bộ chỉ số")
        verbose_name_plural = _("Thay đổi bộ chỉ số")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}".strip()
