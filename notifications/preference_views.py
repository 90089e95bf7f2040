"""The screen on which a person says how to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from units.web import SignedInRequest

from .channels import channels
from .kinds import LEGAL, Kind
from .preferences import InvalidPreferences, preferences_of, save_preferences


class PreferencesForm(forms.Form):
    """Quiet hours and telephone; the table of kinds and channels is a tick for each pair, `wanted`."""

    wanted = forms.MultipleChoiceField(required=False)
    quiet = forms.BooleanField(label=gettext_lazy("Không gửi thư, tin nhắn trong giờ yên tĩnh"), required=False)
    quiet_from = forms.TimeField(
        label=gettext_lazy("Từ"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("giờ:phút, ví dụ 21:00"),
        error_messages={"invalid": gettext_lazy("Giờ ghi dạng 21:00.")},
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Đến"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("giờ:phút, ví dụ 06:00"),
        error_messages={"invalid": gettext_lazy("Giờ ghi dạng 06:00.")},
    )
    quiet_days_off = forms.BooleanField(
        label=gettext_lazy("Cả ngày nghỉ: chờ đến ngày làm việc kế tiếp"),
        required=False,
        help_text=gettext_lazy("Thông báo bắt buộc vẫn được gửi trong ngày nghỉ, sau giờ yên tĩnh."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Số điện thoại"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        help_text=gettext_lazy("Ví dụ 0912 345 678. Chỉ dùng để gửi thông báo của phần mềm."),
    )
    by_phone = forms.BooleanField(label=gettext_lazy("Tôi đồng ý nhận tin nhắn (SMS, Zalo) qua số này"), required=False)

    def __init__(self, *args: Any, pairs: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["wanted"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pair, pair) for pair in pairs]


class PreferencesView(LoginRequiredMixin, FormView[PreferencesForm]):
    """The person's own choice; legal kinds are shown locked, with the reason."""

    request: SignedInRequest
    template_name = "notifications/preferences.html"
    form_class = PreferencesForm
    success_url = reverse_lazy("notification-preferences")

    def offered(self) -> list[Any]:
        """The channels of this installation; messages by telephone only where a gateway is set."""
        return [channel for channel in channels() if channel.key != "webhook" or settings.NOTIFY_WEBHOOK_URL]

    def pairs(self) -> list[str]:
        return [f"{kind}:{channel.key}" for kind in Kind if kind not in LEGAL for channel in self.offered()]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"pairs": self.pairs()}

    def get_initial(self) -> dict[str, Any]:
        user = self.request.user
        row = preferences_of([user])[user.pk]
        return {
            "wanted": [pair for pair in self.pairs() if pair not in row.muted],
            "quiet": row.quiet,
            "quiet_from": row.quiet_from,
            "quiet_until": row.quiet_until,
            "quiet_days_off": row.quiet_days_off,
            "by_phone": row.by_phone,
            "phone": user.phone,
        }

    def form_valid(self, form: PreferencesForm) -> HttpResponse:
        values = dict(form.cleaned_data)
        wanted = values.pop("wanted")
        muted = []
        for pair in self.pairs():
            if pair not in wanted:
                kind, _colon, channel = pair.partition(":")
                muted.append((kind, channel))
        try:
            save_preferences(by=self.request.user, muted=muted, **values)
        except InvalidPreferences as error:
            for name, message in error.errors.items():
                form.add_error(name if name in form.fields else None, message)
            return self.form_invalid(form)
        messages.success(self.request, _("Đã lưu tùy chọn thông báo."))
        return super().form_valid(form)

    def form_invalid(self, form: PreferencesForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = set(context["form"]["wanted"].value() or [])
        offered = self.offered()
        rows = [
            {
                "label": kind.label,
                "reason": LEGAL.get(kind, ""),
                "cells": [
                    {
                        "value": f"{kind}:{channel.key}",
                        "channel": channel.label,
                        "locked": kind in LEGAL,
                        "on": kind in LEGAL or f"{kind}:{channel.key}" in chosen,
                    }
                    for channel in offered
                ],
            }
            for kind in Kind
        ]
        return context | {"channels": offered, "rows": rows, "by_telephone": bool(settings.NOTIFY_WEBHOOK_URL)}
