"""What sign-in says when it refuses: in Vietnamese, and what to do next."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from config.accounts import WRONG_LOGIN
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("login", ["nguyen.an", "nguyen.an@thu.example"])
def test_wrong_password_is_refused_in_vietnamese_and_keeps_the_name(client: Client, login: str) -> None:
    factories.user("nguyen.an")
    answer = client.post(reverse("account_login"), {"login": login, "password": "sai-mat-khau"})
    assert str(WRONG_LOGIN) in answer.content.decode()
    assert f'value="{login}"' in answer.content.decode()


def test_right_password_signs_in(client: Client) -> None:
    factories.user("nguyen.an")
    answer = client.post(reverse("account_login"), {"login": "nguyen.an", "password": factories.PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
