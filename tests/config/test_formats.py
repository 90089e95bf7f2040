"""Dates are day first and numbers take a comma, on screen and in forms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template import Context, Template
from django.utils import formats


@pytest.mark.parametrize("text", ["05/11/2021", "05-11-2021", "05.11.2021", "05/11/21", "2021-11-05"])
def test_date_day_comes_first(text: str) -> None:
    assert forms.DateField().clean(text) == dt.date(2021, 11, 5)


def test_date_month_first_is_refused() -> None:
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean("12/15/2021")
    assert forms.DateField().clean("15/12/2021") == dt.date(2021, 12, 15)


def test_date_is_shown_day_first() -> None:
    assert formats.date_format(dt.date(2021, 12, 5), "SHORT_DATE_FORMAT") == "05/12/2021"


def test_datetime_is_local_to_the_province() -> None:
    moment = forms.DateTimeField().clean("14/12/2021 23:59")
    assert moment.astimezone(dt.UTC) == dt.datetime(2021, 12, 14, 16, 59, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["82,75", "82.75"])
def test_number_comma_and_dot_are_decimal(text: str) -> None:
    assert forms.DecimalField(localize=True).clean(text) == Decimal("82.75")


def test_number_both_separators_are_refused_not_guessed() -> None:
    with pytest.raises(forms.ValidationError):
        forms.DecimalField(localize=True).clean("1.234,5")


def test_number_is_shown_with_a_comma_and_years_are_not_grouped() -> None:
    context = Context({"points": Decimal("82.75"), "sheets": 2745, "year": 2025})
    text = '{% load humanize %}{{ points }} | {{ sheets|intcomma }} | {{ year }} | {{ points|floatformat:"1" }}'
    assert Template(text).render(context) == "82,75 | 2.745 | 2025 | 82,8"
    assert intcomma(Decimal("1234.50")) == "1.234,50"
