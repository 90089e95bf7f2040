"""The rounds of appraisal: what each round came to, two scorers who do not see each other, and what they disagree on.

A score's own points are those that stand now. What every round and every scorer gave is kept beside them for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F

from criteria.trees import rounding_of
from units import clock
from units.models import User

from .. import ledger
from ..errors import Conflict
from ..models import DomainAppraisal, Dossier, RoundScore, Score

SETTLED = RoundScore.SETTLED


def keep(score: Score, *, dossier: Dossier) -> None:
    """Write what the council's points on `score` are now as the result of the dossier's present round."""
    RoundScore.objects.bulk_create(
        [
            RoundScore(
                score=score,
                round=dossier.round,
                seat=SETTLED,
                source=score.source,
                self_points=score.self_points,
                points=score.appraised_points,
                reason=score.appraised_reason,
                version=score.appraised_version,
                at=score.appraised_at,
                by=score.appraised_by,
            )
        ],
        update_conflicts=True,
        unique_fields=["score", "round", "seat"],
        update_fields=["self_points", "points", "reason", "version", "at", "by"],
    )


def reopen(score: Score, *, dossier: Dossier) -> None:
    """The unit may change `score`: both scorers of the present round score it anew. The ledger keeps what they gave."""
    RoundScore.objects.filter(score=score, round=dossier.round).exclude(seat=SETTLED).update(
        points=None, reason="", at=None, version=F("version") + 1
    )


def blind(dossier: Dossier) -> bool:
    """Whether two people score each domain without seeing each other's points."""
    return bool(dossier.cycle.double_scoring)


def shown_to(scores: Iterable[Score], *, dossier: Dossier, seat: int) -> list[Score]:
    """The scores as one of two scorers may see them: what is not settled yet shows the points of their own seat only.

    Seat 0 shows neither's. The council's side of the instances is set in memory; they must not be saved.
    """
    return shown_as(scores, {dossier.pk: (dossier.round, seat)})


def shown_as(scores: Iterable[Score], places: Mapping[int, tuple[int, int]]) -> list[Score]:
    """`shown_to` for scores of several dossiers; `places` has round and seat by dossier, all of whom two score."""
    rows = list(scores)
    given = {
        (row.score_id, row.round, row.seat): row
        for row in RoundScore.objects.filter(score__in=rows).exclude(seat=SETTLED).select_related("by")
    }
    for score in rows:
        if score.appraised_at is None:
            _show(score, given.get((score.pk, *places[score.dossier_id])))
    return rows


def _show(score: Score, row: RoundScore | None) -> None:
    score.appraised_points = row.points if row else None
    score.appraised_reason = row.reason if row else ""
    score.appraised_at = row.at if row else None
    score.appraised_by = row.by if row else None
    score.appraised_version = row.version if row else 0


def score_blind(
    score: Score,
    points: Decimal | None,
    reason: str,
    *,
    version: int,
    dossier: Dossier,
    appraisal: DomainAppraisal,
    message: str,
    by: User,
) -> None:
    """Keep the points of one of two scorers; `score` shows them afterwards, in memory.

    The first save makes the open domain this person's own. Raises Conflict (with `message`) where the same person
    saved from another window meanwhile.
    """
    if appraisal.appraiser_id != by.pk:
        appraisal.appraiser = by
        appraisal.save(update_fields=["appraiser"])
    row = RoundScore.objects.select_for_update(of=("self",)).filter(
        score=score, round=dossier.round, seat=appraisal.seat
    ).first() or RoundScore(score=score, round=dossier.round, seat=appraisal.seat, version=0)
    if row.at is not None and (row.points, row.reason) == (points, reason):
        _show(score, row)
        return
    if row.version != version:
        _show(score, row)
        raise Conflict(message, score)
    row.source, row.self_points = score.source, score.self_points
    row.points, row.reason = points, reason
    row.version += 1
    row.at, row.by = clock.now(), by
    row.save()
    _show(score, row)
    ledger.record(
        dossier,
        "score_blind",
        by=by,
        criterion=score.criterion,
        after={"points": points, "seat": appraisal.seat},
        reason=reason,
    )


def unscored(scores: Sequence[Score], *, dossier: Dossier, seat: int) -> list[Score]:
    """Those of `scores` that the scorer of `seat` has not scored in the present round, and nobody settled."""
    done = set(
        RoundScore.objects.filter(score__in=scores, round=dossier.round, seat=seat, at__isnull=False).values_list(
            "score_id", flat=True
        )
    )
    return [score for score in scores if score.appraised_at is None and score.pk not in done]


@dataclass(frozen=True)
class Pair:
    """What two scorers gave on one criterion."""

    first: RoundScore
    second: RoundScore

    @property
    def difference(self) -> Decimal | None:
        """In points; None where one of them left the criterion out of the scale and the other did not."""
        if self.first.points is None or self.second.points is None:
            return Decimal(0) if self.first.points is self.second.points else None
        return abs(self.first.points - self.second.points)

    def agrees(self, threshold: Decimal) -> bool:
        """Whether nobody has to talk: equal, or not further apart than `threshold` points."""
        return self.difference is not None and self.difference <= threshold

    def mean(self, rounding: Any) -> Decimal | None:
        """The points between the two, by the rounding of the set."""
        if self.first.points is None or self.second.points is None:
            return None
        if self.first.points == self.second.points:
            return self.first.points
        found: Decimal = rounding.apply((self.first.points + self.second.points) / 2)
        return found

    @property
    def reason(self) -> str:
        """Both reasons, one below the other; once where they say the same."""
        return "\n".join(dict.fromkeys(row.reason for row in (self.first, self.second) if row.reason))


def pairs(scores: Sequence[Score], *, dossier: Dossier) -> dict[int, Pair]:
    """What both scorers gave in the present round, by score; one query."""
    found: dict[int, dict[int, RoundScore]] = {}
    for row in (
        RoundScore.objects.filter(score__in=scores, round=dossier.round, at__isnull=False)
        .exclude(seat=SETTLED)
        .select_related("by")
    ):
        found.setdefault(row.score_id, {})[row.seat] = row
    return {pk: Pair(rows[1], rows[2]) for pk, rows in found.items() if len(rows) == 2}


def agreed(scores: Sequence[Score], *, dossier: Dossier) -> list[tuple[Score, Decimal | None, str]]:
    """Unsettled scores on which both scorers agree, with points and reason; the others wait for a consensus."""
    both = pairs(scores, dossier=dossier)
    found = []
    for score in scores:
        pair = both.get(score.pk)
        if score.appraised_at is None and pair is not None and pair.agrees(dossier.cycle.consensus_threshold):
            points = pair.mean(rounding_of(score.criterion.criteria_set))
            found.append((score, points, "" if points == score.self_points else pair.reason))
    return found


@dataclass(frozen=True)
class Dispute:
    """A criterion on which two scorers are further apart than the cycle allows."""

    score: Score
    pair: Pair


def disputes(dossier: Dossier) -> list[Dispute]:
    """The consensus list of a dossier, in the order of the set; empty where one person scores."""
    if not blind(dossier):
        return []
    scores = list(
        dossier.scores.filter(appraised_at=None).select_related("criterion__criteria_set").order_by("criterion__order")
    )
    both = pairs(scores, dossier=dossier)
    return [Dispute(score, both[score.pk]) for score in scores if score.pk in both]
