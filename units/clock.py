"""The one clock of the product: every "now" is asked here.

In production it is the system clock and nothing can set it. Where `CCHC_CLOCK_CAN_MOVE` is on (demo, training,
tests), `at()` moves it for one block and `set_offset()` for the process, so that `simulate` walks through the
calendar of a cycle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.conf import settings

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

_fixed: ContextVar[dt.datetime | None] = ContextVar("cchc_clock", default=None)


class ClockIsFixed(RuntimeError):
    """The clock was asked to move where the setting forbids it."""


def now() -> dt.datetime:
    """The present instant, UTC, aware."""
    return _fixed.get() or dt.datetime.now(dt.UTC)


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
