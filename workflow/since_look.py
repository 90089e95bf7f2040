"""What moved on a desk since the person's last look: by criterion, who, when, from what to what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from assessments.models import Dossier, LedgerEntry, Score
from assessments.services.looks import moves_since_look
from criteria.models import Criterion
from evidence.models import Document
from units.models import User

from .score_changes import Change, changes, points_words


@dataclass
class Moved:
    """All that moved on one criterion: the latest hand and time, and each field once, from first to last state."""

    criterion: Criterion
    score_id: int
    who: str
    at: dt.datetime
    changes: list[Change] = field(default_factory=list)

    def add(self, found: Change) -> None:
        for number, earlier in enumerate(self.changes):
            if earlier.label == found.label and earlier.after == found.before:
                self.changes[number] = Change(found.label, earlier.before, found.after)
                break
        else:
            self.changes.append(found)


def since_look(dossier: Dossier, domain: Criterion, user: User) -> list[Moved]:
    """In the order of the set; what was changed back leaves no mark. Four queries, two where nothing moved."""
    entries = moves_since_look(dossier, domain, user)
    if not entries:
        return []
    documents = Document.objects.in_bulk({pk for entry in entries if (pk := _document(entry))})
    scores = dict(
        Score.objects.filter(dossier=dossier, criterion__in={entry.criterion_id for entry in entries}).values_list(
            "criterion", "pk"
        )
    )
    found: dict[int, Moved] = {}
    for entry in entries:
        criterion = entry.criterion
        if criterion is None:
            continue
        moved = found.setdefault(criterion.pk, Moved(criterion, scores[criterion.pk], "", entry.at))
        moved.who, moved.at = str(entry.actor or ""), entry.at
        for change in _changes(entry, criterion, documents):
            moved.add(change)
    for moved in found.values():
        moved.changes = [change for change in moved.changes if change.before != change.after]
    return sorted((row for row in found.values() if row.changes), key=lambda row: row.criterion.order)


def _changes(entry: LedgerEntry, criterion: Criterion, documents: Mapping[int, Document]) -> list[Change]:
    if entry.action == "self_score":
        return changes(criterion, entry.before, entry.after)
    if entry.action == "appraise":
        before, after = (points_words(side.get("appraised_points")) for side in (entry.before, entry.after))
        return [Change(_("Điểm thẩm định"), before or _("(trống)"), after or _("(trống)"))]
    document = documents.get(_document(entry) or 0)
    name = document.title if document else ""
    old, new = ("", name) if entry.action == "attach" else (name, "") if entry.action == "detach" else (name, name)
    if entry.action == "quote":
        new = ", ".join(part for part in (name, str(entry.after.get("quote", ""))) if part)
    return [Change(_("Tài liệu"), old, new)]


def _document(entry: LedgerEntry) -> int | None:
    found = entry.after.get("document") or entry.before.get("document")
    return int(found) if found and entry.action in ("attach", "detach", "quote") else None
