from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from criteria import whatif_page, whatif_sheet
from criteria.rules import DateTier, DateTiers, SurveyRule, YesNo
from criteria.scoring import Branch, Leaf, NotApplicable, Rounding, Source, parse_rule
from criteria.setdata import BandData, NodeData, SetData
from criteria.whatif import PERCENT, POINTS, asked, try_leaf, try_set
from criteria.workbooks import UnreadableWorkbook
from units.models import Unit, UnitGroup

CENT = Rounding()
RATIO = {
    "kind": "thresholds",
    "measure": "ratio",
    "steps": [
        {"from": "90", "inclusive": True, "points": "2"},
        {"from": "70", "inclusive": True, "points": "1"},
    ],
    "else": "0",
    "labels": {"a": "Số hồ sơ đúng hạn", "b": "Tổng số hồ sơ"},
}


def leaf(code: str, maximum: str, rule: object, source: Source = Source.SELF, **more: object) -> Leaf:
    points = Decimal(maximum)
    return Leaf(code, points, source, parse_rule(rule, maximum=points), domain=code[0], **more)  # type: ignore[arg-type]


def trial(row: Leaf, **typed: str) -> tuple[Decimal | None, str]:
    found = try_leaf(row, typed, rounding=CENT, year=2026)
    return found.points, found.explanation


def test_ratio_is_scored_and_explained() -> None:
    found = trial(leaf("1.1", "2", RATIO), a="1.842", b="1.985")
    assert found == (Decimal(2), "1.842/1.985 hồ sơ đúng hạn ≈ 92,8 %, mức ≥ 90 % → 2,00 điểm")


def test_wrong_figure_is_named_and_scores_nothing() -> None:
    found = try_leaf(leaf("1.1", "2", RATIO), {"a": "mười", "b": "20"}, rounding=CENT, year=2026)
    assert found.points is None
    assert list(found.errors) == ["a"]


def test_missing_figure_is_not_zero() -> None:
    assert trial(leaf("1.1", "2", RATIO), a="0") == (None, "Chưa kê khai: Tổng số hồ sơ")


def test_date_without_year_belongs_to_the_assessed_year() -> None:
    rule = {"kind": "date_tiers", "label": "Ngày ban hành", "none": "0", "tiers": [{"before": "02-15", "points": "1"}]}
    row = leaf("1.1", "1", rule)
    assert trial(row, date="14/02/2026")[0] == Decimal(1)
    assert trial(row, date="15/02/2026")[0] == Decimal(0)
    assert trial(row, none="on")[0] == Decimal(0)


def test_survey_takes_a_percent_of_the_maximum() -> None:
    row = leaf("1.1", "5", {"kind": "survey"}, Source.SURVEY)
    assert asked(row) == (PERCENT,)
    assert trial(row, percent="82,5") == (Decimal("4.13"), "82,5 % × 5 → 4,13 điểm")
    assert try_leaf(row, {"percent": "101"}, rounding=CENT, year=2026).errors == {
        "percent": "Kết quả điều tra phải từ 0 đến 100 %."
    }


def test_direct_points_stay_within_the_rule() -> None:
    row = leaf("1.1", "2", {"kind": "direct", "by": "council"}, Source.COUNCIL)
    assert asked(row) == (POINTS,)
    assert trial(row, points="1,5")[0] == Decimal("1.5")
    assert try_leaf(row, {"points": "3"}, rounding=CENT, year=2026).errors == {"points": "Điểm phải từ 0 đến 2."}
    assert trial(row) == (None, "Chưa nhập: Điểm được chấm")


def test_not_arising_gives_full_points_or_drops_as_the_policy_says() -> None:
    full = leaf("1.1", "2", RATIO, na_policy=NotApplicable.FULL)
    drop = leaf("1.2", "3", RATIO, na_policy=NotApplicable.RESCALE)
    never = leaf("1.3", "5", RATIO)
    assert trial(full, na="on") == (Decimal(2), "Không phát sinh: được điểm tối đa → 2,00 điểm")
    assert trial(drop, na="on") == (None, "Không phát sinh: bỏ tiêu chí, quy đổi theo số điểm còn lại")
    assert trial(never, na="on")[1].startswith("Chưa kê khai")


def sheet(typed: dict[str, dict[str, str]], unit: str | None = None):  # type: ignore[no-untyped-def]
    tree = [
        Branch(
            "1",
            Decimal(10),
            (
                leaf("1.1", "2", RATIO),
                leaf("1.2", "3", {"kind": "yes_no"}, na_policy=NotApplicable.RESCALE),
                leaf("1.3", "5", {"kind": "yes_no"}, na_policy=NotApplicable.NAMED, dropped_for=frozenset({"7"})),
            ),
        ),
        Branch("2", Decimal(2), (leaf("2.1", "2", {"kind": "yes_no"}, Source.BONUS),)),
    ]
    return try_set(tree, typed, unit=unit, rounding=CENT, bonus_cap=Decimal(1), penalty_cap=Decimal(0), year=2026)


def test_total_counts_bonus_up_to_its_cap() -> None:
    found = sheet(
        {"1.1": {"a": "8", "b": "10"}, "1.2": {"met": "true"}, "1.3": {"met": "false"}, "2.1": {"met": "true"}}
    )
    assert found.tally.criteria == Decimal(4)
    assert found.tally.bonus == Decimal(1)
    assert found.tally.index == Decimal("50.00")
    assert found.tally.domains["1"].points == Decimal(4)


def test_index_waits_for_missing_and_wrong_figures() -> None:
    found = sheet({"1.1": {"a": "12", "b": "10"}, "1.2": {"met": "true"}})
    assert found.tally.index is None
    assert found.tally.missing == ("1.1", "1.3")
    assert list(found.trials["1.1"].errors) == ["a"]


def test_named_unit_is_not_asked() -> None:
    typed = {"1.1": {"a": "9", "b": "10"}, "1.2": {"na": "on"}, "1.3": {"met": "false"}}
    mine, other = sheet(typed, "7"), sheet(typed, "8")
    assert mine.trials["1.3"].dropped
    assert mine.tally.index == Decimal(100)
    assert (mine.tally.applicable, other.tally.applicable) == (Decimal(2), Decimal(7))
    assert other.tally.index == Decimal("28.57")


# The sheet -------------------------------------------------------------------------------------------

DEADLINE = DateTiers((DateTier("02-15", Decimal(1)),), Decimal(0), "Ngày")
DATA = SetData(
    code="thu",
    year=2026,
    name="Bộ thử",
    bands=(BandData("Tốt", Decimal(80)), BandData("Còn lại", Decimal(0)), BandData("Riêng", Decimal(0), "cap-xa")),
    nodes=(
        NodeData(
            "1",
            "Lĩnh vực",
            Decimal(10),
            children=(
                NodeData("1.1", "Hồ sơ", Decimal(2), Source.SELF, parse_rule(RATIO, maximum=Decimal(2))),
                NodeData("1.2", "Đạt", Decimal(3), Source.SELF, YesNo(), NotApplicable.RESCALE),
                NodeData("1.3", "Khảo sát", Decimal(5), Source.SURVEY, SurveyRule()),
            ),
        ),
        NodeData(
            "2", "Thời hạn", Decimal(1), Source.SELF, DateTiers((DateTier("02-15", Decimal(1)),), Decimal(0), "Ngày")
        ),
    ),
)


def filled(**cells: object) -> io.BytesIO:
    """The template with values put into cells ("F2")."""
    book = openpyxl.load_workbook(io.BytesIO(whatif_sheet.template(DATA)))
    for name, value in cells.items():
        book[whatif_sheet.SHEET][name] = value
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def test_template_has_one_row_for_each_scored_criterion() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(whatif_sheet.template(DATA)))[whatif_sheet.SHEET]
    rows = [[cell.value for cell in row][:8] for row in sheet.iter_rows(min_row=2)]
    assert [(row[0], row[4], row[6]) for row in rows] == [
        ("1.1", "Số hồ sơ đúng hạn", "Tổng số hồ sơ"),
        ("1.2", "Đạt / Không đạt", None),
        ("1.3", "Kết quả điều tra (%)", None),
        ("2", "Ngày", "Không ban hành"),
    ]


def test_sheet_reads_as_typed_on_the_screen() -> None:
    typed, issues = whatif_sheet.read(
        filled(F2=1842, H2=1985, F3=" đạt ", F4=82.5, F5=dt.date(2026, 2, 14), H5="Không"), DATA
    )
    assert issues == []
    assert typed == {
        "1.1": {"a": "1842", "b": "1985"},
        "1.2": {"met": "true"},
        "1.3": {"percent": "82,5"},
        "2": {"date": "14/02/2026", "none": "false"},
    }
    found = whatif_page.result(DATA, typed, None)
    assert found.sheet.tally.index == Decimal("92.09")
    assert (found.grade, found.scale) == ("Tốt", "từ 80 % trở lên")


def test_sheet_left_empty_says_nothing() -> None:
    assert whatif_sheet.read(filled(), DATA) == ({}, [])


def test_sheet_names_every_cell_that_it_cannot_take() -> None:
    typed, issues = whatif_sheet.read(
        filled(A2="9.9", F2=1, F3="hơi đạt", I4="x", F5="=1+1", H4=3, A6="1.2", F6="Đạt"), DATA
    )
    assert issues == [
        "Trang “Số liệu”, ô A2: bộ chỉ số không có tiêu chí “9.9”.",
        "Trang “Số liệu”, ô F3: hãy chọn một trong: Đạt; Không đạt.",
        "Trang “Số liệu”, ô H4: tiêu chí này không có số liệu này, hãy xóa ô.",
        "Trang “Số liệu”, ô I4: tiêu chí này không được chọn “không phát sinh”, hãy xóa ô.",
        "Trang “Số liệu”, ô F5: công thức không được tính, hãy dán giá trị.",
        "Trang “Số liệu”, ô A6: mã “1.2” đã có ở dòng trên.",
    ]
    assert typed == {"1.2": {}, "1.3": {}, "2": {}}


def test_other_workbook_is_refused() -> None:
    book = openpyxl.Workbook()
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(UnreadableWorkbook, match="Số liệu"):
        whatif_sheet.read(file, DATA)


def test_grade_follows_the_bands_of_the_units_group() -> None:
    typed = {"1.1": {"a": "9", "b": "10"}, "1.2": {"met": "true"}, "1.3": {"percent": "100"}, "2": {"none": "true"}}
    unit = Unit(code="xa-a", group=UnitGroup(code="cap-xa"))
    assert (whatif_page.result(DATA, typed, None).grade, whatif_page.result(DATA, typed, unit).grade) == (
        "Tốt",
        "Riêng",
    )


def test_what_was_typed_elsewhere_travels_with_the_form() -> None:
    posted = {"1.1|a": "9", "1.1|b": " ", "2|date": "14/02/2026", "linh_vuc": "1", "csrf": "x"}
    typed = whatif_page.typed_values(posted)
    assert typed == {"1.1": {"a": "9"}, "2": {"date": "14/02/2026"}}
    assert whatif_page.hidden(DATA.nodes[0], typed) == [("2|date", "14/02/2026")]
