"""Taking files into a unit's library, and clearing away what nothing refers to.

A file is hashed, checked and scanned where the web server put it, before the storage or the database hears of it: a
refusal leaves nothing behind. Then its bytes are stored once under the name of their content, and rows refer to them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import PROTECT, Max, QuerySet
from django.utils.translation import gettext as _

from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from . import clamd, storage
from .errors import Rejected
from .models import Blob, Document, DocumentVersion
from .names import clean_filename
from .signatures import read_once
from .sniff import check_content, expected_type

# A blob without a document may belong to an upload that is still going on.
GRACE = dt.timedelta(days=1)
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """Bytes that were checked and stored, and the name under which a person sent them."""

    blob: Blob
    filename: str


def _size_of(file: BinaryIO) -> int:
    file.seek(0, 2)
    size = file.tell()
    file.seek(0)
    return size


def receive(file: BinaryIO, *, filename: str) -> Received:
    """Check `file` (seekable, read in pieces) and store its bytes; the same content is stored once.

    Raises Rejected: empty, more than EVIDENCE_MAX_BYTES, a type that is not taken, content that is not what the name
    says, an archive that would burst, a virus. Runs outside of transactions, because a scan may take seconds.
    """
    name = clean_filename(filename)
    limit = settings.EVIDENCE_MAX_BYTES
    size = _size_of(file)
    if size == 0:
        raise Rejected(_("Tệp không có nội dung (0 byte). Hãy kiểm tra lại tệp trên máy của bạn."))
    if size > limit:
        raise Rejected(
            _("Tệp có dung lượng %(size)s MB, vượt giới hạn %(limit)s MB. Hãy nén ảnh quét hoặc tách thành nhiều tệp.")
            % {"size": -(-size // _MEGABYTE), "limit": limit // _MEGABYTE}
        )
    expected_type(name)
    content_type = check_content(file, name)
    if clamd.configured():
        clamd.scan(file)
    sha256, size = storage.digest(file, limit=limit)
    scan = Blob.Scan.CLEAN if clamd.configured() else Blob.Scan.SKIPPED
    blob = _known(sha256, scan) or _stored(file, sha256, size, content_type, scan)
    return Received(read_once(blob, file), name)


def _known(sha256: str, scan: Blob.Scan) -> Blob | None:
    """The blob of this content, guarded for another day against being collected."""
    with transaction.atomic():
        blob = Blob.objects.select_for_update().filter(sha256=sha256).first()
        if blob is None or not default_storage.exists(blob.key):
            return None
        if not blob.versions.exists():
            blob.stored_at = clock.now()
        if scan == Blob.Scan.CLEAN:
            blob.scan = scan
        blob.save(update_fields=["stored_at", "scan"])
        return blob


def _stored(file: BinaryIO, sha256: str, size: int, content_type: str, scan: Blob.Scan) -> Blob:
    """Store bytes that no row knows, or whose bytes the storage lost."""
    key = storage.save(file, sha256)
    values = {"size": size, "content_type": content_type, "key": key, "scan": scan, "stored_at": clock.now()}
    try:
        with transaction.atomic():
            known = Blob.objects.select_for_update().filter(sha256=sha256).first()
            if known is None:
                return Blob.objects.create(sha256=sha256, **values)
            if known.key == key or not default_storage.exists(known.key):
                known.key, known.stored_at = key, clock.now()
                known.save(update_fields=["key", "stored_at"])
                return known
    except IntegrityError:
        # Somebody stored the same content a moment earlier.
        known = Blob.objects.get(sha256=sha256)
    except BaseException:
        storage.delete(key)
        raise
    storage.delete(key)
    return known


def store_upload(
    unit: Unit,
    file: BinaryIO,
    *,
    filename: str,
    title: str = "",
    number: str = "",
    issued_on: dt.date | None = None,
    issuing_body: str = "",
    by: User,
) -> DocumentVersion:
    """Take a file into the library of `unit` as a new document. Raises Rejected or NotAllowed."""
    access.require(Perm.SCORE, by, unit)
    received = receive(file, filename=filename)
    return file_document(
        unit, received, title=title, number=number, issued_on=issued_on, issuing_body=issuing_body, by=by
    )


@transaction.atomic
def file_document(
    unit: Unit,
    received: Received,
    *,
    title: str = "",
    number: str = "",
    issued_on: dt.date | None = None,
    issuing_body: str = "",
    by: User,
) -> DocumentVersion:
    """A new document of `unit` over received bytes; without a title it is called as its file is."""
    access.require(Perm.SCORE, by, unit)
    document = Document.objects.create(
        unit=unit,
        title=(title.strip() or received.filename.rpartition(".")[0] or received.filename)[:300],
        number=number.strip(),
        issued_on=issued_on,
        issuing_body=issuing_body.strip(),
        created_by=by,
        created_at=clock.now(),
    )
    return _version(document, received, by=by)


@transaction.atomic
def add_version(document: Document, received: Received, *, by: User) -> DocumentVersion:
    """One more file of a document; what was attached to a criterion before keeps its own version."""
    access.require(Perm.SCORE, by, document.unit)
    document = Document.objects.select_for_update(of=("self",)).select_related("unit").get(pk=document.pk)
    same = document.versions.filter(blob=received.blob).first()
    return same or _version(document, received, by=by)


def _version(document: Document, received: Received, *, by: User) -> DocumentVersion:
    last = document.versions.aggregate(last=Max("number"))["last"] or 0
    return DocumentVersion.objects.create(
        document=document,
        number=last + 1,
        blob=received.blob,
        filename=received.filename,
        uploaded_by=by,
        uploaded_at=clock.now(),
    )


@transaction.atomic
def describe(
    document: Document, *, title: str, number: str, issued_on: dt.date | None, issuing_body: str, by: User
) -> Document:
    """Correct what is known of a document. Whether a dossier still allows it is for the caller to know."""
    access.require(Perm.SCORE, by, document.unit)
    fresh = Document.objects.select_for_update(of=("self",)).select_related("unit").get(pk=document.pk)
    fresh.title = title.strip() or fresh.title
    fresh.number = number.strip()
    fresh.issued_on = issued_on
    fresh.issuing_body = issuing_body.strip()
    fresh.save()
    return fresh


def _unused() -> QuerySet[Blob]:
    """Blobs that nothing holds: neither a document nor a row of a higher layer, each of which protects its own."""
    holders = [relation for relation in Blob._meta.related_objects if relation.on_delete is PROTECT]
    return Blob.objects.filter(**{relation.field.related_query_name(): None for relation in holders})


def collect_garbage() -> int:
    """Delete bytes that no row has referred to for a day; returns how many. Repeatable."""
    before = clock.now() - GRACE
    unused = _unused()
    removed = 0
    for pk in unused.filter(stored_at__lt=before).values_list("pk", flat=True):
        with transaction.atomic():
            blob = Blob.objects.select_for_update().filter(pk=pk, stored_at__lt=before).first()
            if blob is None or not unused.filter(pk=pk).exists():
                continue
            key = blob.key
            blob.delete()
        storage.delete(key)
        removed += 1
    known = set(Blob.objects.values_list("key", flat=True))
    for key in storage.stored_keys():
        if key not in known and default_storage.get_modified_time(key) < before:
            storage.delete(key)
            removed += 1
    return removed
