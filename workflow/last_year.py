"""A unit's dossier beside its own of the cycle before: points by domain, and values that look wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.models import NOT_SELF_SCORED, Dossier, Score
from assessments.shares import domain_code
from assessments.stages import Stage
from assessments.unusual import Unusual, Values, unusual
from criteria.models import Criterion
from criteria.scoring import FigureErrors, RuleError, figures_from_data, format_number, format_points
from criteria.trees import leaf_rule

from .dossier_sums import DomainLine, all_scores
from .sheet_page import row_url


@dataclass(frozen=True)
class UnusualRow:
    """One value that changed much, in words, with the places where both stand."""

    criterion: Criterion
    what: str
    before: str
    after: str
    url: str
    url_before: str


@dataclass(frozen=True)
class DomainYears:
    """The points of one domain in both years; None where the earlier set had no such domain."""

    domain: Criterion
    before: Decimal | None
    after: Decimal

    @property
    def difference(self) -> Decimal | None:
        return None if self.before is None else self.after - self.before


@dataclass(frozen=True)
class LastYear:
    """What the dossier of the cycle before says; `dossier` is None where the unit had none."""

    dossier: Dossier | None
    domains: Sequence[DomainYears] = ()
    unusual: Sequence[UnusualRow] = ()

    @property
    def before(self) -> Decimal:
        return sum((row.before for row in self.domains if row.before is not None), Decimal(0))

    @property
    def after(self) -> Decimal:
        return sum((row.after for row in self.domains), Decimal(0))

    @property
    def difference(self) -> Decimal:
        return self.after - self.before


def dossier_before(dossier: Dossier) -> Dossier | None:
    """The unit's dossier in its latest earlier cycle, unless it was never sent."""
    return (
        Dossier.objects.filter(unit_id=dossier.unit_id, cycle__year__lt=dossier.cycle.year)
        .exclude(stage=Stage.NOT_SUBMITTED)
        .select_related("cycle", "cycle_group__criteria_set")
        .order_by("-cycle__year", "-cycle_id")
        .first()
    )


def last_year(dossier: Dossier, scores: Sequence[Score], lines: Sequence[DomainLine]) -> LastYear:
    """Compare `scores` and `lines` of `dossier` with the cycle before; three queries, one where there is none."""
    earlier = dossier_before(dossier)
    if earlier is None:
        return LastYear(None)
    old_scores = all_scores(earlier)
    old_domains = {
        row.code: row.pk for row in Criterion.objects.filter(criteria_set_id=earlier.criteria_set_id, parent=None)
    }
    old, now = values(old_scores), values(scores)
    criteria = {score.criterion.code: score for score in scores}
    old_rows = {score.criterion.code: score for score in old_scores}
    domains = {line.domain.code: line.domain.pk for line in lines}

    def row(found: Unusual) -> UnusualRow:
        code, head = found.code, domain_code(found.code)
        show = format_number if found.label else format_points
        return UnusualRow(
            criteria[code].criterion,
            found.label,
            show(found.before),
            show(found.after),
            row_url(dossier, domains[head], criteria[code].pk),
            row_url(earlier, old_domains[head], old_rows[code].pk),
        )

    return LastYear(
        earlier,
        [
            DomainYears(line.domain, _sum(old_scores, line.domain.code, old_domains), line.sums.points)
            for line in lines
            if line.sums.total
        ],
        [row(found) for found in unusual(old, now)],
    )


def _sum(scores: Iterable[Score], code: str, domains: Mapping[str, int]) -> Decimal | None:
    if code not in domains:
        return None
    own = (
        score.self_points
        for score in scores
        if score.source == Criterion.SourceChoice.SELF and domain_code(score.criterion.code) == code
    )
    return sum((points for points in own if points is not None), Decimal(0))


def values(scores: Iterable[Score]) -> dict[str, Values]:
    """Points and declared numbers of what the unit fills, by code."""
    return {
        score.criterion.code: Values(score.self_points, score.criterion.maximum, numbers(score))
        for score in scores
        if score.source not in NOT_SELF_SCORED
    }


def numbers(score: Score) -> dict[str, Decimal]:
    """The declared figures that are numbers, by label; dates, choices and yes/no are not compared."""
    if not score.declared:
        return {}
    try:
        figures = tuple(leaf_rule(score.criterion).figures())
        found = figures_from_data(figures, score.declared)
    except (FigureErrors, RuleError):
        return {}
    return {
        figure.label: Decimal(value)
        for figure in figures
        if isinstance(value := found.get(figure.key), Decimal | int) and not isinstance(value, bool)
    }
