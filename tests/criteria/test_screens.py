"""The pages of criteria sets: who reaches which, what they show, what they write, and how many queries they ask."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker
from zeal import zeal_context

from criteria.consulting import open_consultation, save_comment
from criteria.editing import edit_criterion, node_version
from criteria.models import CriteriaSet, Criterion
from criteria.nodes import Source
from criteria.rules import YesNo
from criteria.services import clone, freeze, write_set
from criteria.setdata import BandData, NodeData, SetData, find
from criteria.spreadsheet import export_workbook, parse_workbook
from criteria.trees import read_set
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import User
from units.permissions import Role

pytestmark = pytest.mark.django_db


class Office:
    """A province with a frozen set that its cycle uses, and a draft of the next year."""

    def __init__(self) -> None:
        self.world: World = factories.world()
        self.keeper: User = factories.user()
        access.join(self.keeper, self.world.cycle.province, Role.CRITERIA)
        group = self.world.cycle.groups.first()
        assert group is not None
        self.frozen: CriteriaSet = freeze(group.criteria_set, by=self.keeper)
        self.draft: CriteriaSet = clone(self.frozen, year=factories.YEAR + 1, by=self.keeper)
        self.outsider: User = self.world.coordinator["so-a"]


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Office]:
    with factories.standing(django_db_blocker, Office) as made:
        yield made


@pytest.fixture
def office(standing: Office, db: None) -> Iterator[Office]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(standing)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def status(user: User, url: str) -> int:
    return client_of(user).get(url).status_code


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# Who reaches what ------------------------------------------------------------------------------------

READING = ("criteria-set", "criteria-export", "criteria-diff")
MANAGING = (
    "criteria-settings",
    "criteria-bands",
    "criterion-add",
    "criteria-changes",
    "criteria-clone",
    "criteria-freeze",
    "criteria-import-into",
    "criteria-whatif",
    "criteria-whatif-template",
    "consultation-open",
)
GENERAL = ("criteria-template", "criteria-import")


@pytest.mark.parametrize("name", READING)
def test_frozen_set_of_a_cycle_is_read_by_everybody_signed_in(office: Office, name: str) -> None:
    url = reverse(name, args=[office.frozen.pk])
    assert [status(user, url) for user in (office.keeper, office.outsider, office.world.investigator)] == [200] * 3
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", READING)
def test_draft_is_read_by_keepers_alone(office: Office, name: str) -> None:
    url = reverse(name, args=[office.draft.pk])
    assert [status(user, url) for user in (office.keeper, office.outsider, office.world.home_affairs)] == [
        200,
        404,
        404,
    ]


@pytest.mark.parametrize("name", READING)
def test_frozen_set_that_no_cycle_uses_is_read_by_keepers_alone(office: Office, name: str) -> None:
    url = reverse(name, args=[freeze(office.draft, by=office.keeper).pk])
    assert [status(user, url) for user in (office.keeper, office.outsider)] == [200, 404]


@pytest.mark.parametrize("name", MANAGING)
def test_pages_that_change_a_set_are_for_keepers(office: Office, name: str) -> None:
    url = reverse(name, args=[office.draft.pk])
    assert [status(user, url) for user in (office.keeper, office.outsider, office.world.home_affairs)] == [
        200,
        404,
        404,
    ]
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", MANAGING)
def test_pages_that_change_a_set_are_hidden_where_the_set_itself_is_readable(office: Office, name: str) -> None:
    assert status(office.outsider, reverse(name, args=[office.frozen.pk])) == 404


@pytest.mark.parametrize("name", GENERAL)
def test_import_of_a_new_set_is_for_keepers(office: Office, name: str) -> None:
    assert [status(user, reverse(name)) for user in (office.keeper, office.outsider)] == [200, 404]
    assert Client().get(reverse(name)).status_code == 302


def test_asked_unit_reads_the_draft_while_it_is_asked(office: Office) -> None:
    today = clock.today()
    group = office.world.units["so-a"].group
    assert group is not None
    open_consultation(office.draft, opens_on=today, closes_on=today, groups=[group], by=office.keeper)
    url = reverse("criteria-set", args=[office.draft.pk])
    assert [status(office.world.head[unit], url) for unit in ("so-a", "huyen-c")] == [200, 404]
    assert status(office.world.head["so-a"], reverse("criteria-settings", args=[office.draft.pk])) == 404


def test_list_shows_each_reader_their_sets(office: Office) -> None:
    def years(user: User) -> list[str]:
        page = client_of(user).get(reverse("criteria-sets")).content.decode()
        return re.findall(r'data-label="Năm">(\d+)<', page)

    assert years(office.keeper) == ["2027", "2026"]
    assert years(office.outsider) == ["2026"]


def test_frozen_set_sends_every_changing_page_back(office: Office) -> None:
    for name in ("criteria-settings", "criteria-bands", "criterion-add", "criteria-import-into", "consultation-open"):
        answer = client_of(office.keeper).get(reverse(name, args=[office.frozen.pk]))
        there = reverse("criteria-set", args=[office.frozen.pk])
        assert (answer.status_code, answer.headers["Location"]) == (302, there)


# The page of a set -----------------------------------------------------------------------------------


def test_set_page_says_rules_points_and_grades_in_words(office: Office) -> None:
    page = text_of(client_of(office.outsider).get(reverse("criteria-set", args=[office.frozen.pk])))
    for words in (
        "Minh họa",
        "Đã khóa",
        "1.1.2 Tỷ lệ nhiệm vụ hoàn thành a / b × điểm tối đa",
        "Mỗi lĩnh vực đã niêm yết: 0,5 · tối đa 3",
        "Không phát sinh: bỏ tiêu chí, quy đổi thang điểm",
        "Văn bản có số, ngày ban hành",
        "từ 80 % đến dưới 90 %",
        "Toàn bộ chỉ số 4 9,00 1,00 0,00 10,00",
    ):
        assert words in page, words


def test_set_page_warns_keepers_only(office: Office) -> None:
    url = reverse("criteria-set", args=[office.frozen.pk])
    doubts = "2.1.2: Điểm lấy từ điều tra nhưng chưa có câu hỏi điều tra."
    assert doubts in text_of(client_of(office.keeper).get(url))
    assert doubts not in text_of(client_of(office.outsider).get(url))


def big_set(leaves: int, keeper: User) -> CriteriaSet:
    """A draft of one domain with `leaves` criteria."""
    children = tuple(
        NodeData(f"1.{number}", f"Tiêu chí {number}", Decimal(1), Source.SELF, YesNo(), evidence="Báo cáo")
        for number in range(1, leaves + 1)
    )
    top = NodeData("1", "Lĩnh vực", Decimal(leaves), children=children)
    bands = (BandData("Đạt", Decimal(50)), BandData("Không đạt", Decimal(0)))
    return write_set(SetData("bo-lon", 2027, "Bộ lớn", bands=bands, nodes=(top,)), by=keeper)


# How many queries a page asks, whatever the size of the set.
PAGES = {
    "criteria-set": 13,
    "criteria-freeze": 13,
    "criteria-whatif": 12,
    "criteria-diff": 17,
    "criteria-export": 10,
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("leaves", [2, 149], ids=["3 nodes", "150 nodes"])
def test_page_asks_the_same_queries_for_any_number_of_criteria(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries, name: str, leaves: int
) -> None:
    made = clone(big_set(leaves, office.keeper), year=2028, by=office.keeper)
    client = client_of(office.keeper)
    with zeal_context(), django_assert_num_queries(PAGES[name]):
        assert client.get(reverse(name, args=[made.pk])).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_same_queries_for_any_number_of_sets(
    office: Office, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for _index in range(number - 1):
        clone(office.draft, year=2030, by=office.keeper)
    client = client_of(office.keeper)
    with zeal_context(), django_assert_num_queries(9):
        assert client.get(reverse("criteria-sets")).status_code == 200


# Editing ---------------------------------------------------------------------------------------------


def typed(office: Office, code: str = "1.1.1", **changed: Any) -> dict[str, Any]:
    """The form of a criterion as it is shown, with some fields changed."""
    return {
        "code": code,
        "name": "Ban hành kế hoạch",
        "maximum": "2",
        "sum_up": "on",
        "source": "self",
        "form": "yes_no",
        "rule": "",
        "na_policy": "none",
        "evidence": "Văn bản có số, ngày ban hành",
        "guidance": "",
        "survey_question": "",
        "seen": node_version(read_set(office.draft), code),
        **changed,
    }


def edit_url(office: Office, code: str = "1.1.1") -> str:
    return reverse("criterion-edit", args=[office.draft.pk, code])


def test_edit_page_shows_the_rule_as_it_would_be_typed(office: Office) -> None:
    page = client_of(office.keeper).get(edit_url(office, "2.1.1")).content.decode()
    assert "Khai: Số lĩnh vực đã niêm yết;\nMỗi mục: 0,5;\nTối đa: 3</textarea>" in page
    assert "Mỗi lĩnh vực đã niêm yết: 0,5 · tối đa 3" in page


def test_edit_saves_a_rule_written_as_text(office: Office) -> None:
    rule = "Kịp thời: 2\nChậm: 0,5\nKhông ban hành: 0"
    answer = client_of(office.keeper).post(edit_url(office), typed(office, form="tiers", rule=rule))
    assert answer.headers["Location"] == reverse("criteria-set", args=[office.draft.pk]) + "#1.1.1"
    row = Criterion.objects.get(criteria_set=office.draft, code="1.1.1")
    assert row.rule == {
        "kind": "tiers",
        "tiers": [
            {"key": "kip_thoi", "label": "Kịp thời", "points": "2"},
            {"key": "cham", "label": "Chậm", "points": "0.5"},
            {"key": "khong_ban_hanh", "label": "Không ban hành", "points": "0"},
        ],
    }


def test_edit_refused_keeps_what_was_typed(office: Office) -> None:
    data = typed(office, form="tiers", rule="Kịp thời: 5", guidance="Viết rất lâu.", maximum="2")
    answer = client_of(office.keeper).post(edit_url(office), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Kịp thời: 5</textarea>" in page
    assert "Viết rất lâu.</textarea>" in page
    assert "không được lớn hơn 2" in page
    assert find(read_set(office.draft), "1.1.1") == find(read_set(office.frozen), "1.1.1")


def test_edit_preview_says_the_rule_and_writes_nothing(office: Office) -> None:
    data = typed(office, form="proportional", rule="a: Số việc xong; b: Số việc", preview="1")
    answer = client_of(office.keeper).post(edit_url(office), data)
    assert (answer.status_code, "a / b × điểm tối đa" in text_of(answer)) == (200, True)
    assert find(read_set(office.draft), "1.1.1") == find(read_set(office.frozen), "1.1.1")


def test_edit_over_a_colleagues_change_shows_both_and_saves_the_second_time(office: Office) -> None:
    data = typed(office, name="Tên của tôi")
    node = find(read_set(office.draft), "1.1.1")
    assert node is not None
    colleagues = NodeData("1.1.1", "Tên của đồng nghiệp", node.maximum, node.source, node.rule, evidence=node.evidence)
    edit_criterion(office.draft, "1.1.1", colleagues, seen=None, by=office.keeper)
    client = client_of(office.keeper)
    refused = client.post(edit_url(office), data)
    page = text_of(refused)
    assert refused.status_code == 409
    assert "tên: Tên của đồng nghiệp → Tên của tôi" in page
    again = re.search(r'name="seen" value="(\w+)"', refused.content.decode())
    assert again is not None
    assert client.post(edit_url(office), {**data, "seen": again[1]}).status_code == 302
    assert Criterion.objects.get(criteria_set=office.draft, code="1.1.1").name == "Tên của tôi"


def test_edit_on_a_frozen_set_changes_nothing(office: Office) -> None:
    before = read_set(office.frozen)
    client = client_of(office.keeper)
    args = [office.frozen.pk, "1.1.1"]
    for name, data in (
        ("criterion-edit", typed(office, name="Lén sửa")),
        ("criterion-shift", {"huong": "xuong"}),
        ("criterion-move", {"parent": "2.1"}),
        ("criterion-remove", {}),
    ):
        answer = client.post(reverse(name, args=args), data)
        there = reverse("criteria-set", args=[office.frozen.pk])
        assert (answer.status_code, answer.headers["Location"]) == (302, there)
    assert read_set(office.frozen) == before


def test_edits_are_for_keepers(office: Office) -> None:
    client, before = client_of(office.outsider), read_set(office.draft)
    args = [office.draft.pk, "1.1.1"]
    for name in ("criterion-edit", "criterion-shift", "criterion-move", "criterion-remove"):
        assert client.post(reverse(name, args=args), typed(office)).status_code == 404
    for name in ("criterion-add", "criteria-bands", "criteria-settings", "criteria-clone", "criteria-freeze"):
        assert client.post(reverse(name, args=[office.draft.pk]), {}).status_code == 404
    assert read_set(office.draft) == before


def test_edit_from_a_comment_leads_to_its_answer(office: Office) -> None:
    unit, today = office.world.units["so-a"], clock.today()
    assert unit.group is not None
    consultation = open_consultation(
        office.draft, opens_on=today, closes_on=today, groups=[unit.group], by=office.keeper
    )
    criterion = Criterion.objects.get(criteria_set=office.draft, code="1.1.1")
    comment = save_comment(
        consultation, unit, criterion, body="Sửa tên.", seen_version=0, by=office.world.coordinator["so-a"]
    )
    assert comment is not None
    client = client_of(office.keeper)
    page = client.get(edit_url(office) + f"?y-kien={comment.pk}").content.decode()
    assert re.search(rf'name="comments" value="{comment.pk}"[^>]*checked', page)
    answer = client.post(edit_url(office), typed(office, name="Tên mới", comments=[comment.pk]))
    there = reverse("comment-answer", args=[consultation.pk, comment.pk])
    assert answer.headers["Location"] == f"{there}?tra_loi=accepted"
    assert comment.changes.get().after["name"] == "Tên mới"
    assert "tên: Ban hành kế hoạch → Tên mới" in text_of(client.get(there))


def test_rule_words_are_said_while_the_rule_is_typed(office: Office) -> None:
    url, data = reverse("rule-words"), {"form": "ratio", "rule": ">=90%: 2; còn lại: 0; a: Xong; b: Tất cả"}
    said = text_of(client_of(office.keeper).post(url, {**data, "maximum": "2"}))
    assert "Hiểu là: ≥ 90 %: 2 · &lt; 90 %: 0" in said
    wrong = text_of(client_of(office.keeper).post(url, {**data, "maximum": "1"}))
    assert "không được lớn hơn 1" in wrong
    assert client_of(office.keeper).post(url, {"form": "la-lung"}).status_code == 200
    assert client_of(office.outsider).post(url, data).status_code == 404
    assert client_of(office.keeper).get(url).status_code == 405


def test_add_below_a_scored_criterion_is_filled_in_from_it(office: Office) -> None:
    url = reverse("criterion-add", args=[office.draft.pk])
    page = client_of(office.keeper).get(url + "?thuoc=2.1.1").content.decode()
    assert 'value="2.1.1.1"' in page
    assert "Khai: Số lĩnh vực đã niêm yết" in page
    assert client_of(office.keeper).get(url + "?thuoc=7.7").status_code == 404
    data = typed(office, code="1.1.1", name="Thêm", maximum="1") | {"code": "1.1.3"}
    assert client_of(office.keeper).post(url + "?thuoc=1.1", data).status_code == 302
    assert find(read_set(office.draft), "1.1.3") is not None


def test_place_and_removal_by_the_buttons(office: Office) -> None:
    client = client_of(office.keeper)

    def codes() -> list[str]:
        return list(
            Criterion.objects.filter(criteria_set=office.draft).order_by("order").values_list("code", flat=True)
        )

    client.post(reverse("criterion-shift", args=[office.draft.pk, "1.1.1"]), {"huong": "xuong"})
    assert codes()[2:4] == ["1.1.2", "1.1.1"]
    seen = node_version(read_set(office.draft), "1.1.1")
    client.post(reverse("criterion-move", args=[office.draft.pk, "1.1.1"]), {"parent": "2.1", "seen": seen})
    assert codes()[-1] == "2.1.3"
    stale = client.post(reverse("criterion-remove", args=[office.draft.pk, "2.1.3"]), {"seen": "cu"}, follow=True)
    assert "Người khác vừa sửa" in text_of(stale)
    seen = node_version(read_set(office.draft), "2.1.3")
    client.post(reverse("criterion-remove", args=[office.draft.pk, "2.1.3"]), {"seen": seen, "sum_up": "on"})
    assert codes() == ["1", "1.1", "1.1.2", "2", "2.1", "2.1.1", "2.1.2"]


def bands_data(seen: str, *rows: tuple[str, str]) -> dict[str, str]:
    data = {"seen": seen, "form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": "0"}
    for index, (label, lower) in enumerate(rows):
        data |= {f"form-{index}-label": label, f"form-{index}-lower": lower}
    return data


def test_bands_are_typed_with_commas_and_checked(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-bands", args=[office.draft.pk])
    found = re.search(r'name="seen" value="(\w+)"', client.get(url).content.decode())
    assert found is not None
    refused = client.post(url, bands_data(found[1], ("Tốt", "80"), ("Khá", "55,5")))
    assert (refused.status_code, "bắt đầu từ 0" in text_of(refused), 'value="55,5"' in refused.content.decode()) == (
        422,
        True,
        True,
    )
    saved = client.post(url, bands_data(found[1], ("Khá", "55,5"), ("Tốt", "80 %"), ("Yếu", "0"), ("", "")))
    assert saved.status_code == 302
    assert [(band.label, band.lower) for band in read_set(office.draft).bands] == [
        ("Tốt", Decimal(80)),
        ("Khá", Decimal("55.5")),
        ("Yếu", Decimal(0)),
    ]
    stale = client.post(url, bands_data(found[1], ("Mọi mức", "0")))
    assert (stale.status_code, "Tốt từ 80 %" in text_of(stale)) == (409, True)


def test_settings_are_saved(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-settings", args=[office.draft.pk])
    found = re.search(r'name="seen" value="(\w+)"', client.get(url).content.decode())
    assert found is not None
    data = {
        "name": "Bộ chỉ số năm 2027",
        "source_decision": "",
        "rounding_step": "0,05",
        "rounding_mode": "half_up",
        "bonus_cap": "2",
        "penalty_cap": "1,5",
        "seen": found[1],
    }
    refused = client.post(url, data)
    assert (refused.status_code, "Căn cứ" in text_of(refused)) == (422, True)
    assert client.post(url, {**data, "illustrative": "on"}).status_code == 302
    office.draft.refresh_from_db()
    assert (office.draft.name, office.draft.rounding_step, office.draft.penalty_cap) == (
        "Bộ chỉ số năm 2027",
        Decimal("0.05"),
        Decimal("1.5"),
    )
    stale = client.post(url, {**data, "illustrative": "on", "name": "Khác"})
    assert (stale.status_code, "Bộ chỉ số năm 2027" in text_of(stale)) == (409, True)


def test_history_tells_every_change(office: Office) -> None:
    client = client_of(office.keeper)
    client.post(edit_url(office), typed(office, name="Tên mới"))
    page = text_of(client.get(reverse("criteria-changes", args=[office.draft.pk])))
    assert "Sửa 1.1.1: tên: Ban hành kế hoạch → Tên mới" in page


# Versions --------------------------------------------------------------------------------------------


def test_clone_and_difference(office: Office) -> None:
    client = client_of(office.keeper)
    made = client.post(reverse("criteria-clone", args=[office.frozen.pk]), {"year": "2028"})
    copy_of = CriteriaSet.objects.get(year=2028)
    assert made.headers["Location"] == reverse("criteria-set", args=[copy_of.pk])
    url = reverse("criteria-diff", args=[copy_of.pk])
    client.post(
        reverse("criterion-edit", args=[copy_of.pk, "1.1.1"]),
        typed(office, name="Tên khác", maximum="2,5", seen=node_version(read_set(copy_of), "1.1.1")),
    )
    client.post(
        reverse("criterion-remove", args=[copy_of.pk, "2.1.2"]), {"seen": node_version(read_set(copy_of), "2.1.2")}
    )
    page = text_of(client.get(url))
    for words in ("Đã bỏ 1 2.1.2 Mức độ hài lòng", "Trước: 2 Sau: 2,5", "Trước: Ban hành kế hoạch Sau: Tên khác"):
        assert words in page, words
    same = text_of(client.get(f"{url}?voi={office.draft.pk}"))
    assert "Bộ chỉ số thử" in same
    assert client.get(f"{url}?voi=999999").status_code == 404
    assert client_of(office.outsider).get(reverse("criteria-diff", args=[office.frozen.pk])).status_code == 200


def test_difference_never_shows_a_version_that_the_reader_may_not_read(office: Office) -> None:
    url = reverse("criteria-diff", args=[office.frozen.pk])
    assert client_of(office.keeper).get(f"{url}?voi={office.draft.pk}").status_code == 200
    assert client_of(office.outsider).get(f"{url}?voi={office.draft.pk}").status_code == 404


def test_freeze_locks_what_was_seen(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-freeze", args=[office.draft.pk])
    shown = client.get(url)
    found = re.search(r'name="seen" value="(\w+)"', shown.content.decode())
    assert found is not None
    assert "Tỷ lệ nhiệm vụ hoàn thành" in text_of(shown)
    client.post(edit_url(office), typed(office, name="Sửa vào phút chót"))
    stale = client.post(url, {"seen": found[1]})
    office.draft.refresh_from_db()
    assert (stale.status_code, office.draft.is_frozen) == (409, False)
    again = re.search(r'name="seen" value="(\w+)"', stale.content.decode())
    assert again is not None
    assert client.post(url, {"seen": again[1]}).status_code == 302
    office.draft.refresh_from_db()
    assert (office.draft.is_frozen, office.draft.frozen_at) == (True, factories.WORKDAY)


# Excel -----------------------------------------------------------------------------------------------


def upload(content: bytes, name: str = "bo-chi-so.xlsx") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


def workbook(data: SetData, **cells: Any) -> bytes:
    """A set as a file, with values put into cells of its tree ("D4")."""
    book = openpyxl.load_workbook(io.BytesIO(export_workbook(data)))
    for name, value in cells.items():
        book["Bộ chỉ số"][name] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def hidden_of(answer: Any) -> dict[str, str]:
    page = answer.content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("content", "seen")}  # type: ignore[index]


def test_export_reads_back_as_the_same_set(office: Office) -> None:
    answer = client_of(office.outsider).get(reverse("criteria-export", args=[office.frozen.pk]))
    assert parse_workbook(io.BytesIO(answer.content)).data == read_set(office.frozen)
    assert f"{office.frozen.code}-2026-pb1.xlsx" in answer.headers["Content-Disposition"]


def test_import_shows_everything_and_writes_after_the_confirmation(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-import")
    data = replace(read_set(office.draft), name="Bộ chỉ số trong tệp")
    content, before = workbook(data), CriteriaSet.objects.count()
    preview = client.post(url, upload(content))
    page = text_of(preview)
    assert preview.status_code == 200
    for words in (
        "chưa ghi gì",
        "Toàn bộ chỉ số 4 9,00 1,00 0,00 10,00",
        "1.1.2 Tỷ lệ nhiệm vụ hoàn thành",
        "chưa có câu hỏi",
    ):
        assert words in page, words
    assert CriteriaSet.objects.count() == before
    written = client.post(url, {**hidden_of(preview), "confirm": "1"})
    made = CriteriaSet.objects.latest("pk")
    assert written.headers["Location"] == reverse("criteria-set", args=[made.pk])
    assert (CriteriaSet.objects.count(), made.version) == (before + 1, 2)
    assert read_set(made) == data


def test_import_confirmed_twice_makes_one_set(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-import")
    content = workbook(replace(read_set(office.draft), year=2029))
    confirmation = {**hidden_of(client.post(url, upload(content))), "confirm": "1"}
    answers = [client.post(url, confirmation).headers["Location"] for _press in range(2)]
    assert answers == [reverse("criteria-set", args=[CriteriaSet.objects.get(year=2029).pk])] * 2


def test_import_names_every_wrong_cell_and_writes_nothing(office: Office) -> None:
    client, before = client_of(office.keeper), CriteriaSet.objects.count()
    content = workbook(read_set(office.draft), D5="hai điểm", E6="Nguồn lạ")
    refused = client.post(reverse("criteria-import"), upload(content))
    page = text_of(refused)
    assert refused.status_code == 422
    assert ("Bộ chỉ số D5" in page, "Bộ chỉ số E6" in page) == (True, True)
    assert 'name="confirm"' not in refused.content.decode()
    assert CriteriaSet.objects.count() == before


@pytest.mark.parametrize(
    "content", [b"", b"khong phai excel", b"PK\x05\x06" + b"\0" * 18], ids=["empty", "text", "zip"]
)
def test_import_of_another_file_is_refused_on_the_form(office: Office, content: bytes) -> None:
    refused = client_of(office.keeper).post(reverse("criteria-import"), upload(content))
    assert refused.status_code == 422
    assert 'id="id_file_error"' in refused.content.decode()


def test_import_of_a_file_that_is_too_large_is_refused_unread(office: Office) -> None:
    refused = client_of(office.keeper).post(reverse("criteria-import"), upload(b"x" * (3 * 1024 * 1024 + 1)))
    assert (refused.status_code, "lớn hơn 3 MB" in text_of(refused)) == (422, True)


def test_import_into_a_draft_replaces_it_and_keeps_the_rows(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-import-into", args=[office.draft.pk])
    pk = Criterion.objects.get(criteria_set=office.draft, code="1.1.1").pk
    preview = client.post(url, upload(workbook(read_set(office.draft), C5="Tên trong tệp")))
    assert "Trước: Ban hành kế hoạch Sau: Tên trong tệp" in text_of(preview)
    assert client.post(url, {**hidden_of(preview), "confirm": "1"}).status_code == 302
    assert Criterion.objects.get(pk=pk).name == "Tên trong tệp"


def test_import_into_a_draft_that_changed_meanwhile_asks_again(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-import-into", args=[office.draft.pk])
    preview = client.post(url, upload(workbook(read_set(office.draft), C5="Tên trong tệp")))
    client.post(edit_url(office), typed(office, name="Sửa trên màn hình"))
    stale = client.post(url, {**hidden_of(preview), "confirm": "1"})
    assert stale.status_code == 409
    assert "Trước: Sửa trên màn hình Sau: Tên trong tệp" in text_of(stale)
    assert client.post(url, {**hidden_of(stale), "confirm": "1"}).status_code == 302
    assert Criterion.objects.get(criteria_set=office.draft, code="1.1.1").name == "Tên trong tệp"


def test_import_into_takes_only_a_file_of_the_same_set(office: Office) -> None:
    url = reverse("criteria-import-into", args=[office.draft.pk])
    refused = client_of(office.keeper).post(url, upload(workbook(read_set(office.frozen))))
    assert refused.status_code == 422
    assert "năm 2026, không phải" in text_of(refused)


def test_import_by_others_writes_nothing(office: Office) -> None:
    content, before = workbook(read_set(office.draft)), CriteriaSet.objects.count()
    preview = client_of(office.keeper).post(reverse("criteria-import"), upload(content))
    for url in (reverse("criteria-import"), reverse("criteria-import-into", args=[office.draft.pk])):
        assert client_of(office.outsider).post(url, {**hidden_of(preview), "confirm": "1"}).status_code == 404
    assert CriteriaSet.objects.count() == before


# What if ---------------------------------------------------------------------------------------------

FIGURES = {
    "1.1.1|met": "true",
    "1.1.2|a": "3",
    "1.1.2|b": "4",
    "2.1.1|count": "5",
    "2.1.2|percent": "80",
}


def test_whatif_scores_what_is_typed_and_keeps_nothing(office: Office, django_assert_num_queries: Any) -> None:
    url = reverse("criteria-whatif", args=[office.frozen.pk])
    page = client_of(office.keeper).post(url, {**FIGURES, "linh_vuc": "2"})
    text = text_of(page)
    for words in (
        "83,00 % Tốt từ 80 % đến dưới 90 %",
        "5 lĩnh vực đã niêm yết × 0,5 → 2,50 điểm",
        "80 % × 1 → 0,80 điểm",
        "1. Công tác chỉ đạo điều hành 5,00 / 6,00",
    ):
        assert words in text, words
    assert '<input type="hidden" name="1.1.2|a" value="3">' in page.content.decode()


def test_whatif_answers_a_change_with_what_changes(office: Office) -> None:
    url = reverse("criteria-whatif", args=[office.draft.pk])
    answer = client_of(office.keeper).post(
        url, {**FIGURES, "1.1.2|a": "năm", "linh_vuc": "1"}, headers={"HX-Request": "true"}
    )
    page = answer.content.decode()
    assert ("<html" in page, 'id="totals"' in page, page.count("hx-swap-oob")) == (False, True, 4)
    assert "Không đọc được số “năm”" in page


def test_whatif_goes_to_another_domain_with_everything(office: Office) -> None:
    url = reverse("criteria-whatif", args=[office.draft.pk])
    page = client_of(office.keeper).post(url, {**FIGURES, "linh_vuc": "1", "chuyen": "2"}).content.decode()
    assert re.search(r'<input class="form-control"\s+name="2\.1\.1\|count"\s+value="5"', page)
    assert 'type="hidden" name="1.1.1|met" value="true"' in page


def test_whatif_reads_the_sheet_that_it_gave(office: Office) -> None:
    client, url = client_of(office.keeper), reverse("criteria-whatif", args=[office.draft.pk])
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("criteria-whatif-template", args=[office.draft.pk])).content)
    )
    sheet = book["Số liệu"]
    for name, value in {"F2": "Đạt", "F3": 3, "H3": 4, "F4": 5, "F5": 80}.items():
        sheet[name] = value
    file = io.BytesIO()
    book.save(file)
    answer = client.post(url, {"tep": SimpleUploadedFile("so-lieu.xlsx", file.getvalue())})
    assert (answer.status_code, "83,00 %" in text_of(answer)) == (200, True)
    refused = client.post(url, {"tep": SimpleUploadedFile("so-lieu.xlsx", b"khong phai excel")})
    assert (refused.status_code, "không phải bảng tính Excel" in text_of(refused)) == (422, True)
