"""What the page "Vì sao mất điểm" says: a unit's result cut into reasons, beside its own of the cycle before.

A criterion's points are the engine's, rounded by the rule of the set, so that the parts add up to the printed total.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.models import Dossier, Score
from assessments.shares import domain_code
from assessments.visibility import CONCLUDED_STAGES, result_given
from criteria.models import Criterion
from criteria.points import HUNDRED
from criteria.scoring import Answer, Source, Tally, rescale
from results.lost_points import Explanation, Kind, Line, Slice, explain
from results.table import SetEngine, claimed, effective

from .desk import rule_words
from .last_year import dossier_before
from .round_columns import Cell, Rounds, round_answers, unit_rounds

BIGGEST = 5

KINDS: Mapping[Kind, Any] = {
    Kind.RULE: _l("Đơn vị tự chấm dưới điểm tối đa theo quy tắc"),
    Kind.CUT: _l("Hội đồng chấm thấp hơn điểm tự chấm"),
    Kind.NO_EVIDENCE: _l("Hội đồng chấm thấp hơn, đơn vị không có tài liệu kiểm chứng"),
    Kind.RAISED: _l("Hội đồng chấm cao hơn điểm tự chấm"),
    Kind.DIRECT: _l("Hội đồng, lãnh đạo tỉnh chấm trực tiếp"),
    Kind.SURVEY: _l("Điều tra xã hội học"),
    Kind.PENDING: _l("Chưa có điểm"),
    Kind.PENALTY: _l("Điểm trừ"),
    Kind.BONUS: _l("Điểm cộng"),
    Kind.FLOOR: _l("Không trừ quá số điểm đạt được"),
    Kind.ROUNDING: _l("Làm tròn chỉ số"),
}

NEXT_YEAR: Mapping[Kind, Any] = {
    Kind.RULE: _l("Nâng kết quả theo quy tắc chấm: %(rule)s"),
    Kind.CUT: _l("Khắc phục lý do của hội đồng; đối chiếu số liệu với tài liệu trước khi tự chấm."),
    Kind.NO_EVIDENCE: _l("Đính kèm tài liệu kiểm chứng ngay khi tự chấm: %(evidence)s"),
    Kind.DIRECT: _l("Trao đổi với cơ quan chấm để biết nội dung cần cải thiện."),
    Kind.SURVEY: _l("Xem nội dung người được hỏi chưa hài lòng và cải thiện phục vụ."),
    Kind.PENDING: _l("Chờ điểm: tiêu chí này chưa có kết quả."),
    Kind.PENALTY: _l("Rà soát việc bị trừ điểm để không lặp lại."),
}


@dataclass(frozen=True)
class Reason:
    """One part of what a criterion lost, in words."""

    kind: Kind
    label: str
    points: Decimal
    words: str
    advice: str


@dataclass(frozen=True)
class LostRow:
    """One criterion that lost points, or won some beyond its own; `before` is what it lost a year ago."""

    score: Score
    cells: Sequence[Cell]
    points: Decimal
    reasons: Sequence[Reason]
    before: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """Lost now minus lost a year ago: above zero is worse."""
        return None if self.before is None else self.points - self.before


@dataclass(frozen=True)
class DomainLoss:
    """One domain: points lost and in percent of the index, with those of a year ago where it had the domain."""

    title: str
    points: Decimal
    percent: Decimal
    before: Decimal | None
    rows: Sequence[LostRow]

    @property
    def difference(self) -> Decimal | None:
        return None if self.before is None else self.points - self.before


@dataclass(frozen=True)
class KindLoss:
    """One reason with its words and the part of the widest bar that its own takes, 0 to 100."""

    label: str
    points: Decimal
    percent: Decimal
    width: Decimal


@dataclass(frozen=True)
class Sheet:
    """A dossier with its scores and what the engine made of them."""

    dossier: Dossier
    engine: SetEngine
    scores: Sequence[Score]

    @cached_property
    def final(self) -> Tally:
        return self.tally({score.criterion.code: effective(score) for score in self.scores})

    @cached_property
    def own(self) -> Tally:
        return self.tally({score.criterion.code: claimed(score) for score in self.scores})

    def tally(self, answers: Mapping[str, Answer]) -> Tally:
        return self.engine.tally(answers, self.dossier.unit_id)

    @cached_property
    def explanation(self) -> Explanation:
        """Every point between the top and the result; the index is that of the points so far."""
        final = self.final
        index = rescale(final.points, final.applicable, HUNDRED, self.engine.rounding) if final.applicable else HUNDRED
        return explain(
            [self._line(score) for score in self.scores if score.criterion.code not in final.dropped],
            bonus=final.bonus,
            penalty=final.penalty,
            points=final.points,
            applicable=final.applicable,
            index=index,
        )

    def _line(self, score: Score) -> Line:
        code, source = score.criterion.code, Source(score.source)
        total = self.final.nodes[code]
        given = {Source.BONUS: total.bonus, Source.PENALTY: total.penalty}.get(source, total.points)
        # what the unit set aside as not arising and the council scored after all: the unit claimed nothing less
        own = score.criterion.maximum if code in self.own.dropped else self.own.nodes[code].points
        return Line(
            code=code,
            domain=domain_code(code),
            source=source.value,
            maximum=score.criterion.maximum,
            own=own,
            given=None if code in self.final.missing else given,
            documents=score.documents,  # type: ignore[attr-defined]
        )


def read_sheet(dossier: Dossier) -> Sheet:
    """Four queries, whatever the number of criteria."""
    scores = dossier.scores.select_related("criterion").annotate(documents=Count("evidence"))
    return Sheet(dossier, SetEngine(dossier.cycle_group.criteria_set), list(scores.order_by("criterion__order")))


@dataclass(frozen=True)
class LostPoints:
    """Everything on the page."""

    sheet: Sheet
    earlier: Sheet | None
    rounds: Rounds

    @property
    def explanation(self) -> Explanation:
        return self.sheet.explanation

    @property
    def complete(self) -> bool:
        """Whether every criterion has its points."""
        return self.sheet.final.complete

    @cached_property
    def rows(self) -> Mapping[str, LostRow]:
        """Criteria with parts, by code, in the order of the set."""
        parts: dict[str, list[Reason]] = {}
        scores = {score.criterion.code: score for score in self.sheet.scores}
        for part in self.explanation.parts:
            if part.code:
                parts.setdefault(part.code, []).append(_reason(scores[part.code], part.kind, part.points))
        before = self.earlier.explanation.by_code() if self.earlier else {}
        known = {score.criterion.code for score in self.earlier.scores} if self.earlier else set()
        lost = self.explanation.by_code()
        return {
            code: LostRow(
                scores[code],
                self.rounds.of(scores[code]),
                lost[code],
                reasons,
                before.get(code, Decimal(0)) if code in known else None,
            )
            for code, reasons in parts.items()
        }

    @property
    def biggest(self) -> list[LostRow]:
        """The criteria that cost most, most first."""
        return [self.rows[code] for code, _points in self.explanation.biggest(BIGGEST)]

    @cached_property
    def kinds(self) -> list[KindLoss]:
        """By reason, with bars."""
        slices = self.explanation.by_kind()
        widest = max((abs(row.points) for row in slices), default=Decimal(0)) or Decimal(1)
        return [
            KindLoss(
                str(KINDS[Kind(row.key)]),
                row.points,
                row.percent,
                (max(row.points, Decimal(0)) / widest * 100).quantize(Decimal("0.1")),
            )
            for row in slices
        ]

    @cached_property
    def domains(self) -> list[DomainLoss]:
        """By domain, every one, also those without a loss; what belongs to none comes last."""
        found = {row.key: row for row in self.explanation.by_domain()}
        before = {row.key: row.points for row in self.earlier.explanation.by_domain()} if self.earlier else {}
        known = {domain.code for domain in self.earlier.engine.domains} if self.earlier else set()
        nothing = Slice("", Decimal(0), Decimal(0))

        def loss(code: str, title: str) -> DomainLoss:
            row = found.get(code, nothing)
            rows = [line for line in self.rows.values() if code and domain_code(line.score.criterion.code) == code]
            earlier = before.get(code, Decimal(0)) if code in known else None
            return DomainLoss(title, row.points, row.percent, earlier, rows)

        outside = {
            "": _("Trần điểm cộng, điểm trừ của cả bộ"),
            Kind.ROUNDING.value: str(KINDS[Kind.ROUNDING]),
        }
        return [
            *(loss(domain.code, f"{domain.code}. {domain.name}") for domain in self.sheet.engine.domains),
            *(loss(code, title) for code, title in outside.items() if code in found),
        ]

    @property
    def lost_before(self) -> Decimal | None:
        return self.earlier.explanation.lost if self.earlier else None


def _reason(score: Score, kind: Kind, points: Decimal) -> Reason:
    words = {
        Kind.CUT: score.appraised_reason,
        Kind.NO_EVIDENCE: score.appraised_reason,
        Kind.RAISED: score.appraised_reason,
        Kind.DIRECT: score.appraised_reason,
        Kind.PENALTY: score.appraised_reason,
        Kind.BONUS: score.appraised_reason,
        Kind.RULE: rule_words(score.criterion),
    }.get(kind, "")
    advice = str(NEXT_YEAR.get(kind, "")) % {
        "rule": rule_words(score.criterion),
        "evidence": score.criterion.evidence_asked or _("văn bản có số, ngày ban hành"),
    }
    return Reason(kind, str(KINDS[kind]), points, words, advice)


def lost_points(dossier: Dossier) -> LostPoints:
    """Read both years: ten queries, five less where there is no earlier dossier."""
    before = dossier_before(dossier)
    earlier = read_sheet(before) if before and before.stage in CONCLUDED_STAGES and result_given(before) else None
    sheet = read_sheet(dossier)
    return LostPoints(sheet, earlier, unit_rounds(dossier, sheet.scores))


@dataclass(frozen=True)
class Bar:
    """One bar of the chart: its place and its length in the units of the drawing (100 wide for the maximum)."""

    label: str
    style: str
    points: Decimal
    y: int
    width: Decimal


@dataclass(frozen=True)
class ChartDomain:
    """A domain with its bars from top to bottom."""

    domain: Criterion
    maximum: Decimal
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return len(self.bars) * BAR


BAR = 11


def chart(found: LostPoints) -> list[ChartDomain]:
    """Self, each round that is over, and the conclusion, by domain, each as a part of the domain's own maximum.

    One query for each round.
    """
    sheet = found.sheet
    rounds = [column for column in found.rounds.columns if column.round]
    tallies = [(_("Tự chấm"), "self", sheet.own)]
    tallies += [
        (column.label, f"round-{column.round}", sheet.tally(round_answers(sheet.dossier, sheet.scores, column.round)))
        for column in rounds
    ]
    if sheet.dossier.stage in CONCLUDED_STAGES:
        tallies.append((_("Kết luận"), "final", sheet.final))
    made = []
    for domain in sheet.engine.domains:
        maximum = sheet.final.domains[domain.code].applicable
        bars = []
        for place, (label, style, tally) in enumerate(tallies):
            points = tally.domains[domain.code].points
            share = max(points, Decimal(0)) / maximum * 100 if maximum else Decimal(0)
            bars.append(Bar(label, style, points, place * BAR, min(share, Decimal(100)).quantize(Decimal("0.1"))))
        made.append(ChartDomain(domain, maximum, bars))
    return made
