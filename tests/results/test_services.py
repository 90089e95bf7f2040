"""From proposal to publication: two people, and a snapshot that nothing changes afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from assessments.errors import InvalidInput, WrongStage
from assessments.models import Cycle, Dossier, LedgerEntry, Score
from assessments.stages import CycleStage, Stage
from results.models import Proposal, Publication
from results.services import content_hash, current_proposal, decide, is_intact, propose, publish
from results.table import as_content, result_table
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role


def stage(world: World) -> str:
    return Cycle.objects.get(pk=world.cycle.pk).stage


def everybody_but(world: World, *allowed: User) -> list[User]:
    people = [
        world.officer["so-a"],
        world.head["so-a"],
        world.second_appraiser,
        world.secretary,
        world.chair,
        world.home_affairs,
        world.province,
        world.investigator,
    ]
    return [person for person in people if person not in allowed]


def put(world: World, note: str = "") -> Proposal:
    return propose(world.cycle, note=note, by=world.home_affairs)


def approve(world: World) -> Proposal:
    return decide(world.cycle, approved=True, comment="", by=world.province)


def announce(world: World, *, by: User | None = None, **changes: object) -> Publication:
    values = {"decision_number": " 05/QĐ-UBND ", "decided_on": clock.today(), "signer": " Trần Văn Thắng ", **changes}
    return publish(world.cycle, **values, by=by or world.home_affairs)  # type: ignore[arg-type]


# trình


def test_proposal_keeps_the_table_as_it_stands(world: World) -> None:
    made = put(world, " Kính trình. ")
    assert (made.number, made.note, made.proposed_by, made.proposed_at) == (
        1,
        "Kính trình.",
        world.home_affairs,
        clock.now(),
    )
    assert made.content == as_content(result_table(world.cycle))
    assert made.content_hash == content_hash(made.content)
    assert (stage(world), current_proposal(world.cycle)) == (CycleStage.DECIDING, made)


def test_only_so_noi_vu_proposes(world: World) -> None:
    for person in everybody_but(world, world.home_affairs):
        with pytest.raises(NotAllowed):
            propose(world.cycle, note="", by=person)
    assert Proposal.objects.count() == 0
    put(world)


def test_unfinished_units_are_named(world: World) -> None:
    for unit in ("so-a", "huyen-c"):
        Score.objects.filter(pk=world.score("2.1.2", unit).pk).update(survey_points=None)
    with pytest.raises(InvalidInput) as caught:
        put(world)
    assert caught.value.errors == {"table": "Chưa đủ điểm để trình: Sở Nội vụ, UBND huyện Lệ Thủy."}
    assert (Proposal.objects.count(), stage(world)) == (0, CycleStage.PROPOSING)


def test_unit_that_sent_nothing_does_not_hold_the_others_up(world: World) -> None:
    Dossier.objects.filter(pk=world.dossiers["so-a"].pk).update(stage=Stage.NOT_SUBMITTED)
    put(world)
    assert stage(world) == CycleStage.DECIDING


def test_result_is_proposed_once_until_it_comes_back(world: World) -> None:
    put(world)
    with pytest.raises(WrongStage):
        put(world)
    decide(world.cycle, approved=False, comment="Bổ sung thuyết minh.", by=world.province)
    assert stage(world) == CycleStage.PROPOSING
    assert put(world).number == 2


# quyết định


def test_decision_keeps_who_when_and_what(world: World) -> None:
    put(world)
    decided = approve(world)
    assert (decided.approved, decided.decided_by, decided.decided_at) == (True, world.province, clock.now())
    assert stage(world) == CycleStage.PUBLISHING


def test_only_the_province_decides(world: World) -> None:
    put(world)
    for person in everybody_but(world, world.province):
        with pytest.raises(NotAllowed):
            decide(world.cycle, approved=True, comment="", by=person)
    assert stage(world) == CycleStage.DECIDING
    approve(world)


def test_proposer_never_decides_whatever_the_roles(world: World) -> None:
    both = world.home_affairs
    access.grant(Role.PROVINCE, both, world.cycle)
    made = put(world)
    with pytest.raises(NotAllowed, match="Người trình không được là người quyết định"):
        decide(world.cycle, approved=True, comment="", by=both)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=made.pk).update(approved=True, decided_by=both, decided_at=clock.now())
    approve(world)


def test_return_needs_a_reason(world: World) -> None:
    put(world)
    with pytest.raises(InvalidInput) as caught:
        decide(world.cycle, approved=False, comment="  ", by=world.province)
    assert caught.value.errors == {"comment": "Hãy ghi lý do trả lại để Sở Nội vụ biết cần sửa gì."}
    assert stage(world) == CycleStage.DECIDING


def test_nothing_is_decided_before_it_was_proposed_or_twice(world: World) -> None:
    with pytest.raises(WrongStage):
        approve(world)
    put(world)
    approve(world)
    with pytest.raises(WrongStage):
        approve(world)


# công bố


def test_publication_is_exactly_what_was_approved(world: World) -> None:
    proposal = put(world)
    approve(world)
    Score.objects.filter(pk=world.score("1.1.1").pk).update(appraised_points=Decimal(0), appraised_reason="Muộn.")
    made = announce(world)
    assert made.manifest["groups"] == proposal.content
    assert {key: made.manifest[key] for key in ("year", "decision_number", "decided_on", "signer", "published_at")} == {
        "year": factories.YEAR,
        "decision_number": "05/QĐ-UBND",
        "decided_on": "2026-11-20",
        "signer": "Trần Văn Thắng",
        "published_at": "2026-11-20T02:00:00+00:00",
    }
    assert (made.proposal, made.published_by, stage(world)) == (proposal, world.home_affairs, CycleStage.PUBLISHED)


def test_anybody_can_compute_the_hash_again(world: World) -> None:
    put(world)
    approve(world)
    made = Publication.objects.get(pk=announce(world).pk)
    text = json.dumps(made.manifest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert made.manifest_hash == hashlib.sha256(text.encode()).hexdigest()
    assert is_intact(made)
    made.manifest["groups"][0]["units"][0]["rank"] = 2
    assert not is_intact(made)


def test_publication_stands_in_the_ledger_of_the_cycle(world: World) -> None:
    put(world)
    approve(world)
    made = announce(world)
    entry = LedgerEntry.objects.get(action="publish")
    assert (entry.chain, entry.after) == (f"cycle:{world.cycle.pk}", {"manifest": made.manifest_hash})


def test_only_so_noi_vu_publishes(world: World) -> None:
    put(world)
    approve(world)
    for person in everybody_but(world, world.home_affairs):
        with pytest.raises(NotAllowed):
            announce(world, by=person)
    assert Publication.objects.count() == 0
    announce(world)


def test_publication_needs_number_signer_and_a_day_that_came(world: World) -> None:
    put(world)
    approve(world)
    with pytest.raises(InvalidInput) as caught:
        announce(world, decision_number=" ", signer="", decided_on=clock.today() + dt.timedelta(days=1))
    assert caught.value.errors == {
        "decision_number": "Hãy nhập số quyết định, ví dụ 05/QĐ-UBND.",
        "signer": "Hãy nhập họ tên người ký quyết định.",
        "decided_on": "Ngày quyết định không được sau hôm nay.",
    }
    assert stage(world) == CycleStage.PUBLISHING


def test_nothing_is_published_before_its_approval_or_twice(world: World) -> None:
    with pytest.raises(WrongStage):
        announce(world)
    put(world)
    with pytest.raises(WrongStage):
        announce(world)
    approve(world)
    announce(world)
    with pytest.raises(WrongStage):
        announce(world)
    assert Publication.objects.count() == 1
