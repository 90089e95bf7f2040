"""Documents that go with a report on a plan's task."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from evidence import services as library
from plans import reporting
from plans.reports import TaskReport
from units import access, clock
from units.models import User
from units.permissions import Perm

from ..errors import WrongStage
from ..idempotency import once
from ..models import ReportEvidence


def _open(report: TaskReport, by: User) -> TaskReport:
    """The locked report, if `by` may add to it as the body that reports."""
    locked = TaskReport.objects.select_for_update(of=("self",)).select_related("unit", "province").get(pk=report.pk)
    if locked.unit is None:
        raise access.NotAllowed(_("Cơ quan này không có kho tài liệu trên phần mềm."))
    access.require(Perm.REPORT_PROGRESS, by, locked.unit)
    if not locked.is_open:
        raise WrongStage(str(reporting.wrong_state()))
    return locked


def attach_upload(report: TaskReport, file: BinaryIO, *, filename: str, key: str | None = None, by: User) -> None:
    """Take a file into the unit's library and let it go with `report`; the same `key` does it once.

    Raises NotAllowed, WrongStage, and evidence.errors.Rejected. The file is checked before any row is locked.
    """
    with transaction.atomic():
        _open(report, by)
    received = library.receive(file, filename=filename)

    def do() -> dict[str, Any]:
        locked = _open(report, by)
        assert locked.unit is not None
        version = library.file_document(locked.unit, received, by=by)
        link = ReportEvidence.objects.create(report=locked, version=version, added_by=by, added_at=clock.now())
        return {"link": link.pk}

    once(key, "attach_report_upload", by=by, do=do)


@transaction.atomic
def detach(link: ReportEvidence, *, by: User) -> None:
    """Take a document off a report again; one that was sent with it stays for good. Raises WrongStage."""
    locked = _open(link.report, by)
    if locked.reported_at is not None and link.added_at <= locked.reported_at:
        raise WrongStage(_("Tài liệu này đã gửi kèm báo cáo nên không gỡ được. Bạn có thể thêm tài liệu khác."))
    link.delete()
