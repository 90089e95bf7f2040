"""The whole site from one command: web, scheduler and, where tasks are queued, their worker."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.supervisor import Child, Supervisor

WEB_THREADS = 4
WEB_TIMEOUT_SECONDS = 120


class Command(BaseCommand):
    """For a province with one machine; larger sites run the same three commands as services of their own."""

    help = "Chạy cả hệ thống: máy chủ web, việc định kỳ và hàng đợi."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen, and how many web processes."""
        parser.add_argument("--bind", default="127.0.0.1:8000", help="địa chỉ:cổng (mặc định 127.0.0.1:8000)")
        parser.add_argument("--workers", type=int, default=2, help="số tiến trình web (mặc định 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until SIGTERM or SIGINT; leaves with the exit code of a child that cannot stay up."""
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        if not settings.DEBUG and not manifest.exists():
            raise CommandError("Chưa có tệp tĩnh: chạy `manage.py collectstatic` trước.")
        require_free(options["bind"])
        self.stdout.write(f"Chỉ số CCHC: http://{options['bind']} (Ctrl+C để dừng)")
        self.stdout.flush()
        code = Supervisor(children(bind=options["bind"], workers=options["workers"])).run()
        if code:
            sys.exit(code)


def require_free(bind: str) -> None:
    """Raise CommandError when `bind` is not host:port, or another program already listens there.

    gunicorn would say so too, but only after several attempts of its own.
    """
    host, _, port = bind.rpartition(":")
    if not port.isdecimal():
        raise CommandError(f"--bind {bind}: viết dạng địa chỉ:cổng, ví dụ 127.0.0.1:8000")
    host = host.strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise CommandError(f"Không mở được {bind}: {error.strerror}") from error


def children(*, bind: str, workers: int) -> list[Child]:
    """The processes of one site under the current settings."""
    manage = str(Path(settings.BASE_DIR) / "manage.py")
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "config.wsgi:application",
        "--no-control-socket",
        f"--chdir={settings.BASE_DIR}",
        f"--bind={bind}",
        f"--workers={workers}",
        "--worker-class=gthread",
        f"--threads={WEB_THREADS}",
        f"--timeout={WEB_TIMEOUT_SECONDS}",
        "--graceful-timeout=20",
        "--log-level=warning",
    ]
    result = [Child("web", web), Child("scheduler", [sys.executable, manage, "scheduler"])]
    if apps.is_installed("huey.contrib.djhuey"):
        result.append(Child("worker", [sys.executable, manage, "run_huey", "--quiet"]))
    return result
