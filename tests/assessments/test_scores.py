"""Writing a unit's self-assessment: what is refused, what is kept, and what the ledger says of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from assessments.errors import Conflict, InvalidInput, WrongStage
from assessments.models import LedgerEntry, Score, ScoreEvidence
from assessments.services.scores import Entry, attach, detach, editable_score_ids, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role
from workflow import actions


@pytest.fixture(autouse=True)
def self_assessing(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)


def save(world: World, code: str, entry: Entry) -> Score:
    score = world.score(code)
    return save_score(score, entry, version=score.version, by=world.officer["so-a"])


def refused(world: World, code: str, entry: Entry) -> Mapping[str, str]:
    """The messages of a refusal that left the row as it was."""
    before = Score.objects.filter(pk=world.score(code).pk).values().get()
    with pytest.raises(InvalidInput) as caught:
        save(world, code, entry)
    assert Score.objects.filter(pk=before["id"]).values().get() == before
    return caught.value.errors


def entries(world: World, action: str, unit: str = "so-a") -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(dossier=world.dossiers[unit], action=action).order_by("seq"))


# what is typed


@pytest.mark.parametrize("typed", ["3,5", "3.5", " 3,50 "])
def test_points_with_comma_and_with_dot_are_the_same(world: World, typed: str) -> None:
    entry = Entry({"a": "1", "b": "2"}, points=typed, override_reason="Theo công văn số 5.")
    assert save(world, "1.1.2", entry).self_points == Decimal("3.5")


@pytest.mark.parametrize(("typed", "points"), [("7,5", "3"), ("7.5", "3"), ("2,5", "1")])
def test_figure_with_comma_and_with_dot_gives_the_same_points(world: World, typed: str, points: str) -> None:
    assert save(world, "1.1.2", Entry({"a": typed, "b": "10"})).self_points == Decimal(points)


def test_figures_are_kept_as_declared_and_points_follow_the_rule(world: World) -> None:
    saved = save(world, "1.1.2", Entry({"a": "3", "b": "4"}, explanation="  Theo báo cáo.  "))
    assert saved.declared == {"a": "3", "b": "4"}
    assert (saved.self_points, saved.explanation, saved.overridden) == (Decimal(3), "Theo báo cáo.", False)
    assert (saved.version, saved.updated_by, saved.updated_at) == (1, world.officer["so-a"], clock.now())
    stored = world.score("1.1.2")
    assert (stored.self_points, stored.declared) == (Decimal(3), {"a": "3", "b": "4"})


def test_missing_figure_is_kept_without_points(world: World) -> None:
    saved = save(world, "1.1.2", Entry({"a": "3", "b": ""}))
    assert (saved.declared, saved.self_points) == ({"a": "3"}, None)


def test_points_above_the_maximum_are_refused_with_the_bounds(world: World) -> None:
    entry = Entry({"a": "1", "b": "2"}, points="4,25", override_reason="Theo công văn số 5.")
    assert refused(world, "1.1.2", entry) == {
        "points": "Điểm 4,25 vượt điểm tối đa 4,00. Hãy nhập từ 0,00 đến 4,00.",
    }


def test_points_below_the_minimum_are_refused_with_the_bounds(world: World) -> None:
    entry = Entry({"a": "1", "b": "2"}, points="-0,5", override_reason="Theo công văn số 5.")
    assert refused(world, "1.1.2", entry) == {
        "points": "Điểm -0,50 thấp hơn mức thấp nhất. Hãy nhập từ 0,00 đến 4,00.",
    }


def test_points_finer_than_the_rounding_step_are_refused(world: World) -> None:
    entry = Entry({"a": "1", "b": "2"}, points="3,005", override_reason="Theo công văn số 5.")
    assert refused(world, "1.1.2", entry) == {"points": "Điểm phải là bội số của 0,01."}


def test_points_that_are_no_number_are_refused(world: World) -> None:
    errors = refused(world, "1.1.2", Entry({"a": "1", "b": "2"}, points="ba", override_reason="x"))
    assert errors == {"points": "Không đọc được số “ba”: hãy viết như 7,5 hoặc 1.234,5."}


def test_rule_below_zero_gives_negative_points(world: World) -> None:
    assert save(world, "3.1.3", Entry({"tier": "vi_pham"})).self_points == Decimal("-0.25")


def test_every_wrong_figure_is_named(world: World) -> None:
    errors = refused(world, "1.1.2", Entry({"a": "nhiều", "b": "-4"}))
    assert sorted(errors) == ["figures.a", "figures.b"]
    assert errors["figures.a"].startswith("Số nhiệm vụ hoàn thành: Không đọc được số")
    assert errors["figures.b"] == "Tổng số nhiệm vụ: không được là số âm."


def test_figures_that_contradict_each_other_are_refused(world: World) -> None:
    assert sorted(refused(world, "1.1.2", Entry({"a": "5", "b": "4"}))) == ["figures.a"]


def test_figures_that_the_rule_does_not_ask_for_are_left_out(world: World) -> None:
    saved = save(world, "1.1.1", Entry({"met": "có", "a": "99", "self_points": "50"}))
    assert (saved.declared, saved.self_points) == ({"met": True}, Decimal(2))


# points other than the rule's


def test_override_is_kept_with_its_reason(world: World) -> None:
    saved = save(world, "1.1.2", Entry({"a": "3", "b": "4"}, points="3,5", override_reason=" Theo công văn số 5. "))
    assert (saved.self_points, saved.overridden, saved.override_reason) == (
        Decimal("3.5"),
        True,
        "Theo công văn số 5.",
    )


def test_override_without_reason_is_refused(world: World) -> None:
    assert refused(world, "1.1.2", Entry({"a": "3", "b": "4"}, points="3,5", override_reason="  ")) == {
        "override_reason": "Hãy ghi lý do chấm khác với điểm tính theo quy tắc."
    }


def test_override_where_the_set_forbids_it_is_refused(world: World) -> None:
    assert refused(world, "1.1.1", Entry({"met": "có"}, points="1", override_reason="Có lý do.")) == {
        "points": "Điểm của tiêu chí này được tính từ số liệu kê khai, không nhập trực tiếp."
    }


def test_typed_points_equal_to_the_rule_are_no_override(world: World) -> None:
    saved = save(world, "1.1.1", Entry({"met": "có"}, points="2", override_reason="Thừa."))
    assert (saved.self_points, saved.overridden, saved.override_reason) == (Decimal(2), False, "")


# không phát sinh


def test_not_applicable_with_rescaling_has_no_points(world: World) -> None:
    saved = save(world, "2.1.1", Entry({}, not_applicable=True, explanation="Không có lĩnh vực nào."))
    assert (saved.not_applicable, saved.self_points) == (True, None)


def test_not_applicable_with_full_points_has_the_maximum(world: World) -> None:
    saved = save(world, "3.1.1", Entry({}, not_applicable=True, explanation="Không có kiến nghị."))
    assert (saved.not_applicable, saved.self_points) == (True, Decimal(2))


@pytest.mark.parametrize("code", ["1.1.1", "3.1.2"])
def test_not_applicable_is_refused_where_the_set_has_no_such_policy(world: World, code: str) -> None:
    assert refused(world, code, Entry({}, not_applicable=True)) == {
        "not_applicable": "Tiêu chí này không được khai “không phát sinh”."
    }


# whose points


@pytest.mark.parametrize("code", ["2.1.2", "3.1.4", "3.1.5"])
def test_survey_and_direct_criteria_cannot_be_self_scored(world: World, code: str) -> None:
    assert refused(world, code, Entry({}, points="1", override_reason="x")) == {
        "points": f"Tiêu chí {code} không do đơn vị tự chấm."
    }


@pytest.mark.parametrize("code", ["2.1.2", "3.1.4", "3.1.5"])
def test_survey_and_direct_criteria_cannot_be_self_scored_in_the_database(world: World, code: str) -> None:
    score = world.score(code)
    with pytest.raises(IntegrityError), transaction.atomic():
        Score.objects.filter(pk=score.pk).update(self_points=Decimal("0.5"))
    assert world.score(code).self_points is None


def test_officer_of_another_unit_is_refused(world: World) -> None:
    score = world.score("1.1.1")
    with pytest.raises(NotAllowed, match="Bạn không có quyền thực hiện việc này"):
        save_score(score, Entry({"met": "có"}), version=0, by=world.officer["so-b"])
    assert world.score("1.1.1").version == 0
    assert save_score(score, Entry({"met": "có"}), version=0, by=world.officer["so-a"]).version == 1


def test_head_and_council_cannot_write_for_the_unit(world: World) -> None:
    score = world.score("1.1.1")
    for person in (world.head["so-a"], world.second_appraiser, world.secretary, world.home_affairs):
        with pytest.raises(NotAllowed):
            save_score(score, Entry({"met": "có"}), version=0, by=person)
    assert world.score("1.1.1").version == 0


def test_person_who_left_the_unit_is_refused(world: World) -> None:
    officer = world.officer["so-a"]
    access.leave(officer, world.units["so-a"], Role.OFFICER)
    with pytest.raises(NotAllowed):
        save(world, "1.1.1", Entry({"met": "có"}))
    access.join(officer, world.units["so-a"], Role.OFFICER)
    assert save(world, "1.1.1", Entry({"met": "có"})).version == 1


# when


@pytest.mark.parametrize("stage", [Stage.APPROVING, Stage.READY, Stage.APPRAISING, Stage.REVIEWING, Stage.CONCLUDED])
def test_score_is_locked_once_the_unit_has_let_it_go(world: World, stage: Stage) -> None:
    world.to(stage)
    locked = world.score("1.1.1")
    assert editable_score_ids(world.dossier()) == set()
    with pytest.raises(WrongStage, match=r"Tiêu chí 1\.1\.1 đang khóa vì hồ sơ ở bước “.+”"):
        save(world, "1.1.1", Entry({"met": "không"}))
    assert world.score("1.1.1").version == locked.version


def test_score_is_open_while_the_coordinator_checks(world: World) -> None:
    world.to(Stage.CHECKING)
    assert editable_score_ids(world.dossier()) is None
    assert save(world, "1.1.1", Entry({"met": "không"})).self_points == 0


def test_supplement_opens_only_what_was_asked(world: World) -> None:
    world.to(Stage.REVIEWING)
    asked = world.score("1.1.1")
    actions.request_supplement(
        world.item("review"), {asked.pk: "Gửi văn bản."}, due_on=clock.today(), by=world.secretary
    )
    assert editable_score_ids(world.dossier()) == {asked.pk}
    with pytest.raises(WrongStage):
        save(world, "1.1.2", Entry({"a": "4", "b": "4"}))
    assert save(world, "1.1.1", Entry({"met": "không"})).self_points == 0


# two people at once


def test_conflict_shows_the_current_row_and_overwrites_nothing(world: World) -> None:
    seen = world.score("1.1.2").version
    colleague = world.coordinator["so-a"]
    save_score(world.score("1.1.2"), Entry({"a": "2", "b": "4"}), version=seen, by=colleague)
    with pytest.raises(Conflict, match=f"{colleague} đã lưu tiêu chí này trước bạn") as caught:
        save_score(world.score("1.1.2"), Entry({"a": "4", "b": "4"}), version=seen, by=world.officer["so-a"])
    current = caught.value.current
    assert (current.self_points, current.version, current.updated_by) == (Decimal(2), 1, colleague)
    stored = world.score("1.1.2")
    assert (stored.self_points, stored.version) == (Decimal(2), 1)
    assert len(entries(world, "self_score")) == 1


def test_loser_of_a_conflict_may_save_upon_what_stands_now(world: World) -> None:
    save_score(world.score("1.1.2"), Entry({"a": "2", "b": "4"}), version=0, by=world.coordinator["so-a"])
    saved = save_score(world.score("1.1.2"), Entry({"a": "4", "b": "4"}), version=1, by=world.officer["so-a"])
    assert (saved.self_points, saved.version) == (Decimal(4), 2)


def test_same_content_again_changes_nothing(world: World) -> None:
    entry = Entry({"a": "3", "b": "4"}, explanation="Theo báo cáo.")
    save(world, "1.1.2", entry)
    with clock.at(factories.WORKDAY.replace(hour=15)):
        again = save_score(world.score("1.1.2"), entry, version=0, by=world.coordinator["so-a"])
    assert (again.version, again.updated_by) == (1, world.officer["so-a"])
    assert len(entries(world, "self_score")) == 1


# the ledger


def test_ledger_tells_before_and_after(world: World) -> None:
    save(world, "1.1.2", Entry({"a": "2", "b": "4"}))
    save(world, "1.1.2", Entry({"a": "2", "b": "4"}, points="2,5", override_reason="Theo công văn số 5."))
    first, second = entries(world, "self_score")
    empty = {
        "declared": {},
        "not_applicable": False,
        "self_points": None,
        "overridden": False,
        "override_reason": "",
        "explanation": "",
    }
    two = {**empty, "declared": {"a": "2", "b": "4"}, "self_points": "2"}
    assert (first.before, first.after) == (empty, two)
    assert second.before == two
    assert second.after == {
        **two,
        "self_points": "2.5",
        "overridden": True,
        "override_reason": "Theo công văn số 5.",
    }
    assert {entry.actor for entry in (first, second)} == {world.officer["so-a"]}
    assert {entry.criterion.code for entry in (first, second)} == {"1.1.2"}
    assert second.seq == first.seq + 1


def test_refused_entry_leaves_no_trace_in_the_ledger(world: World) -> None:
    before = LedgerEntry.objects.count()
    refused(world, "1.1.1", Entry({}, not_applicable=True))
    assert LedgerEntry.objects.count() == before


def test_saving_one_criterion_costs_a_fixed_number_of_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Savepoint twice; dossier and score locked with right and end of the ledger; the criterion, once for each
    process; the write; the ledger's new entry."""
    score, by = world.score("1.1.2"), User.objects.get(pk=world.officer["so-a"].pk)
    with django_assert_num_queries(6):
        save_score(score, Entry({"a": "3", "b": "4"}), version=0, by=by)


# documents


def test_document_of_the_unit_is_attached_with_its_quote(world: World) -> None:
    officer = world.officer["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    link = attach(world.score("1.1.1"), version, quote=" mục II, trang 3 ", by=officer)
    assert (link.version, link.quote, link.added_by) == (version, "mục II, trang 3", officer)
    entry = entries(world, "attach")[0]
    assert (entry.criterion.code, entry.after) == (
        "1.1.1",
        {
            "document": version.document_id,
            "version": 1,
            "sha256": version.blob.sha256,
            "quote": "mục II, trang 3",
        },
    )


def test_document_of_another_unit_is_refused(world: World) -> None:
    foreign = factories.document(world.units["so-b"], by=world.officer["so-b"])
    with pytest.raises(InvalidInput, match="Chỉ dùng được tài liệu trong kho của chính đơn vị"):
        attach(world.score("1.1.1"), foreign, quote="", by=world.officer["so-a"])
    assert ScoreEvidence.objects.count() == 0


def test_same_document_again_only_changes_the_quote(world: World) -> None:
    officer, coordinator = world.officer["so-a"], world.coordinator["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    first = attach(world.score("1.1.1"), version, quote="trang 3", by=officer)
    second = attach(world.score("1.1.1"), version, quote="trang 5", by=coordinator)
    assert second.pk == first.pk
    stored = ScoreEvidence.objects.get()
    assert (stored.quote, stored.added_by) == ("trang 5", officer)
    assert (len(entries(world, "attach")), len(entries(world, "quote"))) == (1, 1)


def test_one_document_proves_several_criteria(world: World) -> None:
    officer = world.officer["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    for code in ("1.1.1", "1.1.2"):
        attach(world.score(code), version, quote="", by=officer)
    assert version.uses.count() == 2


def test_detached_document_stays_in_the_library(world: World) -> None:
    officer = world.officer["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    link = attach(world.score("1.1.1"), version, quote="trang 3", by=officer)
    detach(link, by=officer)
    version.refresh_from_db()
    assert ScoreEvidence.objects.count() == 0
    entry = entries(world, "detach")[0]
    assert entry.before == {"document": version.document_id, "version": 1, "quote": "trang 3"}


def test_documents_are_locked_with_the_score(world: World) -> None:
    officer = world.officer["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    link = attach(world.score("1.1.1"), version, quote="", by=officer)
    world.to(Stage.APPROVING)
    with pytest.raises(WrongStage):
        attach(world.score("1.1.2"), version, quote="", by=officer)
    with pytest.raises(WrongStage):
        detach(link, by=officer)
    assert ScoreEvidence.objects.count() == 1


def test_documents_of_another_unit_cannot_be_touched(world: World) -> None:
    officer, stranger = world.officer["so-a"], world.officer["so-b"]
    version = factories.document(world.units["so-a"], by=officer)
    link = attach(world.score("1.1.1"), version, quote="", by=officer)
    with pytest.raises(NotAllowed):
        detach(link, by=stranger)
    with pytest.raises(NotAllowed):
        attach(world.score("1.1.2"), version, quote="", by=stranger)
    assert ScoreEvidence.objects.count() == 1


@pytest.mark.parametrize("code", ["2.1.2", "3.1.5"])
def test_survey_and_leader_criteria_take_no_documents(world: World, code: str) -> None:
    officer = world.officer["so-a"]
    version = factories.document(world.units["so-a"], by=officer)
    with pytest.raises(InvalidInput, match="không do đơn vị tự chấm"):
        attach(world.score(code), version, quote="", by=officer)
