"""Addresses that belong to no app: Vietnamese names for signing in, no registration, a health page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("account_login", "/dang-nhap/"),
        ("account_logout", "/dang-xuat/"),
        ("account_change_password", "/doi-mat-khau/"),
        ("account_reset_password", "/quen-mat-khau/"),
        ("mfa_index", "/tai-khoan/2fa/"),
        ("healthz", "/healthz"),
    ],
)
def test_address_is_the_vietnamese_one(name: str, path: str) -> None:
    assert reverse(name) == path


@pytest.mark.django_db
def test_health_page_answers_without_an_account(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_registration_is_closed(client: Client, django_user_model: type) -> None:
    form = {
        "username": "la",
        "email": "la@example.vn",
        "password1": "Mat-khau-rat-dai-1",
        "password2": "Mat-khau-rat-dai-1",
    }
    answer = client.post(reverse("account_signup"), form)
    assert answer.status_code == 200
    assert "account/signup_closed.html" in [template.name for template in answer.templates]
    assert django_user_model.objects.count() == 0


@pytest.mark.django_db
def test_page_may_load_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'self'"
    assert "unsafe" not in policy
