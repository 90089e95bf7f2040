"""Codes of criteria that a person left out, or that Excel made a number or a day of, from the numbering around them.

Pure: no Django.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .points import format_points
from .setdata import one_line

WrittenAs = Literal["text", "number", "day"]


@dataclass(frozen=True)
class Spot:
    """One row of the tree as it was written: `candidates` are what its code may be, none where it is empty.

    A "number" 1.1 may have been typed as 1.10; a "day" says less still. `level` is 0 for a lĩnh vực; None where the
    row does not say. `scored` is whether the row has a source or a rule.
    """

    candidates: tuple[str, ...]
    written_as: WrittenAs
    level: int | None
    scored: bool


def candidates(value: str | Decimal | dt.date | bool | None) -> tuple[tuple[str, ...], WrittenAs]:
    """What a code cell may mean, best first."""
    match value:
        case None | bool():
            return (), "text"
        case Decimal():
            text = format_points(value, 0).replace(",", ".")
            return ((text, f"{text}0") if "." in text else (text,)), "number"
        case dt.date():
            short = value.year % 100
            day, month = value.day, value.month
            return (f"{day}.{month}", f"{month}.{day}", f"{day}.{month}.{short}", f"{month}.{day}.{short}"), "day"
        case _:
            text = re.sub(r"\s+", "", one_line(value)).replace(",", ".").rstrip(".):")
            return ((text,) if text else ()), "text"


def _next(code: str) -> str | None:
    """The number after `code` on its level."""
    above, _dot, last = code.rpartition(".")
    prefix = f"{above}." if above else ""
    if last.isdecimal():
        return f"{prefix}{int(last) + 1}"
    return f"{prefix}{chr(ord(last) + 1)}" if len(last) == 1 and last not in "Zz" else None


def _followers(code: str | None) -> dict[int, str]:
    """By level, the codes that numbering allows after `code`."""
    if code is None:
        return {0: "1"}
    segments = code.split(".")
    found = {len(segments): f"{code}.1"}
    for depth in range(len(segments)):
        following = _next(".".join(segments[: depth + 1]))
        if following is not None:
            found[depth] = following
    return found


def _inferred(previous: str | None, spot: Spot, following: Spot | None, *, after_scored: bool) -> str | None:
    followers = _followers(previous)
    if spot.level is not None:
        return followers.get(spot.level)
    below = len(previous.split(".")) if previous is not None else 0
    if after_scored:
        followers.pop(below, None)
    if following is not None and following.candidates:
        fitting = [code for code in followers.values() if set(following.candidates) & set(_followers(code).values())]
        if len(fitting) == 1:
            return fitting[0]
        beside = _next(previous) if previous is not None and after_scored and spot.scored else None
        return beside if beside in fitting else None
    if spot.scored and previous is not None:
        return _next(previous) if after_scored else followers.get(below)
    return None


def number_rows(spots: Sequence[Spot]) -> list[str | None]:
    """The code of each row in order; None where nothing tells it."""
    codes: list[str | None] = []
    previous: str | None = None
    used: set[str] = set()
    after_scored = False
    for index, spot in enumerate(spots):
        following = spots[index + 1] if index + 1 < len(spots) else None
        allowed = set(_followers(previous).values()) - used
        if not spot.candidates:
            code = _inferred(previous, spot, following, after_scored=after_scored)
        elif spot.written_as == "text":
            code = spot.candidates[0]
        else:
            code = next((one for one in spot.candidates if one in allowed), None)
            if code is None and spot.written_as == "number":
                code = spot.candidates[0]
        codes.append(code)
        if code is not None:
            previous = code
            used.add(code)
        after_scored = spot.scored
    return codes
