"""What a page says of a document's digital signature: one chip, and the signers behind it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypedDict

from django.utils.translation import gettext_lazy as _

from evidence.models import Blob
from evidence.signatures import Verdict, verdict
from units.templatetags.cchc import vdatetime

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Chip(TypedDict):
    """Parameters of components/chip.html, and the time of signing beside it."""

    state: str
    text: StrOrPromise
    icon: str
    when: str


CHIPS: dict[Verdict, tuple[str, StrOrPromise, str]] = {
    Verdict.BEFORE: ("ok", _("Ký trước hạn"), "patch-check"),
    Verdict.AFTER: ("late", _("Ký sau hạn"), "exclamation-circle"),
    Verdict.SIGNED: ("ok", _("Đã ký số"), "patch-check"),
    Verdict.INVALID: ("soon", _("Chữ ký không hợp lệ"), "exclamation-triangle"),
    Verdict.NONE: ("mute", _("Không có chữ ký số"), ""),
    Verdict.UNKNOWN: ("mute", _("Không đọc được chữ ký số"), "question-circle"),
}


def signature_chip(blob: Blob, ends_at: dt.datetime | None) -> Chip | None:
    """How the signature stands against a deadline (first instant that is too late); None where it is no PDF."""
    found = verdict(blob, ends_at)
    if found is None:
        return None
    state, text, icon = CHIPS[found]
    when = vdatetime(blob.signed_at) if blob.signed_at and found != Verdict.UNKNOWN else ""
    return {"state": state, "text": text, "icon": icon, "when": when}
