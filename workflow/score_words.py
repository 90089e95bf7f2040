"""What one criterion says, label by label: for two people who clash, and for what changed from one state to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from assessments.changes import Change, changed_fields, changed_items
from assessments.models import Score, SupplementItem
from criteria.models import Criterion
from criteria.scoring import (
    Figure,
    FigureErrors,
    FigureValue,
    RuleError,
    YesNo,
    figures_from_data,
    format_number,
    format_points,
)
from criteria.trees import leaf_rule


def shown_figures(figures: Iterable[Figure], data: Mapping[str, object]) -> dict[str, str]:
    """Kept figures as a person types them: 1.842, 92,8, 15/02/2026; choices and booleans by their key."""
    figures = tuple(figures)
    try:
        values = figures_from_data(figures, data)
    except FigureErrors:
        return {}
    return {figure.key: _shown(figure, values[figure.key]) for figure in figures if figure.key in values}


def _shown(figure: Figure, value: FigureValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if figure.type == "percent" and isinstance(value, Decimal | int):
        # A dot before three digits is a decimal dot in a percentage.
        return format_points(Decimal(value), 0)
    if isinstance(value, Decimal | int):
        return format_number(value)
    if isinstance(value, str):
        return value
    return f"{value:%d/%m/%Y}"


def content(
    criterion: Criterion,
    data: Mapping[str, object],
    not_applicable: bool,
    points: str,
    reason: str,
    explanation: str,
) -> dict[str, str]:
    """Every field of a criterion by its label, as a person reads it."""
    rule = leaf_rule(criterion)
    found = {}
    shown = shown_figures(rule.figures(), data)
    for figure in rule.figures():
        value = shown.get(figure.key, "")
        if isinstance(rule, YesNo) and value:
            met, unmet = rule.labels or (_("Đạt"), _("Không đạt"))
            value = met if value == "true" else unmet
        elif figure.type == "bool":
            value = {"true": _("Có"), "false": _("Không")}.get(value, value)
        elif figure.type == "choice":
            value = dict(figure.choices).get(value, value)
        found[_("Kết quả") if isinstance(rule, YesNo) else figure.label] = value
    found[_("Không phát sinh")] = _("Có") if not_applicable else _("Không")
    found[_("Điểm chấm khác quy tắc")] = points
    found[_("Lý do chấm khác quy tắc")] = reason.strip()
    found[_("Giải trình")] = explanation.strip()
    return found


def changes_since(score: Score, items: Iterable[SupplementItem]) -> list[Change]:
    """What the unit changed on `score` since the latest of `items` (its questions) was asked: old and new.

    Reads the evidence of `score`, which a list has prefetched. Empty where nothing was asked, or where the question is
    older than this comparison.
    """
    asked = max(items, key=lambda item: item.request_id, default=None)
    if asked is None or not asked.before:
        return []
    documents = {
        str(link.version_id): _document(link.version.document.title, link.version.document.number, link.quote)
        for link in score.evidence.all()
    }
    before = {
        str(row["version"]): _document(row["title"], row["number"], row["quote"]) for row in asked.before["documents"]
    }
    return [
        *changed_fields(_state(score.criterion, asked.before), _state(score.criterion, _side(score))),
        *changed_items(_("Tài liệu"), before, documents),
    ]


def changes_between(criterion: Criterion, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that differ between two states of the unit's side of a score, as the ledger keeps them."""
    try:
        return changed_fields(_state(criterion, before), _state(criterion, after))
    except RuleError:
        return []


def _document(title: str, number: str, quote: str) -> str:
    return ", ".join(part for part in (number, title, quote) if part)


def _side(score: Score) -> dict[str, Any]:
    """The unit's side of a score as the ledger and a question keep it."""
    return {
        "self_points": score.self_points,
        "overridden": score.overridden,
        "declared": score.declared,
        "not_applicable": score.not_applicable,
        "override_reason": score.override_reason,
        "explanation": score.explanation,
    }


def _state(criterion: Criterion, side: Mapping[str, Any]) -> dict[str, str]:
    points = points_words(side.get("self_points"))
    words = content(
        criterion,
        side.get("declared") or {},
        bool(side.get("not_applicable")),
        points if side.get("overridden") else "",
        side.get("override_reason") or "",
        side.get("explanation") or "",
    )
    return {_("Điểm tự chấm"): points} | words


def points_words(value: Any) -> str:
    """Kept points (a decimal, or its plain text) as they are printed; empty while there are none."""
    try:
        return format_points(Decimal(str(value))) if value is not None else ""
    except InvalidOperation:
        return ""
