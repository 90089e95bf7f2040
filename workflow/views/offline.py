"""Working offline: download the workbook of one's part, upload it, compare row by row, save what is accepted."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View

from assessments import offline, offline_staging
from assessments.errors import InvalidInput, ServiceError, WrongStage
from assessments.idempotency import new_key
from assessments.models import Dossier
from assessments.offline_reading import Refused
from units import access
from units.permissions import Perm
from units.web import SignedInRequest
from units.workbooks import CellIssue

from ..dossier_page import dates
from ..offline_page import page
from .unit_sheet import crumbs, get_dossier

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(forms.Form):
    """The filled-in workbook. An empty file is refused by the service, in its words."""

    file = forms.FileField(
        label=_l("Tệp Excel đã nhập"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _l("Hãy chọn tệp Excel đã nhập trên máy của bạn.")},
    )


class OfflinePage(LoginRequiredMixin, View):
    """A page of somebody who fills in the dossier: 404 for foreign dossiers, 403 for readers of this one."""

    request: SignedInRequest
    dossier: Dossier

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = get_dossier(request, kwargs["dossier"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            access.require(Perm.SCORE, request.user, self.dossier.unit)
        return super().dispatch(request, *args, **kwargs)

    def start(self) -> HttpResponse:
        """Back to the page where a file is downloaded and uploaded."""
        return redirect("offline", self.dossier.pk)

    def show(self, template: str, title: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return render(
            self.request,
            template,
            {
                "dossier": self.dossier,
                "title": title,
                "crumbs": crumbs(self.dossier, title),
                "illustrative": self.dossier.cycle_group.criteria_set.illustrative,
                **context,
            },
            status=status,
        )


class OfflineView(OfflinePage):
    """Download and upload. An upload is only compared and kept aside; nothing of the dossier changes."""

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return self.page(UploadForm())

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        file = form.cleaned_data["file"]
        try:
            offline.read_part(self.dossier, file, by=request.user)
        except WrongStage as error:
            messages.warning(request, str(error))
            return self.start()
        except Refused as error:
            form.add_error("file", str(error))
            return self.page(form, issues=error.issues, status=422)
        token = offline_staging.stage(file, self.dossier, by=request.user)
        return redirect("offline-compare", self.dossier.pk, token)

    def page(self, form: UploadForm, *, issues: list[CellIssue] | None = None, status: int = 200) -> HttpResponse:
        locked, scores = "", []
        try:
            scores = offline.fillable_scores(self.dossier, by=self.request.user)
        except WrongStage as error:
            locked = str(error)
        context = {
            "form": form,
            "issues": issues or [],
            "locked": locked,
            "domains": offline.domains_of(scores, self.dossier),
            "total": len(scores),
            "whole": access.allowed(Perm.ASSIGN_CRITERIA, self.request.user, self.dossier.unit),
            "dates": dates(self.dossier) if self.dossier.submitted_at is None else None,
        }
        return self.show("workflow/offline.html", _("Làm ngoại tuyến bằng Excel"), context, status=status)


class OfflineDownloadView(OfflinePage):
    """The workbook of the person's part, or of one domain of it (`?linh_vuc=`)."""

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        domain = request.GET.get("linh_vuc", "")
        if domain and not domain.isdecimal():
            raise Http404
        try:
            content = offline.export_part(self.dossier, by=request.user, domains={int(domain[:12])} if domain else None)
        except (WrongStage, InvalidInput) as error:
            messages.warning(request, str(error))
            return self.start()
        response = HttpResponse(content, content_type=XLSX)
        name = f"cchc-{self.dossier.cycle.year}-{self.dossier.unit.code}.xlsx"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        return response


class OfflineCompareView(OfflinePage):
    """What a kept file would change, row by row; posting saves the rows that were accepted."""

    def get(self, request: SignedInRequest, token: str, **kwargs: Any) -> HttpResponse:
        try:
            with offline_staging.open_staged(token, self.dossier, by=request.user) as file:
                difference = offline.read_part(self.dossier, file, by=request.user)
        except ServiceError as error:
            messages.warning(request, str(error))
            return self.start()
        context = {
            **page(difference),
            "difference": difference,
            "seen": offline_staging.sign_seen(difference.seen, self.dossier, by=request.user),
            "idempotency_key": new_key(),
        }
        return self.show("workflow/offline_compare.html", _("So sánh tệp Excel"), context)

    def post(self, request: SignedInRequest, token: str, **kwargs: Any) -> HttpResponse:
        key = _key(request)
        if offline.applied(self.dossier, by=request.user, key=key) is None:
            try:
                self.apply(token, key)
            except ServiceError as error:
                messages.warning(request, str(error))
                return self.start()
        return redirect("offline-result", self.dossier.pk, key)

    def apply(self, token: str, key: str) -> None:
        """Save what was accepted of the kept file, and drop the file."""
        by = self.request.user
        seen = offline_staging.read_seen(self.request.POST.get("seen", ""), self.dossier, by=by)
        accepted, resolutions = _choices(self.request.POST, seen)
        with offline_staging.open_staged(token, self.dossier, by=by) as file:
            offline.apply_part(self.dossier, file, accepted, resolutions, seen=seen, by=by, key=key)
        offline_staging.discard(token, self.dossier, by=by)


class OfflineResultView(OfflinePage):
    """What became of the rows that were accepted; the address may be opened again."""

    def get(self, request: SignedInRequest, key: uuid.UUID, **kwargs: Any) -> HttpResponse:
        done = offline.applied(self.dossier, by=request.user, key=str(key))
        if done is None:
            raise Http404
        return self.show("workflow/offline_result.html", _("Kết quả lưu tệp Excel"), {"done": done})


def _key(request: SignedInRequest) -> str:
    """The form's idempotency key; a new one where the form has none that is one."""
    try:
        return str(uuid.UUID(request.POST.get("idempotency_key", "")))
    except ValueError:
        return new_key()


def _choices(data: Any, seen: dict[int, int]) -> tuple[set[int], dict[int, str]]:
    """The scores that were ticked, and the side chosen for each conflict, among those that were shown."""
    ticked = set(data.getlist("accept"))
    accepted = {score for score in seen if str(score) in ticked}
    chosen = {score: data.get(f"resolve-{score}", "") for score in seen}
    return accepted, {score: side for score, side in chosen.items() if side in (offline.MINE, offline.THEIRS)}
