"""Rà soát, phê duyệt, gửi, rút lại and the report on screen: what each shows, and that a refusal loses nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import Cycle, Score, SelfReport
from assessments.services.dossiers import submit
from assessments.services.scores import Entry, save_score
from assessments.stages import CycleStage, Stage
from notifications.models import Notice
from results.documents.receipt import receipt
from tests import factories
from tests.factories import World
from units import clock
from workflow import actions
from workflow.engine import open_item

from .conftest import SignIn
from .test_unit_sheet import text
from .test_unit_steps import url

DEADLINE = dt.datetime(factories.YEAR, 12, 15, tzinfo=clock.LOCAL)


@pytest.fixture
def coordinator(world: World, as_user: SignIn) -> Client:
    return as_user(world.coordinator["so-a"])


@pytest.fixture
def head(world: World, as_user: SignIn) -> Client:
    return as_user(world.head["so-a"])


@pytest.fixture
def checking(world: World) -> World:
    world.to(Stage.CHECKING)
    return world


def report_form(world: World, **changes: str) -> dict[str, str]:
    return {
        "version": "0",
        "difficulties": "Thiếu người làm công tác kiểm soát thủ tục.",
        "proposals": "Bổ sung một biên chế.",
        "total.1": "5",
        "total.2": "2,5",
        "total.": "7,5",
        **changes,
    }


# báo cáo


def test_report_is_saved_as_one_and_printed(checking: World, coordinator: Client) -> None:
    paper = SimpleUploadedFile("bao-cao.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    sent = report_form(checking) | {"number": "12/BC-SNV", "issued_on": "10/12/2026"}
    answer = coordinator.post(url(checking, "self-report"), {**sent, "signed": paper})
    assert (answer.status_code, answer["Location"]) == (302, url(checking, "self-report"))
    report = SelfReport.objects.select_related("signed__document").get()
    assert (report.total, report.signed.document.number) == (Decimal("7.5"), "12/BC-SNV")
    shown = text(coordinator.get(url(checking, "self-report")))
    assert "Khớp với bảng điểm" in shown
    assert "12/BC-SNV" in shown
    assert coordinator.get(reverse("self-report-docx", args=[checking.dossier().pk])).status_code == 200


def test_refused_report_keeps_what_was_typed(checking: World, coordinator: Client) -> None:
    answer = coordinator.post(url(checking, "self-report"), report_form(checking, **{"total.2": "hai"}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="hai"' in page
    assert "Bổ sung một biên chế.</textarea>" in page
    assert not SelfReport.objects.exists() or SelfReport.objects.get().version == 0


def test_report_changed_by_somebody_else_shows_both(checking: World, coordinator: Client) -> None:
    coordinator.post(url(checking, "self-report"), report_form(checking, proposals="Ý kiến thứ nhất."))
    answer = coordinator.post(url(checking, "self-report"), report_form(checking, proposals="Ý kiến thứ hai."))
    assert answer.status_code == 409
    assert "Nội dung người khác đã lưu" in text(answer)
    assert "Ý kiến thứ nhất." in text(answer)
    page = answer.content.decode()
    assert "Ý kiến thứ hai.</textarea>" in page
    assert 'name="version" value="' in page
    again = coordinator.post(
        url(checking, "self-report"),
        report_form(checking, proposals="Ý kiến thứ hai.", version=str(SelfReport.objects.get().version)),
    )
    assert (again.status_code, SelfReport.objects.get().proposals) == (302, "Ý kiến thứ hai.")


def test_officer_reads_the_report_and_does_not_write_it(checking: World, as_user: SignIn) -> None:
    officer = as_user(checking.officer["so-a"])
    assert "Bạn đang xem" in text(officer.get(url(checking, "self-report")))
    assert officer.post(url(checking, "self-report"), report_form(checking)).status_code == 403
    assert as_user(checking.officer["so-b"]).get(url(checking, "self-report")).status_code == 404


# rà soát


def test_differences_are_listed_and_stop_the_way_to_the_head(checking: World, coordinator: Client) -> None:
    coordinator.post(url(checking, "self-report"), report_form(checking, **{"total.2": "2,4"}))
    shown = text(coordinator.get(url(checking, "check")))
    assert "báo cáo 2,40, bảng điểm 2,50, chênh -0,10" in shown
    answer = coordinator.post(url(checking, "check"), {"action": "to_head"})
    assert answer.status_code == 422
    assert "khác với bảng điểm ở 1 chỗ" in text(answer)
    assert checking.dossier().stage == Stage.CHECKING


def test_criteria_are_sent_back_with_their_own_words(checking: World, coordinator: Client, as_user: SignIn) -> None:
    sent = {"action": "send_back", "code.0": "1.1.1", "remark.0": "Thiếu số.", "code.2": "2.1.1", "remark.2": "Sai."}
    answer = coordinator.post(url(checking, "check"), sent)
    assert answer.status_code == 302
    assert checking.dossier().stage == Stage.SELF_ASSESSING
    officer = as_user(checking.officer["so-a"])
    sheet = reverse("sheet", args=[checking.dossier().pk, checking.domain("1").pk])
    shown = text(officer.get(sheet))
    assert "Được trả lại 1.1.1 Thiếu số." in shown
    note = checking.dossier().notes.get(criterion__code="1.1.1")
    done = officer.post(reverse("resolve-note", args=[checking.dossier().pk, note.pk]), {"next": sheet})
    assert (done.status_code, done["Location"]) == (302, sheet)
    assert "Được trả lại" not in text(officer.get(sheet))


def test_refused_remarks_keep_every_line(checking: World, coordinator: Client) -> None:
    sent = {"action": "send_back", "code.0": "9.9", "remark.0": "Thiếu số.", "code.1": "", "remark.1": "Không mã."}
    answer = coordinator.post(url(checking, "check"), sent)
    assert answer.status_code == 422
    shown, page = text(answer), answer.content.decode()
    assert "Không có tiêu chí mã “9.9” do đơn vị tự chấm." in shown
    assert "Hãy chọn tiêu chí cho ý kiến này." in shown
    assert 'value="9.9"' in page
    assert "Không mã.</textarea>" in page


def test_more_lines_keep_what_was_typed(checking: World, coordinator: Client) -> None:
    sent = {"action": "more", **{f"code.{row}": "" for row in range(3)}, "remark.1": "Dở dang.", "comment": "Chung."}
    sent["domains"] = str(checking.domain("1").pk)
    page = coordinator.post(url(checking, "check"), sent).content.decode()
    assert page.count('name="code.') == 6
    assert "Dở dang.</textarea>" in page
    assert "Chung.</textarea>" in page
    assert f'value="{checking.domain("1").pk}" checked' in page
    assert checking.dossier().stage == Stage.CHECKING


def test_unusual_values_show_both_years(checking: World, coordinator: Client) -> None:
    earlier = last_year_of(checking)
    shown = text(coordinator.get(url(checking, "check")))
    assert "Khác thường so với kỳ trước 2" in shown
    assert "1.1.2 Tỷ lệ nhiệm vụ hoàn thành Điểm tự chấm: 0,00 → 3,00" in shown
    assert "Số nhiệm vụ hoàn thành: 0 → 3" in shown
    page = coordinator.get(url(checking, "check")).content.decode()
    assert f"#score-{earlier.pk}" in page


def last_year_of(world: World) -> Score:
    """The unit's dossier of the year before: all the same, but nothing done of 1.1.2."""
    other = factories.world().open()
    dossier = other.dossier("so-b")
    Cycle.objects.filter(pk=other.cycle.pk).update(year=factories.YEAR - 1)
    other.to(Stage.APPROVING, "so-b")
    score = other.score("1.1.2", "so-b")
    factories.behind_the_back(score, declared={"a": "0", "b": "4"}, self_points=Decimal(0))
    type(dossier).objects.filter(pk=dossier.pk).update(unit=world.units["so-a"])
    return score


# phê duyệt


def test_head_sees_one_page_and_returns_with_words_on_criteria(checking: World, head: Client) -> None:
    actions.send_to_head(checking.item("check"), by=checking.coordinator["so-a"])
    last_year_of(checking)
    shown = text(head.get(url(checking, "approve")))
    assert "Mọi tiêu chí đã có số liệu và tài liệu hoặc giải trình" in shown
    assert "So với kỳ trước" in shown
    refused = head.post(url(checking, "approve"), {"action": "approve", "code.0": "1.1.2", "remark.0": "Cao quá."})
    assert refused.status_code == 422
    assert "Cao quá.</textarea>" in refused.content.decode()
    head.post(url(checking, "approve"), {"action": "return", "code.0": "1.1.2", "remark.0": "Cao quá."})
    assert checking.dossier().stage == Stage.CHECKING
    note = checking.dossier().notes.get()
    assert (note.criterion.code, note.body, note.author) == ("1.1.2", "Cao quá.", checking.head["so-a"])


# gửi và rút lại


@pytest.fixture
def sent(world: World) -> World:
    Cycle.objects.filter(pk=world.cycle.pk).update(take_back=True)
    world.to(Stage.READY)
    actions.submit(world.item("submit"), by=world.coordinator["so-a"])
    return world


def test_receipt_is_told_to_the_unit_and_to_home_affairs(sent: World) -> None:
    told = Notice.objects.filter(channel="in_app").order_by("recipient")
    unit = {sent.coordinator["so-a"].pk, sent.head["so-a"].pk}
    assert {notice.recipient_id for notice in told.filter(event__startswith="receipt:")} == unit
    assert [notice.recipient for notice in told.filter(event__startswith="arrival:")] == [sent.home_affairs]


def test_nothing_is_told_where_the_sending_is_refused(world: World) -> None:
    Cycle.objects.filter(pk=world.cycle.pk).update(accept_late=False)
    world.to(Stage.READY)
    with clock.at(DEADLINE), pytest.raises(Exception, match="Đã hết hạn"):
        actions.submit(world.item("submit"), by=world.coordinator["so-a"])
    assert not Notice.objects.filter(event__startswith="receipt:").exists()
    submit(world.dossier(), by=world.coordinator["so-a"])


def test_taking_back_on_screen_needs_a_reason_and_marks_the_receipt(sent: World, coordinator: Client) -> None:
    assert "Rút lại hồ sơ" in text(coordinator.get(url(sent, "receipt")))
    refused = coordinator.post(url(sent, "take-back"), {"reason": " "})
    assert refused.status_code == 422
    assert "Hãy ghi lý do rút lại" in text(refused)
    answer = coordinator.post(url(sent, "take-back"), {"reason": "Nhầm số liệu."})
    assert (answer.status_code, answer["Location"]) == (302, url(sent, "dossier"))
    shown = text(coordinator.get(url(sent, "receipt")))
    assert "Đã rút lại" in shown
    assert "biên nhận này không còn giá trị. Lý do: Nhầm số liệu." in shown
    assert coordinator.get(reverse("receipt-pdf", args=[sent.dossier().pk])).status_code == 200
    assert "Đã rút lại lúc" in str(receipt(sent.dossier()).blocks)
    assert Notice.objects.filter(event__startswith="taken-back:", recipient=sent.home_affairs).exists()
    assert "Việc này không chờ bạn lúc này" in text(coordinator.get(url(sent, "take-back")))


def test_officer_does_not_take_back(sent: World, as_user: SignIn) -> None:
    officer = as_user(sent.officer["so-a"])
    assert officer.get(url(sent, "take-back")).status_code == 403
    assert "Rút lại hồ sơ" not in text(officer.get(url(sent, "receipt")))


def test_late_dossier_is_marked_late_everywhere(world: World, as_user: SignIn) -> None:
    world.to(Stage.READY)
    with clock.at(DEADLINE + dt.timedelta(hours=1)):
        actions.submit(world.item("submit"), by=world.coordinator["so-a"])
        client = as_user(world.coordinator["so-a"])
        assert "Trễ hạn" in text(client.get(url(world, "receipt")))
        assert "Trễ hạn" in text(client.get(url(world, "dossier")))
        monitor = as_user(world.home_affairs).get(reverse("monitor", args=[world.cycle.pk]))
        assert "Trễ hạn 1 ngày" in text(monitor)


# bổ sung


def test_what_changed_since_the_question_is_shown_to_both_sides(
    world: World, coordinator: Client, as_user: SignIn
) -> None:
    world.to(Stage.REVIEWING)
    score, day = world.score("1.1.2"), clock.today() + dt.timedelta(days=3)
    secretary = as_user(world.secretary)
    data = {
        "do": "ask",
        "due_on": f"{day:%d/%m/%Y}",
        f"ask.{score.pk}": "on",
        f"question.{score.pk}": "Giải trình mẫu số.",
        f"due.{score.pk}": f"{clock.today():%d/%m/%Y}",
    }
    assert secretary.post(f"{reverse('review', args=[score.dossier_id])}?xem=tat-ca", data).status_code == 302
    item = score.supplement_items.get()
    assert (item.due_on, item.request.due_on, item.before["self_points"]) == (clock.today(), clock.today(), "3")
    fresh = world.score("1.1.2")
    entry = Entry({"a": "4", "b": "4"}, explanation="Theo báo cáo số 12.")
    save_score(fresh, entry, version=fresh.version, by=world.officer["so-a"])
    shown = text(coordinator.get(url(world, "supplement")))
    assert "Đã thay đổi từ khi hội đồng hỏi Điểm tự chấm: 3,00 → 4,00 Số nhiệm vụ hoàn thành: 3 → 4" in shown
    with clock.at(factories.WORKDAY + dt.timedelta(days=1)):
        actions.answer_supplement(world.item("supplement"), by=world.coordinator["so-a"])
        desk = reverse("appraise-domain", args=[score.dossier_id, world.domain("1").pk])
        seen = text(as_user(world.second_appraiser).get(desk))
    assert "Trả lời trễ hạn" in seen
    assert "Điểm tự chấm: 3,00 → 4,00" in seen


# quy định của đợt


def test_rules_are_set_on_a_draft_and_stand_afterwards(as_user: SignIn, db: None) -> None:
    with clock.at(factories.WORKDAY):
        draft = factories.world()
        client = as_user(draft.home_affairs)
        where = reverse("cycle-rules", args=[draft.cycle.pk])
        assert (
            client.post(where, {"accept_late": "on", "take_back": "on", "show_result_at": "concluded"}).status_code
            == 302
        )
        rules = Cycle.objects.values_list("accept_late", "take_back", "self_report_required")
        assert rules.get(pk=draft.cycle.pk) == (True, True, False)
        told = text(client.get(reverse("open-cycle", args=[draft.cycle.pk])))
        assert "Cho rút lại hồ sơ đã gửi" in told
        assert "Khi hồ sơ đã kết luận" in told
        actions.open_cycle(open_item(draft.cycle, "cycle.open"), by=draft.home_affairs)
        client.post(where, {})
        assert rules.get(pk=draft.cycle.pk) == (True, True, False)
        assert Cycle.objects.get(pk=draft.cycle.pk).stage == CycleStage.COLLECTING
        assert "quy định đã khóa" in text(client.get(where))
