"""The council that appraises, and who sits on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from criteria.models import Criterion
from units.models import Unit
from units.permissions import COUNCIL_ROLES

from .cycle import Cycle

USER = settings.AUTH_USER_MODEL


class Council(models.Model):
    """The appraising council (hội đồng thẩm định) of a cycle."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, related_name="council")
    decision_number = models.CharField(_("Quyết định thành lập"), max_length=60, blank=True)
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)


class CouncilMember(models.Model):
    """A seat on the council or in its helper team. No domain, or no unit, given means: may take any.

    Switched off, not deleted: what the person scored stays, what was open goes back to the team.
    """

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="council_seats")
    role = models.CharField(
        _("Vai trò"),
        max_length=20,
        choices=[(role.value, role.label) for role in COUNCIL_ROLES],
    )
    domains = models.ManyToManyField(Criterion, blank=True, related_name="appraisers", verbose_name=_("Lĩnh vực"))
    units = models.ManyToManyField(Unit, blank=True, related_name="appraisers", verbose_name=_("Đơn vị"))
    team = models.CharField(_("Tổ giúp việc"), max_length=120, blank=True)
    agency = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="council_seats",
        verbose_name=_("Cơ quan cử tham gia"),
    )
    active = models.BooleanField(_("Đang tham gia"), default=True)

    class Meta:
        ordering = ["council", "role", "pk"]
        constraints = [models.UniqueConstraint(fields=["council", "user"], name="council_member_once")]


class DeclaredConflict(models.Model):
    """A person of the council who must not deal with a unit, beyond the one they belong to. Withdrawn, not deleted."""

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="conflicts")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="declared_conflicts")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("Lý do"))
    declared_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["council", "user", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "user", "unit"], condition=Q(withdrawn_at=None), name="declared_conflict_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="declared_conflict_has_reason"),
        ]
