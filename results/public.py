"""What anybody may read: published results, from the snapshot alone. Before publication every address is 404."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from assessments.ledger import canonical
from units.templatetags.cchc import vdate

from .content import from_content
from .models import Publication
from .services import is_intact
from .views import Shown, workbook_answer

# A list changes when something is published; a publication never does.
LIST_SECONDS = 5 * 60
SNAPSHOT_SECONDS = 60 * 60


def _publication(year: int, publication: int) -> Publication:
    return get_object_or_404(Publication, pk=publication, cycle__year=year)


def _etag(request: HttpRequest, year: int, publication: int, **kwargs: Any) -> str | None:
    found = Publication.objects.filter(pk=publication, cycle__year=year).values_list("manifest_hash", flat=True)
    first = found.first()
    return f'"{first}-{settings.VERSION}"' if first else None


def _cached(response: HttpResponse, seconds: int) -> HttpResponse:
    patch_cache_control(response, public=True, max_age=seconds)
    return response


def _frame(publication: Publication) -> dict[str, Any]:
    """What every page of a publication says: decision, hash, and whether the stored snapshot still has it."""
    manifest = publication.manifest
    groups = from_content(manifest["groups"])
    return {
        "publication": publication,
        "manifest": manifest,
        "groups": groups,
        "intact": is_intact(publication),
        "illustrative": any(group.illustrative for group in groups),
        "province": manifest["province"],
    }


@require_safe
def home(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """All publications, newest first, or those of one year; a year without any is 404."""
    publications = Publication.objects.order_by("-published_at").select_related("cycle")
    if year is not None:
        publications = publications.filter(cycle__year=year)
        if not publications:
            raise Http404
    rows = [
        {
            "publication": publication,
            "manifest": publication.manifest,
            "units": sum(len(group["units"]) for group in publication.manifest["groups"]),
            "illustrative": any(group["illustrative"] for group in publication.manifest["groups"]),
        }
        for publication in publications
    ]
    response = render(
        request,
        "public/home.html",
        {
            "rows": rows,
            "illustrative": any(row["illustrative"] for row in rows),
            "province": rows[0]["manifest"]["province"] if rows else "",
        },
    )
    return _cached(response, LIST_SECONDS)


@require_safe
@condition(etag_func=_etag)
def result(request: HttpRequest, year: int, publication: int) -> HttpResponse:
    """The table of a publication, with its decision and how to verify it."""
    found = _publication(year, publication)
    return _cached(render(request, "public/result.html", _frame(found)), SNAPSHOT_SECONDS)


@require_safe
@condition(etag_func=_etag)
def unit(request: HttpRequest, year: int, publication: int, unit: int) -> HttpResponse:
    """One unit of a publication, domain by domain."""
    found = _publication(year, publication)
    frame = _frame(found)
    for group in frame["groups"]:
        for row in group.units:
            if row.unit_id == unit:
                context = frame | {
                    "group": group,
                    "unit": row,
                    "others": len(group.units),
                    "graded": any(domain.grade for domain in row.domains),
                }
                return _cached(render(request, "public/unit.html", context), SNAPSHOT_SECONDS)
    raise Http404


@require_safe
@condition(etag_func=_etag)
def manifest(request: HttpRequest, year: int, publication: int) -> HttpResponse:
    """The bytes whose SHA-256 is printed on the page."""
    found = _publication(year, publication)
    response = HttpResponse(canonical(found.manifest), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ket-qua-{year}-{found.pk}.json"'
    return _cached(response, SNAPSHOT_SECONDS)


@require_safe
@condition(etag_func=_etag)
def workbook(request: HttpRequest, year: int, publication: int) -> HttpResponse:
    """The published table as an Excel file."""
    found = _publication(year, publication)
    status = _("Đã công bố theo Quyết định số %(number)s, %(day)s") % {
        "number": found.decision_number,
        "day": vdate(found.decided_on),
    }
    response = workbook_answer(found.manifest["cycle"], Shown(_frame(found)["groups"], found, status, ""))
    del response["Cache-Control"]
    return _cached(response, SNAPSHOT_SECONDS)
