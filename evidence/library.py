"""Finding a document again in a unit's library."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from .models import Document


def search(documents: QuerySet[Document], text: str) -> QuerySet[Document]:
    """Documents whose title, number, issuing body or file name has `text` in it, in either case.

    SQLite folds only the letters of English, so the words are also tried in small, capital and initial letters.
    """
    wanted = text.strip()[:100]
    if not wanted:
        return documents
    found = Q()
    for form in {wanted, wanted.lower(), wanted.upper(), wanted.capitalize()}:
        found |= (
            Q(title__icontains=form)
            | Q(number__icontains=form)
            | Q(issuing_body__icontains=form)
            | Q(versions__filename__icontains=form)
        )
    return documents.filter(found).distinct()
