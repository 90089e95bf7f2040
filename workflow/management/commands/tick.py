"""`manage.py tick`: everything that is due now, once; the scheduler calls it every minute."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflow.sweep import sweep


class Command(BaseCommand):
    help = "Chạy một lượt các việc tự động: chuyển bước, hết hạn phản hồi, nhắc hạn, gửi thư, dọn tệp."

    def handle(self, *args: Any, **options: Any) -> None:
        done, failed = sweep()
        for name, count in done:
            if count:
                self.stdout.write(f"{count} {name}")
        if failed:
            raise CommandError("Việc tự động bị lỗi: " + ", ".join(failed))
