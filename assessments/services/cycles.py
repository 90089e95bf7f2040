"""Opening, watching and closing a cycle: Sở Nội vụ and the council's chair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from criteria.models import CriteriaSet, Criterion
from criteria.services import freeze
from criteria.trees import leaf_bounds
from units import access, clock
from units.models import Unit, User
from units.permissions import Perm

from .. import ledger
from ..errors import InvalidInput, WrongStage
from ..models import Cycle, CycleGroup, Dossier, Score
from ..moves import advance, advance_cycle, lock_cycle, lock_dossier, require_stage
from ..stages import DONE_STAGES, OPEN_STAGES, CycleStage, Stage


@transaction.atomic
def open_cycle(cycle: Cycle, *, by: User) -> list[Dossier]:
    """Freeze the sets and make one dossier with all its scores for each active unit of each group.

    Set-based: the number of queries does not grow with the units. Raises InvalidInput where a group has no unit.
    """
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, cycle)
    require_stage(cycle, [CycleStage.DRAFT])
    groups = list(cycle.groups.select_related("criteria_set", "group"))
    if not groups:
        raise InvalidInput({"groups": _("Đợt đánh giá chưa có nhóm xếp hạng nào.")})
    now = clock.now()
    for criteria_set in {group.criteria_set_id: group.criteria_set for group in groups}.values():
        freeze(criteria_set, by=None)  # part of opening, for which MANAGE was required
    dossiers: list[Dossier] = []
    for group in groups:
        units = list(Unit.objects.filter(group=group.group, active=True).order_by("order", "pk"))
        if not units:
            raise InvalidInput({"groups": _("Nhóm “%(group)s” chưa có đơn vị nào.") % {"group": group.group}})
        made = Dossier.objects.bulk_create(
            [Dossier(cycle=cycle, unit=unit, cycle_group=group, stage_since=now) for unit in units]
        )
        _make_scores(group, made)
        dossiers += made
    ledger.begin({dossier: {"unit": dossier.unit_id} for dossier in dossiers}, "open", by=by)
    cycle.opened_at = now
    advance_cycle(cycle, CycleStage.COLLECTING, by=by)
    return dossiers


def _make_scores(group: CycleGroup, dossiers: Sequence[Dossier]) -> None:
    leaves = list(
        Criterion.objects.filter(criteria_set_id=group.criteria_set_id)
        .exclude(source="")
        .prefetch_related("dropped_for")
        .order_by("order")
    )
    bounds = {leaf.pk: leaf_bounds(leaf) for leaf in leaves}
    named = Criterion.NaPolicy.NAMED
    dropped = {leaf.pk: {unit.pk for unit in leaf.dropped_for.all() if leaf.na_policy == named} for leaf in leaves}
    Score.objects.bulk_create(
        [
            Score(
                dossier=dossier,
                criterion=leaf,
                source=leaf.source,
                lowest=bounds[leaf.pk][0],
                highest=bounds[leaf.pk][1],
            )
            for dossier in dossiers
            for leaf in leaves
            if dossier.unit_id not in dropped[leaf.pk]
        ],
        batch_size=1000,
    )


# What a province does differently about sending, and when a unit sees its points: fields of Cycle, open to change
# until it is opened.
RULES = ("accept_late", "take_back", "self_report_required", "show_result_at")


@transaction.atomic
def set_rules(cycle: Cycle, rules: Mapping[str, bool | str], *, by: User) -> None:
    """Set some of RULES on a draft cycle. Raises WrongStage once it was opened."""
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, cycle)
    require_stage(cycle, [CycleStage.DRAFT])
    before = {name: getattr(cycle, name) for name in RULES if name in rules}
    after = {name: type(value)(rules[name]) for name, value in before.items()}
    if before == after:
        return
    for name, value in after.items():
        setattr(cycle, name, value)
    cycle.save(update_fields=list(after))
    ledger.record(cycle, "set_rules", by=by, before=before, after=after)


@transaction.atomic
def close_collection(cycle: Cycle, *, give_up_missing: bool, by: User) -> list[Dossier]:
    """Stop taking dossiers. Those not sent are recorded as not submitted, which `give_up_missing` must confirm.

    Returns the dossiers that were given up. Raises InvalidInput naming the units that have not sent.
    """
    cycle = lock_cycle(cycle)
    access.require(Perm.MANAGE, by, cycle)
    require_stage(cycle, [CycleStage.COLLECTING])
    missing = list(
        cycle.dossiers.filter(stage__in=[stage.value for stage in OPEN_STAGES]).select_related("unit").order_by("pk")
    )
    if missing and not give_up_missing:
        names = ", ".join(str(dossier.unit) for dossier in missing)
        raise InvalidInput(
            {
                "give_up_missing": _(
                    "%(count)s đơn vị chưa gửi hồ sơ: %(names)s. Hãy đôn đốc, gia hạn, hoặc đánh dấu ô xác nhận để "
                    "ghi các đơn vị này là “Không nộp hồ sơ”."
                )
                % {"count": len(missing), "names": names}
            }
        )
    given_up = []
    for stale in missing:
        dossier = lock_dossier(stale)
        advance(dossier, Stage.NOT_SUBMITTED, by=by)
        given_up.append(dossier)
    cycle.closed_at = clock.now()
    advance_cycle(cycle, CycleStage.APPRAISING, by=by)
    return given_up


def all_concluded(cycle: Cycle) -> bool:
    """Whether the council has nothing left to do on any dossier of `cycle`."""
    return not cycle.dossiers.exclude(stage__in=[stage.value for stage in DONE_STAGES]).exists()


def survey_ready(cycle: Cycle) -> bool:
    """Whether survey points stand, or none are asked for."""
    return not cycle.has_survey or cycle.survey_merged_at is not None


@transaction.atomic
def begin_conclusion(cycle: Cycle) -> None:
    """Every dossier is final: the council may conclude."""
    cycle = lock_cycle(cycle)
    if not all_concluded(cycle) or not survey_ready(cycle):
        raise WrongStage(_("Còn hồ sơ chưa thẩm định xong hoặc chưa có điểm điều tra xã hội học."))
    advance_cycle(cycle, CycleStage.CONCLUDING, by=None)


@transaction.atomic
def conclude_cycle(cycle: Cycle, *, by: User) -> None:
    """The chair concludes for the council; Sở Nội vụ may now propose the result."""
    cycle = lock_cycle(cycle)
    access.require(Perm.CHAIR, by, cycle)
    require_stage(cycle, [CycleStage.CONCLUDING])
    cycle.concluded_at = clock.now()
    advance_cycle(cycle, CycleStage.PROPOSING, by=by)


def illustrative(cycle: Cycle) -> bool:
    """Whether any set of the cycle is illustrative: every screen and file must then say "minh họa"."""
    return CriteriaSet.objects.filter(cycles__cycle=cycle, illustrative=True).exists()
