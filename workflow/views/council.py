"""The council appraises: the list of units and domains, the desk of one domain, one criterion at a time.

Every page fetches its dossier through `council_dossiers`: a unit's own people get 404 here, whatever seat they hold.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from assessments.errors import Conflict, InvalidInput, ServiceError
from assessments.models import Cycle, Dossier, Score
from assessments.services import appraisal
from assessments.services.appraisal import domain_scores
from assessments.services.cycles import illustrative
from assessments.visibility import council_dossiers, cycles_for
from criteria.models import Criterion
from criteria.trees import frozen_branches
from units import access
from units.permissions import Perm
from units.templatetags.cchc import due
from units.web import SignedInRequest

from .. import actions
from ..appraisals import NOT_OF_A_DOMAIN, appraisal_groups, secretary_tasks
from ..desk import (
    Row,
    Typed,
    as_seen,
    desk_rows,
    domain_state,
    make_row,
    quick_options,
    seen_scores,
    with_evidence,
)
from ..earlier_points import earlier_points
from ..inbox import inbox
from ..models import WorkItem
from ..side_by_side import SideBySide
from ..since_look import since_look
from .base import DossierStepView
from .inbox import task_row

DOSSIER = ("unit", "cycle__plan", "cycle_group__criteria_set")
SIDE = "criterion"


def get_dossier(request: HttpRequest, pk: int) -> Dossier:
    """A dossier that the person deals with as council, or 404."""
    return get_object_or_404(council_dossiers(request.user).select_related(*DOSSIER), pk=pk)


def get_domain(dossier: Dossier, pk: int) -> Criterion:
    """A domain of the dossier's set, or 404."""
    for branch in frozen_branches(dossier.criteria_set_id):
        if branch.pk == pk and branch.parent_id is None:
            return branch
    raise Http404


def council_links(user: Any, cycle: Cycle) -> list[dict[str, Any]]:
    """Where the list leads beside the work: the council for whoever manages it, own conflicts for everybody else."""
    if access.allowed(Perm.MANAGE_COUNCIL, user, cycle):
        return [{"label": _("Hội đồng"), "url": reverse("council", args=[cycle.pk]), "icon": "people"}]
    conflicts = reverse("council-conflicts", args=[cycle.pk])
    return [{"label": _("Khai báo xung đột lợi ích"), "url": conflicts, "icon": "slash-circle"}]


class AppraisalsView(LoginRequiredMixin, TemplateView):
    """Units by domain, with what is settled; the person's own unit never stands here."""

    template_name = "workflow/appraisals.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        cycle = get_object_or_404(
            cycles_for(self.request.user, Perm.APPRAISE).select_related("plan").order_by("-year", "-pk")[:1]
        )
        everything = self.request.GET.get("xem") == "tat-ca"
        items = list(inbox(self.request.user).filter(cycle=cycle, dossier__isnull=False))
        mine = [item for item in items if item.node == "dossier.appraise"]
        return super().get_context_data(
            cycle=cycle,
            illustrative=illustrative(cycle),
            everything=everything,
            leads=access.allowed(Perm.MANAGE_COUNCIL, self.request.user, cycle),
            actions=council_links(self.request.user, cycle),
            waiting=mine,
            groups=appraisal_groups(self.request.user, cycle, mine, everything=everything),
            tasks=[task_row(item, None) for item in secretary_tasks(items)],
            tabs=[
                {
                    "url": reverse("appraisals"),
                    "label": _("Đang chờ tôi"),
                    "count": len({item.dossier_id for item in mine}),
                    "active": not everything,
                },
                {"url": "?xem=tat-ca", "label": _("Tất cả đơn vị đã gửi"), "count": "", "active": everything},
            ],
            **kwargs,
        )


class CouncilStepView(DossierStepView):
    """A step of the council on one dossier: never that of a unit the person belongs to."""

    def load(self) -> None:
        self.dossier = get_dossier(self.request, self.kwargs["dossier"])

    def back_url(self) -> str:
        return reverse("appraisals")


class AppraiseDomainView(CouncilStepView):
    """The desk: one domain of one unit. Posting finishes the domain."""

    node = "appraise"
    template_name = "workflow/desk.html"
    done_message = ""

    def load(self) -> None:
        super().load()
        self.domain = get_domain(self.dossier, self.kwargs["domain"])
        self.mine = self.tasks()
        self.here = next((number for number, task in enumerate(self.mine) if self._is_here(task)), None)

    def find_item(self) -> Any:
        here = [] if self.here is None else [self.mine[self.here]["item"]]
        return WorkItem.objects.filter(pk__in=here)

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.finish_domain(self.item, by=self.request.user)
        messages.success(
            self.request,
            _("Đã hoàn thành lĩnh vực %(code)s của %(unit)s.") % {"code": self.domain.code, "unit": self.dossier.unit},
        )

    def get_success_url(self) -> str:
        following = next(iter(self.tasks()), None)
        return following["url"] if following else reverse("appraisals")

    def tasks(self) -> list[dict[str, Any]]:
        """My open domains of the cycle, domain by domain, so that units can be compared one after another."""
        rows = (
            inbox(self.request.user)
            .filter(cycle=self.dossier.cycle_id, node="dossier.appraise")
            .order_by("domain__code", "dossier__unit__group__order", "dossier__unit__order")
            .values_list("pk", "dossier_id", "domain_id", "domain__code", "dossier__unit__name")
        )
        return [
            {
                "item": pk,
                "url": reverse("appraise-domain", args=[dossier, domain]),
                "dossier": dossier,
                "domain": domain,
                "code": code,
                "label": _("%(unit)s · Lĩnh vực %(code)s") % {"unit": unit, "code": code},
            }
            for pk, dossier, domain, code, unit in rows
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tasks, here = self.mine, self.here
        scores = seen_scores(self.request.user, self.dossier, self.domain)
        moved = since_look(scores, self.domain, self.request.user)
        rows = desk_rows(self.dossier, self.domain, scores, moved=moved, editable=self.item is not None)
        return super().get_context_data(
            domain=self.domain,
            moved=[row for row in rows if isinstance(row, Row) and row.moved],
            rows=rows,
            state=domain_state(scores),
            due=due(self.item.due_at) if self.item else None,
            quick_options=quick_options(),
            previous_task=tasks[here - 1] if here else None,
            next_task=tasks[here + 1] if here is not None and here + 1 < len(tasks) else None,
            tabs=[
                {"url": task["url"], "label": task["code"], "active": task["domain"] == self.domain.pk}
                for task in tasks
                if task["dossier"] == self.dossier.pk
            ],
            **kwargs,
        )

    def _is_here(self, task: dict[str, Any]) -> bool:
        return bool(task["dossier"] == self.dossier.pk and task["domain"] == self.domain.pk)


class AcceptRestView(LoginRequiredMixin, View):
    """Accept the unit's own points on every criterion of a domain that is not settled yet."""

    http_method_names = ["post"]

    def post(self, request: SignedInRequest, dossier: int, domain: int) -> HttpResponse:
        found = get_dossier(request, dossier)
        branch = get_domain(found, domain)
        try:
            count = appraisal.accept_rest(found, branch, by=request.user)
        except ServiceError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("Đã chấp nhận điểm tự chấm ở %(count)s tiêu chí.") % {"count": count})
        return redirect("appraise-domain", found.pk, branch.pk)


class AppraiseScoreView(LoginRequiredMixin, View):
    """Save the council's points of one criterion: a row for htmx, a page without it.

    409 shows both values of a conflict, 422 keeps what was typed.
    """

    request: SignedInRequest
    http_method_names = ["post"]

    def post(self, request: SignedInRequest, dossier: int, score: int) -> HttpResponse:
        found = get_dossier(request, dossier)
        row = get_object_or_404(found.scores.select_related("criterion"), pk=score)
        typed = Typed.from_post(request.POST)
        if typed.resolve == "theirs":
            return self.answer(found, row.pk)
        try:
            appraisal.appraise(row, typed.points, reason=typed.reason, version=typed.version, by=request.user)
        except InvalidInput as error:
            return self.answer(found, row.pk, status=422, typed=typed, errors=error.errors)
        except Conflict as error:
            return self.answer(found, row.pk, status=409, typed=typed, conflict=error.current)
        except ServiceError as error:
            return self.answer(found, row.pk, status=422, typed=typed, errors={"points": str(error)})
        return self.answer(found, row.pk)

    def answer(self, dossier: Dossier, pk: int, *, status: int = 200, **state: Any) -> HttpResponse:
        """The row as it stands now, or as it was refused, on the desk from which it was sent."""
        score = Score.objects.select_related("criterion__criteria_set").get(pk=pk)
        domain = appraisal.domain_of(score)
        side = self.request.POST.get("desk") == SIDE
        place = _place(dossier, domain, score, side=side)
        if not self.request.htmx and status == 200:
            return redirect(place)
        show = self._side if side and score.source not in NOT_OF_A_DOMAIN else self._desk
        context = show(dossier, domain, score, state) | {"quick_options": quick_options(), "back_url": place}
        template = "workflow/desk_row_answer.html" if self.request.htmx else "workflow/desk_one.html"
        return render(self.request, template, context, status=status)

    def _desk(self, dossier: Dossier, domain: Criterion, score: Score, state: dict[str, Any]) -> dict[str, Any]:
        """One unit's domain: the row, and how far the domain is."""
        criteria_set, units = dossier.cycle_group.criteria_set, {dossier.pk: dossier.unit_id}
        one = with_evidence(Score.objects.filter(pk=score.pk))
        (seen,) = as_seen(self.request.user, one, dossier=dossier, domain=domain)
        before = earlier_points(dossier.cycle, [seen], units=units).get(seen.pk)
        moved = since_look([seen], domain, self.request.user).get(seen.pk)
        context = {
            "row": make_row(seen, criteria_set, editable=True, before=before, moved=moved, **state),
            "dossier": dossier,
            "domain": domain,
        }
        if score.source == Criterion.SourceChoice.LEADER:
            return context
        scores = as_seen(self.request.user, domain_scores(dossier, domain), dossier=dossier, domain=domain)
        return context | {"state": domain_state(scores), "swap": True, "item": True}

    def _side(self, dossier: Dossier, domain: Criterion, score: Score, state: dict[str, Any]) -> dict[str, Any]:
        """One criterion of all units: the row, and how many units are done."""
        desk = SideBySide(self.request.user, dossier.cycle, score.criterion, domain)
        return {"row": desk.row(score.pk, **state), "dossier": dossier, "progress": desk.progress, "swap": True}


def _place(dossier: Dossier, domain: Criterion, score: Score, *, side: bool) -> str:
    """The page on which the criterion stands: the leaders' points are recorded in the secretary's review."""
    if score.source == Criterion.SourceChoice.LEADER:
        return f"{reverse('review', args=[dossier.pk])}#score-{score.pk}"
    if side:
        return f"{reverse('appraise-criterion', args=[dossier.cycle_id, score.criterion_id])}#score-{score.pk}"
    return f"{reverse('appraise-domain', args=[dossier.pk, domain.pk])}#score-{score.pk}"
