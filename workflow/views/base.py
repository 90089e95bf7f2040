"""What every screen that finishes a task has in common.

A step view finds the dossier or cycle among those that the person may see (404 otherwise), the open task among the
person's own, and runs one action of `workflow.actions`. What a service refuses goes back onto the form, with all
that was typed; a task that somebody else finished leads back to the dossier with a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm, Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from assessments.errors import Conflict, Incomplete, InvalidInput, ServiceError, WrongStage
from assessments.models import Cycle, Dossier
from assessments.services.cycles import illustrative
from assessments.visibility import cycles_for, dossiers_for
from units.permissions import CYCLE_PERMS
from units.web import SignedInRequest

from ..engine import AlreadyDone
from ..inbox import inbox
from ..models import WorkItem

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def place_errors(form: BaseForm, error: InvalidInput) -> None:
    """Put each message of a refused input on its field, or above the form where the form has no such field."""
    for name, message in error.errors.items():
        form.add_error(name if name in form.fields else None, message)


class StepView(LoginRequiredMixin, FormView[Any]):
    """Shows a task and finishes it. Subclasses name `node`, `template_name`, `form_class` and `run`."""

    request: SignedInRequest
    node = ""
    form_class: type[Form] = Form
    done_message: StrOrPromise = ""
    item: WorkItem | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.load()
            self.item = self.find_item().first()

    def load(self) -> None:
        """Fetch the subject through a user-scoped queryset; raises Http404."""
        raise NotImplementedError

    def find_item(self) -> Any:
        """The person's own open task on the subject."""
        raise NotImplementedError

    def run(self, form: Any) -> None:
        """Call one action of `workflow.actions` with the cleaned form."""
        raise NotImplementedError

    def back_url(self) -> str:
        """Where a person goes when there is nothing (more) to do here."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        return reverse("inbox")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.item is None:
            messages.warning(request, _("Việc này không còn chờ bạn. Trang đã được tải lại với tình trạng mới."))
            return redirect(self.back_url())
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.run(form)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        except Incomplete as error:
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form, gaps=error.gaps), status=422)
        except (AlreadyDone, WrongStage) as error:
            messages.warning(self.request, str(error))
            return redirect(self.back_url())
        except Conflict as error:
            return self.conflict(form, error)
        except ServiceError as error:
            form.add_error(NON_FIELD_ERRORS, str(error))
            return self.form_invalid(form)
        if self.done_message:
            messages.success(self.request, self.done_message)
        return HttpResponseRedirect(self.get_success_url())

    def conflict(self, form: Any, error: Conflict) -> HttpResponse:
        """Somebody saved the same thing meanwhile: 409, with everything that was typed."""
        form.add_error(NON_FIELD_ERRORS, str(error))
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def form_invalid(self, form: Any) -> HttpResponse:
        """422, so that a script or test sees the refusal; the page keeps everything that was typed."""
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(item=self.item, **kwargs)


class DossierStepView(StepView):
    """A step on one dossier (URL kwarg `dossier`)."""

    dossier: Dossier

    def load(self) -> None:
        self.dossier = get_object_or_404(
            dossiers_for(self.request.user).select_related("unit", "cycle__plan", "cycle_group__criteria_set"),
            pk=self.kwargs["dossier"],
        )

    def find_item(self) -> Any:
        return inbox(self.request.user).filter(dossier=self.dossier, node=f"dossier.{self.node}")

    def back_url(self) -> str:
        return reverse("dossier", args=[self.dossier.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            dossier=self.dossier, illustrative=self.dossier.cycle_group.criteria_set.illustrative, **kwargs
        )


class CycleStepView(StepView):
    """A step on one cycle (URL kwarg `cycle`)."""

    cycle: Cycle

    def load(self) -> None:
        self.cycle = get_object_or_404(
            cycles_for(self.request.user, *CYCLE_PERMS).select_related("plan", "province"), pk=self.kwargs["cycle"]
        )

    def find_item(self) -> Any:
        return inbox(self.request.user).filter(cycle=self.cycle, dossier=None, node=f"cycle.{self.node}")

    def back_url(self) -> str:
        return reverse("inbox")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cycle=self.cycle, illustrative=illustrative(self.cycle), **kwargs)
