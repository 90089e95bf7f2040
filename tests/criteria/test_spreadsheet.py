"""A criteria set as an Excel file and back: exactly, with every error named, and never larger than it may be."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from criteria.errors import Frozen
from criteria.models import CriteriaSet
from criteria.nodes import NotApplicable, Source
from criteria.rules import DateTiers, YesNo
from criteria.services import freeze
from criteria.setdata import BandData, NodeData, SetData, find, walk
from criteria.sheet_layout import BANDS, GUIDE, INFO, TREE, TREE_COLUMNS, Directory
from criteria.spreadsheet import (
    ImportRefused,
    Parsed,
    export_workbook,
    import_workbook,
    parse_workbook,
    template_workbook,
)
from criteria.trees import read_set
from presets.criteria_sets import set_data
from tests import factories
from units import access
from units.models import Unit, UnitGroup
from units.permissions import Role

from .strategies import GROUPS, UNITS, sets

NAMES = {"so-noi-vu": "Sở Nội vụ", "so-tu-phap": "Sở Tư pháp", "huyen-le-thuy": "UBND huyện Lệ Thủy"}
KNOWN = Directory(
    [(code, (NAMES[code],)) for code in UNITS], [("cap-so", ("Các sở, ban, ngành",)), ("cap-huyen", ("Các huyện",))]
)
PRESETS = ["son-la-2014-so", "son-la-2014-huyen", "dossi", "hai-cap-2026-so", "hai-cap-2026-xa"]

SMALL = SetData(
    code="bo-thu",
    year=2026,
    name="Bộ chỉ số thử",
    bands=(BandData("Tốt", Decimal(80)), BandData("Chưa tốt", Decimal(0))),
    nodes=(
        NodeData(
            "1",
            "Chỉ đạo điều hành",
            Decimal(3),
            leads=("so-noi-vu",),
            children=(
                NodeData("1.1", "Kế hoạch", Decimal(2), Source.SELF, YesNo(), evidence="Kế hoạch"),
                NodeData("1.2", "Báo cáo", Decimal(1), Source.SELF, YesNo(), evidence="Báo cáo"),
            ),
        ),
    ),
)


def parse(content: bytes) -> Parsed:
    return parse_workbook(io.BytesIO(content), units=KNOWN)


def place(field: str, row: int) -> str:
    """The cell of a field of the tree, whose header stands in row 2."""
    column = [column.field for column in TREE_COLUMNS].index(field) + 1
    return f"{'ABCDEFGHIJKLMNOP'[column - 1]}{row}"


def edited(change: Callable[[Workbook], None], data: SetData = SMALL) -> bytes:
    """The file of `data` after somebody worked on it."""
    book = load_workbook(io.BytesIO(export_workbook(data)))
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_cells(cells: Mapping[str, Any], sheet: str = TREE, data: SetData = SMALL) -> Parsed:
    """What is read after some cells were changed."""

    def change(book: Workbook) -> None:
        for name, value in cells.items():
            book[sheet][name] = value

    return parse(edited(change, data))


def with_rows(*rows: Mapping[str, Any], merge: tuple[str, ...] = ()) -> Parsed:
    """What is read where the tree has just these rows, by field, from row 3."""

    def change(book: Workbook) -> None:
        sheet = book[TREE]
        assert isinstance(sheet, Worksheet)
        sheet.delete_rows(3, 50)
        for number, row in enumerate(rows, start=3):
            for field, value in row.items():
                sheet[place(field, number)] = value
        for cells in merge:
            sheet.merge_cells(cells)

    return parse(edited(change))


def errors(parsed: Parsed) -> dict[str, str]:
    """Message and remedy by cell, or by sheet where there is no cell; without errors there is a set."""
    assert (parsed.data is None) == bool(parsed.errors)
    return {issue.cell or issue.sheet: f"{issue.message} {issue.remedy}".strip() for issue in parsed.errors}


def doubts(parsed: Parsed) -> dict[str, str]:
    assert errors(parsed) == {}
    return {issue.cell or issue.sheet: issue.message for issue in parsed.warnings}


def codes(parsed: Parsed) -> list[str]:
    assert errors(parsed) == {}
    assert parsed.data is not None
    return [node.code for node in walk(parsed.data.nodes)]


def leaf(code: str = "", name: str = "Tiêu chí", **fields: Any) -> dict[str, Any]:
    """A scored row; an empty code is left out."""
    row = {"name": name, "maximum": 1, "source": "Tự đánh giá", "form": "Đạt / không đạt", "evidence": "Tài liệu"}
    return {**({"code": code} if code else {}), **row, **fields}


def branch(code: str = "", name: str = "Mục", **fields: Any) -> dict[str, Any]:
    return {**({"code": code} if code else {}), "name": name, **fields}


# both ways


@settings(max_examples=40)
@given(sets())
def test_generated_set_comes_back_from_its_file(data: SetData) -> None:
    parsed = parse(export_workbook(data))

    assert parsed.errors == ()
    assert parsed.data == data


@pytest.mark.parametrize("name", PRESETS)
def test_shipped_set_comes_back_from_its_file(name: str) -> None:
    data = set_data(name, year=2026, units=UNITS, dropped_for=["so-tu-phap"])

    assert parse(export_workbook(data)).data == data


def test_exported_file_has_the_sheets_and_lists_of_the_template() -> None:
    book = load_workbook(io.BytesIO(export_workbook(SMALL, units=KNOWN)))
    tree = book[TREE]

    assert book.sheetnames == [GUIDE, INFO, TREE, BANDS, "Đơn vị", "Danh mục"]
    assert tree["A1"].value == "Bộ chỉ số thử, năm 2026"
    assert [cell.value for cell in tree[2]] == [column.title for column in TREE_COLUMNS]
    assert sorted(validation.formula1 for validation in tree.data_validations.dataValidation) == [
        "=cach_cham",
        "=co_khong",
        "=khong_phat_sinh",
        "=nguon_diem",
    ]
    assert [row[0].value for row in book["Đơn vị"].iter_rows(min_row=2)] == [*UNITS, *GROUPS]


def test_text_that_looks_like_a_formula_stays_a_text() -> None:
    data = SetData("bo-thu", 2026, "=1+1", nodes=(NodeData("1", "=2", Decimal(1), Source.SELF, YesNo()),))
    book = load_workbook(io.BytesIO(export_workbook(data)))

    assert (book[INFO]["B3"].value, book[INFO]["B3"].data_type) == ("=1+1", "s")
    assert (book[TREE]["C3"].value, book[TREE]["C3"].data_type) == ("=2", "s")


def test_illustrative_set_says_so_in_its_file() -> None:
    data = SetData("bo-thu", 2026, "Bộ chỉ số", illustrative=True, nodes=SMALL.nodes)

    shown = load_workbook(io.BytesIO(export_workbook(data)))[TREE]["A1"].value
    assert shown == "Bộ chỉ số, năm 2026 – MINH HỌA, không phải bộ chỉ số chính thức"


# read as a person would


def test_numbers_with_comma_and_point_and_as_text_are_the_same() -> None:
    parsed = with_rows(
        branch("1", maximum="1,5 "),
        leaf("1.1", maximum="0.5"),
        leaf("1.2", maximum=0.25),
        leaf("1.3", maximum=" 0,75"),
    )

    assert parsed.data is not None
    assert [node.maximum for node in walk(parsed.data.nodes)] == [
        Decimal("1.5"),
        Decimal("0.5"),
        Decimal("0.25"),
        Decimal("0.75"),
    ]


def test_spaces_and_letter_case_do_not_matter() -> None:
    parsed = with_rows(
        leaf(
            " 1. ", name="  Kế   hoạch ", source="TỰ đánh  giá", form="đạt / Không đạt ", leads=" sở nội vụ ;so-tu-phap"
        )
    )

    assert parsed.data is not None
    (node,) = parsed.data.nodes
    assert (node.code, node.name, node.source, node.rule) == ("1", "Kế hoạch", Source.SELF, YesNo())
    assert node.leads == ("so-noi-vu", "so-tu-phap")


def test_columns_may_stand_in_another_order_under_other_usual_names() -> None:
    def change(book: Workbook) -> None:
        sheet = book[TREE]
        assert isinstance(sheet, Worksheet)
        for row in range(2, 6):
            sheet[f"A{row}"].value, sheet[f"C{row}"].value = sheet[f"C{row}"].value, sheet[f"A{row}"].value
        sheet["C2"] = "STT"
        sheet["A2"] = "Tên tiêu chí:"

    parsed = parse(edited(change))

    assert errors(parsed) == {}
    assert parsed.data == SMALL


def test_left_out_codes_follow_from_the_numbering() -> None:
    parsed = with_rows(
        branch(name="Lĩnh vực một"),
        branch("1.1", maximum=3),
        leaf("1.1.1"),
        leaf(),
        leaf("1.1.3"),
        branch(name="Mục hai", maximum=2),
        leaf("1.2.1"),
        leaf(),
        branch("2"),
        leaf(),
    )

    assert codes(parsed) == ["1", "1.1", "1.1.1", "1.1.2", "1.1.3", "1.2", "1.2.1", "1.2.2", "2", "2.1"]
    assert doubts(parsed)["A6"] == "Mã để trống, hiểu là 1.1.2."


def test_levels_give_the_codes_of_a_set_without_any() -> None:
    parsed = with_rows(
        branch(level=1),
        branch(level="Tiêu chí"),
        leaf(level=3),
        leaf(level="Tiêu chí thành phần"),
        branch(level=2),
        leaf(level=3),
        branch(level="1"),
        leaf(level=2),
    )

    assert codes(parsed) == ["1", "1.1", "1.1.1", "1.1.2", "1.2", "1.2.1", "2", "2.1"]


def test_codes_that_excel_made_numbers_or_days_of_are_understood() -> None:
    rows = [
        branch(code=1),
        *(leaf(code=float(f"1.{number}")) for number in range(1, 10)),
        leaf(code=1.1),
        leaf(code="1,11"),
    ]
    rows += [branch(code=2), branch(code=dt.date(2026, 1, 2)), leaf(code=dt.date(2001, 1, 2))]

    parsed = with_rows(*rows)

    assert codes(parsed) == ["1", *(f"1.{number}" for number in range(1, 12)), "2", "2.1", "2.1.1"]
    assert doubts(parsed)["A13"] == "Mã bị Excel đổi dạng, hiểu là 1.10."


def test_code_that_nothing_tells_is_an_error() -> None:
    assert errors(with_rows(branch("1"), branch(name="Gì đây"), branch(name="Gì nữa"))) == {
        "A4": "Chưa có mã, và đánh số xung quanh không cho biết mã nào. Ghi mã dạng chữ, ví dụ 1.2.3.",
        "A5": "Chưa có mã, và đánh số xung quanh không cho biết mã nào. Ghi mã dạng chữ, ví dụ 1.2.3.",
        "D4": "Chưa có điểm tối đa. Ghi số điểm, ví dụ 1,5.",
        "D5": "Chưa có điểm tối đa. Ghi số điểm, ví dụ 1,5.",
        "D3": "Chưa có điểm tối đa. Ghi số điểm, ví dụ 1,5.",
        "E3": "Tiêu chí được chấm điểm chưa có nguồn điểm. "
        "Chọn nguồn điểm, hoặc thêm tiêu chí con nếu đây chỉ là đề mục.",
        "F3": "Tiêu chí được chấm điểm chưa có cách chấm. Chọn một cách chấm.",
    }


def test_merged_cells_hold_for_every_row_that_they_cover() -> None:
    parsed = with_rows(
        branch("1"),
        leaf("1.1", source="Điều tra xã hội học", form="Điều tra xã hội học", survey_question="Có hài lòng không?"),
        {"code": "1.2", "name": "Hai", "maximum": 1},
        {"code": "1.3", "name": "Ba", "maximum": 1},
        merge=("E4:E6", "F4:F6", "L4:L6"),
    )

    assert parsed.data is not None
    assert [(node.source, node.survey_question) for node in parsed.data.nodes[0].children] == [
        (Source.SURVEY, "Có hài lòng không?")
    ] * 3


def test_merge_over_a_heading_and_its_criteria_is_meant_for_the_criteria() -> None:
    parsed = with_rows(
        branch("1", source="Tự đánh giá", form="Đạt / không đạt", evidence="Báo cáo"),
        {"code": "1.1", "name": "Một", "maximum": 1},
        {"code": "1.2", "name": "Hai", "maximum": 1},
        merge=("E3:E5", "F3:F5", "J3:J5"),
    )

    assert parsed.data is not None
    (domain,) = parsed.data.nodes
    assert (domain.source, domain.rule, domain.evidence, domain.maximum) == (None, None, "", 2)
    assert [(node.source, node.rule, node.evidence) for node in domain.children] == [
        (Source.SELF, YesNo(), "Báo cáo")
    ] * 2


def test_rows_without_code_and_name_go_on_with_the_texts_above() -> None:
    parsed = with_rows(
        leaf("1", maximum=2, form="Theo mức", rule="Đủ: 2", evidence="Kế hoạch"),
        {"rule": "Thiếu: 1", "evidence": "Báo cáo"},
        {"rule": "Không có: 0"},
        merge=("A3:A5", "C3:C5"),
    )

    assert parsed.data is not None
    (node,) = parsed.data.nodes
    assert node.rule is not None
    assert node.rule.describe(node.maximum) == "Đủ: 2 · Thiếu: 1 · Không có: 0"
    assert node.evidence == "Kế hoạch\nBáo cáo"


def test_heading_in_one_merged_cell_is_code_and_name() -> None:
    parsed = with_rows({"code": "1. Chỉ đạo điều hành"}, leaf("1.1"), merge=("A3:N3",))

    assert parsed.data is not None
    assert (parsed.data.nodes[0].code, parsed.data.nodes[0].name, parsed.data.nodes[0].maximum) == (
        "1",
        "Chỉ đạo điều hành",
        1,
    )


def test_rows_of_totals_are_no_criteria() -> None:
    assert codes(with_rows(leaf("1"), leaf("2"), {"name": "Tổng cộng:", "maximum": 2})) == ["1", "2"]


def test_percent_format_of_a_grade_is_a_percentage() -> None:
    def change(book: Workbook) -> None:
        cell = book[BANDS]["D2"]
        cell.value = 0.85
        cell.number_format = "0%"

    parsed = parse(edited(change))

    assert parsed.data is not None
    assert [band.lower for band in parsed.data.bands] == [85, 0]


def test_bands_of_a_part_and_a_group_are_kept_apart() -> None:
    parsed = with_cells(
        {
            "A4": "1",
            "B4": "các sở, ban, ngành",
            "C4": "Đạt",
            "D4": 50,
            "A5": "1",
            "B5": "cap-so",
            "C5": "Không",
            "D5": 0,
        },
        BANDS,
    )

    assert parsed.data is not None
    assert parsed.data.nodes[0].bands == (
        BandData("Đạt", Decimal(50), "cap-so"),
        BandData("Không", Decimal(0), "cap-so"),
    )


# every error at once


def test_all_errors_are_named_at_once_with_cell_and_remedy() -> None:
    parsed = with_rows(
        branch("1", maximum=3),
        leaf("1.1", maximum="hai điểm"),
        leaf("1.1", source="Tự nghĩ"),
        leaf("1.3", form="Theo mức", rule="Đủ: 5; Thiếu"),
        leaf("1.5.1", leads="Sở Không có; so-noi-vu"),
        leaf("1.6", overridable="có lẽ", na_policy="Được điểm tối đa"),
        leaf("x/y", level="năm"),
        {"maximum": 4},
    )

    assert errors(parsed) == {
        "D4": "Không đọc được số “hai điểm”: hãy viết như 7,5 hoặc 1.234,5. Ghi số, ví dụ 1,5.",
        "A5": "Mã 1.1 đã dùng ở ô A4. Mỗi tiêu chí một mã, hãy đánh số lại.",
        "E5": "“Tự nghĩ” không có trong danh sách. Chọn một trong: Tự đánh giá; Điều tra xã hội học; "
        "Hội đồng chấm trực tiếp; Lãnh đạo tỉnh chấm trực tiếp; Điểm cộng; Điểm trừ.",
        "G6": "“Thiếu”: phải viết tên mức, dấu hai chấm, rồi điểm, ví dụ “Kịp thời: 1”. "
        "Viết như mẫu: Kịp thời: 2; Chậm: 0,5; Không ban hành: 0.",
        "A7": "Chưa có dòng mã 1.5 để chứa 1.5.1. Thêm dòng cấp trên, hoặc sửa mã.",
        "M7": "Không có đơn vị “Sở Không có”. Dùng mã hoặc tên trong trang “Đơn vị” của mẫu.",
        "I8": "Không hiểu “có lẽ”. Ghi “Có”, hoặc để trống.",
        "A9": "Mã x/y không đúng: là lĩnh vực nên mã là một số. Ghi mã như 1.",
        "B9": "Không hiểu cấp “năm”. Ghi 1, 2 hoặc 3, hoặc để trống.",
        "C10": "Dòng này chưa có mã và tên. Ghi mã và tên, hoặc xóa cả dòng.",
    }


def test_formula_is_an_error_and_never_evaluated() -> None:
    parsed = with_cells({"D3": "=SUM(D4:D5)", "C4": '=HYPERLINK("http://x")'})

    assert errors(parsed) == {
        "D3": "Ô chứa công thức; phần mềm không tính công thức. Chép ô rồi dán lại dưới dạng giá trị.",
        "C4": "Ô chứa công thức; phần mềm không tính công thức. Chép ô rồi dán lại dưới dạng giá trị.",
    }


def test_error_value_of_excel_is_an_error() -> None:
    assert errors(with_cells({"D4": "#REF!"})) == {
        "D4": "Ô có giá trị lỗi hoặc số không đọc được. Ghi lại giá trị của ô."
    }


def test_errors_of_the_general_sheet_name_its_cells() -> None:
    parsed = with_cells({"B1": "bộ chỉ số", "B2": "26", "B3": None, "B6": "0,3", "B7": "lên", "B8": -1}, INFO)

    assert set(errors(parsed)) == {"B1", "B2", "B3", "B6", "B7", "B8"}
    assert errors(parsed)["B2"] == "Năm đánh giá không đúng. Ghi năm bằng bốn chữ số, ví dụ 2026."


def test_errors_of_bands_name_their_cells() -> None:
    cells = {"D2": 101, "B3": "khối lạ", "A4": "7", "C4": "Đạt", "D4": "x", "D5": 50}

    assert errors(with_cells(cells, BANDS)) == {
        "D2": "Mức “Tốt” (101 %): phải từ 0 đến 100. Sửa các mức để phủ hết từ 0 đến 100 %, không chồng nhau.",
        "B3": "Không có nhóm xếp hạng “khối lạ”. Dùng mã hoặc tên trong trang “Đơn vị” của mẫu.",
        "A4": "Không có tiêu chí mã “7”. Ghi mã ở trang “Bộ chỉ số”, hoặc “Cả bộ chỉ số”.",
        "D4": "Không đọc được số “x”: hãy viết như 7,5 hoặc 1.234,5. Ghi số, ví dụ 1,5.",
        "C5": "Chưa có tên mức xếp loại. Ghi tên mức, ví dụ Tốt.",
    }


def test_bands_with_a_gap_or_an_overlap_are_errors() -> None:
    remedy = "Sửa các mức để phủ hết từ 0 đến 100 %, không chồng nhau."

    assert errors(with_cells({"D3": 10}, BANDS)) == {
        "D3": "Mức “Chưa tốt” (10 %): mức cuối phải bắt đầu từ 0, nếu không sẽ có kết quả không được xếp loại. "
        + remedy
    }
    assert errors(with_cells({"C4": "Khá", "D4": 80}, BANDS)) == {
        "D2": "Mức “Tốt” (80 %): trùng với mức ở trên: xếp các mức từ cao xuống thấp. " + remedy
    }


def test_missing_sheet_and_missing_columns_are_named() -> None:
    def change(book: Workbook) -> None:
        del book[BANDS]
        book[TREE]["D2"] = "Cột lạ"

    assert errors(parse(edited(change))) == {
        BANDS: "Không có trang này. Tải mẫu về và điền vào mẫu, giữ nguyên tên các trang.",
        TREE: "Không thấy cột: Điểm tối đa. Giữ nguyên tên các cột như trong mẫu, cùng trên một dòng.",
    }


def test_name_of_two_units_asks_for_the_code() -> None:
    known = Directory([("a", ("Sở Nội vụ",)), ("b", ("Sở Nội vụ",))], [])
    content = edited(lambda book: book[TREE].__setitem__("M3", "Sở Nội vụ"))

    parsed = parse_workbook(io.BytesIO(content), units=known)

    assert errors(parsed)["M3"].startswith("Có nhiều đơn vị tên “Sở Nội vụ”: hãy ghi mã (a, b).")


# doubts


def test_doubts_do_not_keep_a_set_from_being_read() -> None:
    parsed = with_rows(
        branch("1", maximum=5),
        leaf("1.1", maximum=2, form="Theo ngưỡng tỷ lệ a/b", rule=">=95%: 2; 70-90%: 1; còn lại: 0"),
        leaf("1.2", evidence=None),
        leaf("1.3", source="Điều tra xã hội học", form="Điều tra xã hội học", evidence=None),
        leaf("1.4", form="Theo ngày hoàn thành", rule="Khai: Ngày gửi; trước 15/02/2024: 1; không ban hành: 0"),
    )

    assert doubts(parsed) == {
        TREE: "Tổng điểm của bộ chỉ số là 5, không phải 100.",
        "G4": "Có khoảng trống giữa “70-90%: 1” và “>=95%: 2”, được tính theo mức thấp hơn.",
        "A5": "Đơn vị tự chấm nhưng chưa yêu cầu tài liệu kiểm chứng nào.",
        "A6": "Điểm lấy từ điều tra nhưng chưa có câu hỏi điều tra.",
        "A7": "Mốc 15/02/2024 không thuộc năm đánh giá 2026.",
    }


def test_children_that_do_not_sum_to_their_parent_are_a_doubt() -> None:
    assert doubts(with_cells({"D3": 4}))["A3"] == "Điểm tối đa ghi 4 nhưng cộng các tiêu chí được 3."


def test_column_that_is_not_read_is_a_doubt() -> None:
    assert doubts(with_cells({"O2": "Ghi chú riêng"}))["O2"] == "Cột “Ghi chú riêng” không được đọc."


# bounded before it is read


def zipped(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return content.getvalue()


def repacked(change: Mapping[str, bytes]) -> bytes:
    """The exported file with other bodies of some members."""
    with zipfile.ZipFile(io.BytesIO(export_workbook(SMALL))) as archive:
        return zipped({**{name: archive.read(name) for name in archive.namelist()}, **change})


def tree_xml() -> bytes:
    with zipfile.ZipFile(io.BytesIO(export_workbook(SMALL))) as archive:
        return archive.read("xl/worksheets/sheet3.xml")


def refusal(content: bytes) -> str:
    parsed = parse(content)
    assert parsed.data is None
    (issue,) = parsed.errors
    assert (issue.sheet, issue.cell) == ("", "")
    return issue.message


ABNORMAL = "Tệp bảng tính lớn bất thường nên không được mở. Hãy dùng mẫu tải từ trang này."
NO_WORKBOOK = "Tệp không phải bảng tính Excel (.xlsx). Hãy lưu ở định dạng .xlsx hoặc dùng mẫu tải từ trang này."
BROKEN = "Tệp bảng tính bị hỏng, không đọc được. Hãy mở bằng Excel, lưu lại rồi tải lên."
ZEROS = b"0" * 1_000_000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", NO_WORKBOOK),
        (b"Kh\xc3\xb4ng ph\xe1\xba\xa3i Excel" * 20, NO_WORKBOOK),
        (b"PK\x05\x06" + b"\0" * 18, NO_WORKBOOK),
        (zipped({"word/document.xml": b"<a/>"}), NO_WORKBOOK),
        (zipped({"xl/workbook.xml": b"<workbook"}), BROKEN),
        (export_workbook(SMALL)[:-400], NO_WORKBOOK),
        (repacked({"xl/media/bomb.bin": ZEROS * 17}), ABNORMAL),
        (zipped({"xl/workbook.xml": b"<a/>", "xl/x.bin": ZEROS}), ABNORMAL),
        (zipped({f"xl/x{number}.xml": b"<a/>" for number in range(201)}), ABNORMAL),
        (b"\0" * (4 * 1024 * 1024 + 1), ABNORMAL),
        (repacked({"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 300_001 + b"</sst>"}), ABNORMAL),
        (
            repacked({"xl/sharedStrings.xml": b'<!DOCTYPE sst [<!ENTITY a "bomb">]><sst><si><t>&a;</t></si></sst>'}),
            ABNORMAL,
        ),
    ],
    ids=[
        "empty",
        "text",
        "empty archive",
        "document",
        "broken part",
        "cut off",
        "unpacked size",
        "ratio",
        "members",
        "packed size",
        "elements",
        "entities",
    ],
)
def test_upload_that_is_no_ordinary_workbook_is_refused(content: bytes, message: str) -> None:
    assert refusal(content) == message


def test_far_away_cell_is_refused_by_name() -> None:
    assert refusal(edited(lambda book: book[TREE].__setitem__("C5000", "lạc"))) == (
        "Trang “Bộ chỉ số” có dữ liệu ở ô C5000, ngoài 3000 dòng và 40 cột được đọc. Hãy xóa ô đó rồi tải lên lại."
    )
    assert "ô XFD1048576," in refusal(edited(lambda book: book[TREE].__setitem__("XFD1048576", 1)))


def test_far_away_format_without_a_value_is_nothing() -> None:
    far = tree_xml().replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>')

    assert parse(repacked({"xl/worksheets/sheet3.xml": far})).data == SMALL


@pytest.mark.parametrize(
    "row", [b'<row r="x"><c><v>1</v></c></row>', b'<row><c r="1A"><v>1</v></c></row>', b"<row><c>", b"<row></c></row>"]
)
def test_sheet_that_is_not_well_formed_is_refused(row: bytes) -> None:
    broken = tree_xml().replace(b"</sheetData>", row + b"</sheetData>")

    assert refusal(repacked({"xl/worksheets/sheet3.xml": broken})) == BROKEN


_MEASURED = """
import resource, sys, tracemalloc
import django
django.setup()
from criteria.sheet_layout import Directory
from criteria.spreadsheet import parse_workbook
with open(sys.argv[1], "rb") as file:
    parse_workbook(file, units=Directory([], []))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[2], "rb") as file:
    parsed = parse_workbook(file, units=Directory([], []))
    assert parsed.data is None, parsed
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<c/>" * 3_500_000, id="cells"),
        pytest.param(b'<row r="3"><c t="inlineStr"><is><t>' + b"a" * 15_000_000 + b"</t></is></c></row>", id="text"),
        pytest.param(b"<a>" * 3_000_000, id="depth"),
    ],
)
def test_memory_stays_flat_for_a_bomb(tmp_path: Path, body: bytes) -> None:
    bomb = tree_xml().replace(b"</sheetData>", body + b"</sheetData>")
    (tmp_path / "plain.xlsx").write_bytes(export_workbook(SMALL))
    (tmp_path / "bomb.xlsx").write_bytes(repacked({"xl/worksheets/sheet3.xml": bomb}))

    grown = subprocess.run(
        [sys.executable, "-c", _MEASURED, tmp_path / "plain.xlsx", tmp_path / "bomb.xlsx"],
        capture_output=True,
        text=True,
        check=True,
        env={"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": "/usr/bin", "PYTHONPATH": "."},
    )

    assert int(grown.stdout) < 24 * 1024  # kB


# writing


@pytest.fixture
def units() -> dict[str, Unit]:
    province = Unit.objects.create(code="tinh", name="Tỉnh Thử", kind=Unit.Kind.PROVINCE)
    for code, name in NAMES.items():
        Unit.objects.create(code=code, name=name, kind=Unit.Kind.DEPARTMENT, parent=province)
    for order, code in enumerate(GROUPS):
        UnitGroup.objects.create(code=code, name=code, order=order)
    return {unit.code: unit for unit in Unit.objects.all()}


def upload(data: SetData = SMALL) -> io.BytesIO:
    return io.BytesIO(export_workbook(data))


@pytest.mark.django_db
def test_import_writes_what_the_preview_shows(units: dict[str, Unit]) -> None:
    keeper = factories.user("noivu")
    access.join(keeper, units["tinh"], Role.CRITERIA)

    made = import_workbook(upload(), by=keeper)

    assert read_set(made) == parse_workbook(upload()).data == SMALL
    assert (made.version, made.status) == (1, "draft")


@pytest.mark.django_db
def test_import_needs_the_keeper_of_the_criteria(units: dict[str, Unit]) -> None:
    officer = factories.user("chuyenvien")
    access.join(officer, units["so-noi-vu"], Role.HEAD)

    with pytest.raises(access.NotAllowed):
        import_workbook(upload(), by=officer)

    assert CriteriaSet.objects.count() == 0


@pytest.mark.django_db
def test_import_over_a_draft_replaces_it_and_keeps_rows_of_the_same_code(units: dict[str, Unit]) -> None:
    made = import_workbook(upload(), by=None)
    kept = made.criteria.get(code="1.1").pk
    changed = SetData(
        **{
            **{name: getattr(SMALL, name) for name in SMALL.__dataclass_fields__},
            "name": "Tên mới",
            "nodes": (
                NodeData(
                    "1",
                    "Chỉ đạo điều hành",
                    Decimal(2),
                    children=(
                        NodeData("1.3", "Mới", Decimal(1), Source.SELF, YesNo(), leads=("so-tu-phap",)),
                        NodeData("1.1", "Kế hoạch năm", Decimal(1), Source.SELF, YesNo(), NotApplicable.FULL),
                    ),
                ),
            ),
        }
    )

    again = import_workbook(upload(changed), into=made, by=None)

    assert again == made
    assert read_set(again) == changed
    assert again.criteria.get(code="1.1").pk == kept


@pytest.mark.django_db
def test_second_import_without_a_draft_is_the_next_version(units: dict[str, Unit]) -> None:
    assert [import_workbook(upload(), by=None).version for _ in range(2)] == [1, 2]


@pytest.mark.django_db
def test_import_of_another_set_into_a_draft_is_refused(units: dict[str, Unit]) -> None:
    other = factories.criteria_set("bo-khac")
    before = read_set(other)

    with pytest.raises(ImportRefused) as caught:
        import_workbook(upload(), into=other, by=None)

    assert [str(issue) for issue in caught.value.issues] == [
        "Thông tin: Tệp là bộ chỉ số “bo-thu” năm 2026, không phải “bo-khac” năm 2026. "
        "Sửa mã và năm cho khớp, hoặc nhập thành bộ chỉ số mới."
    ]
    assert read_set(other) == before


@pytest.mark.django_db
def test_nothing_imported_changes_a_frozen_set(units: dict[str, Unit]) -> None:
    made = freeze(import_workbook(upload(), by=None), by=None)

    with pytest.raises(Frozen):
        import_workbook(upload(), into=made, by=None)

    assert read_set(made) == SMALL


@pytest.mark.django_db
def test_file_with_errors_writes_nothing(units: dict[str, Unit]) -> None:
    content = edited(lambda book: book[TREE].__setitem__("D4", "nhiều"))

    with pytest.raises(ImportRefused, match="Bộ chỉ số, ô D4"):
        import_workbook(io.BytesIO(content), by=None)

    assert CriteriaSet.objects.count() == 0


@pytest.mark.django_db
def test_template_lists_units_and_says_what_is_missing_while_it_is_empty(units: dict[str, Unit]) -> None:
    content = template_workbook()
    listed = [row[0].value for row in load_workbook(io.BytesIO(content))["Đơn vị"].iter_rows(min_row=2)]

    assert sorted(listed) == sorted([*units, *GROUPS])
    assert set(errors(parse(content))) == {"B1", "B2", "B3", TREE}


def test_dates_of_a_rule_come_back_with_and_without_year() -> None:
    parsed = with_rows(
        leaf(
            "1", form="Theo ngày hoàn thành", rule="Khai: Ngày; trước 5/1: 1; trước 15/01/2027: 0,5; không ban hành: 0"
        )
    )

    assert parsed.data is not None
    node = find(parsed.data, "1")
    assert node is not None
    assert isinstance(node.rule, DateTiers)
    assert [tier.before for tier in node.rule.tiers] == ["01-05", "2027-01-15"]
