"""The secretary writes down what two scorers agreed on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from assessments.errors import Conflict, InvalidInput, ServiceError
from assessments.models import Dossier
from assessments.services import appraisal, rounds
from assessments.stages import Stage
from units.web import SignedInRequest

from ..consensus import Line
from ..desk import Typed
from ..review import response_words
from .council import get_dossier


class AgreeScoreView(LoginRequiredMixin, View):
    """Save the agreed points of one criterion: its row for htmx, a page without it; 409 and 422 as on the desk."""

    request: SignedInRequest
    http_method_names = ["post"]

    def post(self, request: SignedInRequest, dossier: int, score: int) -> HttpResponse:
        found = get_dossier(request, dossier)
        row = get_object_or_404(found.scores.select_related("criterion"), pk=score)
        typed = Typed.from_post(request.POST)
        if typed.resolve == "theirs":
            return self.answer(found, row.pk)
        if not typed.points.strip() and not row.not_applicable:
            errors = {"points": _("Hãy nhập điểm mà hai người chấm đã thống nhất.")}
            return self.answer(found, row.pk, status=422, typed=typed, errors=errors)
        try:
            appraisal.agree(row, typed.points, reason=typed.reason, version=typed.version, by=request.user)
        except InvalidInput as error:
            return self.answer(found, row.pk, status=422, typed=typed, errors=error.errors)
        except Conflict as error:
            return self.answer(found, row.pk, status=409, typed=typed, conflict=error.current)
        except ServiceError as error:
            return self.answer(found, row.pk, status=422, typed=typed, errors={"points": str(error)})
        return self.answer(found, row.pk)

    def answer(self, dossier: Dossier, pk: int, *, status: int = 200, **state: Any) -> HttpResponse:
        """The line as it stands now, or as it was refused; nobody's points are shown before all are locked."""
        score = dossier.scores.select_related("criterion", "appraised_by").get(pk=pk)
        pair = rounds.pairs([score], dossier=dossier).get(pk) if dossier.stage == Stage.REVIEWING else None
        if pair is None:
            raise Http404
        back_url = f"{reverse('review', args=[dossier.pk])}#consensus"
        if not self.request.htmx and status == 200:
            messages.success(
                self.request, _("Đã ghi điểm thống nhất của tiêu chí %(code)s.") % {"code": score.criterion.code}
            )
            return redirect(back_url)
        template = "workflow/consensus_answer.html" if self.request.htmx else "workflow/consensus_one.html"
        context = {
            "line": Line(score, pair, editable=True, **state),
            "dossier": dossier,
            "back_url": back_url,
            "disputed": len(rounds.disputes(dossier)),
            "response": response_words(dossier.cycle),
        }
        return render(self.request, template, context, status=status)
