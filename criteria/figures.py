"""What officers declare under a scoring rule: typed figures, read from the screen and kept as data.

Pure: no Django. A figure that is absent, None or blank is missing, and missing is not zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from .points import (
    EXACT,
    HUNDRED,
    NumberError,
    format_number,
    parse_count,
    parse_number,
    parse_percent,
)

FigureType = Literal["bool", "choice", "number", "integer", "date", "percent"]
FigureValue = bool | int | Decimal | date | str

_LIMIT: Final = 10**15
_FINEST: Final = Decimal("0.000001")
_STORED_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_STORED_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SCREEN_DATE: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_YES: Final = frozenset({"true", "on", "1", "có"})
_NO: Final = frozenset({"false", "off", "0", "không"})


class FigureError(ValueError):
    """One declared figure that cannot be right: ``key`` of the figure, ``message`` for the screen."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key
        self.message = message


class FigureErrors(ValueError):
    """Every wrong figure of one criterion at once, in the order of the figures."""

    def __init__(self, errors: Iterable[FigureError]) -> None:
        self.errors = tuple(errors)
        super().__init__(" ".join(error.message for error in self.errors))

    def by_key(self) -> dict[str, str]:
        """Messages by figure key, for a form."""
        messages: dict[str, str] = {}
        for error in self.errors:
            earlier = messages.get(error.key)
            messages[error.key] = f"{earlier} {error.message}" if earlier else error.message
        return messages


@dataclass(frozen=True)
class Figure:
    """One thing an officer declares. ``choices`` are (key, label) pairs, ``unit`` is printed after the value.

    ``optional`` figures do not count as missing. ``negative`` allows values below zero; ``over`` allows a
    percent above 100.
    """

    key: str
    label: str
    type: FigureType
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    optional: bool = False
    negative: bool = False
    over: bool = False

    def check(self, value: object) -> FigureValue:
        """``value`` in the figure's own type (numbers become ``Decimal``, whole numbers ``int``).

        Raises ``FigureError``. Text is refused for numbers and dates: it must pass ``read_figures`` or
        ``figures_from_data`` first, because "1.842" means two things.
        """
        if self.type in ("number", "integer", "percent"):
            return self._check_number(value)
        if self.type == "bool":
            if isinstance(value, bool):
                return value
            raise FigureError(self.key, f"{self.label}: hãy chọn có hoặc không.")
        if self.type == "choice":
            if isinstance(value, str) and any(value == key for key, _ in self.choices):
                return value
            labels = "; ".join(label for _, label in self.choices)
            raise FigureError(self.key, f"{self.label}: hãy chọn một trong các mức: {labels}.")
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        raise FigureError(self.key, f"{self.label}: hãy nhập ngày, ví dụ 15/02/2026.")

    def _check_number(self, value: object) -> Decimal | int:
        if type(value) is int and 0 <= value < _LIMIT and self.type != "percent":
            return value if self.type == "integer" else Decimal(value)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise FigureError(self.key, f"{self.label}: hãy nhập một số.")
        number = Decimal(value) if isinstance(value, int) else value
        if not number.is_finite():
            raise FigureError(self.key, f"{self.label}: hãy nhập một số.")
        if abs(number) >= _LIMIT:
            raise FigureError(self.key, f"{self.label}: số quá lớn, hãy kiểm tra lại.")
        if number < 0 and not self.negative:
            raise FigureError(self.key, f"{self.label}: không được là số âm.")
        if self.type == "percent" and number > HUNDRED and not self.over:
            raise FigureError(self.key, f"{self.label}: tỷ lệ không được quá 100 %.")
        if self.type == "integer":
            if number != number.to_integral_value():
                shown = format_number(number)
                raise FigureError(self.key, f"{self.label}: hãy nhập số nguyên, {shown} có phần lẻ.")
            return int(number)
        if not isinstance(value, int) and number != number.quantize(_FINEST, context=EXACT):
            raise FigureError(self.key, f"{self.label}: tối đa 6 chữ số sau dấu phẩy.")
        return number

    def _from_screen(self, text: str) -> object:
        if self.type == "bool":
            return True if text.lower() in _YES else False if text.lower() in _NO else text
        if self.type == "date":
            return _screen_date(text)
        readers = {"integer": parse_count, "number": parse_number, "percent": parse_percent}
        if self.type not in readers:
            return text
        try:
            return readers[self.type](text)
        except NumberError as error:
            raise FigureError(self.key, f"{self.label}: {error}") from error

    def _from_data(self, text: str) -> object:
        if self.type == "date":
            return _iso_date(text)
        if self.type in ("integer", "number", "percent"):
            return Decimal(text) if _STORED_NUMBER.fullmatch(text) else text
        return text


def _iso_date(text: str) -> object:
    if not _STORED_DATE.fullmatch(text):
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _screen_date(text: str) -> object:
    """A day as typed (15/02/2026) or as a date field sends it (2026-02-15); the text where it is no day."""
    found = _SCREEN_DATE.fullmatch(text)
    if found is None:
        return _iso_date(text)
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return text


def is_missing(value: object) -> bool:
    """Whether nothing was declared: None or blank text. False and 0 are declarations."""
    return value is None or (isinstance(value, str) and not value.strip())


def _gather(
    figures: Iterable[Figure], declared: Mapping[str, object], *, origin: Literal["native", "screen", "data"]
) -> tuple[dict[str, FigureValue], list[Figure], list[FigureError]]:
    """Figures that are right, those that are missing, and what is wrong with the others."""
    values: dict[str, FigureValue] = {}
    missing: list[Figure] = []
    errors: list[FigureError] = []
    for figure in figures:
        value = declared.get(figure.key)
        if is_missing(value):
            if not figure.optional:
                missing.append(figure)
            continue
        try:
            if origin != "native" and isinstance(value, str):
                text = value.strip()
                value = figure._from_screen(text) if origin == "screen" else figure._from_data(text)
            values[figure.key] = figure.check(value)
        except FigureError as error:
            errors.append(error)
    return values, missing, errors


def check_figures(
    figures: Iterable[Figure], declared: Mapping[str, object]
) -> tuple[dict[str, FigureValue], list[Figure], list[FigureError]]:
    """Sort native values into (right, missing figures, errors); keys that no figure has are ignored."""
    return _gather(figures, declared, origin="native")


def read_figures(figures: Iterable[Figure], typed: Mapping[str, object]) -> dict[str, FigureValue]:
    """What an officer typed, as values for ``Rule.score``; missing figures are left out.

    Numbers as in Vietnamese documents (``parse_number``, ``parse_count``, ``parse_percent``), dates as
    15/02/2026 or 2026-02-15. Raises ``FigureErrors`` with every wrong figure.
    """
    values, _, errors = _gather(figures, typed, origin="screen")
    if errors:
        raise FigureErrors(errors)
    return values


def figures_to_data(values: Mapping[str, FigureValue]) -> dict[str, str | bool]:
    """Values as JSON keeps them: numbers and dates as text (never a float), booleans as they are."""
    data: dict[str, str | bool] = {}
    for key, value in values.items():
        if isinstance(value, Decimal):
            data[key] = format(value, "f")
        elif isinstance(value, date):
            data[key] = value.isoformat()
        else:
            data[key] = value if isinstance(value, (bool, str)) else str(value)
    return data


def figures_from_data(figures: Iterable[Figure], data: Mapping[str, object]) -> dict[str, FigureValue]:
    """The inverse of ``figures_to_data`` for the figures of one rule; raises ``FigureErrors``."""
    values, _, errors = _gather(figures, data, origin="data")
    if errors:
        raise FigureErrors(errors)
    return values
