"""The tables of the monitor's pages as they are taken away: every row that the filter leaves, all pages of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from assessments.models import Cycle
from assessments.stages import STEPS
from plans.calendar import Timeliness, short_date
from results.documents.model import Align
from units.templatetags.cchc import vdatetime

from .burnup import BurnUp
from .export import Head, Part, Value
from .lines import Line
from .ranking import GroupShare, Ranked
from .timeline import NOTHING_REPORTED, Timeline, reported
from .waiting import STEP_COUNT, StageTime, UnitTimes

NUMBER: Head = (10, Align.CENTER, "TT")


def units(lines: Sequence[Line], *, grouped: bool) -> Part:
    """The units of the heat map."""
    rows: list[tuple[Value, ...]] = []
    for number, line in enumerate(lines, start=1):
        row = line.standing
        rows.append(
            (
                number,
                row.unit,
                str(row.stage.label),
                row.waits,
                line.counts.own.percent,
                line.counts.appraised.percent if row.submitted_at else "",
                short_date(row.deadline.last_day),
                line.chip["text"],
                line.outlook.get("text", ""),
            )
        )
    return Part(
        name=_("Tiến độ"),
        columns=(
            NUMBER,
            (66, Align.LEFT, _("Đơn vị")),
            (30, Align.LEFT, _("Bước hiện tại")),
            (22, Align.CENTER, _("Số ngày ở bước này")),
            (22, Align.CENTER, _("Tự đánh giá (%)")),
            (22, Align.CENTER, _("Thẩm định (%)")),
            (26, Align.CENTER, _("Hạn gửi hồ sơ")),
            (34, Align.LEFT, _("Tình trạng")),
            (36, Align.LEFT, _("Dự báo")),
        ),
        rows=rows,
        groups=[line.standing.group for line in lines],
        grouped=grouped,
    )


def burn_up(chart: BurnUp) -> Part:
    """Criteria done by day against an even pace, with the forecast in words."""
    note = _("%(percent)s %%: %(done)s trong %(total)s tiêu chí đã xong, %(recent)s tiêu chí trong 7 ngày qua.") % {
        "percent": chart.percent,
        "done": chart.done,
        "total": chart.total,
        "recent": chart.recent,
    }
    if chart.done < chart.total:
        note += " " + (
            _("Giữ đà này thì xong vào %(day)s.") % {"day": chart.finish_words}
            if chart.finish_on
            else _("Chưa đủ số liệu để dự báo ngày xong.")
        )
    return Part(
        name=_("Tiêu chí xong theo ngày"),
        columns=(
            (60, Align.LEFT, _("Ngày")),
            (60, Align.CENTER, _("Đã xong (tiêu chí)")),
            (60, Align.CENTER, _("Đã xong (%)")),
            (60, Align.CENTER, _("Nếu đều đến hạn (tiêu chí)")),
        ),
        rows=[(short_date(day.on), day.done, day.percent, day.ideal) for day in chart.days],
        note=note,
    )


def stages(found: Sequence[StageTime], before: Cycle | None) -> Part:
    """How long dossiers stood at each stage."""
    return Part(
        name=_("Thời gian ở mỗi bước"),
        columns=(
            (60, Align.LEFT, _("Bước")),
            (26, Align.CENTER, _("Năm nay (ngày)")),
            (26, Align.CENTER, _("Năm trước (ngày)")),
            (26, Align.CENTER, _("Chênh lệch (ngày)")),
            (22, Align.CENTER, _("Đã qua")),
            (22, Align.CENTER, _("Đang ở đây")),
            (70, Align.LEFT, _("Chờ lâu nhất")),
        ),
        rows=[
            (
                str(row.stage.label),
                row.median,
                row.before,
                row.change,
                row.finished,
                row.here,
                _("%(unit)s (%(days)s ngày)") % {"unit": row.longest.unit, "days": row.longest.waits}
                if row.longest
                else "",
            )
            for row in found
        ],
        note=_("Số ngày ở giữa (trung vị). So với “%(cycle)s”.") % {"cycle": before.name}
        if before
        else _("Số ngày ở giữa (trung vị). Chưa có đợt của năm trước để so sánh."),
    )


def unit_days(found: Sequence[UnitTimes], before: Cycle | None, *, grouped: bool) -> Part:
    """Days of each unit at each step, last year's beside this year's where there is a last year."""
    steps = [str(label) for label, _stages in STEPS[:STEP_COUNT]]
    years = ("", _(" (năm trước)")) if before else ("",)
    width = 14 if before else 26
    return Part(
        name=_("Số ngày theo đơn vị"),
        columns=(
            NUMBER,
            (52, Align.LEFT, _("Đơn vị")),
            *((width, Align.CENTER, f"{step}{year}") for step in steps for year in years),
            (16, Align.CENTER, _("Tổng")),
        ),
        rows=[
            (
                number,
                unit.standing.unit,
                *(days for cell in unit.cells for days in ((cell.days, cell.before) if before else (cell.days,))),
                unit.total,
            )
            for number, unit in enumerate(found, start=1)
        ],
        groups=[unit.standing.group for unit in found],
        grouped=grouped,
    )


def shares(found: Sequence[GroupShare]) -> Part:
    """How many units of each group were in time."""
    return Part(
        name=_("Đúng hạn theo nhóm"),
        columns=(
            (90, Align.LEFT, _("Nhóm")),
            (30, Align.CENTER, _("Đơn vị")),
            (30, Align.CENTER, _("Đã gửi")),
            (36, Align.CENTER, _("Đúng hạn hoặc được gia hạn")),
            (36, Align.CENTER, Timeliness.MISSING.label),
            (36, Align.CENTER, _("Tỷ lệ (%)")),
        ),
        rows=[
            (row.name or _("Chưa xếp nhóm"), row.units, row.sent, row.in_time, row.missing, row.percent)
            for row in found
        ],
    )


def ranks(found: Sequence[Ranked]) -> Part:
    """Who was in time, the earliest before all."""
    return Part(
        name=_("Xếp hạng đúng hạn"),
        columns=(
            (14, Align.CENTER, _("Hạng")),
            (72, Align.LEFT, _("Đơn vị")),
            (30, Align.CENTER, _("Hạn của đơn vị")),
            (52, Align.LEFT, _("Gửi lúc")),
            (36, Align.LEFT, _("So với hạn")),
            (28, Align.LEFT, _("Tình trạng")),
        ),
        rows=[
            (
                row.rank,
                row.standing.unit,
                short_date(row.standing.deadline.last_day),
                vdatetime(row.standing.submitted_at) if row.standing.submitted_at else None,
                row.words or None,
                row.standing.timeliness.label,
            )
            for row in found
        ],
        groups=[row.standing.group for row in found],
    )


def phases(found: Timeline) -> Part:
    """The phases of the cycle as planned and as they went."""
    return Part(
        name=_("Các giai đoạn của đợt"),
        columns=(
            (56, Align.LEFT, _("Giai đoạn")),
            (90, Align.LEFT, _("Kế hoạch")),
            (32, Align.CENTER, _("Bắt đầu")),
            (32, Align.CENTER, _("Kết thúc")),
            (42, Align.LEFT, _("So với kế hoạch")),
        ),
        rows=[
            (
                phase.name,
                phase.deadline.words(),
                short_date(phase.began) if phase.began else None,
                short_date(phase.ended) if phase.ended else None,
                phase.words(found.today),
            )
            for phase in found.phases
        ],
    )


def tasks(cycle: Cycle, found: Timeline) -> Part:
    """The plan's tasks with what their bodies have reported."""
    said = reported(cycle, found.today)

    def rows() -> Iterator[tuple[Value, ...]]:
        for row in found.tasks:
            heard = said.get(row.task.pk, NOTHING_REPORTED)
            yield (
                row.task.number,
                row.task.name,
                row.task.lead,
                row.task.time_text or None,
                short_date(heard.first) if heard.first else None,
                short_date(heard.last) if heard.last else None,
                _("Quá hạn báo cáo") if heard.is_late else _("Hoàn thành") if heard.is_done else None,
            )

    return Part(
        name=_("Nhiệm vụ của kế hoạch"),
        columns=(
            (14, Align.CENTER, _("Số")),
            (82, Align.LEFT, _("Nhiệm vụ")),
            (46, Align.LEFT, _("Chủ trì")),
            (38, Align.LEFT, _("Thời gian")),
            (24, Align.CENTER, _("Báo cáo đầu")),
            (24, Align.CENTER, _("Báo cáo cuối")),
            (24, Align.LEFT, _("Tình trạng")),
        ),
        rows=list(rows()),
    )
