"""The council's side: thẩm định theo lĩnh vực, yêu cầu bổ sung, kiến nghị, kết luận."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from criteria.models import Criterion
from criteria.points import NumberError, parse_points
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..errors import Conflict, Incomplete, InvalidInput, WrongStage
from ..models import (
    DIRECT_SOURCES,
    Appeal,
    DomainAppraisal,
    Dossier,
    Score,
    SupplementItem,
    SupplementRequest,
)
from ..moves import advance, lock_dossier, require_stage
from ..stages import Stage
from ..visibility import has_conflict, may_appraise, open_appraisal
from . import rounds
from .scores import bounds_error, scores_under, snapshot
from .sharing import start_pass

LEADER = Criterion.SourceChoice.LEADER
SURVEY = Criterion.SourceChoice.SURVEY


def domain_of(score: Score) -> Criterion:
    """The lĩnh vực that a score belongs to."""
    return Criterion.objects.get(
        criteria_set_id=score.criterion.criteria_set_id, parent=None, code=score.criterion.code.split(".")[0]
    )


def domain_scores(dossier: Dossier, domain: Criterion) -> QuerySet[Score]:
    """The scores of one domain that the council may have to deal with, in order (survey criteria included)."""
    return scores_under(dossier.pk, domain.code).select_related("criterion", "appraised_by")


def to_appraise(dossier: Dossier, domain: Criterion) -> QuerySet[Score]:
    """The scores of a domain that its appraiser must settle before the domain is done."""
    return domain_scores(dossier, domain).exclude(source__in=[SURVEY, LEADER])


def _require_appraiser(dossier: Dossier, score: Score, by: User) -> DomainAppraisal | None:
    """Leader points are recorded by the secretary (None), everything else in the domain's open appraisal."""
    if score.source == SURVEY:
        raise InvalidInput({"points": _("Điểm của tiêu chí này lấy từ điều tra xã hội học.")})
    if score.source == LEADER:
        require_council(Perm.CONCLUDE, by, dossier)
        require_stage(dossier, [Stage.APPRAISING, Stage.REVIEWING])
        return None
    return _require_open_domain(dossier, domain_of(score), by)


def _require_open_domain(dossier: Dossier, domain: Criterion, by: User) -> DomainAppraisal:
    """The appraisal of `domain` that is `by`'s and not finished in the present pass. Raises NotAllowed, WrongStage."""
    if not may_appraise(by, dossier, domain):
        _require_no_conflict(dossier, by)
        raise NotAllowed(_("Lĩnh vực %(code)s không được giao cho bạn.") % {"code": domain.code})
    require_stage(dossier, [Stage.APPRAISING])
    mine = open_appraisal(by, dossier, domain)
    if mine is not None:
        return mine
    current = dossier.appraisals.filter(domain=domain, number=dossier.appraisal_pass)
    if current.filter(finished_at=None, barred=by).exists():
        raise NotAllowed(
            _("Bạn đã chấm lĩnh vực %(code)s ở vòng 1 nên vòng 2 do người khác chấm.") % {"code": domain.code}
        )
    if current.filter(finished_at=None).exclude(finished_by=by).exists() and not current.filter(finished_by=by):
        raise NotAllowed(_("Lĩnh vực %(code)s đã được giao cho người khác.") % {"code": domain.code})
    raise WrongStage(_("Lĩnh vực %(code)s đã thẩm định xong ở lượt này.") % {"code": domain.code})


def _require_no_conflict(dossier: Dossier, by: User) -> None:
    if has_conflict(by, dossier):
        raise NotAllowed(_("Bạn thuộc đơn vị này nên không tham gia thẩm định hồ sơ của đơn vị."))


def appraised_side(score: Score) -> dict[str, object]:
    """The council's side of a score, for the ledger."""
    return {
        "appraised_points": score.appraised_points,
        "appraised_reason": score.appraised_reason,
        "settled": score.appraised_at is not None,
    }


@transaction.atomic
def appraise(score: Score, points: str, *, reason: str, version: int, by: User) -> Score:
    """Give `score` the council's points, as typed ("7,5"); an empty text accepts what the unit scored.

    Points that differ from the unit's need a reason, which the unit will read. Self points are never touched.
    Raises InvalidInput, Conflict with the row as it stands, NotAllowed or WrongStage.
    """
    dossier = lock_dossier(Dossier(pk=score.dossier_id))
    fresh = (
        Score.objects.select_for_update(of=("self",))
        .select_related("criterion__criteria_set", "appraised_by")
        .get(pk=score.pk)
    )
    domain_appraisal = _require_appraiser(dossier, fresh, by)
    wanted = read_points(fresh, points)
    reason = reason.strip()
    same = wanted == fresh.self_points
    if not same and fresh.source not in DIRECT_SOURCES and not reason:
        raise InvalidInput({"reason": _("Điểm thẩm định khác điểm tự chấm: hãy ghi lý do để đơn vị biết vì sao.")})
    if domain_appraisal is not None and rounds.blind(dossier) and fresh.appraised_at is None:
        rounds.score_blind(
            fresh,
            wanted,
            reason,
            version=version,
            dossier=dossier,
            appraisal=domain_appraisal,
            message=_("Bạn đã chấm tiêu chí này ở một cửa sổ khác. Hãy so sánh và chọn điểm giữ lại."),
            by=by,
        )
        return fresh
    if fresh.appraised_at is not None and (fresh.appraised_points, fresh.appraised_reason) == (
        wanted,
        reason,
    ):
        return fresh
    if fresh.appraised_version != version:
        raise Conflict(
            _("%(who)s đã chấm tiêu chí này trước bạn. Hãy so sánh và chọn điểm giữ lại.")
            % {"who": fresh.appraised_by or _("Người khác")},
            fresh,
        )
    _settle(fresh, wanted, reason, dossier=dossier, by=by)
    return fresh


def read_points(score: Score, text: str) -> Decimal | None:
    """Typed points within the bounds; empty means the unit's own. Raises InvalidInput."""
    if not text.strip():
        if score.self_points is None and not score.not_applicable:
            raise InvalidInput({"points": _("Đơn vị chưa chấm tiêu chí này: hãy nhập điểm thẩm định và lý do.")})
        return score.self_points
    try:
        wanted = parse_points(text)
    except NumberError as error:
        raise InvalidInput({"points": str(error)}) from error
    problem = bounds_error(score, wanted)
    if problem:
        raise InvalidInput({"points": problem})
    return wanted


def _settle(score: Score, points: Decimal | None, reason: str, *, dossier: Dossier, by: User) -> None:
    before = appraised_side(score)
    score.appraised_points = points
    score.appraised_reason = reason
    score.appraised_at = clock.now()
    score.appraised_by = by
    score.appraised_version += 1
    score.save(
        update_fields=["appraised_points", "appraised_reason", "appraised_at", "appraised_by", "appraised_version"]
    )
    rounds.keep(score, dossier=dossier)
    ledger.record(
        dossier,
        "appraise",
        by=by,
        criterion=score.criterion,
        before=before,
        after=appraised_side(score),
        reason=reason,
    )


@transaction.atomic
def accept_rest(dossier: Dossier, domain: Criterion, *, by: User) -> int:
    """Accept the unit's own points on every criterion of `domain` that is not settled yet; returns how many."""
    dossier = lock_dossier(dossier)
    mine = _require_open_domain(dossier, domain, by)
    open_scores = list(
        to_appraise(dossier, domain)
        .select_for_update(of=("self",))
        .filter(appraised_at=None)
        .exclude(source__in=DIRECT_SOURCES)
        .filter(Q(self_points__isnull=False) | Q(not_applicable=True))
    )
    if rounds.blind(dossier):
        open_scores = rounds.unscored(open_scores, dossier=dossier, seat=mine.seat)
        for score in rounds.shown_to(open_scores, dossier=dossier, seat=mine.seat):
            version = score.appraised_version
            rounds.score_blind(
                score, score.self_points, "", version=version, dossier=dossier, appraisal=mine, message="", by=by
            )
        return len(open_scores)
    for score in open_scores:
        _settle(score, score.self_points, "", dossier=dossier, by=by)
    return len(open_scores)


@transaction.atomic
def finish_domain(dossier: Dossier, domain: Criterion, *, by: User) -> bool:
    """Close `domain` in the present pass; True when it was the last one and the dossier moves to the secretary.

    Where two score it, the second to finish settles what both agree on. Raises Incomplete with the scores that are
    not settled.
    """
    dossier = lock_dossier(dossier)
    mine = _require_open_domain(dossier, domain, by)
    unsettled = list(to_appraise(dossier, domain).filter(appraised_at=None))
    if rounds.blind(dossier):
        unsettled = rounds.unscored(unsettled, dossier=dossier, seat=mine.seat)
    if unsettled:
        raise Incomplete(
            _("Lĩnh vực %(code)s còn %(count)s tiêu chí chưa chấm.") % {"code": domain.code, "count": len(unsettled)},
            unsettled,
        )
    mine.finished_at, mine.finished_by = clock.now(), by
    mine.save(update_fields=["finished_at", "finished_by"])
    ledger.record(dossier, "finish_appraisal", by=by, criterion=domain, after={"pass": dossier.appraisal_pass})
    unfinished = dossier.appraisals.filter(number=dossier.appraisal_pass, finished_at=None)
    if rounds.blind(dossier) and not unfinished.filter(domain=domain).exists():
        scores = list(to_appraise(dossier, domain).select_related("criterion__criteria_set"))
        for score, points, reason in rounds.agreed(scores, dossier=dossier):
            _settle(score, points, reason, dossier=dossier, by=by)
    last = not unfinished.exists()
    if last:
        advance(dossier, Stage.REVIEWING, by=by)
    return last


@transaction.atomic
def agree(score: Score, points: str, *, reason: str, version: int, by: User) -> Score:
    """Settle a criterion on which two scorers differed with what was agreed; the secretary writes it down.

    `reason` is asked for where the points differ from the unit's. Raises InvalidInput, Conflict, WrongStage.
    """
    dossier = lock_dossier(Dossier(pk=score.dossier_id))
    require_council(Perm.CONCLUDE, by, dossier)
    return settle_dispute(score, points, reason=reason, version=version, dossier=dossier, by=by)


def settle_dispute(score: Score, points: str, *, reason: str, version: int | None, dossier: Dossier, by: User) -> Score:
    """`agree` on a locked dossier, for whoever may; `version` None: whatever the row's is. Raises as `agree` does."""
    require_stage(dossier, [Stage.REVIEWING])
    fresh = (
        Score.objects.select_for_update(of=("self",))
        .select_related("criterion__criteria_set", "appraised_by")
        .get(pk=score.pk)
    )
    if not rounds.pairs([fresh], dossier=dossier):
        raise InvalidInput({"points": _("Tiêu chí này không có hai kết quả chấm để thống nhất.")})
    wanted = read_points(fresh, points)
    if wanted != fresh.self_points and not reason.strip():
        raise InvalidInput({"reason": _("Điểm thống nhất khác điểm tự chấm: hãy ghi lý do để đơn vị biết vì sao.")})
    if version is not None and fresh.appraised_version != version:
        raise Conflict(
            _("%(who)s đã ghi điểm thống nhất trước bạn. Hãy so sánh và chọn điểm giữ lại.")
            % {"who": fresh.appraised_by or _("Người khác")},
            fresh,
        )
    _settle(fresh, wanted, reason.strip(), dossier=dossier, by=by)
    return fresh


@transaction.atomic
def request_supplement(
    dossier: Dossier,
    questions: Mapping[int, str],
    *,
    due_on: dt.date,
    due: Mapping[int, dt.date] | None = None,
    by: User,
) -> SupplementRequest:
    """Ask the unit about named criteria; `questions` maps a score's id to what is asked.

    The unit has the whole day `due_on`, or the day that `due` names for a score; the latest is the request's. What each
    criterion looks like now is kept, so that both sides see what changed since. Raises InvalidInput.
    """
    dossier = lock_dossier(dossier)
    require_council(Perm.CONCLUDE, by, dossier)
    require_stage(dossier, [Stage.REVIEWING])
    errors: dict[str, str] = {}
    if not questions:
        errors["questions"] = _("Hãy chọn ít nhất một tiêu chí cần bổ sung.")
    days = {pk: (due or {}).get(pk, due_on) for pk in questions}
    if due_on < clock.today():
        errors["due_on"] = _("Hạn bổ sung phải từ hôm nay trở đi.")
    for pk in due or {}:
        if pk in questions and days[pk] < clock.today():
            errors[f"due.{pk}"] = _("Hạn bổ sung phải từ hôm nay trở đi.")
    scores = {score.pk: score for score in dossier.scores.filter(pk__in=questions).select_related("criterion")}
    for pk, question in questions.items():
        if pk not in scores:
            errors[f"question.{pk}"] = _("Tiêu chí không thuộc hồ sơ này.")
        elif not question.strip():
            errors[f"question.{pk}"] = _("Hãy ghi nội dung cần bổ sung ở tiêu chí %(code)s.") % {
                "code": scores[pk].criterion.code
            }
        elif scores[pk].source in (SURVEY, *DIRECT_SOURCES):
            errors[f"question.{pk}"] = _("Tiêu chí %(code)s không do đơn vị tự chấm.") % {
                "code": scores[pk].criterion.code
            }
    if errors:
        raise InvalidInput(errors)
    request = SupplementRequest.objects.create(
        dossier=dossier, due_on=max(days.values()), asked_by=by, asked_at=clock.now()
    )
    for pk, question in questions.items():
        score = scores[pk]
        SupplementItem.objects.create(
            request=request, score=score, question=question.strip(), due_on=days[pk], before=snapshot(score)
        )
        ledger.record(
            dossier, "ask", by=by, criterion=score.criterion, after={"due_on": days[pk]}, reason=question.strip()
        )
        _reopen(score, dossier=dossier, by=by)
    advance(dossier, Stage.SUPPLEMENTING, by=by)
    return request


def _reopen(score: Score, *, dossier: Dossier, by: User) -> None:
    """Take the council's points back: the unit may now change its own, and they are appraised anew."""
    before = appraised_side(score)
    Score.objects.filter(pk=score.pk).update(
        appraised_points=None,
        appraised_reason="",
        appraised_at=None,
        appraised_by=None,
        appraised_version=F("appraised_version") + 1,
    )
    rounds.reopen(score, dossier=dossier)
    ledger.record(dossier, "reopen_appraisal", by=by, criterion=score.criterion, before=before)


def open_request(dossier: Dossier) -> SupplementRequest | None:
    """The request that waits for an answer, or None."""
    return dossier.supplements.filter(answered_at=None).first()


@transaction.atomic
def answer_supplement(dossier: Dossier, *, by: User) -> None:
    """Send the supplemented criteria back: their domains are appraised once more, everything else stays settled."""
    dossier = lock_dossier(dossier)
    access.require(Perm.SUBMIT, by, dossier.unit)
    require_stage(dossier, [Stage.SUPPLEMENTING])
    request = open_request(dossier)
    if request is None:
        raise WrongStage(_("Không có yêu cầu bổ sung nào đang chờ trả lời."))
    request.answered_at = clock.now()
    request.answered_by = by
    request.save()
    asked = [item.score for item in request.items.select_related("score__criterion")]
    codes = {score.criterion.code.split(".")[0] for score in asked}
    domains = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None, code__in=codes)
    start_pass(dossier, list(domains.order_by("order")))
    advance(dossier, Stage.APPRAISING, by=by)


def require_council(perm: Perm, by: User, dossier: Dossier) -> None:
    """`perm` on the cycle, and no conflict of interest with the dossier's unit."""
    access.require(perm, by, dossier.cycle)
    _require_no_conflict(dossier, by)


@transaction.atomic
def finish_review(dossier: Dossier, *, by: User) -> None:
    """The secretary closes the appraisal: to the unit where the cycle hears appeals, else concluded."""
    dossier = lock_dossier(dossier)
    require_council(Perm.CONCLUDE, by, dossier)
    close_review(dossier, by=by)


def close_review(dossier: Dossier, *, by: User) -> None:
    """`finish_review` on a locked dossier, for whoever may. Raises Incomplete with what is not settled."""
    require_stage(dossier, [Stage.REVIEWING])
    disputed = rounds.disputes(dossier)
    if disputed:
        raise Incomplete(
            _("Còn %(count)s tiêu chí hai người chấm chênh lệch, chưa thống nhất điểm.") % {"count": len(disputed)},
            [dispute.score for dispute in disputed],
        )
    unsettled = list(dossier.scores.filter(source=LEADER, appraised_at=None).select_related("criterion"))
    if unsettled:
        raise Incomplete(
            _("Còn %(count)s tiêu chí do lãnh đạo tỉnh chấm chưa có điểm.") % {"count": len(unsettled)},
            unsettled,
        )
    if dossier.round == 2:
        _answer_by_second_round(dossier, by=by)
        _conclude(dossier, by=by)
    elif dossier.cycle.appeals:
        advance(dossier, Stage.RESPONDING, by=by)
    else:
        _conclude(dossier, by=by)


def _answer_by_second_round(dossier: Dossier, *, by: User) -> None:
    """What the second round gave is the answer to each appeal."""
    for appeal in Appeal.objects.filter(score__dossier=dossier, accepted=None).select_related("score__criterion"):
        score = appeal.score
        first = score.rounds.get(round=1, seat=rounds.SETTLED)
        appeal.accepted = score.appraised_points != first.points
        appeal.answer = score.appraised_reason or _("Vòng 2 chấp nhận điểm đơn vị tự chấm.")
        appeal.decided_points = score.appraised_points
        appeal.decided_by, appeal.decided_at = score.appraised_by, clock.now()
        appeal.save()
        ledger.record(
            dossier,
            "decide_appeal",
            by=by,
            criterion=score.criterion,
            after={"accepted": appeal.accepted, "points": appeal.decided_points},
            reason=appeal.answer,
        )


def _second_round(dossier: Dossier, contested: Sequence[Score], *, by: User) -> None:
    """Contested criteria are appraised once more, by other people than in the first round where there are some."""
    for score in contested:
        _reopen(score, dossier=dossier, by=by)
    codes = {score.criterion.code.split(".")[0] for score in contested}
    domains = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None, code__in=codes)
    start_pass(dossier, list(domains.order_by("order")))
    advance(dossier, Stage.APPRAISING, by=by)


def _conclude(dossier: Dossier, *, by: User | None) -> None:
    dossier.concluded_at = clock.now()
    advance(dossier, Stage.CONCLUDED, by=by)


@dataclass(frozen=True)
class Wanted:
    """What a unit asks for on one criterion."""

    score_id: int
    points: str
    reason: str


@transaction.atomic
def respond(dossier: Dossier, appeals: Sequence[Wanted], *, by: User | None) -> None:
    """The unit answers its provisional result: no appeal means that it agrees.

    `by` is None where the window closed and the system answers for the unit. Raises InvalidInput.
    """
    dossier = lock_dossier(dossier)
    if by is not None:
        access.require(Perm.SUBMIT, by, dossier.unit)
    require_stage(dossier, [Stage.RESPONDING])
    if not appeals or by is None:
        _conclude(dossier, by=by)
        return
    errors: dict[str, str] = {}
    scores = {
        score.pk: score
        for score in dossier.scores.filter(pk__in=[wanted.score_id for wanted in appeals]).select_related(
            "criterion__criteria_set"
        )
    }
    asked: set[int] = set()
    for wanted in appeals:
        if wanted.score_id in asked:
            errors[f"appeal.{wanted.score_id}"] = _("Mỗi tiêu chí chỉ kiến nghị một lần.")
            continue
        asked.add(wanted.score_id)
        score = scores.get(wanted.score_id)
        if score is None or score.source in (SURVEY, *DIRECT_SOURCES):
            errors[f"appeal.{wanted.score_id}"] = _("Không kiến nghị được ở tiêu chí này.")
            continue
        try:
            points = read_points(score, wanted.points or " ")
        except InvalidInput as error:
            errors[f"points.{score.pk}"] = str(error)
            continue
        if not wanted.reason.strip():
            errors[f"reason.{score.pk}"] = _("Hãy ghi lý do kiến nghị ở tiêu chí %(code)s.") % {
                "code": score.criterion.code
            }
            continue
        if points is None or points == score.appraised_points:
            errors[f"points.{score.pk}"] = _("Điểm đề nghị ở tiêu chí %(code)s phải khác điểm thẩm định.") % {
                "code": score.criterion.code
            }
            continue
        Appeal.objects.create(
            score=score, reason=wanted.reason.strip(), wanted_points=points, filed_by=by, filed_at=clock.now()
        )
        ledger.record(
            dossier,
            "appeal",
            by=by,
            criterion=score.criterion,
            after={"wanted_points": points},
            reason=wanted.reason.strip(),
        )
    if errors:
        raise InvalidInput(errors)
    dossier.round = 2
    if dossier.cycle.rounds == 2:
        _second_round(dossier, [scores[pk] for pk in asked], by=by)
    else:
        advance(dossier, Stage.HEARING, by=by)


@transaction.atomic
def decide_appeals(dossier: Dossier, decisions: Mapping[int, tuple[str, str]], *, by: User) -> None:
    """Decide every appeal of a dossier and conclude it.

    `decisions` maps an appeal's id to (points as typed, answer). Points other than the appraised ones mean that the
    appeal is accepted, wholly or in part. Raises InvalidInput naming each appeal that is not decided.
    """
    dossier = lock_dossier(dossier)
    require_council(Perm.CONCLUDE, by, dossier)
    answer_appeals(dossier, decisions, by=by)


def answer_appeals(dossier: Dossier, decisions: Mapping[int, tuple[str, str]], *, by: User) -> None:
    """`decide_appeals` on a locked dossier, for whoever may. Raises InvalidInput."""
    require_stage(dossier, [Stage.HEARING])
    errors: dict[str, str] = {}
    pending = list(
        Appeal.objects.filter(score__dossier=dossier, accepted=None).select_related("score__criterion__criteria_set")
    )
    for appeal in pending:
        points_text, answer = decisions.get(appeal.pk, ("", ""))
        score = appeal.score
        if not answer.strip():
            errors[f"answer.{appeal.pk}"] = _("Hãy ghi trả lời kiến nghị ở tiêu chí %(code)s.") % {
                "code": score.criterion.code
            }
            continue
        try:
            points = read_points(score, points_text) if points_text.strip() else score.appraised_points
        except InvalidInput as error:
            errors[f"points.{appeal.pk}"] = str(error)
            continue
        appeal.accepted = points != score.appraised_points
        appeal.answer = answer.strip()
        appeal.decided_points = points
        appeal.decided_by = by
        appeal.decided_at = clock.now()
        appeal.save()
        if appeal.accepted:
            reason = "" if points == score.self_points else _("Sau kiến nghị: %(answer)s") % {"answer": answer.strip()}
            _settle(score, points, reason, dossier=dossier, by=by)
        ledger.record(
            dossier,
            "decide_appeal",
            by=by,
            criterion=score.criterion,
            after={"accepted": appeal.accepted, "points": points},
            reason=answer.strip(),
        )
    if errors:
        raise InvalidInput(errors)
    _conclude(dossier, by=by)


@transaction.atomic
def finalize(dossier: Dossier) -> None:
    """The survey is in: nothing more is asked of anybody about this dossier. A second call changes nothing."""
    dossier = lock_dossier(dossier)
    if dossier.stage != Stage.FINAL:
        advance(dossier, Stage.FINAL, by=None)
