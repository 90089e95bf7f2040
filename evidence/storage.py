"""Where the bytes lie: the default storage, a local folder or S3. Names are made of content, never of what was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from django.core.files import File
from django.core.files.storage import default_storage

from .models import Blob

FOLDER: Final = "evidence"
PIECE: Final = 256 * 1024


def digest(file: BinaryIO, *, limit: int) -> tuple[str, int]:
    """SHA-256 (hex) and size in bytes, read in pieces; reading stops once more than `limit` bytes were seen."""
    found = hashlib.sha256()
    size = 0
    file.seek(0)
    while piece := file.read(PIECE):
        size += len(piece)
        if size > limit:
            break
        found.update(piece)
    return found.hexdigest(), size


def save(file: BinaryIO, sha256: str) -> str:
    """Store `file` under its content's name and return the key; a key in use is never written over."""
    file.seek(0)
    return str(default_storage.save(f"{FOLDER}/{sha256[:2]}/{sha256}", File(file)))


def open_blob(blob: Blob) -> File:
    """The stored bytes of `blob`, to be read in pieces; raises FileNotFoundError where the storage lost them."""
    return default_storage.open(blob.key, "rb")


def delete(key: str) -> None:
    """Remove stored bytes; a key that is gone already is no error."""
    default_storage.delete(key)


def stored_keys() -> Iterator[str]:
    """Every key in the evidence folder."""
    try:
        folders, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for folder in folders:
        _folders, names = default_storage.listdir(f"{FOLDER}/{folder}")
        yield from (f"{FOLDER}/{folder}/{name}" for name in names)
