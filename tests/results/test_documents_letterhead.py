"""Names of issuing bodies, places and signers."""

from __future__ import annotations

import datetime as dt

import pytest

from plans.models import Plan
from results.documents.letterhead import (
    agency_of,
    committee_of,
    council_name,
    council_of,
    place_of,
    plan_words,
    seat_of,
    signature_of,
    territory,
)
from results.documents.model import Agency
from units.models import Unit, User

PROVINCE = Unit(name="Tỉnh Quảng Bình", kind=Unit.Kind.PROVINCE)
DEPARTMENT = Unit(name="Sở Tư pháp", kind=Unit.Kind.DEPARTMENT)
DISTRICT = Unit(name="UBND huyện Lệ Thủy", kind=Unit.Kind.DISTRICT)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Tỉnh Quảng Bình", "tỉnh Quảng Bình"),
        ("UBND thị xã Ba Đồn", "thị xã Ba Đồn"),
        ("Ủy ban nhân dân Phường Đồng Hới", "phường Đồng Hới"),
        ("Quảng Bình", "Quảng Bình"),
    ],
)
def test_territory_is_the_name_without_its_committee(name: str, found: str) -> None:
    assert territory(name) == found


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Tỉnh Quảng Bình", "Quảng Bình"),
        ("UBND thành phố Đồng Hới", "Đồng Hới"),
        ("UBND quận 1", "Quận 1"),
        ("Thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh"),
    ],
)
def test_place_keeps_its_level_only_before_a_number_or_a_person(name: str, place: str) -> None:
    assert place_of(name) == place


def test_department_names_the_committee_above_it_and_sits_in_the_province() -> None:
    assert agency_of(DEPARTMENT, PROVINCE) == Agency("Sở Tư pháp", "UBND tỉnh Quảng Bình")
    assert seat_of(DEPARTMENT, PROVINCE) == "Quảng Bình"


def test_committee_stands_alone_and_sits_in_its_own_place() -> None:
    assert agency_of(DISTRICT, PROVINCE) == Agency("Ủy ban nhân dân\nhuyện Lệ Thủy")
    assert seat_of(DISTRICT, PROVINCE) == "Lệ Thủy"


def test_council_belongs_to_the_province() -> None:
    assert council_of(PROVINCE) == Agency("Hội đồng thẩm định\nchỉ số cải cách\nhành chính", "UBND tỉnh Quảng Bình")
    assert council_name(PROVINCE) == "Hội đồng thẩm định Chỉ số cải cách hành chính tỉnh Quảng Bình"
    assert committee_of(PROVINCE) == committee_of("Tỉnh Quảng Bình") == "Ủy ban nhân dân tỉnh Quảng Bình"


@pytest.mark.parametrize(
    ("unit", "title", "lines"),
    [
        (DEPARTMENT, "Giám đốc", ("GIÁM ĐỐC",)),
        (DEPARTMENT, "Phó Giám đốc", ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")),
        (DEPARTMENT, "", ("THỦ TRƯỞNG ĐƠN VỊ",)),
        (DISTRICT, "Chủ tịch UBND", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
        (DISTRICT, "Phó Chủ tịch UBND huyện", ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        (DISTRICT, "", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
    ],
)
def test_signature_follows_from_unit_and_title(unit: Unit, title: str, lines: tuple[str, ...]) -> None:
    signature = signature_of(unit, User(full_name="Trần Thắng", title=title))
    assert (signature.lines(), signature.name) == (lines, "Trần Thắng")


def test_signature_without_a_person_leaves_room_for_a_name() -> None:
    assert (signature_of(DEPARTMENT, None).lines(), signature_of(DEPARTMENT, None).name) == (
        ("THỦ TRƯỞNG ĐƠN VỊ",),
        "",
    )


def test_plan_is_named_by_number_day_and_body() -> None:
    plan = Plan(number="2323/KH-UBND", signed_on=dt.date(2021, 11, 30), issuing_body="UBND tỉnh Quảng Bình")
    assert plan_words(plan) == "Kế hoạch số 2323/KH-UBND ngày 30/11/2021 của UBND tỉnh Quảng Bình"
