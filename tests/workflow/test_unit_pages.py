"""The list of dossiers, one dossier, its history: what each person sees there, and the number of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from zeal import zeal_context

from assessments.services import appraisal
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access
from units.permissions import Role

from .conftest import SignIn
from .test_unit_sheet import save, text


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found, zeal_context():
        assert client.get(url).status_code == 200
    return len(found)


def units_listed(client: Client, **filters: str) -> list[str]:
    rows = client.get(reverse("dossiers"), filters).context["rows"]
    return [row["dossier"].unit.name for row in rows]


def test_list_shows_the_own_dossier_with_its_step_and_chip(world: World, as_user: SignIn) -> None:
    officer = as_user(world.officer["so-a"])
    shown = text(officer.get(reverse("dossiers")))
    assert "Sở Nội vụ 2026 Bước 2/7 · chuyên viên đang nhập kết quả – Chưa đến hạn" in shown
    assert units_listed(officer) == ["Sở Nội vụ"]


def test_list_of_the_council_has_only_what_has_arrived(world: World, as_user: SignIn) -> None:
    appraiser, of_the_unit = as_user(world.second_appraiser), as_user(world.appraiser)
    assert units_listed(appraiser) == []
    assert "Chưa có hồ sơ nào" in text(appraiser.get(reverse("dossiers")))
    world.to(Stage.APPRAISING, "so-b")
    assert units_listed(appraiser) == ["Sở Tư pháp"]
    assert units_listed(of_the_unit) == ["Sở Nội vụ", "Sở Tư pháp"]
    assert units_listed(of_the_unit, q="tư pháp") == ["Sở Tư pháp"]
    assert units_listed(of_the_unit, stage="self_assessing") == ["Sở Nội vụ"]
    assert "Không có hồ sơ nào khớp" in text(of_the_unit.get(reverse("dossiers"), {"q": "không có"}))


def test_list_costs_the_same_for_1_and_3_dossiers(world: World, as_user: SignIn) -> None:
    person = factories.user()
    access.join(person, world.units["so-a"], Role.OFFICER)
    one = queries(as_user(person), reverse("dossiers"))
    for unit in ("so-b", "huyen-c"):
        access.join(person, world.units[unit], Role.OFFICER)
    assert (one, queries(as_user(person), reverse("dossiers"))) == (12, 12)


def test_dossier_says_where_it_stands_and_what_is_missing(world: World, as_user: SignIn) -> None:
    officer = as_user(world.officer["so-a"])
    save(officer, world, "1.1.2", figures__a="3", figures__b="4", explanation="Theo báo cáo.")
    page = officer.get(reverse("dossier", args=[world.dossiers["so-a"].pk]))
    shown = text(page)
    assert "3,00 / 9,00 điểm 1/3 tiêu chí đã xong" in shown
    assert "Hồ sơ đang ở bước 2/7, chuyên viên đang nhập kết quả." in shown
    assert "trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026). Còn 24 ngày" in shown
    assert "Còn thiếu 2" in shown
    sheet = reverse("sheet", args=[world.dossiers["so-a"].pk, world.domain("2").pk])
    assert f'href="{sheet}#score-{world.score("2.1.1").pk}"' in page.content.decode()
    assert "Lưu tiêu chí 1.1.2: – → 3,00 điểm" in shown
    assert "Nhập kết quả tự đánh giá · Sở Nội vụ · Lĩnh vực 2" in shown
    assert "Minh họa" in shown


def test_dossier_of_another_unit_is_not_found(world: World, as_user: SignIn) -> None:
    pages = ("dossier", "history", "receipt")
    stranger = as_user(world.officer["so-b"])
    assert [stranger.get(reverse(page, args=[world.dossiers["so-a"].pk])).status_code for page in pages] == [404] * 3
    owner = as_user(world.officer["so-a"])
    assert [owner.get(reverse(page, args=[world.dossiers["so-a"].pk])).status_code for page in pages] == [200, 200, 404]


def test_dossier_costs_the_same_whatever_is_in_it(world: World, as_user: SignIn) -> None:
    officer = as_user(world.officer["so-a"])
    url = reverse("dossier", args=[world.dossiers["so-a"].pk])
    empty = queries(officer, url)
    world.to(Stage.CHECKING)
    assert (empty, queries(officer, url)) == (19, 19)


# history


def history(client: Client, world: World) -> str:
    return text(client.get(reverse("history", args=[world.dossiers["so-a"].pk])))


def test_unit_reads_its_own_history_and_not_the_councils(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPRAISING)
    by = factories.appraiser_of(world, "so-a")
    appraisal.appraise(world.score("1.1.2"), "1", reason="Chưa đủ căn cứ.", version=0, by=by)
    officer = as_user(world.officer["so-a"])
    shown = history(officer, world)
    assert f"Phân công lĩnh vực 1 cho {world.officer['so-a']}" in shown
    assert "Lưu tiêu chí 1.1.2: – → 3,00 điểm" in shown
    assert "Báo hoàn thành lĩnh vực 2" in shown
    assert "Chuyển sang bước “Thẩm định”" in shown
    assert "Chưa đủ căn cứ." not in shown
    world.to(Stage.RESPONDING)
    shown = history(officer, world)
    assert "Thẩm định tiêu chí 1.1.2: 1,00 điểm “Chưa đủ căn cứ.”" in shown


def test_council_does_not_read_how_the_unit_worked(world: World, as_user: SignIn) -> None:
    world.to(Stage.APPRAISING)
    shown = history(as_user(world.second_appraiser), world)
    assert "Chuyển sang bước “Thẩm định”" in shown
    assert "Lưu tiêu chí" not in shown
    assert "Phân công lĩnh vực" not in shown


@pytest.mark.parametrize("saves", [1, 3])
def test_history_costs_the_same_for_any_number_of_entries(world: World, as_user: SignIn, saves: int) -> None:
    officer = as_user(world.officer["so-a"])
    for number in range(saves):
        save(officer, world, "1.1.2", figures__a=str(number), figures__b="4")
    assert queries(officer, reverse("history", args=[world.dossiers["so-a"].pk])) == 11
