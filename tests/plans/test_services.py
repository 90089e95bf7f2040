"""Writing plans: who may, what is refused, and that nobody's change is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from plans import services
from plans.content import MilestoneContent, PlanContent, TargetContent, TaskContent
from plans.errors import Conflict, InUse, InvalidInput
from plans.models import Plan
from plans.services import milestones_moved
from plans.visibility import manages, plans_for
from plans.working_groups import WorkingGroupMember
from plans.writing import content_of
from units import access
from units.access import NotAllowed
from units.models import Unit, User
from units.permissions import Perm

pytestmark = pytest.mark.django_db

NEW_TASK = TaskContent("3", "Công bố", time_text="Trước ngày 15/01/2027")
NEW_TARGET = TargetContent("B", "Mức hài lòng", Decimal(60), "%", ">")


def member(plan: Plan) -> WorkingGroupMember:
    return WorkingGroupMember.objects.create(seat=plan.groups.get().seats.all()[0], name="An", position="Giám đốc")


WRITES: dict[str, Callable[[Plan, PlanContent, User], object]] = {
    "create_plan": lambda plan, content, by: services.create_plan(replace(content, number="13/KH-UBND"), by=by),
    "replace_content": lambda plan, content, by: services.replace_content(plan, content, version=1, by=by),
    "save_header": lambda plan, content, by: services.save_header(plan, content, version=1, by=by),
    "save_task": lambda plan, content, by: services.save_task(plan, NEW_TASK, by=by),
    "delete_task": lambda plan, content, by: services.delete_task(plan.tasks.get(number="2"), by=by),
    "save_target": lambda plan, content, by: services.save_target(plan, NEW_TARGET, by=by),
    "delete_target": lambda plan, content, by: services.delete_target(plan.targets.get(), by=by),
    "clone_plan": lambda plan, content, by: services.clone_plan(
        plan, number="9/KH-UBND", title="Sao", signed_on=dt.date(2027, 11, 1), years=1, by=by
    ),
    "add_member": lambda plan, content, by: services.add_member(
        plan.groups.get().seats.all()[0], name="An", position="Giám đốc", skilled=False, by=by
    ),
    "remove_member": lambda plan, content, by: services.remove_member(member(plan), by=by),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_write_by_a_reader_is_refused(
    write: Callable[..., object], plan: Plan, content: PlanContent, reader: User
) -> None:
    with pytest.raises(NotAllowed, match="Chỉ người quản lý kế hoạch"):
        write(plan, content, reader)
    assert content_of(Plan.objects.get(pk=plan.pk)) == content
    assert Plan.objects.count() == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_write_by_the_keeper_is_done(
    write: Callable[..., object], plan: Plan, content: PlanContent, keeper: User
) -> None:
    write(plan, content, keeper)


def test_manages_whoever_keeps_the_plans(keeper: User, reader: User, province: Unit) -> None:
    assert (manages(keeper), manages(reader)) == (True, False)
    assert access.allowed(Perm.MANAGE_PLANS, keeper, province)


def test_plans_for_everybody_signed_in_and_nobody_else(plan: Plan, reader: User) -> None:
    assert list(plans_for(reader)) == [plan]
    reader.is_active = False
    assert list(plans_for(reader)) == []
    assert list(plans_for(None)) == []


def errors(call: Callable[[], object]) -> dict[str, list[str]]:
    """The messages with which `call` is refused."""
    with pytest.raises(InvalidInput) as error:
        call()
    return error.value.errors


def test_create_plan_with_everything(content: PlanContent, offices: list[Unit], keeper: User) -> None:
    assert content_of(services.create_plan(content, by=keeper)) == content


def test_create_plan_same_number_and_day_is_refused(plan: Plan, content: PlanContent, keeper: User) -> None:
    assert errors(lambda: services.create_plan(content, by=keeper)) == {
        "number": ["Đã có kế hoạch cùng số và ngày ký. Muốn thay nội dung, hãy mở kế hoạch đó rồi nhập từ Excel."]
    }


def test_create_plan_wrong_content_is_refused_whole(content: PlanContent, offices: list[Unit], keeper: User) -> None:
    wrong = replace(content, title="", tasks=(TaskContent("1", "Việc", time_text="hôm nào đó"),), targets=())
    found = errors(lambda: services.create_plan(wrong, by=keeper))
    assert found["title"] == ["Chưa nhập."]
    assert found["time_text"][0].startswith("Không hiểu thời gian “hôm nào đó”.")
    assert Plan.objects.count() == 0


def test_replace_content_counts_the_version(plan: Plan, content: PlanContent, keeper: User) -> None:
    services.replace_content(plan, replace(content, signer="Trần B"), version=1, by=keeper)
    plan.refresh_from_db()
    assert (plan.signer, plan.version) == ("Trần B", 2)


def test_replace_content_seen_before_another_change_is_refused(plan: Plan, content: PlanContent, keeper: User) -> None:
    services.save_task(plan, NEW_TASK, by=keeper)
    with pytest.raises(Conflict, match="Có người vừa sửa"):
        services.replace_content(plan, content, version=1, by=keeper)
    assert plan.tasks.filter(number="3").exists()


def moved(plan: Plan, call: Callable[[], object]) -> list[Plan]:
    """The plans of whose moved milestones the signal tells."""
    told: list[Plan] = []

    def listen(sender: Any, plan: Plan, **kwargs: Any) -> None:
        told.append(plan)

    milestones_moved.connect(listen)
    try:
        call()
    finally:
        milestones_moved.disconnect(listen)
    return told


def test_save_header_moves_a_milestone_and_tells_of_it(plan: Plan, content: PlanContent, keeper: User) -> None:
    header = replace(content, milestones=(MilestoneContent("self_assessment", dt.date(2026, 12, 20)),))
    assert moved(plan, lambda: services.save_header(plan, header, version=1, by=keeper)) == [plan]
    assert plan.milestones.get().on == dt.date(2026, 12, 20)


def test_save_header_same_milestones_tell_nobody(plan: Plan, content: PlanContent, keeper: User) -> None:
    header = replace(content, title="Tên khác")
    assert moved(plan, lambda: services.save_header(plan, header, version=1, by=keeper)) == []


def test_save_header_keeps_the_tasks(plan: Plan, content: PlanContent, keeper: User) -> None:
    header = replace(content, title="Tên khác", tasks=(), targets=(), groups=(), sheets=())
    services.save_header(plan, header, version=1, by=keeper)
    plan.refresh_from_db()
    assert content_of(plan) == replace(content, title="Tên khác")


def numbers(plan: Plan) -> list[str]:
    return list(plan.tasks.values_list("number", flat=True))


def test_save_task_new_one_comes_last(plan: Plan, keeper: User) -> None:
    task = services.save_task(plan, NEW_TASK, by=keeper)
    assert (task.time_kind, task.starts_on, task.ends_on) == ("before", None, dt.date(2027, 1, 15))
    assert numbers(plan) == ["1", "1.1", "2", "3"]


def test_save_task_new_child_comes_after_its_sisters(plan: Plan, keeper: User) -> None:
    task = services.save_task(plan, TaskContent("1.2", "Rà soát", parent="1"), by=keeper)
    assert numbers(plan) == ["1", "1.1", "1.2", "2"]
    assert task.parent == plan.tasks.get(number="1")


def test_save_task_after_a_deletion_keeps_the_order(plan: Plan, keeper: User) -> None:
    services.delete_task(plan.tasks.get(number="1.1"), by=keeper)
    services.save_task(plan, NEW_TASK, by=keeper)
    services.save_task(plan, TaskContent("1.1", "Nhập lại", parent="1"), by=keeper)
    assert numbers(plan) == ["1", "1.1", "2", "3"]


def test_save_task_changes_in_place(plan: Plan, keeper: User, offices: list[Unit]) -> None:
    task = plan.tasks.get(number="1")
    changed = TaskContent("I", "Tự chấm", lead="Sở Tư pháp", time_text="Quý IV năm 2026", lead_units=("so-tu-phap",))
    services.save_task(plan, changed, task=task, version=1, by=keeper)
    task.refresh_from_db()
    assert (task.number, task.time_kind, task.starts_on, task.ends_on, task.version) == (
        "I",
        "quarter",
        dt.date(2026, 10, 1),
        dt.date(2027, 1, 1),
        2,
    )
    assert list(task.leads.all()) == [offices[1]]
    assert plan.tasks.get(number="1.1").parent == task


def test_save_task_seen_before_another_change_is_refused(plan: Plan, keeper: User) -> None:
    task = plan.tasks.get(number="1")
    services.save_task(plan, TaskContent("1", "Bản của An"), task=task, version=1, by=keeper)
    with pytest.raises(Conflict):
        services.save_task(plan, TaskContent("1", "Bản của Bình"), task=task, version=1, by=keeper)
    assert plan.tasks.get(number="1").name == "Bản của An"


def test_save_task_two_tasks_at_once_do_not_collide(plan: Plan, keeper: User) -> None:
    for number in ("1", "2"):
        task = plan.tasks.get(number=number)
        services.save_task(plan, TaskContent(number, f"Mới {number}"), task=task, version=1, by=keeper)
    assert list(plan.tasks.filter(parent=None).values_list("name", flat=True)) == ["Mới 1", "Mới 2"]


@pytest.mark.parametrize(
    ("wrong", "field", "message"),
    [
        (TaskContent("1", "Việc"), "number", "Số này đã dùng cho “Tự đánh giá”."),
        (TaskContent("", "Việc"), "number", "Chưa nhập."),
        (TaskContent("4", ""), "name", "Chưa nhập."),
        (TaskContent("4", "Việc", parent="8"), "parent", "Không có nhiệm vụ số “8”."),
        (TaskContent("4", "Việc", lead_units=("x",)), "lead_units", "Không có đơn vị mã “x”."),
        (TaskContent("4", "Việc", time_text="30/02/2026"), "time_text", "Ngày 30/02/2026 không có trong lịch."),
    ],
)
def test_save_task_wrong_value_is_refused(
    plan: Plan, keeper: User, wrong: TaskContent, field: str, message: str
) -> None:
    assert errors(lambda: services.save_task(plan, wrong, by=keeper)) == {field: [message]}
    assert plan.tasks.count() == 3


def test_save_task_under_its_own_child_is_refused(plan: Plan, keeper: User) -> None:
    task = plan.tasks.get(number="1")
    found = errors(lambda: services.save_task(plan, TaskContent("1", "Việc", parent="1.1"), task=task, by=keeper))
    assert found == {"parent": ["Nhiệm vụ không thể thuộc chính nó."]}


def test_delete_task_with_children_is_refused(plan: Plan, keeper: User) -> None:
    plan.targets.all().delete()
    with pytest.raises(InUse, match="còn nhiệm vụ con"):
        services.delete_task(plan.tasks.get(number="1"), by=keeper)
    assert plan.tasks.count() == 3


def test_delete_task_with_a_target_is_refused(plan: Plan, keeper: User) -> None:
    plan.tasks.get(number="1.1").delete()
    with pytest.raises(InUse, match="Có chỉ tiêu thuộc nhiệm vụ này"):
        services.delete_task(plan.tasks.get(number="1"), by=keeper)
    assert plan.tasks.count() == 2


def test_delete_task_changed_meanwhile_is_refused(plan: Plan, keeper: User) -> None:
    task = plan.tasks.get(number="2")
    services.save_task(plan, TaskContent("2", "Khác"), task=task, by=keeper)
    with pytest.raises(Conflict):
        services.delete_task(task, version=1, by=keeper)
    services.delete_task(task, version=2, by=keeper)
    assert numbers(plan) == ["1", "1.1"]


def test_save_target_new_and_changed(plan: Plan, keeper: User) -> None:
    made = services.save_target(plan, NEW_TARGET, by=keeper)
    services.save_target(plan, replace(NEW_TARGET, value=Decimal(70), task="2"), target=made, version=1, by=keeper)
    made.refresh_from_db()
    assert (made.order, made.value, made.task, made.version) == (2, Decimal(70), plan.tasks.get(number="2"), 2)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(NEW_TARGET, number="A"), "number"),
        (replace(NEW_TARGET, comparison=""), "comparison"),
        (replace(NEW_TARGET, value=None), "value"),
        (replace(NEW_TARGET, task="9"), "task"),
        (replace(NEW_TARGET, text=""), "text"),
    ],
)
def test_save_target_wrong_value_is_refused(plan: Plan, keeper: User, wrong: TargetContent, field: str) -> None:
    assert list(errors(lambda: services.save_target(plan, wrong, by=keeper))) == [field]
    assert plan.targets.count() == 1


def test_save_target_seen_before_another_change_is_refused(plan: Plan, keeper: User) -> None:
    target = plan.targets.get()
    services.save_target(plan, replace(NEW_TARGET, number="A"), target=target, version=1, by=keeper)
    with pytest.raises(Conflict):
        services.save_target(plan, NEW_TARGET, target=target, version=1, by=keeper)


def test_clone_plan_next_year_with_dates_moved(plan: Plan, content: PlanContent, keeper: User) -> None:
    member(plan)
    made = services.clone_plan(
        plan, number="9/KH-UBND", title="Kế hoạch năm 2027", signed_on=dt.date(2027, 11, 3), years=1, by=keeper
    )
    assert made.cloned_from == plan
    assert content_of(made) == replace(
        content.shift_years(1), number="9/KH-UBND", title="Kế hoạch năm 2027", signed_on=dt.date(2027, 11, 3)
    )
    assert WorkingGroupMember.objects.filter(seat__group__plan=made).count() == 0
    assert content_of(plan) == content


def test_clone_plan_taken_number_is_refused(plan: Plan, keeper: User) -> None:
    call = lambda: services.clone_plan(  # noqa: E731
        plan, number=plan.number, title="x", signed_on=plan.signed_on, years=1, by=keeper
    )
    assert list(errors(call)) == ["number"]


def test_clone_plan_out_of_the_calendar_is_refused(plan: Plan, keeper: User) -> None:
    call = lambda: services.clone_plan(  # noqa: E731
        plan, number="9", title="x", signed_on=plan.signed_on, years=300, by=keeper
    )
    assert errors(call) == {"years": ["Năm phải từ 1900 đến 2199."]}


def test_add_member_twice_is_refused(plan: Plan, keeper: User) -> None:
    lead, other = plan.groups.get().seats.all()
    services.add_member(lead, name=" An ", position="Giám đốc", skilled=False, by=keeper)
    call = lambda: services.add_member(other, name="An", position="Giám đốc", skilled=True, by=keeper)  # noqa: E731
    assert errors(call) == {"name": ["Người này đã có trong tổ."]}


def test_add_member_skill_where_none_is_asked_is_refused(plan: Plan, keeper: User) -> None:
    lead, _other = plan.groups.get().seats.all()
    call = lambda: services.add_member(lead, name="", position="x", skilled=True, by=keeper)  # noqa: E731
    assert errors(call) == {
        "name": ["Chưa nhập."],
        "skilled": ["Thành phần này không đòi hỏi kỹ năng riêng."],
    }


def test_remove_member(plan: Plan, keeper: User) -> None:
    services.remove_member(member(plan), by=keeper)
    assert WorkingGroupMember.objects.count() == 0
