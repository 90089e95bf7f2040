"""Reads settings from environment variables; pure, so that every rule here is tested without Django."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LOCK_TIMEOUT_MS = 10_000
PREPARED_AFTER = 5
SQLITE_BUSY_SECONDS = 20
CONNECTION_MAX_AGE_SECONDS = 60
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"", "0", "false", "no", "off"}


class InvalidEnvironment(ValueError):
    """An environment variable has a value that cannot be understood; the message names the variable."""


def text(name: str, default: str = "", *, env: Mapping[str, str] = os.environ) -> str:
    """The variable's value without surrounding blanks, or the content of the file that `NAME_FILE` names.

    The file form lets a secret be mounted instead of standing in the environment of every process.
    """
    file_name = env.get(f"{name}_FILE", "")
    if file_name:
        return Path(file_name).read_text(encoding="utf-8").strip()
    return env.get(name, default).strip()


def flag(name: str, default: bool = False, *, env: Mapping[str, str] = os.environ) -> bool:
    """1/true/yes/on or 0/false/no/off; anything else is refused instead of being read as true."""
    value = text(name, "1" if default else "0", env=env).lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise InvalidEnvironment(f"{name}={value!r}: dùng 1 hoặc 0")


def number(name: str, default: int, *, env: Mapping[str, str] = os.environ) -> int:
    """A whole number."""
    value = text(name, str(default), env=env)
    try:
        return int(value)
    except ValueError as error:
        raise InvalidEnvironment(f"{name}={value!r}: phải là số nguyên") from error


def words(name: str, default: str = "", *, env: Mapping[str, str] = os.environ) -> list[str]:
    """A comma-separated list without blanks."""
    return [word.strip() for word in text(name, default, env=env).split(",") if word.strip()]


def database(url: str, *, base_dir: Path) -> dict[str, Any]:
    """Django's settings for `sqlite:///relative`, `sqlite:////absolute` or `postgres://user:pass@host/name`.

    SQLite takes its write lock when a transaction begins (IMMEDIATE): a deferred one that upgrades fails at
    once with "database is locked", whatever the timeout. PostgreSQL gives up waiting for a row lock after
    LOCK_TIMEOUT_MS, so that two officers on one dossier end in a message and not in a hanging page. What a connection
    asked PREPARED_AFTER times it plans no more, since planning a join takes longer than running it; `?prepared=no`
    for a pooler that hands a connection on between transactions and does not know prepared statements.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.partition("+")[0]
    if scheme == "sqlite":
        return _sqlite(unquote(parts.path), base_dir=base_dir)
    if scheme in {"postgres", "postgresql", "pgsql"}:
        query = dict(parse_qsl(parts.query))
        host = unquote(query.pop("host", "") or parts.hostname or "")
        prepared = {"server_side_binding": True, "prepare_threshold": PREPARED_AFTER}
        if query.pop("prepared", "yes") == "no":
            prepared = {}
        options: dict[str, Any] = {"options": f"-c lock_timeout={LOCK_TIMEOUT_MS}", **prepared, **query}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": CONNECTION_MAX_AGE_SECONDS,
            "CONN_HEALTH_CHECKS": True,
            "ATOMIC_REQUESTS": False,
            "OPTIONS": options,
        }
    raise InvalidEnvironment(f"DATABASE_URL: không hỗ trợ {scheme!r}; dùng sqlite hoặc postgres")


def _sqlite(path: str, *, base_dir: Path) -> dict[str, Any]:
    name = path.removeprefix("/")
    if not name:
        raise InvalidEnvironment("DATABASE_URL: sqlite cần tên tệp, ví dụ sqlite:///var/cchc.sqlite3")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name if name == ":memory:" else str(base_dir / name),
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            "timeout": SQLITE_BUSY_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


def email(url: str) -> dict[str, Any]:
    """Django's mail settings for `smtp://user:pass@host:port?tls=starttls|ssl|none` or `file:///folder`.

    STARTTLS is the default for smtp: nothing is sent in the clear unless `tls=none` is written.
    """
    parts = urlsplit(url)
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme not in {"smtp", "smtps"}:
        raise InvalidEnvironment(f"EMAIL_URL: không hỗ trợ {parts.scheme!r}; dùng smtp, smtps hoặc file")
    tls = dict(parse_qsl(parts.query)).get("tls", "ssl" if parts.scheme == "smtps" else "starttls")
    if tls not in {"starttls", "ssl", "none"}:
        raise InvalidEnvironment(f"EMAIL_URL: tls={tls!r}; dùng starttls, ssl hoặc none")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "127.0.0.1",
        "EMAIL_PORT": parts.port or {"starttls": 587, "ssl": 465, "none": 25}[tls],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "ssl",
        "EMAIL_TIMEOUT": 20,
    }


def webhook(url: str, secret: str) -> tuple[str, str]:
    """The gateway's address and the secret that signs requests to it; without an address there is none.

    Telephone numbers leave by it: the address is https, or on this very machine, and the secret is long enough.
    """
    if not url:
        return "", ""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}):
        raise InvalidEnvironment("NOTIFY_WEBHOOK_URL: phải bắt đầu bằng https://")
    if len(secret) < 16:
        raise InvalidEnvironment("NOTIFY_WEBHOOK_SECRET: cần ít nhất 16 ký tự")
    return url, secret
