"""Concluding a meeting of the council: what was decided becomes the scores', all at once, and the meeting is sealed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from criteria.scoring import format_points
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..errors import Incomplete, InvalidInput, WrongStage
from ..models import AgendaItem, Appeal, CouncilSession, Cycle, Dossier
from ..moves import lock_cycle, lock_dossier
from ..stages import Stage
from ..visibility import conflicted
from .appraisal import answer_appeals, close_review, settle_dispute
from .sessions import require_quorum, waiting_dossiers

State = AgendaItem.State
Kind = AgendaItem.Kind

# Runs a service on a dossier within the dossier's task "review" or "hear", which it finishes.
Move = Callable[[Dossier, str, Callable[[], None]], None]


def dossiers_on(session: CouncilSession) -> QuerySet[Dossier]:
    """Dossiers that concluding the meeting may move."""
    return Dossier.objects.filter(pk__in=[dossier.pk for dossier in waiting_dossiers(session)])


@transaction.atomic
def conclude(session: CouncilSession, *, finish_reviews: bool, move: Move, by: User) -> None:
    """The chair concludes: every decision is applied, tasks move on, and nothing of the meeting changes any more.

    All appeals of a dossier are answered together: where some of them were put off, or are not on the agenda, the
    dossier's appeals go to a later meeting. With `finish_reviews` a dossier whose last difference was settled here is
    closed as its secretary would. Of two who conclude at once the second gets WrongStage with who was first. Raises
    InvalidInput, NotAllowed, WrongStage.
    """
    cycle = lock_cycle(Cycle(pk=session.council.cycle_id))
    access.require(Perm.CHAIR, by, cycle)
    session = (
        CouncilSession.objects.select_for_update(of=("self",))
        .select_related("council", "concluded_by")
        .get(pk=session.pk)
    )
    if session.concluded_at is not None:
        raise WrongStage(
            _("Phiên họp đã được %(who)s kết luận lúc %(at)s; không có gì thay đổi thêm.")
            % {"who": session.concluded_by, "at": f"{session.concluded_at.astimezone(clock.LOCAL):%H:%M %d/%m/%Y}"}
        )
    if session.state != CouncilSession.State.OPEN:
        raise WrongStage(_("Phiên họp chưa khai mạc nên chưa kết luận được."))
    items = list(
        session.items.select_for_update(of=("self",)).select_related("score__criterion", "score__dossier", "appeal")
    )
    _require_ready(session, items, by)
    for dossier in waiting_dossiers(session):
        own = [item for item in items if item.score is not None and item.score.dossier_id == dossier.pk]
        _conclude_dossier(lock_dossier(dossier), own, finish_reviews=finish_reviews, move=move, by=by)
    session.state = CouncilSession.State.CONCLUDED
    session.concluded_at, session.concluded_by = clock.now(), by
    session.save()
    decided = sum(1 for item in items if item.state == State.DECIDED)
    after = {"session": session.number, "decided": decided, "put_off": len(items) - decided}
    ledger.record(cycle, "session_conclude", by=by, after=after)


def _require_ready(session: CouncilSession, items: Sequence[AgendaItem], by: User) -> None:
    require_quorum(session)
    open_items = [item for item in items if item.state == State.OPEN]
    if open_items:
        raise InvalidInput(
            {
                "agenda": _(
                    "Còn %(count)s nội dung chưa quyết định (số %(numbers)s). Hãy quyết định hoặc để lại phiên sau."
                )
                % {"count": len(open_items), "numbers": ", ".join(str(item.order) for item in open_items)}
            }
        )
    decided = {item.score.dossier_id for item in items if item.score is not None and item.state == State.DECIDED}
    own = Dossier.objects.filter(conflicted(by), pk__in=decided).select_related("unit")
    if own:
        raise NotAllowed(
            _("Bạn có xung đột lợi ích với %(units)s. Hãy để Phó Chủ tịch hội đồng kết luận phiên họp này.")
            % {"units": ", ".join(str(dossier.unit) for dossier in own)}
        )


def _conclude_dossier(
    dossier: Dossier, items: Sequence[AgendaItem], *, finish_reviews: bool, move: Move, by: User
) -> None:
    decided = [item for item in items if item.state == State.DECIDED]
    disputes = [item for item in decided if item.kind == Kind.DISPUTE]
    appeals = [item for item in decided if item.kind == Kind.APPEAL]
    if disputes:
        _apply_disputes(dossier, disputes, finish_reviews=finish_reviews, move=move, by=by)
    if appeals:
        _apply_appeals(dossier, appeals, move=move, by=by)


def _apply_disputes(
    dossier: Dossier, items: Sequence[AgendaItem], *, finish_reviews: bool, move: Move, by: User
) -> None:
    if dossier.stage != Stage.REVIEWING:
        _leave(items, _("Hồ sơ đã qua bước tổng hợp trước khi phiên họp kết luận."))
        return
    for item in items:
        assert item.score is not None
        if item.score.appraised_at is not None:
            _leave([item], _("Điểm đã được thống nhất trước khi phiên họp kết luận."))
            continue
        settle_dispute(item.score, _typed(item), reason=item.reason, version=None, dossier=dossier, by=by)
        _applied([item])
    if finish_reviews:
        try:
            with transaction.atomic():
                move(dossier, "review", lambda: close_review(lock_dossier(dossier), by=by))
        except Incomplete:
            return  # something else is missing: the secretary closes the dossier later


def _apply_appeals(dossier: Dossier, items: Sequence[AgendaItem], *, move: Move, by: User) -> None:
    if dossier.stage != Stage.HEARING:
        _leave(items, _("Kiến nghị đã được trả lời trước khi phiên họp kết luận."))
        return
    if left := missing_appeals(dossier, items):
        codes = ", ".join(appeal.score.criterion.code for appeal in left)
        _leave(
            items,
            _(
                "Kiến nghị ở tiêu chí %(codes)s của đơn vị chưa được quyết định; các kiến nghị của một hồ sơ "
                "được trả lời cùng lúc."
            )
            % {"codes": codes},
        )
        return
    decisions = {item.appeal_id: (_typed(item), item.reason) for item in items if item.appeal_id is not None}
    move(dossier, "hear", lambda: answer_appeals(lock_dossier(dossier), decisions, by=by))
    _applied(items)


def missing_appeals(dossier: Dossier, items: Sequence[AgendaItem]) -> list[Appeal]:
    """Open appeals of `dossier` that none of `items` decides."""
    decided = {item.appeal_id for item in items if item.state == State.DECIDED}
    pending = Appeal.objects.filter(score__dossier=dossier, accepted=None).select_related("score__criterion")
    return [appeal for appeal in pending if appeal.pk not in decided]


def _typed(item: AgendaItem) -> str:
    return "" if item.points is None else format_points(item.points)


def _applied(items: Sequence[AgendaItem]) -> None:
    now = clock.now()
    for item in items:
        item.applied_at = now
        item.save(update_fields=["applied_at"])


def _leave(items: Sequence[AgendaItem], reason: str) -> None:
    for item in items:
        item.state, item.put_off_reason = State.PUT_OFF, reason
        item.save(update_fields=["state", "put_off_reason"])
