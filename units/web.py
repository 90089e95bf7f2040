"""Types of a request behind sign-in."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from .models import User


class SignedInRequest(HttpRequest):
    """A request whose person is known: views that use it stand behind LoginRequiredMixin or login_required."""

    user: User
    htmx: HtmxDetails
