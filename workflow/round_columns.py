"""All scores of all rounds side by side: self, each round, two scorers once both are done, and the conclusion.

The council sees a round while it is under way; of two independent scorers nobody sees anything before both have
finished the domain. The unit sees what a round came to once the round is over, never who gave what.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.models import DomainAppraisal, Dossier, RoundScore, Score
from assessments.shares import domain_code
from assessments.stages import Stage
from assessments.visibility import CONCLUDED_STAGES
from criteria.models import Criterion
from criteria.scoring import Answer
from results.by_round import answers_after, round_label
from results.table import effective

SETTLED = RoundScore.SETTLED
SURVEY = Criterion.SourceChoice.SURVEY


@dataclass(frozen=True)
class Column:
    """One column of points; `strong` is the one that counts."""

    label: str
    round: int
    seat: int = SETTLED
    strong: bool = False


@dataclass(frozen=True)
class Cell:
    """One score in a column; `points` None with `there`: settled without points (không phát sinh)."""

    label: str
    points: Decimal | None = None
    reason: str = ""
    there: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Rounds:
    """The columns in their order, with a cell of each for every score."""

    columns: Sequence[Column]
    cells: Mapping[int, Sequence[Cell]]

    def of(self, score: Score) -> Sequence[Cell]:
        return self.cells[score.pk]

    def standing(self, score: Score) -> Cell | None:
        """The latest round's result that is shown, without the scorers' own; None before there is one."""
        columns = zip(self.columns, self.cells[score.pk], strict=True)
        return next((cell for column, cell in reversed(list(columns)) if cell.there and not column.seat), None)


CONCLUSION = 0


def council_rounds(dossier: Dossier, scores: Sequence[Score]) -> Rounds:
    """What the council may see of every round; two queries, three where two people score."""
    return _rounds(dossier, scores, last=dossier.round, scorers=dossier.cycle.double_scoring)


def unit_rounds(dossier: Dossier, scores: Sequence[Score]) -> Rounds:
    """What the unit may see: rounds that are over. One query."""
    last = dossier.round if Stage(dossier.stage) in CONCLUDED_STAGES else 1
    return _rounds(dossier, scores, last=last, scorers=False)


def _rounds(dossier: Dossier, scores: Sequence[Score], *, last: int, scorers: bool) -> Rounds:
    found = {
        (row.score_id, row.round, row.seat): row
        for row in RoundScore.objects.filter(score__dossier=dossier, at__isnull=False)
    }
    open_domains = _open(dossier) if scorers else set()
    concluded = Stage(dossier.stage) in CONCLUDED_STAGES
    columns = [column for number in range(1, last + 1) for column in _columns(dossier, number, scorers=scorers)]
    if concluded:
        columns.append(Column(_("Kết luận"), CONCLUSION, strong=True))
    elif columns:
        columns[-1] = Column(columns[-1].label, columns[-1].round, strong=True)

    def cell(score: Score, column: Column) -> Cell:
        if column.round == CONCLUSION:
            answer = effective(score)
            there = answer.points is not None or answer.not_applicable
            return Cell(column.label, answer.points, score.appraised_reason, there, strong=True)
        row = found.get((score.pk, column.round, column.seat))
        hidden = column.seat != SETTLED and (column.round, domain_code(score.criterion.code)) in open_domains
        if row is None or hidden or (column.seat == SETTLED and _reopened(dossier, score, column)):
            return Cell(column.label, strong=column.strong)
        return Cell(column.label, row.points, row.reason, there=True, strong=column.strong)

    return Rounds(columns, {score.pk: [cell(score, column) for column in columns] for score in scores})


def _reopened(dossier: Dossier, score: Score, column: Column) -> bool:
    """Whether what the present round came to was taken back, because the unit supplements the criterion."""
    return column.round == dossier.round and score.appraised_at is None


def _columns(dossier: Dossier, number: int, *, scorers: bool) -> list[Column]:
    heard = number == 2 and dossier.cycle.rounds == 1
    two = dossier.cycle.rounds == 2
    settled = Column(round_label(dossier.cycle, number), number)
    if not scorers or heard:
        return [settled]
    words = _("Người chấm %(seat)s, vòng %(round)s") if two else _("Người chấm %(seat)s")
    return [*(Column(words % {"seat": seat, "round": number}, number, seat) for seat in (1, 2)), settled]


def _open(dossier: Dossier) -> set[tuple[int, str]]:
    """(round, domain) in which one of the two scorers is not done."""
    rows = DomainAppraisal.objects.filter(dossier=dossier, finished_at=None)
    return set(rows.values_list("round", "domain__code"))


def round_answers(dossier: Dossier, scores: Iterable[Score], number: int) -> dict[str, Answer]:
    """What stood at the end of round `number`, by code; one query."""
    rows = RoundScore.objects.filter(score__dossier=dossier, seat=SETTLED, at__isnull=False)
    return answers_after(number, rows, scores)


def round_words(dossier: Dossier) -> str:
    """ "vòng 2" while the second round is under way; empty where the cycle has one round or it is the first one."""
    under_way = Stage(dossier.stage) in (Stage.APPRAISING, Stage.REVIEWING, Stage.SUPPLEMENTING)
    if dossier.cycle.rounds == 2 and under_way:
        return _("vòng %(n)s") % {"n": dossier.round}
    return ""
