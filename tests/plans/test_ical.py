from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.calendar import TZ, WorkCalendar
from plans.ical import MAX_CHARACTERS, CalendarDay, FeedEvent, IcalError, parse_ical, render_ical

NOW = datetime(2026, 11, 21, 10, 35, tzinfo=TZ)
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//VI
BEGIN:VTIMEZONE
TZID:Asia/Ho_Chi_Minh
BEGIN:STANDARD
DTSTART:19750613T000000
TZOFFSETFROM:+0800
TZOFFSETTO:+0700
END:STANDARD
END:VTIMEZONE
{}END:VCALENDAR
"""


def calendar_of(*events: str) -> str:
    return CALENDAR.format("".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events))


def errors_of(text: str) -> tuple[str, ...]:
    with pytest.raises(IcalError) as caught:
        parse_ical(text)
    return caught.value.errors


TET = "DTSTART;VALUE=DATE:20260214\nDTEND;VALUE=DATE:20260223\nSUMMARY:Tết Bính Ngọ"
MAKEUP = "DTSTART;VALUE=DATE:20260110\nSUMMARY:Làm bù cho ngày 02/01"


def test_parse_ical_takes_the_end_as_exclusive() -> None:
    days = parse_ical(calendar_of(TET))
    assert days == [CalendarDay(date(2026, 2, day), "Tết Bính Ngọ", True) for day in range(14, 23)]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_parse_ical_reads_either_line_end_and_a_byte_order_mark(newline: str) -> None:
    text = "\ufeff" + calendar_of(MAKEUP).replace("\n", newline)
    assert parse_ical(text) == [CalendarDay(date(2026, 1, 10), "Làm bù cho ngày 02/01", False)]


def test_parse_ical_feeds_a_work_calendar() -> None:
    days = parse_ical(calendar_of(TET, MAKEUP))
    calendar = WorkCalendar(
        frozenset(day.on for day in days if day.is_holiday),
        frozenset(day.on for day in days if not day.is_holiday),
    )
    assert calendar.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 23)
    assert calendar.is_working(date(2026, 1, 10)) is True


@pytest.mark.parametrize(
    ("summary", "is_holiday"),
    [
        ("Làm việc bù", False),
        ("Ngày LÀM BÙ", False),
        ("La\u0300m bu\u0300", False),
        ("Nghỉ bù Giỗ Tổ", True),
        ("Nghỉ hoán đổi, làm bù ngày 10/01", True),
        ("Quốc khánh", True),
        ("", True),
    ],
)
def test_parse_ical_tells_makeup_days_by_the_summary(summary: str, is_holiday: bool) -> None:
    (day,) = parse_ical(calendar_of(f"DTSTART;VALUE=DATE:20260110\nSUMMARY:{summary}"))
    assert day == CalendarDay(date(2026, 1, 10), summary, is_holiday)


def test_parse_ical_unfolds_and_unescapes() -> None:
    event = (
        "DTSTART;VALUE=DATE:20260427\n"
        'SUMMARY;LANGUAGE=vi;X-NOTE="a:b;c":Giỗ Tổ\\, mùng\n'
        "  10\\; tháng\n"
        "\t 3 \\\\ \\nâm lịch"
    )
    assert parse_ical(calendar_of(event)) == [
        CalendarDay(date(2026, 4, 27), "Giỗ Tổ, mùng 10; tháng 3 \\ \nâm lịch", True)
    ]


def test_parse_ical_ignores_alarms_zones_and_cancelled_events() -> None:
    alarm = "DTSTART:20260430\nBEGIN:VALARM\nSUMMARY:Làm bù\nTRIGGER:-P1D\nEND:VALARM\nSUMMARY:Giải phóng"
    cancelled = "STATUS:CANCELLED\nSUMMARY:Bỏ"
    assert parse_ical(calendar_of(alarm, cancelled)) == [CalendarDay(date(2026, 4, 30), "Giải phóng", True)]


def test_parse_ical_of_a_day_told_twice_keeps_the_first() -> None:
    again = "DTSTART;VALUE=DATE:20260222\nSUMMARY:Chủ nhật"
    assert parse_ical(calendar_of(TET, again))[-1] == CalendarDay(date(2026, 2, 22), "Tết Bính Ngọ", True)


def test_parse_ical_without_events_is_empty() -> None:
    assert parse_ical(calendar_of()) == []


def test_parse_ical_collects_every_error_with_its_line() -> None:
    text = calendar_of(
        "DTSTART:20260214T080000Z\nSUMMARY:Có giờ",
        "SUMMARY:Không ngày",
        "DTSTART;VALUE=DATE:20260230\nSUMMARY:Ngày lạ",
        "DTSTART;VALUE=DATE:20260301\nRRULE:FREQ=YEARLY",
        "DTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260301",
        "DTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260402",
        "dòng hỏng\nDTSTART;VALUE=DATE:20260303",
    )
    assert errors_of(text) == (
        "Dòng 13: chỉ nhận sự kiện cả ngày, ngày ghi dạng 20260214.",
        "Dòng 16: sự kiện không có DTSTART.",
        "Dòng 20: ngày 20260230 không có trong lịch.",
        "Dòng 25: RRULE không được hỗ trợ, hãy ghi từng ngày bằng DTSTART và DTEND.",
        "Dòng 27: sự kiện phải dài từ 1 đến 31 ngày.",
        "Dòng 31: sự kiện phải dài từ 1 đến 31 ngày.",
        "Dòng 36: không phải dòng iCalendar.",
    )


def test_parse_ical_with_a_day_both_off_and_made_up_is_refused() -> None:
    text = calendar_of(MAKEUP, "DTSTART:20260110\nSUMMARY:Nghỉ")
    assert errors_of(text) == ("Ngày 10/01/2026 vừa là ngày nghỉ vừa là ngày làm bù.",)


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", ("Tệp không có lịch (BEGIN:VCALENDAR).",)),
        ("PK\x03\x04", ("Dòng 1: không phải dòng iCalendar.", "Tệp không có lịch (BEGIN:VCALENDAR).")),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", ("Tệp lịch bị cắt: thiếu END:VEVENT.",)),
        (
            "BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR\n",
            ("Dòng 2: END:VEVENT không khớp với BEGIN.",),
        ),
        ("X" * (MAX_CHARACTERS + 1), ("Tệp lịch dài quá 500.000 ký tự.",)),
    ],
)
def test_parse_ical_of_a_broken_file_is_refused(text: str, errors: tuple[str, ...]) -> None:
    assert errors_of(text) == errors


def test_parse_ical_with_a_thousand_events_passes_and_one_more_is_refused() -> None:
    assert len(parse_ical(calendar_of(*["DTSTART:20260101"] * 1000))) == 1
    assert errors_of(calendar_of(*["DTSTART:20260101"] * 1001)) == ("Dòng 3012: tệp có quá 1.000 sự kiện.",)


def test_parse_ical_stops_after_fifty_errors() -> None:
    assert len(errors_of("x\n" * 1000)) == 50


def test_render_ical_of_a_deadline() -> None:
    event = FeedEvent(
        uid="milestone-7@cchc",
        on=date(2026, 12, 14),
        summary="Hạn nộp hồ sơ; trước ngày 15/12/2026",
        description="Dòng một,\r\ndòng hai \\ hết\x07",
        url="https://cchc.example.vn/ho-so/7",
        alarm_days=(3, 0),
    )
    assert render_ical([event], NOW) == "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//CCHC Index//Deadlines//VI",
            "CALSCALE:GREGORIAN",
            "X-WR-CALNAME:Chỉ số CCHC",
            "BEGIN:VEVENT",
            "UID:milestone-7@cchc",
            "DTSTAMP:20261121T033500Z",
            "DTSTART;VALUE=DATE:20261214",
            "DTEND;VALUE=DATE:20261215",
            "SUMMARY:Hạn nộp hồ sơ\\; trước ngày 15/12/2026",
            "DESCRIPTION:Dòng một\\,\\ndòng hai \\\\ hết",
            "URL:https://cchc.example.vn/ho-so/7",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:Hạn nộp hồ sơ\\; trước ngày 15/12/2026",
            "TRIGGER:-PT64H",
            "END:VALARM",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "DESCRIPTION:Hạn nộp hồ sơ\\; trước ngày 15/12/2026",
            "TRIGGER:PT8H",
            "END:VALARM",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def test_render_ical_of_an_appointment() -> None:
    event = FeedEvent(
        uid="visit-3@cchc",
        on=date(2026, 11, 25),
        starts=datetime(2026, 11, 25, 8, 30, tzinfo=TZ),
        summary="Kiểm tra thực tế",
        location="Số 2, phố Huế",
        alarm_days=(1,),
    )
    rendered = render_ical([event], NOW).split("\r\n")
    assert rendered[6:-3] == [
        "UID:visit-3@cchc",
        "DTSTAMP:20261121T033500Z",
        "DTSTART:20261125T013000Z",
        "SUMMARY:Kiểm tra thực tế",
        "LOCATION:Số 2\\, phố Huế",
        "TRANSP:OPAQUE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Kiểm tra thực tế",
        "TRIGGER:-PT24H",
        "END:VALARM",
    ]


def test_render_ical_folds_at_75_octets_between_characters() -> None:
    rendered = render_ical([FeedEvent("a", date(2026, 12, 14), "ộ" * 60)], NOW)
    lines = rendered.split("\r\n")
    at = lines.index("SUMMARY:" + "ộ" * 22)
    assert lines[at + 1] == " " + "ộ" * 24
    assert lines[at + 2] == " " + "ộ" * 14
    ascii_line = render_ical([FeedEvent("a", date(2026, 12, 14), "x" * 68)], NOW).split("\r\n")
    assert "SUMMARY:" + "x" * 67 in ascii_line
    assert " x" in ascii_line


def test_render_ical_without_events_is_a_calendar() -> None:
    assert parse_ical(render_ical([], NOW, name="Việc của tôi")) == []


@pytest.mark.parametrize(
    "events",
    [
        [FeedEvent("", date(2026, 12, 14), "a")],
        [FeedEvent("a", date(2026, 12, 14), "a"), FeedEvent("a", date(2026, 12, 15), "b")],
        [FeedEvent("a", date(2026, 12, 14), "a", url="https://x.vn/\r\nATTACH:y")],
        [FeedEvent("a", date(2026, 12, 14), "a", alarm_days=(-1,))],
        [FeedEvent("a", date(2026, 12, 14), "a", starts=datetime(2026, 12, 14, 8, 30))],  # noqa: DTZ001
    ],
)
def test_render_ical_of_an_unusable_event_is_refused(events: list[FeedEvent]) -> None:
    with pytest.raises(ValueError, match=r"uid|url|alarm|aware"):
        render_ical(events, NOW)


def test_render_ical_with_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        render_ical([], datetime(2026, 11, 21, 10, 35))  # noqa: DTZ001
    assert "DTSTAMP" not in render_ical([], datetime(2026, 11, 21, 3, 35, tzinfo=UTC))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200))
def test_rendered_summary_is_read_back(summary: str) -> None:
    rendered = render_ical([FeedEvent("a", date(2026, 12, 14), summary, alarm_days=(1,))], NOW)
    assert [day.summary for day in parse_ical(rendered)] == [summary.strip()]
    assert max(len(line.encode()) for line in rendered.split("\r\n")) <= 75
    assert "\n" not in rendered.replace("\r\n", "")
