"""What only the ledger tells: on which day a criterion first became done, and how long a dossier stood at each stage.

A ledger of 4,000 units has close to a million entries, too many for a page. The sweep reads the chains that have grown
since they were last read, some hundreds of dossiers at a time, and keeps the answers in rows. The rows follow from the
ledger alone: two sweeps at once write the same, and what is lost is made again.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, Max, OuterRef, Value
from django.db.models.functions import Cast, Coalesce, Concat

from assessments.models import Dossier, LedgerEntry
from assessments.stages import CycleStage, Stage
from plans.calendar import local_date
from units import clock

from .counts import NOTHING, counts
from .memory import DayDone, DossierProgress, StepTime

BATCH = 200
ACTIONS = ("open", "stage", "self_score", "attach", "detach")


@dataclass
class Answer:
    """One criterion while the chain is read."""

    given: bool = False
    claims: bool = False
    explained: bool = False
    documents: set[tuple[int, int]] = field(default_factory=set)

    def score(self, after: dict[str, Any]) -> None:
        points = after.get("self_points")
        not_applicable = bool(after.get("not_applicable"))
        self.given = points is not None or not_applicable
        self.claims = not_applicable or (points is not None and Decimal(points) > 0)
        self.explained = bool(str(after.get("explanation") or "").strip())

    @property
    def done(self) -> bool:
        """As `completeness.gap_of` judges."""
        return self.given and (not self.claims or self.explained or bool(self.documents))


@dataclass
class Chain:
    """What the chain of one dossier tells, read in its order."""

    answers: dict[int, Answer] = field(default_factory=dict)
    first_done: dict[int, dt.date] = field(default_factory=dict)
    stage: str = ""
    since: dt.datetime | None = None
    visits: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)

    def read(self, entry: LedgerEntry) -> None:
        """Take the next entry."""
        if entry.action == "open":
            self.stage, self.since = Stage.ASSIGNING.value, entry.at
        elif entry.action == "stage":
            self._leave(entry.at)
            self.stage, self.since = entry.after["stage"], entry.at
        elif entry.criterion_id is not None:
            answer = self.answers.setdefault(entry.criterion_id, Answer())
            match entry.action:
                case "self_score":
                    answer.score(entry.after)
                case "attach":
                    answer.documents.add((entry.after["document"], entry.after["version"]))
                case "detach":
                    answer.documents.discard((entry.before["document"], entry.before["version"]))
            if answer.done:
                self.first_done.setdefault(entry.criterion_id, local_date(entry.at))

    def _leave(self, at: dt.datetime) -> None:
        if self.since is not None:
            self.visits[self.stage] += 1
            self.seconds[self.stage] += max(0, int((at - self.since).total_seconds()))


def grown() -> list[int]:
    """Keys of the dossiers whose chain has entries that are not counted yet."""
    later = LedgerEntry.objects.filter(
        chain=Concat(Value("dossier:"), Cast(OuterRef("pk"), CharField())),
        seq__gt=Coalesce(OuterRef("progress__seq"), 0),
    )
    found = Dossier.objects.exclude(cycle__stage=CycleStage.DRAFT).filter(Exists(later))
    return list(found.order_by("pk").values_list("pk", flat=True))


def gather() -> int:
    """Read every chain that has grown; returns how many dossiers were counted anew."""
    keys = grown()
    for start in range(0, len(keys), BATCH):
        count_dossiers(keys[start : start + BATCH])
    return len(keys)


@transaction.atomic
def count_dossiers(keys: Sequence[int]) -> None:
    """Read the chains of these dossiers and keep what they tell: the same queries for any number."""
    ends: dict[int | None, int] = dict(
        LedgerEntry.objects.filter(dossier__in=keys).order_by().values_list("dossier").annotate(Max("seq"))
    )
    chains = read_chains(keys)
    found, now = counts(keys), clock.now()
    DayDone.objects.bulk_create(
        [
            DayDone(dossier_id=key, on=day, criteria=number)
            for key in keys
            for day, number in sorted(Counter(chains[key].first_done.values()).items())
        ],
        update_conflicts=True,
        unique_fields=["dossier", "on"],
        update_fields=["criteria"],
    )
    StepTime.objects.bulk_create(
        [
            StepTime(dossier_id=key, stage=stage, visits=visits, seconds=chains[key].seconds[stage])
            for key in keys
            for stage, visits in sorted(chains[key].visits.items())
        ],
        update_conflicts=True,
        unique_fields=["dossier", "stage"],
        update_fields=["visits", "seconds"],
    )
    DossierProgress.objects.bulk_create(
        [
            DossierProgress(
                dossier_id=key,
                seq=ends[key],
                done=found.get(key, NOTHING).own.done,
                total=found.get(key, NOTHING).own.total,
                counted_at=now,
            )
            for key in keys
        ],
        update_conflicts=True,
        unique_fields=["dossier"],
        update_fields=["seq", "done", "total", "counted_at"],
    )


def read_chains(keys: Iterable[int]) -> dict[int, Chain]:
    """What each dossier's chain tells: one query."""
    chains = {key: Chain() for key in keys}
    entries = LedgerEntry.objects.filter(dossier__in=list(chains), action__in=ACTIONS).order_by("dossier", "seq")
    for entry in entries.only("dossier", "criterion", "at", "action", "before", "after").iterator(2000):
        assert entry.dossier_id is not None
        chains[entry.dossier_id].read(entry)
    return chains
