"""The consolidated table of a consultation (bảng tổng hợp, tiếp thu, giải trình), ready to be printed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from units import access, clock
from units.models import Membership, Unit, User
from units.permissions import Perm

from .changes import change_words
from .consultation import Comment, Consultation
from .consulting import in_order, unit_counts, window_words


@dataclass(frozen=True)
class Line:
    """One comment with its answer; `answer` and `answer_text` are empty while there is none."""

    code: str
    criterion: str
    unit: str
    body: str
    answer: str
    answer_text: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Consolidated:
    """Everything that the Word and the Excel file print. `superior` and `agency` are the two lines of its head."""

    superior: str
    agency: str
    place: str
    on: dt.date
    set_name: str
    year: int
    illustrative: bool
    summary: tuple[str, ...]
    lines: tuple[Line, ...]


def _letterhead(by: User) -> tuple[str, str, str]:
    """Superior body, agency and place of the documents that `by` makes."""
    province = Unit.objects.filter(pk__in=access.object_ids(Perm.MANAGE_CRITERIA, by, Unit)).order_by("pk").first()
    name = province.name if province else ""
    place = name
    for prefix in ("UBND ", "Tỉnh ", "tỉnh ", "Thành phố ", "thành phố "):
        place = place.removeprefix(prefix)
    superior = name if name.startswith("UBND") else f"UBND {name}"
    own = (
        Membership.objects.filter(user=by, until=None, unit__kind=Unit.Kind.DEPARTMENT)
        .select_related("unit")
        .order_by("pk")
        .first()
    )
    return superior.strip().upper(), (own.unit.name if own else _("Sở Nội vụ")).upper(), place


def _summary(consultation: Consultation, comments: list[Comment]) -> tuple[str, ...]:
    counts = unit_counts(consultation)
    spoke = [row for row in counts if row.comments]
    silent = [row.unit.name for row in counts if not row.comments]
    answers = {value: sum(1 for row in comments if row.answer == value) for value in ["", *Comment.Answer.values]}
    lines = [
        _("Thời gian lấy ý kiến: %(window)s.") % {"window": window_words(consultation)},
        _("Số đơn vị được lấy ý kiến: %(asked)s; số đơn vị góp ý: %(spoke)s; tổng số ý kiến: %(comments)s.")
        % {"asked": len(counts), "spoke": len(spoke), "comments": len(comments)},
        _("Tiếp thu: %(accepted)s; tiếp thu một phần: %(partly)s; giải trình: %(explained)s; chưa trả lời: %(open)s.")
        % {
            "accepted": answers[Comment.Answer.ACCEPTED],
            "partly": answers[Comment.Answer.PARTLY],
            "explained": answers[Comment.Answer.EXPLAINED],
            "open": answers[""],
        },
    ]
    if silent:
        lines.append(_("Đơn vị không có ý kiến: %(names)s.") % {"names": "; ".join(silent)})
    return tuple(lines)


def consolidate(consultation: Consultation, *, by: User) -> Consolidated:
    """All comments in the order of the criteria they were written on, with answers and what was changed."""
    comments = in_order(list(consultation.comments.select_related("unit__group").prefetch_related("changes")))
    superior, agency, place = _letterhead(by)
    return Consolidated(
        superior=superior,
        agency=agency,
        place=place,
        on=clock.today(),
        set_name=consultation.criteria_set.name,
        year=consultation.criteria_set.year,
        illustrative=consultation.criteria_set.illustrative,
        summary=_summary(consultation, comments),
        lines=tuple(
            Line(
                code=comment.code,
                criterion=comment.name or _("Ý kiến chung về dự thảo"),
                unit=comment.unit.name,
                body=comment.body,
                answer=str(comment.get_answer_display()) if comment.answer else "",
                answer_text=comment.answer_text,
                changes=tuple(change_words(change) for change in comment.changes.all()),
            )
            for comment in comments
        ),
    )
