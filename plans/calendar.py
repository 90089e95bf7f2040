"""The calendar of plans and deadlines: pure rules over dates, no database and no clock of its own.

A deadline is written as a local date of Viet Nam and compared as a UTC instant. The zone of the machine never
matters: naive datetimes are refused.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Asia/Ho_Chi_Minh")
ONE_DAY = timedelta(days=1)
REMIND_BEFORE = (14, 7, 3, 1)

_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def local_date(instant: datetime) -> date:
    """The day that a wall calendar in Viet Nam shows at `instant`; ValueError for a naive datetime."""
    if instant.utcoffset() is None:
        raise ValueError("a naive datetime has no local date in Viet Nam")
    return instant.astimezone(TZ).date()


@lru_cache(maxsize=1024)
def start_of(day: date) -> datetime:
    """The UTC instant at which `day` begins in Viet Nam."""
    return datetime.combine(day, time.min, TZ).astimezone(UTC)


def weekday_name(day: date) -> str:
    """`Thứ Hai` to `Thứ Bảy`, `Chủ nhật`."""
    return _WEEKDAYS[day.weekday()]


def short_date(day: date) -> str:
    """`14/12/2026`, as official documents print a date in figures."""
    return f"{day:%d/%m/%Y}"


def long_date(day: date) -> str:
    """`Thứ Hai 14/12/2026`, as screens show a date."""
    return f"{weekday_name(day)} {short_date(day)}"


def official_date(day: date) -> str:
    """`ngày 05 tháng 02 năm 2026`: Nghị định 30/2020 puts a zero before days below 10 and months 1 and 2."""
    month = f"{day.month:02}" if day.month <= 2 else f"{day.month}"
    return f"ngày {day:%d} tháng {month} năm {day.year}"


def in_sentence(day: date) -> str:
    """`thứ Hai 14/12/2026`, for the middle of a sentence."""
    return long_date(day).replace("Thứ", "thứ")


@dataclass(frozen=True)
class Deadline:
    """A day written in a plan: strict `trước ngày D`, the default, or inclusive `đến hết ngày D`."""

    on: date
    inclusive: bool = False

    def __post_init__(self) -> None:
        if isinstance(self.on, datetime):
            raise TypeError("a deadline is a local date, not an instant")

    @property
    def ends_at(self) -> datetime:
        """The first UTC instant that is too late."""
        return start_of(self.on + ONE_DAY if self.inclusive else self.on)

    @property
    def last_day(self) -> date:
        """The last local day on which an arrival is in time."""
        return self.on if self.inclusive else self.on - ONE_DAY

    def words(self) -> str:
        """The deadline for the middle of a sentence; a strict one also names its last day."""
        if self.inclusive:
            return f"đến hết ngày {in_sentence(self.on)}"
        return f"trước ngày {short_date(self.on)} (hết ngày {in_sentence(self.last_day)})"

    def met(self, arrived: datetime) -> bool:
        """Whether `arrived` (aware, the moment of arrival) is in time; the end itself is late."""
        return arrived < self.ends_at

    def days_left(self, now: datetime) -> int:
        """Local calendar days to the last day: 0 on the last day, negative for each day overdue."""
        return (self.last_day - local_date(now)).days


def days_left_words(days: int) -> str:
    """What `Deadline.days_left` says to a person."""
    if days > 0:
        return f"Còn {days} ngày"
    if days == 0:
        return "Hôm nay là ngày cuối"
    return f"Quá hạn {-days} ngày"


class Timeliness(StrEnum):
    """How an arrival, or its absence, stands against the legal deadline and an extension.

    Every page, file and letter says it with `label` or `words`.
    """

    ON_TIME = "on_time"
    LATE = "late"
    EXTENDED = "extended"
    MISSING = "missing"
    PENDING = "pending"

    @property
    def label(self) -> str:
        return _TIMELINESS_LABELS[self]

    @property
    def words(self) -> str:
        """The label for the middle of a sentence: `đúng hạn`."""
        return self.label[0].lower() + self.label[1:]


_TIMELINESS_LABELS = {
    Timeliness.ON_TIME: "Đúng hạn",
    Timeliness.LATE: "Trễ hạn",
    Timeliness.EXTENDED: "Được gia hạn",
    Timeliness.MISSING: "Quá hạn",
    Timeliness.PENDING: "Chưa đến hạn",
}


def timeliness(arrived: datetime | None, deadline: Deadline, extension: Deadline | None, now: datetime) -> Timeliness:
    """Judge by the time of arrival, or by `now` while nothing has arrived.

    An extension counts as EXTENDED from the day it is granted until it ends. An arrival before the legal
    deadline stays ON_TIME. An extension that does not end after the legal deadline changes nothing.
    """
    later = extension if extension is not None and extension.ends_at > deadline.ends_at else None
    if arrived is not None:
        if deadline.met(arrived):
            return Timeliness.ON_TIME
        return Timeliness.EXTENDED if later is not None and later.met(arrived) else Timeliness.LATE
    if later is not None and later.met(now):
        return Timeliness.EXTENDED
    return Timeliness.PENDING if deadline.met(now) else Timeliness.MISSING


def _reminder(days_left: int, before: Sequence[int]) -> int | None:
    return days_left if days_left <= 0 or days_left in before else None


def reminder_days(deadline: Deadline, now: datetime, before: Sequence[int] = REMIND_BEFORE) -> int | None:
    """The reminder of today: one of `before`, 0 on the last day, -k on overdue day k; otherwise None."""
    return _reminder(deadline.days_left(now), before)


def upcoming(
    deadline: Deadline, from_day: date, to_day: date, before: Sequence[int] = REMIND_BEFORE
) -> list[tuple[date, int]]:
    """Every (local day, reminder) from `from_day` to `to_day`, both included, overdue days too, in order."""
    days = (from_day + timedelta(days=n) for n in range((to_day - from_day).days + 1))
    offsets = ((day, _reminder((deadline.last_day - day).days, before)) for day in days)
    return [(day, offset) for day, offset in offsets if offset is not None]


@dataclass(frozen=True)
class WorkCalendar:
    """Working days: Monday to Friday without `holidays`, plus `makeup_days` (worked for a day off).

    Both sets are local dates that people edit every year. ValueError, in Vietnamese, if a day stands in both.
    """

    holidays: frozenset[date] = frozenset()
    makeup_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        both = sorted(self.holidays & self.makeup_days)
        if both:
            days = ", ".join(short_date(day) for day in both)
            raise ValueError(f"Ngày {days} vừa là ngày nghỉ vừa là ngày làm bù.")

    def is_working(self, day: date) -> bool:
        """Whether offices work on `day`."""
        return day in self.makeup_days or (day.weekday() < 5 and day not in self.holidays)

    def add_working_days(self, start: date, days: int) -> date:
        """The working day `days` after `start`, or before it if negative; `start` itself is not counted.

        Zero gives `start`, working day or not.
        """
        step = ONE_DAY if days > 0 else -ONE_DAY
        day, left = start, abs(days)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days from `start`, not counted, to `end`, counted; negative if `end` is earlier."""
        step = 1 if end >= start else -1
        span = range(step, (end - start).days + step, step)
        return step * sum(self.is_working(start + timedelta(days=n)) for n in span)


class TimeKind(StrEnum):
    """The shape in which a plan writes when a task is done."""

    DAY = "day"
    BEFORE = "before"
    UNTIL = "until"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    PERIOD = "period"
    ONGOING = "ongoing"


class PlanTimeError(ValueError):
    """A time of a plan that cannot be used; the Vietnamese message tells an officer what can be written."""


_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_QUARTERS = ("I", "II", "III", "IV")
_ACCEPTED = (
    "Hãy ghi theo một trong các dạng: "
    "ngày 15/12/2026; từ ngày 01/12/2026 đến ngày 29/12/2026; trước ngày 15/12/2026; "
    "đến hết ngày 15/12/2026; tháng 3/2026; tháng 4-6/2026; quý I năm 2026; quý I+II năm 2026; năm 2026; "
    "giai đoạn 2026-2030; thường xuyên."
)


@dataclass(frozen=True)
class PlanTime:
    """When a plan wants a task done: from `start` to `end` (exclusive); None where the words leave it open.

    `text` is what the plan wrote; two times are equal if they mean the same. PlanTimeError if the bounds do
    not fit the kind or leave the years 1900-2199.
    """

    kind: TimeKind
    start: date | None
    end: date | None
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise PlanTimeError("Thời gian kết thúc phải sau thời gian bắt đầu.")
        if not _fits(self.kind, self.start, self.end):
            raise PlanTimeError(f"Thời gian không hợp lệ. {_ACCEPTED}")
        last = self.end if self.kind is TimeKind.BEFORE else self.last_day
        if any(day is not None and not _FIRST_YEAR <= day.year <= _LAST_YEAR for day in (self.start, last)):
            raise _year_error()
        if not self.text:
            object.__setattr__(self, "text", self.words())

    @property
    def last_day(self) -> date | None:
        """The last local day inside the time; None for ongoing work."""
        return None if self.end is None else self.end - ONE_DAY

    @property
    def deadline(self) -> Deadline | None:
        """When the task is due; None for ongoing work."""
        if self.end is None:
            return None
        if self.kind is TimeKind.BEFORE:
            return Deadline(self.end)
        return Deadline(self.end - ONE_DAY, inclusive=True)

    def words(self) -> str:
        """The one spelling that the product prints; `parse_time` reads it back as an equal time."""
        if self.end is None:
            return "Thường xuyên"
        last = self.end - ONE_DAY
        if self.start is None:
            if self.kind is TimeKind.BEFORE:
                return f"Trước ngày {short_date(self.end)}"
            return f"Đến hết ngày {short_date(last)}"
        return _span_words(self.kind, self.start, last)

    def shift_years(self, years: int) -> PlanTime:
        """The same time in another year, for copying a plan; 29/02 gives way to 28/02 as the last day."""
        start = None if self.start is None else _shift(self.start, years, (2, 28))
        if self.end is None:
            end = None
        elif self.kind in (TimeKind.DAY, TimeKind.UNTIL):
            end = _shift(self.end - ONE_DAY, years, (2, 28)) + ONE_DAY
        else:
            end = _shift(self.end, years, (3, 1))
        return PlanTime(self.kind, start, end)


def _year_error() -> PlanTimeError:
    return PlanTimeError(f"Năm phải từ {_FIRST_YEAR} đến {_LAST_YEAR}.")


def _shift(day: date, years: int, leap_day: tuple[int, int]) -> date:
    """`day` in another year; 29/02 becomes `leap_day` (month, day) where that year has none."""
    year = day.year + years
    if not _FIRST_YEAR <= year <= _LAST_YEAR + 1:
        raise _year_error()
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, *leap_day)
    return day.replace(year=year)


def _fits(kind: TimeKind, start: date | None, end: date | None) -> bool:
    """Whether the bounds are what the words of `kind` can say."""
    if kind is TimeKind.ONGOING:
        return start is None and end is None
    if kind in (TimeKind.BEFORE, TimeKind.UNTIL):
        return start is None and end is not None
    if start is None or end is None:
        return False
    if kind is TimeKind.DAY:
        return True
    whole_months = start.day == end.day == 1
    whole_years = whole_months and start.month == end.month == 1
    years = end.year - start.year
    if kind is TimeKind.MONTH:
        return whole_months
    if kind is TimeKind.QUARTER:
        one_year = (end - ONE_DAY).year == start.year
        return whole_months and one_year and start.month % 3 == end.month % 3 == 1
    return whole_years and (years == 1 if kind is TimeKind.YEAR else years > 1)


def _span_words(kind: TimeKind, first: date, last: date) -> str:
    if kind is TimeKind.DAY:
        if first == last:
            return f"Ngày {short_date(first)}"
        return f"Từ ngày {short_date(first)} đến ngày {short_date(last)}"
    if kind is TimeKind.QUARTER:
        quarters = "+".join(_QUARTERS[first.month // 3 : last.month // 3])
        return f"Quý {quarters} năm {first.year}"
    if kind is TimeKind.MONTH:
        if first.year != last.year:
            return f"Tháng {first.month}/{first.year}-{last.month}/{last.year}"
        months = f"{first.month}" if first.month == last.month else f"{first.month}-{last.month}"
        return f"Tháng {months}/{last.year}"
    return f"Năm {first.year}" if kind is TimeKind.YEAR else f"Giai đoạn {first.year}-{last.year}"


_YEAR = r"([0-9]{4})"
_DATE = rf"([0-9]{{1,2}})/([0-9]{{1,2}})/{_YEAR}"
_LEAD = re.compile(
    r"(?:thời gian(?: thực hiện| hoàn thành)?: ?)?(?:(?:thực hiện|hoàn thành) )?(?:xong )?(?:trong |vào )?"
)
_ONGOING = re.compile(r"thường xuyên(?:,? liên tục)?")
_BEFORE = re.compile(rf"trước (?:ngày )?{_DATE}")
_UNTIL = re.compile(rf"(?:đến|đến hết|chậm nhất|chậm nhất là) (?:ngày )?{_DATE}")
_UNTIL_YEAR = re.compile(rf"đến (?:hết )?năm {_YEAR}")
_DAYS = re.compile(rf"(?:từ )?(?:ngày )?{_DATE}(?:-{_DATE})?")
_MONTHS = re.compile(rf"(?:từ )?tháng ([0-9]{{1,2}})(?:(?:/{_YEAR})?-([0-9]{{1,2}}))?/{_YEAR}")
_QUARTER = r"(?:iv|i{1,3}|[1-4])"
_QUARTER_LIST = re.compile(rf"(?:từ )?qu[ýí] ({_QUARTER}(?:-{_QUARTER}|(?:\+{_QUARTER}){{0,3}}))/{_YEAR}")
_ONE_YEAR = re.compile(rf"năm {_YEAR}")
_YEARS = re.compile(rf"(?:giai đoạn |từ năm |từ )?(?:{_YEAR}-{_YEAR}|\({_YEAR}-{_YEAR}\))")
_LONGEST_TEXT = 200


def _plain(text: str) -> str:
    """Lower case, one space, one dash; between figures `/` for `tháng` and `năm`, `-` for `đến`."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip(" .;,").lower()
    plain = re.sub(r" ?[-\u2010-\u2015] ?", "-", plain)
    plain = re.sub(r" ?/ ?", "/", plain)
    plain = re.sub(r"(?<=[0-9]) tháng (?=[0-9])|(?<=[0-9iv]) năm (?=[0-9]{4}\b)", "/", plain)
    plain = re.sub(r"(?<=[0-9iv]) đến (?:hết )?(?:ngày |tháng |quý |năm )?(?=[0-9iv])", "-", plain)
    plain = re.sub(r"(?<=[0-9iv])(?: ?[+,] ?| và )(?=[0-9iv])", "+", plain)
    return _LEAD.sub("", plain, count=1)


def parse_time(text: str) -> PlanTime:
    """Read a plan's time as the decisions write it; PlanTimeError names the shapes that are understood."""
    if len(text) > _LONGEST_TEXT:
        raise PlanTimeError(f"Thời gian dài quá {_LONGEST_TEXT} ký tự.")
    found = _recognised(_plain(text))
    if found is None:
        raise PlanTimeError(f"Không hiểu thời gian “{text.strip()}”. {_ACCEPTED}")
    kind, start, end = found
    return PlanTime(kind, start, end, text.strip())


def _recognised(plain: str) -> tuple[TimeKind, date | None, date | None] | None:
    if _ONGOING.fullmatch(plain):
        return TimeKind.ONGOING, None, None
    if match := _BEFORE.fullmatch(plain):
        return TimeKind.BEFORE, None, _day(*match.groups())
    if match := _UNTIL.fullmatch(plain):
        return TimeKind.UNTIL, None, _day(*match.groups()) + ONE_DAY
    if match := _UNTIL_YEAR.fullmatch(plain):
        return TimeKind.UNTIL, None, _month_start(match[1], 13)
    if match := _DAYS.fullmatch(plain):
        first = _day(match[1], match[2], match[3])
        last = _day(match[4], match[5], match[6]) if match[4] else first
        return TimeKind.DAY, first, last + ONE_DAY
    if match := _MONTHS.fullmatch(plain):
        first_month, last_month = _month(match[1]), _month(match[3] or match[1])
        start = _month_start(match[2] or match[4], first_month)
        return TimeKind.MONTH, start, _month_start(match[4], last_month + 1)
    if match := _QUARTER_LIST.fullmatch(plain):
        first_quarter, last_quarter = _quarters(match[1])
        start = _month_start(match[2], 3 * first_quarter - 2)
        return TimeKind.QUARTER, start, _month_start(match[2], 3 * last_quarter + 1)
    if match := _ONE_YEAR.fullmatch(plain):
        return TimeKind.YEAR, _month_start(match[1], 1), _month_start(match[1], 13)
    if match := _YEARS.fullmatch(plain):
        return TimeKind.PERIOD, _month_start(match[1] or match[3], 1), _month_start(match[2] or match[4], 13)
    return None


def _day(day: str, month: str, year: str) -> date:
    _check_year(year)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise PlanTimeError(f"Ngày {day}/{month}/{year} không có trong lịch.") from None


def _check_year(year: str) -> None:
    if not _FIRST_YEAR <= int(year) <= _LAST_YEAR:
        raise _year_error()


def _month(month: str) -> int:
    if not 1 <= int(month) <= 12:
        raise PlanTimeError(f"Không có tháng {month}.")
    return int(month)


def _month_start(year: str, month: int) -> date:
    """The first day of `month` (1-13; 13 is January of the next year)."""
    _check_year(year)
    return date(int(year) + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _quarters(listed: str) -> tuple[int, int]:
    """The first and last quarter of `i+ii` or `i-iii`; a list with a gap is two times, hence an error."""
    numbers = [_QUARTERS.index(q.upper()) + 1 if q[0] in "iv" else int(q) for q in re.split("[-+]", listed)]
    steps = [b - a for a, b in pairwise(numbers)]
    if any(step < 1 for step in steps) or ("-" not in listed and any(step > 1 for step in steps)):
        raise PlanTimeError("Các quý phải liền nhau, theo thứ tự; quý cách quãng thì tách thành hai nhiệm vụ.")
    return numbers[0], numbers[-1]
