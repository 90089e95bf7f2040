"""The council's side: who appraises what, reasons, supplements, appeals, conclusion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from assessments.errors import Conflict, Incomplete, InvalidInput, WrongStage
from assessments.models import Appeal, Dossier, LedgerEntry, Score
from assessments.services import appraisal
from assessments.services.appraisal import Wanted, accept_rest, appraise, finish_domain, to_appraise
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access, clock
from units.access import NotAllowed
from units.models import User
from units.permissions import Role
from workflow import actions

UNIT = "so-a"
SECOND = "2.1.1"


def council(world: World) -> User:
    """The appraiser without a conflict of interest with UNIT."""
    return world.second_appraiser


def give(world: World, code: str, points: str, reason: str = "", *, by: User | None = None) -> Score:
    score = world.score(code)
    return appraise(score, points, reason=reason, version=score.appraised_version, by=by or council(world))


def entries(world: World, action: str) -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(dossier=world.dossiers[UNIT], action=action).order_by("seq"))


@pytest.fixture
def appraising(world: World) -> World:
    world.to(Stage.APPRAISING)
    return world


@pytest.fixture
def reviewing(world: World) -> World:
    world.to(Stage.REVIEWING)
    return world


@pytest.fixture
def responding(world: World) -> World:
    """The council cut 1.1.2 from 3 to 1,5 and accepted the rest."""
    world.to(Stage.APPRAISING)
    give(world, "1.1.2", "1,5", "Thiếu minh chứng.")
    world.to(Stage.RESPONDING)
    return world


# points and reasons


def test_empty_points_accept_what_the_unit_scored(appraising: World) -> None:
    settled = give(appraising, "1.1.2", "")
    assert (settled.appraised_points, settled.appraised_reason) == (Decimal(3), "")
    assert (settled.appraised_by, settled.appraised_at, settled.appraised_version) == (
        council(appraising),
        clock.now(),
        1,
    )


@pytest.mark.parametrize("typed", ["2,5", "2.5"])
def test_different_points_are_kept_with_their_reason_and_self_points_stay(appraising: World, typed: str) -> None:
    before = appraising.score("1.1.2")
    give(appraising, "1.1.2", typed, "  Thiếu minh chứng.  ")
    after = appraising.score("1.1.2")
    assert (after.appraised_points, after.appraised_reason) == (Decimal("2.5"), "Thiếu minh chứng.")
    untouched = ("declared", "self_points", "explanation", "version", "updated_at", "updated_by_id", "survey_points")
    assert [getattr(after, name) for name in untouched] == [getattr(before, name) for name in untouched]


@pytest.mark.parametrize("reason", ["", "   "])
def test_different_points_without_a_reason_are_refused(appraising: World, reason: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        give(appraising, "1.1.2", "2,5", reason)
    assert caught.value.errors == {"reason": "Điểm thẩm định khác điểm tự chấm: hãy ghi lý do để đơn vị biết vì sao."}
    assert appraising.score("1.1.2").appraised_at is None


def test_different_points_without_a_reason_are_refused_by_the_database(appraising: World) -> None:
    score = appraising.score("1.1.2")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Score.objects.filter(pk=score.pk).update(appraised_points=Decimal("2.5"), appraised_reason="")
    assert "score_changed_needs_reason" in str(caught.value)
    Score.objects.filter(pk=score.pk).update(appraised_points=Decimal("2.5"), appraised_reason="Thiếu minh chứng.")
    Score.objects.filter(pk=score.pk).update(appraised_points=score.self_points, appraised_reason="")


def test_points_without_self_points_need_a_reason_in_the_database(appraising: World) -> None:
    """NULL must not slip through a comparison."""
    appraising.to(Stage.SELF_ASSESSING, "so-b")
    score = appraising.score("1.1.2", "so-b")
    assert score.self_points is None
    with pytest.raises(IntegrityError), transaction.atomic():
        Score.objects.filter(pk=score.pk).update(appraised_points=Decimal(0), appraised_reason="")


SELF_SIDE = {
    "self_points": Decimal(0),
    "declared": {"a": "1"},
    "not_applicable": True,
    "explanation": "Hội đồng viết thay.",
}


@pytest.mark.parametrize("stage", [Stage.APPRAISING, Stage.REVIEWING, Stage.RESPONDING, Stage.HEARING])
@pytest.mark.parametrize("column", SELF_SIDE)
def test_unit_side_of_a_score_is_held_by_the_database_while_the_council_has_it(
    appraising: World, column: str, stage: Stage
) -> None:
    score = appraising.score("1.1.2")
    Dossier.objects.filter(pk=score.dossier_id).update(stage=stage)
    with pytest.raises(IntegrityError, match="side of a score"), transaction.atomic():
        Score.objects.filter(pk=score.pk).update(**{column: SELF_SIDE[column]})
    assert Score.objects.filter(pk=score.pk).update(appraised_points=score.self_points) == 1


def test_unit_side_of_a_score_is_open_while_the_unit_supplements(appraising: World) -> None:
    score = appraising.score("1.1.2")
    Dossier.objects.filter(pk=score.dossier_id).update(stage=Stage.SUPPLEMENTING)
    assert Score.objects.filter(pk=score.pk).update(self_points=Decimal(0)) == 1


def test_points_outside_the_bounds_or_finer_than_the_step_are_refused(appraising: World) -> None:
    for typed, message in (
        ("4,5", "Điểm 4,50 vượt điểm tối đa 4,00. Hãy nhập từ 0,00 đến 4,00."),
        ("-1", "Điểm -1,00 thấp hơn mức thấp nhất. Hãy nhập từ 0,00 đến 4,00."),
        ("1,005", "Điểm phải là bội số của 0,01."),
        ("hai", "Không đọc được số “hai”: hãy viết như 7,5 hoặc 1.234,5."),
    ):
        with pytest.raises(InvalidInput) as caught:
            give(appraising, "1.1.2", typed, "Lý do.")
        assert caught.value.errors == {"points": message}
    assert appraising.score("1.1.2").appraised_at is None


def test_accepted_not_applicable_stays_without_points(world: World) -> None:
    world.to(Stage.SELF_ASSESSING)
    world.fill()
    score = world.score(SECOND)
    entry = Entry({}, not_applicable=True, explanation="Không phát sinh.")
    save_score(score, entry, version=score.version, by=world.officer[UNIT])
    for code in ("1", "2", "3"):
        actions.finish_self_assessment(world.item("self_assess", domain__code=code), by=world.officer[UNIT])
    world.to(Stage.APPRAISING)
    settled = give(world, SECOND, "")
    assert (settled.appraised_points, settled.appraised_at, settled.not_applicable) == (None, clock.now(), True)


def test_ledger_tells_before_after_and_reason(appraising: World) -> None:
    give(appraising, "1.1.2", "2,5", "Thiếu minh chứng.")
    give(appraising, "1.1.2", "2", "Văn bản ban hành muộn.")
    first, second = entries(appraising, "appraise")
    unsettled = {"appraised_points": None, "appraised_reason": "", "settled": False}
    assert (first.before, first.reason) == (unsettled, "Thiếu minh chứng.")
    assert first.after == {"appraised_points": "2.5", "appraised_reason": "Thiếu minh chứng.", "settled": True}
    assert second.before == first.after
    assert second.after == {"appraised_points": "2", "appraised_reason": "Văn bản ban hành muộn.", "settled": True}
    assert {entry.actor for entry in (first, second)} == {council(appraising)}


# two appraisers at once


def test_conflict_shows_the_current_points_and_overwrites_nothing(appraising: World) -> None:
    colleague = factories.seat(appraising)
    give(appraising, "1.1.2", "2", "Thiếu minh chứng.", by=colleague)
    with pytest.raises(Conflict, match=f"{colleague} đã chấm tiêu chí này trước bạn") as caught:
        appraise(appraising.score("1.1.2"), "1", reason="Khác.", version=0, by=council(appraising))
    assert (caught.value.current.appraised_points, caught.value.current.appraised_version) == (Decimal(2), 1)
    assert appraising.score("1.1.2").appraised_points == 2


def test_same_points_again_change_nothing(appraising: World) -> None:
    give(appraising, "1.1.2", "2", "Thiếu minh chứng.")
    again = appraise(appraising.score("1.1.2"), "2,0", reason="Thiếu minh chứng.", version=0, by=council(appraising))
    assert again.appraised_version == 1
    assert len(entries(appraising, "appraise")) == 1


def test_appraising_one_criterion_costs_a_fixed_number_of_queries(
    appraising: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Savepoint twice; locks on dossier and score; grants; membership; seat and its domains; domain; is it open;
    the write; the last entry of the ledger and the new one."""
    score, by = appraising.score("1.1.2"), User.objects.get(pk=council(appraising).pk)
    with django_assert_num_queries(16):
        appraise(score, "2", reason="Thiếu minh chứng.", version=0, by=by)


# who


def test_person_of_the_unit_is_refused_and_sees_why(appraising: World) -> None:
    with pytest.raises(NotAllowed, match="Bạn thuộc đơn vị này nên không tham gia thẩm định"):
        give(appraising, "1.1.2", "", by=appraising.appraiser)
    give(appraising, "1.1.2", "", by=council(appraising))


def test_member_moved_to_the_unit_in_mid_cycle_is_refused_from_then_on(appraising: World) -> None:
    mover = council(appraising)
    give(appraising, "1.1.2", "", by=mover)
    access.join(mover, appraising.units[UNIT], Role.HEAD)
    with pytest.raises(NotAllowed):
        give(appraising, "1.1.1", "", by=mover)
    with pytest.raises(NotAllowed):
        accept_rest(appraising.dossier(), appraising.domain("1"), by=mover)
    give(appraising, "1.1.1", "", by=factories.seat(appraising))
    with pytest.raises(NotAllowed):
        finish_domain(appraising.dossier(), appraising.domain("1"), by=mover)
    access.leave(mover, appraising.units[UNIT], Role.HEAD)
    finish_domain(appraising.dossier(), appraising.domain("1"), by=mover)


def test_secretary_moved_to_the_unit_cannot_conclude_on_it(reviewing: World) -> None:
    other = factories.seat(reviewing, role=Role.SECRETARY)
    access.join(reviewing.secretary, reviewing.units[UNIT], Role.OFFICER)
    for step in (
        lambda by: appraisal.request_supplement(
            reviewing.dossier(), {reviewing.score("1.1.1").pk: "Gửi văn bản."}, due_on=clock.today(), by=by
        ),
        lambda by: appraisal.finish_review(reviewing.dossier(), by=by),
        lambda by: give(reviewing, "3.1.5", "1", by=by),
    ):
        with pytest.raises(NotAllowed, match="Bạn thuộc đơn vị này"):
            step(reviewing.secretary)
    give(reviewing, "3.1.5", "1", by=other)
    appraisal.finish_review(reviewing.dossier(), by=other)
    assert reviewing.dossier().stage == Stage.RESPONDING


def test_appraiser_stays_inside_the_domains_given(appraising: World) -> None:
    narrow = factories.seat(appraising, domains=[appraising.domain("2")])
    with pytest.raises(NotAllowed, match="Lĩnh vực 1 không được giao cho bạn"):
        give(appraising, "1.1.1", "", by=narrow)
    with pytest.raises(NotAllowed, match="Lĩnh vực 1 không được giao cho bạn"):
        accept_rest(appraising.dossier(), appraising.domain("1"), by=narrow)
    with pytest.raises(NotAllowed, match="Lĩnh vực 1 không được giao cho bạn"):
        finish_domain(appraising.dossier(), appraising.domain("1"), by=narrow)
    assert accept_rest(appraising.dossier(), appraising.domain("2"), by=narrow) == 1
    assert finish_domain(appraising.dossier(), appraising.domain("2"), by=narrow) is False


def test_member_removed_from_the_council_keeps_history_and_loses_the_work(appraising: World) -> None:
    member = council(appraising)
    give(appraising, "1.1.1", "0", "Chưa ban hành.", by=member)
    member.council_seats.update(active=False)
    with pytest.raises(NotAllowed):
        give(appraising, "1.1.2", "", by=member)
    assert appraising.score("1.1.1").appraised_by == member
    member.council_seats.update(active=True)
    give(appraising, "1.1.2", "", by=member)


@pytest.mark.parametrize("who", ["officer", "head", "home_affairs", "province", "chair", "investigator"])
def test_people_without_a_seat_cannot_appraise(appraising: World, who: str) -> None:
    found = getattr(appraising, who)
    by = found["so-b"] if isinstance(found, dict) else found
    with pytest.raises(NotAllowed):
        give(appraising, "1.1.1", "", by=by)
    with pytest.raises(NotAllowed):
        finish_domain(appraising.dossier(), appraising.domain("1"), by=by)


def test_leader_criteria_are_recorded_by_the_secretary_only(appraising: World) -> None:
    with pytest.raises(NotAllowed):
        give(appraising, "3.1.5", "1,5")
    settled = give(appraising, "3.1.5", "1,5", by=appraising.secretary)
    assert (settled.appraised_points, settled.self_points) == (Decimal("1.5"), None)


def test_leader_criteria_are_open_until_the_review_is_done(reviewing: World) -> None:
    assert give(reviewing, "3.1.5", "2", by=reviewing.secretary).appraised_points == 2
    actions.finish_review(reviewing.item("review"), by=reviewing.secretary)
    with pytest.raises(WrongStage):
        give(reviewing, "3.1.5", "1", by=reviewing.secretary)


def test_council_criteria_need_points_but_no_reason(appraising: World) -> None:
    with pytest.raises(InvalidInput, match="Đơn vị chưa chấm tiêu chí này: hãy nhập điểm thẩm định và lý do"):
        give(appraising, "3.1.4", "")
    assert give(appraising, "3.1.4", "2,5").appraised_points == Decimal("2.5")


def test_survey_criteria_are_not_appraised(appraising: World) -> None:
    with pytest.raises(InvalidInput) as caught:
        give(appraising, "2.1.2", "1", "Lý do.")
    assert caught.value.errors == {"points": "Điểm của tiêu chí này lấy từ điều tra xã hội học."}


# when


@pytest.mark.parametrize("stage", [Stage.READY, Stage.REVIEWING, Stage.CONCLUDED])
def test_appraising_is_refused_at_another_stage(world: World, stage: Stage) -> None:
    world.to(stage)
    with pytest.raises(WrongStage):
        give(world, "1.1.1", "")
    with pytest.raises(WrongStage):
        finish_domain(world.dossier(), world.domain("1"), by=council(world))


def test_finished_domain_is_closed_for_its_pass(appraising: World) -> None:
    accept_rest(appraising.dossier(), appraising.domain("2"), by=council(appraising))
    finish_domain(appraising.dossier(), appraising.domain("2"), by=council(appraising))
    with pytest.raises(WrongStage, match="Lĩnh vực 2 đã thẩm định xong ở lượt này"):
        give(appraising, SECOND, "1", "Lý do.")
    with pytest.raises(WrongStage, match="Lĩnh vực 2 đã thẩm định xong ở lượt này"):
        finish_domain(appraising.dossier(), appraising.domain("2"), by=council(appraising))


# a whole domain


def test_accept_rest_settles_what_is_open_and_leaves_the_others(appraising: World) -> None:
    give(appraising, "3.1.1", "1", "Một kiến nghị trả lời muộn.")
    assert accept_rest(appraising.dossier(), appraising.domain("3"), by=council(appraising)) == 2
    rows = to_appraise(appraising.dossier(), appraising.domain("3"))
    assert list(rows.values_list("criterion__code", "appraised_points", "appraised_version")) == [
        ("3.1.1", Decimal(1), 1),
        ("3.1.2", Decimal(1), 1),
        ("3.1.3", Decimal(1), 1),
        ("3.1.4", None, 0),
    ]
    assert accept_rest(appraising.dossier(), appraising.domain("3"), by=council(appraising)) == 0


def test_accept_rest_is_refused_to_a_person_of_the_unit(appraising: World) -> None:
    with pytest.raises(NotAllowed, match="Bạn thuộc đơn vị này"):
        accept_rest(appraising.dossier(), appraising.domain("1"), by=appraising.appraiser)
    assert appraising.score("1.1.1").appraised_at is None
    accept_rest(appraising.dossier(), appraising.domain("1"), by=council(appraising))
    with pytest.raises(NotAllowed):
        accept_rest(appraising.dossier(), appraising.domain("1"), by=appraising.appraiser)


def test_unfinished_domain_names_what_is_not_settled(appraising: World) -> None:
    give(appraising, "1.1.1", "")
    with pytest.raises(Incomplete, match="Lĩnh vực 1 còn 1 tiêu chí chưa chấm") as caught:
        finish_domain(appraising.dossier(), appraising.domain("1"), by=council(appraising))
    assert [score.criterion.code for score in caught.value.gaps] == ["1.1.2"]


def test_last_domain_moves_the_dossier_to_the_secretary(appraising: World) -> None:
    give(appraising, "3.1.4", "1")
    last = []
    for code in ("3", "1", "2"):
        accept_rest(appraising.dossier(), appraising.domain(code), by=council(appraising))
        last.append(finish_domain(appraising.dossier(), appraising.domain(code), by=council(appraising)))
    assert last == [False, False, True]
    assert appraising.dossier().stage == Stage.REVIEWING


# yêu cầu bổ sung


def ask(world: World, questions: dict[int, str], *, due_on: dt.date | None = None) -> None:
    appraisal.request_supplement(world.dossier(), questions, due_on=due_on or clock.today(), by=world.secretary)


def test_request_keeps_each_question_and_reopens_what_it_asks(reviewing: World) -> None:
    first, second = reviewing.score("1.1.1"), reviewing.score(SECOND)
    ask(reviewing, {first.pk: " Gửi văn bản. ", second.pk: "Nêu rõ số lĩnh vực."})
    request = reviewing.dossier().supplements.get()
    assert (request.asked_by, request.due_on) == (reviewing.secretary, clock.today())
    assert list(request.items.values_list("score", "question")) == [
        (first.pk, "Gửi văn bản."),
        (second.pk, "Nêu rõ số lĩnh vực."),
    ]
    assert reviewing.dossier().stage == Stage.SUPPLEMENTING
    reopened = reviewing.score("1.1.1")
    assert (reopened.appraised_at, reopened.appraised_points, reopened.appraised_version) == (None, None, 2)
    assert reopened.self_points == first.self_points
    assert [entry.criterion.code for entry in entries(reviewing, "reopen_appraisal")] == ["1.1.1", SECOND]
    assert [entry.reason for entry in entries(reviewing, "ask")] == ["Gửi văn bản.", "Nêu rõ số lĩnh vực."]


def test_request_names_every_fault(reviewing: World) -> None:
    reviewing.to(Stage.REVIEWING, "so-b")
    foreign = reviewing.score("1.1.1", "so-b")
    own, survey, direct = (reviewing.score(code) for code in ("1.1.1", "2.1.2", "3.1.4"))
    with pytest.raises(InvalidInput) as caught:
        ask(
            reviewing,
            {foreign.pk: "Gửi.", own.pk: "  ", survey.pk: "Gửi.", direct.pk: "Gửi."},
            due_on=clock.today() - dt.timedelta(days=1),
        )
    assert caught.value.errors == {
        "due_on": "Hạn bổ sung phải từ hôm nay trở đi.",
        f"question.{foreign.pk}": "Tiêu chí không thuộc hồ sơ này.",
        f"question.{own.pk}": "Hãy ghi nội dung cần bổ sung ở tiêu chí 1.1.1.",
        f"question.{survey.pk}": "Tiêu chí 2.1.2 không do đơn vị tự chấm.",
        f"question.{direct.pk}": "Tiêu chí 3.1.4 không do đơn vị tự chấm.",
    }
    assert reviewing.dossier().stage == Stage.REVIEWING


def test_request_without_questions_is_refused(reviewing: World) -> None:
    with pytest.raises(InvalidInput, match="Hãy chọn ít nhất một tiêu chí cần bổ sung"):
        ask(reviewing, {})


def test_answer_opens_one_more_pass_over_the_asked_domains_only(reviewing: World) -> None:
    ask(reviewing, {reviewing.score("1.1.1").pk: "Gửi văn bản."})
    with pytest.raises(NotAllowed):
        appraisal.answer_supplement(reviewing.dossier(), by=reviewing.officer[UNIT])
    appraisal.answer_supplement(reviewing.dossier(), by=reviewing.coordinator[UNIT])
    dossier = reviewing.dossier()
    assert (dossier.stage, dossier.appraisal_pass) == (Stage.APPRAISING, 2)
    assert list(dossier.appraisals.filter(number=2).values_list("domain__code", "finished_at")) == [("1", None)]
    request = dossier.supplements.get()
    assert (request.answered_by, request.answered_at) == (reviewing.coordinator[UNIT], clock.now())
    with pytest.raises(WrongStage, match="Lĩnh vực 2 đã thẩm định xong ở lượt này"):
        give(reviewing, SECOND, "1", "Lý do.")
    with pytest.raises(WrongStage):
        appraisal.answer_supplement(reviewing.dossier(), by=reviewing.coordinator[UNIT])


# tổng hợp


@pytest.mark.parametrize("who", ["second_appraiser", "chair", "home_affairs", "province"])
def test_only_the_secretary_reviews(reviewing: World, who: str) -> None:
    give(reviewing, "3.1.5", "1", by=reviewing.secretary)
    with pytest.raises(NotAllowed):
        appraisal.finish_review(reviewing.dossier(), by=getattr(reviewing, who))
    with pytest.raises(NotAllowed):
        appraisal.request_supplement(
            reviewing.dossier(),
            {reviewing.score("1.1.1").pk: "Gửi văn bản."},
            due_on=clock.today(),
            by=getattr(reviewing, who),
        )
    appraisal.finish_review(reviewing.dossier(), by=reviewing.secretary)


def test_review_waits_for_the_leaders_points(reviewing: World) -> None:
    with pytest.raises(Incomplete, match="Còn 1 tiêu chí do lãnh đạo tỉnh chấm chưa có điểm") as caught:
        appraisal.finish_review(reviewing.dossier(), by=reviewing.secretary)
    assert [score.criterion.code for score in caught.value.gaps] == ["3.1.5"]


# kiến nghị


def contest(world: World, *appeals: Wanted, by: User | None = None) -> None:
    appraisal.respond(world.dossier(), appeals, by=by or world.coordinator[UNIT])


def test_agreement_concludes(responding: World) -> None:
    contest(responding)
    assert (responding.dossier().stage, responding.dossier().concluded_at) == (Stage.CONCLUDED, clock.now())
    assert Appeal.objects.count() == 0


def test_closed_window_concludes_for_the_unit(responding: World) -> None:
    score = responding.score("1.1.2")
    appraisal.respond(responding.dossier(), [Wanted(score.pk, "3", "Có minh chứng.")], by=None)
    assert (responding.dossier().stage, Appeal.objects.count()) == (Stage.CONCLUDED, 0)
    assert entries(responding, "stage")[-1].actor is None


def test_appeal_keeps_wish_and_reason(responding: World) -> None:
    contest(responding, Wanted(responding.score("1.1.2").pk, "2,5", " Đã gửi báo cáo. "))
    appeal = Appeal.objects.get()
    assert (appeal.wanted_points, appeal.reason, appeal.filed_by, appeal.accepted) == (
        Decimal("2.5"),
        "Đã gửi báo cáo.",
        responding.coordinator[UNIT],
        None,
    )
    assert responding.dossier().stage == Stage.HEARING


def test_appeal_names_every_fault_and_files_nothing(responding: World) -> None:
    survey, direct, cut, kept = (responding.score(code).pk for code in ("2.1.2", "3.1.4", "1.1.2", "1.1.1"))
    with pytest.raises(InvalidInput) as caught:
        contest(
            responding,
            Wanted(survey, "1", "Lý do."),
            Wanted(direct, "1", "Lý do."),
            Wanted(cut, "9", "Lý do."),
            Wanted(kept, "2", "Lý do."),
            Wanted(responding.score(SECOND).pk, "1", " "),
        )
    assert caught.value.errors == {
        f"appeal.{survey}": "Không kiến nghị được ở tiêu chí này.",
        f"appeal.{direct}": "Không kiến nghị được ở tiêu chí này.",
        f"points.{cut}": "Điểm 9,00 vượt điểm tối đa 4,00. Hãy nhập từ 0,00 đến 4,00.",
        f"points.{kept}": "Điểm đề nghị ở tiêu chí 1.1.1 phải khác điểm thẩm định.",
        f"reason.{responding.score(SECOND).pk}": "Hãy ghi lý do kiến nghị ở tiêu chí 2.1.1.",
    }
    assert (Appeal.objects.count(), responding.dossier().stage) == (0, Stage.RESPONDING)


def test_criterion_is_contested_once(responding: World) -> None:
    pk = responding.score("1.1.2").pk
    with pytest.raises(InvalidInput) as caught:
        contest(responding, Wanted(pk, "2", "Lý do."), Wanted(pk, "3", "Lý do khác."))
    assert caught.value.errors == {f"appeal.{pk}": "Mỗi tiêu chí chỉ kiến nghị một lần."}
    assert Appeal.objects.count() == 0


def test_only_the_units_coordinator_responds(responding: World) -> None:
    for by in (responding.officer[UNIT], responding.head[UNIT], responding.coordinator["so-b"], responding.secretary):
        with pytest.raises(NotAllowed):
            contest(responding, by=by)
    contest(responding)


def decide(world: World, decisions: dict[int, tuple[str, str]], *, by: User | None = None) -> None:
    appraisal.decide_appeals(world.dossier(), decisions, by=by or world.secretary)


@pytest.fixture
def hearing(responding: World) -> World:
    contest(responding, Wanted(responding.score("1.1.2").pk, "3", "Đã gửi báo cáo."))
    return responding


def test_rejected_appeal_keeps_the_points(hearing: World) -> None:
    appeal = Appeal.objects.get()
    decide(hearing, {appeal.pk: ("", "Báo cáo không có số liệu.")})
    appeal.refresh_from_db()
    assert (appeal.accepted, appeal.decided_points, appeal.decided_by) == (False, Decimal("1.5"), hearing.secretary)
    assert hearing.score("1.1.2").appraised_points == Decimal("1.5")
    assert hearing.dossier().stage == Stage.CONCLUDED


def test_wholly_accepted_appeal_restores_the_self_points_without_a_reason(hearing: World) -> None:
    appeal = Appeal.objects.get()
    decide(hearing, {appeal.pk: ("3", "Chấp nhận.")})
    appeal.refresh_from_db()
    fresh = hearing.score("1.1.2")
    assert (appeal.accepted, fresh.appraised_points, fresh.appraised_reason) == (True, Decimal(3), "")


def test_appeal_without_an_answer_is_not_decided(hearing: World) -> None:
    appeal = Appeal.objects.get()
    for decision in ({}, {appeal.pk: ("2", " ")}):
        with pytest.raises(InvalidInput) as caught:
            decide(hearing, decision)
        assert caught.value.errors == {f"answer.{appeal.pk}": "Hãy ghi trả lời kiến nghị ở tiêu chí 1.1.2."}
    with pytest.raises(InvalidInput) as caught:
        decide(hearing, {appeal.pk: ("5", "Chấp nhận.")})
    assert caught.value.errors == {f"points.{appeal.pk}": "Điểm 5,00 vượt điểm tối đa 4,00. Hãy nhập từ 0,00 đến 4,00."}
    appeal.refresh_from_db()
    assert (appeal.accepted, hearing.dossier().stage) == (None, Stage.HEARING)


def test_only_a_secretary_without_conflict_decides(hearing: World) -> None:
    appeal = Appeal.objects.get()
    decision = {appeal.pk: ("", "Giữ nguyên.")}
    access.join(hearing.secretary, hearing.units[UNIT], Role.OFFICER)
    for by in (hearing.secretary, council(hearing), hearing.chair, hearing.coordinator[UNIT]):
        with pytest.raises(NotAllowed):
            decide(hearing, decision, by=by)
    decide(hearing, decision, by=factories.seat(hearing, role=Role.SECRETARY))


CONCLUDED_STEPS: list[Callable[[World], object]] = [
    lambda world: ask(world, {world.score("1.1.1").pk: "Gửi văn bản."}),
    lambda world: appraisal.finish_review(world.dossier(), by=world.secretary),
    lambda world: contest(world),
    lambda world: decide(world, {}),
    lambda world: give(world, "1.1.1", "1", "Lý do."),
    lambda world: accept_rest(world.dossier(), world.domain("1"), by=council(world)),
]


def test_conclusion_locks_everything(world: World) -> None:
    world.to(Stage.CONCLUDED)
    before = list(Score.objects.filter(dossier=world.dossiers[UNIT]).values())
    for step in CONCLUDED_STEPS:
        with pytest.raises(WrongStage):
            step(world)
    assert list(Score.objects.filter(dossier=world.dossiers[UNIT]).values()) == before


def test_finalizing_twice_changes_nothing(world: World) -> None:
    world.to(Stage.CONCLUDED)
    appraisal.finalize(world.dossier())
    count = LedgerEntry.objects.count()
    appraisal.finalize(world.dossier())
    assert (world.dossier().stage, LedgerEntry.objects.count()) == (Stage.FINAL, count)
