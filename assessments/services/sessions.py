"""Phiên họp hội đồng: prepared by the secretary, opened by the chair, every matter decided with how it was decided.

Whoever has a conflict of interest with the unit of a matter neither records nor votes on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from criteria.points import NumberError, parse_points
from criteria.scoring import format_points
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..bench import conflicting_units
from ..errors import Conflict, InvalidInput, WrongStage
from ..models import (
    VOTING_ROLES,
    AgendaItem,
    Appeal,
    Attendance,
    Council,
    CouncilMember,
    CouncilSession,
    Cycle,
    Dossier,
    Vote,
)
from ..moves import lock_cycle
from ..stages import Stage
from ..visibility import has_conflict
from . import rounds
from .appraisal import read_points

State = CouncilSession.State


def quorum(members: int) -> int:
    """How many of `members` with a vote must be present: more than half, as bodies that decide by majority do."""
    return members // 2 + 1


@dataclass(frozen=True)
class Turnout:
    """Members with a vote, and how many of them are present."""

    members: int
    present: int

    @classmethod
    def of(cls, people: Iterable[Attendance]) -> Turnout:
        """Counted from the list of a meeting, with its seats."""
        found = [row.present for row in people if row.seat.role in VOTING_ROLES]
        return cls(members=len(found), present=sum(1 for present in found if present))

    @property
    def needed(self) -> int:
        return quorum(self.members)

    @property
    def enough(self) -> bool:
        return self.members > 0 and self.present >= self.needed


def turnout(session: CouncilSession) -> Turnout:
    """Who came, of those with a vote; one query."""
    return Turnout.of(session.attendance.select_related("seat"))


def _lock(session: CouncilSession, states: Collection[str]) -> tuple[CouncilSession, Cycle]:
    """The session and its cycle, both locked; the cycle first, so that meetings of a council never cross."""
    cycle = lock_cycle(Cycle(pk=session.council.cycle_id))
    fresh = CouncilSession.objects.select_for_update(of=("self",)).select_related("council").get(pk=session.pk)
    if fresh.state not in states:
        raise WrongStage(
            _("Phiên họp đang ở trạng thái “%(state)s” nên không làm được việc này. Hãy tải lại trang.")
            % {"state": fresh.get_state_display()}
        )
    return fresh, cycle


def _require_recorder(cycle: Cycle, by: User) -> None:
    """What is said in a meeting is written down by whoever prepares it or leads it."""
    if not access.allowed(Perm.CHAIR, by, cycle):
        access.require(Perm.MANAGE_COUNCIL, by, cycle)


def require_impartial(item: AgendaItem, by: User) -> None:
    """Raise NotAllowed where `by` has a conflict of interest with the unit of `item`."""
    if item.score is not None and has_conflict(by, item.score.dossier):
        raise NotAllowed(
            _("Bạn có xung đột lợi ích với %(unit)s nên không ghi quyết định về nội dung này.")
            % {"unit": item.score.dossier.unit}
        )


@dataclass(frozen=True)
class Details:
    """When, where and by whom a meeting is held."""

    held_at: dt.datetime
    place: str
    chaired_by: User
    minutes_by: User

    def problems(self, council: Council) -> dict[str, str]:
        found = {}
        if not self.place.strip():
            found["place"] = _("Hãy ghi địa điểm họp.")
        seats = set(council.members.filter(active=True).values_list("user", flat=True))
        for name, person in (("chaired_by", self.chaired_by), ("minutes_by", self.minutes_by)):
            if person.pk not in seats:
                found[name] = _("%(who)s không có trong hội đồng. Hãy chọn người khác.") % {"who": person}
        if not found and self.chaired_by.pk == self.minutes_by.pk:
            found["minutes_by"] = _("Chủ trì và thư ký phiên họp phải là hai người.")
        return found


@transaction.atomic
def prepare(cycle: Cycle, details: Details, *, by: User) -> CouncilSession:
    """A new meeting with the next number and every seat of the council on its list. Raises InvalidInput."""
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    council = Council.objects.get(cycle=cycle)
    if problems := details.problems(council):
        raise InvalidInput(problems)
    last = council.sessions.aggregate(last=Max("number"))["last"] or 0
    session = CouncilSession.objects.create(
        council=council,
        number=last + 1,
        held_at=details.held_at,
        place=details.place.strip(),
        chaired_by=details.chaired_by,
        minutes_by=details.minutes_by,
    )
    _complete_list(session)
    _record(cycle, "session_prepare", session, by=by, held_at=session.held_at)
    return session


@transaction.atomic
def change(session: CouncilSession, details: Details, *, by: User) -> CouncilSession:
    """Other day, place, chair or secretary, until the meeting is concluded. Raises InvalidInput."""
    session, cycle = _lock(session, [State.PREPARING, State.OPEN])
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    if problems := details.problems(session.council):
        raise InvalidInput(problems)
    session.held_at, session.place = details.held_at, details.place.strip()
    session.chaired_by, session.minutes_by = details.chaired_by, details.minutes_by
    session.save()
    _record(cycle, "session_change", session, by=by, held_at=session.held_at)
    return session


def _record(cycle: Cycle, action: str, session: CouncilSession, *, by: User, reason: str = "", **after: Any) -> None:
    ledger.record(cycle, action, by=by, after={"session": session.number, **after}, reason=reason)


def _complete_list(session: CouncilSession) -> None:
    """Everybody who sits now stands on the list; who left before the meeting is taken off it."""
    seats = CouncilMember.objects.filter(council=session.council_id, active=True, user__is_active=True)
    listed = set(session.attendance.values_list("seat", flat=True))
    Attendance.objects.bulk_create([Attendance(session=session, seat=seat) for seat in seats if seat.pk not in listed])
    session.attendance.filter(present=None).exclude(seat__in=seats).delete()


@dataclass(frozen=True)
class Presence:
    """What is noted of one seat."""

    present: bool | None
    reason: str = ""
    represented_by: str = ""


@transaction.atomic
def note_attendance(session: CouncilSession, noted: Mapping[int, Presence], *, by: User) -> None:
    """Who came, by seat. An absent member needs a reason. Raises InvalidInput.

    Whoever is noted as absent loses the votes that were written down for them on matters not concluded yet.
    """
    session, cycle = _lock(session, [State.PREPARING, State.OPEN])
    _require_recorder(cycle, by)
    _complete_list(session)
    errors = {}
    rows = list(session.attendance.select_related("seat__user"))
    for row in rows:
        wanted = noted.get(row.seat_id)
        if wanted is None:
            continue
        row.present = wanted.present
        row.reason = wanted.reason.strip() if wanted.present is False else ""
        row.represented_by = wanted.represented_by.strip() if wanted.present is False else ""
        if row.present is False and not row.reason:
            errors[f"reason.{row.seat_id}"] = _("Hãy ghi lý do vắng của %(who)s.") % {"who": row.seat.user}
    if errors:
        raise InvalidInput(errors)
    Attendance.objects.bulk_update(rows, ["present", "reason", "represented_by"])
    gone = [row.seat_id for row in rows if not row.present]
    Vote.objects.filter(item__session=session, member__in=gone).delete()
    _record(cycle, "session_attendance", session, by=by, present=sum(1 for row in rows if row.present))


@transaction.atomic
def open_session(session: CouncilSession, *, by: User) -> CouncilSession:
    """The chair opens the meeting: there is an agenda, and more than half of the members with a vote are present."""
    session, cycle = _lock(session, [State.PREPARING])
    access.require(Perm.CHAIR, by, cycle)
    if not session.items.exists():
        raise InvalidInput({"agenda": _("Chương trình chưa có nội dung nào. Hãy thêm nội dung trước khi khai mạc.")})
    require_quorum(session)
    if CouncilSession.objects.filter(council=session.council_id, state=State.OPEN).exists():
        raise WrongStage(_("Hội đồng đang họp một phiên khác. Hãy kết luận phiên đó trước."))
    session.state, session.opened_at = State.OPEN, clock.now()
    session.save()
    _record(cycle, "session_open", session, by=by)
    return session


def require_quorum(session: CouncilSession) -> None:
    """Raise InvalidInput unless more than half of the members with a vote are noted as present."""
    found = turnout(session)
    if not found.enough:
        raise InvalidInput(
            {
                "attendance": _(
                    "Có mặt %(present)s/%(members)s thành viên có quyền biểu quyết, cần ít nhất %(needed)s (quá nửa). "
                    "Hãy ghi lại điểm danh, hoặc dời phiên họp sang ngày khác."
                )
                % {"present": found.present, "members": found.members, "needed": found.needed}
            }
        )


@transaction.atomic
def gather(session: CouncilSession, *, by: User) -> tuple[int, int]:
    """Put every open difference and every open appeal on the agenda; returns how many of each were added.

    What already stands on the agenda of a meeting that is not concluded is left where it is.
    """
    session, cycle = _lock(session, [State.PREPARING, State.OPEN])
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    waiting = set(
        AgendaItem.objects.filter(session__council=session.council_id, applied_at=None, score__isnull=False)
        .exclude(state=AgendaItem.State.PUT_OFF)
        .values_list("score", flat=True)
    ) | set(session.items.filter(score__isnull=False).values_list("score", flat=True))
    order = _last(session)
    rows: list[AgendaItem] = []
    if cycle.double_scoring:
        for dossier in cycle.dossiers.filter(stage=Stage.REVIEWING).select_related("cycle").order_by("unit__order"):
            rows += [
                AgendaItem(kind=AgendaItem.Kind.DISPUTE, score=dispute.score)
                for dispute in rounds.disputes(dossier)
                if dispute.score.pk not in waiting
            ]
    disputes = len(rows)
    appeals = Appeal.objects.filter(score__dossier__cycle=cycle, score__dossier__stage=Stage.HEARING, accepted=None)
    rows += [
        AgendaItem(kind=AgendaItem.Kind.APPEAL, score_id=appeal.score_id, appeal=appeal)
        for appeal in appeals.order_by("score__dossier__unit__order", "score__criterion__order")
        if appeal.score_id not in waiting
    ]
    for number, row in enumerate(rows, start=order + 1):
        row.session, row.order = session, number
    AgendaItem.objects.bulk_create(rows)
    if rows:
        _record(cycle, "session_agenda", session, by=by, disputes=disputes, appeals=len(rows) - disputes)
    return disputes, len(rows) - disputes


def _last(session: CouncilSession) -> int:
    return session.items.aggregate(last=Max("order"))["last"] or 0


@transaction.atomic
def add_topic(session: CouncilSession, question: str, *, by: User) -> AgendaItem:
    """A free topic at the end of the agenda. Raises InvalidInput."""
    session, cycle = _lock(session, [State.PREPARING, State.OPEN])
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    if not question.strip():
        raise InvalidInput({"question": _("Hãy ghi nội dung cần họp.")})
    made = AgendaItem.objects.create(
        session=session, order=_last(session) + 1, kind=AgendaItem.Kind.TOPIC, question=question.strip()
    )
    _record(cycle, "session_agenda", session, by=by, topic=made.question)
    return made


def _lock_item(item: AgendaItem, states: Collection[str]) -> tuple[AgendaItem, CouncilSession, Cycle]:
    session, cycle = _lock(item.session, states)
    fresh = (
        AgendaItem.objects.select_for_update(of=("self",))
        .select_related("score__dossier__unit", "score__dossier__cycle", "score__criterion__criteria_set", "appeal")
        .get(pk=item.pk)
    )
    return fresh, session, cycle


@transaction.atomic
def move(item: AgendaItem, *, down: bool, by: User) -> None:
    """One place up or down in the agenda; at its end nothing happens."""
    item, session, cycle = _lock_item(item, [State.PREPARING, State.OPEN])
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    rows = list(session.items.all())
    at = next(place for place, row in enumerate(rows) if row.pk == item.pk)
    to = at + 1 if down else at - 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for number, row in enumerate(rows, start=1):
        row.order = number
    AgendaItem.objects.bulk_update(rows, ["order"])


@transaction.atomic
def take_off(item: AgendaItem, *, by: User) -> None:
    """Take a matter off the agenda of a meeting that has not begun."""
    item, session, cycle = _lock_item(item, [State.PREPARING])
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    _record(cycle, "session_take_off", session, by=by, item=item.order)
    item.delete()


@transaction.atomic
def put_off(item: AgendaItem, reason: str, *, by: User) -> AgendaItem:
    """Leave a matter to a later meeting. Raises InvalidInput without a reason."""
    item, session, cycle = _lock_item(item, [State.PREPARING, State.OPEN])
    _require_recorder(cycle, by)
    require_impartial(item, by)
    if not reason.strip():
        raise InvalidInput({"put_off_reason": _("Hãy ghi vì sao để lại phiên sau.")})
    item.votes.all().delete()
    item.state, item.put_off_reason = AgendaItem.State.PUT_OFF, reason.strip()
    item.how, item.points, item.reason, item.decided_at, item.decided_by = "", None, "", None, None
    item.version += 1
    item.save()
    _record(cycle, "session_put_off", session, by=by, reason=item.put_off_reason, item=item.order)
    return item


@dataclass(frozen=True)
class Decision:
    """What was decided, as typed. `votes` by seat: a `Vote.Choice`, or points ("2,5"); a member left out abstains."""

    how: str
    points: str = ""
    reason: str = ""
    votes: Mapping[int, str] | None = None


@transaction.atomic
def decide(item: AgendaItem, decision: Decision, *, version: int, by: User) -> AgendaItem:
    """Write down what the council decided on a matter; until the meeting is concluded it may be written anew.

    By vote, points stand where more than half of those who may vote and are present are for them. Raises InvalidInput,
    or Conflict where somebody else wrote a decision meanwhile.
    """
    item, session, cycle = _lock_item(item, [State.OPEN])
    _require_recorder(cycle, by)
    require_impartial(item, by)
    if item.version != version:
        raise Conflict(_("Người khác vừa ghi quyết định về nội dung này. Hãy so sánh rồi ghi lại."), item)
    errors: dict[str, str] = {}
    points = _decided_points(item, decision, errors)
    reason = decision.reason.strip()
    if item.score is None or item.kind == AgendaItem.Kind.APPEAL:
        if not reason:
            errors["reason"] = _("Hãy ghi kết luận của hội đồng về nội dung này.")
    elif not errors and points != item.score.self_points and not reason:
        errors["reason"] = _("Điểm thống nhất khác điểm tự chấm: hãy ghi lý do để đơn vị biết vì sao.")
    if decision.how not in AgendaItem.How.values:
        errors["how"] = _("Hãy chọn cách quyết định: đồng thuận hoặc biểu quyết.")
    votes: list[Vote] = []
    if decision.how == AgendaItem.How.VOTE:
        votes = _votes(item, session, decision.votes or {}, points, errors)
    if errors:
        raise InvalidInput(errors)
    item.state, item.put_off_reason = AgendaItem.State.DECIDED, ""
    item.how, item.points, item.reason = decision.how, points, reason
    item.decided_at, item.decided_by = clock.now(), by
    item.version += 1
    item.save()
    item.votes.all().delete()
    Vote.objects.bulk_create(votes)
    _record(cycle, "session_decide", session, by=by, reason=reason, item=item.order, how=item.how, points=points)
    return item


def _decided_points(item: AgendaItem, decision: Decision, errors: dict[str, str]) -> Decimal | None:
    """Empty points keep what was appraised (an appeal) or leave out what the unit left out (a dispute)."""
    if item.score is None:
        return None
    if item.appeal is not None and not decision.points.strip():
        return item.score.appraised_points
    if not decision.points.strip() and not item.score.not_applicable:
        errors["points"] = _("Hãy nhập điểm mà hội đồng quyết định.")
        return None
    try:
        return read_points(item.score, decision.points)
    except InvalidInput as error:
        errors.update(error.errors)
        return None


def voters(session: CouncilSession) -> list[Attendance]:
    """Members with a vote who are present, in the order of the list."""
    rows = session.attendance.filter(present=True, seat__role__in=VOTING_ROLES)
    return list(rows.select_related("seat__user"))


def barred(session: CouncilSession, seats: Sequence[CouncilMember]) -> dict[int, frozenset[int]]:
    """Units on which each seat does not vote, by seat; two queries."""
    units = conflicting_units(session.council.cycle_id, seats)
    return {seat.pk: units[seat.user_id] for seat in seats}


def _votes(
    item: AgendaItem, session: CouncilSession, typed: Mapping[int, str], points: Decimal | None, errors: dict[str, str]
) -> list[Vote]:
    """The votes as rows; adds to `errors` where they do not carry the decision."""
    seats = [row.seat for row in voters(session)]
    kept_out = barred(session, seats)
    unit = item.score.dossier.unit_id if item.score is not None else None
    able = {seat.pk: seat for seat in seats if unit not in kept_out[seat.pk]}
    votes = []
    for seat_id, text in typed.items():
        if not text.strip():
            continue
        if seat_id not in able:
            errors[f"vote.{seat_id}"] = _("Người này không biểu quyết được: vắng mặt hoặc có xung đột lợi ích.")
            continue
        vote = Vote(item=item, member=able[seat_id])
        if text in Vote.Choice.values:
            vote.choice = text
        else:
            try:
                vote.points = parse_points(text)
            except NumberError as error:
                errors[f"vote.{seat_id}"] = str(error)
                continue
        votes.append(vote)
    if not votes and not errors:
        errors["how"] = _("Chưa ghi phiếu nào. Hãy ghi ý kiến của từng thành viên, hoặc chọn “Đồng thuận”.")
    if item.score is not None and not errors:
        favour = sum(
            1 for vote in votes if vote.choice == Vote.Choice.FOR or (vote.points == points and points is not None)
        )
        if favour * 2 <= len(able):
            errors["points"] = _(
                "%(favour)s/%(able)s thành viên đồng ý với %(points)s điểm, chưa quá nửa. Hãy biểu quyết lại, chọn mức "
                "điểm khác, hoặc để lại phiên sau."
            ) % {"favour": favour, "able": len(able), "points": "–" if points is None else format_points(points)}
    return votes


def waiting_dossiers(session: CouncilSession) -> list[Dossier]:
    """Dossiers that have a matter on the agenda, in the order of their keys."""
    ids = session.items.filter(score__isnull=False).values("score__dossier")
    return list(Dossier.objects.filter(pk__in=ids).select_related("unit", "cycle").order_by("pk"))
