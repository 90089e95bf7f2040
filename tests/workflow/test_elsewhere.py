"""The inbox of coordinator and head shows the dossier that others of the unit work on, and nobody else's does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.plugin import DjangoDbBlocker

from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import clock
from units.models import User
from workflow.elsewhere import elsewhere
from workflow.inbox import inbox

from .conftest import SignIn


def build() -> World:
    world = factories.world().open()
    world.to(Stage.SELF_ASSESSING)
    score = world.score("1.1.1")
    entry = Entry({"met": "true"}, explanation="Đã ban hành.")
    save_score(score, entry, version=score.version, by=world.officer["so-a"])
    return world


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def rows(user: User) -> list[dict[str, Any]]:
    person = User.objects.get(pk=user.pk)
    return elsewhere(person, list(inbox(person)))


def test_coordinator_and_head_see_whom_the_dossier_waits_for(world: World) -> None:
    dossier = world.dossiers["so-a"]
    (seen,) = rows(world.coordinator["so-a"])
    assert seen["title"] == f"Tự đánh giá · {world.units['so-a']}"
    assert seen["sub"] == f"Đang chờ: {world.officer['so-a']} (2 lĩnh vực)"
    assert (seen["percent"], seen["progress_label"]) == (33, "tiêu chí đã xong")
    assert (seen["url"], seen["action_label"]) == (reverse("assign", args=[dossier.pk]), "Xem tiến độ")
    (seen,) = rows(world.head["so-a"])
    assert (seen["url"], seen["action_label"]) == (reverse("dossier", args=[dossier.pk]), "Xem hồ sơ")


def test_own_turn_and_other_units_are_not_among_it(world: World) -> None:
    assert rows(world.officer["so-a"]) == []
    assert rows(world.coordinator["so-b"]) == []  # phân công is her own turn
    (seen,) = rows(world.head["so-b"])
    assert seen["title"] == f"Phân công · {world.units['so-b']}"
    assert rows(world.second_appraiser) == []


def test_what_was_sent_is_gone(world: World) -> None:
    world.to(Stage.CHECKING)
    assert rows(world.coordinator["so-a"]) == []
    (seen,) = rows(world.head["so-a"])
    assert seen["sub"] == "Đang chờ: Rà soát hồ sơ"
    world.to(Stage.APPRAISING)
    assert rows(world.coordinator["so-a"]) == rows(world.head["so-a"]) == []


def test_page_shows_it_apart_from_the_tasks(world: World, as_user: SignIn) -> None:
    head = "Hồ sơ của đơn vị, đang chờ người khác"
    page = as_user(world.coordinator["so-a"]).get(reverse("inbox")).content.decode()
    assert head in page
    assert "Không có việc nào đang chờ bạn" in page
    assert head not in as_user(world.officer["so-a"]).get(reverse("inbox")).content.decode()


def test_it_costs_two_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    person = User.objects.get(pk=world.coordinator["so-a"].pk)
    mine = list(inbox(person))
    with django_assert_num_queries(2):
        assert len(elsewhere(person, mine)) == 1
