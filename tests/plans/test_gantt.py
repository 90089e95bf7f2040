"""The chart: where bars, diamonds, ticks and today's line stand."""

from __future__ import annotations

import datetime as dt

import pytest

from plans.calendar import parse_time
from plans.gantt import CHART, HEAD, LABEL, ROW, Gantt, Row, Shape, Task, gantt

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
PER_DAY = CHART / 365


def chart(*times: str, today: dt.date = dt.date(2026, 7, 1)) -> Gantt:
    tasks = [Task(str(n), "Việc", parse_time(text) if text else None, "info") for n, text in enumerate(times)]
    return gantt(tasks, first=FIRST, last=LAST, today=today)


def one(text: str) -> Row:
    return chart(text).rows[0]


def test_bar_runs_from_its_first_day_to_the_end_of_its_last() -> None:
    row = one("Quý II năm 2026")
    assert (row.shape, row.x, row.end_x) == (
        Shape.BAR,
        round(LABEL + 90 * PER_DAY, 1),
        round(LABEL + 181 * PER_DAY, 1),
    )
    assert row.width == round(row.end_x - row.x, 1)


def test_whole_year_fills_the_chart() -> None:
    row = one("Năm 2026")
    assert (row.x, row.end_x) == (LABEL, LABEL + CHART)


def test_due_ends_with_its_last_day_and_begins_with_the_chart() -> None:
    row = one("Trước ngày 01/07/2026")
    assert (row.shape, row.x, row.end_x) == (Shape.DUE, LABEL, round(LABEL + 181 * PER_DAY, 1))
    x, y = row.end_x, row.middle
    assert row.diamond == f"{round(x - 12, 1)},{y} {round(x - 6, 1)},{y - 6} {x},{y} {round(x - 6, 1)},{y + 6}"


def test_ongoing_fills_the_chart_and_no_time_draws_nothing() -> None:
    rows = chart("Thường xuyên", "").rows
    assert [(row.shape, row.x, row.end_x) for row in rows] == [
        (Shape.ONGOING, LABEL, LABEL + CHART),
        (Shape.NONE, LABEL, LABEL),
    ]
    assert rows[1].title == "1 Việc: Không ghi thời gian"


def test_one_day_is_wide_enough_to_be_seen() -> None:
    row = gantt(
        [Task("1", "Việc", parse_time("15/06/2026"), "info")],
        first=dt.date(2011, 1, 1),
        last=dt.date(2030, 12, 31),
        today=FIRST,
    ).rows[0]
    assert row.width == 2


def test_chart_widens_to_every_task() -> None:
    made = chart("Tháng 11/2025", "Trước ngày 15/01/2027")
    assert (made.first, made.last) == (dt.date(2025, 11, 1), dt.date(2027, 1, 14))


@pytest.mark.parametrize(
    ("today", "x"),
    [
        (FIRST, LABEL),
        (LAST, round(LABEL + 364 * PER_DAY, 1)),
        (dt.date(2025, 12, 31), None),
        (dt.date(2027, 1, 1), None),
    ],
)
def test_today_has_a_line_only_inside(today: dt.date, x: float | None) -> None:
    assert chart("Năm 2026", today=today).today_x == x


def test_rows_stand_below_each_other() -> None:
    made = chart("Năm 2026", "Năm 2026", "Năm 2026")
    assert [row.middle for row in made.rows] == [HEAD + ROW // 2, HEAD + ROW + ROW // 2, HEAD + 2 * ROW + ROW // 2]
    assert (made.width, made.height) == (LABEL + CHART, HEAD + 3 * ROW)


def test_long_name_is_cut_at_a_word_and_kept_in_the_title() -> None:
    name = "Rà soát, tổ chức lại bộ phận tiếp nhận và trả kết quả"
    row = gantt([Task("II.1", name, None, "mute", depth=1)], first=FIRST, last=LAST, today=FIRST).rows[0]
    assert row.label == "II.1 Rà soát, tổ chức lại bộ phận tiếp…"
    assert row.title.startswith(f"II.1 {name}: ")
    assert row.label_x == 16


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        (dt.date(2026, 11, 1), dt.date(2026, 11, 30), ["02/11", "09/11", "16/11", "23/11", "30/11"]),
        (
            dt.date(2026, 1, 15),
            dt.date(2026, 12, 31),
            [f"{month:02}/2026" for month in range(2, 13)],
        ),
        (
            dt.date(2014, 1, 1),
            dt.date(2016, 12, 31),
            [f"Quý {quarter}/{year}" for year in (14, 15, 16) for quarter in ("I", "II", "III", "IV")],
        ),
        (dt.date(2011, 1, 1), dt.date(2015, 12, 31), ["2011", "2012", "2013", "2014", "2015"]),
        (dt.date(2000, 1, 1), dt.date(2059, 12, 31), [str(year) for year in range(2000, 2060, 5)]),
    ],
)
def test_scale_is_the_finest_that_leaves_room(first: dt.date, last: dt.date, labels: list[str]) -> None:
    made = gantt([], first=first, last=last, today=first)
    assert [tick.label for tick in made.ticks] == labels
    steps = [b.x - a.x for a, b in zip(made.ticks, made.ticks[1:], strict=False)]
    assert min(steps) >= 52


def test_span_words() -> None:
    assert chart("Năm 2026").span_words == "Thứ Năm 01/01/2026 – Thứ Năm 31/12/2026"
