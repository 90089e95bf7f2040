"""The append-only ledger: one chain of hashed entries for each dossier and each cycle.

An entry is written in the transaction of the change it tells of. The caller holds the row lock of the dossier or
cycle, so that the sequence of a chain has no gaps and no forks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Subquery, Value
from django.db.models.functions import Cast, Concat

from criteria.models import Criterion
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm
from units.statements import Given

from .models import Assignment, Cycle, Dossier, LedgerEntry
from .shares import spread


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces; points as plain text without trailing zeros."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=plain)


def plain(value: Any) -> Any:
    """A JSON-ready form of a point value, instant or date."""
    if isinstance(value, Decimal):
        text = format(value.normalize(), "f")
        return "0" if text == "-0" else text
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def entry_hash(entry: LedgerEntry) -> str:
    """SHA-256 over the previous hash and everything that the entry says."""
    content = canonical(
        {
            "chain": entry.chain,
            "seq": entry.seq,
            "at": entry.at.isoformat(),
            "actor": entry.actor_id,
            "on_behalf_of": entry.on_behalf_of_id,
            "action": entry.action,
            "criterion": entry.criterion_id,
            "before": entry.before,
            "after": entry.after,
            "reason": entry.reason,
        }
    )
    return hashlib.sha256((entry.previous_hash + content).encode()).hexdigest()


def _entry(
    subject: Dossier | Cycle,
    action: str,
    *,
    by: User | None,
    last: tuple[int, str] | None,
    criterion: Criterion | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: User | None = None,
) -> LedgerEntry:
    """The unsaved entry that follows `last`, the number and hash of the chain's end (None: it begins the chain)."""
    dossier = subject if isinstance(subject, Dossier) else None
    entry = LedgerEntry(
        cycle_id=dossier.cycle_id if dossier else subject.pk,
        dossier=dossier,
        chain=chain_of(subject),
        seq=last[0] + 1 if last else 1,
        at=clock.now(),
        actor=by,
        on_behalf_of=on_behalf_of,
        action=action,
        criterion=criterion,
        before=json.loads(canonical(before or {})),
        after=json.loads(canonical(after or {})),
        reason=reason,
        previous_hash=last[1] if last else "",
    )
    entry.hash = entry_hash(entry)
    return entry


def chain_of(subject: Dossier | Cycle) -> str:
    """The name of the chain that tells of `subject`."""
    return f"{subject._meta.model_name}:{subject.pk}"


def record(
    subject: Dossier | Cycle,
    action: str,
    *,
    by: User | None,
    criterion: Criterion | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    on_behalf_of: User | None = None,
    end: str | None = None,
) -> LedgerEntry:
    """Append one entry to the chain of `subject`; `by` is None where the system itself acted.

    Whoever acts in an absent person's place (see `units.access`) acts on that person's behalf. `end` is what
    `end_of_chain` found, where the caller read it; an end that was passed meanwhile raises IntegrityError.
    """
    if on_behalf_of is None and by is not None:
        on_behalf_of = _behalf(subject, by, criterion)
    if end is None:
        last = LedgerEntry.objects.filter(chain=chain_of(subject)).order_by("-seq").values_list("seq", "hash").first()
    else:
        seq, _colon, last_hash = end.partition(":")
        last = (int(seq), last_hash)
    entry = _entry(
        subject,
        action,
        by=by,
        last=last,
        criterion=criterion,
        before=before,
        after=after,
        reason=reason,
        on_behalf_of=on_behalf_of,
    )
    entry.save(force_insert=True)
    return entry


def end_of_chain() -> Subquery:
    """The number and hash of the last entry of the `Given` chain, for reading them with another row.

    As old as the statement that it is read in: whoever waited for a lock in that statement may read an old end.
    """
    entries = LedgerEntry.objects.filter(chain=Given("chain", CharField())).order_by("-seq")
    return Subquery(entries.values(end=Concat(Cast("seq", CharField()), Value(":"), "hash"))[:1])


def _behalf(subject: Dossier | Cycle, by: User, criterion: Criterion | None) -> User | None:
    """The absent person by whose right `by` acts, or whose criterion they fill in."""
    if not isinstance(subject, Dossier):
        return None
    perm, found = access.last_act(by, Unit(pk=subject.unit_id))
    absent = {person for person, unit in access.stands_in_for(by) if unit == subject.unit_id}
    if absent and perm is Perm.SCORE and criterion is not None:
        own = Assignment.objects.filter(dossier=subject).select_related("criterion", "officer")
        officer = spread([criterion.code], {row.criterion.code: row.officer for row in own}).get(criterion.code)
        if officer is not None and officer.pk in absent:
            return officer
    return found


def begin(subjects: Mapping[Dossier, Mapping[str, Any]], action: str, *, by: User) -> None:
    """Write the first entry of new dossiers' chains, each with its `after`: one statement for any number."""
    LedgerEntry.objects.bulk_create(
        [_entry(subject, action, by=by, last=None, after=after) for subject, after in subjects.items()]
    )


def broken(chain: str) -> Iterator[LedgerEntry]:
    """The entries of `chain` whose hash or place does not fit; none where nothing was touched."""
    previous = ""
    for seq, entry in enumerate(LedgerEntry.objects.filter(chain=chain).order_by("seq"), start=1):
        if entry.seq != seq or entry.previous_hash != previous or entry.hash != entry_hash(entry):
            yield entry
        previous = entry.hash
