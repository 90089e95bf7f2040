"""The scoring sheet of one domain: every criterion with what is declared, proved and still missing.

A page of any length reads the same few tables once: criteria, scores, evidence, questions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.changes import Change
from assessments.completeness import Gap, GapKind, gap_of
from assessments.models import NOT_SELF_SCORED, Score, ScoreEvidence, SupplementItem
from assessments.services.scores import Entry
from assessments.shares import with_officer
from criteria.models import CriteriaSet, Criterion
from criteria.scoring import (
    FigureErrors,
    NotApplicable,
    NumberError,
    RuleError,
    YesNo,
    figures_from_data,
    figures_to_data,
    format_points,
    parse_points,
    read_figures,
)
from criteria.trees import leaf_rule, rule_outcome

from .score_words import changes_since, content, shown_figures

SURVEY = Criterion.SourceChoice.SURVEY
MAX_TEXT = 5000
PREFIX = "figures."


@dataclass(frozen=True)
class Typed:
    """What an officer sent for one criterion, as text."""

    figures: Mapping[str, str]
    not_applicable: bool
    explanation: str
    points: str
    override_reason: str
    version: int
    resolve: str = ""

    @classmethod
    def from_post(cls, data: Mapping[str, Any]) -> Typed:
        """Whoever resolves a conflict for their own value has seen the saved one: its version counts."""
        resolve = str(data.get("resolve", ""))
        version = str(data.get("seen_version" if resolve == "mine" else "version", ""))
        return cls(
            figures={key.removeprefix(PREFIX): str(data[key]) for key in data if key.startswith(PREFIX)},
            not_applicable=bool(data.get("not_applicable")),
            explanation=str(data.get("explanation", "")).replace("\r\n", "\n")[:MAX_TEXT],
            points=str(data.get("points", ""))[:40],
            override_reason=str(data.get("override_reason", "")).replace("\r\n", "\n")[:MAX_TEXT],
            version=int(version) if version.isdecimal() and len(version) < 10 else -1,
            resolve=resolve,
        )

    def entry(self) -> Entry:
        """The same for the service."""
        return Entry(
            figures=self.figures,
            not_applicable=self.not_applicable,
            explanation=self.explanation,
            points=self.points,
            override_reason=self.override_reason,
        )


@dataclass(frozen=True)
class FigureField:
    """One declared figure as an input: `kind` is select, check, date or text."""

    name: str
    id: str
    label: str
    kind: str
    value: str
    choices: Sequence[tuple[str, str]] = ()
    unit: str = ""
    error: str = ""

    @property
    def checked(self) -> bool:
        return self.value == "true"

    @property
    def shown(self) -> str:
        """The value for somebody who only reads."""
        if self.kind == "check":
            return _("Có") if self.checked else ""
        return dict(self.choices).get(self.value, self.value)


@dataclass(frozen=True)
class Clash:
    """Two people changed one criterion: what each wants, and who saved first."""

    mine: SafeString
    theirs: SafeString
    who: Any
    when: Any
    version: int


@dataclass(frozen=True)
class Row:
    """One criterion of the sheet. `typed`, `errors` and `clash` tell of a save that was refused."""

    score: Score
    rule: str
    figures: Sequence[FigureField]
    outcome: str
    gap: Gap | None
    files: Sequence[ScoreEvidence] = ()
    questions: Sequence[SupplementItem] = ()
    editable: bool = False
    typed: Typed | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    clash: Clash | None = None
    # The row replaces one on a page: its documents are not read again and stay there.
    kept: bool = False
    # What is not as it was when the council asked.
    changes: Sequence[Change] = ()
    asked: bool = False
    comments: int | None = None  # not settled yet; None where the reader may not see them
    heading: bool = False
    user: Any = None

    @property
    def officer(self) -> str:
        """Who fills it, empty where it was given to nobody."""
        return getattr(self.score, "officer_name", None) or ""

    @property
    def mine(self) -> bool:
        """Whether it is the reader's own to fill."""
        return self.user is not None and getattr(self.score, "officer_id", None) == self.user.pk

    @property
    def code(self) -> str:
        return self.score.criterion.code

    @property
    def surveyed(self) -> bool:
        return self.score.source == SURVEY

    @property
    def direct(self) -> bool:
        """Points that the council or the province's leaders give."""
        return self.score.source in NOT_SELF_SCORED and not self.surveyed

    @property
    def own(self) -> bool:
        """Whether the unit fills it."""
        return self.score.source not in NOT_SELF_SCORED

    @property
    def may_not_arise(self) -> bool:
        return self.score.criterion.na_policy in (NotApplicable.FULL.value, NotApplicable.RESCALE.value)

    @property
    def not_applicable(self) -> bool:
        return self.typed.not_applicable if self.typed else self.score.not_applicable

    @property
    def explanation(self) -> str:
        return self.typed.explanation if self.typed else self.score.explanation

    @property
    def points_value(self) -> str:
        """The text of the field for points that differ from the rule's."""
        if self.typed:
            return self.typed.points
        points = self.score.self_points
        return format_points(points) if self.score.overridden and points is not None else ""

    @property
    def override_reason(self) -> str:
        return self.typed.override_reason if self.typed else self.score.override_reason

    @property
    def override_open(self) -> bool:
        return bool(self.points_value or self.override_reason)

    @property
    def missing_proof(self) -> bool:
        return self.gap is not None and self.gap.kind is GapKind.PROOF

    @property
    def form_id(self) -> str:
        return f"f{self.score.pk}"

    @property
    def save_state(self) -> str:
        if self.clash is not None:
            return "conflict"
        if self.errors:
            return "error"
        return "saved" if self.score.updated_at else "idle"

    @property
    def messages(self) -> list[str]:
        """What was refused and belongs to no field of the row."""
        fields = {"points", "override_reason", "not_applicable"} if self.score.criterion.overridable else set()
        fields |= {"not_applicable"} if self.may_not_arise else set()
        fields |= {figure.name for figure in self.figures}
        return [message for name, message in self.errors.items() if name not in fields]


@dataclass(frozen=True)
class Heading:
    """A branch of the domain above its criteria, with what the unit has so far in it."""

    key: str
    criterion: Criterion
    points: Decimal | None
    comments: int | None = None  # not settled yet; None where the reader may not see them
    heading: bool = True

    @property
    def code(self) -> str:
        return self.criterion.code


@dataclass(frozen=True)
class HeadingSum:
    """The points of one heading, to be put in their place on a page that is already shown."""

    key: str
    points: Decimal | None


def heading_key(code: str) -> str:
    """A criterion's code as part of an element's id: "3.1" -> "3-1"."""
    return code.replace(".", "-")


def with_evidence(scores: QuerySet[Score]) -> QuerySet[Score]:
    """Scores with everything that a row shows, in three queries."""
    return (
        with_officer(scores)
        .select_related("criterion", "updated_by")
        .annotate(documents=Count("evidence"))
        .prefetch_related(
            Prefetch(
                "evidence", ScoreEvidence.objects.select_related("version__document", "version__blob").order_by("pk")
            ),
            Prefetch("supplement_items", SupplementItem.objects.select_related("request").order_by("-request_id")),
        )
    )


def make_row(score: Score, criteria_set: CriteriaSet, *, conflict: Score | None = None, **state: Any) -> Row:
    """A row of a score from `with_evidence`; `conflict` is the row that somebody else saved."""
    typed: Typed | None = state.get("typed")
    errors: Mapping[str, str] = state.get("errors", {})
    questions = [] if state.get("kept") else list(score.supplement_items.all())
    clash = None
    if conflict is not None and typed is not None:
        clash = _clash(typed, conflict)
    return Row(
        score=score,
        rule=rule_words(score.criterion),
        figures=figure_fields(score, typed, errors),
        outcome=outcome_words(score, criteria_set),
        gap=gap_of(score, documents=score.documents),  # type: ignore[attr-defined]
        files=[] if state.get("kept") else list(score.evidence.all()),
        questions=questions,
        changes=changes_since(score, questions),
        asked=bool(questions),
        clash=clash,
        **state,
    )


def rule_words(criterion: Criterion) -> str:
    """The rule in plain words."""
    try:
        return leaf_rule(criterion).describe(criterion.maximum)
    except RuleError:
        return ""


def outcome_words(score: Score, criteria_set: CriteriaSet) -> str:
    """Why the declared figures give these points; empty while nothing is declared."""
    if score.not_applicable:
        return _("Không phát sinh: được điểm tối đa.") if score.self_points is not None else _("Không phát sinh.")
    if not score.declared:
        return ""
    try:
        figures = figures_from_data(leaf_rule(score.criterion).figures(), score.declared)
        found = rule_outcome(score.criterion, figures, criteria_set)
    except (FigureErrors, RuleError):
        return ""
    if score.overridden:
        return _("Theo quy tắc: %(words)s") % {"words": found.explanation}
    return found.explanation


def figure_fields(score: Score, typed: Typed | None, errors: Mapping[str, str]) -> list[FigureField]:
    """The inputs of a criterion: what was typed last, else what is saved."""
    try:
        rule = leaf_rule(score.criterion)
    except RuleError:
        return []
    saved = shown_figures(rule.figures(), score.declared)
    found = []
    for figure in rule.figures():
        name = f"{PREFIX}{figure.key}"
        value = typed.figures.get(figure.key, "") if typed else saved.get(figure.key, "")
        label, kind, choices = figure.label, "text", tuple(figure.choices)
        if figure.type == "bool" and figure.optional:
            kind, value = "check", "true" if value.lower() in {"true", "on", "1"} else ""
        elif isinstance(rule, YesNo):
            met, unmet = rule.labels or (_("Đạt"), _("Không đạt"))
            label, kind, choices = _("Kết quả"), "select", (("true", met), ("false", unmet))
        elif figure.type == "bool":
            kind, choices = "select", (("true", _("Có")), ("false", _("Không")))
        elif figure.type == "choice":
            kind = "select"
        elif figure.type == "date":
            kind = "date"
        found.append(
            FigureField(
                name=name,
                id=f"s{score.pk}-{figure.key}",
                label=label,
                kind=kind,
                value=value,
                choices=choices,
                unit="%" if figure.type == "percent" else figure.unit,
                error=errors.get(name, ""),
            )
        )
    return found


def _clash(typed: Typed, saved: Score) -> Clash:
    """Both contents, only where they differ."""
    mine, theirs = _typed_lines(typed, saved), _saved_lines(saved)
    differing = [label for label in mine if mine[label] != theirs[label]]
    return Clash(
        mine=_lines(mine, differing),
        theirs=_lines(theirs, differing),
        who=saved.updated_by or _("Người khác"),
        when=saved.updated_at,
        version=saved.version,
    )


def _lines(values: Mapping[str, str], labels: Sequence[str]) -> SafeString:
    rows = ((label, values[label] or _("(trống)")) for label in labels)
    return format_html(
        '<ul class="plain-list">{}</ul>', format_html_join("", '<li><span class="sub">{}:</span> {}</li>', rows)
    )


def _typed_lines(typed: Typed, saved: Score) -> dict[str, str]:
    figures = leaf_rule(saved.criterion).figures()
    try:
        data: Mapping[str, object] = figures_to_data(read_figures(figures, typed.figures))
    except FigureErrors:
        data = {}
    points = typed.points.strip()
    with contextlib.suppress(NumberError):
        points = format_points(parse_points(points)) if points else ""
    return content(saved.criterion, data, typed.not_applicable, points, typed.override_reason, typed.explanation)


def _saved_lines(saved: Score) -> dict[str, str]:
    points = format_points(saved.self_points) if saved.overridden and saved.self_points is not None else ""
    return content(
        saved.criterion, saved.declared, saved.not_applicable, points, saved.override_reason, saved.explanation
    )
