"""People at the screens: an opened cycle for each module, and a browser-like client for each person."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import clock
from units.models import User

SignIn = Callable[[User], Client]


def build() -> World:
    """Sở Nội vụ fills its dossier, the others have not begun."""
    made = factories.world().open()
    made.to(Stage.SELF_ASSESSING)
    return made


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    """The module's cycle, with the clock on an ordinary working day."""
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


@pytest.fixture
def as_user() -> SignIn:
    """A client on which the person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
