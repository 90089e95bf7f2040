"""Looks of the council at criteria of dossiers, and what moved since the person's last one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction

from criteria.models import Criterion
from units import clock
from units.access import NotAllowed
from units.models import User

from ..models import Dossier, LastLook, LedgerEntry, Score
from ..models.last_look import SITTING
from ..visibility import council_dossiers

# What is marked: the unit's side, and points that stand now. What one of two scorers gives is theirs alone.
MOVES = ("self_score", "attach", "quote", "detach", "appraise")


@transaction.atomic
def look(dossiers: Collection[Dossier], criterion: Criterion, *, by: User) -> None:
    """Remember that `by` has `criterion` (a domain, or one leaf) of each dossier before them now.

    Raises NotAllowed where they may not read one of them as council. The same queries for any number.
    """
    wanted = {dossier.pk for dossier in dossiers}
    if council_dossiers(by).filter(pk__in=wanted).count() != len(wanted):
        raise NotAllowed
    now = clock.now()
    known = {
        row.dossier_id: row
        for row in LastLook.objects.select_for_update(of=("self",)).filter(
            user=by, dossier__in=wanted, criterion=criterion
        )
    }
    rows = []
    for pk in sorted(wanted):
        row = known.get(pk) or LastLook(user=by, dossier_id=pk, criterion=criterion, at=now)
        if now - row.at > SITTING:
            row.before = row.at
        row.at = now
        rows.append(LastLook(user=by, dossier_id=pk, criterion=criterion, at=row.at, before=row.before))
    LastLook.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "dossier", "criterion"],
        update_fields=["at", "before"],
    )


def moves_since_look(scores: Iterable[Score], domain: Criterion, user: User) -> list[LedgerEntry]:
    """What others changed on `scores` of one domain since `user` last looked, oldest first; two queries.

    A look at the whole domain and one at the criterion alone both count; nothing is marked at the first look.
    """
    rows = {(score.dossier_id, score.criterion_id) for score in scores}
    dossiers, leaves = {dossier for dossier, _leaf in rows}, {leaf for _dossier, leaf in rows}
    now = clock.now()
    seen: dict[tuple[int, int], dt.datetime] = {}
    for last in LastLook.objects.filter(user=user, dossier__in=dossiers, criterion__in={domain.pk, *leaves}):
        since = last.since(now)
        if since is not None:
            seen[last.dossier_id, last.criterion_id] = since
    if not seen:
        return []
    entries = (
        LedgerEntry.objects.filter(
            dossier__in=dossiers, criterion__in=leaves, action__in=MOVES, at__gt=min(seen.values())
        )
        .exclude(actor=user)
        .select_related("criterion", "actor")
        .order_by("seq")
    )
    return [entry for entry in entries if _is_new(entry, domain, seen)]


def _is_new(entry: LedgerEntry, domain: Criterion, seen: dict[tuple[int, int], dt.datetime]) -> bool:
    assert entry.dossier_id is not None
    assert entry.criterion_id is not None
    looks = [seen.get((entry.dossier_id, branch)) for branch in (domain.pk, entry.criterion_id)]
    since = max((at for at in looks if at is not None), default=None)
    return since is not None and entry.at > since
