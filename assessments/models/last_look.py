"""When a person of the council last looked at criteria of a dossier, so that what moved since can be marked."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from criteria.models import Criterion

from .dossier import Dossier

# Looks that follow one another within this time are one sitting: marks stay until the person comes back later.
SITTING = dt.timedelta(minutes=30)


class LastLook(models.Model):
    """One person's looks at a branch of one dossier: the latest, and the last one of the sitting before it.

    The desk of a unit shows a domain, the desk of a criterion shows that one alone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="looks")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    before = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["dossier", "criterion", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "dossier", "criterion"], name="last_look_once"),
            models.CheckConstraint(condition=Q(before=None) | Q(before__lte=F("at")), name="last_look_in_order"),
        ]

    def since(self, now: dt.datetime) -> dt.datetime | None:
        """From when on a change is new to the person: the end of the latest sitting that is over."""
        return self.at if now - self.at > SITTING else self.before
