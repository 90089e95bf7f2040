"""The outbox: every notice is a row, written in the transaction of what it tells of, sent by a sweep."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One message to one person over one channel; the same event never reaches a person twice on a channel."""

    class Channel(models.TextChoices):
        IN_APP = "in_app", _("Trên phần mềm")
        EMAIL = "email", _("Thư điện tử")

    class State(models.TextChoices):
        QUEUED = "queued", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        FAILED = "failed", _("Gửi không thành công")

    event = models.CharField(max_length=200)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    channel = models.CharField(_("Kênh"), max_length=10, choices=Channel)
    subject = models.CharField(_("Tiêu đề"), max_length=250)
    body = models.TextField(_("Nội dung"))
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(_("Trạng thái"), max_length=10, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField(_("Tạo lúc"))
    not_before = models.DateTimeField(_("Gửi từ"))
    sent_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    seen_at = models.DateTimeField(_("Xem lúc"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=200)

    class Meta:
        ordering = ["-queued_at", "-pk"]
        verbose_name = _("Thông báo")
        verbose_name_plural = _("Thông báo")
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="notice_once"),
        ]
        indexes = [
            models.Index(fields=["state", "not_before"], name="notice_outbox"),
            models.Index(fields=["recipient", "channel", "seen_at"], name="notice_unseen"),
        ]
