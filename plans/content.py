"""A plan as plain values: what a decision says, whether it came from a screen, a workbook, a preset or last year.

Every text is one line of NFC without control characters, so that what is written to a workbook is read back equal.
`problems` finds everything that is wrong at once.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from .calendar import PlanTime, PlanTimeError, parse_time

LONGEST = {"number": 60, "title": 300, "signer": 150, "issuing_body": 200}
LONGEST_NUMBER = 20
LONGEST_TEXT = 2_000
LONGEST_BODY = 500
LONGEST_NAME = 300
LONGEST_UNIT_OF_MEASURE = 30
MAX_VALUE = Decimal("9999999999.99")
MAX_COUNT = 32_767
MAX_TASKS = 1_000

_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class ReportRule(StrEnum):
    """How often the responsible body reports of itself."""

    NONE = "none"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    YEARLY = "yearly"


class Comparison(StrEnum):
    """How a figure must stand to the value of its target."""

    MORE = ">"
    AT_LEAST = ">="
    EXACTLY = "="


class SheetForm(StrEnum):
    """The two forms of the DOSSI assessment: A by the office itself, B by its customers."""

    A = "A"
    B = "B"


def one_line(text: str) -> str:
    """`text` in NFC, every run of spaces and line ends one space, without control characters."""
    spaced = re.sub(r"\s+", " ", text)
    kept = "".join(character for character in spaced if unicodedata.category(character) not in _UNWANTED)
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", kept).strip())


def _clean(content: Any) -> None:
    for name, value in vars(content).items():
        if type(value) is str:
            object.__setattr__(content, name, one_line(value))


@dataclass(frozen=True)
class MilestoneContent:
    """A legal date; `key` is one of `Milestone.Key`."""

    key: str
    on: dt.date
    inclusive: bool = False


@dataclass(frozen=True)
class TaskContent:
    """A task as the decision words it. Units are codes, in the order of the alphabet; `source` is the section."""

    number: str
    name: str
    lead: str = ""
    coordinating: str = ""
    time_text: str = ""
    parent: str = ""
    report_every: str = ReportRule.NONE.value
    source: str = ""
    lead_units: tuple[str, ...] = ()
    coordinating_units: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _clean(self)
        for name in ("lead_units", "coordinating_units"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))

    @property
    def time(self) -> PlanTime | None:
        """The time of `time_text`; None where the decision names none. Raises PlanTimeError."""
        return parse_time(self.time_text) if self.time_text else None


@dataclass(frozen=True)
class TargetContent:
    """A target; `value` is None where the decision gives no number. `task` is the number of the task it belongs to."""

    number: str
    text: str
    value: Decimal | None = None
    unit: str = ""
    comparison: str = ""
    task: str = ""

    def __post_init__(self) -> None:
        _clean(self)


@dataclass(frozen=True)
class SeatContent:
    """A line of a working group's composition; `skilled_min` of its people must have `skill`."""

    role: str
    body: str
    count_min: int = 1
    count_max: int = 1
    skill: str = ""
    skilled_min: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        _clean(self)


@dataclass(frozen=True)
class GroupContent:
    """A working group with its composition; `unit` is a code or empty."""

    name: str
    body: str
    size_min: int
    size_max: int
    unit: str = ""
    seats: tuple[SeatContent, ...] = ()

    def __post_init__(self) -> None:
        _clean(self)


@dataclass(frozen=True)
class SheetsContent:
    """How many sheets of a form go to a body."""

    body: str
    form: str
    planned: int
    unit: str = ""

    def __post_init__(self) -> None:
        _clean(self)


@dataclass(frozen=True)
class PlanContent:
    """The whole decision. A date is None only while a form or workbook that lacks it is being checked."""

    number: str
    title: str
    issuing_body: str
    signed_on: dt.date | None
    period_start: dt.date | None
    period_end: dt.date | None
    signer: str = ""
    milestones: tuple[MilestoneContent, ...] = ()
    tasks: tuple[TaskContent, ...] = ()
    targets: tuple[TargetContent, ...] = ()
    groups: tuple[GroupContent, ...] = ()
    sheets: tuple[SheetsContent, ...] = ()

    def __post_init__(self) -> None:
        _clean(self)

    def shift_years(self, years: int) -> PlanContent:
        """The same plan `years` later: dates, milestones, tasks; years named in its wording are left to the editor.

        Raises PlanTimeError where a date leaves the years that the calendar knows.
        """

        def moved(day: dt.date | None) -> dt.date | None:
            return None if day is None else shift_day(day, years)

        def task(content: TaskContent) -> TaskContent:
            time = content.time
            return content if time is None else replace(content, time_text=time.shift_years(years).words())

        return replace(
            self,
            signed_on=moved(self.signed_on),
            period_start=moved(self.period_start),
            period_end=moved(self.period_end),
            milestones=tuple(replace(m, on=shift_day(m.on, years)) for m in self.milestones),
            tasks=tuple(task(content) for content in self.tasks),
        )


def shift_day(day: dt.date, years: int) -> dt.date:
    """The same day `years` later; 29/02 gives way to 28/02. Raises PlanTimeError outside the years 1900-2199."""
    shifted = parse_time(f"{day:%d/%m/%Y}").shift_years(years)
    assert shifted.start is not None
    return shifted.start


@dataclass(frozen=True)
class Problem:
    """What is wrong: section (`plan`, `tasks` ...), place in that section, seat within a group, field, message."""

    section: str
    place: int
    field: str
    message: str
    seat: int = -1


def problems(content: PlanContent, *, units: Collection[str]) -> list[Problem]:
    """Everything that keeps `content` from being a plan; `units` are the codes of the installation."""
    return [
        *_header(content),
        *_tasks(content.tasks, units),
        *_targets(content),
        *_groups(content.groups, units),
        *_sheets(content.sheets, units),
    ]


def _required() -> str:
    return _("Chưa nhập.")


def _too_long(limit: int) -> str:
    return _("Dài quá %(limit)s ký tự.") % {"limit": limit}


def _text(value: str, limit: int, *, required: bool = False) -> Iterator[str]:
    if required and not value:
        yield _required()
    if len(value) > limit:
        yield _too_long(limit)


def _repeated(values: Iterable[Any]) -> Iterator[tuple[int, int]]:
    """(place, first place) of each value that stands a second time."""
    first: dict[Any, int] = {}
    for index, value in enumerate(values):
        if value in first:
            yield index, first[value]
        first.setdefault(value, index)


def _header(content: PlanContent) -> Iterator[Problem]:
    for name, limit in LONGEST.items():
        for message in _text(getattr(content, name), limit, required=name != "signer"):
            yield Problem("plan", 0, name, message)
    for name in ("signed_on", "period_start", "period_end"):
        if getattr(content, name) is None:
            yield Problem("plan", 0, name, _required())
    if content.period_start and content.period_end and content.period_end < content.period_start:
        yield Problem("plan", 0, "period_end", _("Ngày kết thúc phải từ ngày bắt đầu trở đi."))
    for index, _first in _repeated(milestone.key for milestone in content.milestones):
        yield Problem("milestones", index, "key", _("Mốc này đã có ở dòng trên."))


def _units(codes: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for code in codes:
        if code and code not in known:
            yield _("Không có đơn vị mã “%(code)s”.") % {"code": code}


def task_problems(task: TaskContent, units: Collection[str]) -> Iterator[tuple[str, str]]:
    """(field, message) of what is wrong with one task by itself."""
    texts = (
        ("number", LONGEST_NUMBER, True),
        ("name", LONGEST_TEXT, True),
        ("lead", LONGEST_BODY, False),
        ("coordinating", LONGEST_BODY, False),
        ("source", LONGEST_BODY, False),
    )
    for name, limit, required in texts:
        for message in _text(getattr(task, name), limit, required=required):
            yield name, message
    try:
        task.time  # noqa: B018  parsing is the check
    except PlanTimeError as error:
        yield "time_text", str(error)
    if task.report_every not in set(ReportRule):
        yield "report_every", _("Chọn một cách báo cáo trong danh sách.")
    for name in ("lead_units", "coordinating_units"):
        for message in _units(getattr(task, name), units):
            yield name, message


def _tasks(tasks: tuple[TaskContent, ...], units: Collection[str]) -> Iterator[Problem]:
    for index, task in enumerate(tasks):
        for field, message in task_problems(task, units):
            yield Problem("tasks", index, field, message)
    for index, first in _repeated(task.number for task in tasks):
        if tasks[index].number:
            yield Problem(
                "tasks", index, "number", _("Số này đã dùng cho “%(name)s”.") % {"name": tasks[first].name[:80]}
            )
    parents = {task.number: task.parent for task in tasks}
    for index, task in enumerate(tasks):
        if task.parent and task.parent not in parents:
            yield Problem("tasks", index, "parent", _("Không có nhiệm vụ số “%(number)s”.") % {"number": task.parent})
        elif goes_round(task.number, task.parent, parents):
            yield Problem("tasks", index, "parent", _("Nhiệm vụ không thể thuộc chính nó."))


def goes_round(number: str, parent: str, parents: Mapping[str, str]) -> bool:
    """Whether following `parents` from `parent`, the parent of `number`, leads back to `number`."""
    seen: set[str] = set()
    at = parent
    while at and at not in seen:
        if at == number:
            return True
        seen.add(at)
        at = parents.get(at, "")
    return False


def target_problems(target: TargetContent) -> Iterator[tuple[str, str]]:
    """(field, message) of what is wrong with one target by itself."""
    for message in _text(target.number, LONGEST_NUMBER, required=True):
        yield "number", message
    for message in _text(target.text, LONGEST_TEXT, required=True):
        yield "text", message
    for message in _text(target.unit, LONGEST_UNIT_OF_MEASURE):
        yield "unit", message
    if target.value is None:
        if target.comparison or target.unit:
            yield "value", _("Có cách so sánh hoặc đơn vị tính thì phải có số.")
        return
    if not 0 <= target.value <= MAX_VALUE or target.value != round(target.value, 2):
        yield "value", _("Số phải từ 0 trở lên và có không quá 2 chữ số thập phân.")
    if target.comparison not in set(Comparison):
        yield "comparison", _("Chọn một trong các cách so sánh: >, >=, =.")


def _targets(content: PlanContent) -> Iterator[Problem]:
    numbers = {task.number for task in content.tasks}
    for index, target in enumerate(content.targets):
        for field, message in target_problems(target):
            yield Problem("targets", index, field, message)
        if target.task and target.task not in numbers:
            yield Problem("targets", index, "task", _("Không có nhiệm vụ số “%(number)s”.") % {"number": target.task})
    for index, _first in _repeated(target.number for target in content.targets):
        if content.targets[index].number:
            yield Problem("targets", index, "number", _("Số này đã dùng cho chỉ tiêu khác."))


def _range(low: int, high: int, least: int) -> str:
    if not least <= low <= high <= MAX_COUNT:
        return _("Số người phải là số nguyên từ %(least)s, số ít nhất không lớn hơn số nhiều nhất.") % {"least": least}
    return ""


def _groups(groups: tuple[GroupContent, ...], units: Collection[str]) -> Iterator[Problem]:
    for index, group in enumerate(groups):
        for field, limit in (("name", LONGEST_NAME), ("body", LONGEST_BODY)):
            for message in _text(getattr(group, field), limit, required=True):
                yield Problem("groups", index, field, message)
        if message := _range(group.size_min, group.size_max, 1):
            yield Problem("groups", index, "size_max", message)
        for message in _units([group.unit], units):
            yield Problem("groups", index, "unit", message)
        for place, seat in enumerate(group.seats):
            for field, message in _seat(seat):
                yield Problem("groups", index, field, message, place)
        for place, _first in _repeated((seat.role, seat.body) for seat in group.seats):
            yield Problem("groups", index, "body", _("Thành phần này đã có ở dòng trên."), place)
    for index, _first in _repeated(group.name for group in groups):
        if groups[index].name:
            yield Problem("groups", index, "name", _("Đã có tổ công tác cùng tên."))


def _seat(seat: SeatContent) -> Iterator[tuple[str, str]]:
    for field, limit, required in (
        ("role", LONGEST_NAME, True),
        ("body", LONGEST_BODY, True),
        ("skill", LONGEST_NAME, False),
        ("note", LONGEST_BODY, False),
    ):
        for message in _text(getattr(seat, field), limit, required=required):
            yield field, message
    if message := _range(seat.count_min, seat.count_max, 0):
        yield "count_max", message
    if not 0 <= seat.skilled_min <= max(seat.count_max, 0) or (seat.skilled_min > 0 and not seat.skill):
        yield "skilled_min", _("Số người có kỹ năng không được vượt quá số người, và phải ghi rõ kỹ năng.")


def _sheets(sheets: tuple[SheetsContent, ...], units: Collection[str]) -> Iterator[Problem]:
    for index, row in enumerate(sheets):
        for message in _text(row.body, LONGEST_BODY, required=True):
            yield Problem("sheets", index, "body", message)
        if row.form not in set(SheetForm):
            yield Problem("sheets", index, "form", _("Mẫu phiếu là A hoặc B."))
        if not 1 <= row.planned <= MAX_COUNT:
            yield Problem("sheets", index, "planned", _("Số phiếu phải là số nguyên từ 1 trở lên."))
        for message in _units([row.unit], units):
            yield Problem("sheets", index, "unit", message)
    for index, _first in _repeated((row.body, row.form) for row in sheets):
        yield Problem("sheets", index, "form", _("Đơn vị này đã có số phiếu của mẫu này."))
