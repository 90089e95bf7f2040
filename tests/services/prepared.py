"""A migrated SQLite file that test runs copy: the migrations run once for each state of them, not once for each run.

The file stands in the machine's temporary folder under a name that holds the content of every migration and of what
migrations use, so that another state makes another file. PostgreSQL runs its migrations anew each time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
USED = (
    "requirements.lock",
    "units/append_only.py",
    "units/permissions.py",
    "criteria/frozen.py",
    "assessments/self_side.py",
)


def state() -> str:
    """What the prepared file depends on, as a short hash."""
    found = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/migrations/*.py"), *(ROOT / name for name in USED)]):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


def prepared() -> Path:
    """The migrated file of the present state; made by whoever asks first, the others wait."""
    path = Path(tempfile.gettempdir()) / f"cchc-prepared-{state()}.sqlite3"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _make(path)
    return path


def _make(path: Path) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{draft}", "DJANGO_SETTINGS_MODULE": "config.settings.test"},
        check=True,
    )
    for left in (f"{draft}-wal", f"{draft}-shm"):
        Path(left).unlink(missing_ok=True)
    draft.rename(path)


def copy_to(target: Path) -> None:
    """Put a migrated database at `target`."""
    shutil.copyfile(prepared(), target)
