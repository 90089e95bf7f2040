"""Reading a survey workbook: every wrong cell is named, and nothing that is no workbook is opened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from survey.workbook import HEADER, SHEET, Expected, UnreadableWorkbook, read, template

LINES = (
    Expected(1, "so-a", "Sở Nội vụ", 11, "2.1.2", "Mức độ hài lòng", Decimal("1.5")),
    Expected(2, "so-b", "Sở Tư pháp", 11, "2.1.2", "Mức độ hài lòng", Decimal("1.5")),
)
Cells = Sequence[Any]


def book(*rows: Cells, header: Sequence[str] = HEADER, sheet: str = SHEET) -> io.BytesIO:
    """An uploaded workbook with these rows under the header."""
    made = Workbook()
    page = made.active
    assert page is not None
    page.title = sheet
    for row in (header, *rows):
        page.append(list(row))
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def line(unit: Any = "so-a", criterion: Any = "2.1.2", points: Any = "1,2", sheets: Any = 80) -> Cells:
    return (unit, "", criterion, "", 1.5, points, sheets)


def errors(file: io.BytesIO) -> list[str]:
    return [str(error) for error in read(file, LINES)[1]]


def test_template_reads_back_with_what_was_known() -> None:
    known = {(1, 11): (Decimal("1.25"), 85), (2, 11): (Decimal("0.9"), 80)}
    lines, found = read(io.BytesIO(template(LINES, known)), LINES)
    assert found == []
    assert [(row.expected.unit_code, row.points, row.sheets) for row in lines] == [
        ("so-a", Decimal("1.25"), 85),
        ("so-b", Decimal("0.9"), 80),
    ]


def test_empty_template_asks_for_points_and_sheets() -> None:
    assert errors(io.BytesIO(template(LINES, {}))) == [
        "F2: Chưa nhập điểm điều tra.",
        "G2: Số phiếu hợp lệ phải là số nguyên từ 0 trở lên.",
        "F3: Chưa nhập điểm điều tra.",
        "G3: Số phiếu hợp lệ phải là số nguyên từ 0 trở lên.",
    ]


@pytest.mark.parametrize("typed", ["1,2", "1.2", 1.2, " 1,20 "])
def test_points_are_read_however_they_were_typed(typed: Any) -> None:
    lines, found = read(book(line(points=typed)), LINES)
    assert found == []
    assert lines[0].points == Decimal("1.2")


def test_unknown_unit_names_its_row() -> None:
    assert errors(book(line(), line(unit="so-khong-co"))) == [
        "A3: Không có đơn vị mã “so-khong-co” trong đợt đánh giá. Hãy dùng mã trong mẫu tải về."
    ]


def test_every_wrong_cell_is_named_at_once() -> None:
    assert errors(
        book(
            line(criterion="1.1"),
            line(points="1,51"),
            line(unit="so-b", points="bảy", sheets="x"),
            line(unit="so-b"),
        )
    ) == [
        "C2: “1.1” không phải tiêu chí điều tra của Sở Nội vụ.",
        "F3: Điểm 1,51 phải từ 0 đến 1,50.",
        "F4: Không đọc được số “bảy”: hãy viết như 7,5 hoặc 1.234,5.",
        "G4: Số phiếu hợp lệ phải là số nguyên từ 0 trở lên.",
        "A5: Trùng với dòng 4. Hãy xóa một dòng.",
    ]


@pytest.mark.parametrize("sheets", [-1, 2.5, "1e3", None, "", "12345678"])
def test_sheets_must_be_a_whole_number(sheets: Any) -> None:
    assert errors(book(line(sheets=sheets))) == ["G2: Số phiếu hợp lệ phải là số nguyên từ 0 trở lên."]


def test_formula_is_not_evaluated() -> None:
    assert errors(book(line(points="=1+0"))) == ["F2: Ô chứa công thức. Hãy dán giá trị thay cho công thức."]


def test_blank_rows_are_skipped_and_a_file_without_rows_is_refused() -> None:
    assert errors(book(line(), ("", "", "", "", "", "", ""), line(unit="so-b"))) == []
    assert errors(book()) == ["Tệp chưa có dòng số liệu nào. Hãy nhập điểm vào mẫu rồi tải lên."]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (io.BytesIO(b"khong phai excel"), "không phải bảng tính Excel"),
        (io.BytesIO(b""), "không phải bảng tính Excel"),
        (io.BytesIO(b"PK\x03\x04" + b"\x00" * 40), "không phải bảng tính Excel"),
        (book(line(), sheet="Trang khác"), "Không thấy trang tính “Điểm điều tra”"),
        (book(line(), header=("Mã", *HEADER[1:])), "Dòng tiêu đề không đúng mẫu"),
    ],
)
def test_what_is_no_survey_workbook_is_refused_as_a_whole(file: io.BytesIO, message: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=message):
        read(file, LINES)


def test_zip_of_other_things_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(UnreadableWorkbook, match=r"định dạng \.xlsx"):
        read(file, LINES)


def test_damaged_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<not xml")
    with pytest.raises(UnreadableWorkbook, match="bị hỏng"):
        read(file, LINES)


def test_bomb_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (80 * 1024 * 1024))
    assert len(file.getvalue()) < 100_000
    with pytest.raises(UnreadableWorkbook, match="lớn bất thường"):
        read(file, LINES)


def test_archive_of_very_many_members_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        for number in range(1000):
            archive.writestr(f"xl/{number}.xml", b"<x/>")
    with pytest.raises(UnreadableWorkbook, match="lớn bất thường"):
        read(file, LINES)


def test_template_keeps_texts_that_look_like_formulas() -> None:
    odd = Expected(1, "so-a", "=1+1", 11, "2.1.2", "@SUM(A1)", Decimal("1.5"))
    sheet = load_workbook(io.BytesIO(template([odd], {})))[SHEET]
    assert [(cell.value, cell.data_type) for cell in (sheet["B2"], sheet["D2"])] == [("=1+1", "s"), ("@SUM(A1)", "s")]
