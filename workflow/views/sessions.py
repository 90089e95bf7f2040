"""Phiên họp hội đồng: list, preparation, attendance, decisions, projector and minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from assessments.errors import InvalidInput, ServiceError
from assessments.models import AgendaItem, CouncilSession, Cycle
from assessments.services import sessions
from assessments.services.cycles import illustrative
from assessments.services.sessions import Decision, Details, Presence
from assessments.visibility import council_cycles, cycles_for, sessions_for
from results.documents.model import Document
from results.documents.session_minutes import how_words, session_minutes
from units import access, clock
from units.access import NotAllowed
from units.fields import DayField
from units.models import User
from units.permissions import Perm
from units.web import SignedInRequest

from .. import actions
from ..session_page import Guest, Matter, guests, hidden_dossiers, matters, turnout_of, voters_on
from .base import place_errors
from .documents import DocumentView

WHO = (Perm.MANAGE_COUNCIL, Perm.APPRAISE, Perm.CONCLUDE, Perm.CHAIR)


class DetailsForm(forms.Form):
    """When, where, and by whom a meeting is held."""

    day = DayField(label=gettext_lazy("Ngày họp"))
    time = forms.TimeField(
        label=gettext_lazy("Giờ họp"),
        help_text=gettext_lazy("ví dụ 08:30"),
        widget=forms.TimeInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%H:%M"),
    )
    place = forms.CharField(label=gettext_lazy("Địa điểm"), max_length=200)
    chaired_by = forms.ModelChoiceField(label=gettext_lazy("Chủ trì"), queryset=User.objects.none())
    minutes_by = forms.ModelChoiceField(label=gettext_lazy("Thư ký phiên họp"), queryset=User.objects.none())

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(council_seats__council__cycle=cycle, council_seats__active=True, is_active=True)
        for name in ("chaired_by", "minutes_by"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = people.order_by("full_name", "pk")

    def details(self) -> Details:
        facts = self.cleaned_data
        return Details(
            held_at=dt.datetime.combine(facts["day"], facts["time"], tzinfo=clock.LOCAL),
            place=facts["place"],
            chaired_by=facts["chaired_by"],
            minutes_by=facts["minutes_by"],
        )


def initial(session: CouncilSession) -> dict[str, Any]:
    """A meeting as the form shows it."""
    local = session.held_at.astimezone(clock.LOCAL)
    return {
        "day": local.date(),
        "time": local.time(),
        "place": session.place,
        "chaired_by": session.chaired_by_id,
        "minutes_by": session.minutes_by_id,
    }


class CouncilCycleView(LoginRequiredMixin, TemplateView):
    """A page about the meetings of one cycle's council; 404 for everybody else."""

    request: SignedInRequest

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.cycle = get_object_or_404(
                cycles_for(request.user, *WHO).filter(council__isnull=False).select_related("council", "province"),
                pk=kwargs["cycle"],
            )
            self.prepares = access.allowed(Perm.MANAGE_COUNCIL, request.user, self.cycle)
            self.chairs = access.allowed(Perm.CHAIR, request.user, self.cycle)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            cycle=self.cycle,
            prepares=self.prepares,
            chairs=self.chairs,
            records=self.prepares or self.chairs,
            illustrative=illustrative(self.cycle),
            **kwargs,
        )


class SessionsView(CouncilCycleView):
    """Every meeting of the council, and a new one."""

    template_name = "workflow/sessions.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = DetailsForm(request.POST, cycle=self.cycle)
        if form.is_valid():
            try:
                made = sessions.prepare(self.cycle, form.details(), by=self.request.user)
            except InvalidInput as error:
                place_errors(form, error)
            else:
                messages.success(request, _("Đã lập phiên họp. Tiếp theo: đưa nội dung vào chương trình."))
                return redirect("session", self.cycle.pk, made.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.prepares and "form" not in context:
            context["form"] = DetailsForm(cycle=self.cycle)
        rows = CouncilSession.objects.filter(council=self.cycle.council).select_related("chaired_by")
        return context | {"sessions": rows.order_by("-number")}


class OneSessionView(CouncilCycleView):
    """A page about one meeting."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.session = get_object_or_404(
                sessions_for(request.user).select_related(
                    "council__cycle__province", "chaired_by", "minutes_by", "concluded_by"
                ),
                council=self.cycle.council,
                pk=kwargs["session"],
            )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            session=self.session,
            open=self.session.state == CouncilSession.State.OPEN,
            preparing=self.session.state == CouncilSession.State.PREPARING,
            concluded=self.session.state == CouncilSession.State.CONCLUDED,
            **kwargs,
        )

    def back(self) -> HttpResponse:
        return redirect("session", self.cycle.pk, self.session.pk)


class SessionView(OneSessionView):
    """Preparation and course of a meeting: each button is one service."""

    template_name = "workflow/session.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        steps: dict[str, Callable[[], str]] = {
            "gather": self.gather,
            "topic": self.topic,
            "attendance": self.attendance,
            "open": self.open_session,
            "conclude": self.conclude,
        }
        if request.POST.get("do") == "change":
            return self.change()
        step = steps.get(request.POST.get("do", ""))
        if step is None:
            return self.back()
        try:
            messages.success(request, step())
        except InvalidInput as error:
            return self.render_to_response(
                self.get_context_data(errors=list(error.errors.values()), typed=request.POST), status=422
            )
        except (ServiceError, NotAllowed) as error:
            messages.warning(request, str(error))
        return self.back()

    def gather(self) -> str:
        disputes, appeals = sessions.gather(self.session, by=self.request.user)
        if not disputes and not appeals:
            return _("Không có chênh lệch hoặc kiến nghị nào chưa nằm trong chương trình.")
        return _("Đã đưa vào chương trình %(disputes)s chênh lệch và %(appeals)s kiến nghị.") % {
            "disputes": disputes,
            "appeals": appeals,
        }

    def topic(self) -> str:
        sessions.add_topic(self.session, self.request.POST.get("question", "")[:2000], by=self.request.user)
        return _("Đã thêm nội dung.")

    def attendance(self) -> str:
        data = self.request.POST
        known = {"yes": True, "no": False}
        noted = {
            seat: Presence(
                known.get(data.get(f"present.{seat}", "")),
                data.get(f"reason.{seat}", "")[:200],
                data.get(f"represented.{seat}", "")[:150],
            )
            for seat in self.session.council.members.values_list("pk", flat=True)
            if f"present.{seat}" in data
        }
        sessions.note_attendance(self.session, noted, by=self.request.user)
        return _("Đã ghi điểm danh.")

    def open_session(self) -> str:
        sessions.open_session(self.session, by=self.request.user)
        return _("Đã khai mạc phiên họp.")

    def conclude(self) -> str:
        actions.conclude_session(
            self.session, finish_reviews=bool(self.request.POST.get("finish_reviews")), by=self.request.user
        )
        return _("Đã kết luận phiên họp. Điểm đã được ghi, biên bản tải ở trang này.")

    def change(self) -> HttpResponse:
        form = DetailsForm(self.request.POST, cycle=self.cycle)
        if form.is_valid():
            try:
                sessions.change(self.session, form.details(), by=self.request.user)
            except InvalidInput as error:
                place_errors(form, error)
            except ServiceError as error:
                messages.warning(self.request, str(error))
                return self.back()
            else:
                messages.success(self.request, _("Đã lưu thông tin phiên họp."))
                return self.back()
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        people = guests(self.session)
        if self.prepares and not context["concluded"] and "form" not in context:
            context["form"] = DetailsForm(cycle=self.cycle, initial=initial(self.session))
        rows = matters(self.session, self.request.user)
        return context | {
            "matters": [{"matter": row, "how": how_words(row.item) if row.item.how else ""} for row in rows],
            "open_count": sum(1 for row in rows if row.item.state == AgendaItem.State.OPEN),
            "first": rows[0] if rows else None,
            "guests": [_guest(guest, context.get("typed") or {}) for guest in people],
            "turnout": turnout_of(people),
        }


def _guest(guest: Guest, typed: Any) -> dict[str, Any]:
    """A row of the list; what was typed last and refused stays."""
    row = guest.row
    kept = {None: "", True: "yes", False: "no"}[row.present]
    return {
        "guest": guest,
        "row": row,
        "present": typed.get(f"present.{row.seat_id}", kept),
        "reason": typed.get(f"reason.{row.seat_id}", row.reason),
        "represented": typed.get(f"represented.{row.seat_id}", row.represented_by),
    }


class OneMatterView(OneSessionView):
    """A page about one matter of the agenda."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            get_object_or_404(self.session.items, pk=kwargs["item"])

    def place(self) -> tuple[Matter, Matter | None, Matter | None]:
        """The matter, and those before and after it."""
        rows = matters(self.session, self.request.user)
        at = next(number for number, row in enumerate(rows) if row.item.pk == self.kwargs["item"])
        return rows[at], rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None


class MatterView(OneMatterView):
    """The decision on one matter is written down; or it is moved, put off, taken off the agenda."""

    template_name = "workflow/session_matter.html"

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        item = get_object_or_404(self.session.items.select_related("session__council"), pk=kwargs["item"])
        do = request.POST.get("do", "")
        by = self.request.user
        try:
            if do in ("up", "down"):
                sessions.move(item, down=do == "down", by=by)
                return self.back()
            if do == "off":
                sessions.take_off(item, by=by)
                return self.back()
            if do == "put_off":
                sessions.put_off(item, request.POST.get("put_off_reason", "")[:2000], by=by)
                messages.success(request, _("Đã để lại phiên sau."))
            else:
                self.decide(item)
                messages.success(request, _("Đã ghi quyết định."))
        except InvalidInput as error:
            context = self.get_context_data(errors=list(error.errors.values()), typed=request.POST)
            return self.render_to_response(context, status=422)
        except (ServiceError, NotAllowed) as error:
            messages.warning(request, str(error))
            return redirect("session-matter", self.cycle.pk, self.session.pk, item.pk)
        return self.back()

    def decide(self, item: AgendaItem) -> None:
        data = self.request.POST
        version = data.get("version", "")
        votes = {int(name[5:]): data[name] for name in data if name.startswith("vote.") and name[5:].isdecimal()}
        decision = Decision(data.get("how", ""), data.get("points", "")[:20], data.get("reason", "")[:2000], votes)
        sessions.decide(
            item,
            decision,
            version=int(version) if version.isdecimal() and len(version) < 9 else -1,
            by=self.request.user,
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        matter, before, after = self.place()
        typed = context.get("typed")
        item = matter.item
        people = voters_on(matter, guests(self.session))
        return context | {
            "matter": matter,
            "before": before,
            "after": after,
            "voters": [
                {"voter": voter, "choice": typed.get(f"vote.{voter.seat.pk}", "") if typed else voter.choice}
                for voter in people
            ],
            "how": typed.get("how", "") if typed else item.how or AgendaItem.How.CONSENSUS,
            "points": typed.get("points", "") if typed else item.points,
            "reason": typed.get("reason", "") if typed else item.reason,
            "put_off_reason": typed.get("put_off_reason", "") if typed else item.put_off_reason,
            "writable": context["open"] and context["records"] and not self.barred(matter),
        }

    def barred(self, matter: Matter) -> bool:
        """Whether the person has a conflict of interest with the unit of the matter."""
        if matter.item.score is None or not matter.hidden:
            return False
        return self.cycle.pk in council_cycles(self.request.user)


class ProjectorView(OneMatterView):
    """One matter for everybody in the room: big, without frame, without the names of appraisers."""

    template_name = "workflow/session_projector.html"
    http_method_names = ["get", "head", "options"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        matter, before, after = self.place()
        people = voters_on(matter, guests(self.session))
        return super().get_context_data(
            matter=matter,
            before=before,
            after=after,
            total=self.session.items.count(),
            how=how_words(matter.item) if matter.item.how else "",
            barred=[voter.user for voter in people if voter.barred],
            here=reverse("session-projector", args=[self.cycle.pk, self.session.pk, matter.item.pk]),
            **kwargs,
        )


class SessionMinutesView(DocumentView):
    """Biên bản as Word or PDF; what concerns the reader's own unit is left out until the unit may read it."""

    def document(self, **kwargs: Any) -> tuple[str, Document]:
        session = get_object_or_404(
            sessions_for(self.request.user).select_related("council__cycle__province", "chaired_by", "minutes_by"),
            council__cycle=kwargs["cycle"],
            pk=kwargs["session"],
        )
        kept_out = hidden_dossiers(session, self.request.user)
        document = session_minutes(
            session,
            hidden=lambda item: item.score is not None and item.score.dossier_id in kept_out,
            illustrative=illustrative(session.council.cycle),
        )
        return f"Biên bản phiên họp {session.number} {session.council.cycle.year}", document
