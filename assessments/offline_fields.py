"""One criterion as texts: what a workbook shows of the unit's side of it, and what a typed text means.

A field is named as the service names it in its refusals: `figures.<key>`, `not_applicable`, `points`,
`override_reason`, `explanation`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from criteria.figures import Figure, FigureErrors, FigureValue, figures_from_data
from criteria.models import Criterion
from criteria.points import format_number, format_points
from criteria.scoring import NotApplicable, Rule, YesNo
from criteria.trees import leaf_rule
from units.workbooks import MAX_TEXT

from .services.scores import Entry

FIGURE: Final = "figures."
NOT_ARISING: Final = "not_applicable"
POINTS: Final = "points"
REASON: Final = "override_reason"
EXPLANATION: Final = "explanation"
# The longest giải trình or reason that a person may type.
LONGEST: Final = 5000

_YES: Final = frozenset({"có", "co", "x", "✓", "✔", "true", "đúng", "1", "yes"})
_NO: Final = frozenset({"không", "khong", "-", "–", "false", "sai", "0", "no"})
_DAY: Final = re.compile(r"([0-9]{1,2})[-. ]([0-9]{1,2})[-. ]([0-9]{4})")
# XML 1.0 has no such characters: a workbook that held them could not be opened again.
_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")


def plain(text: str) -> str:
    """A free text as it comes back from a workbook: one kind of line end, no control characters, no edges."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _NOT_IN_XML.sub("", ILLEGAL_CHARACTERS_RE.sub("", text))[:MAX_TEXT].strip()


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def said_yes(text: str) -> bool | None:
    """Whether a typed yes/no cell says yes; an empty one says no. None where it says neither."""
    folded = _folded(text)
    if folded in _YES:
        return True
    return False if not folded or folded in _NO else None


def may_not_arise(criterion: Criterion) -> bool:
    """Whether "không phát sinh" may be declared on a criterion."""
    return criterion.na_policy in (NotApplicable.FULL.value, NotApplicable.RESCALE.value)


def options(rule: Rule, figure: Figure) -> dict[str, str]:
    """What may be chosen for a figure: the label and the text that the service reads; empty where it is typed."""
    if isinstance(rule, YesNo):
        met, unmet = rule.labels or (_("Đạt"), _("Không đạt"))
        return {met: "true", unmet: "false"}
    if figure.type == "bool":
        return {_("Có"): "true", _("Không"): "false"}
    labels = [label for _key, label in figure.choices]
    return {
        f"{label} ({key})" if labels.count(label) > 1 else label: key  # two levels may bear one name
        for key, label in figure.choices
    }


def figure_label(rule: Rule, figure: Figure) -> str:
    """What is asked for, and how it is written where that is not plain."""
    if isinstance(rule, YesNo):
        return _("Kết quả")
    if figure.type == "date":
        return _("%(label)s (ngày/tháng/năm)") % {"label": figure.label}
    unit = "%" if figure.type == "percent" else figure.unit
    return f"{figure.label} ({unit})" if unit else figure.label


def labels_of(criterion: Criterion) -> dict[str, str]:
    """Every field of a criterion by its label, in the order of the screen."""
    rule = leaf_rule(criterion)
    return {
        **{f"{FIGURE}{figure.key}": figure_label(rule, figure) for figure in rule.figures()},
        NOT_ARISING: _("Không phát sinh"),
        POINTS: _("Điểm chấm khác"),
        REASON: _("Lý do chấm khác"),
        EXPLANATION: _("Giải trình"),
    }


def texts_of(criterion: Criterion, side: Mapping[str, Any]) -> dict[str, str]:
    """The unit's side of a score (`services.scores.self_side`, or one kept in the ledger) as a person types it."""
    rule = leaf_rule(criterion)
    points = side["self_points"]
    overridden = side["overridden"] and points is not None
    return {
        **_figure_texts(rule, side["declared"]),
        NOT_ARISING: _("Có") if side["not_applicable"] else "",
        POINTS: format_points(Decimal(points)) if overridden else "",
        REASON: plain(side["override_reason"]),
        EXPLANATION: plain(side["explanation"]),
    }


def _figure_texts(rule: Rule, declared: Mapping[str, Any]) -> dict[str, str]:
    figures = rule.figures()
    try:
        values: Mapping[str, FigureValue] = figures_from_data(figures, declared)
    except FigureErrors:
        return {f"{FIGURE}{figure.key}": plain(str(declared.get(figure.key, ""))) for figure in figures}
    return {
        f"{FIGURE}{figure.key}": _text(rule, figure, values[figure.key]) if figure.key in values else ""
        for figure in figures
    }


def _text(rule: Rule, figure: Figure, value: FigureValue) -> str:
    if isinstance(value, bool | str):
        key = value if isinstance(value, str) else "true" if value else "false"
        return next(label for label, known in options(rule, figure).items() if known == key)
    if figure.type == "percent" and isinstance(value, Decimal | int):
        # In a percentage a dot before three digits is a decimal dot: thousands are not grouped.
        return format_points(Decimal(value), 0)
    if isinstance(value, Decimal | int):
        return format_number(value)
    return f"{value:%d/%m/%Y}"


def entry_of(criterion: Criterion, typed: Mapping[str, str], side: Mapping[str, Any]) -> Entry:
    """What typed texts mean to the service. Free texts that nobody touched stay as they are kept in `side`."""
    rule = leaf_rule(criterion)
    return Entry(
        figures={
            figure.key: _meaning(rule, figure, typed.get(f"{FIGURE}{figure.key}", "")) for figure in rule.figures()
        },
        not_applicable=said_yes(typed.get(NOT_ARISING, "")) is True,
        points=typed.get(POINTS, ""),
        override_reason=_untouched(typed.get(REASON, ""), side["override_reason"]),
        explanation=_untouched(typed.get(EXPLANATION, ""), side["explanation"]),
    )


def _untouched(text: str, kept: str) -> str:
    return kept if text == plain(kept) else text


def _meaning(rule: Rule, figure: Figure, text: str) -> str:
    """The text of a figure for `read_figures`: a chosen label becomes its key, 15.02.2026 becomes 15/02/2026."""
    if not text:
        return ""
    chosen = {_folded(label): key for label, key in options(rule, figure).items()}
    if _folded(text) in chosen:
        return chosen[_folded(text)]
    if figure.type == "bool" and (answer := said_yes(text)) is not None:
        return "true" if answer else "false"
    if figure.type == "date" and (found := _DAY.fullmatch(text)):
        return "/".join(found.groups())
    return text
