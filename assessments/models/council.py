"""The council that appraises, and who sits on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from criteria.models import Criterion
from units.permissions import Role

from .cycle import Cycle

USER = settings.AUTH_USER_MODEL


class Council(models.Model):
    """The appraising council (hội đồng thẩm định) of a cycle."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, related_name="council")
    decision_number = models.CharField(_("Quyết định thành lập"), max_length=60, blank=True)
    decided_on = models.DateField(_("Ngày quyết định"), null=True, blank=True)


class CouncilMember(models.Model):
    """A seat on the council. No domain given means: may take any domain."""

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="council_seats")
    role = models.CharField(
        _("Vai trò"),
        max_length=20,
        choices=[(role.value, role.label) for role in (Role.CHAIR, Role.SECRETARY, Role.MEMBER)],
    )
    domains = models.ManyToManyField(Criterion, blank=True, related_name="appraisers", verbose_name=_("Lĩnh vực"))
    active = models.BooleanField(_("Đang tham gia"), default=True)

    class Meta:
        ordering = ["council", "role", "pk"]
        constraints = [models.UniqueConstraint(fields=["council", "user"], name="council_member_once")]
