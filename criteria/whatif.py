"""What if: figures in, points rule by rule out. Nothing is kept, and no unit is meant.

Pure: no Django. What is typed stays text until a rule reads it, so that a wrong figure is shown beside its field with
what was typed; a leaf with a wrong figure counts as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from .nodes import Tree
from .scoring import (
    Answer,
    Context,
    Direct,
    Figure,
    FigureErrors,
    Leaf,
    NotApplicable,
    NumberError,
    Rounding,
    Scorer,
    SurveyRule,
    Tally,
    enter_points,
    format_number,
    format_points,
    parse_percent,
    parse_points,
    read_figures,
    survey_points,
)

# What stands in the place of figures where a rule asks for none, and the tick for "không phát sinh".
PERCENT = Figure("percent", "Kết quả điều tra", "percent", unit="%")
POINTS = Figure("points", "Điểm được chấm", "number", negative=True)
NOT_APPLICABLE = "na"

_YES = frozenset({"on", "true", "1", "x", "có"})


@dataclass(frozen=True)
class Trial:
    """One leaf: its points, None while something is missing or wrong, and why. `errors` are by figure."""

    points: Decimal | None
    explanation: str
    errors: Mapping[str, str] = field(default_factory=dict)
    not_applicable: bool = False
    dropped: bool = False


@dataclass(frozen=True)
class Sheet:
    """All leaves by code, and what they add up to."""

    trials: Mapping[str, Trial]
    tally: Tally


def asked(leaf: Leaf) -> tuple[Figure, ...]:
    """What is typed for a leaf: the rule's figures, a survey's percent, or the points of whoever gives them."""
    if isinstance(leaf.rule, SurveyRule):
        return (PERCENT,)
    if isinstance(leaf.rule, Direct):
        return (POINTS,)
    return leaf.rule.figures()


def choices(figure: Figure) -> tuple[tuple[str, str], ...]:
    """What may be chosen for a figure, as (typed text, words); empty where anything may be typed.

    An all-or-nothing rule names both cases in the label of its figure: "Đạt / Không đạt".
    """
    if figure.type != "bool":
        return figure.choices
    cases = figure.label.split(" / ")
    met, unmet = cases if len(cases) == 2 else ("Có", "Không")
    return (("true", met), ("false", unmet))


def may_not_arise(leaf: Leaf) -> bool:
    """Whether "không phát sinh" may be said of the leaf."""
    return leaf.na_policy in (NotApplicable.FULL, NotApplicable.RESCALE)


def _said(text: str | None) -> bool:
    return (text or "").strip().lower() in _YES


def _entered(leaf: Leaf, figure: Figure, text: str, rounding: Rounding) -> Trial:
    """A leaf whose points do not come from figures: a survey's percent or points given by a person."""
    try:
        if figure is PERCENT:
            percent = parse_percent(text)
            if not 0 <= percent <= 100:
                return Trial(None, "", {figure.key: "Kết quả điều tra phải từ 0 đến 100 %."})
            points = survey_points(percent, leaf.maximum, rounding)
            assert points is not None
            shown = f"{format_number(percent)} % × {format_number(leaf.maximum)}"
            return Trial(points, f"{shown} → {format_points(points, rounding.places)} điểm")
        points = enter_points(leaf.rule, parse_points(text), leaf.maximum, rounding)
    except (NumberError, FigureErrors) as error:
        return Trial(None, "", {figure.key: str(error)})
    return Trial(points, f"{leaf.rule.describe(leaf.maximum)} → {format_points(points, rounding.places)} điểm")


def try_leaf(leaf: Leaf, typed: Mapping[str, str], *, rounding: Rounding, year: int) -> Trial:
    """Points of one leaf for what was typed; never raises for a wrong figure."""
    if may_not_arise(leaf) and _said(typed.get(NOT_APPLICABLE)):
        if leaf.na_policy is NotApplicable.FULL:
            shown = format_points(leaf.maximum, rounding.places)
            return Trial(leaf.maximum, f"Không phát sinh: được điểm tối đa → {shown} điểm", not_applicable=True)
        return Trial(None, "Không phát sinh: bỏ tiêu chí, quy đổi theo số điểm còn lại", not_applicable=True)
    figures = asked(leaf)
    if figures in ((PERCENT,), (POINTS,)):
        text = typed.get(figures[0].key, "").strip()
        return _entered(leaf, figures[0], text, rounding) if text else Trial(None, f"Chưa nhập: {figures[0].label}")
    try:
        values = read_figures(figures, typed)
        outcome = leaf.rule.score(values, leaf.maximum, rounding, Context(year=year))
    except FigureErrors as error:
        return Trial(None, "", error.by_key())
    return Trial(outcome.points, outcome.explanation)


def try_set(
    root: Tree,
    typed: Mapping[str, Mapping[str, str]],
    *,
    unit: str | None,
    rounding: Rounding,
    bonus_cap: Decimal,
    penalty_cap: Decimal,
    year: int,
) -> Sheet:
    """The whole set for `typed`, which is by criterion code and figure; `unit` is its name in `Leaf.dropped_for`."""
    scorer = Scorer(root, rounding=rounding, bonus_cap=bonus_cap, penalty_cap=penalty_cap)
    trials: dict[str, Trial] = {}
    for leaf in scorer.leaves:
        if leaf.na_policy is NotApplicable.NAMED and unit is not None and unit in leaf.dropped_for:
            trials[leaf.code] = Trial(None, "Không áp dụng đối với đơn vị này", dropped=True)
        else:
            trials[leaf.code] = try_leaf(leaf, typed.get(leaf.code, {}), rounding=rounding, year=year)
    answers = {code: Answer(trial.points, trial.not_applicable) for code, trial in trials.items() if not trial.dropped}
    return Sheet(trials, scorer.tally(answers, unit=unit))
