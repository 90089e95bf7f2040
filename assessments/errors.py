"""What can go wrong in a service, each with a Vietnamese message that says what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ServiceError(Exception):
    """Something a person can mend; `str()` is the message for the screen."""


class WrongStage(ServiceError):
    """The dossier or cycle is not at a stage where this may be done."""


class InvalidInput(ServiceError):
    """Typed values that cannot be accepted; `errors` maps a field to its message."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


class Conflict(ServiceError):
    """Somebody saved the same thing meanwhile; `current` is what stands now, nothing was overwritten."""

    def __init__(self, message: str, current: Any) -> None:
        super().__init__(message)
        self.current = current


class Incomplete(ServiceError):
    """Something is missing before the step may be taken; `gaps` lists every place."""

    def __init__(self, message: str, gaps: Sequence[Any]) -> None:
        super().__init__(message)
        self.gaps = list(gaps)
