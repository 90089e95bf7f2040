"""The result table before and after publication, for those who may see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from assessments.models import Cycle
from assessments.visibility import cycles_for
from units.permissions import Perm
from units.templatetags.cchc import vdate

from .by_round import with_rounds
from .content import from_content
from .models import Publication
from .seen import hidden_units, named, without
from .services import current_proposal
from .table import GroupResult, result_table
from .workbook import result_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Shown:
    """A table with what stands behind it: live scores, what was proposed, or what was published."""

    groups: tuple[GroupResult, ...]
    publication: Publication | None
    status: str
    note: str
    surveyed: bool = True

    @property
    def illustrative(self) -> bool:
        return any(group.illustrative for group in self.groups)


def results_for(user: Any, cycle: Cycle) -> Shown:
    """`shown_results` as `user` may see them: before publication without units of which the council role bars them."""
    shown = shown_results(cycle)
    hidden = hidden_units(user, cycle) if shown.publication is None else frozenset()
    if not hidden:
        return shown
    left_out = named(shown.groups, hidden)
    note = shown.note
    if left_out:
        note = _("%(note)s Không hiển thị %(units)s trước khi công bố vì bạn không tham gia thẩm định đơn vị này.") % {
            "note": note,
            "units": ", ".join(left_out),
        }
    return replace(shown, groups=without(shown.groups, hidden), note=note)


def shown_results(cycle: Cycle) -> Shown:
    """The published table, else the one that was proposed last and not returned, else the scores as they stand."""
    publication = Publication.objects.filter(cycle=cycle).first()
    if publication is not None:
        status = _("Đã công bố theo Quyết định số %(number)s, %(day)s") % {
            "number": publication.decision_number,
            "day": vdate(publication.decided_on),
        }
        return Shown(from_content(publication.manifest["groups"]), publication, status, "")
    unpublished = _("Chưa công bố")
    proposal = current_proposal(cycle)
    if proposal is not None and proposal.approved is not False:
        note = _("Bảng kết quả như đã trình UBND tỉnh lần %(number)s, %(day)s.") % {
            "number": proposal.number,
            "day": vdate(proposal.proposed_at),
        }
        return Shown(from_content(proposal.content), None, unpublished, note)
    note = _("Tính từ điểm hiện có; thay đổi khi thẩm định và điều tra xã hội học chưa xong.")
    surveyed = not cycle.has_survey or cycle.survey_merged_at is not None
    return Shown(result_table(cycle), None, unpublished, note, surveyed)


class ResultsView(LoginRequiredMixin, TemplateView):
    """Rank, index and grade of every unit, group by group."""

    template_name = "results/results.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cycle = get_object_or_404(
            cycles_for(self.request.user, Perm.VIEW_RESULTS).select_related("plan", "province"),
            pk=self.kwargs["cycle"],
        )
        shown = results_for(self.request.user, cycle)
        shown = replace(shown, groups=with_rounds(shown.groups, cycle))
        public = None
        if shown.publication is not None:
            public = reverse("public-result", args=[cycle.year, shown.publication.pk])
        return super().get_context_data(
            cycle=cycle, shown=shown, unsurveyed=not shown.surveyed, illustrative=shown.illustrative, public_url=public
        )


class ResultsWorkbookView(LoginRequiredMixin, View):
    """The same table as an Excel file."""

    def get(self, request: HttpRequest, cycle: int) -> HttpResponse:
        found = get_object_or_404(cycles_for(request.user, Perm.VIEW_RESULTS), pk=cycle)
        shown = results_for(request.user, found)
        shown = replace(shown, groups=with_rounds(shown.groups, found))
        return workbook_answer(found.name, shown)


def workbook_answer(title: str, shown: Shown) -> HttpResponse:
    """A download whose name says when it is illustrative or not yet published."""
    parts = [title, "" if shown.publication else _("chưa công bố"), _("minh họa") if shown.illustrative else ""]
    name = slugify(" ".join(part for part in parts if part).replace("đ", "d").replace("Đ", "D"))
    response = HttpResponse(result_workbook(title, shown.status, shown.groups), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
