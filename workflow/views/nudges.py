"""Đôn đốc by hand: choose, write, look at who will be told, send; and the công văn of what was sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.deadlines import legal_deadline
from assessments.errors import InvalidInput, ServiceError
from assessments.idempotency import new_key
from assessments.models import Nudge
from assessments.services.cycles import illustrative
from assessments.services.nudges import LONGEST_TEXT
from assessments.visibility import cycles_for
from results.documents.model import Document
from units.fields import DayField
from units.permissions import Perm

from .. import actions
from ..nudging import LATE, SHOW, UNSENT, late_works, listed, official_letter, owing, traces
from .base import place_errors
from .documents import DocumentView
from .extensions import ManagedCycleView

SEND, EDIT = "send", "edit"


class NudgeForm(forms.Form):
    """Which units, in which words, and by when."""

    units = forms.MultipleChoiceField(
        label=gettext_lazy("Đơn vị"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Hãy chọn ít nhất một đơn vị còn việc phải làm.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Nội dung đôn đốc"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )
    until = DayField(label=gettext_lazy("Yêu cầu hoàn thành đến hết ngày"), required=False)

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["units"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = units


class NudgeView(ManagedCycleView):
    """The first press shows who will be told what; only the second one sends."""

    template_name = "workflow/nudge.html"
    form_class = NudgeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        self.rows = listed(owing(self.cycle), self.show)
        return {
            **super().get_form_kwargs(),
            "units": [(str(row.dossier.unit_id), row.dossier.unit.name) for row in self.rows],
        }

    @property
    def show(self) -> str:
        return self.request.GET.get(SHOW, "")

    @property
    def only_late(self) -> bool:
        """A list of late units comes with all of them chosen."""
        return self.show in (LATE, UNSENT)

    def get_initial(self) -> dict[str, Any]:
        chosen = self.request.GET.getlist("don-vi")
        return {
            "units": chosen,
            "text": _("Đề nghị đơn vị khẩn trương hoàn thành các việc dưới đây theo kế hoạch của UBND tỉnh."),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        facts = form.cleaned_data
        chosen = {int(pk) for pk in facts["units"]}
        if self.request.POST.get("do") == EDIT:
            return self.render_to_response(self.get_context_data(form=form))
        if self.request.POST.get("do") != SEND:
            preview = [row for row in self.rows if row.dossier.unit_id in chosen]
            people = {person.pk for row in preview for person in row.people}
            return self.render_to_response(
                self.get_context_data(form=form, preview=preview, people=len(people), idempotency_key=new_key())
            )
        try:
            made = actions.nudge(
                self.cycle,
                chosen,
                text=facts["text"],
                until=facts["until"],
                key=self.request.POST.get("idempotency_key"),
                by=self.request.user,
            )
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except ServiceError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, _("Đã gửi đôn đốc. Công văn dự thảo tải ở trang này."))
        return redirect("nudge", self.cycle.pk, made)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = {str(value) for value in (context["form"]["units"].value() or [])}
        if self.only_late and not context["form"].is_bound and not chosen:
            chosen = {str(row.dossier.unit_id) for row in self.rows}
        title = _("Đôn đốc")
        return context | {
            "title": title,
            "lead": _("%(cycle)s · Hạn chung: %(deadline)s")
            % {"cycle": self.cycle.name, "deadline": legal_deadline(self.cycle).words()},
            "crumbs": self.crumbs(title),
            "rows": [{"row": row, "chosen": str(row.dossier.unit_id) in chosen} for row in self.rows],
            "only_late": self.only_late,
            "only_unsent": self.show == UNSENT,
            "here": reverse("nudges", args=[self.cycle.pk]),
            "sent": Nudge.objects.filter(cycle=self.cycle).select_related("sent_by").prefetch_related("units")[:20],
        }


class NudgeSentView(ManagedCycleView):
    """One nudge: to whom, about what, and what became of each notice."""

    template_name = "workflow/nudge_sent.html"
    http_method_names = ["get", "head", "options"]
    form_class = forms.Form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = get_object_or_404(self.cycle.nudges.select_related("sent_by"), pk=self.kwargs["nudge"])
        told = traces(made)
        rows = [
            {
                "unit": row.unit,
                "works": row.works,
                "people": [
                    {"person": person, "trace": told.get((row.unit_id, person.pk))} for person in row.recipients.all()
                ],
            }
            for row in made.units.select_related("unit").prefetch_related("recipients")
        ]
        title = _("Đôn đốc đã gửi")
        crumbs = [*self.crumbs("")[:1], {"label": _("Đôn đốc"), "url": reverse("nudges", args=[self.cycle.pk])}]
        return super().get_context_data(
            made=made,
            rows=rows,
            has_letter=any(work["days_late"] for row in rows for work in row["works"]),
            title=title,
            crumbs=[*crumbs, {"label": title, "url": ""}],
            **kwargs,
        )


class NudgeLetterView(DocumentView):
    """The drafted công văn of a nudge, as Word or PDF."""

    def document(self, **kwargs: Any) -> tuple[str, Document]:
        made = get_object_or_404(
            Nudge.objects.filter(cycle__in=cycles_for(self.request.user, Perm.MANAGE)).select_related(
                "cycle__plan", "cycle__province", "sent_by"
            ),
            cycle=kwargs["cycle"],
            pk=kwargs["nudge"],
        )
        if not late_works(made):
            raise Http404(_("Lúc gửi đôn đốc chưa có đơn vị nào quá hạn nên không có công văn."))
        document = official_letter(made, illustrative=illustrative(made.cycle))
        return f"Công văn đôn đốc {made.cycle.year} {made.pk}", document
