"""Documents that prove scores: uploading onto a criterion, using one for several, correcting what is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from evidence import services as library
from evidence.models import Document, DocumentVersion
from units.models import User

from .. import ledger
from ..errors import InvalidInput, WrongStage
from ..idempotency import once
from ..models import Dossier, Score, ScoreEvidence
from ..moves import lock_dossier
from .scores import attach, require_editable


def attach_upload(
    score: Score,
    file: BinaryIO,
    *,
    filename: str,
    title: str = "",
    number: str = "",
    issued_on: dt.date | None = None,
    issuing_body: str = "",
    quote: str = "",
    key: str | None = None,
    by: User,
) -> dict[str, Any]:
    """Take a file into the unit's library and let it prove `score`; the same `key` does it once.

    Returns the ids of the link and of the document's version. Raises evidence.errors.Rejected for the file, and what
    `attach` raises. The file is checked and scanned before any row is locked.
    """
    dossier = Dossier.objects.select_related("unit", "cycle").get(pk=score.dossier_id)
    require_editable(dossier, score, by)
    received = library.receive(file, filename=filename)

    def do() -> dict[str, Any]:
        version = library.file_document(
            dossier.unit,
            received,
            title=title,
            number=number,
            issued_on=issued_on,
            issuing_body=issuing_body,
            by=by,
        )
        link = attach(score, version, quote=quote, by=by)
        return {"link": link.pk, "version": version.pk}

    return once(key, "attach_upload", by=by, do=do)


@transaction.atomic
def attach_to_many(version: DocumentVersion, scores: Iterable[Score], *, quote: str, by: User) -> int:
    """Let one document prove several criteria, all or none; returns how many are new.

    A criterion that the version proves already keeps its own quote. Raises what `attach` raises.
    """
    proven = set(ScoreEvidence.objects.filter(version=version).values_list("score_id", flat=True))
    wanted = sorted((score for score in scores if score.pk not in proven), key=lambda row: (row.dossier_id, row.pk))
    for score in wanted:
        attach(score, version, quote=quote, by=by)
    return len(wanted)


def _facts(document: Document) -> dict[str, Any]:
    """What is known of a document, for the ledger."""
    return {
        "document": document.pk,
        "title": document.title,
        "number": document.number,
        "issued_on": document.issued_on,
        "issuing_body": document.issuing_body,
    }


@transaction.atomic
def correct(
    document: Document, *, title: str, number: str, issued_on: dt.date | None, issuing_body: str, by: User
) -> Document:
    """Correct what is known of a document, as long as every criterion that it proves may still be written.

    Raises WrongStage where a dossier that uses it has left the unit: what was sent stays as it was.
    """
    uses = list(
        ScoreEvidence.objects.filter(version__document=document).select_related("score__criterion").order_by("pk")
    )
    dossiers = {pk: lock_dossier(Dossier(pk=pk)) for pk in sorted({use.score.dossier_id for use in uses})}
    for use in uses:
        dossier = dossiers[use.score.dossier_id]
        try:
            require_editable(dossier, use.score, by)
        except (WrongStage, InvalidInput) as error:
            raise WrongStage(
                _(
                    "Tài liệu đang chứng minh tiêu chí %(code)s trong hồ sơ năm %(year)s đã khóa nên không sửa được. "
                    "Hãy tải lên thành tài liệu mới."
                )
                % {"code": use.score.criterion.code, "year": dossier.cycle.year}
            ) from error
    before = _facts(document)
    fresh = library.describe(
        document, title=title, number=number, issued_on=issued_on, issuing_body=issuing_body, by=by
    )
    if _facts(fresh) != before:
        for dossier in dossiers.values():
            ledger.record(dossier, "describe", by=by, before=before, after=_facts(fresh))
    return fresh
