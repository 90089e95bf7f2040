"""The parent of all processes: starts again what dies, gives up on what cannot live, ends what it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.supervisor import Child, Supervisor, backoff

ROOT = Path(__file__).resolve().parents[2]


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Whether `condition` becomes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def python(code: str) -> list[str]:
    """A command that runs `code`."""
    return [sys.executable, "-c", code]


def test_child_that_cannot_stay_up_ends_the_whole_with_its_code() -> None:
    steady = Child("steady", python("import time; time.sleep(60)"))
    broken = Child("broken", python("raise SystemExit(3)"))
    assert Supervisor([steady, broken], pause=lambda failures: 0.0).run() == 3
    assert steady.process is not None
    assert steady.process.poll() is not None


def test_child_that_dies_is_started_again(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    code = (
        f"import time; f = open({str(starts)!r}, 'a'); f.write('x'); f.close(); "
        f"time.sleep(60 if len(open({str(starts)!r}).read()) >= 3 else 0)"
    )
    child = Child("child", python(code))
    supervisor = Supervisor([child], pause=lambda failures: 0.0)

    def stop_after_three() -> None:
        eventually(lambda: starts.exists() and starts.read_text(encoding="ascii") == "xxx")
        supervisor.stop()

    watcher = threading.Thread(target=stop_after_three)
    watcher.start()
    assert supervisor.run() == 0
    watcher.join()
    assert starts.read_text(encoding="ascii") == "xxx"
    assert child.failures == 2


def test_backoff_doubles_up_to_its_limit() -> None:
    assert [backoff(failures) for failures in (1, 2, 3, 4, 9)] == [1.0, 2.0, 4.0, 8.0, 30.0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_parent_and_children_with_zero(number: int, tmp_path: Path) -> None:
    parent, child_pid = start_parent(tmp_path)
    parent.send_signal(number)
    assert parent.wait(15) == 0
    assert eventually(lambda: not alive(child_pid))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children only on Linux")
def test_parent_killed_outright_takes_its_children_along(tmp_path: Path) -> None:
    parent, child_pid = start_parent(tmp_path)
    parent.kill()
    parent.wait(15)
    assert eventually(lambda: not alive(child_pid))


def start_parent(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A parent in a process of its own, and the id of its one child."""
    pid_file = folder / "pid"
    child = f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    code = (
        "import sys; from config.supervisor import Child, Supervisor; "
        f"sys.exit(Supervisor([Child('child', [sys.executable, '-c', {child!r}])]).run())"
    )
    parent = subprocess.Popen(python(code), cwd=ROOT, env=dict(os.environ))
    assert eventually(lambda: pid_file.exists() and pid_file.read_text(encoding="ascii") != "")
    return parent, int(pid_file.read_text(encoding="ascii"))
