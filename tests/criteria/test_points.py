from __future__ import annotations

from decimal import Decimal

import pytest

from criteria.points import (
    NumberError,
    Rounding,
    format_number,
    format_points,
    parse_count,
    parse_number,
    parse_percent,
    parse_points,
)


@pytest.mark.parametrize(
    ("step", "mode", "value", "expected"),
    [
        ("0.01", "half_up", "1.005", "1.01"),
        ("0.01", "half_up", "-0.125", "-0.13"),
        ("0.01", "half_even", "1.005", "1.00"),
        ("0.01", "half_even", "1.015", "1.02"),
        ("0.01", "down", "1.999", "1.99"),
        ("0.01", "down", "-1.999", "-1.99"),
        ("0.25", "half_up", "0.375", "0.50"),
        ("0.25", "down", "0.499", "0.25"),
        ("0.5", "half_up", "0.74", "0.5"),
        ("1", "half_up", "2.5", "3"),
    ],
)
def test_rounding_by_mode_and_step(step: str, mode: str, value: str, expected: str) -> None:
    rounding = Rounding(Decimal(step), mode)  # type: ignore[arg-type]
    assert str(rounding.apply(Decimal(value))) == expected


def test_rounding_of_a_small_negative_is_plain_zero() -> None:
    assert str(Rounding().apply(Decimal("-0.001"))) == "0.00"


@pytest.mark.parametrize(("step", "places"), [("0.01", 2), ("0.25", 2), ("0.5", 1), ("1", 0), ("0.010", 2)])
def test_rounding_places_follow_the_step(step: str, places: int) -> None:
    assert Rounding(Decimal(step)).places == places


@pytest.mark.parametrize("step", ["0", "-0.01", "0.3", "2", "NaN", "Infinity"])
def test_rounding_refuses_a_step_that_does_not_divide_one(step: str) -> None:
    with pytest.raises(ValueError, match="does not divide 1"):
        Rounding(Decimal(step))


def test_rounding_refuses_an_unknown_mode() -> None:
    with pytest.raises(ValueError, match="unknown rounding mode"):
        Rounding(mode="up")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7,5", "7.5"),
        ("7.5", "7.5"),
        (" 1.234,5 ", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234,5", "1234.5"),
        ("1\u202f234,5", "1234.5"),
        ("1.234", "1.234"),
        ("-1.234", "-1.234"),
        ("-0,25", "-0.25"),
        ("\u22120,25", "-0.25"),
        ("007", "7"),
        ("-0", "0"),
        ("999999,9999", "999999.9999"),
    ],
)
def test_points_read_as_an_officer_writes(text: str, expected: str) -> None:
    assert str(parse_points(text)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Chưa nhập số."),
        ("   ", "Chưa nhập số."),
        ("NaN", "Không đọc được số “NaN”: hãy viết như 7,5 hoặc 1.234,5."),
        ("Infinity", "Không đọc được số “Infinity”: hãy viết như 7,5 hoặc 1.234,5."),
        ("1e5", "Không dùng cách viết lũy thừa “1e5”: hãy viết đủ các chữ số."),
        ("1,234.5", "Dấu phẩy là dấu thập phân: hãy viết 1.234,5 thay cho 1,234.5."),
        ("12.34,5", "Không đọc được số “12.34,5”: hãy viết như 7,5 hoặc 1.234,5."),
        ("5,", "Không đọc được số “5,”: hãy viết như 7,5 hoặc 1.234,5."),
        ("٣", "Không đọc được số “٣”: hãy viết như 7,5 hoặc 1.234,5."),
        ("1.234.567", "Số quá lớn: phần nguyên có tối đa 6 chữ số."),
        ("1,23456", "Quá nhiều chữ số sau dấu phẩy: tối đa 4 chữ số."),
        ("9" * 41, "Số quá dài: hãy kiểm tra lại."),
    ],
)
def test_points_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_points(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.842", 1842), ("1842", 1842), ("1 842", 1842), ("1.234.567", 1234567), ("0", 0)],
)
def test_count_reads_a_dot_as_thousands(text: str, expected: int) -> None:
    assert parse_count(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("7,5", "Cần số nguyên, không có phần thập phân: “7,5”."),
        ("0.500", "Cần số nguyên, không có phần thập phân: “0.500”."),
        ("-3", "Số lượng không được âm."),
    ],
)
def test_count_refuses_what_is_no_count(text: str, message: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_count(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "expected"), [("1.842", "1842"), ("92.8", "92.8"), ("0.500", "0.500"), ("1.234,5", "1234.5")]
)
def test_number_reads_a_dot_before_three_digits_as_thousands(text: str, expected: str) -> None:
    assert str(parse_number(text)) == expected


@pytest.mark.parametrize(("text", "expected"), [("92,8 %", "92.8"), ("92,8", "92.8"), ("92.835", "92.835")])
def test_percent_reads_with_and_without_its_sign(text: str, expected: str) -> None:
    assert str(parse_percent(text)) == expected


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("7.5", 2, "7,50"),
        ("7.5000", 2, "7,50"),
        ("1234.5", 2, "1.234,50"),
        ("-0.25", 2, "-0,25"),
        ("-0", 2, "0,00"),
        ("7.505", 2, "7,505"),
        ("1E+3", 2, "1.000,00"),
        ("1234", 0, "1234"),
        ("0.5", 1, "0,5"),
    ],
)
def test_points_print_without_rounding(value: str, places: int, expected: str) -> None:
    assert format_points(Decimal(value), places) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1842, "1.842"),
        (0, "0"),
        (Decimal("92.80"), "92,8"),
        (Decimal("-0.00"), "0"),
        (Decimal("1234567.5"), "1.234.567,5"),
        (Decimal("1E+3"), "1.000"),
        (-1842, "-1.842"),
    ],
)
def test_number_prints_as_documents_do(value: Decimal | int, expected: str) -> None:
    assert format_number(value) == expected
