"""Telephone numbers of Viet Nam, kept in the international form that a gateway wants."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_SEPARATORS = re.compile(r"[\s.\-()]")
_NATIONAL = re.compile(r"0[2-9][0-9]{8,9}")


def normal_phone(text: str) -> str:
    """`0912 345 678` and `+84 912345678` as `+84912345678`; nothing stays nothing.

    Raises ValueError, in Vietnamese, for what is no number of Viet Nam.
    """
    plain = _SEPARATORS.sub("", text)
    if not plain:
        return ""
    national = re.sub(r"^(?:\+|00)84", "0", plain)
    if not _NATIONAL.fullmatch(national):
        raise ValueError(_("Số điện thoại không đúng: hãy nhập dạng 0912 345 678 hoặc +84 912 345 678."))
    return f"+84{national[1:]}"
