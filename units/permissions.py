"""Who may do what: every permission of the product and every role that carries it, in one file.

Permission says who, stage says when: a role that may do something still meets the stage in the service. Unit
permissions are granted on one `Unit`, cycle permissions on one `Cycle`; nothing is granted globally.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Perm(StrEnum):
    """A permission's codename, unique in the product."""

    # on a Unit: the unit's own dossier
    VIEW_DOSSIER = "view_dossier"  # read the unit's dossier, evidence, receipts
    ASSIGN_CRITERIA = "assign_criteria"  # phân công
    SCORE = "score"  # nhập số liệu, điểm tự chấm, tài liệu, giải trình
    CHECK = "check_dossier"  # rà soát, trả lại chuyên viên
    APPROVE = "approve_dossier"  # thủ trưởng phê duyệt
    SUBMIT = "submit_dossier"  # gửi hồ sơ, trả lời yêu cầu bổ sung, kiến nghị
    REPORT_PROGRESS = "report_progress"  # báo cáo tiến độ nhiệm vụ của kế hoạch mà đơn vị chủ trì
    # on the province's own Unit: a criteria set or a plan belongs to no cycle
    MANAGE_CRITERIA = "manage_criteria"  # soạn, nhập, khóa bộ chỉ số, lấy ý kiến dự thảo
    MANAGE_PLANS = "manage_plans"  # nhập, sửa, sao kế hoạch; ngày nghỉ; xác nhận báo cáo tiến độ
    # on a Cycle: the province's side
    APPRAISE = "appraise"  # chấm thẩm định theo lĩnh vực
    CONCLUDE = "conclude"  # thư ký: yêu cầu bổ sung, kết luận từng hồ sơ
    CHAIR = "chair_council"  # chủ tịch: hội đồng kết luận
    MANAGE_COUNCIL = "manage_council"  # thành viên, phân công thẩm định, xung đột lợi ích, phiên họp
    MONITOR = "monitor_cycle"  # theo dõi tiến độ toàn tỉnh
    MANAGE = "manage_cycle"  # mở, đóng, gia hạn, đôn đốc
    IMPORT_SURVEY = "import_survey"  # nhập kết quả điều tra xã hội học
    COLLECT_SURVEY = "collect_survey"  # điều tra viên: xem chỉ tiêu phiếu, nhập phiếu
    PROPOSE = "propose_result"  # trình kết quả
    DECIDE = "decide_result"  # UBND tỉnh quyết định
    PUBLISH = "publish_result"  # ghi số quyết định và công bố
    VIEW_RESULTS = "view_results"  # xem bảng kết quả trước khi công bố


class Role(models.TextChoices):
    """A role on screen; a person may hold several, each on its own object."""

    OFFICER = "officer", _("Chuyên viên")
    COORDINATOR = "coordinator", _("Cán bộ đầu mối")
    HEAD = "head", _("Thủ trưởng đơn vị")
    MEMBER = "member", _("Thành viên hội đồng thẩm định")
    HELPER = "helper", _("Thành viên tổ giúp việc")
    SECRETARY = "secretary", _("Thư ký hội đồng thẩm định")
    DEPUTY = "deputy", _("Phó Chủ tịch hội đồng thẩm định")
    CHAIR = "chair", _("Chủ tịch hội đồng thẩm định")
    HOME_AFFAIRS = "home_affairs", _("Sở Nội vụ")
    PROVINCE = "province", _("Lãnh đạo UBND tỉnh")
    INVESTIGATOR = "investigator", _("Điều tra viên")
    CRITERIA = "criteria", _("Quản lý bộ chỉ số")


UNIT_ROLES: Mapping[Role, frozenset[Perm]] = {
    Role.OFFICER: frozenset({Perm.VIEW_DOSSIER, Perm.SCORE}),
    Role.COORDINATOR: frozenset(
        {
            *(Perm.VIEW_DOSSIER, Perm.SCORE, Perm.ASSIGN_CRITERIA, Perm.CHECK, Perm.SUBMIT),
            Perm.REPORT_PROGRESS,
        }
    ),
    Role.HEAD: frozenset({Perm.VIEW_DOSSIER, Perm.APPROVE}),
    # Held in the province, which is never assessed itself: no conflict of interest can come of it.
    Role.CRITERIA: frozenset({Perm.MANAGE_CRITERIA, Perm.MANAGE_PLANS}),
}

CYCLE_ROLES: Mapping[Role, frozenset[Perm]] = {
    Role.MEMBER: frozenset({Perm.APPRAISE}),
    Role.HELPER: frozenset({Perm.APPRAISE}),
    Role.SECRETARY: frozenset({Perm.APPRAISE, Perm.CONCLUDE, Perm.MANAGE_COUNCIL, Perm.MONITOR, Perm.VIEW_RESULTS}),
    Role.DEPUTY: frozenset({Perm.CHAIR, Perm.MONITOR, Perm.VIEW_RESULTS}),
    Role.CHAIR: frozenset({Perm.CHAIR, Perm.MONITOR, Perm.VIEW_RESULTS}),
    Role.HOME_AFFAIRS: frozenset(
        {
            Perm.MANAGE_COUNCIL,
            Perm.MONITOR,
            Perm.MANAGE,
            Perm.IMPORT_SURVEY,
            Perm.PROPOSE,
            Perm.PUBLISH,
            Perm.VIEW_RESULTS,
        }
    ),
    Role.PROVINCE: frozenset({Perm.MONITOR, Perm.DECIDE, Perm.VIEW_RESULTS}),
    Role.INVESTIGATOR: frozenset({Perm.COLLECT_SURVEY}),
}

# Seats of the council, in the order of its list.
COUNCIL_ROLES = (Role.CHAIR, Role.DEPUTY, Role.SECRETARY, Role.MEMBER, Role.HELPER)

APPRAISER_ROLES = tuple(role for role in COUNCIL_ROLES if Perm.APPRAISE in CYCLE_ROLES[role])

ROLES: Mapping[Role, frozenset[Perm]] = {**UNIT_ROLES, **CYCLE_ROLES}

UNIT_PERMS = frozenset(perm for perms in UNIT_ROLES.values() for perm in perms)
CYCLE_PERMS = frozenset(perm for perms in CYCLE_ROLES.values() for perm in perms)


def model_permissions(perms: frozenset[Perm]) -> list[tuple[str, StrOrPromise]]:
    """`Meta.permissions` rows for the model on whose rows `perms` are granted."""
    return [(perm.value, perm.name) for perm in Perm if perm in perms]
