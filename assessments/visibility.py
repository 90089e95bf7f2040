"""Which dossiers a person sees, and in which capacity. One queryset for lists, exports, search and counters.

A unit's people see their own dossier. The council sees dossiers that have arrived, never that of a unit the member
belongs to. Whoever watches the cycle sees stages and dates, not contents.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from criteria.models import Criterion
from evidence.models import Document, DocumentVersion
from plans.reporting import verified_by
from units import access
from units.models import Unit
from units.permissions import Perm

from .bench import Bench
from .models import (
    CouncilMember,
    CouncilSession,
    Cycle,
    DeclaredConflict,
    DomainAppraisal,
    Dossier,
    ReportEvidence,
    ScoreEvidence,
    SelfReport,
    SiteVisit,
    VisitFile,
)
from .stages import SUBMITTED_STAGES, CycleStage, Stage

RESULT_STAGES = frozenset({Stage.RESPONDING, Stage.HEARING, Stage.CONCLUDED, Stage.FINAL})
CONCLUDED_STAGES = frozenset({Stage.CONCLUDED, Stage.FINAL})


def council_cycles(user: Any) -> list[int]:
    """Cycles in whose council `user` works as member, secretary or chair."""
    return sorted(
        {
            *access.object_ids(Perm.APPRAISE, user, Cycle),
            *access.object_ids(Perm.CONCLUDE, user, Cycle),
            *access.object_ids(Perm.CHAIR, user, Cycle),
        }
    )


def conflicted(user: Any) -> Q:
    """Dossiers of units with which `user` has a conflict: belongs to it, was sent by it, or declared one."""
    declared = DeclaredConflict.objects.filter(
        user=user, withdrawn_at=None, council__cycle=OuterRef("cycle"), unit=OuterRef("unit")
    )
    sent_by = CouncilMember.objects.filter(user=user, council__cycle=OuterRef("cycle"), agency=OuterRef("unit"))
    return Q(unit_id__in=access.unit_ids(user)) | Q(Exists(declared)) | Q(Exists(sent_by))


def council_dossiers(user: Any) -> QuerySet[Dossier]:
    """Dossiers that `user` may read as council: arrived, and of no unit with which `user` has a conflict."""
    arrived = Dossier.objects.filter(cycle_id__in=council_cycles(user), stage__in=SUBMITTED_STAGES)
    return arrived.exclude(conflicted(user))


def dossiers_for(user: Any) -> QuerySet[Dossier]:
    """Every dossier whose contents `user` may read, as unit or as council."""
    shown = Q(unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))
    if cycles := council_cycles(user):
        shown |= Q(cycle_id__in=cycles, stage__in=SUBMITTED_STAGES) & ~conflicted(user)
    return Dossier.objects.filter(shown)


def documents_for(user: Any) -> QuerySet[Document]:
    """The libraries of the units whose dossiers `user` may read."""
    return Document.objects.filter(unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))


def document_versions_for(user: Any) -> QuerySet[DocumentVersion]:
    """Files that `user` may open: of the own unit's library, what a dossier that `user` may read rests on, and what
    came with a report that `user` verifies.

    A unit's dossier may be proved by a document of a unit that it took over, which not all its people could open.
    """
    own = Q(document__unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))
    read = dossiers_for(user)
    shown = ScoreEvidence.objects.filter(score__dossier__in=read).values("version_id")
    signed = SelfReport.objects.filter(dossier__in=read, signed__isnull=False).values("signed_id")
    reports = ReportEvidence.objects.filter(report__in=verified_by(user)).exclude(report__reported_at=None)
    reported = reports.values("version_id")
    return DocumentVersion.objects.filter(own | Q(pk__in=shown) | Q(pk__in=signed) | Q(pk__in=reported))


def cycles_for(user: Any, *perms: Perm) -> QuerySet[Cycle]:
    """Cycles on which `user` holds one of `perms`."""
    ids = {pk for perm in perms for pk in access.object_ids(perm, user, Cycle)}
    return Cycle.objects.filter(pk__in=ids)


def has_conflict(user: Any, dossier: Dossier) -> bool:
    """Nobody appraises the unit that they belong to, that sent them, or for which they declared a conflict."""
    if dossier.unit_id in access.unit_ids(user):
        return True
    return Dossier.objects.filter(conflicted(user), pk=dossier.pk).exists()


def is_council(user: Any, dossier: Dossier) -> bool:
    """Whether `user` deals with `dossier` as council."""
    return dossier.cycle_id in council_cycles(user) and not has_conflict(user, dossier)


def result_given(dossier: Dossier) -> bool:
    """Whether the unit may read what the council gave, from the moment that the cycle names.

    A cycle that hears appeals gives the provisional result in any case: the unit has to answer it.
    """
    cycle, stage = dossier.cycle, Stage(dossier.stage)
    if cycle.appeals or cycle.show_result_at == Cycle.ShowResult.PROVISIONAL:
        return stage in RESULT_STAGES
    if cycle.show_result_at == Cycle.ShowResult.CONCLUDED:
        return stage in CONCLUDED_STAGES
    return stage in CONCLUDED_STAGES and cycle.stage == CycleStage.PUBLISHED


def sees_appraisal(user: Any, dossier: Dossier) -> bool:
    """The council always; the unit once its result was given to it."""
    if is_council(user, dossier):
        return True
    return result_given(dossier) and access.allowed(Perm.VIEW_DOSSIER, user, dossier.unit)


def sees_rounds(user: Any, dossier: Dossier) -> bool:
    """Whether `user` reads, as the unit, what the rounds came to: also the first one while the second is under way."""
    given = result_given(dossier) or (dossier.round == 2 and Stage(dossier.stage) in SUBMITTED_STAGES)
    return given and access.allowed(Perm.VIEW_DOSSIER, user, dossier.unit)


def own_domains(user: Any, cycle: Cycle) -> list[int] | None:
    """Domains given to `user` in the council of `cycle`; None means any domain, [] that there is no seat."""
    seat = Bench(cycle.pk, users=[user.pk]).seats.get(user.pk)
    if seat is None:
        return []
    return sorted(seat.domains) or None


def sessions_for(user: Any) -> QuerySet[CouncilSession]:
    """Meetings of the councils that `user` sits on or prepares; what is said of a unit is masked for its own people."""
    cycles = {*council_cycles(user), *access.object_ids(Perm.MANAGE_COUNCIL, user, Cycle)}
    return CouncilSession.objects.filter(council__cycle__in=cycles)


# The council has said its last word on the dossier: the unit may read how it came to it.
CONCLUDED_STAGES = frozenset({Stage.CONCLUDED, Stage.FINAL})


def visits_for(user: Any) -> QuerySet[SiteVisit]:
    """Visits that `user` knows of: those of dossiers that the person deals with as council, and those to own units."""
    own = Q(dossier__unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))
    return SiteVisit.objects.filter(own | Q(dossier__in=council_dossiers(user)))


def appointments_for(user: Any) -> QuerySet[SiteVisit]:
    """Visits to come that concern `user`: as coordinator or head of the unit, or on the team without a conflict."""
    units = {*access.object_ids(Perm.CHECK, user, Unit), *access.object_ids(Perm.APPROVE, user, Unit)}
    team = SiteVisit.objects.filter(team__user=user, team__active=True, dossier__in=council_dossiers(user))
    concerned = Q(dossier__unit_id__in=units) | Q(pk__in=team.values("pk"))
    return SiteVisit.objects.filter(concerned, state=SiteVisit.State.PLANNED).select_related("dossier__unit")


def read_visits(user: Any) -> QuerySet[SiteVisit]:
    """Visits whose findings `user` may read: the council always, the unit once they were shared or all is concluded."""
    own = Q(dossier__unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))
    told = Q(shared_at__isnull=False) | Q(state=SiteVisit.State.DONE, dossier__stage__in=CONCLUDED_STAGES)
    return SiteVisit.objects.filter((own & told) | Q(dossier__in=council_dossiers(user)))


def visit_files_for(user: Any) -> QuerySet[VisitFile]:
    """Pictures and signed minutes of the visits whose findings `user` may read."""
    return VisitFile.objects.filter(visit__in=read_visits(user))


def may_appraise(user: Any, dossier: Dossier, domain: Criterion) -> bool:
    """Whether `user` appraises `domain` of `dossier`: a seat, the domain, the unit, and no conflict of interest."""
    if not access.allowed(Perm.APPRAISE, user, dossier.cycle):
        return False
    return Bench(dossier.cycle_id, users=[user.pk]).may(user.pk, unit_id=dossier.unit_id, domain_id=domain.pk)


def own_appraisals(user: Any, dossiers: Collection[Dossier]) -> dict[tuple[int, int], DomainAppraisal]:
    """What of the present pass of dossiers of one cycle is `user`'s, by (dossier, domain): open, or finished by `user`.

    An open one that was given to somebody who still sits is theirs alone; whoever was barred, or is the other of two
    independent scorers, has none. Whether the seat takes the domain is not asked here, see `may_appraise`.
    """
    found: dict[tuple[int, int], list[DomainAppraisal]] = {}
    rows = DomainAppraisal.objects.filter(
        dossier__in=[dossier.pk for dossier in dossiers], number=F("dossier__appraisal_pass")
    )
    for row in rows.prefetch_related("barred").order_by("seat"):
        found.setdefault((row.dossier_id, row.domain_id), []).append(row)
    others = {row.appraiser_id for same in found.values() for row in same if row.appraiser_id not in (None, user.pk)}
    bench = Bench(next(iter(dossiers)).cycle_id, users=others) if others else None
    units = {dossier.pk: dossier.unit_id for dossier in dossiers}
    mine = {}
    for (dossier, domain), same in found.items():
        own = _own(user, same, bench=bench, unit_id=units[dossier])
        if own is not None:
            mine[dossier, domain] = own
    return mine


def _own(user: Any, rows: Sequence[DomainAppraisal], *, bench: Bench | None, unit_id: int) -> DomainAppraisal | None:
    """That of a domain's appraisals in one pass, one or two of them, which is `user`'s."""
    for row in rows:
        if row.finished_by_id == user.pk:
            return row
    free = [row for row in rows if row.finished_at is None and user not in row.barred.all()]
    for row in free:
        if row.appraiser_id == user.pk:
            return row
    for row in free:
        if row.appraiser_id is None or bench is None:
            return row
        if not bench.may(row.appraiser_id, unit_id=unit_id, domain_id=row.domain_id):
            return row  # whoever had it left the council, or came into conflict: it is the team's again
    return None


def open_appraisal(user: Any, dossier: Dossier, domain: Criterion) -> DomainAppraisal | None:
    """The open appraisal of `domain` that is `user`'s to do in the present pass, or None; see `may_appraise` first."""
    row = own_appraisals(user, [dossier]).get((dossier.pk, domain.pk))
    return row if row is not None and row.finished_at is None else None
