"""Two coordinators hand out at once: what the other saved meanwhile, beside what stands on this page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.models import Dossier, LedgerEntry
from assessments.services.assignments import handed_since
from assessments.shares import gathered
from criteria.models import Criterion
from units.models import User

from .assign_page import Plan


@dataclass(frozen=True)
class Difference:
    """A branch or criterion that `who` gave to `saved`; `mine` is whom this page gives it to instead, if anybody."""

    criterion: Criterion
    saved: User
    who: User | None
    at: dt.datetime
    mine: User | None


@dataclass(frozen=True)
class Clash:
    """What was saved since this page was read. `merged` is that with the changes of this page on top, by code.

    `both` are the criteria that both gave to somebody, not to the same person.
    """

    lines: Sequence[Difference]
    merged: Mapping[str, User]
    both: Sequence[Criterion]


def clash(dossier: Dossier, plan: Plan, saved: Mapping[str, User], seen: int) -> Clash:
    """Compare the choice on the page (`plan`), made upon the version `seen`, with who fills what now (`saved`).

    The ledger tells what stood there when the page was read.
    """
    stood: dict[str, int | None] = {code: person.pk for code, person in saved.items()}
    last: dict[str, LedgerEntry] = {}
    for entry in handed_since(dossier, seen).select_related("criterion", "actor").order_by("-seq"):
        assert entry.criterion is not None
        for code in plan.leaves:
            if f"{code}.".startswith(f"{entry.criterion.code}."):
                last.setdefault(code, entry)
                stood[code] = entry.before.get("officer")
    mine = {code: person for code, person in plan.owners.items() if person.pk != stood.get(code)}
    theirs = [code for code in last if code in saved and saved[code].pk != stood[code]]
    rival = {code: mine[code] for code in theirs if code in mine and mine[code] != saved[code]}
    values = {code: (saved[code], last[code].actor, last[code].at, rival.get(code)) for code in theirs}
    return Clash(
        lines=[
            Difference(plan.criterion(code), person, who, at, other)
            for code, (person, who, at, other) in gathered(plan.leaves, values).items()
        ],
        merged={**saved, **mine},
        both=[plan.criterion(code) for code in plan.leaves if code in rival],
    )
