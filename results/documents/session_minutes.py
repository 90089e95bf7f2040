"""Biên bản phiên họp hội đồng: who came, what was on the agenda, what was decided and by how many votes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from assessments.models import VOTING_ROLES, AgendaItem, Attendance, CouncilSession, Vote
from assessments.services.sessions import Turnout, barred
from criteria.scoring import format_number
from plans.calendar import TZ, local_date, long_date
from units.permissions import Role

from .letterhead import council_name, council_of, in_sentence, place_of
from .model import (
    NO_VALUE,
    Align,
    Block,
    Cell,
    Column,
    Document,
    Head,
    Heading,
    List,
    Number,
    Paragraph,
    Row,
    Signature,
    Table,
)

State = AgendaItem.State


def session_minutes(
    session: CouncilSession, *, hidden: Callable[[AgendaItem], bool] = lambda item: False, illustrative: bool = False
) -> Document:
    """The minutes of `session`, seven queries at most beside its own; a draft says so until it is concluded.

    What `hidden` picks is printed without its content: the reader has a conflict of interest.
    """
    cycle = session.council.cycle
    province = cycle.province
    items = list(
        session.items.select_related(
            "score__criterion", "score__dossier__unit", "appeal", "score__dossier__cycle"
        ).prefetch_related("votes__member__user", "score__rounds")
    )
    people = list(session.attendance.select_related("seat__user"))
    present = [row.seat for row in people if row.present and row.seat.role in VOTING_ROLES]
    kept_out = barred(session, present)
    concluded = session.concluded_at is not None
    draft = [] if concluded else [Paragraph("(Dự thảo. Phiên họp chưa kết luận.)", italic=True, align=Align.CENTER)]
    blocks: list[Block] = [
        *draft,
        Heading("I. THỜI GIAN, ĐỊA ĐIỂM, THÀNH PHẦN"),
        Heading("1. Thời gian, địa điểm", 2),
        Paragraph(_times(session)),
        Paragraph(f"Địa điểm: {session.place}."),
        Heading("2. Thành phần", 2),
        *_people(session, people),
        Heading("II. CHƯƠNG TRÌNH"),
        _agenda(items),
        Heading("III. NỘI DUNG VÀ KẾT LUẬN"),
    ]
    for number, item in enumerate(items, start=1):
        unit = item.score.dossier.unit_id if item.score else None
        apart = [seat.user.get_full_name() for seat in present if unit in kept_out[seat.pk]]
        blocks += _item(number, item, hidden=hidden(item), apart=apart)
    blocks.append(
        Paragraph(
            f"Phiên họp kết thúc lúc {_moment(session.concluded_at)}. Biên bản đã được thông qua tại phiên họp./."
            if session.concluded_at
            else "Phiên họp chưa kết thúc."
        )
    )
    return Document(
        title="BIÊN BẢN",
        about=f"Phiên họp thứ {session.number} của {council_name(province)}",
        head=Head(
            council_of(province),
            place_of(province.name),
            local_date(session.held_at).year,
            on=local_date(session.concluded_at or session.held_at),
            number=Number("BB-HĐTĐ", session.number),
        ),
        blocks=tuple(blocks),
        signatures=(
            Signature("Thư ký", session.minutes_by.get_full_name()),
            Signature("Chủ trì", session.chaired_by.get_full_name()),
        ),
        illustrative=illustrative,
    )


def _moment(instant: datetime) -> str:
    local = instant.astimezone(TZ)
    return f"{local:%H} giờ {local:%M} phút, {in_sentence(long_date(local.date()))}"


def _times(session: CouncilSession) -> str:
    if session.opened_at is None:
        return f"Dự kiến khai mạc lúc {_moment(session.held_at)}."
    return f"Khai mạc lúc {_moment(session.opened_at)}."


def _name(row: Attendance) -> str:
    user = row.seat.user
    title = f", {user.title}" if user.title else ""
    return f"{user.get_full_name()}{title} – {Role(row.seat.role).label}"


def _people(session: CouncilSession, people: list[Attendance]) -> list[Block]:
    present = [_name(row) for row in people if row.present]
    absent = [_absent(row) for row in people if row.present is False]
    found = Turnout.of(people)
    return [
        Paragraph(f"Chủ trì: {session.chaired_by.get_full_name()}."),
        Paragraph(f"Thư ký: {session.minutes_by.get_full_name()}."),
        Paragraph(f"Có mặt ({len(present)} người):", keep=True),
        List(tuple(f"{name};" for name in present) or ("Chưa điểm danh.",)),
        *((Paragraph(f"Vắng mặt ({len(absent)} người):", keep=True), List(tuple(absent))) if absent else ()),
        Paragraph(
            f"Số thành viên có quyền biểu quyết có mặt: {found.present}/{found.members}, "
            f"{'đủ' if found.enough else 'chưa đủ'} số thành viên theo quy định (quá nửa)."
        ),
    ]


def _absent(row: Attendance) -> str:
    stand_in = f"; dự thay (không biểu quyết): {row.represented_by}" if row.represented_by else ""
    return f"{_name(row)}; lý do: {row.reason}{stand_in}."


def _subject(item: AgendaItem) -> str:
    if item.score is None:
        return item.question
    return f"Tiêu chí {item.score.criterion.code}. {item.score.criterion.name}"


def _agenda(items: list[AgendaItem]) -> Table:
    return Table(
        columns=(Column(10, Align.CENTER), Column(42), Column(76), Column(37)),
        header=(Row(tuple(Cell(name) for name in ("TT", "Đơn vị", "Nội dung", "Loại nội dung"))),),
        rows=tuple(
            Row(
                (
                    Cell(str(number)),
                    Cell(item.score.dossier.unit.name if item.score else NO_VALUE),
                    Cell(_subject(item)),
                    Cell(item.get_kind_display()),
                )
            )
            for number, item in enumerate(items, start=1)
        ),
    )


def _item(number: int, item: AgendaItem, *, hidden: bool, apart: list[str]) -> list[Block]:
    unit = f"{item.score.dossier.unit.name}. " if item.score else ""
    blocks: list[Block] = [Heading(f"{number}. {unit}{_subject(item)}", 2)]
    if hidden:
        return [*blocks, Paragraph("(Nội dung không hiển thị với người có xung đột lợi ích.)", italic=True)]
    if item.score is not None:
        known = [f"Điểm tối đa {format_number(item.score.highest)}", f"tự chấm {_points(item.score.self_points)}"]
        rounds = [(row.round, row.seat, row.points) for row in item.score.rounds.all() if row.at is not None]
        known += [f"thẩm định vòng 1 {_points(points)}" for at, seat, points in rounds if (at, seat) == (1, 0)]
        if item.kind == AgendaItem.Kind.DISPUTE:
            own = item.score.dossier.round
            known += [f"người chấm thứ {seat} {_points(points)}" for at, seat, points in rounds if at == own and seat]
        if item.appeal is not None:
            known.append(f"đơn vị đề nghị {_points(item.appeal.wanted_points)}")
        blocks.append(Paragraph("; ".join(known) + "."))
        if item.appeal is not None:
            blocks.append(Paragraph(f"Lý do kiến nghị: {item.appeal.reason}"))
    if item.state == State.PUT_OFF:
        return [*blocks, Paragraph(f"Để lại phiên sau. Lý do: {item.put_off_reason}")]
    if item.state == State.OPEN:
        return [*blocks, Paragraph("Chưa quyết định.")]
    points = f": {_points(item.points)} điểm" if item.score is not None else ""
    blocks.append(Paragraph(f"Hội đồng kết luận{points}. {item.reason}".strip(), bold=True))
    blocks.append(Paragraph(f"Cách quyết định: {how_words(item)}."))
    if apart:
        blocks.append(Paragraph(f"Không biểu quyết (xung đột lợi ích): {', '.join(apart)}."))
    return blocks


def _points(value: object) -> str:
    return NO_VALUE if value is None else format_number(value)  # type: ignore[arg-type]


def how_words(item: AgendaItem) -> str:
    """ "đồng thuận", or "biểu quyết: 3 đồng ý, 1 không đồng ý, 1 chọn 2,5 điểm"; `votes` prefetched."""
    if item.how != AgendaItem.How.VOTE:
        return "đồng thuận"
    votes = list(item.votes.all())
    parts = []
    for choice in Vote.Choice:
        if count := sum(1 for vote in votes if vote.choice == choice):
            parts.append(f"{count} {str(choice.label).lower()}")
    for points in sorted({vote.points for vote in votes if vote.points is not None}):
        count = sum(1 for vote in votes if vote.points == points)
        parts.append(f"{count} chọn {format_number(points)} điểm")
    return f"biểu quyết: {', '.join(parts)}"
