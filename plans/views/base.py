"""What the screens of plans share: everybody signed in reads, whoever keeps the plans writes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from units.models import User

from ..errors import Conflict, InvalidInput, PlanError
from ..models import Plan
from ..visibility import manages, plans_for, require_manager

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReaderView(LoginRequiredMixin):
    """A page for whoever is signed in; `may_write` tells the template what to offer."""

    request: Any
    kwargs: dict[str, Any]

    @property
    def user(self) -> User:
        """Who asks."""
        user: User = self.request.user
        return user

    def plan(self) -> Plan:
        """The plan of the address; raises Http404."""
        return get_object_or_404(plans_for(self.user), pk=self.kwargs["plan"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {"may_write": manages(self.user), **context}


class KeeperView(ReaderView):
    """A page for whoever keeps the plans; 403 for everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            require_manager(request.user)
        return super().dispatch(request, *args, **kwargs)


class KeeperFormView(KeeperView, FormView[Any]):
    """A form that calls one service; what the service refuses goes back onto it with all that was typed."""

    form_class: type[Form] = Form

    def save(self, form: Any) -> str:
        """Call the service; returns where to go then."""
        raise NotImplementedError

    def current(self) -> dict[str, str]:
        """What stands now, by label, for whoever lost a race."""
        return {}

    def current_version(self) -> int | None:
        """The version that stands now."""
        return None

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.success_url = self.save(form)
        except InvalidInput as error:
            place(form, error)
            return self.form_invalid(form)
        except Conflict as error:
            return self.conflict(form, error)
        except PlanError as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def conflict(self, form: Any, error: Conflict) -> HttpResponse:
        """409 with what stands now; the form keeps what was typed and takes the new version, to be sent knowingly."""
        form.add_error(None, str(error))
        form.data = form.data.copy()
        form.data["version"] = self.current_version()
        return self.render_to_response(self.get_context_data(form=form, current=self.current()), status=409)


def place(form: Any, error: InvalidInput) -> None:
    """Put each message on its field, or above the form where the form has no such field."""
    for name, messages in error.errors.items():
        for message in messages:
            form.add_error(name if name in form.fields else None, message)


def download(content: bytes, filename: str) -> HttpResponse:
    """An xlsx as an attachment."""
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def crumbs(*items: tuple[str, str]) -> list[dict[str, str]]:
    """The way to a page, from the list of plans on: (label, address), the last one without an address."""
    return [{"label": _("Kế hoạch"), "url": reverse("plans")}, *({"label": a, "url": b} for a, b in items)]
