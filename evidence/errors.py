"""Why a file was not taken into the evidence room, in words for the person who sent it."""

from __future__ import annotations


class Rejected(Exception):
    """A file that is refused; `str()` says in Vietnamese what is wrong and what to do. Nothing of it was kept."""
