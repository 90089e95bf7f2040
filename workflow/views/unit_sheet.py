"""The scoring sheet: a whole domain on one page, one criterion saved at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from assessments.deadlines import Step
from assessments.errors import Conflict, InvalidInput, ServiceError
from assessments.models import Dossier, Score
from assessments.services import appraisal, scores
from assessments.shares import Share
from assessments.stages import EDIT_STAGES, OPEN_STAGES, Stage
from assessments.visibility import dossiers_for
from criteria.models import Criterion
from units import access
from units.access import NotAllowed
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from ..dossier_page import dates
from ..dossier_sums import DomainLine, all_scores, domain_lines, sums
from ..sheet_page import (
    domain_rows,
    domain_tabs,
    locked_words,
    returned_notes,
    row_url,
    rows_answer,
    writing,
)
from ..sheet_rows import Typed, make_row, with_evidence
from ..unit_supplement import supplement_answer
from .base import DossierStepView

# More rows than any page shows are not asked for at once.
MOST_ROWS = 200
DOSSIER = ("unit", "cycle__plan", "cycle_group__criteria_set")


def crumbs(dossier: Dossier, last: str) -> list[dict[str, str]]:
    """The way to a page of a dossier."""
    return [
        {"label": _("Hồ sơ"), "url": reverse("dossiers")},
        {"label": dossier.unit.name, "url": reverse("dossier", args=[dossier.pk])},
        {"label": last, "url": ""},
    ]


def get_dossier(request: HttpRequest, pk: int) -> Dossier:
    """A dossier that the person may read, or 404."""
    return get_object_or_404(dossiers_for(request.user).select_related(*DOSSIER), pk=pk)


class SheetView(DossierStepView):
    """One domain of a dossier. Posting reports the domain as done (only the officer whose task it is)."""

    node = "self_assess"
    template_name = "workflow/sheet.html"

    def load(self) -> None:
        super().load()
        self.domain = get_object_or_404(
            Criterion, criteria_set=self.dossier.criteria_set_id, parent=None, pk=self.kwargs["domain"]
        )

    def find_item(self) -> Any:
        """The person's own task on the domain before one that they do for somebody else."""
        found = super().find_item().filter(domain=self.domain)
        named = self.request.POST.get("task", "")
        if named.isdecimal() and len(named) < 10:
            found = found.filter(pk=named)
        return found.order_by(Case(When(owner=self.request.user.pk, then=0), default=1), "pk")

    def back_url(self) -> str:
        return reverse("sheet", args=[self.dossier.pk, self.domain.pk])

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.finish_self_assessment(self.item, by=self.request.user)
        messages.success(
            self.request,
            _("Đã báo hoàn thành lĩnh vực %(code)s (%(count)s tiêu chí).")
            % {"code": self.domain.code, "count": self.item.criteria},
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = writing(self.request.user, self.dossier)
        own = access.allowed(Perm.VIEW_DOSSIER, self.request.user, self.dossier.unit)
        notes = returned_notes(self.dossier) if own else {}
        lines = domain_lines(self.dossier, all_scores(self.dossier))
        line = next((line for line in lines if line.domain == self.domain), None)
        rows = domain_rows(self.dossier, self.domain, may, talk=own, user=self.request.user)
        return super().get_context_data(
            domain=self.domain,
            rows=[(row, notes.get(row.code, [])) for row in rows],
            may_resolve=may.allowed and Stage(self.dossier.stage) in EDIT_STAGES,
            own=own,
            sums=line.sums if line else sums([]),
            share=self.share(line),
            finish_title=self.finish_title(),
            tabs=domain_tabs(self.dossier, lines, self.domain, self.request.user),
            locked=locked_words(self.dossier, may),
            editable=may.anything,
            supplementing=self.dossier.stage == Stage.SUPPLEMENTING,
            page_title=_("Lĩnh vực %(code)s · %(name)s") % {"code": self.domain.code, "name": self.domain.name},
            lead=_("%(unit)s · năm %(year)s · %(how)s")
            % {
                "unit": self.dossier.unit,
                "year": self.dossier.cycle.year,
                "how": _("tự lưu khi nhập") if may.anything else _("chỉ xem"),
            },
            deadline_words=self.deadline_words(),
            confirm_text=_(
                "Sau đó cán bộ đầu mối rà soát. Bạn vẫn sửa được cho đến khi hồ sơ được trình lãnh đạo; "
                "sửa rồi, hãy báo cán bộ đầu mối."
            ),
            crumbs=crumbs(self.dossier, _("Lĩnh vực %(code)s") % {"code": self.domain.code}),
            **kwargs,
        )

    def deadline_words(self) -> str:
        """By when the officer and the unit are done, while the unit still works on the dossier."""
        if Stage(self.dossier.stage) not in OPEN_STAGES:
            return ""
        return dates(self.dossier).words_for(Step.OFFICER)

    def finish_title(self) -> str:
        """Whose share of the domain would be reported as done."""
        if self.item is None:
            return ""
        words = {"count": self.item.criteria, "code": self.domain.code, "who": self.item.owner}
        if self.item.owner in (None, self.request.user):
            return _("Xong %(count)s tiêu chí của bạn ở lĩnh vực %(code)s?") % words
        return _("Xong %(count)s tiêu chí của %(who)s ở lĩnh vực %(code)s?") % words

    def share(self, line: DomainLine | None) -> Share | None:
        """The share whose note is shown: that of the task, else the person's own."""
        wanted = self.item.owner_id if self.item else self.request.user.pk
        return next((share for share in (line.shares if line else ()) if share.officer.pk == wanted), None)


class SaveScoreView(LoginRequiredMixin, View):
    """Save what an officer typed for one criterion: a row for a script, a page without one.

    Who asks for `Prefer: return=minimal` (RFC 7240) gets only the version that was saved, and reads the rows that
    changed afterwards, several at once (`SheetRowsView`). 409 shows both contents of a conflict, 422 keeps what was
    typed and names each wrong field.
    """

    http_method_names = ["post"]
    request: SignedInRequest

    def post(self, request: SignedInRequest, dossier: int, score: int) -> HttpResponse:
        row = Score(pk=score, dossier_id=dossier)
        typed = Typed.from_post(request.POST)
        if typed.resolve == "theirs":
            return self.done(row)
        try:
            saved = scores.save_score(row, typed.entry(), version=typed.version, by=request.user)
        except Score.DoesNotExist as error:
            raise Http404 from error
        except NotAllowed:
            get_dossier(request, dossier)  # whoever may not even read it is not told that it exists
            raise
        except InvalidInput as error:
            return self.refused(row, 422, typed=typed, errors=error.errors)
        except Conflict as error:
            return self.refused(row, 409, typed=typed, conflict=error.current)
        except ServiceError as error:
            return self.refused(row, 422, typed=typed, errors={"": str(error)})
        if request.headers.get("Prefer") == "return=minimal":
            headers = {"X-Version": str(saved.version), "Preference-Applied": "return=minimal"}
            return HttpResponse(status=204, headers=headers)
        return self.done(row)

    def done(self, row: Score) -> HttpResponse:
        """The row as it is saved now, with the sums that it changes; without a script its place on the page."""
        dossier = get_dossier(self.request, row.dossier_id)
        score = get_object_or_404(dossier.scores.select_related("criterion"), pk=row.pk)
        if not self.request.htmx:
            return redirect(self.place(dossier, score))
        response = render(self.request, "workflow/sheet_rows_answer.html", answer(dossier, [score.pk], self.request))
        response["X-Version"] = str(score.version)
        return response

    def refused(self, row: Score, status: int, **state: Any) -> HttpResponse:
        """The row with everything that was typed, and why it was refused."""
        dossier = get_dossier(self.request, row.dossier_id)
        score = get_object_or_404(with_evidence(dossier.scores.all()), pk=row.pk)
        criteria_set = dossier.cycle_group.criteria_set
        shown = make_row(score, criteria_set, editable=True, user=self.request.user, **state)
        context = {
            "row": shown,
            "rows": [shown],
            "dossier": dossier,
            "back_url": self.place(dossier, score),
            "illustrative": criteria_set.illustrative,
        }
        template = "workflow/sheet_rows_answer.html" if self.request.htmx else "workflow/sheet_one.html"
        return render(self.request, template, context, status=status)

    def place(self, dossier: Dossier, score: Score) -> str:
        """The page on which the row stands."""
        if dossier.stage == Stage.SUPPLEMENTING:
            return f"{reverse('supplement', args=[dossier.pk])}#score-{score.pk}"
        return row_url(dossier, appraisal.domain_of(score).pk, score.pk)


def answer(dossier: Dossier, wanted: Sequence[int], request: SignedInRequest) -> dict[str, Any]:
    """What `sheet_rows_answer.html` shows of the rows `wanted`, as they stand now."""
    may = writing(request.user, dossier)
    find = supplement_answer if dossier.stage == Stage.SUPPLEMENTING else rows_answer
    return {"dossier": dossier, **find(dossier, wanted, may, request.user)}


class SheetRowsView(LoginRequiredMixin, View):
    """Rows as they stand now (`?row=` for each), with the sums of their domain where it is one.

    While the council waits for a supplement, only those of the criteria that it asked about.
    """

    http_method_names = ["get"]
    request: SignedInRequest

    def get(self, request: SignedInRequest, dossier: int) -> HttpResponse:
        found = get_dossier(request, dossier)
        wanted = [int(pk) for pk in request.GET.getlist("row")[:MOST_ROWS] if pk.isdecimal() and len(pk) < 19]
        return render(request, "workflow/sheet_rows_answer.html", answer(found, wanted, request))
