"""Who was in time: units by how many days before or after their own last day they sent their dossier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plans.calendar import Timeliness, local_date

from .lines import chip
from .standings import Standing

IN_TIME = frozenset({Timeliness.ON_TIME, Timeliness.EXTENDED})


@dataclass(frozen=True)
class Ranked:
    """One unit. `days`: whole local days before its own last day (negative: after it), None while nothing was sent."""

    standing: Standing
    rank: int | None
    days: int | None

    @property
    def chip(self) -> Mapping[str, str]:
        return chip(self.standing)

    @property
    def words(self) -> str:
        """`Sớm 3 ngày`, `Đúng ngày cuối`, `Trễ 2 ngày`."""
        if self.days is None:
            return ""
        if self.days == 0:
            return _("Đúng ngày cuối")
        words = _("Sớm %(days)s ngày") if self.days > 0 else _("Trễ %(days)s ngày")
        return words % {"days": abs(self.days)}


@dataclass(frozen=True)
class GroupShare:
    """How many units of one group were in time."""

    name: str
    units: int
    sent: int
    in_time: int
    missing: int

    @property
    def percent(self) -> int:
        """Whole % of the group's units that sent in time, rounded down."""
        return self.in_time * 100 // self.units if self.units else 0


def ranking(rows: Sequence[Standing]) -> list[Ranked]:
    """Sent dossiers first, the earliest before all; equal days share a rank (1, 1, 3). Then those still to come."""
    sent = sorted(((_days(row), row) for row in rows if row.submitted_at), key=lambda pair: -pair[0])
    waiting = sorted(
        (row for row in rows if not row.submitted_at), key=lambda row: row.timeliness == Timeliness.MISSING
    )
    found: list[Ranked] = []
    for place, (days, row) in enumerate(sent, start=1):
        rank = found[-1].rank if found and found[-1].days == days else place
        found.append(Ranked(row, rank, days))
    return [*found, *(Ranked(row, None, None) for row in waiting)]


def _days(row: Standing) -> int:
    assert row.submitted_at is not None
    return (row.deadline.last_day - local_date(row.submitted_at)).days


def shares(rows: Sequence[Standing]) -> list[GroupShare]:
    """One row for each group, in the order of the groups."""
    by_group: dict[str, list[Standing]] = {}
    for row in rows:
        by_group.setdefault(row.group, []).append(row)
    return [
        GroupShare(
            name=name,
            units=len(units),
            sent=sum(row.submitted_at is not None for row in units),
            in_time=sum(row.submitted_at is not None and row.timeliness in IN_TIME for row in units),
            missing=sum(row.timeliness == Timeliness.MISSING for row in units),
        )
        for name, units in by_group.items()
    ]
