"""What unit and council see of the rounds: each in a column, nothing before its time, and why points were lost."""

from __future__ import annotations

import copy
import html
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import Cycle, Score
from assessments.services.appraisal import Wanted, appraise, finish_domain
from assessments.stages import CycleStage, Stage
from assessments.visibility import result_given, sees_appraisal, sees_rounds
from tests import factories
from tests.factories import World
from tests.workflow.conftest import SignIn
from units import clock
from workflow import actions
from workflow.lost_points import chart, lost_points
from workflow.round_columns import council_rounds, unit_rounds

pytestmark = pytest.mark.django_db

UNIT = "so-a"
D = Decimal


def build() -> World:
    """Round 1 cut 1.1.2 from 3 to 1,5 in a cycle of two rounds; the unit is asked."""
    world = factories.world(rounds=2).open()
    world.to(Stage.APPRAISING)
    appraise(world.score("1.1.2"), "1,5", reason="Thiếu minh chứng.", version=0, by=world.second_appraiser)
    world.to(Stage.RESPONDING)
    return world


@pytest.fixture(scope="module")
def responding(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(responding: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(responding)


def contest(world: World) -> None:
    wanted = [Wanted(world.score("1.1.2").pk, "3", "Đã có báo cáo.")]
    actions.respond(world.item("respond"), wanted, by=world.coordinator[UNIT])


def second_round(world: World, points: str = "2", reason: str = "Chấp nhận một phần.") -> None:
    appraise(world.score("1.1.2"), points, reason=reason, version=2, by=world.secretary)


def conclude(world: World) -> None:
    actions.finish_domain(world.item("appraise"), by=world.secretary)
    actions.finish_review(world.item("review"), by=world.secretary)


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def get(client: Any, name: str, world: World) -> str:
    return text(client.get(reverse(name, args=[world.dossiers[UNIT].pk])))


def shown(world: World, side: Any, code: str = "1.1.2") -> list[tuple[str, Decimal | None]]:
    scores = list(world.dossier().scores.select_related("criterion"))
    rounds = side(world.dossier(), scores)
    score = next(row for row in scores if row.criterion.code == code)
    return [(cell.label, cell.points if cell.there else None) for cell in rounds.of(score)]


def test_provisional_result_is_the_first_round(world: World) -> None:
    assert shown(world, unit_rounds) == shown(world, council_rounds) == [("Vòng 1", D("1.5"))]


def test_unit_sees_the_second_round_only_when_it_is_over(world: World) -> None:
    contest(world)
    second_round(world)
    assert shown(world, unit_rounds) == [("Vòng 1", D("1.5"))]
    assert shown(world, council_rounds) == [("Vòng 1", D("1.5")), ("Vòng 2", D(2))]
    conclude(world)
    assert shown(world, unit_rounds) == [("Vòng 1", D("1.5")), ("Vòng 2", D(2)), ("Kết luận", D(2))]
    assert shown(world, unit_rounds, "1.1.1") == [("Vòng 1", D(2)), ("Vòng 2", None), ("Kết luận", D(2))]


def test_page_of_the_unit_follows_the_rounds(world: World, as_user: SignIn) -> None:
    client = as_user(world.coordinator[UNIT])
    before = get(client, "respond", world)
    assert "chấm lại ở vòng 2" in before
    assert "Vòng 1" in before
    assert "Kiến nghị đến hết ngày thứ" in get(client, "dossier", world)
    contest(world)
    second_round(world, "2,25", "Điểm của vòng 2 chưa xong.")
    during = get(client, "respond", world)
    assert "Chờ hội đồng trả lời" in during
    assert "Điểm của vòng 2 chưa xong." not in during
    assert "2,25" not in during
    assert "hội đồng đang thẩm định vòng 2" in get(client, "dossier", world)
    conclude(world)
    after = get(client, "respond", world)
    assert "Hội đồng trả lời: Điểm của vòng 2 chưa xong." in after
    assert "Điểm sau xem xét 2,25" in after
    assert "Xem vì sao mất điểm" in after


def test_two_scorers_are_hidden_until_both_are_done(as_user: SignIn, db: None) -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world(double_scoring=True).open()
        third = factories.seat(world)
        world.to(Stage.APPRAISING)
        score = world.score("1.1.2")
        appraise(score, "1,5", reason="Thiếu.", version=0, by=third)
        hidden = [("Người chấm 1", None), ("Người chấm 2", None), ("Thẩm định", None)]
        assert shown(world, council_rounds) == hidden
        appraise(world.score("1.1.1"), "", reason="", version=0, by=third)
        finish_domain(world.dossier(), world.domain("1"), by=third)
        assert shown(world, council_rounds) == hidden
        for code in ("1.1.1", "1.1.2"):
            appraise(world.score(code), "", reason="", version=0, by=world.second_appraiser)
        finish_domain(world.dossier(), world.domain("1"), by=world.second_appraiser)
        found = [("Người chấm 1", D("1.5")), ("Người chấm 2", D(3)), ("Thẩm định", None)]
        assert shown(world, council_rounds) == found
        where = reverse("review", args=[world.dossiers[UNIT].pk]) + "?xem=tat-ca"
        assert "Người chấm 2" in text(as_user(world.secretary).get(where))


@pytest.mark.parametrize(
    ("at", "stage", "cycle_stage", "given"),
    [
        ("provisional", Stage.CONCLUDED, CycleStage.APPRAISING, True),
        ("provisional", Stage.REVIEWING, CycleStage.APPRAISING, False),
        ("concluded", Stage.CONCLUDED, CycleStage.APPRAISING, True),
        ("concluded", Stage.RESPONDING, CycleStage.APPRAISING, False),
        ("published", Stage.FINAL, CycleStage.PUBLISHING, False),
        ("published", Stage.FINAL, CycleStage.PUBLISHED, True),
    ],
)
def test_cycle_says_when_the_unit_reads_its_result(
    world: World, at: str, stage: Stage, cycle_stage: CycleStage, given: bool
) -> None:
    dossier = world.dossier()
    dossier.cycle.appeals, dossier.cycle.show_result_at = False, at
    dossier.stage, dossier.cycle.stage = stage, cycle_stage
    assert result_given(dossier) is given
    assert sees_appraisal(world.head[UNIT], dossier) is given
    assert not sees_appraisal(world.head["so-b"], dossier)


def test_cycle_with_appeals_gives_the_provisional_result_in_any_case(world: World) -> None:
    Cycle.objects.filter(pk=world.cycle.pk).update(show_result_at="published")
    assert result_given(world.dossier())


def test_second_round_under_way_is_read_by_its_unit_only(world: World) -> None:
    contest(world)
    assert not result_given(world.dossier())
    assert sees_rounds(world.head[UNIT], world.dossier())
    assert not sees_rounds(world.head["so-b"], world.dossier())


# Vì sao mất điểm


def test_lost_points_add_up_to_the_whole_difference(world: World) -> None:
    found = lost_points(world.dossier())
    # of 10 points: 1 by the rule and 1,5 by the council on 1.1.2, 0,5 by the rule on 2.1.1, 1 waits for the survey
    assert {row.label: row.points for row in found.kinds} == {
        "Đơn vị tự chấm dưới điểm tối đa theo quy tắc": D("1.5"),
        "Hội đồng chấm thấp hơn, đơn vị không có tài liệu kiểm chứng": D("1.5"),
        "Chưa có điểm": D(1),
    }
    assert (found.explanation.lost, found.explanation.index) == (D(4), D(60))
    assert sum(row.percent for row in found.kinds) == sum(row.percent for row in found.domains) == 40
    assert [row.score.criterion.code for row in found.biggest] == ["1.1.2", "2.1.1"]
    assert found.biggest[0].reasons[1].words == "Thiếu minh chứng."
    assert not found.complete


def test_chart_has_a_bar_for_each_round_by_domain(world: World) -> None:
    contest(world)
    second_round(world)
    conclude(world)
    first = chart(lost_points(world.dossier()))[0]
    assert [(bar.label, bar.points) for bar in first.bars] == [
        ("Tự chấm", D(5)),
        ("Vòng 1", D("3.5")),
        ("Vòng 2", D(4)),
        ("Kết luận", D(4)),
    ]
    assert first.maximum == 6


def test_why_points_were_lost_is_told_to_the_unit_and_the_council(world: World, as_user: SignIn) -> None:
    where = reverse("lost-points", args=[world.dossiers[UNIT].pk])
    for person in (world.officer[UNIT], world.head[UNIT], world.second_appraiser, world.chair):
        page = text(as_user(person).get(where))
        assert "Thiếu minh chứng." in page
        assert "Đính kèm tài liệu kiểm chứng ngay khi tự chấm" in page
        assert "Cộng, từ 100 % xuống 60,00 %" in page
    for stranger in (world.officer["so-b"], world.home_affairs, world.investigator):
        assert as_user(stranger).get(where).status_code == 404


def test_nothing_is_told_before_the_result_is_given(world: World, as_user: SignIn) -> None:
    contest(world)
    for name in ("lost-points", "lost-points-xlsx"):
        where = reverse(name, args=[world.dossiers[UNIT].pk])
        assert as_user(world.head[UNIT]).get(where).status_code == 404
        assert as_user(world.secretary).get(where).status_code == 404


def test_workbook_has_every_criterion_with_its_rounds(world: World, as_user: SignIn) -> None:
    answer = as_user(world.head[UNIT]).get(reverse("lost-points-xlsx", args=[world.dossiers[UNIT].pk]))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["Điểm các vòng", "Vì sao mất điểm"]
    rows = [row for row in book["Điểm các vòng"].values if row[0] == "1.1.2"]
    assert rows == [("1.1.2", "Tỷ lệ nhiệm vụ hoàn thành", 4, 3, 1.5, 2.5, "Thiếu minh chứng.")]


def test_pages_ask_the_same_whatever_the_criteria(
    world: World, as_user: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = as_user(world.head[UNIT])
    get(client, "lost-points", world)
    Score.objects.filter(dossier=world.dossiers[UNIT]).exclude(criterion__code="1.1.2").delete()
    for name, queries in (("lost-points", 15), ("respond", 14)):
        with django_assert_num_queries(queries):
            get(client, name, world)


def test_earlier_year_stands_beside_this_one(world: World, as_user: SignIn) -> None:
    contest(world)
    second_round(world)
    conclude(world)
    Cycle.objects.filter(pk=world.cycle.pk).update(year=factories.YEAR - 1)
    following = factories.world(rounds=2)
    following.open()
    made = following.dossiers[UNIT]
    now = clock.now()
    type(made).objects.filter(pk=made.pk).update(
        unit=world.units[UNIT], stage=Stage.FINAL, approved_at=now, submitted_at=now
    )
    found = lost_points(following.dossier())
    assert found.earlier is not None
    assert found.lost_before == D("3.5")
    assert {row.title: row.before for row in found.domains} == {
        "1. Công tác chỉ đạo điều hành": D(2),
        "2. Cải cách thủ tục hành chính": D("1.5"),
    }
