"""iCalendar (RFC 5545) in and out: holiday files that people import, and the feed of a person's deadlines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from plans.calendar import ONE_DAY, short_date

MAX_CHARACTERS = 500_000
MAX_EVENTS = 1_000
MAX_EVENT_DAYS = 31
MAX_ERRORS = 50
ALARM_HOUR = 8

_FOLD_OCTETS = 75
_CONTENT_LINE = re.compile(
    r"""(?P<name>[A-Za-z0-9-]+)"""
    r"""(?P<params>(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*)"""
    r""":(?P<value>.*)""",
    re.DOTALL,
)
_MAKEUP = re.compile(r"\blàm (?:việc )?bù\b")
_UNESCAPED = {"n": "\n", "N": "\n"}


class CalendarDay(NamedTuple):
    """One day of an imported file: a holiday, or else a make-up working day."""

    on: date
    summary: str
    is_holiday: bool


class IcalError(ValueError):
    """A file that was not imported; `errors` holds every fault found, in Vietnamese, with its line number."""

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(self.errors))


@dataclass(frozen=True)
class FeedEvent:
    """An entry of a feed: all day on `on`, or from the moment `starts` on.

    Each alarm rings that many days before, at 8:00 of an all-day entry (0: on the day), else at the time of day at
    which the entry starts.
    """

    uid: str
    on: date
    summary: str
    description: str = ""
    url: str = ""
    alarm_days: tuple[int, ...] = ()
    starts: datetime | None = None
    location: str = ""


def parse_ical(text: str) -> list[CalendarDay]:
    """The days of the all-day events of an iCalendar file, in order; DTEND is exclusive, as in RFC 5545.

    A summary that says `làm bù` and does not begin with `nghỉ` is a make-up day; everything else is a
    holiday, so whoever imports must look at the list first. Cancelled events are left out; of one day told
    twice the first counts. All or nothing: IcalError carries every fault, MAX_ERRORS at most.
    """
    if len(text) > MAX_CHARACTERS:
        raise IcalError([f"Tệp lịch dài quá {MAX_CHARACTERS:,} ký tự.".replace(",", ".")])
    reader = _Reader()
    for number, line in _unfolded(text):
        reader.read(number, line)
        if len(reader.errors) >= MAX_ERRORS:
            break
    else:
        reader.finish()
    if reader.errors:
        raise IcalError(reader.errors)
    return sorted(reader.days.values())


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Each logical line with the number of its first physical line; blank lines are dropped."""
    pending: list[str] = []
    first = 0
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        line = raw.removesuffix("\r")
        if line[:1] in (" ", "\t") and pending:
            pending.append(line[1:])
            continue
        if pending:
            yield first, "".join(pending)
        pending, first = ([line] if line.strip() else []), number
    if pending:
        yield first, "".join(pending)


class _Reader:
    """Takes content lines one by one, keeps days and faults; only properties straight in a VEVENT count."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.days: dict[tuple[date, bool], CalendarDay] = {}
        self._open: list[str] = []
        self._event: dict[str, tuple[int, str]] = {}
        self._event_line = 0
        self._events = 0
        self._calendars = 0

    def read(self, number: int, line: str) -> None:
        match = _CONTENT_LINE.fullmatch(line)
        if match is None:
            self._fault(number, "không phải dòng iCalendar")
            return
        name, value = match["name"].upper(), match["value"]
        if name == "BEGIN":
            self._begin(number, value.strip().upper())
        elif name == "END":
            self._end(number, value.strip().upper())
        elif self._open[-1:] == ["VEVENT"]:
            self._event.setdefault(name, (number, value))

    def finish(self) -> None:
        if self._open:
            self.errors.append(f"Tệp lịch bị cắt: thiếu END:{self._open[-1]}.")
        elif not self._calendars:
            self.errors.append("Tệp không có lịch (BEGIN:VCALENDAR).")
        for on, is_holiday in sorted(self.days):
            if is_holiday and (on, False) in self.days:
                self.errors.append(f"Ngày {short_date(on)} vừa là ngày nghỉ vừa là ngày làm bù.")

    def _fault(self, number: int, what: str) -> None:
        self.errors.append(f"Dòng {number}: {what}.")

    def _begin(self, number: int, component: str) -> None:
        if component == "VEVENT":
            self._event, self._event_line = {}, number
            self._events += 1
            if self._events == MAX_EVENTS + 1:
                self._fault(number, f"tệp có quá {MAX_EVENTS:,} sự kiện".replace(",", "."))
        self._calendars += component == "VCALENDAR"
        self._open.append(component)

    def _end(self, number: int, component: str) -> None:
        if self._open[-1:] != [component]:
            self._fault(number, f"END:{component} không khớp với BEGIN")
            return
        self._open.pop()
        if component == "VEVENT" and self._events <= MAX_EVENTS:
            self._close_event()

    def _close_event(self) -> None:
        event = self._event
        if event.get("STATUS", (0, ""))[1].strip().upper() == "CANCELLED":
            return
        for name in ("RRULE", "RDATE", "DURATION"):
            if name in event:
                self._fault(event[name][0], f"{name} không được hỗ trợ, hãy ghi từng ngày bằng DTSTART và DTEND")
                return
        if "DTSTART" not in event:
            self._fault(self._event_line, "sự kiện không có DTSTART")
            return
        start = self._date(event["DTSTART"])
        end = self._date(event["DTEND"]) if "DTEND" in event else None
        if start is None or ("DTEND" in event and end is None):
            return
        days = 1 if end is None else (end - start).days
        if not 1 <= days <= MAX_EVENT_DAYS:
            self._fault(self._event_line, f"sự kiện phải dài từ 1 đến {MAX_EVENT_DAYS} ngày")
            return
        summary = _unescape(event.get("SUMMARY", (0, ""))[1]).strip()
        is_holiday = not _is_makeup(summary)
        for n in range(days):
            day = CalendarDay(start + timedelta(days=n), summary, is_holiday)
            self.days.setdefault((day.on, is_holiday), day)

    def _date(self, prop: tuple[int, str]) -> date | None:
        number, value = prop
        if not re.fullmatch(r"[0-9]{8}", value.strip()):
            self._fault(number, "chỉ nhận sự kiện cả ngày, ngày ghi dạng 20260214")
            return None
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            self._fault(number, f"ngày {value.strip()} không có trong lịch")
            return None


def _is_makeup(summary: str) -> bool:
    plain = unicodedata.normalize("NFC", summary).lower()
    return _MAKEUP.search(plain) is not None and not plain.startswith("nghỉ")


def _unescape(value: str) -> str:
    return re.sub(r"\\(.)", lambda match: _UNESCAPED.get(match[1], match[1]), value)


def render_ical(events: Iterable[FeedEvent], now: datetime, *, name: str = "Chỉ số CCHC") -> str:
    """A VCALENDAR, one VEVENT each: CRLF, folded at 75 octets, text escaped; `now` becomes DTSTAMP.

    ValueError for a naive `now` or start, a repeated or empty uid, a negative alarm, or a url with a space or a
    control character.
    """
    if now.utcoffset() is None:
        raise ValueError("DTSTAMP needs an aware datetime")
    stamp = _utc(now)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//CCHC Index//Deadlines//VI", "CALSCALE:GREGORIAN"]
    lines.append(f"X-WR-CALNAME:{_escape(name)}")
    seen: set[str] = set()
    for event in events:
        if not event.uid or event.uid in seen:
            raise ValueError(f"uid {event.uid!r} is empty or repeated")
        seen.add(event.uid)
        lines += _event_lines(event, stamp)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event_lines(event: FeedEvent, stamp: str) -> Iterator[str]:
    if re.search(r"[\s\x00-\x1f\x7f]", event.url):
        raise ValueError(f"url {event.url!r} has a space or a control character")
    yield "BEGIN:VEVENT"
    yield f"UID:{_escape(event.uid)}"
    yield f"DTSTAMP:{stamp}"
    if event.starts is None:
        yield f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.on + ONE_DAY:%Y%m%d}"
    elif event.starts.utcoffset() is None:
        raise ValueError("DTSTART needs an aware datetime")
    else:
        yield f"DTSTART:{_utc(event.starts)}"
    yield f"SUMMARY:{_escape(event.summary)}"
    if event.description:
        yield f"DESCRIPTION:{_escape(event.description)}"
    if event.location:
        yield f"LOCATION:{_escape(event.location)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT" if event.starts is None else "TRANSP:OPAQUE"
    for days in event.alarm_days:
        if days < 0:
            raise ValueError("an alarm rings on the day or before it")
        hours = 24 * days - (ALARM_HOUR if event.starts is None else 0)
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{_escape(event.summary)}"
        yield f"TRIGGER:{'-' if hours > 0 else ''}PT{abs(hours)}H"
        yield "END:VALARM"
    yield "END:VEVENT"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    """TEXT of RFC 5545; line ends become `\\n`, other control characters are dropped."""
    escaped = re.sub(r"([\\;,])", r"\\\1", re.sub(r"\r\n?", "\n", text)).replace("\n", "\\n")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", escaped)


def _folded(line: str) -> Iterator[str]:
    """Physical lines of at most 75 octets, the leading space counted, no character cut in two."""
    room, piece = _FOLD_OCTETS, ""
    for character in line:
        size = len(character.encode())
        if size > room:
            yield piece
            piece, room = " ", _FOLD_OCTETS - 1
        piece += character
        room -= size
    yield piece
