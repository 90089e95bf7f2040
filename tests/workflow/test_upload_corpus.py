"""Files that nobody should send: each is refused with words that help, or served harmless; nothing is left behind.

They go through the view as a browser sends them, in a body that is read in pieces. A large file keeps memory flat.
"""

from __future__ import annotations

import io
import tempfile
import tracemalloc
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from assessments.models import LedgerEntry, RepeatedWrite, ScoreEvidence
from evidence.models import Blob, Document, DocumentVersion
from tests.evidence import files
from tests.factories import World
from tests.services.clamd import EICAR
from tests.services.s3 import S3Server

from .conftest import SignIn
from .test_unit_evidence import body, evidence_url

MB = 1024 * 1024
ALL_TYPES = "doc, docx, jpeg, jpg, ods, odt, pdf, png, ppt, pptx, xls, xlsx"
KIND = f"Không nhận loại tệp này. Hãy tải lên một trong các loại: {ALL_TYPES}."
BOMB = "Tệp nén bên trong quá lớn khi giải nén hoặc có cấu trúc bất thường, nên không được nhận vì lý do an toàn."


def not_a(extension: str) -> str:
    return f"Nội dung tệp không đúng là tệp .{extension}. Hãy mở tệp, lưu lại đúng định dạng rồi tải lên."


class Pieces(io.RawIOBase):
    """A request's body that is never whole in memory: a head, `size` bytes of a file, a foot."""

    def __init__(self, head: bytes, content: bytes, size: int, foot: bytes) -> None:
        self.parts = [head, content]
        self.zeros = size - len(content)
        self.foot = foot

    def read(self, size: int = -1) -> bytes:
        while self.parts:
            if part := self.parts[0][:size]:
                self.parts[0] = self.parts[0][size:]
                return part
            self.parts.pop(0)
        if self.zeros:
            count = min(size, self.zeros)
            self.zeros -= count
            return bytes(count)
        part, self.foot = self.foot[:size], self.foot[size:]
        return part


def post(client: Client, url: str, filename: str, content: bytes, *, size: int = 0) -> Any:
    """Send a file as multipart; `size` fills the content up with zeros."""
    total = size or len(content)
    name = filename.encode().replace(b'"', b"%22")
    head = (
        b'--tep\r\nContent-Disposition: form-data; name="number"\r\n\r\n05/KH\r\n'
        b'--tep\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n"
    )
    foot = b"\r\n--tep--\r\n"
    return client.request(
        **{
            "REQUEST_METHOD": "POST",
            "PATH_INFO": url,
            "CONTENT_TYPE": "multipart/form-data; boundary=tep",
            "CONTENT_LENGTH": str(len(head) + total + len(foot)),
            "HTTP_ACCEPT": "application/json",
            "wsgi.input": Pieces(head, content, total, foot),
        }
    )


@dataclass
class Room:
    """Where an upload could leave something."""

    media: Path
    temporary: Path
    ledger: int = field(default_factory=lambda: LedgerEntry.objects.count())

    def left(self) -> dict[str, int]:
        """What lies there that was not there before."""
        found = {
            "rows": Document.objects.count() + DocumentVersion.objects.count() + Blob.objects.count(),
            "links": ScoreEvidence.objects.count() + RepeatedWrite.objects.count(),
            "ledger": LedgerEntry.objects.count() - self.ledger,
            "stored": sum(path.is_file() for path in self.media.rglob("*")),
            "temporary": sum(path.is_file() for path in self.temporary.rglob("*")),
        }
        return {name: count for name, count in found.items() if count}


@pytest.fixture
def room(world: World, media_root: Path, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Temporary files of uploads lie in a folder of the test; every upload is one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return Room(media_root, folder)


@pytest.fixture
def officer(world: World, as_user: SignIn) -> Client:
    return as_user(world.officer["so-a"])


REFUSED = {
    "wrong-extension": ("ke-hoach.exe", files.PROGRAM, "ke-hoach.exe: " + KIND),
    "no-extension": ("ke-hoach", files.PDF, "ke-hoach: " + KIND),
    "program-as-pdf": ("ke-hoach.pdf", files.PROGRAM, "ke-hoach.pdf: " + not_a("pdf")),
    "picture-as-pdf": ("anh.pdf", files.png(), "anh.pdf: " + not_a("pdf")),
    "empty": ("rong.pdf", b"", "rong.pdf: Tệp không có nội dung (0 byte). Hãy kiểm tra lại tệp trên máy của bạn."),
    "bomb": ("bom.docx", files.bomb(30), "bom.docx: " + BOMB),
    "lying-bomb": ("bom.docx", files.lying_bomb(30), "bom.docx: " + BOMB),
    "overlapping": ("chong.docx", files.overlapping(), "chong.docx: " + BOMB),
    "macros": ("macro.docx", files.office("docm"), "macro.docx: " + not_a("docx")),
    "svg": ("anh.svg", files.SVG, "anh.svg: " + KIND),
    "svg-as-png": ("anh.png", files.SVG, "anh.png: " + not_a("png")),
    "html": ("trang.html", files.HTML, "trang.html: " + KIND),
    "html-as-pdf": ("trang.pdf", files.HTML, "trang.pdf: " + not_a("pdf")),
    "rtl": ("bao-cao\u202efdp.exe", files.PROGRAM, "bao-caofdp.exe: " + KIND),
    "dots": ("../../etc/passwd", files.PDF, "passwd: " + KIND),
    "nul-before-ending": ("a.pdf\x00.exe", files.PROGRAM, "a.pdf.exe: " + KIND),
}


@pytest.mark.parametrize(("name", "content", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_file_refused_with_words_and_nothing_left(
    world: World, officer: Client, room: Room, name: str, content: bytes, words: str
) -> None:
    answer = post(officer, evidence_url(world), name, content)
    assert (answer.status_code, answer.json()["message"]) == (422, words)
    assert room.left() == {}


def test_virus_in_a_docx_refused_by_a_real_clamd(world: World, officer: Client, room: Room, clamd: str) -> None:
    infected = files.office("docx", {"word/embeddings/a.bin": EICAR})
    answer = post(officer, evidence_url(world), "a.docx", infected)
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "a.docx: Tệp có mã độc (Eicar-Test-Signature.UNOFFICIAL) nên không được nhận. Hãy quét máy của bạn.",
    )
    assert room.left() == {}


def test_huge_file_refused_with_the_limit(world: World, officer: Client, room: Room) -> None:
    answer = post(officer, evidence_url(world), "lon.pdf", files.PDF, size=51 * MB)
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "lon.pdf: Tệp có dung lượng 51 MB, vượt giới hạn 50 MB. Hãy nén ảnh quét hoặc tách thành nhiều tệp.",
    )
    assert room.left() == {}


HARMLESS = {
    "folders": ("../../../etc/ke-hoach.pdf", "ke-hoach.pdf"),
    "windows-folders": ("C:\\Users\\..\\ke-hoach.pdf", "ke-hoach.pdf"),
    "rtl": ("\u202eke\u200f-hoach.pdf", "ke-hoach.pdf"),
    "nul": ("ke\x00-hoach.pdf", "ke-hoach.pdf"),
    "long": ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    "script": ("<script>alert(1)</script>.pdf", "script>.pdf"),
}


@pytest.mark.parametrize(("name", "kept"), HARMLESS.values(), ids=HARMLESS.keys())
def test_odd_name_is_cleaned_and_the_file_served_harmless(
    world: World, officer: Client, room: Room, name: str, kept: str
) -> None:
    answer = post(officer, evidence_url(world), name, files.PDF)
    assert answer.status_code == 200
    version = DocumentVersion.objects.select_related("blob").get()
    assert version.filename == kept
    assert f"evidence/{version.blob.sha256[:2]}/{version.blob.sha256}" == version.blob.key
    assert room.left() == {"rows": 3, "links": 1, "ledger": 1, "stored": 1}
    served = officer.get(reverse("document-file", args=[version.pk]))
    assert body(served) == files.PDF
    assert served["Content-Disposition"].startswith("attachment; filename")
    assert (served["X-Content-Type-Options"], served["Content-Type"]) == ("nosniff", "application/pdf")
    assert served["Content-Security-Policy"].endswith("; sandbox")
    assert "<script>alert" not in answer.json()["list"]


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, settings: Settings) -> str:
    """The default storage: a folder, or a real S3 server."""
    if request.param == "s3":
        server: S3Server = request.getfixturevalue("s3")
        settings.STORAGES = {**settings.STORAGES, "default": server.storage}
    return str(request.param)


def peak_of_upload(client: Client, url: str, size: int) -> int:
    """The most bytes that Python held at once while a PDF of `size` bytes came in and was streamed out again."""
    tracemalloc.start()
    try:
        content = files.PDF + uuid.uuid4().bytes
        answer = post(client, url, f"{size}.pdf", content, size=size)
        assert answer.status_code == 200, answer.json()
        version = DocumentVersion.objects.select_related("blob").latest("pk")
        assert version.blob.size == size
        served = client.get(reverse("document-file", args=[version.pk]))
        assert sum(len(piece) for piece in served.streaming_content) == size
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        default_storage.delete(DocumentVersion.objects.select_related("blob").latest("pk").blob.key)


def test_20_mb_need_no_more_memory_than_3_mb(world: World, officer: Client, storage: str, settings: Settings) -> None:
    url = evidence_url(world)
    peak_of_upload(officer, url, 3 * MB)  # what is loaded once
    small, large = peak_of_upload(officer, url, 3 * MB), peak_of_upload(officer, url, 20 * MB)
    assert large - small < MB
