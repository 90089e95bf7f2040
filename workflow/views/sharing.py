"""Sharing the open domains out among the council: who has what, by hand and evenly."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from assessments.models import DomainAppraisal
from assessments.services import sharing
from units.models import User
from units.web import SignedInRequest

from ..council_page import load_of, load_words
from ..sharing_page import candidates, is_open, known_appraisals, loads, shared_appraisals, sharing_groups, twin
from .council_seats import CouncilFormView, crumbs, managed_cycle


class SharingView(LoginRequiredMixin, TemplateView):
    """Open domains by unit, and what each person has."""

    template_name = "workflow/sharing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cycle = managed_cycle(self.request, self.kwargs["cycle"])
        rows = list(shared_appraisals(self.request.user, cycle))
        title = _("Phân công thẩm định")
        return super().get_context_data(
            cycle=cycle,
            title=title,
            crumbs=crumbs(cycle, title),
            groups=sharing_groups(rows),
            left=DomainAppraisal.objects.filter(dossier__cycle=cycle, finished_at=None, appraiser=None).count(),
            loads=loads(cycle),
        )


class ShareOutView(LoginRequiredMixin, View):
    """Share what nobody has evenly."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, cycle: int) -> HttpResponse:
        count = sharing.share_open(managed_cycle(request, cycle), by=request.user)
        if count:
            messages.success(request, _("Đã chia %(count)s lĩnh vực chưa giao.") % {"count": count})
        else:
            messages.info(request, _("Không còn lĩnh vực nào chia được cho ai."))
        return redirect("council-sharing", cycle)


class GiveForm(forms.Form):
    """Who gets the domain."""

    appraiser = forms.ChoiceField(label=gettext_lazy("Người được giao"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["appraiser"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Cả tổ: ai được giao lĩnh vực cũng nhận được")), *people]


class GiveView(CouncilFormView):
    """Give one open domain of one unit to a person by hand."""

    form_class = GiveForm
    template_name = "workflow/sharing_give.html"
    appraisal: DomainAppraisal

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.appraisal = get_object_or_404(known_appraisals(request.user, self.cycle), pk=kwargs["appraisal"])
            self.title = _("%(unit)s · Lĩnh vực %(code)s") % {
                "unit": self.appraisal.dossier.unit,
                "code": self.appraisal.domain.code,
            }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """What was finished, or passed on, while the list was looked at is not given to anybody any more."""
        if request.user.is_authenticated and not is_open(self.appraisal):
            messages.info(
                request, _("%(what)s không còn chờ thẩm định nên không giao lại được.") % {"what": self.title}
            )
            return redirect("council-sharing", self.cycle.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        load = load_of(self.cycle)
        people = [(str(who.pk), f"{who} · {load_words(load[who.pk])}") for who in candidates(self.appraisal)]
        return {**super().get_form_kwargs(), "people": people}

    def get_initial(self) -> dict[str, Any]:
        return {"appraiser": str(self.appraisal.appraiser_id or "")}

    def run(self, form: Any) -> None:
        chosen = form.cleaned_data["appraiser"]
        person = User.objects.get(pk=chosen) if chosen else None
        sharing.give(self.appraisal, person, by=self.request.user)
        self.done_message = (
            _("Đã giao %(who)s: %(what)s.") % {"who": person, "what": self.title}
            if person
            else _("Đã đưa về cả tổ: %(what)s.") % {"what": self.title}
        )

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if answer.status_code == 302:
            return redirect("council-sharing", self.cycle.pk)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"label": _("Phân công thẩm định"), "url": reverse("council-sharing", args=[self.cycle.pk])}
        context = super().get_context_data(appraisal=self.appraisal, twin=twin(self.appraisal), **kwargs)
        first, last = context["crumbs"]
        return context | {"crumbs": [first, back, last]}
