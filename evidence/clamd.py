"""Asking clamd about a file: the INSTREAM command over TCP or a local socket."""

from __future__ import annotations

import logging
import socket
import struct
from contextlib import closing
from typing import BinaryIO, Final

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Rejected

log = logging.getLogger(__name__)

_PIECE: Final = 64 * 1024
_TIMEOUT_SECONDS: Final = 60.0
_MAX_REPLY: Final = 4096


def configured() -> bool:
    """Whether uploads are scanned at all."""
    return bool(settings.CLAMD_ADDRESS)


def scan(file: BinaryIO) -> None:
    """Raise Rejected where clamd finds something in `file`, or cannot say: unscanned files are not taken."""
    try:
        reply = _ask(file)
    except OSError as error:
        log.error("clamd at %s does not answer: %s", settings.CLAMD_ADDRESS, error)
        raise _no_verdict() from error
    if reply.endswith(" FOUND"):
        signature = reply.removeprefix("stream: ").removesuffix(" FOUND")
        log.warning("clamd found %s in an upload", signature)
        raise Rejected(_("Tệp có mã độc (%(name)s) nên không được nhận. Hãy quét máy của bạn.") % {"name": signature})
    if reply != "stream: OK":
        log.error("clamd at %s answered %s", settings.CLAMD_ADDRESS, reply)
        raise _no_verdict()


def _no_verdict() -> Rejected:
    return Rejected(_("Chưa quét được mã độc nên chưa nhận tệp. Hãy thử lại sau ít phút."))


def _connect() -> socket.socket:
    """`host:port`, or the absolute path of a local socket."""
    address: str = settings.CLAMD_ADDRESS
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_TIMEOUT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_TIMEOUT_SECONDS)


def _ask(file: BinaryIO) -> str:
    file.seek(0)
    with closing(_connect()) as connection:
        connection.sendall(b"zINSTREAM\0")
        try:
            while piece := file.read(_PIECE):
                connection.sendall(struct.pack("!I", len(piece)) + piece)
            connection.sendall(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError):
            # clamd hangs up once its own size limit is passed; its reply says so.
            pass
        reply = b""
        while len(reply) < _MAX_REPLY and not reply.endswith(b"\0"):
            part = connection.recv(_MAX_REPLY)
            if not part:
                break
            reply += part
    return reply.rstrip(b"\0").decode("utf-8", "replace").strip()
