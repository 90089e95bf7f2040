"""The evidence of one criterion, and the unit's library behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet

from assessments.models import Score, ScoreEvidence
from assessments.visibility import documents_for
from evidence.library import search
from evidence.models import Document, DocumentVersion

OFFERED = 20


def attached(score: Score) -> list[ScoreEvidence]:
    """The documents that prove a score."""
    return list(score.evidence.select_related("version__document", "version__blob", "added_by").order_by("pk"))


def with_versions(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Documents with their versions, newest first, in one more query."""
    return documents.prefetch_related(
        Prefetch("versions", DocumentVersion.objects.select_related("blob", "uploaded_by").order_by("-number"))
    )


def offered(user: Any, score: Score, text: str, links: Iterable[ScoreEvidence]) -> list[DocumentVersion]:
    """The latest version of each document of the unit that could be used, the newest documents first."""
    used = {link.version_id for link in links}
    documents = search(documents_for(user).filter(unit=score.dossier.unit_id), text).order_by("-created_at", "-pk")
    latest = [next(iter(row.versions.all()), None) for row in with_versions(documents)[: OFFERED + len(used)]]
    return [version for version in latest if version is not None and version.pk not in used][:OFFERED]


def uses_of(document: Document) -> list[ScoreEvidence]:
    """Where a document is used: cycle, criterion, version."""
    return list(
        ScoreEvidence.objects.filter(version__document=document)
        .select_related("version", "score__criterion", "score__dossier__cycle")
        .order_by("-score__dossier__cycle__year", "score__criterion__order", "pk")
    )
