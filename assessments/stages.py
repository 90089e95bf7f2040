"""The stages of a cycle and of a dossier, and every move between them. The only place where moves are listed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """Where a dossier stands; written by services only."""

    ASSIGNING = "assigning", _("Phân công")
    SELF_ASSESSING = "self_assessing", _("Tự đánh giá")
    CHECKING = "checking", _("Rà soát")
    APPROVING = "approving", _("Chờ lãnh đạo duyệt")
    READY = "ready", _("Đã duyệt, chờ gửi")
    SUBMITTED = "submitted", _("Đã gửi, chờ thẩm định")
    APPRAISING = "appraising", _("Thẩm định")
    REVIEWING = "reviewing", _("Tổng hợp thẩm định")
    SUPPLEMENTING = "supplementing", _("Bổ sung theo yêu cầu")
    RESPONDING = "responding", _("Đơn vị xem kết quả dự kiến")
    HEARING = "hearing", _("Xem xét kiến nghị")
    CONCLUDED = "concluded", _("Đã kết luận, chờ điểm điều tra")
    FINAL = "final", _("Hoàn tất")
    NOT_SUBMITTED = "not_submitted", _("Không nộp hồ sơ")


class CycleStage(models.TextChoices):
    """Where a cycle stands."""

    DRAFT = "draft", _("Chuẩn bị")
    COLLECTING = "collecting", _("Đang nhận hồ sơ")
    APPRAISING = "appraising", _("Đang thẩm định")
    CONCLUDING = "concluding", _("Chờ hội đồng kết luận")
    PROPOSING = "proposing", _("Trình kết quả")
    DECIDING = "deciding", _("Chờ UBND tỉnh quyết định")
    PUBLISHING = "publishing", _("Đã duyệt, chờ công bố")
    PUBLISHED = "published", _("Đã công bố")


TRANSITIONS: tuple[tuple[Stage, Stage], ...] = (
    (Stage.ASSIGNING, Stage.SELF_ASSESSING),
    (Stage.SELF_ASSESSING, Stage.CHECKING),
    (Stage.CHECKING, Stage.SELF_ASSESSING),
    (Stage.CHECKING, Stage.APPROVING),
    (Stage.APPROVING, Stage.CHECKING),
    (Stage.APPROVING, Stage.READY),
    (Stage.READY, Stage.SUBMITTED),
    (Stage.READY, Stage.APPRAISING),
    (Stage.SUBMITTED, Stage.CHECKING),
    (Stage.SUBMITTED, Stage.APPRAISING),
    (Stage.APPRAISING, Stage.REVIEWING),
    (Stage.REVIEWING, Stage.SUPPLEMENTING),
    (Stage.SUPPLEMENTING, Stage.APPRAISING),
    (Stage.REVIEWING, Stage.RESPONDING),
    (Stage.REVIEWING, Stage.CONCLUDED),
    (Stage.RESPONDING, Stage.HEARING),
    (Stage.RESPONDING, Stage.APPRAISING),
    (Stage.RESPONDING, Stage.CONCLUDED),
    (Stage.HEARING, Stage.CONCLUDED),
    (Stage.CONCLUDED, Stage.FINAL),
    (Stage.ASSIGNING, Stage.NOT_SUBMITTED),
    (Stage.SELF_ASSESSING, Stage.NOT_SUBMITTED),
    (Stage.CHECKING, Stage.NOT_SUBMITTED),
    (Stage.APPROVING, Stage.NOT_SUBMITTED),
    (Stage.READY, Stage.NOT_SUBMITTED),
)

CYCLE_TRANSITIONS: tuple[tuple[CycleStage, CycleStage], ...] = (
    (CycleStage.DRAFT, CycleStage.COLLECTING),
    (CycleStage.COLLECTING, CycleStage.APPRAISING),
    (CycleStage.APPRAISING, CycleStage.CONCLUDING),
    (CycleStage.CONCLUDING, CycleStage.PROPOSING),
    (CycleStage.PROPOSING, CycleStage.DECIDING),
    (CycleStage.DECIDING, CycleStage.PROPOSING),
    (CycleStage.DECIDING, CycleStage.PUBLISHING),
    (CycleStage.PUBLISHING, CycleStage.PUBLISHED),
)

# The unit still owns the dossier.
OPEN_STAGES = frozenset({Stage.ASSIGNING, Stage.SELF_ASSESSING, Stage.CHECKING, Stage.APPROVING, Stage.READY})
# Officers may write figures, points, evidence and giải trình.
EDIT_STAGES = frozenset({Stage.SELF_ASSESSING, Stage.CHECKING})
# The council has the dossier: it has arrived.
SUBMITTED_STAGES = frozenset(Stage) - OPEN_STAGES - {Stage.NOT_SUBMITTED}
# Nothing more is asked of anybody before the survey is merged.
DONE_STAGES = frozenset({Stage.CONCLUDED, Stage.FINAL, Stage.NOT_SUBMITTED})

# The officer's stepper: seven steps, each with the stages that belong to it.
STEPS: tuple[tuple[object, frozenset[Stage]], ...] = (
    (_("Phân công"), frozenset({Stage.ASSIGNING})),
    (_("Tự đánh giá"), frozenset({Stage.SELF_ASSESSING})),
    (_("Rà soát"), frozenset({Stage.CHECKING})),
    (_("Phê duyệt"), frozenset({Stage.APPROVING, Stage.READY})),
    (_("Thẩm định"), frozenset({Stage.SUBMITTED, Stage.APPRAISING, Stage.REVIEWING, Stage.SUPPLEMENTING})),
    (_("Kết luận"), frozenset({Stage.RESPONDING, Stage.HEARING, Stage.CONCLUDED})),
    (_("Hoàn tất"), frozenset({Stage.FINAL})),
)

# What the stage means to the unit, to the council, and to Sở Nội vụ.
WAITING_FOR: dict[Stage, object] = {
    Stage.ASSIGNING: _("chờ cán bộ đầu mối phân công"),
    Stage.SELF_ASSESSING: _("chuyên viên đang nhập kết quả"),
    Stage.CHECKING: _("chờ cán bộ đầu mối rà soát"),
    Stage.APPROVING: _("chờ lãnh đạo duyệt"),
    Stage.READY: _("chờ cán bộ đầu mối gửi"),
    Stage.SUBMITTED: _("đã gửi, hội đồng thẩm định từ khi hết hạn"),
    Stage.APPRAISING: _("hội đồng đang thẩm định"),
    Stage.REVIEWING: _("thư ký hội đồng đang tổng hợp"),
    Stage.SUPPLEMENTING: _("chờ đơn vị bổ sung"),
    Stage.RESPONDING: _("chờ đơn vị xác nhận kết quả dự kiến"),
    Stage.HEARING: _("hội đồng đang xem xét kiến nghị"),
    Stage.CONCLUDED: _("chờ điểm điều tra xã hội học"),
    Stage.FINAL: _("đã hoàn tất, chờ công bố"),
    Stage.NOT_SUBMITTED: _("đơn vị không nộp hồ sơ"),
}


def step_of(stage: Stage) -> int:
    """1-based step of `stage` in STEPS; a dossier that was never sent stands at the step of sending."""
    for number, (_label, stages) in enumerate(STEPS, start=1):
        if stage in stages:
            return number
    return 4
