"""What changed between two versions of a criteria set, criterion by criterion, in words.

Pure: no Django. Criteria are the same where their code is; a renumbered one is removed and added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .nodes import NotApplicable, Source
from .points import format_number
from .setdata import BandData, NodeData, SetData, walk

_SOURCES: Final = {
    Source.SELF: "tự đánh giá",
    Source.SURVEY: "điều tra xã hội học",
    Source.COUNCIL: "hội đồng chấm trực tiếp",
    Source.LEADER: "lãnh đạo tỉnh chấm trực tiếp",
    Source.BONUS: "điểm cộng",
    Source.PENALTY: "điểm trừ",
}
_POLICIES: Final = {
    NotApplicable.NONE: "không áp dụng",
    NotApplicable.FULL: "được điểm tối đa",
    NotApplicable.RESCALE: "bỏ tiêu chí, quy đổi thang điểm",
    NotApplicable.NAMED: "bỏ đối với đơn vị được nêu tên",
}
_ROUNDING: Final = {"half_up": "làm tròn lên từ 5", "half_even": "làm tròn về số chẵn", "down": "bỏ phần lẻ"}


@dataclass(frozen=True)
class Named:
    """A criterion that only one of the versions has, or that changed."""

    code: str
    name: str


@dataclass(frozen=True)
class Change:
    """One field of a criterion, or of the whole set where `code` is empty, before and after, in words."""

    code: str
    name: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Diff:
    """Everything that differs between two versions, each list in the order of the newer document."""

    added: tuple[Named, ...]
    removed: tuple[Named, ...]
    changed_points: tuple[Change, ...]
    changed_rule: tuple[Change, ...]
    changed_text: tuple[Change, ...]
    changed_units: tuple[Change, ...]
    changed_set: tuple[Change, ...]

    def __bool__(self) -> bool:
        return any(vars(self).values())


def _yes(value: bool) -> str:
    return "có" if value else "không"


def _rule(node: NodeData) -> str:
    return node.rule.describe(node.maximum) if node.rule else "có tiêu chí con"


def _rule_fields(node: NodeData) -> dict[str, str]:
    return {
        "Nguồn điểm": _SOURCES[node.source] if node.source else "có tiêu chí con",
        "Cách chấm": _rule(node),
        "Không phát sinh": _POLICIES[node.na_policy],
        "Được chấm khác quy tắc": _yes(node.overridable),
    }


def _text_fields(node: NodeData) -> dict[str, str]:
    return {
        "Tên": node.name,
        "Tài liệu kiểm chứng": node.evidence,
        "Hướng dẫn": node.guidance,
        "Câu hỏi điều tra": node.survey_question,
    }


def _unit_fields(node: NodeData) -> dict[str, str]:
    return {"Chủ trì": ", ".join(node.leads), "Không áp dụng cho": ", ".join(node.dropped_for)}


def _scale(bands: Iterable[BandData]) -> str:
    return " · ".join(
        f"{band.label} từ {format_number(band.lower)} %" + (f" ({band.group})" if band.group else "") for band in bands
    )


def _set_fields(data: SetData) -> dict[str, str]:
    return {
        "Mã bộ chỉ số": data.code,
        "Năm": str(data.year),
        "Tên bộ chỉ số": data.name,
        "Căn cứ": data.source_decision,
        "Minh họa": _yes(data.illustrative),
        "Cách làm tròn": _ROUNDING.get(data.rounding_mode, data.rounding_mode),
        "Bước làm tròn": format_number(data.rounding_step),
        "Điểm cộng tối đa": format_number(data.bonus_cap),
        "Điểm trừ tối đa": format_number(data.penalty_cap),
        "Mức xếp loại": _scale(data.bands),
    }


def _differing(code: str, name: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    for field, value in after.items():
        if before[field] != value:
            yield Change(code, name, field, before[field], value)


def _rule_changes(old: NodeData, new: NodeData) -> Iterator[Change]:
    """What is asked and how it is scored. A rule that differs only in its maximum follows the points."""
    before, after = _rule_fields(old), _rule_fields(new)
    if old.rule == new.rule:
        before["Cách chấm"] = after["Cách chấm"]
    elif before["Cách chấm"] == after["Cách chấm"]:
        before["Cách chấm"], after["Cách chấm"] = (
            f"{_rule(node)} (khai: {'; '.join(figure.label for figure in node.rule.figures()) if node.rule else ''})"
            for node in (old, new)
        )
    yield from _differing(new.code, new.name, before, after)


def difference(old: SetData, new: SetData) -> Diff:
    """What a reader of `old` must know about `new`. Empty, and false, where they are equal."""
    before = {node.code: node for node in walk(old.nodes)}
    after = {node.code: node for node in walk(new.nodes)}
    both = [(before[code], node) for code, node in after.items() if code in before]
    bands = [
        Change(new_node.code, new_node.name, "Mức xếp loại", _scale(old_node.bands), _scale(new_node.bands))
        for old_node, new_node in both
        if old_node.bands != new_node.bands
    ]
    return Diff(
        added=tuple(Named(node.code, node.name) for code, node in after.items() if code not in before),
        removed=tuple(Named(node.code, node.name) for code, node in before.items() if code not in after),
        changed_points=tuple(
            Change(node.code, node.name, "Điểm tối đa", format_number(was.maximum), format_number(node.maximum))
            for was, node in both
            if was.maximum != node.maximum
        ),
        changed_rule=tuple(change for was, node in both for change in _rule_changes(was, node)),
        changed_text=tuple(
            change
            for was, node in both
            for change in _differing(node.code, node.name, _text_fields(was), _text_fields(node))
        ),
        changed_units=tuple(
            change
            for was, node in both
            for change in _differing(node.code, node.name, _unit_fields(was), _unit_fields(node))
        ),
        changed_set=(*_differing("", "", _set_fields(old), _set_fields(new)), *bands),
    )
