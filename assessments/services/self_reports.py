"""Báo cáo tự đánh giá: the unit's own words in it, the signed paper, and the totals that the paper says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from criteria.points import NumberError, parse_points
from evidence import services as library
from evidence.models import DocumentVersion
from units import access, clock
from units.models import User
from units.permissions import Perm

from .. import ledger
from ..errors import Conflict, InvalidInput
from ..idempotency import once
from ..models import Dossier, SelfReport, SelfReportTotal
from ..moves import lock_dossier, require_stage
from ..self_totals import WHOLE, report_domains
from ..stages import EDIT_STAGES, Stage


@dataclass(frozen=True)
class Paper:
    """The signed report as a file, with its number and date."""

    file: BinaryIO
    filename: str
    number: str
    issued_on: dt.date | None


MAX_WORDS = 10_000
# The paper is often signed after the head approved on screen.
SIGNING_STAGES = EDIT_STAGES | {Stage.READY}


def _locked(dossier: Dossier, stages: frozenset[Stage], version: int, by: User) -> tuple[Dossier, SelfReport]:
    """The locked dossier and its report, made at the first writing. Raises Conflict for another version."""
    dossier = lock_dossier(dossier)
    access.require(Perm.CHECK, by, dossier.unit)
    require_stage(dossier, stages)
    report, _created = SelfReport.objects.get_or_create(dossier=dossier)
    if report.version != version:
        raise Conflict(
            _(
                "Người khác đã sửa báo cáo này trong lúc bạn nhập. Nội dung bạn nhập còn ở dưới; hãy so với nội dung "
                "đã lưu."
            ),
            report,
        )
    return dossier, report


@transaction.atomic
def save_words(dossier: Dossier, *, difficulties: str, proposals: str, version: int, by: User) -> SelfReport:
    """Keep what the report says in the unit's own words; saving the same again changes nothing.

    `version` is the one that was seen (0: no report yet). Raises InvalidInput, Conflict with the report as it stands,
    WrongStage.
    """
    words = {"difficulties": difficulties, "proposals": proposals}
    words = {name: text.replace("\r\n", "\n").strip() for name, text in words.items()}
    long = {
        name: _("Nội dung dài quá %(limit)s ký tự. Hãy rút gọn.") % {"limit": MAX_WORDS}
        for name, text in words.items()
        if len(text) > MAX_WORDS
    }
    if long:
        raise InvalidInput(long)
    dossier, report = _locked(dossier, EDIT_STAGES, version, by)
    before = {name: getattr(report, name) for name in words}
    if before == words:
        return report
    for name, text in words.items():
        setattr(report, name, text)
    _save(report)
    ledger.record(dossier, "self_report", by=by, before=before, after=words)
    return report


@transaction.atomic
def save_totals(dossier: Dossier, entered: Mapping[str, str], *, version: int, by: User) -> SelfReport:
    """Keep what the signed report says: totals as typed, by domain's code and for the whole ("").

    All or nothing: either every total is given, or none (which clears them). They are taken as they are; whether they
    agree with the sheet is asked at rà soát and at sending. Raises InvalidInput with a message for each "total.<code>",
    Conflict, WrongStage.
    """
    dossier, report = _locked(dossier, SIGNING_STAGES, version, by)
    domains = report_domains(dossier)
    codes = [*(domain.code for domain in domains), WHOLE]
    texts = {code: entered.get(code, "").strip() for code in codes}
    points: dict[str, Decimal] = {}
    errors: dict[str, str] = {}
    for code, text in texts.items():
        if not text:
            if any(texts.values()):
                errors[f"total.{code}"] = _("Hãy nhập điểm ghi trong báo cáo, kể cả khi là 0.")
            continue
        try:
            points[code] = parse_points(text)
        except NumberError as error:
            errors[f"total.{code}"] = str(error)
        else:
            if abs(points[code]) >= 100_000:
                errors[f"total.{code}"] = _("Điểm quá lớn. Hãy xem lại số ghi trong báo cáo.")
    if errors:
        raise InvalidInput(errors)
    before = {row.domain.code: row.points for row in report.totals.select_related("domain")}
    if before | ({WHOLE: report.total} if report.total is not None else {}) == points:
        return report
    whole = report.total
    report.total = points.get(WHOLE)
    report.entered_at, report.entered_by = (clock.now(), by) if points else (None, None)
    _save(report)
    report.totals.all().delete()
    SelfReportTotal.objects.bulk_create(
        [
            SelfReportTotal(report=report, domain=domain, points=points[domain.code])
            for domain in domains
            if domain.code in points
        ]
    )
    ledger.record(
        dossier,
        "report_totals",
        by=by,
        before={"total": whole, "domains": before},
        after={"total": report.total, "domains": {code: value for code, value in points.items() if code}},
    )
    return report


@transaction.atomic
def attach_signed(dossier: Dossier, document: DocumentVersion | None, *, version: int, by: User) -> SelfReport:
    """Name the signed report among the documents of the unit's library, or none. Raises as `save_totals` does."""
    dossier, report = _locked(dossier, SIGNING_STAGES, version, by)
    if document is not None and document.document.unit_id != dossier.unit_id:
        raise InvalidInput({"signed": _("Chỉ dùng được tài liệu trong kho của chính đơn vị.")})
    if report.signed == document:
        return report
    before = _paper(report.signed)
    report.signed = document
    _save(report)
    ledger.record(dossier, "signed_report", by=by, before=before, after=_paper(document))
    return report


def save(
    dossier: Dossier,
    *,
    words: tuple[str, str] | None,
    entered: Mapping[str, str] | None,
    paper: Paper | None,
    version: int,
    key: str | None,
    by: User,
) -> None:
    """Save the report's page as one: words (difficulties, proposals), totals, and a file that becomes the signed one.

    None leaves that part as it is. The same `key` does it once. Raises what the single verbs raise, and
    evidence.errors.Rejected for the file; nothing is written then.
    """
    access.require(Perm.CHECK, by, dossier.unit)
    received = library.receive(paper.file, filename=paper.filename) if paper else None

    def do() -> dict[str, int]:
        seen = version
        if words is not None:
            seen = save_words(dossier, difficulties=words[0], proposals=words[1], version=seen, by=by).version
        if entered is not None:
            seen = save_totals(dossier, entered, version=seen, by=by).version
        if paper is not None and received is not None:
            filed = library.file_document(
                dossier.unit,
                received,
                title=_("Báo cáo tự đánh giá năm %(year)s") % {"year": dossier.cycle.year},
                number=paper.number,
                issued_on=paper.issued_on,
                issuing_body=dossier.unit.name,
                by=by,
            )
            seen = attach_signed(dossier, filed, version=seen, by=by).version
        return {"version": seen}

    once(key, "self_report", by=by, do=do)


def _paper(version: DocumentVersion | None) -> dict[str, object]:
    if version is None:
        return {}
    return {"document": version.document_id, "version": version.number, "sha256": version.blob.sha256}


def _save(report: SelfReport) -> None:
    report.version += 1
    report.save()
