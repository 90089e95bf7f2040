"""Nghỉ phép, thay mặt: the list of a unit, a new substitution, and its early end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView, View

from . import clock
from .errors import InvalidInput
from .fields import DayField
from .models import Unit, User
from .substitutions import State, absences_open_to, colleagues, end, register, state_of, substitutions_for
from .web import SignedInRequest

PER_PAGE = 50
CHIPS = {
    State.COMING: ("info", _l("Sắp tới")),
    State.RUNNING: ("ok", _l("Đang thay mặt")),
    State.OVER: ("mute", _l("Đã hết")),
    State.ENDED: ("mute", _l("Kết thúc sớm")),
}


class SubstitutionForm(forms.Form):
    """Who is away and who takes the place; a choice is "unit:person" where it depends on the unit."""

    absent = forms.ChoiceField(label=_l("Người vắng mặt"), error_messages={"required": _l("Hãy chọn người vắng mặt.")})
    substitute = forms.ChoiceField(
        label=_l("Người thay mặt"), error_messages={"required": _l("Hãy chọn người làm thay.")}
    )
    first_day = DayField(label=_l("Từ ngày"))
    last_day = DayField(label=_l("Đến hết ngày"))
    reason = forms.CharField(
        label=_l("Lý do"),
        max_length=300,
        help_text=_l("Ví dụ: nghỉ phép năm, đi công tác, nghỉ ốm."),
        error_messages={"required": _l("Hãy ghi lý do, ví dụ: nghỉ phép, đi công tác.")},
    )

    def __init__(self, *args: Any, absences: list[tuple[Unit, User]], people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        several = len({unit.pk for unit, _person in absences}) > 1
        for name, choices in (
            ("absent", [(f"{unit.pk}:{who.pk}", f"{who} ({unit})" if several else str(who)) for unit, who in absences]),
            ("substitute", [("", _("– chọn người –")), *((str(who.pk), str(who)) for who in people)]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class SubstitutionsView(LoginRequiredMixin, FormView[SubstitutionForm]):
    """The substitutions of the person's units, the newest first; the same queries for any number of rows."""

    request: SignedInRequest
    template_name = "units/substitutions.html"
    form_class = SubstitutionForm

    def get_form_kwargs(self) -> dict[str, Any]:
        user = self.request.user
        self.absences = absences_open_to(user)
        self.people = {row.user_id: row.user for row in colleagues(user) if row.user.is_active}
        today = clock.today()
        return {
            **super().get_form_kwargs(),
            "absences": self.absences,
            "people": list(self.people.values()),
            "initial": {"first_day": today, "last_day": today},
        }

    def form_valid(self, form: SubstitutionForm) -> HttpResponse:
        data = form.cleaned_data
        unit, absent = next(pair for pair in self.absences if f"{pair[0].pk}:{pair[1].pk}" == data["absent"])
        try:
            row = register(
                unit=unit,
                absent=absent,
                substitute=self.people[int(data["substitute"])],
                first_day=data["first_day"],
                last_day=data["last_day"],
                reason=data["reason"],
                by=self.request.user,
            )
        except InvalidInput as error:
            for name, message in error.errors.items():
                form.add_error(name or None, message)
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("%(substitute)s thay mặt %(absent)s từ %(first)s đến hết %(last)s.")
            % {
                "substitute": row.substitute,
                "absent": row.absent,
                "first": f"{row.first_day:%d/%m/%Y}",
                "last": f"{row.last_day:%d/%m/%Y}",
            },
        )
        return redirect("substitutions")

    def form_invalid(self, form: SubstitutionForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = Paginator(
            substitutions_for(self.request.user)
            .select_related("unit", "absent", "substitute", "made_by", "ended_by")
            .order_by("-first_day", "-pk"),
            PER_PAGE,
        ).get_page(self.request.GET.get("page"))
        open_to = {(unit.pk, person.pk) for unit, person in self.absences}
        user = self.request.user
        rows = []
        for row in page.object_list:
            state = state_of(row)
            involved = user.pk in (row.absent_id, row.substitute_id, row.made_by_id)
            chip, words = CHIPS[state]
            rows.append(
                {
                    "row": row,
                    "chip": chip,
                    "words": words,
                    "may_end": state in (State.COMING, State.RUNNING)
                    and (involved or (row.unit_id, row.absent_id) in open_to),
                }
            )
        return context | {"page_obj": page, "rows": rows, "may_add": bool(self.absences)}


class EndSubstitutionView(LoginRequiredMixin, View):
    """End a substitution early; only by POST."""

    http_method_names = ["post"]
    request: SignedInRequest

    def post(self, request: HttpRequest, substitution: int) -> HttpResponse:
        row = get_object_or_404(substitutions_for(self.request.user), pk=substitution)
        try:
            end(row, by=self.request.user)
        except InvalidInput as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("Đã kết thúc việc thay mặt."))
        return redirect(reverse("substitutions"))
