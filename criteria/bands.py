"""Grade bands (mức xếp loại): half-open ranges of an index in percent.

Pure: no Django. Cut-offs are data; Huế, the ministry and DOSSI each have their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from .points import HUNDRED, ZERO, format_number
from .rule_data import DataReader, Problem


class BandError(ValueError):
    """Bands that do not cover the whole range exactly once; ``problems`` lists all that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Band:
    """One grade, from ``lower`` percent (which belongs to it) up to the next band's."""

    label: str
    lower: Decimal
    key: str = ""


def _problems(lowers: Sequence[Decimal | None], names: Mapping[str, Sequence[str]], top: Decimal) -> list[Problem]:
    """What keeps bands from covering everything once; None is a lower bound that could not be read."""
    if not lowers:
        return [Problem("bands", "phải có ít nhất một mức xếp loại")]
    problems = []
    for index, lower in enumerate(lowers):
        if lower is not None and not (lower.is_finite() and ZERO <= lower <= top):
            problems.append(Problem(f"bands[{index}].lower", f"phải từ 0 đến {format_number(top)}"))
    for index, (above, lower) in enumerate(pairwise(lowers), start=1):
        if above is None or lower is None or lower < above:
            continue
        wrong = "trùng với mức ở trên" if lower == above else "cao hơn mức ở trên"
        problems.append(Problem(f"bands[{index}].lower", f"{wrong}: xếp các mức từ cao xuống thấp"))
    if lowers[-1] is not None and lowers[-1] > 0:
        message = "mức cuối phải bắt đầu từ 0, nếu không sẽ có kết quả không được xếp loại"
        problems.append(Problem(f"bands[{len(lowers) - 1}].lower", message))
    for name, values in names.items():
        for index, value in enumerate(values):
            if value and value in values[:index]:
                problems.append(Problem(f"bands[{index}].{name}", "trùng với một mức ở trên, hãy đổi"))
    return problems


@dataclass(frozen=True)
class BandScale:
    """Bands from the highest to the one that starts at 0.

    Each holds [lower, next lower); the highest has no end, because bonus points may carry an index over
    ``top``. Raises ``BandError`` with all problems.
    """

    bands: tuple[Band, ...]
    top: Decimal = HUNDRED

    def __post_init__(self) -> None:
        names = {"label": [band.label for band in self.bands], "key": [band.key for band in self.bands]}
        problems = _problems([band.lower for band in self.bands], names, self.top)
        if problems:
            raise BandError(problems)

    def grade(self, percent: Decimal) -> Band:
        """The band of an index in percent. Raises ``ValueError`` below 0."""
        for band in self.bands:
            if percent >= band.lower:
                return band
        raise ValueError(f"index {percent} is below 0")

    def ranges(self) -> tuple[tuple[Band, str], ...]:
        """Each band with its range in words, from the highest."""
        if len(self.bands) == 1:
            return ((self.bands[0], "mọi kết quả"),)
        texts = [f"từ {format_number(self.bands[0].lower)} % trở lên"]
        for above, band in pairwise(self.bands):
            high = f"dưới {format_number(above.lower)} %"
            texts.append(f"từ {format_number(band.lower)} % đến {high}" if band.lower else high)
        return tuple(zip(self.bands, texts, strict=True))


def parse_bands(data: object, *, top: Decimal = HUNDRED) -> BandScale:
    """The scale that JSON data states: [{"label": "Tốt", "lower": "80", "key": "tot"}, ...], highest first.

    ``key`` may be left out. Raises ``BandError`` with all problems.
    """
    problems: list[Problem] = []
    rows = DataReader({"bands": data}, problems).rows("bands")
    if not rows:
        raise BandError(problems)
    bands = []
    for row in rows:
        key = row.key("key") if row.has("key") else ""
        bands.append(Band(row.text("label"), row.number("lower"), key))
        row.finish()
    lowers = [band.lower if row.sound("lower") else None for row, band in zip(rows, bands, strict=True)]
    names = {"label": [band.label for band in bands], "key": [band.key for band in bands]}
    problems += _problems(lowers, names, top)
    if problems:
        raise BandError(problems)
    return BandScale(tuple(bands), top)
