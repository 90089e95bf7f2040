"""Looks of the council at a domain of a dossier, and what moved since the person's last one."""

from __future__ import annotations

from django.db import transaction

from criteria.models import Criterion
from units import clock
from units.access import NotAllowed
from units.models import User

from ..models import Dossier, LastLook, LedgerEntry
from ..models.last_look import SITTING
from ..moves import lock_dossier
from ..visibility import council_dossiers

# What is marked: the unit's side, and points that stand now. What one of two scorers gives is theirs alone.
MOVES = ("self_score", "attach", "quote", "detach", "appraise")


@transaction.atomic
def look(dossier: Dossier, domain: Criterion, *, by: User) -> LastLook:
    """Remember that `by` has the domain before them now. Raises NotAllowed where they may not read it as council."""
    dossier = lock_dossier(dossier)
    if not council_dossiers(by).filter(pk=dossier.pk).exists():
        raise NotAllowed
    now = clock.now()
    row, _created = LastLook.objects.get_or_create(user=by, dossier=dossier, domain=domain, defaults={"at": now})
    if now - row.at > SITTING:
        row.before = row.at
    if row.at != now:
        row.at = now
        row.save(update_fields=["at", "before"])
    return row


def moves_since_look(dossier: Dossier, domain: Criterion, user: User) -> list[LedgerEntry]:
    """What others changed in the domain since `user` last looked, oldest first; none at the first look. Two queries."""
    seen = LastLook.objects.filter(user=user, dossier=dossier, domain=domain).first()
    since = seen.since(clock.now()) if seen else None
    if since is None:
        return []
    return list(
        LedgerEntry.objects.filter(
            dossier=dossier, action__in=MOVES, at__gt=since, criterion__code__startswith=f"{domain.code}."
        )
        .exclude(actor=user)
        .select_related("criterion", "actor")
        .order_by("seq")
    )
