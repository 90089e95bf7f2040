"""Points, dates and deadlines as officers read them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

from units.clock import at
from units.templatetags import cchc

HCM = ZoneInfo("Asia/Ho_Chi_Minh")
BEFORE_15_DEC = dt.datetime(2026, 12, 15, tzinfo=HCM)


def render(source: str, **context: object) -> str:
    return Template("{% load cchc %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("7.5"), "7,50"),
        (Decimal("0"), "0,00"),
        (Decimal("-0.25"), "-0,25"),
        (Decimal("-0.001"), "0,00"),
        (Decimal("1234.565"), "1.234,57"),
        (3, "3,00"),
        (None, "–"),
    ],
)
def test_points_are_printed_with_a_comma(value: Decimal | int | None, text: str) -> None:
    assert cchc.points(value) == text


def test_points_with_three_places() -> None:
    assert render("{{ value|points:3 }}", value=Decimal("0.6666")) == "0,667"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (dt.date(2026, 12, 14), "Thứ Hai 14/12/2026"),
        (dt.date(2026, 12, 15), "Thứ Ba 15/12/2026"),
        (dt.date(2026, 12, 16), "Thứ Tư 16/12/2026"),
        (dt.date(2026, 12, 17), "Thứ Năm 17/12/2026"),
        (dt.date(2026, 12, 18), "Thứ Sáu 18/12/2026"),
        (dt.date(2026, 12, 19), "Thứ Bảy 19/12/2026"),
        (dt.date(2026, 12, 20), "Chủ nhật 20/12/2026"),
    ],
)
def test_vdate_names_the_weekday(day: dt.date, text: str) -> None:
    assert cchc.vdate(day) == text


def test_vdate_of_an_instant_is_the_local_day() -> None:
    assert cchc.vdate(dt.datetime(2026, 12, 13, 17, 0, tzinfo=dt.UTC)) == "Thứ Hai 14/12/2026"
    assert cchc.vdate(dt.datetime(2026, 12, 13, 16, 59, tzinfo=dt.UTC)) == "Chủ nhật 13/12/2026"


def test_vdate_without_value_is_a_dash() -> None:
    assert cchc.vdate(None) == "–"
    assert cchc.vdatetime(None) == "–"
    assert cchc.days_left(None) == "–"
    assert cchc.due(None) is None


def test_vdatetime_is_local() -> None:
    assert cchc.vdatetime(dt.datetime(2026, 12, 14, 3, 32, tzinfo=dt.UTC)) == "10:32 Thứ Hai 14/12/2026"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (dt.datetime(2026, 11, 21, 9, 0, tzinfo=HCM), ("info", "Còn 23 ngày", "", 23)),
        (dt.datetime(2026, 12, 6, 23, 59, tzinfo=HCM), ("info", "Còn 8 ngày", "", 8)),
        (dt.datetime(2026, 12, 7, 0, 0, tzinfo=HCM), ("soon", "Còn 7 ngày", "clock", 7)),
        (dt.datetime(2026, 12, 14, 23, 59, 59, tzinfo=HCM), ("soon", "Hôm nay", "clock", 0)),
        (
            dt.datetime(2026, 12, 15, 0, 0, tzinfo=HCM),
            ("late", "Quá hạn 1 ngày", "exclamation-circle", -1),
        ),
    ],
)
def test_due_before_a_day_ends_with_the_day_before(moment: dt.datetime, expected: tuple[str, str, str, int]) -> None:
    state, text, icon, days = expected
    assert cchc.due(BEFORE_15_DEC, moment) == {
        "state": state,
        "text": text,
        "icon": icon,
        "date_text": "Thứ Hai 14/12/2026",
        "days": days,
    }


def test_due_at_an_hour_is_late_on_the_same_day() -> None:
    deadline = dt.datetime(2026, 12, 14, 17, 0, tzinfo=HCM)
    found = cchc.due(deadline, dt.datetime(2026, 12, 14, 17, 0, tzinfo=HCM))
    assert found is not None
    assert (found["state"], found["text"], found["days"]) == ("late", "Vừa quá hạn", 0)
    before = cchc.due(deadline, dt.datetime(2026, 12, 14, 16, 59, tzinfo=HCM))
    assert before is not None
    assert (before["state"], before["text"]) == ("soon", "Hôm nay")


def test_due_of_a_plain_date_includes_that_day() -> None:
    day = dt.date(2026, 12, 14)
    same = cchc.due(day, dt.datetime(2026, 12, 14, 23, 59, tzinfo=HCM))
    after = cchc.due(day, dt.datetime(2026, 12, 16, 8, 0, tzinfo=HCM))
    assert same is not None
    assert after is not None
    assert (same["state"], same["text"]) == ("soon", "Hôm nay")
    assert (after["state"], after["text"]) == ("late", "Quá hạn 2 ngày")


def test_days_left_follows_the_clock_of_the_product() -> None:
    with at(dt.datetime(2026, 12, 12, 8, 0, tzinfo=HCM)):
        assert render("{{ deadline|days_left }}", deadline=BEFORE_15_DEC) == "Còn 2 ngày"


def test_icon_points_into_the_sprite() -> None:
    assert render("{% icon 'file-earmark' %}") == (
        '<svg class="icon" aria-hidden="true"><use href="/static/vendor/icons/icons.svg#file-earmark"></use></svg>'
    )


@pytest.fixture(scope="module")
def styleguide() -> str:
    return render_to_string("styleguide.html", {"request": RequestFactory().get("/")})


def test_styleguide_obeys_the_content_policy(styleguide: str) -> None:
    assert re.findall(r"<[^>]+\sstyle=|<style|<[^>]+\son[a-z]+=|javascript:", styleguide) == []
    assert [script for script in re.findall(r"<script[^>]*>", styleguide) if " src=" not in script] == []


def test_styleguide_names_each_id_once(styleguide: str) -> None:
    ids = Counter(re.findall(r'\sid="([^"]+)"', styleguide))
    assert {name for name, times in ids.items() if times > 1} == set()


def test_styleguide_points_only_at_ids_that_exist(styleguide: str) -> None:
    ids = set(re.findall(r'\sid="([^"]+)"', styleguide)) | {"top"}
    links = re.findall(r'\shref="#([a-z][^"]*)"', styleguide)
    described = " ".join(re.findall(r'\saria-(?:describedby|labelledby)="([^"]+)"', styleguide)).split()
    targets = re.findall(r'\s(?:for|data-confirm)="([^"]+)"', styleguide)
    assert {name for name in [*links, *described, *targets] if name not in ids and "task-" not in name} == set()


def test_field_keeps_what_was_typed_and_ties_its_error(styleguide: str) -> None:
    field = re.search(r'<input[^>]*name="issued"[^>]*>', styleguide)
    assert field is not None
    assert 'value="31/02/2026"' in field[0]
    assert 'aria-describedby="id_issued_helptext id_issued_error"' in field[0]
    assert 'aria-invalid="true"' in field[0]


def test_public_frame_touches_neither_session_nor_token() -> None:
    def evaluate() -> None:
        raise AssertionError("the public frame asked who is signed in")

    request = RequestFactory().get("/")
    request.user = SimpleLazyObject(evaluate)  # type: ignore[assignment]
    html = render_to_string("public_base.html", request=request)
    assert "csrf" not in html.lower()
    assert not hasattr(request, "session")
    assert "CSRF_COOKIE" not in request.META
