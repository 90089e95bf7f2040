"""The appraisal from above, for chair and secretary: who is how far, who cuts how much, what nobody answered.

Every figure is cut from the same dossiers: those that have arrived, without the units with which the reader has a
conflict of interest. The same few queries for any number of units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from assessments.models import Appeal, Cycle, DomainAppraisal, Dossier, RoundScore, Score, SupplementItem
from assessments.services.rounds import Pair
from assessments.shares import domain_code
from assessments.stages import SUBMITTED_STAGES, Stage
from assessments.visibility import conflicted
from criteria.models import Criterion
from plans.models import Milestone
from results.severity import Severity, Verdict, median, percent, severities
from units import clock
from units.models import User
from units.templatetags.cchc import Due, due, local_date

SELF = Criterion.SourceChoice.SELF


@dataclass(frozen=True)
class Progress:
    """Domains of dossiers under one heading: open and done ones, and how long the oldest open one waits, in days."""

    name: str
    open: int
    done: int
    waiting: int | None

    @property
    def percent(self) -> int:
        """Whole % done, rounded down, so that 100 means all."""
        return self.done * 100 // (self.open + self.done)


@dataclass(frozen=True)
class Cuts:
    """What was taken off under one name; `width` is the bar, 0 to 100, the widest of the table being 100."""

    name: str
    figures: Severity
    width: Decimal
    against: Decimal | None = None  # percent points above (below) the council's median


@dataclass(frozen=True)
class Unanswered:
    """A criterion that a unit was asked about; `late` in whole days, 0 while it still has time."""

    item: SupplementItem
    late: int


@dataclass(frozen=True)
class Open:
    """Criteria of one unit that wait for the council: appeals, and differences between two scorers."""

    unit: str
    appeals: int
    differences: int


class Overview:
    """The figures of one cycle for one reader; each part is read when it is asked for."""

    def __init__(self, cycle: Cycle, user: Any) -> None:
        self.cycle = cycle
        self.dossiers = list(
            Dossier.objects.filter(cycle=cycle, stage__in=SUBMITTED_STAGES)
            .exclude(conflicted(user))
            .select_related("unit")
            .order_by("unit__group__order", "unit__order", "pk")
        )
        self._order = {dossier.pk: number for number, dossier in enumerate(self.dossiers)}
        self._units = {dossier.pk: str(dossier.unit) for dossier in self.dossiers}

    @cached_property
    def deadline(self) -> Due | None:
        """The milestone of the appraisal; None where the plan has none."""
        try:
            return due(self.cycle.milestone(Milestone.Key.APPRAISAL).deadline.ends_at)
        except KeyError:
            return None

    @cached_property
    def _domains(self) -> list[DomainAppraisal]:
        return list(
            DomainAppraisal.objects.filter(dossier__in=self.dossiers)
            .select_related("dossier", "domain", "appraiser", "finished_by")
            .order_by("domain__order", "domain__criteria_set", "number", "seat")
        )

    def _is_open(self, row: DomainAppraisal) -> bool:
        return row.finished_at is None and row.number == row.dossier.appraisal_pass

    @cached_property
    def by_domain(self) -> list[Progress]:
        """Domains in the order of the sets; sets that share a code and a name share a line."""
        return self._progress((f"{row.domain.code}. {row.domain.name}", row) for row in self._domains)

    @cached_property
    def by_appraiser(self) -> list[Progress]:
        """Who has how much open and done; what is given to nobody waits for the whole team."""
        rows = ((str(row.finished_by or row.appraiser or _("Chưa giao, cả tổ làm")), row) for row in self._domains)
        return sorted(self._progress(rows), key=lambda row: (-row.open, row.name))

    def _progress(self, rows: Iterable[tuple[str, DomainAppraisal]]) -> list[Progress]:
        found: dict[str, list[DomainAppraisal]] = {}
        for name, row in rows:
            if row.finished_at is not None or self._is_open(row):
                found.setdefault(name, []).append(row)
        today = clock.today()

        def line(name: str, group: Sequence[DomainAppraisal]) -> Progress:
            waits = [(today - local_date(row.dossier.stage_since)).days for row in group if self._is_open(row)]
            return Progress(name, len(waits), len(group) - len(waits), max(waits, default=None))

        return [line(name, group) for name, group in found.items()]

    @property
    def progress(self) -> Progress:
        """All domains of all units together."""
        open_, done = (sum(getattr(row, name) for row in self.by_domain) for name in ("open", "done"))
        waits = [row.waiting for row in self.by_domain if row.waiting is not None]
        return Progress("", open_, done, max(waits, default=None))

    @cached_property
    def units(self) -> list[Cuts]:
        """What was taken off each unit, in the points that stand, most first."""
        rows = Score.objects.filter(
            dossier__in=self.dossiers,
            source=SELF,
            highest__gt=0,
            appraised_at__isnull=False,
            self_points__isnull=False,
            appraised_points__isnull=False,
        ).values_list("dossier", "self_points", "appraised_points", "highest")
        found = severities(
            Verdict(dossier, own, given, highest)
            for dossier, own, given, highest in rows
            if own is not None and given is not None
        )
        return self._cuts(found, self._units)

    @cached_property
    def severity(self) -> dict[Hashable, Severity]:
        """Each appraiser's verdicts. Of two independent scorers both count, once both have finished the domain."""
        rounds = RoundScore.objects.filter(
            score__dossier__in=self.dossiers,
            source=SELF,
            score__highest__gt=0,
            at__isnull=False,
            by__isnull=False,
            self_points__isnull=False,
            points__isnull=False,
        )
        if self.cycle.double_scoring:
            rounds = rounds.exclude(seat=RoundScore.SETTLED)
        else:
            # what a hearing gave is the council's answer to an appeal, not a verdict of whoever wrote it down
            rounds = rounds.filter(seat=RoundScore.SETTLED, round__lte=self.cycle.rounds)
        blind = self.cycle.double_scoring
        unfinished = {
            (row.dossier_id, row.domain.code, row.round) for row in self._domains if blind and row.finished_at is None
        }
        return severities(
            Verdict(person, own, given, highest)
            for person, own, given, highest, dossier, code, number in rounds.values_list(
                *("by", "self_points", "points", "score__highest"),
                *("score__dossier", "score__criterion__code", "round"),
            )
            if own is not None and given is not None and (dossier, domain_code(code), number) not in unfinished
        )

    @cached_property
    def appraisers(self) -> list[Cuts]:
        """The same by name, the most severe first, beside the council's median."""
        people = User.objects.in_bulk([person for person in self.severity if isinstance(person, int)])
        return self._cuts(self.severity, {pk: str(person) for pk, person in people.items()}, self._median)

    @property
    def _median(self) -> Fraction | None:
        return median(self.severity.values())

    @property
    def median(self) -> Decimal | None:
        """The council's median of the average share taken off, in percent."""
        return None if self._median is None else percent(self._median)

    @staticmethod
    def _cuts(found: dict[Hashable, Severity], names: dict[int, str], middle: Fraction | None = None) -> list[Cuts]:
        widest = max((row.average for row in found.values()), default=Fraction(0)) or Fraction(1)
        made = [
            Cuts(
                names[key],
                row,
                percent(row.average / widest),
                None if middle is None else row.percent - percent(middle),
            )
            for key, row in found.items()
            if isinstance(key, int)
        ]
        return sorted(made, key=lambda row: (-row.figures.average, row.name))

    @cached_property
    def unanswered(self) -> list[Unanswered]:
        """Questions that no unit has answered, the most late first."""
        rows = SupplementItem.objects.filter(
            request__dossier__in=self.dossiers, request__answered_at=None
        ).select_related("request__dossier__unit", "score__criterion")
        today = clock.today()
        return sorted(
            (Unanswered(row, max((today - row.due_on).days, 0)) for row in rows),
            key=lambda row: (row.item.due_on, row.item.pk),
        )

    @cached_property
    def open(self) -> list[Open]:
        """Units with appeals or differences that wait for the council."""
        appeals = Counter(appeal.score.dossier_id for appeal in self.appeals)
        differences = Counter(pair.first.score.dossier_id for pair in self.differences)
        return [
            Open(name, appeals[pk], differences[pk])
            for pk, name in self._units.items()
            if appeals[pk] or differences[pk]
        ]

    def unit_of(self, score: Score) -> str:
        return self._units[score.dossier_id]

    @cached_property
    def appeals(self) -> list[Appeal]:
        """Appeals that nobody has answered, by unit and criterion."""
        rows = Appeal.objects.filter(score__dossier__in=self.dossiers, accepted=None)
        return sorted(rows.select_related("score__criterion"), key=lambda appeal: self._place(appeal.score))

    @cached_property
    def differences(self) -> list[Pair]:
        """What two scorers gave where they differ and nobody has settled, once both are done; by unit and criterion."""
        rows = RoundScore.objects.filter(
            score__appraised_at=None,
            at__isnull=False,
            round=F("score__dossier__round"),
            score__dossier__in=self.dossiers,
            score__dossier__stage=Stage.REVIEWING,
        ).exclude(seat=RoundScore.SETTLED)
        given: dict[int, dict[int, RoundScore]] = {}
        for row in rows.select_related("score__criterion", "by"):
            given.setdefault(row.score_id, {})[row.seat] = row
        pairs = [Pair(both[1], both[2]) for both in given.values() if len(both) == 2]
        return sorted(pairs, key=lambda pair: self._place(pair.first.score))

    def _place(self, score: Score) -> tuple[int, int]:
        return self._order[score.dossier_id], score.criterion.order
