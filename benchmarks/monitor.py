"""How long the server works on a page of the monitor with 4,000 units.

Run with ``python -m tests.services.postgres python -m benchmarks.monitor``. Makes a province in a scratch database,
set-based: 4,000 units in two groups, one dossier each with 100 criteria, the rows that the sweep keeps from the
ledger, and last year's cycle to compare with. Prints milliseconds from request to answer (the middle of RUNS,
template included, no network), queries, and the ratio to the page of a person's notices, of which there are none, in
the same run.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from decimal import Decimal
from statistics import median
from time import perf_counter, process_time
from typing import Any

UNITS = 4_000
CRITERIA = 100
DAYS = 20
RUNS = 15
OPENED = dt.datetime(2026, 11, 10, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 12, 4, 3, tzinfo=dt.UTC)


def build() -> Any:
    """The province; returns the person who watches it and the cycle of this year."""
    from plans.models import Milestone, Plan
    from units import access
    from units.models import Unit, UnitGroup, User
    from units.permissions import Role

    province = Unit.objects.create(code="tinh", name="Tỉnh Thử Nghiệm", kind=Unit.Kind.PROVINCE)
    groups = [UnitGroup.objects.create(code=f"nhom-{number}", name=f"Nhóm {number}", order=number) for number in (1, 2)]
    units = Unit.objects.bulk_create(
        [
            Unit(
                code=f"xa-{number}",
                name=f"UBND xã số {number}",
                kind=Unit.Kind.COMMUNE,
                parent=province,
                group=groups[number % 2],
                order=number,
            )
            for number in range(UNITS)
        ]
    )
    watcher = User.objects.create_user(username="theo-doi", full_name="Người theo dõi")
    cycles = []
    for year in (2025, 2026):
        plan = Plan.objects.create(
            number=f"{year}/KH-UBND",
            title="Kế hoạch",
            signed_on=dt.date(year, 11, 1),
            issuing_body="UBND tỉnh",
            period_start=dt.date(year, 11, 1),
            period_end=dt.date(year + 1, 1, 15),
        )
        for key, on in (
            (Milestone.Key.SELF_ASSESSMENT, dt.date(year, 12, 15)),
            (Milestone.Key.APPRAISAL, dt.date(year, 12, 30)),
            (Milestone.Key.SURVEY, dt.date(year, 12, 30)),
            (Milestone.Key.PUBLICATION, dt.date(year + 1, 1, 15)),
        ):
            Milestone.objects.create(plan=plan, key=key, on=on)
        cycles.append(cycle_of(year, province, plan, groups, units))
    access.grant(Role.HOME_AFFAIRS, watcher, cycles[-1])
    return watcher, cycles[-1]


def cycle_of(year: int, province: Any, plan: Any, groups: list[Any], units: list[Any]) -> Any:
    """One year's cycle with its dossiers; the scores are made for this year alone, last year's are not read."""
    from assessments.models import Cycle, CycleGroup, Dossier, Extension
    from assessments.stages import CycleStage, Stage
    from criteria.models import CriteriaSet, Criterion
    from units.models import User
    from workflow.monitor.memory import DayDone, DossierProgress, StepTime

    past = year < NOW.year
    shift = dt.timedelta(days=-365 if past else 0)
    cycle = Cycle.objects.create(
        year=year,
        name=f"Chỉ số CCHC năm {year}",
        province=province,
        plan=plan,
        stage=CycleStage.PUBLISHED if past else CycleStage.COLLECTING,
        opened_at=OPENED + shift,
    )
    criteria_set = CriteriaSet.objects.create(code=f"bo-{year}", year=year, name="Bộ chỉ số thử")
    leaves = Criterion.objects.bulk_create(
        [
            Criterion(
                criteria_set=criteria_set,
                code=f"{number}",
                name=f"Tiêu chí {number}",
                order=number,
                maximum=Decimal(1),
                source="self",
                rule={"kind": "yes_no"},
            )
            for number in range(1, CRITERIA + 1)
        ]
    )
    by_group = {
        group.pk: CycleGroup.objects.create(cycle=cycle, group=group, criteria_set=criteria_set) for group in groups
    }
    stages = [Stage.SELF_ASSESSING] * 6 + [Stage.CHECKING, Stage.APPROVING, Stage.APPRAISING, Stage.REVIEWING]
    dossiers = Dossier.objects.bulk_create(
        [
            Dossier(
                cycle=cycle,
                unit=unit,
                cycle_group=by_group[unit.group_id],
                stage=Stage.FINAL if past else stages[number % len(stages)],
                stage_since=OPENED + shift + dt.timedelta(days=number % DAYS),
                approved_at=sent(number, past, shift),
                submitted_at=sent(number, past, shift),
            )
            for number, unit in enumerate(units)
        ]
    )
    StepTime.objects.bulk_create(
        [
            StepTime(dossier=dossier, stage=stage, visits=1, seconds=3_600 * (1 + (number * 7 + place * 31) % 400))
            for number, dossier in enumerate(dossiers)
            for place, stage in enumerate(
                (Stage.ASSIGNING, Stage.SELF_ASSESSING, Stage.CHECKING, Stage.APPROVING, Stage.READY, Stage.APPRAISING)
            )
        ],
        batch_size=2_000,
    )
    if past:
        return cycle
    make_scores(dossiers, leaves)
    DossierProgress.objects.bulk_create(
        [
            DossierProgress(dossier=dossier, seq=1, done=number % (CRITERIA + 1), total=CRITERIA, counted_at=NOW)
            for number, dossier in enumerate(dossiers)
        ],
        batch_size=2_000,
    )
    DayDone.objects.bulk_create(
        [
            DayDone(dossier=dossier, on=dt.date(2026, 11, 10) + dt.timedelta(days=day), criteria=1 + (number + day) % 4)
            for number, dossier in enumerate(dossiers)
            for day in range(DAYS)
        ],
        batch_size=2_000,
    )
    granted_by = User.objects.get()
    Extension.objects.bulk_create(
        [
            Extension(
                cycle=cycle,
                unit=unit,
                until=dt.date(2026, 12, 20),
                reason="Thiên tai",
                granted_by=granted_by,
                granted_at=OPENED,
            )
            for unit in units[::10]
        ]
    )
    return cycle


def sent(number: int, past: bool, shift: dt.timedelta) -> dt.datetime | None:
    """When a dossier arrived: all of last year, two of ten this year."""
    return OPENED + shift + dt.timedelta(days=20) if past or number % 10 >= 8 else None


def make_scores(dossiers: list[Any], leaves: list[Any]) -> None:
    """400,000 rows by one statement of the database; half of them are done."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO assessments_score (dossier_id, criterion_id, source, lowest, highest, declared, not_applicable,
                self_points, overridden, override_reason, explanation, version, appraised_reason, appraised_version)
            SELECT dossier.id, leaf.id, 'self', 0, 1, '{}', false,
                CASE WHEN mod(dossier.id + leaf.id, 2) = 0 THEN 1 END, false, '', 'Theo báo cáo.', 1, '', 0
            FROM assessments_dossier dossier CROSS JOIN criteria_criterion leaf
            WHERE dossier.cycle_id = %s AND leaf.criteria_set_id = %s
            """,
            [dossiers[0].cycle_id, leaves[0].criteria_set_id],
        )
        cursor.execute("ANALYZE")


def measure(get: Callable[[], Any]) -> tuple[float, float, int]:
    """Milliseconds of the middle run, those of this process's processor in it, and the number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    get()
    with CaptureQueriesContext(connection) as queries:
        assert get().status_code == 200
        count = len(queries.captured_queries)
    whole, own = [], []
    for _run in range(RUNS):
        begin, begun = perf_counter(), process_time()
        get()
        whole.append(perf_counter() - begin)
        own.append(process_time() - begun)
    return median(whole) * 1_000, median(own) * 1_000, count


def words(found: tuple[float, float, int], trivial: tuple[float, float, int]) -> str:
    """Milliseconds, the processor's part of them, the ratio to the trivial page, queries."""
    whole, own, queries = found
    return f"{whole:>7.0f} ms {own:>7.0f} ms of processor {whole / trivial[0]:>6.1f} {queries:>4} queries"


def main() -> int:
    """Print the table; refuses any engine but a scratch PostgreSQL."""
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        print("Run as: python -m tests.services.postgres python -m benchmarks.monitor", file=sys.stderr)
        return 2
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from units import clock

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    with clock.at(NOW):
        watcher, cycle = build()
        client = Client()
        client.force_login(watcher, backend="django.contrib.auth.backends.ModelBackend")
        trivial = measure(lambda: client.get(reverse("notices")))
        print(f"{'own notices, none there':<32}{words(trivial, trivial)}")
        pages = [
            ("overview", reverse("monitor", args=[cycle.pk]), {}),
            ("overview, page 40 of 80", f"{reverse('monitor', args=[cycle.pk])}?page=40", {}),
            ("overview, filtered and sorted", f"{reverse('monitor', args=[cycle.pk])}?tim=12&sap_xep=du-bao", {}),
            ("refresh of the overview", reverse("monitor", args=[cycle.pk]), {"HX-Request": "true"}),
            ("where dossiers wait", reverse("monitor-waiting", args=[cycle.pk]), {}),
            ("timeliness ranking", reverse("monitor-ranking", args=[cycle.pk]), {}),
            ("plan against actual", reverse("monitor-plan", args=[cycle.pk]), {}),
        ]
        for name, url, headers in pages:
            found = measure(lambda url=url, headers=headers: client.get(url, headers=headers))  # type: ignore[misc]
            print(f"{name:<32}{words(found, trivial)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
