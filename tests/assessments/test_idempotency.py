"""A write that is sent twice has one effect."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from assessments.errors import InvalidInput
from assessments.idempotency import new_key, once
from assessments.models import RepeatedWrite
from tests import factories
from units.models import User

pytestmark = pytest.mark.django_db


class Counter:
    """Counts how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> dict[str, Any]:
        self.runs += 1
        return {"run": self.runs}


@pytest.fixture
def person() -> User:
    return factories.user()


def test_second_call_gets_the_first_answer(person: User) -> None:
    do, key = Counter(), new_key()
    assert [once(key, "save", by=person, do=do) for _ in range(3)] == [{"run": 1}] * 3
    assert do.runs == 1
    row = RepeatedWrite.objects.get()
    assert (row.user, str(row.key), row.action, row.answer) == (person, key, "save", {"run": 1})


def test_another_key_is_another_write(person: User) -> None:
    do = Counter()
    assert [once(new_key(), "save", by=person, do=do) for _ in range(2)] == [{"run": 1}, {"run": 2}]


def test_keys_of_two_people_do_not_meet(person: User) -> None:
    do, key = Counter(), new_key()
    once(key, "save", by=person, do=do)
    assert once(key, "save", by=factories.user(), do=do) == {"run": 2}


@pytest.mark.parametrize("key", [None, "", "not-a-key"])
def test_no_key_means_no_protection(person: User, key: str | None) -> None:
    do = Counter()
    assert [once(key, "save", by=person, do=do) for _ in range(2)] == [{"run": 1}, {"run": 2}]
    assert RepeatedWrite.objects.count() == 0


def test_refused_write_may_be_sent_again_under_its_key(person: User) -> None:
    key = new_key()

    def refuse() -> dict[str, Any]:
        raise InvalidInput({"points": "Sai."})

    with pytest.raises(InvalidInput):
        once(key, "save", by=person, do=refuse)
    assert RepeatedWrite.objects.count() == 0
    assert once(key, "save", by=person, do=Counter()) == {"run": 1}


def test_new_keys_are_uuids_and_differ() -> None:
    first, second = new_key(), new_key()
    assert first != second
    assert str(uuid.UUID(first)) == first
