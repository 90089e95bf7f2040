"""`manage.py serve`: a page answers, a stop is a clean stop, a busy port is said at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command
from pytest_django import Settings

from config.management.commands.scheduler import Command as Scheduler
from config.management.commands.serve import children, require_free
from tests.services.processes import answers, free_port, running

ROOT = Path(__file__).resolve().parents[2]


def site_environment(folder: Path) -> dict[str, str]:
    """The environment of a site whose data is in `folder`."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "CCHC_VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
    }


def test_serve_answers_and_ends_cleanly(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "serve", f"--bind=127.0.0.1:{port}", "--workers=1"]
    log = tmp_path / "serve.log"
    with running(command, port=port, log=log, cwd=tmp_path, env=site_environment(tmp_path)) as process:
        answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=30)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text(encoding="utf-8")
    assert answers(port) is False


def test_serve_busy_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        command = [sys.executable, str(ROOT / "manage.py"), "serve", f"--bind=127.0.0.1:{port}"]
        result = subprocess.run(
            command, env=site_environment(tmp_path), capture_output=True, text=True, check=False, timeout=60
        )
    assert result.returncode == 1
    assert result.stderr.startswith(f"CommandError: Không mở được 127.0.0.1:{port}: ")


def test_serve_bind_without_a_port_is_refused() -> None:
    with pytest.raises(CommandError, match="viết dạng địa chỉ:cổng"):
        require_free("localhost")


def test_serve_without_collected_files_is_refused_outside_development(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    with pytest.raises(CommandError, match=r"manage\.py collectstatic"):
        call_command("serve")


def test_serve_runs_web_and_scheduler() -> None:
    found = children(bind="127.0.0.1:8000", workers=3)
    assert [child.name for child in found] == ["web", "scheduler"]
    assert "--no-control-socket" in found[0].command
    assert "--workers=3" in found[0].command
    assert list(found[1].command)[-1] == "scheduler"


def test_scheduler_tick_that_fails_is_logged_and_survived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[str] = []

    def tick(name: str) -> None:
        calls.append(name)
        raise RuntimeError("broken")

    monkeypatch.setattr("config.management.commands.scheduler.call_command", tick)
    monkeypatch.setattr("config.management.commands.scheduler.close_old_connections", lambda: None)
    Scheduler()._tick()
    Scheduler()._tick()
    assert calls == ["tick", "tick"]
    assert [record.message for record in caplog.records] == ["tick failed; the next one comes in its turn"] * 2
