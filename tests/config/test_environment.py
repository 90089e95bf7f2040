"""Environment variables: what is understood, and that what is not is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import environment
from config.environment import InvalidEnvironment

BASE = Path("/srv/cchc")


def test_text_value_is_read_without_blanks() -> None:
    assert environment.text("A", env={"A": " x "}) == "x"


def test_text_file_wins_over_the_variable(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from-file\n", encoding="utf-8")
    assert environment.text("A", env={"A": "x", "A_FILE": str(secret)}) == "from-file"


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("TRUE", True), ("on", True), ("0", False), ("", False)])
def test_flag_known_words_are_understood(value: str, expected: bool) -> None:
    assert environment.flag("A", env={"A": value}) is expected


def test_flag_missing_takes_the_default() -> None:
    assert environment.flag("A", default=True, env={}) is True
    assert environment.flag("A", env={}) is False


def test_flag_unknown_word_is_refused() -> None:
    with pytest.raises(InvalidEnvironment, match="A='có': dùng 1 hoặc 0"):
        environment.flag("A", env={"A": "có"})


def test_number_is_read_and_nonsense_refused() -> None:
    assert environment.number("A", 3, env={}) == 3
    assert environment.number("A", 3, env={"A": "12"}) == 12
    with pytest.raises(InvalidEnvironment, match="A='1,5': phải là số nguyên"):
        environment.number("A", 3, env={"A": "1,5"})


def test_words_are_split_and_empty_ones_dropped() -> None:
    assert environment.words("A", env={"A": "a.vn, b.vn,,"}) == ["a.vn", "b.vn"]


def test_database_sqlite_relative_path_is_inside_the_project() -> None:
    settings = environment.database("sqlite:///var/cchc.sqlite3", base_dir=BASE)
    assert settings["NAME"] == "/srv/cchc/var/cchc.sqlite3"
    assert settings["ATOMIC_REQUESTS"] is False
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings["OPTIONS"]["timeout"] == 20
    assert "journal_mode=WAL" in settings["OPTIONS"]["init_command"]
    assert "foreign_keys=ON" in settings["OPTIONS"]["init_command"]


def test_database_sqlite_absolute_path_and_blank_are_kept() -> None:
    settings = environment.database("sqlite:////srv/du%20lieu/a.sqlite3", base_dir=BASE)
    assert settings["NAME"] == "/srv/du lieu/a.sqlite3"


def test_database_sqlite_without_a_name_is_refused() -> None:
    with pytest.raises(InvalidEnvironment, match="sqlite cần tên tệp"):
        environment.database("sqlite://", base_dir=BASE)


PREPARED = {"server_side_binding": True, "prepare_threshold": 5}


def test_database_postgres_parts_and_lock_timeout() -> None:
    settings = environment.database("postgres://cchc:m%40t@db.local:5433/cchc?sslmode=require", base_dir=BASE)
    assert settings == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "cchc",
        "USER": "cchc",
        "PASSWORD": "m@t",
        "HOST": "db.local",
        "PORT": "5433",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {"options": "-c lock_timeout=10000", **PREPARED, "sslmode": "require"},
    }


def test_database_postgres_socket_folder_comes_from_the_query() -> None:
    settings = environment.database("postgresql://postgres:@/postgres?host=/tmp/pg", base_dir=BASE)
    assert (settings["HOST"], settings["USER"], settings["NAME"]) == ("/tmp/pg", "postgres", "postgres")
    assert settings["OPTIONS"] == {"options": "-c lock_timeout=10000", **PREPARED}


def test_database_without_prepared_statements_for_an_old_pooler() -> None:
    settings = environment.database("postgres://cchc@localhost/cchc?prepared=no", base_dir=BASE)
    assert settings["OPTIONS"] == {"options": "-c lock_timeout=10000"}


def test_database_other_engines_are_refused() -> None:
    with pytest.raises(InvalidEnvironment, match="không hỗ trợ 'mysql'"):
        environment.database("mysql://a/b", base_dir=BASE)


def test_email_smtp_encrypts_unless_told_otherwise() -> None:
    settings = environment.email("smtp://so%40noi.vu:m%3At@mail.local")
    assert settings["EMAIL_HOST"] == "mail.local"
    assert settings["EMAIL_HOST_USER"] == "so@noi.vu"
    assert settings["EMAIL_HOST_PASSWORD"] == "m:t"
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (587, True, False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://mail.local", (465, False, True)),
        ("smtp://mail.local:2525?tls=none", (2525, False, False)),
        ("smtp://mail.local?tls=none", (25, False, False)),
    ],
)
def test_email_smtp_encryption_is_chosen_by_url(url: str, expected: tuple[int, bool, bool]) -> None:
    settings = environment.email(url)
    assert (settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == expected


def test_email_file_folder_is_kept() -> None:
    settings = environment.email("file:///srv/cchc/var/mail")
    assert settings["EMAIL_FILE_PATH"] == "/srv/cchc/var/mail"
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"


def test_email_unknown_words_are_refused() -> None:
    with pytest.raises(InvalidEnvironment, match="không hỗ trợ 'imap'"):
        environment.email("imap://a")
    with pytest.raises(InvalidEnvironment, match="tls='maybe'"):
        environment.email("smtp://a?tls=maybe")
