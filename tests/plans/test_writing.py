"""Between rows and content: what is written is read back, rows keep their identity, what is stood on stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from plans.content import MilestoneContent, PlanContent, TaskContent
from plans.errors import InUse
from plans.models import Plan
from plans.working_groups import WorkingGroupMember
from plans.writing import content_of, write
from presets.plans import load_plan
from units.models import Unit

pytestmark = pytest.mark.django_db


def test_content_of_what_was_written(plan: Plan, content: PlanContent) -> None:
    assert content_of(plan) == content


@pytest.mark.parametrize("name", ["ben-tre", "gia-lai", "quang-binh", "son-la"])
def test_content_of_a_preset_written_to_another_plan_is_the_same(name: str) -> None:
    content = replace(content_of(load_plan(name)), number="1/KH")
    assert content_of(write(Plan(), content)) == content


def test_content_of_asks_a_constant_number_of_times(plan: Plan, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(8):  # type: ignore[operator]
        content_of(plan)
    larger = load_plan("ben-tre")
    with django_assert_num_queries(8):  # type: ignore[operator]
        content_of(larger)


def test_write_the_same_again_keeps_rows_and_versions(plan: Plan, content: PlanContent) -> None:
    before = list(plan.tasks.values_list("pk", "version")) + list(plan.targets.values_list("pk", "version"))
    write(plan, content)
    assert list(plan.tasks.values_list("pk", "version")) + list(plan.targets.values_list("pk", "version")) == before
    assert {version for _pk, version in before} == {1}


def test_write_changed_task_keeps_its_row_and_counts_its_version(plan: Plan, content: PlanContent) -> None:
    row = plan.tasks.get(number="1.1")
    first, second, third = content.tasks
    write(plan, replace(content, tasks=(first, replace(second, lead="Sở Nội vụ"), third)))
    changed = plan.tasks.get(number="1.1")
    assert (changed.pk, changed.lead, changed.version) == (row.pk, "Sở Nội vụ", 2)
    assert plan.tasks.get(number="1").version == 1


def test_write_new_task_stands_where_the_content_has_it(plan: Plan, content: PlanContent) -> None:
    first, second, third = content.tasks
    write(plan, replace(content, tasks=(first, second, TaskContent("1.2", "Rà soát", parent="1"), third)))
    assert list(plan.tasks.values_list("number", "order")) == [("1", 1), ("1.1", 2), ("1.2", 3), ("2", 4)]


def test_write_missing_task_goes_with_its_children_moved(plan: Plan, content: PlanContent) -> None:
    _first, second, third = content.tasks
    write(plan, replace(content, tasks=(replace(second, parent=""), third), targets=()))
    assert list(plan.tasks.values_list("number", "parent")) == [("1.1", None), ("2", None)]


def test_write_target_of_a_missing_task_stays_without_it(plan: Plan, content: PlanContent) -> None:
    target = plan.targets.get()
    (kept,) = content.targets
    write(plan, replace(content, tasks=content.tasks[2:], targets=(replace(kept, task=""),)))
    after = plan.targets.get()
    assert (after.pk, after.task) == (target.pk, None)


def test_write_milestone_that_the_content_lacks_stays(plan: Plan, content: PlanContent) -> None:
    write(plan, replace(content, milestones=(MilestoneContent("survey", dt.date(2026, 12, 30), inclusive=True),)))
    assert [(m.key, m.on.day, m.inclusive) for m in plan.milestones.order_by("on")] == [
        ("self_assessment", 15, False),
        ("survey", 30, True),
    ]


def test_write_units_follow_the_codes(plan: Plan, content: PlanContent, offices: list[Unit]) -> None:
    first, *rest = content.tasks
    moved = replace(first, lead_units=("so-tu-phap",), coordinating_units=("so-noi-vu",))
    write(plan, replace(content, tasks=(moved, *rest)))
    task = plan.tasks.get(number="1")
    assert (list(task.leads.all()), list(task.coordinators.all())) == ([offices[1]], [offices[0]])


def test_write_seat_with_a_member_cannot_go_and_nothing_is_written(plan: Plan, content: PlanContent) -> None:
    (group,) = content.groups
    WorkingGroupMember.objects.create(seat=plan.groups.get().seats.all()[0], name="An", position="Giám đốc")
    shorter = replace(content, title="Tên khác", groups=(replace(group, seats=group.seats[1:]),))
    with pytest.raises(InUse, match="Không xóa được “Tổ trưởng: Giám đốc”"):
        write(plan, shorter)
    assert content_of(Plan.objects.get(pk=plan.pk)) == content


def test_write_group_with_a_member_keeps_it(plan: Plan, content: PlanContent) -> None:
    member = WorkingGroupMember.objects.create(seat=plan.groups.get().seats.all()[0], name="An", position="Giám đốc")
    (group,) = content.groups
    write(plan, replace(content, groups=(replace(group, size_max=5),)))
    assert plan.groups.get().size_max == 5
    assert WorkingGroupMember.objects.get().pk == member.pk
