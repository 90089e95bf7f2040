"""The composition that a decision asks for, and what a group still lacks of it."""

from __future__ import annotations

import pytest

from plans.models import Plan
from plans.working_groups import Person, WorkingGroup, count_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def group(plan: Plan) -> WorkingGroup:
    return plan.groups.get()


@pytest.fixture
def seats(group: WorkingGroup) -> tuple[int, int]:
    lead, member = group.seats.all()
    return lead.pk, member.pk


def test_check_composition_right_group_has_no_errors(group: WorkingGroup, seats: tuple[int, int]) -> None:
    lead, member = seats
    people = [Person("An", "Giám đốc", lead), Person("Bình", "Chuyên viên", member, skilled=True)]
    assert group.check_composition(people) == []


def test_check_composition_too_few_people(group: WorkingGroup, seats: tuple[int, int]) -> None:
    assert group.check_composition([Person("Bình", "Chuyên viên", seats[1], skilled=True)]) == [
        "Tổ có 1 người, quy định từ 2 đến 3 thành viên.",
        "Tổ trưởng: Giám đốc: có 0 người, quy định 1 người.",
    ]


def test_check_composition_too_many_people(group: WorkingGroup, seats: tuple[int, int]) -> None:
    lead, member = seats
    people = [Person("An", "Giám đốc", lead)] + [Person(f"N{n}", "x", member, skilled=True) for n in range(3)]
    assert group.check_composition(people) == [
        "Tổ có 4 người, quy định từ 2 đến 3 thành viên.",
        "Tổ viên: Công chức: có 3 người, quy định từ 1 đến 2 người.",
    ]


def test_check_composition_skill_is_missing(group: WorkingGroup, seats: tuple[int, int]) -> None:
    lead, member = seats
    people = [Person("An", "Giám đốc", lead), Person("Bình", "Chuyên viên", member)]
    assert group.check_composition(people) == ["Tổ viên: Công chức: cần 1 người thạo Excel, mới có 0."]


def test_check_composition_nobody_twice(group: WorkingGroup, seats: tuple[int, int]) -> None:
    lead, member = seats
    people = [Person("An", "Giám đốc", lead), Person("AN", "giám đốc", member, skilled=True)]
    assert group.check_composition(people) == ["AN (giám đốc) có tên 2 lần."]


def test_check_composition_seat_of_another_group(group: WorkingGroup, seats: tuple[int, int]) -> None:
    lead, member = seats
    people = [
        Person("An", "Giám đốc", lead),
        Person("Bình", "Chuyên viên", member, skilled=True),
        Person("Lạ", "x", lead + member + 99),
    ]
    assert group.check_composition(people) == ["Lạ không thuộc thành phần nào của tổ."]


@pytest.mark.parametrize(("low", "high", "words"), [(8, 8, "8 thành viên"), (6, 8, "từ 6 đến 8 thành viên")])
def test_count_words(low: int, high: int, words: str) -> None:
    assert count_words(low, high, "thành viên") == words
