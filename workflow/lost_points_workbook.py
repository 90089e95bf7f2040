"""A unit's result as a workbook: every criterion with every column that the unit may see, and why points were lost."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from results.workbook import ILLUSTRATIVE, OPTIONS

from .lost_points import LostPoints

Value = str | int | Decimal | None


def write_sheet(
    book: Any, name: str, title: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[Value]], wide: int = 1
) -> None:
    """One sheet: lines of title, a head row that is repeated in print, numbers as numbers. `wide`: the text column."""
    bold = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": "#EEF0F1", "border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    points = book.add_format({"border": 1, "num_format": "#,##0.00", "valign": "top"})
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(header) - 1, 14)
    sheet.set_column(wide, wide, 46)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for row, line in enumerate(title):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    top = len(title) + 1
    sheet.repeat_rows(top)
    for column, label in enumerate(header):
        sheet.write_string(top, column, label, head)
    for row, values in enumerate(rows, start=top + 1):
        for column, value in enumerate(values):
            if value is None or value == "":
                sheet.write_blank(row, column, None, text)
            elif isinstance(value, str):
                sheet.write_string(row, column, value, text)
            elif isinstance(value, int):
                sheet.write_number(row, column, value, text)
            else:
                # Excel knows only binary numbers; the exact points are those of the database.
                sheet.write_number(row, column, float(value), points)


def unit_workbook(found: LostPoints) -> bytes:
    """Two sheets: the criteria with all rounds, and the reasons."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, OPTIONS)
    dossier = found.sheet.dossier
    title = [str(dossier.unit), str(dossier.cycle)]
    if dossier.cycle_group.criteria_set.illustrative:
        title.append(ILLUSTRATIVE)
    columns = found.rounds.columns
    write_sheet(
        book,
        _("Điểm các vòng"),
        title,
        [
            *(_("Mã"), _("Tiêu chí"), _("Tối đa"), _("Tự chấm")),
            *(column.label for column in columns),
            *(_("Mất điểm"), _("Lý do của hội đồng")),
        ],
        (
            [
                *(score.criterion.code, score.criterion.name, score.criterion.maximum, score.self_points),
                *(cell.points for cell in found.rounds.of(score)),
                row.points if (row := found.rows.get(score.criterion.code)) else Decimal(0),
                score.appraised_reason,
            ]
            for score in found.sheet.scores
        ),
    )
    reasons: list[list[Value]] = [[kind.label, kind.points, kind.percent] for kind in found.kinds]
    write_sheet(
        book,
        _("Vì sao mất điểm"),
        title,
        [_("Lý do"), _("Điểm"), _("% của chỉ số")],
        [*reasons, [_("Cộng"), found.explanation.lost, found.explanation.percent]],
        wide=0,
    )
    book.close()
    return target.getvalue()
