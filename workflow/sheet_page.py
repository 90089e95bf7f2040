"""The page around the sheet's rows: headings with their sums, tabs of the domains, why a sheet is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.completeness import Gap
from assessments.models import Dossier, ReviewNote, Score
from assessments.services.appraisal import domain_scores
from assessments.services.comments import unresolved
from assessments.services.scores import editable_score_ids, scores_under
from assessments.shares import domain_code, path, with_officer
from assessments.stages import OPEN_STAGES, Stage
from criteria.models import Criterion
from units import access
from units.permissions import Perm

from .dossier_sums import DomainLine, sums, with_documents
from .sheet_rows import Heading, HeadingSum, Row, heading_key, make_row, with_evidence


@dataclass(frozen=True)
class Writing:
    """Which criteria of a dossier a person may write now; `ids` None means all of them."""

    allowed: bool
    ids: frozenset[int] | None

    def may(self, score: Score) -> bool:
        return self.allowed and (self.ids is None or score.pk in self.ids)

    @property
    def anything(self) -> bool:
        return self.allowed and (self.ids is None or bool(self.ids))


def writing(user: Any, dossier: Dossier) -> Writing:
    """What the services will let `user` write; they check it again."""
    ids = editable_score_ids(dossier)
    return Writing(access.allowed(Perm.SCORE, user, dossier.unit), None if ids is None else frozenset(ids))


def locked_words(dossier: Dossier, may: Writing) -> str:
    """Why nothing can be written here, or an empty text."""
    if may.anything:
        return ""
    if not may.allowed:
        return _("Bạn chỉ xem được, không nhập được kết quả của đơn vị này.")
    if dossier.stage == Stage.ASSIGNING:
        return _("Hồ sơ chưa được phân công nên chưa nhập được. Hãy chờ cán bộ đầu mối phân công.")
    if Stage(dossier.stage) in OPEN_STAGES:
        return _("Hồ sơ đang ở bước “%(stage)s” nên tạm khóa. Muốn sửa, đề nghị lãnh đạo đơn vị trả lại hồ sơ.") % {
            "stage": dossier.get_stage_display()
        }
    if dossier.stage == Stage.NOT_SUBMITTED:
        return _("Đơn vị không nộp hồ sơ trong thời hạn nên hồ sơ đã khóa.")
    return _("Hồ sơ đã gửi hội đồng nên đã khóa, đơn vị không sửa được nữa.")


def domain_rows(dossier: Dossier, domain: Criterion, may: Writing, *, talk: bool, user: Any) -> list[Heading | Row]:
    """A domain from top to bottom for `user`; `talk` shows the unit's own comments."""
    criteria_set = dossier.cycle_group.criteria_set
    scores = list(with_evidence(domain_scores(dossier, domain)))
    branches = Criterion.objects.filter(
        criteria_set=criteria_set, source="", code__startswith=f"{domain.code}."
    ).order_by("order")
    waiting = unresolved(dossier) if talk else None

    def said(criterion: int) -> int | None:
        return None if waiting is None else waiting.get(criterion, 0)

    rows: list[tuple[int, Heading | Row]] = [
        (
            branch.order,
            Heading(heading_key(branch.code), branch, branch_points(branch.code, scores), said(branch.pk)),
        )
        for branch in (domain, *branches)
    ]
    for score in scores:
        row = make_row(score, criteria_set, editable=may.may(score), comments=said(score.criterion_id), user=user)
        rows.append((score.criterion.order, row))
    return [row for _order, row in sorted(rows, key=lambda pair: pair[0])]


def returned_notes(dossier: Dossier) -> dict[str, list[ReviewNote]]:
    """What was sent back and is not mended yet, by the criterion's code; one query."""
    found: dict[str, list[ReviewNote]] = {}
    sent_back = dossier.notes.filter(kind=ReviewNote.Kind.SENT_BACK, resolved_at=None, criterion__isnull=False)
    rows = sent_back.select_related("criterion", "author")
    for note in rows.order_by("at", "pk"):
        assert note.criterion is not None
        found.setdefault(note.criterion.code, []).append(note)
    return found


def branch_points(code: str, scores: Sequence[Score]) -> Decimal | None:
    """What the unit has in the branch `code`, among `scores` of its domain; None while it has nothing."""
    within = [score for score in scores if score.criterion.code.startswith(f"{code}.")]
    known = any(score.self_points is not None for score in within)
    return sums(within).points if known else None


def headings_above(code: str, scores: Sequence[Score]) -> list[HeadingSum]:
    """The headings over the criterion `code` from its domain down, with their points anew."""
    return [HeadingSum(heading_key(branch), branch_points(branch, scores)) for branch in path(code)[:-1]]


def rows_answer(dossier: Dossier, wanted: Sequence[int], may: Writing, user: Any) -> dict[str, Any]:
    """Rows to put in their places on a page that is shown, with what they change on it.

    Two queries for any number of rows; documents stay on the page.
    """
    criteria_set = dossier.cycle_group.criteria_set
    found = with_officer(with_documents(dossier.scores.filter(pk__in=wanted))).order_by("criterion__order")
    rows = [make_row(score, criteria_set, editable=may.may(score), kept=True, user=user) for score in found]
    return {"rows": rows, **changed_sums(dossier, rows)}


def changed_sums(dossier: Dossier, rows: Sequence[Row]) -> dict[str, Any]:
    """The sums and headings of the domain that all of `rows` lie in, anew; nothing where they lie in several."""
    domains = {domain_code(row.code) for row in rows}
    if len(domains) != 1:
        return {}
    shown = list(with_documents(scores_under(dossier.pk, domains.pop())))
    above = {line.key: line for row in rows for line in headings_above(row.code, shown)}
    return {"sums": sums(shown), "headings": list(above.values())}


@dataclass(frozen=True)
class GapGroup:
    """What is missing in one domain, each gap with the address of its row."""

    domain: Criterion
    links: Sequence[tuple[Gap, str]]


def gap_groups(dossier: Dossier, lines: Sequence[DomainLine]) -> list[GapGroup]:
    """What is missing in a dossier, by domain; domains without a gap are left out."""
    return [
        GapGroup(line.domain, [(gap, row_url(dossier, line.domain.pk, gap.score_id)) for gap in line.sums.gaps])
        for line in lines
        if line.sums.gaps
    ]


def row_url(dossier: Dossier, domain_pk: int, score_pk: int) -> str:
    """The place of a criterion on its sheet."""
    return f"{reverse('sheet', args=[dossier.pk, domain_pk])}#score-{score_pk}"


def domain_tabs(dossier: Dossier, lines: Sequence[DomainLine], here: Criterion, user: Any) -> list[dict[str, Any]]:
    """One tab for each domain, with the number of criteria still missing; those with something of `user` are marked."""
    return [
        {
            "url": reverse("sheet", args=[dossier.pk, line.domain.pk]),
            "label": _("Lĩnh vực %(code)s") % {"code": line.domain.code},
            "count": len(line.sums.gaps) or "",
            "count_words": _("tiêu chí còn thiếu"),
            "icon": "person" if any(share.officer.pk == user.pk for share in line.shares) else "",
            "icon_words": _("Có phần của tôi"),
            "active": line.domain.pk == here.pk,
        }
        for line in lines
    ]
