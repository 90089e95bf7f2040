"""What can go wrong when a criteria set is written, each with a Vietnamese message that says what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .review import Fault


class CriteriaError(Exception):
    """Something a person can mend; `str()` is the message for the screen."""


class Frozen(CriteriaError):
    """The set is frozen: nothing in it changes any more."""


class Closed(CriteriaError):
    """A consultation is not at a moment at which this may be done."""


class InvalidInput(CriteriaError):
    """Typed values that cannot be accepted; `errors` maps a field ("" for none) to its messages."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(message for messages in errors.values() for message in messages))
        self.errors = {name: list(messages) for name, messages in errors.items()}


class InvalidSet(InvalidInput):
    """Data that is no criteria set; `faults` lists everything that is wrong, `errors` the same by field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        by_field: dict[str, list[str]] = {}
        for fault in faults:
            by_field.setdefault(fault.field, []).append(str(fault))
        super().__init__(by_field)
        self.faults = tuple(faults)


class Conflict(CriteriaError):
    """Somebody saved the same thing meanwhile; `current` is what stands now, nothing was overwritten."""

    def __init__(self, message: str, current: Any = None) -> None:
        super().__init__(message)
        self.current = current
