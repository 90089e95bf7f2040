"""The test suite: fast password hashing, mail in memory, a real database file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .base import *
from .base import DATABASES, INSTALLED_APPS

DEBUG = False
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
CCHC_CLOCK_CAN_MOVE = True
# Not the installation's own: a demo beside the tests may have moved its clock there.
VAR_DIR = Path(tempfile.gettempdir()) / "cchc-test-var"
VAR_DIR.mkdir(exist_ok=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = Path(tempfile.gettempdir()) / "cchc-test-files"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Repeated sign-ins of one test run come from one address.
ACCOUNT_RATE_LIMITS = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # An in-memory test database is one connection for all threads: the requests of a browser would share one
    # transaction, and races could not be tested. Two runs at once have a file each.
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / f"cchc-test-{os.getpid()}.sqlite3"),
    }
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"

INSTALLED_APPS += ["zeal"]
ZEAL_RAISE = True
