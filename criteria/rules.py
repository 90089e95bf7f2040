"""Scoring rules as data: what every rule can do, and the rules that choose between named cases.

Pure: no Django. A rule knows which figures it asks for, says itself in plain words and gives points that
never leave ``bounds``. Points are ``Decimal`` points of the set, percentages are 0..100. Rules that count and
measure are in ``measures``, the JSON of all of them in ``rule_data``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Literal, NamedTuple, cast

from .figures import Figure, FigureError, FigureErrors, FigureValue, check_figures
from .points import EXACT, HUNDRED, ZERO, Rounding, format_number, format_points

Values = Mapping[str, FigureValue]


@dataclass(frozen=True)
class Context:
    """What a rule must know beside the figures: ``year`` is the assessed year, which "02-15" belongs to."""

    year: int


class Outcome(NamedTuple):
    """Points of one criterion and why. ``points`` is None while figures are missing: missing is not zero."""

    points: Decimal | None
    explanation: str


class Rule(ABC):
    """One way to turn figures into points. Frozen, comparable, without state."""

    kind: ClassVar[str]

    @abstractmethod
    def figures(self) -> tuple[Figure, ...]:
        """What officers declare, in the order of the screen; empty where nothing is declared."""

    def stated(self) -> tuple[Decimal, ...]:
        """Points that the rows of the rule state, from the first row to the last resort."""
        return ()

    @cached_property
    def _lowest(self) -> Decimal:
        return min((ZERO, *self.stated()))

    def bounds(self, maximum: Decimal) -> tuple[Decimal, Decimal]:
        """Lowest and highest points that the criterion can have, for the rule and for a person alike.

        From 0 to the maximum, and below 0 as far as a row of the rule goes.
        """
        return self._lowest, maximum

    @abstractmethod
    def describe(self, maximum: Decimal) -> str:
        """The rule in plain Vietnamese, short enough for a table cell."""

    @abstractmethod
    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        """Unrounded points and the reason, from complete and checked figures."""

    def conflicts(self, values: Values) -> Iterator[FigureError]:
        """What is wrong between figures that are right each by itself; some may be absent."""
        yield from ()

    @cached_property
    def _figures(self) -> tuple[Figure, ...]:
        return self.figures()

    def score(
        self,
        declared: Mapping[str, object],
        maximum: Decimal,
        rounding: Rounding,
        context: Context | None = None,
    ) -> Outcome:
        """Points for the declared figures, rounded by the set's rule and within ``bounds``.

        Raises ``FigureErrors`` with every wrong figure, and ``ValueError`` where a date without a year meets
        no ``context``.
        """
        values, missing, errors = check_figures(self._figures, declared)
        errors += self.conflicts(values)
        if errors:
            raise FigureErrors(errors)
        if missing:
            return Outcome(None, "Chưa kê khai: " + ", ".join(figure.label for figure in missing))
        exact, reason = self.evaluate(values, maximum, context)
        return self._outcome(exact, reason, maximum, rounding)

    def _outcome(self, exact: Decimal, reason: str, maximum: Decimal, rounding: Rounding) -> Outcome:
        lowest, highest = self.bounds(maximum)
        points = min(max(rounding.apply(exact), lowest), highest)
        return Outcome(points, f"{reason} → {format_points(points, rounding.places)} điểm")


def enter_points(rule: Rule, points: Decimal, maximum: Decimal, rounding: Rounding) -> Decimal:
    """Points that a person gives, as they may be kept: within the rule's bounds and a multiple of the step.

    Raises ``FigureErrors`` (key "points"). Whether this person may give them is the caller's to know.
    """
    lowest, highest = rule.bounds(maximum)
    if not points.is_finite() or not lowest <= points <= highest:
        message = f"Điểm phải từ {format_number(lowest)} đến {format_number(highest)}."
        raise FigureErrors([FigureError("points", message)])
    if rounding.apply(points) != points and points != highest:
        message = f"Điểm phải là bội số của {format_number(rounding.step)}."
        raise FigureErrors([FigureError("points", message)])
    return points


def survey_points(percent: Decimal | Fraction | None, maximum: Decimal, rounding: Rounding) -> Decimal | None:
    """Points of a survey criterion: maximum x percent / 100, ``percent`` being the survey's result in 0..100.

    A share that repeats in decimals must come as a ``Fraction``: cut off, it would miss a tie in rounding. None (no
    valid answer) stays None. Raises ``ValueError`` outside 0..100.
    """
    if percent is None:
        return None
    if not 0 <= percent <= 100:
        raise ValueError(f"survey percent {percent} is outside 0..100")
    exact = Fraction(maximum) * Fraction(percent) / 100
    return min(rounding.apply(EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator))), maximum)


def counted(label: str) -> str:
    """The thing that a label counts, to stand after a number: "Tổng số hồ sơ" gives "hồ sơ"."""
    for prefix in ("Tổng số ", "Số lượng ", "Số "):
        if label.startswith(prefix):
            return label.removeprefix(prefix)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def spaced(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _cased(text: str, *, first: bool) -> str:
    return text[:1].upper() + text[1:] if first else text


@dataclass(frozen=True)
class YesNo(Rule):
    """All or nothing. ``labels`` are (met, not met)."""

    kind: ClassVar[str] = "yes_no"
    labels: tuple[str, str] | None = None

    def _labels(self) -> tuple[str, str]:
        return self.labels or ("Đạt", "Không đạt")

    def figures(self) -> tuple[Figure, ...]:
        return (Figure("met", " / ".join(self._labels()), "bool"),)

    def describe(self, maximum: Decimal) -> str:
        met, unmet = self._labels()
        return f"{met}: {format_number(maximum)} · {unmet}: 0"

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        met, unmet = self._labels()
        return (maximum, met) if values["met"] else (ZERO, unmet)


class Tier(NamedTuple):
    key: str
    label: str
    points: Decimal


@dataclass(frozen=True)
class Tiers(Rule):
    """One of several named cases, each with its points, which may be below zero."""

    kind: ClassVar[str] = "tiers"
    tiers: tuple[Tier, ...]

    def figures(self) -> tuple[Figure, ...]:
        choices = tuple((tier.key, tier.label) for tier in self.tiers)
        return (Figure("tier", "Mức đạt được", "choice", choices),)

    def stated(self) -> tuple[Decimal, ...]:
        return tuple(tier.points for tier in self.tiers)

    def describe(self, maximum: Decimal) -> str:
        return " · ".join(f"{tier.label}: {format_number(tier.points)}" for tier in self.tiers)

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        tier = next(tier for tier in self.tiers if tier.key == values["tier"])
        return tier.points, tier.label


class DateTier(NamedTuple):
    """``before`` is "MM-DD" in the assessed year or "YYYY-MM-DD"; the day itself is already too late."""

    before: str
    points: Decimal
    label: str = ""

    def limit(self, year: int | None) -> str:
        """The first day that is too late, as YYYY-MM-DD. Raises ``ValueError`` where no year is known."""
        if len(self.before) == 10:
            return self.before
        if year is None:
            raise ValueError(f"the assessed year is needed for the date {self.before}")
        return f"{year:04d}-{self.before}"


def _day(iso: str) -> str:
    """A date as printed: "2026-02-15" is 15/02/2026, "02-15" is 15/02."""
    return "/".join(reversed(iso.split("-")))


@dataclass(frozen=True)
class DateTiers(Rule):
    """Points by the day something was done. "Trước ngày D" is strict: the last good day is the one before.

    ``none`` are the points where it was not done at all; ``late``, which defaults to ``none``, those for a
    day that no tier accepts.
    """

    kind: ClassVar[str] = "date_tiers"
    tiers: tuple[DateTier, ...]
    none: Decimal
    label: str
    late: Decimal | None = None
    none_label: str = ""

    @property
    def late_points(self) -> Decimal:
        return self.none if self.late is None else self.late

    def _none_label(self) -> str:
        return self.none_label or "Không ban hành"

    def figures(self) -> tuple[Figure, ...]:
        return (Figure("date", self.label, "date"), Figure("none", self._none_label(), "bool", optional=True))

    def stated(self) -> tuple[Decimal, ...]:
        return (*(tier.points for tier in self.tiers), self.late_points, self.none)

    def describe(self, maximum: Decimal) -> str:
        parts: list[str] = []
        for tier in self.tiers:
            day = _day(tier.before)
            name = f"{tier.label} (trước {day})" if tier.label else f"trước {day}"
            parts.append(f"{_cased(name, first=not parts)}: {format_number(tier.points)}")
        parts.append(f"muộn hơn: {format_number(self.late_points)}")
        parts.append(f"{self._none_label()}: {format_number(self.none)}")
        return " · ".join(parts)

    def conflicts(self, values: Values) -> Iterator[FigureError]:
        if values.get("none") is True and "date" in values:
            yield FigureError("none", f"Đã chọn “{self._none_label()}” thì để trống ô “{self.label}”.")

    def score(
        self,
        declared: Mapping[str, object],
        maximum: Decimal,
        rounding: Rounding,
        context: Context | None = None,
    ) -> Outcome:
        outcome = super().score(declared, maximum, rounding, context)
        if outcome.points is not None or declared.get("none") is not True:
            return outcome
        return self._outcome(self.none, self._none_label(), maximum, rounding)

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        declared = cast(date, values["date"]).isoformat()
        year = context.year if context else None
        done = f"{self.label} {_day(declared)}"
        limits = sorted((tier.limit(year), row) for row, tier in enumerate(self.tiers))
        for limit, row in limits:
            if declared < limit:
                tier = self.tiers[row]
                label = f"({tier.label})" if tier.label else ""
                return tier.points, spaced(f"{done}, trước ngày {_day(limit)}", label)
        return self.late_points, f"{done}, không trước ngày {_day(limits[-1][0])}"


class Level(NamedTuple):
    key: str
    label: str
    percent: Decimal


@dataclass(frozen=True)
class PercentOfMax(Rule):
    """One of several named levels, each a percentage of the maximum."""

    kind: ClassVar[str] = "percent_of_max"
    levels: tuple[Level, ...]

    def figures(self) -> tuple[Figure, ...]:
        choices = tuple((level.key, level.label) for level in self.levels)
        return (Figure("level", "Mức đạt được", "choice", choices),)

    def describe(self, maximum: Decimal) -> str:
        levels = " · ".join(f"{level.label}: {format_number(level.percent)} %" for level in self.levels)
        return f"{levels} (của điểm tối đa)"

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        level = next(level for level in self.levels if level.key == values["level"])
        points = EXACT.divide(EXACT.multiply(maximum, level.percent), HUNDRED)
        return points, f"{level.label}: {format_number(level.percent)} % của {format_number(maximum)}"


class _Entered(Rule):
    """A rule under which nothing is declared: the points come from somebody or something else."""

    def figures(self) -> tuple[Figure, ...]:
        return ()

    def score(
        self,
        declared: Mapping[str, object],
        maximum: Decimal,
        rounding: Rounding,
        context: Context | None = None,
    ) -> Outcome:
        """No points: they are entered by ``enter_points`` or come from ``survey_points``."""
        return Outcome(None, self.origin())

    @abstractmethod
    def origin(self) -> str:
        """Where the points come from, in words."""

    def evaluate(self, values: Values, maximum: Decimal, context: Context | None) -> tuple[Decimal, str]:
        raise TypeError(f"a {self.kind} rule has no figures to evaluate")


@dataclass(frozen=True)
class Direct(_Entered):
    """Points that the council or the province's leaders give directly, from 0 to the maximum."""

    kind: ClassVar[str] = "direct"
    by: Literal["council", "leader"]

    def origin(self) -> str:
        body = "Hội đồng thẩm định" if self.by == "council" else "Lãnh đạo tỉnh"
        return f"{body} chấm trực tiếp"

    def describe(self, maximum: Decimal) -> str:
        return f"{self.origin()}, từ 0 đến {format_number(maximum)}"


@dataclass(frozen=True)
class SurveyRule(_Entered):
    """Points that come from the survey of opinion, see ``survey_points``."""

    kind: ClassVar[str] = "survey"

    def origin(self) -> str:
        return "Lấy từ điều tra xã hội học"

    def describe(self, maximum: Decimal) -> str:
        return "Kết quả điều tra xã hội học (%) × điểm tối đa"
