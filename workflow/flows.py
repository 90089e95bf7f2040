"""The cycle, as the plan tells it, in one file. A comment over each node says whose turn it is.

What provinces do differently is data on the cycle, read by the gateways: survey or none, appeals or none. No business
data stands on a Viewflow process: `process.artifact` is the Cycle, the Dossier or the TaskReport, and its stage
decides.
Node names are stored with running processes: a test freezes them.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from viewflow import this
from viewflow.workflow import flow, nodes
from viewflow.workflow.lock import SelectForUpdateLock

from assessments.models import Cycle, DomainAppraisal, Dossier
from assessments.services import appraisal, cycles
from assessments.shares import Share, open_shares
from assessments.stages import CycleStage, Stage
from plans.reports import TaskReport
from units.permissions import Perm

from . import due
from .nodes import ForEach, Step


def dossier_at(stage: Stage) -> Any:
    """Gateway condition: the dossier stands at `stage`."""
    return lambda activation: Dossier.objects.filter(
        pk=activation.process.artifact_object_id, stage=stage.value
    ).exists()


def cycle_at(stage: CycleStage) -> Any:
    """Gateway condition: the cycle stands at `stage`."""
    return lambda activation: Cycle.objects.filter(pk=activation.process.artifact_object_id, stage=stage.value).exists()


def report_at(state: TaskReport.State) -> Any:
    """Gateway condition: the report stands at `state`."""
    return lambda activation: TaskReport.objects.filter(
        pk=activation.process.artifact_object_id, state=state.value
    ).exists()


class CycleFlow(flow.Flow):
    """Đợt đánh giá"""

    lock_impl = SelectForUpdateLock(nowait=False)

    start = nodes.StartHandle(this.begin).Next(this.open)

    # Sở Nội vụ: khóa bộ chỉ số, lập hồ sơ cho từng đơn vị
    open = Step(Perm.MANAGE, title=_("Mở đợt đánh giá"), due=due.opening).Next(this.running)

    # Nhận hồ sơ và điều tra xã hội học chạy song song
    running = (
        nodes.Split()
        .Next(this.collect)
        .Next(this.merge_survey, case=lambda activation: activation.process.artifact.has_survey)
    )

    # Sở Nội vụ: theo dõi, đôn đốc, kết thúc nhận hồ sơ
    collect = Step(Perm.MANAGE, title=_("Kết thúc nhận hồ sơ"), due=due.collection).Next(this.appraised)

    # Tự động: mọi hồ sơ đã được hội đồng kết luận
    appraised = nodes.Handle().Next(this.gather)

    # Sở Nội vụ: nhập và tổng hợp điểm điều tra xã hội học
    merge_survey = Step(Perm.IMPORT_SURVEY, title=_("Tổng hợp điều tra xã hội học"), due=due.survey).Next(this.gather)

    gather = nodes.Join().Next(this.begin_conclusion)

    begin_conclusion = nodes.Function(this.to_council).Next(this.council_concludes)

    # Chủ tịch hội đồng
    council_concludes = Step(Perm.CHAIR, title=_("Hội đồng kết luận"), due=due.appraisal).Next(this.propose)

    # Sở Nội vụ
    propose = Step(Perm.PROPOSE, title=_("Trình UBND tỉnh kết quả"), due=due.publication).Next(this.decide)

    # UBND tỉnh: người thứ hai, không phải người trình
    decide = Step(Perm.DECIDE, title=_("Quyết định công bố kết quả"), due=due.publication).Next(this.is_approved)

    is_approved = nodes.If(cycle_at(CycleStage.PUBLISHING)).Then(this.publish).Else(this.propose)

    # Sở Nội vụ: ghi số quyết định, công bố
    publish = Step(Perm.PUBLISH, title=_("Công bố kết quả"), due=due.publication).Next(this.end)

    end = nodes.End()

    def begin(self, activation: Any, cycle: Cycle) -> Any:
        activation.process.artifact = cycle
        return activation.process

    def to_council(self, activation: Any) -> None:
        cycles.begin_conclusion(activation.process.artifact)


class DossierFlow(flow.Flow):
    """Hồ sơ tự đánh giá"""

    lock_impl = SelectForUpdateLock(nowait=False)

    start = nodes.StartHandle(this.begin).Next(this.assign)

    # Đầu mối: giao lĩnh vực, tiêu chí cho chuyên viên
    assign = Step(Perm.ASSIGN_CRITERIA, title=_("Phân công tự đánh giá"), due=due.submission).Next(this.hand_out)

    hand_out = ForEach(this.open_shares, each=this.self_assess, otherwise=this.check)

    # Chuyên viên: số liệu, tài liệu kiểm chứng hoặc giải trình
    self_assess = Step(Perm.SCORE, title=_("Nhập kết quả tự đánh giá"), due=due.officers, legal=due.submission).Next(
        this.all_assessed
    )

    all_assessed = nodes.Join().Next(this.check)

    # Đầu mối: rà soát, trả lại chuyên viên hoặc trình lãnh đạo
    check = Step(Perm.CHECK, title=_("Rà soát hồ sơ"), due=due.coordinator, legal=due.submission).Next(this.is_checked)

    is_checked = nodes.If(dossier_at(Stage.APPROVING)).Then(this.approve).Else(this.hand_out)

    # Thủ trưởng: phê duyệt hoặc trả lại
    approve = Step(Perm.APPROVE, title=_("Phê duyệt hồ sơ"), due=due.head, legal=due.submission).Next(
        this.is_head_content
    )

    is_head_content = nodes.If(dossier_at(Stage.READY)).Then(this.submit).Else(this.check)

    # Đầu mối: gửi hội đồng; từ đây đơn vị không sửa được nữa
    submit = Step(Perm.SUBMIT, title=_("Gửi hồ sơ"), due=due.submission).Next(this.is_held)

    is_held = nodes.If(dossier_at(Stage.SUBMITTED)).Then(this.hold).Else(this.share_out)

    # Tự động: còn được rút lại, đến hết hạn của đơn vị hoặc khi Sở Nội vụ kết thúc nhận hồ sơ
    hold = nodes.Handle().Next(this.is_taken_back)

    is_taken_back = nodes.If(dossier_at(Stage.CHECKING)).Then(this.check).Else(this.share_out)

    share_out = ForEach(this.open_domains, each=this.appraise, otherwise=this.review)

    # Thành viên hội đồng: mỗi lĩnh vực một việc
    appraise = Step(Perm.APPRAISE, title=_("Thẩm định"), due=due.appraisal).Next(this.all_appraised)

    all_appraised = nodes.Join().Next(this.review)

    # Thư ký: yêu cầu bổ sung, hoặc kết thúc thẩm định
    review = Step(Perm.CONCLUDE, title=_("Tổng hợp thẩm định"), due=due.appraisal).Next(this.is_more_asked)

    is_more_asked = nodes.If(dossier_at(Stage.SUPPLEMENTING)).Then(this.supplement).Else(this.may_contest)

    # Đầu mối: trả lời đúng những tiêu chí được hỏi
    supplement = Step(Perm.SUBMIT, title=_("Bổ sung theo yêu cầu của hội đồng"), due=due.supplement).Next(
        this.share_out
    )

    may_contest = nodes.If(dossier_at(Stage.RESPONDING)).Then(this.respond).Else(this.is_survey_in)

    # Đầu mối: đồng ý hoặc kiến nghị
    respond = Step(Perm.SUBMIT, title=_("Xem kết quả dự kiến"), due=due.response).Next(this.is_contested)

    is_contested = nodes.If(dossier_at(Stage.HEARING)).Then(this.hear).Else(this.is_second_round)

    is_second_round = nodes.If(dossier_at(Stage.APPRAISING)).Then(this.share_out).Else(this.is_survey_in)

    # Thư ký: xem xét kiến nghị
    hear = Step(Perm.CONCLUDE, title=_("Xem xét kiến nghị"), due=due.appraisal).Next(this.is_survey_in)

    is_survey_in = nodes.If(this.has_survey_points).Then(this.finish).Else(this.wait_survey)

    # Tự động: chờ điểm điều tra xã hội học
    wait_survey = nodes.Handle().Next(this.finish)

    finish = nodes.Function(this.to_final).Next(this.end)

    end = nodes.End()

    def begin(self, activation: Any, dossier: Dossier) -> Any:
        activation.process.artifact = dossier
        return activation.process

    def open_shares(self, activation: Any) -> list[Share]:
        return open_shares(Dossier.objects.select_related("cycle_group").get(pk=activation.process.artifact_object_id))

    def open_domains(self, activation: Any) -> list[DomainAppraisal]:
        return list(
            DomainAppraisal.objects.filter(dossier_id=activation.process.artifact_object_id, finished_at=None)
            .select_related("domain")
            .order_by("domain__order")
        )

    def has_survey_points(self, activation: Any) -> bool:
        return cycles.survey_ready(Cycle.objects.get(dossiers=activation.process.artifact_object_id))

    def to_final(self, activation: Any) -> None:
        appraisal.finalize(activation.process.artifact)


class PlanTaskFlow(flow.Flow):
    """Báo cáo tiến độ nhiệm vụ của kế hoạch"""

    lock_impl = SelectForUpdateLock(nowait=False)

    start = nodes.StartHandle(this.begin).Next(this.report)

    # Đầu mối của đơn vị chủ trì: tiến độ, số liệu chỉ tiêu, tài liệu
    report = Step(Perm.REPORT_PROGRESS, title=_("Báo cáo tiến độ nhiệm vụ"), due=due.report).Next(this.is_sent)

    # Báo cáo do Sở Nội vụ ghi thay thì không phải chờ xác nhận
    is_sent = nodes.If(report_at(TaskReport.State.SENT)).Then(this.verify).Else(this.end)

    # Sở Nội vụ: xác nhận, hoặc trả lại kèm ý kiến
    verify = Step(Perm.MANAGE_PLANS, title=_("Xác nhận báo cáo tiến độ"), due=due.verification).Next(this.is_accepted)

    is_accepted = nodes.If(report_at(TaskReport.State.ACCEPTED)).Then(this.end).Else(this.report)

    end = nodes.End()

    def begin(self, activation: Any, report: TaskReport) -> Any:
        activation.process.artifact = report
        return activation.process
