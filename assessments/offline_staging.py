"""The uploaded workbook between its comparison and its application.

It lies in the default storage under a name of our own, in a folder of the person and the dossier. The browser only
carries a signed token that says which file; it is good for a day, for that person and that dossier.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import IO, Any, Final

from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from units import clock
from units.models import User

from .errors import ServiceError
from .models import Dossier

FOLDER: Final = "offline"
KEPT: Final = dt.timedelta(days=1)
SALT: Final = "assessments.offline.staged"


class StagedFileGone(ServiceError):
    """The file is not kept any more, or was never this person's."""

    def __init__(self) -> None:
        super().__init__(_("Tệp tải lên không còn được giữ (đã dùng xong hoặc đã quá một ngày). Hãy tải tệp lên lại."))


def _folder(dossier: Dossier, by: User) -> str:
    return f"{FOLDER}/{by.pk}/{dossier.pk}"


def stage(file: IO[bytes], dossier: Dossier, *, by: User) -> str:
    """Keep `file` for a day; returns the token under which `by` finds it again. Older files of theirs are removed."""
    _discard_old(_folder(dossier, by))
    file.seek(0)
    name = f"{(clock.now() + KEPT).timestamp():.0f}-{uuid.uuid4().hex}.xlsx"
    default_storage.save(f"{_folder(dossier, by)}/{name}", File(file))
    return _signed({"file": name}, dossier, by)


def staged_name(token: str, dossier: Dossier, *, by: User) -> str:
    """The key in the storage that a token stands for. Raises StagedFileGone."""
    name = unsigned(token, dossier, by=by).get("file")
    if not name:
        raise StagedFileGone
    return f"{_folder(dossier, by)}/{name}"


def open_staged(token: str, dossier: Dossier, *, by: User) -> File:
    """The kept file. Raises StagedFileGone."""
    try:
        return default_storage.open(staged_name(token, dossier, by=by), "rb")
    except FileNotFoundError as error:
        raise StagedFileGone from error


def discard(token: str, dossier: Dossier, *, by: User) -> None:
    """Remove a file that was used; one that is gone already is no error."""
    default_storage.delete(staged_name(token, dossier, by=by))


def sign_seen(seen: dict[int, int], dossier: Dossier, *, by: User) -> str:
    """What a person was shown, by score, to come back with what they accept."""
    return _signed({"seen": sorted(seen.items())}, dossier, by)


def read_seen(token: str, dossier: Dossier, *, by: User) -> dict[int, int]:
    """The inverse of `sign_seen`. Raises StagedFileGone for a token that is too old or not this person's."""
    return dict(unsigned(token, dossier, by=by).get("seen", ()))


def _signed(data: dict[str, Any], dossier: Dossier, by: User) -> str:
    until = (clock.now() + KEPT).timestamp()
    return signing.dumps({**data, "user": by.pk, "dossier": dossier.pk, "until": until}, salt=SALT, compress=True)


def unsigned(token: str, dossier: Dossier, *, by: User) -> dict[str, Any]:
    """What was signed for this person and this dossier within the last day. Raises StagedFileGone."""
    try:
        data: dict[str, Any] = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise StagedFileGone from error
    if (data["user"], data["dossier"]) != (by.pk, dossier.pk) or data["until"] <= clock.now().timestamp():
        raise StagedFileGone
    return data


def collect_garbage() -> int:
    """Remove every file that was kept for its day; returns how many. Repeatable."""
    return sum(
        _discard_old(f"{FOLDER}/{person}/{dossier}")
        for person in _folders(FOLDER)
        for dossier in _folders(f"{FOLDER}/{person}")
    )


def _folders(path: str) -> list[str]:
    try:
        return default_storage.listdir(path)[0]
    except FileNotFoundError:
        return []


def _discard_old(folder: str) -> int:
    """The name of a file begins with the second until which it is kept."""
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return 0
    old = [name for name in names if int(name.partition("-")[0]) <= clock.now().timestamp()]
    for name in old:
        default_storage.delete(f"{folder}/{name}")
    return len(old)
