"""Reading a filled-in workbook as a criteria set: every error with its cell, doubts apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import IO, Final

from django.utils.translation import gettext as _

from .nodes import NotApplicable, Source
from .numbering import Spot, candidates, number_rows
from .points import ZERO, format_number
from .review import Fault, faults, remarks
from .rule_reading import find_form, read_rule
from .rule_text import EXAMPLES, FORMS
from .rules import Rule
from .setdata import BandData, NodeData, SetData, totals
from .sheet_layout import (
    ALL_GROUPS,
    BAND_COLUMNS,
    BANDS,
    INFO,
    INFO_ROWS,
    LEVELS,
    LIMITS,
    POLICIES,
    ROUNDING,
    SOURCES,
    TREE,
    TREE_COLUMNS,
    WHOLE_SET,
    CellIssue,
    Directory,
    UnknownName,
)
from .sheet_tables import Form, Issues, Line, Table
from .workbooks import Sheet, UnreadableWorkbook, folded, read_workbook

_TEXTS: Final = ("evidence", "guidance", "survey_question")
# Said on a leaf only; merged over a heading and its criteria they are meant for the criteria.
_OF_LEAVES: Final = ("source", "form", "rule", "na_policy", "overridable", "dropped_for", *_TEXTS)
_SUMS: Final = frozenset({"tổng", "tổng cộng", "tổng điểm", "cộng", "tổng số"})
_HEADING: Final = re.compile(
    r"(?:lĩnh vực|tiêu chí)?\s*((?:[0-9]+|[A-ZĐ])(?:\.[0-9]+)*)(?:\s*[.:)–-]\s*|\s+)(\D.*)", re.IGNORECASE
)
_POINTS_FIELD: Final = {"rounding_step": Decimal("0.01"), "bonus_cap": ZERO, "penalty_cap": ZERO}


@dataclass(frozen=True)
class Parsed:
    """What a file says: the set, or None with every error; doubts do not keep a set from being written."""

    data: SetData | None
    errors: tuple[CellIssue, ...] = ()
    warnings: tuple[CellIssue, ...] = ()


@dataclass
class _Entry:
    """A row of the tree with the rows below it that only go on with its texts."""

    line: Line
    more: list[Line] = field(default_factory=list)
    code: str = ""
    is_branch: bool = False

    def text(self, name: str) -> str:
        """A text of the entry, each row of it a line."""
        lines = [self.line, *self.more]
        return "\n".join(text for line in lines if (text := line.text(name, lines=True)))


def _entries(table: Table) -> list[_Entry]:
    """The rows of the tree; totals are left out, rows without code and name go with the one above."""
    found: list[_Entry] = []
    for line in table.lines():
        goes_on = not line.owns("code") and not line.owns("name")
        line.cells = {
            name: cell for name, cell in line.cells.items() if line.owns(name) or (name in _OF_LEAVES and not goes_on)
        }
        if not line.has("code") and folded(line.text("name").rstrip(":")) in _SUMS:
            continue
        if line.has("code") and not line.has("name"):
            _split_heading(line)
        if line.has("code") or line.has("name"):
            found.append(_Entry(line))
        elif found and not line.has("maximum") and not line.has("source") and not line.has("form"):
            found[-1].more.append(line)
        else:
            line.error("name", _("Dòng này chưa có mã và tên."), _("Ghi mã và tên, hoặc xóa cả dòng."))
    return found


def _split_heading(line: Line) -> None:
    """A heading that was written in one, often merged, cell: "1. Chỉ đạo điều hành"."""
    cell = line.cells["code"]
    heading = _HEADING.fullmatch(" ".join(cell.text.split())) if isinstance(cell.value, str) else None
    if heading:
        line.cells["code"] = type(cell)(cell.row, cell.column, heading[1])
        line.cells["name"] = type(cell)(cell.row, cell.column, heading[2])


def _level(line: Line) -> int | None:
    text = folded(line.text("level"))
    names = {folded(name): level for level, name in enumerate(LEVELS)}
    if not text:
        return None
    if text in names:
        return names[text]
    if text.isdecimal() and 1 <= int(text) <= 15:
        return int(text) - 1
    line.error("level", _("Không hiểu cấp “%(text)s”.") % {"text": text}, _("Ghi 1, 2 hoặc 3, hoặc để trống."))
    return None


def _number(entries: list[_Entry]) -> None:
    """Give every entry its code, read or inferred; an entry that gets none keeps an empty one."""
    spots = []
    for entry in entries:
        line = entry.line
        line.text("code")  # notes a formula
        cell = line.cells.get("code")
        readable = cell is not None and not cell.is_formula and not cell.is_error
        possible, written_as = candidates(cell.value if cell is not None and readable else None)
        spots.append(Spot(possible, written_as, _level(line), line.has("source") or line.has("form")))
    used: dict[str, str] = {}
    for entry, spot, code in zip(entries, spots, number_rows(spots), strict=True):
        line = entry.line
        if code is None:
            if not line.is_wrong("code"):
                line.error(
                    "code",
                    _("Chưa có mã, và đánh số xung quanh không cho biết mã nào.")
                    if not spot.candidates
                    else _("Excel đã đổi mã thành ngày, không biết là mã nào."),
                    _("Ghi mã dạng chữ, ví dụ 1.2.3."),
                )
            continue
        if code in used:
            line.error(
                "code",
                _("Mã %(code)s đã dùng ở ô %(cell)s.") % {"code": code, "cell": used[code]},
                _("Mỗi tiêu chí một mã, hãy đánh số lại."),
            )
            continue
        if not spot.candidates:
            line.warn("code", _("Mã để trống, hiểu là %(code)s.") % {"code": code}, _("Ghi mã nếu không đúng."))
        elif code != spot.candidates[0]:
            line.warn("code", _("Mã bị Excel đổi dạng, hiểu là %(code)s.") % {"code": code}, _("Sửa nếu không đúng."))
        if spot.level is not None and spot.level != code.count("."):
            line.warn("level", _("Cấp không khớp với mã %(code)s.") % {"code": code}, _("Mã được dùng, hãy kiểm tra."))
        used[code] = line.place("code")
        entry.code = code


class _Reader:
    """One file: its tables, what was found wrong, and the set that comes of it."""

    def __init__(self, sheets: Mapping[str, Sheet], directory: Directory) -> None:
        self.issues = Issues()
        self.directory = directory
        for name in (INFO, TREE, BANDS):
            if name not in sheets:
                self.issues.error(
                    name, "", _("Không có trang này."), _("Tải mẫu về và điền vào mẫu, giữ nguyên tên các trang.")
                )
        self.info = Form(sheets.get(INFO, Sheet(INFO, {})), INFO_ROWS, self.issues).line()
        self.tree = Table(sheets[TREE], TREE_COLUMNS, self.issues) if TREE in sheets else None
        self.bands = Table(sheets[BANDS], BAND_COLUMNS, self.issues) if BANDS in sheets else None
        self.by_code: dict[str, _Entry] = {}
        self.band_lines: dict[tuple[str, BandData], Line] = {}
        self.spoilt_scales: set[str] = set()

    def read(self) -> SetData:
        """The set as far as it can be read; what cannot is noted and left empty."""
        nodes = self._nodes()
        bands = self._bands()
        text = self.info.text
        year = text("year")
        return SetData(
            code=text("code"),
            year=int(year) if year.isdecimal() and len(year) == 4 else 0,
            name=text("name"),
            illustrative=self.info.yes("illustrative"),
            source_decision=text("source_decision"),
            rounding_mode=self.info.choice("rounding_mode", ROUNDING) or "half_up",
            bands=tuple(bands.get("", ())),
            nodes=tuple(self._with_bands(nodes, bands)),
            **{
                name: default if (value := self.info.points(name)) is None else value
                for name, default in _POINTS_FIELD.items()
            },
        )

    # the tree

    def _nodes(self) -> list[NodeData]:
        entries = _entries(self.tree) if self.tree is not None else []
        _number(entries)
        self.by_code = {entry.code: entry for entry in entries if entry.code}
        children: dict[str, list[_Entry]] = {}
        for entry in self.by_code.values():
            parent = entry.code.rpartition(".")[0]
            if parent and parent not in self.by_code:
                entry.line.error(
                    "code",
                    _("Chưa có dòng mã %(parent)s để chứa %(code)s.") % {"parent": parent, "code": entry.code},
                    _("Thêm dòng cấp trên, hoặc sửa mã."),
                )
            children.setdefault(parent, []).append(entry)
        for entry in entries:
            entry.is_branch = bool(entry.code) and entry.code in children
            if not entry.code:
                self._node(entry, [])  # only for what is wrong in it

        def build(parent: str) -> list[NodeData]:
            return [self._node(entry, build(entry.code)) for entry in children.get(parent, [])]

        orphans = [parent for parent in children if parent and parent not in self.by_code]
        for parent in orphans:
            build(parent)
        return build("")

    def _node(self, entry: _Entry, children: list[NodeData]) -> NodeData:
        line = entry.line
        if entry.is_branch:
            for name in _OF_LEAVES:
                if name in line.spread:
                    line.cells.pop(name, None)
        maximum = self._maximum(entry, children)
        source = line.choice("source", {source.value: words for source, words in SOURCES.items()})
        policy = line.choice("na_policy", {policy.value: words for policy, words in POLICIES.items()})
        return NodeData(
            code=entry.code,
            name=line.text("name"),
            maximum=ZERO if maximum is None else maximum,
            source=Source(source) if source else None,
            rule=self._rule(entry, maximum),
            na_policy=NotApplicable(policy) if policy else NotApplicable.NONE,
            overridable=line.yes("overridable"),
            evidence=entry.text("evidence"),
            guidance=entry.text("guidance"),
            survey_question=entry.text("survey_question"),
            leads=self._units(entry, "leads"),
            dropped_for=self._units(entry, "dropped_for"),
            children=tuple(children),
        )

    def _maximum(self, entry: _Entry, children: list[NodeData]) -> Decimal | None:
        line = entry.line
        if line.has("maximum"):
            return line.points("maximum")
        if not children:
            if not entry.is_branch:
                line.error("maximum", _("Chưa có điểm tối đa."), _("Ghi số điểm, ví dụ 1,5."))
            return None
        below = totals(children)
        maximum = below.points or below.bonus + below.penalty
        line.warn(
            "maximum",
            _("Điểm tối đa để trống, hiểu là %(points)s, tổng của các tiêu chí con.")
            % {"points": format_number(maximum)},
            _("Ghi số điểm nếu không đúng."),
        )
        return maximum

    def _rule(self, entry: _Entry, maximum: Decimal | None) -> Rule | None:
        line = entry.line
        detail = entry.text("rule")
        name = line.text("form")
        if not name:
            if detail and not line.is_wrong("form"):
                line.error("form", _("Có chi tiết mà chưa chọn cách chấm."), _("Chọn một cách chấm trong danh sách."))
            return None
        form = find_form(name)
        if form is None:
            line.error(
                "form",
                _("“%(text)s” không có trong danh sách.") % {"text": name},
                _("Chọn một trong: %(choices)s.") % {"choices": "; ".join(FORMS.values())},
            )
            return None
        if line.is_wrong("rule"):
            return None
        found = read_rule(form, detail, maximum)
        example = EXAMPLES[form]
        remedy = _("Viết như mẫu: %(example)s.") % {"example": example} if example else _("Để trống ô này.")
        for problem in found.problems:
            line.error("rule", f"{problem[:1].upper()}{problem[1:]}.", remedy)
        for warning in found.warnings:
            line.warn("rule", f"{warning[:1].upper()}{warning[1:]}.", _("Kiểm tra lại các ngưỡng."))
        return found.rule

    def _units(self, entry: _Entry, name: str) -> tuple[str, ...]:
        codes = []
        for text in re.split("[;\n]", entry.text(name)):
            if text.strip():
                codes += self._unit(entry.line, name, text.strip())
        return tuple(codes)

    def _unit(self, line: Line, name: str, text: str) -> list[str]:
        """The unit of a name; or the units of several, as a comma may stand in a name as well as between two."""
        try:
            return [self.directory.unit(text)]
        except UnknownName as error:
            try:
                if "," in text:
                    return [self.directory.unit(part.strip()) for part in text.split(",") if part.strip()]
            except UnknownName:
                pass
            line.error(name, str(error), _("Dùng mã hoặc tên trong trang “Đơn vị” của mẫu."))
            return []

    # the bands

    def _bands(self) -> dict[str, list[BandData]]:
        found: dict[str, list[BandData]] = {}
        for line in self.bands.lines() if self.bands is not None else ():
            part = self._part(line)
            group = self._group(line)
            label, lower = line.text("label"), line.points("lower")
            if not label:
                line.error("label", _("Chưa có tên mức xếp loại."), _("Ghi tên mức, ví dụ Tốt."))
            if lower is None and not line.is_wrong("lower"):
                line.error("lower", _("Chưa ghi mức này từ bao nhiêu phần trăm."), _("Ghi số từ 0 đến 100."))
            if part is None or group is None or lower is None or not label:
                self.spoilt_scales.add(part or "")
                continue
            band = BandData(label, lower, group)
            found.setdefault(part, []).append(band)
            self.band_lines.setdefault((part, band), line)
        return found

    def _group(self, line: Line) -> str | None:
        text = line.text("group")
        if folded(text) in ("", folded(ALL_GROUPS)):
            return None if line.is_wrong("group") else ""
        try:
            return self.directory.group(text)
        except UnknownName as error:
            line.error("group", str(error), _("Dùng mã hoặc tên trong trang “Đơn vị” của mẫu."))
            return None

    def _part(self, line: Line) -> str | None:
        cell = line.cells.get("part")
        text = line.text("part")
        if folded(text) in ("", folded(WHOLE_SET)):
            return None if line.is_wrong("part") else ""
        possible, _written_as = candidates(cell.value if cell is not None else None)
        known = next((code for code in possible if code in self.by_code), None)
        if known is None:
            line.error(
                "part",
                _("Không có tiêu chí mã “%(text)s”.") % {"text": text},
                _("Ghi mã ở trang “%(sheet)s”, hoặc “%(whole)s”.") % {"sheet": TREE, "whole": WHOLE_SET},
            )
        return known

    def _with_bands(self, nodes: Iterable[NodeData], bands: Mapping[str, list[BandData]]) -> Iterable[NodeData]:
        for node in nodes:
            own = tuple(bands.get(node.code, ()))
            below = tuple(self._with_bands(node.children, bands))
            yield replace(node, bands=own, children=below) if own or below != node.children else node

    # what is wrong and doubtful in the set as a whole

    def note_faults(self, data: SetData) -> None:
        """Faults of the set at the cells that they come from; a field that is already noted is not noted twice."""
        for fault in faults(data):
            if fault.band is not None and fault.code in self.spoilt_scales and 0 <= fault.band.lower <= 100:
                continue  # an unreadable row may well be what the scale lacks
            line, name = self._where(fault)
            if line is None:
                sheet = BANDS if fault.field == "bands" else TREE
                self.issues.error(sheet, "", fault.message, fault.remedy)
            elif not line.is_wrong(name) and not (name in ("form", "rule") and line.is_wrong("rule")):
                line.error(name, fault.message, fault.remedy)

    def _where(self, fault: Fault) -> tuple[Line | None, str]:
        if fault.band is not None:
            line = self.band_lines.get((fault.code, fault.band))
            return line, "label" if not fault.band.label else "lower"
        if fault.code in self.by_code:
            line = self.by_code[fault.code].line
            return line, "form" if fault.field == "rule" and not line.has("rule") else fault.field
        if fault.field == "nodes":
            return None, ""
        return self.info, fault.field

    def note_remarks(self, data: SetData) -> None:
        """Doubts about a set without faults."""
        for remark in remarks(data):
            entry = self.by_code.get(remark.code)
            if entry is None:
                self.issues.warn(TREE, "", remark.message, _("Kiểm tra lại."))
            else:
                entry.line.warn("code", remark.message, _("Kiểm tra lại."))


def _in_order(issues: Iterable[CellIssue]) -> tuple[CellIssue, ...]:
    """Issues as a person goes through the file: sheet by sheet, row by row."""
    sheets = [INFO, TREE, BANDS]

    def place(issue: CellIssue) -> tuple[int, int, int, str]:
        found = re.fullmatch("([A-Z]+)([0-9]+)", issue.cell)
        sheet = sheets.index(issue.sheet) if issue.sheet in sheets else -1
        return (sheet, int(found[2]), len(found[1]), found[1]) if found else (sheet, 0, 0, "")

    return tuple(sorted(issues, key=place))


def parse(file: IO[bytes], directory: Directory) -> Parsed:
    """The set that a file states, or every error in it. Nothing is written and nothing raises for a bad file."""
    try:
        sheets = read_workbook(file, sheets=(INFO, TREE, BANDS), limits=LIMITS)
    except UnreadableWorkbook as error:
        return Parsed(None, (CellIssue("", "", str(error), ""),))
    reader = _Reader(sheets, directory)
    data = reader.read()
    if reader.tree is not None and reader.tree.columns:
        reader.note_faults(data)
    if not reader.issues.errors:
        reader.note_remarks(data)
    errors = _in_order(reader.issues.errors)
    return Parsed(None if errors else data, errors, _in_order(reader.issues.warnings))
