"""The survey's pages: quotas, import all or nothing, merge, and what an investigator may do."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import LedgerEntry, Score
from assessments.stages import CycleStage, Stage
from presets import quang_binh
from survey.models import Quota, RespondentGroup, SurveyImport, SurveyResult
from survey.services import expected_lines
from survey.workbook import SHEET, template
from tests import factories
from tests.factories import World
from units import clock
from units.models import User

pytestmark = pytest.mark.django_db


def build() -> World:
    world = factories.world().open()
    for group in world.cycle.groups.select_related("group"):
        for order, (code, planned) in enumerate((("noi-bo", 15), ("nguoi-dan", 30)), start=1):
            respondents = RespondentGroup.objects.create(cycle_group=group, code=code, name=code, order=order)
            for unit in group.group.units.all():
                Quota.objects.create(unit=unit, respondent_group=respondents, planned=planned)
    return world


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A cycle that takes dossiers, with survey quotas."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(opened: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(opened)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(world: World, name: str = "survey", *args: int) -> str:
    return reverse(name, args=[world.cycle.pk, *args])


def filled(world: World, points: str = "0.8", only: Mapping[str, str] | None = None) -> bytes:
    """The template with points for every line, or by unit name in `only`."""
    lines = expected_lines(world.cycle)
    known = {
        (line.unit_id, line.criterion_id): (Decimal((only or {}).get(line.unit_name, points)), 80) for line in lines
    }
    return template(lines, known)


def upload(world: World, content: bytes, name: str = "diem.xlsx", person: User | None = None) -> Any:
    client = signed_in(person or world.home_affairs)
    return client.post(url(world), {"file": SimpleUploadedFile(name, content)})


def imported(world: World) -> int:
    return SurveyResult.objects.filter(cycle=world.cycle).count()


def edited(world: World, **cells: Any) -> bytes:
    """The filled template with some cells changed."""
    book = load_workbook(io.BytesIO(filled(world)))
    for place, value in cells.items():
        book[SHEET][place] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


# Quotas


def test_quotas_of_the_plan_add_up() -> None:
    with clock.at(factories.WORKDAY):
        cycle = quang_binh.load(2021)
        person = User.objects.get(username="dieutra1")
        response = signed_in(person).get(reverse("survey", args=[cycle.pk]))
    totals = [
        (annex.name, len(annex.rows), annex.planned, [column.planned for column in annex.columns])
        for annex in response.context["annexes"]
    ]
    assert totals == [
        ("Các sở, ban, ngành cấp tỉnh", 21, 1785, [315, 840, 630]),
        ("UBND các huyện, thị xã, thành phố", 8, 960, [320, 240, 400]),
    ]
    assert response.context["planned"] == 2745
    page = response.content.decode()
    for words in ("2.745", "1.785", "960"):
        assert words in page


def test_investigator_sees_quotas_and_no_import(world: World) -> None:
    response = signed_in(world.investigator).get(url(world))
    assert response.status_code == 200
    page = response.content.decode()
    assert "Nhập điểm điều tra" not in page
    assert response.context["missing"] == []
    assert upload(world, filled(world), person=world.investigator).status_code == 404
    assert signed_in(world.investigator).get(url(world, "survey-template")).status_code == 404
    assert signed_in(world.investigator).post(url(world, "merge-survey")).status_code == 404
    assert imported(world) == 0


def quota(world: World, unit: str = "so-a") -> Quota:
    return Quota.objects.get(unit=world.units[unit], respondent_group__code="nguoi-dan")


def test_investigator_records_collected_sheets(world: World) -> None:
    own = quota(world)
    address = url(world, "survey-collected", own.pk)
    client = signed_in(world.investigator)
    assert client.post(address, {"collected": "12"}).url == f"{url(world)}#chi-tieu-{own.pk}"
    own.refresh_from_db()
    assert own.collected == 12
    annex = client.get(url(world)).context["annexes"][0]
    assert (annex.collected, annex.planned) == (12, 90)


@pytest.mark.parametrize(
    ("typed", "message"),
    [("31", "Số phiếu đã thu phải từ 0 đến 30."), ("-1", "lớn hơn"), ("mười", "Số phiếu phải là số nguyên.")],
)
def test_wrong_number_of_sheets_keeps_what_was_typed(world: World, typed: str, message: str) -> None:
    own = quota(world)
    refused = signed_in(world.investigator).post(url(world, "survey-collected", own.pk), {"collected": typed})
    assert refused.status_code == 422
    assert message in refused.content.decode()
    assert f'value="{typed}"' in refused.content.decode()
    own.refresh_from_db()
    assert own.collected == 0


def test_quota_of_another_cycle_is_not_found(world: World) -> None:
    other = factories.world()
    address = reverse("survey-collected", args=[other.cycle.pk, quota(world).pk])
    assert signed_in(other.investigator).get(address).status_code == 404
    assert signed_in(world.appraiser).get(url(world, "survey-collected", quota(world).pk)).status_code == 404


# Import


def test_template_comes_as_a_file_with_every_line(world: World) -> None:
    answer = signed_in(world.home_affairs).get(url(world, "survey-template"))
    assert answer["Content-Disposition"] == 'attachment; filename="diem-dieu-tra-2026.xlsx"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    sheet = load_workbook(io.BytesIO(answer.content))[SHEET]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["Sở Nội vụ", "Sở Tư pháp", "UBND huyện Lệ Thủy"]


def test_import_takes_the_whole_file_and_says_how_much(world: World) -> None:
    response = upload(world, filled(world))
    assert response.status_code == 302
    assert imported(world) == 3
    page = signed_in(world.home_affairs).get(url(world))
    assert page.context["missing"] == []
    assert "diem.xlsx" in page.content.decode()
    assert LedgerEntry.objects.filter(cycle=world.cycle, action="survey_import").count() == 1


def test_later_import_replaces_the_earlier(world: World) -> None:
    upload(world, filled(world))
    upload(world, filled(world, only={"Sở Nội vụ": "0.5"}))
    assert imported(world) == 3
    assert SurveyResult.objects.get(unit=world.units["so-a"]).points == Decimal("0.5")


def test_unknown_unit_names_its_row_and_imports_nothing(world: World) -> None:
    refused = upload(world, edited(world, A3="so-khong-co"))
    assert refused.status_code == 422
    assert [error["cell"] for error in refused.context["refused"]] == ["A3"]
    page = refused.content.decode()
    assert "Không có đơn vị mã “so-khong-co”" in page
    assert "Không nhập dòng nào" in page
    assert (imported(world), SurveyImport.objects.count()) == (0, 0)


def test_all_wrong_cells_are_listed_at_once(world: World) -> None:
    refused = upload(world, edited(world, F2="9", F3="bảy", G4="x"))
    assert [(error["cell"], error["message"]) for error in refused.context["refused"]] == [
        ("F2", "Điểm 9,00 phải từ 0 đến 1,00."),
        ("F3", "Không đọc được số “bảy”: hãy viết như 7,5 hoặc 1.234,5."),
        ("G4", "Số phiếu hợp lệ phải là số nguyên từ 0 trở lên."),
    ]
    assert imported(world) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Tệp rỗng (0 byte)."),
        (b"not a workbook", "Tệp không phải bảng tính Excel"),
        (b"PK" + b"0" * (5 * 1024 * 1024), "Tệp lớn hơn 5 MB."),
        (b"0" * (60 * 1024 * 1024), "Tệp lớn hơn 5 MB."),
    ],
    ids=["0 byte", "unreadable", "over 5 MB", "60 MB"],
)
def test_file_that_cannot_be_read_gets_a_clear_message(world: World, content: bytes, message: str) -> None:
    refused = upload(world, content)
    assert refused.status_code == 422
    assert message in refused.content.decode()
    assert imported(world) == 0


def test_form_without_a_file_is_refused(world: World) -> None:
    refused = signed_in(world.home_affairs).post(url(world), {})
    assert refused.status_code == 422
    assert refused.context["form"].errors["file"]


# Merge


def test_merge_is_refused_while_points_are_missing(world: World) -> None:
    upload(world, edited(world, A4=None, C4=None, F4=None, G4=None, B4=None, D4=None, E4=None))
    assert imported(world) == 2
    client = signed_in(world.home_affairs)
    page = client.get(url(world, "merge-survey"))
    assert [line.unit_name for line in page.context["missing"]] == ["UBND huyện Lệ Thủy"]
    refused = client.post(url(world, "merge-survey"))
    assert refused.status_code == 422
    world.cycle.refresh_from_db()
    assert world.cycle.survey_merged_at is None


def test_merge_writes_the_points_once_and_closes_the_import(world: World) -> None:
    upload(world, filled(world))
    client = signed_in(world.home_affairs)
    assert client.post(url(world, "merge-survey")).url == url(world)
    points = Score.objects.filter(dossier__cycle=world.cycle, source="survey").values_list("survey_points", flat=True)
    assert list(points) == [Decimal("0.8")] * 3
    again = client.post(url(world, "merge-survey"), follow=True)
    assert "không còn chờ bạn" in again.content.decode()
    late = upload(world, filled(world, points="0.1"))
    assert late.status_code == 302
    assert SurveyResult.objects.get(unit=world.units["so-a"]).points == Decimal("0.8")
    page = client.get(url(world)).content.decode()
    assert "Đã tổng hợp vào hồ sơ các đơn vị." in page


def test_unit_that_sent_nothing_needs_no_survey_points(world: World) -> None:
    world.to(Stage.CONCLUDED)
    signed_in(world.home_affairs).post(url(world, "close-collection"), {"give_up_missing": "on"})
    assert [line.unit_name for line in expected_lines(world.cycle)] == ["Sở Nội vụ"]
    upload(world, filled(world))
    signed_in(world.home_affairs).post(url(world, "merge-survey"))
    world.cycle.refresh_from_db()
    assert world.cycle.stage == CycleStage.CONCLUDING


def test_cycle_without_a_survey_has_no_survey_page() -> None:
    world = factories.world(has_survey=False).open()
    assert signed_in(world.home_affairs).get(url(world)).status_code == 404


def test_page_asks_the_same_number_of_queries_for_one_and_three_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(world.home_affairs)
    client.get(url(world))
    with django_assert_num_queries(16):
        client.get(url(world))
    Quota.objects.filter(unit=world.units["so-b"]).delete()
    Quota.objects.filter(unit=world.units["so-a"]).delete()
    with django_assert_num_queries(16):
        client.get(url(world))
