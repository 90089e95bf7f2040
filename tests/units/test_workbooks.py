"""The gate for uploaded workbooks: what is no workbook, or more than one, is refused before it is opened."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from units import workbooks
from units.workbooks import CellIssue, Formula, UnreadableWorkbook, cell_text, open_workbook, put, sheet_rows

HEADER = ["Mã", "Tên"]


def book(*rows: list[object], title: str = "Số liệu", header: list[str] | None = None) -> io.BytesIO:
    """A workbook of one sheet."""
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for column, name in enumerate(header or HEADER, start=1):
        put(sheet, 1, column, name)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(row=number, column=column).value = value  # type: ignore[assignment]
    return saved(made)


def saved(made: Workbook) -> io.BytesIO:
    stream = io.BytesIO()
    made.save(stream)
    stream.seek(0)
    return stream


def read(stream: io.BytesIO, max_rows: int = 10) -> list[tuple[int, tuple[object, ...]]]:
    with open_workbook(stream) as opened:
        return list(sheet_rows(opened, "Số liệu", HEADER, max_rows=max_rows))


def repacked(stream: io.BytesIO, **members: bytes) -> io.BytesIO:
    """The archive with `members` put in the place of its own, or added."""
    names = {name.replace("__", "/").replace("_xml", ".xml"): content for name, content in members.items()}
    result = io.BytesIO()
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename not in names:
                new.writestr(member.filename, old.read(member.filename))
        for name, content in names.items():
            new.writestr(name, content)
    result.seek(0)
    return result


def test_sheet_rows_numbers_and_values_without_empty_rows() -> None:
    assert read(book(["a", 1], [None, "  "], ["b", None])) == [(2, ("a", 1)), (4, ("b", None))]


def test_sheet_rows_formula_is_told_from_a_text_that_looks_like_one() -> None:
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Số liệu"
    for column, name in enumerate(HEADER, start=1):
        put(sheet, 1, column, name)
    put(sheet, 2, 1, "=1+1")
    sheet.cell(row=2, column=2).value = "=1+1"
    ((number, (text, formula)),) = read(saved(made))
    assert (number, text, formula) == (2, "=1+1", "=1+1")
    assert (type(text), type(formula)) == (str, Formula)


def test_put_control_characters_are_left_out() -> None:
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    assert put(sheet, 1, 1, "a\x00b\x1fc").value == "abc"


def test_sheet_rows_as_many_rows_as_allowed() -> None:
    assert len(read(book(*[[f"m{n}", n] for n in range(10)]), max_rows=10)) == 10


def test_sheet_rows_one_row_too_many_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="quá 10 dòng"):
        read(book(*[[f"m{n}", n] for n in range(11)]), max_rows=10)


def test_sheet_rows_other_sheet_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="Không thấy trang tính “Số liệu”"):
        read(book(["a", 1], title="Khác"))


def test_sheet_rows_other_header_is_refused_and_the_right_one_named() -> None:
    with pytest.raises(UnreadableWorkbook, match="Các cột phải là: Mã; Tên"):
        read(book(["a", 1], header=["Mã", "Họ tên"]))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04 cut short"])
def test_open_workbook_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableWorkbook, match="đọc được"):
        read(io.BytesIO(content))


def test_open_workbook_archive_of_something_else_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(UnreadableWorkbook, match=r"Hãy lưu lại ở định dạng \.xlsx"):
        read(stream)


def test_open_workbook_too_many_members_is_refused() -> None:
    stream = book(["a", 1])
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(workbooks.MAX_MEMBERS):
            archive.writestr(f"xl/media/{number}.bin", b"x")
    with pytest.raises(UnreadableWorkbook, match="lớn bất thường"):
        read(stream)


def test_open_workbook_bomb_is_refused_by_its_ratio() -> None:
    with pytest.raises(UnreadableWorkbook, match="lớn bất thường"):
        read(repacked(book(["a", 1]), xl__media__big_xml=b" " * 20_000_000))


def test_open_workbook_unpacked_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED", 1_000)
    with pytest.raises(UnreadableWorkbook, match="lớn bất thường"):
        read(book(["a", 1]))


def test_open_workbook_document_type_is_refused() -> None:
    grown = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "cc">]><sst>&b;</sst>'
    with pytest.raises(UnreadableWorkbook, match="nội dung không được phép"):
        read(repacked(book(["a", 1]), xl__sharedStrings_xml=grown))


def test_open_workbook_wide_characters_cannot_hide_a_document_type() -> None:
    grown = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><sst/>'.encode("utf-16")
    with pytest.raises(UnreadableWorkbook, match="nội dung không được phép"):
        read(repacked(book(["a", 1]), xl__sharedStrings_xml=grown))


def test_open_workbook_damaged_sheet_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="bị hỏng"):
        read(repacked(book(["a", 1]), xl__worksheets__sheet1_xml=b"<worksheet><sheetData><row>"))


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (3.0, "3"), (3.5, "3.5"), (7, "7"), ("  a b ", "a b"), (True, "True")]
)
def test_cell_text(value: object, text: str) -> None:
    assert cell_text(value) == text


@pytest.mark.parametrize(
    ("issue", "words"),
    [
        (CellIssue("Nhiệm vụ", "C5", "Chưa nhập."), "Nhiệm vụ!C5: Chưa nhập."),
        (CellIssue("Nhiệm vụ", "", "Thiếu cột."), "Nhiệm vụ: Thiếu cột."),
        (CellIssue("", "", "Tệp rỗng."), "Tệp rỗng."),
    ],
)
def test_cell_issue_names_its_place(issue: CellIssue, words: str) -> None:
    assert str(issue) == words
