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

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    size = models.PositiveBigIntegerField(_("Dung lượng (byte)"))
    content_type = models.CharField(_("Loại tệp"), max_length=120)
    key = models.CharField(_("Tên lưu trữ"), max_length=200, unique=True)
    scan = models.CharField(max_length=10, choices=Scan)
    stored_at = models.DateTimeField(_("Lưu lúc"))

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="blob_not_empty")]

    @property
    def kind(self) -> str:
        """What the file is to a reader: pdf, word, excel, image, or nothing in particular."""
        for mark, kind in KINDS:
            if mark in self.content_type:
                return kind
        return ""


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
