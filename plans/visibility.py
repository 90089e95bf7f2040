"""Which plans a person reads, and who keeps them. One queryset for lists, pages, exports and counters.

A plan is a decision that everybody in the province must know: whoever is signed in reads it. Whoever keeps the plans
of a province writes them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from units import access
from units.models import Unit
from units.permissions import Perm

from .models import Plan


def manages(user: Any) -> bool:
    """Whether `user` keeps the plans and the holidays of a province."""
    return bool(access.object_ids(Perm.MANAGE_PLANS, user, Unit))


def require_manager(user: Any) -> None:
    """Raise NotAllowed unless `user` keeps the plans of a province."""
    if not manages(user):
        raise access.NotAllowed(_("Chỉ người quản lý kế hoạch của tỉnh được làm việc này."))


def plans_for(user: Any) -> QuerySet[Plan]:
    """Plans that `user` may read."""
    if not getattr(user, "is_authenticated", False) or not user.is_active:
        return Plan.objects.none()
    return Plan.objects.all()
