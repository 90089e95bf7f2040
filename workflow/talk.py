"""Comments on a criterion, as a thread and as the notices that they cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Dossier, ReviewNote, Score
from assessments.services.appraisal import domain_of
from assessments.services.comments import CLOSED, participants, thread
from assessments.stages import Stage
from notifications.services import Kind, Message

from .sheet_page import row_url


@dataclass(frozen=True)
class Thread:
    """What was said about one criterion; `open` counts what is not settled, `may_write` says whether it goes on."""

    notes: list[ReviewNote]
    may_write: bool

    @property
    def open(self) -> int:
        return sum(1 for note in self.notes if note.resolved_at is None)


def thread_of(dossier: Dossier, score: Score) -> Thread:
    """The thread of a criterion, read in one query."""
    return Thread(list(thread(dossier, score.criterion)), Stage(dossier.stage) not in CLOSED)


def notices(note: ReviewNote, score: Score) -> Iterable[Message]:
    """A new comment for everybody whom it concerns, but not for its author."""
    dossier = note.dossier
    url = row_url(dossier, domain_of(score).pk, score.pk)
    if dossier.stage == Stage.SUPPLEMENTING:
        url = f"{reverse('supplement', args=[dossier.pk])}#score-{score.pk}"
    words = {"who": note.author, "code": score.criterion.code, "name": score.criterion.name, "body": note.body}
    return [
        Message(
            event=f"comment:{note.pk}",
            recipient=person,
            subject=_("Trao đổi về tiêu chí %(code)s · %(unit)s") % {**words, "unit": dossier.unit},
            body=_("%(who)s viết về tiêu chí %(code)s %(name)s:\n%(body)s") % words,
            url=url,
            kind=Kind.COMMENT,
        )
        for person in sorted(participants(dossier, score.criterion), key=lambda person: person.pk)
        if person != note.author
    ]
