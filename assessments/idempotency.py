"""Doing a repeatable write once: the second call under the same key gets the first one's answer."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from units import clock
from units.models import User

from .models import RepeatedWrite


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return str(uuid.uuid4())


def once(key: str | None, action: str, *, by: User, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run `do` in a transaction unless `by` already ran it under `key`; the answer must be JSON-ready.

    A missing or malformed key means that the caller did not ask for protection.
    """
    try:
        wanted = uuid.UUID(key) if key else None
    except ValueError:
        wanted = None
    if wanted is None:
        with transaction.atomic():
            return do()
    earlier = RepeatedWrite.objects.filter(user=by, key=wanted).first()
    if earlier is not None:
        return dict(earlier.answer)
    try:
        with transaction.atomic():
            row = RepeatedWrite.objects.create(user=by, key=wanted, action=action, at=clock.now())
            answer = do()
            row.answer = answer
            row.save(update_fields=["answer"])
            return answer
    except IntegrityError:
        earlier = RepeatedWrite.objects.filter(user=by, key=wanted).first()
        if earlier is None:
            raise
        return dict(earlier.answer)
