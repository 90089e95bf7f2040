"""People, the administrative units they work for, and the groups in which units are ranked."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .permissions import UNIT_PERMS, UNIT_ROLES, Role, model_permissions


class User(AbstractUser):
    """A person. Deactivated, never deleted: Viewflow cascades tasks with their owner."""

    full_name = models.CharField(_("Họ và tên"), max_length=150, blank=True)
    title = models.CharField(_("Chức vụ"), max_length=150, blank=True)
    phone = models.CharField(_("Số điện thoại"), max_length=16, blank=True)  # units.phones.normal_phone

    class Meta:
        verbose_name = _("Người dùng")
        verbose_name_plural = _("Người dùng")
        constraints = [
            models.CheckConstraint(
                condition=Q(phone="") | Q(phone__startswith="+84"), name="user_phone_is_international"
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        return self.full_name or super().get_full_name() or self.username

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise models.ProtectedError("A user is deactivated, never deleted.", {self})


class UnitGroup(models.Model):
    """A set of units ranked by itself (cấp sở, cấp huyện, xã, phường ...)."""

    code = models.SlugField(_("Mã nhóm"), unique=True)
    name = models.CharField(_("Tên nhóm xếp hạng"), max_length=200)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]
        verbose_name = _("Nhóm xếp hạng")
        verbose_name_plural = _("Nhóm xếp hạng")

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """An administrative body; a tree: province -> sở, huyện, xã."""

    class Kind(models.TextChoices):
        PROVINCE = "province", _("Tỉnh")
        DEPARTMENT = "department", _("Sở, ban, ngành")
        DISTRICT = "district", _("UBND cấp huyện")
        COMMUNE = "commune", _("UBND xã, phường, đặc khu")

    code = models.SlugField(_("Mã đơn vị"), max_length=80, unique=True)
    name = models.CharField(_("Tên đơn vị"), max_length=200)
    short_name = models.CharField(_("Tên ngắn"), max_length=80, blank=True)
    symbol = models.CharField(_("Ký hiệu văn bản"), max_length=30, blank=True)
    kind = models.CharField(_("Loại"), max_length=20, choices=Kind)
    parent = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        verbose_name=_("Cấp trên"),
    )
    group = models.ForeignKey(
        UnitGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="units",
        verbose_name=_("Nhóm"),
    )
    order = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(_("Đang hoạt động"), default=True)

    class Meta:
        ordering = ["group__order", "order", "code"]
        permissions = model_permissions(UNIT_PERMS)
        verbose_name = _("Đơn vị")
        verbose_name_plural = _("Đơn vị")

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """A unit that took over another: merged, split or renamed; both keep their history."""

    class Kind(models.TextChoices):
        MERGED = "merged", _("Sáp nhập")
        SPLIT = "split", _("Chia tách")
        RENAMED = "renamed", _("Đổi tên")

    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessions")
    kind = models.CharField(max_length=10, choices=Kind)
    on = models.DateField(_("Từ ngày"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(condition=~Q(predecessor=models.F("successor")), name="succession_not_of_itself"),
        ]


class Membership(models.Model):
    """A person's role in a unit. Ended, not deleted, so that history still names it."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(
        max_length=20, choices=[(role.value, role.label) for role in UNIT_ROLES], verbose_name=_("Vai trò")
    )
    since = models.DateTimeField(_("Từ"))
    until = models.DateTimeField(_("Đến"), null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "unit", "role"], condition=Q(until=None), name="membership_one_open_per_role"
            ),
            models.CheckConstraint(
                condition=Q(role__in=[role.value for role in UNIT_ROLES]), name="membership_role_is_unit_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {Role(self.role).label} · {self.unit}"


class Substitution(models.Model):
    """Nghỉ phép, thay mặt: on these local days one member of a unit does what another may do there."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="substitutions")
    absent = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="absences", verbose_name=_("Người vắng mặt")
    )
    substitute = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="substitutions", verbose_name=_("Người thay mặt")
    )
    first_day = models.DateField(_("Từ ngày"))
    last_day = models.DateField(_("Đến hết ngày"))
    reason = models.CharField(_("Lý do"), max_length=300)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(_("Kết thúc sớm lúc"), null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="substitution_last_day_not_before_first"
            ),
            models.CheckConstraint(condition=~Q(absent=models.F("substitute")), name="substitution_not_of_oneself"),
            models.CheckConstraint(condition=~Q(reason=""), name="substitution_with_a_reason"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="substitution_ended_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["substitute"], condition=Q(ended_at=None), name="substitution_of_person")]

    def __str__(self) -> str:
        return f"{self.substitute} · {self.absent} · {self.unit}"
