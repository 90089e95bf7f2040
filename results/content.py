"""A stored table of results, read back: proposals and publications are shown from their own content, never anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from .table import DomainResult, GroupResult, UnitResult

POINTS = ("self_points", "criteria_points", "survey_points", "bonus", "penalty", "points", "maximum", "applicable")


def from_content(content: Iterable[Mapping[str, Any]]) -> tuple[GroupResult, ...]:
    """The inverse of `table.as_content`: the same table, point for point."""
    return tuple(
        GroupResult(
            group_id=group["group_id"],
            name=group["name"],
            criteria_set=group["criteria_set"],
            illustrative=group["illustrative"],
            units=tuple(_unit(row) for row in group["units"]),
        )
        for group in content
    )


def _unit(row: Mapping[str, Any]) -> UnitResult:
    return UnitResult(
        **{name: Decimal(row[name]) for name in POINTS},
        by_round=(),
        unit_id=row["unit_id"],
        unit=row["unit"],
        group_id=row["group_id"],
        index=None if row["index"] is None else Decimal(row["index"]),
        rank=row["rank"],
        tied=row["tied"],
        grade=row["grade"],
        note=row["note"],
        domains=tuple(
            DomainResult(
                code=domain["code"],
                name=domain["name"],
                points=Decimal(domain["points"]),
                maximum=Decimal(domain["maximum"]),
                grade=domain["grade"],
            )
            for domain in row["domains"]
        ),
    )
