"""The one clock: stands inside a block, runs on from a shift, and cannot be moved in production."""

from __future__ import annotations

import ast
import datetime as dt
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from units import clock
from units.clock import ClockIsFixed

ROOT = Path(__file__).resolve().parents[2]
APPS = ("workflow", "results", "survey", "assessments", "evidence", "notifications", "plans", "criteria", "units")
NEW_YEAR = dt.datetime(2027, 1, 1, tzinfo=clock.LOCAL)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def own_file(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    yield
    clock._shift_read = (-1, dt.timedelta(0))


def test_clock_runs_in_real_time_and_utc() -> None:
    before = dt.datetime.now(dt.UTC)
    now = clock.now()
    assert before <= now <= dt.datetime.now(dt.UTC)
    assert now.tzinfo is dt.UTC
    assert not clock.is_moved()


def test_clock_stands_inside_the_block() -> None:
    with clock.at(NEW_YEAR):
        assert clock.now() == clock.now() == NEW_YEAR
        assert clock.now().tzinfo is dt.UTC
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < 60 * SECOND


def test_blocks_may_nest() -> None:
    with clock.at(NEW_YEAR):
        with clock.at(NEW_YEAR + SECOND):
            assert clock.now() == NEW_YEAR + SECOND
        assert clock.now() == NEW_YEAR


def test_block_ends_with_an_error_too() -> None:
    with pytest.raises(RuntimeError), clock.at(NEW_YEAR):
        raise RuntimeError
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < 60 * SECOND


def test_other_threads_keep_their_own_time() -> None:
    seen: list[dt.datetime] = []
    with clock.at(NEW_YEAR):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert abs(seen[0] - dt.datetime.now(dt.UTC)) < 60 * SECOND


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (dt.datetime(2026, 12, 14, 16, 59, 59, 999999, tzinfo=dt.UTC), dt.date(2026, 12, 14)),
        (dt.datetime(2026, 12, 14, 17, 0, tzinfo=dt.UTC), dt.date(2026, 12, 15)),
    ],
)
def test_today_is_the_local_day(instant: dt.datetime, day: dt.date) -> None:
    with clock.at(instant):
        assert clock.today() == day


def test_shifted_clock_runs_on_from_there() -> None:
    clock.shift(NEW_YEAR)
    assert clock.is_moved()
    first = clock.now()
    assert abs(first - NEW_YEAR) < 5 * SECOND
    assert clock.now() >= first
    clock.shift(None)
    assert not clock.is_moved()
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < 5 * SECOND


def test_shift_of_another_process_is_seen(tmp_path: Path) -> None:
    assert not clock.is_moved()
    (tmp_path / "clock").write_text("86400")
    assert abs(clock.now() - dt.datetime.now(dt.UTC) - dt.timedelta(days=1)) < 5 * SECOND


def test_standing_clock_wins_over_a_shift() -> None:
    clock.shift(NEW_YEAR)
    with clock.at(NEW_YEAR + dt.timedelta(days=5)):
        assert clock.now() == NEW_YEAR + dt.timedelta(days=5)


def test_unshifting_twice_does_no_harm() -> None:
    clock.shift(None)
    clock.shift(None)
    assert not clock.is_moved()


def test_production_clock_cannot_be_moved(settings: Settings, tmp_path: Path) -> None:
    settings.CCHC_CLOCK_CAN_MOVE = False
    with pytest.raises(ClockIsFixed), clock.at(NEW_YEAR):
        pass
    for target in (NEW_YEAR, None):
        with pytest.raises(ClockIsFixed):
            clock.shift(target)
    assert not (tmp_path / "clock").exists()


def test_production_clock_ignores_a_file_that_lies_there(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("86400")
    settings.CCHC_CLOCK_CAN_MOVE = False
    assert not clock.is_moved()
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < 5 * SECOND


def asks_elsewhere(source: str) -> list[int]:
    """Lines that ask the system for the time: datetime.now(), date.today(), timezone.now(), time.time()."""
    forbidden = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("timezone", "now"), ("time", "time")}
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if (name, node.func.attr) in forbidden:
                found.append(node.lineno)
    return found


def test_search_finds_what_asks_the_system() -> None:
    assert asks_elsewhere("import datetime as dt\nx = dt.datetime.now(dt.UTC)\ny = clock.now()\n") == [2]


def test_nobody_else_asks_the_system_for_the_time() -> None:
    asking = {
        str(path.relative_to(ROOT)): lines
        for app in APPS
        for path in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in path.parts and path != ROOT / "units" / "clock.py"
        if (lines := asks_elsewhere(path.read_text(encoding="utf-8")))
    }
    assert asking == {}
