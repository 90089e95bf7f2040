"""What a row of the sheet opens: the unit's talk about a criterion, and who changed it from what to what."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.idempotency import new_key
from assessments.models import ReviewNote
from assessments.services.comments import comment
from assessments.services.scores import Entry, attach, save_score
from assessments.stages import Stage
from notifications.models import Notice
from tests import factories
from tests.factories import World
from units import access
from units.permissions import Role
from workflow import actions

from .conftest import SignIn
from .test_unit_sheet import sheet_url, text

PART = {"X-Part": "1"}


def row_url(name: str, world: World, code: str = "1.1.2", **more: Any) -> str:
    score = world.score(code)
    of = {"score": score.pk} if name == "row-history" else {"criterion": score.criterion_id}
    return reverse(name, kwargs={"dossier": score.dossier_id, **of, **more})


@pytest.fixture
def officer(world: World, as_user: SignIn) -> Client:
    return as_user(world.officer["so-a"])


# talk


def test_comment_sent_shows_in_the_thread_and_on_the_row(world: World, officer: Client) -> None:
    answer = officer.post(row_url("comments", world), {"body": "Lấy số liệu <quý> nào?"}, headers=PART)
    assert answer.status_code == 200
    assert "Lấy số liệu &lt;quý&gt; nào?" in answer.content.decode()
    assert 'data-count="1"' in answer.content.decode()
    assert "<html" not in answer.content.decode()
    sheet = officer.get(sheet_url(world)).content.decode()
    assert '<span class="count" >1<span class="visually-hidden"> chưa xong</span></span>' in sheet


def test_comment_sent_twice_under_one_key_is_said_once(world: World, officer: Client) -> None:
    key = new_key()
    for _time in range(2):
        officer.post(row_url("comments", world), {"body": "Xem lại", "idempotency_key": key}, headers=PART)
    assert ReviewNote.objects.count() == 1
    assert Notice.objects.filter(event__startswith="comment:").count() == 0


def test_comment_tells_the_officer_and_those_who_spoke_but_not_its_author(world: World, as_user: SignIn) -> None:
    comment(world.dossier(), world.domain("1.1.2"), "Trước", by=world.head["so-a"])
    as_user(world.coordinator["so-a"]).post(row_url("comments", world), {"body": "Xem lại quý IV"})
    notices = Notice.objects.filter(channel=Notice.Channel.IN_APP, event__startswith="comment:")
    assert {notice.recipient for notice in notices} == {world.officer["so-a"], world.head["so-a"]}
    told = notices.get(recipient=world.officer["so-a"])
    assert told.subject == "Trao đổi về tiêu chí 1.1.2 · Sở Nội vụ"
    assert told.body.endswith("viết về tiêu chí 1.1.2 Tỷ lệ nhiệm vụ hoàn thành:\nXem lại quý IV")
    assert told.url == f"{sheet_url(world)}#score-{world.score('1.1.2').pk}"


def test_comment_refused_keeps_the_words_and_says_why(world: World, officer: Client) -> None:
    words = "a" * 2001
    answer = officer.post(row_url("comments", world), {"body": words}, headers=PART)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "Nội dung dài 2001 ký tự, tối đa 2000." in text(answer)


def test_comment_without_script_goes_over_a_page(world: World, officer: Client) -> None:
    answer = officer.post(row_url("comments", world), {"body": "Xem lại"})
    assert (answer.status_code, answer["Location"]) == (302, row_url("comments", world))
    page = officer.get(row_url("comments", world))
    assert "<html" in page.content.decode()
    assert "Trao đổi về tiêu chí 1.1.2" in text(page)


def test_comment_resolved_leaves_the_count(world: World, officer: Client) -> None:
    note = comment(world.dossier(), world.domain("1.1.2"), "Xem lại", by=world.head["so-a"])
    answer = officer.post(row_url("resolve-comment", world, note=note.pk), headers=PART)
    assert 'data-count="0"' in answer.content.decode()
    assert f"{world.officer['so-a']} đánh dấu đã xong" in text(answer)


def test_comment_of_another_criterion_under_this_address_is_not_found(world: World, officer: Client) -> None:
    note = comment(world.dossier(), world.domain("1.1.1"), "Xem lại", by=world.head["so-a"])
    assert officer.post(row_url("resolve-comment", world, note=note.pk)).status_code == 404
    assert officer.post(row_url("resolve-comment", world, "1.1.1", note=note.pk)).status_code == 302


def test_council_never_sees_the_units_talk(world: World, as_user: SignIn) -> None:
    comment(world.dossier(), world.domain("1.1.2"), "Nội bộ đơn vị", by=world.officer["so-a"])
    world.to(Stage.APPRAISING)
    council = as_user(world.second_appraiser)
    assert council.get(row_url("comments", world)).status_code == 404
    assert council.post(row_url("comments", world), {"body": "x"}).status_code == 404
    sheet = council.get(sheet_url(world))
    assert (sheet.status_code, "Trao đổi" in text(sheet)) == (200, False)
    assert "Nội bộ đơn vị" not in text(council.get(row_url("row-history", world)))
    assert as_user(world.officer["so-a"]).get(row_url("comments", world)).status_code == 200


def test_sending_back_is_shown_apart_from_talk(world: World, officer: Client) -> None:
    comment(world.dossier(), world.domain("1.1.2"), "Chỉ là trao đổi", by=world.officer["so-a"])
    page = officer.get(reverse("dossier", args=[world.dossiers["so-a"].pk]))
    assert "Chỉ là trao đổi" not in text(page)


def branch_url(name: str, world: World, code: str, unit: str = "so-a", **more: Any) -> str:
    kwargs = {"dossier": world.dossiers[unit].pk, "criterion": world.domain(code, unit).pk, **more}
    return reverse(name, kwargs=kwargs)


def test_comment_on_a_branch_reaches_who_fills_below_it_and_shows_on_its_heading(world: World, as_user: SignIn) -> None:
    second = factories.user()
    access.join(second, world.units["so-a"], Role.OFFICER)
    actions.reassign(world.dossier(), {world.domain("1.1.2").pk: second}, by=world.coordinator["so-a"])
    answer = as_user(world.coordinator["so-a"]).post(
        branch_url("comments", world, "1.1"), {"body": "Chốt số trước 30/11"}
    )
    assert (answer.status_code, answer["Location"]) == (302, branch_url("comments", world, "1.1"))
    notices = Notice.objects.filter(channel=Notice.Channel.IN_APP, event__startswith="comment:")
    assert {notice.recipient for notice in notices} == {world.officer["so-a"], second}
    told = notices.get(recipient=second)
    assert told.subject == "Trao đổi về tiêu chí 1.1 · Sở Nội vụ"
    assert told.url == f"{sheet_url(world)}#branch-1-1"
    sheet = as_user(second).get(sheet_url(world)).content.decode()
    heading = sheet[sheet.index('id="branch-1-1"') : sheet.index("</tbody>", sheet.index('id="branch-1-1"'))]
    assert '<span class="count" >1<span class="visually-hidden"> chưa xong</span></span>' in heading
    note = ReviewNote.objects.get()
    done = as_user(second).post(branch_url("resolve-comment", world, "1.1", note=note.pk), headers=PART)
    assert 'data-count="0"' in done.content.decode()


def test_comment_on_a_domain_names_it_as_such(world: World, as_user: SignIn) -> None:
    as_user(world.head["so-a"]).post(branch_url("comments", world, "2"), {"body": "Rà lại"})
    told = Notice.objects.get(channel=Notice.Channel.IN_APP, event__startswith="comment:")
    assert (told.recipient, told.subject) == (world.officer["so-a"], "Trao đổi về lĩnh vực 2 · Sở Nội vụ")
    assert told.url == f"{sheet_url(world, '2')}#branch-2"


def test_branch_of_another_set_or_dossier_is_not_found(world: World, officer: Client, as_user: SignIn) -> None:
    foreign = factories.criteria_set().criteria.get(code="1.1")
    of_another_set = reverse("comments", args=[world.dossiers["so-a"].pk, foreign.pk])
    assert officer.post(of_another_set, {"body": "x"}).status_code == 404
    assert officer.post(branch_url("comments", world, "1", "so-b"), {"body": "x"}).status_code == 404
    assert ReviewNote.objects.count() == 0


# history


def test_history_says_who_changed_which_field_from_what_to_what(world: World, officer: Client) -> None:
    by = world.officer["so-a"]
    save_score(world.score("1.1.2"), Entry({"a": "1.840", "b": "1.985"}), version=0, by=by)
    save_score(
        world.score("1.1.2"),
        Entry({"a": "1.842", "b": "1.985"}, explanation="61 hồ sơ chờ", points="3,5", override_reason="Công văn 5"),
        version=1,
        by=world.coordinator["so-a"],
    )
    shown = text(officer.get(row_url("row-history", world), headers=PART))
    assert f"{world.coordinator['so-a']} : Lưu tiêu chí 1.1.2: 3,71 → 3,50 điểm" in shown.replace("  ", " ")
    for change in (
        "Số nhiệm vụ hoàn thành: 1.840 → 1.842",
        "Giải trình: (trống) → 61 hồ sơ chờ",
        "Điểm chấm khác quy tắc: (trống) → 3,50",
        "Lý do chấm khác quy tắc: (trống) → Công văn 5",
        "Điểm tự chấm: 3,71 → 3,50",
    ):
        assert change in shown
    assert shown.count("Tổng số nhiệm vụ:") == 1  # the first save filled it, the second left it


def test_history_names_documents_and_is_of_one_criterion(world: World, officer: Client) -> None:
    version = factories.document(world.units["so-a"], by=world.officer["so-a"], title="Kế hoạch 05")
    attach(world.score("1.1.2"), version, quote="", by=world.officer["so-a"])
    assert "Thêm tài liệu “Kế hoạch 05” vào tiêu chí 1.1.2" in text(officer.get(row_url("row-history", world)))
    assert "Chưa có thay đổi nào." in text(officer.get(row_url("row-history", world, "1.1.1")))


def test_history_costs_the_same_for_1_and_for_3_changes(
    world: World, officer: Client, django_assert_num_queries: Any
) -> None:
    for changed in (1, 2):
        for number in range(changed):
            score = world.score("1.1.2")
            figures = {"a": str(score.version + 1 + number), "b": "9"}
            save_score(score, Entry(figures), version=score.version, by=world.officer["so-a"])
        with django_assert_num_queries(7):
            officer.get(row_url("row-history", world), headers=PART)


def test_thread_costs_the_same_for_1_and_for_3_comments(
    world: World, officer: Client, django_assert_num_queries: Any
) -> None:
    for more in (1, 2):
        for number in range(more):
            comment(world.dossier(), world.domain("1.1.2"), f"Ý {number}", by=world.officer["so-a"])
        with django_assert_num_queries(7):
            officer.get(row_url("comments", world), headers=PART)
