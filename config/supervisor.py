"""One parent for several long-running children; knows nothing of Django.

A child that dies is started again, ever more slowly; one that cannot stay up ends the whole with its exit
code, so that whoever started the parent sees a failure and not half a site. The children end with the parent.
"""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
STEADY_SECONDS = 30.0
MAX_BACKOFF_SECONDS = 30.0
GIVE_UP_AFTER = 5
STOP_SECONDS = 25.0
POLL_SECONDS = 0.2


@dataclass
class Child:
    """A command and how it has fared; `failures` counts deaths since it last stayed up for STEADY_SECONDS."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    start_at: float = field(default=0.0)


def backoff(failures: int) -> float:
    """Seconds to wait before the next start: 1, 2, 4 ... up to MAX_BACKOFF_SECONDS."""
    return min(2.0 ** (failures - 1), MAX_BACKOFF_SECONDS)


class Supervisor:
    """Keeps `children` running until it is told to stop."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        pause: Callable[[int], float] = backoff,
    ) -> None:
        self.children = list(children)
        self._pause = pause
        self._stop = threading.Event()

    def run(self) -> int:
        """Run until SIGTERM, SIGINT or `stop`, then 0; else the code of the child that could not stay up."""
        previous = {number: signal.signal(number, lambda *_: self.stop()) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            return self._watch()
        finally:
            self._end_all()
            for number, handler in previous.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        """Ask for the end; `run` returns when all children have ended."""
        self._stop.set()

    def _watch(self) -> int:
        while not self._stop.is_set():
            for child in self.children:
                code = self._attend(child)
                if code is not None:
                    return code
            self._stop.wait(POLL_SECONDS)
        return 0

    def _attend(self, child: Child) -> int | None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_at:
                child.process = subprocess.Popen(child.command, preexec_fn=_die_with_parent)
                child.started = now
            return None
        code = child.process.poll()
        if code is None:
            return None
        child.process = None
        child.failures = 1 if now - child.started >= STEADY_SECONDS else child.failures + 1
        if child.failures >= GIVE_UP_AFTER:
            logger.error("%s ended %d times in a row, last with %d: giving up", child.name, child.failures, code)
            return code if code > 0 else 1
        pause = self._pause(child.failures)
        child.start_at = now + pause
        logger.warning("%s ended with %d; starting it again in %.0f s", child.name, code, pause)
        return None

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _die_with_parent() -> None:
    """Ask Linux to send SIGTERM to this child when its parent dies, even by SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
