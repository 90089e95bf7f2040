"""Progress of a plan as a workbook: tasks, targets, and every report that the reader may see."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from units import clock
from units.clock import LOCAL

from .calendar import long_date
from .followup import plan_progress
from .models import Plan
from .pages import figure_words, target_rows, task_rows
from .reports import TaskReport

# Titles and widths of the columns of each sheet.
TASKS = (("Số", 9), ("Nhiệm vụ", 60), ("Chủ trì", 34), ("Thời gian", 22), ("Tiến độ (%)", 12), ("Xu hướng", 20),
         ("Số đơn vị đã xác nhận", 14), ("Tình trạng", 26))  # fmt: skip
TARGETS = (("Số", 9), ("Chỉ tiêu", 60), ("Cần đạt", 16), ("Số liệu", 14), ("Nguồn", 34), ("Thời hạn", 24),
           ("Tình trạng", 16))  # fmt: skip
REPORTS = (("Nhiệm vụ", 9), ("Cơ quan", 34), ("Kỳ báo cáo", 20), ("Hạn báo cáo", 24), ("Tình trạng", 22),
           ("Tiến độ (%)", 12), ("Kết quả thực hiện", 70), ("Gửi lúc", 18), ("Người gửi", 24), ("Ghi thay", 10),
           ("Ý kiến của Sở Nội vụ", 40))  # fmt: skip


def workbook(plan: Plan, reports: QuerySet[TaskReport]) -> bytes:
    """The workbook of `plan`; `reports` are those that the reader may see. Six queries for any number of rows."""
    tasks = list(plan.tasks.prefetch_related("leads", "coordinators"))
    content = io.BytesIO()
    # Texts come from people: none of them is a formula, a number or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(content, options)
    _sheet(book, _("Nhiệm vụ"), plan, TASKS, _task_lines(plan, tasks))
    _sheet(book, _("Chỉ tiêu"), plan, TARGETS, _target_lines(plan, tasks))
    _sheet(book, _("Báo cáo"), plan, REPORTS, _report_lines(plan, reports))
    book.close()
    return content.getvalue()


def _sheet(
    book: Any, name: str, plan: Plan, columns: Sequence[tuple[str, int]], lines: Iterable[Sequence[Any]]
) -> None:
    title = book.add_format({"bold": True, "font_size": 13})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#EEF2F6"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    number = book.add_format({"border": 1, "valign": "top", "num_format": "0.##"})
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, f"{plan.number} · {plan.title}", title)
    sheet.write_string(1, 0, _("Tình hình đến %(day)s") % {"day": long_date(clock.today())})
    for at, (text, width) in enumerate(columns):
        sheet.set_column(at, at, width)
        sheet.write_string(3, at, text, head)
    sheet.freeze_panes(4, 0)
    sheet.repeat_rows(3)
    for row, line in enumerate(lines, start=4):
        for at, value in enumerate(line):
            if isinstance(value, str):
                sheet.write_string(row, at, value, cell)
            elif value is None:
                sheet.write_blank(row, at, None, cell)
            else:
                sheet.write_number(row, at, value, number)


def _task_lines(plan: Plan, tasks: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for row in task_rows(plan, tasks, plan_progress(plan)):
        progress, task = row.progress, row.task
        said: tuple[Any, ...] = (None, "", None, "")
        if progress is not None:
            chip = progress.chip
            said = (
                progress.percent,
                progress.trend_words if progress.trend else "",
                progress.bodies,
                chip["text"] if chip else "",
            )
        yield (task.number, task.name, task.lead, task.time_text, *said)


def _target_lines(plan: Plan, tasks: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for row in target_rows(plan, tasks):
        standing = row.standing
        assert standing is not None
        chip = standing.chip
        yield (
            row.target.number,
            row.target.text,
            figure_words(row.target),
            standing.figure,
            standing.note,
            long_date(row.target.deadline.last_day),
            chip["text"] if chip else _("Không đo bằng số"),
        )


def _report_lines(plan: Plan, reports: QuerySet[TaskReport]) -> Iterable[Sequence[Any]]:
    found = reports.filter(task__plan=plan).select_related("task", "reported_by")
    for report in found.order_by("task__order", "body", "starts_on", "pk"):
        yield (
            report.task.number,
            report.body,
            report.period_words,
            long_date(report.due_on),
            str(report.get_state_display()),
            report.percentage,
            report.text,
            f"{report.reported_at.astimezone(LOCAL):%H:%M %d/%m/%Y}" if report.reported_at else "",
            str(report.reported_by or ""),
            _("Có") if report.on_behalf else "",
            report.comment,
        )
