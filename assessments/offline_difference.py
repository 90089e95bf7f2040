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

from criteria.scoring import Rule
from criteria.trees import leaf_rule
from units.models import User
from units.workbooks import CellIssue

from .errors import InvalidInput
from .models import Dossier, Score
from .offline_fields import (
    EXPLANATION,
    FIGURE,
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
class _Texts:
    """One row by field: what was typed, what stands now, and what the file began with (None where nobody knows)."""

    score: Score
    row: TypedRow
    rule: Rule
    typed: Mapping[str, str]
    now: Mapping[str, str]
    base: Mapping[str, str] | None

    def column(self, field: str) -> str:
        return field_column(self.rule, field)

    def issue(self, field: str, message: str) -> CellIssue:
        return self.row.issue(self.column(field), message)

    def readable(self) -> dict[str, str]:
        """What was typed; a cell that cannot be read is only named among the issues."""
        return {
            field: self.now[field] if self.column(field) in self.row.faults else self.typed[field]
            for field in self.typed
        }

    def difference(self, state: RowState, mine: Mapping[str, str], **found: Any) -> RowDifference:
        """The row as it is shown, with the fields in which `mine` is not what stands now."""
        changes = [
            Change(label, None if self.base is None else self.base[field], self.now[field], mine[field])
            for field, label in labels_of(self.score.criterion).items()
            if mine[field] != self.now[field]
        ]
        return RowDifference(
            score=self.score,
            state=state,
            sheet=self.row.sheet,
            number=self.row.number,
            version=self.score.version,
            changes=[] if state is RowState.UNCHANGED else changes,
            who=self.score.updated_by,
            when=self.score.updated_at,
            **found,
        )


@dataclass(frozen=True)
class Comparison:
    """One file against what stands now.

    `bases` are the sides that the file began with, for scores that were saved since. `writable` and `branches` None
    mean: everything.
    """

    dossier: Dossier
    stamp: Stamp
    bases: Mapping[int, Mapping[str, Any]]
    writable: set[int] | None
    branches: set[str] | None

    def of(self, score: Score, rows: Sequence[TypedRow]) -> RowDifference:
        """The difference of one score; a row that was copied stands in the file more than once."""
        texts = self._texts(score, rows[0])
        if len(rows) > 1:
            return texts.difference(RowState.ERROR, texts.readable(), issues=_copied(rows))
        row, criterion = rows[0], score.criterion
        if not row.faults and row.code == criterion.code and texts.typed in (texts.now, texts.base):
            return texts.difference(RowState.UNCHANGED, texts.now)
        issues = self._closed(score, row)
        if issues:
            return texts.difference(RowState.ERROR, texts.readable(), issues=issues)
        issues = _cell_issues(texts)
        entry = entry_of(criterion, texts.typed, self_side(score))
        try:
            values, outcome = evaluate(score, entry)
        except InvalidInput as error:
            issues += _rule_issues(texts, error, issues)
        if issues:
            return texts.difference(RowState.ERROR, texts.readable(), issues=issues)
        mine = texts_of(criterion, values)
        return texts.difference(
            self._state(texts, mine), mine, entry=entry, points=values["self_points"], outcome=outcome.explanation
        )

    def _texts(self, score: Score, row: TypedRow) -> _Texts:
        criterion = score.criterion
        rule = leaf_rule(criterion)
        now = texts_of(criterion, self_side(score))
        base: Mapping[str, str] | None = now
        if score.version != self.stamp.versions[score.pk]:
            side = self.bases.get(score.pk)
            base = None if side is None else texts_of(criterion, side)
        # What the sheet has no column for is empty, as it was.
        typed = {field: row.texts.get(field_column(rule, field), "") for field in labels_of(criterion)}
        return _Texts(score, row, rule, typed, now, base)

    def _state(self, texts: _Texts, mine: Mapping[str, str]) -> RowState:
        if mine in (texts.now, texts.base):
            return RowState.UNCHANGED
        if texts.score.version != self.stamp.versions[texts.score.pk]:
            return RowState.CONFLICT
        return RowState.NEW if texts.score.version == 0 else RowState.CHANGED

    def _closed(self, score: Score, row: TypedRow) -> list[CellIssue]:
        """Why nothing of the row may be changed by this person now."""
        code = score.criterion.code
        message = ""
        if row.code != code:
            message = _("Mã ở đây đã bị sửa: dòng này là của tiêu chí %(code)s.") % {"code": code}
        elif self.writable is not None and score.pk not in self.writable:
            message = _("Tiêu chí này đang khóa, chỉ các tiêu chí hội đồng yêu cầu mới được sửa.")
        elif self.branches is not None and not within(code, self.branches):
            message = _("Tiêu chí này không được phân công cho bạn nên không lưu được thay đổi.")
        return [row.issue(CODE, message)] if message else []


def _copied(rows: Sequence[TypedRow]) -> list[CellIssue]:
    cells = ", ".join(f"{row.sheet}!{row.cell(CODE)}" for row in rows)
    message = _("Tiêu chí này có ở nhiều dòng (%(cells)s). Hãy chỉ giữ một dòng.") % {"cells": cells}
    return [row.issue(CODE, message) for row in rows]


def _cell_issues(texts: _Texts) -> list[CellIssue]:
    """What can be said of the cells before the rule is asked."""
    typed, row = texts.typed, texts.row
    issues = [row.issue(column, message) for column, message in row.faults.items()]
    if said_yes(typed[NOT_ARISING]) is None:
        issues.append(texts.issue(NOT_ARISING, _("Hãy chọn “Có”, hoặc để trống ô.")))
    if typed[REASON] and not typed[POINTS] and POINTS not in row.faults:
        issues.append(texts.issue(POINTS, _("Đã ghi lý do chấm khác nhưng chưa nhập điểm.")))
    for field in (REASON, EXPLANATION):
        if len(typed[field]) > LONGEST and typed[field] != texts.now[field]:
            message = _("Nội dung dài %(length)s ký tự, tối đa %(limit)s. Hãy rút gọn hoặc tách thành tài liệu.")
            issues.append(texts.issue(field, message % {"length": len(typed[field]), "limit": LONGEST}))
    return issues


def _rule_issues(texts: _Texts, error: InvalidInput, known: Sequence[CellIssue]) -> list[CellIssue]:
    """What the service refuses, by cell. Beside an unreadable cell only what is said of other figures is certain."""
    taken = {issue.cell for issue in known}
    found = [
        texts.issue(field, message)
        for field, message in error.errors.items()
        if field.startswith(FIGURE) or not texts.row.faults
    ]
    return [issue for issue in found if issue.cell not in taken]
