"""Criteria sets as data: reading a YAML file of `presets/data` into a set."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from criteria.models import CriteriaSet
from criteria.scoring import NotApplicable, Source, parse_rule
from criteria.services import write_set
from criteria.setdata import BandData, NodeData, SetData
from units.models import Unit

DATA = Path(__file__).parent / "data"


@cache
def read_yaml(name: str) -> Mapping[str, Any]:
    """The content of `presets/data/<name>.yaml`."""
    with (DATA / f"{name}.yaml").open(encoding="utf-8") as file:
        content: dict[str, Any] = yaml.safe_load(file)
    return content


def set_data(name: str, *, year: int, units: Collection[str], dropped_for: Collection[str] = ()) -> SetData:
    """The set of a file for `year`. Raises RuleError where a rule of the file is wrong.

    `units`: codes of the units that there are; leads that are none of them are left out. `dropped_for`: those that
    the criteria with the policy "named" do not apply to.
    """
    content = read_yaml(name)

    def nodes(rows: Iterable[Mapping[str, Any]]) -> Iterator[NodeData]:
        for row in rows:
            below = row.get("criteria") or row.get("components") or []
            maximum = Decimal(row["max"])
            policy = NotApplicable(row.get("na", NotApplicable.NONE.value))
            yield NodeData(
                code=row["code"],
                name=row["name"],
                maximum=maximum,
                source=None if below else Source(row["source"]),
                rule=None if below else parse_rule(row["rule"], maximum=maximum),
                na_policy=policy,
                overridable=row.get("overridable", False),
                evidence=row.get("evidence", ""),
                guidance=row.get("guidance", ""),
                survey_question=row.get("question", ""),
                leads=tuple(code for code in row.get("leads", []) if code in units),
                dropped_for=tuple(code for code in dropped_for if code in units)
                if policy is NotApplicable.NAMED
                else (),
                children=tuple(nodes(below)),
                bands=_bands(row.get("bands", [])),
            )

    return SetData(
        code=content["code"],
        year=year,
        name=content["name"],
        illustrative=content["illustrative"],
        source_decision=content.get("source_decision", ""),
        rounding_step=Decimal(content["rounding"]["step"]),
        rounding_mode=content["rounding"]["mode"],
        bonus_cap=Decimal(content["bonus_cap"]),
        penalty_cap=Decimal(content["penalty_cap"]),
        bands=_bands(content["bands"]),
        nodes=tuple(nodes(content["domains"])),
    )


def _bands(rows: Iterable[Mapping[str, Any]]) -> tuple[BandData, ...]:
    return tuple(BandData(row["label"], Decimal(row["lower"])) for row in rows)


@transaction.atomic
def load_set(name: str, *, year: int, dropped_for: Collection[str] = ()) -> CriteriaSet:
    """The draft set of `name` for `year`; one that is there already is left as it is, see `set_data`."""
    found = CriteriaSet.objects.filter(code=read_yaml(name)["code"], year=year, version=1).first()
    if found is not None:
        return found
    units = set(Unit.objects.values_list("code", flat=True))
    return write_set(set_data(name, year=year, units=units, dropped_for=dropped_for), by=None)
