"""A dossier inside the unit after its self-assessment: rà soát, phê duyệt, gửi."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from criteria.models import Criterion
from units import access, clock
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..completeness import gaps, own_scores
from ..deadlines import extension_of, submission_deadline
from ..errors import Incomplete, InvalidInput, WrongStage
from ..models import NOT_SELF_SCORED, Assignment, Dossier, ReviewNote
from ..moves import advance, lock_dossier, require_stage
from ..self_totals import require_agreement, require_signed_report
from ..shares import domain_code
from ..stages import EDIT_STAGES, Stage
from .sharing import dossier_domains, start_pass


@transaction.atomic
def send_back(
    dossier: Dossier,
    criteria: Sequence[Criterion],
    *,
    comment: str = "",
    comments: Mapping[int, str] | None = None,
    by: User,
) -> None:
    """The coordinator returns domains, branches or single criteria to the officers who fill them.

    `comments` says what to mend on a criterion, by its id; `comment` stands for those without words of their own. Only
    the parts that hold a returned criterion are opened again. Raises InvalidInput.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.CHECK, by, dossier.unit)
    require_stage(dossier, [Stage.CHECKING])
    words = {row.pk: (comments or {}).get(row.pk, "").strip() or comment.strip() for row in criteria}
    rows = list(dossier.assignments.select_related("criterion"))
    parts = {row.pk: parts_of(rows, row) for row in criteria if row.criteria_set_id == dossier.criteria_set_id}
    errors = {}
    foreign = [row.code for row in criteria if not parts.get(row.pk)]
    not_own = [row.code for row in criteria if row.source in NOT_SELF_SCORED]
    if not criteria:
        errors["domains"] = _("Hãy chọn ít nhất một lĩnh vực hoặc tiêu chí để trả lại.")
    elif foreign:
        errors["domains"] = _("Lĩnh vực %(codes)s không được phân công trong hồ sơ này.") % {
            "codes": ", ".join(foreign)
        }
    elif not_own:
        errors["domains"] = _("Tiêu chí %(codes)s không do đơn vị tự chấm.") % {"codes": ", ".join(not_own)}
    if not all(words.values()) or (not criteria and not comment.strip()):
        errors["comment"] = _("Hãy ghi nội dung cần chỉnh sửa để chuyên viên biết.")
    if errors:
        raise InvalidInput(errors)
    said: dict[tuple[str, int], dict[str, str]] = {}
    for row in criteria:
        for part in parts[row.pk]:
            said.setdefault((domain_code(part.criterion.code), part.officer_id), {})[row.code] = words[row.pk]
    for part in rows:
        if share := said.get((domain_code(part.criterion.code), part.officer_id)):
            part.open, part.note = True, in_one(share)
            part.save(update_fields=["open", "note"])
    for row in criteria:
        add_note(dossier, words[row.pk], criterion=row, by=by)
    advance(dossier, Stage.SELF_ASSESSING, by=by, reason=in_one({row.code: words[row.pk] for row in criteria}))


def parts_of(assignments: Sequence[Assignment], criterion: Criterion) -> list[Assignment]:
    """The parts in which a criterion is worked on: the nearest one that holds it, and every part below it."""
    code = criterion.code
    above = [row for row in assignments if f"{code}.".startswith(f"{row.criterion.code}.")]
    below = [row for row in assignments if row.criterion.code.startswith(f"{code}.")]
    return [*([max(above, key=lambda row: len(row.criterion.code))] if above else []), *below]


def in_one(comments: Mapping[str, str]) -> str:
    """Comments by code as one text; the same words for all are said once."""
    said = set(comments.values())
    return said.pop() if len(said) == 1 else "\n".join(f"{code}: {words}" for code, words in comments.items())


def add_note(dossier: Dossier, body: str, *, by: User, criterion: Criterion | None = None) -> ReviewNote:
    """Keep a comment of the step that the dossier stands at; it takes the place of an open one on the criterion."""
    if criterion is not None:
        sent_back = dossier.notes.filter(kind=ReviewNote.Kind.SENT_BACK, criterion=criterion)
        sent_back.filter(resolved_at=None).update(resolved_at=clock.now())
    return ReviewNote.objects.create(
        dossier=dossier,
        criterion=criterion,
        stage=dossier.stage,
        author=by,
        body=body.strip(),
        at=clock.now(),
    )


@transaction.atomic
def resolve_note(note: ReviewNote, *, by: User) -> None:
    """An officer has mended what a comment on a criterion asked for. A second call changes nothing."""
    dossier = lock_dossier(Dossier(pk=note.dossier_id))
    access.require(Perm.SCORE, by, dossier.unit)
    require_stage(dossier, EDIT_STAGES)
    if ReviewNote.objects.filter(pk=note.pk, resolved_at=None).update(resolved_at=clock.now(), resolved_by=by):
        ledger.record(dossier, "resolve", by=by, criterion=note.criterion, after={"note": note.pk})


def require_complete(dossier: Dossier) -> None:
    """Raise Incomplete with every gap of the dossier."""
    found = gaps(own_scores(dossier))
    if found:
        raise Incomplete(
            _("Hồ sơ còn %(count)s tiêu chí chưa đủ. Hãy bổ sung các tiêu chí dưới đây rồi thực hiện lại.")
            % {"count": len(found)},
            found,
        )


@transaction.atomic
def send_to_head(dossier: Dossier, *, by: User) -> None:
    """Rà soát is done: everything is complete and goes to the head; what was returned counts as mended.

    Raises Incomplete with the gaps, or with the totals of the signed report that differ from the sheet.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.CHECK, by, dossier.unit)
    require_stage(dossier, [Stage.CHECKING])
    require_complete(dossier)
    require_agreement(dossier)
    sent_back = dossier.notes.filter(kind=ReviewNote.Kind.SENT_BACK, resolved_at=None)
    sent_back.update(resolved_at=clock.now(), resolved_by=by)
    advance(dossier, Stage.APPROVING, by=by)


@transaction.atomic
def return_to_coordinator(
    dossier: Dossier, *, comment: str = "", comments: Mapping[int, str] | None = None, by: User
) -> None:
    """The head does not approve: a comment on the whole, on named criteria (by id), or both. Raises InvalidInput."""
    dossier = lock_dossier(dossier)
    access.require(Perm.APPROVE, by, dossier.unit)
    require_stage(dossier, [Stage.APPROVING])
    named = {pk: words.strip() for pk, words in (comments or {}).items() if words.strip()}
    if not comment.strip() and not named:
        raise InvalidInput({"comment": _("Hãy ghi lý do trả lại để đơn vị biết cần sửa gì.")})
    criteria = Criterion.objects.filter(criteria_set_id=dossier.criteria_set_id, pk__in=named).order_by("order")
    if comment.strip():
        add_note(dossier, comment, by=by)
    for criterion in criteria:
        add_note(dossier, named[criterion.pk], criterion=criterion, by=by)
    said = "\n".join(f"{criterion.code}: {named[criterion.pk]}" for criterion in criteria)
    advance(dossier, Stage.CHECKING, by=by, reason="\n".join(filter(None, [comment.strip(), said])))


@transaction.atomic
def approve(dossier: Dossier, *, by: User) -> None:
    """The head approves the self-report."""
    dossier = lock_dossier(dossier)
    access.require(Perm.APPROVE, by, dossier.unit)
    require_stage(dossier, [Stage.APPROVING])
    require_complete(dossier)
    dossier.approved_at = clock.now()
    dossier.approved_by = by
    advance(dossier, Stage.READY, by=by)


@transaction.atomic
def submit(dossier: Dossier, *, arrived: dt.datetime | None = None, by: User) -> None:
    """Hand the self-score to the council; the unit can no longer change it.

    `arrived` is when the request reached the province's door (UTC instant), by default now; it decides whether the
    dossier is in time, but nothing arrives before it was approved. Where the cycle lets units take back, a dossier
    that comes before its deadline waits for that instant at Stage.SUBMITTED. Raises WrongStage after the deadline where
    the cycle takes no late dossiers, Incomplete with gaps or with what is wrong with the signed report.
    """
    dossier = lock_dossier(dossier)
    access.require(Perm.SUBMIT, by, dossier.unit)
    require_stage(dossier, [Stage.READY])
    require_complete(dossier)
    require_signed_report(dossier)
    arrived = arrived or clock.now()
    if dossier.approved_at is not None:
        arrived = max(arrived, dossier.approved_at)
    deadline = submission_deadline(dossier, extension_of(dossier))
    if not deadline.met(arrived) and not dossier.cycle.accept_late:
        raise WrongStage(
            _("Đã hết hạn gửi hồ sơ (%(deadline)s). Hãy đề nghị Sở Nội vụ gia hạn, sau đó gửi lại.")
            % {"deadline": deadline.words()}
        )
    dossier.submitted_at = arrived
    dossier.submitted_by = by
    if dossier.cycle.take_back and deadline.met(arrived):
        advance(dossier, Stage.SUBMITTED, by=by)
        return
    start_pass(dossier, dossier_domains(dossier))
    advance(dossier, Stage.APPRAISING, by=by)
