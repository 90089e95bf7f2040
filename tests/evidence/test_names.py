from __future__ import annotations

import pytest

from evidence.names import MAX_LENGTH, clean_filename, extension


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Kế hoạch CCHC.pdf", "Kế hoạch CCHC.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\hang\\bao cao.docx", "bao cao.docx"),
        ("a\x00b.pdf", "ab.pdf"),
        ("bao-cao\u202efdp.exe", "bao-caofdp.exe"),
        ("\u200fke\u200bhoach.pdf", "kehoach.pdf"),
        ("  hai \t dòng\r\n .pdf ", "hai dòng.pdf"),
        ("..", "tai-lieu"),
        ("", "tai-lieu"),
        ("bao cao.pdf.", "bao cao.pdf"),
        ("Kế hoạch.pdf", "Kế hoạch.pdf"),
    ],
)
def test_filename_cleaned(sent: str, kept: str) -> None:
    assert clean_filename(sent) == kept


def test_filename_too_long_keeps_its_ending() -> None:
    kept = clean_filename("x" * 300 + ".pdf")
    assert kept == "x" * (MAX_LENGTH - 4) + ".pdf"


def test_filename_long_without_ending_is_cut() -> None:
    assert clean_filename("x" * 300) == "x" * MAX_LENGTH


@pytest.mark.parametrize(("name", "ending"), [("a.PDF", "pdf"), ("a.b.docx", "docx"), ("a", ""), ("a.", "")])
def test_extension(name: str, ending: str) -> None:
    assert extension(name) == ending
