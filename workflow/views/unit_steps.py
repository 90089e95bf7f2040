"""The unit's steps: phân công, rà soát, phê duyệt, gửi, bổ sung, phản hồi kết quả dự kiến."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.errors import InvalidInput
from assessments.services.appraisal import open_request
from assessments.stages import OPEN_STAGES, Stage
from assessments.visibility import result_given, sees_rounds
from units import access
from units.permissions import Perm
from units.templatetags.cchc import due

from .. import actions
from ..dossier_page import dates, sentence, stepper
from ..provisional import contested, provisional, total, window
from ..sheet_page import writing
from ..unit_supplement import asked_rows
from .base import DossierStepView
from .unit_sheet import crumbs


class UnitStepView(DossierStepView):
    """A step inside the unit: only people who hold `perm` on the unit open it, others get 403."""

    perm: Perm
    title: Any = ""

    def load(self) -> None:
        super().load()
        access.require(self.perm, self.request.user, self.dossier.unit)

    @property
    def waits(self) -> bool:
        """Whether there is anything to do here for this person."""
        return self.item is not None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.waits:
            return render(request, "workflow/step_closed.html", self.frame())
        return super().get(request, *args, **kwargs)

    def frame(self) -> dict[str, Any]:
        """What every step's page shows around its own content."""
        return {
            "dossier": self.dossier,
            "title": self.title,
            "crumbs": crumbs(self.dossier, str(self.title)),
            "sentence": sentence(self.dossier),
            "illustrative": self.dossier.cycle_group.criteria_set.illustrative,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        when = dates(self.dossier)
        around = {**self.frame(), "dates": when, "steps": stepper(self.dossier, late=when.passed and self.unsent)}
        return {**around, **super().get_context_data(**kwargs)}

    @property
    def unsent(self) -> bool:
        return Stage(self.dossier.stage) in OPEN_STAGES


class SupplementView(UnitStepView):
    """Bổ sung: the criteria that the council asked about, each open to be changed; the rest stays locked.

    Every officer of the unit may work on them; whoever submits for the unit sends the answer.
    """

    node = "supplement"
    perm = Perm.SCORE
    title = _l("Bổ sung theo yêu cầu của hội đồng")
    template_name = "workflow/supplement.html"
    done_message = _l("Đã gửi bổ sung. Hội đồng sẽ thẩm định lại các tiêu chí này.")

    @property
    def waits(self) -> bool:
        return bool(self.dossier.stage == Stage.SUPPLEMENTING)

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.answer_supplement(self.item, by=self.request.user)

    def get_success_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        request = open_request(self.dossier)
        return super().get_context_data(
            asked=asked_rows(self.dossier, writing(user, self.dossier), user),
            question=request,
            due=due(request.due_on) if request else None,
            **kwargs,
        )


class RespondForm(forms.Form):
    """Points wanted and reason for each criterion that the unit contests."""

    def __init__(self, *args: Any, scores: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pk in scores:
            self.fields[f"appeal.{pk}"] = forms.BooleanField(required=False)
            self.fields[f"points.{pk}"] = forms.CharField(required=False, max_length=40)
            self.fields[f"reason.{pk}"] = forms.CharField(
                required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
            )


class RespondView(UnitStepView):
    """Phản hồi kết quả dự kiến: agree, or contest named criteria. Afterwards the unit goes on reading it here."""

    node = "respond"
    perm = Perm.VIEW_DOSSIER
    title: Any = _l("Kết quả thẩm định dự kiến")
    template_name = "workflow/respond.html"
    form_class = RespondForm

    def load(self) -> None:
        super().load()
        if self.dossier.concluded_at:
            self.title = _("Kết quả thẩm định")

    @property
    def waits(self) -> bool:
        return sees_rounds(self.request.user, self.dossier)

    def get_form_kwargs(self) -> dict[str, Any]:
        self.result = provisional(self.dossier)
        open_rows = [row.score.pk for row in self.result.rows if row.contestable]
        return {**super().get_form_kwargs(), "scores": open_rows}

    def run(self, form: Any) -> None:
        assert self.item is not None
        appeals = contested(form.cleaned_data)
        if self.request.POST.get("action") == "contest":
            if not appeals:
                raise InvalidInput({"appeals": _("Hãy đánh dấu ít nhất một tiêu chí muốn kiến nghị.")})
            actions.respond(self.item, appeals, by=self.request.user)
            messages.success(self.request, _("Đã gửi kiến nghị %(count)s tiêu chí.") % {"count": len(appeals)})
            return
        if appeals:
            raise InvalidInput(
                {
                    "appeals": _(
                        "Bạn đang đánh dấu %(count)s tiêu chí để kiến nghị. Hãy gửi kiến nghị, hoặc bỏ đánh "
                        "dấu rồi đồng ý."
                    )
                    % {"count": len(appeals)}
                }
            )
        actions.respond(self.item, [], by=self.request.user)
        messages.success(self.request, _("Đã xác nhận đồng ý với kết quả dự kiến."))

    def get_success_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        every = [row.with_fields(form) for row in self.result.rows] if self.item else self.result.rows
        context["asked"] = [row for row in every if row.filed]
        context["waiting"] = [row for row in context["asked"] if row.filed.accepted is None]
        rows = [row for row in every if not row.filed]
        context["columns"] = self.result.rounds.columns
        context["changed"] = [row for row in rows if row.changed]
        context["unchanged"] = [row for row in rows if not row.changed]
        context["unchanged_open"] = any(row.open for row in context["unchanged"])
        context["different"] = sum(row.changed for row in every)
        context["explained"] = result_given(self.dossier)
        context["claimed"] = total(row.score.self_points for row in every)
        context["appraised"] = total(row.standing.points for row in every if row.standing)
        context["due"] = due(window(self.dossier))
        return context
