"""What is not as it was: two states of one criterion compared, in words and without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One thing that changed; an empty `old` was added, an empty `new` was taken away."""

    label: str
    old: str
    new: str

    @property
    def added(self) -> bool:
        return not self.old

    @property
    def removed(self) -> bool:
        return not self.new


def changed_fields(before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """The labels whose words differ, in the order of `after`, then those that only `before` had."""
    labels = [*after, *(label for label in before if label not in after)]
    return [
        Change(label, before.get(label, ""), after.get(label, ""))
        for label in labels
        if before.get(label, "") != after.get(label, "")
    ]


def changed_items(label: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    """Things by key and name (documents): those taken away, those whose words changed, those added."""
    gone = [Change(label, name, "") for key, name in before.items() if key not in after]
    other = [Change(label, name, after[key]) for key, name in before.items() if key in after and after[key] != name]
    new = [Change(label, "", name) for key, name in after.items() if key not in before]
    return [*gone, *other, *new]
