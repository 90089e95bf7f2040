"""Scoring rules as a line of Vietnamese that an officer can write in a cell, and back: ">=95%: 2; còn lại: 0".

Pure: no Django. `rule_to_text` and `rule_reading.read_rule` are exact inverses. Parts are separated by ";" or a
line break; a label with a sign of the grammar in it stands in straight quotes, a quote inside is doubled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from .measures import CountTable, PerItem, Proportional, Thresholds
from .points import format_points
from .rules import DateTiers, Direct, PercentOfMax, Rule, Tiers, YesNo

# The names of the list in the sheet, in its order; thresholds are two entries there.
FORMS: Final[dict[str, str]] = {
    "yes_no": "Đạt / không đạt",
    "tiers": "Theo mức",
    "date_tiers": "Theo ngày hoàn thành",
    "ratio": "Theo ngưỡng tỷ lệ a/b",
    "value": "Theo ngưỡng giá trị",
    "proportional": "Tỷ lệ a/b × điểm tối đa",
    "per_item": "Điểm cho mỗi mục",
    "count_table": "Theo bảng số lượng",
    "percent_of_max": "Theo % điểm tối đa",
    "direct": "Chấm trực tiếp",
    "survey": "Điều tra xã hội học",
}
# One full example for each, shown in the instructions and beside every error; all for a maximum of 2 points.
EXAMPLES: Final[dict[str, str]] = {
    "yes_no": "Có kế hoạch; Không có kế hoạch",
    "tiers": "Kịp thời: 2; Chậm: 0,5; Không ban hành: 0",
    "date_tiers": "Khai: Ngày ban hành kế hoạch; Kịp thời (trước 15/02): 2; trước 01/03: 1; muộn hơn: 0,5; "
    "Không ban hành: 0",
    "ratio": ">=95%: 2; >=90%: 1; còn lại: 0; a: Số hồ sơ đúng hạn; b: Tổng số hồ sơ",
    "value": ">=80: 2; >50: 1; còn lại: 0; Khai: Số giờ trực tuyến; Đơn vị: giờ",
    "proportional": "a: Số nhiệm vụ hoàn thành; b: Tổng số nhiệm vụ; dưới 50%: 0",
    "per_item": "Khai: Số sáng kiến được công nhận; Mỗi mục: 0,5; Tối đa: 2",
    "count_table": "Khai: Số cuộc họp; 4: 2; 3: 1,5; 2: 1; còn lại: 0",
    "percent_of_max": "Hoàn thành xuất sắc: 100%; Hoàn thành tốt: 75%; Hoàn thành: 50%; Không hoàn thành: 0%",
    "direct": "Hội đồng",
    "survey": "",
}
OVER: Final = "cho phép vượt 100%"
NEGATIVE: Final = "cho phép số âm"
REST: Final = ("còn lại", "mức còn lại", "trường hợp khác")
NONE_LABEL: Final = "Không ban hành"
LATER: Final = ("muộn hơn", "muộn", "chậm hơn")
DECLARE: Final = ("khai", "số liệu khai")
# What an unquoted label of a date rule would be taken for.
_DATE_WORDS: Final = frozenset({*REST, *LATER, *DECLARE, NONE_LABEL.casefold()})
_SIGNS: Final = re.compile('[;:="\\[\\]]')
_KEY_LENGTH: Final = 40


def form_of(rule: Rule) -> str:
    """The entry of `FORMS` that a rule is written under."""
    return rule.measure if isinstance(rule, Thresholds) else rule.kind


def derive_key(label: str, taken: Collection[str]) -> str:
    """The key of a case that is not given one: "Kịp thời" is kip_thoi; the second of that name kip_thoi_2."""
    plain = unicodedata.normalize("NFD", label.replace("đ", "d").replace("Đ", "d")).casefold()
    base = re.sub("[^a-z0-9]+", "_", "".join(sign for sign in plain if not unicodedata.combining(sign))).strip("_")
    base = base[:_KEY_LENGTH].strip("_") or "muc"
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base[: _KEY_LENGTH - 1 - len(str(number))]}_{number}"
    return key


def _number(value: Decimal | int) -> str:
    return format_points(value, 0) if isinstance(value, Decimal) else str(value)


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"' if _SIGNS.search(label) else label


def _quoted_in_dates(label: str) -> str:
    folded = label.casefold()
    plain = folded not in _DATE_WORDS and "trước" not in folded
    return _quoted(label) if plain or _SIGNS.search(label) else f'"{label}"'


def _keyed(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """Rows of (key, label, value); a key that would be derived anyway is not written."""
    taken: set[str] = set()
    parts = []
    for key, label, value in rows:
        shown = "" if key == derive_key(label, taken) else f" [{key}]"
        taken.add(key)
        parts.append(f"{_quoted(label)}{shown}: {value}")
    return parts


def _given(name: str, label: str) -> list[str]:
    return [f"{name}: {_quoted(label)}"] if label else []


def _dates(rule: DateTiers) -> list[str]:
    parts = _given("Khai", rule.label)
    for tier in rule.tiers:
        day = "trước " + "/".join(reversed(tier.before.split("-")))
        name = f"{_quoted_in_dates(tier.label)} ({day})" if tier.label else day
        parts.append(f"{name}: {_number(tier.points)}")
    if rule.late is not None:
        parts.append(f"muộn hơn: {_number(rule.late)}")
    none = _quoted_in_dates(rule.none_label) if rule.none_label else NONE_LABEL
    return [*parts, f"{none}: {_number(rule.none)}"]


def _thresholds(rule: Thresholds) -> list[str]:
    percent = "%" if rule.unit == "%" else ""
    parts = [
        f"{'>=' if step.inclusive else '>'}{_number(step.start)}{percent}: {_number(step.points)}"
        for step in rule.steps
    ]
    parts.append(f"còn lại: {_number(rule.otherwise)}")
    if rule.measure == "ratio":
        parts += _given("a", rule.label_a) + _given("b", rule.label_b)
    else:
        parts += _given("Khai", rule.label_value) + ([] if percent else _given("Đơn vị", rule.unit))
    return parts + [OVER] * rule.allow_over + [NEGATIVE] * rule.allow_negative


def _parts(rule: Rule) -> list[str]:
    match rule:
        case YesNo(labels=labels):
            return [_quoted(label) for label in labels or ()]
        case Tiers():
            return _keyed([(row.key, row.label, _number(row.points)) for row in rule.tiers])
        case PercentOfMax():
            return _keyed([(row.key, row.label, f"{_number(row.percent)}%") for row in rule.levels])
        case DateTiers():
            return _dates(rule)
        case Thresholds():
            return _thresholds(rule)
        case Proportional():
            floor = [] if rule.floor is None else [f"dưới {_number(rule.floor)}%: 0"]
            return _given("a", rule.label_a) + _given("b", rule.label_b) + floor + [OVER] * rule.cap
        case PerItem():
            cap = [] if rule.cap is None else [f"Tối đa: {_number(rule.cap)}"]
            return [*_given("Khai", rule.label), f"Mỗi mục: {_number(rule.each)}", *cap]
        case CountTable():
            table = [f"{row.least}: {_number(row.points)}" for row in rule.table]
            return [*_given("Khai", rule.label), *table, f"còn lại: {_number(rule.otherwise)}"]
        case Direct():
            return ["Hội đồng" if rule.by == "council" else "Lãnh đạo tỉnh"]
        case _:
            return []


def rule_to_text(rule: Rule) -> tuple[str, str]:
    """The two cells of a rule: its name in `FORMS` and its text, which `read_rule` reads back to an equal rule."""
    return FORMS[form_of(rule)], "; ".join(_parts(rule))
