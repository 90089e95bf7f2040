"""When a dossier came to the council, and when it was taken back: read from the ledger, which keeps every sending."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from units.models import User

from .models import Dossier, LedgerEntry
from .stages import Stage


def arrival_entry(dossier: Dossier) -> LedgerEntry | None:
    """The record of the latest sending, also of one that was taken back; None where nothing was ever sent."""
    return (
        LedgerEntry.objects.filter(
            dossier=dossier,
            action="stage",
            before__stage=Stage.READY.value,
            after__stage__in=[Stage.SUBMITTED.value, Stage.APPRAISING.value],
        )
        .order_by("-seq")
        .first()
    )


@dataclass(frozen=True)
class Withdrawal:
    """A sending that the unit took back. `receipt` is the hash that stands on the receipt of that sending."""

    submitted_at: dt.datetime
    submitted_by: User | None
    approved_at: dt.datetime
    approved_by: User | None
    receipt: str
    at: dt.datetime
    by: User | None
    reason: str


def withdrawals(dossier: Dossier) -> list[Withdrawal]:
    """Every sending that was taken back, oldest first. Two queries where there is one, else one."""
    entries = list(dossier.ledger.filter(action="take_back").select_related("actor").order_by("seq"))
    people = (
        User.objects.in_bulk(
            {pk for entry in entries for pk in (entry.before["submitted_by"], entry.before["approved_by"])}
        )
        if entries
        else {}
    )
    return [
        Withdrawal(
            submitted_at=dt.datetime.fromisoformat(entry.before["submitted_at"]),
            submitted_by=people.get(entry.before["submitted_by"]),
            approved_at=dt.datetime.fromisoformat(entry.before["approved_at"]),
            approved_by=people.get(entry.before["approved_by"]),
            receipt=entry.before["receipt"],
            at=entry.at,
            by=entry.actor,
            reason=entry.reason,
        )
        for entry in entries
    ]


@dataclass(frozen=True)
class Sending:
    """The latest sending of a dossier, as its receipt tells of it; `withdrawal` where the unit took it back."""

    entry: LedgerEntry
    at: dt.datetime
    by: User | None
    approved_at: dt.datetime
    approved_by: User | None
    withdrawal: Withdrawal | None = None


def latest_sending(dossier: Dossier) -> Sending | None:
    """The sending that counts, else the last one that was taken back; None where nothing was ever sent."""
    entry = arrival_entry(dossier)
    if entry is None:
        return None
    if dossier.submitted_at is not None and dossier.approved_at is not None:
        return Sending(entry, dossier.submitted_at, dossier.submitted_by, dossier.approved_at, dossier.approved_by)
    gone = withdrawals(dossier)[-1]
    return Sending(entry, gone.submitted_at, gone.submitted_by, gone.approved_at, gone.approved_by, gone)
