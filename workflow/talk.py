"""Comments on a criterion or branch, as a thread and as the notices that they cause."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Dossier, ReviewNote
from assessments.services.comments import CLOSED, participants, thread
from assessments.services.scores import is_asked
from assessments.shares import domain_code
from assessments.stages import Stage
from criteria.models import Criterion
from notifications.services import Kind, Message

from .sheet_page import row_url
from .sheet_rows import heading_key


@dataclass(frozen=True)
class Thread:
    """What was said about a criterion or branch; `open` counts what is not settled, `may_write` says if it goes on."""

    notes: list[ReviewNote]
    may_write: bool

    @property
    def open(self) -> int:
        return sum(1 for note in self.notes if note.resolved_at is None)


def thread_of(dossier: Dossier, criterion: Criterion) -> Thread:
    """The thread of a criterion or branch, read in one query."""
    return Thread(list(thread(dossier, criterion)), Stage(dossier.stage) not in CLOSED)


def _what(criterion: Criterion) -> str:
    if criterion.parent_id is None:
        return _("lĩnh vực %(code)s") % {"code": criterion.code}
    return _("tiêu chí %(code)s") % {"code": criterion.code}


def talk_title(criterion: Criterion) -> str:
    """What a thread is about."""
    return _("Trao đổi về %(what)s") % {"what": _what(criterion)}


def talk_url(dossier: Dossier, criterion: Criterion) -> str:
    """The place on the sheet where the thread opens: the criterion's row, or the heading of a branch."""
    score = dossier.scores.filter(criterion=criterion).first()
    if score is not None and dossier.stage == Stage.SUPPLEMENTING and is_asked(score):
        return f"{reverse('supplement', args=[dossier.pk])}#score-{score.pk}"
    domain = Criterion.objects.get(
        criteria_set_id=criterion.criteria_set_id, parent=None, code=domain_code(criterion.code)
    )
    if score is not None:
        return row_url(dossier, domain.pk, score.pk)
    return f"{reverse('sheet', args=[dossier.pk, domain.pk])}#branch-{heading_key(criterion.code)}"


def notices(note: ReviewNote, criterion: Criterion) -> Iterable[Message]:
    """A new comment for everybody whom it concerns, but not for its author."""
    dossier = note.dossier
    url = talk_url(dossier, criterion)
    words = {"who": note.author, "what": _what(criterion), "name": criterion.name, "body": note.body}
    return [
        Message(
            event=f"comment:{note.pk}",
            recipient=person,
            subject=f"{talk_title(criterion)} · {dossier.unit}",
            body=_("%(who)s viết về %(what)s %(name)s:\n%(body)s") % words,
            url=url,
            kind=Kind.COMMENT,
        )
        for person in sorted(participants(dossier, criterion), key=lambda person: person.pk)
        if person != note.author
    ]
