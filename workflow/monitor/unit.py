"""One unit from above: which domain lies with whom since when, and which criteria are still open.

Whoever watches a cycle sees stages, dates, names and counts; points, figures, documents and texts are not read here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Q, When
from django.utils.translation import gettext as _

from assessments.completeness import Progress
from assessments.models import Assignment, Dossier, Score
from assessments.stages import OPEN_STAGES, Stage
from criteria.models import Criterion
from units.models import User
from units.templatetags.cchc import Due

from ..inbox import Turns
from ..item_dates import item_due, legal_end
from ..models import WorkItem
from .counts import COUNCIL, DONE, GIVEN, OWN, PROVED, SETTLED


@dataclass(frozen=True)
class CriterionRow:
    """One criterion: whether it is done, in words."""

    code: str
    name: str
    state: str
    text: str


@dataclass(frozen=True)
class DomainRow:
    """One domain: who has it, since when, and how far it is."""

    code: str
    name: str
    people: str
    since: dt.datetime | None
    due_at: dt.datetime | None
    progress: Progress
    criteria: Sequence[CriterionRow]


@dataclass(frozen=True)
class OpenTask:
    """A task that waits: what, with whom, since when, by when."""

    title: str
    people: str
    since: dt.datetime
    due: Due | None


@dataclass(frozen=True)
class UnitView:
    """The page of one unit."""

    tasks: Sequence[OpenTask]
    domains: Sequence[DomainRow]
    by_council: bool


def unit_view(dossier: Dossier) -> UnitView:
    """What whoever watches may know of `dossier`: the same queries for any number of domains."""
    by_council = Stage(dossier.stage) not in OPEN_STAGES and dossier.stage != Stage.NOT_SUBMITTED
    items = list(
        WorkItem.objects.filter(dossier=dossier, done_at=None)
        .select_related("task", "cycle", "dossier__unit", "domain", "owner")
        .order_by("opened_at", "pk")
    )
    turns = Turns(items)
    people = {item.pk: _names(turns.people(item)) for item in items}
    by_domain = {item.domain_id: item for item in items if item.domain_id is not None}
    return UnitView(
        tasks=[OpenTask(_title(item), people[item.pk], item.opened_at, item_due(item)) for item in items],
        domains=_domains(dossier, by_domain, people, by_council=by_council),
        by_council=by_council,
    )


def _title(item: WorkItem) -> str:
    title = str(item.task.flow_task.task_title)
    return f"{title} · {item.domain.code}. {item.domain.name}" if item.domain else title


def _names(people: Sequence[User]) -> str:
    return ", ".join(str(person) for person in people)


def _domains(
    dossier: Dossier, items: dict[int, WorkItem], people: dict[int, str], *, by_council: bool
) -> list[DomainRow]:
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set=dossier.criteria_set_id).order_by("order")}
    officers = {
        row.criterion_id: str(row.officer)
        for row in Assignment.objects.filter(dossier=dossier).select_related("officer")
    }
    rows: dict[int, list[CriterionRow]] = {pk: [] for pk, node in nodes.items() if node.parent_id is None}
    done: dict[int, int] = dict.fromkeys(rows, 0)
    for score in _scores(dossier, by_council=by_council):
        domain = nodes[score["criterion"]]
        while domain.parent_id is not None:
            domain = nodes[domain.parent_id]
        row = _criterion(nodes[score["criterion"]], score, by_council=by_council)
        rows[domain.pk].append(row)
        done[domain.pk] += row.state == "ok"
    return [
        DomainRow(
            code=nodes[pk].code,
            name=nodes[pk].name,
            people=people[items[pk].pk] if pk in items else "" if by_council else officers.get(pk, ""),
            since=items[pk].opened_at if pk in items else None,
            due_at=legal_end(items[pk]) if pk in items else None,
            progress=Progress(done[pk], len(found)),
            criteria=found,
        )
        for pk, found in rows.items()
    ]


def _scores(dossier: Dossier, *, by_council: bool) -> Iterable[Mapping[str, Any]]:
    """Which criteria are done: answers of yes and no, worked out by the database so that no content leaves it."""
    scores = Score.objects.filter(dossier=dossier).annotate(proved=PROVED).order_by("criterion__order")
    if by_council:
        return scores.filter(COUNCIL).annotate(done=_answer(SETTLED)).values("criterion", "done")
    answered = scores.filter(OWN).annotate(done=_answer(DONE), given=_answer(GIVEN))
    return answered.values("criterion", "done", "given")


def _answer(condition: Q) -> Case:
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def _criterion(node: Criterion, score: Mapping[str, Any], *, by_council: bool) -> CriterionRow:
    if by_council:
        state, text = ("ok", _("Đã thẩm định")) if score["done"] else ("mute", _("Chưa thẩm định"))
    elif score["done"]:
        state, text = "ok", _("Đã xong")
    elif score["given"]:
        state, text = "soon", _("Chưa có tài liệu hoặc giải trình")
    else:
        state, text = "mute", _("Chưa nhập")
    return CriterionRow(node.code, node.name, state, text)
