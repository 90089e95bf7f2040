"""Scoring rules that count and measure: ratios, values, numbers of items.

Pure: no Django. Ratios are compared multiplied out, never after a division, so that no rounding decides a
threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import ClassVar, Final, Literal, NamedTuple, cast

from .figures import Figure, FigureError
from .points import EXACT, HUNDRED, ONE, ZERO, format_number
from .rules import Context, Rule, Values, counted, spaced

_CENT: Final = Decimal("0.01")


def _ratio_figures(label_a: str, label_b: str) -> tuple[Figure, ...]:
    return (Figure("a", label_a or "Tử số (a)", "number"), Figure("b", label_b or "Mẫu số (b)", "number"))


def _ratio_conflicts(values: Values, label_a: str, label_b: str, *, over: bool) -> Iterator[FigureError]:
    part, whole = cast(Decimal | None, values.get("a")), cast(Decimal | None, values.get("b"))
    if whole is None or (whole != 0 and (part is None or part <= whole or over)):
        return
    figure_a, figure_b = _ratio_figures(label_a, label_b)
    if part is None or whole == 0:
        message = f"{figure_b.label} bằng 0 nên không tính được tỷ lệ."
        remedy = "Nếu trong năm không có việc phải làm, hãy chọn “Không phát sinh”."
        yield FigureError("b", f"{message} {remedy}")
    else:
        left = f"“{figure_a.label}” ({format_number(part)})"
        right = f"“{figure_b.label}” ({format_number(whole)})"
        yield FigureError("a", f"{left} không được lớn hơn {right}.")


def _percent_text(percent: Decimal, limits: tuple[Decimal, ...] = ()) -> str:
    """A percent for reading: 2 decimals, or as many as it takes not to look like a limit that it misses."""
    shown = percent.quantize(_CENT, ROUND_HALF_UP, EXACT)
    places = 2
    while shown != percent and shown in limits:
        places += 1
        shown = percent.quantize(ONE.scaleb(-places), ROUND_HALF_UP, EXACT)
    return f"{'=' if shown == percent else '≈'} {format_number(shown)} %"


def _ratio_text(part: Decimal, whole: Decimal, label_a: str, limits: tuple[Decimal, ...] = ()) -> str:
    percent = EXACT.divide(EXACT.multiply(part, HUNDRED), whole)
    return spaced(
        f"{format_number(part)}/{format_number(whole)}",
        counted(label_a),
        _percent_text(percent, limits),
    )


class Step(NamedTuple):
    """``points`` from ``start`` up; the start itself belongs to the step where ``inclusive``."""

    start: Decimal
    inclusive: bool
    points: Decimal

    def holds(self, part: Decimal, whole: Decimal) -> bool:
        """Whether part x 100 / whole reaches the step; multiplied out, so that nothing is rounded."""
        left, right = EXACT.multiply(part, HUNDRED), EXACT.multiply(self.start, whole)
        return left >= right if self.inclusive else left > right


@dataclass(frozen=True)
class Thresholds(Rule):
    """Points by how high a ratio (a / b in percent) or a declared value reaches. Steps run from high to low.

    ``otherwise`` is below the last step. ``allow_over`` accepts more than 100 %, ``allow_negative`` a value
    below zero.
    """

    kind: ClassVar[str] = "thresholds"
    measure: Literal["ratio", "value"]
    steps: tuple[Step, ...]
    otherwise: Decimal
    unit: str = ""
    label_a: str = ""
    label_b: str = ""
    label_value: str = ""
    allow_over: bool = False
    allow_negative: bool = False

    @property
    def _unit(self) -> str:
        return "%" if self.measure == "ratio" else self.unit

    def figures(self) -> tuple[Figure, ...]:
        if self.measure == "ratio":
            return _ratio_figures(self.label_a, self.label_b)
        return (
            Figure(
                "value",
                self.label_value or "Giá trị đạt được",
                "percent" if self.unit == "%" else "number",
                unit=self.unit,
                negative=self.allow_negative,
                over=self.allow_over,
            ),
        )

    def stated(self) -> tuple[Decimal, ...]:
        return (*(step.points for step in self.steps), self.otherwise)

    @cached_property
    def _starts(self) -> tuple[Decimal, ...]:
        return tuple(step.start for step in self.steps)

    @cached_property
    def _ranges(self) -> tuple[str, ...]:
        return tuple(self._range(index) for index in range(len(self.steps) + 1))

    def _range(self, index: int) -> str:
        """The interval of a step in words; the one after the last step is ``otherwise``."""
        above = self.steps[index - 1] if index else None
        if index == len(self.steps):
            last = self.steps[-1]
            return spaced("<" if last.inclusive else "≤", format_number(last.start), self._unit)
        step = self.steps[index]
        low = format_number(step.start)
        if above is None:
            whole = self._unit == "%" and step.inclusive and step.start == HUNDRED and not self.allow_over
            return spaced("" if whole else "≥" if step.inclusive else ">", low, self._unit)
        high = format_number(above.start)
        if step.inclusive and not above.inclusive:
            return spaced(f"{low}–{high}", self._unit)
        start, end = "từ" if step.inclusive else "trên", "đến dưới" if above.inclusive else "đến"
        return spaced(start, low, end, high, self._unit)

    def describe(self, maximum: Decimal) -> str:
        rows = zip(self._ranges, self.stated(), strict=True)
        return " · ".join(f"{interval}: {format_number(points)}" for interval, points in rows)

    def conflicts(self, values: Values) -> Iterator[FigureError]:
        if self.measure == "ratio":
            yield from _ratio_conflicts(values, self.label_a, self.label_b, over=self.allow_over)

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        if self.measure == "ratio":
            part, whole = cast(Decimal, values["a"]), cast(Decimal, values["b"])
            shown = _ratio_text(part, whole, self.label_a, self._starts)
        else:
            part, whole = cast(Decimal, values["value"]), HUNDRED
            shown = spaced(format_number(part), self.unit)
        for index, step in enumerate(self.steps):
            if step.holds(part, whole):
                return step.points, f"{shown}, mức {self._ranges[index]}"
        return self.otherwise, f"{shown}, mức {self._ranges[-1]}"


@dataclass(frozen=True)
class Proportional(Rule):
    """a / b x maximum; below ``floor`` percent nothing. With ``cap`` a may exceed b and counts as b."""

    kind: ClassVar[str] = "proportional"
    label_a: str = ""
    label_b: str = ""
    floor: Decimal | None = None
    cap: bool = False

    def figures(self) -> tuple[Figure, ...]:
        return _ratio_figures(self.label_a, self.label_b)

    def describe(self, maximum: Decimal) -> str:
        floor = "" if self.floor is None else f" · dưới {format_number(self.floor)} %: 0"
        return f"a / b × điểm tối đa{floor}{' · trên 100 % tính như 100 %' if self.cap else ''}"

    def conflicts(self, values: Values) -> Iterator[FigureError]:
        yield from _ratio_conflicts(values, self.label_a, self.label_b, over=self.cap)

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        part, whole = cast(Decimal, values["a"]), cast(Decimal, values["b"])
        shown = _ratio_text(part, whole, self.label_a, () if self.floor is None else (self.floor,))
        if self.floor is not None and not Step(self.floor, True, ZERO).holds(part, whole):
            return ZERO, f"{shown}, dưới {format_number(self.floor)} %"
        if part > whole:
            return maximum, f"{shown}, tính như 100 %"
        return EXACT.divide(EXACT.multiply(part, maximum), whole), shown


@dataclass(frozen=True)
class PerItem(Rule):
    """``each`` points per counted item, at most ``cap`` (the maximum where it is not given).

    A negative ``each`` takes points away, at most ``cap`` of them.
    """

    kind: ClassVar[str] = "per_item"
    each: Decimal
    label: str
    cap: Decimal | None = None

    def figures(self) -> tuple[Figure, ...]:
        return (Figure("count", self.label, "integer"),)

    def _cap(self, maximum: Decimal) -> Decimal:
        return maximum if self.cap is None else self.cap

    def bounds(self, maximum: Decimal) -> tuple[Decimal, Decimal]:
        if self.each < 0:
            return -self._cap(maximum), ZERO
        return ZERO, min(self._cap(maximum), maximum)

    def describe(self, maximum: Decimal) -> str:
        cap = format_number(self._cap(maximum))
        if self.each < 0:
            return f"Mỗi {counted(self.label)}: trừ {format_number(-self.each)} · trừ tối đa {cap}"
        return f"Mỗi {counted(self.label)}: {format_number(self.each)} · tối đa {cap}"

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        count, cap = Decimal(cast(int, values["count"])), self._cap(maximum)
        product = EXACT.multiply(count, self.each)
        shown = f"{format_number(count)} {counted(self.label)} × {format_number(self.each)}"
        if abs(product) <= cap:
            return product, shown
        shown = f"{shown} = {format_number(product)}"
        if product < 0:
            return -cap, f"{shown}, trừ tối đa {format_number(cap)}"
        return cap, f"{shown}, tối đa {format_number(cap)}"


class CountRow(NamedTuple):
    least: int
    points: Decimal


@dataclass(frozen=True)
class CountTable(Rule):
    """Points of the largest row that the count reaches; ``otherwise`` below all rows."""

    kind: ClassVar[str] = "count_table"
    table: tuple[CountRow, ...]
    otherwise: Decimal
    label: str

    def figures(self) -> tuple[Figure, ...]:
        return (Figure("count", self.label, "integer"),)

    def stated(self) -> tuple[Decimal, ...]:
        points = tuple(row.points for row in self.table)
        return (*points, self.otherwise) if self.table[-1].least > 0 else points

    @cached_property
    def _ranges(self) -> tuple[str, ...]:
        return tuple(self._range(index) for index in range(len(self.table) + 1))

    def _range(self, index: int) -> str:
        if index == len(self.table):
            return f"dưới {format_number(self.table[-1].least)}"
        low = format_number(self.table[index].least)
        if index == 0:
            return f"từ {low}"
        high = self.table[index - 1].least - 1
        return low if high == self.table[index].least else f"{low}–{format_number(high)}"

    def describe(self, maximum: Decimal) -> str:
        rows = zip(self._ranges, self.stated(), strict=False)
        return f"{self.label} " + " · ".join(f"{counts}: {format_number(points)}" for counts, points in rows)

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        count = cast(int, values["count"])
        shown = f"{format_number(count)} {counted(self.label)}"
        for index, row in enumerate(self.table):
            if count >= row.least:
                return row.points, f"{shown}, mức {self._ranges[index]}"
        return self.otherwise, f"{shown}, mức {self._ranges[-1]}"
