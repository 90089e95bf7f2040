"""The monitor: every unit against every step, on time, late, extended and missing kept apart.

Four queries for any number of units: dossiers, extensions, milestones and one aggregate over the scores.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.completeness import Progress
from assessments.deadlines import dossier_timeliness, extensions_in_force, submission_deadline
from assessments.models import NOT_SELF_SCORED, Cycle, Dossier, Extension, Score, ScoreEvidence
from assessments.stages import OPEN_STAGES, STEPS, Stage, step_of
from criteria.models import Criterion
from plans.calendar import Timeliness, local_date
from plans.models import Milestone
from units import clock
from units.templatetags.cchc import SOON_DAYS, due

# What stands in the cell of the step at which a dossier is, where no percentage does.
AT = {
    Stage.ASSIGNING: gettext_lazy("chưa giao"),
    Stage.CHECKING: gettext_lazy("rà soát"),
    Stage.APPROVING: gettext_lazy("chờ duyệt"),
    Stage.READY: gettext_lazy("chờ gửi"),
    Stage.SUBMITTED: gettext_lazy("đã gửi"),
    Stage.REVIEWING: gettext_lazy("tổng hợp"),
    Stage.SUPPLEMENTING: gettext_lazy("bổ sung"),
    Stage.RESPONDING: gettext_lazy("chờ đơn vị"),
    Stage.HEARING: gettext_lazy("kiến nghị"),
    Stage.CONCLUDED: gettext_lazy("chờ điều tra"),
    Stage.NOT_SUBMITTED: gettext_lazy("không nộp"),
}
TILES = (
    (Timeliness.ON_TIME, gettext_lazy("gửi đúng hạn"), "ok", "check-lg"),
    (Timeliness.LATE, gettext_lazy("gửi trễ hạn"), "late", "clock-history"),
    (Timeliness.EXTENDED, gettext_lazy("được gia hạn"), "info", "calendar-event"),
    (Timeliness.MISSING, gettext_lazy("quá hạn, chưa gửi"), "late", "exclamation-circle"),
    (Timeliness.PENDING, gettext_lazy("chưa đến hạn"), "mute", "hourglass-split"),
)


@dataclass(frozen=True)
class Cell:
    """One step of one unit."""

    state: str
    text: str = ""


@dataclass(frozen=True)
class Line:
    """One unit: its steps, how it stands against its deadline, and what share of its own criteria is done."""

    dossier: Dossier
    cells: Sequence[Cell]
    timeliness: Timeliness
    chip: Mapping[str, str]
    progress: Progress
    extendable: bool


@dataclass(frozen=True)
class Monitor:
    """The page: lines that the filter leaves, and the counts of all."""

    steps: Sequence[str]
    lines: Sequence[Line]
    total: int
    tiles: Sequence[dict[str, Any]]
    progress: Progress


@dataclass(frozen=True)
class _Counts:
    own: Progress
    appraised: Progress


def monitor(cycle: Cycle, *, group: int | None = None, state: str = "") -> Monitor:
    """The monitor of `cycle`; `group` is a UnitGroup's id, `state` a Timeliness."""
    dossiers = list(cycle.dossiers.select_related("unit").order_by("unit__group__order", "unit__order", "pk"))
    if group is not None:
        dossiers = [dossier for dossier in dossiers if dossier.unit.group_id == group]
    extensions = extensions_in_force([cycle.pk])
    counts = _counts(cycle)
    lines = []
    for dossier in dossiers:
        dossier.cycle = cycle
        lines.append(_line(dossier, extensions.get((cycle.pk, dossier.unit_id)), counts.get(dossier.pk, NOTHING)))
    by_state = Counter(line.timeliness for line in lines)
    return Monitor(
        steps=[str(label) for label, _stages in STEPS],
        lines=[line for line in lines if not state or line.timeliness == state],
        total=len(lines),
        tiles=[
            {"key": key.value, "value": by_state[key], "label": label, "state": mood, "icon": icon}
            for key, label, mood, icon in TILES
        ],
        progress=Progress(
            done=sum(line.progress.done for line in lines), total=sum(line.progress.total for line in lines)
        ),
    )


NOTHING = _Counts(Progress(0, 0), Progress(0, 0))


def _counts(cycle: Cycle) -> dict[int, _Counts]:
    """Criteria done and in all, by dossier: the rule of `completeness.gap_of` and what the council has settled."""
    own = ~Q(source__in=NOT_SELF_SCORED)
    claims = Q(self_points__gt=0) | Q(not_applicable=True)
    given = Q(self_points__isnull=False) | Q(not_applicable=True)
    council = ~Q(source=Criterion.SourceChoice.SURVEY)
    rows = (
        Score.objects.filter(dossier__cycle=cycle)
        .annotate(proved=Exists(ScoreEvidence.objects.filter(score=OuterRef("pk"))))
        .values("dossier")
        .order_by("dossier")
        .annotate(
            own=Count("pk", filter=own),
            own_done=Count("pk", filter=own & given & (~claims | Q(proved=True) | ~Q(explanation=""))),
            council=Count("pk", filter=council),
            council_done=Count("pk", filter=council & Q(appraised_at__isnull=False)),
        )
    )
    return {
        row["dossier"]: _Counts(Progress(row["own_done"], row["own"]), Progress(row["council_done"], row["council"]))
        for row in rows
    }


def _line(dossier: Dossier, extension: Extension | None, counts: _Counts) -> Line:
    found = dossier_timeliness(dossier, extension)
    return Line(
        dossier=dossier,
        cells=_cells(dossier, extension, counts, found),
        timeliness=found,
        chip=_chip(dossier, extension, found),
        progress=counts.own,
        extendable=Stage(dossier.stage) in OPEN_STAGES,
    )


def _cells(dossier: Dossier, extension: Extension | None, counts: _Counts, found: Timeliness) -> list[Cell]:
    stage = Stage(dossier.stage)
    if stage == Stage.FINAL:
        return [Cell("ok") for _step in STEPS]
    here = step_of(stage)
    return [
        Cell("ok")
        if number < here and stage != Stage.NOT_SUBMITTED
        else _current(dossier, extension, counts, found)
        if number == here
        else Cell("mute")
        for number, _step in enumerate(STEPS, start=1)
    ]


def _current(dossier: Dossier, extension: Extension | None, counts: _Counts, found: Timeliness) -> Cell:
    stage = Stage(dossier.stage)
    if stage == Stage.SELF_ASSESSING:
        text = f"{counts.own.percent} %"
    elif stage == Stage.APPRAISING:
        text = f"{counts.appraised.percent} %"
    else:
        text = str(AT[stage])
    if stage == Stage.NOT_SUBMITTED or (stage in OPEN_STAGES and found == Timeliness.MISSING):
        return Cell("late", text)
    if stage == Stage.CONCLUDED:
        return Cell("info", text)
    if stage in OPEN_STAGES:
        deadline = submission_deadline(dossier, extension)
    else:
        deadline = dossier.cycle.milestone(Milestone.Key.APPRAISAL).deadline
    now = clock.now()
    if not deadline.met(now):
        return Cell("late", text)
    return Cell("soon" if deadline.days_left(now) <= SOON_DAYS else "info", text)


def _chip(dossier: Dossier, extension: Extension | None, found: Timeliness) -> dict[str, str]:
    """How the unit stands against its deadline, in words: four different things, and what is still to come."""
    deadline = submission_deadline(dossier, extension)
    sent = dossier.submitted_at
    day = _short(local_date(sent)) if sent else ""
    if found == Timeliness.ON_TIME:
        return {"state": "ok", "icon": "check-lg", "text": _("Gửi đúng hạn %(day)s") % {"day": day}}
    if found == Timeliness.LATE and sent:
        days = -deadline.days_left(sent)
        return {"state": "late", "icon": "clock-history", "text": _("Gửi trễ %(days)s ngày") % {"days": days}}
    if found == Timeliness.EXTENDED and sent:
        return {"state": "info", "icon": "calendar-event", "text": _("Gia hạn, gửi %(day)s") % {"day": day}}
    if found == Timeliness.EXTENDED:
        until = _short(deadline.last_day)
        return {"state": "info", "icon": "calendar-event", "text": _("Gia hạn đến %(day)s") % {"day": until}}
    if dossier.stage == Stage.NOT_SUBMITTED:
        return {"state": "late", "icon": "slash-circle", "text": _("Không nộp hồ sơ")}
    if found == Timeliness.MISSING:
        days = -deadline.days_left(clock.now())
        return {"state": "late", "icon": "exclamation-circle", "text": _("Quá hạn %(days)s ngày") % {"days": days}}
    left = due(deadline.ends_at)
    assert left is not None
    return {"state": "mute" if left["state"] == "info" else left["state"], "icon": "", "text": left["text"]}


def _short(day: dt.date) -> str:
    return f"{day:%d/%m}"
