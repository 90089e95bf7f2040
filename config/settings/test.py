"""The test suite: fast password hashing, mail in memory, a database file so that threads and races are real."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .base import *  # noqa: F403
from .base import DATABASES

DEBUG = False
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
CCHC_CLOCK_CAN_MOVE = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.gettempdir()) / "cchc-test-files"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Repeated sign-ins of one test run come from one address.
ACCOUNT_RATE_LIMITS = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # SQLite's in-memory test database is one connection shared by all threads, so that a live server and its browser
    # would share a transaction.
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / "cchc-test.sqlite3"),
    }
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
