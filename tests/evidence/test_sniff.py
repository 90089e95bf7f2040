from __future__ import annotations

import io
import zipfile

import pytest

from evidence.errors import Rejected
from evidence.sniff import check_content
from tests.evidence import files

ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", files.PDF, "application/pdf"),
        ("a.PDF", files.PDF, "application/pdf"),
        ("a.png", files.png(), "image/png"),
        ("a.jpg", files.JPEG, "image/jpeg"),
        ("a.jpeg", files.JPEG, "image/jpeg"),
        ("a.docx", files.office("docx"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", files.office("xlsx"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.pptx", files.office("pptx"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        ("a.odt", files.odf(ODT), ODT),
        ("a.ods", files.odf(ODS), ODS),
        ("a.doc", files.old_office("WordDocument"), "application/msword"),
        ("a.xls", files.old_office("Workbook"), "application/vnd.ms-excel"),
        ("a.xls", files.old_office("Book"), "application/vnd.ms-excel"),
        ("a.ppt", files.old_office("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    ],
)
def test_content_as_named_accepted(name: str, content: bytes, media_type: str) -> None:
    assert check_content(io.BytesIO(content), name) == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", files.png()),
        ("a.pdf", files.HTML),
        ("a.png", files.SVG),
        ("a.png", files.JPEG),
        ("a.jpg", b"khong phai anh"),
        ("a.pdf", files.PROGRAM),
        ("a.docx", files.office("xlsx")),
        ("a.docx", files.office("docm")),
        ("a.docx", files.zipped({"a.txt": b"x"})),
        ("a.docx", files.PDF),
        ("a.odt", files.odf(ODS)),
        ("a.xls", files.old_office("WordDocument")),
        ("a.doc", files.PDF),
        ("a.doc", files.HTML),
    ],
)
def test_content_other_than_named_refused(name: str, content: bytes) -> None:
    with pytest.raises(Rejected, match="Nội dung tệp không đúng là tệp"):
        check_content(io.BytesIO(content), name)


@pytest.mark.parametrize("name", ["a.svg", "a.html", "a.exe", "a.zip", "a.docm", "a", "pdf"])
def test_ending_not_taken_refused_with_the_list(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        check_content(io.BytesIO(files.PDF), name)
    assert str(refused.value) == (
        "Không nhận loại tệp này. Hãy tải lên một trong các loại: "
        "doc, docx, jpeg, jpg, ods, odt, pdf, png, ppt, pptx, xls, xlsx."
    )


def test_password_refused_in_old_and_new_office_files() -> None:
    locked = io.BytesIO(files.old_office("EncryptedPackage"))
    with pytest.raises(Rejected, match="đặt mật khẩu"):
        check_content(locked, "a.docx")
    zipped = bytearray(files.office("docx"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        zipped[zipped.index(mark) + at] |= 1
    with pytest.raises(Rejected, match="đặt mật khẩu"):
        check_content(io.BytesIO(bytes(zipped)), "a.docx")


@pytest.mark.parametrize(
    "content",
    [
        files.bomb(301),
        files.bomb(30),
        files.lying_bomb(30),
        files.overlapping(),
        files.zipped({f"{number}.xml": b"" for number in range(5_001)}),
    ],
    ids=["huge", "ratio", "lying", "overlapping", "members"],
)
def test_bomb_refused(content: bytes) -> None:
    with pytest.raises(Rejected, match="quá lớn khi giải nén"):
        check_content(io.BytesIO(content), "a.docx")


def test_large_honest_archive_accepted() -> None:
    picture = bytes(range(256)) * 4096 * 25
    content = files.zipped({"mimetype": ODT.encode(), "picture.bmp": picture}, method=zipfile.ZIP_STORED)
    assert len(content) > 25 * 1024 * 1024
    assert check_content(io.BytesIO(content), "a.odt") == ODT


@pytest.mark.parametrize("cut", [40, 200])
def test_broken_archive_refused(cut: int) -> None:
    with pytest.raises(Rejected, match="bị hỏng"):
        check_content(io.BytesIO(files.office("docx")[:cut]), "a.docx")
