"""The council of a cycle: its decision, its seats, its way of working, and declared conflicts of interest."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from criteria.models import Criterion
from units import access, clock
from units.models import Unit, User
from units.permissions import APPRAISER_ROLES, COUNCIL_ROLES, Perm, Role

from .. import ledger
from ..bench import Bench
from ..errors import InvalidInput
from ..models import Council, CouncilMember, Cycle, DeclaredConflict, DomainAppraisal
from ..moves import lock_cycle, lock_dossier, require_stage
from ..stages import CycleStage


@dataclass(frozen=True)
class Place:
    """What a seat is: role, helper team, agency that sent the person, domains and units (none: any)."""

    role: Role
    team: str = ""
    agency: Unit | None = None
    domains: Collection[Criterion] = ()
    units: Collection[Unit] = ()


def _managed(cycle: Cycle, by: User) -> tuple[Cycle, Council]:
    """The locked cycle with its council, made when it is first written to."""
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE_COUNCIL, by, cycle)
    council, _made = Council.objects.get_or_create(cycle=cycle)
    return cycle, council


@transaction.atomic
def set_decision(cycle: Cycle, *, number: str, decided_on: dt.date | None, by: User) -> None:
    """Record the decision by which the council was set up."""
    cycle, council = _managed(cycle, by)
    before = {"number": council.decision_number, "decided_on": council.decided_on}
    council.decision_number, council.decided_on = number.strip(), decided_on
    council.save()
    after = {"number": council.decision_number, "decided_on": decided_on}
    ledger.record(cycle, "council_decision", by=by, before=before, after=after)


@transaction.atomic
def set_rules(
    cycle: Cycle, *, rounds: int, double_scoring: bool, consensus_threshold: Decimal, share_out: bool, by: User
) -> None:
    """How the council works in this cycle; fixed when the cycle opens. Raises WrongStage, InvalidInput."""
    cycle, _council = _managed(cycle, by)
    require_stage(cycle, [CycleStage.DRAFT])
    if rounds not in (1, 2):
        raise InvalidInput({"rounds": _("Chọn 1 hoặc 2 vòng thẩm định.")})
    if consensus_threshold < 0:
        raise InvalidInput({"consensus_threshold": _("Chênh lệch không được nhỏ hơn 0.")})
    before = _rules(cycle)
    cycle.rounds, cycle.double_scoring = rounds, double_scoring
    cycle.consensus_threshold, cycle.share_out = consensus_threshold, share_out
    cycle.save(update_fields=["rounds", "double_scoring", "consensus_threshold", "share_out"])
    ledger.record(cycle, "council_rules", by=by, before=before, after=_rules(cycle))


def _rules(cycle: Cycle) -> dict[str, object]:
    return {
        "rounds": cycle.rounds,
        "double_scoring": cycle.double_scoring,
        "consensus_threshold": cycle.consensus_threshold,
        "share_out": cycle.share_out,
    }


@transaction.atomic
def add_seat(cycle: Cycle, user: User, place: Place, *, by: User) -> CouncilMember:
    """Seat a person on the council, with the permissions of the role. Raises InvalidInput where they sit already."""
    cycle, council = _managed(cycle, by)
    if council.members.filter(user=user).exists():
        raise InvalidInput({"user": _("%(who)s đã có tên trong hội đồng. Hãy sửa chỗ đã có.") % {"who": user}})
    if not user.is_active:
        raise InvalidInput({"user": _("Tài khoản của %(who)s đã khóa.") % {"who": user}})
    _check(council, place, cycle, member=None)
    member = CouncilMember(council=council, user=user)
    _write(member, place)
    access.grant(place.role, user, cycle)
    ledger.record(cycle, "seat", by=by, after=_side(member))
    return member


@transaction.atomic
def change_seat(member: CouncilMember, place: Place, *, by: User) -> None:
    """Change role, team, agency, domains or units of a seat.

    Open domains that the seat may no longer take, or that its person has a conflict with now, go back to the team.
    """
    cycle, council = _managed(member.council.cycle, by)
    fresh = _locked(member)
    _check(council, place, cycle, member=fresh)
    before = _side(fresh)
    old_role = Role(fresh.role)
    _write(fresh, place)
    if fresh.active and old_role != place.role:
        access.revoke(old_role, fresh.user, cycle)
        access.grant(place.role, fresh.user, cycle)
    ledger.record(cycle, "seat", by=by, before=before, after=_side(fresh))
    if fresh.active:
        _return_tasks(cycle, fresh, by=by)


@transaction.atomic
def switch_off(member: CouncilMember, *, reason: str, by: User) -> None:
    """End a person's seat: what they scored stays, what was given to them goes back to the team.

    Raises InvalidInput where no reason is given.
    """
    cycle, _council = _managed(member.council.cycle, by)
    if not reason.strip():
        raise InvalidInput({"reason": _("Hãy ghi lý do thôi tham gia.")})
    fresh = _locked(member)
    if not fresh.active:
        return
    before = _side(fresh)
    fresh.active = False
    fresh.save(update_fields=["active"])
    access.revoke(Role(fresh.role), fresh.user, cycle)
    ledger.record(cycle, "seat", by=by, before=before, after=_side(fresh), reason=reason.strip())
    _return_tasks(cycle, fresh, by=by)


@transaction.atomic
def switch_on(member: CouncilMember, *, by: User) -> None:
    """Let a person whose seat was ended sit again, as before."""
    cycle, council = _managed(member.council.cycle, by)
    fresh = _locked(member)
    if fresh.active:
        return
    _require_one_chair(council, Role(fresh.role), member=fresh)
    before = _side(fresh)
    fresh.active = True
    fresh.save(update_fields=["active"])
    access.grant(Role(fresh.role), fresh.user, cycle)
    ledger.record(cycle, "seat", by=by, before=before, after=_side(fresh))


def _locked(member: CouncilMember) -> CouncilMember:
    return CouncilMember.objects.select_for_update(of=("self",)).select_related("user", "agency").get(pk=member.pk)


def _check(council: Council, place: Place, cycle: Cycle, *, member: CouncilMember | None) -> None:
    if place.role not in COUNCIL_ROLES:
        raise InvalidInput({"role": _("Chọn một vai trò của hội đồng.")})
    if member is None or member.active:
        _require_one_chair(council, place.role, member=member)
    if place.role == Role.HELPER and not place.team.strip():
        raise InvalidInput({"team": _("Hãy ghi tên tổ giúp việc, ví dụ “Tổ 1: cải cách thủ tục hành chính”.")})
    sets = set(cycle.groups.values_list("criteria_set", flat=True))
    if any(domain.parent_id is not None or domain.criteria_set_id not in sets for domain in place.domains):
        raise InvalidInput({"domains": _("Chọn lĩnh vực trong bộ chỉ số của đợt.")})


def _require_one_chair(council: Council, role: Role, *, member: CouncilMember | None) -> None:
    if role != Role.CHAIR:
        return
    others = council.members.filter(role=Role.CHAIR, active=True).select_related("user")
    sitting = others.exclude(pk=member.pk).first() if member else others.first()
    if sitting is not None:
        raise InvalidInput(
            {
                "role": _("Hội đồng đã có Chủ tịch là %(who)s. Hãy cho người này thôi tham gia hoặc đổi vai trò trước.")
                % {"who": sitting.user}
            }
        )


def _write(member: CouncilMember, place: Place) -> None:
    member.role, member.team, member.agency = place.role, place.team.strip(), place.agency
    member.save()
    member.domains.set(place.domains)
    member.units.set(place.units)


def _side(member: CouncilMember) -> dict[str, object]:
    """A seat, for the ledger."""
    return {
        "user": member.user_id,
        "role": member.role,
        "team": member.team,
        "agency": member.agency_id,
        "domains": sorted(member.domains.values_list("pk", flat=True)),
        "units": sorted(member.units.values_list("pk", flat=True)),
        "active": member.active,
    }


def _return_tasks(cycle: Cycle, member: CouncilMember, *, by: User) -> None:
    """Give open domains that a seat cannot take any more back to the team, dossier by dossier."""
    bench = Bench(cycle.pk, users=[member.user_id])
    rows = DomainAppraisal.objects.filter(dossier__cycle=cycle, appraiser=member.user, finished_at=None)
    open_rows: dict[int, list[DomainAppraisal]] = defaultdict(list)
    for row in rows.select_related("dossier", "domain").order_by("dossier", "pk"):
        if not bench.may(member.user_id, unit_id=row.dossier.unit_id, domain_id=row.domain_id):
            open_rows[row.dossier_id].append(row)
    for same in open_rows.values():
        dossier = lock_dossier(same[0].dossier)
        for row in same:
            returned = DomainAppraisal.objects.filter(pk=row.pk, appraiser=member.user, finished_at=None)
            if returned.update(appraiser=None):
                ledger.record(
                    dossier, "share_out", by=by, criterion=row.domain, after={"appraiser": None, "seat": row.seat}
                )


@transaction.atomic
def give_led_domains(cycle: Cycle, *, by: User) -> int:
    """Give every appraiser whom an agency sent the domains that this agency leads; returns how many seats changed.

    Seats of an agency that leads nothing, and seats without an agency, stay as they are.
    """
    cycle, council = _managed(cycle, by)
    domains = Criterion.objects.filter(criteria_set__cycles__cycle=cycle, parent=None, leads__isnull=False)
    led: dict[int, set[int]] = defaultdict(set)
    for agency, domain in domains.values_list("leads", "pk"):
        led[agency].add(domain)
    changed = 0
    members = council.members.filter(active=True, role__in=APPRAISER_ROLES, agency__in=led)
    for member in members.select_related("user").order_by("pk"):
        before = _side(member)
        assert member.agency_id is not None
        if set(member.domains.values_list("pk", flat=True)) == led[member.agency_id]:
            continue
        member.domains.set(led[member.agency_id])
        ledger.record(cycle, "seat", by=by, before=before, after=_side(member))
        _return_tasks(cycle, member, by=by)
        changed += 1
    return changed


@transaction.atomic
def declare_conflict(cycle: Cycle, user: User, unit: Unit, *, reason: str, by: User) -> DeclaredConflict:
    """Keep `user` away from the dossier of `unit`: declared by the person, or by whoever manages the council.

    Raises InvalidInput where the person has no seat, or declared the same already.
    """
    cycle = lock_cycle(cycle)
    if user != by:
        access.require(Perm.MANAGE_COUNCIL, by, cycle)
    member = CouncilMember.objects.filter(council__cycle=cycle, user=user).select_related("council", "user").first()
    if member is None:
        raise InvalidInput({"user": _("%(who)s không có tên trong hội đồng của đợt này.") % {"who": user}})
    if not reason.strip():
        raise InvalidInput({"reason": _("Hãy ghi lý do, ví dụ quan hệ gia đình với lãnh đạo đơn vị.")})
    if not cycle.groups.filter(group=unit.group_id).exists():
        raise InvalidInput({"unit": _("%(unit)s không được đánh giá trong đợt này.") % {"unit": unit}})
    standing = DeclaredConflict.objects.filter(council=member.council, user=user, unit=unit, withdrawn_at=None)
    if standing.exists():
        raise InvalidInput({"unit": _("Xung đột lợi ích với %(unit)s đã được khai báo.") % {"unit": unit}})
    made = DeclaredConflict.objects.create(
        council=member.council,
        user=user,
        unit=unit,
        reason=reason.strip(),
        declared_by=by,
        declared_at=clock.now(),
    )
    ledger.record(cycle, "declare_conflict", by=by, after={"user": user.pk, "unit": unit.pk}, reason=made.reason)
    _return_tasks(cycle, member, by=by)
    return made


@transaction.atomic
def withdraw_conflict(conflict: DeclaredConflict, *, by: User) -> None:
    """End a declared conflict; only whoever manages the council may, and not about themselves."""
    cycle, council = _managed(conflict.council.cycle, by)
    fresh = council.conflicts.select_for_update().get(pk=conflict.pk)
    if fresh.withdrawn_at is not None:
        return
    if fresh.user_id == by.pk:
        raise InvalidInput({"conflict": _("Không tự rút khai báo của chính mình. Hãy nhờ Sở Nội vụ hoặc thư ký khác.")})
    fresh.withdrawn_at, fresh.withdrawn_by = clock.now(), by
    fresh.save(update_fields=["withdrawn_at", "withdrawn_by"])
    ledger.record(cycle, "withdraw_conflict", by=by, before={"user": fresh.user_id, "unit": fresh.unit_id})
