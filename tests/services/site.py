"""The site in a process of its own on the test's database: it can be killed in the middle of things and come back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.services.processes import START_SECONDS, answers, free_port

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """The address of the database that the running test writes to, as DATABASE_URL takes it."""
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    account = ":".join(quote(str(part), safe="") for part in (facts["USER"], facts["PASSWORD"]) if part)
    where = f"localhost:{facts['PORT'] or 5432}/{facts['NAME']}"
    return f"postgresql://{account}@{where}?host={quote(str(facts['HOST'] or 'localhost'), safe='')}"


class Site:
    """One server on one port: `start` and `kill` it as often as the test likes."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once the port answers. Raises RuntimeError with the end of the log when it does not."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}"],
                cwd=ROOT,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": database_url()},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text(encoding="utf-8", errors="replace")[-4000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """No goodbye: what was on its way is cut off."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
