"""The lines of the heat map: each unit against every step, on time, late, extended and missing kept apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Cycle
from assessments.stages import STEPS, Stage, step_of
from plans.calendar import Deadline, Timeliness, local_date
from plans.models import Milestone
from units import clock
from units.templatetags.cchc import SOON_DAYS, due

from ..forecast import Outlook
from ..nudging import nudged
from .counts import NOTHING, Counts, counts
from .standings import Standing

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


@dataclass(frozen=True)
class Cell:
    """One step of one unit."""

    state: str
    text: str = ""


@dataclass(frozen=True)
class Line:
    """One unit: its steps, how it stands against its deadline, what share of its own criteria is done."""

    standing: Standing
    cells: Sequence[Cell]
    chip: Mapping[str, str]
    outlook: Mapping[str, str]
    counts: Counts
    nudged: str = ""  # how often Sở Nội vụ nudged the unit, and when last

    @property
    def chips(self) -> list[Mapping[str, str]]:
        """What stands at the end of the line: days left say less than the forecast that rests on them."""
        if not self.outlook:
            return [self.chip]
        return [self.outlook] if self.standing.timeliness == Timeliness.PENDING else [self.chip, self.outlook]

    @property
    def extendable(self) -> bool:
        return self.standing.is_open


def lines(cycle: Cycle, rows: Sequence[Standing]) -> list[Line]:
    """The lines of `rows`, their criteria counted anew and their nudges told: two queries for any number."""
    found = counts(row.dossier for row in rows)
    appraisal = cycle.milestone(Milestone.Key.APPRAISAL).deadline
    told = nudged(cycle)
    return [
        replace(line(row, found.get(row.dossier, NOTHING), appraisal), nudged=told.get(row.unit_id, "")) for row in rows
    ]


def line(row: Standing, counted: Counts, appraisal: Deadline) -> Line:
    """The line of one unit; `appraisal` is the date up to which the council has time."""
    return Line(row, cells(row, counted, appraisal), chip(row), outlook(row), counted)


def cells(row: Standing, counted: Counts, appraisal: Deadline) -> list[Cell]:
    """One cell for each step: done, the present one, or not yet."""
    if row.stage == Stage.FINAL:
        return [Cell("ok") for _step in STEPS]
    here = step_of(row.stage)
    return [
        Cell("ok")
        if number < here and row.stage != Stage.NOT_SUBMITTED
        else _current(row, counted, appraisal)
        if number == here
        else Cell("mute")
        for number, _step in enumerate(STEPS, start=1)
    ]


def _current(row: Standing, counted: Counts, appraisal: Deadline) -> Cell:
    if row.stage == Stage.SELF_ASSESSING:
        text = f"{counted.own.percent} %"
    elif row.stage == Stage.APPRAISING:
        text = f"{counted.appraised.percent} %"
    else:
        text = str(AT[row.stage])
    if row.stage == Stage.NOT_SUBMITTED or (row.is_open and row.timeliness == Timeliness.MISSING):
        return Cell("late", text)
    if row.stage == Stage.CONCLUDED:
        return Cell("info", text)
    deadline = row.deadline if row.is_open else appraisal
    now = clock.now()
    if not deadline.met(now):
        return Cell("late", text)
    return Cell("soon" if deadline.days_left(now) <= SOON_DAYS else "info", text)


def chip(row: Standing) -> dict[str, str]:
    """How the unit stands against its deadline, in words: four different things, and what is still to come."""
    found, deadline, sent = row.timeliness, row.deadline, row.submitted_at
    day = short(local_date(sent)) if sent else ""
    if found == Timeliness.LATE and sent:
        text = _("%(state)s %(days)s ngày") % {"state": found.label, "days": -deadline.days_left(sent)}
        return {"state": "late", "icon": "clock-history", "text": text}
    if sent:
        text = _("%(state)s, gửi %(day)s") % {"state": found.label, "day": day}
        if found == Timeliness.EXTENDED:
            return {"state": "info", "icon": "calendar-event", "text": text}
        return {"state": "ok", "icon": "check-lg", "text": text}
    if found == Timeliness.EXTENDED:
        text = _("%(state)s đến %(day)s") % {"state": found.label, "day": short(deadline.last_day)}
        return {"state": "info", "icon": "calendar-event", "text": text}
    if row.stage == Stage.NOT_SUBMITTED:
        text = _("%(state)s, không nộp hồ sơ") % {"state": found.label}
        return {"state": "late", "icon": "slash-circle", "text": text}
    if found == Timeliness.MISSING:
        text = _("%(state)s %(days)s ngày") % {"state": found.label, "days": -deadline.days_left(clock.now())}
        return {"state": "late", "icon": "exclamation-circle", "text": text}
    left = due(deadline.ends_at)
    assert left is not None
    return {"state": "mute" if left["state"] == "info" else left["state"], "icon": "", "text": left["text"]}


def outlook(row: Standing) -> dict[str, str]:
    """The forecast of a dossier that is not sent, in words; empty where there is nothing to foretell."""
    found = row.forecast
    if not row.is_open:
        return {}
    finish = short(found.finish_on) if found.finish_on else ""
    match found.outlook:
        case Outlook.MISS:
            return {
                "state": "late",
                "icon": "graph-up",
                "text": _("Dự báo trễ %(days)s ngày") % {"days": found.days_late},
            }
        case Outlook.STALLED:
            return {"state": "late", "icon": "pause-fill", "text": _("Dự báo trễ: đứng yên")}
        case Outlook.TIGHT:
            return {
                "state": "soon",
                "icon": "clock",
                "text": _("Sát hạn: xong %(day)s") % {"day": finish},
            }
        case Outlook.ON_TRACK:
            return {
                "state": "ok",
                "icon": "check-lg",
                "text": _("Kịp hạn: xong %(day)s") % {"day": finish},
            }
        case Outlook.DONE:
            return {"state": "ok", "icon": "check-lg", "text": _("Đủ tiêu chí, chưa gửi")}
    return {}


def short(day: dt.date) -> str:
    """`14/12`."""
    return f"{day:%d/%m}"
