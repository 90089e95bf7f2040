"""Days off: one by one, and from files that are shown first and then written all or not at all."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from plans import days_off
from plans.days_off import Day
from plans.errors import InvalidInput, InvalidWorkbook
from plans.holidays import Holiday, work_calendar
from units.access import NotAllowed
from units.models import User
from units.workbooks import UnreadableWorkbook

pytestmark = pytest.mark.django_db

NATIONAL_DAY = Day(dt.date(2026, 9, 2), "Quốc khánh", "holiday", "Bộ luật Lao động")
MADE_UP = Day(dt.date(2026, 8, 22), "Làm bù", "makeup")

ICAL = """BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260216
DTEND;VALUE=DATE:20260221
SUMMARY:Nghỉ Tết Nguyên đán
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260228
SUMMARY:Làm bù cho ngày 16/02
END:VEVENT
END:VCALENDAR
"""


def standing() -> list[Day]:
    return days_off.standing_days(Holiday.objects.all())


def workbook(**cells: object) -> bytes:
    """The two days as a workbook with cells changed."""
    book = load_workbook(io.BytesIO(days_off.workbook([MADE_UP, NATIONAL_DAY])))
    for cell, value in cells.items():
        book["Ngày nghỉ"][cell] = value  # type: ignore[assignment]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def issues(content: bytes, filename: str = "ngay.xlsx") -> list[str]:
    with pytest.raises(InvalidWorkbook) as error:
        days_off.read_days(content, filename=filename)
    return [str(issue) for issue in error.value.issues]


def test_add_day_by_a_reader_is_refused(reader: User) -> None:
    with pytest.raises(NotAllowed):
        days_off.add_day(NATIONAL_DAY, by=reader)
    assert standing() == []


def test_add_day_by_the_keeper(keeper: User) -> None:
    days_off.add_day(NATIONAL_DAY, by=keeper)
    assert standing() == [NATIONAL_DAY]
    assert work_calendar().is_working(dt.date(2026, 9, 2)) is False


@pytest.mark.parametrize(
    ("day", "errors"),
    [
        (NATIONAL_DAY, {"on": ["Ngày 02/09/2026 đã có trong danh sách: Quốc khánh. Hãy xóa dòng cũ trước."]}),
        (Day(dt.date(2026, 9, 3), " "), {"name": ["Chưa nhập."]}),
        (Day(dt.date(2026, 9, 3), "Làm bù", "makeup"), {"kind": ["Ngày làm bù phải là Thứ Bảy hoặc Chủ nhật."]}),
        (Day(dt.date(1899, 1, 1), "Cũ"), {"on": ["Năm phải từ 1900 đến 2199."]}),
        (
            Day(dt.date(2026, 9, 3), "x" * 201, source="y" * 301),
            {
                "name": ["Dài quá 200 ký tự."],
                "source": ["Dài quá 300 ký tự."],
            },
        ),
    ],
)
def test_add_day_wrong_one_is_refused(keeper: User, day: Day, errors: dict[str, list[str]]) -> None:
    days_off.add_day(NATIONAL_DAY, by=keeper)
    with pytest.raises(InvalidInput) as error:
        days_off.add_day(day, by=keeper)
    assert error.value.errors == errors
    assert standing() == [NATIONAL_DAY]


def test_remove_day_by_a_reader_is_refused(reader: User, keeper: User) -> None:
    row = days_off.add_day(NATIONAL_DAY, by=keeper)
    with pytest.raises(NotAllowed):
        days_off.remove_day(row, by=reader)
    days_off.remove_day(row, by=keeper)
    assert standing() == []


def test_read_days_what_was_written() -> None:
    assert days_off.read_days(workbook(), filename="NGAY.XLSX") == [MADE_UP, NATIONAL_DAY]


def test_read_days_source_of_the_upload_fills_the_gaps() -> None:
    assert [day.source for day in days_off.read_days(workbook(), filename="a.xlsx", source="TB 15")] == [
        "TB 15",
        "Bộ luật Lao động",
    ]


def test_read_days_every_fault_of_a_workbook_at_once() -> None:
    content = workbook(A2="mai", B2=None, C3="Nửa ngày", A4="02/09/2026", B4="Trùng", A5=None, B5="Không ngày")
    assert issues(content) == [
        "Ngày nghỉ!A2: “mai” không phải ngày. Hãy ghi dạng 15/12/2026.",
        "Ngày nghỉ!B2: Chưa nhập.",
        "Ngày nghỉ!C3: Hãy chọn một trong: Ngày nghỉ; Ngày làm bù.",
        "Ngày nghỉ!A4: Ngày này đã có ở dòng trên.",
        "Ngày nghỉ!A5: Chưa nhập.",
    ]


def test_read_days_of_a_calendar() -> None:
    days = days_off.read_days(ICAL.encode(), filename="tet.ics", source="TB 15")
    assert [(day.on.isoformat(), day.kind) for day in days] == [
        ("2026-02-16", "holiday"),
        ("2026-02-17", "holiday"),
        ("2026-02-18", "holiday"),
        ("2026-02-19", "holiday"),
        ("2026-02-20", "holiday"),
        ("2026-02-28", "makeup"),
    ]
    assert {day.source for day in days} == {"TB 15"}


def test_read_days_every_fault_of_a_calendar_at_once() -> None:
    wrong = ICAL.replace("20260216", "20260230").replace("DTSTART;VALUE=DATE:20260228", "DTSTART:20260228T080000")
    assert issues(wrong.encode(), "tet.ics") == [
        "Dòng 4: ngày 20260230 không có trong lịch.",
        "Dòng 9: chỉ nhận sự kiện cả ngày, ngày ghi dạng 20260214.",
    ]


def test_read_days_makeup_day_of_a_calendar_on_a_weekday() -> None:
    wrong = ICAL.replace("20260228", "20260227")
    assert issues(wrong.encode(), "tet.ics") == ["27/02/2026: Ngày làm bù phải là Thứ Bảy hoặc Chủ nhật."]


@pytest.mark.parametrize(
    ("content", "filename", "message"),
    [
        (b"", "a.xlsx", "Tệp rỗng"),
        (b"x" * (1024 * 1024 + 1), "a.ics", "lớn hơn 1 MB"),
        (b"x", "a.csv", "Chỉ nhận tệp Excel"),
        ("BEGIN:VCALENDAR\nX:é".encode("latin-1"), "a.ics", "không phải UTF-8"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "a.ics", "Tệp không có ngày nào"),
        (b"PK", "a.xlsx", "không phải bảng tính"),
    ],
)
def test_read_days_unreadable_file_is_refused(content: bytes, filename: str, message: str) -> None:
    with pytest.raises(UnreadableWorkbook, match=message):
        days_off.read_days(content, filename=filename)


def test_read_days_empty_template_is_refused() -> None:
    with pytest.raises(UnreadableWorkbook, match="Tệp không có ngày nào"):
        days_off.read_days(days_off.workbook([]), filename="a.xlsx")


def test_compare_new_changed_and_same(keeper: User) -> None:
    days_off.add_day(NATIONAL_DAY, by=keeper)
    days_off.add_day(MADE_UP, by=keeper)
    renamed = Day(NATIONAL_DAY.on, "Lễ Quốc khánh")
    new = Day(dt.date(2026, 9, 1), "Quốc khánh")
    rows = days_off.compare([MADE_UP, new, renamed])
    assert [(row.is_new, row.is_change, row.before) for row in rows] == [
        (False, False, MADE_UP),
        (True, False, None),
        (False, True, NATIONAL_DAY),
    ]


def test_import_days_by_a_reader_is_refused(reader: User) -> None:
    with pytest.raises(NotAllowed):
        days_off.import_days([NATIONAL_DAY], by=reader)
    assert standing() == []


def test_import_days_counts_what_changed_and_twice_nothing(keeper: User) -> None:
    days_off.add_day(Day(NATIONAL_DAY.on, "Cũ"), by=keeper)
    assert days_off.import_days([MADE_UP, NATIONAL_DAY], by=keeper) == 2
    assert standing() == [MADE_UP, NATIONAL_DAY]
    assert days_off.import_days([MADE_UP, NATIONAL_DAY], by=keeper) == 0
