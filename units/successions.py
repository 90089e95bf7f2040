"""What became of units: whom a unit took over (merged, split, renamed), and by whom it was taken over."""

from __future__ import annotations

from collections.abc import Iterable

from .models import Succession, Unit


def predecessors(unit: Unit) -> frozenset[int]:
    """Units that `unit` took over, and whom these took over before. One query."""
    return _reached(unit.pk, Succession.objects.values_list("successor_id", "predecessor_id"))


def successors(unit: Unit) -> frozenset[int]:
    """Units that took over `unit`, and who took over these. One query."""
    return _reached(unit.pk, Succession.objects.values_list("predecessor_id", "successor_id"))


def _reached(start: int, steps: Iterable[tuple[int, int]]) -> frozenset[int]:
    """Everything that steps lead to from `start`, without it; a circle ends."""
    onward: dict[int, list[int]] = {}
    for source, target in steps:
        onward.setdefault(source, []).append(target)
    found: set[int] = set()
    waiting = [start]
    while waiting:
        for target in onward.get(waiting.pop(), ()):
            if target not in found and target != start:
                found.add(target)
                waiting.append(target)
    return frozenset(found)
