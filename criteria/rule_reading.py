"""Reading the rule texts of `rule_text`: every problem in words, and doubts about gaps and overlaps.

Pure: no Django. What an officer writes otherwise than the template does ("từ 70 đến dưới 90", "2 điểm", "≥ 95 %",
rows from low to high) is read as meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple

from .points import format_points
from .rule_data import RuleError, parse_rule
from .rule_text import DECLARE, FORMS, LATER, NEGATIVE, NONE_LABEL, OVER, REST, derive_key
from .rules import Rule
from .setdata import one_line
from .text_parts import Condition, Parts, read_condition, read_day, read_percent, read_points

_DIRECT: Final = {
    "hội đồng": "council",
    "hội đồng thẩm định": "council",
    "lãnh đạo tỉnh": "leader",
    "lãnh đạo ubnd tỉnh": "leader",
}
_KEYED: Final = re.compile(r"(.*\S)\s*\[([a-z0-9_]{1,40})\]")
_BEFORE: Final = re.compile(r"(.*?)\s*\(?\s*trước(?: ngày)? ([0-9]+[/.\-][0-9/.\-]*)\s*\)?", re.IGNORECASE)
_ENDLESS: Final = Decimal(99_999)


@dataclass(frozen=True)
class ReadRule:
    """What a cell says: the rule, or every problem in words; `warnings` are doubts about a rule that can be run."""

    rule: Rule | None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def find_form(text: str) -> str | None:
    """The entry of `FORMS` that a cell names, whatever its letters' case; None where there is none."""
    wanted = one_line(text).casefold()
    return next((form for form, name in FORMS.items() if wanted in (name.casefold(), form)), None)


def _shown(value: Decimal) -> str:
    return format_points(value, 0)


class _Row(NamedTuple):
    """A row of the rule as JSON data, with the words that it was written in."""

    data: dict[str, object]
    words: str


Built = tuple[dict[str, object], list[_Row], list[str]]  # the rule's data, its rows, warnings


def _plain(value: Decimal | int) -> str:
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _read_keyed(parts: Parts, value_name: str, read: Callable[[str], Decimal]) -> list[_Row]:
    rows: list[_Row] = []
    taken: set[str] = set()
    for part in parts.rest():
        with parts.noting():
            name, value = part.row()
            found = _KEYED.fullmatch(name)
            label = parts.plain(found[1] if found else name)
            key = found[2] if found else derive_key(label, taken)
            taken.add(key)
            rows.append(_Row({"key": key, "label": label, value_name: _plain(read(value))}, part.words))
    return rows


def _read_yes_no(parts: Parts, maximum: Decimal) -> Built:
    labels: list[str] = []
    known = maximum != _ENDLESS
    for index, part in enumerate(parts.rest()):
        with parts.noting():
            name, value = part.row() if part.has_value else (part.text, "")
            labels.append(parts.plain(name))
            if value and known and read_points(value) != (Decimal(0) if index else maximum):
                parts.problem(
                    f"“{part.words}”: cách chấm này chỉ có hai mức, đủ {_shown(maximum)} điểm hoặc 0; "
                    f"muốn mức khác thì chọn “{FORMS['tiers']}”"
                )
    if len(labels) not in (0, 2):
        parts.problem("phải để trống hoặc ghi đúng hai nhãn: đạt trước, không đạt sau")
    return {"labels": labels} if labels else {}, [], []


def _read_tiers(parts: Parts, maximum: Decimal) -> Built:
    rows = _read_keyed(parts, "points", read_points)
    return {"tiers": [row.data for row in rows]}, rows, []


def _read_levels(parts: Parts, maximum: Decimal) -> Built:
    rows = _read_keyed(parts, "percent", read_percent)
    return {"levels": [row.data for row in rows]}, rows, []


def _read_dates(parts: Parts, maximum: Decimal) -> Built:
    data: dict[str, object] = {"label": _declared(parts, "tên ngày phải khai", "Ngày ban hành kế hoạch")}
    rows: list[_Row] = []
    for part in parts.rest():
        with parts.noting():
            name, value = part.row()
            points, folded = _plain(read_points(value)), name.casefold()
            dated = _BEFORE.fullmatch(name)
            if dated:
                label = {"label": parts.plain(dated[1])} if dated[1] else {}
                rows.append(_Row({"before": read_day(dated[2]), "points": points, **label}, part.words))
            elif folded in LATER:
                data["late"] = points
            elif "none" in data:
                parts.problem(f"“{part.words}”: thừa một dòng không có ngày, mỗi mốc phải viết “trước 15/02: điểm”")
            else:
                data["none"] = points
                if folded not in (NONE_LABEL.casefold(), *REST):
                    data["none_label"] = parts.plain(name)
    if "none" not in data:
        parts.problem(f"thiếu điểm khi không làm, thêm ví dụ “{NONE_LABEL}: 0”")
    return {**data, "tiers": [row.data for row in rows]}, rows, []


class _Interval(NamedTuple):
    condition: Condition
    points: Decimal
    words: str


def _intervals(parts: Parts, unit: str, *, quantity: bool) -> tuple[list[_Interval], _Interval | None]:
    """Rows that have a start, from the highest down, and the row for the rest ("còn lại", "dưới 70")."""
    found: list[_Interval] = []
    rest: _Interval | None = None
    for part in parts.rest():
        with parts.noting():
            name, value = part.row()
            bottom = Condition(None, False)
            condition = bottom if name.casefold() in REST else read_condition(name, unit, quantity=quantity)
            row = _Interval(condition, read_points(value), part.words)
            if condition.start is not None:
                found.append(row)
            elif rest is None:
                rest = row
            else:
                parts.problem(f"“{part.words}”: có hai dòng cho phần còn lại, chỉ để một dòng")
    found.sort(key=lambda row: row.condition.start or 0, reverse=True)
    return found, rest


def _whole(row: _Interval) -> _Interval:
    """The same counts as a half-open interval: "2-3" is from 2 to below 4."""
    start, inclusive, end, closed, _percent = row.condition
    return row._replace(
        condition=Condition(
            start if start is None or inclusive else start + 1,
            True,
            end + 1 if end is not None and closed else end,
        )
    )


def _joins(rows: Sequence[_Interval]) -> list[str]:
    """Doubts where the written end of an interval does not meet the row above it."""
    doubts = []
    for above, row in pairwise(rows):
        start, inclusive, end, closed = above.condition.start, above.condition.inclusive, *row.condition[2:4]
        if start is None or end is None:
            continue
        if end < start or (end == start and not closed and not inclusive):
            doubts.append(f"có khoảng trống giữa “{row.words}” và “{above.words}”, được tính theo mức thấp hơn")
        elif end > start or (closed and inclusive):
            doubts.append(f"“{row.words}” chồng lên “{above.words}”, phần chung được tính theo mức cao hơn")
    return doubts


def _declared(parts: Parts, what: str, example: str) -> str:
    """The label that must be given for what officers declare."""
    label = parts.setting(*DECLARE)
    if not label:
        parts.problem(f"thiếu {what}, thêm ví dụ “Khai: {example}”")
    return label


def _ratio_labels(parts: Parts) -> dict[str, str]:
    labels = {"a": parts.setting("a", "tử số"), "b": parts.setting("b", "mẫu số")}
    return {key: label for key, label in labels.items() if label}


def _rest_points(parts: Parts, rest: _Interval | None) -> str:
    if rest is None:
        parts.problem("thiếu mức thấp nhất, thêm ví dụ “còn lại: 0”")
    return _plain(rest.points if rest else Decimal(0))


def _over(parts: Parts) -> bool:
    return parts.flag(OVER, "vượt 100%", "được vượt 100%", "vượt 100% tính như 100%")


def _read_thresholds(parts: Parts, measure: str) -> Built:
    ratio = measure == "ratio"
    data: dict[str, object] = {"measure": measure}
    if ratio:
        data["labels"], unit = _ratio_labels(parts), ""
    else:
        label, unit = parts.setting(*DECLARE), parts.setting("đơn vị", "đơn vị tính")
        data["labels"] = {"value": label} if label else {}
        data["allow_negative"] = parts.flag(NEGATIVE, "số âm", "được khai số âm")
    data["allow_over"] = over = _over(parts)
    found, rest = _intervals(parts, unit, quantity=not ratio)
    unit = unit or ("%" if any(row.condition.percent for row in found) else "")
    steps = [
        _Row({"from": _plain(start), "inclusive": row.condition.inclusive, "points": _plain(row.points)}, row.words)
        for row in found
        if (start := row.condition.start) is not None
    ]
    data |= {"unit": unit or None, "steps": [row.data for row in steps], "else": _rest_points(parts, rest)}
    doubts = _joins([*found, rest] if rest else found)
    if found and (end := found[0].condition.end) is not None and (over or end < 100 or not (ratio or unit == "%")):
        doubts.append(f"không có mức nào trên {_shown(end)}, được tính như “{found[0].words}”")
    return data, steps, doubts


def _read_ratio(parts: Parts, maximum: Decimal) -> Built:
    return _read_thresholds(parts, "ratio")


def _read_value(parts: Parts, maximum: Decimal) -> Built:
    return _read_thresholds(parts, "value")


def _read_count_table(parts: Parts, maximum: Decimal) -> Built:
    label = _declared(parts, "tên số lượng phải khai", "Số cuộc họp")
    found, rest = _intervals(parts, "", quantity=True)
    found, rest = [_whole(row) for row in found], _whole(rest) if rest else None
    table = [
        _Row({"count": _plain(start), "points": _plain(row.points)}, row.words)
        for row in found
        if (start := row.condition.start) is not None
    ]
    doubts = _joins([*found, rest] if rest else found)
    reaches_zero = bool(table) and table[-1].data["count"] == "0"
    otherwise = "0" if rest is None and reaches_zero else _rest_points(parts, rest)
    return {"label": label, "table": [row.data for row in table], "else": otherwise}, table, doubts


def _read_proportional(parts: Parts, maximum: Decimal) -> Built:
    data: dict[str, object] = {"labels": _ratio_labels(parts), "cap": _over(parts)}
    for part in parts.rest():
        with parts.noting():
            name, value = part.row()
            condition = read_condition(name, "%", quantity=False)
            if condition.end is None or condition.closed or condition.start is not None or read_points(value) != 0:
                parts.problem(f"“{part.words}”: chỉ được ghi mức tối thiểu, ví dụ “dưới 50%: 0”")
            elif "floor" in data:
                parts.problem(f"“{part.words}”: mức tối thiểu ghi hai lần, chỉ để một")
            else:
                data["floor"] = _plain(condition.end)
    return data, [], []


def _read_per_item(parts: Parts, maximum: Decimal) -> Built:
    data: dict[str, object] = {"label": _declared(parts, "tên thứ được đếm", "Số sáng kiến")}
    each = parts.setting("mỗi mục", "mỗi", "điểm mỗi mục")
    cap = parts.setting("tối đa", "trần", "trừ tối đa")
    if not each:
        parts.problem("thiếu điểm cho mỗi mục, thêm ví dụ “Mỗi mục: 0,5”")
    for name, value in (("each", each), ("cap", cap)):
        with parts.noting():
            if value:
                data[name] = _plain(read_points(value))
    for part in parts.rest():
        parts.problem(f"“{part.words}”: không hiểu phần này")
    return data, [], []


def _read_direct(parts: Parts, maximum: Decimal) -> Built:
    names = [part.text.casefold() for part in parts.rest()]
    if len(names) == 1 and names[0] in _DIRECT:
        return {"by": _DIRECT[names[0]]}, [], []
    parts.problem("phải là “Hội đồng” hoặc “Lãnh đạo tỉnh”")
    return {"by": "council"}, [], []


def _read_survey(parts: Parts, maximum: Decimal) -> Built:
    if any(True for _part in parts.rest()):
        parts.problem("cách chấm này không có chi tiết, hãy xóa nội dung")
    return {}, [], []


_READERS: Final[dict[str, Callable[[Parts, Decimal], Built]]] = {
    "yes_no": _read_yes_no,
    "tiers": _read_tiers,
    "date_tiers": _read_dates,
    "ratio": _read_ratio,
    "value": _read_value,
    "proportional": _read_proportional,
    "per_item": _read_per_item,
    "count_table": _read_count_table,
    "percent_of_max": _read_levels,
    "direct": _read_direct,
    "survey": _read_survey,
}
_ROW_PATH: Final = re.compile(r"(?:tiers|steps|table|levels)\[([0-9]+)\](?:\.[a-z]+)?")
# Entries of the data by the words that they are written with.
_ENTRY_WORDS: Final = {
    "each": "Mỗi mục",
    "cap": "Tối đa",
    "label": "Khai",
    "labels.a": "a",
    "labels.b": "b",
    "labels.value": "Khai",
    "unit": "Đơn vị",
    "else": "còn lại",
    "none": "không ban hành",
    "none_label": "không ban hành",
    "late": "muộn hơn",
    "floor": "mức tối thiểu",
}


def _in_words(error: RuleError, rows: Sequence[_Row]) -> list[str]:
    problems = []
    for path, message in error.problems:
        found = _ROW_PATH.fullmatch(path)
        if found and int(found[1]) < len(rows):
            problems.append(f"“{rows[int(found[1])].words}”: {message}")
        elif path in ("tiers", "steps", "table", "levels") and not rows:
            problems.append("chưa ghi mức nào")
        elif path in _ENTRY_WORDS:
            problems.append(f"“{_ENTRY_WORDS[path]}”: {message}")
        else:
            problems.append(message)
    return problems


def read_rule(form: str, text: str, maximum: Decimal | None) -> ReadRule:
    """The rule that a cell states under one of `FORMS`, for a criterion of `maximum` points.

    None for `maximum` (its own cell could not be read) finds what is wrong with the text by itself. Nothing raises:
    all problems and doubts are in the answer.
    """
    limit = _ENDLESS if maximum is None else maximum
    parts = Parts(text)
    data, rows, warnings = _READERS[form](parts, limit)
    if parts.problems:
        return ReadRule(None, tuple(parts.problems))
    kind = "thresholds" if form in ("ratio", "value") else form
    try:
        rule = parse_rule({"kind": kind, **data}, maximum=limit)
    except RuleError as error:
        return ReadRule(None, tuple(_in_words(error, rows)))
    return ReadRule(rule, (), tuple(warnings))
