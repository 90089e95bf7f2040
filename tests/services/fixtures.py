"""The servers as fixtures; a test whose server this machine cannot start is skipped (in CI: fails)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from config.policy import content_policy
from tests.services import chromium as chromium_service
from tests.services import clamd as clamd_service
from tests.services import oidc as oidc_service
from tests.services import s3 as s3_service
from tests.services import smtp as smtp_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page
    from pytest_django.fixtures import Settings
    from pytest_django.live_server_helper import LiveServer


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3_service.S3Server]:
    """A real S3 server, one for the run; `settings.STORAGES` takes its `storage`."""
    if s3_service.weed() is None:
        pytest.skip("weed is not installed")
    with s3_service.s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def smtp(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[smtp_service.SmtpServer]:
    """A real SMTP server to which Django's mail goes for the length of the test."""
    with smtp_service.smtp_server(tmp_path_factory.mktemp("smtp")) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = server.host
        settings.EMAIL_PORT = server.port
        settings.EMAIL_HOST_USER = server.username
        settings.EMAIL_HOST_PASSWORD = server.password
        settings.EMAIL_USE_TLS = True
        settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 10
        yield server


@pytest.fixture(scope="session")
def clamd_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`host:port` of a real clamd, one for the run."""
    if clamd_service.clamd() is None:
        pytest.skip("clamd is not installed")
    with clamd_service.clamd_server(tmp_path_factory.mktemp("clamd")) as address:
        yield address


@pytest.fixture
def clamd(clamd_address: str, settings: Settings) -> str:
    """The running clamd, with `settings.CLAMD_ADDRESS` pointing at it."""
    settings.CLAMD_ADDRESS = clamd_address
    return clamd_address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the run."""
    if chromium_service.chromium() is None:
        pytest.skip("chromium is not installed")
    # Playwright keeps an event loop in this thread, and Django would refuse to touch the database in it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with chromium_service.browser() as running:
            yield running
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile on a laptop screen; the test fails if a page asks another host or a script raises."""
    with chromium_service.context(browser) as profile:
        yield profile


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    """An empty page of a fresh profile."""
    return browser_context.new_page()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """An empty page of a fresh profile on a phone's screen."""
    with chromium_service.context(browser, viewport=chromium_service.PHONE) as profile:
        yield profile.new_page()


@pytest.fixture
def oidc(
    live_server: LiveServer, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[oidc_service.OidcProvider]:
    """A real identity provider that the live server uses for the length of the test."""
    if not oidc_service.available():
        pytest.skip("node or oidc-provider is not installed")
    with oidc_service.oidc_provider(tmp_path_factory.mktemp("oidc"), site=live_server.url) as provider:
        settings.SOCIALACCOUNT_PROVIDERS = provider.providers
        settings.CONTENT_SECURITY_POLICY = content_policy(sign_in_server=provider.issuer)
        yield provider
