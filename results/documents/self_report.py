"""Báo cáo tự đánh giá of a unit: drafted from its dossier, signed outside the software."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from assessments.completeness import gap_of
from assessments.models import DIRECT_SOURCES, Dossier, Score, ScoreEvidence
from criteria.models import Criterion
from criteria.points import HUNDRED
from criteria.scoring import Tally, format_points, rescale
from evidence.models import Document as EvidenceDocument
from plans.calendar import short_date
from units import access, clock
from units.permissions import Role

from ..table import SetEngine, claimed
from .letterhead import agency_of, council_name, plan_words, seat_of, signature_of
from .model import (
    BLANK,
    NO_VALUE,
    Align,
    Block,
    Cell,
    Column,
    Document,
    Head,
    Heading,
    Number,
    Paragraph,
    Recipients,
    Row,
    Table,
)

SURVEY = "Điều tra XHH"
Sources = Criterion.SourceChoice
NOT_OWN = {
    Sources.SURVEY: SURVEY,
    Sources.COUNCIL: "Hội đồng chấm",
    Sources.LEADER: "Lãnh đạo tỉnh chấm",
}
EXTRA = {Sources.BONUS: "Điểm cộng", Sources.PENALTY: "Điểm trừ"}
TO_FILL = BLANK * 60


@dataclass(frozen=True)
class Sheet:
    """A dossier read once: criteria in order, scores by criterion, and what the unit's own points add up to."""

    dossier: Dossier
    engine: SetEngine
    scores: Mapping[int, Score]
    tally: Tally
    not_own: Mapping[str, Decimal]

    @classmethod
    def of(cls, dossier: Dossier) -> Sheet:
        """Six queries, whatever the number of criteria and documents."""
        engine = SetEngine(dossier.cycle_group.criteria_set)
        evidence = ScoreEvidence.objects.select_related("version__document").order_by("pk")
        scores = {
            score.criterion_id: score
            for score in Score.objects.filter(dossier=dossier)
            .select_related("criterion")
            .prefetch_related(Prefetch("evidence", queryset=evidence))
        }
        tally = engine.tally({score.criterion.code: claimed(score) for score in scores.values()}, dossier.unit_id)
        not_own: dict[str, Decimal] = {}
        for criterion in engine.criteria:
            if criterion.source in NOT_OWN and criterion.code not in tally.dropped:
                parts = criterion.code.split(".")
                for length in range(len(parts) + 1):
                    code = ".".join(parts[:length])
                    not_own[code] = not_own.get(code, Decimal(0)) + criterion.maximum
        return cls(dossier, engine, scores, tally, not_own)

    def maximum(self, code: str = "") -> Decimal:
        """Points that the unit can give itself under `code`, by default in the whole set."""
        applicable = self.tally.nodes[code].applicable if code else self.tally.applicable
        return applicable - self.not_own.get(code, Decimal(0))

    def has_direct(self) -> bool:
        """Whether the council or leaders give some points themselves."""
        return any(criterion.source in DIRECT_SOURCES for criterion in self.engine.criteria)

    def gaps(self) -> int:
        """Criteria that are not done yet."""
        return sum(
            1 for score in self.scores.values() if gap_of(score, documents=len(score.evidence.all())) is not None
        )

    def explained(self) -> list[Score]:
        """Criteria whose points stand on a giải trình alone, in the order of the set."""
        return [
            self.scores[criterion.pk]
            for criterion in self.engine.criteria
            if criterion.pk in self.scores
            and self.scores[criterion.pk].explanation.strip()
            and not self.scores[criterion.pk].evidence.all()
        ]


def self_report(dossier: Dossier, *, difficulties: str = "", proposals: str = "", on: date | None = None) -> Document:
    """The draft of the report. What the unit writes itself is dots until it is given."""
    unit, cycle = dossier.unit, dossier.cycle
    sheet = Sheet.of(dossier)
    head = dossier.approved_by or access.members(unit, [Role.HEAD]).first()
    return Document(
        title="BÁO CÁO",
        about=f"Kết quả tự đánh giá {cycle.name}",
        head=Head(
            agency_of(unit, cycle.province),
            seat_of(unit, cycle.province),
            (on or clock.today()).year,
            on=on,
            number=Number(f"BC-{unit.symbol}" if unit.symbol else "BC"),
        ),
        addressees=(council_name(cycle.province),),
        blocks=(
            Heading("I. TỔ CHỨC TỰ ĐÁNH GIÁ"),
            Paragraph(
                f"Thực hiện {plan_words(cycle.plan)}, {unit.name} đã tổ chức tự đánh giá, chấm điểm từng tiêu chí, "
                f"tiêu chí thành phần theo {_set_words(dossier)}, tập hợp tài liệu kiểm chứng và cập nhật lên phần "
                "mềm chấm điểm. Kết quả như sau:"
            ),
            *_results(sheet),
            *_explanations(sheet),
            Heading("IV. KHÓ KHĂN, VƯỚNG MẮC"),
            *_own_words(difficulties),
            Heading("V. ĐỀ XUẤT, KIẾN NGHỊ"),
            *_own_words(proposals),
            Paragraph(
                f"Trên đây là Báo cáo kết quả tự đánh giá {cycle.name} của {unit.name}, kính gửi Hội đồng thẩm định "
                "xem xét./."
            ),
        ),
        signatures=(signature_of(unit, head),),
        recipients=Recipients(("Như trên", "Sở Nội vụ")),
        illustrative=dossier.cycle_group.criteria_set.illustrative,
    )


def _set_words(dossier: Dossier) -> str:
    criteria_set = dossier.cycle_group.criteria_set
    basis = f", căn cứ {criteria_set.source_decision}" if criteria_set.source_decision else ""
    return f"{criteria_set.name}{basis}"


def _own_words(text: str) -> list[Block]:
    parts = [part for part in text.split("\n") if part.strip()]
    return [Paragraph(part.strip()) for part in parts] or [Paragraph(TO_FILL), Paragraph(TO_FILL)]


def _share(sheet: Sheet, points: Decimal, maximum: Decimal) -> str:
    if not maximum:
        return NO_VALUE
    return format_points(rescale(points, maximum, HUNDRED, sheet.engine.rounding))


def _results(sheet: Sheet) -> list[Block]:
    points, maximum = sheet.tally.criteria, sheet.maximum()
    blocks: list[Block] = [
        Heading("II. KẾT QUẢ TỰ ĐÁNH GIÁ"),
        Heading("1. Kết quả chung", 2),
        Paragraph(
            f"Tổng điểm tự chấm: {format_points(points)}/{format_points(maximum)} điểm, đạt "
            f"{_share(sheet, points, maximum)}% số điểm tự chấm tối đa."
        ),
    ]
    if sheet.tally.bonus or sheet.tally.penalty:
        blocks.append(
            Paragraph(
                f"Ngoài thang điểm: điểm cộng {format_points(sheet.tally.bonus)}; điểm trừ "
                f"{format_points(sheet.tally.penalty)}."
            )
        )
    if sheet.not_own:
        others = " và điểm do Hội đồng, lãnh đạo tỉnh chấm trực tiếp" if sheet.has_direct() else ""
        blocks.append(
            Paragraph(
                f"Điểm điều tra xã hội học{others} (tối đa {format_points(sheet.not_own[''])} điểm) không tự chấm."
            )
        )
    gaps = sheet.gaps()
    if gaps:
        blocks.append(
            Paragraph(
                f"Bản dự thảo: còn {gaps} tiêu chí chưa nhập điểm hoặc chưa có tài liệu kiểm chứng, giải trình.",
                bold=True,
                italic=True,
            )
        )
    return [
        *blocks,
        Paragraph("Kết quả theo lĩnh vực:", keep=True),
        _domain_table(sheet),
        Heading("2. Kết quả từng tiêu chí, tiêu chí thành phần", 2),
        _score_table(sheet),
    ]


def _domain_table(sheet: Sheet) -> Table:
    rows = []
    for domain in sheet.engine.domains:
        total = sheet.tally.nodes[domain.code]
        own = sheet.maximum(domain.code)
        rows.append(
            Row(
                (
                    Cell(domain.code),
                    Cell(domain.name),
                    Cell(format_points(total.applicable)),
                    Cell(format_points(own)),
                    Cell(format_points(total.points) if own else NO_VALUE),
                    Cell(_share(sheet, total.points, own)),
                )
            )
        )
    whole = sheet.maximum()
    sums = (
        format_points(sheet.tally.applicable),
        format_points(whole),
        format_points(sheet.tally.criteria),
        _share(sheet, sheet.tally.criteria, whole),
    )
    rows.append(
        Row((Cell("TỔNG CỘNG", bold=True, align=Align.CENTER, columns=2), *(Cell(text, bold=True) for text in sums)))
    )
    return Table(
        columns=(
            Column(12, Align.CENTER),
            Column(75),
            *(Column(width, Align.RIGHT) for width in (20, 20, 20, 18)),
        ),
        header=(
            Row(
                tuple(
                    Cell(text)
                    for text in ("TT", "Lĩnh vực", "Điểm tối đa", "Tối đa tự chấm", "Điểm tự chấm", "Tỷ lệ (%)")
                )
            ),
        ),
        rows=tuple(rows),
    )


def _score_table(sheet: Sheet) -> Table:
    rows = [_row(sheet, criterion) for criterion in sheet.engine.criteria]
    sums = (format_points(sheet.tally.applicable), format_points(sheet.tally.criteria), "", "")
    rows.append(
        Row((Cell("TỔNG CỘNG", bold=True, align=Align.CENTER, columns=2), *(Cell(text, bold=True) for text in sums)))
    )
    return Table(
        columns=(
            Column(16),
            Column(94),
            Column(18, Align.RIGHT),
            Column(24, Align.RIGHT),
            Column(68),
            Column(32),
        ),
        header=(
            Row(
                tuple(
                    Cell(text)
                    for text in (
                        "Mã",
                        "Lĩnh vực, tiêu chí, tiêu chí thành phần",
                        "Điểm tối đa",
                        "Điểm tự chấm",
                        "Tài liệu kiểm chứng",
                        "Ghi chú",
                    )
                )
            ),
        ),
        rows=tuple(rows),
        wide=True,
        size=11,
    )


def _row(sheet: Sheet, criterion: Criterion) -> Row:
    if criterion.is_leaf:
        score = sheet.scores.get(criterion.pk)
        named = (Cell(criterion.code), Cell(criterion.name), Cell(format_points(criterion.maximum)))
        if score is None:
            return Row((*named, Cell("Không áp dụng", italic=True, align=Align.CENTER), Cell(), Cell()))
        documents = "\n".join(_evidence_words(use) for use in score.evidence.all())
        return Row((*named, _own_points(score), Cell(documents), Cell(_remark(score))))
    domain = criterion.parent_id is None
    own = sheet.maximum(criterion.code)
    points = format_points(sheet.tally.nodes[criterion.code].points) if own else NO_VALUE
    return Row(
        (
            Cell(criterion.code, bold=True),
            Cell(criterion.name.upper() if domain else criterion.name, bold=True),
            Cell(format_points(criterion.maximum), bold=True),
            Cell(points, bold=True),
            Cell(),
            Cell(),
        ),
        group=1 if domain else 2,
    )


def _own_points(score: Score) -> Cell:
    if score.source in NOT_OWN:
        return Cell(NOT_OWN[Sources(score.source)], italic=True, align=Align.CENTER)
    if score.not_applicable and score.criterion.na_policy == Criterion.NaPolicy.FULL:
        return Cell(format_points(score.criterion.maximum))
    points = None if score.not_applicable else score.self_points
    return Cell(NO_VALUE if points is None else format_points(points))


def _evidence_words(use: ScoreEvidence) -> str:
    words = document_words(use.version.document)
    return f"- {words}, {use.quote}" if use.quote else f"- {words}"


def document_words(document: EvidenceDocument) -> str:
    """`Số 12/KH-STP ngày 05/01/2026`, or the title of a document without a number."""
    if not document.number:
        return document.title
    return f"Số {document.number}" + (f" ngày {short_date(document.issued_on)}" if document.issued_on else "")


def _remark(score: Score) -> str:
    remarks = []
    if score.source in EXTRA:
        remarks.append(EXTRA[Sources(score.source)])
    if score.not_applicable:
        full = score.criterion.na_policy == Criterion.NaPolicy.FULL
        remarks.append("Không phát sinh" if full else "Không phát sinh, không tính vào thang điểm")
    if score.overridden:
        remarks.append(f"Chấm khác quy tắc: {score.override_reason}")
    if score.explanation.strip() and not score.evidence.all():
        remarks.append("Giải trình tại mục III")
    return "; ".join(remarks)


def _explanations(sheet: Sheet) -> Sequence[Block]:
    heading = Heading("III. GIẢI TRÌNH TIÊU CHÍ KHÔNG CÓ TÀI LIỆU KIỂM CHỨNG")
    found = sheet.explained()
    if not found:
        return (heading, Paragraph("Không có tiêu chí phải giải trình."))
    return (
        heading,
        Table(
            columns=(Column(16), Column(56), Column(18, Align.RIGHT), Column(75)),
            header=(Row(tuple(Cell(text) for text in ("Mã", "Tiêu chí", "Điểm tự chấm", "Nội dung giải trình"))),),
            rows=tuple(
                Row(
                    (
                        Cell(score.criterion.code),
                        Cell(score.criterion.name),
                        _own_points(score),
                        Cell(score.explanation.strip()),
                    )
                )
                for score in found
            ),
        ),
    )
