"""The outbox: every notice is a row, written in the transaction of what it tells of, sent by a sweep."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .kinds import Kind

__all__ = ["Kind", "Notice", "Preferences"]


class Notice(models.Model):
    """One message to one person over one channel; the same event never reaches a person twice on a channel."""

    class Channel(models.TextChoices):
        """The channels that the product ships; NOTIFICATION_CHANNELS says which an installation has."""

        IN_APP = "in_app", _("Trên phần mềm")
        EMAIL = "email", _("Thư điện tử")
        WEBHOOK = "webhook", _("Tin nhắn (SMS, Zalo)")

    class State(models.TextChoices):
        QUEUED = "queued", _("Chờ gửi")
        SENT = "sent", _("Đã gửi")
        FAILED = "failed", _("Gửi không thành công")
        WITHDRAWN = "withdrawn", _("Đã rút, không cần gửi")

    event = models.CharField(max_length=200)
    kind = models.CharField(_("Loại"), max_length=15, choices=Kind, default=Kind.REMINDER)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    channel = models.CharField(_("Kênh"), max_length=20)  # key of a class in notifications.channels
    subject = models.CharField(_("Tiêu đề"), max_length=250)
    body = models.TextField(_("Nội dung"))
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(_("Trạng thái"), max_length=10, choices=State, default=State.QUEUED)
    queued_at = models.DateTimeField(_("Tạo lúc"))
    not_before = models.DateTimeField(_("Gửi từ"))
    sent_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    failed_at = models.DateTimeField(_("Lỗi lúc"), null=True, blank=True)
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
            models.CheckConstraint(condition=~Q(state="sent") | Q(sent_at__isnull=False), name="notice_sent_has_time"),
        ]
        indexes = [
            models.Index(fields=["state", "not_before"], name="notice_outbox"),
            models.Index(fields=["recipient", "channel", "seen_at"], name="notice_unseen"),
        ]


class Preferences(models.Model):
    """How one person wants to be told; who has no row gets everything, and no letters at night."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="preferences")
    muted = models.JSONField(default=list, blank=True)  # ["reminder:email"]: kind and channel
    quiet = models.BooleanField(_("Không gửi thư, tin nhắn trong giờ yên tĩnh"), default=True)
    quiet_from = models.TimeField(_("Từ"), default=dt.time(21))
    quiet_until = models.TimeField(_("Đến"), default=dt.time(6))
    quiet_days_off = models.BooleanField(_("Cả ngày nghỉ"), default=False)
    by_phone = models.BooleanField(_("Nhận tin nhắn qua số điện thoại"), default=False)

    class Meta:
        verbose_name = _("Tùy chọn thông báo")
        verbose_name_plural = _("Tùy chọn thông báo")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet=False) | ~Q(quiet_from=models.F("quiet_until")), name="preferences_quiet_hours_end"
            )
        ]
