"""Criteria sets as data: reading a YAML file of `presets/data` into rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from criteria.models import CriteriaSet, Criterion, GradeBand
from criteria.scoring import NotApplicable, parse_rule
from units.models import Unit

DATA = Path(__file__).parent / "data"


def read_set(name: str) -> dict[str, Any]:
    """The content of `presets/data/<name>.yaml`."""
    with (DATA / f"{name}.yaml").open(encoding="utf-8") as file:
        content: dict[str, Any] = yaml.safe_load(file)
    return content


@transaction.atomic
def load_set(name: str, *, year: int, dropped_for: Collection[str] = ()) -> CriteriaSet:
    """The draft set of `name` for `year`; one that is there already is left as it is.

    `dropped_for`: codes of the units that the criteria with the policy "named" do not apply to.
    Raises RuleError where a rule of the file is wrong.
    """
    content = read_set(name)
    found = CriteriaSet.objects.filter(code=content["code"], year=year, version=1).first()
    if found is not None:
        return found
    units = {unit.code: unit for unit in Unit.objects.all()}
    criteria_set = CriteriaSet.objects.create(
        code=content["code"],
        year=year,
        name=content["name"],
        illustrative=content["illustrative"],
        source_decision=content.get("source_decision", ""),
        rounding_step=Decimal(content["rounding"]["step"]),
        rounding_mode=content["rounding"]["mode"],
        bonus_cap=Decimal(content["bonus_cap"]),
        penalty_cap=Decimal(content["penalty_cap"]),
    )
    _bands(criteria_set, None, content["bands"])
    order = 0

    def add(row: Mapping[str, Any], parent: Criterion | None) -> None:
        nonlocal order
        order += 1
        below = row.get("criteria") or row.get("components") or []
        maximum = Decimal(row["max"])
        if not below:
            parse_rule(row["rule"], maximum=maximum)
        criterion = Criterion.objects.create(
            criteria_set=criteria_set,
            parent=parent,
            code=row["code"],
            name=row["name"],
            order=order,
            maximum=maximum,
            source="" if below else row["source"],
            rule=None if below else row["rule"],
            na_policy=row.get("na", NotApplicable.NONE.value),
            overridable=row.get("overridable", False),
            evidence_asked=row.get("evidence", ""),
            guidance=row.get("guidance", ""),
        )
        criterion.leads.set([units[code] for code in row.get("leads", []) if code in units])
        if criterion.na_policy == NotApplicable.NAMED:
            criterion.dropped_for.set([units[code] for code in dropped_for if code in units])
        _bands(criteria_set, criterion, row.get("bands", []))
        for child in below:
            add(child, criterion)

    for domain in content["domains"]:
        add(domain, None)
    return criteria_set


def _bands(criteria_set: CriteriaSet, part: Criterion | None, rows: Collection[Mapping[str, Any]]) -> None:
    GradeBand.objects.bulk_create(
        [
            GradeBand(criteria_set=criteria_set, part=part, label=row["label"], lower=Decimal(row["lower"]))
            for row in rows
        ]
    )
