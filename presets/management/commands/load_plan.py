"""`manage.py load_plan ben-tre`: a plan with its tasks, targets, working groups and sheets."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from presets.plans import load_plan, names


class Command(BaseCommand):
    help = "Nạp một kế hoạch có sẵn: nhiệm vụ, chỉ tiêu, tổ công tác, số phiếu phân bổ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", choices=names())

    def handle(self, *args: Any, plan: str, **options: Any) -> None:
        loaded = load_plan(plan)
        self.stdout.write(
            f"{loaded}: {loaded.tasks.count()} nhiệm vụ, {loaded.targets.count()} chỉ tiêu, "
            f"{loaded.groups.count()} tổ công tác, {sum(row.planned for row in loaded.sheet_quotas.all())} phiếu."
        )
