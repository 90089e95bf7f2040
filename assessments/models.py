"""The cycle, one dossier per unit, its scores, the council that appraises them, and the ledger of every change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from criteria.models import POINTS, CriteriaSet, Criterion
from evidence.models import DocumentVersion
from plans.models import Milestone, Plan
from units.models import Unit, UnitGroup
from units.permissions import CYCLE_PERMS, Role, model_permissions

from .stages import OPEN_STAGES, CycleStage, Stage

USER = settings.AUTH_USER_MODEL
DIRECT_SOURCES = (Criterion.SourceChoice.COUNCIL, Criterion.SourceChoice.LEADER)
NOT_SELF_SCORED = (Criterion.SourceChoice.SURVEY, *DIRECT_SOURCES)


class Cycle(models.Model):
    """One year's assessment. What provinces do differently is data here, read by the gateways of the flows."""

    class Ties(models.TextChoices):
        COMPETITION = "competition", _("Đồng hạng, bỏ hạng kế tiếp (1, 1, 3)")
        DENSE = "dense", _("Đồng hạng, không bỏ hạng (1, 1, 2)")

    year = models.PositiveSmallIntegerField(_("Năm đánh giá"))
    name = models.CharField(_("Tên đợt đánh giá"), max_length=200)
    province = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="cycles", verbose_name=_("Tỉnh"))
    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="cycle", verbose_name=_("Kế hoạch"))
    stage = models.CharField(_("Giai đoạn"), max_length=20, choices=CycleStage, default=CycleStage.DRAFT)
    has_survey = models.BooleanField(_("Có điều tra xã hội học"), default=True)
    appeals = models.BooleanField(_("Cho kiến nghị trước khi kết luận"), default=True)
    accept_late = models.BooleanField(_("Nhận hồ sơ gửi muộn"), default=True)
    response_days = models.PositiveSmallIntegerField(_("Số ngày để kiến nghị"), default=3)
    ties = models.CharField(_("Đồng điểm"), max_length=12, choices=Ties, default=Ties.COMPETITION)
    opened_at = models.DateTimeField(_("Mở lúc"), null=True, blank=True)
    closed_at = models.DateTimeField(_("Kết thúc nhận hồ sơ lúc"), null=True, blank=True)
    survey_merged_at = models.DateTimeField(_("Tổng hợp điều tra lúc"), null=True, blank=True)
    concluded_at = models.DateTimeField(_("Hội đồng kết luận lúc"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "-pk"]
        permissions = model_permissions(CYCLE_PERMS)
        verbose_name = _("Đợt đánh giá")
        verbose_name_plural = _("Đợt đánh giá")
        constraints = [
            models.UniqueConstraint(fields=["province", "year", "name"], name="cycle_once_per_year"),
        ]

    def __str__(self) -> str:
        return self.name

    def milestone(self, key: Milestone.Key) -> Milestone:
        """The plan's milestone; the plan's rows are read once and kept on the instance."""
        found: dict[str, Milestone] | None = getattr(self, "_milestones", None)
        if found is None:
            found = {milestone.key: milestone for milestone in self.plan.milestones.all()}
            self._milestones = found
        return found[key]


class CycleGroup(models.Model):
    """Which criteria set a ranking group is assessed by in a cycle."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="groups")
    group = models.ForeignKey(UnitGroup, on_delete=models.PROTECT, related_name="cycles")
    criteria_set = models.ForeignKey(CriteriaSet, on_delete=models.PROTECT, related_name="cycles")

    class Meta:
        ordering = ["cycle", "group__order"]
        constraints = [models.UniqueConstraint(fields=["cycle", "group"], name="cycle_group_once")]

    def __str__(self) -> str:
        return f"{self.group}"


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


class Dossier(models.Model):
    """One unit's answer to one criteria set in one cycle."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="dossiers")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="dossiers")
    cycle_group = models.ForeignKey(CycleGroup, on_delete=models.PROTECT, related_name="dossiers")
    stage = models.CharField(_("Bước"), max_length=20, choices=Stage, default=Stage.ASSIGNING)
    stage_since = models.DateTimeField(_("Ở bước này từ"))
    appraisal_pass = models.PositiveSmallIntegerField(_("Lượt thẩm định"), default=0)
    approved_at = models.DateTimeField(_("Phê duyệt lúc"), null=True, blank=True)
    approved_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("Gửi lúc"), null=True, blank=True)
    submitted_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    concluded_at = models.DateTimeField(_("Kết luận lúc"), null=True, blank=True)

    class Meta:
        ordering = ["cycle", "unit__group__order", "unit__order"]
        verbose_name = _("Hồ sơ tự đánh giá")
        verbose_name_plural = _("Hồ sơ tự đánh giá")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], name="dossier_once_per_unit"),
            models.CheckConstraint(
                condition=Q(stage__in=sorted({*(stage.value for stage in OPEN_STAGES), Stage.NOT_SUBMITTED.value}))
                | Q(submitted_at__isnull=False),
                name="dossier_submitted_before_appraised",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(approved_at__isnull=False, submitted_at__gte=F("approved_at")),
                name="dossier_approved_before_submitted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.cycle}"

    @property
    def criteria_set_id(self) -> int:
        return self.cycle_group.criteria_set_id


class Assignment(models.Model):
    """Who in the unit fills a branch of the tree (phân công)."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="assignments")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="assignments")
    officer = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="assignments")
    open = models.BooleanField(_("Đang làm"), default=True)
    note = models.TextField(_("Ý kiến khi giao hoặc trả lại"), blank=True)

    class Meta:
        ordering = ["dossier", "criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "criterion"], name="assignment_once_per_criterion"),
        ]


class Score(models.Model):
    """One leaf of one dossier. Self, appraised, survey and published points never overwrite one another."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    # frozen with the set, so that the database itself can hold the bounds
    source = models.CharField(max_length=10, choices=Criterion.SourceChoice)
    lowest = models.DecimalField(**POINTS)
    highest = models.DecimalField(**POINTS)

    declared = models.JSONField(_("Số liệu kê khai"), default=dict, blank=True)
    not_applicable = models.BooleanField(_("Không phát sinh"), default=False)
    self_points = models.DecimalField(_("Điểm tự chấm"), **POINTS, null=True, blank=True)
    overridden = models.BooleanField(_("Chấm khác quy tắc"), default=False)
    override_reason = models.TextField(_("Lý do chấm khác quy tắc"), blank=True)
    explanation = models.TextField(_("Giải trình"), blank=True)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(null=True, blank=True)
    updated_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    appraised_points = models.DecimalField(_("Điểm thẩm định"), **POINTS, null=True, blank=True)
    appraised_reason = models.TextField(_("Lý do điều chỉnh"), blank=True)
    appraised_version = models.PositiveIntegerField(default=0)
    appraised_at = models.DateTimeField(null=True, blank=True)
    appraised_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    survey_points = models.DecimalField(_("Điểm điều tra"), **POINTS, null=True, blank=True)

    class Meta:
        ordering = ["dossier", "criterion__order"]
        verbose_name = _("Điểm")
        verbose_name_plural = _("Điểm")
        constraints = [
            models.UniqueConstraint(fields=["dossier", "criterion"], name="score_once_per_criterion"),
            models.CheckConstraint(
                condition=Q(self_points=None) | Q(self_points__gte=F("lowest"), self_points__lte=F("highest")),
                name="score_self_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(appraised_points=None)
                | Q(appraised_points__gte=F("lowest"), appraised_points__lte=F("highest")),
                name="score_appraised_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(survey_points=None) | Q(survey_points__gte=F("lowest"), survey_points__lte=F("highest")),
                name="score_survey_within_bounds",
            ),
            models.CheckConstraint(
                condition=~Q(source__in=NOT_SELF_SCORED) | Q(self_points=None), name="score_not_self_scored"
            ),
            models.CheckConstraint(
                condition=Q(source=Criterion.SourceChoice.SURVEY) | Q(survey_points=None),
                name="score_survey_only_on_survey_criteria",
            ),
            models.CheckConstraint(
                condition=Q(appraised_points=None) | ~Q(source=Criterion.SourceChoice.SURVEY),
                name="score_survey_not_appraised",
            ),
            models.CheckConstraint(
                condition=Q(appraised_points=None)
                | Q(source__in=DIRECT_SOURCES)
                | Q(self_points__isnull=False, appraised_points=F("self_points"))
                | ~Q(appraised_reason=""),
                name="score_changed_needs_reason",
            ),
            models.CheckConstraint(
                condition=Q(overridden=False) | ~Q(override_reason=""), name="score_overridden_needs_reason"
            ),
        ]


class ScoreEvidence(models.Model):
    """A document that proves a score, with the place to look at."""

    score = models.ForeignKey(Score, on_delete=models.CASCADE, related_name="evidence")
    version = models.ForeignKey(DocumentVersion, on_delete=models.PROTECT, related_name="uses")
    quote = models.CharField(_("Trích dẫn (mục, trang)"), max_length=200, blank=True)
    added_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["score", "pk"]
        constraints = [models.UniqueConstraint(fields=["score", "version"], name="score_evidence_once")]


class ReviewNote(models.Model):
    """A comment that sends a dossier, or one criterion of it, back to the person before."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="notes")
    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="notes")
    stage = models.CharField(max_length=20, choices=Stage)
    author = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(_("Ý kiến"))
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="review_note_not_empty")]


class DomainAppraisal(models.Model):
    """One domain of one dossier in one pass of the council's appraisal."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="appraisals")
    domain = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("Lượt"))
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["dossier", "number", "domain__order"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "domain", "number"], name="domain_appraisal_once"),
            models.CheckConstraint(
                condition=Q(finished_at=None, finished_by=None)
                | Q(finished_at__isnull=False, finished_by__isnull=False),
                name="domain_appraisal_finished_by_someone",
            ),
        ]


class SupplementRequest(models.Model):
    """The council asks a unit about named criteria (yêu cầu bổ sung)."""

    dossier = models.ForeignKey(Dossier, on_delete=models.CASCADE, related_name="supplements")
    due_on = models.DateField(_("Hạn bổ sung"))  # inclusive: the unit has this whole day
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["dossier", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(answered_at=None), name="supplement_one_open_per_dossier"
            )
        ]


class SupplementItem(models.Model):
    """One criterion that is asked about."""

    request = models.ForeignKey(SupplementRequest, on_delete=models.CASCADE, related_name="items")
    score = models.ForeignKey(Score, on_delete=models.PROTECT, related_name="supplement_items")
    question = models.TextField(_("Nội dung cần bổ sung"))

    class Meta:
        ordering = ["request", "score__criterion__order"]
        constraints = [
            models.UniqueConstraint(fields=["request", "score"], name="supplement_item_once"),
            models.CheckConstraint(condition=~Q(question=""), name="supplement_item_has_question"),
        ]


class Appeal(models.Model):
    """The unit contests an appraised score (kiến nghị)."""

    score = models.OneToOneField(Score, on_delete=models.PROTECT, related_name="appeal")
    reason = models.TextField(_("Lý do kiến nghị"))
    wanted_points = models.DecimalField(_("Điểm đề nghị"), **POINTS)
    filed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    accepted = models.BooleanField(_("Chấp nhận"), null=True, blank=True)
    answer = models.TextField(_("Trả lời của hội đồng"), blank=True)
    decided_points = models.DecimalField(_("Điểm sau xem xét"), **POINTS, null=True, blank=True)
    decided_by = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["score__dossier", "score__criterion__order"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="appeal_has_reason"),
            models.CheckConstraint(
                condition=Q(accepted=None, answer="") | (Q(accepted__isnull=False) & ~Q(answer="")),
                name="appeal_decided_with_answer",
            ),
        ]


class Extension(models.Model):
    """A later deadline for one unit's self-assessment (gia hạn). The latest one granted counts."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="extensions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="extensions")
    until = models.DateField(_("Gia hạn đến hết ngày"))  # inclusive
    reason = models.TextField(_("Lý do"))
    decision_number = models.CharField(_("Văn bản cho phép"), max_length=60, blank=True)
    granted_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle", "unit", "granted_at", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="extension_has_reason")]


class LedgerEntry(models.Model):
    """An append-only record of one change. Triggers in the database refuse UPDATE and DELETE."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="ledger")
    dossier = models.ForeignKey(Dossier, null=True, blank=True, on_delete=models.PROTECT, related_name="ledger")
    chain = models.CharField(max_length=40)  # "dossier:12" or "cycle:3"
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=40)
    criterion = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain", "seq"]
        constraints = [models.UniqueConstraint(fields=["chain", "seq"], name="ledger_seq_once")]


class RepeatedWrite(models.Model):
    """A write that was done under an idempotency key, with its answer: the second call gets the first one's."""

    user = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    action = models.CharField(max_length=60)
    answer = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="repeated_write_once")]
