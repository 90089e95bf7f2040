"""A real clamd that knows one signature, the EICAR test file, and therefore starts in a second."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.processes import free_port, running

# In two parts, so that a virus scanner leaves this repository alone.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE_NAME = "Eicar-Test-Signature"
STREAM_MAX_MB = 60


def clamd() -> str | None:
    """Path of the clamd program, which Debian keeps out of ordinary users' PATH."""
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def clamd_server(folder: Path) -> Iterator[str]:
    """`host:port` of a clamd whose files are in `folder`."""
    program = clamd()
    if program is None:
        raise FileNotFoundError("clamd")
    database = folder / "db"
    database.mkdir()
    (database / "eicar.ndb").write_text(f"{SIGNATURE_NAME}:0:*:{EICAR.hex()}\n", encoding="ascii")
    port = free_port()
    config = folder / "clamd.conf"
    lines = [
        "Foreground yes",
        "TCPAddr 127.0.0.1",
        f"TCPSocket {port}",
        f"DatabaseDirectory {database}",
        f"TemporaryDirectory {folder}",
        f"StreamMaxLength {STREAM_MAX_MB}M",
        f"MaxFileSize {STREAM_MAX_MB}M",
        f"MaxScanSize {2 * STREAM_MAX_MB}M",
        "MaxThreads 2",
        "SelfCheck 0",
    ]
    config.write_text("\n".join(lines) + "\n", encoding="ascii")
    with running([program, f"--config-file={config}"], port=port, log=folder / "clamd.log"):
        yield f"127.0.0.1:{port}"
