"""Whom Sở Nội vụ may nudge, about what, and who hears of it. The same queries for any number of units."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from assessments.deadlines import extensions_in_force, submission_deadline
from assessments.models import Cycle, Dossier, Extension, Nudge, NudgedUnit
from assessments.services.nudges import Addressee, Work
from assessments.stages import OPEN_STAGES, STEPS, Stage, step_of
from notifications.channels import channel_label
from notifications.models import Notice
from results.documents.letterhead import agency_of, plan_words, seat_of, signature_of
from results.documents.model import Document, Head, Number
from results.documents.nudge import LateWork
from results.documents.nudge import nudge as letter
from units import access, clock
from units.models import Membership, Unit, User
from units.permissions import UNIT_PERMS, UNIT_ROLES, Role
from units.templatetags.cchc import vdatetime

from .dossier_page import timeliness_chip
from .item_dates import deadline_at, legal_end
from .models import WorkItem

TOLD = frozenset({Role.COORDINATOR.value, Role.HEAD.value})
# The list of units in the address: all that are late with anything, or those alone whose dossier is overdue.
SHOW, LATE, UNSENT = "loc", "tre", "chua-gui"


@dataclass(frozen=True)
class Owing:
    """A unit that still has something to do, with the people who would be told."""

    dossier: Dossier
    works: Sequence[Work]
    people: Sequence[User]
    chip: Mapping[str, str]
    nudged: str

    @property
    def late(self) -> bool:
        return any(work.days_late for work in self.works)

    @property
    def unsent(self) -> bool:
        """The unit still holds its dossier and its own last day has passed."""
        return self.late and self.dossier.stage in OPEN_STAGES

    @property
    def addressee(self) -> Addressee:
        return Addressee(self.dossier.unit, self.works, self.people)


def owing(cycle: Cycle, units: Collection[int] | None = None) -> list[Owing]:
    """The units that have something to do now, in the order of the monitor; six queries."""
    dossiers = cycle.dossiers.select_related("unit").order_by("unit__group__order", "unit__order", "pk")
    if units is not None:
        dossiers = dossiers.filter(unit__in=units)
    extensions = extensions_in_force([cycle.pk])
    items = _open_items(cycle)
    people = _people({dossier.unit_id for dossier in dossiers})
    told = nudged(cycle)
    found = []
    for dossier in dossiers:
        dossier.cycle = cycle
        extension = extensions.get((cycle.pk, dossier.unit_id))
        works = _works(dossier, extension, items.get(dossier.pk, []))
        if works:
            found.append(
                Owing(
                    dossier,
                    works,
                    _told(people.get(dossier.unit_id, []), items.get(dossier.pk, [])),
                    timeliness_chip(dossier, extension),
                    told.get(dossier.unit_id, ""),
                )
            )
    return found


def listed(rows: Iterable[Owing], show: str) -> list[Owing]:
    """The units of a list; an unknown one shows all."""
    keep = {LATE: lambda row: row.late, UNSENT: lambda row: row.unsent}.get(show)
    return [row for row in rows if keep is None or keep(row)]


def _open_items(cycle: Cycle) -> dict[int, list[WorkItem]]:
    found: dict[int, list[WorkItem]] = {}
    rows = WorkItem.objects.filter(
        cycle=cycle, dossier__isnull=False, done_at=None, perm__in=[perm.value for perm in UNIT_PERMS]
    ).select_related("task", "owner", "domain", "dossier__unit")
    for item in rows.order_by("due_at", "pk"):
        found.setdefault(item.dossier_id or 0, []).append(item)
    return found


def _people(units: Iterable[int]) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = {}
    rows = Membership.objects.filter(unit__in=set(units), until=None, user__is_active=True).select_related("user")
    for row in rows.order_by("user__full_name", "user", "pk"):
        found.setdefault(row.unit_id, []).append(row)
    return found


def _told(members: Sequence[Membership], items: Sequence[WorkItem]) -> list[User]:
    """Those whose turn it is, the coordinators and the heads; each once, and only who still belongs to the unit."""
    owners = {item.owner_id for item in items if item.owner_id}
    perms = {item.perm for item in items if not item.owner_id}
    roles = {role.value for role, held in UNIT_ROLES.items() if perms & {perm.value for perm in held}}
    return list(
        {
            member.user_id: member.user for member in members if member.role in TOLD | roles or member.user_id in owners
        }.values()
    )


def _works(dossier: Dossier, extension: Extension | None, items: Sequence[WorkItem]) -> list[Work]:
    now, stage = clock.now(), Stage(dossier.stage)
    if stage in OPEN_STAGES:
        deadline = submission_deadline(dossier, extension)
        step = _("bước %(step)s/%(steps)s") % {"step": step_of(stage), "steps": len(STEPS)}
        return [
            Work(
                _("Gửi hồ sơ tự đánh giá"), deadline.words(), 0 if deadline.met(now) else -deadline.days_left(now), step
            )
        ]
    works = []
    for item in items:
        end = legal_end(item)
        if end is not None:
            deadline = deadline_at(end)
            late = 0 if deadline.met(now) else -deadline.days_left(now)
            works.append(Work(str(item.task.flow_task.task_title), deadline.words(), late))
    return works


def nudged(cycle: Cycle) -> dict[int, str]:
    """ "Đã đôn đốc 2 lần, lần cuối 09:15 Thứ Ba 15/12/2026", by unit; one query."""
    rows = (
        NudgedUnit.objects.filter(nudge__cycle=cycle)
        .values("unit")
        .order_by("unit")
        .annotate(times=Count("pk"), last=Max("nudge__sent_at"))
    )
    return {
        row["unit"]: _("Đã đôn đốc %(times)s lần, lần cuối %(last)s")
        % {"times": row["times"], "last": vdatetime(row["last"])}
        for row in rows
    }


def nudges_of(dossier: Dossier) -> list[Nudge]:
    """What Sở Nội vụ wrote to the unit of a dossier, newest first."""
    return list(Nudge.objects.filter(cycle=dossier.cycle_id, units__unit=dossier.unit_id).select_related("sent_by"))


def traces(made: Nudge) -> dict[tuple[int, int], dict[str, Any]]:
    """What became of each person's notices, by (unit, person): state of each channel, and when it was seen."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for notice in Notice.objects.filter(event__startswith=f"nudge:{made.pk}:").order_by("pk"):
        key = int(notice.event.rsplit(":", 1)[1]), notice.recipient_id
        row = found.setdefault(key, {"channels": [], "seen_at": None})
        row["channels"].append(f"{channel_label(notice.channel)}: {str(notice.get_state_display()).lower()}")
        row["seen_at"] = row["seen_at"] or notice.seen_at
    return found


def sender_of(made: Nudge) -> Unit:
    """The body that writes: the sender's own sở, else the province's Sở Nội vụ, else the province itself."""
    own = Membership.objects.filter(user=made.sent_by, until=None).select_related("unit").order_by("pk").first()
    if own is not None:
        return own.unit
    province = made.cycle.province
    return Unit.objects.filter(parent=province, name__iexact="Sở Nội vụ", active=True).first() or province


def late_works(made: Nudge) -> list[LateWork]:
    """What units were late with when the nudge was sent; the công văn names nothing else."""
    return [
        LateWork(row.unit.name, work["work"], work["deadline"], work["days_late"], work["progress"])
        for row in made.units.select_related("unit")
        for work in row.works
        if work["days_late"]
    ]


def official_letter(made: Nudge, *, illustrative: bool) -> Document:
    """The công văn of a nudge: what each unit was late with. ValueError where nobody was."""
    cycle, sender = made.cycle, sender_of(made)
    return letter(
        Head(
            agency_of(sender, cycle.province),
            seat_of(sender, cycle.province),
            _local_year(made.sent_at),
            number=Number("-".join(part for part in (sender.symbol, "CCHC") if part)),
            subject=_("V/v đôn đốc thực hiện đánh giá chỉ số cải cách hành chính năm %(year)s") % {"year": cycle.year},
        ),
        late_works(made),
        cycle=cycle.name,
        plan=plan_words(cycle.plan),
        signature=signature_of(sender, access.members(sender, [Role.HEAD]).first()),
        text=made.text,
        until=made.until,
        copies=(_("UBND tỉnh (b/c)"),),
        archive="CCHC",
        illustrative=illustrative,
    )


def _local_year(instant: dt.datetime) -> int:
    return instant.astimezone(clock.LOCAL).year
