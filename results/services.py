"""Proposing, deciding and publishing a result: two people, and a snapshot that nothing changes afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import ledger
from assessments.errors import InvalidInput, WrongStage
from assessments.ledger import canonical
from assessments.models import Cycle
from assessments.moves import advance_cycle, lock_cycle, require_stage
from assessments.stages import CycleStage
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm

from .models import Proposal, Publication
from .table import as_content, result_table


def content_hash(content: Any) -> str:
    """SHA-256 of a table or manifest in canonical JSON, as anybody can compute it again."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@transaction.atomic
def propose(cycle: Cycle, *, note: str, by: User) -> Proposal:
    """Put the table as it stands before UBND tỉnh. Raises InvalidInput naming units without a full result."""
    cycle = lock_cycle(cycle)
    access.require(Perm.PROPOSE, by, cycle)
    require_stage(cycle, [CycleStage.PROPOSING])
    tables = result_table(cycle)
    unfinished = [row.unit for table in tables for row in table.units if row.index is None and not row.note]
    if unfinished:
        raise InvalidInput({"table": _("Chưa đủ điểm để trình: %(units)s.") % {"units": ", ".join(unfinished)}})
    content = as_content(tables)
    proposal = Proposal.objects.create(
        cycle=cycle,
        number=cycle.proposals.count() + 1,
        content=content,
        content_hash=content_hash(content),
        note=note.strip(),
        proposed_by=by,
        proposed_at=clock.now(),
    )
    advance_cycle(cycle, CycleStage.DECIDING, by=by, reason=note.strip())
    return proposal


def current_proposal(cycle: Cycle) -> Proposal | None:
    """The proposal put last, or None."""
    return cycle.proposals.order_by("-number").select_related("proposed_by", "decided_by").first()


@transaction.atomic
def decide(cycle: Cycle, *, approved: bool, comment: str, by: User) -> Proposal:
    """UBND tỉnh approves or returns. Not the person who proposed; a return says why."""
    cycle = lock_cycle(cycle)
    access.require(Perm.DECIDE, by, cycle)
    require_stage(cycle, [CycleStage.DECIDING])
    proposal = current_proposal(cycle)
    if proposal is None or proposal.approved is not None:
        raise WrongStage(_("Không có tờ trình nào đang chờ quyết định."))
    if proposal.proposed_by_id == by.pk:
        raise NotAllowed(_("Người trình không được là người quyết định: cần hai người khác nhau."))
    if not approved and not comment.strip():
        raise InvalidInput({"comment": _("Hãy ghi lý do trả lại để Sở Nội vụ biết cần sửa gì.")})
    proposal.approved = approved
    proposal.comment = comment.strip()
    proposal.decided_by = by
    proposal.decided_at = clock.now()
    proposal.save()
    to = CycleStage.PUBLISHING if approved else CycleStage.PROPOSING
    advance_cycle(cycle, to, by=by, reason=comment.strip())
    return proposal


@transaction.atomic
def publish(cycle: Cycle, *, decision_number: str, decided_on: dt.date, signer: str, by: User) -> Publication:
    """Publish exactly what was approved, under the decision's number. Raises InvalidInput."""
    cycle = lock_cycle(cycle)
    access.require(Perm.PUBLISH, by, cycle)
    require_stage(cycle, [CycleStage.PUBLISHING])
    proposal = current_proposal(cycle)
    if proposal is None or not proposal.approved:
        raise WrongStage(_("Kết quả chưa được UBND tỉnh phê duyệt."))
    errors = {}
    if not decision_number.strip():
        errors["decision_number"] = _("Hãy nhập số quyết định, ví dụ 05/QĐ-UBND.")
    if not signer.strip():
        errors["signer"] = _("Hãy nhập họ tên người ký quyết định.")
    if decided_on > clock.today():
        errors["decided_on"] = _("Ngày quyết định không được sau hôm nay.")
    if errors:
        raise InvalidInput(errors)
    now = clock.now()
    manifest = {
        "cycle": cycle.name,
        "year": cycle.year,
        "province": cycle.province.name,
        "plan": cycle.plan.number,
        "decision_number": decision_number.strip(),
        "decided_on": decided_on.isoformat(),
        "signer": signer.strip(),
        "published_at": now.isoformat(),
        "groups": proposal.content,
    }
    publication = Publication.objects.create(
        cycle=cycle,
        proposal=proposal,
        decision_number=decision_number.strip(),
        decided_on=decided_on,
        signer=signer.strip(),
        published_at=now,
        published_by=by,
        manifest=manifest,
        manifest_hash=content_hash(manifest),
    )
    ledger.record(cycle, "publish", by=by, after={"manifest": publication.manifest_hash})
    advance_cycle(cycle, CycleStage.PUBLISHED, by=by)
    return publication


def is_intact(publication: Publication) -> bool:
    """Whether the stored snapshot still has the hash that was published."""
    return content_hash(publication.manifest) == publication.manifest_hash
