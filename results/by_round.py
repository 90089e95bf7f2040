"""What each round of appraisal came to, for the province's table: a column each, where there is more than one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from assessments.models import Cycle, Dossier, RoundScore, Score
from criteria.models import Criterion
from criteria.scoring import Answer, Source

from .table import GroupResult, SetEngine

ROUNDS = (1, 2)


def round_label(cycle: Cycle, number: int) -> str:
    """ "Vòng 2"; in a cycle of one round the second is what the appeals came to."""
    if cycle.rounds == 2:
        return _("Vòng %(n)s") % {"n": number}
    return _("Sau kiến nghị") if number == 2 else _("Thẩm định")


def answers_after(number: int, rows: Iterable[RoundScore], scores: Iterable[Score]) -> dict[str, Answer]:
    """What stood at the end of round `number`, by code: a criterion that a round did not touch keeps the one before.

    `rows` are what rounds of the dossier came to; survey points are those that stand now.
    """
    latest: dict[int, RoundScore] = {}
    for row in sorted(rows, key=lambda row: row.round):
        if row.round <= number:
            latest[row.score_id] = row
    found = {}
    for score in scores:
        standing = latest.get(score.pk)
        if score.source == Criterion.SourceChoice.SURVEY:
            found[score.criterion.code] = Answer(score.survey_points)
        elif standing is not None:
            found[score.criterion.code] = Answer(standing.points, score.not_applicable and standing.points is None)
    return found


def with_rounds(groups: Sequence[GroupResult], cycle: Cycle) -> tuple[GroupResult, ...]:
    """`groups` with the points of each round, without the survey, as the column of the appraisal counts them.

    As they are where no dossier has reached a second round. Six queries for each group and one more; one in all else.
    """
    if cycle.rounds == 1 and not Dossier.objects.filter(cycle=cycle, round=2).exists():
        return tuple(groups)
    before = round_label(cycle, 1) if cycle.rounds == 2 else _("Trước kiến nghị")
    labels = (before, round_label(cycle, 2))
    points: dict[int, tuple[Decimal | None, ...]] = {}
    for group in cycle.groups.select_related("criteria_set"):
        engine = SetEngine(group.criteria_set)
        dossiers = list(Dossier.objects.filter(cycle_group=group))
        scores = _by_dossier(Score.objects.filter(dossier__in=dossiers).select_related("criterion"))
        given: dict[int, list[RoundScore]] = {}
        for row in RoundScore.objects.filter(
            score__dossier__in=dossiers, seat=RoundScore.SETTLED, at__isnull=False
        ).select_related("score"):
            given.setdefault(row.score.dossier_id, []).append(row)
        for dossier in dossiers:
            rows = given.get(dossier.pk, [])
            points[dossier.unit_id] = tuple(
                _points(engine, dossier, answers_after(number, rows, scores.get(dossier.pk, [])))
                if any(row.round == number for row in rows)
                else None
                for number in ROUNDS
            )
    nothing = (None,) * len(ROUNDS)
    return tuple(
        replace(
            group,
            rounds=labels,
            units=tuple(replace(unit, by_round=points.get(unit.unit_id, nothing)) for unit in group.units),
        )
        for group in groups
    )


def _by_dossier(scores: Iterable[Score]) -> Mapping[int, list[Score]]:
    found: dict[int, list[Score]] = {}
    for score in scores:
        found.setdefault(score.dossier_id, []).append(score)
    return found


def _points(engine: SetEngine, dossier: Dossier, answers: Mapping[str, Answer]) -> Decimal:
    tally = engine.tally(answers, dossier.unit_id)
    surveyed = tally.sources.get(Source.SURVEY)
    return tally.criteria - (surveyed.points if surveyed else Decimal(0))
