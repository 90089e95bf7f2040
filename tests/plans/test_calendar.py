from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from plans.calendar import (
    TZ,
    Deadline,
    PlanTime,
    PlanTimeError,
    TimeKind,
    Timeliness,
    WorkCalendar,
    days_left_words,
    local_date,
    long_date,
    official_date,
    parse_time,
    reminder_days,
    short_date,
    start_of,
    timeliness,
    upcoming,
    weekday_name,
)

LAST_MICROSECOND = datetime(2026, 12, 14, 23, 59, 59, 999999, tzinfo=TZ)
MIDNIGHT = datetime(2026, 12, 15, tzinfo=TZ)
STRICT = Deadline(date(2026, 12, 15))
INCLUSIVE = Deadline(date(2026, 12, 15), inclusive=True)

# Tết Bính Ngọ, Giỗ Tổ and the two Saturdays worked for the days off around 01/01 and 02/09, as test data.
YEAR_2026 = WorkCalendar(
    holidays=frozenset(
        {date(2026, 1, 1), date(2026, 1, 2), date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1)}
        | {date(2026, 2, day) for day in range(14, 23)}
        | {date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2)}
    ),
    makeup_days=frozenset({date(2026, 1, 10), date(2026, 8, 22)}),
)


@pytest.fixture(params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def process_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def at(day: int, hour: int = 12, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TZ)


def test_local_date_at_the_edge_of_a_day(process_zone: str) -> None:
    assert local_date(datetime(2026, 12, 14, 16, 59, 59, 999999, tzinfo=UTC)) == date(2026, 12, 14)
    assert local_date(datetime(2026, 12, 14, 17, tzinfo=UTC)) == date(2026, 12, 15)
    assert local_date(datetime(2026, 12, 14, 9, tzinfo=timezone(timedelta(hours=-8)))) == date(2026, 12, 15)


def test_local_date_of_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        local_date(datetime(2026, 12, 14, 12))  # noqa: DTZ001


def test_start_of_a_day_is_seventeen_hours_utc_the_day_before(process_zone: str) -> None:
    assert start_of(date(2026, 12, 15)) == datetime(2026, 12, 14, 17, tzinfo=UTC)
    assert start_of(date(2026, 12, 15)).tzinfo is UTC


def test_strict_deadline_ends_when_its_day_begins(process_zone: str) -> None:
    assert STRICT.ends_at == datetime(2026, 12, 14, 17, tzinfo=UTC)
    assert STRICT.last_day == date(2026, 12, 14)
    assert STRICT.met(LAST_MICROSECOND) is True
    assert STRICT.met(MIDNIGHT) is False


def test_inclusive_deadline_ends_when_the_next_day_begins(process_zone: str) -> None:
    assert INCLUSIVE.ends_at == datetime(2026, 12, 15, 17, tzinfo=UTC)
    assert INCLUSIVE.last_day == date(2026, 12, 15)
    assert INCLUSIVE.met(MIDNIGHT) is True
    assert INCLUSIVE.met(datetime(2026, 12, 15, 23, 59, 59, 999999, tzinfo=TZ)) is True
    assert INCLUSIVE.met(datetime(2026, 12, 16, tzinfo=TZ)) is False


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_deadline_in_a_process_started_in_another_zone(zone: str) -> None:
    code = (
        "from datetime import UTC, date, datetime\n"
        "from plans.calendar import Deadline, local_date\n"
        "d = Deadline(date(2026, 12, 15))\n"
        "print(d.ends_at.isoformat(), d.met(datetime(2026, 12, 14, 16, 59, 59, 999999, tzinfo=UTC)),\n"
        "      d.met(datetime(2026, 12, 14, 17, tzinfo=UTC)),\n"
        "      d.days_left(datetime(2026, 12, 14, 17, tzinfo=UTC)),\n"
        "      local_date(datetime(2026, 12, 14, 17, tzinfo=UTC)).isoformat())\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": zone},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2026-12-14T17:00:00+00:00 True False -1 2026-12-15\n"


def test_deadline_on_an_instant_is_refused() -> None:
    with pytest.raises(TypeError, match="local date"):
        Deadline(datetime(2026, 12, 15, tzinfo=TZ))


def test_deadline_met_refuses_a_naive_datetime() -> None:
    with pytest.raises(TypeError):
        STRICT.met(datetime(2026, 12, 14, 12))  # noqa: DTZ001


def test_deadline_words() -> None:
    assert STRICT.words() == "trước ngày 15/12/2026 (hết ngày thứ Hai 14/12/2026)"
    assert INCLUSIVE.words() == "đến hết ngày thứ Ba 15/12/2026"
    assert Deadline(date(2026, 12, 14)).words() == "trước ngày 14/12/2026 (hết ngày Chủ nhật 13/12/2026)"
    assert Deadline(date(2026, 3, 1)).words() == "trước ngày 01/03/2026 (hết ngày thứ Bảy 28/02/2026)"


@pytest.mark.parametrize(
    ("now", "days", "words"),
    [
        (datetime(2026, 11, 21, 10, 35, tzinfo=TZ), 23, "Còn 23 ngày"),
        (datetime(2026, 12, 13, 23, 59, 59, 999999, tzinfo=TZ), 1, "Còn 1 ngày"),
        (datetime(2026, 12, 14, tzinfo=TZ), 0, "Hôm nay là ngày cuối"),
        (LAST_MICROSECOND, 0, "Hôm nay là ngày cuối"),
        (MIDNIGHT, -1, "Quá hạn 1 ngày"),
        (datetime(2027, 1, 1, tzinfo=TZ), -18, "Quá hạn 18 ngày"),
    ],
)
def test_days_left_in_local_days(process_zone: str, now: datetime, days: int, words: str) -> None:
    assert STRICT.days_left(now) == days
    assert STRICT.days_left(now.astimezone(UTC)) == days
    assert days_left_words(days) == words


EXTENSION = Deadline(date(2026, 12, 18), inclusive=True)


@pytest.mark.parametrize(
    ("arrived", "extension", "now", "expected"),
    [
        (LAST_MICROSECOND, None, at(20), Timeliness.ON_TIME),
        (MIDNIGHT, None, at(20), Timeliness.LATE),
        (LAST_MICROSECOND, EXTENSION, at(20), Timeliness.ON_TIME),
        (MIDNIGHT, EXTENSION, at(20), Timeliness.EXTENDED),
        (datetime(2026, 12, 18, 23, 59, 59, 999999, tzinfo=TZ), EXTENSION, at(20), Timeliness.EXTENDED),
        (datetime(2026, 12, 19, tzinfo=TZ), EXTENSION, at(20), Timeliness.LATE),
        (None, None, LAST_MICROSECOND, Timeliness.PENDING),
        (None, None, MIDNIGHT, Timeliness.MISSING),
        (None, EXTENSION, at(10), Timeliness.EXTENDED),
        (None, EXTENSION, MIDNIGHT, Timeliness.EXTENDED),
        (None, EXTENSION, datetime(2026, 12, 19, tzinfo=TZ), Timeliness.MISSING),
        (None, Deadline(date(2026, 12, 10)), at(12), Timeliness.PENDING),
        (at(12), Deadline(date(2026, 12, 10)), at(20), Timeliness.ON_TIME),
        (at(16), Deadline(date(2026, 12, 14), inclusive=True), at(20), Timeliness.LATE),
    ],
)
def test_timeliness(arrived: datetime | None, extension: Deadline | None, now: datetime, expected: Timeliness) -> None:
    assert timeliness(arrived, STRICT, extension, now) is expected


def test_timeliness_labels() -> None:
    assert {state.value: state.label for state in Timeliness} == {
        "on_time": "Đúng hạn",
        "late": "Trễ hạn",
        "extended": "Được gia hạn",
        "missing": "Quá hạn",
        "pending": "Chưa đến hạn",
    }


def test_reminder_days_before_on_and_after_the_last_day(process_zone: str) -> None:
    wanted = {30: 14, 7: 7, 11: 3, 13: 1, 14: 0, 15: -1, 16: -2, 31: -17}
    assert reminder_days(STRICT, at(30, month=11)) == wanted[30]
    assert {day: reminder_days(STRICT, at(day)) for day in (7, 11, 13, 14, 15, 16, 31)} == {
        day: offset for day, offset in wanted.items() if day != 30
    }
    assert [reminder_days(STRICT, at(day)) for day in (1, 6, 8, 10, 12)] == [None] * 5


def test_reminder_days_changes_at_local_midnight() -> None:
    assert reminder_days(STRICT, LAST_MICROSECOND) == 0
    assert reminder_days(STRICT, MIDNIGHT) == -1
    assert reminder_days(STRICT, at(4), before=(10,)) == 10
    assert reminder_days(STRICT, at(7), before=(10,)) is None


def test_upcoming_lists_both_ends_and_overdue_days() -> None:
    assert upcoming(STRICT, date(2026, 11, 30), date(2026, 12, 16)) == [
        (date(2026, 11, 30), 14),
        (date(2026, 12, 7), 7),
        (date(2026, 12, 11), 3),
        (date(2026, 12, 13), 1),
        (date(2026, 12, 14), 0),
        (date(2026, 12, 15), -1),
        (date(2026, 12, 16), -2),
    ]
    assert upcoming(STRICT, date(2026, 12, 1), date(2026, 12, 6)) == []
    assert upcoming(STRICT, date(2026, 12, 7), date(2026, 12, 7)) == [(date(2026, 12, 7), 7)]
    assert upcoming(STRICT, date(2026, 12, 8), date(2026, 12, 7)) == []
    assert upcoming(STRICT, date(2026, 12, 1), date(2026, 12, 13), before=(5,)) == [(date(2026, 12, 9), 5)]


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 1, 2), False),
        (date(2026, 1, 10), True),
        (date(2026, 1, 11), False),
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), False),
        (date(2026, 2, 22), False),
        (date(2026, 2, 23), True),
        (date(2026, 8, 22), True),
        (date(2026, 8, 29), False),
    ],
)
def test_is_working(day: date, working: bool) -> None:
    assert YEAR_2026.is_working(day) is working


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 2, 12), 3, date(2026, 2, 24)),
        (date(2026, 2, 14), 3, date(2026, 2, 25)),
        (date(2026, 2, 22), 1, date(2026, 2, 23)),
        (date(2026, 2, 23), -1, date(2026, 2, 13)),
        (date(2026, 2, 18), -2, date(2026, 2, 12)),
        (date(2026, 1, 9), 1, date(2026, 1, 10)),
        (date(2026, 1, 9), 2, date(2026, 1, 12)),
        (date(2026, 1, 12), -1, date(2026, 1, 10)),
        (date(2025, 12, 31), 1, date(2026, 1, 5)),
        (date(2026, 8, 21), 7, date(2026, 9, 3)),
        (date(2026, 2, 15), 0, date(2026, 2, 15)),
        (date(2026, 11, 20), 3, date(2026, 11, 25)),
    ],
)
def test_add_working_days(start: date, days: int, expected: date) -> None:
    assert YEAR_2026.add_working_days(start, days) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 2, 13), date(2026, 2, 23), 1),
        (date(2026, 2, 12), date(2026, 2, 24), 3),
        (date(2026, 2, 13), date(2026, 2, 22), 0),
        (date(2026, 2, 23), date(2026, 2, 13), -1),
        (date(2026, 2, 23), date(2026, 2, 23), 0),
        (date(2026, 1, 9), date(2026, 1, 12), 2),
        (date(2025, 12, 31), date(2026, 12, 31), 250),
    ],
)
def test_working_days_between(start: date, end: date, expected: int) -> None:
    assert YEAR_2026.working_days_between(start, end) == expected


def test_work_calendar_with_a_day_in_both_sets_is_refused() -> None:
    day = date(2026, 1, 10)
    with pytest.raises(ValueError, match=r"^Ngày 10/01/2026 vừa là ngày nghỉ vừa là ngày làm bù\.$"):
        WorkCalendar(frozenset({day}), frozenset({day}))


def span(kind: TimeKind, start: tuple[int, int, int], end: tuple[int, int, int]) -> PlanTime:
    return PlanTime(kind, date(*start), date(*end))


DAY, MONTH, QUARTER, YEAR, PERIOD = (
    TimeKind.DAY,
    TimeKind.MONTH,
    TimeKind.QUARTER,
    TimeKind.YEAR,
    TimeKind.PERIOD,
)
BEFORE_2021 = PlanTime(TimeKind.BEFORE, None, date(2021, 12, 15))
UNTIL_2021 = PlanTime(TimeKind.UNTIL, None, date(2021, 12, 16))


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("trước ngày 15/12/2021", BEFORE_2021, "Trước ngày 15/12/2021"),
        ("Trước ngày 15/12/2021.", BEFORE_2021, "Trước ngày 15/12/2021"),
        ("Thực hiện xong trước ngày 15/12/2021", BEFORE_2021, "Trước ngày 15/12/2021"),
        ("hoàn thành trước ngày 15/12/2021", BEFORE_2021, "Trước ngày 15/12/2021"),
        ("xong trước ngày 15 tháng 12 năm 2021", BEFORE_2021, "Trước ngày 15/12/2021"),
        ("đến hết ngày 15/12/2021", UNTIL_2021, "Đến hết ngày 15/12/2021"),
        ("Chậm nhất là ngày 15/12/2021", UNTIL_2021, "Đến hết ngày 15/12/2021"),
        (
            "đến năm 2015",
            PlanTime(TimeKind.UNTIL, None, date(2016, 1, 1)),
            "Đến hết ngày 31/12/2015",
        ),
        ("05/ 7/2011", span(DAY, (2011, 7, 5), (2011, 7, 6)), "Ngày 05/07/2011"),
        ("ngày 22 tháng 01 năm 2014", span(DAY, (2014, 1, 22), (2014, 1, 23)), "Ngày 22/01/2014"),
        (
            "Từ ngày 01/12/2021 đến hết ngày 29/12/2021",
            span(DAY, (2021, 12, 1), (2021, 12, 30)),
            "Từ ngày 01/12/2021 đến ngày 29/12/2021",
        ),
        ("Tháng 3/2012", span(MONTH, (2012, 3, 1), (2012, 4, 1)), "Tháng 3/2012"),
        ("Tháng 4-6/2012", span(MONTH, (2012, 4, 1), (2012, 7, 1)), "Tháng 4-6/2012"),
        ("tháng 4 – 6/2012", span(MONTH, (2012, 4, 1), (2012, 7, 1)), "Tháng 4-6/2012"),
        ("Từ tháng 4 đến tháng 6 năm 2012", span(MONTH, (2012, 4, 1), (2012, 7, 1)), "Tháng 4-6/2012"),
        ("Tháng 12/2021-01/2022", span(MONTH, (2021, 12, 1), (2022, 2, 1)), "Tháng 12/2021-1/2022"),
        ("Tháng 12/2012", span(MONTH, (2012, 12, 1), (2013, 1, 1)), "Tháng 12/2012"),
        (
            "Thời gian hoàn thành: Tháng 01 năm 2014.",
            span(MONTH, (2014, 1, 1), (2014, 2, 1)),
            "Tháng 1/2014",
        ),
        ("Quý I năm 2014", span(QUARTER, (2014, 1, 1), (2014, 4, 1)), "Quý I năm 2014"),
        ("Trong quý I năm 2015", span(QUARTER, (2015, 1, 1), (2015, 4, 1)), "Quý I năm 2015"),
        ("Quý III năm 2016.", span(QUARTER, (2016, 7, 1), (2016, 10, 1)), "Quý III năm 2016"),
        ("Quí IV/2016", span(QUARTER, (2016, 10, 1), (2017, 1, 1)), "Quý IV năm 2016"),
        ("Trong quý I+II năm 2014", span(QUARTER, (2014, 1, 1), (2014, 7, 1)), "Quý I+II năm 2014"),
        ("quý II, III và IV năm 2014", span(QUARTER, (2014, 4, 1), (2015, 1, 1)), "Quý II+III+IV năm 2014"),
        ("quý 2-4/2014", span(QUARTER, (2014, 4, 1), (2015, 1, 1)), "Quý II+III+IV năm 2014"),
        ("vào năm 2011", span(YEAR, (2011, 1, 1), (2012, 1, 1)), "Năm 2011"),
        ("năm 2015", span(YEAR, (2015, 1, 1), (2016, 1, 1)), "Năm 2015"),
        ("giai đoạn 2011-2015", span(PERIOD, (2011, 1, 1), (2016, 1, 1)), "Giai đoạn 2011-2015"),
        ("giai đoạn 2011 – 2015", span(PERIOD, (2011, 1, 1), (2016, 1, 1)), "Giai đoạn 2011-2015"),
        ("giai đoạn (2014-2016)", span(PERIOD, (2014, 1, 1), (2017, 1, 1)), "Giai đoạn 2014-2016"),
        ("từ năm 2011 đến năm 2015", span(PERIOD, (2011, 1, 1), (2016, 1, 1)), "Giai đoạn 2011-2015"),
        ("Thường xuyên", PlanTime(TimeKind.ONGOING, None, None), "Thường xuyên"),
        ("thường xuyên, liên tục", PlanTime(TimeKind.ONGOING, None, None), "Thường xuyên"),
    ],
)
def test_parse_time_reads_the_shapes_of_the_plans(text: str, expected: PlanTime, words: str) -> None:
    parsed = parse_time(text)
    assert parsed == expected
    assert parsed.text == text
    assert parsed.words() == words
    assert parse_time(words) == expected


def test_parse_time_reads_decomposed_letters_and_odd_spaces() -> None:
    decomposed = "Tru\u031bo\u031b\u0301c\u00a0nga\u0300y  15/12/2021"
    assert parse_time(decomposed) == BEFORE_2021


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trước ngày 31/02/2026", "Ngày 31/02/2026 không có trong lịch."),
        ("Ngày 29/02/2026", "Ngày 29/02/2026 không có trong lịch."),
        ("Tháng 13/2026", "Không có tháng 13."),
        ("Tháng 0-3/2026", "Không có tháng 0."),
        ("Tháng 12-2/2026", "Thời gian kết thúc phải sau thời gian bắt đầu."),
        ("từ ngày 29/12/2026 đến ngày 01/12/2026", "Thời gian kết thúc phải sau thời gian bắt đầu."),
        (
            "Quý I+III năm 2026",
            "Các quý phải liền nhau, theo thứ tự; quý cách quãng thì tách thành hai nhiệm vụ.",
        ),
        (
            "Quý II+I năm 2026",
            "Các quý phải liền nhau, theo thứ tự; quý cách quãng thì tách thành hai nhiệm vụ.",
        ),
        ("năm 0001", "Năm phải từ 1900 đến 2199."),
        ("trước ngày 01/01/2200", "Năm phải từ 1900 đến 2199."),
        ("x" * 201, "Thời gian dài quá 200 ký tự."),
    ],
)
def test_parse_time_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(PlanTimeError) as caught:
        parse_time(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hàng năm",
        "1 năm 3/2012",
        "Quý V năm 2026",
        "trước ngày 30/6/2012 (đối với cấp tỉnh, huyện)",
        "15/12/26",
        "Quý I-III-IV năm 2026",
        "trước ngày ١٥/١٢/٢٠٢١",
    ],
)
def test_parse_time_names_the_accepted_shapes(text: str) -> None:
    with pytest.raises(ValueError, match="Không hiểu thời gian") as caught:
        parse_time(text)
    assert str(caught.value) == (
        f"Không hiểu thời gian “{text}”. Hãy ghi theo một trong các dạng: ngày 15/12/2026; "
        "từ ngày 01/12/2026 đến ngày 29/12/2026; trước ngày 15/12/2026; đến hết ngày 15/12/2026; "
        "tháng 3/2026; tháng 4-6/2026; quý I năm 2026; quý I+II năm 2026; năm 2026; "
        "giai đoạn 2026-2030; thường xuyên."
    )


@pytest.mark.parametrize(
    "shape",
    [
        "ngày 15/12/2026",
        "từ ngày 01/12/2026 đến ngày 29/12/2026",
        "trước ngày 15/12/2026",
        "đến hết ngày 15/12/2026",
        "tháng 3/2026",
        "tháng 4-6/2026",
        "quý I năm 2026",
        "quý I+II năm 2026",
        "năm 2026",
        "giai đoạn 2026-2030",
        "thường xuyên",
    ],
)
def test_parse_time_reads_every_shape_that_its_message_names(shape: str) -> None:
    assert parse_time(shape).words().lower() == shape.lower()


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        (TimeKind.ONGOING, None, date(2026, 1, 1)),
        (TimeKind.BEFORE, date(2026, 1, 1), date(2026, 2, 1)),
        (TimeKind.UNTIL, None, None),
        (TimeKind.DAY, date(2026, 1, 1), None),
        (TimeKind.DAY, date(2026, 1, 1), date(2026, 1, 1)),
        (TimeKind.MONTH, date(2026, 1, 2), date(2026, 2, 1)),
        (TimeKind.QUARTER, date(2026, 2, 1), date(2026, 5, 1)),
        (TimeKind.QUARTER, date(2026, 10, 1), date(2027, 4, 1)),
        (TimeKind.YEAR, date(2026, 1, 1), date(2028, 1, 1)),
        (TimeKind.PERIOD, date(2026, 1, 1), date(2027, 1, 1)),
        (TimeKind.YEAR, date(1899, 1, 1), date(1900, 1, 1)),
        (TimeKind.BEFORE, None, date(2200, 1, 1)),
    ],
)
def test_plan_time_with_bounds_that_its_words_cannot_say_is_refused(
    kind: TimeKind, start: date | None, end: date | None
) -> None:
    with pytest.raises(PlanTimeError):
        PlanTime(kind, start, end)


def test_plan_time_made_without_text_takes_its_words() -> None:
    assert BEFORE_2021.text == "Trước ngày 15/12/2021"


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("trước ngày 15/12/2021", Deadline(date(2021, 12, 15))),
        ("đến hết ngày 15/12/2021", Deadline(date(2021, 12, 15), inclusive=True)),
        ("ngày 15/12/2021", Deadline(date(2021, 12, 15), inclusive=True)),
        ("Tháng 4-6/2012", Deadline(date(2012, 6, 30), inclusive=True)),
        ("Tháng 2/2012", Deadline(date(2012, 2, 29), inclusive=True)),
        ("Trong quý I+II năm 2014", Deadline(date(2014, 6, 30), inclusive=True)),
        ("vào năm 2011", Deadline(date(2011, 12, 31), inclusive=True)),
        ("giai đoạn 2011-2015", Deadline(date(2015, 12, 31), inclusive=True)),
        ("thường xuyên", None),
    ],
)
def test_plan_time_deadline(text: str, deadline: Deadline | None) -> None:
    assert parse_time(text).deadline == deadline


@pytest.mark.parametrize(
    ("text", "years", "words"),
    [
        ("trước ngày 15/12/2021", 5, "Trước ngày 15/12/2026"),
        ("trước ngày 29/02/2024", 1, "Trước ngày 01/03/2025"),
        ("trước ngày 29/02/2024", 4, "Trước ngày 29/02/2028"),
        ("trước ngày 01/03/2023", 1, "Trước ngày 01/03/2024"),
        ("đến hết ngày 29/02/2024", 1, "Đến hết ngày 28/02/2025"),
        ("đến hết ngày 28/02/2023", 1, "Đến hết ngày 28/02/2024"),
        ("ngày 29/02/2024", -1, "Ngày 28/02/2023"),
        ("từ ngày 29/02/2024 đến ngày 15/03/2024", 1, "Từ ngày 28/02/2025 đến ngày 15/03/2025"),
        ("Tháng 2/2023", 1, "Tháng 2/2024"),
        ("Tháng 12/2021-1/2022", 1, "Tháng 12/2022-1/2023"),
        ("Quý I+II năm 2014", 2, "Quý I+II năm 2016"),
        ("năm 2011", 1, "Năm 2012"),
        ("giai đoạn 2011-2015", 5, "Giai đoạn 2016-2020"),
        ("thường xuyên", 1, "Thường xuyên"),
    ],
)
def test_shift_years(text: str, years: int, words: str) -> None:
    shifted = parse_time(text).shift_years(years)
    assert shifted.words() == words
    assert shifted.text == words
    assert shifted == parse_time(words)


@pytest.mark.parametrize("years", [-200, 200, 9000])
def test_shift_years_out_of_the_accepted_years_is_refused(years: int) -> None:
    with pytest.raises(PlanTimeError, match=r"^Năm phải từ 1900 đến 2199\.$"):
        parse_time("trước ngày 15/12/2021").shift_years(years)


def test_shift_of_february_keeps_the_whole_month() -> None:
    assert parse_time("Tháng 2/2023").shift_years(1).last_day == date(2024, 2, 29)


def test_weekday_names() -> None:
    assert [weekday_name(date(2026, 12, day)) for day in range(14, 21)] == [
        "Thứ Hai",
        "Thứ Ba",
        "Thứ Tư",
        "Thứ Năm",
        "Thứ Sáu",
        "Thứ Bảy",
        "Chủ nhật",
    ]


@pytest.mark.parametrize(
    ("day", "official"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 1, 10), "ngày 10 tháng 01 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2021, 11, 30), "ngày 30 tháng 11 năm 2021"),
        (date(2026, 10, 1), "ngày 01 tháng 10 năm 2026"),
    ],
)
def test_official_date_puts_zeros_as_the_decree_asks(day: date, official: str) -> None:
    assert official_date(day) == official


def test_short_and_long_date() -> None:
    assert short_date(date(2026, 2, 5)) == "05/02/2026"
    assert long_date(date(2026, 12, 14)) == "Thứ Hai 14/12/2026"
    assert long_date(date(2026, 12, 13)) == "Chủ nhật 13/12/2026"
