"""Declared conflicts of interest: everybody of the council declares own ones, whoever manages it all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, View

from assessments.errors import InvalidInput, ServiceError
from assessments.models import CouncilMember, Cycle, DeclaredConflict
from assessments.services import council
from assessments.visibility import cycles_for
from units import access
from units.models import Unit, User
from units.permissions import Perm
from units.web import SignedInRequest

from ..council_page import automatic_conflicts, cycle_units, standing_conflicts
from .base import place_errors
from .council_seats import crumbs, managed_cycle

COUNCIL = (Perm.APPRAISE, Perm.CONCLUDE, Perm.CHAIR, Perm.MANAGE_COUNCIL)


class ConflictForm(forms.Form):
    """Who must not deal with which unit, and why."""

    user = forms.ChoiceField(label=gettext_lazy("Người của hội đồng"))
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị"))
    reason = forms.CharField(
        label=gettext_lazy("Lý do"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Ví dụ: người thân là lãnh đạo đơn vị, vừa chuyển công tác từ đơn vị này."),
    )

    def __init__(self, *args: Any, cycle: Cycle, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(people) == 1:
            del self.fields["user"]
        else:
            self._choose("user", [("", _("Chọn người")), *people])
        self._choose("unit", [("", _("Chọn đơn vị")), *cycle_units(cycle)])

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class ConflictsView(LoginRequiredMixin, FormView[Any]):
    """Conflicts in force and withdrawn, and a form for one more."""

    request: SignedInRequest
    cycle: Cycle
    manages = False
    form_class = ConflictForm
    template_name = "workflow/conflicts.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(cycles_for(request.user, *COUNCIL), pk=kwargs["cycle"])
            self.manages = access.allowed(Perm.MANAGE_COUNCIL, request.user, self.cycle)

    def get_form_kwargs(self) -> dict[str, Any]:
        people = [(str(self.request.user.pk), str(self.request.user))]
        if self.manages:
            seats = CouncilMember.objects.filter(council__cycle=self.cycle).select_related("user")
            people = [(str(seat.user_id), str(seat.user)) for seat in seats.order_by("user__full_name", "pk")]
        self.only = people[0][0] if len(people) == 1 else ""
        return {**super().get_form_kwargs(), "cycle": self.cycle, "people": people}

    def form_valid(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        person = User.objects.get(pk=data.get("user") or self.only)
        unit = Unit.objects.get(pk=data["unit"])
        try:
            council.declare_conflict(self.cycle, person, unit, reason=data["reason"], by=self.request.user)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("Đã khai báo. Hồ sơ của %(unit)s không còn hiện với %(who)s.") % {"unit": unit, "who": person},
        )
        return redirect("council-conflicts", self.cycle.pk)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Xung đột lợi ích")
        return super().get_context_data(
            cycle=self.cycle,
            manages=self.manages,
            title=title,
            crumbs=crumbs(self.cycle, title) if self.manages else [{"label": title, "url": ""}],
            rows=standing_conflicts(self.cycle, self.request.user, everybody=self.manages),
            automatic=automatic_conflicts(self.cycle) if self.manages else [],
            **kwargs,
        )


class WithdrawConflictView(LoginRequiredMixin, View):
    """End a declared conflict."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, cycle: int, conflict: int) -> HttpResponse:
        found = managed_cycle(request, cycle)
        row = get_object_or_404(DeclaredConflict.objects.filter(council__cycle=found), pk=conflict)
        try:
            council.withdraw_conflict(row, by=request.user)
        except ServiceError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("Đã rút khai báo xung đột lợi ích."))
        return redirect("council-conflicts", cycle)
