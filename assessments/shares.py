"""Phân công as data: which officer fills which criterion.

An assignment stands on a branch or a leaf of the tree and covers every criterion below it that the unit fills. What
is written down never overlaps: the highest branches whose criteria all belong to one officer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf, StrIndex

from criteria.models import Criterion
from units.models import User

from .completeness import own_scores
from .models import Assignment, Dossier, Score

T = TypeVar("T")


def domain_code(code: str) -> str:
    """The code of the lĩnh vực that a criterion lies in."""
    return code.split(".")[0]


def spread(leaves: Iterable[str], given: Mapping[str, T]) -> dict[str, T]:
    """What each leaf gets: the value of the nearest branch at or above it; leaves without one are left out."""
    found = {}
    for leaf in leaves:
        code = leaf
        while code and code not in given:
            code = code.rpartition(".")[0]
        if code:
            found[leaf] = given[code]
    return found


def gathered(leaves: Collection[str], values: Mapping[str, T]) -> dict[str, T]:
    """The highest branches all of whose `leaves` have one value, with that value: the inverse of `spread`."""
    below: dict[str, set[T | None]] = {}
    for leaf in leaves:
        for code in path(leaf):
            below.setdefault(code, set()).add(values.get(leaf))
    found = {}
    for leaf in leaves:
        if leaf in values:
            found[next(code for code in path(leaf) if len(below[code]) == 1)] = values[leaf]
    return found


def path(code: str) -> list[str]:
    """A code with those of its branches, from the domain down."""
    parts = code.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


@dataclass(frozen=True)
class Share:
    """What one officer fills in one domain: one task."""

    officer: User
    domain: Criterion
    assignments: tuple[Assignment, ...]
    criteria: int

    @property
    def open(self) -> bool:
        """Whether the officer has not reported it as done."""
        return self.assignments[0].open

    @property
    def note(self) -> str:
        """What was said when it was given, or sent back."""
        return self.assignments[0].note


def own_codes(dossier: Dossier) -> list[str]:
    """Codes of the criteria that the unit fills, in the order of the set."""
    return list(own_scores(dossier).values_list("criterion__code", flat=True))


def owners(dossier: Dossier) -> dict[str, User]:
    """The officer of each criterion that the unit fills, by code; two queries."""
    return spread(own_codes(dossier), assigned(dossier))


def assigned(dossier: Dossier) -> dict[str, User]:
    """The officer of each assigned branch, by code."""
    rows = Assignment.objects.filter(dossier=dossier).select_related("officer", "criterion")
    return {row.criterion.code: row.officer for row in rows}


def open_shares(dossier: Dossier) -> list[Share]:
    """The shares that their officers have not reported as done, in the order of the set."""
    return [share for share in shares(dossier) if share.open]


def shares(dossier: Dossier) -> list[Share]:
    """Every share of a dossier, in the order of the set; three queries."""
    domains = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None)
    return shares_among(dossier, own_codes(dossier), domains)


def shares_among(dossier: Dossier, codes: Collection[str], domains: Iterable[Criterion]) -> list[Share]:
    """The same, where the codes of the unit's criteria and the domains of the set are at hand; one query."""
    rows = list(
        Assignment.objects.filter(dossier=dossier).select_related("officer", "criterion").order_by("criterion__order")
    )
    by_share: dict[tuple[str, int], list[Assignment]] = {}
    for row in rows:
        by_share.setdefault((domain_code(row.criterion.code), row.officer_id), []).append(row)
    by_code = {domain.code: domain for domain in domains}
    counts: dict[tuple[str, int], int] = {}
    for code, officer in spread(codes, {row.criterion.code: row.officer_id for row in rows}).items():
        key = (domain_code(code), officer)
        counts[key] = counts.get(key, 0) + 1
    return [
        Share(found[0].officer, by_code[code], tuple(found), counts.get((code, officer), 0))
        for (code, officer), found in sorted(
            by_share.items(), key=lambda pair: (by_code[pair[0][0]].order, pair[1][0].criterion.order)
        )
    ]


def share_rows(dossier: Dossier, domain: Criterion, officer: User) -> QuerySet[Assignment]:
    """The assignments that make up one share."""
    inside = Q(criterion=domain) | Q(criterion__code__startswith=f"{domain.code}.")
    return Assignment.objects.filter(inside, dossier=dossier, officer=officer)


def with_officer(scores: QuerySet[Score]) -> QuerySet[Score]:
    """Scores with the officer of each (`officer_id`, `officer_name`), without a query of their own."""
    above = Assignment.objects.filter(dossier=OuterRef("dossier")).annotate(
        place=StrIndex(
            Concat(OuterRef("criterion__code"), Value("."), output_field=CharField()),
            Concat(F("criterion__code"), Value("."), output_field=CharField()),
        )
    )
    nearest = above.filter(place=1).order_by("pk")
    name = Coalesce(NullIf(F("officer__full_name"), Value("")), F("officer__username"))
    return scores.annotate(
        officer_id=Subquery(nearest.values("officer_id")[:1]),
        officer_name=Subquery(nearest.annotate(name=name).values("name")[:1]),
    )


def assigned_ids(dossier: Dossier) -> dict[int, User]:
    """The officer of each assigned branch, by criterion id."""
    return {
        row.criterion_id: row.officer for row in Assignment.objects.filter(dossier=dossier).select_related("officer")
    }


@dataclass(frozen=True)
class Earlier:
    """Who filled what in an earlier cycle, brought onto this dossier's criteria by code."""

    dossier: Dossier
    officers: Mapping[int, User]
    gone: Mapping[User, Sequence[str]]


def earlier_assignment(dossier: Dossier, people: Collection[User]) -> Earlier | None:
    """The assignment of the unit's latest dossier of an earlier year; None where there is none.

    `officers` gives those who are still among `people`, by criterion id; `gone` the codes of everybody else, to be
    chosen anew. A criterion that is new this year goes with the branch that it stands in.
    """
    before = (
        Dossier.objects.filter(unit=dossier.unit_id, cycle__year__lt=dossier.cycle.year, assignments__isnull=False)
        .select_related("cycle", "unit")
        .order_by("-cycle__year", "-cycle_id")
        .first()
    )
    if before is None:
        return None
    leaves = own_codes(dossier)
    given = spread(leaves, assigned(before))
    ids = dict(Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id).values_list("code", "pk"))
    staying = gathered(leaves, {leaf: officer for leaf, officer in given.items() if officer in people})
    gone: dict[User, list[str]] = {}
    for code, officer in gathered(leaves, given).items():
        if officer not in people:
            gone.setdefault(officer, []).append(code)
    return Earlier(before, {ids[code]: officer for code, officer in staying.items()}, gone)
