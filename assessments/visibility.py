"""Which dossiers a person sees, and in which capacity. One queryset for lists, exports, search and counters.

A unit's people see their own dossier. The council sees dossiers that have arrived, never that of a unit the member
belongs to. Whoever watches the cycle sees stages and dates, not contents.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from criteria.models import Criterion
from evidence.models import Document, DocumentVersion
from units import access
from units.models import Unit
from units.permissions import Perm

from .models import CouncilMember, Cycle, Dossier, ScoreEvidence, SelfReport
from .stages import SUBMITTED_STAGES, Stage

RESULT_STAGES = frozenset({Stage.RESPONDING, Stage.HEARING, Stage.CONCLUDED, Stage.FINAL})


def council_cycles(user: Any) -> list[int]:
    """Cycles in whose council `user` works as member, secretary or chair."""
    return sorted(
        {
            *access.object_ids(Perm.APPRAISE, user, Cycle),
            *access.object_ids(Perm.CONCLUDE, user, Cycle),
            *access.object_ids(Perm.CHAIR, user, Cycle),
        }
    )


def council_dossiers(user: Any) -> QuerySet[Dossier]:
    """Dossiers that `user` may read as council: arrived, and not of a unit that `user` belongs to."""
    return Dossier.objects.filter(cycle_id__in=council_cycles(user), stage__in=SUBMITTED_STAGES).exclude(
        unit_id__in=access.unit_ids(user)
    )


def dossiers_for(user: Any) -> QuerySet[Dossier]:
    """Every dossier whose contents `user` may read, as unit or as council."""
    shown = Q(unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))
    if cycles := council_cycles(user):
        shown |= Q(cycle_id__in=cycles, stage__in=SUBMITTED_STAGES) & ~Q(unit_id__in=access.unit_ids(user))
    return Dossier.objects.filter(shown)


def documents_for(user: Any) -> QuerySet[Document]:
    """The libraries of the units whose dossiers `user` may read."""
    return Document.objects.filter(unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))


def document_versions_for(user: Any) -> QuerySet[DocumentVersion]:
    """Files that `user` may open: of the own unit's library, and what a dossier rests on that `user` may read.

    A unit's dossier may be proved by a document of a unit that it took over, which not all its people could open.
    """
    own = Q(document__unit_id__in=access.object_ids(Perm.VIEW_DOSSIER, user, Unit))
    read = dossiers_for(user)
    shown = ScoreEvidence.objects.filter(score__dossier__in=read).values("version_id")
    signed = SelfReport.objects.filter(dossier__in=read, signed__isnull=False).values("signed_id")
    return DocumentVersion.objects.filter(own | Q(pk__in=shown) | Q(pk__in=signed))


def cycles_for(user: Any, *perms: Perm) -> QuerySet[Cycle]:
    """Cycles on which `user` holds one of `perms`."""
    ids = {pk for perm in perms for pk in access.object_ids(perm, user, Cycle)}
    return Cycle.objects.filter(pk__in=ids)


def has_conflict(user: Any, dossier: Dossier) -> bool:
    """Nobody appraises the unit that they belong to."""
    return dossier.unit_id in access.unit_ids(user)


def is_council(user: Any, dossier: Dossier) -> bool:
    """Whether `user` deals with `dossier` as council."""
    return dossier.cycle_id in council_cycles(user) and not has_conflict(user, dossier)


def sees_appraisal(user: Any, dossier: Dossier) -> bool:
    """The council always; the unit once its provisional result was given to it."""
    if is_council(user, dossier):
        return True
    return Stage(dossier.stage) in RESULT_STAGES and access.allowed(Perm.VIEW_DOSSIER, user, dossier.unit)


def own_domains(user: Any, cycle: Cycle) -> list[int] | None:
    """Domains given to `user` in the council of `cycle`; None means any domain, [] that there is no seat."""
    seat = (
        CouncilMember.objects.filter(council__cycle=cycle, user=user, active=True).prefetch_related("domains").first()
    )
    if seat is None:
        return []
    domains = [domain.pk for domain in seat.domains.all()]
    return domains or None


def may_appraise(user: Any, dossier: Dossier, domain: Criterion) -> bool:
    """Whether `user` appraises `domain` of `dossier`: a seat, the domain, and no conflict of interest."""
    if not access.allowed(Perm.APPRAISE, user, dossier.cycle) or has_conflict(user, dossier):
        return False
    domains = own_domains(user, dossier.cycle)
    return domains is None or domain.pk in domains
