"""The chain of hashes, and the triggers that keep it append-only on both engines."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from assessments import ledger
from assessments.append_only import create_triggers, drop_triggers
from assessments.ledger import broken, canonical, entry_hash, plain, record
from assessments.models import LedgerEntry
from assessments.stages import Stage
from results.models import Proposal, Publication
from tests.factories import World
from units import clock

LEDGER = "assessments_ledgerentry"


def chain_of(world: World) -> str:
    return f"dossier:{world.dossiers['so-a'].pk}"


def entries(world: World) -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(chain=chain_of(world)).order_by("seq"))


def sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


class Intruder:
    """Stands for somebody with the database's own password; speaks to it as migrations do."""

    connection = connection

    def execute(self, statement: str, params: object = None) -> None:
        sql(statement)


@contextmanager
def tampering() -> Iterator[None]:
    """Without the triggers of the ledger for the length of the block."""
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    drop_triggers(Intruder(), LEDGER)
    yield
    create_triggers(Intruder(), LEDGER)


def test_chain_begins_empty_and_links_each_entry_to_the_one_before(world: World) -> None:
    world.to(Stage.CHECKING)
    rows = entries(world)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.previous_hash for row in rows] == ["", *(row.hash for row in rows[:-1])]
    assert all(len(row.hash) == 64 for row in rows)
    assert list(broken(chain_of(world))) == []


def test_hash_covers_everything_that_the_entry_says(world: World) -> None:
    entry = record(
        world.dossier(),
        "stage",
        by=world.officer["so-a"],
        on_behalf_of=world.head["so-a"],
        criterion=world.domain("1"),
        before={"points": Decimal("1.50")},
        after={"points": None, "on": dt.date(2026, 12, 15)},
        reason="Lý do.",
    )
    stored = LedgerEntry.objects.get(pk=entry.pk)
    text = (
        f'{{"action":"stage","actor":{world.officer["so-a"].pk},"after":{{"on":"2026-12-15","points":null}},'
        f'"at":"2026-11-20T02:00:00+00:00","before":{{"points":"1.5"}},"chain":"{chain_of(world)}",'
        f'"criterion":{world.domain("1").pk},"on_behalf_of":{world.head["so-a"].pk},'
        f'"reason":"Lý do.","seq":{entry.seq}}}'
    )
    assert stored.hash == entry_hash(stored) == hashlib.sha256((stored.previous_hash + text).encode()).hexdigest()


def test_each_dossier_and_the_cycle_have_a_chain_of_their_own(world: World) -> None:
    own = record(world.dossier(), "x", by=None)
    other = record(world.dossier("so-b"), "x", by=None)
    cycle = record(world.cycle, "x", by=None)
    assert len({own.chain, other.chain, cycle.chain}) == 3
    assert (own.cycle_id, own.dossier_id) == (world.cycle.pk, world.dossiers["so-a"].pk)
    assert (cycle.cycle_id, cycle.dossier_id, cycle.chain) == (world.cycle.pk, None, f"cycle:{world.cycle.pk}")
    assert (own.seq, other.seq) == (2, 2)
    assert own.previous_hash != other.previous_hash


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("7.50"), "7.5"),
        (Decimal("100"), "100"),
        (Decimal("0.0000"), "0"),
        (Decimal("-0.0"), "0"),
        (dt.date(2026, 12, 15), "2026-12-15"),
        (dt.datetime(2026, 12, 15, tzinfo=dt.UTC), "2026-12-15T00:00:00+00:00"),
        (Stage.READY, "ready"),
    ],
)
def test_plain_values(value: object, text: str) -> None:
    assert plain(value) == text


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": [Decimal("1.0"), None, "Đạt"]}) == '{"a":["1",null,"Đạt"],"b":1}'


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason", "Đã sửa."),
        ("after", '{"stage":"final"}'),
        ("action", "khac"),
        ("actor_id", None),
        ("hash", "0" * 64),
        ("at", "2026-11-20 01:00:00+00:00"),
    ],
)
def test_changed_entry_is_found(world: World, column: str, value: object) -> None:
    world.to(Stage.CHECKING)
    target = entries(world)[2]
    with tampering():
        sql(f"UPDATE {LEDGER} SET {column} = %s WHERE id = %s", value, target.pk)
    found = [entry.seq for entry in broken(chain_of(world))]
    # a rewritten hash breaks the link of the next entry as well
    assert found == ([3, 4] if column == "hash" else [3])


def test_entry_whose_hash_was_made_to_fit_breaks_the_next_one(world: World) -> None:
    world.to(Stage.CHECKING)
    target = entries(world)[2]
    target.reason = "Đã sửa."
    with tampering():
        sql(f"UPDATE {LEDGER} SET reason = %s, hash = %s WHERE id = %s", "Đã sửa.", entry_hash(target), target.pk)
    assert [entry.seq for entry in broken(chain_of(world))] == [4]


def test_removed_entry_is_found(world: World) -> None:
    world.to(Stage.CHECKING)
    rows = entries(world)
    with tampering():
        sql(f"DELETE FROM {LEDGER} WHERE id = %s", rows[2].pk)
    assert [entry.seq for entry in broken(chain_of(world))] == [row.seq for row in rows[3:]]


def test_ledger_refuses_change_and_removal(world: World) -> None:
    entry = entries(world)[0]
    for attempt in (
        lambda: LedgerEntry.objects.filter(pk=entry.pk).update(reason="Đã sửa."),
        lambda: LedgerEntry.objects.filter(pk=entry.pk).delete(),
        lambda: sql(f"UPDATE {LEDGER} SET reason = 'x' WHERE id = %s", entry.pk),
        lambda: sql(f"DELETE FROM {LEDGER} WHERE id = %s", entry.pk),
    ):
        with (
            pytest.raises(IntegrityError, match=rf"append-only table {LEDGER}: (UPDATE|DELETE) refused"),
            transaction.atomic(),
        ):
            attempt()
    assert entries(world)[0].reason == entry.reason
    assert list(broken(chain_of(world))) == []


def test_triggers_are_back_after_tampering(world: World) -> None:
    with tampering():
        pass
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.update(reason="x")


def test_publication_refuses_change_and_removal(world: World) -> None:
    now = clock.now()
    proposal = Proposal.objects.create(
        cycle=world.cycle, number=1, content=[], content_hash="0", proposed_by=world.home_affairs, proposed_at=now
    )
    published = Publication.objects.create(
        cycle=world.cycle,
        proposal=proposal,
        decision_number="05/QĐ-UBND",
        decided_on=clock.today(),
        signer="Trần Văn Thắng",
        published_at=now,
        published_by=world.home_affairs,
        manifest={"year": 2026},
        manifest_hash="0",
    )
    for attempt in (
        lambda: Publication.objects.filter(pk=published.pk).update(signer="Khác"),
        lambda: Publication.objects.filter(pk=published.pk).delete(),
        published.save,
    ):
        with (
            pytest.raises(IntegrityError, match=r"append-only table results_publication: (UPDATE|DELETE) refused"),
            transaction.atomic(),
        ):
            attempt()
    assert Publication.objects.get().signer == "Trần Văn Thắng"


def test_record_writes_in_the_transaction_of_its_change(world: World) -> None:
    count = LedgerEntry.objects.count()
    with transaction.atomic():
        ledger.record(world.dossier(), "x", by=None)
        transaction.set_rollback(True)
    assert LedgerEntry.objects.count() == count
