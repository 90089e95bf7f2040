"""The sets of the province: list, one set as a tree, its settings, clones, differences, and freezing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from units import clock
from units.templatetags.cchc import due, points

from ..changes import change_words, set_version, settings_of, version_of
from ..consultation import Consultation
from ..consulting import window_words
from ..editing import clone_once, edit_settings, freeze_as_seen
from ..errors import Conflict, CriteriaError, InvalidInput
from ..forms import CloneForm, SettingsForm
from ..models import CriteriaSet, Criterion
from ..review import remarks
from ..set_page import SetPage, set_page
from ..setdata import SetData
from ..trees import read_set
from ..versions import Diff, difference
from ..visibility import consultations_for, manages, sets_for
from .base import DraftMixin, SetMixin, place_errors

PER_PAGE = 50
OUTSIDE = (Criterion.SourceChoice.BONUS, Criterion.SourceChoice.PENALTY)


def running_consultations(user: Any) -> list[Consultation]:
    """Consultations of `user` that are open now."""
    now, today = clock.now(), clock.today()
    rows = consultations_for(user).filter(opens_on__lte=today, closes_on__gte=today).select_related("criteria_set")
    return [row for row in rows if row.is_open(now)]


class SetsView(LoginRequiredMixin, TemplateView):
    """Every set that the person may read, the newest year first."""

    template_name = "criteria/sets.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        keeper = manages(self.request.user)
        found = (
            sets_for(self.request.user)
            .annotate(
                leaves=Count("criteria", filter=~Q(criteria__source="")),
                total=Sum("criteria__maximum", filter=~Q(criteria__source__in=["", *OUTSIDE]), default=Decimal(0)),
            )
            .order_by("-year", "code", "-version")
        )
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        rows = list(page)
        return super().get_context_data(
            page=page,
            rows=rows,
            manages=keeper,
            illustrative=any(row.illustrative for row in rows),
            running=[(row, window_words(row), due(row.ends_at)) for row in running_consultations(self.request.user)],
            lead=_("Tiêu chí, thang điểm và cách chấm của từng năm.")
            if keeper
            else _("Tiêu chí, thang điểm và cách chấm mà đợt đánh giá áp dụng."),
            actions=_list_actions(keeper),
            **kwargs,
        )


def _list_actions(keeper: bool) -> list[dict[str, Any]]:
    consultations = {"url": reverse("consultations"), "label": _("Lấy ý kiến dự thảo"), "icon": "chat-left-text"}
    if not keeper:
        return [consultations]
    return [
        consultations,
        {"url": reverse("criteria-template"), "label": _("Tải mẫu Excel"), "icon": "download"},
        {"url": reverse("criteria-import"), "label": _("Nhập từ Excel"), "icon": "upload", "primary": True},
    ]


class SetView(SetMixin, TemplateView):
    """One set as a tree, with what is doubtful about it for whoever keeps it."""

    template_name = "criteria/set.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        data = read_set(self.criteria_set)
        keeper = manages(self.request.user)
        tree = set_page(data)
        consultation = next(
            (row for row in running_consultations(self.request.user) if row.criteria_set_id == self.criteria_set.pk),
            None,
        )
        return super().get_context_data(
            crumbs=self.crumbs(),
            lead=set_lead(self.criteria_set),
            tree=tree,
            figure=_("%(points)s điểm") % {"points": points(tree.totals.points)},
            figure_note=_("%(count)s tiêu chí được chấm điểm") % {"count": tree.totals.leaves},
            editable=keeper and not self.criteria_set.is_frozen,
            warnings=[str(remark) for remark in remarks(data)] if keeper and data.nodes else [],
            consultation=consultation,
            consultation_words=_("Góp ý %(window)s.") % {"window": window_words(consultation)} if consultation else "",
            actions=self.actions(keeper),
            **kwargs,
        )

    def actions(self, keeper: bool) -> list[dict[str, str]]:
        """Where the reader can go from here."""
        draft = not self.criteria_set.is_frozen
        rows = [
            (True, "criteria-export", _("Xuất Excel"), "file-earmark-excel"),
            (True, "criteria-diff", _("So sánh phiên bản"), "arrow-repeat"),
            (keeper, "criteria-whatif", _("Tính thử"), "sliders"),
            (keeper, "criteria-clone", _("Sao sang năm sau"), "plus-lg"),
            (keeper, "criteria-changes", _("Lịch sử sửa"), "clock-history"),
            (keeper and draft, "criteria-settings", _("Thông tin chung"), "gear"),
            (keeper and draft, "criteria-import-into", _("Nhập thay từ Excel"), "upload"),
            (keeper and draft, "consultation-open", _("Lấy ý kiến"), "chat-left-text"),
            (keeper and draft, "criteria-freeze", _("Khóa"), "lock"),
        ]
        return [
            {"url": reverse(name, args=[self.criteria_set.pk]), "label": label, "icon": icon}
            for shown, name, label, icon in rows
            if shown
        ]


def set_lead(criteria_set: CriteriaSet) -> str:
    """The line under a set's name: year, version and decision."""
    parts = [
        _("Năm %(year)s") % {"year": criteria_set.year},
        _("phiên bản %(version)s") % {"version": criteria_set.version},
    ]
    if criteria_set.source_decision:
        parts.append(criteria_set.source_decision)
    return " · ".join(parts)


class SettingsView(DraftMixin, FormView):
    """Name, decision, rounding and caps of a draft."""

    template_name = "criteria/settings.html"
    form_class = SettingsForm
    data: SetData

    def load(self) -> None:
        super().load()
        self.data = read_set(self.criteria_set)

    def get_initial(self) -> dict[str, Any]:
        fields = ("name", "source_decision", "rounding_step", "rounding_mode", "bonus_cap", "penalty_cap")
        values = {name: getattr(self.data, name) for name in (*fields, "illustrative")}
        return {**values, "seen": version_of(settings_of(self.data))}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            edit_settings(
                self.criteria_set, form.settings(self.data), seen=form.cleaned_data["seen"], by=self.request.user
            )
        except Conflict as error:
            form.add_error(None, str(error))
            return self.refused(form, 409, renewed=True)
        except InvalidInput as error:
            place_errors(form, error)
            return self.refused(form, 422)
        except CriteriaError as error:
            messages.warning(self.request, str(error))
            return redirect(self.set_url())
        messages.success(self.request, _("Đã lưu thông tin chung."))
        return redirect(self.set_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.refused(form, 422)

    def refused(self, form: Any, status: int, *, renewed: bool = False) -> HttpResponse:
        """The form again with all that was typed; `renewed` lets the next save replace what stands now."""
        if renewed:
            form.data = {**form.data.dict(), "seen": version_of(settings_of(self.data))}
        return self.render_to_response(self.get_context_data(form=form, renewed=renewed), status=status)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=self.crumbs(_("Thông tin chung")), data=self.data, **kwargs)


class CloneView(SetMixin, FormView):
    """A new draft equal to this set, for another year or as the next version of the same one."""

    managing = True
    template_name = "criteria/clone.html"
    form_class = CloneForm

    def get_initial(self) -> dict[str, Any]:
        return {"year": self.criteria_set.year + 1}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            made = clone_once(self.criteria_set, year=form.cleaned_data["year"], by=self.request.user)
        except InvalidInput as error:
            place_errors(form, error)
            return self.form_invalid(form)
        messages.success(
            self.request,
            _("Đã sao thành dự thảo năm %(year)s, phiên bản %(version)s.")
            % {"year": made.year, "version": made.version},
        )
        return redirect("criteria-set", made.pk)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=self.crumbs(_("Sao sang năm sau")), **kwargs)


SECTIONS = (
    ("changed_set", gettext_lazy("Thông tin chung và mức xếp loại")),
    ("changed_points", gettext_lazy("Đổi điểm tối đa")),
    ("changed_rule", gettext_lazy("Đổi nguồn điểm, cách chấm")),
    ("changed_text", gettext_lazy("Đổi tên, tài liệu, hướng dẫn")),
    ("changed_units", gettext_lazy("Đổi cơ quan chủ trì, đơn vị không áp dụng")),
)


class DiffView(SetMixin, TemplateView):
    """What this version says otherwise than another: the one it was cloned from, or one that is chosen."""

    template_name = "criteria/diff.html"

    def other(self) -> CriteriaSet | None:
        """The version to compare with, among those that the person may read."""
        readable = sets_for(self.request.user).exclude(pk=self.criteria_set.pk)
        chosen = self.request.GET.get("voi", "")
        if chosen:
            return get_object_or_404(readable, pk=chosen) if chosen.isdecimal() and len(chosen) < 19 else None
        if self.criteria_set.cloned_from_id:
            return readable.filter(pk=self.criteria_set.cloned_from_id).first()
        earlier = Q(year__lt=self.criteria_set.year) | Q(
            year=self.criteria_set.year, version__lt=self.criteria_set.version
        )
        return readable.filter(earlier, code=self.criteria_set.code).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        other = self.other()
        found = difference(read_set(other), read_set(self.criteria_set)) if other else None
        return super().get_context_data(
            crumbs=self.crumbs(_("So sánh phiên bản")),
            other=other,
            choices=list(sets_for(self.request.user).exclude(pk=self.criteria_set.pk)),
            diff=found,
            sections=diff_sections(found) if found else [],
            **kwargs,
        )


def diff_sections(found: Diff) -> list[tuple[str, Any]]:
    """The kinds of changes that there are, with their rows."""
    return [(str(title), getattr(found, name)) for name, title in SECTIONS if getattr(found, name)]


class FreezeView(SetMixin, TemplateView):
    """Exactly what is locked, and what should be settled before; POST locks."""

    managing = True
    template_name = "criteria/freeze.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            freeze_as_seen(self.criteria_set, seen=request.POST.get("seen", ""), by=self.request.user)
        except Conflict as error:
            return self.render_to_response(self.get_context_data(problem=str(error)), status=409)
        except CriteriaError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("Đã khóa bộ chỉ số. Từ nay không ai sửa được nội dung nào của bộ chỉ số này."))
        return redirect(self.set_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        data = read_set(self.criteria_set)
        tree: SetPage = set_page(data)
        now = clock.now()
        consultations = list(
            self.criteria_set.consultations.annotate(waiting=Count("comments", filter=Q(comments__answer="")))
        )
        return super().get_context_data(
            crumbs=self.crumbs(_("Khóa")),
            lead=set_lead(self.criteria_set),
            tree=tree,
            editable=False,
            seen=set_version(data),
            warnings=[str(remark) for remark in remarks(data)] if data.nodes else [],
            running=[row for row in consultations if not row.has_ended(now)],
            waiting=sum(row.waiting for row in consultations),
            **kwargs,
        )


class ChangesView(SetMixin, TemplateView):
    """Every change made to the draft on screen, the newest first."""

    managing = True
    template_name = "criteria/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.criteria_set.changes.select_related("by").prefetch_related("comments__unit")
        page = Paginator(found, PER_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            crumbs=self.crumbs(_("Lịch sử sửa")),
            page=page,
            rows=[(row, change_words(row)) for row in page],
            **kwargs,
        )
