"""What of an unpublished table a person of the council may see: not the units that they must not deal with.

Sở Nội vụ and UBND tỉnh, who hold no seat, see every unit; what is published is for everybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from assessments.bench import conflicting_units
from assessments.models import CouncilMember, Cycle

from .table import GroupResult


def hidden_units(user: Any, cycle: Cycle) -> frozenset[int]:
    """Units whose results `user` does not see before they are published: own, sending and declared ones of a seat.

    A seat that was switched off counts as well: who sat on the council knows what others do not.
    """
    seats = list(CouncilMember.objects.filter(council__cycle=cycle, user=user))
    return conflicting_units(cycle.pk, seats).get(user.pk, frozenset()) if seats else frozenset()


def without(groups: Iterable[GroupResult], hidden: frozenset[int]) -> tuple[GroupResult, ...]:
    """The groups without the rows of `hidden`; the others keep their ranks."""
    return tuple(
        replace(group, units=tuple(unit for unit in group.units if unit.unit_id not in hidden)) for group in groups
    )


def named(groups: Iterable[GroupResult], hidden: frozenset[int]) -> list[str]:
    """The names of the hidden units that stand in the table."""
    return [unit.unit for group in groups for unit in group.units if unit.unit_id in hidden]
