"""The unit's library of documents (tài liệu kiểm chứng), their versions, and the stored bytes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models import Unit

# Part of a media type -> the picture that stands beside a file of it.
KINDS = (
    ("pdf", "pdf"),
    ("word", "word"),
    ("opendocument.text", "word"),
    ("excel", "excel"),
    ("spreadsheet", "excel"),
    ("image/", "image"),
)


class Blob(models.Model):
    """Stored bytes, once per content. Who may read them is decided by the row that refers to them, never by hash."""

    class Scan(models.TextChoices):
        CLEAN = "clean", _("Đã quét, không có mã độc")
        SKIPPED = "skipped", _("Chưa cấu hình quét")

    class Signature(models.TextChoices):
        """The digital signatures of a PDF taken together; other types have none."""

        UNREAD = "unread", _("Chưa đọc chữ ký số")
        NONE = "none", _("Không có chữ ký số")
        INTACT = "intact", _("Có chữ ký số, nội dung nguyên vẹn")
        INVALID = "invalid", _("Chữ ký số không hợp lệ")
        UNREADABLE = "unreadable", _("Không đọc được chữ ký số")

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("Dung lượng (byte)"))
    content_type = models.CharField(_("Loại tệp"), max_length=120)
    key = models.CharField(_("Tên lưu trữ"), max_length=200, unique=True)
    scan = models.CharField(max_length=10, choices=Scan)
    stored_at = models.DateTimeField(_("Lưu lúc"))
    signature = models.CharField(_("Chữ ký số"), max_length=12, choices=Signature, default=Signature.UNREAD)
    signed_at = models.DateTimeField(_("Ký lúc"), null=True, blank=True)  # by the last of several signatures

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="blob_not_empty"),
            models.CheckConstraint(
                condition=Q(signed_at=None) | Q(signature__in=["intact", "invalid", "unreadable"]),
                name="blob_signed_at_needs_signature",
            ),
        ]

    @property
    def kind(self) -> str:
        """What the file is to a reader: pdf, word, excel, image, or nothing in particular."""
        for mark, kind in KINDS:
            if mark in self.content_type:
                return kind
        return ""


class BlobSignature(models.Model):
    """One digital signature in a PDF, as it was read when the file was taken in."""

    class TimeSource(models.TextChoices):
        TOKEN = "token", _("dấu thời gian")
        CLAIMED = "claimed", _("giờ của máy người ký")
        NONE = "", _("không ghi")

    class Integrity(models.TextChoices):
        INTACT = "intact", _("Nội dung nguyên vẹn từ khi ký")
        CHANGED = "changed", _("Có thay đổi sau khi ký")
        BROKEN = "broken", _("Nội dung hoặc chữ ký đã bị sửa")
        UNCHECKED = "unchecked", _("Không kiểm tra được")

    class Trust(models.TextChoices):
        TRUSTED = "trusted", _("Chứng thư số được tin cậy")
        UNTRUSTED = "untrusted", _("Chứng thư số không thuộc nguồn tin cậy")
        UNCHECKED = "unchecked", _("Chưa xác minh chứng thư số")

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="signatures")
    order = models.PositiveSmallIntegerField()
    signer = models.CharField(_("Người ký"), max_length=200, blank=True)
    organisation = models.CharField(_("Cơ quan"), max_length=200, blank=True)
    issuer = models.CharField(_("Nơi cấp chứng thư số"), max_length=200, blank=True)
    signed_at = models.DateTimeField(_("Ký lúc"), null=True, blank=True)
    time_source = models.CharField(max_length=10, choices=TimeSource, blank=True)
    integrity = models.CharField(max_length=12, choices=Integrity)
    trust = models.CharField(max_length=12, choices=Trust)
    time_trust = models.CharField(max_length=12, choices=Trust)

    class Meta:
        ordering = ["blob", "order"]
        constraints = [models.UniqueConstraint(fields=["blob", "order"], name="blob_signature_order_once")]


class Document(models.Model):
    """A document of one unit: what it is, who issued it, when. One document may prove several criteria."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(_("Tên tài liệu"), max_length=300)
    number = models.CharField(_("Số, ký hiệu"), max_length=60, blank=True)
    issued_on = models.DateField(_("Ngày ban hành"), null=True, blank=True)
    issuing_body = models.CharField(_("Cơ quan ban hành"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("Tài liệu kiểm chứng")
        verbose_name_plural = _("Tài liệu kiểm chứng")

    def __str__(self) -> str:
        return " ".join(part for part in (self.number, self.title) if part)


class DocumentVersion(models.Model):
    """One uploaded file of a document; a new upload is a new version, earlier ones stay."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("Phiên bản"))
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="versions")
    filename = models.CharField(_("Tên tệp"), max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["document", "-number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="document_version_number_once")]
