"""The overview of the appraisal as a workbook: one sheet for each table of the page."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import gettext as _

from assessments.models import Score
from plans.calendar import short_date
from results.workbook import ILLUSTRATIVE, OPTIONS

from .lost_points_workbook import Value, write_sheet
from .overview import Cuts, Overview, Progress


def overview_workbook(found: Overview, *, illustrative: bool) -> bytes:
    """A sheet for each table, and one for each criterion that waits for the council; dates as they are printed."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    title = [_("Tổng quan thẩm định"), str(found.cycle), *([ILLUSTRATIVE] if illustrative else [])]
    progress = [_("Đang chờ"), _("Đã xong"), _("Chờ lâu nhất (ngày)")]
    cuts = [_("Tiêu chí đã chấm"), _("Tiêu chí điều chỉnh"), _("Điểm đã bớt"), _("Mức bớt trung bình (% điểm tối đa)")]

    def steps(row: Progress) -> list[Value]:
        return [row.name, row.open, row.done, row.waiting]

    def figures(row: Cuts) -> list[Value]:
        severity = row.figures
        return [row.name, severity.criteria, severity.changed, severity.taken_off, severity.percent]

    write_sheet(book, _("Lĩnh vực"), title, [_("Lĩnh vực"), *progress], [steps(row) for row in found.by_domain], wide=0)
    write_sheet(
        book,
        _("Người thẩm định"),
        title,
        [_("Người thẩm định"), *progress],
        [steps(row) for row in found.by_appraiser],
        wide=0,
    )
    write_sheet(
        book,
        _("Mức bớt điểm"),
        title,
        [_("Người thẩm định"), *cuts, _("So với trung vị"), _("Lưu ý")],
        [
            [*figures(row), row.against, _("Bớt nhiều hơn hẳn") if row.figures.flagged else ""]
            for row in found.appraisers
        ],
        wide=0,
    )
    write_sheet(book, _("Đơn vị"), title, [_("Đơn vị"), *cuts], [figures(row) for row in found.units], wide=0)
    write_sheet(
        book,
        _("Chưa trả lời"),
        title,
        [_("Đơn vị"), _("Tiêu chí"), _("Hạn bổ sung"), _("Quá hạn (ngày)")],
        [
            [
                str(row.item.request.dossier.unit),
                _criterion(row.item.score),
                short_date(row.item.due_on),
                row.late,
            ]
            for row in found.unanswered
        ],
    )
    write_sheet(
        book,
        _("Kiến nghị"),
        title,
        [_("Đơn vị"), _("Tiêu chí"), _("Điểm thẩm định"), _("Điểm đề nghị"), _("Lý do kiến nghị")],
        [
            [
                found.unit_of(row.score),
                _criterion(row.score),
                row.score.appraised_points,
                row.wanted_points,
                row.reason,
            ]
            for row in found.appeals
        ],
    )
    scorers = [_("Người chấm %(seat)s") % {"seat": seat} for seat in (1, 2)]
    write_sheet(
        book,
        _("Chênh lệch"),
        title,
        [
            *(_("Đơn vị"), _("Tiêu chí"), _("Điểm tự chấm")),
            *(text for scorer in scorers for text in (scorer, _("Điểm"))),
            _("Chênh lệch"),
        ],
        [
            [
                *(found.unit_of(row.first.score), _criterion(row.first.score), row.first.score.self_points),
                *(cell for one in (row.first, row.second) for cell in (str(one.by or ""), one.points)),
                row.difference,
            ]
            for row in found.differences
        ],
    )
    book.close()
    return target.getvalue()


def _criterion(score: Score) -> str:
    return f"{score.criterion.code} {score.criterion.name}"
