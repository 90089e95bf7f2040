"""Whatever a plan holds, its workbook is read back equal."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from plans import spreadsheet
from plans.calendar import PlanTime, TimeKind
from plans.content import (
    Comparison,
    GroupContent,
    MilestoneContent,
    PlanContent,
    ReportRule,
    SeatContent,
    SheetForm,
    SheetsContent,
    TargetContent,
    TaskContent,
    problems,
)
from plans.models import Milestone

UNITS = ["so-noi-vu", "so-tu-phap", "huyen-a"]

# Letters of any script, signs with which formulas and references begin, line ends, control characters.
texts = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("=+-@'\"\n\t_x000D_;,#")), min_size=1, max_size=30)
days = st.dates(dt.date(1950, 1, 1), dt.date(2150, 12, 31))
units = st.lists(st.sampled_from(UNITS), unique=True, max_size=3).map(tuple)
unit = st.sampled_from(["", *UNITS])


@st.composite
def times(draw: st.DrawFn) -> str:
    """The words of a time of any kind, or none."""
    day = draw(days)
    kind = draw(st.sampled_from(["", "before", "until", "day", "month", "quarter", "year", "ongoing"]))
    first = dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    after = dt.date(first.year + (first.month == 10), (first.month + 2) % 12 + 1, 1)
    spans = {
        "": None,
        "before": PlanTime(TimeKind.BEFORE, None, day),
        "until": PlanTime(TimeKind.UNTIL, None, day),
        "day": PlanTime(TimeKind.DAY, day, day + dt.timedelta(days=1)),
        "month": PlanTime(TimeKind.MONTH, first, after),
        "quarter": PlanTime(TimeKind.QUARTER, first, after),
        "year": PlanTime(TimeKind.YEAR, dt.date(day.year, 1, 1), dt.date(day.year + 1, 1, 1)),
        "ongoing": PlanTime(TimeKind.ONGOING, None, None),
    }
    time = spans[kind]
    return "" if time is None else time.words()


@st.composite
def plans(draw: st.DrawFn) -> PlanContent:
    """Plans that are in order, so that they could stand in the database."""
    numbers = draw(st.lists(texts.map(lambda text: text[:20]), min_size=1, max_size=4))
    tasks: list[TaskContent] = []
    for number in numbers:
        tasks.append(
            TaskContent(
                number=number,
                name=draw(texts),
                lead=draw(texts),
                coordinating=draw(st.one_of(st.just(""), texts)),
                time_text=draw(times()),
                parent=draw(st.sampled_from(["", *(task.number for task in tasks)])),
                report_every=draw(st.sampled_from([rule.value for rule in ReportRule])),
                source=draw(st.one_of(st.just(""), texts)),
                lead_units=draw(units),
                coordinating_units=draw(units),
            )
        )
    start, end = sorted([draw(days), draw(days)])
    value = draw(st.one_of(st.none(), st.decimals(0, 10**9, places=2)))
    plan = PlanContent(
        number=draw(texts),
        title=draw(texts),
        issuing_body=draw(texts),
        signed_on=draw(days),
        period_start=start,
        period_end=end,
        signer=draw(st.one_of(st.just(""), texts)),
        milestones=tuple(
            MilestoneContent(key, draw(days), draw(st.booleans()))
            for key in draw(st.lists(st.sampled_from(Milestone.Key.values), unique=True))
        ),
        tasks=tuple(tasks),
        targets=(
            TargetContent(
                "A",
                draw(texts),
                value,
                "" if value is None else draw(st.sampled_from(["", "%", "phiếu"])),
                "" if value is None else draw(st.sampled_from([c.value for c in Comparison])),
                draw(st.sampled_from(["", *(task.number for task in tasks)])),
            ),
        ),
        groups=(
            GroupContent(
                draw(texts),
                draw(texts),
                draw(st.integers(1, 5)),
                draw(st.integers(5, 9)),
                draw(unit),
                (SeatContent(draw(texts), draw(texts), 0, 3, draw(texts), draw(st.integers(0, 3)), draw(texts)),),
            ),
        ),
        sheets=tuple(
            SheetsContent(draw(texts), form, draw(st.integers(1, 32_767)), draw(unit))
            for form in draw(st.lists(st.sampled_from([form.value for form in SheetForm]), unique=True))
        ),
    )
    assume(not problems(plan, units=UNITS))
    return plan


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(plans())
def test_import_of_an_export_is_the_plan(plan: PlanContent) -> None:
    content = spreadsheet.workbook(plan, [(code, code) for code in UNITS])
    again = spreadsheet.read(io.BytesIO(content), units=UNITS)
    assert again == plan
    assert [task.time and task.time.text for task in again.tasks] == [
        task.time and task.time.text for task in plan.tasks
    ]
    assert all(isinstance(target.value, Decimal | None) for target in again.targets)
