from __future__ import annotations

import datetime as dt
import hashlib
import io
import tracemalloc
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from evidence import services, storage
from evidence.errors import Rejected
from evidence.models import Blob, Document, DocumentVersion
from tests.evidence import files
from tests.services.clamd import EICAR
from tests.services.s3 import S3Server
from units import access, clock
from units.access import NotAllowed
from units.models import Unit, User
from units.permissions import Role

MB = 1024 * 1024


def stored(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def upload(unit: Unit, officer: User, content: bytes = files.PDF, filename: str = "ke-hoach.pdf") -> DocumentVersion:
    return services.store_upload(unit, SimpleUploadedFile(filename, content), filename=filename, by=officer)


def test_upload_kept_with_what_is_known_of_it(unit: Unit, officer: User, media_root: Path) -> None:
    version = services.store_upload(
        unit,
        SimpleUploadedFile("x", files.PDF),
        filename="../Kế hoạch 05.pdf",
        title=" Kế hoạch CCHC năm 2026 ",
        number="05/KH-STP",
        issued_on=dt.date(2026, 1, 12),
        issuing_body="Sở Tư pháp",
        by=officer,
    )
    sha256 = hashlib.sha256(files.PDF).hexdigest()
    document = version.document
    assert (document.unit, document.title, document.number) == (unit, "Kế hoạch CCHC năm 2026", "05/KH-STP")
    assert (document.issued_on, document.issuing_body) == (dt.date(2026, 1, 12), "Sở Tư pháp")
    assert (version.number, version.filename, version.uploaded_by) == (1, "Kế hoạch 05.pdf", officer)
    assert (version.blob.sha256, version.blob.size) == (sha256, len(files.PDF))
    assert (version.blob.content_type, version.blob.scan) == ("application/pdf", Blob.Scan.SKIPPED)
    assert stored(media_root) == [f"evidence/{sha256[:2]}/{sha256}"]
    with storage.open_blob(version.blob) as file:
        assert file.read() == files.PDF


def test_upload_without_title_is_called_as_its_file(unit: Unit, officer: User) -> None:
    assert upload(unit, officer, filename="Báo cáo quý IV.pdf").document.title == "Báo cáo quý IV"


def test_same_content_stored_once_for_two_documents(unit: Unit, officer: User, media_root: Path) -> None:
    first, second = upload(unit, officer), upload(unit, officer, filename="ban-sao.pdf")
    assert first.blob == second.blob
    assert first.document != second.document
    assert len(stored(media_root)) == 1


def test_content_lost_by_the_storage_is_stored_again(unit: Unit, officer: User, media_root: Path) -> None:
    lost = upload(unit, officer)
    default_storage.delete(lost.blob.key)
    again = upload(unit, officer)
    assert again.blob == lost.blob
    assert len(stored(media_root)) == 1


def test_upload_by_another_units_officer_refused(unit: Unit, officer: User, media_root: Path) -> None:
    other = Unit.objects.create(code="so-y-te", name="Sở Y tế", kind=Unit.Kind.DEPARTMENT)
    with pytest.raises(NotAllowed):
        upload(other, officer)
    head = User.objects.create_user("lanhdao")
    access.join(head, unit, Role.HEAD)
    with pytest.raises(NotAllowed):
        upload(unit, head)
    assert (stored(media_root), Document.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("filename", "content", "words"),
    [
        ("a.pdf", b"", "Tệp không có nội dung (0 byte). Hãy kiểm tra lại tệp trên máy của bạn."),
        ("a.svg", files.SVG, "Không nhận loại tệp này."),
        ("a.html", files.HTML, "Không nhận loại tệp này."),
        ("bao-cao\u202efdp.exe", files.PROGRAM, "Không nhận loại tệp này."),
        ("a.pdf", files.HTML, "Nội dung tệp không đúng là tệp .pdf."),
        ("a.png", files.SVG, "Nội dung tệp không đúng là tệp .png."),
        ("a.docx", files.bomb(30), "Tệp nén bên trong quá lớn khi giải nén"),
    ],
    ids=["empty", "svg", "html", "rtl", "html-as-pdf", "svg-as-png", "bomb"],
)
def test_refusal_leaves_nothing_behind(
    unit: Unit, officer: User, media_root: Path, filename: str, content: bytes, words: str
) -> None:
    with pytest.raises(Rejected) as refused:
        upload(unit, officer, content, filename)
    assert str(refused.value).startswith(words)
    assert stored(media_root) == []
    assert (Document.objects.count(), Blob.objects.count()) == (0, 0)


def test_60_mb_refused_with_the_limit_before_it_is_read(unit: Unit, officer: User, tmp_path: Path) -> None:
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.write(files.PDF)
        file.truncate(60 * MB)

    class Unread(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("read")

    with Unread(huge) as file, pytest.raises(Rejected) as refused:
        services.receive(file, filename="huge.pdf")  # type: ignore[arg-type]
    assert str(refused.value) == (
        "Tệp có dung lượng 60 MB, vượt giới hạn 50 MB. Hãy nén ảnh quét hoặc tách thành nhiều tệp."
    )


def test_size_at_the_limit_accepted_and_one_byte_more_refused(unit: Unit, officer: User, settings: Settings) -> None:
    settings.EVIDENCE_MAX_BYTES = len(files.PDF)
    assert upload(unit, officer).blob.size == len(files.PDF)
    with pytest.raises(Rejected):
        upload(unit, officer, files.PDF + b"\n")


def test_new_version_keeps_the_earlier_one(unit: Unit, officer: User) -> None:
    first = upload(unit, officer)
    received = services.receive(io.BytesIO(files.PDF + b"\n"), filename="ban-moi.pdf")
    second = services.add_version(first.document, received, by=officer)
    assert [(row.number, row.filename) for row in first.document.versions.all()] == [
        (2, "ban-moi.pdf"),
        (1, "ke-hoach.pdf"),
    ]
    again = services.add_version(first.document, received, by=officer)
    assert again == second


def test_describe_corrects_and_keeps_title_when_blank(unit: Unit, officer: User) -> None:
    document = upload(unit, officer).document
    fresh = services.describe(
        document, title=" ", number=" 7/BC ", issued_on=dt.date(2026, 2, 3), issuing_body="STP", by=officer
    )
    assert (fresh.title, fresh.number, fresh.issued_on) == ("ke-hoach", "7/BC", dt.date(2026, 2, 3))


def test_virus_in_a_docx_refused_by_a_real_clamd(unit: Unit, officer: User, clamd: str, media_root: Path) -> None:
    infected = files.office("docx", {"word/embeddings/a.bin": EICAR})
    with pytest.raises(Rejected, match=r"Tệp có mã độc \(Eicar-Test-Signature"):
        upload(unit, officer, infected, "a.docx")
    assert (stored(media_root), Document.objects.count(), Blob.objects.count()) == ([], 0, 0)


def test_clean_docx_passes_a_real_clamd(unit: Unit, officer: User, clamd: str) -> None:
    assert upload(unit, officer, files.office("docx"), "a.docx").blob.scan == Blob.Scan.CLEAN


def test_scan_later_marks_bytes_that_were_stored_unscanned(
    unit: Unit, officer: User, request: pytest.FixtureRequest
) -> None:
    assert upload(unit, officer).blob.scan == Blob.Scan.SKIPPED
    request.getfixturevalue("clamd")
    assert upload(unit, officer).blob.scan == Blob.Scan.CLEAN


@pytest.mark.parametrize("address", ["127.0.0.1:9", "/nonexistent/clamd.sock"])
def test_scanner_out_of_reach_refuses_and_says_so(
    unit: Unit, officer: User, settings: Settings, media_root: Path, address: str
) -> None:
    settings.CLAMD_ADDRESS = address
    with pytest.raises(Rejected) as refused:
        upload(unit, officer)
    assert str(refused.value) == "Chưa quét được mã độc nên chưa nhận tệp. Hãy thử lại sau ít phút."
    assert stored(media_root) == []


def test_garbage_collected_after_a_day_but_never_what_is_referred_to(
    unit: Unit, officer: User, media_root: Path
) -> None:
    kept = upload(unit, officer)
    loose = services.receive(io.BytesIO(files.png()), filename="a.png").blob
    default_storage.save("evidence/ab/orphan", SimpleUploadedFile("x", b"x"))
    assert services.collect_garbage() == 0
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        assert services.collect_garbage() == 2
        assert services.collect_garbage() == 0
    assert not Blob.objects.filter(pk=loose.pk).exists()
    assert stored(media_root) == [kept.blob.key]


def test_garbage_spared_when_its_content_is_sent_again(unit: Unit, officer: User) -> None:
    services.receive(io.BytesIO(files.PDF), filename="a.pdf")
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        services.receive(io.BytesIO(files.PDF), filename="a.pdf")
        assert services.collect_garbage() == 0


def test_s3_keeps_reads_and_collects(unit: Unit, officer: User, s3: S3Server, settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage}
    content = files.PDF + bytes(9 * MB)
    version = upload(unit, officer, content)
    again = upload(unit, officer, content, "ban-sao.pdf")
    assert again.blob == version.blob
    digest = hashlib.sha256()
    with storage.open_blob(version.blob) as file:
        for piece in file.chunks():
            digest.update(piece)
    assert digest.hexdigest() == version.blob.sha256
    DocumentVersion.objects.all().delete()
    with clock.at(clock.now() + dt.timedelta(hours=25)):
        assert services.collect_garbage() == 1
    assert list(storage.stored_keys()) == []
    assert not default_storage.exists(version.blob.key)


def test_20_mb_upload_keeps_memory_flat(unit: Unit, officer: User, tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.write(files.PDF)
        file.truncate(20 * MB)
    tracemalloc.start()
    try:
        with large.open("rb") as file:
            version = services.store_upload(unit, file, filename="large.pdf", by=officer)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert version.blob.size == 20 * MB
    assert peak < 4 * MB
