"""The unit's steps on screen: what each shows, what it refuses without losing what was typed, and who may open it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from assessments.models import Appeal, Cycle, Extension, LedgerEntry, ReviewNote, Score
from assessments.services import appraisal
from assessments.services.assignments import handed_version
from assessments.services.extensions import extend
from assessments.services.scores import Entry, attach, detach, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import clock
from units.models import User
from workflow import actions
from workflow.models import WorkItem

from .conftest import SignIn
from .test_unit_sheet import save, text


def url(world: World, name: str, unit: str = "so-a") -> str:
    return reverse(name, args=[world.dossiers[unit].pk])


def dossier_url(world: World, unit: str = "so-a") -> str:
    return url(world, "dossier", unit)


@pytest.fixture
def coordinator(world: World, as_user: SignIn) -> Client:
    return as_user(world.coordinator["so-a"])


# phân công


@pytest.fixture
def assigner(world: World, as_user: SignIn) -> Client:
    return as_user(world.coordinator["so-b"])


def fields(world: World, **officers: User | None) -> dict[str, str]:
    """The form of the assignment page; d1 and d2 are the domains."""
    return {
        f"officer.{world.domain(code, 'so-b').pk}": str(officers[f"d{code}"].pk) if officers.get(f"d{code}") else ""
        for code in ("1", "2")
    }


def test_assigning_every_domain_hands_them_out(world: World, assigner: Client) -> None:
    officer, second = world.officer["so-b"], world.coordinator["so-b"]
    answer = assigner.post(
        url(world, "assign", "so-b"), {**fields(world, d1=officer, d2=second), "note": "Trước 05/12"}
    )
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(world, "so-b"))
    rows = world.dossiers["so-b"].assignments.order_by("criterion__order")
    assert [(row.officer, row.note) for row in rows] == [(officer, "Trước 05/12"), (second, "Trước 05/12")]
    assert world.dossier("so-b").stage == Stage.SELF_ASSESSING


def test_giving_the_selection_fills_the_page_and_saves_nothing(world: World, assigner: Client) -> None:
    officer, second = world.officer["so-b"], world.coordinator["so-b"]
    first, leaf = world.domain("1", "so-b"), world.domain("1.1.2", "so-b")
    page = assigner.post(
        url(world, "assign", "so-b"),
        {"give": "1", "to": str(second.pk), "pick": [leaf.pk], f"officer.{first.pk}": officer.pk, "note": "Gấp"},
    )
    assert page.status_code == 200
    hidden = {(row.criterion.code, row.officer) for row in page.context["rows"] if row.carries}
    assert hidden == {("1.1.1", officer), ("1.1.2", second)}
    assert [(load.officer, load.sums.total) for load in page.context["loads"]] == sorted(
        [(officer, 1), (second, 1)], key=lambda pair: str(pair[0])
    )
    assert "Còn 1 tiêu chí chưa có người thực hiện." in text(page)
    assert "Gấp</textarea>" in page.content.decode()
    assert not world.dossiers["so-b"].assignments.exists()


def test_giving_needs_a_person_and_a_selection(world: World, assigner: Client) -> None:
    page = assigner.post(url(world, "assign", "so-b"), {"give": "1", "pick": [world.domain("1", "so-b").pk]})
    assert page.status_code == 422
    assert "Hãy chọn người nhận, rồi bấm “Giao”." in text(page)
    page = assigner.post(url(world, "assign", "so-b"), {"give": "1", "to": world.officer["so-b"].pk})
    assert page.status_code == 422
    assert "Hãy đánh dấu ít nhất một lĩnh vực hoặc tiêu chí" in text(page)


def test_assigning_with_a_domain_left_out_keeps_what_was_chosen(world: World, assigner: Client) -> None:
    officer = world.officer["so-b"]
    answer = assigner.post(url(world, "assign", "so-b"), {**fields(world, d1=officer), "note": "Gấp"})
    assert answer.status_code == 422
    assert "Hãy chọn người thực hiện lĩnh vực 2." in text(answer)
    kept = f'name="officer.{world.domain("1", "so-b").pk}" value="{officer.pk}"'
    assert kept in answer.content.decode()
    assert "Gấp</textarea>" in answer.content.decode()
    assert world.dossier("so-b").stage == Stage.ASSIGNING


def test_assigning_to_a_stranger_refused(world: World, assigner: Client) -> None:
    answer = assigner.post(
        url(world, "assign", "so-b"), fields(world, d1=world.officer["so-a"], d2=world.officer["so-b"])
    )
    assert answer.status_code == 422
    assert world.dossier("so-b").stage == Stage.ASSIGNING


def seen(world: World) -> int:
    """The version that the page of phân công carries now."""
    return handed_version(world.dossiers["so-a"])


def test_handing_over_moves_one_criterion(world: World, coordinator: Client) -> None:
    officer, other = world.officer["so-a"], world.coordinator["so-a"]
    kept, moved, second = world.domain("1.1.1"), world.domain("1.1.2"), world.domain("2")
    chosen = {f"officer.{kept.pk}": officer.pk, f"officer.{moved.pk}": other.pk, f"officer.{second.pk}": officer.pk}
    answer = coordinator.post(url(world, "assign"), {**chosen, "note": "Chị Hoa nghỉ ốm", "seen": seen(world)})
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(world))
    tasks = WorkItem.objects.filter(dossier=world.dossiers["so-a"], node="dossier.self_assess", done_at=None)
    assert set(tasks.values_list("domain__code", "owner", "criteria")) == {
        ("1", officer.pk, 1), ("1", other.pk, 1), ("2", officer.pk, 1)
    }  # fmt: skip
    page = coordinator.get(dossier_url(world))
    assert [(load.officer, load.sums.total) for load in page.context["loads"] if load.sums.total] == sorted(
        [(officer, 2), (other, 1)], key=lambda pair: str(pair[0])
    )


def test_handing_over_without_a_change_refused(world: World, coordinator: Client) -> None:
    chosen = {f"officer.{world.domain(code).pk}": world.officer["so-a"].pk for code in ("1", "2")}
    answer = coordinator.post(url(world, "assign"), {**chosen, "seen": seen(world)})
    assert answer.status_code == 422
    assert "Chưa có thay đổi nào." in text(answer)


# rà soát


@pytest.fixture
def checking(world: World) -> World:
    """Both domains are reported as done; 1.1.2 has points without proof, 2.1.1 nothing."""
    score = world.score("1.1.1")
    officer = world.officer["so-a"]
    save_score(score, Entry({"met": "có"}, explanation="Theo kế hoạch."), version=0, by=officer)
    save_score(world.score("1.1.2"), Entry({"a": "3", "b": "4"}), version=0, by=officer)
    for code in ("1", "2"):
        actions.finish_self_assessment(world.item("self_assess", domain=world.domain(code)), by=officer)
    return world


def test_check_lists_every_gap_with_a_link_to_its_row(checking: World, coordinator: Client) -> None:
    page = coordinator.get(url(checking, "check"))
    shown = text(page)
    assert "Còn thiếu 2" in shown
    assert "1.1.2 Tỷ lệ nhiệm vụ hoàn thành Chưa có tài liệu kiểm chứng hoặc giải trình." in shown
    assert "2.1.1 Niêm yết công khai Chưa nhập số liệu để tính điểm." in shown
    row = f"{reverse('sheet', args=[checking.dossiers['so-a'].pk, checking.domain('1').pk])}"
    assert f'href="{row}#score-{checking.score("1.1.2").pk}"' in page.content.decode()
    assert "1.1.1 Ban hành kế hoạch" not in shown


def test_check_warns_of_documents_without_number_or_date(checking: World, coordinator: Client) -> None:
    version = factories.document(checking.units["so-a"], by=checking.officer["so-a"], title="Báo cáo quý")
    checking.score("1.1.2").evidence.create(
        version=version, added_by=checking.officer["so-a"], added_at=version.uploaded_at
    )
    shown = text(coordinator.get(url(checking, "check")))
    assert "Tài liệu cần xem lại 1" in shown
    assert "Báo cáo quý chưa có số, ngày Tiêu chí 1.1.2" in shown


def test_dossier_with_gaps_cannot_go_to_the_head(checking: World, coordinator: Client) -> None:
    answer = coordinator.post(url(checking, "check"), {"action": "to_head", "comment": "Đang viết dở"})
    assert answer.status_code == 422
    assert "Hồ sơ còn 2 tiêu chí chưa đủ." in text(answer)
    assert "Đang viết dở</textarea>" in answer.content.decode()
    assert checking.dossier().stage == Stage.CHECKING


def test_complete_dossier_goes_to_the_head(checking: World, coordinator: Client) -> None:
    save(coordinator, checking, "1.1.2", figures__a="3", figures__b="4", explanation="Theo báo cáo.")
    save(coordinator, checking, "2.1.1", figures__count="5", explanation="Theo báo cáo.")
    answer = coordinator.post(url(checking, "check"), {"action": "to_head"})
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(checking))
    assert checking.dossier().stage == Stage.APPROVING


def test_sending_back_needs_a_domain_and_a_comment(checking: World, coordinator: Client) -> None:
    domain = checking.domain("2")
    answer = coordinator.post(url(checking, "check"), {"action": "send_back", "domains": [domain.pk], "comment": " "})
    assert answer.status_code == 422
    assert "Hãy ghi nội dung cần chỉnh sửa để chuyên viên biết." in text(answer)
    assert f'value="{domain.pk}" checked' in answer.content.decode()
    answer = coordinator.post(url(checking, "check"), {"action": "send_back", "comment": "Bổ sung số liệu"})
    assert answer.status_code == 422
    assert "Bổ sung số liệu</textarea>" in answer.content.decode()
    assert checking.dossier().stage == Stage.CHECKING


def test_domain_sent_back_comes_to_its_officer_with_the_comment(
    checking: World, coordinator: Client, as_user: SignIn
) -> None:
    domain = checking.domain("2")
    coordinator.post(
        url(checking, "check"), {"action": "send_back", "domains": [domain.pk], "comment": "Bổ sung số liệu"}
    )
    assert checking.dossier().stage == Stage.SELF_ASSESSING
    assert ReviewNote.objects.get().body == "Bổ sung số liệu"
    officer = as_user(checking.officer["so-a"])
    page = text(officer.get(reverse("sheet", args=[checking.dossiers["so-a"].pk, domain.pk])))
    assert "Ý kiến của cán bộ đầu mối: Bổ sung số liệu" in page
    assert "Báo hoàn thành lĩnh vực" in page


# phê duyệt


def test_head_sees_points_and_explanations_and_approves(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPROVING)
    head = as_user(world.head["so-a"])
    shown = text(head.get(url(world, "approve")))
    assert "7,50 / 9,00 điểm tự chấm" in shown
    assert "3 / 3 tiêu chí đã đủ" in shown
    assert "1.1.2 Tỷ lệ nhiệm vụ hoàn thành · 3,00 / 4,00 Theo báo cáo số 12." in shown
    answer = head.post(url(world, "approve"), {"action": "approve"})
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(world))
    assert (world.dossier().stage, world.dossier().approved_by) == (Stage.READY, world.head["so-a"])


def test_head_returns_only_with_a_comment(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPROVING)
    head = as_user(world.head["so-a"])
    refused = head.post(url(world, "approve"), {"action": "return", "comment": ""})
    assert refused.status_code == 422
    assert "Hãy ghi lý do trả lại để đơn vị biết cần sửa gì." in text(refused)
    head.post(url(world, "approve"), {"action": "return", "comment": "Xem lại điểm 1.1.2"})
    assert world.dossier().stage == Stage.CHECKING
    assert "Xem lại điểm 1.1.2" in text(as_user(world.coordinator["so-a"]).get(url(world, "check")))


# gửi và biên nhận


@pytest.fixture
def ready(world: World) -> World:
    world.to(Stage.READY)
    return world


def test_sending_gives_a_receipt_with_arrival_to_the_second(ready: World, coordinator: Client) -> None:
    page = text(coordinator.get(url(ready, "submit")))
    assert "Hạn gửi hồ sơ: trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026). Còn 24 ngày." in page
    assert "Gửi bây giờ là đúng hạn." in page
    with clock.at(dt.datetime(2026, 12, 14, 23, 59, 59, tzinfo=clock.LOCAL)):
        answer = coordinator.post(url(ready, "submit"))
    assert (answer.status_code, answer["Location"]) == (302, url(ready, "receipt"))
    receipt = text(coordinator.get(url(ready, "receipt")))
    assert "Đúng hạn" in receipt
    assert "23:59:59 Thứ Hai 14/12/2026" in receipt
    assert str(ready.coordinator["so-a"]) in receipt
    assert "3 tiêu chí đơn vị tự chấm" in receipt
    entry = LedgerEntry.objects.get(dossier=ready.dossiers["so-a"], before={"stage": "ready"})
    assert entry.hash in receipt


def test_sending_a_second_late_is_marked_late(ready: World, coordinator: Client) -> None:
    with clock.at(dt.datetime(2026, 12, 15, 0, 0, 0, tzinfo=clock.LOCAL)):
        assert "Gửi bây giờ là gửi muộn;" in text(coordinator.get(url(ready, "submit")))
        coordinator.post(url(ready, "submit"))
        assert "Trễ hạn" in text(coordinator.get(url(ready, "receipt")))


def test_arrival_at_the_trusted_proxy_decides(ready: World, coordinator: Client, settings: Settings) -> None:
    settings.ARRIVAL_HEADER = "X-Arrived"
    at_the_door = dt.datetime(2026, 12, 14, 23, 59, 58, tzinfo=clock.LOCAL)
    with clock.at(at_the_door + dt.timedelta(seconds=7)):
        coordinator.post(url(ready, "submit"), headers={"X-Arrived": str(at_the_door.timestamp())})
    assert ready.dossier().submitted_at == at_the_door
    assert "Đúng hạn" in text(coordinator.get(url(ready, "receipt")))


def test_extension_moves_the_deadline_on_the_page(ready: World, coordinator: Client) -> None:
    extend(ready.cycle, [ready.units["so-a"]], until=dt.date(2026, 12, 18), reason="Lũ lụt", by=ready.home_affairs)
    with clock.at(dt.datetime(2026, 12, 16, 9, tzinfo=clock.LOCAL)):
        page = text(coordinator.get(url(ready, "submit")))
        assert "đến hết ngày thứ Sáu 18/12/2026. Còn 2 ngày. Đã được gia hạn: Lũ lụt" in page
        assert "Gửi bây giờ là trong thời hạn đã được gia hạn." in page
        dossier = text(coordinator.get(dossier_url(ready)))
        assert "hạn chung trước ngày 15/12/2026" in dossier
    assert Extension.objects.count() == 1


def test_late_dossier_refused_where_the_cycle_takes_none(ready: World, coordinator: Client) -> None:
    Cycle.objects.filter(pk=ready.cycle.pk).update(accept_late=False)
    with clock.at(dt.datetime(2026, 12, 15, 8, tzinfo=clock.LOCAL)):
        page = coordinator.get(url(ready, "submit"))
        assert "Đã hết hạn, đợt này không nhận hồ sơ gửi muộn." in text(page)
        answer = coordinator.post(url(ready, "submit"), follow=True)
    assert "Hãy đề nghị Sở Nội vụ gia hạn, sau đó gửi lại." in text(answer)
    assert ready.dossier().stage == Stage.READY


def test_receipt_before_sending_is_not_found(ready: World, coordinator: Client) -> None:
    assert coordinator.get(url(ready, "receipt")).status_code == 404


def test_receipt_counts_the_files_as_they_were_sent(world: World, coordinator: Client) -> None:
    officer = world.officer["so-a"]
    first, second = (factories.document(world.units["so-a"], by=officer) for _n in range(2))
    for code, version in (("1.1.1", first), ("1.1.2", first), ("2.1.1", second)):
        attach(world.score(code), version, quote="", by=officer)
    detach(world.score("2.1.1").evidence.get(), by=officer)
    world.to(Stage.APPRAISING)
    assert "Số tệp kiểm chứng 1" in text(coordinator.get(url(world, "receipt")))


# bổ sung


@pytest.fixture
def asked(world: World) -> World:
    """The council asks about 1.1.2 until Friday 27/11."""
    world.to(Stage.REVIEWING)
    actions.request_supplement(
        world.item("review"),
        {world.score("1.1.2").pk: "Đề nghị giải trình cách tính."},
        due_on=dt.date(2026, 11, 27),
        by=world.secretary,
    )
    return world


def test_supplement_shows_only_what_was_asked(asked: World, coordinator: Client) -> None:
    page = coordinator.get(url(asked, "supplement"))
    shown = text(page)
    assert "Hội đồng hỏi: Đề nghị giải trình cách tính." in shown
    assert "Hạn bổ sung: đến hết ngày Thứ Sáu 27/11/2026 Còn 7 ngày" in shown
    assert "1.1.1" not in shown
    locked = coordinator.get(reverse("sheet", args=[asked.dossiers["so-a"].pk, asked.domain("1").pk])).content.decode()
    assert f'id="f{asked.score("1.1.2").pk}"' in locked
    assert f'id="f{asked.score("1.1.1").pk}"' not in locked


def test_asked_criterion_is_open_and_the_rest_locked(asked: World, as_user: SignIn) -> None:
    officer = as_user(asked.officer["so-a"])
    assert officer.get(url(asked, "supplement")).status_code == 200
    typed = {"figures__a": "4", "figures__b": "4", "explanation": "Bổ sung."}
    assert save(officer, asked, "1.1.2", **typed).status_code == 200
    assert save(officer, asked, "1.1.1", figures__met="false").status_code == 422
    score = asked.score("1.1.2")
    answer = officer.post(
        reverse("save-score", args=[asked.dossiers["so-a"].pk, score.pk]),
        {"figures.a": "3", "figures.b": "4", "explanation": "Bổ sung.", "version": score.version},
    )
    assert answer["Location"] == f"{url(asked, 'supplement')}#score-{score.pk}"


def test_rows_read_again_tell_what_changed_since_the_question(asked: World, as_user: SignIn) -> None:
    officer, score = as_user(asked.officer["so-a"]), asked.score("1.1.2")
    rows = reverse("sheet-rows", args=[score.dossier_id])
    before = officer.get(rows, {"row": score.pk}).content.decode()
    assert "0 / 1 tiêu chí đã có thay đổi" in before
    assert "changes-head" not in before
    save(officer, asked, "1.1.2", figures__a="4", figures__b="4", explanation="Bổ sung.")
    answer = officer.get(rows, {"row": [score.pk, asked.score("1.1.1").pk]})
    shown = text(answer)
    assert (answer.content.decode().count("<tbody"), "Hội đồng hỏi: Đề nghị giải trình" in shown) == (1, True)
    assert "1 / 1 tiêu chí đã có thay đổi" in shown
    assert "Đã thay đổi từ khi hội đồng hỏi Điểm tự chấm: 3,00 → 4,00" in shown
    assert "4,00 / 6,00 điểm" not in shown  # 1.1.1 keeps its 2
    assert "6,00 / 6,00 điểm" in shown


def test_supplement_is_sent_by_who_submits(asked: World, as_user: SignIn, coordinator: Client) -> None:
    officer = as_user(asked.officer["so-a"])
    assert "Gửi bổ sung" not in text(officer.get(url(asked, "supplement"))).replace("gửi bổ sung", "")
    assert officer.post(url(asked, "supplement")).status_code == 302
    assert asked.dossier().stage == Stage.SUPPLEMENTING
    answer = coordinator.post(url(asked, "supplement"))
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(asked))
    assert asked.dossier().stage == Stage.APPRAISING
    assert "Việc này không chờ bạn lúc này" in text(coordinator.get(url(asked, "supplement")))


# kết quả dự kiến


@pytest.fixture
def responding(world: World) -> World:
    """The council gave 1 instead of 3 points on 1.1.2."""
    world.to(Stage.APPRAISING)
    by = factories.appraiser_of(world, "so-a")
    appraisal.appraise(world.score("1.1.2"), "1", reason="Chưa đủ căn cứ.", version=0, by=by)
    return world.to(Stage.RESPONDING) and world


def test_provisional_result_shows_both_points_and_the_reason(responding: World, coordinator: Client) -> None:
    shown = text(coordinator.get(url(responding, "respond")))
    assert "Đơn vị tự chấm 7,50 điểm, hội đồng thẩm định 5,50 điểm; khác nhau ở 1 tiêu chí." in shown
    assert "1.1.2 Tỷ lệ nhiệm vụ hoàn thành 4,00 3,00 1,00 Chưa đủ căn cứ." in shown
    assert "2.1.2" not in shown


def test_unit_agrees(responding: World, coordinator: Client) -> None:
    answer = coordinator.post(url(responding, "respond"), {"action": "agree"})
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(responding))
    assert responding.dossier().stage in (Stage.CONCLUDED, Stage.FINAL)


def contest(world: World, **typed: str) -> dict[str, Any]:
    pk = world.score("1.1.2").pk
    return {"action": "contest", f"appeal.{pk}": "on", **{f"{name}.{pk}": value for name, value in typed.items()}}


def test_unit_contests_a_criterion(responding: World, coordinator: Client) -> None:
    answer = coordinator.post(url(responding, "respond"), contest(responding, points="2,5", reason="Có công văn 5."))
    assert answer.status_code == 302
    appeal = Appeal.objects.get()
    assert (f"{appeal.wanted_points:.1f}", appeal.reason) == ("2.5", "Có công văn 5.")
    shown = text(coordinator.get(url(responding, "respond")))
    assert "Đề nghị 2,50 Có công văn 5." in shown
    assert "Gửi kiến nghị" not in shown


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"points": "9", "reason": "Có công văn."}, "Điểm 9,00 vượt điểm tối đa 4,00."),
        ({"points": "hai", "reason": "Có công văn."}, "Không đọc được số “hai”"),
        ({"points": "2,5", "reason": " "}, "Hãy ghi lý do kiến nghị ở tiêu chí 1.1.2."),
        ({"points": "1", "reason": "Có công văn."}, "phải khác điểm thẩm định"),
    ],
    ids=["above", "words", "no reason", "same"],
)
def test_refused_appeal_keeps_what_was_typed(
    responding: World, coordinator: Client, typed: dict[str, str], words: str
) -> None:
    answer = coordinator.post(url(responding, "respond"), contest(responding, **typed))
    assert answer.status_code == 422
    assert words in text(answer)
    page = answer.content.decode()
    assert f'value="{typed["points"]}"' in page
    assert f"{typed['reason']}</textarea>" in page
    assert "checked" in page
    assert not Appeal.objects.exists()
    assert responding.dossier().stage == Stage.RESPONDING


def test_agreeing_while_a_criterion_is_marked_is_asked_again(responding: World, coordinator: Client) -> None:
    marked = {**contest(responding, points="2", reason="Có công văn."), "action": "agree"}
    answer = coordinator.post(url(responding, "respond"), marked)
    assert answer.status_code == 422
    assert "Bạn đang đánh dấu 1 tiêu chí để kiến nghị." in text(answer)
    answer = coordinator.post(url(responding, "respond"), {"action": "contest"})
    assert answer.status_code == 422
    assert "Hãy đánh dấu ít nhất một tiêu chí muốn kiến nghị." in text(answer)
    assert responding.dossier().stage == Stage.RESPONDING


def test_provisional_result_is_hidden_until_it_is_given(world: World, coordinator: Client) -> None:
    world.to(Stage.REVIEWING)
    shown = text(coordinator.get(url(world, "respond")))
    assert "Việc này không chờ bạn lúc này" in shown
    assert "Thẩm định" not in text(coordinator.get(dossier_url(world))).split("Lĩnh vực", 1)[1].split("Lịch sử")[0]


# who opens which step

STEPS = {
    "assign": {"coordinator"},
    "check": {"coordinator"},
    "approve": {"head"},
    "submit": {"coordinator"},
    "supplement": {"officer", "coordinator"},
    "respond": {"officer", "coordinator", "head"},
}


@pytest.mark.parametrize("name", sorted(STEPS))
def test_step_opens_for_its_role_and_is_not_found_for_strangers(world: World, as_user: SignIn, name: str) -> None:
    people = {"officer": world.officer, "coordinator": world.coordinator, "head": world.head}
    for role, users in people.items():
        allowed = role in STEPS[name]
        assert as_user(users["so-a"]).get(url(world, name)).status_code == (200 if allowed else 403), role
        assert as_user(users["so-b"]).get(url(world, name)).status_code == 404, role
        assert as_user(users["so-b"]).post(url(world, name)).status_code == 404, role
    assert as_user(world.second_appraiser).get(url(world, name)).status_code == 404
    assert Client().get(url(world, name)).status_code == 302


def test_step_that_is_not_waiting_says_where_the_dossier_is(world: World, coordinator: Client) -> None:
    shown = text(coordinator.get(url(world, "submit")))
    assert "Việc này không chờ bạn lúc này" in shown
    assert "Hồ sơ đang ở bước 2/7, chuyên viên đang nhập kết quả." in shown
    before = list(Score.objects.order_by("pk").values())
    answer = coordinator.post(url(world, "submit"))
    assert (answer.status_code, answer["Location"]) == (302, dossier_url(world))
    assert world.dossier().stage == Stage.SELF_ASSESSING
    assert list(Score.objects.order_by("pk").values()) == before
