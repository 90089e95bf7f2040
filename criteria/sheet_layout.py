"""The workbook of a criteria set: its sheets, columns, words for choices, and who the units in it are.

Words of the file are Vietnamese whatever the language of a screen: what one person exports another imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from units.models import Unit, UnitGroup

from .nodes import NotApplicable, Source
from .workbooks import Limits, folded

GUIDE: Final = "Hướng dẫn"
INFO: Final = "Thông tin"
TREE: Final = "Bộ chỉ số"
BANDS: Final = "Xếp loại"
UNITS: Final = "Đơn vị"
LISTS: Final = "Danh mục"

# A set is a few hundred lines; these leave room for the largest, and for what spreadsheets programs add.
LIMITS: Final = Limits(packed=4 * 1024 * 1024, unpacked=16 * 1024 * 1024, elements=300_000, rows=3_000, columns=40)

SOURCES: Final = {
    Source.SELF: "Tự đánh giá",
    Source.SURVEY: "Điều tra xã hội học",
    Source.COUNCIL: "Hội đồng chấm trực tiếp",
    Source.LEADER: "Lãnh đạo tỉnh chấm trực tiếp",
    Source.BONUS: "Điểm cộng",
    Source.PENALTY: "Điểm trừ",
}
POLICIES: Final = {
    NotApplicable.NONE: "Không áp dụng",
    NotApplicable.FULL: "Được điểm tối đa",
    NotApplicable.RESCALE: "Bỏ tiêu chí, quy đổi thang điểm",
    NotApplicable.NAMED: "Bỏ đối với đơn vị nêu tên",
}
ROUNDING: Final = {
    "half_up": "Làm tròn lên từ 5",
    "half_even": "Làm tròn về số chẵn",
    "down": "Bỏ phần lẻ",
}
YES: Final = "Có"
NO: Final = "Không"
LEVELS: Final = ("Lĩnh vực", "Tiêu chí", "Tiêu chí thành phần")
WHOLE_SET: Final = "Cả bộ chỉ số"
ALL_GROUPS: Final = "Mọi nhóm"


class Column(NamedTuple):
    """A column by the field that it holds; `width` in characters."""

    field: str
    title: str
    width: int
    explained: str
    required: bool = False
    also: tuple[str, ...] = ()


TREE_COLUMNS: Final = (
    Column(
        "code",
        "Mã",
        9,
        "Số thứ tự như trong văn bản: 1, 1.1, 1.1.1. Để trống được nếu đánh số liên tục suy ra được.",
        True,
        ("Mã tiêu chí", "STT", "TT"),
    ),
    Column(
        "level",
        "Cấp",
        6,
        "1 là lĩnh vực, 2 là tiêu chí, 3 là tiêu chí thành phần. Chỉ cần khi để trống mã.",
    ),
    Column(
        "name",
        "Tên",
        45,
        "Tên lĩnh vực, tiêu chí, tiêu chí thành phần.",
        True,
        ("Tên tiêu chí", "Nội dung", "Lĩnh vực/Tiêu chí"),
    ),
    Column(
        "maximum",
        "Điểm tối đa",
        9,
        "Viết 1,5 hoặc 1.5 đều được. Ở dòng có tiêu chí con có thể để trống, phần mềm cộng lại.",
        True,
        ("Điểm", "Thang điểm"),
    ),
    Column("source", "Nguồn điểm", 17, "Chỉ ghi ở dòng được chấm điểm; chọn trong danh sách.", True),
    Column("form", "Cách chấm", 17, "Chỉ ghi ở dòng được chấm điểm; chọn trong danh sách.", True),
    Column("rule", "Chi tiết cách chấm", 48, "Viết theo bảng ví dụ bên dưới; các phần cách nhau bằng dấu chấm phẩy."),
    Column(
        "na_policy", "Không phát sinh", 17, "Đơn vị không phát sinh việc thì tính thế nào; để trống: không được chọn."
    ),
    Column("overridable", "Được chấm khác quy tắc", 12, "“Có” nếu đơn vị được tự chấm khác kết quả tính, kèm lý do."),
    Column("evidence", "Tài liệu kiểm chứng", 34, "Tài liệu đơn vị phải nộp."),
    Column("guidance", "Hướng dẫn", 34, "Giải thích thêm cho người chấm."),
    Column("survey_question", "Câu hỏi điều tra", 30, "Câu hỏi trong phiếu, cho điểm lấy từ điều tra xã hội học."),
    Column(
        "leads",
        "Cơ quan chủ trì",
        18,
        "Mã hoặc tên đơn vị thẩm định lĩnh vực; nhiều đơn vị cách nhau bằng dấu chấm phẩy.",
    ),
    Column(
        "dropped_for",
        "Không áp dụng cho",
        18,
        "Mã hoặc tên đơn vị không phải chấm tiêu chí này, khi chọn “Bỏ đối với đơn vị nêu tên”.",
    ),
)
BAND_COLUMNS: Final = (
    Column("part", "Phần", 18, f"Mã lĩnh vực, tiêu chí; để trống hoặc ghi “{WHOLE_SET}” là cả bộ."),
    Column("group", "Nhóm xếp hạng", 24, f"Mã hoặc tên nhóm; để trống hoặc ghi “{ALL_GROUPS}” là mọi nhóm."),
    Column("label", "Mức", 24, "Tên mức xếp loại, ví dụ Tốt.", True, ("Mức xếp loại", "Xếp loại")),
    Column("lower", "Từ (%)", 10, "Kết quả từ số này trở lên được mức này; mức thấp nhất từ 0.", True, ("Từ",)),
)
INFO_ROWS: Final = (
    Column("code", "Mã bộ chỉ số", 0, "Chữ không dấu, số, gạch nối; giữ nguyên qua các năm.", True),
    Column("year", "Năm", 0, "Năm đánh giá.", True),
    Column("name", "Tên bộ chỉ số", 0, "Tên như trong quyết định.", True),
    Column("source_decision", "Căn cứ", 0, "Số, ngày quyết định ban hành."),
    Column("illustrative", "Minh họa", 0, "“Có” nếu đây không phải bộ chỉ số chính thức."),
    Column("rounding_step", "Bước làm tròn", 0, "Ví dụ 0,01, 0,25 hoặc 0,5."),
    Column("rounding_mode", "Cách làm tròn", 0, "Chọn trong danh sách."),
    Column("bonus_cap", "Điểm cộng tối đa", 0, "Ngoài thang điểm; 0 nếu không có."),
    Column("penalty_cap", "Điểm trừ tối đa", 0, "Ngoài thang điểm; 0 nếu không có."),
)


class UnknownName(ValueError):
    """Nothing, or more than one thing, goes by the name; the message says which."""


def _found(text: str, codes: Mapping[str, str], names: Mapping[str, frozenset[str]], what: str) -> str:
    wanted = folded(text)
    if wanted in codes:
        return codes[wanted]
    matches = names.get(wanted, frozenset())
    if len(matches) == 1:
        return next(iter(matches))
    if matches:
        raise UnknownName(f"Có nhiều {what} tên “{text}”: hãy ghi mã ({', '.join(sorted(matches))}).")
    raise UnknownName(f"Không có {what} “{text}”.")


class Directory:
    """The units and ranking groups that a workbook may name, by code or by name."""

    def __init__(
        self, units: Iterable[tuple[str, tuple[str, ...]]], groups: Iterable[tuple[str, tuple[str, ...]]]
    ) -> None:
        self.units = dict(units)
        self.groups = dict(groups)
        self._units = self._names(self.units)
        self._groups = self._names(self.groups)

    @staticmethod
    def _names(rows: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], dict[str, frozenset[str]]]:
        names: dict[str, frozenset[str]] = {}
        for code, known in rows.items():
            for name in known:
                if name:
                    names[folded(name)] = names.get(folded(name), frozenset()) | {code}
        return {folded(code): code for code in rows}, names

    def unit(self, text: str) -> str:
        """The code of a unit. Raises UnknownName."""
        return _found(text, *self._units, "đơn vị")

    def group(self, text: str) -> str:
        """The code of a ranking group. Raises UnknownName."""
        return _found(text, *self._groups, "nhóm xếp hạng")


@dataclass(frozen=True)
class CellIssue:
    """What is wrong or doubtful, where, and what to do. `sheet` and `cell` are empty for the whole file."""

    sheet: str
    cell: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.sheet}, ô {self.cell}: " if self.cell else f"{self.sheet}: " if self.sheet else ""
        return f"{place}{self.message} {self.remedy}".strip()


def directory() -> Directory:
    """All units and groups of this installation, in two queries."""
    return Directory(
        ((unit.code, (unit.name, unit.short_name)) for unit in Unit.objects.all()),
        ((group.code, (group.name,)) for group in UnitGroup.objects.all()),
    )
