"""Sheets planned and collected, by unit and respondent group, as the plan's annexes list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.models import Cycle

from .models import Quota, RespondentGroup


@dataclass(frozen=True)
class UnitQuotas:
    """One unit's line of an annex; `cells` follow the annex's respondent groups."""

    unit: str
    cells: Sequence[Quota | None]

    @property
    def planned(self) -> int:
        return sum(cell.planned for cell in self.cells if cell)

    @property
    def collected(self) -> int:
        return sum(cell.collected for cell in self.cells if cell)


@dataclass(frozen=True)
class Column:
    """One respondent group with its sums."""

    respondents: RespondentGroup
    planned: int
    collected: int


@dataclass(frozen=True)
class Annex:
    """One ranking group's annex."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[UnitQuotas]

    @property
    def planned(self) -> int:
        return sum(column.planned for column in self.columns)

    @property
    def collected(self) -> int:
        return sum(column.collected for column in self.columns)


def annexes(cycle: Cycle) -> list[Annex]:
    """Every ranking group's annex, in order; three queries."""
    quotas: dict[int, dict[int, Quota]] = {}
    names: dict[int, str] = {}
    for quota in Quota.objects.filter(respondent_group__cycle_group__cycle=cycle).select_related("unit"):
        quotas.setdefault(quota.unit_id, {})[quota.respondent_group_id] = quota
        names[quota.unit_id] = quota.unit.name
    respondents: dict[int, list[RespondentGroup]] = {}
    for row in RespondentGroup.objects.filter(cycle_group__cycle=cycle).order_by("order", "pk"):
        respondents.setdefault(row.cycle_group_id, []).append(row)
    found = []
    for group in cycle.groups.select_related("group"):
        columns = respondents.get(group.pk, [])
        keys = {column.pk for column in columns}
        rows = [
            UnitQuotas(names[unit], [own.get(column.pk) for column in columns])
            for unit, own in quotas.items()
            if keys & own.keys()
        ]
        found.append(Annex(group.group.name, [_column(column, quotas) for column in columns], rows))
    return [annex for annex in found if annex.rows]


def _column(respondents: RespondentGroup, quotas: dict[int, dict[int, Quota]]) -> Column:
    own = [by_group[respondents.pk] for by_group in quotas.values() if respondents.pk in by_group]
    return Column(respondents, sum(quota.planned for quota in own), sum(quota.collected for quota in own))
