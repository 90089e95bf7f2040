"""What the page of an uploaded workbook shows: each criterion that differs, both sides of a conflict, every fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.offline_difference import Change, Difference, RowDifference, RowState
from units.templatetags.cchc import points

CHIPS: dict[RowState, dict[str, Any]] = {
    RowState.NEW: {"state": "info", "text": _l("Mới nhập"), "icon": "plus-lg"},
    RowState.CHANGED: {"state": "info", "text": _l("Thay đổi"), "icon": "pencil"},
    RowState.CONFLICT: {"state": "soon", "text": _l("Hai người cùng sửa"), "icon": "people"},
    RowState.ERROR: {"state": "late", "text": _l("Có lỗi"), "icon": "exclamation-circle"},
}
# What the browser's filter calls a row, and the class of its line in the table.
KINDS: dict[RowState, tuple[str, str]] = {
    RowState.NEW: ("change", "changed"),
    RowState.CHANGED: ("change", "changed"),
    RowState.CONFLICT: ("conflict", "conflict"),
    RowState.ERROR: ("error", "missing"),
}


@dataclass(frozen=True)
class Line:
    """One field of a criterion; empty texts are said in words."""

    label: str
    base: str
    theirs: str
    mine: str


@dataclass(frozen=True)
class Row:
    """One criterion that is not as it stands now."""

    found: RowDifference
    kind: str
    css: str
    chip: dict[str, Any]
    lines: Sequence[Line]
    points_before: str
    points_after: str

    @property
    def acceptable(self) -> bool:
        """Whether it is accepted by a tick; a conflict is decided by choosing a side."""
        return self.found.state in (RowState.NEW, RowState.CHANGED)

    @property
    def conflict(self) -> bool:
        return self.found.state is RowState.CONFLICT


def page_row(found: RowDifference) -> Row:
    """A row for the template."""
    kind, css = KINDS[found.state]
    return Row(
        found=found,
        kind=kind,
        css=css,
        chip=CHIPS[found.state],
        lines=[_line(change) for change in found.changes],
        points_before=points(found.score.self_points),
        points_after="" if found.entry is None else points(found.points),
    )


def _line(change: Change) -> Line:
    empty = _("(trống)")
    base = _("(không rõ)") if change.base is None else change.base or empty
    return Line(change.label, base, change.theirs or empty, change.mine or empty)


def page(difference: Difference) -> dict[str, Any]:
    """The whole comparison for the template: rows that differ, the filters with their counts, what is unchanged."""
    rows = [page_row(row) for row in difference.rows if row.state is not RowState.UNCHANGED]
    filters = (
        ("all", _("Tất cả khác biệt"), len(rows)),
        ("change", _("Thay đổi"), difference.count(RowState.NEW, RowState.CHANGED)),
        ("conflict", _("Hai người cùng sửa"), difference.count(RowState.CONFLICT)),
        ("error", _("Có lỗi"), difference.count(RowState.ERROR)),
    )
    return {
        "rows": rows,
        "filters": [{"key": key, "label": label, "count": count} for key, label, count in filters],
        "changes": difference.count(RowState.NEW, RowState.CHANGED),
        "conflicts": difference.count(RowState.CONFLICT),
        "errors": difference.count(RowState.ERROR),
        "unchanged": [row.code for row in difference.rows if row.state is RowState.UNCHANGED],
    }
