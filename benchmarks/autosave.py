"""What saving one criterion costs beside the least that any save costs.

Run with ``python -m benchmarks.autosave``. It starts a PostgreSQL of its own that waits for the disk as in production,
makes a unit with a domain of 30 criteria, and sends by turns an autosave of the scoring sheet and a POST to a view
that does one UPDATE behind the same middleware, CSRF check and sign-in. Prints the median of both in ms of server
time, their ratio, and the number of statements of each. Asked: ratio at most 1,5, statements at most 8.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

ROUNDS = 400
WARM_UP = 40
CRITERIA = 30


def one_update(request: Any, score: int) -> Any:
    """The least that a save costs: who is it, one UPDATE, an empty answer."""
    from django.http import HttpResponse

    from assessments.models import Score

    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    Score.objects.filter(pk=score).update(explanation=request.POST["explanation"])
    return HttpResponse(status=204)


def urls() -> tuple[Any, ...]:
    """The product's addresses and the one of the comparison."""
    from django.urls import path

    from config.urls import urlpatterns as product

    return (*product, path("one-update/<int:score>", one_update, name="one-update"))


def rows() -> Sequence[tuple[str, str, str, str, dict[str, Any] | None]]:
    """A domain of CRITERIA leaves under three headings."""
    leaf = {"kind": "proportional", "labels": {"a": "Số nhiệm vụ hoàn thành", "b": "Tổng số nhiệm vụ"}}
    found: list[tuple[str, str, str, str, dict[str, Any] | None]] = [("1", "Chỉ đạo điều hành", "30", "", None)]
    for heading in range(1, 4):
        found.append((f"1.{heading}", f"Nhóm {heading}", "10", "", None))
        found += [
            (f"1.{heading}.{number}", f"Tiêu chí thành phần {heading}.{number}", "1", "self", leaf)
            for number in range(1, CRITERIA // 3 + 1)
        ]
    return found


def timed(send: Callable[[int], Any], number: int) -> float:
    began = perf_counter()
    answer = send(number)
    took = perf_counter() - began
    if answer.status_code not in (200, 204):
        raise SystemExit(f"answered {answer.status_code}")
    return took * 1000


def statements(send: Callable[[int], Any], number: int) -> int:
    """SQL statements of one call; BEGIN and COMMIT belong to the connection, not to the view."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        send(number)
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in found.captured_queries)


def measure() -> None:
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client
    from django.urls import reverse

    from assessments.stages import Stage
    from tests import factories

    world = factories.world(leaves=rows()).open()
    world.to(Stage.SELF_ASSESSING)
    score = world.score("1.2.5")
    client = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    client.force_login(world.officer["so-a"])
    client.cookies[settings.CSRF_COOKIE_NAME] = token = _get_new_csrf_string()
    minimal = {"HX-Request": "true", "X-CSRFToken": token, "Prefer": "return=minimal"}
    save = reverse("save-score", args=[world.dossiers["so-a"].pk, score.pk])
    update = reverse("one-update", args=[score.pk])

    def autosave(number: int) -> Any:
        data = {"version": number, "figures.a": str(number % 90), "figures.b": "100", "explanation": f"Lần {number}."}
        return client.post(save, data, headers=minimal)

    def bare(number: int) -> Any:
        return client.post(update, {"explanation": f"Lần {number}."}, headers=minimal)

    first = world.score("1.2.5").version
    took: dict[str, list[float]] = {"autosave": [], "one UPDATE": []}
    for number in range(first, first + WARM_UP + ROUNDS):
        took["one UPDATE"].append(timed(bare, number))
        took["autosave"].append(timed(autosave, number))
    middle = {name: median(times[WARM_UP:]) for name, times in took.items()}
    last = first + WARM_UP + ROUNDS
    for name, send in (("one UPDATE", bare), ("autosave", autosave)):
        print(f"{name:12} {middle[name]:6.2f} ms   {statements(send, last)} statements")
    print(f"ratio        {middle['autosave'] / middle['one UPDATE']:6.2f}")


def main() -> int:
    from tests.services.postgres import postgres

    with postgres(durable=True) as url:
        os.environ.update(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings.base", SECRET_KEY="benchmark")
        import django
        from django.core.management import call_command
        from django.test import override_settings

        django.setup()
        call_command("migrate", verbosity=0)
        with override_settings(ROOT_URLCONF=urls()):
            measure()
        from django.db import connection

        connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
