"""A plan's workbook: what was exported is imported equal, and every fault is told at once with its cell."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from plans import layout, spreadsheet
from plans.content import PlanContent, TaskContent
from plans.errors import InvalidWorkbook, PlanError
from plans.layout import WrongCell
from plans.writing import content_of
from presets.plans import load_plan, names
from units.workbooks import UnreadableWorkbook

from .conftest import sample

UNITS = [("so-noi-vu", "Sở Nội vụ"), ("so-tu-phap", "Sở Tư pháp")]
CODES = {code for code, _name in UNITS}


def read(content: bytes) -> PlanContent:
    return spreadsheet.read(io.BytesIO(content), units=CODES)


def edited(**cells: Any) -> bytes:
    """The sample's workbook with cells changed: `tasks_C3="x"`; names of sheets by `SHEETS`."""
    book = load_workbook(io.BytesIO(spreadsheet.workbook(sample(), UNITS)))
    for place, value in cells.items():
        sheet, cell = place.rsplit("_", 1)
        book[SHEETS[sheet]][cell] = value
    return saved(book)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


SHEETS = {
    "plan": "Kế hoạch",
    "milestones": "Mốc thời gian",
    "tasks": "Nhiệm vụ",
    "targets": "Chỉ tiêu",
    "groups": "Tổ công tác",
    "seats": "Thành phần tổ",
    "sheets": "Phiếu",
}


def issues(content: bytes) -> list[str]:
    """Every fault of a workbook, in order."""
    with pytest.raises(InvalidWorkbook) as error:
        read(content)
    return [str(issue) for issue in error.value.issues]


def test_read_what_was_written() -> None:
    assert read(spreadsheet.workbook(sample(), UNITS)) == sample()


@pytest.mark.django_db
@pytest.mark.parametrize("name", names())
def test_read_every_preset_as_it_was_exported(name: str) -> None:
    content = content_of(load_plan(name))
    assert read(spreadsheet.workbook(content, UNITS)) == content


def test_workbook_sheets_and_headers() -> None:
    book = load_workbook(io.BytesIO(spreadsheet.workbook(None, UNITS)))
    assert book.sheetnames == [
        "Hướng dẫn",
        "Kế hoạch",
        "Mốc thời gian",
        "Nhiệm vụ",
        "Chỉ tiêu",
        "Tổ công tác",
        "Thành phần tổ",
        "Phiếu",
        "Danh mục đơn vị",
    ]
    assert [cell.value for cell in book["Nhiệm vụ"][1]] == [
        "Số",
        "Thuộc nhiệm vụ số",
        "Nhiệm vụ",
        "Chủ trì",
        "Phối hợp",
        "Thời gian",
        "Báo cáo định kỳ",
        "Mục trong văn bản",
        "Mã đơn vị chủ trì",
        "Mã đơn vị phối hợp",
    ]
    assert [[cell.value for cell in row] for row in book["Danh mục đơn vị"].iter_rows(min_row=2)] == [
        ["so-noi-vu", "Sở Nội vụ"],
        ["so-tu-phap", "Sở Tư pháp"],
    ]


def test_workbook_offers_lists() -> None:
    book = load_workbook(io.BytesIO(spreadsheet.workbook(None, UNITS)))
    offers = {
        (sheet.title, str(offer.sqref)): (offer.formula1, offer.showErrorMessage)
        for sheet in book
        for offer in sheet.data_validations.dataValidation
    }
    units = "'Danh mục đơn vị'!$A$2:$A$3"
    assert offers == {
        ("Mốc thời gian", "A2:A501"): (
            '"Hoàn thành tự đánh giá,Hoàn thành thẩm định,Hoàn thành điều tra xã hội học,Công bố kết quả"',
            True,
        ),
        ("Mốc thời gian", "C2:C501"): ('"Không,Có"', True),
        ("Nhiệm vụ", "G2:G501"): ('"Không báo cáo định kỳ,Hàng tháng,Hàng quý,Hàng năm"', True),
        ("Nhiệm vụ", "I2:I501"): (units, False),
        ("Nhiệm vụ", "J2:J501"): (units, False),
        ("Chỉ tiêu", "C2:C501"): ('">,>=,="', True),
        ("Tổ công tác", "E2:E501"): (units, False),
        ("Phiếu", "B2:B501"): ('"A,B"', True),
        ("Phiếu", "D2:D501"): (units, False),
    }


def test_workbook_numbers_of_tasks_stay_texts() -> None:
    content = replace(sample(), tasks=(TaskContent("1.10", "Việc"), TaskContent("=2", "=1+1")), targets=())
    book = load_workbook(io.BytesIO(spreadsheet.workbook(content, UNITS)))
    sheet = book["Nhiệm vụ"]
    assert [(sheet[cell].value, sheet[cell].data_type) for cell in ("A2", "A3", "C3")] == [
        ("1.10", "s"),
        ("=2", "s"),
        ("=1+1", "s"),
    ]
    assert read(spreadsheet.workbook(content, UNITS)) == content


def test_workbook_task_of_too_many_units_is_refused() -> None:
    codes = tuple(f"don-vi-{number:05}" for number in range(3000))
    content = replace(sample(), tasks=(TaskContent("1", "Việc", lead_units=codes),), targets=())
    with pytest.raises(PlanError, match="nhiều đơn vị hơn mức một ô Excel"):
        spreadsheet.workbook(content, UNITS)


def test_read_the_empty_template_says_what_is_missing() -> None:
    assert issues(spreadsheet.workbook(None, UNITS)) == [
        "Kế hoạch!B2: Chưa nhập.",
        "Kế hoạch!B3: Chưa nhập.",
        "Kế hoạch!B4: Chưa nhập.",
        "Kế hoạch!B5: Chưa nhập.",
        "Kế hoạch!B7: Chưa nhập.",
        "Kế hoạch!B8: Chưa nhập.",
    ]


def test_read_every_fault_is_told_at_once() -> None:
    content = edited(
        plan_B5="hôm qua",
        plan_B8=dt.date(2026, 1, 1),
        milestones_A2="Nghiệm thu",
        milestones_B2="31/02/2026",
        tasks_A3="1",
        tasks_C4="=CONCAT(A1)",
        tasks_F3="trước tết",
        tasks_G4="Hàng tuần",
        tasks_I2="so-noi-vu; so-la",
        tasks_B4="7",
        targets_C2="<",
        targets_D2="nhiều",
        targets_F2="6",
        groups_C2="hai",
        groups_E2="xa",
        seats_A3="Tổ khác",
        seats_D2="-1",
        sheets_B2="C",
        sheets_C3="0",
    )
    assert issues(content) == [
        "Kế hoạch!B5: “hôm qua” không phải ngày. Hãy ghi dạng 15/12/2026.",
        "Kế hoạch!B8: Ngày kết thúc phải từ ngày bắt đầu trở đi.",
        "Mốc thời gian!A2: Hãy chọn một trong: Hoàn thành tự đánh giá; Hoàn thành thẩm định; "
        "Hoàn thành điều tra xã hội học; Công bố kết quả.",
        "Mốc thời gian!B2: Ngày “31/02/2026” không có trong lịch.",
        "Nhiệm vụ!I2: Không có đơn vị mã “so-la”.",
        "Nhiệm vụ!A3: Số này đã dùng cho “Tự đánh giá”.",
        "Nhiệm vụ!B3: Nhiệm vụ không thể thuộc chính nó.",
        "Nhiệm vụ!F3: Không hiểu thời gian “trước tết”. Hãy ghi theo một trong các dạng: ngày 15/12/2026; "
        "từ ngày 01/12/2026 đến ngày 29/12/2026; trước ngày 15/12/2026; đến hết ngày 15/12/2026; tháng 3/2026; "
        "tháng 4-6/2026; quý I năm 2026; quý I+II năm 2026; năm 2026; giai đoạn 2026-2030; thường xuyên.",
        "Nhiệm vụ!B4: Không có nhiệm vụ số “7”.",
        "Nhiệm vụ!C4: Ô này là công thức. Hãy dán giá trị thay cho công thức.",
        "Nhiệm vụ!G4: Hãy chọn một trong: Không báo cáo định kỳ; Hàng tháng; Hàng quý; Hàng năm.",
        "Chỉ tiêu!C2: Hãy chọn một trong: >; >=; =.",
        "Chỉ tiêu!D2: “nhiều” không phải số. Hãy ghi dạng 60 hoặc 60,5.",
        "Chỉ tiêu!F2: Không có nhiệm vụ số “6”.",
        "Tổ công tác!C2: “hai” không phải số nguyên từ 0 trở lên.",
        "Tổ công tác!E2: Không có đơn vị mã “xa”.",
        "Thành phần tổ!D2: “-1” không phải số nguyên từ 0 trở lên.",
        "Thành phần tổ!A3: Không có tổ “Tổ khác”.",
        "Phiếu!B2: Hãy chọn một trong: A; B.",
        "Phiếu!C3: Số phiếu phải là số nguyên từ 1 trở lên.",
    ]


def test_read_missing_sheet_and_wrong_header_are_told_with_the_rest() -> None:
    book = load_workbook(io.BytesIO(spreadsheet.workbook(sample(), UNITS)))
    del book["Phiếu"]
    book["Tổ công tác"]["A1"] = "Tổ"
    book["Kế hoạch"]["A2"] = "Số hiệu"
    assert issues(saved(book)) == [
        "Kế hoạch!A2: Không có mục “Số hiệu”.",
        "Kế hoạch!B2: Chưa nhập.",
        "Tổ công tác: Trang tính “Tổ công tác”: dòng tiêu đề không đúng mẫu. Các cột phải là: "
        "Tên tổ; Cơ quan thành lập; Ít nhất; Nhiều nhất; Mã đơn vị.",
        "Thành phần tổ!A2: Không có tổ “Tổ công tác”.",
        "Thành phần tổ!A3: Không có tổ “Tổ công tác”.",
        "Phiếu: Không thấy trang tính “Phiếu”. Hãy dùng mẫu tải từ trang này.",
    ]


def test_read_rows_of_the_head_in_any_order() -> None:
    book = load_workbook(io.BytesIO(spreadsheet.workbook(sample(), UNITS)))
    sheet = book["Kế hoạch"]
    for column in "AB":
        sheet[f"{column}2"].value, sheet[f"{column}8"].value = sheet[f"{column}8"].value, sheet[f"{column}2"].value
    assert read(saved(book)) == sample()


def test_read_a_time_that_excel_made_a_date() -> None:
    content = read(edited(tasks_F3=dt.datetime(2026, 12, 15)))  # noqa: DTZ001
    assert content.tasks[1].time_text == "15/12/2026"


def test_read_no_workbook_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook):
        read(b"abc")


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (None, None),
        ("  ", None),
        ("05/11/2026", dt.date(2026, 11, 5)),
        ("5-11-2026", dt.date(2026, 11, 5)),
        (dt.date(2026, 11, 5), dt.date(2026, 11, 5)),
        (dt.datetime(2026, 11, 5, 8, 30), dt.date(2026, 11, 5)),  # noqa: DTZ001
    ],
)
def test_read_date(value: object, day: dt.date | None) -> None:
    assert layout.read_date(value) == day


@pytest.mark.parametrize("value", ["2026-11-05", "11/2026", "30/02/2026", 46000])
def test_read_date_something_else_is_refused(value: object) -> None:
    with pytest.raises(WrongCell):
        layout.read_date(value)


@pytest.mark.parametrize(
    ("value", "figure"),
    [
        (None, None),
        (60, Decimal(60)),
        (60.5, Decimal("60.5")),
        ("60,5", Decimal("60.5")),
        ("60.5", Decimal("60.5")),
        ("2.745", Decimal(2745)),
        ("1.234.567,8", Decimal("1234567.8")),
    ],
)
def test_read_value(value: object, figure: Decimal | None) -> None:
    assert layout.read_value(value) == figure


@pytest.mark.parametrize("value", ["nhiều", "60 %", "1e3", "-5", True, float("nan"), float("inf")])
def test_read_value_something_else_is_refused(value: object) -> None:
    with pytest.raises(WrongCell):
        layout.read_value(value)


@pytest.mark.parametrize(("value", "count"), [(None, 0), (3, 3), (3.0, 3), ("12", 12)])
def test_read_count(value: object, count: int) -> None:
    assert layout.read_count(value) == count


@pytest.mark.parametrize("value", ["ba", "-1", 1.5, "1234567", "٣"])
def test_read_count_something_else_is_refused(value: object) -> None:
    with pytest.raises(WrongCell):
        layout.read_count(value)


def test_read_codes_parted_in_any_way() -> None:
    assert layout.read_codes("a; b,c\n d") == ("a", "b", "c", "d")
