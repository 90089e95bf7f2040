"""Criteria sets (Bộ chỉ số): a tree of lĩnh vực -> tiêu chí -> tiêu chí thành phần, its rules and grade bands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from units.models import Unit, UnitGroup

from . import consultation  # noqa: F401  its models belong to this app
from .scoring import NotApplicable, Source

POINTS: dict[str, Any] = {"max_digits": 9, "decimal_places": 4}


class CriteriaSet(models.Model):
    """One version of a criteria set. A draft can be edited; a frozen one never changes again."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Dự thảo")
        FROZEN = "frozen", _("Đã khóa")

    class RoundingMode(models.TextChoices):
        HALF_UP = "half_up", _("Làm tròn lên từ 5")
        HALF_EVEN = "half_even", _("Làm tròn về số chẵn")
        DOWN = "down", _("Bỏ phần lẻ")

    code = models.SlugField(_("Mã bộ chỉ số"), max_length=80)
    year = models.PositiveSmallIntegerField(_("Năm"))
    version = models.PositiveSmallIntegerField(_("Phiên bản"), default=1)
    name = models.CharField(_("Tên bộ chỉ số"), max_length=300)
    status = models.CharField(_("Trạng thái"), max_length=10, choices=Status, default=Status.DRAFT)
    illustrative = models.BooleanField(_("Minh họa"), default=False)
    source_decision = models.CharField(_("Căn cứ"), max_length=300, blank=True)
    rounding_step = models.DecimalField(_("Bước làm tròn"), **POINTS, default=Decimal("0.01"))
    rounding_mode = models.CharField(
        _("Cách làm tròn"), max_length=10, choices=RoundingMode, default=RoundingMode.HALF_UP
    )
    bonus_cap = models.DecimalField(
        _("Điểm cộng tối đa"), **POINTS, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    penalty_cap = models.DecimalField(
        _("Điểm trừ tối đa"), **POINTS, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    cloned_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="clones",
        verbose_name=_("Sao từ"),
    )
    frozen_at = models.DateTimeField(_("Khóa lúc"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "code", "-version"]
        verbose_name = _("Bộ chỉ số")
        verbose_name_plural = _("Bộ chỉ số")
        constraints = [
            models.UniqueConstraint(fields=["code", "year", "version"], name="criteria_set_version_once"),
            models.CheckConstraint(condition=Q(rounding_step__gt=0), name="criteria_set_rounding_positive"),
            models.CheckConstraint(
                condition=Q(bonus_cap__gte=0) & Q(penalty_cap__gte=0), name="criteria_set_caps_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status="draft", frozen_at=None) | Q(status="frozen", frozen_at__isnull=False),
                name="criteria_set_frozen_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.year})"

    @property
    def is_frozen(self) -> bool:
        return self.status == self.Status.FROZEN


class Criterion(models.Model):
    """A node of the tree. Points sit on leaves; a leaf has a source and a rule, a branch has neither."""

    class SourceChoice(models.TextChoices):
        SELF = Source.SELF.value, _("Tự đánh giá")
        SURVEY = Source.SURVEY.value, _("Điều tra xã hội học")
        COUNCIL = Source.COUNCIL.value, _("Hội đồng chấm trực tiếp")
        LEADER = Source.LEADER.value, _("Lãnh đạo tỉnh chấm trực tiếp")
        BONUS = Source.BONUS.value, _("Điểm cộng")
        PENALTY = Source.PENALTY.value, _("Điểm trừ")

    class NaPolicy(models.TextChoices):
        NONE = NotApplicable.NONE.value, _("Không áp dụng")
        FULL = NotApplicable.FULL.value, _("Không phát sinh: được điểm tối đa")
        RESCALE = NotApplicable.RESCALE.value, _("Không phát sinh: bỏ tiêu chí, quy đổi thang điểm")
        NAMED = NotApplicable.NAMED.value, _("Bỏ đối với đơn vị được nêu tên")

    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.CASCADE, related_name="criteria")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    code = models.CharField(_("Mã"), max_length=30)
    name = models.CharField(_("Tên"), max_length=500)
    order = models.PositiveIntegerField(_("Thứ tự"))  # position in the whole set, depth first
    maximum = models.DecimalField(_("Điểm tối đa"), **POINTS)
    source = models.CharField(_("Nguồn điểm"), max_length=10, choices=SourceChoice, blank=True)
    rule = models.JSONField(_("Cách chấm"), null=True, blank=True)
    na_policy = models.CharField(_("Không phát sinh"), max_length=10, choices=NaPolicy, default=NaPolicy.NONE)
    overridable = models.BooleanField(_("Được chấm khác quy tắc"), default=False)
    evidence_asked = models.TextField(_("Tài liệu kiểm chứng yêu cầu"), blank=True)
    guidance = models.TextField(_("Hướng dẫn"), blank=True)
    survey_question = models.TextField(_("Câu hỏi điều tra"), blank=True)
    leads = models.ManyToManyField(Unit, blank=True, related_name="led_domains", verbose_name=_("Chủ trì"))
    dropped_for = models.ManyToManyField(
        Unit, blank=True, related_name="dropped_criteria", verbose_name=_("Không áp dụng cho")
    )

    class Meta:
        ordering = ["criteria_set", "order"]
        verbose_name = _("Tiêu chí")
        verbose_name_plural = _("Tiêu chí")
        constraints = [
            models.UniqueConstraint(fields=["criteria_set", "code"], name="criterion_code_once_per_set"),
            models.UniqueConstraint(fields=["criteria_set", "order"], name="criterion_order_once_per_set"),
            models.CheckConstraint(condition=Q(maximum__gte=0), name="criterion_maximum_not_negative"),
            models.CheckConstraint(
                condition=Q(source="", rule=None) | (~Q(source="") & Q(rule__isnull=False)),
                name="criterion_leaf_has_source_and_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_leaf(self) -> bool:
        return bool(self.source)

    @property
    def depth(self) -> int:
        """0 for a lĩnh vực, 1 for a tiêu chí, 2 for a tiêu chí thành phần."""
        return self.code.count(".")


class GradeBand(models.Model):
    """A half-open interval [lower, next lower) of an index in %, for the whole set or one part of it."""

    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.CASCADE, related_name="bands")
    part = models.ForeignKey(
        Criterion,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="bands",
        verbose_name=_("Phần"),
    )
    group = models.ForeignKey(
        UnitGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bands",
        verbose_name=_("Nhóm"),
    )
    label = models.CharField(_("Mức"), max_length=60)
    lower = models.DecimalField(_("Từ (%)"), **POINTS)

    class Meta:
        ordering = ["criteria_set", "part__order", "-lower"]
        verbose_name = _("Mức xếp loại")
        verbose_name_plural = _("Mức xếp loại")
        constraints = [
            models.UniqueConstraint(
                "criteria_set", Coalesce("part", 0), Coalesce("group", 0), "lower", name="grade_band_lower_once"
            ),
            models.CheckConstraint(condition=Q(lower__gte=0), name="grade_band_lower_not_negative"),
        ]
