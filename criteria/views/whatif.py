"""Trying figures out on a set: on screen, domain by domain, or from a sheet. Nothing is kept."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView
from django.views.generic.base import View

from units.models import Unit

from .. import whatif_page, whatif_sheet
from ..setdata import NodeData, SetData
from ..trees import read_set
from ..workbooks import UnreadableWorkbook
from .base import EXCEL, SetMixin, download, file_name


class WhatIfView(SetMixin, TemplateView):
    """The form of one domain with everything typed in the others; a change asks for the points by htmx."""

    managing = True
    template_name = "criteria/whatif.html"
    data: SetData

    def load(self) -> None:
        super().load()
        self.data = read_set(self.criteria_set)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show({}, self.domain(request.GET.get("linh_vuc", "")), None)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        posted = request.POST
        unit = self.unit(posted.get("don_vi", ""))
        if "tep" in request.FILES:
            return self.uploaded(request.FILES["tep"], unit)
        domain = self.domain(posted.get("chuyen") or posted.get("linh_vuc", ""))
        typed = whatif_page.typed_values(posted.dict())
        return self.show(typed, domain, unit, fragment=bool(request.htmx))  # type: ignore[attr-defined]

    def uploaded(self, file: Any, unit: Unit | None) -> HttpResponse:
        """The figures of a sheet in the place of those on the screen."""
        try:
            typed, issues = whatif_sheet.read(file, self.data)
        except UnreadableWorkbook as error:
            return self.show({}, self.domain(""), unit, issues=[str(error)], status=422)
        return self.show(typed, self.domain(""), unit, issues=issues, status=422 if issues else 200)

    def domain(self, code: str) -> NodeData | None:
        """The domain of `code`, else the first; None where the set is empty."""
        found = next((node for node in self.data.nodes if node.code == code), None)
        return found or (self.data.nodes[0] if self.data.nodes else None)

    def unit(self, pk: str) -> Unit | None:
        """The unit as for which points are counted."""
        if not pk.isdecimal() or len(pk) > 18:
            return None
        return Unit.objects.filter(pk=pk, group__isnull=False).select_related("group").first()

    def show(
        self,
        typed: whatif_page.Typed,
        domain: NodeData | None,
        unit: Unit | None,
        *,
        fragment: bool = False,
        status: int = 200,
        issues: list[str] | None = None,
    ) -> HttpResponse:
        """The page, or only what changes as figures are typed."""
        found = whatif_page.result(self.data, typed, unit)
        rows = whatif_page.rows(self.data, domain, typed, found.sheet) if domain else []
        context = {"data": self.data, "result": found, "rows": rows, "unit": unit}
        if fragment:
            self.template_name = "criteria/whatif_answer.html"
            return self.render_to_response({"criteria_set": self.criteria_set, **context})
        context |= {
            "domain": domain,
            "hidden": whatif_page.hidden(domain, typed) if domain else [],
            "following": _following(self.data, domain),
            "groups": self.groups(),
            "issues": issues or [],
            "crumbs": self.crumbs(_("Tính thử")),
        }
        return self.render_to_response(self.get_context_data(**context), status=status)

    @staticmethod
    def groups() -> list[tuple[str, list[Unit]]]:
        """Units to choose from, under their ranking groups."""
        units = Unit.objects.filter(active=True, group__isnull=False).select_related("group")
        ordered = units.order_by("group__order", "group__code", "order")
        return [(str(group), list(rows)) for group, rows in groupby(ordered, key=lambda unit: unit.group)]


def _following(data: SetData, domain: NodeData | None) -> NodeData | None:
    codes = [node.code for node in data.nodes]
    place = codes.index(domain.code) + 1 if domain else len(codes)
    return data.nodes[place] if place < len(codes) else None


class WhatIfTemplateView(SetMixin, View):
    """The sheet to fill in."""

    managing = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        content = whatif_sheet.template(read_set(self.criteria_set))
        return download(content, name=file_name(self.criteria_set, "so-lieu-thu", "xlsx"), kind=EXCEL)
