"""The person's own calendar: a month of deadlines, and the secret address for a calendar program."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from plans.views.reading import FIRST_YEAR, LAST_YEAR
from units import clock
from units.web import SignedInRequest

from ..feed import feed_of, feed_text, make_feed, note_use, own_feed, own_month, revoke_feed


class OwnCalendarView(LoginRequiredMixin, TemplateView):
    """One month. A POST makes the feed's address anew, and shows it this once, or stops it."""

    request: SignedInRequest
    template_name = "workflow/own_calendar.html"

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        if request.POST.get("do") == "revoke":
            if revoke_feed(by=request.user):
                messages.success(request, _("Đã thu hồi địa chỉ lịch: địa chỉ cũ không dùng được nữa."))
            return redirect("own-calendar")
        token = make_feed(by=request.user)
        address = settings.PUBLIC_URL + reverse("calendar-feed", args=[token])
        response = self.render_to_response(self.get_context_data(address=address, **kwargs))
        response["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        year, month = self.kwargs.get("year", today.year), self.kwargs.get("month", today.month)
        if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12:
            raise Http404
        weeks = own_month(self.request.user, year, month)
        first = dt.date(year, month, 1)
        return super().get_context_data(
            weeks=weeks,
            title=_("Lịch của tôi, tháng %(month)s năm %(year)s") % {"month": month, "year": year},
            count=sum(len(day.entries) for week in weeks for day in week if day.in_month),
            before=_month_url(first - dt.timedelta(days=1)),
            after=_month_url(first + dt.timedelta(days=31)),
            this_month=_month_url(today) if (year, month) != (today.year, today.month) else "",
            feed=own_feed(self.request.user),
            crumbs=[{"label": _("Việc của tôi"), "url": reverse("inbox")}, {"label": _("Lịch của tôi"), "url": ""}],
            **kwargs,
        )


def _month_url(day: dt.date) -> str:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return ""
    return reverse("own-calendar", args=[day.year, day.month])


class CalendarFeedView(View):
    """The feed, for calendar programs: no session, no sign-in; whatever is wrong with the address answers 404."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        feed = feed_of(token)
        if feed is None:
            raise Http404
        note_use(feed)
        response = HttpResponse(feed_text(feed.user), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="lich-cchc.ics"'
        response["Cache-Control"] = "private, no-cache"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response
