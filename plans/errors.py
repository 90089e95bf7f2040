"""What can go wrong when a plan is written, each with a Vietnamese message that says what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from units.workbooks import CellIssue


class PlanError(Exception):
    """Something a person can mend; `str()` is the message for the screen."""


class InvalidInput(PlanError):
    """Typed values that cannot be accepted; `errors` maps a field ("" for none) to its messages."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__("; ".join(message for messages in errors.values() for message in messages))
        self.errors = {name: list(messages) for name, messages in errors.items()}


class InvalidWorkbook(PlanError):
    """A file of which nothing was taken; `issues` holds every fault with its place."""

    def __init__(self, issues: Sequence[CellIssue]) -> None:
        super().__init__("; ".join(str(issue) for issue in issues))
        self.issues = list(issues)


class Conflict(PlanError):
    """Somebody saved the same plan or task meanwhile; nothing was overwritten."""


class InUse(PlanError):
    """Something else stands on what was to be deleted."""
