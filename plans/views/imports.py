"""Uploads: a workbook is read and shown first, and the same bytes are read again when it is confirmed."""

from __future__ import annotations

import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from units.workbooks import UnreadableWorkbook

from .. import days_off, services, spreadsheet
from ..changes import changes
from ..content import PlanContent
from ..errors import Conflict, InvalidInput, InvalidWorkbook, PlanError
from ..forms import DaysUploadForm, UploadForm, encoded
from ..holidays import Holiday
from ..models import Plan
from ..writing import content_of
from .base import KeeperView, crumbs, download

ALL_SHOWN = 300


class UploadView(KeeperView, TemplateView):
    """Choose a file, see what it would change, confirm. `GET` and the preview write nothing."""

    form_class: type[UploadForm] = UploadForm
    accept = ".xlsx"

    def preview(self, data: dict[str, Any]) -> dict[str, Any]:
        """What the page shows of a readable file. Raises UnreadableWorkbook, InvalidWorkbook, PlanError."""
        raise NotImplementedError

    def confirm(self, data: dict[str, Any]) -> str:
        """Write the file; returns where to go then. Raises the same, and Conflict."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", self.form_class(accept=self.accept))
        kwargs.setdefault("primary", "preview" not in kwargs)
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form_class(request.POST, request.FILES, accept=self.accept)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        data = form.cleaned_data
        try:
            if "confirm" in request.POST and "file" not in request.FILES:
                return redirect(self.confirm(data))
            shown = self.preview(data)
        except InvalidWorkbook as error:
            return self.refused(form, data, error.issues)
        except InvalidInput as error:
            return self.refused(form, data, [message for texts in error.errors.values() for message in texts])
        except Conflict as error:
            return self.refused(form, data, [str(error)], status=409)
        except (UnreadableWorkbook, PlanError) as error:
            return self.refused(form, data, [str(error)])
        return self.render_to_response(
            self.get_context_data(
                form=self.form_class(accept=self.accept),
                preview=shown,
                filename=data["filename"],
                content=encoded(data["bytes"]),
                source=data.get("source", ""),
            )
        )

    def refused(self, form: UploadForm, data: dict[str, Any], issues: list[Any], status: int = 422) -> HttpResponse:
        """The page with every fault of the file; 409 where the plan changed since the preview."""
        context = self.get_context_data(
            form=form, issues=issues[:ALL_SHOWN], more=max(len(issues) - ALL_SHOWN, 0), filename=data["filename"]
        )
        return self.render_to_response(context, status=status)


class PlanImportView(UploadView):
    """A plan from a workbook: a new one, or new content for one that stands."""

    template_name = "plans/import.html"

    def target(self) -> Plan | None:
        """The plan to change; None for a new one."""
        return self.plan() if "plan" in self.kwargs else None

    def read(self, data: dict[str, Any]) -> PlanContent:
        return spreadsheet.read(io.BytesIO(data["bytes"]), units=services.unit_codes())

    def preview(self, data: dict[str, Any]) -> dict[str, Any]:
        plan, content = self.target(), self.read(data)
        services.require_free_number(content, but=plan)
        found = changes(content_of(plan) if plan else None, content)
        return {
            "changes": found[:ALL_SHOWN],
            "more": max(len(found) - ALL_SHOWN, 0),
            "total": len(found),
            "removed": sum(change.kind == "removed" for change in found),
            "version": plan.version if plan else None,
            "content": content,
        }

    def confirm(self, data: dict[str, Any]) -> str:
        plan, content = self.target(), self.read(data)
        if plan is None:
            saved = services.create_plan(content, by=self.user)
        else:
            saved = services.replace_content(plan, content, version=data["version"], by=self.user)
        messages.success(
            self.request,
            _("Đã nhập kế hoạch %(number)s: %(tasks)s nhiệm vụ, %(targets)s chỉ tiêu.")
            % {"number": saved.number, "tasks": len(content.tasks), "targets": len(content.targets)},
        )
        return reverse("plan", args=[saved.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = self.target()
        way = [(plan.number, reverse("plan", args=[plan.pk]))] if plan else []
        title = _("Nhập từ Excel")
        context = super().get_context_data(**kwargs)
        return {**context, "plan": plan, "title": title, "crumbs": crumbs(*way, (title, ""))}


class DaysImportView(UploadView):
    """Days off and make-up days from Excel or iCal."""

    template_name = "plans/holiday_import.html"
    form_class = DaysUploadForm
    accept = ".xlsx,.ics"

    def read(self, data: dict[str, Any]) -> list[days_off.Day]:
        return days_off.read_days(data["bytes"], filename=data["filename"], source=data["source"])

    def preview(self, data: dict[str, Any]) -> dict[str, Any]:
        rows = days_off.compare(self.read(data))
        return {"rows": rows, "changed": sum(row.is_new or row.is_change for row in rows)}

    def confirm(self, data: dict[str, Any]) -> str:
        count = days_off.import_days(self.read(data), by=self.user)
        messages.success(
            self.request,
            _("Đã ghi %(count)s ngày. Hạn tính theo ngày làm việc và lịch nhắc đã được tính lại.") % {"count": count},
        )
        return reverse("holidays")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Nhập ngày nghỉ")
        way = (_("Ngày nghỉ, ngày làm bù"), reverse("holidays"))
        return super().get_context_data(title=title, crumbs=crumbs(way, (title, "")), **kwargs)


class DaysFileView(KeeperView, View):
    """The days that stand as a workbook; the empty template where there are none."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return download(days_off.workbook(days_off.standing_days(Holiday.objects.all())), "ngay-nghi.xlsx")
