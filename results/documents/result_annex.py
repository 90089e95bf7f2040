"""The table of results as an annex (Phụ lục) of the decision that publishes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from criteria.scoring import format_number

from ..content import from_content
from ..models import Publication
from ..table import GroupResult, UnitResult, shown
from .letterhead import committee_of
from .model import (
    BLANK,
    NO_VALUE,
    Align,
    Block,
    Cell,
    Column,
    Document,
    Heading,
    Paragraph,
    Row,
    Table,
    date_words,
    padded,
)

POINTS = 19.0  # mm of a column of points
ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True)
class Decision:
    """The decision that the annex belongs to; number and day are open while it is a draft."""

    body: str
    year: int
    number: str = ""
    on: date | None = None

    def words(self) -> str:
        """`Quyết định số 05/QĐ-UBND ngày 12 tháng 01 năm 2027 của Ủy ban nhân dân tỉnh Quảng Bình`."""
        number = padded(self.number) if self.number else f"{BLANK}/QĐ-UBND"
        return f"Quyết định số {number} {date_words(self.on, self.year)} của {self.body}"


def annex_of(publication: Publication) -> Document:
    """The annex as published: from the snapshot alone, so that it never changes."""
    manifest = publication.manifest
    on = date.fromisoformat(manifest["decided_on"])
    decision = Decision(committee_of(manifest["province"]), on.year, manifest["decision_number"], on)
    return result_annex(
        manifest["cycle"],
        from_content(manifest["groups"]),
        decision,
        closing=f"Mã kiểm tra (SHA-256) của kết quả công bố: {publication.manifest_hash}",
    )


def result_annex(
    cycle: str, groups: Sequence[GroupResult], decision: Decision, *, status: str = "", closing: str = ""
) -> Document:
    """The annex of `groups`, of no query. `status` tells what an unpublished table is; `closing` ends the annex."""
    blocks: list[Block] = [Paragraph(status, italic=True, align=Align.CENTER, keep=True)] if status else []
    for number, group in enumerate(groups, start=1):
        blocks += [
            Heading(f"{roman(number)}. {group.name.upper()}"),
            Paragraph(f"Bộ chỉ số: {group.criteria_set}.", keep=True),
            Heading("1. Điểm, chỉ số, xếp hạng và xếp loại", 2),
            _ranking(group),
        ]
        if any(unit.domains for unit in group.units):
            blocks += [Heading("2. Điểm theo lĩnh vực", 2), _domains(group)]
    if closing:
        blocks.append(Paragraph(closing, align=Align.LEFT, indent=False))
    return Document(
        title="Phụ lục",
        about=f"KẾT QUẢ {cycle.upper()}",
        reference=f"(Kèm theo {decision.words()})",
        blocks=tuple(blocks),
        illustrative=any(group.illustrative for group in groups),
    )


def roman(number: int) -> str:
    """1 to 39 as headings are numbered: I, II, III, IV ..."""
    text = ""
    for value, letters in ROMAN:
        text, number = text + letters * (number // value), number % value
    return text


def _rank(unit: UnitResult) -> str:
    return NO_VALUE if unit.rank is None else str(unit.rank)


def _remark(unit: UnitResult) -> str:
    return ". ".join(part for part in ("Đồng hạng" if unit.tied else "", unit.note) if part)


def _reached(unit: UnitResult, value: Decimal) -> str:
    """A unit that sent nothing has a note and no points."""
    return NO_VALUE if unit.note else shown(value)


def _ranking(group: GroupResult) -> Table:
    extra = any(unit.bonus or unit.penalty for unit in group.units)
    remarks = any(_remark(unit) for unit in group.units)
    scored = ["Tự chấm", "Thẩm định", "Điều tra XHH", *(["Điểm cộng", "Điểm trừ"] if extra else [])]
    top = (
        Cell("Hạng", rows=2),
        Cell("Cơ quan, đơn vị", rows=2),
        Cell("Điểm", columns=len(scored)),
        Cell("Tổng điểm", rows=2),
        Cell("Điểm tối đa áp dụng", rows=2),
        Cell("Chỉ số (%)", rows=2),
        Cell("Xếp loại", rows=2),
        *((Cell("Ghi chú", rows=2),) if remarks else ()),
    )
    rows = []
    for unit in group.units:
        points = [unit.self_points, unit.criteria_points, unit.survey_points]
        points += [unit.bonus, unit.penalty] if extra else []
        rows.append(
            Row(
                (
                    Cell(_rank(unit)),
                    Cell(unit.unit),
                    *(Cell(_reached(unit, value)) for value in (*points, unit.points, unit.applicable)),
                    Cell(shown(unit.index), bold=True),
                    Cell(unit.grade or NO_VALUE),
                    *((Cell(_remark(unit)),) if remarks else ()),
                )
            )
        )
    return Table(
        columns=(
            Column(13, Align.CENTER),
            Column(62),
            *(Column(POINTS, Align.RIGHT) for _name in scored),
            Column(POINTS, Align.RIGHT),
            Column(POINTS, Align.RIGHT),
            Column(POINTS, Align.RIGHT),
            Column(24, Align.CENTER),
            *((Column(32),) if remarks else ()),
        ),
        header=(Row(top), Row(tuple(Cell(name) for name in scored))),
        rows=tuple(rows),
        wide=True,
        size=11,
    )


def _domains(group: GroupResult) -> Table:
    """One column for each domain, its maximum below the name; where less applies to a unit, its cell says so."""
    heads = next(unit.domains for unit in group.units if unit.domains)
    maxima = [max(unit.domains[at].maximum for unit in group.units if unit.domains) for at in range(len(heads))]
    rows = []
    for unit in group.units:
        cells = []
        for at, whole in enumerate(maxima):
            domain = unit.domains[at] if unit.domains else None
            text = NO_VALUE if domain is None or unit.note else shown(domain.points)
            if domain is not None and domain.maximum != whole and text != NO_VALUE:
                text += f"/{format_number(domain.maximum)}"
            cells.append(Cell(text))
        rows.append(Row((Cell(_rank(unit)), Cell(unit.unit), *cells, Cell(_reached(unit, unit.points), bold=True))))
    names = [
        f"{domain.code}. {domain.name}\n({format_number(maximum)})"
        for domain, maximum in zip(heads, maxima, strict=True)
    ]
    return Table(
        columns=(
            Column(12, Align.CENTER),
            Column(48),
            *(Column(22, Align.RIGHT) for _name in names),
            Column(18, Align.RIGHT),
        ),
        header=(Row((Cell("Hạng"), Cell("Cơ quan, đơn vị"), *(Cell(name) for name in names), Cell("Tổng điểm"))),),
        rows=tuple(rows),
        wide=True,
        size=10.5,
    )
