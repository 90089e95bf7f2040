"""How every unit of a cycle stands: one row each, in three queries for any number of units."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from assessments.completeness import Progress
from assessments.deadlines import legal_deadline
from assessments.models import Cycle
from assessments.stages import DONE_STAGES, OPEN_STAGES, Stage, step_of
from plans.calendar import Deadline, Timeliness, local_date, timeliness
from units import clock

from ..forecast import Forecast, Outlook, forecast, window
from .memory import DayDone


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit: where its dossier is since when, how that stands against its own deadline, what is to be expected.

    `progress` and `outlook` are those of the last sweep; the page counts what it shows anew. `waits`: whole local
    days at the present stage.
    """

    dossier: int
    unit_id: int
    unit: str
    group_id: int | None
    group: str
    stage: Stage
    since: dt.datetime
    submitted_at: dt.datetime | None
    deadline: Deadline
    extended_until: dt.date | None
    timeliness: Timeliness
    progress: Progress
    forecast: Forecast
    waits: int

    @property
    def step(self) -> int:
        """1-based step of `stages.STEPS`."""
        return step_of(self.stage)

    @property
    def is_open(self) -> bool:
        """The unit still holds the dossier."""
        return self.stage in OPEN_STAGES

    @property
    def is_waiting(self) -> bool:
        """Somebody, in the unit or in the council, has still to act on it."""
        return self.stage not in DONE_STAGES


def standings(cycle: Cycle) -> list[Standing]:
    """Every unit of `cycle`, in the order of groups and units."""
    now = clock.now()
    today = local_date(now)
    legal = legal_deadline(cycle)
    opened_on = local_date(cycle.opened_at) if cycle.opened_at else today
    extensions = latest_extensions(cycle)
    recent = _recent(cycle, opened_on, today)
    rows = cycle.dossiers.order_by("unit__group__order", "unit__order", "pk").values_list(
        *("pk", "unit_id", "unit__name", "unit__group_id", "unit__group__name", "stage", "stage_since"),
        *("submitted_at", "progress__done", "progress__total"),
    )
    found = []
    deadlines = {until: own_deadline(legal, until) for until in {None, *extensions.values()}}
    for pk, unit_id, unit, group_id, group, stage_value, since, submitted_at, done, total in rows:
        stage, until = Stage(stage_value), extensions.get(unit_id)
        own = deadlines[until]
        found.append(
            Standing(
                dossier=pk,
                unit_id=unit_id,
                unit=unit,
                group_id=group_id,
                group=group or "",
                stage=stage,
                since=since,
                submitted_at=submitted_at,
                deadline=own,
                extended_until=until if own is not legal else None,
                timeliness=Timeliness.MISSING
                if stage == Stage.NOT_SUBMITTED
                else timeliness(submitted_at, legal, None if own is legal else own, now),
                progress=Progress(done or 0, total or 0),
                forecast=Forecast(Outlook.UNKNOWN)
                if total is None and submitted_at is None
                else forecast(
                    done=done or 0,
                    total=total or 0,
                    recent=recent.get(pk, 0),
                    opened_on=opened_on,
                    today=today,
                    last_day=own.last_day,
                    sent=submitted_at is not None,
                ),
                waits=(today - local_date(since)).days,
            )
        )
    return found


def latest_extensions(cycle: Cycle) -> dict[int, dt.date | None]:
    """The last day of the extension that counts, by unit: the one granted last, None where that withdraws."""
    return dict(cycle.extensions.order_by("granted_at", "pk").values_list("unit_id", "until"))


def own_deadline(legal: Deadline, until: dt.date | None) -> Deadline:
    """As `deadlines.submission_deadline`: an extension never shortens the plan's time."""
    if until is None:
        return legal
    own = Deadline(on=until, inclusive=True)
    return own if own.ends_at > legal.ends_at else legal


def _recent(cycle: Cycle, opened_on: dt.date, today: dt.date) -> dict[int, int]:
    """Criteria first done in the window of the pace, by dossier."""
    begin = today - dt.timedelta(days=window(opened_on, today) - 1)
    return dict(
        DayDone.objects.filter(dossier__cycle=cycle, on__gte=begin, on__lte=today)
        .order_by()
        .values_list("dossier")
        .annotate(Sum("criteria"))
    )
