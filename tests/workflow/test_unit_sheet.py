"""The scoring sheet: saving one criterion, conflicts, what is refused, what is locked, and its number of queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker
from zeal import zeal_context

from assessments.models import LedgerEntry, Score
from assessments.services.comments import comment
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import LEAVES, World
from units import access
from units.models import User
from units.permissions import Role
from workflow import actions

from .conftest import SignIn

HTMX = {"HX-Request": "true"}


def sheet_url(world: World, domain: str = "1", unit: str = "so-a") -> str:
    return reverse("sheet", args=[world.dossiers[unit].pk, world.domain(domain, unit).pk])


def save(client: Client, world: World, code: str, *, unit: str = "so-a", **typed: Any) -> Any:
    """Post one row as htmx does; the version is the present one unless it is given."""
    score = world.score(code, unit)
    typed.setdefault("version", score.version)
    url = reverse("save-score", args=[world.dossiers[unit].pk, score.pk])
    return client.post(url, {key.replace("__", "."): value for key, value in typed.items()}, headers=HTMX)


@pytest.fixture
def officer(world: World, as_user: SignIn) -> Client:
    return as_user(world.officer["so-a"])


def text(response: Any) -> str:
    """The words of an answer, without tags, entities and runs of spaces."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words.replace("&quot;", '"').replace("&#x27;", "'"))


# the page


def test_sheet_shows_rule_maximum_and_what_is_missing(world: World, officer: Client) -> None:
    answer = officer.get(sheet_url(world))
    assert answer.status_code == 200
    shown = text(answer)
    assert "Lĩnh vực 1 · Công tác chỉ đạo điều hành" in shown
    assert "0,00 / 6,00 điểm" in shown
    assert "0 / 2 tiêu chí đã xong" in shown
    assert "2 còn thiếu: 1.1.1 1.1.2" in shown
    assert "Đạt: 2 · Không đạt: 0" in shown
    assert f'href="#score-{world.score("1.1.1").pk}"' in answer.content.decode()


def test_survey_criterion_is_read_only(world: World, officer: Client) -> None:
    answer = officer.get(sheet_url(world, "2"))
    survey = world.score("2.1.2")
    assert "Lấy từ điều tra xã hội học, đơn vị không tự chấm." in text(answer)
    assert reverse("save-score", args=[world.dossiers["so-a"].pk, survey.pk]) not in answer.content.decode()
    refused = save(officer, world, "2.1.2", points="1")
    assert refused.status_code == 422
    assert "Tiêu chí 2.1.2 không do đơn vị tự chấm." in text(refused)
    assert world.score("2.1.2").self_points is None


def test_figures_are_labelled_by_the_rule(world: World, officer: Client) -> None:
    page = officer.get(sheet_url(world)).content.decode()
    first, second = world.score("1.1.1").pk, world.score("1.1.2").pk
    assert f'<label for="s{first}-met">Kết quả</label>' in page
    assert '<option value="true" >Đạt</option>' in page
    assert f'<label for="s{second}-a">Số nhiệm vụ hoàn thành</label>' in page


def test_tabs_mark_the_domains_with_something_of_the_reader(world: World, as_user: SignIn) -> None:
    second = factories.user()
    access.join(second, world.units["so-a"], Role.OFFICER)
    actions.reassign(world.dossier(), {world.domain("2").pk: second}, by=world.coordinator["so-a"])
    for person, marks in ((world.officer["so-a"], ["person", ""]), (second, ["", "person"])):
        page = as_user(person).get(sheet_url(world))
        assert [tab["icon"] for tab in page.context["tabs"]] == marks
        assert text(page).count("Có phần của tôi:") == 1


# saving


def test_saved_row_comes_back_with_points_reason_and_sums(world: World, officer: Client) -> None:
    answer = save(officer, world, "1.1.2", figures__a="1.842", figures__b="1.985")
    saved = world.score("1.1.2")
    assert (answer.status_code, answer["X-Version"]) == (200, "1")
    assert saved.declared == {"a": "1842", "b": "1985"}
    assert saved.self_points == Decimal("3.71")
    page = answer.content.decode()
    assert page.lstrip().startswith(f'<tbody id="score-{saved.pk}"')
    assert 'value="1.842"' in page
    assert "1.842/1.985 nhiệm vụ hoàn thành ≈ 92,8 % → 3,71 điểm" in text(answer)
    assert '<div class="sheet-summary" id="sheet-summary" hx-swap-oob="true">' in page
    assert "3,71 / 6,00 điểm" in text(answer)
    assert '<span id="sum-1-1" hx-swap-oob="true">3,71</span>' in page
    assert "Còn thiếu" in text(answer)


@pytest.mark.parametrize("typed", ["2,5", "2.5"])
def test_comma_and_dot_mean_the_same(world: World, officer: Client, typed: str) -> None:
    answer = save(officer, world, "1.1.2", figures__a=typed, figures__b="4")
    assert answer.status_code == 200
    assert world.score("1.1.2").declared == {"a": "2.5", "b": "4"}
    assert 'value="2,5"' in answer.content.decode()


def test_explanation_completes_a_claimed_criterion(world: World, officer: Client) -> None:
    save(officer, world, "1.1.1", figures__met="true")
    answer = save(officer, world, "1.1.1", figures__met="true", explanation="Theo kế hoạch số 5.")
    assert "Đủ" in text(answer)
    assert world.score("1.1.1").explanation == "Theo kế hoạch số 5."


def test_same_content_twice_has_one_effect(world: World, officer: Client) -> None:
    for _time in range(2):
        assert save(officer, world, "1.1.1", figures__met="true", version=0).status_code == 200
    assert world.score("1.1.1").version == 1
    assert LedgerEntry.objects.filter(dossier=world.dossiers["so-a"], action="self_score").count() == 1


def test_criterion_that_does_not_arise_leaves_the_maximum(world: World, officer: Client) -> None:
    answer = save(officer, world, "2.1.1", not_applicable="1", explanation="Không có thủ tục.")
    assert answer.status_code == 200
    assert "0,00 / 0,00 điểm" in text(answer)
    assert world.score("2.1.1").not_applicable


def test_points_other_than_the_rules_need_a_reason(world: World, officer: Client) -> None:
    refused = save(officer, world, "1.1.2", figures__a="1", figures__b="2", points="3,5")
    assert refused.status_code == 422
    assert "Hãy ghi lý do chấm khác với điểm tính theo quy tắc." in text(refused)
    assert 'value="3,5"' in refused.content.decode()
    accepted = save(
        officer, world, "1.1.2", figures__a="1", figures__b="2", points="3,5", override_reason="Công văn 5."
    )
    assert accepted.status_code == 200
    assert (world.score("1.1.2").self_points, world.score("1.1.2").overridden) == (Decimal("3.5"), True)


# refused


def test_refused_row_keeps_everything_that_was_typed(world: World, officer: Client) -> None:
    refused = save(
        officer, world, "1.1.2", figures__a="mười", figures__b="8", explanation="Giải trình <dài>", points="9"
    )
    assert refused.status_code == 422
    page = refused.content.decode()
    assert 'value="mười"' in page
    assert 'value="8"' in page
    assert "Giải trình &lt;dài&gt;</textarea>" in page
    assert 'value="9"' in page
    assert "Số nhiệm vụ hoàn thành: Không đọc được số “mười”: hãy viết như 7,5 hoặc 1.234,5." in text(refused)
    assert 'aria-invalid="true"' in page
    assert "Chưa lưu được" in text(refused)
    assert "X-Version" not in refused
    assert world.score("1.1.2").version == 0


def test_points_above_the_maximum_refused_with_the_limit(world: World, officer: Client) -> None:
    refused = save(officer, world, "1.1.2", figures__a="1", figures__b="2", points="4,5", override_reason="x")
    assert refused.status_code == 422
    assert "Điểm 4,50 vượt điểm tối đa 4,00. Hãy nhập từ 0,00 đến 4,00." in text(refused)


def test_refused_without_script_is_a_page_with_the_row(world: World, officer: Client) -> None:
    score = world.score("1.1.2")
    url = reverse("save-score", args=[world.dossiers["so-a"].pk, score.pk])
    refused = officer.post(url, {"figures.a": "mười", "version": 0})
    assert refused.status_code == 422
    assert "Nội dung bạn nhập còn nguyên dưới đây." in text(refused)
    saved = officer.post(url, {"figures.a": "1", "figures.b": "2", "version": 0})
    assert (saved.status_code, saved["Location"]) == (302, f"{sheet_url(world)}#score-{score.pk}")


@pytest.mark.parametrize("version", ["", "abc", "-1", "99999999999999999999"])
def test_unreadable_version_is_a_conflict_not_a_crash(world: World, officer: Client, version: str) -> None:
    assert save(officer, world, "1.1.1", figures__met="true", version=version).status_code == 409


# conflict


@pytest.fixture
def clash(world: World) -> World:
    """Two officers looked at the same version; the coordinator saved first."""
    save_score(
        world.score("1.1.2"),
        Entry({"a": "1840", "b": "1985"}, explanation="Bản của tôi"),
        version=0,
        by=world.coordinator["so-a"],
    )
    return world


def test_conflict_shows_both_contents_and_who(clash: World, officer: Client) -> None:
    answer = save(officer, clash, "1.1.2", figures__a="1.842", figures__b="1.985", version=0)
    assert answer.status_code == 409
    shown = text(answer)
    assert "Hai người cùng sửa: 1.1.2 Tỷ lệ nhiệm vụ hoàn thành" in shown
    assert "Bạn vừa nhập Số nhiệm vụ hoàn thành: 1.842 Giải trình: (trống)" in shown
    assert f"{clash.coordinator['so-a']} đã lưu lúc 09:00 Thứ Sáu 20/11/2026" in shown
    assert "Số nhiệm vụ hoàn thành: 1.840 Giải trình: Bản của tôi" in shown
    assert "Tổng số nhiệm vụ: 1.985" not in shown
    assert 'value="1.842"' in answer.content.decode()
    assert clash.score("1.1.2").declared == {"a": "1840", "b": "1985"}


def test_conflict_resolved_for_mine_saves_over_the_seen_version(clash: World, officer: Client) -> None:
    answer = save(
        officer, clash, "1.1.2", figures__a="1.842", figures__b="1.985", version=0, seen_version=1, resolve="mine"
    )
    assert answer.status_code == 200
    assert clash.score("1.1.2").declared == {"a": "1842", "b": "1985"}


def test_conflict_resolved_for_mine_clashes_again_after_a_third_save(clash: World, officer: Client) -> None:
    save_score(clash.score("1.1.2"), Entry({"a": "7", "b": "8"}), version=1, by=clash.coordinator["so-a"])
    answer = save(officer, clash, "1.1.2", figures__a="1", figures__b="2", version=0, seen_version=1, resolve="mine")
    assert answer.status_code == 409
    assert 'name="seen_version" value="2"' in answer.content.decode()


def test_conflict_resolved_for_theirs_shows_what_is_saved(clash: World, officer: Client) -> None:
    answer = save(officer, clash, "1.1.2", figures__a="1.842", figures__b="1.985", version=0, resolve="theirs")
    assert answer.status_code == 200
    assert 'value="1.840"' in answer.content.decode()
    assert clash.score("1.1.2").version == 1


CONTENTS = [
    ({"figures__a": "1.842", "figures__b": "1.985"}, "Số nhiệm vụ hoàn thành: 1.842"),
    ({"figures__a": "1.840", "figures__b": "1.985", "explanation": "Của tôi khác"}, "Giải trình: Của tôi khác"),
    (
        {"figures__a": "1.840", "figures__b": "1.985", "points": "2", "override_reason": "Công văn 5"},
        "Điểm chấm khác quy tắc: 2,00 Lý do chấm khác quy tắc: Công văn 5",
    ),
]


@pytest.mark.parametrize(("mine", "shown"), CONTENTS, ids=["figures", "explanation", "override"])
def test_conflict_of_any_field_shows_both_and_overwrites_nothing(
    clash: World, officer: Client, mine: dict[str, str], shown: str
) -> None:
    before = Score.objects.filter(pk=clash.score("1.1.2").pk).values().get()
    answer = save(officer, clash, "1.1.2", version=0, **mine)
    assert (answer.status_code, shown in text(answer)) == (409, True)
    assert Score.objects.filter(pk=before["id"]).values().get() == before


def test_conflict_over_what_does_not_arise_shows_both(world: World, officer: Client) -> None:
    save_score(world.score("2.1.1"), Entry({"count": "5"}), version=0, by=world.coordinator["so-a"])
    answer = save(officer, world, "2.1.1", not_applicable="1", version=0)
    assert answer.status_code == 409
    assert "Không phát sinh: Có" in text(answer)
    assert not world.score("2.1.1").not_applicable


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("1.1.2", {"figures__a": "1.842", "figures__b": "1.985", "explanation": "Theo báo cáo\r\nsố 12 "}),
        ("1.1.2", {"figures__a": "1", "figures__b": "2", "points": "3,5", "override_reason": "Công văn 5"}),
        ("2.1.1", {"not_applicable": "1", "explanation": "Không có thủ tục"}),
        ("1.1.1", {"figures__met": ""}),
    ],
    ids=["figures", "override", "not-applicable", "nothing"],
)
def test_replayed_request_has_one_effect(world: World, officer: Client, code: str, typed: dict[str, str]) -> None:
    answers = [save(officer, world, code, version=0, **typed) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert LedgerEntry.objects.filter(dossier=world.dossiers["so-a"], action="self_score").count() <= 1
    assert world.score(code).version <= 1
    assert {answer["X-Version"] for answer in answers} == {str(world.score(code).version)}


def test_request_replayed_after_a_colleagues_save_overwrites_nothing(world: World, officer: Client) -> None:
    assert save(officer, world, "1.1.1", figures__met="true", version=0).status_code == 200
    save_score(world.score("1.1.1"), Entry({"met": "false"}), version=1, by=world.coordinator["so-a"])
    assert save(officer, world, "1.1.1", figures__met="true", version=0).status_code == 409
    assert world.score("1.1.1").declared == {"met": False}


# who and when


def test_foreign_sheet_and_rows_are_not_found(world: World, as_user: SignIn) -> None:
    stranger = as_user(world.officer["so-b"])
    assert stranger.get(sheet_url(world)).status_code == 404
    assert save(stranger, world, "1.1.1", figures__met="true").status_code == 404
    assert as_user(world.officer["so-b"]).get(sheet_url(world, unit="so-b")).status_code == 200


def test_row_of_another_dossier_under_the_own_address_is_not_found(world: World, officer: Client) -> None:
    foreign = world.score("1.1.1", "so-b")
    url = reverse("save-score", args=[world.dossiers["so-a"].pk, foreign.pk])
    assert officer.post(url, {"figures.met": "true", "version": 0}, headers=HTMX).status_code == 404


def test_head_reads_and_may_not_write(world: World, as_user: SignIn) -> None:
    head = as_user(world.head["so-a"])
    page = head.get(sheet_url(world))
    assert "Bạn chỉ xem được" in text(page)
    assert "<form id=" not in page.content.decode()
    assert save(head, world, "1.1.1", figures__met="true").status_code == 403


def test_sheet_is_locked_before_assignment_and_says_why(world: World, as_user: SignIn) -> None:
    page = as_user(world.officer["so-b"]).get(sheet_url(world, unit="so-b"))
    assert "Hồ sơ chưa được phân công nên chưa nhập được." in text(page)


@pytest.mark.parametrize("stage", [Stage.APPROVING, Stage.READY, Stage.APPRAISING])
def test_nothing_changes_once_the_dossier_has_gone_on(world: World, officer: Client, stage: Stage) -> None:
    world.to(stage)
    before = list(Score.objects.filter(dossier=world.dossiers["so-a"]).order_by("pk").values())
    page = officer.get(sheet_url(world))
    assert "đã khóa" in text(page) or "tạm khóa" in text(page)
    refused = save(officer, world, "1.1.1", figures__met="false", explanation="Sửa sau")
    assert refused.status_code == 422
    assert "Nội dung bạn nhập chưa được lưu" in text(refused)
    assert "Sửa sau</textarea>" in refused.content.decode()
    assert list(Score.objects.filter(dossier=world.dossiers["so-a"]).order_by("pk").values()) == before


def test_council_reads_a_sent_sheet_and_may_not_write(world: World, as_user: SignIn) -> None:
    appraiser = as_user(world.second_appraiser)
    assert appraiser.get(sheet_url(world)).status_code == 404
    world.to(Stage.APPRAISING)
    assert appraiser.get(sheet_url(world)).status_code == 200
    assert save(appraiser, world, "1.1.1", figures__met="false").status_code == 403


def test_save_needs_post(world: World, officer: Client) -> None:
    url = reverse("save-score", args=[world.dossiers["so-a"].pk, world.score("1.1.1").pk])
    assert officer.get(url).status_code == 405


# finishing


def test_domain_with_gaps_can_be_reported_as_done(world: World, officer: Client) -> None:
    page = officer.get(sheet_url(world))
    assert "Bạn vẫn báo hoàn thành được" in text(page)
    answer = officer.post(sheet_url(world))
    assert (answer.status_code, answer["Location"]) == (302, reverse("inbox"))
    assert not world.dossiers["so-a"].assignments.get(criterion=world.domain("1")).open
    assert "Báo hoàn thành lĩnh vực" not in text(officer.get(sheet_url(world)))


def test_only_the_officer_of_a_domain_reports_it(world: World, as_user: SignIn) -> None:
    coordinator = as_user(world.coordinator["so-a"])
    answer = coordinator.post(sheet_url(world))
    assert (answer.status_code, answer["Location"]) == (302, sheet_url(world))
    assert world.dossiers["so-a"].assignments.get(criterion=world.domain("1")).open


# queries


@pytest.fixture(scope="module")
def long(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One domain of 3 criteria and one of 30, each criterion with a document."""
    leaves = (
        *LEAVES,
        ("3", "Lĩnh vực ngắn", "3", "", None),
        ("3.1", "Ba tiêu chí", "3", "", None),
        *((f"3.1.{n}", f"Tiêu chí 3.1.{n}", "1", "self", {"kind": "yes_no"}) for n in range(1, 4)),
        ("4", "Lĩnh vực dài", "30", "", None),
        ("4.1", "Nhiều tiêu chí", "30", "", None),
        *((f"4.1.{n}", f"Tiêu chí 4.1.{n}", "1", "self", {"kind": "yes_no"}) for n in range(1, 31)),
    )

    def build() -> World:
        made = factories.world(leaves=leaves).open()
        made.to(Stage.SELF_ASSESSING)
        officer = made.officer["so-a"]
        for score in Score.objects.filter(dossier=made.dossiers["so-a"], criterion__code__regex=r"^[34]\."):
            comment(made.dossiers["so-a"], score.criterion, "Xem lại", by=officer)
            score.evidence.create(
                version=factories.document(made.units["so-a"], by=officer),
                added_by=officer,
                added_at=made.dossiers["so-a"].stage_since,
            )
        return made

    with factories.standing(django_db_blocker, build) as made:
        yield made


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found, zeal_context():
        assert client.get(url).status_code == 200
    return len(found)


def test_sheet_of_30_criteria_costs_as_many_queries_as_one_of_3(long: World, db: None, as_user: SignIn) -> None:
    client = as_user(User.objects.get(pk=long.officer["so-a"].pk))
    client.get(sheet_url(long, "3"))
    assert (queries(client, sheet_url(long, "3")), queries(client, sheet_url(long, "4"))) == (22, 22)


MINIMAL = {**HTMX, "Prefer": "return=minimal"}


def test_saving_costs_the_same_in_a_domain_of_30(long: World, db: None, as_user: SignIn) -> None:
    client = as_user(User.objects.get(pk=long.officer["so-a"].pk))
    counts = []
    for code, headers in (("3.1.1", MINIMAL), ("4.1.7", MINIMAL), ("3.1.1", HTMX), ("4.1.8", HTMX)):
        score = long.score(code)
        url = reverse("save-score", args=[long.dossiers["so-a"].pk, score.pk])
        with CaptureQueriesContext(connection) as found:
            answer = client.post(url, {"figures.met": "true", "version": score.version}, headers=headers)
        assert answer.status_code == (204 if headers is MINIMAL else 200)
        counts.append(len(found))
    # 6 beside the savepoint's two: session, person; dossier with score, right and end of the ledger, the criterion once
    # for each process, the write and the ledger's new entry. With the row (after a choice in a conflict) grants,
    # dossier, score, row and domain as well. The third repeats the first: it writes nothing and knows the criterion.
    assert counts == [8, 8, 10, 13]


def test_minimal_save_answers_with_the_version_only(world: World, officer: Client) -> None:
    score = world.score("1.1.2")
    url = reverse("save-score", args=[world.dossiers["so-a"].pk, score.pk])
    answer = officer.post(url, {"figures.a": "3", "figures.b": "4", "version": 0}, headers=MINIMAL)
    assert (answer.status_code, answer["X-Version"], answer["Preference-Applied"]) == (204, "1", "return=minimal")
    assert answer.content == b""
    assert world.score("1.1.2").self_points == Decimal(3)
    refused = officer.post(url, {"figures.a": "5", "figures.b": "4", "version": 1}, headers=MINIMAL)
    assert refused.status_code == 422
    clash = officer.post(url, {"figures.a": "1", "figures.b": "4", "version": 0}, headers=MINIMAL)
    assert clash.status_code == 409


def test_rows_are_read_again_with_the_sums_of_their_domain(world: World, officer: Client) -> None:
    save(officer, world, "1.1.2", figures__a="3", figures__b="4")
    url = reverse("sheet-rows", args=[world.dossiers["so-a"].pk])
    wanted = {"row": [world.score("1.1.1").pk, world.score("1.1.2").pk, "x", "99999999"]}
    answer = officer.get(url, wanted)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<tbody") == 2
    assert '<span id="sum-1-1" hx-swap-oob="true">3,00</span>' in page
    across = officer.get(url, {"row": [world.score("1.1.1").pk, world.score("2.1.1").pk]}).content.decode()
    assert (across.count("<tbody"), "sheet-summary" in across) == (2, False)


def test_rows_read_again_cost_as_many_queries_for_30_as_for_1(long: World, db: None, as_user: SignIn) -> None:
    client = as_user(User.objects.get(pk=long.officer["so-a"].pk))
    url = reverse("sheet-rows", args=[long.dossiers["so-a"].pk])
    rows = [long.score(f"4.1.{number}").pk for number in range(1, 31)]
    counts = []
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as found, zeal_context():
            assert client.get(url, {"row": some}).content.decode().count("<tbody") == len(some)
        counts.append(len(found))
    assert counts == [6, 6]
