"""The result table of a cycle: points, index, rank inside the group and grade, computed from the scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, cast

from assessments.models import Cycle, Dossier, Score
from assessments.stages import Stage
from criteria.models import CriteriaSet, Criterion, GradeBand
from criteria.scoring import Answer, Band, BandScale, Scorer, Source, Tally, format_points
from criteria.trees import build, rounding_of

from .ranking import Entry, Method, rank


@dataclass(frozen=True)
class DomainResult:
    """What one unit reached in one domain; points without the survey where it is not in yet."""

    code: str
    name: str
    points: Decimal
    maximum: Decimal
    grade: str


@dataclass(frozen=True)
class UnitResult:
    """One line of the table. `index` (%) and `rank` are None for a unit that sent nothing or is not complete.

    `by_round` (from `by_round.with_rounds`) stands beside the table on screen, and is no part of what is proposed.
    """

    unit_id: int
    unit: str
    group_id: int
    self_points: Decimal
    criteria_points: Decimal
    survey_points: Decimal
    bonus: Decimal
    penalty: Decimal
    points: Decimal
    maximum: Decimal
    applicable: Decimal
    index: Decimal | None
    rank: int | None
    tied: bool
    grade: str
    note: str
    domains: tuple[DomainResult, ...]
    by_round: tuple[Decimal | None, ...] = ()


@dataclass(frozen=True)
class GroupResult:
    """One ranking group, best unit first; `rounds` names the columns of `UnitResult.by_round`."""

    group_id: int
    name: str
    criteria_set: str
    illustrative: bool
    units: tuple[UnitResult, ...]
    rounds: tuple[str, ...] = ()


def effective(score: Score) -> Answer:
    """The answer that counts: survey points, else the council's, else none.

    A criterion that the unit declared as not arising and the council settled without points stays not applicable.
    """
    if score.source == Criterion.SourceChoice.SURVEY:
        return Answer(score.survey_points)
    if score.appraised_at is None:
        return Answer(None)
    return Answer(score.appraised_points, score.not_applicable and score.appraised_points is None)


def claimed(score: Score) -> Answer:
    """The unit's own answer."""
    return Answer(score.self_points, score.not_applicable)


class SetEngine:
    """A criteria set ready to score many units: tree, scorer, rounding and grade bands, read once."""

    def __init__(self, criteria_set: CriteriaSet) -> None:
        self.criteria_set = criteria_set
        self.rounding = rounding_of(criteria_set)
        self.criteria = list(criteria_set.criteria.prefetch_related("dropped_for").order_by("order"))
        self.domains = [row for row in self.criteria if row.parent_id is None]
        self.scorer = Scorer(
            build(self.criteria),
            rounding=self.rounding,
            bonus_cap=criteria_set.bonus_cap,
            penalty_cap=criteria_set.penalty_cap,
        )
        self._bands = self._read_bands(GradeBand.objects.filter(criteria_set=criteria_set))

    @staticmethod
    def _read_bands(rows: Iterable[GradeBand]) -> Mapping[tuple[int | None, int | None], BandScale]:
        found: dict[tuple[int | None, int | None], list[GradeBand]] = {}
        for row in rows:
            found.setdefault((row.part_id, row.group_id), []).append(row)
        return {
            key: BandScale(
                tuple(Band(row.label, row.lower) for row in sorted(bands, key=lambda row: row.lower, reverse=True))
            )
            for key, bands in found.items()
        }

    def tally(self, answers: Mapping[str, Answer], unit_id: int) -> Tally:
        """The sheet of one unit; `answers` by criterion code."""
        return self.scorer.tally(answers, unit=str(unit_id))

    def grade(self, percent: Decimal | None, *, part: Criterion | None, group_id: int) -> str:
        """The grade of a percent in a part of the set; bands of the group win over bands for all."""
        if percent is None:
            return ""
        part_id = part.pk if part else None
        scale = self._bands.get((part_id, group_id)) or self._bands.get((part_id, None))
        return scale.grade(percent).label if scale else ""


def result_table(cycle: Cycle) -> tuple[GroupResult, ...]:
    """The table of every ranking group, from the scores as they stand. Constant number of queries per group."""
    tables = []
    for group in cycle.groups.select_related("group", "criteria_set"):
        engine = SetEngine(group.criteria_set)
        dossiers = list(Dossier.objects.filter(cycle_group=group).select_related("unit").order_by("unit__order", "pk"))
        answers = _answers(dossiers)
        rows = [_unit_row(engine, dossier, answers.get(dossier.pk, []), group.group_id) for dossier in dossiers]
        tables.append(
            GroupResult(
                group_id=group.group_id,
                name=group.group.name,
                criteria_set=group.criteria_set.name,
                illustrative=group.criteria_set.illustrative,
                units=_ranked(rows, cast(Method, cycle.ties)),
            )
        )
    return tuple(tables)


def _answers(dossiers: Sequence[Dossier]) -> Mapping[int, list[Score]]:
    found: dict[int, list[Score]] = {}
    for score in Score.objects.filter(dossier__in=dossiers).select_related("criterion"):
        found.setdefault(score.dossier_id, []).append(score)
    return found


def _unit_row(engine: SetEngine, dossier: Dossier, scores: Sequence[Score], group_id: int) -> UnitResult:
    sent = dossier.stage != Stage.NOT_SUBMITTED
    final = engine.tally({s.criterion.code: effective(s) for s in scores} if sent else {}, dossier.unit_id)
    own = engine.tally({s.criterion.code: claimed(s) for s in scores}, dossier.unit_id)
    surveyed = final.sources.get(Source.SURVEY)
    survey = surveyed.points if surveyed else Decimal(0)
    index = final.index if sent else None
    return UnitResult(
        unit_id=dossier.unit_id,
        unit=dossier.unit.name,
        group_id=group_id,
        self_points=own.points,
        criteria_points=final.criteria - survey,
        survey_points=survey,
        bonus=final.bonus,
        penalty=final.penalty,
        points=final.points,
        maximum=final.maximum,
        applicable=final.applicable,
        index=index,
        rank=None,
        tied=False,
        grade=engine.grade(index, part=None, group_id=group_id),
        note="" if sent else str(Stage.NOT_SUBMITTED.label),
        domains=tuple(
            DomainResult(
                code=domain.code,
                name=domain.name,
                points=final.domains[domain.code].points,
                maximum=final.domains[domain.code].applicable,
                grade=engine.grade(final.domains[domain.code].percent(engine.rounding), part=domain, group_id=group_id),
            )
            for domain in engine.domains
        ),
    )


def _ranked(rows: Sequence[UnitResult], method: Method) -> tuple[UnitResult, ...]:
    places = rank([Entry(key=str(row.unit_id), group="", score=row.index) for row in rows], method=method)
    placed = [
        UnitResult(
            **{
                **{name: getattr(row, name) for name in UnitResult.__dataclass_fields__},
                "rank": places[str(row.unit_id)].rank,
                "tied": places[str(row.unit_id)].tied,
            }
        )
        for row in rows
    ]
    return tuple(sorted(placed, key=lambda row: (row.rank is None, row.rank or 0)))


def as_content(tables: Iterable[GroupResult]) -> list[dict[str, Any]]:
    """The table as JSON: points as text with a decimal point, exactly as computed."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return format(value, "f")
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key not in ("rounds", "by_round")}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value

    return [plain(asdict(table)) for table in tables]


def shown(value: Decimal | None) -> str:
    """Points for a document: "82,75", or a dash where there is none."""
    return "–" if value is None else format_points(value)
