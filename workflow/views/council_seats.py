"""The council of a cycle: its decision, its seats and its way of working, for whoever manages it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from assessments.errors import InvalidInput, ServiceError
from assessments.models import CouncilMember, Cycle
from assessments.services import council
from assessments.services.council import Place
from assessments.stages import CycleStage
from assessments.visibility import cycles_for
from criteria.models import POINTS, Criterion
from criteria.points import format_number
from units import access
from units.fields import DayField
from units.models import Unit, User
from units.permissions import COUNCIL_ROLES, Perm, Role
from units.web import SignedInRequest

from ..council_page import (
    agencies,
    council_of,
    cycle_domains,
    cycle_units,
    load_of,
    people_found,
    rules_words,
    seat_groups,
)
from .base import place_errors


def managed_cycle(request: HttpRequest, pk: int) -> Cycle:
    """A cycle whose council the person manages, or 404."""
    cycles = cycles_for(request.user, Perm.MANAGE_COUNCIL).select_related("plan", "province")
    return get_object_or_404(cycles, pk=pk)


def crumbs(cycle: Cycle, *titles: str) -> list[dict[str, str]]:
    """From the council's page down to the last of `titles`."""
    first = {"label": _("Hội đồng thẩm định"), "url": reverse("council", args=[cycle.pk])}
    return [first, *({"label": title, "url": ""} for title in titles)]


class CouncilView(LoginRequiredMixin, TemplateView):
    """Everything about the council on one page; its chair and deputies read it, whoever manages it changes it."""

    request: SignedInRequest

    template_name = "workflow/council.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cycle = get_object_or_404(
            cycles_for(self.request.user, Perm.MANAGE_COUNCIL, Perm.CHAIR).select_related("plan", "province"),
            pk=self.kwargs["cycle"],
        )
        found = council_of(cycle)
        manages = access.allowed(Perm.MANAGE_COUNCIL, self.request.user, cycle)
        led = Criterion.objects.filter(criteria_set__cycles__cycle=cycle, parent=None, leads__isnull=False)
        return super().get_context_data(
            cycle=cycle,
            council=found,
            groups=seat_groups(found, load_of(cycle)),
            rules=rules_words(cycle),
            manages=manages,
            draft=cycle.stage == CycleStage.DRAFT,
            led=manages and led.exists(),
        )


class CouncilFormView(LoginRequiredMixin, FormView[Any]):
    """A form about the council: calls one service, leads back to the council's page."""

    request: SignedInRequest
    cycle: Cycle
    template_name = "workflow/council_form.html"
    title: Any = ""
    done_message: Any = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = managed_cycle(request, kwargs["cycle"])

    def run(self, form: Any) -> None:
        """Call the service with the cleaned form."""
        raise NotImplementedError

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.run(form)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except ServiceError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        messages.success(self.request, self.done_message)
        return redirect("council", self.cycle.pk)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            cycle=self.cycle, title=self.title, crumbs=crumbs(self.cycle, str(self.title)), **kwargs
        )


class DecisionForm(forms.Form):
    """The decision that set the council up."""

    number = forms.CharField(
        label=gettext_lazy("Số quyết định"), max_length=60, help_text=gettext_lazy("ví dụ 2845/QĐ-UBND")
    )
    decided_on = DayField(label=gettext_lazy("Ngày quyết định"))


class CouncilDecisionView(CouncilFormView):
    form_class = DecisionForm
    title = gettext_lazy("Quyết định thành lập")
    done_message = gettext_lazy("Đã ghi quyết định thành lập hội đồng.")

    def get_initial(self) -> dict[str, Any]:
        found = council_of(self.cycle)
        return {"number": found.decision_number, "decided_on": found.decided_on} if found else {}

    def run(self, form: Any) -> None:
        data = form.cleaned_data
        council.set_decision(self.cycle, number=data["number"], decided_on=data["decided_on"], by=self.request.user)


class RulesForm(forms.Form):
    """How the council works in this cycle."""

    rounds = forms.TypedChoiceField(
        label=gettext_lazy("Số vòng thẩm định"),
        coerce=int,
        choices=[
            (1, gettext_lazy("Một vòng: kiến nghị do hội đồng xem xét rồi trả lời")),
            (2, gettext_lazy("Hai vòng: tiêu chí bị kiến nghị được người khác chấm lại")),
        ],
    )
    double_scoring = forms.BooleanField(
        label=gettext_lazy("Hai người chấm độc lập mỗi lĩnh vực, không thấy điểm của nhau"), required=False
    )
    consensus_threshold = forms.DecimalField(
        label=gettext_lazy("Chênh lệch phải thống nhất lại: trên bao nhiêu điểm"),
        min_value=0,
        localize=True,
        help_text=gettext_lazy("Chỉ dùng khi hai người chấm. 0: mọi chênh lệch đều phải thống nhất."),
        **POINTS,
    )
    share_out = forms.BooleanField(
        label=gettext_lazy("Chia đều hồ sơ cho các thành viên ngay khi đơn vị gửi"), required=False
    )


class CouncilRulesView(CouncilFormView):
    """The cycle's settings; once the cycle is open they are fixed and this page is gone."""

    form_class = RulesForm
    title = gettext_lazy("Cách làm việc của hội đồng")
    done_message = gettext_lazy("Đã lưu cách làm việc của hội đồng.")

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and self.cycle.stage != CycleStage.DRAFT:
            raise Http404

    def get_initial(self) -> dict[str, Any]:
        values = {name: getattr(self.cycle, name) for name in RulesForm.base_fields}
        return {**values, "consensus_threshold": format_number(self.cycle.consensus_threshold)}

    def run(self, form: Any) -> None:
        council.set_rules(self.cycle, **form.cleaned_data, by=self.request.user)


class SeatForm(forms.Form):
    """A seat: role, team, agency, what it takes."""

    role = forms.ChoiceField(
        label=gettext_lazy("Vai trò"), choices=[(role.value, role.label) for role in COUNCIL_ROLES]
    )
    team = forms.CharField(
        label=gettext_lazy("Tổ giúp việc"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Ví dụ “Tổ 1: cải cách thủ tục hành chính”. Bắt buộc với người của tổ giúp việc."),
    )
    agency = forms.ChoiceField(
        label=gettext_lazy("Cơ quan cử tham gia"),
        required=False,
        help_text=gettext_lazy("Người này không bao giờ thẩm định cơ quan đã cử mình."),
    )
    domains = forms.MultipleChoiceField(
        label=gettext_lazy("Lĩnh vực được giao"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Không chọn lĩnh vực nào: nhận được mọi lĩnh vực."),
    )
    units = forms.MultipleChoiceField(
        label=gettext_lazy("Đơn vị được giao"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Không chọn đơn vị nào: nhận được mọi đơn vị, trừ đơn vị có xung đột lợi ích."),
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("agency", agencies(cycle)),
            ("domains", cycle_domains(cycle)),
            ("units", cycle_units(cycle)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def place(self) -> Place:
        """What was chosen."""
        data = self.cleaned_data
        return Place(
            role=Role(data["role"]),
            team=data["team"],
            agency=Unit.objects.get(pk=data["agency"]) if data["agency"] else None,
            domains=list(Criterion.objects.filter(pk__in=data["domains"])),
            units=list(Unit.objects.filter(pk__in=data["units"])),
        )


class CouncilAddView(CouncilFormView):
    """Find a person by name, then give them a seat (?nguoi=)."""

    form_class = SeatForm
    template_name = "workflow/council_add.html"
    title = gettext_lazy("Thêm người vào hội đồng")
    person: User | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        chosen = request.GET.get("nguoi", "")
        if request.user.is_authenticated and chosen:
            people = User.objects.filter(is_active=True).exclude(council_seats__council__cycle=self.cycle)
            self.person = get_object_or_404(people, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "cycle": self.cycle}

    def get_initial(self) -> dict[str, Any]:
        return {"role": Role.MEMBER.value}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.person is None:
            return redirect("council-add", self.cycle.pk)
        return super().post(request, *args, **kwargs)

    def run(self, form: Any) -> None:
        assert self.person is not None
        council.add_seat(self.cycle, self.person, form.place(), by=self.request.user)
        self.done_message = _("Đã thêm %(who)s vào hội đồng.") % {"who": self.person}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("tim", "")[:100]
        return super().get_context_data(
            person=self.person,
            text=text,
            found=people_found(self.cycle, text) if self.person is None else [],
            **kwargs,
        )


class CouncilSeatView(CouncilFormView):
    """Change one seat, or end it."""

    form_class = SeatForm
    template_name = "workflow/council_seat.html"
    member: CouncilMember

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.member = get_seat(self.cycle, kwargs["seat"])
            self.title = str(self.member.user)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "cycle": self.cycle}

    def get_initial(self) -> dict[str, Any]:
        member = self.member
        return {
            "role": member.role,
            "team": member.team,
            "agency": str(member.agency_id or ""),
            "domains": [str(pk) for pk in member.domains.values_list("pk", flat=True)],
            "units": [str(pk) for pk in member.units.values_list("pk", flat=True)],
        }

    def run(self, form: Any) -> None:
        council.change_seat(self.member, form.place(), by=self.request.user)
        self.done_message = _("Đã lưu chỗ của %(who)s trong hội đồng.") % {"who": self.member.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(member=self.member, **kwargs)


def get_seat(cycle: Cycle, pk: int) -> CouncilMember:
    """A seat of the cycle's council, or 404."""
    seats = CouncilMember.objects.filter(council__cycle=cycle).select_related("user", "council__cycle")
    return get_object_or_404(seats, pk=pk)


class SwitchSeatView(LoginRequiredMixin, View):
    """End a seat, with a reason, or let its person sit again."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, cycle: int, seat: int) -> HttpResponse:
        member = get_seat(managed_cycle(request, cycle), seat)
        try:
            if request.POST.get("do") == "on":
                council.switch_on(member, by=request.user)
                messages.success(request, _("%(who)s tham gia lại hội đồng.") % {"who": member.user})
            else:
                council.switch_off(member, reason=request.POST.get("reason", "")[:2000], by=request.user)
                messages.success(
                    request,
                    _("%(who)s thôi tham gia. Điểm đã chấm được giữ, việc đang giao về cho cả tổ.")
                    % {"who": member.user},
                )
        except ServiceError as error:
            messages.warning(request, str(error))
            return redirect("council-seat", cycle, seat)
        return redirect("council", cycle)


class LeadDomainsView(LoginRequiredMixin, View):
    """Give every seat the domains that its agency leads."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, cycle: int) -> HttpResponse:
        count = council.give_led_domains(managed_cycle(request, cycle), by=request.user)
        if count:
            messages.success(
                request, _("Đã giao lĩnh vực theo cơ quan chủ trì cho %(count)s người.") % {"count": count}
            )
        else:
            messages.info(
                request,
                _("Không có gì thay đổi: chưa ai do cơ quan chủ trì lĩnh vực cử tham gia, hoặc đã giao rồi."),
            )
        return redirect("council", cycle)
