"""Phân công: the coordinator hands criteria out, and hands them over as long as the unit works on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from assessments.errors import Conflict, InvalidInput
from assessments.services.assignments import HANDOVER_STAGES, handed_version, officers_of
from assessments.shares import Earlier, assigned_ids, earlier_assignment
from units.models import User
from units.permissions import Perm

from .. import actions
from ..assign_clash import Clash, clash
from ..assign_page import Plan
from ..dossier_sums import all_scores
from ..engine import AlreadyDone
from .unit_steps import UnitStepView


class AssignForm(forms.Form):
    """Whom the selection goes to, and a message."""

    to = forms.ChoiceField(
        label=_l("Giao mục đã chọn cho"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    note = forms.CharField(
        label=_l("Lời nhắn cho chuyên viên"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("– chọn người –")), *((str(person.pk), str(person)) for person in people)]


class AssignView(UnitStepView):
    """The tree with who fills what. "Giao" and "như năm trước" only change the page; nothing is saved before that.

    The page carries the version that it was read upon. Who saves after somebody else gets 409: what was saved
    meanwhile stands beside the own choice, and nothing of either is lost.
    """

    node = "assign"
    perm = Perm.ASSIGN_CRITERIA
    title = _l("Phân công tự đánh giá")
    template_name = "workflow/assign.html"
    form_class = AssignForm
    refused: Mapping[str, str] = MappingProxyType({})
    seen = 0

    @property
    def hands_over(self) -> bool:
        """Whether the criteria were handed out before and may still go to others."""
        return self.dossier.stage in {stage.value for stage in HANDOVER_STAGES}

    @property
    def waits(self) -> bool:
        return self.item is not None or self.hands_over

    @cached_property
    def people(self) -> list[User]:
        return officers_of(self.dossier)

    @cached_property
    def saved(self) -> dict[int, User]:
        """Who fills what as it is saved, by criterion id."""
        return assigned_ids(self.dossier)

    @cached_property
    def plan(self) -> Plan:
        known = {person.pk: person for person in [*self.people, *self.saved.values()]}
        return Plan(self.dossier, all_scores(self.dossier), list(known.values()))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "people": self.people}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.waits:
            messages.warning(request, _("Việc này không còn chờ bạn. Trang đã được tải lại với tình trạng mới."))
            return redirect(self.back_url())
        self.plan.take(chosen(request.POST, self.plan.people))
        self.seen = number(request.POST.get("seen", ""))
        form = self.get_form()
        if "theirs" in request.POST:
            return self.keep_saved(form)
        if "give" in request.POST:
            return self.give(form)
        if "earlier" in request.POST:
            return self.fill_from_earlier(form)
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def conflict(self, form: Any, error: Conflict) -> HttpResponse:
        """Both choices, the own one on top; what was saved meanwhile is the version of the page from now on."""
        mine = self.plan.owners
        self.load()
        self.item = self.find_item().first()
        if not self.waits:
            messages.warning(self.request, _("Phân công đã được lưu và hồ sơ đã sang bước sau."))
            return redirect(self.back_url())
        for name in ("saved", "plan"):
            self.__dict__.pop(name, None)
        self.plan.owners = mine
        found = clash(self.dossier, self.plan, self.plan.spread(self.saved), self.seen)
        self.plan.owners = dict(found.merged)
        self.seen = handed_version(self.dossier)
        return self.render_to_response(self.get_context_data(form=form, clash=found), status=409)

    def keep_saved(self, form: AssignForm) -> HttpResponse:
        """What both gave to somebody stays as it is saved; the other changes of the page wait to be saved."""
        both = {number(value) for value in self.request.POST.getlist("both")}
        stands = self.plan.spread(self.saved)
        self.plan.owners |= {code: who for code, who in stands.items() if self.plan.criterion(code).pk in both}
        return self.render_to_response(self.get_context_data(form=form))

    def give(self, form: AssignForm) -> HttpResponse:
        """Everything picked goes to one person, on the page only."""
        form.full_clean()
        person = self.plan.people.get(number(form.cleaned_data.get("to", "")))
        picked = [number(value) for value in self.request.POST.getlist("pick")]
        if person is None:
            form.add_error("to", _("Hãy chọn người nhận, rồi bấm “Giao”."))
        elif not self.plan.give(picked, person):
            form.add_error("to", _("Hãy đánh dấu ít nhất một lĩnh vực hoặc tiêu chí, rồi bấm “Giao”."))
        if form.errors:
            return self.form_invalid(form)
        return self.render_to_response(self.get_context_data(form=form))

    def fill_from_earlier(self, form: AssignForm) -> HttpResponse:
        """Last year's officers, on the page only; whoever left is named."""
        earlier = earlier_assignment(self.dossier, self.people)
        if earlier is not None:
            self.plan.take(earlier.officers)
        return self.render_to_response(self.get_context_data(form=form, earlier=earlier))

    def run(self, form: Any) -> None:
        officers, note = self.plan.officers(), form.cleaned_data["note"]
        try:
            self.save(officers, note)
        except InvalidInput as error:
            self.refused = error.errors
            raise

    def save(self, officers: Mapping[int, User], note: str) -> None:
        """Hand out, or hand over what differs. Raises Conflict where somebody did either since the page was read."""
        if self.hands_over:
            moved = actions.reassign(self.dossier, officers, note=note, seen=self.seen, by=self.request.user)
            messages.success(
                self.request,
                _("Đã giao lại %(count)s mục. Người giao và người nhận được thông báo.") % {"count": len(moved)},
            )
            return
        assert self.item is not None
        try:
            actions.assign(self.item, officers, note=note, by=self.request.user)
        except AlreadyDone as error:
            raise Conflict(str(error), handed_version(self.dossier)) from error
        messages.success(self.request, _("Đã phân công. Chuyên viên nhận được việc trong “Việc của tôi”."))

    def get_success_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])

    def get_context_data(
        self, earlier: Earlier | None = None, clash: Clash | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        if self.request.method != "POST":
            self.seen = handed_version(self.dossier)
            self.plan.take(self.saved)
        context = super().get_context_data(**kwargs)
        plan = self.plan
        return context | {
            "rows": plan.rows(self.refused),
            "loads": plan.loads(self.people),
            "open_criteria": len(plan.leaves) - len(plan.owners),
            "hands_over": self.hands_over,
            "changed": plan.officers() != self.saved,
            "seen": self.seen,
            "clash": clash,
            "earlier": earlier,
            "offers_earlier": not self.hands_over and earlier_assignment(self.dossier, self.people) is not None,
        }


def number(value: str) -> int:
    """A row's id from a form, 0 for anything else."""
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def chosen(data: QueryDict, people: Mapping[int, User]) -> dict[int, User]:
    """The choice that the page carried, by criterion id; people who cannot be chosen are left out."""
    found = {}
    for key in data:
        head, _dot, pk = key.partition(".")
        person = people.get(number(data.get(key, "")))
        if head == "officer" and number(pk) and person is not None:
            found[number(pk)] = person
    return found
