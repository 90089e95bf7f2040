"""The pages of the offline workbook: download, upload, comparison, saving, and who may see them."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries
from zeal import zeal_context

from assessments.models import Assignment
from assessments.offline import export_part
from assessments.services.scores import Entry, save_score
from assessments.stages import Stage
from tests import factories
from tests.factories import World
from units import access
from units.models import User
from units.permissions import Role

from .conftest import SignIn

# Where the criteria of the test set stand in its workbook: sheet, and the cells of the figures.
CELLS = {
    "1.1.1": ("Lĩnh vực 1", "F5"),
    "1.1.2": ("Lĩnh vực 1", "F6"),
    "1.1.2 b": ("Lĩnh vực 1", "H6"),
    "2.1.1": ("Lĩnh vực 2", "F5"),
}


@pytest.fixture
def officer(world: World, as_user: SignIn) -> Client:
    return as_user(world.officer["so-a"])


def url(world: World, name: str = "offline", *args: Any, unit: str = "so-a") -> str:
    return reverse(name, args=[world.dossiers[unit].pk, *args])


def workbook(world: World, cells: Mapping[str, Any], *, by: User | None = None, content: bytes = b"") -> bytes:
    """A downloaded workbook with figures filled in."""
    content = content or export_part(world.dossier(), by=by or world.officer["so-a"])
    book = load_workbook(io.BytesIO(content))
    for code, value in cells.items():
        sheet, cell = CELLS[code]
        book[sheet][cell].value = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def upload(client: Client, world: World, content: bytes) -> Any:
    return client.post(url(world), {"file": SimpleUploadedFile("tệp của tôi.xlsx", content)})


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found is not None
    return found.group(1)


def form_of(answer: Any, **chosen: Any) -> dict[str, Any]:
    """What the comparison page would send."""
    return {
        "seen": hidden(answer, "seen"),
        "idempotency_key": hidden(answer, "idempotency_key"),
        **{name.replace("_", "-", 1) if name.startswith("resolve") else name: value for name, value in chosen.items()},
    }


def text(answer: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", words)


def save(world: World, code: str, entry: Entry, by: User) -> None:
    score = world.score(code)
    save_score(score, entry, version=score.version, by=by)


def kept(media_root: Path) -> int:
    return len(list(media_root.rglob("*.xlsx")))


# who


def test_pages_are_for_those_who_fill_in_this_dossier(world: World, as_user: SignIn) -> None:
    assert as_user(world.officer["so-a"]).get(url(world)).status_code == 200
    assert as_user(world.coordinator["so-a"]).get(url(world)).status_code == 200
    key = uuid.uuid4()
    pages = [
        ("offline", ()),
        ("offline-download", ()),
        ("offline-compare", ("token",)),
        ("offline-result", (key,)),
    ]
    for name, args in pages:
        address = url(world, name, *args)
        assert as_user(world.head["so-a"]).get(address).status_code == 403
        assert as_user(world.officer["so-b"]).get(address).status_code == 404
        assert as_user(world.home_affairs).get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert as_user(world.officer["so-b"]).post(url(world)).status_code == 404
    assert as_user(world.head["so-a"]).post(url(world, "offline-compare", "token")).status_code == 403


# download


def test_page_offers_ones_own_part_and_each_domain_of_it(world: World, officer: Client) -> None:
    shown = text(officer.get(url(world)))
    assert "Tệp có 3 tiêu chí được giao cho bạn" in shown
    assert "Lĩnh vực 1: Công tác chỉ đạo điều hành 2 tiêu chí" in shown
    assert "Lĩnh vực 2: Cải cách thủ tục hành chính 1 tiêu chí" in shown


def test_coordinator_is_offered_the_whole_dossier_and_others_nothing(world: World, as_user: SignIn) -> None:
    assert "Tệp có 3 tiêu chí của toàn bộ hồ sơ" in text(as_user(world.coordinator["so-a"]).get(url(world)))
    other = factories.user()
    access.join(other, world.units["so-a"], Role.OFFICER)
    assert "Chưa có tiêu chí nào được giao cho bạn." in text(as_user(other).get(url(world)))
    answer = as_user(other).get(url(world, "offline-download"), follow=True)
    assert answer.redirect_chain == [(url(world), 302)]
    assert "Không có tiêu chí nào được phân công cho bạn ở đây." in text(answer)


def test_download_is_a_workbook_that_no_cache_keeps(world: World, officer: Client) -> None:
    answer = officer.get(url(world, "offline-download"), {"linh_vuc": world.domain("2").pk})
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="cchc-2026-so-a.xlsx"'
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames[1:2] == ["Lĩnh vực 2"]
    assert officer.get(url(world, "offline-download"), {"linh_vuc": "x"}).status_code == 404


def test_locked_dossier_says_why_and_gives_nothing(world: World, officer: Client, media_root: Path) -> None:
    content = workbook(world, {"1.1.1": "x"})
    world.to(Stage.APPROVING)
    shown = text(officer.get(url(world)))
    assert "Hồ sơ đang ở bước “Chờ lãnh đạo duyệt” (chờ lãnh đạo duyệt) nên không nhập được kết quả" in shown
    assert "Tải tệp Excel" not in shown
    assert officer.get(url(world, "offline-download")).url == url(world)
    assert upload(officer, world, content).url == url(world)
    assert kept(media_root) == 0


# upload


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Tệp không có nội dung (0 byte)."),
        (b"%PDF-1.7", "Tệp không phải bảng tính Excel (.xlsx) đọc được."),
    ],
)
def test_file_that_is_no_workbook_is_refused_and_not_kept(
    world: World, officer: Client, media_root: Path, content: bytes, message: str
) -> None:
    answer = upload(officer, world, content)
    assert answer.status_code == 422
    assert message in text(answer)
    assert kept(media_root) == 0


def test_upload_without_a_file_asks_for_one(world: World, officer: Client) -> None:
    answer = officer.post(url(world))
    assert answer.status_code == 422
    assert "Hãy chọn tệp Excel đã nhập trên máy của bạn." in text(answer)


def test_edited_file_is_refused_with_each_cell(world: World, officer: Client, media_root: Path) -> None:
    book = load_workbook(io.BytesIO(export_part(world.dossier(), by=world.officer["so-a"])))
    book["Lĩnh vực 1"]["O5"].value = 9
    book["Lĩnh vực 2"]["A3"].value = "?"
    content = io.BytesIO()
    book.save(content)
    answer = upload(officer, world, content.getvalue())
    assert answer.status_code == 422
    assert "Lĩnh vực 1!N5: Mã dòng hoặc phiên bản ở cột ẩn không đúng với chữ ký của tệp." in text(answer)
    assert "Lĩnh vực 2!A3: Dòng tiêu đề không còn như khi tải về." in text(answer)
    assert kept(media_root) == 0


def test_unchanged_file_says_so_and_offers_nothing_to_save(world: World, officer: Client) -> None:
    answer = officer.get(upload(officer, world, workbook(world, {})).url)
    assert "Tệp không khác số liệu đang lưu" in text(answer)
    assert "3 tiêu chí không đổi 1.1.1, 1.1.2, 2.1.1" in text(answer)
    assert "Lưu các dòng đã chọn" not in text(answer)


# comparison


def test_comparison_shows_each_difference_and_writes_nothing(world: World, officer: Client, media_root: Path) -> None:
    save(world, "1.1.2", Entry({"a": "3", "b": "4"}), world.officer["so-a"])
    answer = upload(officer, world, workbook(world, {"1.1.1": "Đạt", "1.1.2": "=1", "2.1.1": "2"}))
    assert answer.status_code == 302
    answer = officer.get(answer.url)
    shown = text(answer)
    assert "Tệp do Nguyễn Văn so-a.officer" in shown
    assert "tải về lúc 09:00 Thứ Sáu 20/11/2026." in shown
    assert "Kết quả: (trống) → thành Đạt" in shown
    assert "– → 2,00" in shown
    assert "Lĩnh vực 1!F6: Ô chứa công thức." in shown
    assert "Số lĩnh vực đã niêm yết: (trống) → thành 2" in shown
    assert re.findall(r"data-filter=\"(\w+)\"[^<]*<span class=\"count\">(\d+)", answer.content.decode()) == [
        ("all", "3"),
        ("change", "2"),
        ("conflict", "0"),
        ("error", "1"),
    ]
    accept = re.findall(r'name="accept"\s+value="(\d+)"', answer.content.decode())
    assert accept == [str(world.score("1.1.1").pk), str(world.score("2.1.1").pk)]
    assert [world.score(code).version for code in ("1.1.1", "1.1.2", "2.1.1")] == [0, 1, 0]
    assert kept(media_root) == 1


def test_texts_of_a_workbook_are_shown_and_never_run(world: World, officer: Client) -> None:
    book = load_workbook(io.BytesIO(export_part(world.dossier(), by=world.officer["so-a"])))
    book["Lĩnh vực 1"]["K5"].value = "<script>alert(1)</script>\n- hai"
    content = io.BytesIO()
    book.save(content)
    page = officer.get(upload(officer, world, content.getvalue()).url).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>- hai" in page
    assert "<script>alert" not in page


def test_only_ticked_rows_are_saved_and_the_file_is_removed(world: World, officer: Client, media_root: Path) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt", "2.1.1": "2"})).url
    form = form_of(officer.get(address), accept=[world.score("2.1.1").pk])
    answer = officer.post(address, form, follow=True)
    assert answer.redirect_chain == [(url(world, "offline-result", form["idempotency_key"]), 302)]
    assert "Đã lưu 1 tiêu chí. 2.1.1" in text(answer)
    assert world.score("2.1.1").self_points == Decimal(1)
    assert world.score("1.1.1").version == 0
    assert kept(media_root) == 0


def test_same_form_sent_twice_saves_once(world: World, officer: Client) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt"})).url
    form = form_of(officer.get(address), accept=[world.score("1.1.1").pk])
    first = officer.post(address, form)
    again = officer.post(address, form)
    assert first.url == again.url == url(world, "offline-result", form["idempotency_key"])
    assert world.score("1.1.1").version == 1


def test_result_is_only_for_whoever_saved_on_this_dossier(world: World, officer: Client, as_user: SignIn) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt"})).url
    result = officer.post(address, form_of(officer.get(address), accept=[world.score("1.1.1").pk])).url
    assert officer.get(result).status_code == 200
    assert as_user(world.coordinator["so-a"]).get(result).status_code == 404
    assert officer.get(url(world, "offline-result", uuid.uuid4())).status_code == 404


def test_conflict_shows_three_contents_and_saves_the_chosen_one(world: World, officer: Client) -> None:
    content = workbook(world, {"1.1.2": "4", "1.1.2 b": "4"})
    save(world, "1.1.2", Entry({"a": "2", "b": "4"}), world.coordinator["so-a"])
    address = upload(officer, world, content).url
    page = officer.get(address)
    shown = text(page)
    assert "Khi tệp được tải về Số nhiệm vụ hoàn thành: (trống) Tổng số nhiệm vụ: (trống)" not in shown
    assert "Khi tệp được tải về" in shown
    assert f"{world.coordinator['so-a']} đã lưu lúc 09:00 Thứ Sáu 20/11/2026" in shown
    assert "Trong tệp của bạn" in shown
    pk = world.score("1.1.2").pk
    answer = officer.post(address, form_of(page, **{f"resolve_{pk}": "mine"}), follow=True)
    assert "Đã lưu 1 tiêu chí. 1.1.2" in text(answer)
    assert (world.score("1.1.2").self_points, world.score("1.1.2").version) == (Decimal(4), 2)


def test_conflict_keeps_theirs_when_chosen_and_when_nothing_is_chosen(world: World, officer: Client) -> None:
    content = workbook(world, {"1.1.2": "4", "1.1.2 b": "4"})
    save(world, "1.1.2", Entry({"a": "2", "b": "4"}), world.coordinator["so-a"])
    pk = world.score("1.1.2").pk
    for chosen, words in (
        ({f"resolve_{pk}": "theirs"}, "Giữ nội dung đã lưu trước của: 1.1.2"),
        ({}, "Không có tiêu chí nào được lưu."),
    ):
        address = upload(officer, world, content).url
        answer = officer.post(address, form_of(officer.get(address), **chosen), follow=True)
        assert words in text(answer)
        assert world.score("1.1.2").version == 1


def test_row_that_moved_after_the_comparison_is_named_and_the_rest_saved(world: World, officer: Client) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt", "2.1.1": "2"})).url
    form = form_of(officer.get(address), accept=[world.score("1.1.1").pk, world.score("2.1.1").pk])
    save(world, "1.1.1", Entry({"met": "không"}), world.coordinator["so-a"])
    shown = text(officer.post(address, form, follow=True))
    assert "Đã lưu 1 tiêu chí. 2.1.1" in shown
    assert f"1.1.1 {world.coordinator['so-a']} vừa lưu tiêu chí này lúc 09:00 Thứ Sáu 20/11/2026." in shown
    assert world.score("1.1.1").self_points == Decimal(0)


def test_forged_or_missing_versions_save_nothing(world: World, officer: Client) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt"})).url
    form = form_of(officer.get(address), accept=[world.score("1.1.1").pk])
    for seen in ("", "x", form["seen"][:-2]):
        answer = officer.post(address, {**form, "seen": seen}, follow=True)
        assert answer.redirect_chain == [(url(world), 302)]
        assert "Tệp tải lên không còn được giữ" in text(answer)
    assert world.score("1.1.1").version == 0


def test_kept_file_of_somebody_else_is_not_opened(world: World, officer: Client, as_user: SignIn) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt"})).url
    answer = as_user(world.coordinator["so-a"]).get(address, follow=True)
    assert answer.redirect_chain == [(url(world), 302)]
    assert "Tệp tải lên không còn được giữ" in text(answer)


def test_dossier_locked_after_the_comparison_saves_nothing(world: World, officer: Client) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt"})).url
    form = form_of(officer.get(address), accept=[world.score("1.1.1").pk])
    version = world.to(Stage.APPROVING) and world.score("1.1.1").version
    answer = officer.post(address, form, follow=True)
    assert "Hồ sơ đang ở bước “Chờ lãnh đạo duyệt”" in text(answer)
    assert world.score("1.1.1").version == version


def test_form_without_a_key_still_saves(world: World, officer: Client) -> None:
    address = upload(officer, world, workbook(world, {"1.1.1": "Đạt"})).url
    form = form_of(officer.get(address), accept=[world.score("1.1.1").pk])
    answer = officer.post(address, {**form, "idempotency_key": "không phải khóa"}, follow=True)
    assert "Đã lưu 1 tiêu chí. 1.1.1" in text(answer)


# cost


@pytest.mark.parametrize("cells", [{"1.1.1": "Đạt"}, {"1.1.1": "Đạt", "1.1.2": "=1", "2.1.1": "2"}])
def test_comparison_takes_the_same_queries_for_one_and_three_rows(
    world: World, officer: Client, django_assert_num_queries: DjangoAssertNumQueries, cells: Mapping[str, Any]
) -> None:
    address = upload(officer, world, workbook(world, cells)).url
    with zeal_context(), django_assert_num_queries(11):
        assert officer.get(address).status_code == 200


@pytest.mark.parametrize("domains", [["1"], ["1", "2"]])
def test_start_page_takes_the_same_queries_for_any_number_of_domains(
    world: World, officer: Client, django_assert_num_queries: DjangoAssertNumQueries, domains: list[str]
) -> None:
    Assignment.objects.filter(dossier=world.dossier()).exclude(criterion__code__in=domains).delete()
    with zeal_context(), django_assert_num_queries(14):
        answer = officer.get(url(world))
    assert re.findall(r"Lĩnh vực \d", text(answer)) == ([] if len(domains) == 1 else ["Lĩnh vực 1", "Lĩnh vực 2"])
