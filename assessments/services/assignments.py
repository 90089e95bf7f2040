"""Phân công: handing criteria out to officers, handing them over, and reporting a share as done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from criteria.models import Criterion
from units import access
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..errors import Conflict, InvalidInput, WrongStage
from ..models import Assignment, Dossier, LedgerEntry
from ..moves import advance, lock_dossier, require_stage
from ..shares import domain_code, gathered, own_codes, share_rows, spread
from ..stages import Stage

HANDOVER_STAGES = (Stage.SELF_ASSESSING, Stage.CHECKING)
HANDED = ("assign", "reassign")


@dataclass(frozen=True)
class Moved:
    """A branch or criterion that went from one officer to another."""

    criterion: Criterion
    before: User | None
    after: User


def assignable_domains(dossier: Dossier) -> list[Criterion]:
    """Domains with at least one criterion that the unit fills, in order."""
    codes = {domain_code(code) for code in own_codes(dossier)}
    return list(
        Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, parent=None, code__in=codes).order_by("order")
    )


def officers_of(dossier: Dossier) -> list[User]:
    """Whom criteria may be given to: the unit's active people who fill in results, by name."""
    return list(access.holders(Perm.SCORE, dossier.unit))


def handed_since(dossier: Dossier, seen: int) -> QuerySet[LedgerEntry]:
    """What was handed out or over after the place `seen` of the dossier's ledger."""
    return dossier.ledger.filter(action__in=HANDED, seq__gt=seen)


def handed_version(dossier: Dossier) -> int:
    """The place in the ledger of the last handing out or over; 0 before the first."""
    return handed_since(dossier, 0).aggregate(last=Max("seq"))["last"] or 0


def _criteria(dossier: Dossier) -> dict[str, Criterion]:
    return {row.code: row for row in Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id)}


def _unknown(officers: Mapping[int, User], criteria: Iterable[Criterion], dossier: Dossier) -> dict[str, str]:
    """An error for each chosen person who may not score for the unit."""
    allowed = {person.pk for person in officers_of(dossier)}
    return {
        f"officer.{row.pk}": _("%(who)s không phải chuyên viên của đơn vị.") % {"who": officers[row.pk]}
        for row in criteria
        if row.pk in officers and officers[row.pk].pk not in allowed
    }


def _missing(leaves: list[str], given: Mapping[str, User], criteria: Mapping[str, Criterion]) -> dict[str, str]:
    """An error for each branch or criterion that nobody fills, the highest that says it all."""
    errors = {}
    for code in gathered(leaves, {leaf: True for leaf in leaves if leaf not in given}):
        words = (
            _("Hãy chọn người thực hiện tiêu chí %(code)s.")
            if "." in code
            else _("Hãy chọn người thực hiện lĩnh vực %(code)s.")
        )
        errors[f"officer.{criteria[code].pk}"] = words % {"code": code}
    return errors


def _given(officers: Mapping[int, User], criteria: Mapping[str, Criterion]) -> dict[str, User]:
    return {code: officers[row.pk] for code, row in criteria.items() if row.pk in officers}


@transaction.atomic
def assign(dossier: Dossier, officers: Mapping[int, User], *, by: User, note: str = "") -> None:
    """Hand the criteria out; `officers` maps a domain's, branch's or criterion's id to the person who fills it.

    The nearest branch decides. Raises InvalidInput naming what nobody fills, and whoever cannot score for the unit.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.ASSIGN_CRITERIA, by, dossier.unit)
    require_stage(dossier, [Stage.ASSIGNING])
    criteria = _criteria(dossier)
    leaves = own_codes(dossier)
    given = spread(leaves, _given(officers, criteria))
    errors = _missing(leaves, given, criteria) | _unknown(officers, criteria.values(), dossier)
    if errors:
        raise InvalidInput(errors)
    for code, officer in gathered(leaves, given).items():
        Assignment.objects.create(dossier=dossier, criterion=criteria[code], officer=officer, note=note.strip())
        ledger.record(dossier, "assign", by=by, criterion=criteria[code], after={"officer": officer.pk})
    advance(dossier, Stage.SELF_ASSESSING, by=by)


@transaction.atomic
def reassign(
    dossier: Dossier, officers: Mapping[int, User], *, by: User, note: str = "", seen: int | None = None
) -> list[Moved]:
    """Hand criteria over to other officers; what `officers` does not reach stays. Scores are not touched.

    Whoever receives something during the self-assessment has that share to do (again). Raises InvalidInput where
    nothing would change, and for a person who cannot score for the unit; Conflict where `seen`, the `handed_version`
    that `by` chose upon, is not the latest any more.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.ASSIGN_CRITERIA, by, dossier.unit)
    require_stage(dossier, HANDOVER_STAGES)
    latest = handed_version(dossier)
    if seen is not None and seen != latest:
        raise Conflict(_("Người khác đã lưu phân công trong lúc bạn đang chọn. Hãy xem lại rồi lưu."), latest)
    criteria = _criteria(dossier)
    leaves = own_codes(dossier)
    rows = list(dossier.assignments.select_related("officer", "criterion"))
    before = spread(leaves, {row.criterion.code: row.officer for row in rows})
    after = before | spread(leaves, _given(officers, criteria))
    moved = {leaf: (before.get(leaf), after[leaf]) for leaf in after if before.get(leaf) != after[leaf]}
    receivers = {receiver.pk for _giver, receiver in moved.values()}
    changing = {pk: person for pk, person in officers.items() if person.pk in receivers}
    if errors := _unknown(changing, criteria.values(), dossier):
        raise InvalidInput(errors)
    if not moved:
        raise InvalidInput({"officers": _("Chưa có thay đổi nào. Hãy chọn tiêu chí và người nhận rồi thực hiện lại.")})
    _write(dossier, rows, gathered(leaves, after), criteria, moved, note=note.strip())
    found = [Moved(criteria[code], *pair) for code, pair in gathered(leaves, moved).items()]
    for one in found:
        ledger.record(
            dossier,
            "reassign",
            by=by,
            criterion=one.criterion,
            before={"officer": one.before.pk} if one.before else {},
            after={"officer": one.after.pk},
            reason=note.strip(),
        )
    return found


def _write(
    dossier: Dossier,
    rows: list[Assignment],
    wanted: Mapping[str, User],
    criteria: Mapping[str, Criterion],
    moved: Mapping[str, tuple[User | None, User]],
    *,
    note: str,
) -> None:
    """Make the assignments `wanted`: a share that grew is open while the unit fills, any other stays as it was."""
    was = {(domain_code(row.criterion.code), row.officer_id): row for row in rows}
    grown = {(domain_code(leaf), receiver.pk) for leaf, (_giver, receiver) in moved.items()}
    dossier.assignments.all().delete()
    made = []
    for code, officer in wanted.items():
        share = (domain_code(code), officer.pk)
        old = was.get(share)
        filling = dossier.stage == Stage.SELF_ASSESSING
        made.append(
            Assignment(
                dossier=dossier,
                criterion=criteria[code],
                officer=officer,
                open=(filling and share in grown) or (old is not None and old.open),
                note=note if note and share in grown else old.note if old else "",
            )
        )
    Assignment.objects.bulk_create(made)


@transaction.atomic
def finish_share(dossier: Dossier, domain: Criterion, officer: User, *, by: User) -> None:
    """What `officer` fills in `domain` is done; the last share moves the dossier to rà soát.

    Gaps do not stop the officer: the coordinator sees them and the sending is refused.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.SCORE, by, dossier.unit, of=officer)
    require_stage(dossier, [Stage.SELF_ASSESSING])
    if not share_rows(dossier, domain, officer).filter(open=True).update(open=False):
        raise WrongStage(_("Phần việc này đã được báo hoàn thành hoặc đã giao cho người khác."))
    ledger.record(dossier, "finish_domain", by=by, criterion=domain, after={"officer": officer.pk})
    if not dossier.assignments.filter(open=True).exists():
        advance(dossier, Stage.CHECKING, by=by)
