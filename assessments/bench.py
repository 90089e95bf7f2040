"""Who may appraise what in one cycle: seats with the domains and units given to them, less conflicts of interest.

Nobody appraises the unit that they belong to now, the unit that sent them onto the council, or one for which a
conflict was declared. The whole council is read in four queries, however many seats there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from units.models import Membership
from units.permissions import APPRAISER_ROLES

from .models import CouncilMember, DeclaredConflict


@dataclass(frozen=True)
class Seat:
    """What one person of the council may take; an empty set of domains or units means any."""

    user_id: int
    domains: frozenset[int]
    units: frozenset[int]
    conflicts: frozenset[int]  # units that the person must not deal with

    def takes(self, *, unit_id: int, domain_id: int) -> bool:
        if unit_id in self.conflicts:
            return False
        return (not self.domains or domain_id in self.domains) and (not self.units or unit_id in self.units)


def conflicting_units(cycle_id: int, seats: Iterable[CouncilMember]) -> dict[int, frozenset[int]]:
    """Units that each person of `seats` must not deal with, by person; two queries."""
    found: dict[int, set[int]] = {seat.user_id: {seat.agency_id} if seat.agency_id else set() for seat in seats}
    declared = DeclaredConflict.objects.filter(council__cycle=cycle_id, user__in=found, withdrawn_at=None)
    belonging = Membership.objects.filter(user__in=found, until=None)
    for user_id, unit_id in belonging.values_list("user_id", "unit_id").union(
        declared.order_by().values_list("user_id", "unit_id")
    ):
        found[user_id].add(unit_id)
    return {person: frozenset(units) for person, units in found.items()}


class Bench:
    """The appraisers of a cycle; `users` narrows what is read to some of them."""

    def __init__(self, cycle_id: int, *, users: Collection[int] | None = None) -> None:
        rows = CouncilMember.objects.filter(
            council__cycle=cycle_id, active=True, user__is_active=True, role__in=APPRAISER_ROLES
        )
        if users is not None:
            rows = rows.filter(user__in=users)
        found = list(rows.prefetch_related("domains", "units").order_by("pk"))
        conflicts = conflicting_units(cycle_id, found)
        self.seats = {
            row.user_id: Seat(
                user_id=row.user_id,
                domains=frozenset(domain.pk for domain in row.domains.all()),
                units=frozenset(unit.pk for unit in row.units.all()),
                conflicts=conflicts[row.user_id],
            )
            for row in found
        }

    def may(self, user_id: int, *, unit_id: int, domain_id: int) -> bool:
        """Whether the person takes this domain of this unit."""
        seat = self.seats.get(user_id)
        return seat is not None and seat.takes(unit_id=unit_id, domain_id=domain_id)

    def candidates(self, *, unit_id: int, domain_id: int) -> list[int]:
        """Everybody who may take this domain of this unit, in the order of the council's list."""
        return [seat.user_id for seat in self.seats.values() if seat.takes(unit_id=unit_id, domain_id=domain_id)]
