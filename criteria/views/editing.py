"""Small changes to a draft: one criterion, its place, one scale of grades; and the rule in words while it is typed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView
from django.views.generic.base import View

from ..changes import bands_of, difference_words, state_of
from ..checks import check_rule
from ..consultation import Comment
from ..editing import (
    add_criterion,
    bands_version,
    edit_bands,
    edit_criterion,
    move_criterion,
    node_version,
    parent_code,
    remove_criterion,
    shift_criterion,
)
from ..errors import Conflict, CriteriaError, Frozen, InvalidInput
from ..forms import BandFormSet, CriterionForm, ScaleForm, bands_typed, initial_of
from ..points import NumberError, parse_points
from ..rule_reading import ReadRule, read_rule
from ..rule_text import EXAMPLES, FORMS
from ..setdata import NodeData, SetData, find, next_code, walk
from ..trees import read_set
from ..visibility import manages
from .base import DraftMixin, place_errors


def rule_context(form: str, reading: ReadRule | None, maximum: Any) -> dict[str, Any]:
    """What is said about a rule while it is typed: its words, what is wrong, what is doubtful, and a pattern."""
    rule = reading.rule if reading else None
    known = rule is not None and maximum is not None
    return {
        "words": rule.describe(maximum) if rule is not None and known else "",
        "problems": reading.problems if reading else (),
        "doubts": [*reading.warnings, *check_rule(rule, maximum)] if reading and rule is not None and known else [],
        "example": EXAMPLES.get(form, ""),
        "form_name": FORMS.get(form, ""),
    }


class RuleWordsView(LoginRequiredMixin, View):
    """The rule of a form that is being filled in, in words; for whoever may write one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not manages(request.user):
            raise Http404
        form = request.POST.get("form", "")
        try:
            maximum = parse_points(request.POST.get("maximum", ""))
        except NumberError:
            maximum = None
        reading = read_rule(form, request.POST.get("rule", "")[:5000], maximum) if form in FORMS else None
        return render(request, "criteria/rule_words.html", rule_context(form, reading, maximum))


class DraftDataMixin(DraftMixin):
    """A page that changes a draft, with the draft as data."""

    data: SetData

    def load(self) -> None:
        super().load()
        self.data = read_set(self.criteria_set)

    def place(self, code: str) -> str:
        """The line of a criterion on the page of the set."""
        return f"{self.set_url()}#{code}"

    def node_or_404(self, code: str) -> NodeData:
        node = find(self.data, code)
        if node is None:
            raise Http404
        return node


class CriterionFormView(DraftDataMixin, FormView):
    """What editing and adding have in common: the form, the rule in words, and where a refusal goes."""

    template_name = "criteria/criterion.html"
    form_class = CriterionForm

    def heading(self) -> bool:
        """Whether the node has criteria below it."""
        return False

    def asked(self) -> list[Comment]:
        """Comments that a change here may answer."""
        return []

    def save(self, form: CriterionForm) -> str:
        """Call the service; the code under which the criterion is found afterwards."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "heading": self.heading(), "asked": self.asked()}

    def form_valid(self, form: Any) -> HttpResponse:
        if "preview" in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form))
        try:
            code = self.save(form)
        except Conflict as error:
            return self.conflict(form, error)
        except InvalidInput as error:
            place_errors(form, error)
            return self.refused(form, 422)
        except CriteriaError as error:
            messages.warning(self.request, str(error))
            return redirect(self.set_url())
        messages.success(self.request, _("Đã lưu tiêu chí %(code)s.") % {"code": code})
        return redirect(self.after(form, code))

    def after(self, form: CriterionForm, code: str) -> str:
        """Back to the comment that was answered by the change, else to the place in the set."""
        comment = Comment.objects.filter(pk__in=form.chosen_comments).order_by("answered_at", "pk").first()
        if comment is None:
            return self.place(code)
        if comment.answer:
            return f"{reverse('consultation', args=[comment.consultation_id])}#y-kien-{comment.pk}"
        return reverse("comment-answer", args=[comment.consultation_id, comment.pk]) + "?tra_loi=accepted"

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.refused(form, 200 if "preview" in self.request.POST else 422)

    def refused(self, form: Any, status: int, **context: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form, **context), status=status)

    def conflict(self, form: CriterionForm, error: Conflict) -> HttpResponse:
        """409 with all that was typed."""
        form.add_error(None, str(error))
        return self.refused(form, 409)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form: CriterionForm = context["form"]
        kind = str(form["form"].value() or "") if "form" in form.fields else ""
        reading, maximum = form.reading, None
        if kind in FORMS:
            try:
                maximum = parse_points(str(form["maximum"].value() or ""))
            except NumberError:
                maximum = None
            reading = reading or read_rule(kind, str(form["rule"].value() or ""), maximum)
        return {
            **context,
            **rule_context(kind, reading, maximum),
            "patterns": [(name, EXAMPLES[key]) for key, name in FORMS.items()],
        }


class EditCriterionView(CriterionFormView):
    """Change one criterion of the draft, perhaps because units asked for it."""

    node: NodeData

    def load(self) -> None:
        super().load()
        self.node = self.node_or_404(self.kwargs["code"])

    def heading(self) -> bool:
        return bool(self.node.children)

    def asked(self) -> list[Comment]:
        return list(
            Comment.objects.filter(
                consultation__criteria_set=self.criteria_set,
                criterion__criteria_set=self.criteria_set,
                criterion__code=self.node.code,
            ).select_related("unit")
        )

    def get_initial(self) -> dict[str, Any]:
        chosen = self.request.GET.get("y-kien", "")
        return {
            **initial_of(self.node),
            "seen": node_version(self.data, self.node.code),
            "comments": [chosen] if chosen.isdecimal() else [],
        }

    def save(self, form: CriterionForm) -> str:
        return edit_criterion(
            self.criteria_set,
            self.node.code,
            form.node(),
            seen=form.cleaned_data["seen"],
            sum_up=form.cleaned_data["sum_up"],
            comments=form.chosen_comments,
            by=self.request.user,
        )

    def conflict(self, form: CriterionForm, error: Conflict) -> HttpResponse:
        """409 with all that was typed, how what stands differs from it, and a new version to save over."""
        data = read_set(self.criteria_set)
        current = find(data, self.node.code)
        if current is None:
            messages.error(self.request, str(error))
            return redirect(self.set_url())
        above = parent_code(current.code)
        lines = difference_words(state_of(current, above), state_of(form.node(), above))
        posted = self.request.POST.copy()
        posted["seen"] = node_version(data, current.code)
        form.data = posted
        form.add_error(None, str(error))
        return self.refused(form, 409, meanwhile=lines)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        above = parent_code(self.node.code)
        targets = [one for one in walk(self.data.nodes) if one.children and not _within(one.code, self.node.code)]
        return super().get_context_data(
            crumbs=self.crumbs(_("Sửa %(code)s") % {"code": self.node.code}),
            title=_("Sửa %(code)s") % {"code": self.node.code},
            lead=self.node.name,
            node=self.node,
            version=node_version(self.data, self.node.code),
            targets=[(one.code, f"{one.code} {one.name}") for one in targets if one.code != above]
            + ([("", _("Thành một lĩnh vực riêng"))] if above else []),
            below=sum(1 for _one in walk(self.node.children)),
            asked=self.asked(),
            **kwargs,
        )


def _within(code: str, top: str) -> bool:
    return code == top or code.startswith(f"{top}.")


class AddCriterionView(CriterionFormView):
    """Add a criterion as the last one below `?thuoc=`, or a lĩnh vực."""

    parent: NodeData | None = None

    def load(self) -> None:
        super().load()
        code = self.request.GET.get("thuoc", "")
        self.parent = self.node_or_404(code) if code else None

    @property
    def above(self) -> str:
        return self.parent.code if self.parent else ""

    def get_initial(self) -> dict[str, Any]:
        values: dict[str, Any] = {"source": "self", "na_policy": "none", "sum_up": True}
        if self.parent is not None and self.parent.is_leaf:
            values = initial_of(self.parent)
        return {**values, "code": next_code(self.data, self.above), "leads": []}

    def save(self, form: CriterionForm) -> str:
        return add_criterion(
            self.criteria_set, self.above, form.node(), sum_up=form.cleaned_data["sum_up"], by=self.request.user
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Thêm tiêu chí") if self.parent else _("Thêm lĩnh vực")
        return super().get_context_data(
            crumbs=self.crumbs(title),
            title=title,
            lead=f"{self.parent.code} {self.parent.name}" if self.parent else "",
            splits=self.parent is not None and self.parent.is_leaf,
            parent=self.parent,
            **kwargs,
        )


class PlaceView(DraftDataMixin, View):
    """Moving a criterion up, down or elsewhere, or taking it out; POST only."""

    http_method_names = ["post"]

    def run(self, code: str) -> str:
        """Do it; the code of the line to go back to, or of none. Raises CriteriaError."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        code = self.kwargs["code"]
        try:
            found = self.run(code)
        except Frozen as error:
            messages.warning(request, str(error))
            return redirect(self.set_url())
        except CriteriaError as error:
            messages.error(request, str(error))
            return (
                redirect("criterion-edit", self.criteria_set.pk, code)
                if find(self.data, code)
                else redirect(self.set_url())
            )
        return redirect(self.place(found))


class ShiftView(PlaceView):
    """One place up or down."""

    def run(self, code: str) -> str:
        shift_criterion(self.criteria_set, code, up=self.request.POST.get("huong") == "len", by=self.request.user)
        return code


class MoveView(PlaceView):
    """To another heading."""

    def run(self, code: str) -> str:
        moved = move_criterion(
            self.criteria_set,
            code,
            parent=self.request.POST.get("parent", ""),
            seen=self.request.POST.get("seen", ""),
            by=self.request.user,
        )
        messages.success(self.request, _("Đã chuyển thành %(code)s.") % {"code": moved})
        return moved


class RemoveView(PlaceView):
    """Out of the draft, with everything below."""

    def run(self, code: str) -> str:
        comments = [int(pk) for pk in self.request.POST.getlist("comments") if pk.isdecimal() and len(pk) < 19]
        remove_criterion(
            self.criteria_set,
            code,
            seen=self.request.POST.get("seen", ""),
            sum_up="sum_up" in self.request.POST,
            comments=comments,
            by=self.request.user,
        )
        messages.success(self.request, _("Đã bỏ %(code)s khỏi dự thảo.") % {"code": code})
        return parent_code(code)


class BandsView(DraftDataMixin, TemplateView):
    """The grades of the whole set or a part, for all ranking groups or one (`?phan=&nhom=`)."""

    template_name = "criteria/bands.html"
    part = ""
    group = ""

    def load(self) -> None:
        super().load()
        self.scale = ScaleForm(self.request.GET, data_set=self.data)
        if self.scale.is_valid():
            self.part = self.scale.cleaned_data["phan"]
            chosen = self.scale.cleaned_data["nhom"]
            self.group = chosen.code if chosen else ""

    def existing(self) -> list[dict[str, Any]]:
        node = find(self.data, self.part) if self.part else None
        bands = node.bands if node else self.data.bands
        rows = sorted((band for band in bands if band.group == self.group), key=lambda band: -band.lower)
        return [{"label": band.label, "lower": band.lower} for band in rows]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        formset = BandFormSet(request.POST)
        if not formset.is_valid():
            return self.refused(formset, [], 422)
        try:
            edit_bands(
                self.criteria_set,
                self.part,
                self.group,
                bands_typed(formset),
                seen=request.POST.get("seen", ""),
                by=self.request.user,
            )
        except Conflict as error:
            data = read_set(self.criteria_set)
            node = find(data, self.part) if self.part else None
            stands = difference_words({}, bands_of(node.bands if node else data.bands, self.group))
            return self.refused(formset, [str(error), *stands], 409, seen=bands_version(data, self.part, self.group))
        except InvalidInput as error:
            return self.refused(formset, [message for rows in error.errors.values() for message in rows], 422)
        except CriteriaError as error:
            messages.warning(request, str(error))
            return redirect(self.set_url())
        messages.success(request, _("Đã lưu mức xếp loại."))
        return redirect(f"{self.set_url()}#bands")

    def refused(self, formset: Any, problems: list[str], status: int, **context: Any) -> HttpResponse:
        """The form again with all that was typed."""
        return self.render_to_response(
            self.get_context_data(formset=formset, problems=problems, **context), status=status
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("formset", BandFormSet(initial=self.existing()))
        kwargs.setdefault("seen", bands_version(self.data, self.part, self.group))
        return super().get_context_data(
            crumbs=self.crumbs(_("Mức xếp loại")),
            scale=ScaleForm(initial={"phan": self.part, "nhom": self.group}, data_set=self.data),
            part_name=dict(self.scale.fields["phan"].choices).get(self.part, ""),  # type: ignore[attr-defined]
            **kwargs,
        )
