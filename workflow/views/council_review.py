"""The secretary asks the unit or closes the appraisal, hears appeals; the chair concludes for the council."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.deadlines import supplement_day
from assessments.models import NOT_SELF_SCORED, Appeal, Score
from criteria.models import Criterion
from results.by_round import with_rounds
from results.seen import hidden_units, without
from results.table import result_table
from units import clock
from units.fields import DayField
from units.permissions import Perm
from units.templatetags.cchc import due

from .. import actions
from ..consensus import consensus
from ..desk import make_row, quick_options, with_evidence
from ..review import (
    distributions,
    earlier_requests,
    is_changed,
    open_appeals,
    response_words,
    review_scores,
    totals,
    unfinished,
)
from ..round_columns import council_rounds
from ..score_words import changes_since
from .council import CouncilStepView
from .province import ProvinceStepView


class ReviewForm(forms.Form):
    """Either questions on named criteria with a day for the answer, or the end of the appraisal."""

    ASK, FINISH = "ask", "finish"

    do = forms.ChoiceField(choices=[(ASK, ASK), (FINISH, FINISH)])
    due_on = DayField(label=gettext_lazy("Hạn bổ sung chung (hết ngày)"), required=False)

    def __init__(self, *args: Any, scores: Sequence[Score], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scores = [score for score in scores if score.source not in NOT_SELF_SCORED]
        for score in self.scores:
            code = score.criterion.code
            self.fields[f"ask.{score.pk}"] = forms.BooleanField(label=code, required=False)
            self.fields[f"question.{score.pk}"] = forms.CharField(
                label=_("Nội dung cần bổ sung ở tiêu chí %(code)s") % {"code": code},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
            )
            self.fields[f"due.{score.pk}"] = DayField(
                label=_("Hạn riêng ở tiêu chí %(code)s") % {"code": code}, required=False, help_text=""
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("do") == self.ASK and not cleaned.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Hãy chọn hạn bổ sung."))
        return cleaned

    def questions(self) -> dict[int, str]:
        """What is asked, by score; a question that is written counts as asked."""
        return {
            score.pk: self.cleaned_data[f"question.{score.pk}"]
            for score in self.scores
            if self.cleaned_data[f"ask.{score.pk}"] or self.cleaned_data[f"question.{score.pk}"].strip()
        }

    def due(self) -> dict[int, dt.date]:
        """The days of their own that were given to criteria."""
        return {score.pk: day for score in self.scores if (day := self.cleaned_data[f"due.{score.pk}"])}


class ReviewView(CouncilStepView):
    """All changed criteria with their reasons; ask the unit, or finish the appraisal."""

    node = "review"
    template_name = "workflow/review.html"
    form_class = ReviewForm

    def load(self) -> None:
        super().load()
        self.scores = review_scores(self.dossier)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"scores": self.scores}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "due_on": supplement_day(self.dossier.cycle, clock.today())}

    def run(self, form: Any) -> None:
        assert self.item is not None
        if form.cleaned_data["do"] == ReviewForm.ASK:
            actions.request_supplement(
                self.item,
                form.questions(),
                due_on=form.cleaned_data["due_on"],
                due=form.due(),
                by=self.request.user,
            )
            self.done_message = _("Đã gửi yêu cầu bổ sung tới %(unit)s.") % {"unit": self.dossier.unit}
            return
        actions.finish_review(self.item, by=self.request.user)
        self.done_message = _("Đã kết thúc thẩm định hồ sơ của %(unit)s.") % {"unit": self.dossier.unit}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        everything = self.request.GET.get("xem") == "tat-ca" or form.is_bound
        changed = [score for score in self.scores if is_changed(score)]
        shown = [score for score in form.scores if everything or is_changed(score)]
        leaders = self.dossier.scores.filter(source=Criterion.SourceChoice.LEADER).order_by("criterion__order")
        criteria_set = self.dossier.cycle_group.criteria_set
        rounds = council_rounds(self.dossier, self.scores)
        differences = consensus(self.dossier, editable=self.item is not None)
        return context | {
            "columns": rounds.columns,
            "due": due(self.item.due_at) if self.item else None,
            "response": response_words(self.dossier.cycle),
            "totals": totals(self.dossier, self.scores),
            "rows": [
                {
                    "score": score,
                    "changed": is_changed(score),
                    "cells": rounds.of(score),
                    "ask": form[f"ask.{score.pk}"],
                    "question": form[f"question.{score.pk}"],
                    "due": form[f"due.{score.pk}"],
                    "changes": changes_since(score, score.supplement_items.all()),
                }
                for score in shown
            ],
            "everything": everything,
            "leaders": [
                make_row(score, criteria_set, editable=self.item is not None) for score in with_evidence(leaders)
            ],
            "quick_options": quick_options(),
            "consensus": differences,
            "disputed": len(differences),
            "requests": earlier_requests(self.dossier),
            "tabs": [
                {"url": "?", "label": _("Tiêu chí điều chỉnh"), "count": len(changed), "active": not everything},
                {
                    "url": "?xem=tat-ca",
                    "label": _("Tất cả tiêu chí tự chấm"),
                    "count": len(form.scores),
                    "active": everything,
                },
            ],
        }


class HearForm(forms.Form):
    """Points and an answer for each appeal; empty points keep what was appraised."""

    def __init__(self, *args: Any, appeals: Sequence[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appeals = appeals
        for appeal in appeals:
            code = appeal.score.criterion.code
            self.fields[f"points.{appeal.pk}"] = forms.CharField(
                label=_("Điểm sau xem xét, tiêu chí %(code)s") % {"code": code},
                required=False,
                max_length=20,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )
            self.fields[f"answer.{appeal.pk}"] = forms.CharField(
                label=_("Trả lời của hội đồng, tiêu chí %(code)s") % {"code": code},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )

    def decisions(self) -> dict[int, tuple[str, str]]:
        """What the service takes: by appeal, points as typed and the answer."""
        return {
            appeal.pk: (self.cleaned_data[f"points.{appeal.pk}"], self.cleaned_data[f"answer.{appeal.pk}"])
            for appeal in self.appeals
        }


class HearView(CouncilStepView):
    """Every appeal of a dossier is decided at once, and the dossier is concluded."""

    node = "hear"
    template_name = "workflow/hear.html"
    form_class = HearForm
    done_message = gettext_lazy("Đã trả lời kiến nghị và kết luận hồ sơ.")

    def load(self) -> None:
        super().load()
        self.appeals = open_appeals(self.dossier)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"appeals": self.appeals}

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.decide_appeals(self.item, form.decisions(), by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "appeals": [
                {"appeal": appeal, "points": form[f"points.{appeal.pk}"], "answer": form[f"answer.{appeal.pk}"]}
                for appeal in self.appeals
            ],
            "decided": Appeal.objects.filter(score__dossier=self.dossier, accepted__isnull=False)
            .select_related("score__criterion", "decided_by")
            .order_by("score__criterion__order"),
        }


class ConcludeCycleView(ProvinceStepView):
    """The chair sees the whole province and concludes for the council."""

    node = "council_concludes"
    perms = (Perm.CHAIR,)
    template_name = "workflow/conclude_cycle.html"
    done_message = gettext_lazy("Hội đồng đã kết luận. Sở Nội vụ lập tờ trình kết quả.")

    def run(self, form: Any) -> None:
        assert self.item is not None
        actions.conclude_cycle(self.item, by=self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = without(result_table(self.cycle), hidden_units(self.request.user, self.cycle))
        groups = with_rounds(shown, self.cycle)
        return super().get_context_data(
            groups=groups,
            distributions=distributions(self.cycle, groups),
            unfinished=unfinished(groups),
            **kwargs,
        )
