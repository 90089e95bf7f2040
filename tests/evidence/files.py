"""Small files of every kind that officers send, and of the kinds that nobody should."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
PROGRAM = b"MZ\x90\x00" + bytes(60) + b"This program cannot be run in DOS mode."

_OOXML = "application/vnd.openxmlformats-officedocument."
MAIN_PARTS = {
    "docx": (f"{_OOXML}wordprocessingml.document.main+xml", "word/document.xml"),
    "xlsx": (f"{_OOXML}spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
    "pptx": (f"{_OOXML}presentationml.presentation.main+xml", "ppt/presentation.xml"),
    "docm": ("application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml"),
}


def png(side: int = 1) -> bytes:
    """A black picture of `side` x `side` dots."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\0\0\0" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def zipped(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of `members`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(kind: str, extra: Mapping[str, bytes] | None = None) -> bytes:
    """An Office file of today (docx, xlsx, pptx, docm), with `extra` members."""
    media_type, part = MAIN_PARTS[kind]
    types = f'<?xml version="1.0"?><Types><Override PartName="/{part}" ContentType="{media_type}"/></Types>'
    return zipped({"[Content_Types].xml": types.encode(), part: b"<xml/>", **(extra or {})})


def odf(media_type: str) -> bytes:
    """An OpenDocument file."""
    return zipped({"mimetype": media_type.encode(), "content.xml": b"<xml/>"}, method=zipfile.ZIP_STORED)


def old_office(stream: str) -> bytes:
    """The beginning of an Office 97 file whose directory has an entry `stream`."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return header + bytes(512) + stream.encode("utf-16-le").ljust(128, b"\0") + bytes(384)


def bomb(unpacked_mb: int) -> bytes:
    """A docx whose picture unpacks to `unpacked_mb` MB of zeros."""
    return office("docx", {"word/media/image1.bmp": bytes(unpacked_mb * 1024 * 1024)})


def lying_bomb(unpacked_mb: int) -> bytes:
    """The same, but every header says that the picture has 10 bytes."""
    content = bomb(unpacked_mb)
    size = struct.pack("<I", unpacked_mb * 1024 * 1024)
    assert content.count(size) == 2
    return content.replace(size, struct.pack("<I", 10))


def overlapping() -> bytes:
    """A docx in whose directory two names point at the same bytes."""
    out = io.BytesIO(office("docx", {"word/a.bin": b"x" * 1000}))
    with zipfile.ZipFile(out, "a") as archive:
        again = archive.NameToInfo["word/a.bin"]
        archive.filelist.append(again)
        archive._didModify = True  # type: ignore[attr-defined]
    return out.getvalue()
