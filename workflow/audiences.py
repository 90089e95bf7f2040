"""Who is told of a task: whose turn it is, and those above who hear of it when it is late."""

from __future__ import annotations

from collections.abc import Iterable

from assessments.models import Cycle
from units import access
from units.models import Unit, User
from units.permissions import UNIT_PERMS, Perm
from units.substitutions import substitutes_today

from .inbox import Turns
from .models import WorkItem
from .rules import ReminderRule


class Audiences:
    """The people behind many tasks, read in a constant number of queries."""

    def __init__(self, items: Iterable[WorkItem]) -> None:
        found = list(items)
        self.turns = Turns(found)
        units = {item.object_id for item in found if Perm(item.perm) in UNIT_PERMS}
        self._unit = access.holders_by([Perm.CHECK, Perm.APPROVE], Unit, units)
        self._substitutes = substitutes_today(units)
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
        """Whose turn it is, with whoever takes their place today; for an account that is off, the stand-in alone.

        Where that one has no stand-in, the unit's coordinator. A task that nobody of the unit can do any more comes to
        Sở Nội vụ, so that it is not forgotten.
        """
        people = self.turns.people(item)
        if Perm(item.perm) in UNIT_PERMS:
            if not people or (item.owner is not None and item.owner not in people):
                stand_in = self._substitutes.get((item.owner_id or 0, item.object_id))
                coordinators = self._unit.get((Perm.CHECK.value, item.object_id), [])
                people = [stand_in] if stand_in is not None else coordinators or people
            else:
                people = self._with_substitutes(people, item.object_id)
        return people or self._home_affairs(item)

    def _with_substitutes(self, people: list[User], unit: int) -> list[User]:
        stand_ins = (self._substitutes.get((user.pk, unit)) for user in people)
        return list(dict.fromkeys([*people, *(user for user in stand_ins if user is not None)]))

    def _home_affairs(self, item: WorkItem) -> list[User]:
        """Whoever manages the cycle, or keeps the plans for a report on a plan's task."""
        if item.cycle_id is None:
            return self._plans
        return self._cycle.get((Perm.MANAGE.value, item.cycle_id), [])
