"""Scoring rules as JSON: reading with every problem named, writing as the exact inverse.

Pure: no Django. Numbers are JSON strings with a decimal point ("0.5"), because a JSON number becomes a float.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, Literal, NamedTuple, cast

from .measures import CountRow, CountTable, PerItem, Proportional, Step, Thresholds
from .points import HUNDRED, ZERO, format_number
from .rules import (
    DateTier,
    DateTiers,
    Direct,
    Level,
    PercentOfMax,
    Rule,
    SurveyRule,
    Tier,
    Tiers,
    YesNo,
)

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
_KEY: Final = re.compile(r"[a-z0-9_]{1,40}")
_MONTH_DAY: Final = re.compile(r"[0-9]{2}-[0-9]{2}")
_FULL_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LABEL_LENGTH: Final = 300
_ROWS: Final = 50


class Problem(NamedTuple):
    """What is wrong at ``path`` ("tiers[1].points"; empty for the whole) and what to do about it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RuleError(ValueError):
    """Data that is no rule; ``problems`` lists all that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class DataReader:
    """Reads one JSON object strictly and notes every problem instead of stopping at the first.

    A value that cannot be read is replaced by an empty one of its type, so that reading goes on; the caller
    builds nothing while there are problems.
    """

    def __init__(self, data: Mapping[str, object], problems: list[Problem], path: str = "") -> None:
        self.data = data
        self.problems = problems
        self.path = path
        self._known: set[str] = set()

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def problem(self, key: str, message: str) -> None:
        self.problems.append(Problem(self.at(key) if key else self.path, message))

    def sound(self, key: str) -> bool:
        """Whether nothing is wrong with this entry so far."""
        path = self.at(key)
        return not any(problem.path == path for problem in self.problems)

    def _take(self, key: str, *, required: bool) -> object:
        self._known.add(key)
        value = self.data.get(key)
        if value is None and required:
            self.problem(key, "thiếu mục này, hãy khai thêm")
        return value

    def has(self, key: str) -> bool:
        self._known.add(key)
        return self.data.get(key) is not None

    def text(self, key: str, *, required: bool = True) -> str:
        value = self._take(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.problem(key, "phải là chữ, không để trống")
            return ""
        if len(value) > _LABEL_LENGTH:
            self.problem(key, f"dài quá {_LABEL_LENGTH} ký tự, hãy rút ngắn")
            return ""
        return value

    def key(self, key: str) -> str:
        value = self.text(key)
        if value and not _KEY.fullmatch(value):
            self.problem(key, "chỉ gồm chữ thường không dấu, chữ số và dấu gạch dưới, tối đa 40 ký tự")
        return value

    def number(self, key: str, *, lowest: Decimal | None = None, highest: Decimal | None = None) -> Decimal:
        value = self._take(key, required=True)
        if value is None:
            return ZERO
        if not isinstance(value, str) or not _NUMBER.fullmatch(value):
            self.problem(key, 'phải là số viết trong dấu nháy với dấu chấm thập phân, ví dụ "0.5"')
            return ZERO
        number = Decimal(value)
        if lowest is not None and number < lowest:
            self.problem(key, f"không được nhỏ hơn {format_number(lowest)}")
        if highest is not None and number > highest:
            self.problem(key, f"không được lớn hơn {format_number(highest)}")
        return number

    def optional_number(
        self, key: str, *, lowest: Decimal | None = None, highest: Decimal | None = None
    ) -> Decimal | None:
        return self.number(key, lowest=lowest, highest=highest) if self.has(key) else None

    def whole(self, key: str) -> int:
        number = self.number(key, lowest=ZERO)
        if number != number.to_integral_value():
            self.problem(key, "phải là số nguyên")
        return int(number)

    def flag(self, key: str, *, default: bool) -> bool:
        value = self._take(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(key, "phải là true hoặc false")
            return default
        return value

    def one_of(self, key: str, choices: Sequence[str]) -> str:
        value = self._take(key, required=True)
        if value is not None and value not in choices:
            self.problem(key, "phải là một trong: " + ", ".join(choices))
        return value if isinstance(value, str) else ""

    def rows(self, key: str) -> list[DataReader]:
        value = self._take(key, required=True)
        if value is None:
            return []
        if not isinstance(value, list) or not value:
            self.problem(key, "phải là danh sách có ít nhất một dòng")
            return []
        if len(value) > _ROWS:
            self.problem(key, f"có quá {_ROWS} dòng")
            return []
        readers = []
        for index, row in enumerate(value):
            path = f"{self.at(key)}[{index}]"
            if isinstance(row, Mapping):
                readers.append(DataReader(row, self.problems, path))
            else:
                self.problems.append(Problem(path, "phải là một nhóm mục có tên"))
        return readers

    def labels(self, *keys: str) -> list[str]:
        value = self._take("labels", required=False)
        if value is None:
            return [""] * len(keys)
        if not isinstance(value, Mapping):
            self.problem("labels", "phải là một nhóm mục có tên: " + ", ".join(keys))
            return [""] * len(keys)
        reader = DataReader(value, self.problems, self.at("labels"))
        texts = [reader.text(key, required=False) for key in keys]
        reader.finish()
        return texts

    def finish(self) -> None:
        """Note entries that nobody asked for: a misspelt name must not pass unseen."""
        for key in self.data:
            if key not in self._known:
                names = ", ".join(sorted(self._known))
                self.problem(str(key), f"không có mục này, hãy bỏ hoặc sửa tên (các mục dùng được: {names})")


def note_repeats(rows: Sequence[DataReader], key: str) -> None:
    """A problem for every row whose ``key`` repeats an earlier one."""
    seen: set[object] = set()
    for row in rows:
        value = row.data.get(key)
        if row.sound(key) and value in seen:
            row.problem(key, "trùng với một dòng ở trên, hãy đổi")
        elif row.sound(key):
            seen.add(value)


def note_disorder(rows: Sequence[DataReader], key: str) -> None:
    """A problem for every row whose number is not below the one above it."""
    above: Decimal | None = None
    for row in rows:
        if not row.sound(key):
            continue
        value = Decimal(cast(str, row.data[key]))
        if above is not None and value >= above:
            row.problem(key, f"phải nhỏ hơn {format_number(above)} ở dòng trên: xếp các dòng từ cao xuống thấp")
        above = value


def _finish(rows: Sequence[DataReader]) -> None:
    for row in rows:
        row.finish()


def _yes_no(reader: DataReader, maximum: Decimal) -> Rule:
    labels = reader.data.get("labels")
    if not reader.has("labels"):
        return YesNo()
    if (
        not isinstance(labels, list)
        or len(labels) != 2
        or not all(isinstance(label, str) and 0 < len(label.strip()) <= _LABEL_LENGTH for label in labels)
    ):
        reader.problem("labels", 'phải là hai nhãn, ví dụ ["Đạt", "Không đạt"]')
        return YesNo()
    return YesNo((labels[0], labels[1]))


def _tiers(reader: DataReader, maximum: Decimal) -> Rule:
    rows = reader.rows("tiers")
    tiers = tuple(Tier(row.key("key"), row.text("label"), row.number("points", highest=maximum)) for row in rows)
    note_repeats(rows, "key")
    _finish(rows)
    return Tiers(tiers)


def _before(row: DataReader) -> str:
    text = row.text("before")
    if not text or not row.sound("before"):
        return ""
    try:
        if _FULL_DATE.fullmatch(text):
            date.fromisoformat(text)
            return text
        if _MONTH_DAY.fullmatch(text):
            # 2001 has no 29 February: a day that some years lack cannot be a limit of every year.
            date.fromisoformat(f"2001-{text}")
            return text
    except ValueError:
        pass
    row.problem("before", 'phải là ngày có thật, dạng "02-15" (tháng-ngày) hoặc "2026-02-15"; không dùng "02-29"')
    return ""


def _date_tiers(reader: DataReader, maximum: Decimal) -> Rule:
    rows = reader.rows("tiers")
    tiers = []
    above: dict[int, str] = {}
    for row in rows:
        tier = DateTier(_before(row), row.number("points", highest=maximum), row.text("label", required=False))
        earlier = above.get(len(tier.before))
        if tier.before and earlier is not None and tier.before <= earlier:
            row.problem("before", f"phải sau {earlier} ở dòng trên: xếp các mốc từ sớm đến muộn")
        above[len(tier.before)] = tier.before
        tiers.append(tier)
    _finish(rows)
    return DateTiers(
        tuple(tiers),
        reader.number("none", highest=maximum),
        reader.text("label"),
        reader.optional_number("late", highest=maximum),
        reader.text("none_label", required=False),
    )


def _thresholds(reader: DataReader, maximum: Decimal) -> Rule:
    measure = cast(Literal["ratio", "value"], reader.one_of("measure", ("ratio", "value")))
    rows = reader.rows("steps")
    steps = tuple(
        Step(row.number("from"), row.flag("inclusive", default=True), row.number("points", highest=maximum))
        for row in rows
    )
    note_disorder(rows, "from")
    _finish(rows)
    unit = reader.text("unit", required=False)
    if measure == "ratio" and unit not in ("", "%"):
        reader.problem("unit", 'tỷ lệ luôn tính bằng phần trăm: hãy ghi "%" hoặc bỏ mục này')
    names = ("value",) if measure == "value" else ("a", "b")
    labels = dict(zip(names, reader.labels(*names), strict=True))
    allow_over = reader.flag("allow_over", default=False)
    allow_negative = reader.flag("allow_negative", default=False)
    if allow_negative and measure == "ratio":
        reader.problem("allow_negative", "chỉ dùng cho giá trị khai trực tiếp, không dùng cho tỷ lệ")
    return Thresholds(
        measure,
        steps,
        reader.number("else", highest=maximum),
        unit,
        labels.get("a", ""),
        labels.get("b", ""),
        labels.get("value", ""),
        allow_over,
        allow_negative,
    )


def _proportional(reader: DataReader, maximum: Decimal) -> Rule:
    label_a, label_b = reader.labels("a", "b")
    floor = reader.optional_number("floor", lowest=ZERO, highest=HUNDRED)
    return Proportional(label_a, label_b, floor, reader.flag("cap", default=False))


def _per_item(reader: DataReader, maximum: Decimal) -> Rule:
    each = reader.number("each")
    if reader.sound("each") and each == 0:
        reader.problem("each", "phải khác 0")
    cap = reader.optional_number("cap", lowest=ZERO, highest=maximum if each > 0 else None)
    if reader.sound("cap"):
        if cap == 0:
            reader.problem("cap", "phải lớn hơn 0")
        elif cap is None and maximum == 0:
            reader.problem("cap", "điểm tối đa bằng 0 nên phải khai số điểm trừ tối đa")
    return PerItem(each, reader.text("label"), cap)


def _count_table(reader: DataReader, maximum: Decimal) -> Rule:
    rows = reader.rows("table")
    table = tuple(CountRow(row.whole("count"), row.number("points", highest=maximum)) for row in rows)
    note_disorder(rows, "count")
    _finish(rows)
    return CountTable(table, reader.number("else", highest=maximum), reader.text("label"))


def _percent_of_max(reader: DataReader, maximum: Decimal) -> Rule:
    rows = reader.rows("levels")
    levels = tuple(
        Level(row.key("key"), row.text("label"), row.number("percent", lowest=ZERO, highest=HUNDRED)) for row in rows
    )
    note_repeats(rows, "key")
    _finish(rows)
    return PercentOfMax(levels)


def _direct(reader: DataReader, maximum: Decimal) -> Rule:
    return Direct(cast(Literal["council", "leader"], reader.one_of("by", ("council", "leader"))))


def _survey(reader: DataReader, maximum: Decimal) -> Rule:
    return SurveyRule()


_PARSERS: Final[dict[str, Callable[[DataReader, Decimal], Rule]]] = {
    YesNo.kind: _yes_no,
    Tiers.kind: _tiers,
    DateTiers.kind: _date_tiers,
    Thresholds.kind: _thresholds,
    Proportional.kind: _proportional,
    PerItem.kind: _per_item,
    CountTable.kind: _count_table,
    PercentOfMax.kind: _percent_of_max,
    Direct.kind: _direct,
    SurveyRule.kind: _survey,
}
KINDS: Final = tuple(_PARSERS)


def parse_rule(data: object, *, maximum: Decimal) -> Rule:
    """The rule that JSON data states, for a criterion of ``maximum`` points.

    Raises ``RuleError`` with all problems, each with its path and what to do. No point above the maximum, no
    unknown entry, no number that is not text is let through.
    """
    if not isinstance(data, Mapping):
        raise RuleError([Problem("", "cách chấm phải là một nhóm mục có tên, bắt đầu bằng kind")])
    problems: list[Problem] = []
    reader = DataReader(data, problems)
    kind = reader.one_of("kind", KINDS)
    if kind not in _PARSERS:
        raise RuleError(problems)
    rule = _PARSERS[kind](reader, maximum)
    reader.finish()
    if problems:
        raise RuleError(problems)
    return rule


def _text(number: Decimal | int) -> str:
    return format(number, "f") if isinstance(number, Decimal) else str(number)


def _given(**entries: object) -> dict[str, object]:
    """Optional entries that say something: None, empty text and False are left out."""
    return {key: value for key, value in entries.items() if value is not None and value != "" and value is not False}


def _optional_text(number: Decimal | None) -> str | None:
    return None if number is None else _text(number)


def _label_data(**labels: str) -> dict[str, object]:
    given = _given(**labels)
    return {"labels": given} if given else {}


def _body(rule: Rule) -> dict[str, object]:
    match rule:
        case YesNo():
            return {"labels": list(rule.labels)} if rule.labels else {}
        case Tiers():
            rows = [{"key": row.key, "label": row.label, "points": _text(row.points)} for row in rule.tiers]
            return {"tiers": rows}
        case DateTiers():
            dates = [
                {"before": row.before, **_given(label=row.label), "points": _text(row.points)} for row in rule.tiers
            ]
            optional = _given(late=_optional_text(rule.late), none_label=rule.none_label)
            return {"tiers": dates, "none": _text(rule.none), "label": rule.label, **optional}
        case Thresholds():
            steps = [
                {"from": _text(row.start), "inclusive": row.inclusive, "points": _text(row.points)}
                for row in rule.steps
            ]
            return {
                "measure": rule.measure,
                "steps": steps,
                "else": _text(rule.otherwise),
                **_given(unit=rule.unit),
                **_label_data(a=rule.label_a, b=rule.label_b, value=rule.label_value),
                **_given(allow_over=rule.allow_over, allow_negative=rule.allow_negative),
            }
        case Proportional():
            optional = _given(floor=_optional_text(rule.floor), cap=rule.cap)
            return {**_label_data(a=rule.label_a, b=rule.label_b), **optional}
        case PerItem():
            return {"each": _text(rule.each), **_given(cap=_optional_text(rule.cap)), "label": rule.label}
        case CountTable():
            table = [{"count": _text(row.least), "points": _text(row.points)} for row in rule.table]
            return {"table": table, "else": _text(rule.otherwise), "label": rule.label}
        case PercentOfMax():
            levels = [{"key": row.key, "label": row.label, "percent": _text(row.percent)} for row in rule.levels]
            return {"levels": levels}
        case Direct():
            return {"by": rule.by}
        case _:
            return {}


def rule_to_data(rule: Rule) -> dict[str, object]:
    """The JSON data of a rule: ``parse_rule`` makes an equal rule of it."""
    return {"kind": rule.kind, **_body(rule)}
