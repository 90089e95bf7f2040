"""Opening, extending, closing and concluding a cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments.errors import InvalidInput, WrongStage
from assessments.models import Cycle, CycleGroup, Dossier, Extension, LedgerEntry, Score
from assessments.services import cycles, extensions
from assessments.stages import CycleStage, Stage
from criteria.models import CriteriaSet
from tests import factories
from tests.factories import World
from units import clock
from units.access import NotAllowed
from units.models import Unit, UnitGroup, User

YEAR = factories.YEAR


@pytest.fixture
def draft(db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield factories.world()


def set_of(world: World) -> CriteriaSet:
    return world.cycle.groups.earliest("pk").criteria_set


def stage(world: World) -> str:
    return Cycle.objects.get(pk=world.cycle.pk).stage


def everybody_but(world: World, *allowed: User) -> list[User]:
    people = [
        world.officer["so-a"],
        world.coordinator["so-a"],
        world.head["so-a"],
        world.second_appraiser,
        world.secretary,
        world.chair,
        world.home_affairs,
        world.province,
        world.investigator,
    ]
    return [person for person in people if person not in allowed]


# mở đợt


def test_opening_makes_one_dossier_per_active_unit_with_all_its_scores(draft: World) -> None:
    Unit.objects.filter(pk=draft.units["so-b"].pk).update(active=False)
    made = cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    assert {dossier.unit for dossier in made} == {draft.units["so-a"], draft.units["huyen-c"]}
    assert [dossier.stage for dossier in Dossier.objects.filter(cycle=draft.cycle)] == [
        Stage.ASSIGNING,
        Stage.ASSIGNING,
    ]
    rows = Score.objects.filter(dossier=made[0]).values_list(
        "criterion__code", "source", "lowest", "highest", "self_points"
    )
    assert list(rows) == [
        ("1.1.1", "self", Decimal(0), Decimal(2), None),
        ("1.1.2", "self", Decimal(0), Decimal(4), None),
        ("2.1.1", "self", Decimal(0), Decimal(3), None),
        ("2.1.2", "survey", Decimal(0), Decimal(1), None),
    ]
    opened = Cycle.objects.get(pk=draft.cycle.pk)
    assert (opened.stage, opened.opened_at) == (CycleStage.COLLECTING, clock.now())


def test_opening_freezes_the_criteria_sets(draft: World) -> None:
    cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    frozen = set_of(draft)
    assert (frozen.status, frozen.frozen_at) == (CriteriaSet.Status.FROZEN, clock.now())


@pytest.mark.parametrize(("policy", "holding"), [("named", 2), ("rescale", 3)])
def test_unit_has_no_score_for_a_criterion_that_is_dropped_for_it(draft: World, policy: str, holding: int) -> None:
    """Naming units counts under that policy only, as it does when the points are added up."""
    leaf = set_of(draft).criteria.get(code="2.1.1")
    leaf.na_policy = policy
    leaf.save()
    leaf.dropped_for.add(draft.units["so-a"])
    cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    units = set(Score.objects.filter(criterion=leaf).values_list("dossier__unit", flat=True))
    assert len(units) == holding
    assert (draft.units["so-a"].pk in units) is (policy != "named")


def test_only_so_noi_vu_opens(draft: World) -> None:
    for person in everybody_but(draft, draft.home_affairs):
        with pytest.raises(NotAllowed):
            cycles.open_cycle(draft.cycle, by=person)
    assert stage(draft) == CycleStage.DRAFT
    cycles.open_cycle(draft.cycle, by=draft.home_affairs)


def test_cycle_is_opened_once(draft: World) -> None:
    cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    with pytest.raises(WrongStage, match="Đợt đánh giá đang ở bước “Đang nhận hồ sơ”"):
        cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    assert Dossier.objects.filter(cycle=draft.cycle).count() == 3


def test_group_without_units_is_refused(draft: World) -> None:
    empty = UnitGroup.objects.create(code="cap-xa", name="UBND cấp xã")
    CycleGroup.objects.create(cycle=draft.cycle, group=empty, criteria_set=set_of(draft))
    with pytest.raises(InvalidInput, match="Nhóm “UBND cấp xã” chưa có đơn vị nào"):
        cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    assert (Dossier.objects.filter(cycle=draft.cycle).count(), stage(draft)) == (0, CycleStage.DRAFT)
    assert set_of(draft).status == CriteriaSet.Status.DRAFT


def test_cycle_without_groups_is_refused(draft: World) -> None:
    draft.cycle.groups.all().delete()
    with pytest.raises(InvalidInput, match="Đợt đánh giá chưa có nhóm xếp hạng nào"):
        cycles.open_cycle(draft.cycle, by=draft.home_affairs)


def test_opening_costs_the_same_for_any_number_of_units(draft: World) -> None:
    counts = []
    for extra in (0, 10):
        other = factories.world()
        group = other.units["so-a"].group
        Unit.objects.bulk_create(
            Unit(code=f"them-{other.cycle.pk}-{n}", name=f"Sở {n}", kind=Unit.Kind.DEPARTMENT, group=group)
            for n in range(extra)
        )
        by = User.objects.get(pk=other.home_affairs.pk)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            made = cycles.open_cycle(other.cycle, by=by)
        assert len(made) == 3 + extra
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_every_new_dossier_begins_its_own_chain(draft: World) -> None:
    made = cycles.open_cycle(draft.cycle, by=draft.home_affairs)
    rows = (
        LedgerEntry.objects.filter(cycle=draft.cycle, action="open")
        .order_by("dossier")
        .values_list("chain", "seq", "after")
    )
    assert list(rows) == [
        (f"dossier:{dossier.pk}", 1, {"unit": dossier.unit_id}) for dossier in sorted(made, key=lambda d: d.pk)
    ]


# gia hạn


def extend(world: World, until: dt.date, *, reason: str = "Bão số 9.", by: User | None = None) -> Extension:
    (made,) = extensions.extend(
        world.cycle,
        [world.units["so-a"]],
        until=until,
        reason=reason,
        decision_number=" 15/SNV ",
        by=by or world.home_affairs,
    )
    return made


def test_extension_keeps_day_reason_and_number(world: World) -> None:
    made = extend(world, dt.date(YEAR, 12, 18), reason=" Bão số 9. ")
    assert (made.until, made.reason, made.decision_number) == (dt.date(YEAR, 12, 18), "Bão số 9.", "15/SNV")
    assert (made.granted_by, made.granted_at) == (world.home_affairs, clock.now())
    entry = LedgerEntry.objects.get(action="extend")
    assert (entry.dossier, entry.after, entry.reason) == (
        world.dossier(),
        {"until": "2026-12-18", "decision": "15/SNV"},
        "Bão số 9.",
    )


def test_only_so_noi_vu_extends(world: World) -> None:
    for person in everybody_but(world, world.home_affairs):
        with pytest.raises(NotAllowed):
            extend(world, dt.date(YEAR, 12, 18), by=person)
    extend(world, dt.date(YEAR, 12, 18))


def test_extension_without_reason_or_into_the_past_is_refused(world: World) -> None:
    with clock.at(dt.datetime(YEAR, 12, 20, 9, tzinfo=clock.LOCAL)), pytest.raises(InvalidInput) as caught:
        extend(world, dt.date(YEAR, 12, 19), reason=" ")
    assert caught.value.errors == {
        "until": "Ngày gia hạn phải từ hôm nay trở đi.",
        "reason": "Hãy ghi lý do gia hạn.",
    }
    with clock.at(dt.datetime(YEAR, 12, 20, 9, tzinfo=clock.LOCAL)):
        extend(world, dt.date(YEAR, 12, 20))


def test_extension_must_end_after_the_plans_own_date(world: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        extend(world, dt.date(YEAR, 12, 14))
    assert caught.value.errors == {
        "until": "Ngày gia hạn phải sau hạn chung: trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)."
    }
    extend(world, dt.date(YEAR, 12, 15))


def test_unit_that_has_sent_is_not_extended(world: World) -> None:
    world.to(Stage.APPRAISING)
    with pytest.raises(InvalidInput) as caught:
        extend(world, dt.date(YEAR, 12, 18))
    assert caught.value.errors == {"units": "Sở Nội vụ đã gửi hồ sơ nên không cần gia hạn."}


def test_extension_is_refused_after_collection_was_closed(world: World) -> None:
    cycles.close_collection(world.cycle, give_up_missing=True, by=world.home_affairs)
    with pytest.raises(WrongStage):
        extend(world, dt.date(YEAR, 12, 18))


# kết thúc nhận hồ sơ


def test_closing_names_the_units_that_have_not_sent(world: World) -> None:
    world.to(Stage.APPRAISING)
    with pytest.raises(InvalidInput, match="2 đơn vị chưa gửi hồ sơ: Sở Tư pháp, UBND huyện Lệ Thủy"):
        cycles.close_collection(world.cycle, give_up_missing=False, by=world.home_affairs)
    assert stage(world) == CycleStage.COLLECTING
    given_up = cycles.close_collection(world.cycle, give_up_missing=True, by=world.home_affairs)
    assert {dossier.unit.name for dossier in given_up} == {"Sở Tư pháp", "UBND huyện Lệ Thủy"}
    assert [world.dossier(code).stage for code in ("so-a", "so-b", "huyen-c")] == [
        Stage.APPRAISING,
        Stage.NOT_SUBMITTED,
        Stage.NOT_SUBMITTED,
    ]
    closed = Cycle.objects.get(pk=world.cycle.pk)
    assert (closed.stage, closed.closed_at) == (CycleStage.APPRAISING, clock.now())


def test_only_so_noi_vu_closes(world: World) -> None:
    for person in everybody_but(world, world.home_affairs):
        with pytest.raises(NotAllowed):
            cycles.close_collection(world.cycle, give_up_missing=True, by=person)
    cycles.close_collection(world.cycle, give_up_missing=True, by=world.home_affairs)
    with pytest.raises(WrongStage):
        cycles.close_collection(world.cycle, give_up_missing=True, by=world.home_affairs)


# kết luận


def at(world: World, wanted: CycleStage) -> None:
    Cycle.objects.filter(pk=world.cycle.pk).update(stage=wanted)


def test_conclusion_waits_for_dossiers_and_survey(world: World) -> None:
    at(world, CycleStage.APPRAISING)
    steps: list[Callable[[], object]] = [
        lambda: Dossier.objects.filter(cycle=world.cycle).update(stage=Stage.NOT_SUBMITTED),
        lambda: Cycle.objects.filter(pk=world.cycle.pk).update(survey_merged_at=clock.now()),
    ]
    for step in steps:
        with pytest.raises(WrongStage, match="Còn hồ sơ chưa thẩm định xong hoặc chưa có điểm điều tra"):
            cycles.begin_conclusion(world.cycle)
        step()
    cycles.begin_conclusion(world.cycle)
    assert stage(world) == CycleStage.CONCLUDING


def test_only_the_chair_concludes(world: World) -> None:
    at(world, CycleStage.CONCLUDING)
    for person in everybody_but(world, world.chair):
        with pytest.raises(NotAllowed):
            cycles.conclude_cycle(world.cycle, by=person)
    cycles.conclude_cycle(world.cycle, by=world.chair)
    concluded = Cycle.objects.get(pk=world.cycle.pk)
    assert (concluded.stage, concluded.concluded_at) == (CycleStage.PROPOSING, clock.now())


def test_conclusion_is_refused_before_its_time(world: World) -> None:
    with pytest.raises(WrongStage):
        cycles.conclude_cycle(world.cycle, by=world.chair)


def test_illustrative_cycle_says_so(draft: World) -> None:
    assert cycles.illustrative(draft.cycle)
    CriteriaSet.objects.filter(pk=set_of(draft).pk).update(illustrative=False)
    assert not cycles.illustrative(draft.cycle)
