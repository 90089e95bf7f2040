"""What a file really is, whatever its name says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile, ZipFile

import filetype
from django.conf import settings
from django.utils.translation import gettext as _

from .archives import check_archive, open_archive
from .errors import Rejected
from .names import extension

_HEAD: Final = 8192
_PIECE: Final = 1024 * 1024
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Name of the stream that makes an old Office file what it is; an entry of its directory begins with the name.
_OLE_STREAMS: Final = {
    "application/msword": ("WordDocument",),
    "application/vnd.ms-excel": ("Workbook", "Book"),
    "application/vnd.ms-powerpoint": ("PowerPoint Document",),
}
_OOXML: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."


def allowed_extensions() -> str:
    """The endings that are taken, as a sentence lists them."""
    return ", ".join(sorted(settings.EVIDENCE_TYPES))


def expected_type(filename: str) -> str:
    """The media type that `filename` promises; raises Rejected where its ending is not taken."""
    found: str | None = settings.EVIDENCE_TYPES.get(extension(filename))
    if found is None:
        raise Rejected(
            _("Không nhận loại tệp này. Hãy tải lên một trong các loại: %(types)s.") % {"types": allowed_extensions()}
        )
    return found


def check_content(file: BinaryIO, filename: str) -> str:
    """The media type of `file` when it is what `filename` promises and safe to open; raises Rejected."""
    expected = expected_type(filename)
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(_ZIP):
        with _archive(file) as archive:
            check_archive(file, archive)
            found = _zipped_type(archive)
    elif head.startswith(_OLE):
        if _has_entry(file, "EncryptedPackage"):
            raise Rejected(_("Tệp được đặt mật khẩu nên hội đồng không mở được. Hãy bỏ mật khẩu rồi tải lên lại."))
        found = expected if any(_has_entry(file, name) for name in _OLE_STREAMS.get(expected, ())) else ""
    else:
        kind: Any = filetype.guess(head)
        found = kind.mime if kind else ""
    if found != expected:
        raise Rejected(
            _("Nội dung tệp không đúng là tệp .%(extension)s. Hãy mở tệp, lưu lại đúng định dạng rồi tải lên.")
            % {"extension": extension(filename)}
        )
    return expected


@contextmanager
def _archive(file: BinaryIO) -> Iterator[ZipFile]:
    archive = open_archive(file)
    try:
        yield archive
    except (BadZipFile, EOFError, NotImplementedError) as error:
        raise Rejected(_("Tệp bị hỏng, không mở được.")) from error
    finally:
        # The archive does not own the file that it reads.
        archive.close()


def _zipped_type(archive: ZipFile) -> str:
    """The document type inside a ZIP; without macros, because macro files have a type of their own."""
    names = set(archive.namelist())
    if "[Content_Types].xml" in names:
        listed = _text(archive, "[Content_Types].xml")
        for part in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation"):
            if f'"{_OOXML}{part}.main+xml"' in listed:
                return _OOXML + part
        return ""
    if "mimetype" in names:
        named = _text(archive, "mimetype").strip()
        return named if named.startswith(_ODF) else ""
    return ""


def _text(archive: ZipFile, name: str) -> str:
    with archive.open(name) as member:
        return member.read(_PIECE).decode("utf-8", "replace")


def _has_entry(file: BinaryIO, name: str) -> bool:
    """Whether the directory of an OLE file has an entry `name`: entries lie at multiples of 128 bytes."""
    wanted = name.encode("utf-16-le") + b"\0\0"
    file.seek(0)
    while piece := file.read(_PIECE):
        at = piece.find(wanted)
        while at >= 0:
            if at % 128 == 0:
                return True
            at = piece.find(wanted, at + 1)
    return False
