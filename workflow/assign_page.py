"""The page of phân công: the tree with who fills what, and how much each officer has to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments.models import NOT_SELF_SCORED, Dossier, Score
from assessments.shares import domain_code, gathered, spread
from criteria.models import Criterion
from units.models import User

from .dossier_sums import Sums, sums


@dataclass(frozen=True)
class TreeRow:
    """A branch or criterion that can be given: `officer` where one person fills all of it."""

    criterion: Criterion
    leaf: bool
    criteria: int
    maximum: Decimal
    officer: User | None
    shared: bool
    carries: bool
    error: str = ""

    @property
    def depth(self) -> int:
        """0 for a domain."""
        return self.criterion.code.count(".")

    @property
    def heading(self) -> bool:
        return self.depth == 0


class Plan:
    """Who fills what as it stands on the page, saved or not; `people` may be chosen."""

    def __init__(self, dossier: Dossier, scores: Sequence[Score], people: Sequence[User]) -> None:
        own = [score for score in scores if score.source not in NOT_SELF_SCORED]
        self.people = {person.pk: person for person in people}
        self.leaves = [score.criterion.code for score in own]
        self._own = own
        self._criteria = {
            row.code: row for row in Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id).order_by("order")
        }
        self._ids = {row.pk: code for code, row in self._criteria.items()}
        self.owners: dict[str, User] = {}

    def take(self, officers: Mapping[int, User]) -> None:
        """Take over a choice by criterion id; the nearest branch decides."""
        self.owners |= self.spread(officers)

    def give(self, picked: Sequence[int], officer: User) -> int:
        """Give everything at and below the `picked` branches to one person; returns how many criteria that is."""
        under = self.spread(dict.fromkeys(picked, officer))
        self.owners |= under
        return len(under)

    def spread(self, officers: Mapping[int, User]) -> dict[str, User]:
        """A choice by criterion id as who fills each criterion, by code."""
        return spread(self.leaves, {self._ids[pk]: person for pk, person in officers.items() if pk in self._ids})

    def criterion(self, code: str) -> Criterion:
        return self._criteria[code]

    def officers(self) -> dict[int, User]:
        """The choice by criterion id, as the services take it."""
        return {self._criteria[code].pk: person for code, person in gathered(self.leaves, self.owners).items()}

    def rows(self, errors: Mapping[str, str]) -> list[TreeRow]:
        """Every branch and criterion that the unit fills, from top to bottom."""
        carries = gathered(self.leaves, self.owners)
        found = []
        for code, criterion in self._criteria.items():
            below = [leaf for leaf in self.leaves if leaf == code or leaf.startswith(f"{code}.")]
            if not below:
                continue
            people = {self.owners.get(leaf) for leaf in below}
            only = next(iter(people)) if len(people) == 1 else None
            found.append(
                TreeRow(
                    criterion=criterion,
                    leaf=code in self.leaves,
                    criteria=len(below),
                    maximum=criterion.maximum,
                    officer=only,
                    shared=len(people) > 1,
                    carries=code in carries,
                    error=errors.get(f"officer.{criterion.pk}", ""),
                )
            )
        return found

    def loads(self, people: Sequence[User]) -> list[Load]:
        """One line for each of `people` and for everybody who has something, by name."""
        return loads(self._own, self.owners, people)


@dataclass(frozen=True)
class Load:
    """How much one officer has, and how far it is. `gone` cannot score for the unit any more."""

    officer: User
    sums: Sums
    domains: Sequence[str]
    last_at: dt.datetime | None
    gone: bool


def loads(scores: Sequence[Score], owners: Mapping[str, User], people: Sequence[User]) -> list[Load]:
    """The load of each of `people` and of whoever else has a criterion; `scores` are those of `all_scores`."""
    own: dict[User, list[Score]] = {person: [] for person in people}
    for score in scores:
        if (officer := owners.get(score.criterion.code)) is not None:
            own.setdefault(officer, []).append(score)
    last: dict[int, dt.datetime] = {}
    for score in scores:
        if score.updated_by_id is not None and score.updated_at is not None:
            last[score.updated_by_id] = max(last.get(score.updated_by_id, score.updated_at), score.updated_at)
    return [
        Load(
            officer=officer,
            sums=sums(rows),
            domains=list(dict.fromkeys(domain_code(score.criterion.code) for score in rows)),
            last_at=last.get(officer.pk),
            gone=officer not in people,
        )
        for officer, rows in sorted(own.items(), key=lambda pair: (str(pair[0]), pair[0].pk))
    ]
