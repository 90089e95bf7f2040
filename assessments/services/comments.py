"""Talk inside a unit about one criterion or branch: comments of its people, and what was sent back on it.

Only the unit's own people read it. It is no part of the dossier that the council receives, so no ledger tells of it:
a comment is never changed, and its row says who wrote and who settled it, and when.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from criteria.models import Criterion
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from ..errors import InvalidInput, WrongStage
from ..models import Dossier, ReviewNote
from ..moves import lock_dossier
from ..shares import path
from ..stages import Stage
from .dossiers import resolve_note

MAX_BODY = 2000
CLOSED = frozenset({Stage.FINAL, Stage.NOT_SUBMITTED})


def notes_for(user: Any) -> QuerySet[ReviewNote]:
    """Every comment that `user` may read: on the dossiers of the units that `user` reads as one of them."""
    return ReviewNote.objects.filter(dossier__unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))


def thread(dossier: Dossier, criterion: Criterion) -> QuerySet[ReviewNote]:
    """What was said about one criterion or branch, oldest first."""
    return dossier.notes.filter(criterion=criterion).select_related("author", "resolved_by").order_by("at", "pk")


def unresolved(dossier: Dossier) -> dict[int, int]:
    """How many comments of each criterion or branch are not settled yet, by its id; one query."""
    rows = dossier.notes.filter(resolved_at=None, criterion__isnull=False).order_by()
    return dict(rows.values_list("criterion_id").annotate(Count("pk")))


def participants(dossier: Dossier, criterion: Criterion) -> set[User]:
    """Who a comment on `criterion` concerns: whoever fills it, a branch above it or anything below it, and whoever
    spoke before.
    """
    below = Q(criterion__code__startswith=f"{criterion.code}.")
    filling = dossier.assignments.filter(below | Q(criterion__code__in=path(criterion.code))).values("officer_id")
    speaking = dossier.notes.filter(criterion=criterion).values("author_id")
    concerned = User.objects.filter(Q(pk__in=filling) | Q(pk__in=speaking))
    readers = set(access.holders(Perm.VIEW_DOSSIER, dossier.unit).values_list("pk", flat=True))
    return {person for person in concerned if person.pk in readers}


def _require(dossier: Dossier, by: User) -> None:
    """Everybody of the unit talks, at every stage but the last ones."""
    access.require(Perm.VIEW_DOSSIER, by, dossier.unit)
    if Stage(dossier.stage) in CLOSED:
        raise WrongStage(_("Hồ sơ đã kết thúc nên không trao đổi thêm được."))


@transaction.atomic
def comment(dossier: Dossier, criterion: Criterion, body: str, *, by: User) -> ReviewNote:
    """Say something about one criterion, or about a branch with all below it, to the unit's other people.

    Raises InvalidInput for an empty or too long text, WrongStage once the dossier is final.
    """
    dossier = lock_dossier(dossier)
    _require(dossier, by)
    words = body.replace("\r\n", "\n").strip()
    if not words:
        raise InvalidInput({"body": _("Hãy viết nội dung trao đổi.")})
    if len(words) > MAX_BODY:
        raise InvalidInput(
            {
                "body": _("Nội dung dài %(length)s ký tự, tối đa %(limit)s. Hãy rút ngắn rồi gửi lại.")
                % {"length": len(words), "limit": MAX_BODY}
            }
        )
    return ReviewNote.objects.create(
        dossier=dossier,
        criterion=criterion,
        kind=ReviewNote.Kind.COMMENT,
        stage=dossier.stage,
        author=by,
        body=words,
        at=clock.now(),
    )


@transaction.atomic
def resolve(note: ReviewNote, *, by: User) -> None:
    """Mark a comment as settled; whoever was first stays on record. What was sent back counts as mended with it."""
    if note.kind == ReviewNote.Kind.SENT_BACK:
        resolve_note(note, by=by)
        return
    dossier = lock_dossier(Dossier(pk=note.dossier_id))
    _require(dossier, by)
    ReviewNote.objects.filter(pk=note.pk, resolved_at=None).update(resolved_at=clock.now(), resolved_by=by)
