"""Documents that come back: of last year, for several criteria, found by a filter; and what their signatures say."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Dossier, LedgerEntry, ScoreEvidence
from assessments.services.extensions import extend
from assessments.stages import Stage
from assessments.visibility import document_versions_for
from evidence.models import Blob, Document, DocumentVersion
from tests import factories
from tests.factories import World
from units import access, clock
from units.models import Succession, Unit
from units.permissions import Role

from .conftest import SignIn
from .test_unit_evidence import evidence_url
from .test_unit_sheet import text

IN_TIME = dt.datetime(2026, 12, 14, 23, 59, 59, tzinfo=clock.LOCAL)
TOO_LATE = dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)


@pytest.fixture
def officer(world: World, as_user: SignIn) -> Client:
    return as_user(world.officer["so-a"])


def prove(world: World, version: DocumentVersion, code: str = "1.1.1", **fields: Any) -> ScoreEvidence:
    return ScoreEvidence.objects.create(
        score=world.score(code),
        version=version,
        added_by=world.officer["so-a"],
        added_at=version.uploaded_at,
        **fields,
    )


def signed(world: World, state: str, at: dt.datetime | None = None, title: str = "Báo cáo") -> DocumentVersion:
    version = factories.document(world.units["so-a"], by=world.officer["so-a"], title=title)
    Blob.objects.filter(pk=version.blob_id).update(signature=state, signed_at=at)
    Document.objects.filter(pk=version.document_id).update(number="1/BC", issued_on=dt.date(2026, 3, 2))
    return version


def last_cycle(world: World, unit: Unit, *, year: int = 2025) -> Dossier:
    """A dossier of `unit` in a cycle of an earlier year, with the same criteria."""
    cycle = copy.copy(world.cycle)
    plan = copy.copy(world.cycle.plan)
    plan.pk, plan.number = None, f"{unit.code}-{year}/KH-UBND"
    plan.save(force_insert=True)
    cycle.pk, cycle.year, cycle.name, cycle.plan = None, year, f"Chỉ số CCHC năm {year} của {unit}", plan
    cycle.save(force_insert=True)
    now = world.dossier()
    group = copy.copy(now.cycle_group)
    group.pk, group.cycle = None, cycle
    group.save(force_insert=True)
    dossier = Dossier.objects.create(cycle=cycle, unit=unit, cycle_group=group, stage_since=now.stage_since)
    for score in now.scores.all():
        score.pk, score.dossier = None, dossier
        score.save(force_insert=True)
    return dossier


def prove_earlier(dossier: Dossier, version: DocumentVersion, code: str = "1.1.1", quote: str = "") -> ScoreEvidence:
    score = dossier.scores.get(criterion__code=code)
    return ScoreEvidence.objects.create(
        score=score, version=version, quote=quote, added_by=version.uploaded_by, added_at=version.uploaded_at
    )


# last year's documents


def test_last_years_document_is_offered_and_used_with_one_press(world: World, officer: Client) -> None:
    version = signed(world, "none", title="Kế hoạch năm ngoái")
    prove_earlier(last_cycle(world, world.units["so-a"]), version, quote="mục II")
    prove_earlier(last_cycle(world, world.units["so-a"], year=2024), signed(world, "none", title="Kế hoạch cũ nữa"))
    page = officer.get(evidence_url(world))
    assert "Tài liệu năm trước của tiêu chí này 1" in text(page)
    assert "Năm trước (2025)" in text(page)
    assert [row.link.version for row in page.context["earlier"]] == [version]
    url = reverse("attach-document", args=[world.dossiers["so-a"].pk, world.score("1.1.1").pk, version.pk])
    assert officer.post(url, {"quote": "mục II"}).status_code == 302
    link = ScoreEvidence.objects.get(score=world.score("1.1.1"))
    assert (link.version, link.quote) == (version, "mục II")
    assert officer.get(evidence_url(world)).context["earlier"] == []


@pytest.mark.parametrize(("issued_on", "warned"), [("2026-01-05", False), ("2025-12-31", True)])
def test_last_years_document_issued_outside_the_year_is_warned_of(
    world: World, officer: Client, issued_on: str, warned: bool
) -> None:
    version = signed(world, "none")
    Document.objects.filter(pk=version.document_id).update(issued_on=issued_on)
    prove_earlier(last_cycle(world, world.units["so-a"]), version)
    page = text(officer.get(evidence_url(world)))
    assert ("Ngày ban hành ngoài năm đánh giá 2026" in page) is warned


def test_last_years_document_of_another_criterion_or_unit_is_not_offered(world: World, officer: Client) -> None:
    prove_earlier(last_cycle(world, world.units["so-a"]), signed(world, "none"), "1.1.2")
    foreign = factories.document(world.units["so-b"], by=world.officer["so-b"])
    prove_earlier(last_cycle(world, world.units["so-b"]), foreign)
    assert officer.get(evidence_url(world)).context["earlier"] == []


def test_document_of_a_merged_unit_is_offered_to_those_who_may_read_it_there(
    world: World, as_user: SignIn, officer: Client
) -> None:
    merged, heir = world.units["so-b"], world.units["so-a"]
    foreign = factories.document(merged, by=world.officer["so-b"], title="Của sở đã sáp nhập")
    prove_earlier(last_cycle(world, merged), foreign)
    Succession.objects.create(predecessor=merged, successor=heir, kind=Succession.Kind.MERGED, on=dt.date(2026, 7, 1))
    url = reverse("attach-document", args=[world.dossiers["so-a"].pk, world.score("1.1.1").pk, foreign.pk])
    assert officer.get(evidence_url(world)).context["earlier"] == []
    assert officer.post(url).status_code == 404
    access.join(world.officer["so-a"], merged, Role.OFFICER)
    reader = as_user(world.officer["so-a"])
    page = reader.get(evidence_url(world))
    assert [row.unit for row in page.context["earlier"]] == [merged]
    assert reader.post(url).status_code == 302
    assert ScoreEvidence.objects.get(score=world.score("1.1.1")).version == foreign
    # whoever reads the dossier opens what proves it, also without the merged unit's library
    head = as_user(world.head["so-a"])
    assert head.get(reverse("document", args=[foreign.document_id])).status_code == 404
    assert head.get(reverse("document-view", args=[foreign.pk])).status_code == 404  # its bytes are not stored
    assert foreign in document_versions_for(world.head["so-a"])


# one document, several criteria


def attach_url(version: DocumentVersion) -> str:
    return reverse("attach-criteria", args=[version.document_id])


def test_document_proves_several_criteria_in_one_go(world: World, officer: Client) -> None:
    version = signed(world, "none")
    prove(world, version, quote="mục I")
    page = officer.get(reverse("document", args=[version.document_id]))
    codes = [score.criterion.code for pick in page.context["picks"] for score in pick.scores]
    assert codes == ["1.1.2", "2.1.1"]
    picked = [world.score(code).pk for code in ("1.1.2", "2.1.1")]
    answer = officer.post(attach_url(version), {"score": picked, "quote": "trang 6"}, follow=True)
    assert "Tài liệu chứng minh thêm 2 tiêu chí." in text(answer)
    found = ScoreEvidence.objects.order_by("score__criterion__order").values_list("score__criterion__code", "quote")
    assert list(found) == [("1.1.1", "mục I"), ("1.1.2", "trang 6"), ("2.1.1", "trang 6")]
    assert LedgerEntry.objects.filter(dossier=world.dossiers["so-a"], action="attach").count() == 2


def test_nothing_chosen_keeps_what_was_typed(world: World, officer: Client) -> None:
    version = signed(world, "none")
    answer = officer.post(attach_url(version), {"quote": "trang 6"})
    assert answer.status_code == 422
    assert "Hãy chọn ít nhất một tiêu chí." in text(answer)
    assert 'value="trang 6"' in answer.content.decode()


def test_criteria_of_other_units_and_locked_ones_are_left_out(world: World, officer: Client, as_user: SignIn) -> None:
    version = signed(world, "none")
    foreign = world.score("1.1.1", "so-b").pk
    answer = officer.post(attach_url(version), {"score": [foreign]}, follow=True)
    assert "Tiêu chí đã khóa, hoặc đã dùng tài liệu này, được bỏ qua." in text(answer)
    world.to(Stage.APPRAISING)
    officer.post(attach_url(version), {"score": [world.score("1.1.1").pk]})
    assert not ScoreEvidence.objects.filter(version=version).exists()
    assert officer.get(reverse("document", args=[version.document_id])).context["picks"] == []
    assert as_user(world.head["so-a"]).post(attach_url(version)).status_code == 403
    assert as_user(world.officer["so-b"]).post(attach_url(version)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_document_page_costs_the_same_for_any_number_of_uses(world: World, officer: Client, rows: int) -> None:
    version = signed(world, "intact", IN_TIME)
    prove(world, version)
    for order in range(rows):
        if order:
            other = factories.document(world.units["so-a"], by=world.officer["so-a"]).blob
            again = version.document.versions.create(
                number=order + 1,
                blob=other,
                filename="a.pdf",
                uploaded_by=version.uploaded_by,
                uploaded_at=version.uploaded_at,
            )
            prove(world, again)
        version.blob.signatures.create(
            order=order, signer="Lan", integrity="intact", trust="unchecked", time_trust="unchecked"
        )
    with CaptureQueriesContext(connection) as queries:
        assert officer.get(reverse("document", args=[version.document_id])).status_code == 200
    assert len(queries) == 16


# library


def test_library_filters_by_number_year_and_type(world: World, officer: Client) -> None:
    old, new = signed(world, "none", title="Cũ"), signed(world, "none", title="Mới")
    Document.objects.filter(pk=old.document_id).update(number="15/QĐ-SNV", issued_on="2025-05-05")
    Blob.objects.filter(pk=old.blob_id).update(content_type="image/png")

    def titles(**query: str) -> list[str]:
        page = officer.get(reverse("library"), query)
        return [document.title for document in page.context["page_obj"].object_list]

    assert titles() == ["Mới", "Cũ"]
    assert titles(number="15/qđ") == ["Cũ"]
    assert titles(year="2026") == ["Mới"]
    assert titles(kind="image") == ["Cũ"]
    assert titles(kind="pdf", q="mới", year="2026") == ["Mới"]
    assert titles(kind="pdf", q="cũ") == []
    assert titles(year="hai nghìn") == ["Mới", "Cũ"]
    assert "Hãy nhập năm như 2026." in text(officer.get(reverse("library"), {"year": "hai nghìn"}))
    assert "Không tìm thấy tài liệu nào khớp" in text(officer.get(reverse("library"), {"year": "1999"}))
    assert new.document.title == "Mới"


def test_library_is_paged_with_its_filter(world: World, officer: Client) -> None:
    for _number in range(51):
        signed(world, "none")
    page = officer.get(reverse("library"), {"year": "2026", "page": "2"})
    assert len(page.context["page_obj"].object_list) == 1
    assert "year=2026" in page.content.decode()


# signatures and hashes


@pytest.mark.parametrize(
    ("state", "at", "words"),
    [
        ("intact", IN_TIME, "Ký trước hạn 23:59 Thứ Hai 14/12/2026"),
        ("intact", TOO_LATE, "Ký sau hạn 00:00 Thứ Ba 15/12/2026"),
        ("intact", None, "Đã ký số"),
        ("invalid", IN_TIME, "Chữ ký không hợp lệ 23:59 Thứ Hai 14/12/2026"),
        ("none", None, "Không có chữ ký số"),
        ("unreadable", None, "Không đọc được chữ ký số"),
    ],
)
def test_evidence_list_judges_the_signature_by_the_deadline(
    world: World, officer: Client, state: str, at: dt.datetime | None, words: str
) -> None:
    version = signed(world, state, at)
    prove(world, version)
    page = officer.get(evidence_url(world))
    assert f"{words} SHA-256: {version.blob.sha256[:12]}… {version.blob.sha256} Sao chép" in text(page)


def test_extension_moves_the_deadline_of_a_signature(world: World, officer: Client) -> None:
    prove(world, signed(world, "intact", TOO_LATE))
    assert "Ký sau hạn" in text(officer.get(evidence_url(world)))
    extend(world.cycle, [world.units["so-a"]], until=dt.date(2026, 12, 20), reason="Bão lụt", by=world.home_affairs)
    assert "Ký trước hạn" in text(officer.get(evidence_url(world)))


def test_document_page_names_the_signers_and_says_what_was_not_checked(world: World, officer: Client) -> None:
    version = signed(world, "intact", TOO_LATE)
    prove(world, version)
    version.blob.signatures.create(
        order=1,
        signer="Nguyễn Thị Lan",
        organisation="Sở Nội vụ",
        issuer="CA thử nghiệm",
        signed_at=TOO_LATE,
        time_source="token",
        integrity="intact",
        trust="unchecked",
        time_trust="unchecked",
    )
    page = text(officer.get(reverse("document", args=[version.document_id])))
    assert "Nguyễn Thị Lan · Sở Nội vụ Ký lúc 00:00 Thứ Ba 15/12/2026 (dấu thời gian)" in page
    assert "Nội dung nguyên vẹn từ khi ký · Chưa xác minh chứng thư số, nơi cấp: CA thử nghiệm" in page
    assert "phiên bản 1 Ký sau hạn" in page


def test_check_page_lists_late_and_forged_signatures(world: World, as_user: SignIn) -> None:
    for state, at, title in (
        ("intact", IN_TIME, "Ký kịp"),
        ("intact", TOO_LATE, "Ký muộn"),
        ("invalid", IN_TIME, "Bị sửa"),
        ("none", None, "Không ký"),
    ):
        prove(world, signed(world, state, at, title))
    world.to(Stage.CHECKING)
    page = as_user(world.coordinator["so-a"]).get(reverse("check", args=[world.dossiers["so-a"].pk]))
    assert [row.document.title for row in page.context["doubtful"]] == ["Ký muộn", "Bị sửa"]
    assert "Ký muộn Ký sau hạn 00:00 Thứ Ba 15/12/2026 Tiêu chí 1.1.1" in text(page)
    assert "Bị sửa Chữ ký không hợp lệ" in text(page)
