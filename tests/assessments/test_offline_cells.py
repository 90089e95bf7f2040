"""Reading a filled-in workbook: values as a person means them, every fault by its cell, files that are not taken."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from assessments import offline_reading
from assessments.models import Assignment, Dossier
from assessments.offline import export_part, read_part
from assessments.offline_difference import RowState
from assessments.offline_reading import Refused
from assessments.services.scores import Entry
from tests import factories
from tests.assessments.offline_files import (
    Cells,
    book_of,
    column,
    compare,
    every_rule,
    filled,
    issues_of,
    rows_of,
    save,
    saved,
)
from tests.factories import World
from units import access
from units.models import User
from units.permissions import Role


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with factories.standing(django_db_blocker, every_rule) as made:
        yield made


@pytest.fixture
def officer(world: World) -> User:
    return world.officer["so-a"]


@pytest.fixture
def dossier(world: World) -> Dossier:
    return world.dossier()


# what a person types


@pytest.mark.parametrize(
    ("code", "cells", "points"),
    [
        ("1.1.1", {"Số liệu 1": "đã  ban hành "}, "2"),
        ("1.1.1", {"Số liệu 1": "x"}, "2"),
        ("1.1.1", {"Số liệu 1": "không"}, "0"),
        ("1.1.1", {"Số liệu 1": True}, "2"),
        ("1.1.2", {"Số liệu 1": "7,5", "Số liệu 2": "10"}, "3"),
        ("1.1.2", {"Số liệu 1": 7.5, "Số liệu 2": 10.0}, "3"),
        ("1.1.2", {"Số liệu 1": 18.0, "Số liệu 2": 36}, "2"),
        ("1.1.2", {"Số liệu 1": " 1.842 ", "Số liệu 2": "3 684"}, "2"),
        ("1.1.2", {"Số liệu 1": 0.1 + 0.2, "Số liệu 2": "1,2"}, "1"),
        ("1.1.2", {"Số liệu 1": "1", "Số liệu 2": "4", "Điểm chấm khác": 2.5, "Lý do chấm khác": "CV 5"}, "2.5"),
        ("1.1.3", {"Số liệu 1": dt.datetime(2026, 2, 14)}, "3"),  # noqa: DTZ001  Excel's dates have no zone
        ("1.1.3", {"Số liệu 1": dt.date(2026, 2, 15)}, "1.5"),
        ("1.1.3", {"Số liệu 1": "5/3/2026"}, "1.5"),
        ("1.1.3", {"Số liệu 1": "14.02.2026 "}, "3"),
        ("1.1.3", {"Số liệu 1": "14-2-2026"}, "3"),
        ("1.1.3", {"Số liệu 2": "có"}, "0"),
        ("2.1.1", {"Số liệu 1": 5.0}, "2.5"),
        ("2.1.3", {"Số liệu 1": "không vi phạm, không bị phê bình"}, "1"),
        ("2.1.3", {"Số liệu 1": "Có vi phạm (nang)"}, "-0.25"),
        ("2.1.4", {"Số liệu 1": "92,8 %"}, "2"),
        ("2.1.4", {"Số liệu 1": 79.9}, "0"),
        ("2.1.5", {"Không phát sinh": "x"}, "2"),
        ("2.1.5", {"Không phát sinh": "Có "}, "2"),
        ("2.1.5", {"Không phát sinh": "không", "Số liệu 1": "tốt"}, "1.5"),
    ],
)
def test_values_are_read_as_a_person_would_read_them(
    dossier: Dossier, officer: User, code: str, cells: dict[str, Any], points: str
) -> None:
    row = compare(dossier, officer, {(code, title): value for title, value in cells.items()})[code]
    assert (row.state, row.points) == (RowState.NEW, Decimal(points))


def test_percentage_of_a_cell_formatted_as_one_is_what_it_shows(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    cell = book["Lĩnh vực 2"]["F7"]
    cell.value, cell.number_format = 0.928, "0.0%"
    row = rows_of(read_part(dossier, saved(book), by=officer))["2.1.4"]
    assert [(change.label, change.mine) for change in row.changes] == [("Tỷ lệ hồ sơ trực tuyến (%)", "92,8")]


def test_number_written_otherwise_is_no_change(world: World, dossier: Dossier, officer: User) -> None:
    save(world, "1.1.2", Entry({"a": "18", "b": "1842"}))
    row = compare(dossier, officer, {("1.1.2", "Số liệu 1"): 18.0, ("1.1.2", "Số liệu 2"): "1.842,0"})["1.1.2"]
    assert (row.state, row.changes) == (RowState.UNCHANGED, [])


def test_new_and_changed_rows_say_what_was_and_what_comes(world: World, dossier: Dossier, officer: User) -> None:
    save(world, "1.1.2", Entry({"a": "3", "b": "4"}, explanation="Còn một việc."))
    rows = compare(
        dossier, officer, {("1.1.2", "Số liệu 1"): "4", ("1.1.2", "Giải trình"): None, ("2.1.1", "Số liệu 1"): "2"}
    )
    changed, new = rows["1.1.2"], rows["2.1.1"]
    assert (changed.state, changed.points, changed.version) == (RowState.CHANGED, Decimal(4), 1)
    assert [(change.label, change.base, change.theirs, change.mine) for change in changed.changes] == [
        ("Số nhiệm vụ hoàn thành", "3", "3", "4"),
        ("Giải trình", "Còn một việc.", "Còn một việc.", ""),
    ]
    assert (new.state, new.points, new.version) == (RowState.NEW, Decimal(1), 0)
    assert new.outcome == "2 lĩnh vực × 0,5 → 1,00 điểm"
    assert [row.code for row in rows.values() if row.state is not RowState.UNCHANGED] == ["1.1.2", "2.1.1"]


# what is wrong, by its cell


@pytest.mark.parametrize(
    ("cells", "issues"),
    [
        (
            {("1.1.2", "Số liệu 1"): "=1+2"},
            ["Lĩnh vực 1!F6: Ô chứa công thức. Hãy nhập giá trị, hoặc dán giá trị (Dán đặc biệt → Giá trị)."],
        ),
        (
            {("1.1.2", "Số liệu 1"): "=1+2", ("1.1.2", "Số liệu 2"): "bảy"},
            [
                "Lĩnh vực 1!F6: Ô chứa công thức. Hãy nhập giá trị, hoặc dán giá trị (Dán đặc biệt → Giá trị).",
                "Lĩnh vực 1!H6: Tổng số nhiệm vụ: Không đọc được số “bảy”: hãy viết như 7,5 hoặc 1.234,5.",
            ],
        ),
        (
            {("1.1.2", "Giải trình"): "#N/A"},
            ["Lĩnh vực 1!K6: Ô báo lỗi #N/A của Excel. Hãy nhập lại giá trị."],
        ),
        (
            {("1.1.1", "Số liệu 1"): "có lẽ"},
            ["Lĩnh vực 1!F5: Đã ban hành / Chưa ban hành: hãy chọn có hoặc không."],
        ),
        (
            {("1.1.2", "Số liệu 1"): "12", ("1.1.2", "Số liệu 2"): "10"},
            ["Lĩnh vực 1!F6: “Số nhiệm vụ hoàn thành” (12) không được lớn hơn “Tổng số nhiệm vụ” (10)."],
        ),
        (
            {("1.1.2", "Số liệu 1"): "1", ("1.1.2", "Số liệu 2"): "2", ("1.1.2", "Điểm chấm khác"): "5"},
            [
                "Lĩnh vực 1!I6: Điểm 5,00 vượt điểm tối đa 4,00. Hãy nhập từ 0,00 đến 4,00.",
            ],
        ),
        (
            {("1.1.2", "Số liệu 1"): "1", ("1.1.2", "Số liệu 2"): "2", ("1.1.2", "Điểm chấm khác"): "3"},
            ["Lĩnh vực 1!J6: Hãy ghi lý do chấm khác với điểm tính theo quy tắc."],
        ),
        (
            {("1.1.2", "Lý do chấm khác"): "Theo công văn số 5."},
            ["Lĩnh vực 1!I6: Đã ghi lý do chấm khác nhưng chưa nhập điểm."],
        ),
        (
            {("1.1.1", "Điểm chấm khác"): "1", ("1.1.1", "Lý do chấm khác"): "Vì."},
            ["Lĩnh vực 1!I5: Điểm của tiêu chí này được tính từ số liệu kê khai, không nhập trực tiếp."],
        ),
        (
            {("1.1.3", "Số liệu 1"): "30/02/2026"},
            ["Lĩnh vực 1!F7: Ngày ban hành: hãy nhập ngày, ví dụ 15/02/2026."],
        ),
        ({("1.1.3", "Số liệu 1"): 46067}, ["Lĩnh vực 1!F7: Ngày ban hành: hãy nhập ngày, ví dụ 15/02/2026."]),
        (
            {("1.1.3", "Số liệu 1"): dt.time(7, 30)},
            ["Lĩnh vực 1!F7: Ô chứa giờ, không phải số hay ngày. Hãy nhập lại giá trị."],
        ),
        (
            {("2.1.1", "Số liệu 1"): 2.5},
            ["Lĩnh vực 2!F5: Số lĩnh vực: Cần số nguyên, không có phần thập phân: “2,5”."],
        ),
        ({("2.1.1", "Không phát sinh"): "tùy"}, ["Lĩnh vực 2!G5: Hãy chọn “Có”, hoặc để trống ô."]),
        (
            {("2.1.6", "Không phát sinh"): "Có"},
            ["Lĩnh vực 2!G9: Tiêu chí này không được khai “không phát sinh”."],
        ),
        (
            {("2.1.3", "Số liệu 1"): "Có vi phạm"},
            [
                "Lĩnh vực 2!F6: Mức đạt được: hãy chọn một trong các mức: Không vi phạm, không bị phê bình; "
                "Có vi phạm; Có vi phạm."
            ],
        ),
        (
            {("2.1.4", "Số liệu 1"): "101"},
            ["Lĩnh vực 2!F7: Tỷ lệ hồ sơ trực tuyến: tỷ lệ không được quá 100 %."],
        ),
        (
            {("2.1.4", "Giải trình"): "a" * 5001},
            ["Lĩnh vực 2!H7: Nội dung dài 5001 ký tự, tối đa 5000. Hãy rút gọn hoặc tách thành tài liệu."],
        ),
    ],
)
def test_every_fault_is_named_with_its_sheet_and_cell(
    dossier: Dossier, officer: User, cells: Cells, issues: list[str]
) -> None:
    rows = compare(dossier, officer, cells)
    wrong = [row for row in rows.values() if row.state is RowState.ERROR]
    assert [issues_of(row) for row in wrong] == [issues]


def test_faults_of_all_sheets_are_collected_and_stop_only_their_rows(dossier: Dossier, officer: User) -> None:
    rows = compare(
        dossier,
        officer,
        {("1.1.1", "Số liệu 1"): "?", ("2.1.1", "Số liệu 1"): "?", ("2.1.6", "Số liệu 1"): "4"},
    )
    assert {code: row.state for code, row in rows.items() if row.state is not RowState.UNCHANGED} == {
        "1.1.1": RowState.ERROR,
        "2.1.1": RowState.ERROR,
        "2.1.6": RowState.NEW,
    }


def test_row_of_somebody_else_cannot_be_changed_but_may_stand_in_the_file(
    world: World, dossier: Dossier, officer: User
) -> None:
    content = export_part(dossier, by=world.coordinator["so-a"])
    other = factories.user()
    access.join(other, dossier.unit, Role.OFFICER)
    Assignment.objects.filter(dossier=dossier, criterion__code="2").update(officer=other)
    file = filled(content, {("1.1.1", "Số liệu 1"): "x", ("2.1.1", "Số liệu 1"): "2"})
    rows = rows_of(read_part(dossier, file, by=officer))
    assert rows["1.1.1"].state is RowState.NEW
    assert issues_of(rows["2.1.1"]) == [
        "Lĩnh vực 2!A5: Tiêu chí này không được phân công cho bạn nên không lưu được thay đổi."
    ]
    assert rows["2.1.3"].state is RowState.UNCHANGED


def test_row_with_another_code_is_refused(dossier: Dossier, officer: User) -> None:
    row = compare(dossier, officer, {("1.1.1", "Mã"): "1.1.2"})["1.1.1"]
    assert issues_of(row) == ["Lĩnh vực 1!A5: Mã ở đây đã bị sửa: dòng này là của tiêu chí 1.1.1."]


def test_copied_row_is_refused_and_names_both_places(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    sheet = book["Lĩnh vực 1"]
    for cell in sheet[5]:
        sheet.cell(9, cell.column).value = cell.value
    row = rows_of(read_part(dossier, saved(book), by=officer))["1.1.1"]
    where = "Tiêu chí này có ở nhiều dòng (Lĩnh vực 1!A5, Lĩnh vực 1!A9). Hãy chỉ giữ một dòng."
    assert issues_of(row) == [f"Lĩnh vực 1!A5: {where}", f"Lĩnh vực 1!A9: {where}"]


def test_rows_that_are_gone_are_named_and_stay_as_they_are(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    book["Lĩnh vực 1"].delete_rows(6)
    del book["Lĩnh vực 2"]
    difference = read_part(dossier, saved(book), by=officer)
    assert [row.code for row in difference.rows] == ["1.1.1", "1.1.3"]
    assert [str(issue) for issue in difference.issues] == [
        "Tệp thiếu dòng của tiêu chí 1.1.2, 2.1.1, 2.1.3, 2.1.4, 2.1.5, 2.1.6 so với khi tải về. "
        "Nội dung đang lưu của các tiêu chí này giữ nguyên."
    ]


# files that are not taken

SIGNATURE = "Chữ ký của tệp không đúng: tệp đã bị sửa phần khóa hoặc không do hệ thống này tạo ra. Hãy tải tệp mới."


def refused(dossier: Dossier, file: io.BytesIO, by: User) -> tuple[str, list[str]]:
    with pytest.raises(Refused) as caught:
        read_part(dossier, file, by=by)
    return str(caught.value), [str(issue) for issue in caught.value.issues]


def test_file_with_a_changed_signature_is_refused(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    cell = book["Chữ ký"]["A1"]
    cell.value = "A" + str(cell.value)[1:]
    assert refused(dossier, saved(book), officer) == (SIGNATURE, [])


def test_file_signed_with_another_key_is_refused(dossier: Dossier, officer: User, settings: Settings) -> None:
    settings.SECRET_KEY = "another installation"
    content = export_part(dossier, by=officer)
    settings.SECRET_KEY = "only-for-tests"
    assert refused(dossier, io.BytesIO(content), officer) == (SIGNATURE, [])


def test_file_of_another_dossier_is_refused(world: World, dossier: Dossier, officer: User) -> None:
    content = export_part(world.dossier("so-b"), by=world.officer["so-b"])
    assert refused(dossier, io.BytesIO(content), officer) == (
        "Tệp này được tải về từ một hồ sơ khác. Hãy mở đúng hồ sơ của tệp, hoặc tải tệp mới ở đây.",
        [],
    )


@pytest.mark.parametrize(("title", "value"), [("Phiên bản", 7), ("Mã dòng", 999_999), ("Phiên bản", "một")])
def test_file_with_a_changed_version_or_row_number_is_refused(
    dossier: Dossier, officer: User, title: str, value: object
) -> None:
    file = filled(export_part(dossier, by=officer), {("1.1.2", title): value})
    assert refused(dossier, file, officer) == (
        "Phần khóa của tệp đã bị sửa nên tệp không dùng được. Hãy tải tệp mới và chép số liệu sang.",
        ["Lĩnh vực 1!N6: Mã dòng hoặc phiên bản ở cột ẩn không đúng với chữ ký của tệp."],
    )


def test_file_with_a_changed_header_is_refused(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    book["Lĩnh vực 1"]["A3"].value = "Code"
    book["Lĩnh vực 2"]["B3"].value = "Mã"
    assert refused(dossier, saved(book), officer)[1] == [
        "Lĩnh vực 1!A3: Dòng tiêu đề không còn như khi tải về.",
        "Lĩnh vực 2!A3: Dòng tiêu đề không còn như khi tải về.",
    ]


@pytest.mark.parametrize(("title", "sheet"), [("Số liệu 2", "Lĩnh vực 1"), ("Không phát sinh", "Lĩnh vực 2")])
def test_file_without_an_input_column_is_refused_rather_than_read_as_emptied(
    dossier: Dossier, officer: User, title: str, sheet: str
) -> None:
    book = book_of(export_part(dossier, by=officer))
    book[sheet].delete_cols(column(book[sheet], title))
    assert refused(dossier, saved(book), officer) == (
        "Tệp không còn đủ các cột như khi tải về. Hãy tải tệp mới và chép số liệu sang.",
        [f"{sheet}!A3: Trang tính thiếu cột nhập liệu so với khi tải về."],
    )


def test_columns_moved_by_hand_are_found_by_their_title(dossier: Dossier, officer: User) -> None:
    book = book_of(export_part(dossier, by=officer))
    book["Lĩnh vực 2"].insert_cols(2)
    book["Lĩnh vực 2"]["G9"].value = "4"
    row = rows_of(read_part(dossier, saved(book), by=officer))["2.1.6"]
    assert (row.state, row.points) == (RowState.NEW, Decimal(3))


def test_foreign_workbook_and_no_workbook_are_refused(
    dossier: Dossier, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(dossier, saved(Workbook()), officer)[0].startswith("Tệp này không phải tệp tải từ trang")
    assert refused(dossier, io.BytesIO(b"PK\x03\x04 nothing"), officer)[0].startswith("Tệp không phải bảng tính")
    assert refused(dossier, io.BytesIO(b""), officer)[0].startswith("Tệp không có nội dung (0 byte).")
    content = export_part(dossier, by=officer)
    monkeypatch.setattr(offline_reading, "MAX_BYTES", len(content) - 1)
    assert refused(dossier, io.BytesIO(content), officer)[0].startswith("Tệp lớn hơn 0 MB nên không được mở.")
