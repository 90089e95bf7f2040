"""Two coordinators with phân công open: the second to save sees what the first saved, and loses nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.shares import assigned
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access
from units.models import User
from units.permissions import Role
from workflow import actions

from .conftest import SignIn
from .test_unit_sheet import text


@pytest.fixture
def other(world: World) -> User:
    """A second coordinator of both units."""
    made = factories.user(full_name="Lê Thị Hai")
    for unit in ("so-a", "so-b"):
        access.join(made, world.units[unit], Role.COORDINATOR)
    return made


@pytest.fixture
def third(world: World) -> User:
    made = factories.user(full_name="Phạm Văn Ba")
    access.join(made, world.units["so-a"], Role.OFFICER)
    return made


def where(world: World, unit: str = "so-a") -> str:
    return reverse("assign", args=[world.dossiers[unit].pk])


def carried(page: Any) -> dict[str, list[str]]:
    """Every hidden field of the page, as a browser sends it back."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", page.content.decode()):
        name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
        assert name is not None
        assert value is not None
        if name[1].startswith(("officer.", "seen", "both")):
            found.setdefault(name[1], []).append(value[1])
    return found


def given(world: World, unit: str = "so-a") -> dict[str, str]:
    """Who fills what, by code."""
    return {code: str(person) for code, person in assigned(world.dossiers[unit]).items()}


def pick(client: Client, world: World, page: Any, codes: list[str], officer: User, note: str = "") -> Any:
    """Give criteria to somebody on the page, without saving."""
    picked = [world.domain(code).pk for code in codes]
    return client.post(where(world), {**carried(page), "give": "1", "to": officer.pk, "pick": picked, "note": note})


def test_second_to_save_sees_both_and_saves_over_nothing(
    world: World, as_user: SignIn, other: User, third: User
) -> None:
    mine, first = as_user(world.coordinator["so-a"]), world.officer["so-a"]
    page = pick(mine, world, mine.get(where(world)), ["1.1.1", "2"], other, note="Gấp")
    actions.reassign(world.dossier(), {world.domain("1").pk: third}, by=other)
    answer = mine.post(where(world), {**carried(page), "note": "Gấp"})
    assert answer.status_code == 409
    assert given(world) == {"1": "Phạm Văn Ba", "2": str(first)}
    shown = text(answer)
    assert "Phân công vừa được người khác lưu" in shown
    assert "1.1.1. Ban hành kế hoạch Phạm Văn Ba Lê Thị Hai đã lưu lúc 09:00 Thứ Sáu 20/11/2026 Lê Thị Hai" in shown
    assert "1.1.2. Tỷ lệ nhiệm vụ hoàn thành Phạm Văn Ba Lê Thị Hai đã lưu lúc" in shown
    assert "1 tiêu chí hai người giao khác nhau." in shown
    assert "Gấp</textarea>" in answer.content.decode()
    again = mine.post(where(world), {**carried(answer), "note": "Gấp"})
    assert again.status_code == 302
    # The own choice stands where both chose; what only the other changed is kept.
    assert given(world) == {"1.1.1": "Lê Thị Hai", "1.1.2": "Phạm Văn Ba", "2": "Lê Thị Hai"}


def test_second_keeps_what_was_saved_and_the_rest_of_the_own_choice(
    world: World, as_user: SignIn, other: User, third: User
) -> None:
    mine = as_user(world.coordinator["so-a"])
    page = pick(mine, world, mine.get(where(world)), ["1", "2"], other)
    actions.reassign(world.dossier(), {world.domain("1.1.1").pk: third}, by=other)
    clash = mine.post(where(world), {**carried(page), "note": "Gấp"})
    kept = mine.post(where(world), {**carried(clash), "theirs": "1", "note": "Gấp"})
    assert kept.status_code == 200
    assert "Có thay đổi chưa lưu." in text(kept)
    assert "Gấp</textarea>" in kept.content.decode()
    assert mine.post(where(world), {**carried(kept), "note": "Gấp"}).status_code == 302
    assert given(world) == {"1.1.1": "Phạm Văn Ba", "1.1.2": "Lê Thị Hai", "2": "Lê Thị Hai"}


def test_nothing_of_ones_own_left_is_said(world: World, as_user: SignIn, other: User, third: User) -> None:
    mine = as_user(world.coordinator["so-a"])
    page = pick(mine, world, mine.get(where(world)), ["1"], third)
    actions.reassign(world.dossier(), {world.domain("1").pk: third}, by=other)
    shown = text(mine.post(where(world), carried(page)))
    assert "Bạn chọn giống hệt bản đã lưu" in shown
    assert "Lưu phân công của tôi" not in shown


def test_giving_on_the_page_does_not_hide_what_was_saved_meanwhile(
    world: World, as_user: SignIn, other: User, third: User
) -> None:
    mine = as_user(world.coordinator["so-a"])
    page = mine.get(where(world))
    actions.reassign(world.dossier(), {world.domain("2").pk: third}, by=other)
    page = pick(mine, world, page, ["1"], other)
    assert mine.post(where(world), carried(page)).status_code == 409
    assert given(world)["2"] == "Phạm Văn Ba"


def test_third_save_after_the_look_is_a_conflict_again(world: World, as_user: SignIn, other: User, third: User) -> None:
    mine = as_user(world.coordinator["so-a"])
    page = pick(mine, world, mine.get(where(world)), ["1"], other)
    actions.reassign(world.dossier(), {world.domain("1").pk: third}, by=other)
    clash = mine.post(where(world), carried(page))
    actions.reassign(world.dossier(), {world.domain("2").pk: third}, by=other)
    again = mine.post(where(world), carried(clash))
    assert again.status_code == 409
    assert [line.criterion.code for line in again.context["clash"].lines] == ["2"]
    assert given(world) == {"1": "Phạm Văn Ba", "2": "Phạm Văn Ba"}


def test_one_coordinator_saves_again_and_again_without_being_asked(
    world: World, as_user: SignIn, other: User, third: User
) -> None:
    mine = as_user(world.coordinator["so-a"])
    for officer in (other, third):
        page = pick(mine, world, mine.get(where(world)), ["1"], officer)
        assert mine.post(where(world), carried(page)).status_code == 302
    assert given(world)["1"] == "Phạm Văn Ba"


def test_first_handing_out_by_two_shows_the_second_what_the_first_gave(
    world: World, as_user: SignIn, other: User
) -> None:
    mine, officer = as_user(world.coordinator["so-b"]), world.officer["so-b"]
    fields = {f"officer.{world.domain(code, 'so-b').pk}": str(other.pk) for code in ("1", "2")}
    assert mine.get(where(world, "so-b")).context["seen"] == 0
    chosen = {world.domain("1", "so-b").pk: officer, world.domain("2", "so-b").pk: other}
    actions.assign(world.item("assign", "so-b"), chosen, by=other)
    answer = mine.post(where(world, "so-b"), {**fields, "seen": "0", "note": "Gấp"})
    assert answer.status_code == 409
    assert given(world, "so-b") == {"1": str(officer), "2": "Lê Thị Hai"}
    lines = [(line.criterion.code, line.saved, line.mine) for line in answer.context["clash"].lines]
    assert lines == [("1", officer, other), ("2", other, None)]
    assert mine.post(where(world, "so-b"), {**carried(answer), "note": "Gấp"}).status_code == 302
    assert given(world, "so-b") == {"1": "Lê Thị Hai", "2": "Lê Thị Hai"}


def test_dossier_that_went_on_meanwhile_is_not_handed_over(world: World, as_user: SignIn, other: User) -> None:
    mine = as_user(world.coordinator["so-a"])
    page = pick(mine, world, mine.get(where(world)), ["1"], other)
    world.to(Stage.APPROVING)
    before = given(world)
    answer = mine.post(where(world), carried(page), follow=True)
    assert "Việc này không còn chờ bạn." in text(answer)
    assert given(world) == before
