"""What a saved row changed: each field by its label, from which value to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from criteria.models import Criterion
from criteria.scoring import RuleError, format_points

from .score_words import content


@dataclass(frozen=True)
class Change:
    """One field: what stood there and what stands there now, in words."""

    label: str
    before: str
    after: str


def changes(criterion: Criterion, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields that differ between two states of the unit's side of a score, as the ledger keeps them."""
    try:
        old, new = _fields(criterion, before), _fields(criterion, after)
    except RuleError:
        return []
    return [
        Change(label, old[label] or _("(trống)"), new[label] or _("(trống)"))
        for label in new
        if old[label] != new[label]
    ]


def _fields(criterion: Criterion, side: Mapping[str, Any]) -> dict[str, str]:
    points = points_words(side.get("self_points"))
    found = content(
        criterion,
        side.get("declared") or {},
        bool(side.get("not_applicable")),
        points if side.get("overridden") else "",
        side.get("override_reason") or "",
        side.get("explanation") or "",
    )
    return {**found, _("Điểm"): points}


def points_words(value: Any) -> str:
    """Points of the ledger (plain text of a decimal) as they are printed; empty while there are none."""
    try:
        return format_points(Decimal(value)) if value is not None else ""
    except (InvalidOperation, TypeError):
        return ""
