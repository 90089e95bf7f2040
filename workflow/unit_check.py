"""What a coordinator and a head look at before a dossier goes on: doubtful documents, explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from assessments.models import Dossier, Score, ScoreEvidence
from assessments.shares import domain_code
from evidence.models import Blob, Document
from evidence.signatures import Verdict, verdict

from .dossier_sums import DomainLine
from .due import submission
from .sheet_page import row_url
from .signature_chips import Chip, signature_chip


@dataclass(frozen=True)
class DoubtfulDocument:
    """A document without number or date, or whose signature is late or not valid, and the criteria that it proves."""

    document: Document
    uses: Sequence[tuple[str, str]]
    signature: Chip | None  # only where it is late or not valid

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


def doubtful_documents(dossier: Dossier, lines: Sequence[DomainLine]) -> list[DoubtfulDocument]:
    """Documents of the dossier that an appraiser would stop at, with the rows that they stand on."""
    domains = _domains(lines)
    ends_at = submission(dossier)
    unsound = Q(version__blob__signature=Blob.Signature.INVALID) | Q(
        version__blob__signature=Blob.Signature.INTACT, version__blob__signed_at__gte=ends_at
    )
    links = (
        ScoreEvidence.objects.filter(score__dossier=dossier)
        .filter(Q(version__document__number="") | Q(version__document__issued_on=None) | unsound)
        .select_related("version__document", "version__blob", "score__criterion")
        .order_by("score__criterion__order", "pk")
    )
    documents: dict[int, Document] = {}
    uses: dict[int, list[tuple[str, str]]] = {}
    chips: dict[int, Chip | None] = {}
    for link in links:
        document, blob = link.version.document, link.version.blob
        code = link.score.criterion.code
        documents.setdefault(document.pk, document)
        uses.setdefault(document.pk, []).append((code, row_url(dossier, domains[domain_code(code)], link.score_id)))
        if verdict(blob, ends_at) in (Verdict.AFTER, Verdict.INVALID):
            chips[document.pk] = signature_chip(blob, ends_at)
    return [DoubtfulDocument(document, uses[pk], chips.get(pk)) for pk, document in documents.items()]


def explained(dossier: Dossier, scores: Sequence[Score], lines: Sequence[DomainLine]) -> list[Explained]:
    """Criteria with a giải trình, in order."""
    domains = _domains(lines)
    return [
        Explained(score, row_url(dossier, domains[domain_code(score.criterion.code)], score.pk))
        for score in scores
        if score.explanation.strip()
    ]
