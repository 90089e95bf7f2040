"""Sở Nội vụ proposes, UBND tỉnh decides, Sở Nội vụ publishes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from results.by_round import with_rounds
from results.content import from_content
from results.services import current_proposal
from results.table import result_table
from units import clock
from units.fields import DayField
from units.permissions import Perm

from .. import actions
from ..review import distributions, unfinished
from .province import ProvinceStepView


class ProposeForm(forms.Form):
    """The words with which the table is put before UBND tỉnh."""

    note = forms.CharField(
        label=gettext_lazy("Nội dung trình"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ProposeView(ProvinceStepView):
    """The table as it stands, put before UBND tỉnh."""

    node = "propose"
    perms = (Perm.PROPOSE,)
    template_name = "workflow/propose.html"
    form_class = ProposeForm
    done_message = gettext_lazy("Đã trình UBND tỉnh kết quả. Người quyết định phải là người khác.")

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.propose(self.item, note=form.cleaned_data["note"], by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = with_rounds(result_table(self.cycle), self.cycle)
        return super().get_context_data(
            groups=groups,
            distributions=distributions(self.cycle, groups),
            unfinished=unfinished(groups),
            last=current_proposal(self.cycle),
            **kwargs,
        )


class DecideForm(forms.Form):
    """Approve, or return with the reason."""

    APPROVE, RETURN = "approve", "return"

    decision = forms.ChoiceField(
        label=gettext_lazy("Quyết định"),
        choices=[
            (APPROVE, gettext_lazy("Phê duyệt kết quả để công bố")),
            (RETURN, gettext_lazy("Trả lại Sở Nội vụ để hoàn thiện")),
        ],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=gettext_lazy("Ý kiến"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Bắt buộc khi trả lại."),
    )


class DecideView(ProvinceStepView):
    """UBND tỉnh decides on exactly what was proposed; the proposer cannot decide."""

    node = "decide"
    perms = (Perm.DECIDE,)
    template_name = "workflow/decide.html"
    form_class = DecideForm

    def run(self, form: Any) -> None:
        assert self.item is not None
        approved = form.cleaned_data["decision"] == DecideForm.APPROVE
        actions.decide(self.item, approved=approved, comment=form.cleaned_data["comment"], by=self.request.user)
        self.done_message = (
            _("Đã phê duyệt kết quả. Sở Nội vụ ghi số quyết định và công bố.")
            if approved
            else _("Đã trả lại Sở Nội vụ để hoàn thiện.")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal = current_proposal(self.cycle)
        groups = from_content(proposal.content) if proposal else ()
        return super().get_context_data(
            proposal=proposal,
            groups=groups,
            distributions=distributions(self.cycle, groups),
            own=proposal is not None and proposal.proposed_by_id == self.request.user.pk,
            **kwargs,
        )


class PublishForm(forms.Form):
    """The decision under which the result is published."""

    decision_number = forms.CharField(
        label=gettext_lazy("Số quyết định"), max_length=60, help_text=gettext_lazy("Ví dụ 05/QĐ-UBND")
    )
    decided_on = DayField(label=gettext_lazy("Ngày quyết định"))
    signer = forms.CharField(label=gettext_lazy("Người ký"), max_length=150)


class PublishView(ProvinceStepView):
    """Publish what was approved, under the decision's number. From then on nothing changes it."""

    node = "publish"
    perms = (Perm.PUBLISH,)
    template_name = "workflow/publish.html"
    form_class = PublishForm
    done_message = gettext_lazy("Đã công bố kết quả.")

    def get_initial(self) -> dict[str, Any]:
        return {"decided_on": clock.today()}

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.publish(self.item, by=self.request.user, **form.cleaned_data)

    def get_success_url(self) -> str:
        return reverse("results", args=[self.cycle.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        proposal = current_proposal(self.cycle)
        groups = from_content(proposal.content) if proposal else ()
        return super().get_context_data(
            proposal=proposal, groups=groups, distributions=distributions(self.cycle, groups), **kwargs
        )
