"""Writing criteria sets: from data, and freezing."""

from __future__ import annotations

from django.db import transaction

from units import clock
from units.models import User

from .models import CriteriaSet


@transaction.atomic
def freeze(criteria_set: CriteriaSet, *, by: User | None) -> CriteriaSet:
    """Lock a set for ever, as a cycle opens with it; a frozen set stays as it is."""
    fresh = CriteriaSet.objects.select_for_update().get(pk=criteria_set.pk)
    if not fresh.is_frozen:
        fresh.status = CriteriaSet.Status.FROZEN
        fresh.frozen_at = clock.now()
        fresh.save(update_fields=["status", "frozen_at"])
    return fresh
