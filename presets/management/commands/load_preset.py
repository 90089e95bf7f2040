"""`manage.py load_preset quang-binh --year 2026`: a province's units and criteria, and what else its seed gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.models import Cycle
from criteria.models import CriteriaSet
from criteria.scoring import format_number
from criteria.services import freeze_preview
from presets import dossi, hai_cap, quang_binh, son_la
from presets.places import OtherProvince
from survey.models import Quota
from units import clock
from units.models import Unit

PRESETS: Mapping[str, Callable[[int], Cycle | list[CriteriaSet]]] = {
    "quang-binh": quang_binh.load,
    "son-la": son_la.load,
    "ben-tre": dossi.load_ben_tre,
    "ninh-binh": dossi.load_ninh_binh,
    "hai-cap": hai_cap.load,
}


class Command(BaseCommand):
    help = "Nạp dữ liệu của một tỉnh: đơn vị, bộ chỉ số minh họa, kế hoạch và chỉ tiêu phiếu điều tra nếu có."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("preset", choices=sorted(PRESETS))
        parser.add_argument("--year", type=int, help="Năm đánh giá; mặc định là năm nay.")

    def handle(self, *args: Any, preset: str, year: int | None, **options: Any) -> None:
        try:
            made = PRESETS[preset](year or clock.today().year)
        except OtherProvince as error:
            raise CommandError(str(error)) from error
        if isinstance(made, Cycle):
            self.say_cycle(made)
        else:
            self.say_sets(made)

    def say_cycle(self, cycle: Cycle) -> None:
        quotas = Quota.objects.filter(respondent_group__cycle_group__cycle=cycle)
        self.stdout.write(
            f"{cycle}: {quotas.values('unit').distinct().count()} đơn vị, "
            f"{sum(quota.planned for quota in quotas)} phiếu điều tra."
        )

    def say_sets(self, sets: list[CriteriaSet]) -> None:
        self.stdout.write(f"{Unit.objects.filter(group__isnull=False).count()} đơn vị được xếp hạng.")
        for criteria_set in sets:
            found = freeze_preview(criteria_set)
            self.stdout.write(
                f"{criteria_set}: {len(found.domains)} lĩnh vực, {found.criteria} tiêu chí, "
                f"{found.leaves} mục được chấm điểm, {format_number(found.totals.points)} điểm."
            )
