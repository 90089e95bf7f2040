"""What an import would change, told before anything is written: the preview is made by the same reader and rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from .calendar import short_date
from .content import PlanContent
from .models import Milestone, PlanTask


class Kind(StrEnum):
    """What happens to one row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Change:
    """One row that would change; `details` are (field, before, after) of a changed one."""

    section: str
    kind: Kind
    name: str
    details: tuple[tuple[str, str, str], ...] = ()

    @property
    def label(self) -> str:
        """The kind in words."""
        return {Kind.ADDED: _("Thêm"), Kind.CHANGED: _("Sửa"), Kind.REMOVED: _("Xóa")}[self.kind]

    @property
    def state(self) -> str:
        """The colour of the kind."""
        return {Kind.ADDED: "ok", Kind.CHANGED: "info", Kind.REMOVED: "late"}[self.kind]


def _labels() -> dict[str, str]:
    return {
        "number": _("Số"),
        "title": _("Tên kế hoạch"),
        "issuing_body": _("Cơ quan ban hành"),
        "signed_on": _("Ngày ký"),
        "signer": _("Người ký"),
        "period_start": _("Từ ngày"),
        "period_end": _("Đến ngày"),
        "on": _("Ngày"),
        "inclusive": _("Tính cả ngày này"),
        "name": _("Tên"),
        "lead": _("Chủ trì"),
        "coordinating": _("Phối hợp"),
        "time_text": _("Thời gian"),
        "parent": _("Thuộc nhiệm vụ"),
        "report_every": _("Báo cáo định kỳ"),
        "source": _("Mục trong văn bản"),
        "lead_units": _("Mã đơn vị chủ trì"),
        "coordinating_units": _("Mã đơn vị phối hợp"),
        "text": _("Chỉ tiêu"),
        "value": _("Giá trị"),
        "unit": _("Đơn vị"),
        "comparison": _("So sánh"),
        "task": _("Thuộc nhiệm vụ"),
        "body": _("Cơ quan"),
        "size_min": _("Ít nhất"),
        "size_max": _("Nhiều nhất"),
        "seats": _("Thành phần"),
        "planned": _("Số phiếu"),
    }


def _words(field: str, value: Any) -> str:
    if value is None or value in ("", ()):
        return "–"
    if field == "report_every":
        return str(PlanTask.Report(value).label)
    if field == "seats":
        return "; ".join(f"{seat.role}: {seat.body} ({seat.count_min}–{seat.count_max})" for seat in value)
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, dt.date):
        return short_date(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}".replace(".", ",")
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def changes(before: PlanContent | None, after: PlanContent) -> list[Change]:
    """Every row of `after` that differs from `before`, and every row that `after` lacks, in the order of a plan."""
    header = PlanContent("", "", "", None, None, None)
    old = before or header
    found = [
        *_header(before, after),
        *_rows(
            _("Mốc thời gian"),
            {row.key: (str(Milestone.Key(row.key).label), row) for row in old.milestones},
            {row.key: (str(Milestone.Key(row.key).label), row) for row in after.milestones},
        ),
        *_rows(
            _("Nhiệm vụ"),
            {row.number: (f"{row.number} {row.name}", row) for row in old.tasks},
            {row.number: (f"{row.number} {row.name}", row) for row in after.tasks},
        ),
        *_rows(
            _("Chỉ tiêu"),
            {row.number: (f"{row.number} {row.text}", row) for row in old.targets},
            {row.number: (f"{row.number} {row.text}", row) for row in after.targets},
        ),
        *_rows(
            _("Tổ công tác"),
            {row.name: (row.name, row) for row in old.groups},
            {row.name: (row.name, row) for row in after.groups},
        ),
        *_rows(
            _("Phiếu"),
            {f"{row.body} {row.form}": (f"{row.body}, phiếu {row.form}", row) for row in old.sheets},
            {f"{row.body} {row.form}": (f"{row.body}, phiếu {row.form}", row) for row in after.sheets},
        ),
    ]
    milestones = _("Mốc thời gian")
    return [row for row in found if (row.section, row.kind) != (milestones, Kind.REMOVED)]


def _header(before: PlanContent | None, after: PlanContent) -> Iterable[Change]:
    name = f"{after.number} {after.title}"
    if before is None:
        yield Change(_("Kế hoạch"), Kind.ADDED, name)
        return
    fields = ("number", "title", "issuing_body", "signed_on", "signer", "period_start", "period_end")
    details = _details({f: getattr(before, f) for f in fields}, {f: getattr(after, f) for f in fields})
    if details:
        yield Change(_("Kế hoạch"), Kind.CHANGED, name, details)


def _details(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    labels = _labels()
    return tuple(
        (labels.get(field, field), _words(field, before[field]), _words(field, value))
        for field, value in after.items()
        if before[field] != value
    )


def _rows(
    section: str, before: Mapping[str, tuple[str, Any]], after: Mapping[str, tuple[str, Any]]
) -> Iterable[Change]:
    for key, (name, row) in after.items():
        if key not in before:
            yield Change(section, Kind.ADDED, name)
        elif details := _details(vars(before[key][1]), vars(row)):
            yield Change(section, Kind.CHANGED, name, details)
    for key, (name, _row) in before.items():
        if key not in after:
            yield Change(section, Kind.REMOVED, name)
