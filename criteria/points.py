"""Numbers as Vietnamese officers write them, and the one rounding rule of a criteria set.

Pure: no Django. Everything is ``Decimal`` or ``int``; a float is never read, made or printed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from functools import cached_property
from typing import Final, Literal

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HUNDRED: Final = Decimal(100)

# Figures have at most 15 + 6 digits and points 6 + 4, so products stay exact and a quotient can never
# be mistaken for a tie, whatever precision the calling thread has set.
EXACT: Final = Context(prec=60)

RoundingMode = Literal["half_up", "half_even", "down"]
_MODES: Final[dict[str, str]] = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}


@dataclass(frozen=True)
class Rounding:
    """The rounding rule of one criteria set: every leaf's points become a multiple of ``step``.

    It is applied to the points of each leaf and to the percent index, never to a sum: totals are sums of
    rounded points. ``half_up`` sends a tie away from zero, ``down`` cuts towards zero. Raises ``ValueError``
    for an unknown mode or a step that does not divide 1 (0.01, 0.05, 0.25, 0.5 and 1 are steps; 0.3 is not).
    """

    step: Decimal = Decimal("0.01")
    mode: RoundingMode = "half_up"

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise ValueError(f"unknown rounding mode {self.mode!r}")
        if not self.step.is_finite() or not ZERO < self.step <= ONE or ONE % self.step:
            raise ValueError(f"rounding step {self.step} does not divide 1")

    @cached_property
    def places(self) -> int:
        """Decimals needed to print a multiple of the step: 2 for 0.01 and 0.25, 1 for 0.5."""
        return max(0, -int(self.step.normalize().as_tuple().exponent))

    @cached_property
    def quantum(self) -> Decimal | None:
        """The step as an exponent for ``quantize``; None where the step is no power of ten."""
        unit = ONE.scaleb(-self.places)
        return unit if unit == self.step else None

    def apply(self, value: Decimal) -> Decimal:
        """``value`` as a multiple of the step; never a negative zero."""
        if self.quantum is not None:
            rounded = value.quantize(self.quantum, _MODES[self.mode], EXACT)
        else:
            steps = EXACT.divide(value, self.step).quantize(ONE, _MODES[self.mode], EXACT)
            rounded = EXACT.multiply(steps, self.step)
        return rounded if rounded else abs(rounded)


class NumberError(ValueError):
    """A text that is no number a Vietnamese officer would write; the message is for the screen."""


_MAX_TEXT: Final = 40
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2212": "-"})
_SPACED: Final = r"[0-9]{1,3}(?: [0-9]{3})+"
_DOTTED: Final = r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+"
_VIETNAMESE: Final = re.compile(rf"(-?)({_DOTTED}|{_SPACED}|[0-9]+)(?:,([0-9]+))?")
_DOT_DECIMAL: Final = re.compile(rf"(-?)({_SPACED}|[0-9]+)\.([0-9]+)")
_ONE_DOT_GROUP: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_ENGLISH: Final = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|-?[0-9]{1,3}(?:,[0-9]{3}){2,}")
_EXPONENT: Final = re.compile(r"[-+]?[0-9.,]+[eE][-+]?[0-9]+")


def _shown(text: str) -> str:
    return text if len(text) <= 20 else text[:20] + "…"


def _unreadable(text: str) -> NumberError:
    if not text:
        return NumberError("Chưa nhập số.")
    if _ENGLISH.fullmatch(text):
        vietnamese = text.translate(str.maketrans(",.", ".,"))
        return NumberError(f"Dấu phẩy là dấu thập phân: hãy viết {vietnamese} thay cho {text}.")
    if _EXPONENT.fullmatch(text):
        return NumberError(f"Không dùng cách viết lũy thừa “{_shown(text)}”: hãy viết đủ các chữ số.")
    return NumberError(f"Không đọc được số “{_shown(text)}”: hãy viết như 7,5 hoặc 1.234,5.")


def _read(text: str, *, dot_group: Literal["decimal", "thousands"], whole: int, fraction: int) -> Decimal:
    """Read a number; ``dot_group`` says what "1.234" means, the one spelling with two readings."""
    if len(text) > _MAX_TEXT:
        raise NumberError("Số quá dài: hãy kiểm tra lại.")
    text = text.translate(_SPACES).strip()
    found = None
    if not (dot_group == "decimal" and _ONE_DOT_GROUP.fullmatch(text)):
        found = _VIETNAMESE.fullmatch(text)
    found = found or _DOT_DECIMAL.fullmatch(text)
    if found is None:
        raise _unreadable(text)
    sign, digits, decimals = found.group(1), found.group(2), found.group(3) or ""
    digits = digits.replace(".", "").replace(" ", "").lstrip("0") or "0"
    if len(digits) > whole:
        raise NumberError(f"Số quá lớn: phần nguyên có tối đa {whole} chữ số.")
    if len(decimals) > fraction:
        if fraction == 0:
            raise NumberError(f"Cần số nguyên, không có phần thập phân: “{_shown(text)}”.")
        raise NumberError(f"Quá nhiều chữ số sau dấu phẩy: tối đa {fraction} chữ số.")
    value = Decimal(f"{sign}{digits}.{decimals}" if decimals else f"{sign}{digits}")
    return value if value else abs(value)


def parse_points(text: str) -> Decimal:
    """Read points: "7,5", "7.5", "1.234,5" and "1 234,5"; "-0,25" is allowed, bounds are the rule's.

    Points rarely reach a thousand, so one dot followed by three digits is a decimal dot here: "1.234" is
    1,234. At most 6 digits before and 4 after the comma. Raises ``NumberError``.
    """
    return _read(text, dot_group="decimal", whole=6, fraction=4)


def parse_percent(text: str) -> Decimal:
    """Read a percentage as ``parse_points`` reads points, with or without a percent sign after it."""
    return parse_points(text.strip().removesuffix("%"))


def parse_number(text: str) -> Decimal:
    """Read a quantity (people, files, money): "1.842" is 1842, as in documents.

    "92.8" is still 92,8 and "0.500" is 0,5, which have no other reading. At most 15 digits before and 6 after
    the comma. Raises ``NumberError``.
    """
    return _read(text, dot_group="thousands", whole=15, fraction=6)


def parse_count(text: str) -> int:
    """Read a whole number that is not negative; "1.842" is 1842. Raises ``NumberError``."""
    value = _read(text, dot_group="thousands", whole=15, fraction=0)
    if value < 0:
        raise NumberError("Số lượng không được âm.")
    return int(value)


_QUANTA: Final = tuple(ONE.scaleb(-places) for places in range(7))
_TO_VIETNAMESE: Final = str.maketrans(",.", ".,")


def _vietnamese(text: str) -> str:
    return text.translate(_TO_VIETNAMESE) if "," in text else text.replace(".", ",")


def format_number(value: Decimal | int) -> str:
    """Print a number as documents do, "1.842" or "92,8": no trailing zeros, and never rounded."""
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,d}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else _vietnamese(text)


def format_points(value: Decimal, places: int = 2) -> str:
    """Print points with at least ``places`` decimals, "7,50": more where the value has more.

    ``places`` is 0 to 6. Printing never rounds: only the set's rounding rule may change a point. Thousands are
    grouped only before a comma, so that ``parse_points`` reads back what was printed.
    """
    quantum = _QUANTA[places]
    fixed = value if value.same_quantum(quantum) else value.quantize(quantum, context=EXACT)
    if fixed != value:
        fixed = value.normalize(EXACT)
    elif not fixed:
        fixed = abs(fixed)
    return _vietnamese(f"{fixed:,f}" if places else f"{fixed:f}")
