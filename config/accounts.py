"""Who may get an account: only people whom Sở Nội vụ has entered; nobody registers by any way in."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Local accounts without registration."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: an account says for whom a person acts, and only Sở Nội vụ knows that."""
        return False


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on connects to an existing account and never makes one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Closed, for the same reason as local registration."""
        return False
