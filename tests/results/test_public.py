"""What the public reads: nothing before publication, afterwards the snapshot and nothing but the snapshot."""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from assessments.models import Score
from assessments.stages import Stage
from results.content import from_content
from results.models import Publication
from results.services import content_hash, is_intact
from results.table import as_content, result_table
from survey.services import expected_lines, import_results
from survey.workbook import template
from tests import factories
from tests.factories import World
from units import clock
from units.models import Unit, User
from workflow import actions
from workflow.engine import open_item

pytestmark = pytest.mark.django_db


def build() -> World:
    """A cycle whose council has concluded: so-a 8,30 of 10 points, so-b without one criterion, huyen-c sent nothing."""
    world = factories.world().open()
    for unit in ("so-a", "so-b"):
        world.to(Stage.CONCLUDED, unit)
    lines = expected_lines(world.cycle)
    points = {(line.unit_id, line.criterion_id): (Decimal("0.8"), 80) for line in lines}
    import_results(world.cycle, io.BytesIO(template(lines, points)), filename="diem.xlsx", by=world.home_affairs)
    actions.close_collection(open_item(world.cycle, "cycle.collect"), give_up_missing=True, by=world.home_affairs)
    actions.merge_survey(open_item(world.cycle, "cycle.merge_survey"), by=world.home_affairs)
    actions.conclude_cycle(open_item(world.cycle, "cycle.council_concludes"), by=world.chair)
    world.cycle.refresh_from_db()
    return world


@pytest.fixture(scope="module")
def concluded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A cycle ready to be proposed."""
    with factories.standing(django_db_blocker, build) as made:
        yield made


@pytest.fixture
def world(concluded: World, db: None) -> Iterator[World]:
    with clock.at(factories.WORKDAY):
        yield copy.deepcopy(concluded)


def propose(world: World) -> None:
    actions.propose(open_item(world.cycle, "cycle.propose"), note="", by=world.home_affairs)


def approve(world: World) -> None:
    actions.decide(open_item(world.cycle, "cycle.decide"), approved=True, comment="", by=world.province)


def publish(world: World) -> Publication:
    propose(world)
    approve(world)
    actions.publish(
        open_item(world.cycle, "cycle.publish"),
        decision_number="05/QĐ-UBND",
        decided_on=dt.date(2026, 11, 20),
        signer="Trần Thắng",
        by=world.home_affairs,
    )
    return Publication.objects.get(cycle=world.cycle)


def pages(world: World, publication: int, year: int = factories.YEAR) -> list[str]:
    """Every public address of one publication."""
    return [
        reverse("public-result", args=[year, publication]),
        reverse("public-workbook", args=[year, publication]),
        reverse("public-manifest", args=[year, publication]),
        reverse("public-unit", args=[year, publication, world.units["so-a"].pk]),
    ]


def statuses(world: World, publication: int, year: int = factories.YEAR) -> list[int]:
    return [Client().get(address).status_code for address in pages(world, publication, year)]


def test_no_public_page_shows_anything_before_publication(world: World) -> None:
    for step in (lambda: None, lambda: propose(world), lambda: approve(world)):
        step()
        for guess in (1, 2, world.cycle.pk):
            assert statuses(world, guess) == [404] * 4
        home = Client().get(reverse("public-home"))
        assert "Chưa có kết quả nào được công bố" in home.content.decode()
        assert "Sở Nội vụ" not in home.content.decode()
        assert Client().get(reverse("public-year", args=[factories.YEAR])).status_code == 404


def test_no_person_of_a_unit_sees_the_table_before_publication(world: World) -> None:
    propose(world)
    for name in ("results", "results-workbook"):
        address = reverse(name, args=[world.cycle.pk])
        for person in (world.head["so-a"], world.coordinator["so-b"], world.appraiser, world.investigator):
            client = Client()
            client.force_login(User.objects.get(pk=person.pk), backend="django.contrib.auth.backends.ModelBackend")
            assert client.get(address).status_code == 404


def test_every_public_page_opens_after_publication(world: World) -> None:
    publication = publish(world)
    assert statuses(world, publication.pk) == [200] * 4
    home = Client().get(reverse("public-home")).content.decode()
    assert pages(world, publication.pk)[0] in home
    assert Client().get(reverse("public-year", args=[factories.YEAR])).status_code == 200


def test_wrong_year_unit_or_method_is_refused(world: World) -> None:
    publication = publish(world)
    assert statuses(world, publication.pk, year=2025) == [404] * 4
    stranger = Unit.objects.create(code="so-la", name="Sở lạ", kind=Unit.Kind.DEPARTMENT)
    address = reverse("public-unit", args=[factories.YEAR, publication.pk, stranger.pk])
    assert Client().get(address).status_code == 404
    assert [Client().post(page).status_code for page in pages(world, publication.pk)] == [405] * 4


def test_table_shows_rank_index_decision_and_hash(world: World) -> None:
    publication = publish(world)
    page = Client().get(pages(world, publication.pk)[0])
    shown = [
        (unit.unit, unit.rank, unit.index, unit.grade, unit.note)
        for group in page.context["groups"]
        for unit in group.units
    ]
    assert shown == [
        ("Sở Nội vụ", 1, Decimal("83.00"), "Tốt", ""),
        ("Sở Tư pháp", 1, Decimal("83.00"), "Tốt", ""),
        ("UBND huyện Lệ Thủy", None, None, "", "Không nộp hồ sơ"),
    ]
    words = page.content.decode()
    for text in ("05/QĐ-UBND", "Thứ Sáu 20/11/2026", "Trần Thắng", publication.manifest_hash, "Minh họa", "83,00"):
        assert text in words


def test_page_of_a_unit_shows_its_domains(world: World) -> None:
    publication = publish(world)
    page = Client().get(pages(world, publication.pk)[3])
    domains = [(row.code, row.points, row.maximum) for row in page.context["unit"].domains]
    assert domains == [("1", Decimal("5.00"), Decimal("6")), ("2", Decimal("3.30"), Decimal("4"))]


def test_file_of_the_manifest_has_the_hash_that_is_printed(world: World) -> None:
    publication = publish(world)
    answer = Client().get(pages(world, publication.pk)[2])
    assert hashlib.sha256(answer.content).hexdigest() == publication.manifest_hash
    assert answer.json() == publication.manifest


def test_nothing_done_later_changes_a_byte(world: World) -> None:
    publication = publish(world)
    before = [Client().get(page).content for page in pages(world, publication.pk) if not page.endswith("xlsx")]
    Unit.objects.filter(pk=world.units["so-a"].pk).update(name="Tên khác")
    Score.objects.filter(dossier=world.dossiers["so-a"]).update(survey_points=None)
    Score.objects.filter(dossier=world.dossiers["so-a"], criterion__code="1.1.2").update(
        appraised_points=0, appraised_reason="Sửa sau"
    )
    world.cycle.name = "Đợt khác"
    world.cycle.save()
    after = [Client().get(page).content for page in pages(world, publication.pk) if not page.endswith("xlsx")]
    assert after == before
    publication.refresh_from_db()
    assert is_intact(publication)
    assert as_content(result_table(world.cycle)) != publication.manifest["groups"]


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Publication.objects.filter(pk=row.pk).update(signer="Người khác"),
        lambda row: Publication.objects.filter(pk=row.pk).delete(),
    ],
)
def test_database_refuses_to_change_a_publication(world: World, change: object) -> None:
    publication = publish(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(publication)  # type: ignore[operator]
    assert Publication.objects.get(pk=publication.pk).signer == "Trần Thắng"


def test_snapshot_that_was_tampered_with_says_so(world: World) -> None:
    publication = publish(world)
    table = Publication._meta.db_table
    if connection.vendor == "postgresql":
        # the rows just written still have deferred foreign keys to check
        lift = f"SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE {table} DISABLE TRIGGER USER"
        restore = f"ALTER TABLE {table} ENABLE TRIGGER USER"
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE name = %s", [f"{table}_no_update"])
            restore = cursor.fetchone()[0]
        lift = f"DROP TRIGGER {table}_no_update"
    assert is_intact(publication)
    changed = publication.manifest | {"signer": "Người khác"}
    with connection.cursor() as cursor:
        cursor.execute(lift)
        Publication.objects.filter(pk=publication.pk).update(manifest=changed)
        cursor.execute(restore)
    page = Client().get(pages(world, publication.pk)[0]).content.decode()
    assert "Bản lưu không khớp mã kiểm tra." in page


def test_stored_table_reads_back_the_same(world: World) -> None:
    tables = result_table(world.cycle)
    content = as_content(tables)
    assert as_content(from_content(content)) == content
    assert content_hash(as_content(from_content(content))) == content_hash(content)


# Caching


def test_public_pages_can_be_cached_and_ask_for_no_session(world: World) -> None:
    publication = publish(world)
    for page in [*pages(world, publication.pk), reverse("public-home")]:
        answer = Client().get(page)
        assert "public" in answer["Cache-Control"]
        assert "Set-Cookie" not in answer
        assert "Cookie" not in answer.get("Vary", "")
    answer = Client().get(pages(world, publication.pk)[0])
    assert answer["ETag"] == f'"{publication.manifest_hash}-{settings.VERSION}"'
    again = Client().get(pages(world, publication.pk)[0], headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_signed_in_reader_gets_the_same_page_as_everybody(world: World) -> None:
    publication = publish(world)
    client = Client()
    client.force_login(User.objects.get(pk=world.head["so-a"].pk), backend="django.contrib.auth.backends.ModelBackend")
    address = pages(world, publication.pk)[0]
    assert client.get(address).content == Client().get(address).content


def test_public_table_asks_for_two_queries(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    publication = publish(world)
    with django_assert_num_queries(2):
        Client().get(pages(world, publication.pk)[0])


# The Excel file


def cells(content: bytes) -> dict[str, list[list[object]]]:
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def home_affairs(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.home_affairs.pk), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_excel_file_holds_the_table_and_says_what_it_is(world: World) -> None:
    answer = home_affairs(world).get(reverse("results-workbook", args=[world.cycle.pk]))
    assert "chua-cong-bo" in answer["Content-Disposition"]
    assert "minh-hoa" in answer["Content-Disposition"]
    sheets = cells(answer.content)
    assert list(sheets) == ["Các sở, ban, ngành", "UBND các huyện"]
    rows = sheets["Các sở, ban, ngành"]
    assert rows[2][0] == "Chưa công bố"
    assert rows[4][0] == "MINH HỌA: bộ chỉ số minh họa, không phải bộ chỉ số chính thức"
    assert rows[6][:5] == ["Hạng", "Đơn vị", "Chỉ số (%)", "Xếp loại", "Tổng điểm"]
    assert rows[7][:5] == [1, "Sở Nội vụ", 83, "Tốt", 8.3]
    assert sheets["UBND các huyện"][7][:4] == [None, "UBND huyện Lệ Thủy", None, None]
    assert sheets["UBND các huyện"][7][-1] == "Không nộp hồ sơ"


def test_excel_file_never_makes_a_formula_of_a_name(world: World) -> None:
    Unit.objects.filter(pk=world.units["so-a"].pk).update(name='=HYPERLINK("http://x","y")')
    answer = home_affairs(world).get(reverse("results-workbook", args=[world.cycle.pk]))
    sheet = load_workbook(io.BytesIO(answer.content))["Các sở, ban, ngành"]
    found = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=HYPERLINK")]
    assert [cell.data_type for cell in found] == ["s"]
    assert sheet["B8"].hyperlink is None


def test_excel_sheet_names_are_unique_and_allowed(world: World) -> None:
    for group, name in zip(world.cycle.groups.select_related("group"), ("Khối [1]: sở/ban " * 4,) * 2, strict=True):
        group.group.name = name[:200]
        group.group.save()
    answer = home_affairs(world).get(reverse("results-workbook", args=[world.cycle.pk]))
    assert list(cells(answer.content)) == ["Khối  1   sở ban Khối  1   sở b", "Khối  1   sở ban Khối  1 2"]


# The table inside


def test_table_is_marked_unpublished_until_it_is_published(world: World) -> None:
    client = home_affairs(world)
    address = reverse("results", args=[world.cycle.pk])
    assert "Chưa công bố" in client.get(address).content.decode()
    publish(world)
    page = client.get(address).content.decode()
    assert "Chưa công bố" not in page
    assert "Đã công bố theo Quyết định số 05/QĐ-UBND, Thứ Sáu 20/11/2026" in page


def test_table_stands_as_proposed_while_it_is_decided(world: World) -> None:
    propose(world)
    Score.objects.filter(dossier=world.dossiers["so-a"]).update(survey_points=None)
    page = home_affairs(world).get(reverse("results", args=[world.cycle.pk]))
    assert [unit.index for group in page.context["shown"].groups for unit in group.units][:2] == [Decimal("83.00")] * 2
    assert "Bảng kết quả như đã trình UBND tỉnh lần 1" in page.content.decode()


def test_survey_points_that_are_not_in_yet_are_not_zero() -> None:
    with clock.at(factories.WORKDAY):
        world = factories.world().open()
        world.to(Stage.CONCLUDED)
        page = home_affairs(world).get(reverse("results", args=[world.cycle.pk]))
    assert page.context["unsurveyed"] is True
