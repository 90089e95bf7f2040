"""The unit's dossiers: the list, one dossier, its history and its receipt."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import TemplateView

from assessments.arrivals import latest_sending, withdrawals
from assessments.deadlines import extensions_in_force
from assessments.models import NOT_SELF_SCORED, Dossier, LedgerEntry, Score
from assessments.services.assignments import HANDOVER_STAGES, officers_of
from assessments.services.taking_back import refusal_to_take_back
from assessments.shares import spread
from assessments.stages import OPEN_STAGES, Stage
from assessments.visibility import dossiers_for, result_given, sees_rounds
from units import access
from units.permissions import Perm
from units.web import SignedInRequest

from ..assign_page import Load, loads
from ..dossier_page import (
    council_crumbs,
    council_links,
    dates,
    facts,
    list_row,
    sentence,
    stepper,
    unit_notes,
)
from ..dossier_sums import DomainLine, all_scores, domain_lines, sums
from ..history import lines, visible_entries
from ..inbox import inbox
from ..lost_points import chart, lost_points
from ..nudging import nudges_of
from ..provisional import window, window_words
from ..sheet_page import gap_groups
from .inbox import task_row
from .unit_sheet import crumbs, get_dossier

PER_PAGE = 50
RECENT = 8
NUDGES = 3


class DossierFilter(forms.Form):
    """Filter of the list of dossiers."""

    q = forms.CharField(label=_l("Đơn vị"), required=False, max_length=100)
    stage = forms.ChoiceField(label=_l("Bước"), required=False, choices=[("", _l("Tất cả")), *Stage.choices])


class DossiersView(LoginRequiredMixin, TemplateView):
    """Dossiers that the person may read, newest cycle first. The same queries for any number of rows."""

    request: SignedInRequest
    template_name = "workflow/dossiers.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = DossierFilter(self.request.GET)
        found = dossiers_for(self.request.user)
        total = found.count()
        if form.is_valid():
            name, stage = form.cleaned_data["q"].strip(), form.cleaned_data["stage"]
            found = found.filter(stage=stage) if stage else found
            found = found.filter(Q(unit__name__icontains=name) | Q(unit__short_name__icontains=name))
        page = Paginator(
            found.select_related("unit", "cycle__plan")
            .prefetch_related("cycle__plan__milestones")
            .order_by("-cycle__year", "-cycle", "unit__group__order", "unit__order", "pk"),
            PER_PAGE,
        ).get_page(self.request.GET.get("page"))
        shown = page.object_list
        extensions = extensions_in_force([row.cycle_id for row in shown], [row.unit_id for row in shown])
        return super().get_context_data(
            page_obj=page,
            rows=[list_row(row, extensions.get((row.cycle_id, row.unit_id))) for row in page.object_list],
            actions=[{"label": _("Kho tài liệu"), "url": reverse("library"), "icon": "folder2-open"}],
            filter=form if total > 1 else None,
            result=_("%(found)s trong %(total)s hồ sơ") % {"found": page.paginator.count, "total": total},
            **kwargs,
        )


class DossierView(LoginRequiredMixin, TemplateView):
    """One dossier: where it stands, by when, points so far, what is missing, what happened."""

    request: SignedInRequest
    template_name = "workflow/dossier.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = get_dossier(request, kwargs["dossier"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, dossier = self.request.user, self.dossier
        scores = all_scores(dossier)
        domains = domain_lines(dossier, scores)
        total = sums(scores)
        when = dates(dossier)
        own = access.allowed(Perm.VIEW_DOSSIER, user, dossier.unit)
        items = list(inbox(user).filter(dossier=dossier))
        return super().get_context_data(
            dossier=dossier,
            illustrative=dossier.cycle_group.criteria_set.illustrative,
            sentence=sentence(dossier),
            steps=stepper(dossier, late=when.passed and Stage(dossier.stage) in OPEN_STAGES),
            dates=when,
            facts=facts(dossier, when) + self.window_facts(),
            tasks=[task_row(item, None, user) for item in items],
            domains=domains,
            sums=total,
            gaps=gap_groups(dossier, domains) if own else [],
            notes=list(unit_notes(dossier)[:RECENT]) if own else [],
            history=lines(visible_entries(dossier, user)[:RECENT]),
            crumbs=[] if own else council_crumbs(user, dossier),
            actions=[{"label": _("Kho tài liệu"), "url": reverse("library"), "icon": "folder2-open"}]
            if own
            else council_links(user, dossier, items, [line.domain for line in domains]),
            sees_result=own and sees_rounds(user, dossier),
            result=chart(lost_points(dossier)) if own and result_given(dossier) else [],
            own=own,
            may_take_back=self.may_take_back(),
            withdrawals=withdrawals(dossier) if own and dossier.cycle.take_back else [],
            loads=self.loads(scores, domains),
            may_score=access.allowed(Perm.SCORE, user, dossier.unit),
            may_set_times=Stage(dossier.stage) in OPEN_STAGES
            and access.allowed(Perm.ASSIGN_CRITERIA, user, dossier.unit),
            nudges=nudges_of(dossier)[:NUDGES] if own else [],
            **kwargs,
        )

    def window_facts(self) -> list[dict[str, Any]]:
        """Until when the unit may contest its provisional result, for the unit's own people."""
        if not access.allowed(Perm.VIEW_DOSSIER, self.request.user, self.dossier.unit):
            return []
        end = window(self.dossier)
        return [{"term": _("Kiến nghị"), "value": window_words(end), "state": "info"}] if end else []

    def may_take_back(self) -> bool:
        """Whether the person may take the sent dossier back now."""
        dossier = self.dossier
        sent = dossier.cycle.take_back and dossier.stage == Stage.SUBMITTED
        mine = access.allowed(Perm.SUBMIT, self.request.user, dossier.unit)
        return sent and mine and not refusal_to_take_back(dossier)

    def loads(self, scores: list[Score], domains: list[DomainLine]) -> list[Load]:
        """Load and progress of each officer, for whoever hands out, while the unit works on the dossier."""
        dossier = self.dossier
        if Stage(dossier.stage) not in HANDOVER_STAGES or not access.allowed(
            Perm.ASSIGN_CRITERIA, self.request.user, dossier.unit
        ):
            return []
        given = {
            row.criterion.code: row.officer for line in domains for share in line.shares for row in share.assignments
        }
        codes = [score.criterion.code for score in scores if score.source not in NOT_SELF_SCORED]
        return loads(scores, spread(codes, given), officers_of(dossier))


class HistoryView(DossierView):
    """Everything that happened to a dossier, newest first."""

    template_name = "workflow/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(visible_entries(self.dossier, self.request.user), PER_PAGE).get_page(
            self.request.GET.get("page")
        )
        return TemplateView.get_context_data(
            self,
            dossier=self.dossier,
            page_obj=page,
            history=lines(page.object_list),
            crumbs=crumbs(self.dossier, _("Lịch sử xử lý")),
        )


class ReceiptView(DossierView):
    """Proof that a dossier has arrived: when to the second, from whom, what, and the hash of the record."""

    template_name = "workflow/receipt.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        dossier = self.dossier
        sending = latest_sending(dossier)
        if sending is None:
            raise Http404
        taken_back = withdrawals(dossier)
        total = sums(all_scores(dossier))
        return TemplateView.get_context_data(
            self,
            dossier=dossier,
            illustrative=dossier.cycle_group.criteria_set.illustrative,
            entry=sending.entry,
            sending=sending,
            earlier=[row for row in taken_back if row != sending.withdrawal],
            may_take_back=self.may_take_back(),
            dates=dates(dossier),
            sums=total,
            files=sent_files(dossier, sending.entry),
            crumbs=crumbs(dossier, _("Biên nhận")),
        )


def sent_files(dossier: Dossier, sending: LedgerEntry) -> int:
    """How many different files proved the scores when the dossier was sent, whatever was supplemented later."""
    attached: set[tuple[int | None, int, int]] = set()
    for entry in dossier.ledger.filter(seq__lt=sending.seq, action__in=["attach", "detach"]).order_by("seq"):
        facts = entry.after if entry.action == "attach" else entry.before
        link = (entry.criterion_id, facts["document"], facts["version"])
        if entry.action == "attach":
            attached.add(link)
        else:
            attached.discard(link)
    return len({(document, version) for _criterion, document, version in attached})
