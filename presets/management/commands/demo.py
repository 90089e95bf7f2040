"""`manage.py demo`: a province with last year's published result and this year's cycle in full work."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.models import Cycle
from assessments.stages import CycleStage
from presets import people, quang_binh
from presets.progress import play_reports
from units import clock
from units.models import Unit

from .simulate import play

PASSWORD = "cchc-trinh-dien"  # noqa: S105  printed for everybody who runs the demo
# The unit that is left to whoever tries the demo.
OWN_UNIT = "so-tu-phap"
# Further units that report on the tasks of the demo's plan.
REPORTING = ("so-noi-vu", "so-tai-chinh", "so-y-te")

ACCOUNTS = (
    (f"{OWN_UNIT}.cv1", "Chuyên viên Sở Tư pháp: nhập số liệu, tài liệu, giải trình"),
    (f"{OWN_UNIT}.cv2", "Chuyên viên thứ hai của Sở Tư pháp"),
    (f"{OWN_UNIT}.daumoi", "Cán bộ đầu mối Sở Tư pháp: phân công, rà soát, gửi"),
    (f"{OWN_UNIT}.lanhdao", "Giám đốc Sở Tư pháp: phê duyệt"),
    ("td.vanphong", "Thành viên hội đồng: thẩm định lĩnh vực 1, 4, 5, 8"),
    ("td.tuphap2", "Thành viên hội đồng: thẩm định lĩnh vực 2, 3"),
    ("td.khdt", "Thành viên hội đồng: thẩm định lĩnh vực 6, 7"),
    ("thuky2", "Thư ký hội đồng: yêu cầu bổ sung, tổng hợp"),
    ("chutich.hoidong", "Chủ tịch hội đồng: kết luận"),
    ("noivu1", "Sở Nội vụ: theo dõi, gia hạn, điều tra, trình, công bố"),
    ("chutich", "Chủ tịch UBND tỉnh: quyết định"),
    ("dieutra1", "Điều tra viên"),
)


class Command(BaseCommand):
    help = "Dựng tỉnh trình diễn và in các tài khoản."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, help="Năm của đợt đang chạy; mặc định là năm nay.")
        parser.add_argument("--without-last-year", action="store_true", help="Không dựng kết quả năm trước.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CCHC_CLOCK_CAN_MOVE:
            raise CommandError("Không dựng dữ liệu trình diễn trên hệ thống thật.")
        year = options["year"] or dt.datetime.now(clock.LOCAL).year
        if not Cycle.objects.filter(year=year).exclude(stage=CycleStage.DRAFT).exists():
            self.build(year, last_year=not options["without_last_year"])
        self.print_accounts()

    def build(self, year: int, *, last_year: bool) -> None:
        """Play what a demo begins with, and let its clock run on from the 3rd of December."""
        for number in (year - 1, year) if last_year else (year,):
            cycle = quang_binh.load(number, password=PASSWORD)
            people.staff(
                list(Unit.objects.filter(group__isnull=False)), password=PASSWORD, mail_domain="quangbinh.example"
            )
            if number < year:
                play(cycle, until=None)
                continue
            play(cycle, until=dt.date(year, 11, 12))
            with clock.at(dt.datetime(year, 11, 13, 7, tzinfo=clock.LOCAL)):
                play(Cycle.objects.get(pk=cycle.pk), until=dt.date(year, 12, 2), skip=[OWN_UNIT])
        units = [Unit.objects.get(code=code) for code in (OWN_UNIT, *REPORTING)]
        play_reports(cycle.province, units, year=year)
        clock.shift(dt.datetime(year, 12, 3, 8, 30, tzinfo=clock.LOCAL))

    def print_accounts(self) -> None:
        width = max(len(name) for name, _what in ACCOUNTS)
        self.stdout.write(f"\nTài khoản trình diễn (mật khẩu chung: {PASSWORD})")
        for name, what in ACCOUNTS:
            self.stdout.write(f"  {name:<{width}}  {what}")
        self.stdout.write("\nCác đơn vị khác: <mã đơn vị>.cv1, .cv2, .daumoi, .lanhdao\n")
