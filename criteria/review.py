"""What is wrong with a criteria set, and what looks wrong: the same for a file, a screen and a preset.

Pure: no Django. A fault keeps a set from being written; a remark is a doubt that its author may wave aside.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Final

from .bands import Band, BandError, BandScale
from .checks import check_set
from .nodes import OUTSIDE, NotApplicable, Source
from .points import ZERO, format_number
from .rule_data import RuleError, parse_rule, rule_to_data
from .rules import DateTiers
from .setdata import BandData, NodeData, SetData, Totals, engine_nodes, leaves, totals, walk

MAX_NODES: Final = 2_000
MAX_CODE: Final = 30
MAX_NAME: Final = 500
MAX_SET_NAME: Final = 300
MAX_LABEL: Final = 60
MAX_TEXT: Final = 5_000
_SEGMENT: Final = re.compile("[0-9A-Za-zĐđ]+")
_SET_CODE: Final = re.compile("[a-zA-Z0-9_-]{1,80}")
_YEARS: Final = range(2000, 2101)
_DIGITS: Final = Decimal(100_000)
_CENTIMILLE: Final = Decimal("0.0001")
_TEXTS: Final = {"evidence": "Tài liệu kiểm chứng", "guidance": "Hướng dẫn", "survey_question": "Câu hỏi điều tra"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field and what to do. `code` is empty for the whole set, `band` given for a grade."""

    code: str
    field: str
    message: str
    remedy: str
    band: BandData | None = None

    def __str__(self) -> str:
        return f"{self.code}: {self.message} {self.remedy}" if self.code else f"{self.message} {self.remedy}"


@dataclass(frozen=True)
class Remark:
    """A doubt about a node, or about the whole set where `code` is empty."""

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.code}: {self.message}" if self.code else self.message


def fits(number: Decimal) -> bool:
    """Whether a number of points can be kept: at most 5 digits before and 4 after the comma."""
    return number.is_finite() and abs(number) < _DIGITS and number == number.quantize(_CENTIMILLE)


def _points(code: str, field: str, value: Decimal, what: str) -> Iterator[Fault]:
    if not value.is_finite() or value < 0:
        yield Fault(code, field, f"{what} phải từ 0 trở lên.", "Ghi số điểm, ví dụ 1,5.")
    elif not fits(value):
        yield Fault(code, field, f"{what} có quá nhiều chữ số.", "Ghi tối đa 5 chữ số trước và 4 chữ số sau dấu phẩy.")


def _set_faults(data: SetData) -> Iterator[Fault]:
    if not _SET_CODE.fullmatch(data.code):
        yield Fault(
            "",
            "code",
            "Mã bộ chỉ số chỉ gồm chữ không dấu, chữ số và dấu gạch nối, tối đa 80 ký tự.",
            "Đặt mã ngắn, ví dụ bo-chi-so-cap-so.",
        )
    if data.year not in _YEARS:
        yield Fault("", "year", "Năm đánh giá không đúng.", "Ghi năm bằng bốn chữ số, ví dụ 2026.")
    if not data.name:
        yield Fault("", "name", "Chưa có tên bộ chỉ số.", "Ghi tên như trong quyết định ban hành.")
    for field, value, what in (("name", data.name, "Tên"), ("source_decision", data.source_decision, "Căn cứ")):
        if len(value) > MAX_SET_NAME:
            yield Fault("", field, f"{what} dài quá {MAX_SET_NAME} ký tự.", "Rút ngắn lại.")
    try:
        usable = fits(data.rounding.step)
    except (ValueError, ArithmeticError):
        usable = False
    if not usable:
        message = "Quy tắc làm tròn không dùng được."
        yield Fault("", "rounding_step", message, "Bước phải chia hết 1, ví dụ 0,01, 0,05, 0,25 hoặc 0,5.")
    yield from _points("", "bonus_cap", data.bonus_cap, "Điểm cộng tối đa")
    yield from _points("", "penalty_cap", data.penalty_cap, "Điểm trừ tối đa")


def _code_faults(node: NodeData, parent: str) -> Iterator[Fault]:
    prefix = f"{parent}." if parent else ""
    if not node.code:
        yield Fault("", "code", f"Tiêu chí “{node.name}” chưa có mã.", f"Ghi mã, ví dụ {prefix}1.")
    elif not node.code.startswith(prefix) or not _SEGMENT.fullmatch(node.code.removeprefix(prefix)):
        place = f"nằm dưới {parent} nên mã phải là {prefix} và một số" if parent else "là lĩnh vực nên mã là một số"
        yield Fault(node.code, "code", f"Mã {node.code} không đúng: {place}.", f"Ghi mã như {prefix}1.")
    elif len(node.code) > MAX_CODE:
        yield Fault(node.code, "code", f"Mã dài quá {MAX_CODE} ký tự.", "Rút ngắn mã.")


def _branch_faults(node: NodeData) -> Iterator[Fault]:
    remedy = "Xóa ô này, chỉ ghi ở các tiêu chí được chấm điểm bên dưới."
    said = (
        ("source", node.source is not None, "nguồn điểm"),
        ("rule", node.rule is not None, "cách chấm"),
        ("na_policy", node.na_policy is not NotApplicable.NONE, "chính sách không phát sinh"),
        ("overridable", node.overridable, "việc chấm khác quy tắc"),
        ("dropped_for", bool(node.dropped_for), "đơn vị không áp dụng"),
    )
    for field, wrong, what in said:
        if wrong:
            yield Fault(node.code, field, f"Mục có tiêu chí con thì không có {what}.", remedy)


def _leaf_faults(node: NodeData) -> Iterator[Fault]:
    if node.source is None:
        yield Fault(
            node.code,
            "source",
            "Tiêu chí được chấm điểm chưa có nguồn điểm.",
            "Chọn nguồn điểm, hoặc thêm tiêu chí con nếu đây chỉ là đề mục.",
        )
    if node.rule is None:
        yield Fault(node.code, "rule", "Tiêu chí được chấm điểm chưa có cách chấm.", "Chọn một cách chấm.")
    elif fits(node.maximum):
        try:
            parse_rule(rule_to_data(node.rule), maximum=node.maximum)
        except RuleError as error:
            for problem in error.problems:
                yield Fault(node.code, "rule", f"Cách chấm: {problem.message}.", "Sửa lại cách chấm.")
    if node.source in OUTSIDE and node.na_policy is NotApplicable.FULL:
        message = "Điểm cộng, điểm trừ không thể được đủ điểm khi không phát sinh."
        yield Fault(node.code, "na_policy", message, "Chọn chính sách khác.")


def _node_faults(node: NodeData, parent: str) -> Iterator[Fault]:
    yield from _code_faults(node, parent)
    if not node.name:
        yield Fault(node.code, "name", "Chưa có tên tiêu chí.", "Ghi tên như trong văn bản.")
    elif len(node.name) > MAX_NAME:
        yield Fault(node.code, "name", f"Tên dài quá {MAX_NAME} ký tự.", "Rút ngắn, đưa phần giải thích vào hướng dẫn.")
    yield from _points(node.code, "maximum", node.maximum, "Điểm tối đa")
    for field, what in _TEXTS.items():
        if len(getattr(node, field)) > MAX_TEXT:
            yield Fault(node.code, field, f"{what} dài quá {MAX_TEXT} ký tự.", "Rút ngắn lại.")
    yield from _branch_faults(node) if node.children else _leaf_faults(node)


def _tree_faults(nodes: Iterable[NodeData], parent: str = "") -> Iterator[Fault]:
    for node in nodes:
        yield from _node_faults(node, parent)
        yield from _tree_faults(node.children, node.code)


def _repeats(data: SetData) -> Iterator[Fault]:
    seen: set[str] = set()
    for node in walk(data.nodes):
        if node.code and node.code in seen:
            yield Fault(node.code, "code", f"Mã {node.code} dùng cho nhiều tiêu chí.", "Mỗi tiêu chí một mã, hãy sửa.")
        seen.add(node.code)


def _band_faults(code: str, bands: Iterable[BandData]) -> Iterator[Fault]:
    for _group, rows in groupby(bands, key=lambda band: band.group):
        scale = list(rows)
        for band in scale:
            if not band.label or len(band.label) > MAX_LABEL:
                message = f"Tên mức xếp loại phải có, tối đa {MAX_LABEL} ký tự."
                yield Fault(code, "bands", message, "Sửa tên mức.", band)
        try:
            BandScale(tuple(Band(band.label, band.lower) for band in scale))
        except BandError as error:
            for path, message in error.problems:
                band = scale[int(re.findall("[0-9]+", path)[0])]
                words = f"Mức “{band.label}” ({format_number(band.lower)} %): {message}."
                yield Fault(code, "bands", words, "Sửa các mức để phủ hết từ 0 đến 100 %, không chồng nhau.", band)


def faults(
    data: SetData, *, units: Collection[str] | None = None, groups: Collection[str] | None = None
) -> tuple[Fault, ...]:
    """Everything that keeps `data` from being written. `units` and `groups` are the known codes; None: not checked."""
    found = [*_set_faults(data), *_tree_faults(data.nodes), *_repeats(data), *_band_faults("", data.bands)]
    nodes = list(walk(data.nodes))
    if not nodes:
        found.append(Fault("", "nodes", "Bộ chỉ số chưa có tiêu chí nào.", "Ghi ít nhất một lĩnh vực."))
    if len(nodes) > MAX_NODES:
        message = f"Bộ chỉ số có {format_number(len(nodes))} dòng, nhiều hơn {format_number(MAX_NODES)}."
        found.append(Fault("", "nodes", message, "Tách thành nhiều bộ chỉ số."))
    for node in nodes:
        found += _band_faults(node.code, node.bands)
        for field, codes in (("leads", node.leads), ("dropped_for", node.dropped_for)):
            for code in codes:
                if units is not None and code not in units:
                    remedy = "Dùng mã trong danh sách đơn vị."
                    found.append(Fault(node.code, field, f"Không có đơn vị mã “{code}”.", remedy))
    for owner, bands in [("", data.bands), *((node.code, node.bands) for node in nodes)]:
        for band in bands:
            if groups is not None and band.group and band.group not in groups:
                message = f"Không có nhóm xếp hạng mã “{band.group}”."
                found.append(Fault(owner, "bands", message, "Dùng mã trong danh sách nhóm.", band))
    return tuple(found)


def _leaf_remarks(node: NodeData, year: int) -> Iterator[str]:
    if node.source is Source.SURVEY and not node.survey_question:
        yield "Điểm lấy từ điều tra nhưng chưa có câu hỏi điều tra."
    if node.source in (Source.SELF, *OUTSIDE) and not node.evidence:
        yield "Đơn vị tự chấm nhưng chưa yêu cầu tài liệu kiểm chứng nào."
    if isinstance(node.rule, DateTiers):
        for tier in node.rule.tiers:
            if len(tier.before) == 10 and int(tier.before[:4]) not in (year, year + 1):
                yield f"Mốc {'/'.join(reversed(tier.before.split('-')))} không thuộc năm đánh giá {year}."


def remarks(data: SetData) -> tuple[Remark, ...]:
    """What looks wrong in a set without faults, in the order of the document; raises ValueError for one with."""
    found = []
    for text in check_set(engine_nodes(data.nodes), rounding=data.rounding):
        code, colon, message = text.partition(": ")
        known = bool(colon) and bool(_SEGMENT.match(code)) and " " not in code
        found.append(Remark(code, message) if known else Remark("", text))
    for leaf in leaves(data.nodes):
        found += [Remark(leaf.code, message) for message in _leaf_remarks(leaf, data.year)]
    if not data.bands:
        found.append(Remark("", "Chưa có mức xếp loại cho cả bộ chỉ số."))
    for source, cap, what in (
        (Source.BONUS, data.bonus_cap, "cộng"),
        (Source.PENALTY, data.penalty_cap, "trừ"),
    ):
        stated = sum((leaf.maximum for leaf in leaves(data.nodes) if leaf.source is source), ZERO)
        if stated and not cap:
            found.append(Remark("", f"Có tiêu chí điểm {what} nhưng điểm {what} tối đa là 0 nên không được tính."))
    order = {node.code: place for place, node in enumerate(walk(data.nodes))}
    return tuple(sorted(found, key=lambda remark: order.get(remark.code, -1)))


@dataclass(frozen=True)
class DomainSummary:
    """One lĩnh vực: what it holds and how its points are divided."""

    code: str
    name: str
    maximum: Decimal
    criteria: int
    totals: Totals
    leads: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """What a set holds: `criteria` are the nodes of the second level (tiêu chí), `leaves` what points are given for."""

    domains: tuple[DomainSummary, ...]
    criteria: int
    leaves: int
    totals: Totals
    remarks: tuple[Remark, ...]


def summary(data: SetData) -> Summary:
    """Counts, totals and remarks of a set without faults."""
    domains = tuple(
        DomainSummary(
            code=domain.code,
            name=domain.name,
            maximum=domain.maximum,
            criteria=len(domain.children),
            totals=totals([domain]),
            leads=domain.leads,
        )
        for domain in data.nodes
    )
    whole = totals(data.nodes)
    return Summary(
        domains=domains,
        criteria=sum(domain.criteria for domain in domains),
        leaves=whole.leaves,
        totals=whole,
        remarks=remarks(data),
    )
