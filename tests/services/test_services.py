"""Each server does what the suite relies on it for, and refuses what it must refuse."""

from __future__ import annotations

import io
import os
import smtplib
import socket
import ssl
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import InvalidStorageError, storages
from django.core.mail import get_connection, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from pytest_django.fixtures import Settings

from tests.services import chromium as chromium_service
from tests.services.clamd import EICAR
from tests.services.oidc import OidcProvider, available, oidc_provider
from tests.services.s3 import S3Server
from tests.services.smtp import SmtpServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]


def scan(address: str, content: bytes) -> str:
    """clamd's answer to one INSTREAM command."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as stream:
        stream.sendall(b"zINSTREAM\0")
        stream.sendall(struct.pack("!L", len(content)) + content + struct.pack("!L", 0))
        return stream.makefile("rb").read().rstrip(b"\0").decode()


def mail_connection() -> closing[BaseEmailBackend]:
    """Django's connection to the server, closed at the end: Django leaves it open when signing in fails."""
    return closing(get_connection())


def test_s3_object_written_is_read_back(s3: S3Server, settings: Settings) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": s3.storage}
    storage = storages.create_storage(s3.storage)
    name = storage.save("evidence/a.txt", ContentFile("nội dung".encode()))
    with storage.open(name) as file:
        assert file.read() == "nội dung".encode()
    storage.delete(name)
    assert storage.exists(name) is False


def test_s3_wrong_secret_is_refused(s3: S3Server) -> None:
    options = {**s3.storage["OPTIONS"], "secret_key": "not-the-secret"}  # type: ignore[dict-item]
    storage = storages.create_storage({**s3.storage, "OPTIONS": options})
    with pytest.raises(ClientError) as refused:
        storage.save("evidence/b.txt", ContentFile(b"x"))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_s3_unknown_backend_is_an_error() -> None:
    with pytest.raises(InvalidStorageError):
        storages.create_storage({"BACKEND": "storages.backends.nothing.Nothing"})


def test_smtp_mail_arrives_in_vietnamese(smtp: SmtpServer) -> None:
    sent = send_mail("Nhắc hạn", "Còn 3 ngày", "so@example.gov.vn", ["don-vi@example.gov.vn"])
    assert sent == 1
    message = smtp.messages[0]
    assert message["Subject"] == "Nhắc hạn"
    assert message.get_content().strip() == "Còn 3 ngày"


def test_smtp_wrong_password_is_refused(smtp: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_HOST_PASSWORD = "wrong"
    with mail_connection() as connection, pytest.raises(smtplib.SMTPAuthenticationError):
        connection.open()
    assert smtp.messages == []


def test_smtp_without_starttls_is_refused(smtp: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_USE_TLS = False
    with mail_connection() as connection, pytest.raises(smtplib.SMTPException):
        connection.open()
    assert smtp.messages == []


def test_smtp_untrusted_certificate_is_refused(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with mail_connection() as connection, pytest.raises(ssl.SSLCertVerificationError):
        connection.open()
    assert smtp.messages == []


def test_smtp_server_that_refuses_raises(smtp: SmtpServer) -> None:
    smtp.refuse_with = "451 Try later"
    with pytest.raises(smtplib.SMTPDataError) as refused:
        send_mail("a", "b", "so@example.gov.vn", ["don-vi@example.gov.vn"])
    assert refused.value.smtp_code == 451
    assert smtp.messages == []


def test_clamd_clean_file_passes(clamd: str, settings: Settings) -> None:
    assert clamd == settings.CLAMD_ADDRESS
    assert scan(clamd, b"Quyet dinh 152/QD-UBND") == "stream: OK"


def test_clamd_eicar_is_found_inside_a_zip(clamd: str) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mau.txt", EICAR)
    assert scan(clamd, EICAR) == "stream: Eicar-Test-Signature.UNOFFICIAL FOUND"
    assert scan(clamd, archive.getvalue()) == "stream: Eicar-Test-Signature.UNOFFICIAL FOUND"


def faults_of(browser: Browser, html: str) -> list[str]:
    """What `context` objects to after a page showed `html`."""

    def show() -> None:
        with chromium_service.context(browser) as profile:
            page = profile.new_page()
            page.set_content(html)

    with pytest.raises(chromium_service.PageFault) as fault:
        show()
    return fault.value.faults


@pytest.mark.e2e
def test_chromium_page_is_read_as_an_officer_sees_it(page: Page) -> None:
    page.set_content("<html lang=vi><title>Chỉ số</title><main><h1>Việc cần làm</h1></main></html>")
    assert page.locator("h1").inner_text() == "Việc cần làm"
    assert page.evaluate("navigator.language") == "vi-VN"
    assert page.evaluate("new Date().getTimezoneOffset()") == -7 * 60
    assert page.viewport_size == {"width": 1366, "height": 768}


@pytest.mark.e2e
def test_chromium_phone_has_a_narrow_screen(phone: Page) -> None:
    assert phone.viewport_size == {"width": 390, "height": 844}


@pytest.mark.e2e
def test_chromium_script_that_raises_fails_the_test(browser: Browser) -> None:
    assert faults_of(browser, "<script>throw new Error('hỏng')</script>") == ["script: hỏng"]


@pytest.mark.e2e
def test_chromium_request_to_another_host_fails_the_test(browser: Browser) -> None:
    faults = faults_of(browser, "<img src='http://cdn.invalid/a.png' alt=''>")
    assert faults == ["request to http://cdn.invalid"]


@pytest.mark.e2e
def test_axe_names_the_element_that_breaks_a_rule(page: Page) -> None:
    page.set_content("<html lang=vi><title>A</title><main><h1>A</h1><img id=a src='data:,'></main></html>")
    assert chromium_service.axe_violations(page) == ["image-alt (critical): #a"]


@pytest.mark.e2e
def test_axe_good_page_has_none(page: Page) -> None:
    page.set_content("<html lang=vi><title>A</title><main><h1>A</h1></main></html>")
    assert chromium_service.axe_violations(page) == []


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    if not available():
        pytest.skip("node or oidc-provider is not installed")
    with oidc_provider(tmp_path_factory.mktemp("oidc"), site="http://127.0.0.1:8000") as running:
        yield running


def test_oidc_provider_publishes_its_endpoints_and_pkce(provider: OidcProvider) -> None:
    import requests

    answer = requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=10)
    configuration = answer.json()
    assert configuration["issuer"] == provider.issuer
    assert configuration["code_challenge_methods_supported"] == ["S256"]


def test_postgres_runs_a_command_with_its_own_database() -> None:
    program = (
        "import os, psycopg; print(psycopg.connect(os.environ['DATABASE_URL']).execute('SHOW fsync').fetchone()[0])"
    )
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "tests.services.postgres", sys.executable, "-c", program]
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.strip()) == (0, "off"), result.stderr


def test_postgres_exit_code_of_the_command_is_passed_on() -> None:
    env = {**os.environ, "DATABASE_URL": "postgresql://already/there"}
    program = "import os, sys; sys.exit(7 if os.environ['DATABASE_URL'] == 'postgresql://already/there' else 1)"
    command = [sys.executable, "-m", "tests.services.postgres", sys.executable, "-c", program]
    assert subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 7
