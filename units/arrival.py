"""When a request arrived: the instant that decides whether a dossier is in time."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.http import HttpRequest

from . import clock

# A header that is older than this was not written for this request; half an hour covers the slowest upload.
OLDEST = dt.timedelta(minutes=30)


def arrived_at(request: HttpRequest) -> dt.datetime:
    """The UTC instant at which `request` reached the province: a trusted proxy's word, else the clock now.

    The proxy must always set the header named by ARRIVAL_HEADER, as ISO 8601 with an offset or as seconds since 1970
    ("1796900399.512", also with "t="). A value that is unreadable, ahead of the clock or too old is left aside.
    """
    now = clock.now()
    if not settings.ARRIVAL_HEADER:
        return now
    told = _read(request.headers.get(settings.ARRIVAL_HEADER, ""))
    if told is None or not now - OLDEST <= told <= now:
        return now
    return told


def _read(text: str) -> dt.datetime | None:
    text = text.strip().removeprefix("t=")
    try:
        found = dt.datetime.fromtimestamp(float(text), dt.UTC)
    except (ValueError, OverflowError, OSError):
        try:
            found = dt.datetime.fromisoformat(text)
        except ValueError:
            return None
    return found.astimezone(dt.UTC) if found.tzinfo else None
