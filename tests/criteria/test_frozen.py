"""A frozen set cannot be changed, neither through a service nor in the database, on either engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from criteria.errors import Frozen
from criteria.models import CriteriaSet, Criterion, GradeBand
from criteria.services import clone, freeze, write_set
from criteria.trees import read_set
from tests import factories
from units.models import Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    return Unit.objects.create(code="so-tu-phap", name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)


@pytest.fixture
def draft(unit: Unit) -> CriteriaSet:
    made = factories.criteria_set()
    made.criteria.get(code="1").leads.add(unit)
    made.criteria.get(code="2.1.1").dropped_for.add(unit)
    return made


@pytest.fixture
def frozen(draft: CriteriaSet) -> CriteriaSet:
    return freeze(draft, by=None)


def leaf(criteria_set: CriteriaSet) -> Criterion:
    return criteria_set.criteria.get(code="1.1.1")


def add_criterion(criteria_set: CriteriaSet) -> None:
    Criterion.objects.create(criteria_set=criteria_set, code="3", name="Thêm", order=90, maximum=Decimal(1))


def rescore(criteria_set: CriteriaSet) -> None:
    Criterion.objects.filter(pk=leaf(criteria_set).pk).update(maximum=Decimal(3))


def remove_criterion(criteria_set: CriteriaSet) -> None:
    leaf(criteria_set).delete()


def add_band(criteria_set: CriteriaSet) -> None:
    GradeBand.objects.create(criteria_set=criteria_set, label="Đạt", lower=Decimal(60))


def move_band(criteria_set: CriteriaSet) -> None:
    criteria_set.bands.filter(label="Tốt").update(lower=Decimal(85))


def remove_band(criteria_set: CriteriaSet) -> None:
    criteria_set.bands.filter(label="Tốt").delete()


def add_lead(criteria_set: CriteriaSet) -> None:
    criteria_set.criteria.get(code="2").leads.add(Unit.objects.get(code="so-tu-phap"))


def remove_lead(criteria_set: CriteriaSet) -> None:
    criteria_set.criteria.get(code="1").leads.clear()


def drop_for_unit(criteria_set: CriteriaSet) -> None:
    leaf(criteria_set).dropped_for.add(Unit.objects.get(code="so-tu-phap"))


def apply_to_unit_again(criteria_set: CriteriaSet) -> None:
    criteria_set.criteria.get(code="2.1.1").dropped_for.clear()


def move_lead(criteria_set: CriteriaSet) -> None:
    other = criteria_set.criteria.get(code="2")
    Criterion.leads.through.objects.filter(criterion__code="1", criterion__criteria_set=criteria_set).update(
        criterion_id=other.pk
    )


def rename(criteria_set: CriteriaSet) -> None:
    CriteriaSet.objects.filter(pk=criteria_set.pk).update(name="Tên khác", rounding_step=Decimal("0.5"))


def thaw(criteria_set: CriteriaSet) -> None:
    CriteriaSet.objects.filter(pk=criteria_set.pk).update(status=CriteriaSet.Status.DRAFT, frozen_at=None)


def remove_set(criteria_set: CriteriaSet) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM criteria_criteriaset WHERE id = %s", [criteria_set.pk])


CHANGES: tuple[Callable[[CriteriaSet], None], ...] = (
    add_criterion,
    rescore,
    remove_criterion,
    add_band,
    move_band,
    remove_band,
    add_lead,
    remove_lead,
    move_lead,
    drop_for_unit,
    apply_to_unit_again,
    rename,
)


@pytest.mark.parametrize("change", [*CHANGES, thaw, remove_set])
def test_database_refuses_a_change_of_a_frozen_set(frozen: CriteriaSet, change: Callable[[CriteriaSet], None]) -> None:
    before = read_set(frozen)

    with pytest.raises(IntegrityError, match="frozen criteria set"), transaction.atomic():
        change(frozen)

    assert read_set(CriteriaSet.objects.get(pk=frozen.pk)) == before


@pytest.mark.parametrize("change", CHANGES)
def test_database_lets_the_same_change_of_a_draft_through(
    draft: CriteriaSet, change: Callable[[CriteriaSet], None]
) -> None:
    before = read_set(draft)

    change(draft)

    assert read_set(CriteriaSet.objects.get(pk=draft.pk)) != before


def test_criterion_cannot_be_moved_into_or_out_of_a_frozen_set(frozen: CriteriaSet) -> None:
    other = factories.criteria_set("bo-khac")

    with pytest.raises(IntegrityError, match="frozen criteria set"), transaction.atomic():
        leaf(frozen).__class__.objects.filter(pk=leaf(frozen).pk).update(criteria_set=other, code="9", order=99)
    with pytest.raises(IntegrityError, match="frozen criteria set"), transaction.atomic():
        Criterion.objects.filter(pk=leaf(other).pk).update(criteria_set=frozen, code="9", order=99)

    assert frozen.criteria.count() == other.criteria.count() == 8


def test_draft_can_be_deleted_with_all_its_rows(draft: CriteriaSet) -> None:
    draft.delete()

    assert (CriteriaSet.objects.count(), Criterion.objects.count(), GradeBand.objects.count()) == (0, 0, 0)


def test_services_refuse_to_write_into_a_frozen_set(frozen: CriteriaSet) -> None:
    data = read_set(frozen)

    with pytest.raises(Frozen, match="đã khóa"):
        write_set(data, into=frozen, by=None)


def test_freezing_twice_keeps_the_first_time(frozen: CriteriaSet) -> None:
    first = frozen.frozen_at

    assert freeze(frozen, by=None).frozen_at == first


def test_clone_of_a_frozen_set_is_a_draft_that_can_be_changed(frozen: CriteriaSet) -> None:
    made = clone(frozen, year=2027, by=None)

    rescore(made)

    assert (made.status, made.cloned_from, made.frozen_at) == ("draft", frozen, None)
    assert leaf(made).maximum == 3
    assert leaf(frozen).maximum == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_change_that_races_with_freezing_comes_too_late() -> None:
    """The trigger waits for whoever is freezing the set at this moment."""
    draft = factories.criteria_set()
    refused: list[str] = []
    waiting = threading.Event()

    def change() -> None:
        waiting.set()
        try:
            add_criterion(draft)
        except IntegrityError as error:
            refused.append(str(error))
        finally:
            connection.close()

    with transaction.atomic():
        freeze(draft, by=None)
        thread = threading.Thread(target=change)
        thread.start()
        waiting.wait(10)
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(10)

    assert [text.splitlines()[0] for text in refused] == ["frozen criteria set: INSERT of criteria_criterion refused"]
    assert draft.criteria.count() == 8
