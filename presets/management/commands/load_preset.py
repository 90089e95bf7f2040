"""`manage.py load_preset quang-binh --year 2026`: a province's units, plan, criteria and survey quotas."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from presets import quang_binh
from survey.models import Quota
from units import clock

PRESETS = {"quang-binh": quang_binh.load}


class Command(BaseCommand):
    help = "Nạp dữ liệu của một tỉnh: đơn vị, kế hoạch, bộ chỉ số minh họa, chỉ tiêu phiếu điều tra."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("preset", choices=sorted(PRESETS))
        parser.add_argument("--year", type=int, help="Năm đánh giá; mặc định là năm nay.")

    def handle(self, *args: Any, preset: str, year: int | None, **options: Any) -> None:
        cycle = PRESETS[preset](year or clock.today().year)
        quotas = Quota.objects.filter(respondent_group__cycle_group__cycle=cycle)
        self.stdout.write(
            f"{cycle}: {quotas.values('unit').distinct().count()} đơn vị, "
            f"{sum(quota.planned for quota in quotas)} phiếu điều tra."
        )
