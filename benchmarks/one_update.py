"""The product's addresses and one more: the least that a save costs, for `benchmarks.autosave` to compare with."""

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


urlpatterns = [*product, path("one-update/<int:score>", one_update, name="one-update")]
