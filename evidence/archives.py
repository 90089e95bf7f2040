"""The gate for files that are ZIP archives inside (docx, xlsx, pptx, odt, ods): none may burst when it is opened.

Virus scanners let a bomb of some hundred megabytes pass, and headers can lie about sizes. So every member is
inflated here once, in small pieces that are thrown away, until the whole is measured or a limit is passed.
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from .errors import Rejected

MAX_MEMBERS: Final = 5_000
MAX_UNPACKED: Final = 300 * 1024 * 1024
# Office files of tables reach 50 to 1; only above SMALL bytes does a higher ratio mean a bomb.
MAX_RATIO: Final = 150
SMALL: Final = 20 * 1024 * 1024
MAX_DIRECTORY: Final = 2 * 1024 * 1024
_PIECE: Final = 256 * 1024
_END: Final = b"PK\x05\x06"
_LOCAL_HEADER: Final = 30


def _bomb() -> Rejected:
    return Rejected(
        _("Tệp nén bên trong quá lớn khi giải nén hoặc có cấu trúc bất thường, nên không được nhận vì lý do an toàn.")
    )


def _broken() -> Rejected:
    return Rejected(_("Tệp bị hỏng, không mở được. Hãy mở bằng phần mềm soạn thảo, lưu lại rồi tải lên."))


def open_archive(file: BinaryIO) -> ZipFile:
    """`file` as a ZIP whose directory is small enough to be read; raises Rejected."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise _broken()
    members, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if members > MAX_MEMBERS or directory > MAX_DIRECTORY:
        raise _bomb()
    file.seek(0)
    try:
        archive = ZipFile(file)
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _broken() from error
    if len(archive.infolist()) > MAX_MEMBERS:
        raise _bomb()
    return archive


def check_archive(file: BinaryIO, archive: ZipFile) -> None:
    """Raise Rejected where `archive`, read from `file`, has too much in it, overlaps, or hides behind a password."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    if any(member.flag_bits & 1 for member in members):
        raise Rejected(_("Tệp được đặt mật khẩu nên hội đồng không mở được. Hãy bỏ mật khẩu rồi tải lên lại."))
    file.seek(0, 2)
    packed = file.tell()
    budget = min(MAX_UNPACKED, max(SMALL, packed * MAX_RATIO))
    if sum(member.file_size for member in members) > budget:
        raise _bomb()
    end = 0
    for member in members:
        if member.header_offset < end:
            raise _bomb()
        end = member.header_offset + _LOCAL_HEADER + member.compress_size
        budget -= _unpacked(file, member, budget)


def _unpacked(file: BinaryIO, member: ZipInfo, budget: int) -> int:
    """Bytes that `member` really has; raises Rejected as soon as they are more than `budget`."""
    file.seek(member.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise _broken()
    name, extra = struct.unpack("<HH", header[26:30])
    file.seek(name + extra, 1)
    if member.compress_type == ZIP_STORED:
        if member.compress_size > budget:
            raise _bomb()
        return member.compress_size
    if member.compress_type != ZIP_DEFLATED:
        raise _broken()
    return _inflated(file, member.compress_size, budget)


def _inflated(file: BinaryIO, left: int, budget: int) -> int:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    try:
        while left > 0 and not inflater.eof:
            piece = file.read(min(left, _PIECE))
            if not piece:
                raise _broken()
            left -= len(piece)
            while piece:
                size += len(inflater.decompress(piece, _PIECE))
                if size > budget:
                    raise _bomb()
                piece = inflater.unconsumed_tail
    except zlib.error as error:
        raise _broken() from error
    return size
