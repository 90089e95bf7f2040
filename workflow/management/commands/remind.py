"""`manage.py remind`: puts today's reminders into the outbox; running it again adds nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from workflow.reminders import remind


class Command(BaseCommand):
    help = "Ghi thông báo nhắc hạn của hôm nay vào hộp thư chờ gửi; chạy lại không gửi trùng."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remind()} thông báo nhắc hạn mới.")
