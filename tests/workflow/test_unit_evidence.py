"""Evidence of a criterion and the unit's library: uploads that are taken and refused, serving, and who may see what."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from assessments.models import LedgerEntry, ScoreEvidence
from assessments.services.documents import attach_upload
from assessments.stages import Stage
from evidence import storage
from evidence.models import Blob, Document, DocumentVersion
from tests import factories
from tests.evidence import files
from tests.factories import World
from tests.services.clamd import EICAR

from .conftest import SignIn
from .test_unit_sheet import text

JSON = {"Accept": "application/json"}


def evidence_url(world: World, code: str = "1.1.1", unit: str = "so-a") -> str:
    return reverse("score-evidence", args=[world.dossiers[unit].pk, world.score(code, unit).pk])


def sent(name: str = "ke-hoach.pdf", content: bytes = files.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


@pytest.fixture
def officer(world: World, as_user: SignIn) -> Client:
    return as_user(world.officer["so-a"])


@pytest.fixture
def version(world: World) -> DocumentVersion:
    """A stored document on 1.1.1."""
    done = attach_upload(
        world.score("1.1.1"),
        sent(),
        filename="ke-hoach.pdf",
        title="Kế hoạch CCHC",
        number="05/KH-SNV",
        by=world.officer["so-a"],
    )
    return DocumentVersion.objects.select_related("document", "blob").get(pk=done["version"])


def body(response: Any) -> bytes:
    """The streamed bytes; reading them to the end also closes the file."""
    return b"".join(response.streaming_content)


def nothing_kept(folder: Path) -> bool:
    stored = [path for path in folder.rglob("*") if path.is_file()]
    return not stored and not Document.objects.exists() and not Blob.objects.exists()


# uploading


def test_upload_attaches_with_everything_that_was_typed(world: World, officer: Client) -> None:
    answer = officer.post(
        evidence_url(world),
        {
            "file": sent(),
            "title": "Kế hoạch CCHC năm 2026",
            "number": "05/KH-SNV",
            "issued_on": "12/01/2026",
            "issuing_body": "Sở Nội vụ",
            "quote": "mục II.3, trang 6",
            "idempotency_key": str(uuid.uuid4()),
        },
    )
    assert (answer.status_code, answer["Location"]) == (302, evidence_url(world))
    link = ScoreEvidence.objects.get(score=world.score("1.1.1"))
    document = link.version.document
    assert (document.title, document.number, document.issuing_body) == (
        "Kế hoạch CCHC năm 2026",
        "05/KH-SNV",
        "Sở Nội vụ",
    )
    assert (f"{document.issued_on:%d/%m/%Y}", link.quote) == ("12/01/2026", "mục II.3, trang 6")
    page = text(officer.get(evidence_url(world)))
    assert "Đã thêm tài liệu: ke-hoach.pdf." in page
    assert "05/KH-SNV · 12/01/2026 · Sở Nội vụ" in page


def test_several_files_at_once_are_called_as_their_files(world: World, officer: Client) -> None:
    officer.post(evidence_url(world), {"file": [sent("mot.pdf"), sent("hai.png", files.png())], "title": "Chung"})
    titles = Document.objects.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["mot", "hai"]


def test_refused_file_keeps_typed_fields_and_says_which_file_and_why(
    world: World, officer: Client, media_root: Path
) -> None:
    answer = officer.post(
        evidence_url(world),
        {
            "file": [sent("tot.pdf"), sent("gia.pdf", files.HTML), sent("rong.pdf", b"")],
            "number": "05/KH",
            "issued_on": "12/01/2026",
            "quote": "trang 6",
        },
    )
    assert answer.status_code == 422
    shown = text(answer)
    assert "gia.pdf: Nội dung tệp không đúng là tệp .pdf." in shown
    assert "rong.pdf: Tệp không có nội dung (0 byte)." in shown
    assert "Đã thêm tài liệu: tot.pdf." in shown
    page = answer.content.decode()
    assert 'value="05/KH"' in page
    assert 'value="12/01/2026"' in page
    assert 'value="trang 6"' in page
    assert [link.version.filename for link in ScoreEvidence.objects.all()] == ["tot.pdf"]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ke-hoach.exe", files.PROGRAM, "Không nhận loại tệp này."),
        ("anh.svg", files.SVG, "Không nhận loại tệp này."),
        ("trang.html", files.HTML, "Không nhận loại tệp này."),
        ("rong.pdf", b"", "Tệp không có nội dung (0 byte)."),
        ("anh.pdf", files.png(), "Nội dung tệp không đúng là tệp .pdf."),
        ("bom.docx", files.bomb(30), "Tệp nén bên trong quá lớn khi giải nén"),
        ("bao-cao\u202efdp.exe", files.PROGRAM, "Không nhận loại tệp này."),
    ],
    ids=["program", "svg", "html", "empty", "other", "bomb", "rtl"],
)
def test_bad_file_refused_by_script_too_and_nothing_is_left(
    world: World, officer: Client, media_root: Path, name: str, content: bytes, words: str
) -> None:
    answer = officer.post(evidence_url(world), {"file": sent(name, content)}, headers=JSON)
    assert answer.status_code == 422
    assert words in answer.json()["message"]
    assert nothing_kept(media_root)


def test_file_above_the_limit_refused_with_the_limit(
    world: World, officer: Client, media_root: Path, settings: Settings
) -> None:
    settings.EVIDENCE_MAX_BYTES = 1024 * 1024
    answer = officer.post(evidence_url(world), {"file": sent(content=files.PDF + bytes(1024 * 1024))}, headers=JSON)
    assert answer.json()["message"] == (
        "ke-hoach.pdf: Tệp có dung lượng 2 MB, vượt giới hạn 1 MB. Hãy nén ảnh quét hoặc tách thành nhiều tệp."
    )
    assert nothing_kept(media_root)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/ke-hoach.pdf", "ke-hoach.pdf"),
        ("\u200fke\u200b-hoach.pdf", "ke-hoach.pdf"),
        ("x" * 300 + ".pdf", ""),
    ],
)
def test_odd_names_are_cleaned(world: World, officer: Client, name: str, kept: str) -> None:
    file = sent()
    file._name = name  # type: ignore[attr-defined]
    assert officer.post(evidence_url(world), {"file": file}).status_code == 302
    filename = DocumentVersion.objects.get().filename
    assert filename == (kept or "x" * 146 + ".pdf")


def test_virus_in_a_docx_refused(world: World, officer: Client, clamd: str, media_root: Path) -> None:
    infected = files.office("docx", {"word/embeddings/a.bin": EICAR})
    answer = officer.post(evidence_url(world), {"file": sent("a.docx", infected)}, headers=JSON)
    assert answer.status_code == 422
    assert "Tệp có mã độc (Eicar-Test-Signature" in answer.json()["message"]
    assert nothing_kept(media_root)


def test_wrong_date_refused_before_any_file_is_taken(world: World, officer: Client, media_root: Path) -> None:
    answer = officer.post(evidence_url(world), {"file": sent(), "issued_on": "31/02/2026", "number": "5"})
    assert answer.status_code == 422
    assert "Ngày ban hành : Ngày không đúng: hãy viết ngày/tháng/năm, ví dụ 20/12/2026." in text(answer)
    assert 'value="31/02/2026"' in answer.content.decode()
    assert nothing_kept(media_root)


def test_upload_without_a_file_says_so(world: World, officer: Client) -> None:
    answer = officer.post(evidence_url(world), {"number": "05/KH"})
    assert answer.status_code == 422
    assert "Hãy chọn ít nhất một tệp." in text(answer)


def test_upload_repeated_under_its_key_adds_nothing(world: World, officer: Client) -> None:
    key = str(uuid.uuid4())
    for _time in range(2):
        answer = officer.post(evidence_url(world), {"file": sent(), "idempotency_key": key}, headers=JSON)
        assert answer.status_code == 200
    assert ScoreEvidence.objects.count() == Document.objects.count() == 1
    assert "ke-hoach.pdf" in answer.json()["list"]


def test_upload_is_in_the_ledger(world: World, version: DocumentVersion) -> None:
    entry = LedgerEntry.objects.get(dossier=world.dossiers["so-a"], action="attach")
    assert entry.after == {
        "document": version.document_id,
        "version": 1,
        "sha256": version.blob.sha256,
        "quote": "",
    }


# choosing, quoting, taking off


def test_document_of_the_library_proves_a_second_criterion(
    world: World, officer: Client, version: DocumentVersion
) -> None:
    page = text(officer.get(evidence_url(world, "1.1.2") + "?q=kế hoạch"))
    assert "Dùng tài liệu này Kế hoạch CCHC" in page
    url = reverse("attach-document", args=[world.dossiers["so-a"].pk, world.score("1.1.2").pk, version.pk])
    assert officer.post(url).status_code == 302
    assert ScoreEvidence.objects.filter(version=version).count() == 2
    assert "Không tìm thấy tài liệu nào khớp." in text(officer.get(evidence_url(world, "1.1.2") + "?q=kế hoạch"))


def test_document_of_another_unit_is_not_found(world: World, officer: Client) -> None:
    foreign = factories.document(world.units["so-b"], by=world.officer["so-b"])
    url = reverse("attach-document", args=[world.dossiers["so-a"].pk, world.score("1.1.2").pk, foreign.pk])
    assert officer.post(url).status_code == 404
    assert not ScoreEvidence.objects.filter(version=foreign).exists()


def test_quote_changed_and_document_taken_off_but_kept_in_the_library(
    world: World, officer: Client, version: DocumentVersion
) -> None:
    link = ScoreEvidence.objects.get()
    args = [world.dossiers["so-a"].pk, link.score_id, link.pk]
    officer.post(reverse("quote-document", args=args), {"quote": "mục 2"})
    assert ScoreEvidence.objects.get().quote == "mục 2"
    page = officer.get(evidence_url(world)).content.decode()
    assert f'data-confirm="detach-{link.pk}"' in page
    assert officer.post(reverse("detach-document", args=args)).status_code == 302
    assert not ScoreEvidence.objects.exists()
    assert Document.objects.get() == version.document
    assert officer.post(reverse("detach-document", args=args)).status_code == 302


def test_evidence_is_locked_after_sending(world: World, officer: Client, version: DocumentVersion) -> None:
    world.to(Stage.APPRAISING)
    link = ScoreEvidence.objects.get(version=version)
    args = [world.dossiers["so-a"].pk, link.score_id, link.pk]
    page = officer.get(evidence_url(world))
    assert "Hồ sơ đã gửi hội đồng nên đã khóa" in text(page)
    assert "data-upload" not in page.content.decode()
    refused = officer.post(evidence_url(world), {"file": sent("moi.pdf", files.PDF + b"\n")})
    assert refused.status_code == 422
    officer.post(reverse("detach-document", args=args))
    officer.post(reverse("quote-document", args=args), {"quote": "khác"})
    kept = ScoreEvidence.objects.get(score=link.score_id)
    assert (kept.version, kept.quote) == (version, "")
    assert Document.objects.count() == 1


def test_evidence_of_a_survey_criterion_refused(world: World, officer: Client, media_root: Path) -> None:
    answer = officer.post(evidence_url(world, "2.1.2"), {"file": sent()}, headers=JSON)
    assert answer.status_code == 422
    assert nothing_kept(media_root)


# who sees what


def test_file_is_served_as_an_attachment_without_any_power(
    world: World, officer: Client, version: DocumentVersion
) -> None:
    answer = officer.get(reverse("document-file", args=[version.pk]))
    assert body(answer) == files.PDF
    assert answer["Content-Disposition"] == 'attachment; filename="ke-hoach.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(len(files.PDF))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; object-src 'self'; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'self'; sandbox"
    )


def test_pdf_is_shown_inline_and_office_files_are_only_downloaded(
    world: World, officer: Client, version: DocumentVersion
) -> None:
    shown = officer.get(reverse("document-view", args=[version.pk]))
    assert shown["Content-Disposition"] == 'inline; filename="ke-hoach.pdf"'
    assert "script-src" not in shown["Content-Security-Policy"]
    assert body(shown) == files.PDF
    done = attach_upload(
        world.score("1.1.1"), sent("a.docx", files.office("docx")), filename="a.docx", by=world.officer["so-a"]
    )
    answer = officer.get(reverse("document-view", args=[done["version"]]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("document-file", args=[done["version"]]))


def test_lost_bytes_are_not_found_instead_of_a_crash(world: World, officer: Client, version: DocumentVersion) -> None:
    storage.delete(version.blob.key)
    assert officer.get(reverse("document-file", args=[version.pk])).status_code == 404


def test_foreign_evidence_answers_404_everywhere(world: World, as_user: SignIn, version: DocumentVersion) -> None:
    stranger = as_user(world.officer["so-b"])
    link = ScoreEvidence.objects.get()
    args = [world.dossiers["so-a"].pk, link.score_id]
    gets = [
        reverse("document-file", args=[version.pk]),
        reverse("document-view", args=[version.pk]),
        reverse("document", args=[version.document_id]),
        evidence_url(world),
    ]
    posts = [
        evidence_url(world),
        reverse("document", args=[version.document_id]),
        reverse("attach-document", args=[*args, version.pk]),
        reverse("quote-document", args=[*args, link.pk]),
        reverse("detach-document", args=[*args, link.pk]),
    ]
    assert {stranger.get(url).status_code for url in gets} == {404}
    assert {stranger.post(url).status_code for url in posts} == {404}
    assert ScoreEvidence.objects.get() == link
    assert "Kho chưa có tài liệu" in text(stranger.get(reverse("library")))


def test_council_opens_what_is_attached_to_a_sent_dossier_and_nothing_else(
    world: World, as_user: SignIn, version: DocumentVersion
) -> None:
    loose = factories.document(world.units["so-a"], by=world.officer["so-a"])
    appraiser, conflicted = as_user(world.second_appraiser), as_user(world.home_affairs)
    url = reverse("document-file", args=[version.pk])
    assert appraiser.get(url).status_code == 404
    world.to(Stage.APPRAISING)
    shown = appraiser.get(url)
    assert shown.status_code == 200
    assert body(shown) == files.PDF
    assert appraiser.get(reverse("document-file", args=[loose.pk])).status_code == 404
    assert conflicted.get(url).status_code == 404
    assert appraiser.get(reverse("document", args=[version.document_id])).status_code == 404


def test_evidence_pages_need_a_signed_in_person(world: World, version: DocumentVersion) -> None:
    for url in (evidence_url(world), reverse("document-file", args=[version.pk]), reverse("library")):
        answer = Client().get(url)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("account_login"))


def test_head_reads_evidence_and_may_not_add(world: World, as_user: SignIn, version: DocumentVersion) -> None:
    head = as_user(world.head["so-a"])
    assert "data-upload" not in head.get(evidence_url(world)).content.decode()
    assert head.post(evidence_url(world), {"file": sent()}).status_code == 403
    assert head.post(reverse("document", args=[version.document_id]), {"title": "Khác"}).status_code == 403
    assert head.get(reverse("document", args=[version.document_id])).status_code == 200


# library


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("", 1), ("kế hoạch", 1), ("KẾ HOẠCH", 1), ("05/kh", 1), ("ke-hoach.pdf", 1), ("nghị quyết", 0)],
)
def test_library_search(world: World, officer: Client, version: DocumentVersion, wanted: str, found: int) -> None:
    assert officer.get(reverse("library"), {"q": wanted}).context["page_obj"].paginator.count == found


@pytest.mark.parametrize("rows", [1, 3])
def test_library_costs_the_same_for_any_number_of_documents(world: World, officer: Client, rows: int) -> None:
    for _number in range(rows):
        version = factories.document(world.units["so-a"], by=world.officer["so-a"])
        ScoreEvidence.objects.create(
            score=world.score("1.1.1"),
            version=version,
            added_by=world.officer["so-a"],
            added_at=version.uploaded_at,
        )
    with CaptureQueriesContext(connection) as queries:
        assert officer.get(reverse("library")).status_code == 200
    assert len(queries) == 10


@pytest.mark.parametrize("rows", [1, 3])
def test_evidence_page_costs_the_same_for_any_number_of_documents(world: World, officer: Client, rows: int) -> None:
    for attached in (True, False) * rows:
        version = factories.document(world.units["so-a"], by=world.officer["so-a"])
        if attached:
            ScoreEvidence.objects.create(
                score=world.score("1.1.1"),
                version=version,
                added_by=world.officer["so-a"],
                added_at=version.uploaded_at,
            )
    with CaptureQueriesContext(connection) as queries:
        assert officer.get(evidence_url(world)).status_code == 200
    assert len(queries) == 18


def test_document_corrected_while_its_criteria_are_open(
    world: World, officer: Client, version: DocumentVersion
) -> None:
    url = reverse("document", args=[version.document_id])
    answer = officer.post(url, {"title": "Kế hoạch CCHC", "number": "06/KH", "issued_on": "12/01/2026"})
    assert answer.status_code == 302
    document = Document.objects.get()
    assert (document.number, f"{document.issued_on:%Y-%m-%d}") == ("06/KH", "2026-01-12")
    entry = LedgerEntry.objects.get(action="describe")
    assert (entry.before["number"], entry.after["number"]) == ("05/KH-SNV", "06/KH")


def test_document_of_a_sent_dossier_stays_as_it_was(world: World, officer: Client, version: DocumentVersion) -> None:
    world.to(Stage.APPRAISING)
    answer = officer.post(reverse("document", args=[version.document_id]), {"title": "Khác", "number": "99/KH"})
    assert answer.status_code == 422
    assert "Tài liệu đang chứng minh tiêu chí 1.1.1 trong hồ sơ năm 2026 đã khóa" in text(answer)
    assert 'value="99/KH"' in answer.content.decode()
    assert Document.objects.get().number == "05/KH-SNV"


def test_new_version_leaves_the_attached_one_and_is_offered(
    world: World, officer: Client, version: DocumentVersion
) -> None:
    url = reverse("document", args=[version.document_id])
    details: dict[str, Any] = {"title": "Kế hoạch CCHC", "number": "05/KH-SNV"}
    assert officer.post(url, {**details, "file": sent("moi.pdf", files.PDF + b"\n")}).status_code == 302
    assert version.document.versions.count() == 2
    assert ScoreEvidence.objects.get().version == version
    refused = officer.post(url, {**details, "file": sent("moi.exe", files.PROGRAM)})
    assert refused.status_code == 422
    assert "Không nhận loại tệp này." in text(refused)
    assert version.document.versions.count() == 2
