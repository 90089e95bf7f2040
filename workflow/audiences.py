"""Who is told of a task: whose turn it is, and those above who hear of it when it is late."""

from __future__ import annotations

from collections.abc import Iterable

from assessments.models import Cycle
from units import access
from units.models import Unit, User
from units.permissions import UNIT_PERMS, Perm

from .inbox import Turns
from .models import WorkItem
from .rules import ReminderRule


def stand_in_for(user: User, unit: Unit) -> User | None:
    """Who stands in for `user` at `unit` while the account is off; None where nobody was named."""
    return None


class Audiences:
    """The people behind many tasks, read in a constant number of queries."""

    def __init__(self, items: Iterable[WorkItem]) -> None:
        found = list(items)
        self.turns = Turns(found)
        units = {item.object_id for item in found if Perm(item.perm) in UNIT_PERMS}
        self._unit = access.holders_by([Perm.CHECK, Perm.APPROVE], Unit, units)
        cycles = {item.cycle_id for item in found if item.cycle_id is not None}
        self._cycle = access.holders_by([Perm.MANAGE], Cycle, cycles)
        self._plans: list[User] = []
        if any(item.cycle_id is None for item in found):
            provinces = Unit.objects.filter(kind=Unit.Kind.PROVINCE).values_list("pk", flat=True)
            keepers = access.holders_by([Perm.MANAGE_PLANS], Unit, set(provinces))
            self._plans = list(dict.fromkeys(user for users in keepers.values() for user in users))

    def of(self, audience: str, item: WorkItem) -> list[User]:
        """Active people of `audience` for `item`. Coordinator and head hear only of tasks inside their unit."""
        if audience == ReminderRule.Audience.TURN:
            return self.doers(item)
        if audience == ReminderRule.Audience.HOME_AFFAIRS:
            return self._home_affairs(item)
        if Perm(item.perm) not in UNIT_PERMS:
            return []
        perm = Perm.CHECK if audience == ReminderRule.Audience.COORDINATOR else Perm.APPROVE
        return self._unit.get((perm.value, item.object_id), [])

    def doers(self, item: WorkItem) -> list[User]:
        """Whose turn it is. Where that person's account is off: the stand-in, else the unit's coordinator.

        A task that nobody of the unit can do any more comes to Sở Nội vụ, so that it is not forgotten.
        """
        people = self.turns.people(item)
        if Perm(item.perm) in UNIT_PERMS and (not people or (item.owner is not None and item.owner not in people)):
            stand_in = stand_in_for(item.owner, Unit(pk=item.object_id)) if item.owner is not None else None
            coordinators = self._unit.get((Perm.CHECK.value, item.object_id), [])
            people = [stand_in] if stand_in is not None else coordinators or people
        return people or self._home_affairs(item)

    def _home_affairs(self, item: WorkItem) -> list[User]:
        """Whoever manages the cycle, or keeps the plans for a report on a plan's task."""
        if item.cycle_id is None:
            return self._plans
        return self._cycle.get((Perm.MANAGE.value, item.cycle_id), [])
