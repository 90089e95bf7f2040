"""One criterion, all units side by side: the way to compare before points are fixed. A constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from assessments.bench import Bench
from assessments.completeness import Progress
from assessments.models import Cycle, DomainAppraisal, Dossier, RoundScore, Score
from assessments.services import rounds
from assessments.stages import Stage
from assessments.visibility import council_dossiers, own_appraisals
from criteria.models import Criterion

from .appraisals import NOT_OF_A_DOMAIN
from .desk import Row, make_row, with_evidence
from .earlier_points import earlier_points
from .since_look import since_look


@dataclass(frozen=True)
class Group:
    """The units of one ranking group."""

    name: str
    rows: Sequence[Row]


class SideBySide:
    """What `user` appraises of one criterion: units of the seat that have sent, without conflicts of interest."""

    def __init__(self, user: Any, cycle: Cycle, criterion: Criterion, domain: Criterion) -> None:
        self.user, self.cycle, self.criterion, self.domain = user, cycle, criterion, domain
        seat = Bench(cycle.pk, users=[user.pk]).seats.get(user.pk)
        self.takes_domain = seat is not None and (not seat.domains or domain.pk in seat.domains)
        arrived = (
            council_dossiers(user)
            .filter(cycle=cycle, cycle_group__criteria_set=criterion.criteria_set_id)
            .select_related("unit", "cycle_group__group")
            .order_by("unit__group__order", "unit__order")
        )
        self.dossiers = {
            dossier.pk: dossier
            for dossier in (arrived if seat else ())
            if seat is not None and seat.takes(unit_id=dossier.unit_id, domain_id=domain.pk)
        }
        self.mine = own_appraisals(user, list(self.dossiers.values())) if self.dossiers else {}
        scores = list(with_evidence(Score.objects.filter(dossier__in=self.dossiers, criterion=criterion)))
        if cycle.double_scoring:
            rounds.shown_as(scores, {pk: self._place(dossier) for pk, dossier in self.dossiers.items()})
        before = earlier_points(cycle, scores, units={pk: dossier.unit_id for pk, dossier in self.dossiers.items()})
        by_dossier = {score.dossier_id: score for score in scores}
        moved = since_look(scores, domain, user) if scores else {}
        self.rows = [
            make_row(
                score,
                criterion.criteria_set,
                unit=dossier.unit,
                editable=self._open(dossier),
                before=before.get(score.pk),
                moved=moved.get(score.pk),
            )
            for pk, dossier in self.dossiers.items()
            if (score := by_dossier.get(pk)) is not None
        ]

    def _appraisal(self, dossier: Dossier) -> DomainAppraisal | None:
        return self.mine.get((dossier.pk, self.domain.pk))

    def _place(self, dossier: Dossier) -> tuple[int, int]:
        mine = self._appraisal(dossier)
        return dossier.round, mine.seat if mine else RoundScore.SETTLED

    def _open(self, dossier: Dossier) -> bool:
        mine = self._appraisal(dossier)
        return mine is not None and mine.finished_at is None and dossier.stage == Stage.APPRAISING

    def groups(self) -> list[Group]:
        """The rows by ranking group, in its order."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(self.dossiers[row.score.dossier_id].cycle_group.group.name, []).append(row)
        return [Group(name, rows) for name, rows in found.items()]

    def row(self, score: int, **state: Any) -> Row:
        """The row of one score; `state` tells of a save that was refused."""
        found = next(row for row in self.rows if row.score.pk == score)
        return replace(found, **state)

    @property
    def progress(self) -> Progress:
        return Progress(done=sum(row.settled for row in self.rows), total=len(self.rows))


def appraised_leaves(domain: Criterion) -> list[Criterion]:
    """The criteria of a domain that its appraiser settles, in order."""
    rows = Criterion.objects.filter(criteria_set=domain.criteria_set_id, code__startswith=f"{domain.code}.")
    return list(rows.exclude(source="").exclude(source__in=NOT_OF_A_DOMAIN).order_by("order"))
