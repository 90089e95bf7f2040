"""What a criterion says, as data, and what changed between two such states, in words.

A state is JSON: it is kept in `CriterionChange` for good, so that it does not depend on rows that change later.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from .consultation import CriterionChange
from .models import CriteriaSet, Criterion
from .scoring import RuleError, format_number, parse_rule, rule_to_data
from .setdata import BandData, NodeData, SetData

State = Mapping[str, Any]

LABELS = {
    "code": _l("mã"),
    "name": _l("tên"),
    "parent": _l("thuộc"),
    "place": _l("vị trí"),
    "maximum": _l("điểm tối đa"),
    "source": _l("nguồn điểm"),
    "rule": _l("cách chấm"),
    "na_policy": _l("không phát sinh"),
    "overridable": _l("được chấm khác quy tắc"),
    "evidence": _l("tài liệu kiểm chứng"),
    "guidance": _l("hướng dẫn"),
    "survey_question": _l("câu hỏi điều tra"),
    "leads": _l("cơ quan chủ trì"),
    "dropped_for": _l("đơn vị không áp dụng"),
    "bands": _l("mức xếp loại"),
    "source_decision": _l("căn cứ"),
    "rounding_step": _l("bước làm tròn"),
    "rounding_mode": _l("cách làm tròn"),
    "bonus_cap": _l("điểm cộng tối đa"),
    "penalty_cap": _l("điểm trừ tối đa"),
    "illustrative": _l("minh họa"),
}


def plain(number: Decimal) -> str:
    """A number as data keeps it: no trailing zeros, never an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def state_of(node: NodeData, parent: str = "") -> dict[str, Any]:
    """Everything that a node says, what is below it aside; `parent` is the code of the node above."""
    return {
        "code": node.code,
        "name": node.name,
        "parent": parent,
        "maximum": plain(node.maximum),
        "source": node.source.value if node.source else "",
        "rule": rule_to_data(node.rule) if node.rule else None,
        "na_policy": node.na_policy.value,
        "overridable": node.overridable,
        "evidence": node.evidence,
        "guidance": node.guidance,
        "survey_question": node.survey_question,
        "leads": list(node.leads),
        "dropped_for": list(node.dropped_for),
    }


def settings_of(data: SetData) -> dict[str, Any]:
    """What holds for the whole set."""
    return {
        "name": data.name,
        "source_decision": data.source_decision,
        "rounding_step": plain(data.rounding_step),
        "rounding_mode": data.rounding_mode,
        "bonus_cap": plain(data.bonus_cap),
        "penalty_cap": plain(data.penalty_cap),
        "illustrative": data.illustrative,
    }


def bands_of(bands: Iterable[BandData], group: str = "") -> dict[str, Any]:
    """Grade bands of one ranking group ("": for all), the highest first."""
    ordered = sorted((band for band in bands if band.group == group), key=lambda band: -band.lower)
    return {"bands": [{"label": band.label, "lower": plain(band.lower)} for band in ordered]}


def version_of(state: State) -> str:
    """What a form shows it was made from: equal states have equal versions, and nothing else has."""
    text = json.dumps(state, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def set_version(data: SetData) -> str:
    """The version of a whole set, as `version_of` of one state."""
    return version_of({"set": repr(data)})


def rule_words(rule: Any, maximum: str) -> str:
    """A rule of a state in plain words."""
    if rule is None:
        return _("không có")
    try:
        return parse_rule(rule, maximum=Decimal(maximum)).describe(Decimal(maximum))
    except RuleError as error:
        return str(error)


def _value_words(key: str, state: State) -> str:
    value = state.get(key)
    if key == "rule":
        return rule_words(value, state["maximum"])
    if key in ("maximum", "rounding_step", "bonus_cap", "penalty_cap"):
        return format_number(Decimal(value or 0))
    if key == "source":
        return str(Criterion.SourceChoice(value).label) if value else _("không có (mục chứa tiêu chí con)")
    if key == "na_policy":
        return str(Criterion.NaPolicy(str(value)).label)
    if key == "rounding_mode":
        return str(CriteriaSet.RoundingMode(str(value)).label)
    if key == "bands":
        return "; ".join(
            _("%(label)s từ %(lower)s %%") % {"label": band["label"], "lower": format_number(Decimal(band["lower"]))}
            for band in value or []
        )
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if isinstance(value, list):
        return ", ".join(value)
    return str(value or "")


def difference_words(before: State, after: State) -> list[str]:
    """Each entry that differs: "điểm tối đa: 2 → 1,5"."""
    lines = []
    for key, label in LABELS.items():
        if before.get(key) == after.get(key):
            continue
        old, new = _value_words(key, before), _value_words(key, after)
        nothing = _("(trống)")
        lines.append(f"{label}: {old or nothing} → {new or nothing}")
    return lines


def change_words(change: CriterionChange) -> str:
    """One change in words: "Sửa 1.2.1: điểm tối đa: 2 → 1,5; tên: …"."""
    head = f"{change.get_kind_display()} {change.code}".strip()
    if change.kind == CriterionChange.Kind.ADDED:
        points = format_number(Decimal(change.after["maximum"]))
        return _("%(head)s “%(name)s”, %(points)s điểm") % {"head": head, "name": change.name, "points": points}
    if change.kind == CriterionChange.Kind.REMOVED:
        return _("%(head)s “%(name)s”") % {"head": head, "name": change.name}
    return f"{head}: {'; '.join(difference_words(change.before, change.after))}"
