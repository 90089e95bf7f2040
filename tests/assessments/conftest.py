"""One opened cycle per module: each test gets its own copy of the objects, and its writes are rolled back."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests import factories
from tests.factories import LEAVES, NA_POLICIES, Row, World
from units import clock

# A third domain with what the first two lack: other policies of "không phát sinh", points below zero, direct points.
MORE_LEAVES: tuple[Row, ...] = (
    ("3", "Đánh giá chung", "9", "", None),
    ("3.1", "Các tiêu chí khác", "9", "", None),
    ("3.1.1", "Xử lý kiến nghị", "2", "self", {"kind": "yes_no"}),
    ("3.1.2", "Thanh tra công vụ", "1", "self", {"kind": "yes_no"}),
    (
        "3.1.3",
        "Kỷ luật, kỷ cương",
        "1",
        "self",
        {
            "kind": "tiers",
            "tiers": [
                {"key": "dat", "label": "Không vi phạm", "points": "1"},
                {"key": "vi_pham", "label": "Có vi phạm", "points": "-0.25"},
            ],
        },
    ),
    ("3.1.4", "Sáng kiến", "3", "council", {"kind": "direct", "by": "council"}),
    ("3.1.5", "Chất lượng tham mưu", "2", "leader", {"kind": "direct", "by": "leader"}),
)


def build() -> World:
    return factories.world(
        leaves=LEAVES + MORE_LEAVES, na_policies={**NA_POLICIES, "3.1.1": "full", "3.1.2": "named"}
    ).open()


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A cycle that takes dossiers."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    """The module's cycle, with the clock on an ordinary working day."""
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)
