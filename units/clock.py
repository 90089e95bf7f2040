"""The one clock of the product: every "now" is asked here.

In production it is the system clock and nothing can set it. Where `CCHC_CLOCK_CAN_MOVE` is on (demo, training,
tests), `at()` lets it stand for one block, so that `simulate` walks through the calendar of a cycle, and `shift()`
moves it for every process of the installation: it then runs on from there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

_fixed: ContextVar[dt.datetime | None] = ContextVar("cchc_clock", default=None)


class ClockIsFixed(RuntimeError):
    """The clock was asked to move where the setting forbids it."""


_shift_read: tuple[int, dt.timedelta] = (-1, dt.timedelta(0))


def _shift_file() -> Path:
    return Path(settings.VAR_DIR) / "clock"


def _shift() -> dt.timedelta:
    """How far this installation's clock is moved; the file is read again only when it changed."""
    global _shift_read
    if not settings.CCHC_CLOCK_CAN_MOVE:
        return dt.timedelta(0)
    try:
        changed = _shift_file().stat().st_mtime_ns
    except OSError:
        return dt.timedelta(0)
    if changed != _shift_read[0]:
        _shift_read = (changed, dt.timedelta(seconds=float(_shift_file().read_text())))
    return _shift_read[1]


def now() -> dt.datetime:
    """The present instant, UTC, aware."""
    return _fixed.get() or dt.datetime.now(dt.UTC) + _shift()


def is_moved() -> bool:
    """Whether this installation does not live in real time: screens then say so."""
    return _shift() != dt.timedelta(0)


def shift(to: dt.datetime | None) -> None:
    """Let this installation's clock run on from `to` (aware), or in real time again.

    Raises ClockIsFixed in production.
    """
    if not settings.CCHC_CLOCK_CAN_MOVE:
        raise ClockIsFixed("the clock cannot be moved here")
    if to is None:
        _shift_file().unlink(missing_ok=True)
        return
    seconds = (to - dt.datetime.now(dt.UTC)).total_seconds()
    _shift_file().write_text(f"{seconds:.0f}")


def today() -> dt.date:
    """The present local date in Asia/Ho_Chi_Minh."""
    return now().astimezone(LOCAL).date()


@contextmanager
def at(instant: dt.datetime) -> Iterator[None]:
    """Let the clock stand at `instant` (aware) inside the block.

    Raises ClockIsFixed in production.
    """
    if not settings.CCHC_CLOCK_CAN_MOVE:
        raise ClockIsFixed("the clock cannot be moved here")
    token = _fixed.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
