"""The product's addresses and two more to compare with: the least that a save costs, and the least of a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from assessments.models import Score
from config.urls import urlpatterns as product


def one_update(request: HttpRequest, score: int) -> HttpResponse:
    """Who is it, one UPDATE, an empty answer."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    Score.objects.filter(pk=score).update(explanation=request.POST["explanation"])
    return HttpResponse(status=204)


def trivial(request: HttpRequest) -> HttpResponse:
    """Who is it, one word."""
    return HttpResponse("ok" if request.user.is_authenticated else "")


urlpatterns = [
    *product,
    path("one-update/<int:score>", one_update, name="one-update"),
    path("trivial", trivial, name="trivial"),
]
