"""What the screens of a meeting show: matters with the facts to decide on, never by whom a point was given.

A person with a conflict of interest sees that a matter is on the agenda, and nothing of it. The number of queries does
not grow with the agenda.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from assessments.models import (
    VOTING_ROLES,
    AgendaItem,
    Attendance,
    CouncilMember,
    CouncilSession,
    Dossier,
    RoundScore,
    Score,
    ScoreEvidence,
)
from assessments.services.sessions import Turnout, barred
from assessments.visibility import conflicted, council_cycles
from units.models import User

from .desk import Row, findings, make_row


@dataclass(frozen=True)
class Matter:
    """One item of the agenda as a person may see it. `row` is None for a topic and for whoever may not see it."""

    item: AgendaItem
    number: int
    hidden: bool
    row: Row | None
    first_round: Decimal | None = None
    scorers: tuple[RoundScore, ...] = ()

    @property
    def unit(self) -> str:
        return str(self.item.score.dossier.unit) if self.item.score else ""

    @property
    def title(self) -> str:
        """What is decided on: the criterion, or the topic."""
        return str(self.item.score.criterion) if self.item.score else self.item.question

    @property
    def proposals(self) -> list[Decimal]:
        """Points that lie on the table, in order, each once."""
        if self.item.score is None or self.hidden:
            return []
        found = [self.item.score.self_points, self.item.score.appraised_points, *(row.points for row in self.scorers)]
        if self.item.appeal is not None:
            found.append(self.item.appeal.wanted_points)
        return sorted({points for points in found if points is not None})


def _items(session: CouncilSession) -> QuerySet[AgendaItem]:
    return session.items.select_related(
        "appeal", "decided_by", "score__criterion__criteria_set", "score__dossier__unit", "score__dossier__cycle"
    ).prefetch_related(
        "votes__member__user",
        "score__rounds",
        Prefetch("score__evidence", ScoreEvidence.objects.select_related("version__document", "version__blob")),
        "score__supplement_items",
        findings("score__findings"),
    )


def hidden_dossiers(session: CouncilSession, user: Any) -> frozenset[int]:
    """Dossiers of the cycle of whose content `user` may know nothing here."""
    dossiers = Dossier.objects.filter(cycle=session.council.cycle_id)
    if session.council.cycle_id in council_cycles(user):
        dossiers = dossiers.filter(conflicted(user))
    return frozenset(dossiers.values_list("pk", flat=True))


def matters(session: CouncilSession, user: Any) -> list[Matter]:
    """The agenda in order."""
    kept_out = hidden_dossiers(session, user)
    return [_matter(item, number, kept_out) for number, item in enumerate(_items(session), start=1)]


def _matter(item: AgendaItem, number: int, kept_out: frozenset[int]) -> Matter:
    score = item.score
    if score is None or score.dossier_id in kept_out:
        return Matter(item, number, hidden=score is not None, row=None)
    return Matter(
        item,
        number,
        hidden=False,
        row=make_row(score, score.criterion.criteria_set),
        first_round=_first_round(score),
        scorers=_scorers(score),
    )


def _first_round(score: Score) -> Decimal | None:
    for row in score.rounds.all():
        if (row.round, row.seat) == (1, RoundScore.SETTLED):
            return row.points
    return None


def _scorers(score: Score) -> tuple[RoundScore, ...]:
    """What both scorers gave in the present round, first and second; nothing where one person scores."""
    rows = [
        row
        for row in score.rounds.all()
        if row.round == score.dossier.round and row.seat != RoundScore.SETTLED and row.at is not None
    ]
    return tuple(rows)


@dataclass(frozen=True)
class Guest:
    """One seat on the list of a meeting."""

    row: Attendance

    @property
    def votes(self) -> bool:
        return self.row.seat.role in VOTING_ROLES


def guests(session: CouncilSession) -> list[Guest]:
    """Everybody on the list."""
    return [Guest(row) for row in session.attendance.select_related("seat__user")]


def turnout_of(found: Sequence[Guest]) -> Turnout:
    return Turnout.of(guest.row for guest in found)


@dataclass(frozen=True)
class Voter:
    """A member who is present, and whether they vote on this matter."""

    seat: CouncilMember
    barred: bool
    choice: str

    @property
    def user(self) -> User:
        return self.seat.user


def voters_on(matter: Matter, found: Sequence[Guest]) -> list[Voter]:
    """Members with a vote who are present; those with a conflict of interest are shown and do not vote."""
    seats = [guest.row.seat for guest in found if guest.votes and guest.row.present]
    kept_out = barred(matter.item.session, seats)
    unit = matter.item.score.dossier.unit_id if matter.item.score else None
    given = {vote.member_id: vote.choice or f"{vote.points}" for vote in matter.item.votes.all()}
    return [Voter(seat, unit in kept_out[seat.pk], given.get(seat.pk, "")) for seat in seats]
