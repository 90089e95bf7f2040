"""How a task is named to the person who does it, and the page on which it is done."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.stages import WAITING_FOR, Stage

from .models import WorkItem

ACTIONS = {
    "cycle.open": "open-cycle",
    "cycle.collect": "close-collection",
    "cycle.merge_survey": "survey",
    "cycle.council_concludes": "conclude-cycle",
    "cycle.propose": "propose",
    "cycle.decide": "decide",
    "cycle.publish": "publish",
    "dossier.assign": "assign",
    "dossier.self_assess": "sheet",
    "dossier.check": "check",
    "dossier.approve": "approve",
    "dossier.submit": "submit",
    "dossier.appraise": "appraise-domain",
    "dossier.review": "review",
    "dossier.supplement": "supplement",
    "dossier.respond": "respond",
    "dossier.hear": "hear",
    "plantask.report": "plan-report",
    "plantask.verify": "plan-report-verify",
}


def item_title(item: WorkItem) -> str:
    """What is to be done, on what: "Thẩm định · Sở Tư pháp · Lĩnh vực 3: Cải cách thủ tục hành chính"."""
    parts = [str(item.task.flow_task.task_title)]
    if item.report is not None:
        parts += [item.report.body, item.report.task.name]
    if item.dossier is not None:
        parts.append(str(item.dossier.unit))
    if item.domain is not None:
        part = _("Lĩnh vực %(code)s: %(name)s") % {"code": item.domain.code, "name": item.domain.name}
        if item.criteria is not None:
            part += " " + _("(%(count)s tiêu chí)") % {"count": item.criteria}
        parts.append(part)
    return " · ".join(parts)


def item_url(item: WorkItem) -> str:
    """Where the task is done."""
    name = ACTIONS[item.node]
    if item.report_id is not None:
        return reverse(name, args=[item.report_id])
    if item.dossier_id is None:
        return reverse(name, args=[item.cycle_id])
    if item.domain_id is not None:
        return reverse(name, args=[item.dossier_id, item.domain_id])
    return reverse(name, args=[item.dossier_id])


LABELS = {
    "cycle.open": _l("Mở đợt"),
    "cycle.collect": _l("Xem tiến độ"),
    "cycle.merge_survey": _l("Mở điều tra"),
    "cycle.council_concludes": _l("Kết luận"),
    "cycle.propose": _l("Lập tờ trình"),
    "cycle.decide": _l("Xem và quyết định"),
    "cycle.publish": _l("Công bố"),
    "dossier.assign": _l("Phân công"),
    "dossier.self_assess": _l("Nhập kết quả"),
    "dossier.check": _l("Rà soát"),
    "dossier.approve": _l("Xem và duyệt"),
    "dossier.submit": _l("Gửi hồ sơ"),
    "dossier.appraise": _l("Thẩm định"),
    "dossier.review": _l("Tổng hợp"),
    "dossier.supplement": _l("Bổ sung ngay"),
    "dossier.respond": _l("Xem kết quả"),
    "dossier.hear": _l("Xem xét"),
    "plantask.report": _l("Báo cáo"),
    "plantask.verify": _l("Xác nhận"),
}


def action_label(item: WorkItem) -> str:
    """The word on the button."""
    return str(LABELS[item.node])


def item_sub(item: WorkItem) -> str:
    """One line of context under the title."""
    if item.report is not None:
        return f"{item.report.period_words} · {item.report.task.plan.number}"
    assert item.cycle is not None
    if item.dossier is None:
        return str(item.cycle.plan)
    return _("Đợt đánh giá năm %(year)s · %(stage)s") % {
        "year": item.cycle.year,
        "stage": WAITING_FOR[Stage(item.dossier.stage)],
    }
