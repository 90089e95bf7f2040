"""Days off and make-up days of a year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from units import clock

from .. import days_off
from ..errors import InvalidInput
from ..forms import DayForm
from ..holidays import Holiday
from .base import KeeperView, ReaderView, crumbs, place

COUNTED_ANEW = gettext_lazy("Hạn tính theo ngày làm việc và lịch nhắc đã được tính lại.")


class HolidaysView(ReaderView, TemplateView):
    """The days of one year (`?nam=`); whoever keeps the plans adds and removes."""

    template_name = "plans/holidays.html"

    def year(self) -> int:
        """The year of the address, else this one."""
        asked = self.request.GET.get("nam", "")
        year = int(asked) if asked.isdecimal() and len(asked) == 4 else clock.today().year
        return min(max(year, days_off.FIRST_YEAR), days_off.LAST_YEAR)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year = self.year()
        kwargs.setdefault("form", DayForm())
        return super().get_context_data(
            year=year,
            rows=list(Holiday.objects.filter(on__year=year)),
            before=f"?nam={year - 1}" if year > days_off.FIRST_YEAR else "",
            after=f"?nam={year + 1}" if year < days_off.LAST_YEAR else "",
            crumbs=crumbs((_("Ngày nghỉ, ngày làm bù"), "")),
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DayForm(request.POST)
        if form.is_valid():
            try:
                row = days_off.add_day(form.day(), by=self.user)
            except InvalidInput as error:
                place(form, error)
            else:
                messages.success(
                    request,
                    _("Đã thêm %(day)s. Hạn tính theo ngày làm việc và lịch nhắc đã được tính lại.") % {"day": row},
                )
                return redirect(f"{reverse('holidays')}?nam={row.on.year}")
        return self.render_to_response(self.get_context_data(form=form), status=422)


class HolidayDeleteView(KeeperView, View):
    """Takes a day out of the calendar; only by POST."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, holiday: int) -> HttpResponse:
        row = get_object_or_404(Holiday, pk=holiday)
        days_off.remove_day(row, by=self.user)
        messages.success(
            request, _("Đã xóa %(day)s. Hạn tính theo ngày làm việc và lịch nhắc đã được tính lại.") % {"day": row}
        )
        return redirect(f"{reverse('holidays')}?nam={row.on.year}")
