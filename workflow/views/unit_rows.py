"""What a row of the sheet opens on demand: the unit's talk about the criterion or branch, and its history.

Each is a page of its own; asked for by script (`X-Part`), only the part that stands inside the row.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.generic import View

from assessments.errors import ServiceError
from assessments.idempotency import new_key
from assessments.models import Dossier
from assessments.services import comments
from criteria.models import Criterion
from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from ..history import lines, visible_entries
from ..talk import talk_title, thread_of
from .unit_evidence import get_score
from .unit_sheet import crumbs, get_dossier

RECENT = 50


class PartView(LoginRequiredMixin, View):
    """Something about one criterion or branch of a dossier that the person may read."""

    request: SignedInRequest
    dossier: Dossier
    criterion: Criterion
    part = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.load(**kwargs)

    def load(self, **kwargs: Any) -> None:
        """Find dossier and criterion; raises Http404."""
        raise NotImplementedError

    def show(self, *, title: str, status: int = 200, **context: Any) -> HttpResponse:
        """The part alone for the script of the sheet, else a page around it."""
        alone = "X-Part" in self.request.headers
        return render(
            self.request,
            self.part if alone else "workflow/row_page.html",
            {
                "dossier": self.dossier,
                "criterion": self.criterion,
                "part": self.part,
                "title": title,
                "crumbs": crumbs(self.dossier, title),
                **context,
            },
            status=status,
        )


class CommentsView(PartView):
    """The unit's talk about one criterion or branch; nobody else finds it. Posting adds a comment."""

    part = "workflow/comments.html"

    def load(self, **kwargs: Any) -> None:
        self.dossier = get_dossier(self.request, kwargs["dossier"])
        if not access.allowed(Perm.VIEW_DOSSIER, self.request.user, self.dossier.unit):
            raise Http404
        in_set = Criterion.objects.filter(criteria_set=self.dossier.criteria_set_id)
        self.criterion = get_object_or_404(in_set, pk=kwargs["criterion"])

    def get(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.page()

    def post(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        body = request.POST.get("body", "")
        key = request.POST.get("idempotency_key")
        try:
            actions.comment(self.dossier, self.criterion, body, key=key, by=request.user)
        except ServiceError as error:
            return self.page(status=422, body=body, error=str(error), idempotency_key=key)
        return self.done()

    def done(self) -> HttpResponse:
        if "X-Part" in self.request.headers:
            return self.page()
        return redirect("comments", self.dossier.pk, self.criterion.pk)

    def page(self, *, status: int = 200, **context: Any) -> HttpResponse:
        return self.show(
            title=talk_title(self.criterion),
            status=status,
            **{"thread": thread_of(self.dossier, self.criterion), "idempotency_key": new_key(), **context},
        )


class ResolveCommentView(CommentsView):
    """Mark one comment as settled."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        of_row = comments.notes_for(request.user).filter(dossier=self.dossier, criterion=self.criterion)
        note = get_object_or_404(of_row, pk=kwargs["note"])
        try:
            comments.resolve(note, by=request.user)
        except ServiceError as error:
            return self.page(status=422, error=str(error))
        return self.done()


class RowHistoryView(PartView):
    """Who changed what on one criterion, from which value to which."""

    http_method_names = ["get", "head", "options"]
    part = "workflow/row_history.html"

    def load(self, **kwargs: Any) -> None:
        self.dossier, score = get_score(self.request, kwargs["dossier"], kwargs["score"])
        self.criterion = score.criterion

    def get(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        entries = visible_entries(self.dossier, request.user).filter(criterion=self.criterion)
        return self.show(
            title=_("Lịch sử tiêu chí %(code)s") % {"code": self.criterion.code},
            history=lines(entries[:RECENT]),
        )
