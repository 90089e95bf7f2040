"""The evidence of one criterion, and the unit's library behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from assessments.deadlines import submission_deadline
from assessments.models import NOT_SELF_SCORED, Dossier, Extension, Score, ScoreEvidence
from assessments.services.scores import editable_score_ids
from assessments.shares import domain_code
from assessments.stages import EDIT_STAGES, Stage
from assessments.visibility import documents_for
from criteria.models import Criterion
from evidence.library import search
from evidence.models import Document, DocumentVersion
from units import access
from units.models import Unit
from units.permissions import Perm
from units.successions import predecessors, successors

from .due import submission
from .signature_chips import Chip, signature_chip

OFFERED = 20


@dataclass(frozen=True)
class Proof:
    """A document on a criterion, with what its signature says against the dossier's deadline."""

    link: ScoreEvidence
    signature: Chip | None


@dataclass(frozen=True)
class Earlier:
    """A document that proved the criterion of the same code in the cycle before."""

    link: ScoreEvidence
    year: int
    unit: Unit | None  # the unit that was taken over, where the document is not of the own library
    outside: bool  # issued in another year than the one that is assessed now


def attached(score: Score) -> list[ScoreEvidence]:
    """The documents that prove a score."""
    return list(score.evidence.select_related("version__document", "version__blob", "added_by").order_by("pk"))


def proofs(dossier: Dossier, links: Iterable[ScoreEvidence]) -> list[Proof]:
    """Documents with their signatures, judged by the dossier's deadline, extension included."""
    ends_at = submission(dossier)
    return [Proof(link, signature_chip(link.version.blob, ends_at)) for link in links]


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


def last_year(user: Any, dossier: Dossier, score: Score, links: Iterable[ScoreEvidence]) -> list[Earlier]:
    """What proved the criterion of this code in the cycle before, of the unit and of units that it took over.

    Only what the person may read there, and what is not used here yet. Two queries.
    """
    used = {link.version.document_id for link in links}
    units = {dossier.unit_id, *predecessors(dossier.unit)}
    found = (
        ScoreEvidence.objects.filter(
            score__dossier__unit_id__in=units,
            score__dossier__cycle__year__lt=dossier.cycle.year,
            score__criterion__code=score.criterion.code,
            version__document__in=documents_for(user),
        )
        .select_related("version__document__unit", "version__blob", "score__dossier__cycle")
        .order_by("-score__dossier__cycle__year", "pk")
    )
    rows: dict[int, Earlier] = {}
    for link in found:
        year = link.score.dossier.cycle.year
        document = link.version.document
        if rows and year != next(iter(rows.values())).year:
            break
        rows[document.pk] = Earlier(
            link,
            year,
            document.unit if document.unit_id != dossier.unit_id else None,
            document.issued_on is not None and document.issued_on.year != dossier.cycle.year,
        )
    return [row for pk, row in rows.items() if pk not in used]


@dataclass(frozen=True)
class Use:
    """A criterion that a document proves, with its signature judged by that dossier's deadline."""

    link: ScoreEvidence
    signature: Chip | None


def uses_of(document: Document) -> list[Use]:
    """Where a document is used: cycle, criterion, version. The same queries for any number of uses."""
    links = list(
        ScoreEvidence.objects.filter(version__document=document)
        .select_related("version__blob", "score__criterion", "score__dossier__cycle__plan", "score__dossier__unit")
        .prefetch_related("score__dossier__cycle__plan__milestones")
        .order_by("-score__dossier__cycle__year", "score__criterion__order", "pk")
    )
    ends = _ends({link.score.dossier_id: link.score.dossier for link in links}.values())
    return [Use(link, signature_chip(link.version.blob, ends[link.score.dossier_id])) for link in links]


def _ends(dossiers: Collection[Dossier]) -> dict[int, dt.datetime]:
    """The submission deadline of each dossier, extensions in one query."""
    granted = Extension.objects.filter(
        cycle_id__in={dossier.cycle_id for dossier in dossiers}, unit_id__in={dossier.unit_id for dossier in dossiers}
    ).order_by("granted_at", "pk")
    latest = {(row.cycle_id, row.unit_id): row for row in granted}
    return {
        dossier.pk: submission_deadline(dossier, latest.get((dossier.cycle_id, dossier.unit_id))).ends_at
        for dossier in dossiers
    }


@dataclass(frozen=True)
class Pick:
    """The criteria of one lĩnh vực that a document could prove as well."""

    dossier: Dossier
    domain: Criterion
    scores: Sequence[Score]


def writable_units(user: Any, document: Document) -> set[int]:
    """Units for which `user` fills dossiers that `document` may prove: its own, and those that took it over."""
    return {document.unit_id, *successors(document.unit)} & set(access.object_ids(Perm.SCORE, user, Unit))


def open_criteria(user: Any, document: Document) -> list[Pick]:
    """Criteria that `user` may write now and that `document` does not prove yet, by dossier and lĩnh vực."""
    units = writable_units(user, document)
    open_stages = {*EDIT_STAGES, Stage.SUPPLEMENTING}
    scores = (
        Score.objects.filter(dossier__unit_id__in=units, dossier__stage__in=open_stages)
        .exclude(source__in=NOT_SELF_SCORED)
        .exclude(Q(pk__in=ScoreEvidence.objects.filter(version__document=document).values("score_id")))
        .select_related("criterion", "dossier__cycle", "dossier__unit")
        .order_by("-dossier__cycle__year", "dossier_id", "criterion__order")
    )
    sets = {score.criterion.criteria_set_id for score in scores}
    domains = {
        (domain.criteria_set_id, domain.code): domain
        for domain in Criterion.objects.filter(criteria_set_id__in=sets, parent=None)
    }
    editable = {
        dossier.pk: editable_score_ids(dossier)
        for dossier in {score.dossier_id: score.dossier for score in scores}.values()
    }
    may = [score for score in scores if (ids := editable[score.dossier_id]) is None or score.pk in ids]
    return [
        Pick((rows := list(group))[0].dossier, domains[set_pk, code], rows)
        for (_dossier, set_pk, code), group in groupby(
            may, key=lambda row: (row.dossier_id, row.criterion.criteria_set_id, domain_code(row.criterion.code))
        )
    ]
