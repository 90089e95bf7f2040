"""The page on which a unit comments on a domain of the draft, and the table of all comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from units.models import Unit

from .changes import change_words
from .consultation import Comment, Consultation
from .consulting import Entry, in_order
from .errors import CriteriaError
from .models import Criterion
from .trees import leaf_rule

WHOLE = "chung"


@dataclass(frozen=True)
class Row:
    """One criterion with the unit's comment: as typed where that was not kept, else as saved."""

    criterion: Criterion | None
    level: int
    rule: str
    comment: Comment | None
    body: str
    error: str
    meanwhile: Comment | None
    show_answer: bool

    @property
    def key(self) -> int:
        return self.criterion.pk if self.criterion else 0

    @property
    def seen(self) -> int:
        """The version over which the next save writes."""
        found = self.meanwhile or self.comment
        return found.version if found else 0


def domains_of(consultation: Consultation) -> list[Criterion]:
    """The domains of the draft."""
    return list(consultation.criteria_set.criteria.filter(parent=None).order_by("order"))


def branch(rows: Iterable[Criterion], top: Criterion) -> list[tuple[Criterion, int]]:
    """`top` and everything below it with its depth; `rows` are all criteria of the set in their order."""
    depths = {top.pk: 0}
    found = [(top, 0)]
    for row in rows:
        if row.parent_id in depths:
            depths[row.pk] = depths[row.parent_id] + 1
            found.append((row, depths[row.pk]))
    return found


def comment_rows(
    consultation: Consultation,
    unit: Unit,
    domain: Criterion | None,
    *,
    show_answers: bool,
    typed: Mapping[int, str] | None = None,
    refused: Mapping[int, CriteriaError] | None = None,
) -> list[Row]:
    """Rows of one domain, None for the comment on the whole draft. Two queries, whatever its length."""
    own = consultation.comments.filter(unit=unit)
    known = {row.criterion_id or 0: row for row in own if row.criterion_id or not row.code}
    typed, refused = typed or {}, refused or {}
    criteria: list[tuple[Criterion | None, int]] = [(None, 0)]
    if domain is not None:
        criteria = list(branch(consultation.criteria_set.criteria.order_by("order"), domain))
    found = []
    for criterion, level in criteria:
        key = criterion.pk if criterion else 0
        comment, error = known.get(key), refused.get(key)
        meanwhile = getattr(error, "current", None)
        found.append(
            Row(
                criterion=criterion,
                level=level,
                rule=leaf_rule(criterion).describe(criterion.maximum) if criterion and criterion.is_leaf else "",
                comment=comment,
                body=typed.get(key, comment.body if comment else ""),
                error=str(error) if error else "",
                meanwhile=meanwhile if isinstance(meanwhile, Comment) else None,
                show_answer=show_answers and comment is not None and bool(comment.answer),
            )
        )
    return found


def entries(consultation: Consultation, domain: Criterion | None, posted: Mapping[str, str]) -> list[Entry]:
    """What a posted page says: `body-<criterion>` over `seen-<criterion>`; fields that were not sent are left alone."""
    criteria: list[Criterion | None] = [None]
    if domain is not None:
        criteria = [row for row, _level in branch(consultation.criteria_set.criteria.order_by("order"), domain)]
    found = []
    for criterion in criteria:
        key = criterion.pk if criterion else 0
        body = posted.get(f"body-{key}")
        if body is not None:
            seen = posted.get(f"seen-{key}", "")
            found.append(Entry(criterion, body, int(seen) if seen.isdecimal() and len(seen) < 10 else 0))
    return found


@dataclass(frozen=True)
class Topic:
    """All comments on one criterion, each with the changes that it caused, in words."""

    code: str
    name: str
    criterion: Criterion | None
    rows: tuple[tuple[Comment, tuple[str, ...]], ...]


def topics(comments: Iterable[Comment]) -> list[Topic]:
    """Comments (with `changes` prefetched) under the criterion that they were written on, in the draft's order."""
    grouped: dict[tuple[str, str], list[Comment]] = {}
    for comment in in_order(list(comments)):
        grouped.setdefault((comment.code, comment.name), []).append(comment)
    return [
        Topic(
            code,
            name,
            next((row.criterion for row in rows if row.criterion), None),
            tuple((row, tuple(change_words(change) for change in row.changes.all())) for row in rows),
        )
        for (code, name), rows in grouped.items()
    ]
