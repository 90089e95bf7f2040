"""What the product told a person, what it sent out, and how a person wants to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from .channels import channels, letter_text
from .kinds import Kind
from .models import Notice
from .sending import send_again
from .services import mark_seen, open_notice, unseen_count

PER_PAGE = 30

STATE_CHIPS = {
    Notice.State.QUEUED: ("soon", "clock"),
    Notice.State.SENT: ("ok", "check-lg"),
    Notice.State.FAILED: ("late", "exclamation-circle"),
    Notice.State.WITHDRAWN: ("mute", "slash-circle"),
}
SEEN = "seen"


def sees_outbox(user: Any) -> bool:
    """Whoever manages a cycle may see what was sent out on its behalf."""
    return any(code == Perm.MANAGE for code, _content_type, _pk in access.grants(user))


class NoticesView(LoginRequiredMixin, TemplateView):
    """The person's own notices, newest first; looking at the list marks nothing, opening one marks it."""

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


class NoticeOpenView(LoginRequiredMixin, View):
    """Opens one of the person's own notices: it is seen from now on, and leads to where it can be acted on."""

    request: SignedInRequest
    http_method_names = ["post"]

    def post(self, request: SignedInRequest, notice: int) -> HttpResponse:
        row = get_object_or_404(Notice, pk=notice, recipient=request.user, channel=Notice.Channel.IN_APP)
        open_notice(row)
        here = url_has_allowed_host_and_scheme(row.url, allowed_hosts=None)
        return redirect(row.url if row.url and here else "notices")


class OutboxFilter(forms.Form):
    """Which notices to show; kept in the address."""

    state = forms.ChoiceField(
        label=gettext_lazy("Trạng thái"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *Notice.State.choices, (SEEN, gettext_lazy("Đã xem"))],
    )
    channel = forms.ChoiceField(label=gettext_lazy("Kênh"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Loại"), required=False, choices=[("", gettext_lazy("Tất cả")), *Kind.choices]
    )
    recipient = forms.CharField(label=gettext_lazy("Người nhận"), required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Tất cả")), *((channel.key, str(channel.label)) for channel in channels())]


class OutboxAccess(LoginRequiredMixin):
    """404 for people who manage no cycle."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and not sees_outbox(request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class OutboxView(OutboxAccess, TemplateView):
    """Every notice with its text and its trace: queued, sent, failed, seen. Without a filter, what left the product."""

    template_name = "notifications/outbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = OutboxFilter(self.request.GET)
        chosen = form.cleaned_data if form.is_valid() else {}
        letters = Notice.objects.select_related("recipient")
        channel = chosen.get("channel")
        letters = letters.filter(channel=channel) if channel else letters.exclude(channel=Notice.Channel.IN_APP)
        counts = dict(letters.order_by().values_list("state").annotate(n=Count("pk")))
        if chosen.get("state") == SEEN:
            letters = letters.filter(seen_at__isnull=False)
        elif chosen.get("state"):
            letters = letters.filter(state=chosen["state"])
        if chosen.get("kind"):
            letters = letters.filter(kind=chosen["kind"])
        if chosen.get("recipient"):
            letters = letters.filter(recipient__full_name__icontains=chosen["recipient"])
        page = Paginator(letters, PER_PAGE).get_page(self.request.GET.get("page"))
        labels = {known.key: str(known.label) for known in channels()}
        return super().get_context_data(
            form=form,
            page=page,
            letters=[self.row(letter, labels) for letter in page.object_list],
            counts=[
                {
                    "value": number_format(counts.get(state, 0)),
                    "label": state.label,
                    "state": STATE_CHIPS[state][0] if counts.get(state) else "mute",
                }
                for state in Notice.State
            ],
            result=_("%(count)s thông báo") % {"count": number_format(page.paginator.count)},
            **kwargs,
        )

    @staticmethod
    def row(letter: Notice, labels: dict[str, str]) -> dict[str, Any]:
        state, icon = STATE_CHIPS[Notice.State(letter.state)]
        moments = [
            (_("tạo lúc"), letter.queued_at),
            (_("gửi từ"), letter.not_before if letter.state == Notice.State.QUEUED else None),
            (_("gửi lúc"), letter.sent_at),
            (_("lỗi lúc"), letter.failed_at if letter.last_error else None),
            (_("xem lúc"), letter.seen_at),
        ]
        address = {"email": letter.recipient.email, "webhook": letter.recipient.phone}
        return {
            "letter": letter,
            "to": address.get(letter.channel, ""),
            "channel": labels.get(letter.channel, letter.channel),
            "text": letter_text(letter),
            "chip": {"state": state, "text": letter.get_state_display(), "icon": icon},
            "trace": [(word, moment) for word, moment in moments if moment],
            "failed": letter.state == Notice.State.FAILED,
        }


class SendAgainView(OutboxAccess, View):
    """Puts a failed notice back into the queue."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, notice: int) -> HttpResponse:
        row = get_object_or_404(Notice.objects.select_related("recipient"), pk=notice)
        if send_again(row):
            messages.success(request, _("Sẽ gửi lại cho %(who)s trong ít phút.") % {"who": row.recipient})
        else:
            messages.warning(request, _("Thông báo này không còn ở trạng thái gửi không thành công."))
        query = request.POST.get("query", "")
        return redirect(f"{reverse('outbox')}?{query}" if query else "outbox")
