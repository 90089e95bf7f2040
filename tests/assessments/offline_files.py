"""A cycle whose set has every rule that officers fill in, and workbooks of it with cells filled in by hand."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from assessments.models import Dossier, Score
from assessments.offline import export_part, read_part
from assessments.offline_difference import Difference, RowDifference
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import Row, World
from units.models import User

# Every kind of rule that officers fill in, and both policies of "không phát sinh".
EVERY_RULE: tuple[Row, ...] = (
    ("1", "Công tác chỉ đạo điều hành", "9", "", None),
    ("1.1", "Kế hoạch", "9", "", None),
    ("1.1.1", "Ban hành kế hoạch", "2", "self", {"kind": "yes_no", "labels": ["Đã ban hành", "Chưa ban hành"]}),
    (
        "1.1.2",
        "Tỷ lệ nhiệm vụ hoàn thành",
        "4",
        "self",
        {"kind": "proportional", "labels": {"a": "Số nhiệm vụ hoàn thành", "b": "Tổng số nhiệm vụ"}},
    ),
    (
        "1.1.3",
        "Thời điểm ban hành",
        "3",
        "self",
        {
            "kind": "date_tiers",
            "tiers": [{"before": "02-15", "points": "3"}, {"before": "03-31", "points": "1.5"}],
            "none": "0",
            "label": "Ngày ban hành",
        },
    ),
    ("2", "Cải cách thủ tục hành chính", "12", "", None),
    ("2.1", "Công khai", "12", "", None),
    ("2.1.1", "Niêm yết", "3", "self", {"kind": "per_item", "each": "0.5", "cap": "3", "label": "Số lĩnh vực"}),
    ("2.1.2", "Mức độ hài lòng", "1", "survey", {"kind": "survey"}),
    (
        "2.1.3",
        "Kỷ luật, kỷ cương",
        "1",
        "self",
        {
            "kind": "tiers",
            "tiers": [
                {"key": "dat", "label": "Không vi phạm, không bị phê bình", "points": "1"},
                {"key": "nhe", "label": "Có vi phạm", "points": "0"},
                {"key": "nang", "label": "Có vi phạm", "points": "-0.25"},
            ],
        },
    ),
    (
        "2.1.4",
        "Tỷ lệ hồ sơ trực tuyến",
        "2",
        "self",
        {
            "kind": "thresholds",
            "measure": "value",
            "unit": "%",
            "steps": [{"from": "80", "inclusive": True, "points": "2"}],
            "else": "0",
            "labels": {"value": "Tỷ lệ hồ sơ trực tuyến"},
        },
    ),
    (
        "2.1.5",
        "Xếp loại",
        "2",
        "self",
        {
            "kind": "percent_of_max",
            "levels": [
                {"key": "a", "label": "Xuất sắc", "percent": "100"},
                {"key": "b", "label": "Tốt", "percent": "75"},
            ],
        },
    ),
    (
        "2.1.6",
        "Họp giao ban",
        "3",
        "self",
        {"kind": "count_table", "table": [{"count": "4", "points": "3"}], "else": "0", "label": "Số cuộc họp"},
    ),
)
OPEN = ("1.1.1", "1.1.2", "1.1.3", "2.1.1", "2.1.3", "2.1.4", "2.1.5", "2.1.6")
# Where each criterion stands: sheet and row.
PLACES = {
    **{code: ("Lĩnh vực 1", row) for row, code in enumerate(OPEN[:3], start=5)},
    **{code: ("Lĩnh vực 2", row) for row, code in enumerate(OPEN[3:], start=5)},
}
Cells = Mapping[tuple[str, str], Any]


def every_rule() -> World:
    """A cycle with a set of every rule, for `factories.standing`; so-a and so-b are filling in."""
    made = factories.world(leaves=EVERY_RULE, na_policies={"2.1.1": "rescale", "2.1.5": "full"}).open()
    for unit in ("so-a", "so-b"):
        made.to(Stage.SELF_ASSESSING, unit)
    return made


def book_of(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> io.BytesIO:
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content


def column(sheet: Worksheet, title: str) -> int:
    return next(cell.column for cell in sheet[3] if cell.value == title)


def filled(content: bytes, cells: Cells) -> io.BytesIO:
    """The workbook with values in the columns named, by criterion."""
    book = book_of(content)
    for (code, title), value in cells.items():
        name, row = PLACES[code]
        book[name].cell(row, column(book[name], title)).value = value
    return saved(book)


def compare(dossier: Dossier, by: User, cells: Cells) -> dict[str, RowDifference]:
    """What a freshly downloaded workbook with `cells` filled in would change, by criterion."""
    return rows_of(read_part(dossier, filled(export_part(dossier, by=by), cells), by=by))


def rows_of(difference: Difference) -> dict[str, RowDifference]:
    return {row.code: row for row in difference.rows}


def save(world: World, code: str, entry: Entry, *, by: User | None = None) -> Score:
    score = world.score(code)
    return save_score(score, entry, version=score.version, by=by or world.officer["so-a"])


def issues_of(row: RowDifference) -> list[str]:
    return [str(issue) for issue in row.issues]
