"""Digital signatures (chữ ký số) of PDFs: read once after an upload, and compared with a deadline.

What is checked is integrity: whether the signed bytes are those that lie here. Whether the signer is who the
certificate says is judged only where trusted roots are configured (SIGNATURE_TRUST_ROOTS), and said so.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.core.files import File
from django.db import transaction

from units import clock

from .models import Blob, BlobSignature
from .storage import open_blob

Upload = BinaryIO | File

log = logging.getLogger(__name__)

PDF: Final = "application/pdf"
TIMEOUT_SECONDS: Final = 20
# Every signature says in the clear which bytes it covers.
_MARK: Final = b"/ByteRange"
_PIECE: Final = 256 * 1024


class Verdict(StrEnum):
    """What a reader wants to know of a PDF's signature."""

    BEFORE = "before"  # signed in time
    AFTER = "after"
    SIGNED = "signed"  # signed, and there is no deadline or no time to compare
    INVALID = "invalid"
    NONE = "none"
    UNKNOWN = "unknown"  # not read, or not readable


def verdict(blob: Blob, ends_at: dt.datetime | None) -> Verdict | None:
    """How the signature of `blob` stands against a deadline (first instant that is too late); None for other types."""
    if blob.content_type != PDF:
        return None
    state = Blob.Signature(blob.signature)
    if state == Blob.Signature.NONE:
        return Verdict.NONE
    if state == Blob.Signature.INVALID:
        return Verdict.INVALID
    if state != Blob.Signature.INTACT:
        return Verdict.UNKNOWN
    if blob.signed_at is None or ends_at is None:
        return Verdict.SIGNED
    return Verdict.BEFORE if blob.signed_at < ends_at else Verdict.AFTER


def read_once(blob: Blob, file: Upload) -> Blob:
    """Read the signatures of `file`, the bytes of `blob`, unless that was done; returns the blob as it is then.

    Never raises for what is in the file: a PDF that cannot be read is a document all the same.
    """
    if blob.signature != Blob.Signature.UNREAD:
        return blob
    found = _signatures(file) if blob.content_type == PDF else []
    with transaction.atomic():
        fresh = Blob.objects.select_for_update().get(pk=blob.pk)
        if fresh.signature != Blob.Signature.UNREAD:
            return fresh
        rows = [_row(fresh, order, facts) for order, facts in enumerate(found or (), start=1)]
        BlobSignature.objects.bulk_create(rows)
        fresh.signature = Blob.Signature.UNREADABLE if found is None else _state(rows)
        fresh.signed_at = max((row.signed_at for row in rows if row.signed_at), default=None)
        fresh.save(update_fields=["signature", "signed_at"])
    return fresh


def read_missing(limit: int = 200) -> int:
    """Read what was stored before signatures were read, at most `limit` files; returns how many. Repeatable."""
    done = 0
    for blob in Blob.objects.filter(signature=Blob.Signature.UNREAD).order_by("pk")[:limit]:
        try:
            with open_blob(blob) as file:
                read_once(blob, file)
        except FileNotFoundError:
            continue
        done += 1
    return done


def _state(rows: list[BlobSignature]) -> Blob.Signature:
    """The document as a whole: no signature is forged, and nothing was added after the last one.

    What came between two signatures is vouched for by the later one, as offices do that number a signed draft and
    seal it then.
    """
    if not rows:
        return Blob.Signature.NONE
    states = [row.integrity for row in rows]
    if BlobSignature.Integrity.BROKEN in states or states[-1] == BlobSignature.Integrity.CHANGED:
        return Blob.Signature.INVALID
    if states[-1] == BlobSignature.Integrity.UNCHECKED:
        return Blob.Signature.UNREADABLE
    return Blob.Signature.INTACT


def _row(blob: Blob, order: int, facts: Mapping[str, Any]) -> BlobSignature:
    signed_at = facts["signed_at"]
    return BlobSignature(
        blob=blob,
        order=order,
        **{**facts, "signed_at": dt.datetime.fromisoformat(signed_at) if signed_at else None},
    )


def _signatures(file: Upload) -> list[dict[str, Any]] | None:
    """What the reader says of each signature; None where it cannot read the file, or takes too long."""
    if not _mentions_signature(file):
        return []
    try:
        with _seekable(file) as source:
            done = subprocess.run(
                [
                    *(sys.executable, "-m", "evidence.signature_reader"),
                    *(settings.SIGNATURE_TRUST_ROOTS, clock.now().isoformat()),
                ],
                cwd=settings.BASE_DIR,
                stdin=source,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                check=True,
            )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        log.warning("signatures of a PDF were not read: %s", error)
        return None
    if done.stderr:
        log.info("reading signatures: %s", done.stderr.decode("utf-8", "replace")[:1000])
    found: list[dict[str, Any]] | None = answer.get("signatures")
    return found


def _mentions_signature(file: Upload) -> bool:
    file.seek(0)
    tail = b""
    while piece := file.read(_PIECE):
        if _MARK in tail + piece:
            return True
        tail = piece[-len(_MARK) :]
    return False


@contextmanager
def _seekable(file: Upload) -> Iterator[Any]:
    """`file` as the operating system knows it, with a position of its own."""
    path = getattr(file, "temporary_file_path", None)
    if path is not None:
        with open(path(), "rb") as source:
            yield source
        return
    with tempfile.TemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy, _PIECE)
        copy.seek(0)
        yield copy
