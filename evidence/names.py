"""What a file may be called on screen: the last part of its path, without signs that mislead or break a line."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 150
_SPACES = re.compile(r"\s+")


def clean_filename(name: str) -> str:
    """A name that can be shown, saved and sent in a header; never empty.

    Folders are dropped, and with them "../". Control characters, NUL and marks that turn the writing direction are
    taken out, so that an ending is where the eye sees it. A long name keeps its ending.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(" " if sign.isspace() else sign for sign in last if _shown(sign))
    kept = _SPACES.sub(" ", kept).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and stem:
        return f"{stem[: MAX_LENGTH - len(ending) - 1].rstrip()}.{ending}" if len(ending) < 10 else kept[:MAX_LENGTH]
    return kept[:MAX_LENGTH] or "tai-lieu"


def _shown(sign: str) -> bool:
    """Whether a sign has a look of its own: not a control (Cc), format (Cf), surrogate or private character."""
    return sign.isspace() or not unicodedata.category(sign).startswith("C")


def extension(filename: str) -> str:
    """The ending in small letters without its dot; empty where there is none."""
    _stem, dot, ending = filename.rpartition(".")
    return ending.lower() if dot else ""
