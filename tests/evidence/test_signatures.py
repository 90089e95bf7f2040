"""Signatures of real PDFs, signed under an authority of our own."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from evidence import services, signatures
from evidence.models import Blob, BlobSignature
from evidence.signatures import Verdict, verdict
from tests.evidence import files, signing
from units import clock
from units.models import Unit, User

MORNING = dt.datetime(2026, 12, 10, 8, 30, tzinfo=clock.LOCAL)
EVENING = dt.datetime(2026, 12, 14, 23, 59, 59, tzinfo=clock.LOCAL)
DEADLINE = dt.datetime(2026, 12, 15, tzinfo=clock.LOCAL)


def taken(content: bytes, filename: str = "bao-cao.pdf") -> Blob:
    return services.receive(io.BytesIO(content), filename=filename).blob


def rows(blob: Blob) -> list[tuple[str, str, str]]:
    return list(blob.signatures.values_list("signer", "integrity", "time_source"))


@pytest.fixture
def roots(settings: Settings, tmp_path: Path) -> Path:
    """A folder of trusted roots with our authority in it."""
    folder = tmp_path / "roots"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(signing.authority().pem)
    settings.SIGNATURE_TRUST_ROOTS = str(folder)
    return folder


@pytest.mark.django_db
def test_signed_pdf_tells_who_and_when_and_that_it_is_whole() -> None:
    blob = taken(signing.sign(signing.pdf(), at=MORNING))
    assert (blob.signature, blob.signed_at) == (Blob.Signature.INTACT, MORNING)
    row = blob.signatures.get()
    assert (row.signer, row.organisation, row.issuer) == ("Nguyễn Thị Lan", "Sở Nội vụ", "CA thử nghiệm")
    assert (row.integrity, row.time_source) == (BlobSignature.Integrity.INTACT, BlobSignature.TimeSource.CLAIMED)
    assert (row.trust, row.time_trust) == (BlobSignature.Trust.UNCHECKED, BlobSignature.Trust.UNCHECKED)


@pytest.mark.django_db
def test_time_stamp_counts_before_the_machine_of_the_signer() -> None:
    late = DEADLINE + dt.timedelta(hours=9)
    blob = taken(signing.sign(signing.pdf(), at=MORNING, stamped_at=late))
    assert blob.signed_at == late
    assert blob.signatures.get().time_source == BlobSignature.TimeSource.TOKEN
    assert verdict(blob, DEADLINE) == Verdict.AFTER


@pytest.mark.django_db
def test_several_signatures_count_by_the_last() -> None:
    once = signing.sign(signing.pdf(), at=MORNING)
    twice = signing.sign(once, at=DEADLINE, by=signing.seal(), field="Con-dau")
    blob = taken(twice)
    assert rows(blob) == [("Nguyễn Thị Lan", "intact", "claimed"), ("Sở Nội vụ", "intact", "claimed")]
    assert (blob.signature, blob.signed_at) == (Blob.Signature.INTACT, DEADLINE)


@pytest.mark.django_db
def test_byte_changed_under_the_signature_is_invalid() -> None:
    blob = taken(signing.altered(signing.sign(signing.pdf(), at=MORNING)))
    assert blob.signature == Blob.Signature.INVALID
    assert rows(blob) == [("Nguyễn Thị Lan", "broken", "claimed")]
    assert verdict(blob, DEADLINE) == Verdict.INVALID


@pytest.mark.django_db
def test_page_added_after_the_last_signature_is_invalid() -> None:
    signed = signing.sign(signing.pdf(), at=MORNING)
    blob = taken(signing.added_to(signed))
    assert blob.signature == Blob.Signature.INVALID
    assert rows(blob) == [("Nguyễn Thị Lan", "changed", "claimed")]
    # the one who signs afterwards vouches for the page
    sealed = taken(signing.sign(signing.added_to(signed), at=EVENING, by=signing.seal(), field="Con-dau"))
    assert sealed.signature == Blob.Signature.INTACT
    assert [row[1] for row in rows(sealed)] == ["changed", "intact"]


@pytest.mark.django_db
def test_unsigned_pdf_is_read_without_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    blob = taken(signing.pdf())
    assert (blob.signature, verdict(blob, DEADLINE)) == (Blob.Signature.NONE, Verdict.NONE)


@pytest.mark.django_db
def test_picture_has_no_verdict() -> None:
    blob = taken(files.png(), "anh.png")
    assert (blob.signature, verdict(blob, DEADLINE)) == (Blob.Signature.NONE, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [files.PDF + b"/ByteRange", b"%PDF-1.7\n/ByteRange [0 0 0 0]\n" + b"1 0 obj\n<<" * 20_000],
    ids=["no-table", "deep"],
)
def test_broken_pdf_is_taken_and_its_signature_unreadable(content: bytes) -> None:
    blob = taken(content)
    assert (blob.signature, verdict(blob, DEADLINE)) == (Blob.Signature.UNREADABLE, Verdict.UNKNOWN)


@pytest.mark.django_db
def test_reader_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "TIMEOUT_SECONDS", 0.01)
    blob = taken(signing.sign(signing.pdf(), at=MORNING))
    assert (blob.signature, blob.signatures.count()) == (Blob.Signature.UNREADABLE, 0)


@pytest.mark.django_db
def test_chain_is_judged_by_the_roots_of_the_province(roots: Path) -> None:
    blob = taken(signing.sign(signing.pdf(), at=MORNING, stamped_at=EVENING))
    row = blob.signatures.get()
    assert (row.trust, row.time_trust) == (BlobSignature.Trust.TRUSTED, BlobSignature.Trust.TRUSTED)


@pytest.mark.django_db
def test_stranger_is_whole_but_not_trusted(roots: Path) -> None:
    blob = taken(signing.sign(signing.pdf(), at=MORNING, by=signing.holder("Người lạ", "Không rõ")))
    assert blob.signature == Blob.Signature.INTACT
    assert blob.signatures.get().trust == BlobSignature.Trust.UNTRUSTED


@pytest.mark.django_db
def test_same_content_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    content = signing.sign(signing.pdf(), at=MORNING)
    first = taken(content)
    monkeypatch.setattr(subprocess, "run", None)
    again = taken(content, "ban-sao.pdf")
    assert (again.pk, again.signature, again.signatures.count()) == (first.pk, Blob.Signature.INTACT, 1)


def test_what_was_stored_before_is_read_later(unit: Unit, officer: User) -> None:
    content = signing.sign(signing.pdf(), at=MORNING)
    upload = SimpleUploadedFile("a.pdf", content)
    blob = services.store_upload(unit, upload, filename="a.pdf", by=officer).blob
    blob.signatures.all().delete()
    Blob.objects.update(signature=Blob.Signature.UNREAD, signed_at=None)
    assert (signatures.read_missing(), signatures.read_missing()) == (1, 0)
    blob.refresh_from_db()
    assert (blob.signature, blob.signed_at) == (Blob.Signature.INTACT, MORNING)


@pytest.mark.parametrize(
    ("state", "signed_at", "ends_at", "found"),
    [
        ("intact", EVENING, DEADLINE, Verdict.BEFORE),
        ("intact", DEADLINE, DEADLINE, Verdict.AFTER),
        ("intact", None, DEADLINE, Verdict.SIGNED),
        ("intact", EVENING, None, Verdict.SIGNED),
        ("invalid", EVENING, DEADLINE, Verdict.INVALID),
        ("none", None, DEADLINE, Verdict.NONE),
        ("unread", None, DEADLINE, Verdict.UNKNOWN),
        ("unreadable", EVENING, DEADLINE, Verdict.UNKNOWN),
    ],
)
def test_verdict(state: str, signed_at: dt.datetime | None, ends_at: dt.datetime | None, found: Verdict) -> None:
    assert verdict(Blob(content_type="application/pdf", signature=state, signed_at=signed_at), ends_at) == found
