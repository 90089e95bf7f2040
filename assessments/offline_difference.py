"""One uploaded workbook against what stands now: unchanged, new, changed, in conflict or wrong, row by row.

A row is compared by its texts. One that is as it was downloaded changes nothing, even if somebody saved meanwhile; one
that was changed on both sides is a conflict, and both contents are shown beside the one that both began with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from criteria.trees import leaf_rule
from units.models import User
from units.workbooks import CellIssue

from .errors import InvalidInput
from .models import Dossier, Score
from .offline_fields import (
    EXPLANATION,
    LONGEST,
    NOT_ARISING,
    POINTS,
    REASON,
    entry_of,
    labels_of,
    said_yes,
    texts_of,
)
from .offline_reading import Stamp, TypedRow
from .offline_workbook import CODE, field_column
from .services.scores import Entry, evaluate, self_side


class RowState(StrEnum):
    """How a row of the file stands to what is saved now."""

    UNCHANGED = "unchanged"
    NEW = "new"
    CHANGED = "changed"
    CONFLICT = "conflict"
    ERROR = "error"


@dataclass(frozen=True)
class Change:
    """One field that differs: as it was downloaded (None where nobody knows), as it stands, as the file has it."""

    label: str
    base: str | None
    theirs: str
    mine: str


@dataclass(frozen=True)
class RowDifference:
    """One criterion of the file against what stands now.

    `version` is the one that stands now, `who` and `when` (UTC) tell of its last save. Points are None while figures
    are missing. `issues` name every wrong cell of the row; it cannot be applied then.
    """

    score: Score
    state: RowState
    sheet: str
    number: int
    version: int
    changes: Sequence[Change] = ()
    entry: Entry | None = None
    points: Decimal | None = None
    outcome: str = ""
    who: User | None = None
    when: dt.datetime | None = None
    issues: Sequence[CellIssue] = ()

    @property
    def score_id(self) -> int:
        return self.score.pk

    @property
    def code(self) -> str:
        return self.score.criterion.code


@dataclass(frozen=True)
class Difference:
    """A whole file against what stands now; `issues` belong to no row and stop nothing."""

    rows: Sequence[RowDifference]
    issues: Sequence[CellIssue]
    exported_by: User | None
    exported_at: dt.datetime

    @property
    def seen(self) -> dict[int, int]:
        """The versions that this comparison was made with, by score: what a person who accepts has seen."""
        return {row.score_id: row.version for row in self.rows}

    def count(self, *states: RowState) -> int:
        return sum(row.state in states for row in self.rows)


def within(code: str, branches: Collection[str]) -> bool:
    """Whether a criterion is one of the branches or lies under one."""
    parts = code.split(".")
    return any(".".join(parts[:depth]) in branches for depth in range(1, len(parts) + 1))


@dataclass(frozen=True)
class Comparison:
    """One file against what stands now. `writable` and `branches` None mean: everything."""

    dossier: Dossier
    stamp: Stamp
    bases: Mapping[int, Mapping[str, Any]]
    writable: set[int] | None
    branches: set[str] | None

    def of(self, score: Score, rows: Sequence[TypedRow]) -> RowDifference:
        """The difference of one score; a row that was copied stands in the file more than once."""
        row, criterion = rows[0], score.criterion
        side = self_side(score)
        now = texts_of(criterion, side)
        base = self._base(score, now)
        typed = self._typed(score, row)
        if len(rows) > 1:
            cells = ", ".join(f"{other.sheet}!{other.cell(CODE)}" for other in rows)
            message = _("Tiêu chí này có ở nhiều dòng (%(cells)s). Hãy chỉ giữ một dòng.") % {"cells": cells}
            issues = [other.issue(CODE, message) for other in rows]
            return self._row(score, row, RowState.ERROR, now, base, typed, issues=issues)
        if not row.faults and row.code == criterion.code and typed in (now, base):
            return self._row(score, row, RowState.UNCHANGED, now, base, now)
        issues = self._issues(score, row, typed)
        entry = entry_of(criterion, typed, side)
        if not issues:
            try:
                values, outcome = evaluate(score, entry, dossier=self.dossier)
            except InvalidInput as error:
                rule = leaf_rule(criterion)
                issues = [row.issue(field_column(rule, field), text) for field, text in error.errors.items()]
        if issues:
            return self._row(
                score, row, RowState.ERROR, now, base, self._readable(score, row, typed, now), issues=issues
            )
        mine = texts_of(criterion, values)
        return self._row(
            score,
            row,
            self._state(score, mine, now, base),
            now,
            base,
            mine,
            entry=entry,
            points=values["self_points"],
            outcome=outcome.explanation,
        )

    def _state(self, score: Score, mine: object, now: object, base: object) -> RowState:
        if mine in (now, base):
            return RowState.UNCHANGED
        if score.version != self.stamp.versions[score.pk]:
            return RowState.CONFLICT
        return RowState.NEW if score.version == 0 else RowState.CHANGED

    def _base(self, score: Score, now: Mapping[str, str]) -> Mapping[str, str] | None:
        """The texts that the file began with; None where the ledger does not tell."""
        if score.version == self.stamp.versions[score.pk]:
            return now
        side = self.bases.get(score.pk)
        return None if side is None else texts_of(score.criterion, side)

    def _typed(self, score: Score, row: TypedRow) -> dict[str, str]:
        """The texts of the row by field; what the sheet has no column for is empty, as it was."""
        rule = leaf_rule(score.criterion)
        return {field: row.texts.get(field_column(rule, field), "") for field in labels_of(score.criterion)}

    def _readable(
        self, score: Score, row: TypedRow, typed: Mapping[str, str], now: Mapping[str, str]
    ) -> dict[str, str]:
        """What was typed; a cell that cannot be read is only named among the issues."""
        rule = leaf_rule(score.criterion)
        return {field: now[field] if field_column(rule, field) in row.faults else typed[field] for field in typed}

    def _issues(self, score: Score, row: TypedRow, typed: Mapping[str, str]) -> list[CellIssue]:
        """Everything that can be said of the cells before the rule is asked."""
        criterion = score.criterion
        if row.code != criterion.code:
            message = _("Mã ở đây đã bị sửa: dòng này là của tiêu chí %(code)s.") % {"code": criterion.code}
            return [row.issue(CODE, message)]
        if self.writable is not None and score.pk not in self.writable:
            return [row.issue(CODE, _("Tiêu chí này đang khóa, chỉ các tiêu chí hội đồng yêu cầu mới được sửa."))]
        if self.branches is not None and not within(criterion.code, self.branches):
            return [row.issue(CODE, _("Tiêu chí này không được phân công cho bạn nên không lưu được thay đổi."))]
        issues = [row.issue(column, message) for column, message in row.faults.items()]
        if said_yes(typed[NOT_ARISING]) is None:
            issues.append(row.issue(NOT_ARISING, _("Hãy chọn “Có”, hoặc để trống ô.")))
        if typed[REASON] and not typed[POINTS] and POINTS not in row.faults:
            issues.append(row.issue(POINTS, _("Đã ghi lý do chấm khác nhưng chưa nhập điểm.")))
        for field in (REASON, EXPLANATION):
            if len(typed[field]) > LONGEST and typed[field] != texts_of(criterion, self_side(score))[field]:
                message = _("Nội dung dài %(length)s ký tự, tối đa %(limit)s. Hãy rút gọn hoặc tách thành tài liệu.")
                issues.append(row.issue(field, message % {"length": len(typed[field]), "limit": LONGEST}))
        return issues

    def _row(
        self,
        score: Score,
        row: TypedRow,
        state: RowState,
        now: Mapping[str, str],
        base: Mapping[str, str] | None,
        mine: Mapping[str, str],
        **found: Any,
    ) -> RowDifference:
        changes = [
            Change(label, None if base is None else base[field], now[field], mine[field])
            for field, label in labels_of(score.criterion).items()
            if mine[field] != now[field]
        ]
        return RowDifference(
            score=score,
            state=state,
            sheet=row.sheet,
            number=row.number,
            version=score.version,
            changes=[] if state is RowState.UNCHANGED else changes,
            who=score.updated_by,
            when=score.updated_at,
            **found,
        )
