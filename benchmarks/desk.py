"""What showing an appraisal desk costs beside the least that any page costs.

Run with ``python -m benchmarks.desk``. It starts a PostgreSQL of its own, makes 8 units with a domain of 30 criteria
each, and asks by turns for the desk of the next unit, the desk of the next criterion with all units, and a page that
only looks who is signed in, behind the same middleware. Prints the median of each in ms of server time and its ratio
to the trivial page, with the number of statements. Asked: switching the unit under 100 ms.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from .autosave import rows as proportional
from .autosave import statements

UNITS = 8
ROUNDS = 60
WARM_UP = 8


def rows() -> list[tuple[str, str, str, str, dict[str, Any] | None]]:
    """The domain of the autosave's benchmark with rules that the tests' province can fill in."""
    return [
        (code, name, maximum, source, rule if rule is None or code == "1.1.2" else {"kind": "yes_no"})
        for code, name, maximum, source, rule in proportional()
    ]


def timed(send: Callable[[int], Any], number: int) -> float:
    began = perf_counter()
    answer = send(number)
    took = perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"answered {answer.status_code}")
    return took * 1000


def build() -> Any:
    """A world of UNITS units in one group whose dossiers are with the council."""
    from assessments.stages import Stage
    from tests import factories
    from units import access
    from units.models import Unit
    from units.permissions import Role

    world = factories.world(leaves=rows())
    first = world.units["so-a"]
    for number in range(UNITS - len(world.units)):
        code = f"so-them-{number}"
        unit = Unit.objects.create(
            code=code,
            name=f"Sở thứ {number}",
            kind=first.kind,
            parent=first.parent,
            group=first.group,
            order=10 + number,
        )
        world.units[code] = unit
        for people, role in (
            (world.officer, Role.OFFICER),
            (world.coordinator, Role.COORDINATOR),
            (world.head, Role.HEAD),
        ):
            people[code] = factories.user(f"{code}.{role.value}")
            access.join(people[code], unit, role)
    world.open()
    for unit_code in world.units:
        world.to(Stage.SELF_ASSESSING, unit_code)
        world.to(Stage.APPRAISING, unit_code)
    return world


def measure() -> None:
    from django.test import Client
    from django.urls import reverse

    from workflow.side_by_side import appraised_leaves

    world = build()
    domain = world.domain("1")
    client = Client()
    client.force_login(world.second_appraiser)
    units = [reverse("appraise-domain", args=[row.pk, domain.pk]) for row in world.dossiers.values()]
    criteria = [reverse("appraise-criterion", args=[world.cycle.pk, leaf.pk]) for leaf in appraised_leaves(domain)]
    pages: dict[str, Callable[[int], Any]] = {
        "trivial": lambda number: client.get(reverse("trivial")),
        "unit": lambda number: client.get(units[number % len(units)]),
        "criterion": lambda number: client.get(criteria[number % len(criteria)]),
    }
    took: dict[str, list[float]] = {name: [] for name in pages}
    for number in range(WARM_UP + ROUNDS):
        for name, send in pages.items():
            took[name].append(timed(send, number))
    least = median(took["trivial"][WARM_UP:])
    for name, send in pages.items():
        middle = median(took[name][WARM_UP:])
        asked = statements(lambda send=send: send(0))  # type: ignore[misc]
        print(f"{name:10} {middle:7.2f} ms   ratio {middle / least:6.1f}   {asked} statements")


def main() -> int:
    from tests.services.postgres import postgres

    with postgres(durable=True) as url:
        os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="benchmarks.settings")
        import django
        from django.core.management import call_command
        from django.db import connection

        django.setup()
        call_command("migrate", verbosity=0)
        measure()
        connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
