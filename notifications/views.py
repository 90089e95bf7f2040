"""What the product told a person, and what it sent out by e-mail."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from .models import Notice
from .services import letter_text, mark_seen, unseen_count

PER_PAGE = 30

STATE_CHIPS = {
    Notice.State.QUEUED: ("soon", "clock"),
    Notice.State.SENT: ("ok", "check-lg"),
    Notice.State.FAILED: ("late", "exclamation-circle"),
}


def sees_outbox(user: Any) -> bool:
    """Whoever manages a cycle may see what was sent out on its behalf."""
    return any(code == Perm.MANAGE for code, _content_type, _pk in access.grants(user))


class NoticesView(LoginRequiredMixin, TemplateView):
    """The person's own notices, newest first; reading them marks nothing, the button does."""

    request: SignedInRequest
    template_name = "notifications/notices.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Notice.objects.filter(recipient=self.request.user, channel=Notice.Channel.IN_APP)
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            unseen=unseen_count(self.request.user),
            outbox=sees_outbox(self.request.user),
            **kwargs,
        )

    def post(self, request: SignedInRequest) -> HttpResponse:
        """Mark every notice as seen."""
        mark_seen(request.user)
        return redirect("notices")


class OutboxFilter(forms.Form):
    """Which letters to show."""

    state = forms.ChoiceField(
        label=gettext_lazy("Trạng thái"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *Notice.State.choices],
    )
    recipient = forms.CharField(label=gettext_lazy("Người nhận"), required=False, max_length=100)


class OutboxView(LoginRequiredMixin, TemplateView):
    """Every letter with its text and what became of it; 404 for people who manage no cycle."""

    template_name = "notifications/outbox.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not sees_outbox(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = OutboxFilter(self.request.GET or None)
        letters = Notice.objects.filter(channel=Notice.Channel.EMAIL).select_related("recipient")
        counts = dict(letters.order_by().values_list("state").annotate(n=Count("pk")))
        if form.is_valid():
            if form.cleaned_data["state"]:
                letters = letters.filter(state=form.cleaned_data["state"])
            if form.cleaned_data["recipient"]:
                letters = letters.filter(recipient__full_name__icontains=form.cleaned_data["recipient"])
        page = Paginator(letters, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            form=form if form.is_bound else OutboxFilter(),
            page=page,
            letters=[self.row(letter) for letter in page.object_list],
            counts=[
                {"value": counts.get(state, 0), "label": state.label, "state": STATE_CHIPS[state][0]}
                for state in Notice.State
            ],
            result=_("%(count)s thư") % {"count": page.paginator.count},
            **kwargs,
        )

    @staticmethod
    def row(letter: Notice) -> dict[str, Any]:
        state, icon = STATE_CHIPS[Notice.State(letter.state)]
        return {
            "letter": letter,
            "text": letter_text(letter),
            "chip": {"state": state, "text": letter.get_state_display(), "icon": icon},
        }
