"""Writing criteria sets: from data, cloning a version, freezing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from units import clock
from units.models import Unit, UnitGroup, User

from .errors import Conflict, Frozen, InvalidSet
from .models import CriteriaSet, Criterion, GradeBand
from .review import Summary, faults, summary
from .rule_data import rule_to_data
from .setdata import BandData, NodeData, SetData, walk
from .trees import read_set
from .visibility import require_manager

# Far above any place in a set, so that no row meets the unique place of another while all are moved.
_ASIDE = 1_000_000
_COLUMNS = (
    "name",
    "maximum",
    "source",
    "rule",
    "na_policy",
    "overridable",
    "evidence_asked",
    "guidance",
    "survey_question",
)


def _may_write(by: User | None) -> None:
    """`by` None is the software itself: presets and commands."""
    if by is not None:
        require_manager(by)


def _lock(criteria_set: CriteriaSet) -> CriteriaSet:
    return CriteriaSet.objects.select_for_update().get(pk=criteria_set.pk)


def _next_version(code: str, year: int) -> int:
    """The number of the next version; earlier ones of the pair are locked until it is written."""
    versions = CriteriaSet.objects.select_for_update().filter(code=code, year=year).values_list("version", flat=True)
    return max(versions, default=0) + 1


def _columns(node: NodeData) -> dict[str, object]:
    return {
        "name": node.name,
        "maximum": node.maximum,
        "source": node.source.value if node.source else "",
        "rule": rule_to_data(node.rule) if node.rule is not None else None,
        "na_policy": node.na_policy.value,
        "overridable": node.overridable,
        "evidence_asked": node.evidence,
        "guidance": node.guidance,
        "survey_question": node.survey_question,
    }


def _set_columns(data: SetData) -> dict[str, object]:
    return {
        "name": data.name,
        "illustrative": data.illustrative,
        "source_decision": data.source_decision,
        "rounding_step": data.rounding_step,
        "rounding_mode": data.rounding_mode,
        "bonus_cap": data.bonus_cap,
        "penalty_cap": data.penalty_cap,
    }


@transaction.atomic
def write_set(
    data: SetData, *, into: CriteriaSet | None = None, by: User | None, expected: SetData | None = None
) -> CriteriaSet:
    """Make the draft `into`, or where it is None a new version of the data's code and year, exactly `data`.

    Criteria that keep their code keep their row, so that comments on them stay. `expected` is what the writer saw.
    Raises NotAllowed, Frozen, Conflict where the draft is no longer `expected`, and InvalidSet with all faults; then
    nothing is written.
    """
    _may_write(by)
    units = {unit.code: unit for unit in Unit.objects.all()}
    groups = {group.code: group for group in UnitGroup.objects.all()}
    if into is None:
        _refuse_faults(data, units, groups)
        version = _next_version(data.code, data.year)
        written = CriteriaSet.objects.create(
            code=data.code,
            year=data.year,
            version=version,
            **_set_columns(data),
        )
    else:
        written = _lock(into)
        if written.is_frozen:
            raise Frozen(_("Bộ chỉ số đã khóa nên không sửa được. Hãy sao sang phiên bản mới rồi sửa."))
        if expected is not None and (current := read_set(written)) != expected:
            raise Conflict(_("Người khác vừa sửa bộ chỉ số này. Hãy xem lại rồi sửa tiếp."), current=current)
        _refuse_faults(data, units, groups)
        _rename(written, data)
    rows = _write_nodes(written, data)
    _write_links(written, data, rows, units)
    _write_bands(written, data, rows, groups)
    return written


def _refuse_faults(data: SetData, units: Mapping[str, Unit], groups: Mapping[str, UnitGroup]) -> None:
    found = faults(data, units=units, groups=groups)
    if found:
        raise InvalidSet(found)


def _rename(written: CriteriaSet, data: SetData) -> None:
    if (written.code, written.year) != (data.code, data.year):
        written.version = _next_version(data.code, data.year)
        written.code, written.year = data.code, data.year
    for name, value in _set_columns(data).items():
        setattr(written, name, value)
    written.save()


def _levels(nodes: Iterable[NodeData]) -> Iterator[list[NodeData]]:
    """The nodes level by level, so that a parent has its row before its children get theirs."""
    level = list(nodes)
    while level:
        yield level
        level = [child for node in level for child in node.children]


def _write_nodes(written: CriteriaSet, data: SetData) -> dict[str, Criterion]:
    """Rows by code, each with the values and the place that `data` gives it."""
    place = {node.code: order for order, node in enumerate(walk(data.nodes), start=1)}
    found = {row.code: row for row in Criterion.objects.filter(criteria_set=written)}
    Criterion.objects.filter(criteria_set=written).exclude(code__in=place).delete()
    rows = {code: row for code, row in found.items() if code in place}
    if rows:
        Criterion.objects.filter(criteria_set=written).update(order=F("order") + _ASIDE)
    for level in _levels(data.nodes):
        new = []
        for node in level:
            values, row = _columns(node), rows.get(node.code)
            if row is None:
                parent = rows.get(node.code.rpartition(".")[0])
                row = Criterion(
                    criteria_set=written,
                    parent=parent,
                    code=node.code,
                    order=place[node.code],
                    **values,
                )
                new.append(row)
            elif any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                row.save(update_fields=_COLUMNS)
            rows[node.code] = row
        Criterion.objects.bulk_create(new)
    for row in rows.values():
        row.order = place[row.code]
    Criterion.objects.bulk_update([rows[code] for code in found if code in rows], ["order"])
    return rows


def _write_links(written: CriteriaSet, data: SetData, rows: Mapping[str, Criterion], units: Mapping[str, Unit]) -> None:
    for field in ("leads", "dropped_for"):
        through = getattr(Criterion, field).through
        wanted = {(rows[node.code].pk, units[code].pk) for node in walk(data.nodes) for code in getattr(node, field)}
        links = through.objects.filter(criterion__criteria_set=written)
        kept = set()
        for link in links:
            pair = (link.criterion_id, link.unit_id)
            if pair in wanted:
                kept.add(pair)
            else:
                link.delete()
        through.objects.bulk_create(
            [through(criterion_id=criterion, unit_id=unit) for criterion, unit in sorted(wanted - kept)]
        )


def _write_bands(
    written: CriteriaSet, data: SetData, rows: Mapping[str, Criterion], groups: Mapping[str, UnitGroup]
) -> None:
    def made(part: Criterion | None, bands: Iterable[BandData]) -> list[GradeBand]:
        return [
            GradeBand(
                criteria_set=written,
                part=part,
                group=groups[band.group] if band.group else None,
                label=band.label,
                lower=band.lower,
            )
            for band in bands
        ]

    written.bands.all().delete()
    bands = made(None, data.bands)
    for node in walk(data.nodes):
        bands += made(rows[node.code], node.bands)
    GradeBand.objects.bulk_create(bands)


@transaction.atomic
def clone(criteria_set: CriteriaSet, *, year: int, by: User | None) -> CriteriaSet:
    """The next draft version for `year`, equal to `criteria_set` in everything else; see `versions.difference`.

    Raises NotAllowed, and InvalidSet for a year that is none.
    """
    made = write_set(replace(read_set(criteria_set), year=year), by=by)
    made.cloned_from = criteria_set
    made.save(update_fields=["cloned_from"])
    return made


@transaction.atomic
def freeze(criteria_set: CriteriaSet, *, by: User | None) -> CriteriaSet:
    """Lock a set for ever, as a cycle opens with it; a frozen set stays as it is. Raises NotAllowed."""
    _may_write(by)
    fresh = _lock(criteria_set)
    if not fresh.is_frozen:
        fresh.status = CriteriaSet.Status.FROZEN
        fresh.frozen_at = clock.now()
        fresh.save(update_fields=["status", "frozen_at"])
    return fresh


def freeze_preview(criteria_set: CriteriaSet) -> Summary:
    """What freezing would lock: counts, points by source for each domain, and doubts to settle before."""
    return summary(read_set(criteria_set))
