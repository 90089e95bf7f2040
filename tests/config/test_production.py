"""Production refuses to start half configured, and Django's own deployment check has nothing to say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP-!"


def manage(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with production settings and only `environment` to configure it."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings.prod",
            "CCHC_VAR_DIR": str(folder),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def setting(expression: str, *, folder: Path, **environment: str) -> str:
    """The value of a settings expression under production settings."""
    code = f"from django.conf import settings; print(repr(({expression})))"
    configured = {"SECRET_KEY": KEY, "ALLOWED_HOSTS": "cchc.example.gov.vn", **environment}
    result = manage("shell", "--no-imports", "-c", code, folder=folder, **configured)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"ALLOWED_HOSTS": "cchc.example.gov.vn"}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "cchc.example.gov.vn", "SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": KEY}, "ALLOWED_HOSTS"),
    ],
)
def test_start_without_a_needed_value_is_refused(environment: dict[str, str], complaint: str, tmp_path: Path) -> None:
    result = manage("check", folder=tmp_path, **environment)
    assert result.returncode == 1
    assert "ImproperlyConfigured" in result.stderr
    assert complaint in result.stderr


def test_deployment_check_is_clean(tmp_path: Path) -> None:
    result = manage(
        "check",
        "--deploy",
        "--fail-level=WARNING",
        folder=tmp_path,
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="cchc.example.gov.vn",
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_clock_cannot_move_and_debug_is_off_whatever_the_environment_says(tmp_path: Path) -> None:
    found = setting("settings.DEBUG, settings.CCHC_CLOCK_CAN_MOVE", folder=tmp_path, DEBUG="1")
    assert found == "(False, False)"


def test_proxy_header_is_trusted_only_when_asked(tmp_path: Path) -> None:
    assert setting("settings.SECURE_PROXY_SSL_HEADER", folder=tmp_path) == "None"
    trusted = setting("settings.SECURE_PROXY_SSL_HEADER", folder=tmp_path, SECURE_PROXY_SSL="1")
    assert trusted == "('HTTP_X_FORWARDED_PROTO', 'https')"


def test_s3_bucket_replaces_the_folder(tmp_path: Path) -> None:
    name = "settings.STORAGES['default']['BACKEND']"
    assert setting(name, folder=tmp_path) == "'django.core.files.storage.FileSystemStorage'"
    assert setting(name, folder=tmp_path, S3_BUCKET="cchc") == "'storages.backends.s3.S3Storage'"


def test_single_sign_on_is_off_until_a_server_is_named(tmp_path: Path) -> None:
    name = "settings.SOCIALACCOUNT_PROVIDERS['openid_connect']['APPS']"
    assert setting(name, folder=tmp_path) == "[]"
    found = setting(
        f"{name}[0]['settings'], settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION",
        folder=tmp_path,
        OIDC_SERVER_URL="https://sso.example.gov.vn",
    )
    assert found == "({'server_url': 'https://sso.example.gov.vn'}, False)"


def test_static_files_are_collected_with_hashed_names(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings; from django.core.management import call_command; "
        f"settings.STATIC_ROOT = {str(tmp_path / 'static')!r}; call_command('collectstatic', verbosity=0, "
        "interactive=False); from django.templatetags.static import static; "
        "print(static('vendor/icons/icons.svg'), static('django_htmx/htmx-2.min.js'))"
    )
    result = manage(
        "shell",
        "--no-imports",
        "-c",
        code,
        folder=tmp_path / "var",
        SECRET_KEY=KEY,
        ALLOWED_HOSTS="cchc.example.gov.vn",
    )
    assert result.returncode == 0, result.stderr
    icons, htmx = result.stdout.split()
    assert icons.startswith("/static/vendor/icons/icons.")
    assert icons.endswith(".svg")
    assert icons != "/static/vendor/icons/icons.svg"
    assert htmx.startswith("/static/django_htmx/htmx-2.min.")
