"""Runs `tick` again and again: reminders, the outbox, whatever is due."""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

logger = logging.getLogger(__name__)

TICK_SECONDS = 60


class Command(BaseCommand):
    """One process that ticks; several do no harm, since every job is a row that one of them takes."""

    help = "Chạy các việc định kỳ (nhắc hạn, gửi thông báo) mỗi phút một lần."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--interval` is in seconds, from the start of one tick to the start of the next."""
        parser.add_argument("--interval", type=int, default=TICK_SECONDS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick until SIGTERM or SIGINT; a tick that fails is logged and the next one comes."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            started = time.monotonic()
            self._tick()
            stop.wait(max(0.0, options["interval"] - (time.monotonic() - started)))

    def _tick(self) -> None:
        close_old_connections()
        try:
            call_command("tick")
        except Exception:
            logger.exception("tick failed; the next one comes in its turn")
        finally:
            close_old_connections()
