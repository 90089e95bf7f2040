"""Kiểm tra thực tế: the council makes an appointment, looks, and writes down what it found by criterion.

Nobody with a conflict of interest with the unit is on the team. What was found settles no points: whoever appraises
the criterion reads it and decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from evidence import services as files
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..bench import conflicting_units
from ..errors import Conflict, InvalidInput, WrongStage
from ..idempotency import once
from ..models import CouncilMember, Dossier, SiteFinding, SiteVisit, VisitFile
from ..moves import lock_dossier, require_stage
from ..stages import SUBMITTED_STAGES, Stage
from ..visibility import CONCLUDED_STAGES, is_council
from .appraisal import read_points, require_council

State = SiteVisit.State
# While the council still works on the dossier.
VISIT_STAGES = SUBMITTED_STAGES - CONCLUDED_STAGES


@dataclass(frozen=True)
class Appointment:
    """When, where, who, and what is looked at."""

    planned_at: dt.datetime
    place: str
    team: Sequence[CouncilMember]
    agenda: str = ""


def able_team(dossier: Dossier) -> list[CouncilMember]:
    """Seats that may visit the unit: everybody on the council without a conflict of interest; three queries."""
    seats = list(
        CouncilMember.objects.filter(council__cycle=dossier.cycle_id, active=True, user__is_active=True).select_related(
            "user"
        )
    )
    conflicts = conflicting_units(dossier.cycle_id, seats)
    return [seat for seat in seats if dossier.unit_id not in conflicts[seat.user_id]]


def _check(dossier: Dossier, wanted: Appointment) -> None:
    errors = {}
    if not wanted.place.strip():
        errors["place"] = _("Hãy ghi địa điểm kiểm tra.")
    if wanted.planned_at <= clock.now():
        errors["planned_at"] = _("Thời gian kiểm tra phải ở sau lúc này.")
    if not wanted.team:
        errors["team"] = _("Hãy chọn ít nhất một người vào đoàn kiểm tra.")
    able = {seat.pk for seat in able_team(dossier)}
    if kept_out := [seat for seat in wanted.team if seat.pk not in able]:
        errors["team"] = _(
            "%(who)s không tham gia đoàn kiểm tra đơn vị này được: xung đột lợi ích hoặc đã thôi nhiệm vụ."
        ) % {"who": ", ".join(str(seat.user) for seat in kept_out)}
    if errors:
        raise InvalidInput(errors)


@transaction.atomic
def plan(dossier: Dossier, wanted: Appointment, *, by: User) -> SiteVisit:
    """Make an appointment with a unit whose dossier the council has. Raises InvalidInput, WrongStage."""
    dossier = lock_dossier(dossier)
    require_council(Perm.MANAGE_COUNCIL, by, dossier)
    require_stage(dossier, VISIT_STAGES)
    _check(dossier, wanted)
    visit = SiteVisit.objects.create(
        dossier=dossier,
        planned_at=wanted.planned_at,
        place=wanted.place.strip(),
        agenda=wanted.agenda.strip(),
        planned_by=by,
    )
    visit.team.set(wanted.team)
    _record(visit, "visit_plan", by=by, at=visit.planned_at, place=visit.place)
    return visit


@transaction.atomic
def replan(visit: SiteVisit, wanted: Appointment, *, by: User) -> SiteVisit:
    """Another day, place or team, before the visit is done. Raises InvalidInput, WrongStage."""
    visit = _lock(visit, State.PLANNED)
    require_council(Perm.MANAGE_COUNCIL, by, visit.dossier)
    _check(visit.dossier, wanted)
    before = {"at": visit.planned_at, "place": visit.place}
    visit.planned_at, visit.place, visit.agenda = wanted.planned_at, wanted.place.strip(), wanted.agenda.strip()
    visit.version += 1
    visit.save()
    visit.team.set(wanted.team)
    _record(visit, "visit_replan", by=by, before=before, at=visit.planned_at, place=visit.place)
    return visit


@transaction.atomic
def cancel(visit: SiteVisit, reason: str, *, by: User) -> SiteVisit:
    """Call an appointment off; the unit reads why. Raises InvalidInput, WrongStage."""
    visit = _lock(visit, State.PLANNED)
    require_council(Perm.MANAGE_COUNCIL, by, visit.dossier)
    if not reason.strip():
        raise InvalidInput({"reason": _("Hãy ghi lý do hủy để đơn vị biết.")})
    visit.state, visit.cancelled_reason = State.CANCELLED, reason.strip()
    visit.version += 1
    visit.save()
    _record(visit, "visit_cancel", by=by, reason=visit.cancelled_reason, at=visit.planned_at)
    return visit


def _lock(visit: SiteVisit, *states: str) -> SiteVisit:
    """The visit behind the lock of its dossier, which the council still works on."""
    dossier = lock_dossier(Dossier(pk=visit.dossier_id))
    require_stage(dossier, VISIT_STAGES)
    fresh = SiteVisit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    fresh.dossier = dossier
    if fresh.state not in states:
        raise WrongStage(
            _("Buổi kiểm tra đang ở trạng thái “%(state)s” nên không làm được việc này. Hãy tải lại trang.")
            % {"state": fresh.get_state_display()}
        )
    return fresh


def _record(
    visit: SiteVisit, action: str, *, by: User, reason: str = "", before: Mapping[str, Any] | None = None, **after: Any
) -> None:
    ledger.record(visit.dossier, action, by=by, before=before, after={"visit": visit.pk, **after}, reason=reason)


def may_report(visit: SiteVisit, user: User) -> bool:
    """Whoever was on the team, or prepares the council's work, writes down what was found; never with a conflict."""
    if not is_council(user, visit.dossier):
        return False
    if access.allowed(Perm.MANAGE_COUNCIL, user, visit.dossier.cycle):
        return True
    return visit.team.filter(user=user, active=True).exists()


def _require_reporter(visit: SiteVisit, by: User) -> None:
    if not may_report(visit, by):
        raise NotAllowed(_("Chỉ đoàn kiểm tra và thư ký hội đồng ghi kết quả kiểm tra thực tế."))


@dataclass(frozen=True)
class Found:
    """What was found on one criterion, as typed; an empty result means that it was not looked at."""

    result: str = ""
    note: str = ""
    points: str = ""


@transaction.atomic
def report(
    visit: SiteVisit, findings: Mapping[int, Found], *, minutes: str, done: bool, version: int, by: User
) -> SiteVisit:
    """Write down what was found, by score, and the text of the minutes; `done` fixes them for good.

    Raises InvalidInput naming each field, Conflict where somebody else wrote meanwhile, WrongStage.
    """
    visit = _lock(visit, State.PLANNED)
    _require_reporter(visit, by)
    if visit.version != version:
        raise Conflict(_("Người khác vừa ghi kết quả buổi kiểm tra này. Hãy so sánh rồi lưu lại."), visit)
    errors: dict[str, str] = {}
    rows = _findings(visit, findings, errors)
    if done and visit.planned_at > clock.now():
        errors["done"] = _("Chưa đến giờ hẹn nên chưa ghi là đã kiểm tra được.")
    if done and not minutes.strip():
        errors["minutes"] = _("Hãy ghi nội dung biên bản trước khi kết thúc.")
    if done and not rows and not errors:
        errors["done"] = _("Hãy ghi kết quả của ít nhất một tiêu chí trước khi kết thúc.")
    if errors:
        raise InvalidInput(errors)
    visit.findings.all().delete()
    SiteFinding.objects.bulk_create(rows)
    visit.minutes = minutes.strip()
    visit.version += 1
    if done:
        visit.state, visit.done_at, visit.done_by = State.DONE, clock.now(), by
    visit.save()
    if done:
        for row in rows:
            ledger.record(
                visit.dossier,
                "visit_finding",
                by=by,
                criterion=row.score.criterion,
                after={"visit": visit.pk, "result": row.result, "points": row.points},
                reason=row.note,
            )
        _record(visit, "visit_done", by=by, findings=len(rows))
    return visit


def _findings(visit: SiteVisit, findings: Mapping[int, Found], errors: dict[str, str]) -> list[SiteFinding]:
    scores = {
        score.pk: score
        for score in visit.dossier.scores.filter(pk__in=findings).select_related("criterion__criteria_set")
    }
    rows = []
    for pk, found in findings.items():
        score = scores.get(pk)
        if not found.result:
            if found.note.strip() or found.points.strip():
                errors[f"result.{pk}"] = _("Hãy chọn kết quả kiểm tra.")
            continue
        if score is None or found.result not in SiteFinding.Result.values:
            errors[f"result.{pk}"] = _("Kết quả kiểm tra không hợp lệ. Hãy tải lại trang.")
            continue
        note = found.note.strip()
        if found.result != SiteFinding.Result.MATCHES and not note:
            errors[f"note.{pk}"] = _("Hãy ghi đoàn kiểm tra thấy gì ở tiêu chí %(code)s.") % {
                "code": score.criterion.code
            }
        points = None
        if found.points.strip():
            try:
                points = read_points(score, found.points)
            except InvalidInput as error:
                errors[f"points.{pk}"] = str(error)
        rows.append(SiteFinding(visit=visit, score=score, result=found.result, note=note, points=points))
    return rows


@transaction.atomic
def share(visit: SiteVisit, *, by: User) -> SiteVisit:
    """Give minutes, findings and files to the unit before its dossier is concluded. A second call changes nothing."""
    visit = _lock(visit, State.DONE)
    require_council(Perm.MANAGE_COUNCIL, by, visit.dossier)
    if visit.shared_at is None:
        visit.shared_at = clock.now()
        visit.save(update_fields=["shared_at"])
        _record(visit, "visit_share", by=by)
    return visit


def add_file(
    visit: SiteVisit, file: BinaryIO, *, filename: str, kind: str, key: str | None = None, by: User
) -> VisitFile:
    """Keep a picture or the signed minutes with the visit; the same `key` does it once.

    Raises evidence.errors.Rejected, InvalidInput, WrongStage. The file is checked before any row is locked.
    """
    with transaction.atomic():
        _require_reporter(_lock(visit, State.PLANNED, State.DONE), by)
    if kind not in VisitFile.Kind.values:
        raise InvalidInput({"kind": _("Hãy chọn loại tệp.")})
    received = files.receive(file, filename=filename)

    def do() -> dict[str, Any]:
        locked = _lock(visit, State.PLANNED, State.DONE)
        _require_reporter(locked, by)
        made, created = VisitFile.objects.get_or_create(
            visit=locked,
            blob=received.blob,
            defaults={"kind": kind, "filename": received.filename, "added_by": by, "added_at": clock.now()},
        )
        if created:
            _record(locked, "visit_file", by=by, file=received.filename, sha256=received.blob.sha256)
        return {"file": made.pk}

    return VisitFile.objects.get(pk=once(key, "visit_file", by=by, do=do)["file"])


@transaction.atomic
def drop_file(kept: VisitFile, *, by: User) -> None:
    """Take a file away again while the visit is not done; afterwards it stays. Raises WrongStage."""
    visit = _lock(kept.visit, State.PLANNED)
    _require_reporter(visit, by)
    _record(visit, "visit_file_drop", by=by, file=kept.filename)
    kept.delete()


def is_open(dossier: Dossier) -> bool:
    """Whether the council still works on the dossier, so that visits can be arranged."""
    return Stage(dossier.stage) in VISIT_STAGES
