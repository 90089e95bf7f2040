"""What a service of units refuses, in words for the person who asked."""

from __future__ import annotations

from collections.abc import Mapping


class InvalidInput(Exception):
    """What was entered cannot be kept; `errors` maps a field to its message."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(self.errors.values()))
