"""What opening a cycle locks, and what somebody should look at before it is too late to change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from assessments.models import NOT_SELF_SCORED, CouncilMember, Cycle, CycleGroup
from criteria.models import Criterion
from plans.models import Milestone
from survey.models import Quota
from units import clock
from units.models import Membership, Unit
from units.permissions import APPRAISER_ROLES, Role

NEEDED = (Role.COORDINATOR, Role.HEAD, Role.OFFICER)


@dataclass(frozen=True)
class GroupFacts:
    """One ranking group: its units and the set that is locked for them."""

    group: CycleGroup
    units: Sequence[Unit]
    self_scored: int
    surveyed: int
    maximum: Decimal
    sheets: int


@dataclass(frozen=True)
class OpeningFacts:
    """All groups, the dates, and warnings in words."""

    groups: Sequence[GroupFacts]
    milestones: Sequence[Milestone]
    warnings: Sequence[str]

    @property
    def units(self) -> int:
        return sum(len(group.units) for group in self.groups)

    @property
    def sheets(self) -> int:
        return sum(group.sheets for group in self.groups)


def opening_facts(cycle: Cycle) -> OpeningFacts:
    """Read what `open_cycle` will lock."""
    groups = [_group_facts(group) for group in cycle.groups.select_related("group", "criteria_set")]
    milestones = list(cycle.plan.milestones.all())
    units = [unit for group in groups for unit in group.units]
    return OpeningFacts(
        groups,
        milestones,
        [*_date_warnings(milestones), *_people_warnings(units), *_council_warnings(cycle, groups)],
    )


def _group_facts(group: CycleGroup) -> GroupFacts:
    leaves = group.criteria_set.criteria.exclude(source="").aggregate(
        own=Count("pk", filter=~Q(source__in=NOT_SELF_SCORED)),
        surveyed=Count("pk", filter=Q(source=Criterion.SourceChoice.SURVEY)),
    )
    return GroupFacts(
        group=group,
        units=list(Unit.objects.filter(group=group.group_id, active=True).order_by("order", "pk")),
        self_scored=leaves["own"],
        surveyed=leaves["surveyed"],
        maximum=group.criteria_set.criteria.filter(parent=None).aggregate(sum=Sum("maximum"))["sum"] or Decimal(0),
        sheets=Quota.objects.filter(respondent_group__cycle_group=group).aggregate(sum=Sum("planned"))["sum"] or 0,
    )


def _date_warnings(milestones: Iterable[Milestone]) -> list[str]:
    now = clock.now()
    return [
        _("Mốc “%(milestone)s” đã qua: %(words)s.")
        % {"milestone": milestone.get_key_display(), "words": milestone.deadline.words()}
        for milestone in milestones
        if not milestone.deadline.met(now)
    ]


def _people_warnings(units: Sequence[Unit]) -> list[str]:
    """Units in which somebody is missing whom the flow will wait for."""
    held: set[tuple[int, str]] = set(
        Membership.objects.filter(unit__in=units, until=None, user__is_active=True).values_list("unit_id", "role")
    )
    found = []
    for role in NEEDED:
        without = [unit.name for unit in units if (unit.pk, role.value) not in held]
        if without:
            found.append(
                _("%(count)s đơn vị chưa có %(role)s: %(units)s.")
                % {"count": len(without), "role": str(role.label).lower(), "units": _listed(without)}
            )
    return found


def _listed(names: Sequence[str], shown: int = 6) -> str:
    text = ", ".join(names[:shown])
    return (
        text
        if len(names) <= shown
        else _("%(text)s và %(more)s đơn vị khác")
        % {
            "text": text,
            "more": len(names) - shown,
        }
    )


def _council_warnings(cycle: Cycle, groups: Sequence[GroupFacts]) -> list[str]:
    """Domains that nobody of the council was given; a seat without domains takes any."""
    seats = list(
        CouncilMember.objects.filter(council__cycle=cycle, active=True, role__in=APPRAISER_ROLES)
        .prefetch_related("domains")
        .order_by("pk")
    )
    if not seats:
        return [_("Hội đồng thẩm định chưa có thành viên.")]
    if any(not seat.domains.all() for seat in seats):
        return []
    taken = {domain.pk for seat in seats for domain in seat.domains.all()}
    found = []
    for group in groups:
        domains = Criterion.objects.filter(criteria_set=group.group.criteria_set_id, parent=None)
        codes = [domain.code for domain in domains.order_by("order") if domain.pk not in taken]
        if codes:
            found.append(
                _("%(group)s: lĩnh vực %(codes)s chưa giao cho ai thẩm định.")
                % {"group": group.group, "codes": ", ".join(codes)}
            )
    return found
