"""What a unit has so far: points, maximum, done and missing; for a heading, a domain and the whole dossier.

Points are added up as they are saved. Bonus and penalty stand outside the maximum, as in the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from assessments.completeness import Gap, gap_of
from assessments.models import DIRECT_SOURCES, NOT_SELF_SCORED, Dossier, Score
from assessments.shares import Share, domain_code, shares_among
from criteria.models import Criterion
from criteria.scoring import NotApplicable, format_points

ZERO = Decimal(0)
Sources = Criterion.SourceChoice


@dataclass(frozen=True)
class Sums:
    """`points` of `maximum` that the unit scores itself; what the survey and the council give comes later."""

    points: Decimal = ZERO
    maximum: Decimal = ZERO
    bonus: Decimal = ZERO
    penalty: Decimal = ZERO
    has_extra: bool = False
    survey_maximum: Decimal = ZERO
    direct_maximum: Decimal = ZERO
    documents: int = 0
    done: int = 0
    total: int = 0
    gaps: Sequence[Gap] = field(default_factory=tuple)

    @property
    def percent(self) -> int:
        """Whole % done, rounded down, so that 100 means all."""
        return 100 if self.total == 0 else self.done * 100 // self.total

    @property
    def maximum_words(self) -> str:
        """ "77,50 điểm", to stand after the points."""
        return _("%(maximum)s điểm") % {"maximum": format_points(self.maximum)}

    @property
    def done_words(self) -> str:
        """ "10/14 tiêu chí đã xong"."""
        return _("%(done)s/%(total)s tiêu chí đã xong") % {"done": self.done, "total": self.total}


def with_documents(scores: QuerySet[Score]) -> QuerySet[Score]:
    """Scores with their criterion and the number of documents on each (`documents`), which `sums` asks for."""
    return scores.select_related("criterion").annotate(documents=Count("evidence"))


def all_scores(dossier: Dossier) -> list[Score]:
    """Every score of a dossier with its criterion and number of documents, in the order of the set."""
    return list(with_documents(Score.objects.filter(dossier=dossier)).order_by("criterion__order"))


def sums(scores: Iterable[Score]) -> Sums:
    """What `scores` (with `documents`) add up to."""
    rows = list(scores)
    own = [score for score in rows if score.source not in NOT_SELF_SCORED]
    found = [(score, gap_of(score, documents=score.documents)) for score in own]  # type: ignore[attr-defined]
    missing = [gap for _score, gap in found if gap is not None]
    criteria = [score for score in own if score.source == Sources.SELF]
    return Sums(
        points=_points(criteria),
        maximum=sum((score.criterion.maximum for score in criteria if not _dropped(score)), ZERO),
        bonus=_points(score for score in own if score.source == Sources.BONUS),
        penalty=abs(_points(score for score in own if score.source == Sources.PENALTY)),
        has_extra=any(score.source in (Sources.BONUS, Sources.PENALTY) for score in own),
        survey_maximum=_maximum(rows, [Sources.SURVEY]),
        direct_maximum=_maximum(rows, DIRECT_SOURCES),
        documents=sum(score.documents for score in own),  # type: ignore[attr-defined]
        done=len(own) - len(missing),
        total=len(own),
        gaps=tuple(missing),
    )


def _points(scores: Iterable[Score]) -> Decimal:
    return sum((score.self_points for score in scores if score.self_points is not None), ZERO)


def _maximum(scores: Iterable[Score], sources: Iterable[Sources]) -> Decimal:
    wanted = set(sources)
    return sum((score.criterion.maximum for score in scores if score.source in wanted), ZERO)


def _dropped(score: Score) -> bool:
    """A criterion that does not arise is left out of the scale where the set says so."""
    return score.not_applicable and score.criterion.na_policy == NotApplicable.RESCALE.value


@dataclass(frozen=True)
class DomainLine:
    """One domain of a dossier on the unit's pages."""

    domain: Criterion
    sums: Sums
    shares: Sequence[Share] = ()


def domain_lines(dossier: Dossier, scores: Sequence[Score]) -> list[DomainLine]:
    """Every domain in order, with who fills it; two queries beside `scores`."""
    by_domain: dict[str, list[Score]] = {}
    for score in scores:
        by_domain.setdefault(domain_code(score.criterion.code), []).append(score)
    domains = list(Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None).order_by("order"))
    own = [score.criterion.code for score in scores if score.source not in NOT_SELF_SCORED]
    handed: dict[int, list[Share]] = {}
    for share in shares_among(dossier, own, domains):
        handed.setdefault(share.domain.pk, []).append(share)
    return [
        DomainLine(domain, sums(by_domain[domain.code]), tuple(handed.get(domain.pk, ())))
        for domain in domains
        if domain.code in by_domain
    ]
