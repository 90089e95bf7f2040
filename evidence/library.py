"""Finding a document again in a unit's library."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import KINDS, Document, DocumentVersion

MAX_WORDS = 100


def _forms(text: str) -> set[str]:
    """SQLite folds only the letters of English, so words are also tried in small, capital and initial letters."""
    wanted = text.strip()[:MAX_WORDS]
    return {wanted, wanted.lower(), wanted.upper(), wanted.capitalize()} if wanted else set()


def search(
    documents: QuerySet[Document], text: str, *, number: str = "", year: int | None = None, kind: str = ""
) -> QuerySet[Document]:
    """Documents that fit everything that is asked for; what is left empty is not asked.

    `text` may stand in title, number, issuing body or file name, `number` only in the number, in either case. `year`
    is that of issue. `kind` is one of KINDS and looks at every version.
    """
    found = Q()
    for form in _forms(text):
        found |= (
            Q(title__icontains=form)
            | Q(number__icontains=form)
            | Q(issuing_body__icontains=form)
            | Q(Exists(DocumentVersion.objects.filter(document=OuterRef("pk"), filename__icontains=form)))
        )
    numbered = Q()
    for form in _forms(number):
        numbered |= Q(number__icontains=form)
    documents = documents.filter(found, numbered)
    if year is not None:
        documents = documents.filter(issued_on__year=year)
    if kind:
        marks = Q()
        for mark, named in KINDS:
            if named == kind:
                marks |= Q(blob__content_type__contains=mark)
        documents = documents.filter(Exists(DocumentVersion.objects.filter(marks, document=OuterRef("pk"))))
    return documents
