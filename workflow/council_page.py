"""The council of a cycle on screen: seats by role and team, its way of working in words, conflicts of interest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.bench import Bench
from assessments.models import Council, CouncilMember, Cycle, DeclaredConflict
from assessments.services import sharing
from criteria.models import Criterion
from criteria.scoring import format_points
from units.models import Membership, Unit, User
from units.permissions import APPRAISER_ROLES, COUNCIL_ROLES, Role

FOUND = 20  # people that a search shows


@dataclass(frozen=True)
class SeatRow:
    """One seat: who, sent by whom, for what, and how many criteria wait for them by name."""

    member: CouncilMember
    domains: str
    units: str
    load: int

    @property
    def appraises(self) -> bool:
        return self.member.role in APPRAISER_ROLES


@dataclass(frozen=True)
class SeatGroup:
    """The seats of one role, or of one helper team."""

    name: str
    rows: Sequence[SeatRow]


def seat_groups(council: Council | None, load: Mapping[int, int]) -> list[SeatGroup]:
    """All seats in the order of a council's list, ended ones last in their group. Three queries."""
    if council is None:
        return []
    order = {role.value: number for number, role in enumerate(COUNCIL_ROLES)}
    rows = council.members.select_related("user", "agency").prefetch_related("domains", "units")
    found: dict[str, list[SeatRow]] = {}
    for member in sorted(rows, key=lambda row: (order[row.role], row.team, not row.active, row.pk)):
        name = member.team or str(Role(member.role).label)
        found.setdefault(name, []).append(
            SeatRow(
                member,
                domains=", ".join(dict.fromkeys(domain.code for domain in member.domains.all())),
                units=", ".join(unit.short_name or unit.name for unit in member.units.all()),
                load=load.get(member.user_id, 0) if member.active else 0,
            )
        )
    return [SeatGroup(name, rows) for name, rows in found.items()]


def council_of(cycle: Cycle) -> Council | None:
    """The council, or None before anything was written about it."""
    return Council.objects.filter(cycle=cycle).first()


def rules_words(cycle: Cycle) -> list[str]:
    """How the council works in this cycle, one sentence each."""
    words = [
        _("Một vòng thẩm định; kiến nghị của đơn vị do thư ký trả lời sau khi hội đồng xem xét.")
        if cycle.rounds == 1
        else _("Hai vòng thẩm định: tiêu chí đơn vị kiến nghị được người khác chấm lại ở vòng 2.")
    ]
    if cycle.double_scoring:
        words.append(_("Hai người chấm độc lập mỗi lĩnh vực, không thấy điểm của nhau cho đến khi cả hai đã khóa."))
        words.append(
            _("Chênh lệch trên %(points)s điểm đưa vào danh sách thống nhất; từ đó trở xuống lấy điểm giữa.")
            % {"points": format_points(cycle.consensus_threshold)}
            if cycle.consensus_threshold
            else _("Mọi chênh lệch đều đưa vào danh sách thống nhất.")
        )
    else:
        words.append(_("Mỗi lĩnh vực của một đơn vị do một người chấm."))
    words.append(
        _("Hồ sơ gửi đến được chia đều ngay cho các thành viên theo số tiêu chí.")
        if cycle.share_out
        else _("Hồ sơ gửi đến để chung cho cả tổ: ai được giao lĩnh vực thì nhận, hoặc thư ký giao.")
    )
    return words


def cycle_domains(cycle: Cycle) -> list[tuple[str, list[tuple[str, str]]]]:
    """The domains of the cycle's sets, as choices under the name of the set."""
    rows = (
        Criterion.objects.filter(criteria_set__cycles__cycle=cycle, parent=None)
        .select_related("criteria_set")
        .order_by("criteria_set", "order")
        .distinct()
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.criteria_set.name, []).append((str(row.pk), f"{row.code}. {row.name}"))
    return list(found.items())


def cycle_units(cycle: Cycle) -> list[tuple[str, list[tuple[str, str]]]]:
    """The units that the cycle assesses, as choices under the name of their group."""
    rows = Unit.objects.filter(group__cycles__cycle=cycle, active=True).select_related("group")
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows.order_by("group__order", "order", "code"):
        found.setdefault(row.group.name if row.group else "", []).append((str(row.pk), row.name))
    return list(found.items())


def agencies(cycle: Cycle) -> list[tuple[str, str]]:
    """Bodies that may send somebody onto the council: the province and what stands directly under it."""
    rows = Unit.objects.filter(Q(pk=cycle.province_id) | Q(parent=cycle.province_id), active=True)
    return [("", _("Không ghi")), *((str(row.pk), row.name) for row in rows.order_by("kind", "order", "code"))]


@dataclass(frozen=True)
class Person:
    """Somebody who could be seated, with the units they belong to."""

    user: User
    units: str


def people_found(cycle: Cycle, text: str) -> list[Person]:
    """Active people whose name, account or address has `text` and who have no seat yet. Two queries."""
    if not text.strip():
        return []
    like = Q(full_name__icontains=text) | Q(username__icontains=text) | Q(email__icontains=text)
    rows = list(
        User.objects.filter(like, is_active=True)
        .exclude(council_seats__council__cycle=cycle)
        .order_by("full_name", "pk")[:FOUND]
    )
    units: dict[int, list[str]] = {}
    for membership in Membership.objects.filter(user__in=rows, until=None).select_related("unit").order_by("pk"):
        units.setdefault(membership.user_id, []).append(membership.unit.name)
    return [Person(row, ", ".join(dict.fromkeys(units.get(row.pk, [])))) for row in rows]


@dataclass(frozen=True)
class Barred:
    """A person of the council and the units that the rules keep from them without a declaration."""

    user: User
    units: str


def automatic_conflicts(cycle: Cycle) -> list[Barred]:
    """Who is kept from which assessed unit because they work there or were sent by it."""
    bench = Bench(cycle.pk)
    assessed = {
        unit.pk: unit for unit in Unit.objects.filter(group__cycles__cycle=cycle).order_by("group__order", "order")
    }
    declared = set(
        DeclaredConflict.objects.filter(council__cycle=cycle, withdrawn_at=None).values_list("user_id", "unit_id")
    )
    people = User.objects.in_bulk(list(bench.seats))
    found = []
    for seat in bench.seats.values():
        units = [
            unit.name for pk, unit in assessed.items() if pk in seat.conflicts and (seat.user_id, pk) not in declared
        ]
        if units:
            found.append(Barred(people[seat.user_id], ", ".join(units)))
    return found


def load_words(count: int) -> str:
    """ "12 tiêu chí"."""
    return ngettext("%(count)s tiêu chí", "%(count)s tiêu chí", count) % {"count": count}


def load_of(cycle: Cycle) -> Counter[int]:
    """Criteria that wait for each person by name."""
    return sharing.open_load(cycle)


def standing_conflicts(cycle: Cycle, user: Any, *, everybody: bool) -> list[DeclaredConflict]:
    """Declared conflicts, those in force first; without `everybody` only the person's own."""
    rows = DeclaredConflict.objects.filter(council__cycle=cycle).select_related(
        "user", "unit", "declared_by", "withdrawn_by"
    )
    if not everybody:
        rows = rows.filter(user=user)
    return sorted(rows, key=lambda row: (row.withdrawn_at is not None, -row.pk))
