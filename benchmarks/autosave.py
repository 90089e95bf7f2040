"""What saving one criterion costs beside the least that any save costs.

Run with ``python -m benchmarks.autosave``. It starts a PostgreSQL of its own that waits for the disk as in production,
makes a unit with a domain of 30 criteria, starts the web server with one process and one thread, and sends by turns an
autosave of the scoring sheet and a POST to a view that does one UPDATE behind the same middleware, CSRF check and
sign-in, over one open connection. Prints the median of both in ms, their ratio, and the number of statements of each.
Asked: ratio at most 1,5, statements at most 8.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median
from time import perf_counter, sleep
from typing import Any
from urllib.parse import urlencode

ROUNDS = 400
WARM_UP = 40
CRITERIA = 30
START_SECONDS = 60


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


@contextmanager
def web_server() -> Iterator[HTTPConnection]:
    """The web server as `manage.py serve` starts it, with one process and one thread, and a connection to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--no-control-socket"]
    command += [f"--bind=127.0.0.1:{port}", "--workers=1", "--worker-class=gthread", "--threads=1"]
    server = subprocess.Popen([*command, "--keep-alive=60", "--log-level=warning"])
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        for _attempt in range(START_SECONDS * 10):
            try:
                connection.connect()
                break
            except ConnectionRefusedError:
                sleep(0.1)
        yield connection
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


def statements(send: Callable[[], Any]) -> int:
    """SQL statements of one call; BEGIN and COMMIT belong to the connection, not to the view."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as found:
        send()
    return sum(query["sql"] not in ("BEGIN", "COMMIT") for query in found.captured_queries)


def typed(number: int) -> dict[str, str]:
    """What the sheet sends for one criterion, different for each `number`, which is also the version it was seen in."""
    figures = {"figures.a": str(number % 90), "figures.b": "100"}
    return {"version": str(number), "explanation": f"Lần {number}.", **figures}


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
    asked = {"HX-Request": "true", "X-CSRFToken": token, "Prefer": "return=minimal"}
    places = {
        "one UPDATE": reverse("one-update", args=[score.pk]),
        "autosave": reverse("save-score", args=[world.dossiers["so-a"].pk, score.pk]),
    }
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())
    headers = {**asked, "Cookie": cookies, "Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    took: dict[str, list[float]] = {name: [] for name in places}
    first = score.version
    last = first + WARM_UP + ROUNDS
    with web_server() as web:
        for number in range(first, last):
            body = urlencode(typed(number))
            for name, place in places.items():
                began = perf_counter()
                web.request("POST", place, body, headers)
                answer = web.getresponse()
                answer.read()
                took[name].append((perf_counter() - began) * 1000)
                if answer.status != 204:
                    raise SystemExit(f"{name}: {answer.status}")
    middle = {name: median(times[WARM_UP:]) for name, times in took.items()}
    for name, place in places.items():
        count = statements(lambda place=place: client.post(place, typed(last), headers=asked))
        print(f"{name:12} {middle[name]:6.2f} ms   {count} statements")
    print(f"ratio        {middle['autosave'] / middle['one UPDATE']:6.2f}")


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
