from __future__ import annotations

import datetime as dt

import pytest
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from units import clock
from units.arrival import arrived_at

NOW = dt.datetime(2026, 12, 14, 17, 0, 5, tzinfo=dt.UTC)
TOLD = dt.datetime(2026, 12, 14, 16, 59, 59, 500_000, tzinfo=dt.UTC)


def arrived(**headers: str) -> dt.datetime:
    with clock.at(NOW):
        return arrived_at(RequestFactory().post("/", headers=headers))


def test_arrival_without_a_trusted_header_is_the_clock(settings: Settings) -> None:
    settings.ARRIVAL_HEADER = ""
    assert arrived(**{"X-Arrived": str(TOLD.timestamp())}) == NOW


@pytest.mark.parametrize(
    "value", ["1797267599.5", "t=1797267599.5", "2026-12-14T16:59:59.5+00:00", "2026-12-14T23:59:59.5+07:00"]
)
def test_arrival_as_the_proxy_tells_it(settings: Settings, value: str) -> None:
    settings.ARRIVAL_HEADER = "X-Arrived"
    assert arrived(**{"X-Arrived": value}) == TOLD


@pytest.mark.parametrize(
    "value",
    [
        "",
        "hôm qua",
        "nan",
        "inf",
        "9" * 40,
        "2026-12-14T16:59:59",
        "2026-12-14T17:00:06+00:00",
        "2026-12-14T16:30:04+00:00",
    ],
    ids=["missing", "words", "nan", "inf", "huge", "naive", "ahead", "old"],
)
def test_arrival_that_cannot_be_right_is_left_aside(settings: Settings, value: str) -> None:
    settings.ARRIVAL_HEADER = "X-Arrived"
    assert arrived(**{"X-Arrived": value}) == NOW
