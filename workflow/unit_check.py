"""What a coordinator and a head look at before a dossier goes on: documents without a number, explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from assessments.models import Dossier, Score, ScoreEvidence
from evidence.models import Document

from .dossier_sums import DomainLine, domain_code
from .sheet_page import row_url


@dataclass(frozen=True)
class BareDocument:
    """A document without number or date, and the criteria that it proves."""

    document: Document
    uses: Sequence[tuple[str, str]]

    @property
    def lacks_number(self) -> bool:
        return not self.document.number

    @property
    def lacks_date(self) -> bool:
        return self.document.issued_on is None


@dataclass(frozen=True)
class Explained:
    """A criterion with a giải trình."""

    score: Score
    url: str


def _domains(lines: Sequence[DomainLine]) -> dict[str, int]:
    return {line.domain.code: line.domain.pk for line in lines}


def bare_documents(dossier: Dossier, lines: Sequence[DomainLine]) -> list[BareDocument]:
    """Documents of the dossier that an appraiser could not look up, with the rows that they stand on. One query."""
    domains = _domains(lines)
    links = (
        ScoreEvidence.objects.filter(score__dossier=dossier)
        .filter(Q(version__document__number="") | Q(version__document__issued_on=None))
        .select_related("version__document", "score__criterion")
        .order_by("score__criterion__order", "pk")
    )
    documents: dict[int, Document] = {}
    uses: dict[int, list[tuple[str, str]]] = {}
    for link in links:
        document = link.version.document
        code = link.score.criterion.code
        documents.setdefault(document.pk, document)
        uses.setdefault(document.pk, []).append((code, row_url(dossier, domains[domain_code(code)], link.score_id)))
    return [BareDocument(document, uses[pk]) for pk, document in documents.items()]


def explained(dossier: Dossier, scores: Sequence[Score], lines: Sequence[DomainLine]) -> list[Explained]:
    """Criteria with a giải trình, in order."""
    domains = _domains(lines)
    return [
        Explained(score, row_url(dossier, domains[domain_code(score.criterion.code)], score.pk))
        for score in scores
        if score.explanation.strip()
    ]
