"""What the whole suite shares: real services, and in CI no test may be skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase
from pytest_django.fixtures import Settings
from zeal import zeal_context

from criteria.trees import frozen_branches, frozen_leaf
from tests.services import prepared

pytest_plugins = ["tests.services.fixtures"]

# Modules whose tests ask for no database.
PURE = {
    *("test_bands", "test_checks", "test_figures", "test_measures", "test_points", "test_review", "test_rule_data"),
    *("test_rule_text", "test_rules", "test_scoring", "test_scoring_properties", "test_spreadsheet_properties"),
    *("test_calendar", "test_calendar_properties", "test_ical", "test_gantt", "test_content", "test_criteria_data"),
    *("test_forecast", "test_progress", "test_ranking", "test_tally", "test_names", "test_sniff"),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Outside `make test-postgres`, tests of PostgreSQL's own behaviour say why they do not run.

    Within it, tests of pure modules are left to the run on SQLite: another engine cannot change them.
    """
    if connection.vendor == "postgresql":
        pure = [item for item in items if item.path.stem in PURE]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if item.path.stem not in PURE]
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL: make test-postgres")
    for item in items:
        if "postgres" in item.keywords:
            item.add_marker(skip)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: nobody would notice that a service is missing there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI") or hasattr(session.config, "workerinput"):
        return
    skipped = reporter.stats.get("skipped", [])
    if skipped and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        reporter.write_line(f"CI: {len(skipped)} skipped, which counts as failed", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite the test database is a copy that is migrated already; it is thrown away as a file."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Put the prepared database in place, for each test process its own."""
    if connection.vendor != "sqlite":
        yield
        return
    target = Path(django_settings.DATABASES["default"]["TEST"]["NAME"])
    prepared.copy_to(target)
    yield
    for left in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        left.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    """Files of one test are never seen by another."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """What a process keeps of frozen criteria ends with the test, before the next builds others under the same keys."""
    frozen_leaf.cache_clear()
    frozen_branches.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def append_only_tables_can_be_emptied_between_tests() -> Iterator[None]:
    """On SQLite a transactional test is cleaned up by DELETE, which append-only tables refuse by trigger.

    PostgreSQL truncates, which their triggers do not see. The triggers are put back as they were.
    """
    original = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        with triggers_lifted():
            original(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@contextmanager
def triggers_lifted() -> Iterator[None]:
    """Without any trigger for the length of the block, on SQLite."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for _, definition in triggers:
                cursor.execute(definition)


@pytest.fixture
def zeal() -> Iterator[None]:
    """Raise as soon as one place of the code fetches related rows one by one."""
    assert django_settings.ZEAL_RAISE
    with zeal_context():
        yield
