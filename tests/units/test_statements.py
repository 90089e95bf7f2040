"""A statement reads what its queryset reads, with values that are given from run to run."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import CharField, IntegerField, QuerySet
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from assessments.services.scores import LOCK_AND_CHECK
from tests import factories
from units import access
from units.models import Unit
from units.statements import Given, Statement


def children() -> QuerySet[Unit]:
    """Units of one kind below the unit of a given code, from a given place on."""
    return (
        Unit.objects.filter(
            parent__code=Given("parent", CharField()),
            order__gte=Given("first", IntegerField()),
            kind=Unit.Kind.DEPARTMENT,
        )
        .select_related("parent")
        .order_by("order")
    )


@pytest.fixture
def world(db: None) -> factories.World:
    return factories.world()


def test_statement_reads_what_is_given_with_related_rows(
    world: factories.World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    statement = Statement(children)
    parent = world.units["so-a"].parent
    assert parent is not None
    for first in (0, 2, 99):
        expected = [
            unit
            for unit in Unit.objects.filter(parent=parent, kind=Unit.Kind.DEPARTMENT).order_by("order")
            if unit.order >= first
        ]
        with django_assert_num_queries(1):
            found = statement.rows(parent=parent.code, first=first)
            assert [(unit, unit.name, unit.parent) for unit in found] == [
                (unit, unit.name, parent) for unit in expected
            ]
    assert statement.rows(parent="không có", first=0) == []


def test_value_that_is_missing_is_named(db: None) -> None:
    with pytest.raises(KeyError, match="first"):
        Statement(children).rows(parent="so-a")


@pytest.mark.django_db(transaction=True)
def test_lock_needs_a_transaction() -> None:
    world = factories.world().open()
    score = world.score("1.1.2")
    given = {"score": score.pk, "dossier": score.dossier_id, "chain": "dossier:0", **access.checked(world.secretary)}
    with pytest.raises(TransactionManagementError, match="transaction"):
        LOCK_AND_CHECK.rows(**given)
    with transaction.atomic():
        (found,) = LOCK_AND_CHECK.rows(**given)
    assert (found, found.dossier) == (score, score.dossier)
    assert (found.holds_right, found.stands_in, found.ledger_end) == (False, False, None)  # type: ignore[attr-defined]
