"""The small language of rule texts: parts between ";", names before ":", quotations, numbers, intervals and days.

Pure: no Django.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from .points import NumberError, parse_number, parse_points
from .setdata import one_line

# A quotation is one letter of the private use area while the text is taken apart; `one_line` lets none of them in.
_FIRST_MARK: Final = 0xE000
_MARKS: Final = re.compile("[\ue000-\uf8ff]")
_BREAKS: Final = ";\r\n"


class TextError(ValueError):
    """A part that cannot be read; the message quotes it and says what to write."""


def _marked(text: str, quotations: list[str]) -> str:
    """`text` with each quotation replaced by its mark. A quote opens only where a name or a value begins."""
    out: list[str] = []
    begins = True
    index = 0
    while index < len(text):
        sign = text[index]
        if sign == '"' and begins:
            content, index = _quotation(text, index + 1)
            out.append(chr(_FIRST_MARK + len(quotations)))
            quotations.append(one_line(content))
            begins = False
            continue
        out.append(sign)
        if not sign.isspace() or sign in _BREAKS:
            begins = sign in _BREAKS or sign in ":="
        index += 1
    return "".join(out)


def _quotation(text: str, start: int) -> tuple[str, int]:
    """What stands from `start` to the closing quote, doubled quotes being one, and where the text goes on."""
    content: list[str] = []
    index = start
    while index < len(text):
        if text[index] == '"':
            if text[index + 1 : index + 2] != '"':
                return "".join(content), index + 1
            index += 1
        content.append(text[index])
        index += 1
    raise TextError(f"“{one_line(text[start - 1 :])[:60]}”: có dấu ngoặc kép mở mà không đóng")


@dataclass(frozen=True)
class Part:
    """One part of a text, as written and with marks for its quotations."""

    text: str
    words: str

    @property
    def has_value(self) -> bool:
        return ":" in self.text

    def row(self) -> tuple[str, str]:
        """What stands before and after the last colon: a label and its points. Raises TextError."""
        name, colon, value = self.text.rpartition(":")
        if not colon:
            name, colon, value = self.text.rpartition("=")
        if not colon or not name.strip() or not value.strip():
            raise TextError(f"“{self.words}”: phải viết tên mức, dấu hai chấm, rồi điểm, ví dụ “Kịp thời: 1”")
        return name.strip(), value.strip()


class Parts:
    """The parts of one text; what a reader takes as a setting or a flag is not among `rest`."""

    def __init__(self, text: str) -> None:
        self.problems: list[str] = []
        self._quotations: list[str] = []
        self._parts: list[Part] = []
        with self.noting():
            # Tidied line by line first, so that no mark of ours can stand in the text.
            tidy = "\n".join(one_line(line) for line in text.splitlines())
            marked = _marked(tidy, self._quotations)
            for part in re.split("[;\n]", marked):
                if part.strip():
                    self._parts.append(Part(part.strip(), self.plain(part)))

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note a problem and go on with what comes next."""
        try:
            yield
        except TextError as error:
            self.problems.append(str(error))

    def problem(self, message: str) -> None:
        self.problems.append(message)

    def plain(self, text: str) -> str:
        """`text` with its quotations put back."""
        return one_line(_MARKS.sub(lambda mark: self._quotations[ord(mark[0]) - _FIRST_MARK], text))

    def rest(self) -> Iterator[Part]:
        """The parts that nobody took."""
        yield from self._parts

    def setting(self, *names: str) -> str:
        """The value of "name: value", or nothing where no part has one of the names."""
        found = []
        for part in self._parts:
            name, value = re.match("([^:=]*)[:=]?(.*)", part.text, re.DOTALL).groups()  # type: ignore[union-attr]
            if name.strip().casefold() in names and len(name) < len(part.text):
                found.append((part, value.strip()))
        for part, _value in found:
            self._parts.remove(part)
        if len(found) > 1:
            self.problem(f"“{found[1][0].words}”: ghi hai lần, chỉ để một")
        return self.plain(found[0][1]) if found else ""

    def flag(self, *names: str) -> bool:
        """Whether a part says one of `names`."""
        found = [part for part in self._parts if part.text.casefold() in names]
        for part in found:
            self._parts.remove(part)
        return bool(found)


def _read(text: str, *readers: Callable[[str], Decimal]) -> Decimal:
    """What the first reader makes of a number that any of them accepts; its complaint where none does."""
    complaint: NumberError | None = None
    for reader in readers:
        try:
            return reader(text)
        except NumberError as error:
            complaint = complaint or error
    raise TextError(str(complaint))


def read_points(text: str) -> Decimal:
    """Points of a row: "0,5", "0.5", "2 điểm". Raises TextError."""
    return _read(re.sub(r"\s*(điểm|đ)\.?$", "", text, flags=re.IGNORECASE), parse_points, parse_number)


def read_percent(text: str) -> Decimal:
    """A percentage, with or without its sign. Raises TextError."""
    return _read(text.removesuffix("%").strip(), parse_points, parse_number)


class Condition(NamedTuple):
    """An interval as written. None for `start` is "below `end`"; None for `end` is "and more"."""

    start: Decimal | None
    inclusive: bool
    end: Decimal | None = None
    closed: bool = False
    percent: bool = False


_NUMBER: Final = r"(-?[0-9][0-9.,]*(?: [0-9]{3}(?![0-9]))*(?:,[0-9]+)?)\s*(%?)"
_FROM: Final = r"(>=|>|từ trên|từ|trên|ít nhất|tối thiểu)?"
_TO: Final = r"(<=|<|dưới|không quá)"
_BETWEEN: Final = re.compile(rf"{_FROM}\s*{_NUMBER}\s*(?:(?:-|đến|và)\s*{_TO}?|,?\s*{_TO})\s*{_NUMBER}")
_LOWER: Final = re.compile(rf"(>=|=|>|từ trên|từ|trên|hơn|ít nhất|tối thiểu)?\s*{_NUMBER}\s*(?:trở lên)?")
_UPPER: Final = re.compile(rf"(<=|<|dưới|thấp hơn|nhỏ hơn|không quá|đến)\s*{_NUMBER}")
_SIGNS: Final = str.maketrans({"≥": ">=", "≤": "<=", "–": "-", "—": "-", "−": "-"})
_OPEN: Final = {">", "trên", "từ trên", "hơn"}
_OPEN_END: Final = {"<", "dưới", "thấp hơn", "nhỏ hơn"}


def read_condition(text: str, unit: str, *, quantity: bool) -> Condition:
    """An interval: ">=95%", "trên 70", "từ 70 đến dưới 90", "70-90", "dưới 70". Raises TextError.

    `unit` may stand behind a number. `quantity`: one dot and three digits are thousands, as in "1.842".
    """
    read = (parse_number, parse_points) if quantity else (parse_points, parse_number)
    words = one_line(text.casefold().translate(_SIGNS))
    if unit and unit != "%":
        words = one_line(re.sub(rf"(?<=[0-9])\s*{re.escape(unit.casefold())}(?!\w)", "", words))
    between = _BETWEEN.fullmatch(words)
    if between:
        lower, start, percent, to, bare_to, end, percent_end = between.groups()
        condition = Condition(
            _read(start, *read),
            lower not in _OPEN,
            _read(end, *read),
            (to or bare_to) not in _OPEN_END,
            bool(percent or percent_end),
        )
        if condition.end is not None and condition.start is not None and condition.end < condition.start:
            raise TextError(f"“{text}”: số sau phải lớn hơn số trước")
        return condition
    lowest = _LOWER.fullmatch(words)
    if lowest:
        return Condition(_read(lowest[2], *read), lowest[1] not in _OPEN, percent=bool(lowest[3]))
    upper = _UPPER.fullmatch(words)
    if upper:
        return Condition(None, False, _read(upper[2], *read), upper[1] not in _OPEN_END, bool(upper[3]))
    raise TextError(f"không hiểu “{text}”: hãy viết như “>=95”, “từ 70 đến dưới 90” hoặc “còn lại”")


_DAY: Final = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})(?:[/.\-]([0-9]{4}))?")


def read_day(text: str) -> str:
    """A day as a rule keeps it: "15/2" is "02-15", "15/02/2026" is "2026-02-15". Raises TextError."""
    found = _DAY.fullmatch(text)
    if not found:
        raise TextError(f"không hiểu ngày “{text}”: hãy viết như 15/02 hoặc 15/02/2026")
    day, month, year = found.groups()
    return "-".join(([year] if year else []) + [f"{int(month):02d}", f"{int(day):02d}"])
