"""Single sign-on against a real identity provider: it opens an existing account and never makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from tests.services.oidc import OidcProvider

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def sign_in_by_provider(page: Page, live_server: LiveServer, account: str) -> None:
    """Press the button of single sign-on and be `account` at the provider."""
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Đăng nhập một lần").click()
    page.get_by_label("Tài khoản").fill(account)
    page.get_by_role("button", name="Tiếp tục").click()
    page.wait_for_url(f"{live_server.url}/**")


def signed_in_as(page: Page, live_server: LiveServer) -> str | None:
    """The user's name in the session of the browser."""
    from django.contrib.sessions.models import Session

    name = "cchc_session"
    keys = [cookie["value"] for cookie in page.context.cookies(live_server.url) if cookie["name"] == name]
    session = Session.objects.filter(session_key__in=keys).first()
    key = session.get_decoded().get("_auth_user_id") if session else None
    return get_user_model().objects.get(pk=key).username if key else None


def test_known_address_opens_the_account_when_the_operator_trusts_the_provider(
    page: Page, live_server: LiveServer, oidc: OidcProvider, settings: Settings
) -> None:
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    get_user_model().objects.create_user("nguyen.an", "an@example.gov.vn", "x")
    sign_in_by_provider(page, live_server, "an")
    assert signed_in_as(page, live_server) == "nguyen.an"


def test_known_address_alone_opens_nothing_by_default(page: Page, live_server: LiveServer, oidc: OidcProvider) -> None:
    get_user_model().objects.create_user("nguyen.an", "an@example.gov.vn", "x")
    sign_in_by_provider(page, live_server, "an")
    assert signed_in_as(page, live_server) is None


def test_unknown_person_gets_no_account(
    page: Page, live_server: LiveServer, oidc: OidcProvider, settings: Settings
) -> None:
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    sign_in_by_provider(page, live_server, "nguoi-la")
    assert signed_in_as(page, live_server) is None
    assert get_user_model().objects.count() == 0
