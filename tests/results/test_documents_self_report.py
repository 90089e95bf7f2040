"""Báo cáo tự đánh giá: tables, totals, documents, giải trình, and what the unit writes itself."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from assessments.models import Dossier
from assessments.services.scores import Entry, attach, save_score
from assessments.stages import Stage
from criteria.models import CriteriaSet, Criterion
from results.documents.model import Agency, Document, Heading, Paragraph, Table
from results.documents.self_report import TO_FILL, self_report
from tests import factories
from tests.factories import World
from units import clock

pytestmark = pytest.mark.django_db

SELF = {"kind": "yes_no"}


@pytest.fixture
def world() -> World:
    with clock.at(factories.WORKDAY):
        made = factories.world().open()
        made.to(Stage.SELF_ASSESSING)
        return made


def loaded(world: World, unit: str = "so-a") -> Dossier:
    return Dossier.objects.select_related(
        "unit", "cycle__plan", "cycle__province", "cycle_group__criteria_set", "submitted_by", "approved_by"
    ).get(pk=world.dossiers[unit].pk)


def report(world: World, unit: str = "so-a", **options: object) -> Document:
    with clock.at(factories.WORKDAY):
        return self_report(loaded(world, unit), **options)  # type: ignore[arg-type]


def tables(document: Document) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Table)
    ]


def paragraphs(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def test_headings_follow_the_order_of_such_a_report(world: World) -> None:
    assert [block.text for block in report(world).blocks if isinstance(block, Heading)] == [
        "I. TỔ CHỨC TỰ ĐÁNH GIÁ",
        "II. KẾT QUẢ TỰ ĐÁNH GIÁ",
        "1. Kết quả chung",
        "2. Kết quả từng tiêu chí, tiêu chí thành phần",
        "III. GIẢI TRÌNH TIÊU CHÍ KHÔNG CÓ TÀI LIỆU KIỂM CHỨNG",
        "IV. KHÓ KHĂN, VƯỚNG MẮC",
        "V. ĐỀ XUẤT, KIẾN NGHỊ",
    ]


def test_draft_of_a_department_leaves_number_and_day_open(world: World) -> None:
    document = report(world)
    assert document.head is not None
    assert document.head.agency == Agency("Sở Nội vụ", "UBND tỉnh Thử Nghiệm")
    assert document.head.number is not None
    assert document.head.number.text() == "Số: …/BC-KH"
    assert document.head.place_and_date() == "Thử Nghiệm, ngày … tháng … năm 2026"
    assert document.addressees == ("Hội đồng thẩm định Chỉ số cải cách hành chính tỉnh Thử Nghiệm",)
    assert document.recipients is not None
    assert document.recipients.lines() == ("- Như trên;", "- Sở Nội vụ;", "- Lưu: VT.")
    assert document.signatures[0].name == world.head["so-a"].full_name
    assert document.illustrative


def test_committee_of_a_district_signs_on_its_behalf(world: World) -> None:
    document = report(world, "huyen-c", on=dt.date(2026, 12, 9))
    assert document.head is not None
    assert document.head.agency == Agency("Ủy ban nhân dân\nhuyện Lệ Thủy")
    assert document.head.place_and_date() == "Lệ Thủy, ngày 09 tháng 12 năm 2026"
    assert document.signatures[0].lines() == ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")


def test_totals_are_those_of_the_units_own_points(world: World) -> None:
    with clock.at(factories.WORKDAY):
        world.fill()
    document = report(world)
    texts = paragraphs(document)
    assert "Tổng điểm tự chấm: 7,50/9,00 điểm, đạt 83,33% số điểm tự chấm tối đa." in texts
    assert "Điểm điều tra xã hội học (tối đa 1,00 điểm) không tự chấm." in texts
    assert [text for text in texts if text.startswith("Bản dự thảo")] == []
    assert tables(document)[0] == [
        ["1", "Công tác chỉ đạo điều hành", "6,00", "6,00", "5,00", "83,33"],
        ["2", "Cải cách thủ tục hành chính", "4,00", "3,00", "2,50", "83,33"],
        ["TỔNG CỘNG", "10,00", "9,00", "7,50", "83,33"],
    ]


def test_every_criterion_has_its_row_with_documents_or_the_way_to_its_reason(world: World) -> None:
    officer = world.officer["so-a"]
    with clock.at(factories.WORKDAY):
        world.fill()
        numbered = factories.document(world.units["so-a"], by=officer, title="Kế hoạch CCHC")
        numbered.document.number, numbered.document.issued_on = "12/KH-STP", dt.date(2026, 1, 5)
        numbered.document.save()
        unnumbered = factories.document(world.units["so-a"], by=officer, title="Ảnh chụp bảng niêm yết")
        attach(world.score("1.1.1"), numbered, quote="mục II, trang 3", by=officer)
        attach(world.score("1.1.1"), unnumbered, quote="", by=officer)
    document = report(world)
    assert tables(document)[1] == [
        ["1", "CÔNG TÁC CHỈ ĐẠO ĐIỀU HÀNH", "6,00", "5,00", "", ""],
        ["1.1", "Kế hoạch cải cách hành chính", "6,00", "5,00", "", ""],
        [
            "1.1.1",
            "Ban hành kế hoạch",
            "2,00",
            "2,00",
            "- Số 12/KH-STP ngày 05/01/2026, mục II, trang 3\n- Ảnh chụp bảng niêm yết",
            "",
        ],
        ["1.1.2", "Tỷ lệ nhiệm vụ hoàn thành", "4,00", "3,00", "", "Giải trình tại mục III"],
        ["2", "CẢI CÁCH THỦ TỤC HÀNH CHÍNH", "4,00", "2,50", "", ""],
        ["2.1", "Công khai thủ tục hành chính", "4,00", "2,50", "", ""],
        ["2.1.1", "Niêm yết công khai", "3,00", "2,50", "", "Giải trình tại mục III"],
        ["2.1.2", "Mức độ hài lòng", "1,00", "Điều tra XHH", "", ""],
        ["TỔNG CỘNG", "10,00", "7,50", "", ""],
    ]
    assert tables(document)[2] == [
        ["1.1.2", "Tỷ lệ nhiệm vụ hoàn thành", "3,00", "Theo báo cáo số 12."],
        ["2.1.1", "Niêm yết công khai", "2,50", "Theo báo cáo số 12."],
    ]
    wide = [block.wide for block in document.blocks if isinstance(block, Table)]
    assert wide == [False, True, False]


def test_report_without_explanations_says_so(world: World) -> None:
    document = report(world)
    assert "Không có tiêu chí phải giải trình." in paragraphs(document)
    assert len(tables(document)) == 2


def test_unfinished_dossier_is_called_a_draft_with_the_number_of_gaps(world: World) -> None:
    document = report(world)
    assert "Bản dự thảo: còn 3 tiêu chí chưa nhập điểm hoặc chưa có tài liệu kiểm chứng, giải trình." in paragraphs(
        document
    )
    assert tables(document)[1][2] == ["1.1.1", "Ban hành kế hoạch", "2,00", "–", "", ""]


def test_criterion_that_did_not_arise_leaves_the_scale(world: World) -> None:
    with clock.at(factories.WORKDAY):
        world.fill()
        score = world.score("2.1.1")
        entry = Entry({}, not_applicable=True, explanation="Không có thủ tục mới.")
        save_score(score, entry, version=score.version, by=world.officer["so-a"])
    document = report(world)
    assert tables(document)[0][1] == ["2", "Cải cách thủ tục hành chính", "1,00", "0,00", "–", "–"]
    assert tables(document)[1][6] == [
        "2.1.1",
        "Niêm yết công khai",
        "3,00",
        "–",
        "",
        "Không phát sinh, không tính vào thang điểm; Giải trình tại mục III",
    ]
    assert tables(document)[0][2] == ["TỔNG CỘNG", "7,00", "6,00", "5,00", "83,33"]


def test_points_of_others_and_criteria_that_do_not_apply_are_named() -> None:
    leaves = (
        ("1", "Lĩnh vực một", "6", "", None),
        ("1.1", "Tự chấm", "2", "self", SELF),
        ("1.2", "Hội đồng", "2", "council", {"kind": "direct", "by": "council"}),
        ("1.3", "Lãnh đạo", "1", "leader", {"kind": "direct", "by": "leader"}),
        ("1.4", "Không áp dụng", "1", "self", SELF),
        ("2", "Điểm cộng", "1", "", None),
        ("2.1", "Sáng kiến", "1", "bonus", SELF),
    )
    with clock.at(factories.WORKDAY):
        made = factories.world(leaves=leaves, na_policies={"1.4": "named"})
        CriteriaSet.objects.update(bonus_cap=1)
        Criterion.objects.get(code="1.4").dropped_for.add(made.units["so-a"])
        made.open()
        made.to(Stage.SELF_ASSESSING)
        made.fill()
    document = report(made)
    assert [row[-3:] for row in tables(document)[1]] == [
        ["2,00", "", ""],
        ["2,00", "", "Giải trình tại mục III"],
        ["Hội đồng chấm", "", ""],
        ["Lãnh đạo tỉnh chấm", "", ""],
        ["Không áp dụng", "", ""],
        ["–", "", ""],
        ["1,00", "", "Điểm cộng; Giải trình tại mục III"],
        ["2,00", "", ""],
    ]
    texts = paragraphs(document)
    assert "Tổng điểm tự chấm: 2,00/2,00 điểm, đạt 100,00% số điểm tự chấm tối đa." in texts
    assert "Ngoài thang điểm: điểm cộng 1,00; điểm trừ 0,00." in texts


def test_own_words_of_the_unit_replace_the_dots(world: World) -> None:
    assert paragraphs(report(world)).count(TO_FILL) == 4
    texts = paragraphs(report(world, difficulties="Thiếu hướng dẫn.\n\nThiếu người.", proposals="Tập huấn."))
    assert texts[-4:-1] == ["Thiếu hướng dẫn.", "Thiếu người.", "Tập huấn."]
    assert texts.count(TO_FILL) == 0


def test_whoever_approved_signs(world: World) -> None:
    with clock.at(factories.WORKDAY):
        deputy = factories.user("pho.giam.doc", full_name="Lê Thị Kim Oanh", title="Phó Giám đốc")
        Dossier.objects.filter(pk=world.dossiers["so-a"].pk).update(approved_by=deputy)
    signature = report(world).signatures[0]
    assert (signature.lines(), signature.name) == (("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), "Lê Thị Kim Oanh")


@pytest.mark.parametrize("documents", [1, 3])
def test_report_costs_a_fixed_number_of_queries(
    world: World, documents: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Criteria, whom they do not concern, bands, scores, documents, the head of the unit."""
    officer = world.officer["so-a"]
    with clock.at(factories.WORKDAY):
        for code in ("1.1.1", "1.1.2", "2.1.1")[:documents]:
            attach(world.score(code), factories.document(world.units["so-a"], by=officer), quote="", by=officer)
    dossier = loaded(world)
    with django_assert_num_queries(6):
        self_report(dossier)
