"""`manage.py simulate`: plays a cycle for all units through the same services and flow tasks that people use."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm  # type: ignore[import-untyped]

from assessments.models import Cycle
from presets import people
from presets.simulation import Simulation
from units import clock
from units.models import Unit


class Command(BaseCommand):
    help = "Chạy thử một đợt đánh giá với người dùng giả định, có trả lại, gửi muộn, bổ sung và kiến nghị."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, help="Năm của đợt đánh giá; mặc định là đợt mới nhất.")
        parser.add_argument("--seed", type=int, default=2021, help="Cùng một số cho cùng một diễn biến.")
        parser.add_argument("--until", type=dt.date.fromisoformat, help="Dừng sau ngày này (2026-12-20).")
        parser.add_argument("--skip", nargs="*", default=[], help="Mã đơn vị để lại cho người thật làm.")
        parser.add_argument("--password", help="Mật khẩu của tài khoản đơn vị được tạo thêm.")
        parser.add_argument("--move-clock", action="store_true", help="Để đồng hồ của phần mềm ở lúc dừng.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CCHC_CLOCK_CAN_MOVE:
            raise CommandError("Không chạy thử trên hệ thống thật: đồng hồ không được phép dịch chuyển.")
        cycles = Cycle.objects.filter(year=options["year"]) if options["year"] else Cycle.objects.all()
        cycle = cycles.order_by("-year").first()
        if cycle is None:
            raise CommandError("Chưa có đợt đánh giá nào. Hãy chạy: manage.py load_preset quang-binh")
        units = Unit.objects.filter(group__cycles__cycle=cycle, active=True)
        people.staff(list(units), password=options["password"], mail_domain=f"{cycle.province.code}.example")
        play(cycle, until=options["until"], seed=options["seed"], skip=options["skip"])
        if options["move_clock"] and options["until"]:
            clock.shift(dt.datetime.combine(options["until"], dt.time(17), clock.LOCAL))
        cycle.refresh_from_db()
        self.stdout.write(f"{cycle}: {cycle.get_stage_display()}.")


def play(cycle: Cycle, *, until: dt.date | None, seed: int = 2021, skip: list[str] | None = None) -> int:
    """Play `cycle` to the end of `until` with a progress bar; returns the number of events."""
    end = None if until is None else dt.datetime.combine(until, dt.time(23, 59), clock.LOCAL)
    with tqdm(desc=f"Năm {cycle.year}", unit=" việc", file=sys.stderr, mininterval=0.5) as bar:

        def step(text: str) -> None:
            bar.set_postfix_str(text, refresh=False)
            bar.update()

        return Simulation(cycle, seed=seed, skip=skip or [], step=step).run(until=end)
