"""The ledger of a dossier in words, for those who may read it.

The unit sees what happened inside it and, once its provisional result was given to it, what the council decided. The
council sees what happened to the dossier, not how the unit worked on it before sending. What one of two independent
scorers gave is read by nobody else, and the unit does not read who of the council was given what.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.arrivals import arrival_entry
from assessments.changes import Change
from assessments.models import Dossier, LedgerEntry, SiteFinding
from assessments.stages import Stage
from assessments.visibility import CONCLUDED_STAGES, is_council, sees_appraisal
from evidence.models import Document
from plans.calendar import long_date
from units import access
from units.models import User
from units.permissions import Perm

from .score_words import changes_between, points_words

COUNCIL = ("appraise", "finish_appraisal", "reopen_appraisal", "decide_appeal", "share_out")
# The unit learns of appointments at once, of what a visit found when the council is done with the dossier.
VISIT = ("visit_finding", "visit_done", "visit_file", "visit_file_drop")
BLIND = "score_blind"
COUNCIL_ALONE = (BLIND, "share_out")
INTERNAL = (
    "assign",
    "reassign",
    "set_internal_deadlines",
    "finish_domain",
    "self_score",
    "attach",
    "quote",
    "detach",
    "describe",
    "resolve",
    "self_report",
    "report_totals",
    "signed_report",
)


# Keys under which an entry names a person.
PERSON = ("officer", "appraiser")


@dataclass(frozen=True)
class Line:
    """One thing that happened: when, who, what, and why."""

    at: dt.datetime
    who: str
    words: str
    reason: str
    changes: Sequence[Change] = ()


def visible_entries(dossier: Dossier, user: Any) -> QuerySet[LedgerEntry]:
    """The entries of a dossier that `user` may read, newest first."""
    entries = dossier.ledger.select_related("actor", "on_behalf_of", "criterion").order_by("-seq")
    # what one of two scorers gave is nobody else's to read here, neither the other's nor the unit's
    entries = entries.exclude(Q(action="score_blind") & ~Q(actor=user.pk))
    if not access.allowed(Perm.VIEW_DOSSIER, user, dossier.unit):
        sending = arrival_entry(dossier)
        inside = Q(action__in=INTERNAL)
        shown = entries.exclude(~Q(actor=user), action=BLIND)
        return shown.exclude(inside & Q(seq__lt=sending.seq) if sending else inside)
    shown = entries.exclude(action__in=COUNCIL_ALONE)
    if not sees_appraisal(user, dossier):
        return shown.exclude(action__in=(*COUNCIL, *VISIT))
    if Stage(dossier.stage) not in CONCLUDED_STAGES and not is_council(user, dossier):
        return shown.exclude(action__in=VISIT)
    return shown


def lines(entries: Iterable[LedgerEntry]) -> list[Line]:
    """Entries in words; the names of officers and of documents are read in one query each."""
    rows = list(entries)
    officers = User.objects.in_bulk(
        {facts[key] for row in rows for facts in (row.before, row.after) for key in PERSON if facts.get(key)}
    )
    documents = Document.objects.in_bulk({pk for row in rows if (pk := _document(row)) is not None})
    return [
        Line(
            at=row.at,
            who=_who(row),
            words=words(row, officers, documents),
            reason=row.reason,
            changes=changes_between(row.criterion, row.before, row.after)
            if row.action == "self_score" and row.criterion is not None
            else (),
        )
        for row in rows
    ]


def _document(entry: LedgerEntry) -> int | None:
    """The document that an entry tells of."""
    found: int | None = {**entry.before, **entry.after}.get("document")
    return found


def _who(entry: LedgerEntry) -> str:
    actor = str(entry.actor) if entry.actor else _("Hệ thống")
    if entry.on_behalf_of:
        return _("%(actor)s, thay mặt %(other)s") % {"actor": actor, "other": entry.on_behalf_of}
    return actor


def words(entry: LedgerEntry, officers: Mapping[int, User], documents: Mapping[int, Document]) -> str:
    """What one entry tells."""
    code = entry.criterion.code if entry.criterion else ""
    document = documents.get(_document(entry) or 0)
    title = document.title if document else ""
    after, before = entry.after, entry.before
    match entry.action:
        case "open":
            return _("Mở hồ sơ")
        case "assign":
            return _("Phân công %(what)s cho %(who)s") % {"what": _branch(code), "who": _officer(after, officers)}
        case "reassign":
            return _("Chuyển %(what)s từ %(giver)s sang %(receiver)s") % {
                "what": _branch(code),
                "giver": _officer(before, officers),
                "receiver": _officer(after, officers),
            }
        case "self_score":
            return _("Lưu tiêu chí %(code)s: %(change)s") % {
                "code": code,
                "change": _change(before.get("self_points"), after.get("self_points")),
            }
        case "attach":
            return _("Thêm tài liệu “%(title)s” vào tiêu chí %(code)s") % {"title": title, "code": code}
        case "quote":
            return _("Sửa trích dẫn của “%(title)s” ở tiêu chí %(code)s") % {"title": title, "code": code}
        case "detach":
            return _("Bỏ tài liệu “%(title)s” khỏi tiêu chí %(code)s") % {"title": title, "code": code}
        case "describe":
            return _("Sửa thông tin tài liệu “%(title)s”") % {"title": after.get("title", "")}
        case "finish_domain":
            if after.get("officer", entry.actor_id) == entry.actor_id:
                return _("Báo hoàn thành lĩnh vực %(code)s") % {"code": code}
            return _("Báo hoàn thành lĩnh vực %(code)s, phần của %(who)s") % {
                "code": code,
                "who": _officer(after, officers),
            }
        case "resolve":
            return _("Đã sửa tiêu chí %(code)s theo ý kiến trả lại") % {"code": code}
        case "self_report":
            return _("Sửa nội dung báo cáo tự đánh giá")
        case "report_totals":
            return _("Nhập điểm ghi trong báo cáo tự đánh giá đã ký: tổng %(points)s") % {
                "points": _points(after.get("total"))
            }
        case "signed_report":
            return _("Tải lên báo cáo tự đánh giá đã ký") if after else _("Bỏ báo cáo tự đánh giá đã ký")
        case "take_back":
            return _("Rút lại hồ sơ đã gửi")
        case "stage":
            return _("Chuyển sang bước “%(stage)s”") % {"stage": Stage(after["stage"]).label}
        case "extend":
            return _("Gia hạn đến hết ngày %(day)s") % {"day": long_date(dt.date.fromisoformat(after["until"]))}
        case "withdraw_extension":
            return _("Thu hồi gia hạn")
        case "set_internal_deadlines":
            return _("Đặt hạn nội bộ của đơn vị")
        case "nudge":
            return _("Sở Nội vụ đôn đốc")
        case "ask":
            return _("Hội đồng yêu cầu bổ sung tiêu chí %(code)s") % {"code": code}
        case "appeal":
            return _("Kiến nghị tiêu chí %(code)s: đề nghị %(points)s điểm") % {
                "code": code,
                "points": _points(after.get("wanted_points")),
            }
        case "appraise":
            return _("Thẩm định tiêu chí %(code)s: %(points)s điểm") % {
                "code": code,
                "points": _points(after.get("appraised_points")),
            }
        case "score_blind":
            return _("Chấm độc lập tiêu chí %(code)s: %(points)s điểm") % {
                "code": code,
                "points": _points(after.get("points")),
            }
        case "share_out":
            if not after.get("appraiser"):
                return _("Đưa lĩnh vực %(code)s về cho cả tổ thẩm định") % {"code": code}
            who = officers.get(after["appraiser"], "")
            return _("Giao %(who)s thẩm định lĩnh vực %(code)s") % {"code": code, "who": who}
        case "finish_appraisal":
            return _("Thẩm định xong lĩnh vực %(code)s") % {"code": code}
        case "reopen_appraisal":
            return _("Mở lại thẩm định tiêu chí %(code)s sau bổ sung") % {"code": code}
        case "decide_appeal":
            return _("Trả lời kiến nghị tiêu chí %(code)s: %(points)s điểm") % {
                "code": code,
                "points": _points(after.get("points")),
            }
        case "visit_finding":
            return _("Kiểm tra thực tế tiêu chí %(code)s: %(result)s") % {
                "code": code,
                "result": SiteFinding.Result(after["result"]).label,
            }
    if entry.action in VISIT_WORDS:
        return str(VISIT_WORDS[entry.action])
    return _("Ghi nhận thay đổi %(code)s") % {"code": code}


def _branch(code: str) -> str:
    """A domain has one number, whatever lies below it more."""
    return (_("tiêu chí %(code)s") if "." in code else _("lĩnh vực %(code)s")) % {"code": code}


def _officer(facts: Mapping[str, Any], officers: Mapping[int, User]) -> str:
    return str(officers.get(facts.get("officer", 0), "–"))


VISIT_WORDS = {
    "visit_plan": _l("Hội đồng hẹn kiểm tra thực tế"),
    "visit_replan": _l("Hội đồng đổi lịch kiểm tra thực tế"),
    "visit_cancel": _l("Hội đồng hủy lịch kiểm tra thực tế"),
    "visit_done": _l("Kết thúc kiểm tra thực tế"),
    "visit_share": _l("Gửi đơn vị kết quả kiểm tra thực tế"),
    "visit_file": _l("Thêm tệp của buổi kiểm tra thực tế"),
    "visit_file_drop": _l("Bỏ tệp của buổi kiểm tra thực tế"),
}


def _change(before: Any, after: Any) -> str:
    if before == after:
        return _("%(points)s điểm") % {"points": _points(after)}
    return _("%(before)s → %(after)s điểm") % {"before": _points(before), "after": _points(after)}


def _points(value: Any) -> str:
    return points_words(value) or "–"
