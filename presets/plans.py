"""The plans of the four provinces as data: reading a YAML file of `presets/data/plans` into rows.

Words, bodies and times are those of the decisions. Bodies are linked to units only where the installation has that
province: `Sở Nội vụ` of one province is not that of another.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Q

from plans.content import (
    GroupContent,
    MilestoneContent,
    PlanContent,
    SeatContent,
    SheetsContent,
    TargetContent,
    TaskContent,
    problems,
)
from plans.models import Plan
from plans.writing import HEADER, content_of, write
from units.models import Unit

DATA = Path(__file__).parent / "data" / "plans"


class WrongPreset(ValueError):
    """A file of the presets does not hold a plan; the message lists everything that is wrong."""


def names() -> list[str]:
    """Names of the plans that `load_plan` takes."""
    return sorted(path.stem for path in DATA.glob("*.yaml"))


@transaction.atomic
def load_plan(name: str, *, into: Plan | None = None) -> Plan:
    """The plan `name` with all its tasks, targets, groups and sheets; one that has tasks is left as it is.

    `into` takes the tasks of the preset, moved to its own years, and keeps its own number, dates and milestones.
    Raises WrongPreset where the file is wrong.
    """
    with (DATA / f"{name}.yaml").open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.safe_load(file)
    content = _content(data, _Units(data))
    if wrong := problems(content, units=set(Unit.objects.values_list("code", flat=True))):
        raise WrongPreset("\n".join(f"{p.section} {p.place + 1} {p.field}: {p.message}" for p in wrong))
    if into is None:
        into = Plan.objects.filter(Q(number=content.number) & Q(signed_on=content.signed_on)).first()
    if into is None:
        return write(Plan(), content)
    if not into.tasks.exists():
        assert content.period_start is not None
        moved = content.shift_years(into.period_start.year - content.period_start.year)
        write(into, _under(content_of(into), moved))
    return into


def _under(own: PlanContent, moved: PlanContent) -> PlanContent:
    """`moved` with the header and milestones of `own`; milestones only where `own` has none."""
    header = {name: getattr(own, name) for name in HEADER}
    return PlanContent(
        **header,
        milestones=own.milestones or moved.milestones,
        tasks=moved.tasks,
        targets=moved.targets,
        groups=moved.groups,
        sheets=moved.sheets,
    )


class _Units:
    """Codes of the units that stand below the preset's own province in this installation."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.lists: Mapping[str, list[str]] = data.get("units", {})
        self.kinds: dict[str, str] = {}
        province = Unit.objects.filter(code=data["province"], kind=Unit.Kind.PROVINCE).first()
        below = [province.pk] if province else []
        if province:
            self.kinds[province.code] = province.kind
        while below:
            rows = list(Unit.objects.filter(parent__in=below, active=True).values_list("pk", "code", "kind"))
            below = [pk for pk, _code, _kind in rows]
            self.kinds.update({code: kind for _pk, code, kind in rows})

    def codes(self, wanted: Iterable[str]) -> Iterator[str]:
        """The existing codes of a list: codes, names of the file's own lists, and `all:<kind>`."""
        for entry in wanted:
            if entry in self.lists:
                yield from self.codes(self.lists[entry])
            elif entry.startswith("all:"):
                yield from (code for code, kind in self.kinds.items() if kind == entry.removeprefix("all:"))
            elif entry in self.kinds:
                yield entry

    def one(self, code: str) -> str:
        """`code` where the installation has it, else nothing."""
        return code if code in self.kinds else ""


def _content(data: Mapping[str, Any], units: _Units) -> PlanContent:
    return PlanContent(
        **data["plan"],
        milestones=tuple(_milestone(row) for row in data.get("milestones", [])),
        tasks=tuple(_task(row, units) for row in data["tasks"]),
        targets=tuple(_target(row) for row in data.get("targets", [])),
        groups=tuple(group for row in data.get("groups", []) for group in _groups(row, units)),
        sheets=tuple(
            SheetsContent(row["body"], form, row[form], units.one(row["unit"]))
            for row in data.get("sheets", [])
            for form in ("A", "B")
        ),
    )


def _milestone(row: Mapping[str, Any]) -> MilestoneContent:
    on: dt.date = row.get("before") or row["until"]
    return MilestoneContent(row["key"], on, inclusive="until" in row)


def _task(row: Mapping[str, Any], units: _Units) -> TaskContent:
    leads = set(units.codes(row.get("lead_units", [])))
    return TaskContent(
        number=row["number"],
        name=row["name"],
        lead=row.get("lead", ""),
        coordinating=row.get("coordinating", ""),
        time_text=row.get("time", ""),
        parent=row.get("parent", ""),
        report_every=row.get("report_every", "none"),
        source=row.get("source", ""),
        lead_units=tuple(leads),
        coordinating_units=tuple(set(units.codes(row.get("coordinating_units", []))) - leads),
    )


def _target(row: Mapping[str, Any]) -> TargetContent:
    return TargetContent(
        number=row["number"],
        text=row["text"],
        value=Decimal(row["value"]) if "value" in row else None,
        unit=row.get("unit", ""),
        comparison=row.get("comparison", ""),
        task=row.get("task", ""),
    )


def _groups(row: Mapping[str, Any], units: _Units) -> Iterator[GroupContent]:
    """The group of a row, or one for each body of `for_each`, all of the same composition."""
    seats = tuple(
        SeatContent(
            seat["role"],
            seat["body"],
            count_min=seat["count"][0],
            count_max=seat["count"][1],
            skill=seat.get("skill", ""),
            skilled_min=seat.get("skilled_min", 0),
            note=seat.get("note", ""),
        )
        for seat in row["seats"]
    )
    for body in row.get("for_each", [row]):
        yield GroupContent(
            body["name"],
            body["body"],
            size_min=row["size"][0],
            size_max=row["size"][1],
            unit=units.one(body["unit"]),
            seats=seats,
        )
