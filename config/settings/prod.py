"""Production: everything secret comes from the environment, and what is missing stops the start."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from config import environment

from .base import *
from .base import INSTALLED_APPS, STORAGES, VAR_DIR

MIN_SECRET_KEY_LENGTH = 50

DEBUG = False
SECRET_KEY = environment.text("SECRET_KEY")
if len(SECRET_KEY) < MIN_SECRET_KEY_LENGTH:
    raise ImproperlyConfigured(
        f"SECRET_KEY (hoặc SECRET_KEY_FILE) phải có ít nhất {MIN_SECRET_KEY_LENGTH} ký tự ngẫu nhiên."
    )
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS phải nêu tên miền của hệ thống, ví dụ: cchc.example.gov.vn")
CCHC_CLOCK_CAN_MOVE = False

SECURE_SSL_REDIRECT = environment.flag("SECURE_SSL_REDIRECT", default=True)
# The reverse proxy probes this page over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = environment.number("SECURE_HSTS_SECONDS", 365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = environment.flag("SECURE_HSTS_PRELOAD", default=True)
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# W019 asks for X-Frame-Options: DENY; evidence is previewed in a frame of the same site.
SILENCED_SYSTEM_CHECKS = ["security.W019"]
# Trusting the header is safe only behind a proxy that always sets it.
if environment.flag("SECURE_PROXY_SSL"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

# Shared by all web processes, so that limits on failed sign-ins count once.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(VAR_DIR / "cache"),
    }
}

# Tasks only hasten rows that `manage.py tick` drains anyway: a lost queue loses no notice.
INSTALLED_APPS += ["huey.contrib.djhuey"]
HUEY = {
    "huey_class": "huey.SqliteHuey",
    "name": "cchc",
    "filename": str(VAR_DIR / "huey.sqlite3"),
    "immediate": False,
    "consumer": {"workers": 1, "worker_type": "thread", "periodic": False},
}
TASKS = {
    "default": {
        "BACKEND": "huey.contrib.djhuey.tasks_backend.HueyBackend",
        "ENQUEUE_ON_COMMIT": True,
    }
}
